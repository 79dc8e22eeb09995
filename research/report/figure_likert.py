"""The distribution of answers: stacked bars around the middle of the scale, items by construct."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from research.errors import DataError
from research.questionnaire.definition import Questionnaire, Scale, Text, say
from research.report.cells import print_number
from research.report.figure_rows import Rows, bands, draw_labels, label_width, stack_rows, texts_in
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
    ink_on,
    sheet,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_ROW, _BAR, _EDGE = 4.8, 3.7, 2.0
_AXIS, _LEGEND = 9.0, 9.5
_SHARE: Text = {"en": "Share of answers (%)", "zh": "占比（%）"}
_MEAN: Text = {"en": "Mean", "zh": "均值"}


def likert_figure(frame: pd.DataFrame, questionnaire: Questionnaire, *, scale: str | None = None) -> Figure:
    """Shares of every point of the scale, item by item, diverging from the scale's middle.

    frame: answers, a column an item, NaN where missing. `scale` names the scale where constructs use
    several; by default the one that most items use. DataError where no item of it has an answer.
    """
    chosen = questionnaire.scales[scale] if scale else _main_scale(questionnaire)
    shares = likert_shares(frame, questionnaire, chosen)
    if shares.empty:
        raise DataError(f"no item on scale '{chosen.name}' has an answer in these data")
    groups = [
        group
        for group, value in zip(texts_in(shares, "construct"), shares["value"], strict=True)
        if value == chosen.low
    ]
    height = stack_rows(groups, _ROW).height + _AXIS + _LEGEND + 2 * _EDGE
    return Figure(
        title={"en": "Distribution of answers", "zh": "作答分布"},
        frame=shares,
        draw=partial(_draw, scale=chosen),
        width=PAGE_MM,
        height=round(height, 1),
        notes=(
            {
                "en": "Bars are centred on the middle of the scale; shares of valid answers, in percent.",
                "zh": "条形以量表中点为中心；数字为有效作答的百分比。",
            },
        ),
        alt={
            "en": f"Stacked bars of the answers to {len(groups)} items.",
            "zh": f"{len(groups)} 个题项作答分布的堆积条形图。",
        },
    )


def likert_shares(frame: pd.DataFrame, questionnaire: Questionnaire, scale: Scale) -> pd.DataFrame:
    """Tidy shares: `construct item value n share mean`, a row a point of each item on the scale."""
    import pandas as pd

    rows = []
    for construct in questionnaire.constructs:
        for item in construct.items:
            if item.scale != scale.name or item.id not in frame or not frame[item.id].notna().any():
                continue
            answers = frame[item.id].dropna()
            for point in scale.points:
                n = int((answers == point.value).sum())
                rows.append(
                    (construct.label, item.id, point.value, n, n / len(answers), float(answers.mean()))
                )
    return pd.DataFrame(rows, columns=["construct", "item", "value", "n", "share", "mean"])


def _main_scale(questionnaire: Questionnaire) -> Scale:
    used = [item.scale for item in questionnaire.items]
    return questionnaire.scales[max(dict.fromkeys(used), key=used.count)]


def _draw(canvas: Canvas, frame: pd.DataFrame, lang: str, *, scale: Scale) -> None:
    axes = sheet(canvas)
    width, height = axes.get_xlim()[1], axes.get_ylim()[1]
    items = frame.drop_duplicates("item")
    rows = stack_rows(texts_in(items, "construct"), _ROW)
    labels = texts_in(items, "item")
    left = _EDGE + 3 + label_width(labels) + 2
    right = width - _EDGE - label_width([_MEAN]) - 4
    top = height - _EDGE - _LEGEND
    draw_labels(axes, rows, labels, lang, left=_EDGE, right=left - 2, top=top)
    shares = frame["share"].to_numpy(float).reshape(len(items), len(scale.points))
    middle = (len(scale.points) - 1) / 2
    below = [
        sum(row[k] * (1.0 if k < middle else 0.5) for k in range(len(row)) if k <= middle) for row in shares
    ]
    lowest, highest = -max(below), max(row.sum() - b for row, b in zip(shares, below, strict=True))
    unit = (right - left) / (highest - lowest)
    zero = left - lowest * unit
    _draw_axis(axes, rows, lang, zero=zero, unit=unit, reach=(lowest, highest), top=top)
    for distance, row, before, mean in zip(rows.y, shares, below, items["mean"], strict=True):
        start = zero - before * unit
        for k, share in enumerate(row):
            _draw_segment(axes, start, top - distance, share, unit, (k - middle) / max(middle, 1))
            start += share * unit
        axes.text(
            width - _EDGE,
            top - distance,
            print_number(float(mean), 2),
            fontsize=SMALL,
            ha="right",
            va="center_baseline",
        )
    axes.text(
        width - _EDGE, top + 1.5, say(_MEAN, lang), fontsize=SMALL, ha="right", va="baseline", color=MUTED
    )
    _draw_legend(axes, scale, lang, left=left, right=right, y=height - _EDGE - 3.2)


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


def _draw_segment(axes: Axes, x: float, y: float, share: float, unit: float, position: float) -> None:
    from matplotlib.patches import Rectangle

    colour = diverging(position)
    axes.add_patch(
        Rectangle((x, y - _BAR / 2), share * unit, _BAR, facecolor=colour, edgecolor=PAPER, lw=0.4)
    )
    text = print_number(100 * share, 0)
    if text_extent(text, SMALL)[0] + 0.8 <= share * unit:
        axes.text(
            x + share * unit / 2,
            y,
            text,
            fontsize=SMALL,
            ha="center",
            va="center_baseline",
            color=ink_on(colour),
        )


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
