"""The shapes of a path diagram in millimetres, and whether any of them lie on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

LOW_BOX = 0.7  # height of an observed variable over that of a construct
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
    numbers = [(_number_of(arrow), arrow.label) for arrow in layout.arrows if arrow.label.width > 0]
    numbers += [(f"loading of {spoke.item}", spoke.label) for spoke in layout.spokes]
    return [
        *_rect_faults([*boxes, *numbers], layout),
        *_node_faults(layout),
        *_arrow_faults(layout, boxes, numbers),
        *_spoke_faults(layout, boxes, numbers),
    ]


def crosses(rect: Rect, line: Points) -> bool:
    """Whether any point of the (densely sampled) line lies in the rectangle."""
    return bool((np.abs(line - [rect.x, rect.y]) < [rect.width / 2, rect.height / 2]).all(axis=1).any())


def inside(node: Node, points: Points, margin: float = 0.0) -> NDArray[np.bool_]:
    """Which points, shape (k, 2), lie in the node grown by a margin."""
    return within([node], points, [margin])[:, 0]


def within(nodes: Sequence[Node], points: Points, margins: Sequence[float]) -> NDArray[np.bool_]:
    """Which points, shape (..., 2), lie in which nodes, each grown by its margin: shape (..., nodes)."""
    centres = np.array([(node.x, node.y) for node in nodes])
    radii = np.array([(node.rx + by, node.ry + by) for node, by in zip(nodes, margins, strict=True)])
    across = np.abs(points[..., None, 0] - centres[:, 0]) / radii[:, 0]
    along = np.abs(points[..., None, 1] - centres[:, 1]) / radii[:, 1]
    found: NDArray[np.bool_] = across**2 + along**2 < 1
    boxes = [k for k, node in enumerate(nodes) if node.shape == "box"]
    if boxes:
        found[..., boxes] = np.maximum(across[..., boxes], along[..., boxes]) < 1
    return found


def in_rects(rects: Sequence[Rect], points: Points) -> NDArray[np.bool_]:
    """Which points, shape (..., 2), lie in which rectangles: shape (..., rectangles)."""
    if not rects:
        return np.zeros((*points.shape[:-1], 0), dtype=bool)
    centres, halves = centres_of(rects), halves_of(rects)
    across = np.abs(points[..., None, 0] - centres[:, 0]) < halves[:, 0]
    found: NDArray[np.bool_] = across & (np.abs(points[..., None, 1] - centres[:, 1]) < halves[:, 1])
    return found


def centres_of(rects: Sequence[Rect]) -> Points:
    """Middles of rectangles, shape (rectangles, 2)."""
    return np.array([(rect.x, rect.y) for rect in rects]).reshape(-1, 2)


def halves_of(rects: Sequence[Rect]) -> Points:
    """Half widths and heights of rectangles, shape (rectangles, 2)."""
    return np.array([(rect.width, rect.height) for rect in rects]).reshape(-1, 2) / 2


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
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    rays = np.column_stack([np.cos(angles), np.sin(angles)])
    part = np.abs(rays) / [node.rx, node.ry]
    reach = part.max(axis=1) if node.shape == "box" else np.hypot(part[:, 0], part[:, 1])
    rim: Points = np.array([node.x, node.y]) + rays / reach[:, None]
    return rim


def _rect_faults(named: Sequence[tuple[str, Rect]], layout: Layout) -> list[str]:
    """Boxes and numbers on constructs, on each other, and off the canvas."""
    if not named:
        return []
    names, rects = [name for name, _ in named], [rect for _, rect in named]
    under = within(layout.nodes, np.stack([_grid(rect) for rect in rects]), [0.0] * len(layout.nodes))
    found = [f"{names[i]} on node {layout.nodes[k].name}" for i, k in np.argwhere(under.any(axis=1))]
    middles, halves = centres_of(rects), halves_of(rects)
    meet = (np.abs(middles[:, None] - middles[None]) < halves[:, None] + halves[None]).all(axis=2)
    found += [f"{names[i]} on {names[k]}" for i, k in np.argwhere(np.tril(meet, -1))]
    return found + [f"{name} is off the canvas" for name, rect in named if _leaves(rect, layout)]


def _node_faults(layout: Layout) -> list[str]:
    names = [node.name for node in layout.nodes]
    rims = np.stack([rim_of(node) for node in layout.nodes])
    touch = np.tril(within(layout.nodes, rims, [0.0] * len(names)).any(axis=1), -1)
    found = [f"node {names[i]} on node {names[k]}" for i, k in np.argwhere(touch)]
    return found + [f"node {n.name} is off the canvas" for n in layout.nodes if _leaves(_frame(n), layout)]


def _arrow_faults(
    layout: Layout, boxes: Sequence[tuple[str, Rect]], numbers: Sequence[tuple[str, Rect]]
) -> list[str]:
    found: list[str] = []
    lines = [np.linspace(spoke.start, spoke.end, 24) for spoke in layout.spokes]
    for arrow in layout.arrows:
        name = f"{arrow.source} → {arrow.target}"
        found += _line_faults(name, arrow.points, _number_of(arrow), layout, boxes, numbers)
        if lines:  # to indicators
            ends = np.stack(lines)[:, :, None, :]
            away = (ends[..., 0] - arrow.points[:, 0]) ** 2 + (ends[..., 1] - arrow.points[:, 1]) ** 2
            near = away.min(axis=(1, 2)) < 0.3**2
            found += [f"{name} touches the line to {layout.spokes[k].item}" for k in np.flatnonzero(near)]
    return found


def _spoke_faults(
    layout: Layout, boxes: Sequence[tuple[str, Rect]], numbers: Sequence[tuple[str, Rect]]
) -> list[str]:
    found: list[str] = []
    for spoke in layout.spokes:
        line = np.linspace(spoke.start, spoke.end, 24)
        others = [box for box in boxes if box[1] is not spoke.box]
        own = f"loading of {spoke.item}"
        found += _line_faults(f"line to {spoke.item}", line, own, layout, others, numbers)
    return found


def _line_faults(
    name: str,
    line: Points,
    own: str,
    layout: Layout,
    boxes: Sequence[tuple[str, Rect]],
    numbers: Sequence[tuple[str, Rect]],
) -> list[str]:
    shrunk = line[2:-2]  # its ends lie on the things that it joins
    under = within(layout.nodes, shrunk, [0.0] * len(layout.nodes)).any(axis=0)
    found = [f"{name} under node {layout.nodes[k].name}" for k in np.flatnonzero(under).tolist()]
    through = in_rects([rect for _, rect in boxes], shrunk).any(axis=0)
    found += [f"{name} through {boxes[k][0]}" for k in np.flatnonzero(through).tolist()]
    struck = in_rects([rect for _, rect in numbers], line).any(axis=0)
    others = [numbers[k][0] for k in np.flatnonzero(struck).tolist()]
    return found + [f"{name} through {other}" for other in others if other != own]


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
