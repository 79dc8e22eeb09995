"""Notes that cite: author and year alone, a paper's own style in a paper, and the work in its references."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure as Canvas
from papers import INPUTS, Desk

from research.errors import BuildError, OptionError
from research.questionnaire.definition import Text
from research.report.artefacts import ArtefactStore
from research.report.citations import held, printed_citations, settled
from research.report.document_references import chinese_entries
from research.report.document_tree import Attributes, div, para, plain
from research.report.nouns import Column, Figure, Table
from research.report.table_html import to_html
from research.report.table_latex import to_latex

PLAIN = "# A\n\n{{table:bounds}}\n"
NOTE: Text = {
    "en": "Bounds of @chen2007; AVE [@hair2019; @fornell1981].",
    "zh": "界限依据 @chen2007 的建议；AVE[@hair2019; @fornell1981]。",
}
OWN = '@book{mueller2020, author = {M{\\"u}ller, Eva and Roe, Al}, title = {Trust}, year = {2020}}'


def _table(*notes: Text, bibliography: str = "") -> Table:
    columns = (Column("x", {"en": "X", "zh": "甲"}),)
    return Table(
        {"en": "T", "zh": "表"}, pd.DataFrame({"x": ["a"]}), columns, notes, bibliography=bibliography
    )


def _desk(tmp_path: Path, *artefacts: tuple[Table | Figure, str]) -> Desk:
    store = ArtefactStore(tmp_path / "artefacts")
    for artefact, key in artefacts:
        store.put(artefact, key, inputs=INPUTS)
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("text", "lang", "printed"),
    [
        ("[@chen2007]", "en", "(Chen, 2007)"),
        ("[@satorra2001]", "en", "(Satorra & Bentler, 2001)"),
        ("[@zhao2010;@chen2007]", "en", "(Chen, 2007; Zhao et al., 2010)"),
        ("@zhao2010.", "zh", "Zhao 等（2010）."),
        ("采用 @satorra2001 的检验", "zh", "采用 Satorra & Bentler（2001）的检验"),
        ("[@wu2010]", "zh", "（吴明隆，2010）"),
        ("[@wu2010]", "en", "(Wu, 2010)"),
        ("mail a@chen2007 or @home", "en", "mail a@chen2007 or @home"),
    ],
)
def test_citations_alone(text: str, lang: str, printed: str) -> None:
    assert printed_citations(text, lang) == printed


def test_a_bracketed_work_that_is_not_known_is_refused() -> None:
    with pytest.raises(OptionError, match=r"cites 'chen2006', which is in no bibliography. Did you mean"):
        printed_citations("[@chen2006]", "en")


def test_numbers_stand_in_order_and_without_them_author_and_year() -> None:
    note = held(NOTE["zh"], "zh")
    numbers = {"chen2007": "12", "hair2019": "3", "fornell1981": "10"}
    assert settled(note, numbers) == "界限依据 Chen[12]的建议；AVE[3,10]。"
    assert settled(note, {}) == printed_citations(NOTE["zh"], "zh")


def test_a_table_alone_prints_author_and_year_in_every_format() -> None:
    table = _table(NOTE)
    assert "(Fornell &amp; Larcker, 1981; Hair et al., 2019)" in to_html(table, "en")
    assert "Chen（2007）的建议" in to_html(table, "zh")
    assert r"Fornell \& Larcker, 1981" in to_latex(table, "en")
    own = _table({"en": "After @mueller2020."}, bibliography=OWN)
    assert "After Müller &amp; Roe (2020)." in to_html(own, "en")


def test_a_paper_lists_what_its_notes_cite(tmp_path: Path) -> None:
    desk = _desk(tmp_path, (_table(NOTE), "bounds"))
    for text in _texts(desk.build(PLAIN, bibliography=False)):
        assert "Bounds of Chen (2007); AVE (Fornell & Larcker, 1981; Hair et al., 2019)." in text
        assert "Sensitivity of goodness of fit indexes" in text


def test_a_chinese_paper_numbers_them_in_the_order_of_the_text(tmp_path: Path) -> None:
    desk = _desk(tmp_path, (_table(NOTE), "bounds"))
    source = "# 甲\n\n见[@kock2015]。\n\n{{table:bounds}}\n\n再见[@zhao2010]。\n"
    for text in _texts(desk.build(source, "zh", bibliography=False)):
        assert "依据Chen[2]的建议；AVE[3,4]" in "".join(text.split())
        for number, author in enumerate(("KOCK", "CHEN", "FORNELL", "HAIR", "ZHAO"), start=1):
            assert f"[{number}]{author}" in "".join(text.split())


def test_the_notes_of_a_figure_cite_too(tmp_path: Path) -> None:
    def draw(canvas: Canvas, frame: pd.DataFrame, lang: str) -> None:
        canvas.add_subplot()

    figure = Figure({"en": "F", "zh": "图"}, pd.DataFrame({"x": [1]}), draw, 60.0, 40.0, notes=(NOTE,))
    desk = _desk(tmp_path, (figure, "bounds"))
    for text in _texts(desk.build(PLAIN.replace("table", "figure"), bibliography=False)):
        assert "Bounds of Chen (2007)" in text
        assert "Sensitivity of goodness of fit indexes" in text
    chinese = desk.build(PLAIN.replace("table", "figure"), "zh", bibliography=False)
    assert "依据 Chen[1]的建议；AVE[2,3]" in next(_texts(chinese))


def test_a_work_that_the_paper_lacks_is_a_fault_of_the_artefact(tmp_path: Path) -> None:
    desk = _desk(tmp_path, (_table({"en": "After @mueller2020."}, bibliography=OWN), "bounds"))
    with pytest.raises(BuildError, match="the notes of 'bounds' cite 'mueller2020', which is not in"):
        desk.build(PLAIN, bibliography=False)


def _texts(built: dict[str, bytes]) -> Iterator[str]:
    """The words of the Word document and of the web page, in which nothing is left held."""
    with zipfile.ZipFile(io.BytesIO(built[".docx"])) as archive:
        document = archive.read("word/document.xml").decode()
    for markup in (document, built[".html"].decode().split("<body>")[1]):
        text = unescape(re.sub(r"<[^>]+>", "", markup))
        assert "⟦" not in text
        yield " ".join(text.split())


@pytest.mark.parametrize(
    ("edition", "printed"), [("2", "2nd"), ("3rd", "3rd"), ("11", "11th"), ("12th", "12th")]
)
def test_an_edition_in_a_foreign_entry_of_a_chinese_paper(edition: str, printed: str) -> None:
    inlines = [{"t": "Str", "c": "Theory[M]."}, {"t": "Space"}, {"t": "Str", "c": edition}, {"t": "Space"}]
    entry = div(Attributes("ref-a"), [para(*inlines, {"t": "Str", "c": "版."})])
    assert plain(chinese_entries([entry])) == f"Theory[M]. {printed} ed."
