"""Arrows of a path diagram: where each leaves and arrives, how far it bends, where its number stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from research.report.path_geometry import Arrow, Node, Points, Rect, Spoke, crosses, edge_point, inside, meet

Edge = tuple[str, str]
_CLEAR = 1.8  # millimetres that an arrow keeps from a construct that it passes
_APART = np.deg2rad(17.0)  # between two arrows at one construct, seen from its centre
_BENDS = [
    0.0,
    *(sign * size for size in (2.0, 4.0, 6.0, 9.0, 12.0, 16.0, 20.0, 25.0, 31.0, 38.0) for sign in (1, -1)),
]
_SAMPLES = 90
_PLACES = np.linspace(0.14, 0.8, 34)


def route(
    edges: Sequence[Edge],
    nodes: Mapping[str, Node],
    spokes: Sequence[Spoke],
    sizes: Mapping[Edge, tuple[float, float]],
    centre: tuple[float, float],
) -> tuple[tuple[Arrow, ...], float]:
    """The arrows with their numbers, and how far they bend in all (millimetres).

    `sizes`: width and height of each number as printed; `centre`: the free middle, to which arrows bend.
    """
    bends = {edge: _bend(edge, nodes, _straight(edge, nodes), spokes, centre) for edge in edges}
    ports = _ports(edges, nodes, bends, centre)
    curves = {}
    total = 0.0
    for edge in edges:
        ends = (ports[edge, edge[0]], ports[edge, edge[1]])
        bend = _bend(edge, nodes, ends, spokes, centre)
        curves[edge] = _curve(*ends, bend)
        total += abs(bend)
    labels = _place_labels(edges, curves, nodes, spokes, sizes)
    return tuple(Arrow(*edge, curves[edge], labels[edge]) for edge in edges), total


def untidiness(arrows: Sequence[Arrow]) -> float:
    """How hard arrows are to follow: crossings, stretches side by side, and arrows that hardly show.

    A crossing counts 1, as do 8 mm of an arrow that runs within 2 mm of another, and an arrow of
    which 4 mm are left beside its number.
    """
    total = 0.0
    lines = [arrow.points[6:-6:2] for arrow in arrows]
    for index, one in enumerate(arrows):
        for other in lines[:index]:
            gaps = np.hypot(
                lines[index][:, None, 0] - other[None, :, 0], lines[index][:, None, 1] - other[None, :, 1]
            )
            total += float(gaps.min() < 1.0)
            beside = float((gaps.min(axis=1) < 2.0).mean()) * _length(lines[index])
            total += max(0.0, beside - 6.0) / 8
        along = np.abs(one.points[-1] - one.points[0])
        hidden = float(along @ [one.label.width, one.label.height]) / max(float(along.sum()), 1e-9)
        total += max(0.0, 9.0 - (_length(one.points) - hidden)) / 5
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
    margins = {name: -0.5 if name in edge else _CLEAR for name in nodes}
    start, end = np.array(ends[0]), np.array(ends[1])
    normal = np.array([-(end - start)[1], (end - start)[0]])
    inward = 1.0 if float(normal @ (np.array(centre) - (start + end) / 2)) >= 0 else -1.0
    for bend in _BENDS:
        points = _curve(*ends, inward * bend)
        clear = not any(bool(inside(nodes[name], points, margin).any()) for name, margin in margins.items())
        if clear and not any(crosses(spoke.box.grown(1.0), points) for spoke in spokes):
            return inward * bend
    return 0.0


def _curve(start: tuple[float, float], end: tuple[float, float], bend: float) -> Points:
    """A parabola from start to end whose middle lies `bend` millimetres off the straight line."""
    a, b = np.array(start), np.array(end)
    along = b - a
    normal = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9)
    control = (a + b) / 2 + 2 * bend * normal
    t = np.linspace(0, 1, _SAMPLES)[:, None]
    points: Points = (1 - t) ** 2 * a + 2 * t * (1 - t) * control + t**2 * b
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
    fixed = {edge: _standing_costs(edge, curves, nodes, spokes, sizes) for edge in edges}
    chosen = {edge: int(np.argmin(fixed[edge])) for edge in edges}
    rects = {edge: [_rect(curves[edge], place, sizes[edge]) for place in _PLACES] for edge in edges}
    for _ in range(6):
        before = dict(chosen)
        for edge in edges:
            costs = fixed[edge].copy()
            for other in edges:
                if other != edge:
                    taken = rects[other][chosen[other]].grown(0.5)
                    costs += [100.0 * meet(rect, taken) for rect in rects[edge]]
            chosen[edge] = int(np.argmin(costs))
        if chosen == before:
            break
    return {edge: rects[edge][chosen[edge]] for edge in edges}


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
    for node in nodes.values():
        costs += 100.0 * inside(node, spread, 0.6).reshape(len(at), -1).any(axis=1)
    if spokes:
        rects = [part for spoke in spokes for part in (spoke.box, spoke.label)]
        middles = np.array([(rect.x, rect.y) for rect in rects])
        room = np.array([(rect.width, rect.height) for rect in rects]) / 2 + half + 0.7
        costs += 100.0 * (np.abs(at[:, None, :] - middles[None, :, :]) < room).all(axis=2).sum(axis=1)
    costs += 30.0 * (np.hypot(*(at - points[-1]).T) < half[0] + 2.4)
    return costs


def _rect(points: Points, place: float, size: tuple[float, float]) -> Rect:
    at = points[round(place * (len(points) - 1))]
    return Rect(float(at[0]), float(at[1]), size[0], size[1])
