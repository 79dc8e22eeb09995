"""Segments as lines over the variables that make them, and the four types of loyalty as a map of dots."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.provenance import stream
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import print_number
from research.report.figure_axes import ticks_inside
from research.report.figure_rows import label_width
from research.report.fonts import text_extent
from research.report.labels import LANGUAGES, label_of
from research.report.nouns import Figure
from research.report.segment_words import origin_note, segment_label
from research.report.style import (
    BODY,
    FAINT,
    HAIR,
    INK,
    LINE,
    MARKERS,
    MUTED,
    PAGE_MM,
    PALETTE,
    SMALL,
)  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from research.segments.typology import Typology

_MEAN: Text = {"en": "Mean", "zh": "均值"}
_Z: Text = {"en": "Standardized mean", "zh": "标准化均值"}
_EDGE, _KEY = 2.5, 4.4
_ORDER = ("true", "latent", "spurious", "none")


def profile_figure(
    means: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    standardized: bool = True,
    shares: Mapping[str, float] | None = None,
    width: float = PAGE_MM,
    simulated: bool = False,
) -> Figure:
    """A line a segment over the variables: `means` of a profile, with their intervals.

    `standardized`: in standard deviations from the mean of everybody, so that variables of different units
    stand side by side. `shares`: of the segments, as the legend prints them; None: those of the respondents
    who answered the first variable.
    """
    if not len(means):
        raise DataError("a profile plot needs the means of at least one number (Clusters.profile.means)")
    frame = means.reset_index(drop=True).assign(position=0)
    names = list(dict.fromkeys(str(name) for name in frame["variable"]))
    frame["position"] = [names.index(str(name)) for name in frame["variable"]]
    frame["share"] = _shares(frame, shares)
    slot = (width - 20) / max(1, len(names)) - 2
    labels = [_in_lines(label_of(name, questionnaire), slot) for name in names]
    column = "z" if standardized else "mean"
    longest = label_width(labels)
    upright = longest > slot
    if upright:
        labels = [label_of(name, questionnaire) for name in names]
    lines = max(text.count("\n") for label in labels for text in label.values()) + 1
    room = min(label_width(labels), 42.0) * 0.72 + 3.0 if upright else 3.0 + 3.0 * lines
    return Figure(
        title={"en": "Profile of the segments", "zh": "各群体特征剖面图"},
        frame=frame,
        draw=partial(_draw_profile, labels=labels, column=column, room=room, upright=upright),
        width=width,
        height=round(58 + room + _KEY * _key_rows(frame, width), 1),
        notes=(
            {
                "en": "Means with 95% confidence intervals"
                + (", in standard deviations from the mean of all respondents." if column == "z" else "."),
                "zh": "均值及其 95% 置信区间"
                + ("，以全体均值为零点、标准差为单位。" if column == "z" else "。"),
            },
            *origin_note(simulated=simulated),
        ),
        alt={
            "en": f"Lines of {frame['segment'].nunique()} segments over {len(names)} variables.",
            "zh": f"{frame['segment'].nunique()} 个群体在 {len(names)} 个变量上的均值折线。",
        },
    )


def _shares(frame: pd.DataFrame, shares: Mapping[str, float] | None) -> list[float]:
    """The share of each row's segment."""
    if shares is None:
        first = frame[frame["position"] == 0]
        total = float(first["n"].sum())
        shares = {str(name): float(n) / total for name, n in zip(first["segment"], first["n"], strict=True)}
    return [float(shares[str(name)]) for name in frame["segment"]]


def _in_lines(label: Text, slot: float) -> Text:
    """The label on two lines in a language in which it is wider than `slot` millimetres."""
    return {lang: _broken(text, slot) for lang, text in label.items()}


def _broken(text: str, slot: float) -> str:
    words = text.split(" ")
    if len(words) < 2 or text_extent(text, SMALL)[0] <= slot:
        return text
    pairs = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return "\n".join(min(pairs, key=lambda pair: max(text_extent(part, SMALL)[0] for part in pair)))


def _segments(frame: pd.DataFrame) -> list[tuple[str, Text]]:
    """Each segment and how the legend calls it, with its share."""
    first = frame[frame["position"] == 0]
    found: list[tuple[str, Text]] = []
    for name, part in zip(first["segment"], first["share"], strict=True):
        label = segment_label(str(name))
        share = print_number(100 * float(part), 0)
        words = {lang: f"{say(label, lang)} ({share}%)" for lang in LANGUAGES}
        words["zh"] = words["zh"].replace(" (", "（").replace(")", "）")
        found.append((str(name), words))
    return found


def _per_row(frame: pd.DataFrame, width: float) -> int:
    return max(1, int((width - 10) // (label_width([label for _, label in _segments(frame)]) + 12)))


def _key_rows(frame: pd.DataFrame, width: float) -> int:
    return -(-len(_segments(frame)) // _per_row(frame, width))


def _draw_profile(
    canvas: Canvas,
    frame: pd.DataFrame,
    lang: str,
    *,
    labels: list[Text],
    column: str,
    room: float,
    upright: bool,
) -> None:
    width, height = canvas.get_size_inches() * 25.4
    left, key = 13.0, _KEY * _key_rows(frame, width) + 1.5
    box = (left, room + 1.5, width - left - _EDGE, height - room - 1.5 - key)
    axes = canvas.add_axes(tuple(part / size for part, size in zip(box, (width, height) * 2, strict=True)))
    segments = _segments(frame)
    for number, (name, label) in enumerate(segments):
        own = frame[frame["segment"].astype(str) == name].sort_values("position")
        x = own["position"].to_numpy(float) + (number - (len(segments) - 1) / 2) * 0.06
        y = own[column].to_numpy(float)
        ends = ("z_low", "z_high") if column == "z" else ("low", "high")
        low, high = (own[end].to_numpy(float) for end in ends)
        colour = PALETTE[number % len(PALETTE)]
        marker = MARKERS[number % len(MARKERS)]
        axes.plot(x, y, color=colour, lw=1.2, marker=marker, ms=3.6, label=say(label, lang))
        axes.vlines(x, low, high, color=colour, lw=LINE)
    if column == "z":
        axes.axhline(0, color=MUTED, lw=HAIR, zorder=0)
    shown = [_wrapped(say(label, lang)) for label in labels]
    axes.set_xticks(range(len(labels)), shown, fontsize=SMALL)
    if upright:
        for tick in axes.get_xticklabels():
            tick.set(rotation=35, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.4, len(labels) - 0.6)
    axes.set_ylabel(say(_Z if column == "z" else _MEAN, lang), fontsize=BODY)
    axes.tick_params(axis="y", length=2.0, color=MUTED)
    ticks_inside(axes, "y", 6)
    canvas.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, 1 - 0.6 / height),
        ncols=_per_row(frame, width),
        fontsize=SMALL,
        frameon=False,
        borderpad=0,
        handlelength=2.2,
    )


def _wrapped(text: str) -> str:
    return text if len(text) <= 34 else text[:33] + "…"


def typology_figure(
    found: Typology,
    questionnaire: Questionnaire | None = None,
    *,
    width: float = 120.0,
    height: float = 104.0,
) -> Figure:
    """Respondents by attitude and behaviour, the two cuts, and the share of each type in its corner.

    Equal answers are spread a little, so that they are seen as many.
    """
    import pandas as pd

    rows = found.rows[found.rows["type"].notna()].rename(
        columns={found.attitude: "attitude", found.behaviour: "behaviour"}
    )
    if not len(rows):
        raise DataError("no respondent has a type; there is nothing to draw")
    frame = pd.DataFrame(rows[["attitude", "behaviour", "type"]]).reset_index(drop=True)
    frame["cut_attitude"], frame["cut_behaviour"] = (
        found.cuts[name] for name in (found.attitude, found.behaviour)
    )
    axes = (label_of(found.attitude, questionnaire), label_of(found.behaviour, questionnaire))
    return Figure(
        title={"en": "Types of loyalty", "zh": "忠诚类型"},
        frame=frame,
        draw=partial(_draw_typology, axes_labels=axes),
        width=width,
        height=height,
        notes=(
            {
                "en": "Dotted lines: the cuts. Dots are spread a little where answers are equal.",
                "zh": "虚线为划分界限；得分相同的点略作错开。",
            },
            *origin_note(simulated=found.simulated),
        ),
        alt={
            "en": f"Scatter of {len(frame)} respondents by attitude and behaviour in four quadrants.",
            "zh": f"{len(frame)} 名受访者按态度与行为分布的四象限散点图。",
        },
    )


def _draw_typology(canvas: Canvas, frame: pd.DataFrame, lang: str, *, axes_labels: tuple[Text, Text]) -> None:
    width, height = canvas.get_size_inches() * 25.4
    left, bottom, strip = 12.0, 10.5, 5.5
    box = (left, bottom + strip, width - left - _EDGE, height - bottom - 2 * strip - 1.5)
    axes = canvas.add_axes(tuple(part / size for part, size in zip(box, (width, height) * 2, strict=True)))
    rng = stream(1, "figure/typology")
    scores = {}
    for name in ("behaviour", "attitude"):
        values = frame[name].to_numpy(float)
        step = float(np.diff(np.unique(values)).min(initial=1.0))
        scores[name] = values + rng.uniform(-0.3, 0.3, len(values)) * step
        low, high = values.min() - 0.6 * step, values.max() + 0.6 * step
        (axes.set_xlim if name == "behaviour" else axes.set_ylim)(low, high)
    n = len(frame)
    for number, name in enumerate(_ORDER):
        own = (frame["type"] == name).to_numpy()
        axes.plot(
            scores["behaviour"][own],
            scores["attitude"][own],
            MARKERS[number],
            color=PALETTE[number],
            ms=2.6,
            alpha=0.55,
            mew=0,
        )
        x, y = (0 if name in ("latent", "none") else 1), (1 if name in ("true", "latent") else 0)
        label = f"{say(segment_label(name), lang)} {print_number(100 * own.sum() / n, 0)}%"
        _corner(axes, label, x, y, PALETTE[number], strip / (height - bottom - 2 * strip - 1.5))
    axes.axvline(float(frame["cut_behaviour"].iloc[0]), color=INK, lw=HAIR, ls=(0, (2, 2)))
    axes.axhline(float(frame["cut_attitude"].iloc[0]), color=INK, lw=HAIR, ls=(0, (2, 2)))
    axes.set_xlabel(say(axes_labels[1], lang), fontsize=BODY)
    axes.set_ylabel(say(axes_labels[0], lang), fontsize=BODY)
    axes.tick_params(axis="y", length=2.0, color=MUTED)
    axes.tick_params(axis="x", pad=strip / 25.4 * 72 + 2)
    for which in ("x", "y"):
        ticks_inside(axes, "x" if which == "x" else "y", 7)
    axes.spines["left"].set_color(FAINT)


def _corner(axes: Axes, label: str, x: int, y: int, colour: str, strip: float) -> None:
    """The type's name outside the plane, above or below its quadrant."""
    axes.text(
        0.005 + 0.99 * x,
        1 + strip / 2 if y else -strip / 2,
        label,
        transform=axes.transAxes,
        ha="right" if x else "left",
        va="center_baseline",
        fontsize=BODY,
        color=colour,
    )
