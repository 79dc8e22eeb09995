"""Tables: six formats from one grid, every cell safe, the same bytes twice; tables of a real survey."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import ecsi
import numpy as np
import openpyxl
import pandas as pd
import pytest

from research.errors import OptionError
from research.questionnaire.definition import Option, Question, Text
from research.report import tables
from research.report.labels import label_of
from research.report.nouns import Column, Table
from research.report.printed import printed
from research.report.table_docx import to_docx, to_openxml
from research.report.table_html import to_html
from research.report.table_latex import to_latex
from research.report.table_markdown import to_markdown
from research.report.table_typst import to_typst
from research.report.table_xlsx import to_xlsx

NASTY = [
    '=HYPERLINK("http://x","y")',
    "a|b*c*_d_`e`",
    "<script>&\"'",
    "50% $x$ #1 {y} ~^\\z",
    "+1",
    "@SUM(A1)",
    "[0.5em]",
]
RULES: Text = {"en": "p < .05, N = 3.", "zh": "p < 0.05，N = 3。"}


def nasty() -> Table:
    n = len(NASTY)
    frame = pd.DataFrame(
        {
            "text": NASTY,
            "group": [{"en": "One", "zh": "一"}] * 2 + [{"en": "Two", "zh": "二"}] * (n - 2),
            "r": [0.4512, -0.0301, np.nan, 1.02, 0.5, 0.5, 0.5],
            "p_of_r": [0.0001, 0.03, np.nan, 0.5, 0.002, 0.5, 0.5],
            "low": [0.1, -0.2, np.nan, 0.3, 0, 0, 0],
            "high": [0.5, 0.1, np.nan, 0.9, 1, 1, 1],
            "p": [1e-5, 0.03, np.nan, 0.9999, 0.5, 0.5, 0.5],
            "n": [1, 1250, 3, 4, 5, 6, 7],
            "bold": [True] + [False] * (n - 1),
        }
    )
    over: Text = {"en": "Correlation", "zh": "相关"}
    columns = (
        Column("group", {"en": "Group", "zh": "组别"}, once=True),
        Column("text", {"en": "Item_1 & more", "zh": "题项"}),
        Column("n", {"en": "n", "zh": "n"}, "integer"),
        Column("r", {"en": "r", "zh": "r"}, "statistic", 2, over, stars="p_of_r", strong="bold"),
        Column("low", {"en": "95% CI", "zh": "95% 置信区间"}, "statistic", 2, over, high="high"),
        Column("p", {"en": "p", "zh": "p"}, "p"),
    )
    return Table({"en": "Title <1> & 50%", "zh": "标题"}, frame, columns, (RULES,))


def test_the_grid_rounds_stars_brackets_and_blanks_repeats() -> None:
    grid = printed(nasty(), "en")
    assert [cell.text for cell in grid.rows[0]] == ["One", NASTY[0], "1", ".45***", "[.10, .50]", "< .001"]
    assert [cell.text for cell in grid.rows[1]] == ["", NASTY[1], "1,250", "−.03*", "[−.20, .10]", ".030"]
    assert [cell.text for cell in grid.rows[2]] == ["Two", NASTY[2], "3", "–", "–", "–"]
    assert [row[3].pad for row in grid.rows[:3]] == [0, 2, 3]
    assert [row[3].strong for row in grid.rows[:2]] == [True, False]
    assert [(span.text, span.width) for span in grid.spans] == [("", 3), ("Correlation", 2), ("", 1)]
    assert grid.lead == "Note."
    assert printed(nasty(), "zh").lead == "注："


def test_a_column_that_is_not_in_the_frame_is_named() -> None:
    table = Table({"en": "T"}, pd.DataFrame({"mean": [1.0]}), (Column("maen", {"en": "M"}, "number"),))
    with pytest.raises(OptionError, match=r"'maen'.*Did you mean mean"):
        to_markdown(table)


class _Cells(HTMLParser):
    """The texts of the body's cells, as a browser would show them."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self._open = self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._open = True
        if tag == "span":
            self._hidden = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._open = False
        if tag == "span":
            self._hidden = False

    def handle_data(self, data: str) -> None:
        if self._open and not self._hidden:
            self.rows[-1][-1] += data


def test_html_shows_every_cell_as_it_is_and_runs_nothing() -> None:
    parser = _Cells()
    parser.feed(to_html(nasty(), "en"))
    assert [row[1] for row in parser.rows[2:-1]] == NASTY
    assert parser.rows[2][3] == ".45***"
    assert "script" not in parser.tags
    assert parser.rows[-1] == ["Note. p < .05, N = 3."]


def test_markdown_read_by_pandoc_gives_every_cell_back() -> None:
    pypandoc = pytest.importorskip("pypandoc")
    html = pypandoc.convert_text(to_markdown(nasty(), "en"), "html", format="markdown-smart+pipe_tables")
    parser = _Cells()
    parser.feed(html)
    assert [row[1] for row in parser.rows[1:]] == NASTY


def test_latex_leaves_no_special_character_bare() -> None:
    text = to_latex(nasty(), "en")
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0]
    rows = [row for row in body.split(r" \\") if row.strip()]
    assert len(rows) == len(NASTY)
    for row in rows:
        assert len(re.findall(r"(?<!\\)&", row)) == 5
        assert not re.search(r"(?<!\\)[%$#_]", row)
        assert not re.search(r"[−–<>|\"]", row)
        assert not row.lstrip().startswith("[")
    assert r"\cmidrule(lr){4-5}" in text
    assert r"\textbf{.45***}" in text


def test_latex_read_by_pandoc_gives_the_plain_cells_back() -> None:
    pypandoc = pytest.importorskip("pypandoc")
    parser = _Cells()
    parser.feed(pypandoc.convert_text(to_latex(nasty(), "en", caption=False), "html", format="latex-smart"))
    # TeX sets an apostrophe curled; this reader knows neither textbar nor textasciigrave
    plain = [re.sub(r"[|`]", "", text).replace("'", "’") for text in NASTY]
    assert [row[1] for row in parser.rows[-len(NASTY) :]] == plain


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("caption", [True, False])
def test_typst_compiles_whatever_the_cells_hold(lang: str, caption: bool) -> None:
    typst = pytest.importorskip("typst")
    assert typst.compile(to_typst(nasty(), lang, caption=caption).encode(), format="pdf").startswith(b"%PDF")


def test_docx_read_by_pandoc_gives_every_cell_back(tmp_path: Path) -> None:
    pypandoc = pytest.importorskip("pypandoc")
    parser = _Cells()
    parser.feed(
        pypandoc.convert_file(str(to_docx(nasty(), tmp_path / "t.docx", "en")), "html", format="docx")
    )
    assert [row[1] for row in parser.rows[-len(NASTY) :]] == NASTY
    assert [row[3] for row in parser.rows[2:4]] == [".45***", "−.03*\u2007\u2007"]


def test_docx_has_three_rules_and_a_header_that_repeats(tmp_path: Path) -> None:
    with zipfile.ZipFile(to_docx(nasty(), tmp_path / "t.docx", "en")) as archive:
        document = archive.read("word/document.xml").decode()
    assert document.count("<w:tblHeader/>") == 2
    borders = document.split("<w:tblBorders>")[1].split("</w:tblBorders>")[0]
    assert re.findall(r"<w:(\w+) ", borders) == ["top", "bottom"]
    assert to_openxml(nasty(), "en") in document
    assert "TableCaption" not in to_openxml(nasty(), "en", caption=False)


def test_xlsx_holds_numbers_under_formats_and_no_formula(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(to_xlsx(nasty(), tmp_path / "t.xlsx", "en")).worksheets[0]
    head = [cell.value for cell in sheet[3]]
    assert head == ["Group", "Item_1 & more", "n", "r", "95% CI, lower", "95% CI, upper", "p"]
    first, second, third = (list(sheet[row]) for row in (4, 5, 6))
    assert [cell.value for cell in first[2:]] == [1, 0.4512, 0.1, 0.5, 1e-5]
    assert first[3].number_format == '.00"***";"−".00"***"'
    assert first[3].font.b
    assert first[6].number_format == '"< .001"'
    assert second[0].value is None
    assert third[3].value == "–"
    texts = [sheet.cell(4 + row, 2) for row in range(len(NASTY))]
    assert [cell.value for cell in texts] == NASTY
    assert {cell.data_type for cell in texts} == {"s"}
    assert texts[0].quotePrefix
    assert texts[4].quotePrefix


def test_xlsx_keeps_the_zero_in_chinese(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(to_xlsx(nasty(), tmp_path / "t.xlsx", "zh")).worksheets[0]
    assert sheet["D4"].number_format == '0.00"***";"−"0.00"***"'
    assert sheet["G4"].number_format == '"< 0.001"'
    assert sheet["E3"].value == "95% 置信区间下限"


@pytest.mark.parametrize("write", [to_docx, to_xlsx])
def test_two_files_of_one_table_are_the_same_bytes(
    write: Callable[[Table, Path, str], Path], tmp_path: Path
) -> None:
    one, two = write(nasty(), tmp_path / "a", "zh"), write(nasty(), tmp_path / "b", "zh")
    assert one.read_bytes() == two.read_bytes()


def test_a_notebook_shows_the_table_in_its_language() -> None:
    assert "95% CI" in nasty()._repr_html_()
    assert nasty()._repr_markdown_().startswith("**Title")


# --- tables of a real survey


def cells_of(table: Table, lang: str = "en") -> list[list[str]]:
    return [[cell.text for cell in row] for row in printed(table, lang).rows]


def test_structural_paths_print_lavaans_numbers() -> None:
    table = tables.paths_table(ecsi.tidy(), ecsi.questionnaire(), r_squared=ecsi.r_squared())
    assert printed(table, "en").headings == ("Path", "b", "SE", "β", "z", "p", "95% CI", "R²")
    numbers = ["0.675", "0.106", ".988***", "6.37", "< .001", "[0.468, 0.883]", ".976"]
    assert cells_of(table)[0] == ["Image → Customer expectations", *numbers]
    zh = cells_of(table, "zh")
    assert zh[0][0] == "企业形象 → 顾客期望"
    assert zh[0][3] == "0.988***"
    shares = [row[-1] for row in cells_of(table)]
    assert len([share for share in shares if share]) == 6  # one an outcome


def test_loadings_name_construct_once_and_leave_fixed_ones_without_error() -> None:
    rows = cells_of(tables.loadings_table(ecsi.tidy(), ecsi.questionnaire()))
    assert rows[0] == ["Image", "IMAG1", "1.000", "–", "–", "–", ".633"]
    assert rows[1] == ["", "IMAG2", "0.787", "0.109", "7.22", "< .001", ".502"]
    assert len(rows) == 24


def test_fit_of_two_models_with_the_rules_below() -> None:
    fits = {name: {**ecsi.measures(f"{name}_ML"), "ntotal": 250} for name in ("cfa", "sem")}
    table = tables.fit_table(fits)
    rows = cells_of(table)
    assert printed(table, "en").headings[1] == "n"
    assert [row[1] for row in rows] == ["250", "250", ""]
    assert rows[0][2:10] == ["554.83", "232", "< .001", "2.39", ".881", ".858", ".075", "[.067, .083]"]
    assert rows[2][0] == "Rule of thumb"
    assert rows[2][6] == "≥ .90 (.95)"
    robust = tables.fit_table({"sem": ecsi.measures("sem_MLR")}, kind="robust")
    assert cells_of(robust)[0][1] == "444.86"
    assert cells_of(robust)[0][5] == ".899"
    assert "robust" in printed(robust, "en").note


def test_correlations_are_a_triangle_with_alpha_on_the_diagonal() -> None:
    square = ecsi.square(ecsi.golden()["cfa_ML"]["lv_cor"])
    alpha = ecsi.golden()["cfa_ML"]["reliability"]["alpha"]
    table = tables.correlation_table(square, ecsi.questionnaire(), p=square * 0 + 0.004, diagonal=alpha)
    rows = cells_of(table)
    assert rows[1][:4] == ["2. Customer expectations", ".83**", ".43", ""]
    assert rows[5][6] == "–"  # a single item has no alpha
    assert printed(table, "en").rows[1][2].strong


def test_htmt_above_its_limit_is_bold() -> None:
    grid = printed(tables.htmt_table(ecsi.square(ecsi.golden()["htmt"]["htmt"]), ecsi.questionnaire()), "en")
    strong = {cell.text for row in grid.rows for cell in row if cell.strong}
    assert strong
    assert all(float(text) >= 0.90 for text in strong)
    assert [cell.text for cell in grid.rows[4]][1:5] == [".91", ".90", ".95", ".73"]


def test_fornell_larcker_has_roots_of_ave() -> None:
    square = ecsi.square(ecsi.golden()["cfa_ML"]["lv_cor"])
    rows = cells_of(
        tables.fornell_larcker_table(square, {"Quality": 0.49, "Value": float("nan")}, ecsi.questionnaire())
    )
    assert rows[2][3] == ".70"
    assert rows[3][4] == "–"


def test_hierarchical_steps_stand_side_by_side() -> None:
    names = ["step", "term", "estimate", "beta", "p"]
    values = [
        (1, "Intercept", 0.5, np.nan, 0.3),
        (1, "Image", 0.5, 0.4, 1e-4),
        (2, "Image:Quality", -0.04, -0.042, 0.1),
    ]
    steps = pd.DataFrame(
        {"r2": [0.2, 0.41], "delta_r2": [0.2, 0.21], "delta_f": [33.2, 41.23], "p": [1e-4, 0.02]}
    )
    table = tables.hierarchical_table(
        pd.DataFrame(values, columns=names), steps, ecsi.questionnaire(), outcome="Loyalty"
    )
    rows = {row[0]: row[1:] for row in cells_of(table)}
    assert rows["Image"] == ["0.500***", ".400", "", ""]
    assert rows["Image × Perceived quality"] == ["", "", "−0.040", "−.042"]
    assert rows["R²"] == [".200", "", ".410", ""]
    assert rows["p of ΔF"] == ["< .001", "", ".020", ""]
    assert [span.text for span in printed(table, "zh").spans] == ["", "第 1 步", "第 2 步"]


def test_verdicts_are_worded_and_reasons_stand_in_the_note() -> None:
    frame = pd.DataFrame(
        {
            "id": ["H1", "H2", "H3"],
            "text": ["a", "b", "c"],
            "estimate": [0.3, -0.2, np.nan],
            "low": [0.1, -0.3, np.nan],
            "high": [0.5, -0.1, np.nan],
            "p": [0.01, 0.01, np.nan],
            "verdict": ["supported", "opposite sign", "not tested"],
            "n_obs": [139.0, 134.0, np.nan],
            "reason": [{}, {}, {"en": "No model.", "zh": "无模型。"}],
        }
    )
    table = tables.verdict_table(frame, ecsi.questionnaire())
    assert [row[-1] for row in cells_of(table, "zh")] == ["支持", "方向相反", "未检验"]
    assert cells_of(table)[0][1] == "Image → Customer expectations"
    assert printed(table, "en").note.endswith("n = 139 (H1); n = 134 (H2). H3: No model.")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_instrument_lists_every_item_and_the_ends_of_its_scale(lang: str) -> None:
    table = tables.instrument_table(ecsi.questionnaire())
    assert len(cells_of(table, lang)) == 24
    assert (
        "IMAG1–CUSL3: 1 (very poor) to 10 (excellent)." if lang == "en" else "1（非常差）至10（非常好）。"
    ) in printed(table, lang).note


def test_screening_marks_a_rule_that_could_not_be_applied() -> None:
    frame = pd.DataFrame(
        {
            "rule": ["speed", "duplicate"],
            "applied": [False, True],
            "n_before": 250,
            "flagged": [0, 2],
            "dropped": 0,
            "n_after": 250,
        }
    )
    asked: tuple[Text, ...] = ({"en": "Speed: not judged (no durations).", "zh": "作答速度：未判断。"},)
    table = tables.screening_table(frame, asked)
    assert cells_of(table) == [
        ["Answered too fast", "250", "–", "0", "250"],
        ["Duplicate answers", "250", "2", "0", "250"],
    ]
    assert printed(table, "en").note.endswith(
        "A dash: the rule was not applied. Speed: not judged (no durations)."
    )


def test_a_category_of_a_regression_has_the_label_of_its_answer() -> None:
    options = (Option("1", {"en": "prepaid", "zh": "预付费"}), Option("2", {"en": "contract", "zh": "合约"}))
    question = Question("plan", {"en": "Which plan?", "zh": "何种付费方式？"}, "choice", options)
    survey = replace(ecsi.questionnaire(), background=(question,))
    assert label_of("C(plan)[T.2]", survey) == {"en": "contract", "zh": "合约"}
    assert label_of("Image:C(plan)[T.2]", survey)["zh"] == "企业形象 × 合约"
    assert label_of("C(plan)", survey)["en"] == "Which plan?"


def test_a_table_of_coefficients_says_what_a_category_answers_and_what_it_is_compared_with() -> None:
    options = (Option("1", {"en": "prepaid", "zh": "预付费"}), Option("2", {"en": "contract", "zh": "合约"}))
    question = Question(
        "plan", {"en": "Which?", "zh": "何种？"}, "choice", options, label={"en": "Plan", "zh": "套餐"}
    )
    survey = replace(ecsi.questionnaire(), background=(question,))
    terms = ["Intercept", "C(plan)[T.2]", "Image", "Image:C(plan)[T.2]"]
    tidy = pd.DataFrame({"term": terms, "estimate": [1.0, 0.2, 0.3, 0.4], "p": 0.01})
    table = tables.regression_table(tidy, survey)
    english, chinese = printed(table, "en"), printed(table, "zh")
    assert [row[0].text for row in english.rows] == [
        "Intercept", "Plan: contract", "Image", "Image × Plan: contract"
    ]  # fmt: skip
    assert [row[0].text for row in chinese.rows][1:] == ["套餐：合约", "企业形象", "企业形象 × 套餐：合约"]
    assert "Reference category: Plan: prepaid." in english.note
    assert "参照组：套餐：预付费。" in chinese.note
    third = replace(question, options=(*options, Option("3", {"en": "none"})))
    unclear = tables.regression_table(tidy, replace(survey, background=(third,)))
    assert "Reference" not in printed(unclear, "en").note  # two answers have no term: which is it?


def test_reliability_says_which_answers_alpha_and_which_the_model_rests_on() -> None:
    frame = pd.DataFrame({"construct": ["Image", "Value"], "n_items": [5, 2], "alpha": [0.7, 0.8]})
    frame = frame.assign(n_obs=[344, 343], n_complete=336)
    assert "α uses every answer given (n = 343 to 344)" in printed(tables.reliability_table(frame), "en").note
    assert "（n = 336）" in printed(tables.reliability_table(frame), "zh").note
    whole = frame.assign(n_obs=336)
    assert "336" not in printed(tables.reliability_table(whole), "en").note


def test_correlations_of_incomplete_answers_say_how_many_each_pair_rests_on() -> None:
    square = pd.DataFrame(np.eye(2), index=["Image", "Value"], columns=["Image", "Value"])
    assert "n = 340 to 344:" in printed(tables.correlation_table(square, n_obs=(340, 344)), "en").note
    assert printed(tables.correlation_table(square, n_obs=(250, 250)), "zh").note.endswith("n = 250。")
