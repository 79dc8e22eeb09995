"""A table as HTML with three rules, styled in itself so that a notebook shows it as a paper would."""

from __future__ import annotations

from html import escape

from research.report.nouns import Table
from research.report.printed import Cell, Printed, pieces, printed

_THICK = "1.5px solid currentColor"
_THIN = "0.75px solid currentColor"
_CELL = "padding:.15em .6em;border:0;background:none"


def to_html(table: Table, lang: str = "en", *, caption: bool = True) -> str:
    """The table with its title as `<caption>` and its note as the foot, every text escaped."""
    grid = printed(table, lang)
    width = len(grid.headings)
    lines = [
        f'<table class="three-line" lang="{"zh-Hans" if lang == "zh" else escape(lang)}" style="'
        f'border-collapse:collapse;border-top:{_THICK};font-variant-numeric:lining-nums tabular-nums">'
    ]
    if caption and grid.title:
        lines.append(f'<caption style="text-align:left;caption-side:top">{escape(grid.title)}</caption>')
    lines.append(f'<thead style="border-bottom:{_THIN}">')
    if grid.spans:
        lines.append("<tr>" + "".join(_span(span.text, span.width) for span in grid.spans) + "</tr>")
    lines.append("<tr>" + "".join(_headings(grid)) + "</tr>")
    lines.append(f'</thead><tbody style="border-bottom:{_THICK}">')
    lines.extend("<tr>" + "".join(_cells(row, grid.align)) + "</tr>" for row in grid.rows)
    lines.append("</tbody>")
    if grid.notes:
        gap = "" if lang == "zh" else " "
        lead = escape(grid.lead) if lang == "zh" else f"<em>{escape(grid.lead)}</em>"
        lines.append(
            f'<tfoot><tr><td colspan="{width}" style="{_CELL};text-align:left;font-size:.9em">'
            f"{lead}{gap}{_prose(grid.note)}</td></tr></tfoot>"
        )
    lines.append("</table>")
    return "\n".join(lines) + "\n"


def _span(text: str, width: int) -> str:
    rule = f";border-bottom:{_THIN}" if text else ""
    style = f"{_CELL};text-align:center;font-weight:normal{rule}"
    return f'<th colspan="{width}" style="{style}">{_prose(text)}</th>'


def _headings(grid: Printed) -> list[str]:
    return [
        f'<th style="{_CELL};text-align:{side};font-weight:normal;vertical-align:bottom">{_prose(text)}</th>'
        for text, side in zip(grid.headings, grid.align, strict=True)
    ]


def _cells(row: tuple[Cell, ...], align: tuple[str, ...]) -> list[str]:
    cells = []
    for cell, side in zip(row, align, strict=True):
        text = escape(cell.text)
        text = f"<strong>{text}</strong>" if cell.strong and text else text
        pad = (
            f'<span style="visibility:hidden" aria-hidden="true">{"*" * cell.pad}</span>' if cell.pad else ""
        )
        nowrap = ";white-space:nowrap" if side == "right" else ""
        cells.append(f'<td style="{_CELL};text-align:{side};vertical-align:top{nowrap}">{text}{pad}</td>')
    return cells


def _prose(text: str) -> str:
    return "".join(f"<em>{escape(part)}</em>" if italic else escape(part) for part, italic in pieces(text))
