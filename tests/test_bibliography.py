"""The bibliographies: every entry is whole, cited and cited by a key that exists; and how BibTeX is read."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from research.report.bibliography import Work, packaged, references, works

ROOT = Path(__file__).parents[1]
STUDIES = ROOT / "questionnaires"
METHODS = works(packaged())
SCALES = works((STUDIES / "references.bib").read_text(encoding="utf-8"))
ALL = [*METHODS.values(), *SCALES.values()]
DOI = re.compile(r"10\.\d{4,9}/[-._;()/:<>A-Za-z0-9]+")
PAGES = re.compile(r"\d+--\d+")
NEEDED = {
    "article": ("author", "title", "journal", "year", "volume", "pages"),
    "book": ("author", "title", "publisher", "address", "year"),
    "incollection": ("author", "title", "booktitle", "editor", "publisher", "address", "year", "pages"),
}
WITHOUT_DOI = {"parasuraman1988", "reichheld2003"}  # the journals gave none to these
# Names of tests in frames, and notes of a call which no paper prints.
UNPRINTED = ("Satorra-Bentler (2001)", "Satorra (2000)", "(Widaman & ", "The cut-offs of Chen (2007)")
CITATION = re.compile(r"(?<![\w@\\.])@([a-z]+(?:18|19|20)\d\d)\b")


def _strings(path: Path) -> Iterator[str]:
    yield from (
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _printed(module: Path) -> Iterator[str]:
    """Texts of a module, those of one f-string joined; no documentation."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    parts: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            parts.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            parts |= {id(value) for value in node.values}
            yield "".join(str(value.value) for value in node.values if isinstance(value, ast.Constant))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def _modules() -> list[Path]:
    return sorted((ROOT / "research").rglob("*.py"))


def _cited_by_methods() -> set[str]:
    """Keys in the packaged papers, in notes, and as sources of thresholds and verdicts."""
    found: set[str] = set()
    for paper in (ROOT / "research/templates").glob("*.md"):
        found |= set(CITATION.findall(paper.read_text(encoding="utf-8")))
    for module in _modules():
        for text in _strings(module):
            found |= set(CITATION.findall(text))
            found |= set(re.findall(r"(?:^|; )([a-z]+(?:18|19|20)\d\d)(?=$|; )", text))
    return {key for key in found if not key.startswith("smith")}


def _cited_by_studies() -> set[str]:
    found: set[str] = set()
    for paper in (ROOT / "paper").glob("paper*.md"):
        found |= set(CITATION.findall(paper.read_text(encoding="utf-8")))
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            found |= set(CITATION.findall("".join(cell["source"])))
    for study in STUDIES.glob("*.yaml"):
        for line in re.findall(r"^\s*source:\s*(.+)$", study.read_text(encoding="utf-8"), re.MULTILINE):
            found |= set(re.findall(r"[a-z]+\d{4}", line))
    return found


@pytest.mark.parametrize("work", ALL, ids=[work.key for work in ALL])
def test_an_entry_is_whole(work: Work) -> None:
    missing = [name for name in NEEDED[work.kind] if not work.fields.get(name)]
    assert missing == []
    assert re.fullmatch(r"(18|19|20)\d\d", work.year)
    assert work.key.endswith(work.year)
    first = re.sub(r"[^a-z]", "", work.names[0].lower().replace("ö", "o"))
    assert work.key.removesuffix(work.year) == first
    assert work.fields.get("edition", "1").isdigit()  # each style writes its own ordinals
    if "pages" in work.fields:
        assert PAGES.fullmatch(work.fields["pages"]), work.fields["pages"]
        low, high = map(int, work.fields["pages"].split("--"))
        assert low < high
    if work.kind == "article" and work.key not in WITHOUT_DOI:
        assert DOI.fullmatch(work.fields.get("doi", "")), "an article without a DOI"
    assert all(value.count("{") == value.count("}") for value in work.fields.values())


def test_every_citation_has_its_entry() -> None:
    assert _cited_by_methods() - set(METHODS) == set()
    assert _cited_by_studies() - set(METHODS) - set(SCALES) == set()


def test_every_entry_is_cited() -> None:
    cited = _cited_by_methods() | _cited_by_studies()
    assert set(METHODS) - cited == set()
    assert set(SCALES) - cited == set()


def test_a_work_in_both_files_is_the_same() -> None:
    for key in set(METHODS) & set(SCALES):
        assert METHODS[key] == SCALES[key]


def test_no_note_names_a_work_without_its_key() -> None:
    """A source in words alone would stand in no list of references."""
    named = re.compile(
        r"[A-Z][a-zé]+(?: (?:&|and) [A-Z][a-z]+| et al\.| 等)?[,，]? ?[（(]?(?:19|20)\d\d[)）]"
    )
    for module in _modules():
        if module.parent.name in {"report", "standard"} or module.stem.endswith("_words"):
            told = [text for text in _printed(module) if named.search(text)]
            assert [text for text in told if not any(part in text for part in UNPRINTED)] == [], module.name


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("den Hertog, Pim and van der Aa, Wietze", ("den Hertog", "van der Aa")),
        ("Pim den Hertog and Wietze van der Aa", ("den Hertog", "van der Aa")),
        (r"M{\"u}ller, Eva and Nu\~nez, Ana", ("Müller", "Nuñez")),
        (r"S{\o}rensen, Bo and {\v{S}}imek, Jan", ("Sørensen", "Šimek")),
        ("{World Health Organization}", ("World Health Organization",)),
        ("吴明隆 and 温忠麟", ("吴明隆", "温忠麟")),
        ("Hair, Joseph F. and others", ("Hair", "others")),
    ],
)
def test_family_names(author: str, names: tuple[str, ...]) -> None:
    assert works(f"@book{{a1, author = {{{author}}}, year = {{2001}}}}")["a1"].names == names


def test_bibtex_is_read_in_all_its_ways_of_writing() -> None:
    text = """% a remark
    @string{jm = "Journal of Marketing"}
    @Article(one,
      Author = "Oliver, Richard {L.}", YEAR = 1999, title = {Whence {consumer, loyalty}?}, pages = "33--44",
      journal = jm)
    @comment{two, year = 2000}
    @book{three, editor = {Hoyle, Rick H.}, year = {1995}
    }"""
    found = works(text)
    assert list(found) == ["one", "three"]
    assert found["one"].fields["title"] == "Whence {consumer, loyalty}?"
    assert (found["one"].names, found["one"].year) == (("Oliver",), "1999")
    assert found["three"].names == ("Hoyle",)


def test_a_field_of_a_language_stands_in_its_papers_only() -> None:
    assert works(packaged(), "zh")["wu2010"].fields["publisher"] == "重庆大学出版社"
    assert works(packaged(), "en")["wu2010"].fields["publisher"] == "Chongqing University Press"
    assert "title = {问卷统计分析实务" in references("", "zh")
    own = "@string{x = {A}}\n@book{wu2010, title = x, year = 2011}\n"
    assert references(own, "zh").lstrip().startswith("@string{x = {A}}\n")
    assert references(own, "zh").count("wu2010,") == 1
