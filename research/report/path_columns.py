"""Where the constructs of a larger path diagram stand: in columns, causes left and outcomes right.

The columns follow the layers of the model (longest path from a cause); the places within them are
improved construct by construct until none wants to move, as in Sugiyama, Tagawa & Toda (1981), but
scored by what a reader sees: crossings, arrows over constructs, narrow angles, long ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from research.provenance import stream
from research.report.path_geometry import Points
from research.report.path_placement import Edge, layers_of

_SWEEPS = 9
_ROOM = 3.0  # millimetres that an arrow should keep from a construct that it passes
_NARROW = np.deg2rad(20.0)  # between two arrows at one construct
_SHORT = 17.0  # millimetres that an arrow with its number wants between two constructs
_FAR = 90.0  # millimetres of an arrow that are as bad as a crossing
_LENGTH = 0.003  # what a millimetre of arrow counts, a crossing counting 1


@dataclass(frozen=True, slots=True)
class Grid:
    """Places in millimetres: columns at `xs`, rows at `ys`; constructs keep `apart` rows' distance."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    apart: int


def stand_in_columns(
    names: Sequence[str],
    edges: Sequence[Edge],
    order: Sequence[Edge],
    radii: tuple[float, float],
    grid: Grid,
    restarts: int = 2,
) -> Iterator[tuple[float, dict[str, tuple[float, float]]]]:
    """What an arrangement costs and the middles of its constructs, for each way to begin.

    order: the edges as they set causes before outcomes (a component stands before its construct where
    that is a cause). Nothing is yielded where the grid has too few places.
    """
    index = {name: k for k, name in enumerate(names)}
    pairs = np.array([(index[a], index[b]) for a, b in edges])
    ahead = np.array([(index[a], index[b]) for a, b in order])
    capacity = (len(grid.ys) - 1) // grid.apart + 1
    if capacity * len(grid.xs) < len(names):
        return
    search = _Search(pairs, ahead, radii, grid)
    draw = stream(0, "path diagram")
    seen: dict[tuple[int, ...], float] = {}
    best = np.empty(0)
    for attempt in range(2 + restarts):
        if attempt < 2:
            columns = _columns(names, order, len(grid.xs), capacity, late=attempt == 1)
            state = search.improved(_start(columns, names, edges, grid))
        else:
            state = search.improved(search.shaken(best, draw))
        key = tuple(int(place) for place in state.ravel())
        if key in seen:
            continue
        cost = search.cost_of(state)
        best = state if cost <= min(seen.values(), default=cost) else best
        seen[key] = cost
        places = zip(names, state.tolist(), strict=True)
        yield cost, {name: (grid.xs[column], grid.ys[row]) for name, (column, row) in places}


def _columns(
    names: Sequence[str], order: Sequence[Edge], count: int, capacity: int, late: bool
) -> dict[str, int]:
    """The column of each construct: its layer squeezed into `count` columns, none above its capacity."""
    layers = layers_of(names, order)
    if late:  # as far right as what follows allows
        turned = layers_of(names, [(b, a) for a, b in order])
        last = max(turned.values())
        layers = {name: last - turned[name] for name in names}
    top = max(layers.values()) or 1
    columns = {name: round(layers[name] * (count - 1) / top) for name in names}
    for _ in range(len(names) * count):
        filled = [sum(column == k for column in columns.values()) for k in range(count)]
        full = next((k for k in range(count) if filled[k] > capacity), None)
        if full is None:
            break
        free = min((k for k in range(count) if filled[k] < capacity), key=lambda k: abs(k - full))
        step = 1 if free > full else -1
        moved = [name for name in names if columns[name] == full][-1]
        columns[moved] = full + step
    return columns


def _start(columns: Mapping[str, int], names: Sequence[str], edges: Sequence[Edge], grid: Grid) -> Points:
    """(column, row) of each construct, ordered within its column by the mean place of its neighbours."""
    height = dict.fromkeys(names, 0.5)
    inside: dict[int, list[str]] = {}
    for name in names:
        inside.setdefault(columns[name], []).append(name)
    near: dict[str, list[str]] = {name: [] for name in names}
    for a, b in edges:
        near[a].append(b)
        near[b].append(a)
    for _ in range(6):
        for members in inside.values():
            pull = {n: float(np.mean([height[o] for o in near[n]])) if near[n] else 0.5 for n in members}
            members.sort(key=lambda name: pull[name])
            for place, name in enumerate(members):
                height[name] = (place + 0.5) / len(members)
    state = np.zeros((len(names), 2), dtype=int)
    for column, members in inside.items():
        last = len(grid.ys) - 1
        wanted = [round((place + 0.5) / len(members) * last) for place in range(len(members))]
        for k in range(1, len(wanted)):
            wanted[k] = max(wanted[k], wanted[k - 1] + grid.apart)
        for k in reversed(range(len(wanted))):
            wanted[k] = min(wanted[k], last - (len(wanted) - 1 - k) * grid.apart)
        for name, row in zip(members, wanted, strict=True):
            state[names.index(name)] = column, row
    return state


class _Search:
    """Moves one construct at a time to its best free place, and exchanges pairs, until nothing gains."""

    def __init__(self, pairs: Points, ahead: Points, radii: tuple[float, float], grid: Grid) -> None:
        self.pairs, self.ahead, self.grid = pairs, ahead, grid
        self.radii = np.array(radii, np.float32)
        self.xs, self.ys = np.array(grid.xs, np.float32), np.array(grid.ys, np.float32)
        columns, rows = np.meshgrid(np.arange(len(grid.xs)), np.arange(len(grid.ys)), indexing="ij")
        self.places = np.column_stack([columns.ravel(), rows.ravel()])

    def improved(self, state: Points) -> Points:
        """The (column, row) of each construct after the search, shape (constructs, 2)."""
        for _ in range(_SWEEPS):
            before = state
            for who in range(len(state)):
                state = self._best_place(state, who)
            if (state == before).all():
                state = self._exchanged(state)
                if (state == before).all():
                    break
        return state

    def shaken(self, state: Points, draw: Generator) -> Points:
        """The arrangement with a few pairs exchanged at random: where to begin anew."""
        moved = state.copy()
        for _ in range(max(2, len(state) // 5)):
            one, other = draw.choice(len(state), 2, replace=False)
            moved[[one, other]] = moved[[other, one]]
        return moved

    def cost_of(self, state: Points) -> float:
        """What a reader pays for the arrangement, a crossing counting 1."""
        return float(self._cost(state[None], None, None)[0])

    def _best_place(self, state: Points, who: int) -> Points:
        others = np.delete(state, who, axis=0)
        same = self.places[:, None, 0] == others[None, :, 0]
        close = np.abs(self.places[:, None, 1] - others[None, :, 1]) < self.grid.apart
        free = self.places[~(same & close).any(axis=1)]
        trial = np.repeat(state[None], len(free), axis=0)
        trial[:, who] = free
        trial = np.concatenate([state[None], trial])  # staying wins a tie
        touched = (self.pairs == who).any(axis=1)
        best: Points = trial[int(np.argmin(np.round(self._cost(trial, who, touched), 3)))]
        return best

    def _exchanged(self, state: Points) -> Points:
        one, other = np.triu_indices(len(state), 1)
        trial = np.repeat(state[None], len(one) + 1, axis=0)
        rows = np.arange(len(one)) + 1
        trial[rows, one], trial[rows, other] = state[other], state[one]
        best: Points = trial[int(np.argmin(np.round(self._cost(trial, None, None), 3)))]
        return best

    def _cost(self, trial: Points, who: int | None, touched: NDArray[np.bool_] | None) -> Points:
        """What each arrangement costs, shape (trials,); only the parts that `who` can change, where given."""
        at = np.stack([self.xs[trial[..., 0]], self.ys[trial[..., 1]]], axis=-1)
        start, end = at[:, self.pairs[:, 0]], at[:, self.pairs[:, 1]]
        some = np.arange(len(self.pairs)) if touched is None else np.flatnonzero(touched)
        cost = self._ways(at, start[:, some], end[:, some], some)
        cost += self._between(start, end, some)
        cost += self._over(at, start[:, some], end[:, some], some, None)
        if who is not None:
            rest = np.setdiff1d(np.arange(len(self.pairs)), some)
            cost += self._over(at[:, [who]], start[:, rest], end[:, rest], rest, who)
        return cost

    def _ways(self, at: Points, start: Points, end: Points, some: NDArray[np.intp]) -> Points:
        """Length, arrows too short for their number, and arrows that run backwards."""
        away = end - start
        length = np.hypot(away[..., 0], away[..., 1])
        cos, sin = away[..., 0] / np.maximum(length, 1e-9), away[..., 1] / np.maximum(length, 1e-9)
        seen = length - 2 / np.hypot(cos / self.radii[0], sin / self.radii[1])
        wanted = np.abs(cos) * _SHORT + np.abs(sin) * 11.0
        total: Points = (_LENGTH * length + (length / _FAR) ** 2 + np.maximum(0.0, wanted - seen) / 4).sum(
            axis=1
        )
        ahead = self.ahead[some]
        step = at[:, ahead[:, 1], 0] - at[:, ahead[:, 0], 0]
        backward = (step < -1) * 6.0 + (np.abs(step) <= 1) * 0.3
        measuring = (ahead != self.pairs[some]).any(axis=1)  # a component may stand on any side, but near
        cost: Points = np.where(measuring, 0.13 * backward + _LENGTH * length, backward).sum(axis=1)
        return total + cost

    def _between(self, start: Points, end: Points, some: NDArray[np.intp]) -> Points:
        """Crossings, and arrows that leave one construct in nearly the same direction."""
        a, b = start[:, some, None], end[:, some, None]
        c, d = start[:, None], end[:, None]
        crossing = (_turn(a, b, c) * _turn(a, b, d) < 0) & (_turn(c, d, a) * _turn(c, d, b) < 0)
        one, two = self.pairs[some][:, None], self.pairs[None]
        weight = np.where(np.isin(np.arange(len(self.pairs)), some), 0.5, 1.0)[None, :]
        weight = weight * (some[:, None] != np.arange(len(self.pairs))[None, :])
        cost: Points = (crossing * weight).sum(axis=(1, 2))
        way = np.arctan2((end - start)[..., 1], (end - start)[..., 0])
        for first in (0, 1):
            for second in (0, 1):
                joint = (one[..., first] == two[..., second]) & (weight > 0)
                rows, columns = np.nonzero(joint)
                gap = way[:, some[rows]] + np.pi * first - way[:, columns] - np.pi * second
                gap = np.abs((gap + np.pi) % (2 * np.pi) - np.pi)
                cost += (np.maximum(0.0, 1 - gap / _NARROW) * weight[rows, columns]).sum(axis=1)
        return cost

    def _over(
        self, at: Points, start: Points, end: Points, some: NDArray[np.intp], who: int | None
    ) -> Points:
        """Arrows over constructs that they do not join, or close by."""
        wide, tall = self.radii + _ROOM
        x, y = start[..., 0, None] / wide, start[..., 1, None] / tall
        dx, dy = end[..., 0, None] / wide - x, end[..., 1, None] / tall - y
        px, py = at[:, None, :, 0] / wide - x, at[:, None, :, 1] / tall - y
        part = np.clip((px * dx + py * dy) / np.maximum(dx * dx + dy * dy, 1e-9), 0, 1)
        gap = np.sqrt((px - part * dx) ** 2 + (py - part * dy) ** 2)
        nodes = np.arange(at.shape[1]) if who is None else np.array([who])
        own = (self.pairs[some][:, :, None] == nodes[None, None, :]).any(axis=1)
        cost: Points = (np.where(gap < 1, 3.0 - gap, np.maximum(0.0, 1.2 - gap)) * ~own).sum(axis=(1, 2))
        return cost


def _turn(a: Points, b: Points, c: Points) -> Points:
    """Twice the signed area of the triangles a b c."""
    turn: Points = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1])
    return turn - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
