"""The steps of measurement invariance as parameter tables: what is held equal, and what that identifies."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from research.measurement.invariance_copies import Copies, Key, Kind, kinds_of
from research.model.table import Parameter, ParameterTable

Level = Literal["configural", "thresholds", "metric", "scalar", "strict", "means"]
LEVELS: tuple[Level, ...] = ("configural", "thresholds", "metric", "scalar", "strict", "means")
HELD: Mapping[Kind, Level] = {  # the step from which each kind of row is equal
    "threshold": "thresholds",
    "loading": "metric",
    "intercept": "scalar",
    "residual": "strict",
    "mean": "means",
}


@dataclass(frozen=True, slots=True)
class Ladder:
    """A configural table and everything that its steps are made from.

    `ordered`: items with ordered categories; `parameterization`: theta frees their residual variances, delta
    their scales; `partial`: rows that no step holds.
    """

    table: ParameterTable
    copies: Copies
    ordered: frozenset[str] = frozenset()
    parameterization: Literal["delta", "theta"] = "delta"
    partial: frozenset[Key] = frozenset()

    def step(self, level: Level, values: Sequence[float] | None = None) -> ParameterTable:
        """The table in which everything up to `level` is equal over the copies.

        `values`: an estimate for each row, from which the search begins (rows that become one begin at their
        mean). What equality identifies becomes free in the copies after the reference: latent variances
        with equal loadings, latent means with equal intercepts, and for ordered items what
        `ordered_freedom` says.
        """
        sketch = Sketch(self.table, values)
        rank = LEVELS.index(level)
        kinds = kinds_of(self.table)
        held = self.held_rows(level)
        for rows in held.values():
            sketch.share(rows)
        for at, value in self.changes(level, kinds, rank).items():
            sketch.set(at, value)
        return sketch.table()

    def held_rows(self, level: Level) -> dict[Key, list[int]]:
        """The rows of every parameter that `level` holds equal: the reference first."""
        rank = LEVELS.index(level)
        found: dict[Key, list[int]] = {}
        for at, (row, kind) in enumerate(zip(self.table.parameters, kinds_of(self.table), strict=True)):
            since = HELD.get(kind)
            if since is None or LEVELS.index(since) > rank or kind == "mean":
                continue
            if row.lhs in self.ordered and kind in ("intercept", "residual"):
                continue  # fixed, not shared: `changes`
            key = self.copies.key(row)
            if key not in self.partial and self.copies.unit(row) is not None:
                found.setdefault(key, []).append(at)
        return {key: rows for key, rows in found.items() if len(rows) > 1}

    def new_rows(self, level: Level) -> list[int]:
        """The rows, outside the reference, that `level` holds and the step before does not."""
        rank = LEVELS.index(level)
        kinds = kinds_of(self.table)
        wanted = [kind for kind, since in HELD.items() if LEVELS.index(since) == rank]
        out = []
        for at, (row, kind) in enumerate(zip(self.table.parameters, kinds, strict=True)):
            unit = self.copies.unit(row)
            if kind in wanted and unit and self.copies.key(row) not in self.partial:
                out.append(at)
        return out

    def changes(self, level: Level, kinds: Sequence[Kind], rank: int) -> dict[int, float]:
        """Rows that a step fixes (at a value) or frees (NaN), apart from those that it shares."""
        out: dict[int, float] = {}
        anchors = _Anchors(self, kinds)
        for at, (row, kind) in enumerate(zip(self.table.parameters, kinds, strict=True)):
            unit = self.copies.unit(row)
            if not unit:
                continue
            if kind == "variance" and row.value == 1.0 and anchors.variance(row, level):
                out[at] = math.nan
            elif kind == "mean" and row.value == 0.0 and anchors.mean(row, level):
                out[at] = 0.0 if rank >= LEVELS.index("means") else math.nan
            elif row.lhs in self.ordered and kind in ("intercept", "residual", "scale"):
                freed = self._ordered_free(row, kind, level, anchors)
                if freed:
                    out[at] = math.nan
        return out

    def _ordered_free(self, row: Parameter, kind: Kind, level: Level, anchors: _Anchors) -> bool:
        """Whether an ordered item's intercept, residual variance or scale is free outside the reference.

        Wu & Estabrook (2016): two equal thresholds identify intercept and scale; one identifies the
        intercept, and, once the loading is equal too, the scale; none identifies neither.
        """
        equal = anchors.thresholds(self.copies.key(row)[0]) if level != "configural" else 0
        rank = LEVELS.index(level)
        released = self.copies.key(row) in self.partial
        if kind == "intercept":
            return equal > 0 and (rank < LEVELS.index("scalar") or released)
        theta = self.parameterization == "theta" or rank >= LEVELS.index("strict")
        if (kind == "residual") is not theta:
            return False
        if rank >= LEVELS.index("strict") and not released:
            return False
        return equal > 1 or (equal == 1 and rank >= LEVELS.index("metric") and anchors.loading(row, True))


def separated(table: ParameterTable) -> tuple[ParameterTable, tuple[str, ...]]:
    """The table with its structure free in every group, and the paths that labels had held equal.

    A label that stands once in a text is one parameter in all groups. That is of no use to a ladder, which
    compares measurement: paths and covariances get a parameter of their own in each group, and the label
    stays with the first.
    """
    kinds = kinds_of(table)
    groups: dict[int, set[int]] = {}
    for row, kind in zip(table.parameters, kinds, strict=True):
        if row.free and not kind:
            groups.setdefault(row.free, set()).add(row.group)
    shared = {free for free, found in groups.items() if len(found) > 1}
    if not shared:
        return table, ()
    places: dict[tuple[int, int], int] = {}
    rows: list[Parameter] = []
    names: dict[str, None] = {}
    for row, kind in zip(table.parameters, kinds, strict=True):
        if not row.free:
            rows.append(row)
            continue
        own = row.free in shared and not kind
        place = places.setdefault((row.free, row.group if own else 0), len(places) + 1)
        label = row.label
        if own:
            names.setdefault(f"{row.lhs} {row.op} {row.rhs}")
            label = label if row.group == 1 else ""
        rows.append(row._replace(free=place, label=label))
    return replace(table, parameters=tuple(rows)), tuple(names)


class Sketch:
    """A table on which rows are joined, fixed and freed; numbered anew at the end."""

    def __init__(self, table: ParameterTable, values: Sequence[float] | None = None) -> None:
        self._table, self._values = table, values
        self._own: dict[int, float] = {}
        self._owner: dict[int, int] = {}

    def share(self, rows: Iterable[int]) -> None:
        """Make the rows one parameter; fixed rows stay as they are."""
        free = [self._table.parameters[at].free for at in rows]
        joined = [each for each in free if each]
        for other in joined[1:]:
            first, second = sorted((self._root(joined[0]), self._root(other)))
            if first < second:
                self._owner[second] = first

    def set(self, row: int, value: float) -> None:
        """Fix a row at `value`, or (NaN) give it a parameter of its own."""
        self._own[row] = value

    def table(self) -> ParameterTable:
        """The table, with start values where estimates were given."""
        places: dict[tuple[str, int], int] = {}
        rows: list[Parameter] = []
        begun: dict[int, list[float]] = {}
        for at, row in enumerate(self._table.parameters):
            token = ("shared", self._root(row.free)) if row.free else None
            value = row.value
            if at in self._own:
                value = self._own[at]
                token = ("own", at) if math.isnan(value) else None
            free = places.setdefault(token, len(places) + 1) if token else 0
            label = row.label if free and at not in self._own else ""
            rows.append(row._replace(free=free, value=math.nan if free else value, label=label))
            if free and self._values is not None:
                begun.setdefault(free, []).append(self._values[at])
        if begun:
            start = {free: sum(found) / len(found) for free, found in begun.items()}
            rows = [row._replace(start=start[row.free]) if row.free else row for row in rows]
        return replace(self._table, parameters=tuple(rows))

    def _root(self, free: int) -> int:
        while free in self._owner:
            free = self._owner[free]
        return free


class _Anchors:
    """What is equal at a step and so gives the latent scale its unit and its zero, outside the reference."""

    def __init__(self, ladder: Ladder, kinds: Sequence[Kind]) -> None:
        self._ladder = ladder
        self._loadings = [
            row for row, kind in zip(ladder.table.parameters, kinds, strict=True) if kind == "loading"
        ]
        self._equal: dict[str, int] = {}
        for row, kind in zip(ladder.table.parameters, kinds, strict=True):
            if kind == "threshold" and ladder.copies.unit(row) == 0:
                key = ladder.copies.key(row)
                self._equal[key[0]] = self._equal.get(key[0], 0) + (key not in ladder.partial)

    def thresholds(self, item: str) -> int:
        """The equal thresholds of an item, called as in the first wave."""
        return self._equal.get(item, 0)

    def loading(self, row: Parameter, of_item: bool) -> bool:
        """Whether an equal loading of (or on) the variable in `row` exists."""
        return bool(self._held(row, lambda each: (each.rhs if of_item else each.lhs) == row.lhs))

    def variance(self, row: Parameter, level: Level) -> bool:
        """Whether the variance of the factor in `row` is identified by equal loadings at this step."""
        if LEVELS.index(level) < LEVELS.index("metric"):
            return False
        held = self._held(row, lambda each: each.lhs == row.lhs)
        if LEVELS.index(level) >= LEVELS.index("scalar"):
            return bool(held)
        return any(self._sees_scale(each) for each in held)

    def mean(self, row: Parameter, level: Level) -> bool:
        """Whether the mean of the factor in `row` is identified by equal intercepts at this step."""
        if LEVELS.index(level) < LEVELS.index("scalar"):
            return False
        ladder = self._ladder
        return any(
            (ladder.copies.base.get(each.rhs, each.rhs), "~1", "") not in ladder.partial
            for each in self._loadings
            if each.lhs == row.lhs and each.group == row.group
        )

    def _held(self, row: Parameter, chosen: Callable[[Parameter], bool]) -> list[Parameter]:
        ladder = self._ladder
        return [
            each
            for each in self._loadings
            if each.group == row.group and chosen(each) and ladder.copies.key(each) not in ladder.partial
        ]

    def _sees_scale(self, loading: Parameter) -> bool:
        """An item whose scale is known by itself: continuous, or with two equal thresholds."""
        ladder = self._ladder
        if loading.rhs not in ladder.ordered:
            return True
        return self.thresholds(ladder.copies.base.get(loading.rhs, loading.rhs)) > 1
