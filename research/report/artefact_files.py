"""The files that one artefact becomes: a table, a figure or numbers, in every language and format."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from numbers import Integral, Real
from pathlib import Path
from typing import Literal

from research.errors import BuildError
from research.questionnaire.definition import Text, say
from research.report.citations import held
from research.report.nouns import Figure, Table
from research.report.printed import printed, width_of
from research.report.simulated import unmarked
from research.report.style import PictureForm, pictures
from research.report.table_docx import to_docx, to_openxml
from research.report.table_html import to_html
from research.report.table_latex import to_latex
from research.report.table_markdown import to_markdown
from research.report.table_typst import to_typst
from research.report.table_xlsx import to_xlsx
from research.responses.writing import spreadsheet_text

Publishable = Table | Figure | int | float | str | Mapping[str, object]

PICTURE_FORMATS: tuple[PictureForm, ...] = ("pdf", "svg", "png")


def kind_of(x: Publishable) -> Literal["table", "figure", "number"]:
    """Which kind of artefact `x` is."""
    return "table" if isinstance(x, Table) else "figure" if isinstance(x, Figure) else "number"


def files_of(x: Publishable, key: str, languages: Sequence[str]) -> dict[str, bytes]:
    """{name relative to the store: content}.

    A table: `tables/key.json` (what a document needs) and per language csv, xlsx, docx, md, html, tex;
    a figure: `figures/key.json` (its words) and per language pdf, svg, png; else `numbers/key.json`.
    """
    if isinstance(x, Table):
        return _table_files(x, key, languages)
    if isinstance(x, Figure):
        return _figure_files(x, key, languages)
    return {f"numbers/{key}.json": as_json(_members(x, key))}


def _table_files(table: Table, key: str, languages: Sequence[str]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    fragments = {}
    plain = unmarked(table)
    for lang in languages:
        notes = tuple({lang: held(say(note, lang), lang, table.bibliography)} for note in plain.notes)
        inside = replace(plain, notes=notes)
        grid = printed(table, lang)
        columns = [
            [width_of(heading), *(width_of(row[index].text) + row[index].pad for row in grid.rows)]
            for index, heading in enumerate(grid.headings)
        ]
        fragments[lang] = {
            "title": grid.title,
            "widths": [max(widths) for widths in columns],
            "rows": len(grid.rows),
            "lines": sum(_lines(max(width_of(cell.text) for cell in row)) for row in grid.rows),
            "typst": to_typst(inside, lang, caption=False, fill=True),
            "openxml": to_openxml(inside, lang, caption=False),
            "html": to_html(inside, lang, caption=False),
        }
        stem = f"tables/{key}.{lang}"
        files[f"{stem}.md"] = to_markdown(table, lang).encode()
        files[f"{stem}.html"] = to_html(table, lang).encode()
        files[f"{stem}.tex"] = to_latex(table, lang).encode()
        files[f"{stem}.csv"] = _csv(table, lang)
        files[f"{stem}.xlsx"] = _written(to_xlsx, table, lang)
        files[f"{stem}.docx"] = _written(to_docx, table, lang)
    files[f"tables/{key}.json"] = as_json(fragments)
    return files


def _lines(width: int) -> int:
    """Lines that a row takes whose longest text is `width` typewriter characters wide."""
    return 1 + width // 70


def _csv(table: Table, lang: str) -> bytes:
    """The tidy frame, unrounded; a wording in its language; with a mark that spreadsheets know UTF-8 by.

    No text is left that a spreadsheet would run as a formula: it may come from a cell of the answers.
    """

    def told(cell: object) -> object:
        words = say(cell, lang) if isinstance(cell, Mapping) else cell
        return spreadsheet_text(words) if isinstance(words, str) else words

    frame = table.frame.map(told)
    return ("\ufeff" + frame.to_csv(index=False, lineterminator="\n")).encode()


def _written(write: Callable[[Table, Path, str], Path], table: Table, lang: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write(table, Path(folder) / "table", lang).read_bytes()


def _figure_files(figure: Figure, key: str, languages: Sequence[str]) -> dict[str, bytes]:
    files = {
        f"figures/{key}.{lang}.{form}": content
        for lang in languages
        for form, content in pictures(figure, lang, PICTURE_FORMATS).items()
    }
    words = {
        lang: {
            "title": say(figure.title, lang),
            "alt": say(figure.alt, lang) or say(figure.title, lang),
            "notes": [held(say(note, lang), lang) for note in unmarked(figure).notes],
        }
        for lang in languages
    }
    files[f"figures/{key}.json"] = as_json({"width": figure.width, "height": figure.height, "words": words})
    return files


def _members(x: object, key: str, prefix: str = "") -> dict[str, int | float | str | Text | None]:
    """Numbers and texts by dotted name; NaN is stored as null, for JSON has no word for it."""
    if isinstance(x, Mapping):
        if not prefix and not x:
            raise BuildError(f"'{key}' holds nothing to publish")
        if _is_text(x):
            return {prefix: {str(lang): str(words) for lang, words in x.items()}}
        found: dict[str, int | float | str | Text | None] = {}
        for name, value in x.items():
            found.update(_members(value, key, f"{prefix}.{name}" if prefix else str(name)))
        return found
    if x is None or isinstance(x, str):
        return {prefix: x}
    if isinstance(x, Integral) or type(x).__name__ == "bool":
        return {prefix: int(str(int(x))) if isinstance(x, Integral) else int(bool(x))}
    if isinstance(x, Real):
        value = float(x)
        if math.isinf(value):
            raise BuildError(f"'{key}{'.' if prefix else ''}{prefix}' is infinite and cannot be quoted")
        return {prefix: None if math.isnan(value) else value}
    raise BuildError(
        f"'{key}{'.' if prefix else ''}{prefix}' is a {type(x).__name__}; publish a Table, a Figure, "
        "a number, a text, or a mapping of names to numbers and texts"
    )


def _is_text(x: Mapping[object, object]) -> bool:
    """Whether a mapping is one wording in several languages, such as {"en": ..., "zh": ...}."""
    languages = all(isinstance(lang, str) and len(lang) == 2 and lang.islower() for lang in x)
    return languages and "en" in x and all(isinstance(words, str) for words in x.values())


def as_json(content: object) -> bytes:
    """JSON as it is written for a study: readable, every script as it is, a line break at the end."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
