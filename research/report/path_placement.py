"""Where the constructs of a path diagram stand: causes left, outcomes right, the others above and below.

All stand on the rim of a rectangle, so that indicators fan outwards and arrows cross only the free
middle. Constructs are ordered by their layer (longest path from a cause); which of them stand above
and which below is chosen so that few arrows cross.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

Edge = tuple[str, str]
_ENUMERATED = 10  # up to this many constructs in between, every division is tried
_AT_SIDE = 4  # constructs that fit below each other at the left or right


@dataclass(frozen=True, slots=True)
class Placement:
    """Names on each side: top and bottom from left to right, left and right from the top."""

    left: tuple[str, ...]
    top: tuple[str, ...]
    right: tuple[str, ...]
    bottom: tuple[str, ...]

    @property
    def circle(self) -> tuple[str, ...]:
        """All names clockwise, from the lowest one at the left."""
        return (*reversed(self.left), *self.top, *self.right, *reversed(self.bottom))


def placements(
    names: Sequence[str], edges: Sequence[Edge], widths: Mapping[str, float], room: float, count: int = 8
) -> list[Placement]:
    """The best placements, best first.

    widths: millimetres that each construct takes above or below; room: what the canvas has.
    """
    layers = layers_of(names, edges)
    left, middle, right = _thirds(names, edges, layers)
    divisions = (
        list(product((True, False), repeat=len(middle)))
        if len(middle) <= _ENUMERATED
        else _greedy_divisions(middle)
    )
    scored = []
    for number, division in enumerate(divisions):
        top = [name for name, up in zip(middle, division, strict=True) if up]
        bottom = [name for name, up in zip(middle, division, strict=True) if not up]
        placement = _ordered(left, top, right, bottom, edges, layers)
        scored.append((_cost(placement, edges, widths, room), number, placement))
    scored.sort(key=lambda entry: (entry[0], entry[1]))
    best: list[Placement] = []
    for _, _, placement in scored:
        if placement not in best:
            best.append(placement)
        if len(best) == count:
            break
    return best


def layers_of(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Longest path from a cause to each name; an arrow that closes a circle does not count.

    >>> layers_of(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c"), ("c", "a")])
    {'a': 0, 'b': 1, 'c': 2}
    """
    forward = _without_circles(names, edges)
    layers = dict.fromkeys(names, 0)
    for _ in names:
        for source, target in forward:
            layers[target] = max(layers[target], layers[source] + 1)
    return layers


def _without_circles(names: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    kept: list[Edge] = []
    reach: dict[str, set[str]] = {name: {name} for name in names}
    for source, target in edges:
        if source in reach[target]:
            continue
        kept.append((source, target))
        for name in names:
            if source in reach[name]:
                reach[name] |= reach[target]
    return kept


def _thirds(
    names: Sequence[str], edges: Sequence[Edge], layers: Mapping[str, int]
) -> tuple[list[str], list[str], list[str]]:
    last = max(layers.values(), default=0)
    leaving = {source for source, _ in edges}
    left = [name for name in names if layers[name] == 0][:_AT_SIDE]
    ends = [name for name in names if name not in left and name not in leaving]
    right = sorted(ends, key=lambda name: -layers[name])[:_AT_SIDE] if last else []
    right = [name for name in names if name in right]
    middle = sorted(
        (name for name in names if name not in left and name not in right), key=lambda name: layers[name]
    )
    return left, middle, right


def _greedy_divisions(middle: Sequence[str]) -> list[tuple[bool, ...]]:
    """Alternating, and every division that differs from it in at most three constructs."""
    base = [index % 2 == 0 for index in range(len(middle))]
    flips = [flipped for size in range(4) for flipped in combinations(range(len(middle)), size)]
    return [tuple(up != (index in flipped) for index, up in enumerate(base)) for flipped in flips]


def _ordered(
    left: Sequence[str],
    top: Sequence[str],
    right: Sequence[str],
    bottom: Sequence[str],
    edges: Sequence[Edge],
    layers: Mapping[str, int],
) -> Placement:
    """The sides ordered by barycentre: vertically at the left and right, by layer above and below."""
    neighbours: dict[str, list[str]] = {}
    for source, target in edges:
        neighbours.setdefault(source, []).append(target)
        neighbours.setdefault(target, []).append(source)
    heights = {**dict.fromkeys(top, 1.0), **dict.fromkeys(bottom, -1.0)}
    heights = {name: heights.get(name, 0.0) for name in layers}

    def pull(name: str) -> float:
        near = neighbours.get(name, [])
        return sum(heights[other] for other in near) / len(near) if near else 0.0

    for _ in range(3):
        for side in (left, right):
            ordered = sorted(side, key=pull, reverse=True)
            for index, name in enumerate(ordered):
                heights[name] = 0.8 - 1.6 * (index + 0.5) / len(ordered)

    def forwardness(name: str) -> tuple[int, float]:
        near = neighbours.get(name, [])
        return layers[name], sum(layers[other] for other in near) / len(near) if near else 0.0

    return Placement(
        tuple(sorted(left, key=pull, reverse=True)),
        tuple(sorted(top, key=forwardness)),
        tuple(sorted(right, key=pull, reverse=True)),
        tuple(sorted(bottom, key=forwardness)),
    )


def _cost(placement: Placement, edges: Sequence[Edge], widths: Mapping[str, float], room: float) -> float:
    place = {name: index for index, name in enumerate(placement.circle)}
    chords = [tuple(sorted((place[source], place[target]))) for source, target in edges]
    crossings = sum(a < c < b < d or c < a < d < b for (a, b), (c, d) in combinations(chords, 2))
    cost = 1.0 * crossings
    for row in (placement.top, placement.bottom):
        position = {name: index for index, name in enumerate(row)}
        for source, target in edges:
            if source in position and target in position:
                step = position[target] - position[source]
                cost += 0.7 * max(0, abs(step) - 1) + (2.0 if step < 0 else 0.0)
        cost += 5.0 * max(0.0, sum(widths[name] for name in row) - room)
    above, below = (sum(widths[name] for name in row) for row in (placement.top, placement.bottom))
    return cost + 0.4 * abs(above - below) / room
