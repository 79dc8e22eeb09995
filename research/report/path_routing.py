"""Arrows of a path diagram: where each leaves and arrives, how far it bends, where its number stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from research.report.path_geometry import Arrow, Node, Points, Rect, Spoke, edge_point, in_rects, within

Edge = tuple[str, str]
_CLEAR = 1.8  # millimetres that an arrow keeps from a construct that it passes
_HEAD = 3.2  # millimetres of an arrow before its tip that its number should leave free
_APART = np.deg2rad(17.0)  # between two arrows at one construct, seen from its centre
_BENDS = [
    0.0,
    *(
        sign * size
        for size in (2.0, 4.0, 6.0, 9.0, 12.0, 16.0, 20.0, 25.0, 31.0, 38.0, 47.0, 58.0)
        for sign in (1, -1)
    ),
]
_SAMPLES = 90
_PLACES = np.linspace(0.14, 0.8, 34)
_T = np.linspace(0, 1, _SAMPLES)[:, None]
_T_START, _T_MIDDLE, _T_END = (1 - _T) ** 2, 2 * _T * (1 - _T), _T**2  # Bernstein's polynomials


def bent_lines(
    edges: Sequence[Edge],
    nodes: Mapping[str, Node],
    spokes: Sequence[Spoke],
    centre: tuple[float, float],
) -> tuple[dict[Edge, Points], float]:
    """The line of every arrow, and how far they bend in all (millimetres).

    `centre`: the free middle, to which arrows bend.
    """
    bends = {edge: _bend(edge, nodes, _straight(edge, nodes), spokes, centre) for edge in edges}
    ports = _ports(edges, nodes, bends, centre)
    lines = {}
    total = 0.0
    for edge in edges:
        ends = (ports[edge, edge[0]], ports[edge, edge[1]])
        bend = _bend(edge, nodes, ends, spokes, centre)
        lines[edge] = _curve(*ends, bend)
        total += abs(bend)
    return lines, total


def struck(lines: Mapping[Edge, Points], nodes: Mapping[str, Node]) -> list[str]:
    """Arrows that run under a construct, and which: no place of their numbers mends that."""
    every = list(nodes.values())
    under = within(every, np.stack([line[2:-2] for line in lines.values()]), [0.0] * len(every)).any(axis=1)
    edges = list(lines)
    return [f"{' → '.join(edges[i])} under node {every[k].name}" for i, k in np.argwhere(under)]


def numbered(
    lines: Mapping[Edge, Points],
    nodes: Mapping[str, Node],
    spokes: Sequence[Spoke],
    sizes: Mapping[Edge, tuple[float, float]],
) -> tuple[Arrow, ...]:
    """Arrows along the lines with their numbers; `sizes`: width and height of each number as printed."""
    labels = _place_labels(list(lines), lines, nodes, spokes, sizes)
    return tuple(Arrow(*edge, line, labels[edge]) for edge, line in lines.items())


def untidiness(arrows: Sequence[Arrow]) -> float:
    """How hard arrows are to follow: their tangle, and 1 for each arrow of which 4 mm are left to see."""
    total = tangle([arrow.points for arrow in arrows])
    for arrow in arrows:
        along = np.abs(arrow.points[-1] - arrow.points[0])
        hidden = float(along @ [arrow.label.width, arrow.label.height]) / max(float(along.sum()), 1e-9)
        total += max(0.0, 9.0 - (_length(arrow.points) - hidden)) / 5
    return total


def tangle(lines: Sequence[Points]) -> float:
    """Crossings of lines and stretches side by side: 1 for each crossing, and for 8 mm within 2 mm."""
    inner = np.stack([line[6:-6:2] for line in lines])
    low, high = inner.min(axis=1) - 2.0, inner.max(axis=1) + 2.0
    total = 0.0
    for index in range(1, len(inner)):
        near = (low[:index] < high[index]).all(axis=1) & (high[:index] > low[index]).all(axis=1)
        others = inner[:index][near]
        gaps = (inner[index, :, None, 0] - others[:, None, :, 0]) ** 2
        gaps += (inner[index, :, None, 1] - others[:, None, :, 1]) ** 2
        closest = gaps.min(axis=2, initial=np.inf)  # (others, samples)
        total += float((closest < 1.0).any(axis=1).sum())
        beside = (closest < 4.0).mean(axis=1) * _length(inner[index])
        total += float(np.maximum(0.0, beside - 6.0).sum()) / 8
    return total


def _length(points: Points) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def _straight(edge: Edge, nodes: Mapping[str, Node]) -> tuple[tuple[float, float], tuple[float, float]]:
    source, target = nodes[edge[0]], nodes[edge[1]]
    angle = float(np.arctan2(target.y - source.y, target.x - source.x))
    return edge_point(source, angle), edge_point(target, angle + np.pi)


def _bend(
    edge: Edge,
    nodes: Mapping[str, Node],
    ends: tuple[tuple[float, float], tuple[float, float]],
    spokes: Sequence[Spoke],
    centre: tuple[float, float],
) -> float:
    """The smallest bend that keeps clear of every other construct and box; towards the middle first."""
    margins = [-0.5 if name in edge else _CLEAR for name in nodes]
    boxes = [spoke.box.grown(1.0) for spoke in spokes]
    start, end = np.array(ends[0]), np.array(ends[1])
    normal = np.array([-(end - start)[1], (end - start)[0]])
    inward = 1.0 if float(normal @ (np.array(centre) - (start + end) / 2)) >= 0 else -1.0
    for bends in (_BENDS[:1], _BENDS[1:7], _BENDS[7:]):  # most arrows are straight
        points = np.stack([_curve(*ends, inward * bend) for bend in bends])
        clear = ~within(list(nodes.values()), points, margins).any(axis=(1, 2))
        clear &= ~in_rects(boxes, points).any(axis=(1, 2))
        if clear.any():
            return inward * bends[int(np.argmax(clear))]
    return 0.0


def _curve(start: tuple[float, float], end: tuple[float, float], bend: float) -> Points:
    """A parabola from start to end whose middle lies `bend` millimetres off the straight line."""
    a, b = np.array(start), np.array(end)
    along = b - a
    normal = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9)
    control = (a + b) / 2 + 2 * bend * normal
    points: Points = _T_START * a + _T_MIDDLE * control + _T_END * b
    return points


def _ports(
    edges: Sequence[Edge], nodes: Mapping[str, Node], bends: Mapping[Edge, float], centre: tuple[float, float]
) -> dict[tuple[Edge, str], tuple[float, float]]:
    """Where every arrow meets its two constructs, spread so that no two meet at one place."""
    ports = {}
    for name, node in nodes.items():
        wanted = []
        for edge in edges:
            if name in edge:
                points = _curve(*_straight(edge, nodes), bends[edge])
                near = points[12] if edge[0] == name else points[-13]
                wanted.append((float(np.arctan2(near[1] - node.y, near[0] - node.x)), edge))
        inward = float(np.arctan2(centre[1] - node.y, centre[0] - node.x))
        turned = sorted(((angle - inward + np.pi) % (2 * np.pi) - np.pi, edge) for angle, edge in wanted)
        level = [bends[edge] == 0 and _level(nodes[edge[0]], nodes[edge[1]]) for _, edge in turned]
        angles = _spread([angle for angle, _ in turned], level, node)
        for angle, (_, edge) in zip(angles, turned, strict=True):
            ports[edge, name] = edge_point(node, angle + inward)
    return ports


def _level(one: Node, other: Node) -> bool:
    """Whether a straight arrow between them is horizontal or vertical, and should stay so."""
    return min(abs(one.x - other.x), abs(one.y - other.y)) < 0.5


def _spread(angles: Sequence[float], level: Sequence[bool], node: Node) -> list[float]:
    """The angles moved as little as possible so that neighbours are at least `_APART` from each other.

    A level arrow stays, and its neighbours make way.
    """
    apart = min(_APART * 11.0 / node.rx, 1.5 * np.pi / max(len(angles), 1))
    moved = list(angles)
    for _ in range(60):
        for index in range(len(moved) - 1):
            lack = apart - (moved[index + 1] - moved[index])
            if lack > 0:
                part = 0.5 if level[index] == level[index + 1] else float(level[index + 1])
                moved[index] -= lack * part
                moved[index + 1] += lack * (1 - part)
    return moved


def _place_labels(
    edges: Sequence[Edge],
    curves: Mapping[Edge, Points],
    nodes: Mapping[str, Node],
    spokes: Sequence[Spoke],
    sizes: Mapping[Edge, tuple[float, float]],
) -> dict[Edge, Rect]:
    """Every number on its own arrow, where nothing else passes; the middle is preferred.

    Numbers are moved in turn until none wants to move.
    """
    fixed = [_standing_costs(edge, curves, nodes, spokes, sizes) for edge in edges]
    chosen = [int(np.argmin(costs)) for costs in fixed]
    rows = np.round(_PLACES * (_SAMPLES - 1)).astype(int)
    at = np.stack([curves[edge][rows] for edge in edges])  # (edges, places, 2)
    halves = np.array([sizes[edge] for edge in edges]) / 2
    everyone = np.arange(len(edges))
    for _ in range(6):
        before = list(chosen)
        for index in range(len(edges)):
            away = np.abs(at[index][:, None, :] - at[everyone, chosen][None, :, :])
            taken = (away < halves[index] + halves + 0.5).all(axis=2)
            taken[:, index] = False
            chosen[index] = int(np.argmin(fixed[index] + 100.0 * taken.sum(axis=1)))
        if chosen == before:
            break
    middles = [at[k, chosen[k]].tolist() for k in range(len(edges))]
    return {edge: Rect(x, y, *sizes[edge]) for edge, (x, y) in zip(edges, middles, strict=True)}


def _standing_costs(
    edge: Edge,
    curves: Mapping[Edge, Points],
    nodes: Mapping[str, Node],
    spokes: Sequence[Spoke],
    sizes: Mapping[Edge, tuple[float, float]],
) -> Points:
    """What each place along the arrow costs, other numbers aside: shape (places,)."""
    points = curves[edge]
    at = points[np.round(_PLACES * (len(points) - 1)).astype(int)]
    half = np.array(sizes[edge]) / 2
    costs: Points = 2.0 * np.abs(_PLACES - 0.45)
    others = [line[::2] for other, line in curves.items() if other != edge]
    if others:
        away = np.abs(at[:, None, None, :] - np.stack(others)[None, :, :, :])
        for margin, price in ((0.7, 100.0), (2.2, 1.5)):
            near = (away[..., 0] < half[0] + margin) & (away[..., 1] < half[1] + margin)
            costs += price * near.any(axis=2).sum(axis=1)
    corners = np.array([(x, y) for x in (-1, -0.5, 0, 0.5, 1) for y in (-1, 0, 1)]) * half
    spread = (at[:, None, :] + corners[None, :, :]).reshape(-1, 2)
    on = within(list(nodes.values()), spread, [0.6] * len(nodes)).reshape(len(at), -1, len(nodes))
    costs += 100.0 * on.any(axis=1).sum(axis=1)
    if spokes:
        rects = [part for spoke in spokes for part in (spoke.box, spoke.label)]
        middles = np.array([(rect.x, rect.y) for rect in rects])
        room = np.array([(rect.width, rect.height) for rect in rects]) / 2 + half + 0.7
        costs += 100.0 * (np.abs(at[:, None, :] - middles[None, :, :]) < room).all(axis=2).sum(axis=1)
    way = points[-1] - points[-4]
    reach = float(np.abs(way) @ half) / max(float(np.hypot(*way)), 1e-9)  # of the number along the arrow
    clear = np.hypot(*(at - points[-1]).T) - reach
    costs += 30.0 * (clear < 2.4) + 5.0 * np.clip(_HEAD - clear, 0.0, _HEAD)
    return costs
