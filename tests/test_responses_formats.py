"""The same answers in every format and encoding give the same frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_survey import HEADER, ROWS, survey, write

from research.errors import DataError, OptionError, ResearchError
from research.questionnaire.definition import Screening
from research.responses.nouns import Responses
from research.responses.reading import read_responses
from research.responses.report import UnusableDataError
from research.responses.writing import write_responses

ZH_ROWS = tuple(row.replace(",f,", ",女,").replace(",m,", ",男,") for row in ROWS)


@pytest.fixture
def expected(tmp_path: Path) -> pd.DataFrame:
    return read_responses(write(tmp_path, HEADER, *ROWS, name="expected.csv"), survey()).frame


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(
    tmp_path: Path, expected: pd.DataFrame, encoding: str, delimiter: str
) -> None:
    rows = [row.replace(";", "|") for row in ZH_ROWS]  # the joined answers must not hold the delimiter
    lines = [line.replace(",", delimiter) for line in (HEADER, *rows)]
    responses = read_responses(write(tmp_path, *lines, encoding=encoding), survey())
    pd.testing.assert_frame_equal(responses.frame, expected)
    told = [f.value for f in responses.findings if f.kind == "encoding"]
    assert told == (["gb18030"] if encoding == "gb18030" else [])


def test_windows_letters_are_no_chinese(tmp_path: Path) -> None:
    rows = [row.replace("fine", "très bien, déjà vu".replace(",", "")) for row in ROWS]
    responses = read_responses(write(tmp_path, HEADER, *rows, encoding="cp1252"), survey())
    assert responses.frame["remark"][0] == "très bien déjà vu"
    assert any(f.kind == "encoding" and f.severity == "warning" for f in responses.findings)


def test_a_hint_of_the_separator_and_old_line_ends(tmp_path: Path, expected: pd.DataFrame) -> None:
    path = tmp_path / "hint.csv"
    path.write_bytes("\r\n".join(["sep=,", HEADER, *ROWS]).encode())
    responses = read_responses(path, survey())
    pd.testing.assert_frame_equal(responses.frame, expected)
    assert responses.rows == (3, 4, 5)


def test_xlsx(tmp_path: Path, expected: pd.DataFrame) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "notes"
    sheet = book.create_sheet("answers")
    sheet.append([])
    sheet.append([f" {name} " for name in HEADER.split(",")])
    for row in ROWS:
        sheet.append([int(cell) if cell.isdigit() else cell or None for cell in row.split(",")])
    sheet["A3"] = 5.0
    path = tmp_path / "answers.xlsx"
    book.save(path)
    responses = read_responses(path, survey())
    pd.testing.assert_frame_equal(responses.frame, expected)
    assert responses.rows == (3, 4, 5), "rows as the spreadsheet numbers them"
    assert responses.source.kind == "xlsx"


def test_xls(tmp_path: Path, expected: pd.DataFrame) -> None:
    xlwt = pytest.importorskip("xlwt", reason="xlwt writes the old Excel format for this test")
    book = xlwt.Workbook()
    sheet = book.add_sheet("answers")
    for row, line in enumerate((HEADER, *ROWS)):
        for column, cell in enumerate(line.split(",")):
            sheet.write(row, column, int(cell) if cell.isdigit() else cell)
    path = tmp_path / "answers.xls"
    book.save(str(path))
    responses = read_responses(path, survey())
    pd.testing.assert_frame_equal(responses.frame, expected)
    assert responses.source.kind == "xls"


def table() -> pd.DataFrame:
    frame = pd.DataFrame([row.split(",") for row in ROWS], columns=HEADER.split(","))
    numbers = ["TR1", "TR2", "TR3", "LO1", "LO2", "age", "AT1"]
    frame[numbers] = frame[numbers].astype("float64")
    return frame


def test_sav_with_labels_and_missing_ranges(tmp_path: Path, expected: pd.DataFrame) -> None:
    import pyreadstat

    frame = table().rename(columns={"TR2": "v2", "LO1": "v4"})
    frame["gender"] = frame["gender"].map({"f": 1.0, "m": 2.0})
    frame.loc[1, "LO2"] = -3.0
    path = tmp_path / "answers.sav"
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels={"v2": "This platform keeps its word.", "v4": "我会再次使用。"},
        variable_value_labels={"gender": {1.0: "female", 2.0: "male"}, "LO2": {-3.0: "refused"}},
        missing_ranges={"LO2": [{"lo": -3, "hi": -1}]},
    )
    responses = read_responses(path, survey())
    wanted = expected.copy()
    wanted.loc[1, "LO2"] = np.nan
    pd.testing.assert_frame_equal(responses.frame, wanted)
    assert ("LO2", "refused (-3)", (3,)) in {(a.column, a.reason, a.rows) for a in responses.absent}


def test_sav_whose_labels_run_the_other_way(tmp_path: Path) -> None:
    import pyreadstat

    path = tmp_path / "answers.sav"
    pyreadstat.write_sav(table(), str(path), variable_value_labels={"TR1": {1.0: "strongly agree", 5.0: "x"}})
    with pytest.raises(UnusableDataError, match=r"contradict the scale: 1 = 'strongly agree' \(scale: 5\)"):
        read_responses(path, survey())


def test_parquet(tmp_path: Path, expected: pd.DataFrame) -> None:
    path = tmp_path / "answers.parquet"
    frame = table()
    frame["remark"] = frame["remark"].replace("", None)
    frame["TR1"] = frame["TR1"].astype("int8")
    frame["gender"] = frame["gender"].astype("category")
    frame.to_parquet(path)
    responses = read_responses(path, survey())
    pd.testing.assert_frame_equal(responses.frame, expected)
    assert responses.source.kind == "parquet"


def test_a_file_is_what_its_bytes_say(tmp_path: Path, expected: pd.DataFrame) -> None:
    path = tmp_path / "answers.xlsx"
    path.write_text("\n".join((HEADER, *ROWS)))
    responses = read_responses(path, survey())
    pd.testing.assert_frame_equal(responses.frame, expected)
    assert any(f.kind == "suffix" and f.severity == "warning" for f in responses.findings)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xls", b"<html><table><tr><td>TR1</td></tr></table></html>", "is a web page"),
        ("a.xlsx", b"PK\x03\x04 broken", "cannot be opened"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "cannot be opened"),
        ("a.sav", b"$FL2 broken", "cannot be read"),
        ("a.parquet", b"PAR1 broken", "cannot be read"),
        ("a.csv", b"TR1,TR2\n\x00\x01\x02,4", "no text file"),
        ("a.pdf", b"%PDF-1.7", "is a document"),
    ],
)
def test_damaged_and_foreign_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_responses(tmp_path / name, survey())


@pytest.mark.parametrize("last", ["m,-7,save,fine,4", 'm,-7,save,"again,4'])
def test_a_mark_that_is_not_closed_swallows_nobody(tmp_path: Path, last: str) -> None:
    rows = ["4,4,1,5,4,f,31.5,pay,fine,4", '4,4,1,5,4,f,31.5,pay,"open,4', "4,4,1,5,4,m,-7,save,fine,4"]
    path = write(tmp_path, HEADER, *rows, f"4,4,1,5,4,{last}", "4,4,1,5,4,m,-7,save,fine,4")
    with pytest.raises(DataError, match="opens in line 3 is not closed"):
        read_responses(path, survey())


def test_marks_inside_texts_are_read_with_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER, *ROWS, '4,4,1,5,4,f,31.5,pay,"5" screen,4')
    responses = read_responses(path, survey())
    assert responses.n_obs == len(ROWS) + 1
    assert [f.severity for f in responses.findings if f.kind == "quotation"] == ["warning"]


def test_a_second_sheet_is_not_passed_over_in_silence(tmp_path: Path, expected: pd.DataFrame) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for name in ("first wave", "empty", "second wave"):
        sheet = book.create_sheet(name)
        for line in (HEADER, *ROWS) if name != "empty" else ():
            sheet.append(line.split(","))
    book.remove(book.worksheets[0])
    book.save(tmp_path / "waves.xlsx")
    responses = read_responses(tmp_path / "waves.xlsx", survey())
    assert responses.n_obs == len(ROWS)
    (told,) = [f for f in responses.findings if f.kind == "other_sheets"]
    assert told.severity == "warning"
    assert "only the sheet 'first wave'" in told.message
    assert told.value == "'second wave'"


def test_a_stray_cell_far_away_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in (HEADER, *ROWS):
        sheet.append(line.split(","))
    sheet["XFD1048576"] = "stray"
    book.save(tmp_path / "far.xlsx")
    with pytest.raises(DataError, match="reaches to cell XFD1048576"):
        read_responses(tmp_path / "far.xlsx", survey())


def round_trip(responses: Responses, folder: Path) -> Responses:
    return read_responses(write_responses(responses, folder / "written.csv"), responses.questionnaire)


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    rows = ["-99,4,1,5,4,f,31.5,pay;chat,\"a, 'b'\",4", ",4,1,5,4,,,,=1+1,4", "4,4,1,5,4,m,-7,save,好，,4"]
    asked = survey(screening=Screening(id_column="who"))
    lines = [HEADER + ",who", *(f"{row},{name}" for row, name in zip(rows, ("@a", "-7", "+x"), strict=True))]
    responses = read_responses(write(tmp_path, *lines), asked)
    again = round_trip(responses, tmp_path)
    pd.testing.assert_frame_equal(again.frame, responses.frame)
    assert {(a.column, a.reason, a.value, a.rows) for a in again.absent} == {
        (a.column, a.reason, a.value, a.rows) for a in responses.absent
    }
    text = (tmp_path / "written.csv").read_bytes().decode("utf-8-sig")
    assert ",'=1+1," in text
    assert ",'@a" in text
    assert ",-7," in text, "numbers are no formulas"
    assert "'-" not in text


def test_who_answered_nothing_is_written_and_read_back(tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEADER},x", f"{ROWS[0]},1", f"{',' * 9},1", f"{ROWS[1]},1")
    responses = read_responses(path, survey())
    assert responses.n_obs == 3
    assert any(f.kind == "no_item_answered" for f in responses.findings)
    pd.testing.assert_frame_equal(round_trip(responses, tmp_path).frame, responses.frame)


def test_only_csv_is_written(tmp_path: Path) -> None:
    responses = read_responses(write(tmp_path, HEADER, *ROWS), survey())
    with pytest.raises(OptionError, match=r"suffix \.csv"):
        write_responses(responses, tmp_path / "answers.xlsx")


cells = st.one_of(
    st.sampled_from(
        ["1", "5", "3.0", "agree", "非常同意", "", "-99", "11", "f", "pay;chat", "x" * 50, "1,2", '"']
    ),
    st.text(max_size=8),
    st.floats().map(repr),
)


@settings(max_examples=150, deadline=None)
@given(
    header=st.lists(
        st.sampled_from([*HEADER.split(","), "", "x", "TR1 ", "第1题(a)", "Status"]), max_size=14
    ),
    rows=st.lists(st.lists(cells, max_size=14), max_size=6),
    whole=st.booleans(),
)
def test_mutilated_tables_give_responses_or_a_research_error(
    tmp_path_factory: pytest.TempPathFactory, header: list[str], rows: list[list[str]], whole: bool
) -> None:
    import csv

    path = tmp_path_factory.mktemp("mutilated") / "answers.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        csv.writer(file).writerows([HEADER.split(",") if whole else header, *rows])
    try:
        responses = read_responses(path, survey())
    except ResearchError:
        return
    counted = sum(len(a.rows) for a in responses.absent if a.column != "uses")
    own = [c for c in responses.frame.columns if not c.startswith("uses_")]
    assert responses.frame[own].isna().sum().sum() == counted


@settings(max_examples=100, deadline=None)
@given(
    content=st.binary(max_size=300), head=st.sampled_from([b"", b"PK\x03\x04", b"$FL2", b"PAR1", b"\xff\xfe"])
)
def test_any_bytes_give_a_research_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, head: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / "answers.csv"
    path.write_bytes(head + content)
    with pytest.raises(ResearchError):
        read_responses(path, survey())
