"""The Johnson-Neyman figure: an effect along its moderator, shaded where it differs from zero."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import print_number
from research.report.figure_axes import ticks_inside
from research.report.labels import label_of
from research.report.nouns import Figure
from research.report.process_words import point_labels, route_label
from research.report.style import (
    ACCENT,
    BODY,
    FAINT,
    HAIR,
    INK,
    MUTED,
    SMALL,
    WARM,
)  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas

_EFFECT: Text = {"en": "Effect ({share} CI)", "zh": "效应（{share} 置信区间）"}
_REGION: Text = {"en": "significant", "zh": "显著"}
_ELSE: Text = {"en": "not significant", "zh": "不显著"}


def johnson_neyman_figure(
    region: pd.DataFrame,
    values: Sequence[float] = (),
    questionnaire: Questionnaire | None = None,
    *,
    level: float = 0.95,
    width: float = 100.0,
    height: float = 74.0,
) -> Figure:
    """One path of `Process.region()`: the effect with its band, shaded where it is significant.

    The bounds stand on the axis; `values` of the moderator in the sample are drawn as ticks under it.
    DataError where the frame holds several paths: choose by moderator and outcome.
    """
    import pandas as pd

    keys = region[["path", "moderator", "at"]].drop_duplicates()
    if len(keys) != 1:
        listed = "; ".join(f"{path} by {name} {at}".strip() for path, name, at in keys.to_numpy().tolist())
        raise DataError(f"one path is drawn in a figure, and the region has {len(keys)}: {listed or 'none'}.")
    path, moderator, at = (str(key) for key in keys.iloc[0])
    line = region[["value", "estimate", "low", "high"]].assign(kind="line")
    sample = pd.DataFrame({"value": np.asarray(values, dtype=float), "kind": "value"})
    frame = pd.concat([line, sample], ignore_index=True)
    route, name = route_label(path, questionnaire), label_of(moderator, questionnaire)
    where = point_labels([at], questionnaire)[0] if at else {"en": "", "zh": ""}
    note: Text = {
        "en": "Shaded: values of the moderator at which the confidence interval excludes zero.",
        "zh": "阴影部分为置信区间不包含零的调节变量取值。",
    }
    if at:
        note = {"en": f"{note['en']} {where['en']}.", "zh": f"{note['zh']}{where['zh']}。"}
    share = f"{100 * level:g}%"
    return Figure(
        title={
            "en": f"Effect {say(route, 'en')} along {say(name, 'en')}",
            "zh": f"{say(route, 'zh')}的效应随{say(name, 'zh')}的变化",
        },
        frame=frame,
        draw=partial(
            _draw,
            effect={lang: text.format(share=share) for lang, text in _EFFECT.items()},
            moderator=name,
        ),
        width=width,
        height=height,
        notes=(note,),
        alt={lang: _alt(frame, say(name, lang), lang) for lang in ("en", "zh")},
    )


def _draw(canvas: Canvas, frame: pd.DataFrame, lang: str, *, effect: Text, moderator: Text) -> None:
    width, height = canvas.get_size_inches() * 25.4
    left, bottom, right, top = 13.0, 10.5, 3.0, 7.0
    axes = canvas.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
    )
    line = frame[frame["kind"] == "line"]
    x, b, low, high = (line[name].to_numpy(float) for name in ("value", "estimate", "low", "high"))
    runs = _runs(x, low, high)
    for start, end, significant in runs:
        inside = (x >= start) & (x <= end)
        colour = ACCENT if significant else MUTED
        if significant:
            axes.axvspan(start, end, color=ACCENT, alpha=0.07, lw=0)
        axes.fill_between(x[inside], low[inside], high[inside], color=colour, alpha=0.22, lw=0)
        axes.plot(x[inside], b[inside], color=colour, lw=1.4)
    axes.axhline(0, color=INK, lw=HAIR)
    sample = frame["value"][frame["kind"] == "value"].to_numpy(float)
    if len(sample):
        axes.plot(
            sample,
            np.full(len(sample), 0.025),
            "|",
            color=FAINT,
            ms=5,
            mew=0.5,
            transform=axes.get_xaxis_transform(),
        )
    starts = [start for start, _, _ in runs[1:]]
    room = 11.0 / (width - left - right) * float(x[-1] - x[0])  # that two numbers take side by side
    close = len(starts) == 2 and starts[1] - starts[0] < room
    for place, start in enumerate(starts):
        axes.axvline(start, color=WARM, lw=HAIR, ls=(0, (4, 2)))
        axes.text(
            start,
            1.02,
            print_number(start, 2),
            fontsize=SMALL,
            color=WARM,
            ha=("right", "left")[place] if close else "center",
            va="bottom",
            transform=axes.get_xaxis_transform(),
        )
    axes.set_xlim(float(x[0]), float(x[-1]))
    axes.set_xlabel(say(moderator, lang), fontsize=BODY)
    axes.set_ylabel(say(effect, lang), fontsize=BODY)
    axes.tick_params(axis="y", length=2.0, color=MUTED)
    ticks_inside(axes, "x")
    ticks_inside(axes, "y")


def _runs(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[tuple[float, float, bool]]:
    """(start, end, significant) of every stretch of the line; bounds are among the values of x."""
    middle = (low[1:] + low[:-1]) / 2 > 0
    middle |= (high[1:] + high[:-1]) / 2 < 0
    runs: list[tuple[float, float, bool]] = []
    for start, end, significant in zip(x[:-1], x[1:], middle, strict=True):
        if runs and runs[-1][2] == bool(significant):
            runs[-1] = (runs[-1][0], float(end), runs[-1][2])
        else:
            runs.append((float(start), float(end), bool(significant)))
    return runs


def _alt(frame: pd.DataFrame, name: str, lang: str) -> str:
    line = frame[frame["kind"] == "line"]
    x, low, high = (line[column].to_numpy(float) for column in ("value", "low", "high"))
    parts = [
        f"{print_number(start, 2)} – {print_number(end, 2)}: {say(_REGION if significant else _ELSE, lang)}"
        for start, end, significant in _runs(x, low, high)
    ]
    return f"{name}: {'; '.join(parts)}." if lang == "en" else f"{name}：{'；'.join(parts)}。"
