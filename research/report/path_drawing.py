"""Paints a laid-out path diagram."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from research.questionnaire.definition import say
from research.report.cells import keeps_zero, print_number, stars_of
from research.report.fonts import text_extent
from research.report.path_geometry import Arrow, Layout, Node, Points, Rect, Spoke
from research.report.path_key import Key
from research.report.style import BODY, HAIR, INK, LINE, MUTED, PAPER, SMALL, sheet

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_FILL, _OBSERVED_FILL = "#E9F1F7", "#F6F6F4"
_HEAD, _SMALL_HEAD = (2.3, 0.85), (1.3, 0.5)  # length and half width of an arrow head, millimetres
_LINE = 13.0  # typewriter columns that a line of a label holds before it is broken
_DASHES = (0, (4, 2.2))


def draw_paths(
    canvas: Canvas,
    frame: pd.DataFrame,
    lang: str,
    *,
    layout: Layout,
    standardized: bool = True,
    key: Key | None = None,
) -> None:
    """Arrows first, then their numbers (with a key: running ones, explained below), then constructs."""
    axes = sheet(canvas)
    numbers = {
        (str(kind), str(source), str(target)): (float(estimate), float(p))
        for kind, source, target, estimate, p in zip(
            frame["kind"], frame["source"], frame["target"], frame["estimate"], frame["p"], strict=True
        )
        if kind != "node"
    }
    for spoke in layout.spokes:
        _draw_spoke(axes, spoke, numbers["loading", spoke.owner, spoke.item][0], lang)
    for arrow in layout.arrows:
        _draw_arrow(axes, arrow, numbers["path", arrow.source, arrow.target][1])
    for index, arrow in enumerate(layout.arrows):
        estimate, p = numbers["path", arrow.source, arrow.target]
        number = path_number(estimate, p, lang, standardized=standardized)
        _draw_number(axes, arrow.label, str(index + 1) if key else number)
    if key:
        for index, line in enumerate(path_lines(frame, lang, standardized=standardized)):
            x, y = key.place(index)
            axes.text(x, y, f"{index + 1}  {line}", fontsize=SMALL, ha="left", va="center_baseline", zorder=4)
    nodes = frame[frame["kind"] == "node"]
    words = {
        str(n): (say(label, lang), float(r2))
        for n, label, r2 in zip(nodes["source"], nodes["label"], nodes["r2"], strict=True)
    }
    for node in layout.nodes:
        _draw_node(axes, node, *words[node.name], lang)


def path_number(estimate: float, p: float, lang: str, *, standardized: bool = True) -> str:
    """A path as the diagram prints it: two digits and stars; English writes .45 where it is standardized."""
    return print_number(estimate, 2, leading_zero=keeps_zero(lang) or not standardized) + stars_of(p)


def path_lines(frame: pd.DataFrame, lang: str, *, standardized: bool = True) -> list[str]:
    """Every path in words, in the order of the frame: `Trust → Loyalty .45***`."""
    nodes, paths = (frame[frame["kind"] == kind] for kind in ("node", "path"))
    labels = {
        str(name): say(label, lang) for name, label in zip(nodes["source"], nodes["label"], strict=True)
    }
    return [
        f"{labels[str(source)]} → {labels[str(target)]} "
        + path_number(float(estimate), float(p), lang, standardized=standardized)
        for source, target, estimate, p in zip(
            paths["source"], paths["target"], paths["estimate"], paths["p"], strict=True
        )
    ]


def wrapped(text: str) -> str:
    """A label broken into lines of about equal length: at blanks, or between Chinese characters.

    >>> wrapped("Customer expectations")
    'Customer\\nexpectations'
    """
    if _columns(text) <= _LINE:
        return text
    chinese = " " not in text and any(ord(ch) > 0x2E7F for ch in text)
    words = list(text) if chinese else text.split(" ")
    between = "" if chinese else " "
    count = math.ceil(_columns(text) / _LINE)
    target = _columns(text) / count
    lines = [words[0]]
    for word in words[1:]:
        longer = lines[-1] + between + word
        if len(lines) < count and _columns(longer) > target * 1.15:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def _columns(text: str) -> float:
    return sum(1.9 if ord(ch) > 0x2E7F else 1.0 for ch in text)


def _draw_spoke(axes: Axes, spoke: Spoke, loading: float, lang: str) -> None:
    from matplotlib.patches import Rectangle

    _draw_line(axes, np.linspace(spoke.start, spoke.end, 30), MUTED, HAIR, "-", _SMALL_HEAD)
    box = spoke.box
    axes.add_patch(
        Rectangle(
            (box.x - box.width / 2, box.y - box.height / 2),
            box.width,
            box.height,
            facecolor=PAPER,
            edgecolor=INK,
            lw=HAIR,
            zorder=3,
        )
    )
    axes.text(box.x, box.y, spoke.item, fontsize=SMALL, ha="center", va="center_baseline", zorder=4)
    _draw_number(axes, spoke.label, print_number(loading, 2, leading_zero=keeps_zero(lang)))


def _draw_arrow(axes: Axes, arrow: Arrow, p: float) -> None:
    certain = not (math.isfinite(p) and p >= 0.05)
    _draw_line(
        axes,
        arrow.points,
        INK if certain else MUTED,
        1.1 if certain else LINE,
        "-" if certain else _DASHES,
        _HEAD,
    )


def _draw_line(
    axes: Axes,
    points: Points,
    colour: str,
    weight: float,
    style: str | tuple[int, tuple[float, float]],
    head: tuple[float, float],
) -> None:
    """A line that ends in a filled head, its tip at the last point."""
    from matplotlib.patches import Polygon

    length, half = head
    gaps = np.hypot(*(points - points[-1]).T)
    body = points[gaps > length * 0.8]
    tip, base = points[-1], body[-1]
    along = (tip - base) / max(float(np.hypot(*(tip - base))), 1e-9)
    across = np.array([-along[1], along[0]])
    body = np.vstack([body, tip - 0.7 * length * along])  # into the head, so that no gap shows
    axes.plot(body[:, 0], body[:, 1], color=colour, lw=weight, ls=style, solid_capstyle="butt", zorder=1)
    corners = [tip, tip - length * along + half * across, tip - length * along - half * across]
    axes.add_patch(Polygon(corners, closed=True, facecolor=colour, edgecolor="none", zorder=2))


def _draw_number(axes: Axes, label: Rect, text: str) -> None:
    """The number on a white ground as wide as itself; the layout kept room for the widest language."""
    from matplotlib.patches import Rectangle

    width = min(label.width, text_extent(text, SMALL)[0] + 1.6)  # a dash must not read as its minus
    corner = (label.x - width / 2, label.y - label.height / 2)
    axes.add_patch(Rectangle(corner, width, label.height, facecolor=PAPER, edgecolor="none", zorder=2.5))
    axes.text(label.x, label.y, text, fontsize=SMALL, ha="center", va="center_baseline", zorder=4)


def _draw_node(axes: Axes, node: Node, label: str, r2: float, lang: str) -> None:
    from matplotlib.patches import Ellipse, Rectangle

    if node.shape == "box":
        corner = (node.x - node.rx, node.y - node.ry)
        axes.add_patch(
            Rectangle(
                corner, 2 * node.rx, 2 * node.ry, facecolor=_OBSERVED_FILL, edgecolor=INK, lw=LINE, zorder=3
            )
        )
    else:
        axes.add_patch(
            Ellipse(
                (node.x, node.y), 2 * node.rx, 2 * node.ry, facecolor=_FILL, edgecolor=INK, lw=LINE, zorder=3
            )
        )
    lines = wrapped(label).split("\n")
    step = BODY * 1.25 * 25.4 / 72
    with_r2 = math.isfinite(r2)
    total = step * (len(lines) - 1) + (SMALL * 1.45 * 25.4 / 72 if with_r2 else 0.0)
    y = node.y + total / 2
    for line in lines:
        axes.text(node.x, y, line, fontsize=BODY, ha="center", va="center_baseline", zorder=4)
        y -= step
    if with_r2:
        share = print_number(r2, 2, leading_zero=keeps_zero(lang)).replace("−", "-")
        axes.text(
            node.x,
            node.y - total / 2,
            f"$R^2$ = {share}",
            fontsize=SMALL,
            ha="center",
            va="center_baseline",
            color=INK,
            zorder=4,
            parse_math=True,
        )
