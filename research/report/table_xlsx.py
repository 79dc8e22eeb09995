"""A table as Excel: real numbers under number formats that print them as APA does, and no formula ever."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from research.provenance import write_atomically
from research.questionnaire.definition import say
from research.report.archive import unzip_bytes, zip_bytes
from research.report.cells import (
    MISSING,
    clean,
    cuts_thousands,
    is_missing,
    is_number,
    keeps_zero,
    print_cell,
    stars_of,
)
from research.report.nouns import Column, Table
from research.report.printed import Span, column_of_row, printed, width_of

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_ENDS = ({"en": "{}, lower", "zh": "{}下限"}, {"en": "{}, upper", "zh": "{}上限"})
_DATED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def to_xlsx(table: Table, path: Path | str, lang: str = "en") -> Path:
    """Write the table as a workbook with one sheet; returns the path. Two calls give identical bytes.

    Cells hold unrounded numbers; leading zeros, stars and `< .001` are number formats. An interval
    becomes two columns. A text that begins like a formula stays a text.
    """
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Table" if lang != "zh" else "表"
    sheet.sheet_view.showGridLines = False
    _fill(sheet, replace(table, columns=_split_intervals(table.columns)), lang)
    buffer = io.BytesIO()
    book.save(buffer)
    parts = unzip_bytes(buffer.getvalue())
    core = "docProps/core.xml"
    parts[core] = _DATED.sub(rb"\g<1>1980-01-01T00:00:00Z", parts[core])
    target = Path(path)
    write_atomically(target, zip_bytes(parts))
    return target


def number_format(value: float, column: Column, lang: str = "en", stars: str = "") -> str:
    """The Excel format that shows `value` as the column prints it.

    >>> number_format(0.45, Column("r", {}, "statistic", 2), "en", "**")
    '.00"**";"−".00"**"'
    """
    if column.kind == "stars":
        return f'"{stars_of(value)}";;"{stars_of(value)}"'
    if column.kind == "p" and not 0.001 <= value < 0.9995:
        return f'"{print_cell(value, column, lang)}"'
    decimals = {"integer": 0, "p": 3}.get(column.kind, column.decimals)
    digits = "." + "0" * decimals if decimals else ""
    if column.kind == "percent":
        return f"0{digits}%"
    whole = "#,##0" if cuts_thousands(column, lang) and abs(value) >= 1000 else "0"
    bare = column.kind in ("statistic", "p") and not keeps_zero(lang) and round(abs(value), decimals) < 1
    if bare and digits:
        whole = ""
    mark = f'"{stars}"' if stars else ""
    return f'{whole}{digits}{mark};"−"{whole}{digits}{mark}'


def _split_intervals(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    split: list[Column] = []
    for column in columns:
        if not column.high:
            split.append(column)
            continue
        for name, end in zip((column.name, column.high), _ENDS, strict=True):
            heading = {lang: pattern.format(say(column.heading, lang)) for lang, pattern in end.items()}
            split.append(replace(column, name=name, heading=heading, high=""))
    return tuple(split)


def _fill(sheet: Worksheet, table: Table, lang: str) -> None:
    grid = printed(table, lang)
    _write_text(_at(sheet, 1, 1), grid.title)
    top = 2
    head = top + 1 if grid.spans else top
    _write_spans(sheet, top, grid.spans)
    for index, (heading, side) in enumerate(zip(grid.headings, grid.align, strict=True), start=1):
        _write_text(_at(sheet, head, index), heading)
        _align(_at(sheet, head, index), side)
    for place, row in enumerate(grid.rows):
        for index, column in enumerate(table.columns, start=1):
            if row[index - 1].text:
                _write(_at(sheet, head + 1 + place, index), table, column, place, lang)
    last = head + len(grid.rows)
    _rule(sheet, top, head, last, len(grid.headings))
    for index, heading in enumerate(grid.headings, start=1):
        longest = max(width_of(text) for text in [heading, *(row[index - 1].text for row in grid.rows)])
        sheet.column_dimensions[_at(sheet, head, index).column_letter].width = min(60, longest + 3)
    if grid.notes:
        _write_text(_at(sheet, last + 1, 1), f"{grid.lead}{'' if lang == 'zh' else ' '}{grid.note}")


def _at(sheet: Worksheet, row: int, column: int) -> Cell:
    from openpyxl.cell.cell import MergedCell

    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):
        raise TypeError(f"row {row}, column {column} lies under a spanning heading")
    return cell


def _rule(sheet: Worksheet, top: int, head: int, last: int, width: int) -> None:
    from openpyxl.styles import Border, Side

    thick, thin = Side(style="medium"), Side(style="thin")
    for index in range(1, width + 1):
        for line, above, below in ((top, thick, None), (head, None, thin), (last, None, thick)):
            cell = sheet.cell(line, index)
            cell.border = Border(top=above or cell.border.top, bottom=below or cell.border.bottom)


def _write_spans(sheet: Worksheet, row: int, spans: tuple[Span, ...]) -> None:
    from openpyxl.styles import Border, Side

    first = 1
    for span in spans:
        last = first + span.width - 1
        if span.text:
            _write_text(_at(sheet, row, first), span.text)
            _align(_at(sheet, row, first), "center")
            for index in range(first, last + 1):
                _at(sheet, row, index).border = Border(bottom=Side(style="thin"))
            if last > first:
                sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
        first = last + 1


def _write(cell: Cell, table: Table, column: Column, place: int, lang: str) -> None:
    from openpyxl.styles import Font

    value = table.frame[column.name].iloc[place]
    column = column_of_row(column, table.frame, place)
    _align(cell, "left" if column.kind == "text" else "right")
    if column.strong and bool(table.frame[column.strong].iloc[place]):
        cell.font = Font(bold=True)
    if is_missing(value):
        _write_text(cell, MISSING)
    elif column.kind == "text" or not is_number(value):
        _write_text(cell, print_cell(value, column, lang))
    else:
        p = table.frame[column.stars].iloc[place] if column.stars else None
        number = float(value)
        cell.value = int(number) if number.is_integer() and column.kind == "integer" else number
        cell.number_format = number_format(number, column, lang, stars_of(p) if is_number(p) else "")


def _write_text(cell: Cell, text: str) -> None:
    cell.value = clean(text)
    cell.data_type = "s"  # openpyxl would take a leading "=" for a formula
    if text[:1] in "=+-@":
        cell.quotePrefix = True


def _align(cell: Cell, side: str) -> None:
    from openpyxl.styles import Alignment

    cell.alignment = Alignment(horizontal=side, vertical="top" if side == "left" else None)
