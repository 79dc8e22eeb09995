"""The scree plot of a parallel analysis: observed eigenvalues against those of random data."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from research.errors import DataError
from research.questionnaire.definition import Text, say
from research.report.nouns import Figure
from research.report.style import BODY, COLUMN_MM, LINE, MUTED, PALETTE, SMALL

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas

_OBSERVED: Text = {"en": "Observed", "zh": "实际数据"}
_SIMULATED: Text = {"en": "Random data (95th percentile)", "zh": "随机数据（第 95 百分位）"}
_NUMBER: Text = {"en": "Component", "zh": "成分序号"}
_FACTOR: Text = {"en": "Factor", "zh": "因子序号"}
_EIGENVALUE: Text = {"en": "Eigenvalue", "zh": "特征值"}


def scree_figure(
    eigenvalues: pd.DataFrame, *, factors: bool = False, width: float = COLUMN_MM, height: float = 62.0
) -> Figure:
    """Eigenvalues with `observed` and `simulated` columns, largest first; retained: above the random ones."""
    if not {"observed", "simulated"} <= set(eigenvalues.columns):
        raise DataError("a scree plot needs the columns observed and simulated (research.parallel_analysis)")
    frame = eigenvalues[["observed", "simulated"]].reset_index(drop=True)
    frame.insert(0, "number", range(1, len(frame) + 1))
    return Figure(
        title={"en": "Parallel analysis", "zh": "平行分析碎石图"},
        frame=frame,
        draw=partial(_draw, number=_FACTOR if factors else _NUMBER),
        width=width,
        height=height,
        alt={
            "en": f"Eigenvalues of {len(frame)} dimensions against those of random data.",
            "zh": f"{len(frame)} 个维度的特征值与随机数据的比较。",
        },
    )


def _draw(canvas: Canvas, frame: pd.DataFrame, lang: str, *, number: Text) -> None:
    width, height = canvas.get_size_inches() * 25.4
    left, bottom, edge = 12.0, 10.5, 2.5
    axes = canvas.add_axes(
        (left / width, bottom / height, (width - left - edge) / width, (height - bottom - edge) / height)
    )
    x = frame["number"].to_numpy(float)
    axes.plot(
        x,
        frame["observed"].to_numpy(float),
        "o-",
        color=PALETTE[0],
        lw=LINE,
        ms=3,
        label=say(_OBSERVED, lang),
    )
    axes.plot(
        x,
        frame["simulated"].to_numpy(float),
        "s--",
        color=PALETTE[1],
        lw=LINE,
        ms=2.4,
        label=say(_SIMULATED, lang),
    )
    axes.set_xlabel(say(number, lang), fontsize=BODY)
    axes.set_ylabel(say(_EIGENVALUE, lang), fontsize=BODY)
    step = max(1, round(len(frame) / 12))
    axes.set_xticks([int(k) for k in x if (k - 1) % step == 0])
    axes.tick_params(axis="y", length=2.0, color=MUTED)
    axes.legend(fontsize=SMALL, loc="upper right", frameon=False)
