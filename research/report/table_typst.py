"""A table as Typst: three rules, a header that repeats on every page, texts as string literals."""

from __future__ import annotations

from research.report.nouns import Table
from research.report.printed import Cell, Printed, pieces, printed, width_of

_LINE = 95  # typewriter columns of a line of a page, the gaps between columns apart
_GAP = 1.5  # typewriter columns that the space between two columns takes, at least
_LONG = 30  # typewriter columns beyond which a text column shares the rest of the line


def to_typst(table: Table, lang: str = "en", *, caption: bool = True, fill: bool = False) -> str:
    """The table as a Typst figure, or with `caption=False` as bare content for a document to wrap.

    `fill`: the columns share the whole width of the line in proportion to what they hold.

    Texts are string literals, in which Typst reads nothing but backslash and quote.
    """
    grid = printed(table, lang)
    content = _content(grid, lang, fill=fill)
    if not caption:
        return f"#{content}\n"
    return f"#figure(kind: table, caption: figure.caption(position: top, {_string(grid.title)}), {content})\n"


def _content(grid: Printed, lang: str, *, fill: bool) -> str:
    lines = [
        "block(width: 100%, below: 5pt)[",
        "#set par(justify: false)",
        "#show table.header: set text(hyphenate: false)",
        f"#block(width: 100%, below: 5pt, align({'center' if lang == 'zh' else 'left'}, table(",
        f"  columns: ({', '.join(_widths(grid, fill=fill))},),",
        f"  align: ({', '.join(grid.align)},),",
        "  stroke: none, inset: (x: 0.35em, y: 0.3em),",
        "  table.hline(stroke: 0.08em),",
        "  table.header(",
        *_header(grid),
        "    table.hline(stroke: 0.05em),",
        "  ),",
        *(
            "  " + ", ".join(_cell(cell, side) for cell, side in zip(row, grid.align, strict=True)) + ","
            for row in grid.rows
        ),
        "  table.hline(stroke: 0.08em),",
        ")))",
    ]
    if grid.notes:
        lead = _string(grid.lead) if lang == "zh" else f"emph({_string(grid.lead)}) + {_string(' ')}"
        note = f"align(left, text(size: 0.9em, {lead} + {_prose(grid.note)}))"
        lines.append(f"#block(width: 100%, above: 5pt, below: 5pt, sticky: true, {note})")
    return "\n".join([*lines, "]"])


def _widths(grid: Printed, *, fill: bool) -> list[str]:
    longest = [
        max((width_of(row[index].text) for row in grid.rows), default=0) for index in range(len(grid.align))
    ]
    if fill and max(longest, default=0) <= _LONG:
        headings = [_heading_width(heading) for heading in grid.headings]
        widest = [max(pair) for pair in zip(longest, headings, strict=True)]
        spare = (_LINE - sum(widest)) / len(widest)
        if spare < _GAP:  # a full line: every column as wide as it is, so that none is cut for another
            return ["auto"] * len(widest)
        return [f"{width + min(4.0, spare):.1f}fr" for width in widest]
    return [
        f"{min(width, 90)}fr" if side == "left" and width > _LONG else "auto"
        for width, side in zip(longest, grid.align, strict=True)
    ]


def _heading_width(text: str) -> int:
    """Capitals are a third wider than the letters a column is measured by: RMSEA is not to be hyphenated."""
    return width_of(text) + sum(letter.isupper() for letter in text) // 2


def _header(grid: Printed) -> list[str]:
    lines = []
    if grid.spans:
        spans = ", ".join(
            f"table.cell(colspan: {s.width}, align: center, {_prose(s.text)})" for s in grid.spans
        )
        lines.append(f"    {spans},")
        first = 0
        for span in grid.spans:
            if span.text:
                lines.append(f"    table.hline(start: {first}, end: {first + span.width}, stroke: 0.05em),")
            first += span.width
    lines.append(
        "    "
        + ", ".join(
            f"table.cell(align: {side} + bottom, {_prose(text)})"
            for text, side in zip(grid.headings, grid.align, strict=True)
        )
        + ","
    )
    return lines


def _cell(cell: Cell, side: str) -> str:
    """A cell; one of figures is not broken between lines, as `[.067, .083]` could be."""
    whole = cell.text.replace(" ", "\u00a0") if side == "right" else cell.text
    text = f"strong({_string(whole)})" if cell.strong and cell.text else _string(whole)
    return f"{text} + hide({_string('*' * cell.pad)})" if cell.pad else text


def _prose(text: str) -> str:
    parts = [f"emph({_string(part)})" if italic else _string(part) for part, italic in pieces(text)]
    return " + ".join(parts) if parts else '""'


def _string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
