"""Files that a user hands in, good and bad: the answer or the error that a careful user would want."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shared import shared
from small_survey import HEADER, ROWS, items_only, survey, write

from research.errors import DataError, OptionError, ResearchError
from research.questionnaire.definition import (
    Construct,
    Hypothesis,
    Item,
    Point,
    Questionnaire,
    Scale,
    Screening,
    SkipRule,
)
from research.responses.location import locate_data
from research.responses.nouns import Responses
from research.responses.reading import read_responses
from research.responses.report import UnusableDataError, findings_frame

ECSI = [
    "IMAG1",
    "IMAG2",
    "IMAG3",
    "IMAG4",
    "IMAG5",
    "CUEX1",
    "CUEX2",
    "CUEX3",
    "PERQ1",
    "PERQ2",
    "PERQ3",
    "PERQ4",
    "PERQ5",
    "PERQ6",
    "PERQ7",
    "PERV1",
    "PERV2",
    "CUSA1",
    "CUSA2",
    "CUSA3",
    "CUSCO",
    "CUSL1",
    "CUSL2",
    "CUSL3",
]


def kinds(responses: Responses) -> set[str]:
    return {finding.kind for finding in responses.findings}


def broken(folder: Path, edit: dict[tuple[int, int], str]) -> Path:
    """The ECSI file with cells replaced: {(spreadsheet row, column from 1): text}."""
    lines = [line.split(",") for line in shared("realdata/ecsi_mobile_250.csv").read_text().splitlines()]
    for (row, column), text in edit.items():
        lines[row - 1][column - 1] = text
    return write(folder, *(",".join(line) for line in lines), name="ecsi.csv")


def test_the_real_survey_is_read_as_it_stands() -> None:
    path = shared("realdata/ecsi_mobile_250.csv")
    responses = read_responses(path, items_only(ECSI))
    pd.testing.assert_frame_equal(responses.frame, pd.read_csv(path)[ECSI].astype("float64"))
    assert responses.findings == ()
    assert responses.rows == tuple(range(2, 252))
    assert responses.source.kind == "csv"
    assert len(responses.source.sha256) == 64
    assert not responses.simulated


def test_small_survey(tmp_path: Path) -> None:
    responses = read_responses(write(tmp_path, HEADER, *ROWS), survey())
    frame = responses.frame
    assert frame["TR3"].tolist() == [5, 4, 1], "reverse-keyed: turned once, 6 - x"
    assert responses.turned == ("TR3",)
    assert frame["gender"].tolist() == ["f", "m", "f"]
    assert frame["age"].tolist() == [31, 45, 22]
    assert frame[["uses_pay", "uses_save", "uses_chat"]].to_numpy()[:2].tolist() == [[1, 0, 1], [1, 0, 0]]
    assert frame.loc[2, ["uses_pay", "uses_save", "uses_chat"]].isna().all()
    assert frame["remark"].isna().tolist() == [False, True, False]
    assert list(frame.columns) == [
        *("TR1", "TR2", "TR3", "LO1", "LO2", "gender", "age"),
        *("uses_pay", "uses_save", "uses_chat", "remark", "AT1"),
    ]


def test_a_renamed_column_is_named_with_its_nearest(tmp_path: Path) -> None:
    path = broken(tmp_path, {(1, 8): "CUSL_1"})
    with pytest.raises(
        UnusableDataError,
        match=r"column 'CUSL1': there is no such column in the file\. Did you mean CUSL_1\? \(column H\)",
    ):
        read_responses(path, items_only(ECSI))
    mapped = read_responses(path, items_only(ECSI), columns={"CUSL1": "CUSL_1"})
    assert mapped.frame["CUSL1"].mean() == pytest.approx(7.452)


def test_a_column_renamed_beyond_recognition_lists_what_is_unused(tmp_path: Path) -> None:
    path = broken(tmp_path, {(1, 8): "zzz"})
    with pytest.raises(
        UnusableDataError,
        match=r"'CUSL1': there is no such column in the file\. Columns that answer nothing: 'zzz'",
    ):
        read_responses(path, items_only(ECSI))


def test_a_value_beyond_the_scale_is_named_with_row_and_column(tmp_path: Path) -> None:
    path = broken(tmp_path, {(5, 3): "11", (9, 3): "11", (7, 1): "0"})
    with pytest.raises(UnusableDataError) as caught:
        read_responses(path, items_only(ECSI))
    message = str(caught.value)
    assert "3 faults found" in message
    assert "column C 'CUEX3', rows 5, 9: 11 is no point of scale 'ten' (1–10)" in message
    assert "column A 'CUEX1', row 7: 0 is no point" in message
    assert "`missing:`" in message
    errors = [f for f in caught.value.findings if f.severity == "error"]
    assert {(f.kind, f.column, f.row, f.value) for f in errors} == {
        ("out_of_scale", "CUEX3", 5, "11"),
        ("out_of_scale", "CUEX3", 9, "11"),
        ("out_of_scale", "CUEX1", 7, "0"),
    }


def test_a_misspelt_label_is_named_with_its_nearest(tmp_path: Path) -> None:
    path = broken(tmp_path, {(4, 2): "very hihg", (6, 2): "very high"})
    with pytest.raises(
        UnusableDataError,
        match=r"column B 'CUEX2', row 4: 'very hihg' is no answer.*Did you mean very high\?",
    ):
        read_responses(path, items_only(ECSI))


def test_text_in_a_number(tmp_path: Path) -> None:
    rows = [ROWS[0].replace(",31,", ",31岁,"), *ROWS[1:]]
    with pytest.raises(UnusableDataError, match=r"column G 'age', row 2: '31岁' is no number"):
        read_responses(write(tmp_path, HEADER, *rows), survey())


def test_every_fault_is_told_at_once_and_long_lists_are_capped(tmp_path: Path) -> None:
    edits = {(row, 1): "99" for row in range(2, 200)} | {(2, c): f"bad{c}" for c in range(2, 25)}
    edits |= {(row, 2): f"word {row}" for row in range(3, 60)}
    with pytest.raises(UnusableDataError) as caught:
        read_responses(broken(tmp_path, edits), items_only(ECSI))
    errors = [f for f in caught.value.findings if f.severity == "error"]
    assert len(errors) == 198 + 23 + 57
    message = str(caught.value)
    assert "278 faults found" in message
    assert "rows 2, 3, 4, 5, 6, 7, 8, 9 and 190 more: 99 is no point" in message
    assert "more (all of them in `error.findings`)" in message
    assert message.count("\n") < 50


def test_duplicated_ids(tmp_path: Path) -> None:
    lines = [f"{HEADER},respondent_id", *(f"{row},{name}" for row, name in zip(ROWS, "aba", strict=True))]
    with pytest.raises(
        UnusableDataError, match=r"column K 'respondent_id', row 4: 'a' is also the id in row 2"
    ):
        read_responses(write(tmp_path, *lines), survey())


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"  \r\n"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match="is empty: no header, no answers"):
        read_responses(path, survey())


def test_a_header_without_answers(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="only a header of 10 columns and no answers"):
        read_responses(write(tmp_path, HEADER), survey())


def test_one_respondent_is_read_with_a_warning(tmp_path: Path) -> None:
    responses = read_responses(write(tmp_path, HEADER, ROWS[0]), survey())
    assert responses.n_obs == 1
    assert "one_row" in kinds(responses)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    write(tmp_path, HEADER, *ROWS)
    with pytest.raises(DataError, match=r"there is no file .*answer\.csv\. Did you mean answers\.csv\?"):
        read_responses(tmp_path / "answer.csv", survey())
    with pytest.raises(DataError, match="is a folder"):
        read_responses(tmp_path, survey())


def test_paths_as_users_paste_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    write(tmp_path / "data", HEADER, *ROWS)
    monkeypatch.chdir(tmp_path)
    for text in (r"data\answers.csv", '"data/answers.csv"', " data/answers.csv "):
        assert read_responses(text, survey()).n_obs == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5", 5),
        ("５", 5),
        ("5.0", 5),
        (" 5 ", 5),
        ("strongly agree", 5),
        ("Strongly  Agree", 5),
        ("非常同意", 5),
        ("5 = strongly agree", 5),
        ("5、非常同意", 5),
        ("5（非常同意）", 5),
        ("E. strongly agree", 5),
        ("-99", None),
        ("-99.0", None),
        ("no answer", None),
        ("", None),
        ("NA", None),
        ("#N/A", None),
    ],
)
def test_texts_that_mean_a_point_or_no_answer(tmp_path: Path, text: str, code: int | None) -> None:
    responses = read_responses(write(tmp_path, HEADER, f'"{text}",4,1,5,4,f,31,pay,,4', ROWS[1]), survey())
    value = responses.frame["TR1"][0]
    assert np.isnan(value) if code is None else value == code


@pytest.mark.parametrize("text", ["6", "4.5", "agre", "5 = agree", "abc", "1e999", "inf", "--", "５６"])
def test_texts_that_are_no_answer(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnusableDataError, match="column A 'TR1', row 2"):
        read_responses(write(tmp_path, HEADER, f"{text},4,1,5,4,f,31,pay,,4"), survey())


def test_each_missing_answer_has_a_reason(tmp_path: Path) -> None:
    rows = ["-99,4,1,5,4,f,31,pay,,4", ",4,1,5,4,,,pay,,4", "NA,4,,5,4,f,31,pay,fine,"]
    responses = read_responses(write(tmp_path, HEADER, *rows), survey())
    told = {(a.column, a.reason, row) for a in responses.absent for row in a.rows}
    assert told == {
        ("TR1", "no answer (-99)", 2),
        ("TR1", "empty cell", 3),
        ("TR1", 'marked "NA"', 4),
        ("TR3", "empty cell", 4),
        ("gender", "empty cell", 3),
        ("age", "empty cell", 3),
        ("remark", "empty cell", 2),
        ("remark", "empty cell", 3),
        ("AT1", "empty cell", 4),
    }
    missing = responses.frame.isna().sum().sum()
    assert missing == len(told)
    assert "column 'TR1': 1 answer missing, no answer (-99): row 2" in map(str, responses.findings)


def test_a_skip_rule_names_why_an_answer_is_missing(tmp_path: Path) -> None:
    rule = SkipRule("gender", ("m",), ("age", "LO2"))
    rows = ["5,4,1,5,4,f,31,pay,,4", "5,4,1,5,,m,,pay,,4", "5,4,1,5,3,m,40,pay,,4"]
    responses = read_responses(write(tmp_path, HEADER, *rows), survey(skips=(rule,)))
    reasons = {(a.column, a.reason, a.rows) for a in responses.absent}
    assert ("LO2", "not asked (skip rule)", (3,)) in reasons
    assert ("age", "not asked (skip rule)", (3,)) in reasons
    told = [f for f in responses.findings if f.kind == "answered_though_skipped"]
    assert {(f.column, f.severity) for f in told} == {("LO2", "warning"), ("age", "warning")}


def test_personal_data_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    header = f"{HEADER},姓名,IP Address,联系方式,note,token_x"
    extra = ["李娜,1.2.3.4,x,li@example.org,7", "王伟,1.2.3.5,y,wang@example.org,8", "Ann,::1,z,,9"]
    rows = [f"{row},{more}" for row, more in zip(ROWS, extra, strict=True)]
    responses = read_responses(write(tmp_path, header, *rows), survey())
    told = {f.column: f.message for f in responses.findings if f.kind == "personal_data"}
    assert set(told) == {"姓名", "IP Address", "联系方式", "note"}
    assert "a name" in told["姓名"]
    assert "an e-mail address" in told["note"]
    assert not {"姓名", "IP Address", "联系方式", "note"} & set(responses.frame.columns)
    assert not any("example.org" in str(f) or "1.2.3.4" in str(f) for f in responses.findings)
    kept = read_responses(write(tmp_path, header, *rows), survey(), keep_personal=True)
    assert kept.frame["姓名"].tolist() == ["李娜", "王伟", "Ann"]


def test_personal_cells_in_a_free_text_are_blanked(tmp_path: Path) -> None:
    rows = [row.replace(",fine,", ",13812345678,") for row in ROWS] + [
        "5,4,1,5,4,f,31,pay,good,4",
        "4,3,1,5,4,f,32,pay,better，best,4",
    ]
    responses = read_responses(write(tmp_path, HEADER, *rows), survey())
    assert responses.frame["remark"].tolist()[2:] == ["slow at times", "good", "better，best"]
    assert responses.frame["remark"].isna().tolist() == [True, True, False, False, False]
    assert [(f.row, f.value) for f in responses.findings if f.kind == "personal_data"] == [(2, "")]


def test_ids_that_are_personal_are_not_kept(tmp_path: Path) -> None:
    lines = [f"{HEADER},id", *(f"{row},1381234567{k}" for k, row in enumerate(ROWS))]
    responses = read_responses(write(tmp_path, *lines), survey())
    assert "respondent_id" not in responses.frame
    assert any(f.kind == "personal_data" and "ids left out" in f.message for f in responses.findings)


def test_extra_columns_are_warned_of(tmp_path: Path) -> None:
    responses = read_responses(write(tmp_path, HEADER + ",other", *(r + ",1" for r in ROWS)), survey())
    extra = [f for f in responses.findings if f.kind == "extra_column"]
    assert [(f.severity, f.column, f.letter) for f in extra] == [("warning", "other", "K")]


def test_a_cell_without_a_heading_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnusableDataError, match="row 3 has more cells than the header"):
        read_responses(write(tmp_path, HEADER, ROWS[0], ROWS[1] + ",7", ROWS[2]), survey())


def test_empty_rows_keep_the_numbers_of_a_spreadsheet(tmp_path: Path) -> None:
    lines = [HEADER, ROWS[0], "", ",,,,", ROWS[1], ""]
    responses = read_responses(write(tmp_path, *lines), survey())
    assert responses.rows == (2, 5)
    assert any(f.kind == "empty_rows" and "row 3, 4" in f.message for f in responses.findings)


def test_a_line_break_in_a_cell_counts_as_one_row(tmp_path: Path) -> None:
    rows = ['5,4,1,5,4,f,31,pay,"two\nlines",4', "5,4,1,5,9,f,31,pay,,4"]
    with pytest.raises(UnusableDataError, match="column E 'LO2', row 3"):
        read_responses(write(tmp_path, HEADER, *rows), survey())


def test_columns_are_found_by_wording_in_any_language(tmp_path: Path) -> None:
    header = (
        "1、我信任该平台。,2. This platform keeps its word,Q3：该平台 欺骗我,４、我会再次使用！, LO2 ,"
        "您的性别,您的年龄:,您用它做什么？,其他意见,6、此题请选同意。 [单选题] *"
    )
    rows = [row.replace(",f,", ",女,").replace("pay;chat", "支付┋聊天") for row in ROWS]
    responses = read_responses(write(tmp_path, header, *rows), survey())
    reference = read_responses(write(tmp_path, HEADER, *ROWS, name="plain.csv"), survey())
    pd.testing.assert_frame_equal(responses.frame, reference.frame)


def test_two_columns_for_one_question_are_never_guessed_at(tmp_path: Path) -> None:
    header = HEADER.replace("TR2", "TR1")
    with pytest.raises(UnusableDataError, match=r"2 columns could be 'TR1': A 'TR1' and B 'TR1'"):
        read_responses(write(tmp_path, header, *ROWS), survey())


def test_a_mapping_that_names_nothing_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER, *ROWS)
    with pytest.raises(OptionError, match=r"maps 'TR9', which the questionnaire does not ask.*TR"):
        read_responses(path, survey(), columns={"TR9": "TR1"})
    with pytest.raises(OptionError, match=r"to a column 'TRR1', which the file does not have\. Did you mean"):
        read_responses(path, survey(), columns={"TR1": "TRR1"})


def test_a_background_question_that_no_hypothesis_needs_may_be_missing(tmp_path: Path) -> None:
    header = HEADER.replace("gender", "sex_of_cat")
    responses = read_responses(write(tmp_path, header, *ROWS), survey())
    assert any(f.kind == "missing_question" and f.column == "gender" for f in responses.findings)
    wanted = Hypothesis("H1", "group", ("trust", "loyalty"), group="gender")
    with pytest.raises(UnusableDataError, match="column 'gender': there is no such column"):
        read_responses(write(tmp_path, header, *ROWS), survey(hypotheses=(wanted,)))


def test_an_item_that_runs_against_its_scale_is_doubted(tmp_path: Path) -> None:
    """TR3 stands in the file turned already: read once more, it would run against TR1 and TR2."""
    rng = np.random.default_rng(5)
    level = rng.integers(1, 6, 60)
    rows = [f"{x},{x},{x},3,3,f,30,pay,,4" for x in level]
    responses = read_responses(write(tmp_path, HEADER, *rows), survey())
    doubt = [f for f in responses.findings if f.kind == "keying"]
    assert "TR3" in {f.column for f in doubt}
    assert "turned in the file already" in next(f.message for f in doubt if f.column == "TR3")


def test_findings_as_a_frame(tmp_path: Path) -> None:
    responses = read_responses(write(tmp_path, HEADER, *ROWS), survey())
    frame = findings_frame(responses.findings)
    assert list(frame.columns) == ["severity", "kind", "column", "letter", "row", "value", "message"]
    assert len(frame) == len(responses.findings)


def test_named_id_and_duration_columns(tmp_path: Path) -> None:
    lines = [
        f"{HEADER},who,took",
        *(f"{r},p{k},{t}" for k, (r, t) in enumerate(zip(ROWS, ("62", "1:02", "1分2秒"), strict=True))),
    ]
    asked = survey(screening=Screening(id_column="who", duration_column="took"))
    responses = read_responses(write(tmp_path, *lines), asked)
    assert responses.frame["duration_seconds"].tolist() == [62, 62, 62]
    assert responses.frame["respondent_id"].tolist() == ["p0", "p1", "p2"]
    named = replace(asked, screening=Screening(id_column="whom"))
    told = read_responses(write(tmp_path, *lines), named).findings
    assert any("Did you mean who?" in f.message for f in told)


def test_default_data_lie_in_a_package_or_beside_the_questionnaire(tmp_path: Path) -> None:
    write(tmp_path, HEADER, *ROWS)
    beside = survey(data="answers.csv", path=str(tmp_path / "small.yaml"))
    assert locate_data(beside) == tmp_path / "answers.csv"
    assert locate_data(survey()) is None
    with pytest.raises(
        DataError, match=r"names .*answer\.csv, which does not exist\. Did you mean answers\.csv"
    ):
        locate_data(replace(beside, data="answer.csv"))
    with pytest.raises(DataError, match="'no_such_package', which is not installed"):
        locate_data(survey(data="package:no_such_package/x.csv"))
    with pytest.raises(DataError, match=r"holds no file 'no/such\.csv'"):
        locate_data(survey(data="package:pandas/no/such.csv"))
    assert locate_data(survey(data="package:pandas/__init__.py")).is_file()


def test_every_error_is_a_research_error() -> None:
    assert issubclass(UnusableDataError, DataError)
    assert issubclass(UnusableDataError, ResearchError)


def test_a_missing_answer_may_be_named_in_any_language(tmp_path: Path) -> None:
    """-99 is declared as "not answered" and 未作答: the code and either name are the same missing answer."""
    from research.questionnaire.reader import parse_questionnaire
    from research.questionnaire.template import new_questionnaire
    from research.responses.writing import write_responses
    from research.simulation.simulate import simulate

    questionnaire = parse_questionnaire(new_questionnaire("demo").encode())
    path = write_responses(simulate(questionnaire, n=30, seed=2), tmp_path / "answers.csv")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    item = questionnaire.items[0].id
    before = read_responses(path, questionnaire).frame[item]
    frame.loc[[0, 1, 2], item] = ["-99", "not answered", "未作答"]
    frame.to_csv(tmp_path / "named.csv", index=False, encoding="utf-8")
    read = read_responses(tmp_path / "named.csv", questionnaire)
    assert read.frame[item].isna().tolist()[:3] == [True, True, True]
    assert read.frame[item][3:].equals(before[3:])
    assert {part.reason for part in read.absent if part.column == item and 2 in part.rows} == {
        "not answered (-99)"
    }


def test_labels_that_a_scale_lacks_are_one_fault_of_the_scale(tmp_path: Path) -> None:
    """A platform exports words, the file labels only the ends: one sentence an item, not one a cell."""
    words = {1: "very low", 4: "rather low", 6: "middling", 10: "very high"}
    points = tuple(
        Point(v, {1: {"en": "very low"}, 10: {"en": "very high"}}.get(v, {})) for v in range(1, 11)
    )
    items = tuple(Item(name, {"en": name}, "ten") for name in ("q1", "q2"))
    asked = Questionnaire(
        "q", {"en": "q"}, ("en",), {"ten": Scale("ten", points)}, (Construct("c", {"en": "c"}, items),)
    )
    rows = [f"{words[a]},{words[b]}" for a, b in ((1, 4), (4, 6), (10, 4), (6, 1))]
    with pytest.raises(UnusableDataError) as raised:
        read_responses(write(tmp_path, "q1,q2", *rows), asked)
    faults = [found for found in raised.value.findings if found.severity == "error"]
    assert len(faults) == 2
    assert (
        "2 cells hold words that are no label of scale 'ten' ('rather low', 'middling')" in faults[0].message
    )
    assert "only 1, 10 are labelled. Label every point" in faults[0].message
    assert (faults[0].row, faults[0].letter) == (3, "A")
