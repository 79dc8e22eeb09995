"""Which effects a path model has: direct, indirect, conditional, their contrasts, and the indices.

Every effect is written down once, as a sum of products of slopes; estimates, bootstrap draws and standard
errors are then one evaluation of that list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product

import numpy as np

from research.numerics.arrays import Vector
from research.numerics.path_effects import PathEffects
from research.structure.process_probes import Probe, Probes, joint_label
from research.structure.process_system import Equation, System

Path = tuple[str, ...]  # a column of x, then mediators, then y
Point = Mapping[str, float]  # the value of each column of each moderator


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect. `kind`, `path` and `at` name it; `probes` are the values of the moderators it is for.

    `parts`: (weight, path, point) whose products of slopes are summed. `source` is the column of x.
    """

    kind: str
    path: str
    at: str
    source: str
    parts: tuple[tuple[float, Path, Point], ...]
    probes: Mapping[str, Probe] = field(default_factory=dict)

    @property
    def is_slope(self) -> bool:
        """Whether it is a linear function of the coefficients of one regression."""
        return len(self.parts) == 1 and len(self.parts[0][1]) == 2


def list_effects(system: System, probes: Probes) -> list[Effect]:
    """All effects of x on y: total, direct, indirect, contrasts, indices; one set a column of x."""
    found: list[Effect] = []
    for source in system.variables[system.x].columns:
        found += _effects_of(system, probes, source)
    return found


def path_effects(system: System, effects: Sequence[Effect]) -> PathEffects:
    """The effects in the form that is evaluated."""
    slopes = _Slopes(system)
    places: dict[tuple[int, ...], int] = {}
    columns: list[dict[int, float]] = []
    for effect in effects:
        weights: dict[int, float] = {}
        for weight, path, point in effect.parts:
            factors = tuple(slopes.place(source, target, point) for source, target in edges(path))
            at = places.setdefault(factors, len(places))
            weights[at] = weights.get(at, 0.0) + weight
        columns.append(weights)
    W = np.zeros((len(places), len(effects)))
    for column, weights in enumerate(columns):
        for at, weight in weights.items():
            W[at, column] = weight
    matrices, order = slopes.matrices()
    return PathEffects(matrices, tuple(tuple(order[f] for f in factors) for factors in places), W)


def edges(path: Path) -> list[tuple[str, str]]:
    """(source, target) of every step."""
    return list(pairwise(path))


def slope_weights(equation: Equation, source: str, point: Point) -> Vector:
    """What each coefficient counts in the effect of a column on the outcome, (k,)."""
    weights = np.zeros(len(equation.factors))
    for at, factors in enumerate(equation.factors):
        if source in factors:
            weights[at] = np.prod([point[other] for other in factors if other != source])
    return weights


def moderators_of(system: System, source: str, target: str) -> list[str]:
    """The variables whose values change the effect of a column on an outcome."""
    equation = system.equation(target)
    columns = [other for parts in equation.factors if source in parts for other in parts if other != source]
    return list(dict.fromkeys(system.home(column) for column in columns))


def paths_from(system: System, source: str, target: str) -> Iterator[Path]:
    """Every directed path from a column to an outcome, the shortest first, then in the order of the model."""
    return iter(sorted(_walk(system, (source,), target), key=lambda path: (len(path), _places(system, path))))


def _places(system: System, path: Path) -> tuple[int, ...]:
    return tuple(system.outcomes.index(name) for name in path[1:])


def _walk(system: System, path: Path, target: str) -> Iterator[Path]:
    for equation in system.equations:
        if any(path[-1] in parts for parts in equation.factors):
            if equation.outcome == target:
                yield (*path, target)
            else:
                yield from _walk(system, (*path, equation.outcome), target)


def _effects_of(system: System, probes: Probes, source: str) -> list[Effect]:
    paths = list(paths_from(system, source, system.y))
    moderated = {path: _ordered(probes, system, path) for path in paths}
    direct = [path for path in paths if len(path) == 2]
    indirect = [path for path in paths if len(path) > 2]
    plain = [path for path in indirect if not moderated[path]]
    found: list[Effect] = []
    if indirect and not any(moderated.values()) and system.equation(system.y).family == "ols":
        found.append(_sum("total", source, system.y, paths))
    for step in direct:
        found += _at_points("direct", step, moderated[step], probes)
    if len(indirect) > 1 and len(plain) == len(indirect):
        found.append(_sum("total indirect", source, system.y, indirect))
    conditional = {path: _at_points("indirect", path, moderated[path], probes) for path in indirect}
    found += [effect for path in indirect for effect in conditional[path]]
    for path in indirect:
        if moderated[path]:
            found += _indices(system, path, moderated[path], probes)
    for one, other in combinations(plain, 2):
        named = f"{_shown(one)} minus {_shown(other)}"
        found.append(Effect("contrast", named, "", source, ((1.0, one, {}), (-1.0, other, {}))))
    for path in indirect:
        for early, late in combinations(conditional[path], 2):
            parts = (late.parts[0], (-1.0, path, early.parts[0][2]))
            found.append(Effect("contrast", late.path, f"{late.at} minus {early.at}", source, parts))
    return found


def _ordered(probes: Probes, system: System, path: Path) -> list[str]:
    """The moderators of a path in the order in which they are probed."""
    names = {name for source, target in edges(path) for name in moderators_of(system, source, target)}
    return [name for name in probes if name in names]


def _sum(kind: str, source: str, y: str, paths: Sequence[Path]) -> Effect:
    return Effect(kind, _shown((source, y)), "", source, tuple((1.0, path, {}) for path in paths))


def _at_points(kind: str, path: Path, moderators: Sequence[str], probes: Probes) -> list[Effect]:
    """One effect at each combination of the moderators' values."""
    named = f"conditional {kind}" if moderators else kind
    found = []
    for chosen in product(*(probes[name] for name in moderators)):
        at = dict(zip(moderators, chosen, strict=True))
        found.append(Effect(named, _shown(path), joint_label(at), path[0], ((1.0, path, _point(at)),), at))
    return found


def _indices(system: System, path: Path, moderators: Sequence[str], probes: Probes) -> list[Effect]:
    """The change of an indirect effect with a moderator on which it depends linearly.

    Hayes (2015): index of moderated mediation; Hayes (2018): partial where another moderator adds to it,
    conditional where the change depends on another moderator, moderated where that dependence is constant.
    """
    found: list[Effect] = []
    mixed: set[frozenset[str]] = set()
    for name in moderators:
        beside = _beside(system, path, name)
        if beside is None:
            continue
        others = [other for other in moderators if other in beside]
        if others:
            kind = "index of conditional moderated mediation"
        else:
            kind = f"index of {'partial ' if len(moderators) > 1 else ''}moderated mediation"
        for column in system.variables[name].columns:
            for chosen in product(*(probes[other] for other in others)):
                at = dict(zip(others, chosen, strict=True))
                found.append(_index(kind, path, [column], at, moderators, system))
        if len(others) == 1 and _beside(system, path, others[0]) == {name}:
            mixed.add(frozenset((name, others[0])))
    for pair in sorted(mixed, key=lambda names: sorted(moderators.index(name) for name in names)):
        first, second = sorted(pair, key=moderators.index)
        for columns in product(system.variables[first].columns, system.variables[second].columns):
            kind = "index of moderated moderated mediation"
            found.append(_index(kind, path, columns, {}, moderators, system))
    return found


def _beside(system: System, path: Path, name: str) -> set[str] | None:
    """The moderators on which the change of the effect with `name` depends; None where it is not linear."""
    own = set(system.variables[name].columns)
    with_it = [edge for edge in edges(path) if name in moderators_of(system, *edge)]
    if len(with_it) != 1 or system.x == name:
        return None
    (edge,) = with_it
    source, target = edge
    others: set[str] = set()
    for parts in system.equation(target).factors:
        if source in parts and own & set(parts):
            others |= {system.home(part) for part in parts if part != source and part not in own}
    for step in edges(path):
        if step != edge:
            others |= set(moderators_of(system, *step))
    return others


def _index(
    kind: str,
    path: Path,
    columns: Sequence[str],
    at: Mapping[str, Probe],
    moderators: Sequence[str],
    system: System,
) -> Effect:
    """The (mixed) difference of the effect between 0 and 1 of the columns, all else at `at` or 0."""
    base = {column: 0.0 for name in moderators for column in system.variables[name].columns} | _point(at)
    parts = []
    for steps in product((1.0, 0.0), repeat=len(columns)):
        point = base | dict(zip(columns, steps, strict=True))
        parts.append(((-1.0) ** steps.count(0.0), path, point))
    label = "; ".join([":".join(columns), *([joint_label(at)] if at else [])])
    return Effect(kind, _shown(path), label, path[0], tuple(parts), at)


def _point(at: Mapping[str, Probe]) -> dict[str, float]:
    return {column: value for probe in at.values() for column, value in probe.columns.items()}


def _shown(path: Sequence[str]) -> str:
    return " -> ".join(path)


class _Slopes:
    """The different slopes of every regression, each once."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.known: dict[tuple[int, bytes], tuple[int, int]] = {}
        self.columns: list[list[Vector]] = [[] for _ in system.equations]

    def place(self, source: str, target: str, point: Point) -> int:
        """The number of a slope, in the order of asking."""
        regression = self.system.outcomes.index(target)
        weights = slope_weights(self.system.equations[regression], source, point)
        key = (regression, weights.tobytes())
        if key not in self.known:
            self.known[key] = (regression, len(self.columns[regression]))
            self.columns[regression].append(weights)
        return list(self.known).index(key)

    def matrices(self) -> tuple[tuple[np.ndarray, ...], list[int]]:
        """One matrix a regression, and of every slope its place in the row of them all."""
        counts = np.cumsum([0, *(len(columns) for columns in self.columns)])
        stacked = tuple(
            np.column_stack(columns) if columns else np.empty((len(equation.factors), 0))
            for equation, columns in zip(self.system.equations, self.columns, strict=True)
        )
        return stacked, [int(counts[regression]) + at for regression, at in self.known.values()]
