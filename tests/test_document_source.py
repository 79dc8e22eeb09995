"""The language of papers, construct by construct: this table is its documentation."""

from __future__ import annotations

import pytest

from research.errors import OptionError
from research.report.document_source import BlockQuote, NumberQuote, Reference, read_source
from research.report.numbers import number_text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{n}}", [("n", "", "")]),
        ("{{ n }}", [("n", "", "")]),
        ("{{fit.cfi}}", [("fit", "cfi", "")]),
        ("{{fit_cfa.rmsea_ci_lower:s2}}", [("fit_cfa", "rmsea_ci_lower", "s2")]),
        ("{{alpha.Word of mouth:.2}}", [("alpha", "Word of mouth", ".2")]),
        ("{{alpha.口碑}} and {{n}}", [("alpha", "口碑", ""), ("n", "", "")]),
        ("{{r2.a.b}}", [("r2", "a.b", "")]),
        ("`{{n}}`", []),
        ("``a ` {{n}}``", []),
        ("\\{{n}}", []),
        ("```\n{{n}}\n```", []),
        ("~~~~\n{{n}}\n```\n{{n}}\n~~~~\n{{m}}", [("m", "", "")]),
    ],
)
def test_numbers_are_quoted_by_key_member_and_format(text: str, found: list[tuple[str, str, str]]) -> None:
    tokens = read_source(text, "paper.md").tokens
    assert [(t.key, t.member, t.form) for t in tokens if isinstance(t, NumberQuote)] == found


def test_tables_and_figures_stand_alone_on_a_line() -> None:
    source = read_source("{{table:fit}}\n\n  {{figure: path_diagram}}\n\nx {{table:fit}}\n", "paper.md")
    found = [(t.kind, t.key, t.place.line) for t in source.tokens if isinstance(t, BlockQuote)]
    assert found == [("table", "fit", 1), ("figure", "path_diagram", 3)]
    assert [(fault.line, fault.column) for fault in source.faults] == [(5, 3)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@tbl:fit, @fig:path_diagram and @sec:method.", ["tbl fit", "fig path_diagram", "sec method"]),
        ("见@tbl:fit。", ["tbl fit"]),
        ("（@tbl:fit）、@fig:a", ["tbl fit", "fig a"]),
        ("me@tbl:fit", []),
        ("`@tbl:fit`", []),
    ],
)
def test_references_name_their_kind(text: str, found: list[str]) -> None:
    tokens = read_source(text, "paper.md").tokens
    assert [f"{t.kind} {t.id}" for t in tokens if isinstance(t, Reference)] == found


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("[@hu1999]", ["hu1999"]),
        ("[see @hu1999, p. 3; -@hair:2019]", ["hu1999", "hair:2019"]),
        ("@hu1999 say", ["hu1999"]),
        ("文献[@hu1999]认为", ["hu1999"]),
        ("mail@example.org", []),
        ("`@hu1999` and @tbl:fit", []),
    ],
)
def test_citations_are_found_for_checking(text: str, keys: list[str]) -> None:
    assert [citation.key for citation in read_source(text, "paper.md").citations] == keys


def test_places_count_from_one_in_the_source_as_it_was_written() -> None:
    source = read_source("\ufeff---\ntitle: T\n---\n\n{{table:fit}}\n\n信度 {{n}}\n", "paper.md")
    assert [(t.place.line, t.place.column) for t in source.tokens] == [(5, 1), (7, 4)]


@pytest.mark.parametrize(
    ("value", "form", "name", "english", "chinese"),
    [
        (0.9253, "", "cfi", ".925", "0.925"),
        (0.9253, "", "rmsea_ci_upper_robust", ".925", "0.925"),
        (1.0213, "", "tli", "1.021", "1.021"),
        (0.9253, "", "Trust", "0.925", "0.925"),
        (0.9253, "s2", "Trust", ".93", "0.93"),
        (-0.0004, "", "x", "0.000", "0.000"),
        (-0.25, "s2", "r", "−.25", "−0.25"),
        (452.317, "", "chisq", "452.317", "452.317"),
        (452.317, ".1", "chisq", "452.3", "452.3"),
        (231.0, "", "df", "231", "231"),
        (231.5, "", "df", "231.500", "231.500"),
        (1e-9, "", "pvalue_scaled", "< .001", "< 0.001"),
        (0.0314, "p", "x", "= .031", "= 0.031"),
        (0.99999, "p", "x", "> .999", "> 0.999"),
        (0.1234, "%", "x", "12.3%", "12.3%"),
        (0.1234, "%0", "x", "12%", "12%"),
        (12345, "", "n", "12,345", "12345"),
        (3, "words", "n", "three", "三"),
        (0, "words", "n", "none", "零"),
        (12, "words", "n", "12", "12"),
        (0.0000231, "g", "x", "2.3 × 10⁻⁵", "2.3 × 10⁻⁵"),
        ("texts", "", "x", "texts", "texts"),
    ],
)
def test_a_number_is_printed_as_its_name_or_format_asks(
    value: float | str, form: str, name: str, english: str, chinese: str
) -> None:
    assert number_text(value, form, "en", name) == english
    assert number_text(value, form, "zh", name) == chinese


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(OptionError, match=r"unknown number format 'word'.*Did you mean words"):
        number_text(1, "word", "en")
