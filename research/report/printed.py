"""A table as it is printed in one language: the grid of texts that every writer lays out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from research.errors import OptionError, did_you_mean
from research.questionnaire.definition import say
from research.report.cells import clean, is_missing, is_number, print_cell, stars_of
from research.report.citations import printed_citations
from research.report.nouns import Column, ColumnKind, Table

if TYPE_CHECKING:
    import pandas as pd

# Latin symbols of statistics are set in italics, Greek ones are not (APA Publication Manual, 7th ed., 6.44).
ITALIC_SYMBOLS = frozenset(
    ("M", "SD", "SE", "N", "n", "p", "r", "t", "z", "F", "df", "b", "B", "k", "R²", "ΔR²", "ΔF", "f²", "d")
)
_SYMBOL_IN_PROSE = re.compile(r"(?<![\w.])(M|SD|SE|N|n|p|r|t|z|F|df|b|k|R²|f²)(?= ?[=<>≤≥]|\(\d)")


@dataclass(frozen=True, slots=True)
class Cell:
    """One printed cell; `pad` is the number of stars that others of its column have more than it."""

    text: str
    strong: bool = False
    pad: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A heading over `width` neighbouring columns; without words it is only a gap."""

    text: str
    width: int


@dataclass(frozen=True, slots=True)
class Printed:
    """Title, headings (with spans above, or none), rows of cells, and the sentences of the note."""

    title: str
    spans: tuple[Span, ...]
    headings: tuple[str, ...]
    align: tuple[Literal["left", "right"], ...]
    rows: tuple[tuple[Cell, ...], ...]
    lead: str
    notes: tuple[str, ...]

    @property
    def note(self) -> str:
        """The sentences of the note as one paragraph, without its lead."""
        return (" " if self.lead.isascii() else "").join(self.notes)


def printed(table: Table, lang: str) -> Printed:
    """Every text of the table in the language, rounded, with stars and brackets, not yet escaped."""
    _check_columns(table)
    columns = [_print_column(table, column, lang) for column in table.columns]
    rows = tuple(zip(*columns, strict=True)) if columns else ()
    return Printed(
        title=clean(say(table.title, lang)),
        spans=_spans(table.columns, lang),
        headings=tuple(clean(say(column.heading, lang)) for column in table.columns),
        align=tuple("left" if column.kind == "text" else "right" for column in table.columns),
        rows=rows,
        lead="注：" if lang == "zh" else "Note.",
        notes=tuple(
            clean(printed_citations(say(note, lang), lang, table.bibliography)) for note in table.notes
        ),
    )


def pieces(text: str) -> list[tuple[str, bool]]:
    """The text cut into (part, italic) so that symbols of statistics can be set in italics.

    >>> pieces("N = 250, p < .05.")
    [('N', True), (' = 250, ', False), ('p', True), (' < .05.', False)]
    """
    if text in ITALIC_SYMBOLS:
        return [(text, True)]
    parts = [(part, index % 2 == 1) for index, part in enumerate(_SYMBOL_IN_PROSE.split(text))]
    return [(part, italic) for part, italic in parts if part]


def column_of_row(column: Column, frame: pd.DataFrame, row: int) -> Column:
    """The column as that row prints it: of another kind where `kinds` names one."""
    kind = str(frame[column.kinds].iloc[row]) if column.kinds else ""
    known = {str(name): name for name in get_args(ColumnKind)}
    return replace(column, kind=known[kind]) if kind in known else column


def width_of(text: str) -> int:
    """Columns of a typewriter that the text takes: a Chinese character takes two."""
    return sum(2 if ord(ch) > 0x2E7F else 1 for ch in text)


def _check_columns(table: Table) -> None:
    known = [str(name) for name in table.frame.columns]
    for column in table.columns:
        for name in (column.name, column.high, column.stars, column.strong, column.kinds):
            if name and name not in known:
                raise OptionError(
                    f"table {say(table.title, 'en')!r} prints a column {name!r} that is not in its frame; "
                    f"it has {', '.join(known)}.{did_you_mean(name, known)}"
                )


def _print_column(table: Table, column: Column, lang: str) -> list[Cell]:
    frame = table.frame
    values = list(frame[column.name])
    highs = list(frame[column.high]) if column.high else [None] * len(values)
    stars = [_mark(p) for p in frame[column.stars]] if column.stars else [""] * len(values)
    strong = list(frame[column.strong].astype(bool)) if column.strong else [False] * len(values)
    most = max((len(text) for text in stars), default=0)
    repeats = _repeats(table, column, lang) if column.once else []
    cells = []
    for index, value in enumerate(values):
        text = print_cell(value, column_of_row(column, frame, index), lang)
        if column.once and repeats[index]:
            text = ""
        if column.high and is_number(value) and not is_missing(value):
            text = f"[{text}, {print_cell(highs[index], column, lang)}]"
        mark = "" if is_missing(value) else stars[index]
        cells.append(Cell(text + mark, strong[index] and not is_missing(value), most - len(mark)))
    return cells


def _repeats(table: Table, column: Column, lang: str) -> list[bool]:
    """Whether each row has the value of the row above in this column and in those of its kind left of it."""
    columns = table.columns[: table.columns.index(column) + 1]
    shown = [[print_cell(x, each, lang) for x in table.frame[each.name]] for each in columns if each.once]
    rows = list(zip(*shown, strict=True))
    return [bool(index) and row == rows[index - 1] for index, row in enumerate(rows)]


def _mark(p: object) -> str:
    return stars_of(p) if is_number(p) else ""


def _spans(columns: tuple[Column, ...], lang: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for column in columns:
        text = clean(say(column.group, lang))
        if spans and spans[-1].text == text:
            spans[-1] = Span(text, spans[-1].width + 1)
        else:
            spans.append(Span(text, 1))
    return tuple(spans) if any(span.text for span in spans) else ()
