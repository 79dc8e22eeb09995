"""The distribution of answers: stacked bars around the middle of the scale, items by construct."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from research.errors import DataError
from research.questionnaire.definition import Point, Questionnaire, Scale, Text, say
from research.report.cells import print_number
from research.report.figure_rows import (
    Rows,
    bands,
    draw_labels,
    height_of,
    label_width,
    side_by_side,
    stack_rows,
    texts_in,
)
from research.report.fonts import text_extent
from research.report.nouns import Figure
from research.report.style import (
    BODY,
    FAINT,
    HAIR,
    INK,
    MUTED,
    PAGE_MM,
    PAPER,
    SMALL,
    diverging,
    draw_rects,
    ink_on,
    sheet,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

Shares = NDArray[np.float64]
_ROW, _BAR, _EDGE = 4.8, 3.7, 2.0
_AXIS, _LEGEND, _BETWEEN = 9.0, 9.5, 7.0
_SHARE: Text = {"en": "Share of answers (%)", "zh": "占比（%）"}
_LOWEST: Text = {"en": "lowest", "zh": "最低"}
_HIGHEST: Text = {"en": "highest", "zh": "最高"}
_MEAN: Text = {"en": "Mean", "zh": "均值"}


def likert_figure(frame: pd.DataFrame, questionnaire: Questionnaire, *, scale: str | None = None) -> Figure:
    """Shares of every point of the scale, item by item, diverging from the scale's middle.

    frame: answers keyed as they are analysed, a column an item, NaN where missing. Items on all scales
    with the same points are shown; `scale` names one of them, by default the one that most items use.
    Those left out are named in a note. DataError where no item has an answer.
    """
    chosen = questionnaire.scales[scale] if scale else _main_scale(questionnaire)
    shares = likert_shares(frame, questionnaire, chosen)
    if shares.empty:
        raise DataError(f"no item on scale '{chosen.name}' has an answer in these data")
    first = shares["value"] == chosen.low
    height = height_of(texts_in(shares[first], "construct"), _ROW) + _AXIS + _LEGEND + 2 * _EDGE
    shown = {str(item) for item in shares["item"]}
    return Figure(
        title={"en": "Distribution of answers", "zh": "作答分布"},
        frame=shares,
        draw=partial(_draw, scale=_worded(questionnaire, chosen, shown)),
        width=PAGE_MM,
        height=round(height, 1),
        notes=tuple(_notes(questionnaire, shown)),
        alt={
            "en": f"Stacked bars of the answers to {len(shown)} items.",
            "zh": f"{len(shown)} 个题项作答分布的堆积条形图。",
        },
    )


def likert_shares(frame: pd.DataFrame, questionnaire: Questionnaire, scale: Scale) -> pd.DataFrame:
    """Tidy shares: `construct item value n share mean`, a row a point of each item with those points."""
    import pandas as pd

    rows = []
    for construct in questionnaire.constructs:
        for item in construct.items:
            alike = _values(questionnaire.scales[item.scale]) == _values(scale)
            if not alike or item.id not in frame or not frame[item.id].notna().any():
                continue
            answers = frame[item.id].dropna()
            for point in scale.points:
                n = int((answers == point.value).sum())
                rows.append(
                    (construct.label, item.id, point.value, n, n / len(answers), float(answers.mean()))
                )
    return pd.DataFrame(rows, columns=["construct", "item", "value", "n", "share", "mean"])


def _values(scale: Scale) -> tuple[int, ...]:
    return tuple(point.value for point in scale.points)


def _main_scale(questionnaire: Questionnaire) -> Scale:
    """A scale with the points that most items have."""
    used = [questionnaire.scales[item.scale] for item in questionnaire.items]
    points = [_values(scale) for scale in used]
    most = max(dict.fromkeys(points), key=points.count)
    return next(scale for scale in used if _values(scale) == most)


def _worded(questionnaire: Questionnaire, scale: Scale, shown: set[str]) -> Scale:
    """The scale as the legend names it: its own words, or only lowest and highest where items differ."""
    scales = [questionnaire.scales[item.scale] for item in questionnaire.items if item.id in shown]
    if all(
        [point.label for point in one.points] == [point.label for point in scale.points] for one in scales
    ):
        return scale
    ends = {scale.low: _LOWEST, scale.high: _HIGHEST}
    return replace(scale, points=tuple(Point(p.value, ends.get(p.value, {})) for p in scale.points))


def _notes(questionnaire: Questionnaire, shown: set[str]) -> Iterator[Text]:
    yield {
        "en": "Bars are centred on the middle of the scale; shares of valid answers, in percent.",
        "zh": "条形以量表中点为中心；数字为有效作答的百分比。",
    }
    turned = [item.id for item in questionnaire.items if item.id in shown and item.reverse]
    if turned:
        yield {
            "en": f"Reverse-keyed items are shown turned: {', '.join(turned)}.",
            "zh": f"反向题已转换：{'、'.join(turned)}。",
        }
    left_out = [item.id for item in questionnaire.items if item.id not in shown]
    if left_out:
        yield {
            "en": f"Not shown, for their scale has other points: {', '.join(left_out)}.",
            "zh": f"量表点数不同、未列入图中的题项：{'、'.join(left_out)}。",
        }


def _draw(canvas: Canvas, frame: pd.DataFrame, lang: str, *, scale: Scale) -> None:
    """As many columns of bars side by side as a page's height asks for, on one scale."""
    axes = sheet(canvas)
    width, height = axes.get_xlim()[1], axes.get_ylim()[1]
    items = frame.drop_duplicates("item")
    labels, groups = texts_in(items, "item"), texts_in(items, "construct")
    shares = frame["share"].to_numpy(float).reshape(len(items), len(scale.points))
    middle = (len(scale.points) - 1) / 2
    weights = [1.0 if k < middle else 0.5 if k == middle else 0.0 for k in range(len(scale.points))]
    below = shares @ np.array(weights)
    reach = (-float(below.max()), float((shares.sum(axis=1) - below).max()))
    parts = side_by_side(groups, _ROW)
    column = (width - 2 * _EDGE - _BETWEEN * (len(parts) - 1)) / len(parts)
    top = height - _EDGE - _LEGEND
    for index, part in enumerate(parts):
        start = _EDGE + index * (column + _BETWEEN)
        left = start + 3 + label_width(labels) + 2
        right = start + column - label_width([_MEAN]) - 4
        rows = stack_rows(groups[part], _ROW)
        draw_labels(axes, rows, labels[part], lang, left=start, right=left - 2, top=top)
        unit = (right - left) / (reach[1] - reach[0])
        zero = left - reach[0] * unit
        _draw_axis(axes, rows, lang, zero=zero, unit=unit, reach=reach, top=top)
        _draw_bars(axes, rows, shares[part], zero - below[part] * unit, unit, top)
        edge = start + column
        for distance, mean in zip(rows.y, items["mean"].iloc[part], strict=True):
            text = print_number(float(mean), 2)
            axes.text(edge, top - distance, text, fontsize=SMALL, ha="right", va="center_baseline")
        axes.text(edge, top + 1.5, say(_MEAN, lang), fontsize=SMALL, ha="right", va="baseline", color=MUTED)
    inner = _EDGE + 5 + label_width(labels), width - _EDGE - label_width([_MEAN]) - 4
    _draw_legend(axes, scale, lang, left=inner[0], right=inner[1], y=height - _EDGE - 3.2)


def _draw_bars(axes: Axes, rows: Rows, shares: Shares, starts: Shares, unit: float, top: float) -> None:
    """The bars of one column of rows; shares, shape (rows, points), starts in millimetres, shape (rows,)."""
    middle = (shares.shape[1] - 1) / 2
    colours = [diverging((k - middle) / max(middle, 1)) for k in range(shares.shape[1])]
    rects: list[tuple[float, float, float, float]] = []
    for distance, row, x in zip(rows.y, shares.tolist(), starts.tolist(), strict=True):
        for share, colour in zip(row, colours, strict=True):
            rects.append((x, top - distance - _BAR / 2, share * unit, _BAR))
            _print_share(axes, x, top - distance, share, unit, ink_on(colour))
            x += share * unit
    draw_rects(axes, rects, colours * len(shares))


def _draw_axis(
    axes: Axes, rows: Rows, lang: str, *, zero: float, unit: float, reach: tuple[float, float], top: float
) -> None:
    bottom = top - rows.height - 0.8
    for percent in range(-100, 101, 25):
        if reach[0] <= percent / 100 <= reach[1]:
            x = zero + percent / 100 * unit
            colour = MUTED if percent == 0 else FAINT
            for start, end in bands(rows, _ROW):  # a line through a heading would strike it out
                axes.plot([x, x], [top - start, top - end], color=colour, lw=HAIR, zorder=0)
            axes.plot([x, x], [bottom, bottom + 0.8], color=MUTED, lw=HAIR)
            axes.text(x, bottom - 1, str(abs(percent)), fontsize=SMALL, ha="center", va="top")
    axes.text(
        (zero + reach[0] * unit + zero + reach[1] * unit) / 2,
        bottom - 4.2,
        say(_SHARE, lang),
        fontsize=BODY,
        ha="center",
        va="top",
    )


def _print_share(axes: Axes, x: float, y: float, share: float, unit: float, ink: str) -> None:
    """The percentage in its bar, where it fits."""
    text = print_number(100 * share, 0)
    if text_extent(text, SMALL)[0] + 0.8 <= share * unit:
        middle = x + share * unit / 2
        axes.text(middle, y, text, fontsize=SMALL, ha="center", va="center_baseline", color=ink)


def _draw_legend(axes: Axes, scale: Scale, lang: str, *, left: float, right: float, y: float) -> None:
    """One swatch a point with its value, the words of the ends (or of every point, where they fit) beside."""
    from matplotlib.patches import Rectangle

    count, size = len(scale.points), 4.2
    words = [say(point.label, lang) for point in scale.points]
    all_labelled = all(words) and count <= 7
    widths = [text_extent(word, SMALL)[0] + 1.2 if word and all_labelled else 0.0 for word in words]
    total = sum(size + width + 2.0 for width in widths)
    spread = all_labelled and total <= right - left
    x = (left + right) / 2 - (total if spread else count * size) / 2
    if not spread and words[0]:
        axes.text(x - 1.2, y, words[0], fontsize=SMALL, ha="right", va="center_baseline")
    for k, point in enumerate(scale.points):
        colour = diverging((k - (count - 1) / 2) / max((count - 1) / 2, 1))
        axes.add_patch(Rectangle((x, y - _BAR / 2), size, _BAR, facecolor=colour, edgecolor=PAPER, lw=0.4))
        axes.text(
            x + size / 2,
            y,
            str(point.value),
            fontsize=SMALL,
            ha="center",
            va="center_baseline",
            color=ink_on(colour),
        )
        x += size
        if spread:
            axes.text(x + 1.2, y, words[k], fontsize=SMALL, va="center_baseline", color=INK)
            x += widths[k] + 2.0
    if not spread and words[-1]:
        axes.text(x + 1.2, y, words[-1], fontsize=SMALL, va="center_baseline")
