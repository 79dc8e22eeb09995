"""Component plus residual of every predictor: whether each acts in a straight line."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Vector
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.figure_axes import ticks_inside
from research.report.labels import label_of
from research.report.nouns import Figure
from research.report.style import ACCENT, BODY, MUTED, PAGE_MM, WARM

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas

    from research.structure.diagnostics import Diagnostics

SPAN = 2 / 3  # of the rows in each local line (Cleveland 1979)
MOST = 12  # panels that a page holds
_ROW_MM = 52.0
_PARTIAL: Text = {"en": "Partial residual", "zh": "偏残差"}


def partial_residual_figure(
    found: Diagnostics, questionnaire: Questionnaire | None = None, *, width: float = PAGE_MM
) -> Figure:
    """One panel a predictor that is a number: b (x - mean) + residual, its line, and a LOESS curve.

    Where the curve leaves the line, the relation is not straight (Ezekiel 1924; Larsen & McCleary 1972; the
    curve by robust locally weighted lines, Cleveland 1979). Predictors inside products act through them and
    show only their own part. DataError where no predictor is a number.
    """
    terms = list(dict.fromkeys(found.components["term"]))
    if not terms:
        raise DataError("no predictor of this regression is a number; categories have no straight line.")
    shown = terms[:MOST]
    frame = found.components[found.components["term"].isin(shown)]
    outcome = label_of(found.outcome, questionnaire)
    labels = {str(term): label_of(str(term).strip("`"), questionnaire) for term in shown}
    columns = min(len(shown), 2 if len(shown) in (1, 2, 4) else 3)
    rows = -(-len(shown) // columns)
    return Figure(
        title={
            "en": f"Partial residuals of the regression of {say(outcome, 'en')}",
            "zh": f"{say(outcome, 'zh')}回归模型的偏残差图",
        },
        frame=frame,
        draw=partial(_draw, labels=labels, columns=columns),
        width=width if columns > 1 else width / 2,
        height=_ROW_MM * rows,
        notes=(_note(len(terms) - len(shown)),),
        alt={
            "en": f"Partial residual plots of {len(shown)} predictors.",
            "zh": f"{len(shown)} 个预测变量的偏残差图。",
        },
    )


def _note(left_out: int) -> Text:
    en = (
        "Points: what the predictor contributes to the prediction, plus the residual. Straight line: its "
        "coefficient. Curve: local regression (LOESS); where it leaves the line, the relation is not linear."
    )
    zh = (
        "圆点为该变量对预测值的贡献与残差之和，直线的斜率为其回归系数，曲线为局部加权回归（LOESS）；"
        "曲线偏离直线之处，关系并非线性。"
    )
    if left_out:
        en += f" {left_out} further predictors are not shown."
        zh += f"另有 {left_out} 个变量未绘出。"
    return {"en": en, "zh": zh}


def _draw(
    canvas: Canvas,
    frame: pd.DataFrame,
    lang: str,
    *,
    labels: dict[str, Text],
    columns: int,
) -> None:
    width, height = canvas.get_size_inches() * 25.4
    left, bottom, gap_x, gap_y, top, right = 15.0, 11.0, 8.0, 15.0, 3.0, 3.0
    rows = -(-len(labels) // columns)
    wide = (width - left - gap_x * (columns - 1) - right) / columns
    tall = (height - bottom - gap_y * (rows - 1) - top) / rows
    reach = frame["partial"].to_numpy(dtype=np.float64)
    room = 0.06 * float(np.ptp(reach)) or 1.0
    for place, (term, label) in enumerate(labels.items()):
        column, row = place % columns, place // columns
        box = (left + column * (wide + gap_x), bottom + (rows - 1 - row) * (tall + gap_y), wide, tall)
        axes = canvas.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))
        own = frame[frame["term"] == term]
        x, y = own["x"].to_numpy(dtype=np.float64), own["partial"].to_numpy(dtype=np.float64)
        axes.plot(x, y, "o", ms=2.4, mfc=ACCENT, mec="none", alpha=0.4)
        ends = np.array([x.min(), x.max()])
        slope = float((x - x.mean()) @ y / ((x - x.mean()) @ (x - x.mean())))
        axes.plot(ends, slope * (ends - x.mean()) + y.mean(), color=MUTED, lw=0.9, ls=(0, (5, 3)))
        at, curve = smoothed(x, y)
        axes.plot(at, curve, color=WARM, lw=1.3)
        axes.set_xlim(ends[0] - 0.05 * np.ptp(ends), ends[1] + 0.05 * np.ptp(ends))
        axes.set_ylim(float(reach.min()) - room, float(reach.max()) + room)
        axes.set_xlabel(say(label, lang), fontsize=BODY)
        if column == 0:
            axes.set_ylabel(say(_PARTIAL, lang), fontsize=BODY)
        axes.tick_params(axis="y", length=2.0, color=MUTED, labelleft=column == 0)
        ticks_inside(axes, "x", 6)
        ticks_inside(axes, "y", 6)


def smoothed(x: Vector, y: Vector) -> tuple[Vector, Vector]:
    """A LOESS curve at the values of x, at 80 places where there are more; robust to rows far off.

    Empty where x takes fewer than four values, among which nothing can bend.
    """
    from statsmodels.nonparametric.smoothers_lowess import lowess

    values = np.unique(x)
    if len(values) < 4:
        return np.empty(0), np.empty(0)
    at = values if len(values) <= 80 else np.linspace(values[0], values[-1], 80)
    # a window that holds one value of a rating scale has no slope: it grows until it holds three
    counts = np.array([(x == value).sum() for value in values]) if len(values) <= 80 else np.ones(1)
    frac = min(1.0, max(SPAN, 1.05 * float(np.sort(counts)[-3:].sum()) / len(x)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where a local line fails the curve has a gap, left out below
        curve = np.asarray(lowess(y, x, frac=frac, it=3, xvals=at), dtype=np.float64)
    there = np.isfinite(curve)
    return at[there], curve[there]
