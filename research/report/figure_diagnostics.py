"""Four looks at the residuals of a regression: shape, normality, spread and pull of single rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from research.numerics.arrays import Vector
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.figure_axes import ticks_inside
from research.report.labels import label_of
from research.report.nouns import Figure
from research.report.style import ACCENT, BODY, HAIR, INK, MUTED, PAGE_MM, SMALL, WARM

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from research.structure.diagnostics import Diagnostics

_PANELS: tuple[tuple[Text, Text, Text], ...] = (  # title, horizontal, vertical
    (
        {"en": "Linearity", "zh": "线性"},
        {"en": "Fitted value", "zh": "拟合值"},
        {"en": "Residual", "zh": "残差"},
    ),
    (
        {"en": "Normality", "zh": "正态性"},
        {"en": "Normal quantile", "zh": "正态分位数"},
        {"en": "Standardized residual", "zh": "标准化残差"},
    ),
    (
        {"en": "Equal variances", "zh": "等方差"},
        {"en": "Fitted value", "zh": "拟合值"},
        {"en": "√|standardized residual|", "zh": "√|标准化残差|"},
    ),
    (
        {"en": "Influence", "zh": "影响"},
        {"en": "Leverage", "zh": "杠杆值"},
        {"en": "Standardized residual", "zh": "标准化残差"},
    ),
)
_NAMED = 3  # rows with the largest Cook's distances carry their number
_COOK = (0.5, 1.0)
_SPECK = 0.08  # share of the width that a contour has to run through the picture


def diagnostic_figure(
    found: Diagnostics,
    questionnaire: Questionnaire | None = None,
    *,
    width: float = PAGE_MM,
    height: float = 140.0,
) -> Figure:
    """Residuals and fitted values, quantiles, spread, and leverage with contours of Cook's distance."""
    outcome = label_of(found.outcome, questionnaire)
    k = len(found.collinearity)
    return Figure(
        title={
            "en": f"Residuals of the regression of {outcome.get('en', found.outcome)}",
            "zh": f"{say(outcome, 'zh')}回归模型的残差图",
        },
        frame=found.rows,
        draw=partial(_draw, k=k),
        width=width,
        height=height,
        notes=(
            {
                "en": "Solid curves: local means. Dashed, where they run through the picture: Cook's "
                "distances of 0.5 and 1. Numbers: the rows with the largest Cook's distances.",
                "zh": "实线为局部均值，虚线（若落在图内）为 Cook 距离 0.5 与 1 的等值线，"
                "数字为 Cook 距离最大的样本行号。",
            },
        ),
        alt={
            "en": f"Four diagnostic plots of {len(found.rows)} residuals.",
            "zh": f"{len(found.rows)} 个残差的四幅诊断图。",
        },
    )


def _draw(canvas: Canvas, frame: pd.DataFrame, lang: str, *, k: int) -> None:
    width, height = canvas.get_size_inches() * 25.4
    left, bottom, gap_x, gap_y, top, right = 14.0, 11.0, 16.0, 18.0, 6.0, 4.0
    wide, tall = (width - left - gap_x - right) / 2, (height - bottom - gap_y - top) / 2
    named = frame.nlargest(_NAMED, "cooks_distance").index.tolist()
    columns = ("fitted", "residual", "standardized", "leverage")
    values = {name: frame[name].to_numpy(dtype=float) for name in columns}
    labels = [str(int(row)) for row in frame["row"]]
    quantiles = _normal_quantiles(values["standardized"])
    pairs = (
        (values["fitted"], values["residual"]),
        (quantiles, values["standardized"]),
        (values["fitted"], np.sqrt(np.abs(values["standardized"]))),
        (values["leverage"], values["standardized"]),
    )
    for place, ((title, across, up), (x, y)) in enumerate(zip(_PANELS, pairs, strict=True)):
        column, row = place % 2, place // 2
        box = (left + column * (wide + gap_x), bottom + (1 - row) * (tall + gap_y), wide, tall)
        axes = canvas.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))
        usable = np.isfinite(x) & np.isfinite(y)
        axes.plot(x[usable], y[usable], "o", ms=2.4, mfc=ACCENT, mec="none", alpha=0.45)
        _limits(axes, x[usable], y[usable])
        if place in (0, 2):
            _local_mean(axes, x[usable], y[usable])
        if place in (0, 3):
            axes.axhline(0, color=MUTED, lw=HAIR)
        if place == 1:
            axes.axline((0, 0), slope=1, color=MUTED, lw=HAIR)
        if place == 3:
            _cook_contours(axes, k)
        _name_rows(axes, x, y, labels, named)
        axes.set_title(say(title, lang), fontsize=BODY, loc="left", pad=3)
        axes.set_xlabel(say(across, lang), fontsize=BODY)
        axes.set_ylabel(say(up, lang), fontsize=BODY)
        axes.tick_params(axis="y", length=2.0, color=MUTED)
        ticks_inside(axes, "x", 6)
        ticks_inside(axes, "y", 6)


def _normal_quantiles(values: Vector) -> Vector:
    """Of each value by its rank, (i - 3/8) / (n + 1/4) as Blom (1958)."""
    from scipy.special import ndtri

    out = np.full(len(values), np.nan)
    usable = np.flatnonzero(np.isfinite(values))
    order = usable[np.argsort(values[usable], kind="stable")]
    out[order] = ndtri((np.arange(1, len(order) + 1) - 0.375) / (len(order) + 0.25))
    return out


def _limits(axes: Axes, x: Vector, y: Vector) -> None:
    for values, put in ((x, axes.set_xlim), (y, axes.set_ylim)):
        room = 0.08 * float(np.ptp(values)) or 1.0
        put(float(values.min()) - room, float(values.max()) + room)


def _local_mean(axes: Axes, x: Vector, y: Vector) -> None:
    """A kernel mean over 41 places (Nadaraya 1964), with a bandwidth of a seventh of the range."""
    width = float(np.ptp(x)) / 7
    if width <= 0 or len(x) < 8:
        return
    at = np.linspace(float(x.min()), float(x.max()), 41)
    weight = np.exp(-0.5 * ((at[:, None] - x) / width) ** 2)
    axes.plot(at, weight @ y / weight.sum(axis=1), color=WARM, lw=1.1)


def _cook_contours(axes: Axes, k: int) -> None:
    """Standardized residuals at which Cook's distance is 0.5 and 1: r^2 = D k (1 - h) / h.

    A contour that only touches a corner of the picture is a speck, and is left out.
    """
    low, high = axes.get_xlim()
    h = np.linspace(max(low, 1e-3), min(high, 0.999), 200)
    for level in _COOK:
        r = np.sqrt(level * k * (1 - h) / h)
        for sign, end in zip((-1, 1), axes.get_ylim(), strict=True):
            if (r < abs(end)).mean() < _SPECK:
                continue
            axes.plot(h, sign * r, color=INK, lw=HAIR, ls=(0, (4, 3)), scalex=False, scaley=False)


def _name_rows(axes: Axes, x: Vector, y: Vector, labels: list[str], named: list[int]) -> None:
    """The rows' numbers beside their points, on the side where there is room; none upon another."""
    (low, high), (floor, roof) = axes.get_xlim(), axes.get_ylim()
    taken: list[tuple[float, float]] = []
    for at in named:
        across, up = (float(x[at]) - low) / (high - low), (float(y[at]) - floor) / (roof - floor)
        if not np.isfinite(across + up) or any(
            abs(across - a) < 0.14 and abs(up - b) < 0.09 for a, b in taken
        ):
            continue
        taken.append((across, up))
        side = -1 if across > 0.8 else 1
        axes.plot(x[at], y[at], "o", ms=4.5, mfc="none", mec=WARM, mew=0.7)
        axes.annotate(
            labels[at],
            (float(x[at]), float(y[at])),
            xytext=(4.0 * side, 0),
            textcoords="offset points",
            fontsize=SMALL,
            ha="left" if side > 0 else "right",
            va="center",
        )
