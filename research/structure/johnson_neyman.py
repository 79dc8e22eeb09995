"""Where on a continuous moderator an effect is significant: bounds, and the effect along the moderator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, ModelError, did_you_mean
from research.numerics.arrays import Matrix, Vector
from research.structure.process_effects import moderators_of, slope_weights
from research.structure.process_frames import moderated_steps
from research.structure.process_probes import Probe, Probes, joint_label
from research.structure.process_system import Equation, System
from research.structure.regression import critical_value, two_sided_p

if TYPE_CHECKING:
    import pandas as pd

FEWEST_VALUES = 4  # between two or three values there is nobody whom a bound could divide


@dataclass(frozen=True, slots=True)
class Line:
    """An effect that changes linearly with a moderator: `slope` (2,) and its `covariance` (2, 2)."""

    outcome: str
    path: str
    moderator: str
    at: str
    slope: Vector
    covariance: Matrix
    df: float
    values: Vector


def bounds_frame(
    system: System, probes: Probes, level: float, moderator: str | None, outcome: str | None
) -> pd.DataFrame:
    """`outcome path moderator at bound share_below share_above significant`."""
    import pandas as pd

    rows = []
    for line in _lines(system, probes, moderator, outcome):
        critical = critical_value(level, line.df)
        low, high = float(line.values.min()), float(line.values.max())
        bounds = [
            bound
            for bound in significance_bounds(line.slope, line.covariance, critical)
            if low <= bound <= high
        ]
        keys = {"outcome": line.outcome, "path": line.path, "moderator": line.moderator, "at": line.at}
        edges = [low, *bounds, high]
        for place, bound in enumerate(bounds):
            below = _is_significant(line, (edges[place] + bound) / 2, critical)
            rows.append(
                {
                    **keys,
                    "bound": bound,
                    "share_below": float((line.values < bound).mean()),
                    "share_above": float((line.values > bound).mean()),
                    "significant": "below" if below else "above",
                }
            )
        if not bounds:
            whole = _is_significant(line, (low + high) / 2, critical)
            rows.append({**keys, "bound": np.nan, "significant": "everywhere" if whole else "nowhere"})
    names = ["outcome", "path", "moderator", "at", "bound", "share_below", "share_above", "significant"]
    return pd.DataFrame(rows, columns=names)


def region_frame(
    system: System, probes: Probes, level: float, moderator: str | None, outcome: str | None, points: int
) -> pd.DataFrame:
    """`outcome path moderator at value estimate se p low high`, equally spaced, bounds among them."""
    import pandas as pd

    parts = []
    for line in _lines(system, probes, moderator, outcome):
        critical = critical_value(level, line.df)
        low, high = float(line.values.min()), float(line.values.max())
        bounds = significance_bounds(line.slope, line.covariance, critical)
        inside = [bound for bound in bounds if low < bound < high]
        value = np.sort(np.concatenate([np.linspace(low, high, points), inside]))
        estimate, se = _effect(line, value)
        with np.errstate(divide="ignore", invalid="ignore"):  # an error of 0, where a row decides alone
            p = two_sided_p(estimate / se, line.df)
        parts.append(
            pd.DataFrame(
                {
                    "outcome": line.outcome,
                    "path": line.path,
                    "moderator": line.moderator,
                    "at": line.at,
                    "value": value,
                    "estimate": estimate,
                    "se": se,
                    "p": p,
                    "low": estimate - critical * se,
                    "high": estimate + critical * se,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def significance_bounds(slope: Vector, covariance: Matrix, critical: float) -> list[float]:
    """Values v at which (s0 + s1 v)^2 = t^2 (c00 + 2 v c01 + v^2 c11), in ascending order; none, one or two.

    `slope` (2,): the effect at v = 0 and its change with v; `covariance` (2, 2) of the two; `critical`: t.
    Johnson & Fay (1950); Bauer & Curran (2005), eq. 11

    >>> significance_bounds(np.array([0.0, 1.0]), np.diag([1.0, 0.0]), 2.0)
    [-2.0, 2.0]
    """
    t2 = critical**2
    errors = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    u0, u1 = (float(size) for size in np.maximum(errors, np.abs(slope)))
    if u0 == 0 or u1 == 0:  # no effect at 0, or no change: the sign of the effect never turns
        return [0.0] if u0 == 0 < u1 else []
    s0, s1 = float(slope[0]) / u0, float(slope[1]) / u1  # in units of their own, so that no square overflows
    a = s1**2 - t2 * float(covariance[1, 1] / u1 / u1)
    b = 2 * (s0 * s1 - t2 * float(covariance[0, 1] / u0 / u1))
    c = s0**2 - t2 * float(covariance[0, 0] / u0 / u0)
    return [root * (u0 / u1) for root in _real_roots(a, b, c)]


def _real_roots(a: float, b: float, c: float) -> list[float]:
    """The real roots of a v^2 + b v + c, ascending; none where they coincide."""
    if a == 0:
        return [-c / b] if b != 0 else []
    inside = b**2 - 4 * a * c
    if inside <= 0:
        return []
    q = -0.5 * (b + (np.sqrt(inside) if b >= 0 else -np.sqrt(inside)))  # without cancellation
    roots = {q / a, c / q} if q != 0 else {0.0}
    return sorted(float(root) for root in roots)


def _lines(system: System, probes: Probes, moderator: str | None, outcome: str | None) -> list[Line]:
    """Every moderated step along each of its continuous moderators; DataError where there is none."""
    steps = moderated_steps(system)
    names = list(dict.fromkeys(name for step in steps for name in moderators_of(system, *step)))
    if not names:
        raise ModelError("no path of this model is moderated; Johnson-Neyman bounds belong to a moderator.")
    if moderator is not None and moderator not in names:
        raise ModelError(f"{moderator!r} moderates no path of this model.{did_you_mean(moderator, names)}")
    if outcome is not None and outcome not in {target for _, target in steps}:
        raise ModelError(
            f"no path to {outcome!r} is moderated; moderated are paths to "
            f"{', '.join(dict.fromkeys(target for _, target in steps))}."
        )
    wanted = [name for name in names if moderator in (None, name)]
    continuous = [name for name in wanted if _is_continuous(system, name)]
    if not continuous:
        raise DataError(_too_few(system, wanted))
    return [
        line
        for name in continuous
        for source, target in steps
        if outcome in (None, target) and name in moderators_of(system, source, target)
        for line in _lines_of(system, probes, source, target, name)
    ]


def _is_continuous(system: System, name: str) -> bool:
    variable = system.variables[name]
    return not variable.is_coded and len(variable.distinct) >= FEWEST_VALUES


def _too_few(system: System, names: list[str]) -> str:
    said = []
    for name in names:
        variable = system.variables[name]
        values = variable.levels if variable.is_coded else [f"{value:.6g}" for value in variable.distinct]
        said.append(f"{name!r} takes {len(values)} values ({', '.join(values)})")
    return (
        f"Johnson-Neyman bounds need a continuous moderator: {'; '.join(said)}, and a bound between two of "
        "them divides nobody. simple_slopes() gives the effect at each value."
    )


def _lines_of(system: System, probes: Probes, source: str, target: str, name: str) -> Iterator[Line]:
    """One line at each combination of the values of the other moderators."""
    equation = system.equation(target)
    others = [other for other in probes if other != name and other in moderators_of(system, source, target)]
    for chosen in product(*(probes[other] for other in others)):
        at: Mapping[str, Probe] = dict(zip(others, chosen, strict=True))
        yield _line(system, equation, source, name, at)


def _line(system: System, equation: Equation, source: str, name: str, at: Mapping[str, Probe]) -> Line:
    (column,) = system.variables[name].columns
    point = {place: value for probe in at.values() for place, value in probe.columns.items()}
    start = slope_weights(equation, source, point | {column: 0.0})
    change = slope_weights(equation, source, point | {column: 1.0}) - start
    A = np.array([start, change])
    found = equation.estimates
    return Line(
        equation.outcome,
        f"{source} -> {equation.outcome}",
        name,
        joint_label(at),
        A @ found.coefficients,
        A @ found.covariance @ A.T,
        found.df,
        system.variables[name].values[:, 0],
    )


def _effect(line: Line, value: Vector) -> tuple[Vector, Vector]:
    """The effect and its standard error at values of the moderator."""
    c = line.covariance
    variance = c[0, 0] + 2 * value * c[0, 1] + value**2 * c[1, 1]
    return line.slope[0] + line.slope[1] * value, np.sqrt(np.clip(variance, 0.0, None))


def _is_significant(line: Line, value: float, critical: float) -> bool:
    estimate, se = _effect(line, np.array([value]))
    return bool(abs(estimate[0]) > critical * se[0])
