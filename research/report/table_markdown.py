"""A table as Markdown: a pipe table that reads well as plain text."""

from __future__ import annotations

import re

from research.report.nouns import Table
from research.report.printed import Cell, Printed, pieces, printed, width_of

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~^$#@])")


def to_markdown(table: Table, lang: str = "en", *, caption: bool = True) -> str:
    """The table as a pipe table; a spanning heading is put before each heading under it."""
    grid = printed(table, lang)
    head = [_heading(grid, index, "：" if lang == "zh" else ": ") for index in range(len(grid.headings))]
    body = [[_cell(cell) for cell in row] for row in grid.rows]
    widths = [max([3, *(width_of(row[index]) for row in [head, *body])]) for index in range(len(head))]
    rule = [
        "-" * (width - 1) + ":" if side == "right" else "-" * width
        for width, side in zip(widths, grid.align, strict=True)
    ]
    lines = [_line(row, widths, grid.align) for row in [head, rule, *body]]
    if caption and grid.title:
        lines = [f"**{escape_markdown(grid.title)}**", "", *lines]
    if grid.notes:
        lead = grid.lead if lang == "zh" else f"*{grid.lead}* "
        lines += ["", f"{lead}{_prose(grid.note)}"]
    return "\n".join(lines) + "\n"


def escape_markdown(text: str) -> str:
    r"""The text with every character that Markdown would read escaped.

    >>> escape_markdown("a|b *c*")
    'a\\|b \\*c\\*'
    """
    return _SPECIAL.sub(r"\\\1", text)


def _heading(grid: Printed, index: int, colon: str) -> str:
    own = _prose(grid.headings[index])
    first = 0
    for span in grid.spans:
        if first <= index < first + span.width and span.text:
            return f"{escape_markdown(span.text)}{colon}{own}" if own else escape_markdown(span.text)
        first += span.width
    return own


def _cell(cell: Cell) -> str:
    text = escape_markdown(cell.text)
    return f"**{text}**" if cell.strong and text else text


def _prose(text: str) -> str:
    return "".join(
        f"*{escape_markdown(part)}*" if italic else escape_markdown(part) for part, italic in pieces(text)
    )


def _line(cells: list[str], widths: list[int], align: tuple[str, ...]) -> str:
    padded = []
    for cell, width, side in zip(cells, widths, align, strict=True):
        gap = " " * (width - width_of(cell))
        padded.append(gap + cell if side == "right" else cell + gap)
    return "| " + " | ".join(padded) + " |"
