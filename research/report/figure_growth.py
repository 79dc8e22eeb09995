"""A growth curve: the mean over the waves with its interval, and the band in which most persons lie."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import print_number
from research.report.figure_axes import ticks_inside
from research.report.labels import label_of
from research.report.nouns import Figure
from research.report.style import ACCENT, BODY, COLUMN_MM, FAINT, MUTED, SMALL

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas

_MEAN: Text = {"en": "mean (95% CI)", "zh": "均值（95% 置信区间）"}
_PERSONS: Text = {"en": "persons (mean ± 1 SD)", "zh": "个体（均值 ± 1 个标准差）"}
_WAVE: Text = {"en": "Wave", "zh": "调查期次"}


def growth_figure(
    curve: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    construct: str,
    width: float = COLUMN_MM,
    height: float = 66.0,
) -> Figure:
    """The frame of `research.growth_curve` as a picture: the waves are numbered from one."""
    of = label_of(construct, questionnaire)
    frame = curve.reset_index(drop=True)
    ends = [print_number(float(frame["estimate"].iloc[at]), 2) for at in (0, -1)]
    return Figure(
        title={
            "en": f"{say(of, 'en')} over the waves",
            "zh": f"{say(of, 'zh')}在各期的变化",
        },
        frame=frame,
        draw=partial(_draw, construct=of),
        width=width,
        height=height,
        notes=(
            {
                "en": "Latent growth curve in units of the construct's first item.",
                "zh": "潜变量增长曲线，单位与该构念的第一个题项相同。",
            },
        ),
        alt={
            "en": f"Mean of {say(of, 'en')}: {ends[0]} at the first wave, {ends[1]} at the last.",
            "zh": f"{say(of, 'zh')}的均值：首期 {ends[0]}，末期 {ends[1]}。",
        },
    )


def _draw(canvas: Canvas, frame: pd.DataFrame, lang: str, *, construct: Text) -> None:
    width, height = canvas.get_size_inches() * 25.4
    left, bottom, right, top = 12.0, 10.5, 3.0, 8.0
    axes = canvas.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
    )
    x = range(1, len(frame) + 1)
    mean, sd = (frame[name].to_numpy(float) for name in ("estimate", "person_sd"))
    axes.fill_between(x, mean - sd, mean + sd, color=FAINT, alpha=0.5, lw=0, label=say(_PERSONS, lang))
    low, high = (frame[name].to_numpy(float) for name in ("low", "high"))
    axes.errorbar(
        x,
        mean,
        yerr=(mean - low, high - mean),
        color=ACCENT,
        marker="o",
        ms=3.5,
        lw=1.3,
        capsize=2.0,
        label=say(_MEAN, lang),
    )
    axes.set_xlim(0.85, len(frame) + 0.15)
    axes.set_xticks(list(x))
    axes.margins(y=0.12)
    axes.set_xlabel(say(_WAVE, lang), fontsize=BODY)
    axes.set_ylabel(say(construct, lang), fontsize=BODY)
    axes.tick_params(axis="y", length=2.0, color=MUTED)
    ticks_inside(axes, "y")
    canvas.legend(
        *axes.get_legend_handles_labels(),
        loc="upper center",
        bbox_to_anchor=(0.5, 1 - 0.8 / height),
        ncols=2,
        fontsize=SMALL,
        frameon=False,
        borderpad=0,
    )
