"""Rows of a figure in groups under headings: where each stands, how wide its labels are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from research.questionnaire.definition import Text, say
from research.report.fonts import text_extent
from research.report.labels import LANGUAGES
from research.report.style import BODY, INK, SMALL

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

HEADING_MM, GAP_MM = 4.6, 1.6
HIGHEST_MM = 205.0  # of rows; a page has room for them, their axis, and a caption


@dataclass(frozen=True, slots=True)
class Rows:
    """Distances in millimetres from the top: `y` of each row's middle, `headings` as (distance, words)."""

    y: tuple[float, ...]
    headings: tuple[tuple[float, Text], ...]
    height: float


def stack_rows(groups: Sequence[Text], row_mm: float) -> Rows:
    """Rows under a heading wherever the group changes; no headings where there is none.

    >>> stack_rows([{}, {}], 5.0).y
    (2.5, 7.5)
    """
    top, y, headings = 0.0, [], []
    for index, group in enumerate(groups):
        if group and (index == 0 or group != groups[index - 1]):
            top += GAP_MM if index else 0.0
            headings.append((top + HEADING_MM / 2, group))
            top += HEADING_MM
        y.append(top + row_mm / 2)
        top += row_mm
    return Rows(tuple(y), tuple(headings), top)


def side_by_side(groups: Sequence[Text], row_mm: float, highest: float = HIGHEST_MM) -> list[slice]:
    """Rows divided into the fewest columns that are not higher than a page, about equally high.

    A group stays together, unless it is a column's worth by itself.

    >>> a, b = {"en": "a"}, {"en": "b"}
    >>> side_by_side([a, a, b, b], 4.0, 15.0)
    [slice(0, 2, None), slice(2, 4, None)]
    """
    count = len(groups)
    ends = [k for k in range(1, count) if groups[k] != groups[k - 1] or not groups[k]]
    for columns in range(1, max(count, 1) + 1):
        cuts = [0]
        for column in range(1, columns):
            wanted = column * count / columns
            later = [end for end in ends if end > cuts[-1]]
            cuts.append(min(later or [cuts[-1]], key=lambda end: abs(end - wanted)))
        parts = [slice(a, b) for a, b in zip(cuts, [*cuts[1:], count], strict=True) if a < b]
        if all(stack_rows(groups[part], row_mm).height <= highest for part in parts) or len(ends) < columns:
            return parts
    return [slice(0, count)]


def height_of(groups: Sequence[Text], row_mm: float) -> float:
    """Millimetres of the highest of the columns in which the rows stand."""
    return max(stack_rows(groups[part], row_mm).height for part in side_by_side(groups, row_mm))


def bands(rows: Rows, row_mm: float) -> list[tuple[float, float]]:
    """(start, end) of every run of rows that no heading interrupts: where lines may be drawn."""
    runs: list[tuple[float, float]] = []
    for y in rows.y:
        start, end = y - row_mm / 2, y + row_mm / 2
        if runs and abs(runs[-1][1] - start) < 1e-6:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def label_width(texts: Sequence[Text], size: float = SMALL) -> float:
    """Millimetres of the widest label in any language, so that every language has the same layout."""
    return max((text_extent(say(text, lang), size)[0] for text in texts for lang in LANGUAGES), default=0.0)


def texts_in(frame: pd.DataFrame, column: str) -> list[Text]:
    """The wordings of a column; a plain name is a wording in every language."""
    return [cell if isinstance(cell, dict) else {"en": str(cell)} for cell in frame[column]]


def draw_labels(
    axes: Axes, rows: Rows, labels: Sequence[Text], lang: str, *, left: float, right: float, top: float
) -> None:
    """Headings from `left`, row labels ending at `right`; distances count down from `top` (millimetres)."""
    for distance, heading in rows.headings:
        axes.text(left, top - distance, say(heading, lang), fontsize=BODY, va="center_baseline", color=INK)
    for distance, label in zip(rows.y, labels, strict=True):
        axes.text(right, top - distance, say(label, lang), fontsize=SMALL, ha="right", va="center_baseline")
