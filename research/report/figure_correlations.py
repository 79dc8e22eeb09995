"""The correlation map: lower triangle with numbers, blocks of one construct framed and named."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import keeps_zero, print_number
from research.report.figure_rows import label_width, texts_in
from research.report.labels import construct_of, label_of
from research.report.nouns import Figure
from research.report.style import (
    BODY,
    HAIR,
    INK,
    LINE,
    MUTED,
    PAGE_MM,
    PAPER,
    SMALL,
    diverging,
    draw_rects,
    ink_on,
    sheet,
)  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_EDGE, _PAD, _LARGEST = 2.0, 1.5, 10.0
_LONGEST, _KEY = 16.0, 42.0
_TALL = 4.2  # millimetres that a line of the names takes
_SMALLEST = 5.6  # millimetres that a number with its sign takes at the smallest size
_TITLE: Text = {"en": "Correlation", "zh": "相关系数"}


def correlation_figure(
    correlations: pd.DataFrame, questionnaire: Questionnaire | None = None, *, width: float = PAGE_MM
) -> Figure:
    """A square frame of correlations as a map; items of one construct are framed and named.

    Numbers are left out where cells become smaller than they need (about 28 variables on a page).
    """
    tidy = correlation_pairs(correlations, questionnaire)
    names = tidy.drop_duplicates("row")
    cell, left = _geometry(names, width)
    width = min(width, max(_width(names, cell, left), left + _KEY + 10.0))
    below = 3.0 if _by_number(names) else label_width(texts_in(names, "label")) + 1.0
    height = 2 * _EDGE + len(names) * cell + 1.5 + below
    return Figure(
        title={"en": "Correlations of the items", "zh": "题项相关系数图"},
        frame=tidy,
        draw=partial(_draw, cell=cell, left=left),
        width=round(width, 1),
        height=round(height, 1),
        alt={
            "en": f"Lower triangle of the correlations of {len(names)} variables.",
            "zh": f"{len(names)} 个变量相关系数的下三角图。",
        },
    )


def correlation_pairs(correlations: pd.DataFrame, questionnaire: Questionnaire | None = None) -> pd.DataFrame:
    """Tidy lower triangle: `row column name label construct r`, the diagonal included as 1."""
    import pandas as pd

    names = [str(name) for name in correlations.index]
    values = correlations.to_numpy(float)
    rows = []
    for row, name in enumerate(names):
        construct = label_of(construct_of(name, questionnaire), questionnaire)
        label = label_of(name, questionnaire)
        rows += [
            (row, column, name, label, construct, float(values[row, column])) for column in range(row + 1)
        ]
    return pd.DataFrame(rows, columns=["row", "column", "name", "label", "construct", "r"])


def _geometry(names: pd.DataFrame, width: float) -> tuple[float, float]:
    """Cell size and left margin, so that the name beside the last block still lies on the page."""
    left = _EDGE + label_width(texts_in(names, "label")) + (5.5 if _by_number(names) else 1.5)
    count = len(names)
    cell = min(_LARGEST, (width - left - _EDGE) / count)
    for _ in range(8):
        over = _width(names, cell, left) - width
        if over > 1e-9:
            cell -= over / count
    return cell, left


def _width(names: pd.DataFrame, cell: float, left: float) -> float:
    """What the grid and the names beside its blocks take."""
    ends = [
        left + (first + 1) * cell + _beside(first, last, cell) + label_width([label], BODY)
        for first, last, label in _blocks(names)
    ]
    return max([left + len(names) * cell, *ends]) + _EDGE


def _beside(first: int, last: int, cell: float) -> float:
    """From the first step of a block to its name: past the later steps that the name's height reaches."""
    steps = int(max(0.0, _TALL / 2 - cell / 2) / cell + 0.999)
    return _PAD + min(steps, last - first - 1) * cell


def _by_number(names: pd.DataFrame) -> bool:
    """Whether labels are too long to stand under their columns, so that numbers stand there."""
    return label_width(texts_in(names, "label")) > _LONGEST


def _blocks(names: pd.DataFrame) -> list[tuple[int, int, Text]]:
    """(first, last + 1, label) of neighbouring variables of one construct."""
    labels = texts_in(names, "construct")
    starts = [at for at in range(len(labels)) if at == 0 or labels[at] != labels[at - 1]]
    ends = [*starts[1:], len(labels)]
    return [
        (start, end, labels[start])
        for start, end in zip(starts, ends, strict=True)
        if any(labels[start].values())
    ]


def _draw(canvas: Canvas, frame: pd.DataFrame, lang: str, *, cell: float, left: float) -> None:
    axes = sheet(canvas)
    top = axes.get_ylim()[1] - _EDGE
    names = frame.drop_duplicates("row")
    shown = frame[frame["row"] != frame["column"]]
    xs, ys = left + shown["column"].to_numpy(float) * cell, top - (shown["row"].to_numpy(float) + 1) * cell
    values = shown["r"].to_numpy(float)
    colours = [diverging(r) if np.isfinite(r) else PAPER for r in values]
    draw_rects(axes, [(x, y, cell, cell) for x, y in zip(xs, ys, strict=True)], colours)
    if cell >= _SMALLEST:
        for x, y, r, colour in zip(xs, ys, values, colours, strict=True):
            _print_cell(axes, x + cell / 2, y + cell / 2, r, lang, ink_on(colour))
    bottom, by_number = top - len(names) * cell, _by_number(names)
    for row, label in enumerate(texts_in(names, "label")):
        words = say(label, lang)
        middle = (row + 0.5) * cell
        numbered = f"{row + 1}. {words}" if by_number else words
        axes.text(left - 1.5, top - middle, numbered, fontsize=SMALL, ha="right", va="center_baseline")
        if by_number:
            axes.text(left + middle, bottom - 1.5, str(row + 1), fontsize=SMALL, ha="center", va="top")
        else:
            axes.text(left + middle, bottom - 1.5, words, fontsize=SMALL, ha="center", va="top", rotation=90)
    for first, last, label in _blocks(names):
        _frame_block(axes, left, top, cell, first, last)
        x = left + (first + 1) * cell + _beside(first, last, cell)
        axes.text(
            x, top - (first + 0.5) * cell, say(label, lang), fontsize=BODY, va="center_baseline", color=INK
        )
    _draw_key(axes, lang, right=axes.get_xlim()[1] - _EDGE, top=top)


def _print_cell(axes: Axes, x: float, y: float, r: float, lang: str, ink: str) -> None:
    text = print_number(r, 2, leading_zero=keeps_zero(lang)) if np.isfinite(r) else "–"
    axes.text(x, y, text, fontsize=SMALL, ha="center", va="center_baseline", color=ink)


def _frame_block(axes: Axes, left: float, top: float, cell: float, first: int, last: int) -> None:
    """A staircase around the correlations within one construct."""
    xs, ys = [left + first * cell], [top - first * cell]
    for step in range(first, last):
        xs += [left + (step + 1) * cell] * 2
        ys += [top - step * cell, top - (step + 1) * cell]
    xs += [left + first * cell] * 2
    ys += [top - last * cell, top - first * cell]
    axes.plot(xs, ys, color=INK, lw=LINE, solid_joinstyle="miter")


def _draw_key(axes: Axes, lang: str, *, right: float, top: float) -> None:
    from matplotlib.patches import Rectangle

    width, steps, tall = min(_KEY, 0.42 * (right - _EDGE)), 42, 3.0
    left, y = right - width, top - 9.0
    for step in range(steps):
        colour = diverging(-1 + 2 * (step + 0.5) / steps)
        axes.add_patch(
            Rectangle(
                (left + step * width / steps, y),
                width / steps,
                tall,
                facecolor=colour,
                edgecolor=colour,
                lw=0.2,
            )
        )
    for r in (-1, -0.5, 0, 0.5, 1):
        x = left + (r + 1) / 2 * width
        axes.plot([x, x], [y, y - 0.7], color=MUTED, lw=HAIR)
        text = print_number(r, 1, leading_zero=keeps_zero(lang)) if r % 1 else print_number(r, 0)
        axes.text(x, y - 1.2, text, fontsize=SMALL, ha="center", va="top")
    axes.text(left + width / 2, y + tall + 1.2, say(_TITLE, lang), fontsize=SMALL, ha="center", va="bottom")
