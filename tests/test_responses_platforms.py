"""Files as survey platforms export them: the same three respondents from each."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_survey import HEADER, ROWS, survey, write

from research.responses.nouns import Responses
from research.responses.reading import read_responses
from research.responses.report import UnusableDataError

ASKED = ("TR1", "TR2", "TR3", "LO1", "LO2", "gender", "age", "uses_pay", "uses_save", "uses_chat", "AT1")
LABEL = {"1": "非常不同意", "2": "不同意", "3": "一般", "4": "同意", "5": "非常同意"}


@pytest.fixture
def expected(tmp_path: Path) -> pd.DataFrame:
    return read_responses(write(tmp_path, HEADER, *ROWS, name="expected.csv"), survey()).frame


def same(responses: Responses, expected: pd.DataFrame, platform: str) -> None:
    assert responses.platform == platform
    pd.testing.assert_frame_equal(responses.frame[list(ASKED)], expected[list(ASKED)])
    assert not [f for f in responses.findings if f.kind == "extra_column"]


WJX_OWN = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP"
WJX_META = [
    "1,2024/5/1 12:00:01,123秒,微信,N/A,127.0.0.1(北京-北京)",
    "2,2024/5/1 12:05:01,98秒,链接,,10.0.0.7(上海-上海)",
]
WJX_META += ["3,2024/5/2 09:00:00,1分40秒,链接,,10.0.0.8(四川-成都)"]


def test_wenjuanxing_texts(tmp_path: Path, expected: pd.DataFrame) -> None:
    header = (
        f"{WJX_OWN},1、我信任该平台。 ,2、该平台信守承诺。,第3题(该平台欺骗我。),4、我会再次使用。,"
        "5、请评价—我会推荐给他人。,6、您的性别,7、您的年龄,8、您用它做什么,9、其他意见,10、此题请选同意。"
    )
    rows = []
    uses = ["支付┋聊天", "支付", "(跳过)"]
    for meta, row, use in zip(WJX_META, ROWS, uses, strict=True):
        cells = row.split(",")
        texts = [LABEL[cell] for cell in cells[:5]]
        gender = {"f": "女", "m": "男〖先生〗"}[cells[5]]
        rows.append(",".join([meta, *texts, gender, cells[6], use, cells[8], LABEL[cells[9]]]))
    responses = read_responses(write(tmp_path, header, *rows, name="123_0.csv", encoding="gb18030"), survey())
    same(responses, expected, "Wenjuanxing")
    assert responses.frame["duration_seconds"].tolist() == [123, 98, 100]
    assert responses.frame["respondent_id"].tolist() == ["1", "2", "3"]
    assert ("uses", "skipped ((跳过))", (4,)) in {(a.column, a.reason, a.rows) for a in responses.absent}
    personal = [f for f in responses.findings if f.kind == "personal_data"]
    assert [f.column for f in personal] == ["来自IP"]


def test_wenjuanxing_codes(tmp_path: Path, expected: pd.DataFrame) -> None:
    header = (
        f"{WJX_OWN},1、我信任该平台。,2、该平台信守承诺。,3、该平台欺骗我。,4、我会再次使用。,5、我会推荐给他人。,"
        "6、您的性别,7、您的年龄,第8题(支付),第8题(理财),第8题(聊天),9、其他意见,10、此题请选同意。"
    )
    rows = []
    uses = ["1,0,1", "1,0,0", "-3,-3,-3"]
    for meta, row, use in zip(WJX_META, ROWS, uses, strict=True):
        cells = row.split(",")
        gender = {"f": "1", "m": "2"}[cells[5]]
        rows.append(",".join([meta, *cells[:5], gender, cells[6], use, cells[8], cells[9]]))
    responses = read_responses(
        write(tmp_path, header, *rows, name="123_2.csv", encoding="utf-8-sig"), survey()
    )
    same(responses, expected, "Wenjuanxing")


QUALTRICS_OWN = ["StartDate", "Status", "IPAddress", "Duration (in seconds)", "Finished", "ResponseId"]


def qualtrics(status: list[str]) -> list[list[str]]:
    names = [*QUALTRICS_OWN, "Q1_1", "Q1_2", "Q1_3", "Q2_1", "Q2_2", "Q3", "Q4", "Q5", "Q6", "AT1", "Q1_DO_1"]
    texts = [
        *QUALTRICS_OWN,
        *(f"How far do you agree? - {item.wording['en']}" for item in survey().items),
        *("Your gender", "Your age", "What do you use it for?", "Anything else?", "Attention", "order"),
    ]
    ids = [f'{{"ImportId":"QID{k}"}}' for k in range(len(names))]
    lines = [names, texts, ids]
    for k, (row, state) in enumerate(zip(ROWS, status, strict=True)):
        cells = row.split(",")
        use = {"pay;chat": "paying,chatting", "pay": "paying", "": ""}[cells[7]]
        gender = {"f": "Female", "m": "Male"}[cells[5]]
        own = ["2024-05-01 12:00:00", state, "1.2.3.4", "123", "True", f"R_{k}"]
        lines.append([*own, *cells[:5], gender, cells[6], use, cells[8], cells[9], "1"])
    return lines


def save(lines: list[list[str]], path: Path) -> Path:
    import csv

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(lines)
    return path


def test_qualtrics(tmp_path: Path, expected: pd.DataFrame) -> None:
    path = save(qualtrics(["IP Address"] * 3), tmp_path / "qualtrics.csv")
    responses = read_responses(path, survey())
    same(responses, expected, "Qualtrics")
    assert responses.rows == (4, 5, 6)
    assert responses.frame["respondent_id"].tolist() == ["R_0", "R_1", "R_2"]
    assert responses.frame["duration_seconds"].tolist() == [123] * 3


def test_qualtrics_previews_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    path = save(qualtrics(["Survey Preview", "IP Address", "IP Address"]), tmp_path / "qualtrics.csv")
    responses = read_responses(path, survey())
    assert responses.rows == (5, 6)
    told = [f for f in responses.findings if f.kind == "preview"]
    assert [f.severity for f in told] == ["warning"]
    assert "row 4" in told[0].message
    everybody = save(qualtrics(["Survey Preview"] * 3), tmp_path / "previews.csv")
    with pytest.raises(UnusableDataError, match="no answers are left"):
        read_responses(everybody, survey())


def test_qualtrics_rows_in_errors_are_those_of_the_file(tmp_path: Path) -> None:
    lines = qualtrics(["IP Address"] * 3)
    lines[4][6] = "9"
    with pytest.raises(UnusableDataError, match="column G 'Q1_1', row 5: 9 is no point"):
        read_responses(save(lines, tmp_path / "qualtrics.csv"), survey())


def test_limesurvey(tmp_path: Path, expected: pd.DataFrame) -> None:
    header = (
        "id,submitdate,lastpage,startlanguage,seed,startdate,datestamp,ipaddr,refurl,"
        "A[TR1],A[TR2],A[TR3],B[LO1],LO2. I recommend it to others.,gender,age,"
        "uses[pay],uses[save],uses[chat],remark,AT1,interviewtime,groupTime8,AT1Time"
    )
    uses = ["Y,,Y", "Y,,", ",,"]
    rows = []
    for k, (row, use) in enumerate(zip(ROWS, uses, strict=True)):
        cells = row.split(",")
        submitted = "" if k == 2 else "2024-05-01 12:03:00"
        own = f"{k + 1},{submitted},3,en,77,2024-05-01 12:00:00,2024-05-01 12:03:00,1.2.3.4,"
        rows.append(",".join([own, *cells[:7], use, cells[8], cells[9], "181.5,20,3.2"]))
    path = write(tmp_path, header, *rows, name="limesurvey.csv", encoding="utf-8-sig")
    responses = read_responses(path, survey())
    same(responses, expected, "LimeSurvey")
    assert responses.frame["duration_seconds"].tolist() == [181.5] * 3
    assert any(f.kind == "incomplete" and "1 of 3" in f.message for f in responses.findings)


def test_kobo(tmp_path: Path, expected: pd.DataFrame) -> None:
    header = (
        "start;end;g1/TR1;g1/TR2;g1/TR3;g1/LO1;g1/LO2;gender;age;uses;uses/pay;uses/save;uses/chat;remark;AT1;"
        "_uuid;_submission_time;_index"
    )
    uses = ["pay chat;1;0;1", "pay;1;0;0", ";;;"]
    rows = []
    for k, (row, use) in enumerate(zip(ROWS, uses, strict=True)):
        cells = row.split(",")
        # the second telephone changed its zone on the way: the time that passed is the same
        end = "2024-05-01T04:02:30.000+00:00" if k == 1 else "2024-05-01T12:02:30.000+08:00"
        times = f"2024-05-01T12:00:00.000+08:00;{end}"
        rows.append(";".join([times, *cells[:7], use, cells[8], cells[9], f"u{k};2024-05-01;{k}"]))
    responses = read_responses(write(tmp_path, header, *rows, name="kobo.csv"), survey())
    assert responses.platform == "KoBo"
    pd.testing.assert_frame_equal(responses.frame[list(ASKED)], expected[list(ASKED)])
    assert responses.frame["duration_seconds"].tolist() == [150] * 3


def test_google_forms(tmp_path: Path, expected: pd.DataFrame) -> None:
    header = [
        "Timestamp",
        *(f"How far do you agree? [{item.wording['en']}]" for item in survey().items),
        *("Your gender", "Your age", "What do you use it for?", "Anything else?", "Please tick agree here."),
    ]
    words = {"1": "Strongly disagree", "2": "Disagree", "3": "Neither", "4": "Agree", "5": "Strongly agree"}
    uses = ["paying, chatting", "paying", ""]
    lines = [header]
    for row, use in zip(ROWS, uses, strict=True):
        cells = row.split(",")
        gender = {"f": "female", "m": "male"}[cells[5]]
        lines.append(
            [
                "5/1/2024 12:00:01",
                *(words[c] for c in cells[:5]),
                gender,
                cells[6],
                use,
                cells[8],
                words[cells[9]],
            ]
        )
    same(read_responses(save(lines, tmp_path / "google.csv"), survey()), expected, "Google Forms")


def test_a_joined_answer_whose_label_holds_a_comma(tmp_path: Path) -> None:
    rows = ['5,4,1,5,4,f,31,"paying, saving, investing",,4', '5,4,1,5,4,f,31,"saving, investing",,4']
    frame = read_responses(write(tmp_path, HEADER, *rows), survey()).frame
    assert frame[["uses_pay", "uses_save", "uses_chat"]].to_numpy().tolist() == [[1, 1, 0], [0, 1, 0]]
