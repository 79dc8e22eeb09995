"""The shapes of a path diagram in millimetres, and whether any of them lie on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # shape (k, 2)
Side = Literal["left", "right", "top", "bottom"]


@dataclass(frozen=True, slots=True)
class Rect:
    """An upright rectangle by its centre and full width and height."""

    x: float
    y: float
    width: float
    height: float

    def grown(self, by: float) -> Rect:
        """The rectangle with a margin on every side."""
        return Rect(self.x, self.y, self.width + 2 * by, self.height + 2 * by)


@dataclass(frozen=True, slots=True)
class Node:
    """A construct (an ellipse) or an observed variable (a box); `side` is where its indicators are."""

    name: str
    x: float
    y: float
    rx: float
    ry: float
    side: Side
    shape: Literal["ellipse", "box"] = "ellipse"


@dataclass(frozen=True, slots=True)
class Spoke:
    """An indicator: its box, the arrow to it from its construct, and where the loading is printed."""

    owner: str
    item: str
    box: Rect
    start: tuple[float, float]
    end: tuple[float, float]
    label: Rect


@dataclass(frozen=True, slots=True)
class Arrow:
    """A structural path as a line of many points from source to target, and where its number is printed."""

    source: str
    target: str
    points: Points
    label: Rect


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that is drawn, on a canvas of `width` × `height` millimetres."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    spokes: tuple[Spoke, ...]
    arrows: tuple[Arrow, ...]


def overlaps(layout: Layout) -> list[str]:
    """Every pair of things that lie on each other, and everything off the canvas; empty for a good layout.

    An arrow may cross another arrow, and its own number stands on it; nothing else may touch.
    """
    boxes = [(f"box {spoke.item}", spoke.box) for spoke in layout.spokes]
    numbers = [(_number_of(arrow), arrow.label) for arrow in layout.arrows]
    numbers += [(f"loading of {spoke.item}", spoke.label) for spoke in layout.spokes]
    found: list[str] = []
    for index, (name, rect) in enumerate([*boxes, *numbers]):
        found += [
            f"{name} on node {node.name}" for node in layout.nodes if bool(inside(node, _grid(rect)).any())
        ]
        found += [f"{name} on {other}" for other, shape in [*boxes, *numbers][:index] if meet(rect, shape)]
        found += [f"{name} is off the canvas"] if _leaves(rect, layout) else []
    for index, node in enumerate(layout.nodes):
        rim = rim_of(node)
        before = layout.nodes[:index]
        found += [
            f"node {node.name} on node {other.name}" for other in before if bool(inside(other, rim).any())
        ]
        found += [f"node {node.name} is off the canvas"] if _leaves(_frame(node), layout) else []
    for arrow in layout.arrows:
        found += _line_faults(
            f"{arrow.source} → {arrow.target}", arrow.points, _number_of(arrow), layout, boxes, numbers
        )
        found += _passes(arrow, layout)
    for spoke in layout.spokes:
        line = np.linspace(spoke.start, spoke.end, 24)
        others = [box for box in boxes if box[1] is not spoke.box]
        found += _line_faults(
            f"line to {spoke.item}", line, f"loading of {spoke.item}", layout, others, numbers
        )
    return found


def crosses(rect: Rect, line: Points) -> bool:
    """Whether any point of the (densely sampled) line lies in the rectangle."""
    return bool((np.abs(line - [rect.x, rect.y]) < [rect.width / 2, rect.height / 2]).all(axis=1).any())


def meet(one: Rect, other: Rect) -> bool:
    """Whether two rectangles overlap."""
    wide, tall = (one.width + other.width) / 2, (one.height + other.height) / 2
    return abs(one.x - other.x) < wide and abs(one.y - other.y) < tall


def inside(node: Node, points: Points, margin: float = 0.0) -> NDArray[np.bool_]:
    """Which points, shape (k, 2), lie in the node grown by a margin."""
    part = np.abs(points - [node.x, node.y]) / [node.rx + margin, node.ry + margin]
    within: NDArray[np.bool_] = part.max(axis=1) < 1 if node.shape == "box" else (part**2).sum(axis=1) < 1
    return within


def edge_point(node: Node, angle: float) -> tuple[float, float]:
    """Where a ray from the node's centre at `angle` leaves it."""
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    if node.shape == "box":
        reach = min(node.rx / max(abs(cos), 1e-9), node.ry / max(abs(sin), 1e-9))
    else:
        reach = 1 / float(np.hypot(cos / node.rx, sin / node.ry))
    return node.x + reach * cos, node.y + reach * sin


def rim_of(node: Node) -> Points:
    """Forty-eight points along the node's edge."""
    return np.array([edge_point(node, angle) for angle in np.linspace(0, 2 * np.pi, 48, endpoint=False)])


def _line_faults(
    name: str,
    line: Points,
    own: str,
    layout: Layout,
    boxes: Sequence[tuple[str, Rect]],
    numbers: Sequence[tuple[str, Rect]],
) -> list[str]:
    shrunk = line[2:-2]  # its ends lie on the things that it joins
    found = [f"{name} under node {node.name}" for node in layout.nodes if bool(inside(node, shrunk).any())]
    found += [f"{name} through {what}" for what, rect in boxes if crosses(rect, shrunk)]
    return found + [f"{name} through {what}" for what, rect in numbers if what != own and crosses(rect, line)]


def _passes(arrow: Arrow, layout: Layout) -> list[str]:
    """Lines to indicators that the arrow touches."""
    found = []
    for spoke in layout.spokes:
        line = np.linspace(spoke.start, spoke.end, 24)
        gaps = np.hypot(*(arrow.points[:, None, :] - line[None, :, :]).transpose(2, 0, 1))
        found += (
            [f"{arrow.source} → {arrow.target} touches the line to {spoke.item}"] if gaps.min() < 0.3 else []
        )
    return found


def _number_of(arrow: Arrow) -> str:
    return f"number of {arrow.source} → {arrow.target}"


def _leaves(rect: Rect, layout: Layout) -> bool:
    across = abs(rect.x - layout.width / 2) + rect.width / 2 > layout.width / 2
    return across or abs(rect.y - layout.height / 2) + rect.height / 2 > layout.height / 2


def _frame(node: Node) -> Rect:
    return Rect(node.x, node.y, 2 * node.rx, 2 * node.ry)


def _grid(rect: Rect) -> Points:
    """Points over the rectangle, close enough that no ellipse slips between them."""
    xs = np.linspace(rect.x - rect.width / 2, rect.x + rect.width / 2, 7)
    ys = np.linspace(rect.y - rect.height / 2, rect.y + rect.height / 2, 5)
    return np.column_stack([np.repeat(xs, len(ys)), np.tile(ys, len(xs))])
