"""The importance–performance map: drivers in four quadrants, their names where nothing else stands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Matrix, Vector
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.figure_axes import ticks_inside
from research.report.fonts import text_extent
from research.report.labels import joined, label_of
from research.report.nouns import Figure
from research.report.segment_words import QUADRANTS, origin_note
from research.report.style import BODY, HAIR, INK, LINE, MUTED, PALETTE, SMALL

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from research.segments.importance_performance import ImportancePerformance

_LEFT, _BOTTOM, _EDGE, _STRIP = 12.5, 10.5, 3.0, 5.0
_IMPORTANCE: Text = {"en": "Importance (total effect)", "zh": "重要性（总效应）"}
_PERFORMANCE: Text = {"en": "Performance (0–100)", "zh": "绩效（0–100 分）"}
# Where each quadrant is called by its name: to the right or left, above or below.
_CORNERS = {
    "keep up": (1, 1),
    "concentrate here": (1, 0),
    "low priority": (0, 0),
    "possible overkill": (0, 1),
}


def importance_performance_figure(
    found: ImportancePerformance,
    questionnaire: Questionnaire | None = None,
    *,
    level: str = "construct",
    width: float = 140.0,
    height: float = 110.0,
) -> Figure:
    """The map of one `level`: "construct", "component" or "indicator"; DataError where there is none."""
    frame = found.frame[found.frame["level"] == level].reset_index(drop=True)
    if not len(frame):
        known = ", ".join(dict.fromkeys(str(name) for name in found.frame["level"]))
        raise DataError(f"the map has no level '{level}'; there are {known}.")
    x, y = found.lines[level]
    frame = frame.assign(line_importance=x, line_performance=y)
    names = [label_of(str(name), questionnaire) for name in frame["name"]]
    of = label_of(found.outcome, questionnaire)
    line: Text = {"en": "means", "zh": "均值"} if found.line == "mean" else {"en": "medians", "zh": "中位数"}
    return Figure(
        title=joined("", [{"en": "Importance and performance: ", "zh": "重要性–绩效图："}, of]),
        frame=frame,
        draw=partial(_draw, names=names),
        width=width,
        height=height,
        notes=(
            {
                "en": f"Lines at the {line['en']}. Horizontal bars: 95% intervals of the importance.",
                "zh": f"分界线为{line['zh']}；横线为重要性的 95% 置信区间。",
            },
            *origin_note(simulated=found.simulated),
        ),
        alt={
            "en": f"{len(frame)} drivers by importance and performance in four quadrants.",
            "zh": f"{len(frame)} 个驱动因素按重要性与绩效分布于四个象限。",
        },
    )


def _draw(canvas: Canvas, frame: pd.DataFrame, lang: str, *, names: list[Text]) -> None:
    width, height = canvas.get_size_inches() * 25.4
    inner = (width - _LEFT - _EDGE, height - _BOTTOM - 2 * _STRIP - 1.5)
    box = (_LEFT, _BOTTOM + _STRIP, *inner)
    axes = canvas.add_axes(tuple(part / size for part, size in zip(box, (width, height) * 2, strict=True)))
    x, y = frame["importance"].to_numpy(float), frame["performance"].to_numpy(float)
    low, high = (np.where(np.isfinite(frame[end]), frame[end], x) for end in ("low", "high"))
    axes.set_ylim(*_limits(y, 0.14))
    bars = bool(frame["level"].iloc[0] != "indicator")  # theirs are their construct's, made smaller
    axes.set_xlim(*_limits(np.concatenate([x, low, high] if bars else [x]), 0.08))
    if bars:
        axes.hlines(y, low, high, color=MUTED, lw=HAIR)
    axes.plot(x, y, "o", color=PALETTE[0], ms=4.2)
    cross = (float(frame["line_importance"].iloc[0]), float(frame["line_performance"].iloc[0]))
    axes.axvline(cross[0], color=INK, lw=LINE, ls=(0, (3, 2)))
    axes.axhline(cross[1], color=INK, lw=LINE, ls=(0, (3, 2)))
    strip = _STRIP / inner[1]
    for quadrant, (right, upper) in _CORNERS.items():
        axes.text(
            right,
            1 + strip / 2 if upper else -strip / 2,
            say(QUADRANTS[quadrant], lang),
            transform=axes.transAxes,
            ha="right" if right else "left",
            va="center_baseline",
            fontsize=SMALL,
            color=MUTED,
        )
    ends = (low, high) if bars else (x, x)
    _name_points(axes, x, y, [say(name, lang) for name in names], inner, ends, cross)
    axes.set_xlabel(say(_IMPORTANCE, lang), fontsize=BODY)
    axes.set_ylabel(say(_PERFORMANCE, lang), fontsize=BODY)
    axes.tick_params(axis="x", pad=_STRIP / 25.4 * 72 + 1)
    axes.tick_params(axis="y", length=2.0, color=MUTED)
    ticks_inside(axes, "x", 7)
    ticks_inside(axes, "y", 7)


def _limits(values: Vector, margin: float) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    spread = high - low if high > low else max(abs(high), 1.0)
    return low - margin * spread, high + margin * spread


def _name_points(
    axes: Axes,
    x: Vector,
    y: Vector,
    names: list[str],
    inner: tuple[float, float],
    ends: tuple[Vector, Vector],
    cross: tuple[float, float],
) -> None:
    """Names beside their points in the first place that is free; a hair line where it is not beside."""
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    scale = np.array([inner[0] / (x1 - x0), inner[1] / (y1 - y0)])
    points = (np.column_stack([x, y]) - [x0, y0]) * scale  # millimetres in the plane
    taken = [(px - 1.0, py - 1.0, px + 1.0, py + 1.0) for px, py in points]
    first, last = ((end - x0) * scale[0] for end in ends)
    across, up = (np.array(cross) - [x0, y0]) * scale
    taken += [(across - 0.3, 0.0, across + 0.3, inner[1]), (0.0, up - 0.3, inner[0], up + 0.3)]
    taken += [(a, py - 0.3, b, py + 0.3) for a, b, py in zip(first, last, points[:, 1], strict=True)]
    for at in np.argsort(-points[:, 1], kind="stable"):
        wide, tall = text_extent(names[at], SMALL)
        place = _free(points[at], wide, tall + 0.4, taken, inner)
        taken.append((place[0], place[1], place[0] + wide, place[1] + tall + 0.4))
        spot = np.add(place, (wide / 2, tall / 2 + 0.2)) / scale + [x0, y0]
        axes.text(spot[0], spot[1], names[at], fontsize=SMALL, ha="center", va="center", color=INK)
        nearest = np.clip(points[at], place, np.add(place, (wide, tall)))
        if np.hypot(*(nearest - points[at])) > 3.2:
            end = nearest / scale + [x0, y0]
            axes.plot([x[at], end[0]], [y[at], end[1]], color=MUTED, lw=HAIR)


def _free(
    point: Vector,
    wide: float,
    tall: float,
    taken: list[tuple[float, float, float, float]],
    inner: tuple[float, float],
) -> Vector:
    """Lower left corner (2,) of a box near the point that touches no other box, within the plane."""
    best, least = point, np.inf
    turns = np.pi / 2 + np.linspace(0, 2 * np.pi, 24, endpoint=False)
    for distance in np.arange(1.3, 40.0, 1.2):
        corners: Matrix = np.column_stack(
            [
                point[0] + distance * np.cos(turns) + (np.cos(turns) - 1) / 2 * wide,
                point[1] + distance * np.sin(turns) + (np.sin(turns) - 1) / 2 * tall,
            ]
        )
        for corner in corners:
            left, low = np.clip(corner, [0.3, 0.3], [inner[0] - wide - 0.3, inner[1] - tall - 0.3])
            cover = sum(
                max(0.0, min(left + wide, c) - max(left, a)) * max(0.0, min(low + tall, d) - max(low, b))
                for a, b, c, d in taken
            )
            if cover < least - 1e-9:
                best, least = np.array([left, low]), cover
            if least <= 0:
                return best
    return best
