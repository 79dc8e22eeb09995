"""The search for the estimates, under whatever the model holds its parameters to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from research.estimation.bounds import bounds_of
from research.estimation.constraints import null_space
from research.estimation.problem import constrained_minimum, minimum
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.constrained import ConstrainedMinimum, Restricted
from research.numerics.newton import Minimum

if TYPE_CHECKING:
    from research.estimation.compiled import Compiled
    from research.estimation.constraints import Constraints, Restriction
    from research.estimation.problem import Problem
    from research.estimation.sample import Sample
    from research.model.options import Options

FAR = 1e-6  # a gap in a constraint that rounding does not explain


@dataclass(frozen=True, slots=True)
class Search:
    """The estimates, and the constraints with the directions that are left at the estimates (`basis`)."""

    found: Minimum
    constraints: Constraints
    notes: tuple[str, ...] = ()


def search(
    problem: Problem,
    start: Vector,
    compiled: Compiled,
    constraints: Constraints,
    sample: Sample,
    options: Options,
) -> Search:
    """Minimise `problem` from `start`.

    Equalities and the inequalities that hold the estimates take their directions out of the standard
    errors; only equalities give degrees of freedom. A bound that holds an estimate does neither, as in
    lavaan, and is noted.
    """
    lower, upper = bounds_of(compiled, sample, options)
    bounded = bool(np.isfinite(lower).any() or np.isfinite(upper).any())
    if not (constraints.nonlinear or constraints.inequalities or bounded):
        found = minimum(problem, start, constraints.basis, options.max_iter)
        if not np.isfinite(found.value):
            nearer = constraints.project(_proper(problem, start, compiled))
            found = minimum(problem, nearer, constraints.basis, options.max_iter)
        return Search(found, constraints)
    first = np.clip(start, lower, upper)
    if not np.isfinite(problem.value(first)):
        first = np.clip(_proper(problem, first, compiled), lower, upper)
    names, limit = compiled.names, min(options.max_iter, 500)

    def minimise(equal: Restricted, above: Restricted) -> ConstrainedMinimum:
        return constrained_minimum(problem, first, equal, above, limit)

    return fenced(minimise, constraints, lower, upper, names)


def fenced(
    minimise: Callable[[Restricted, Restricted], ConstrainedMinimum],
    constraints: Constraints,
    lower: Vector,
    upper: Vector,
    names: Sequence[str],
) -> Search:
    """What `minimise` finds under equalities and inequalities, bounds (q,) among them."""
    fences = _Fences(constraints, lower, upper)
    end = minimise(fences.equal, fences.above)
    kept = end.active[end.active < len(constraints.inequalities)]
    _, J = fences.equal(end.found.theta)
    slopes = np.vstack([J, fences.above(end.found.theta)[1][kept]])
    notes = [
        f"The inequality constraint {constraints.inequalities[at].text} holds the estimates at its limit; "
        "standard errors take it as an equality, the degrees of freedom do not."
        for at in kept
    ]
    if not end.found.converged:
        notes += _violated(constraints, end.found.theta)
    touched = fences.bounded_by(end.active[end.active >= len(constraints.inequalities)])
    if touched:
        listed = ", ".join(names[at] for at in touched[:6]) + (" …" if len(touched) > 6 else "")
        notes.append(f"Estimates at a bound: {listed}. Their standard errors and tests are approximate.")
    held = replace(
        constraints,
        basis=null_space(slopes) if len(slopes) else None,
        nonlinear=_independent(constraints, J),
    )
    within = np.clip(end.found.theta, lower, upper)
    for at in touched:
        within[at] = lower[at] if within[at] - lower[at] < upper[at] - within[at] else upper[at]
    return Search(replace(end.found, theta=within, point=None), held, tuple(notes))


def _proper(problem: Problem, start: Vector, compiled: Compiled) -> Vector:
    """The start with smaller covariances, where those of the sample make no proper matrix by themselves."""
    apart = np.zeros(len(start), dtype=bool)
    for block in compiled.blocks:
        at = block.layout
        cells = at.parameter[at.n_paths : at.n_paths + at.n_covariances]
        apart[cells[at.S_row != at.S_col]] = True
    for share in (0.5, 0.25, 0.0):
        trial = np.where(apart, share * start, start)
        if np.isfinite(problem.value(trial)):
            return trial
    return start


def _violated(constraints: Constraints, theta: Vector) -> list[str]:
    """The constraint that the end of a failed search is furthest from."""
    curved = (*constraints.nonlinear, *constraints.inequalities)
    gaps, _ = constraints.gaps(curved, theta)
    missed = [
        max(-gap, 0.0) if each.inequality else abs(gap)
        for each, gap in zip(curved, gaps.tolist(), strict=True)
    ]
    if not max(missed, default=0.0) > FAR:
        return []
    worst = int(np.argmax(missed))
    return [
        f"The search ended where the constraint {curved[worst].text} is missed by {missed[worst]:.3g}: no "
        "parameters may fulfil all constraints together. Loosen or drop one of them."
    ]


def _independent(constraints: Constraints, J: Matrix) -> tuple[Restriction, ...]:
    """The nonlinear equalities that say something new at the estimates: each gives a degree of freedom."""
    first = len(constraints.rhs)
    kept: list[int] = list(range(first))
    for at in range(first, len(J)):
        if np.linalg.matrix_rank(J[[*kept, at]]) > len(kept):
            kept.append(at)
    return tuple(constraints.nonlinear[at - first] for at in kept[first:])


class _Fences:
    """Equalities and inequalities of a model as functions of theta; a bound is an inequality."""

    def __init__(self, constraints: Constraints, lower: Vector, upper: Vector) -> None:
        self.constraints = constraints
        self.low, self.high = np.flatnonzero(np.isfinite(lower)), np.flatnonzero(np.isfinite(upper))
        self.limits = np.concatenate([lower[self.low], upper[self.high]])
        self.places = np.concatenate([self.low, self.high])
        self.signs = np.concatenate([np.ones(len(self.low)), -np.ones(len(self.high))])
        self.slopes = np.zeros((len(self.places), len(lower)))
        self.slopes[np.arange(len(self.places)), self.places] = self.signs

    def equal(self, theta: Vector) -> tuple[Vector, Matrix]:
        """Linear, then nonlinear equalities."""
        values, slopes = self.constraints.gaps(self.constraints.nonlinear, theta)
        linear = self.constraints.J @ theta - self.constraints.rhs
        return np.concatenate([linear, values]), np.vstack([self.constraints.J, slopes])

    def above(self, theta: Vector) -> tuple[Vector, Matrix]:
        """Inequalities, then bounds."""
        values, slopes = self.constraints.gaps(self.constraints.inequalities, theta)
        room = self.signs * (theta[self.places] - self.limits)
        return np.concatenate([values, room]), np.vstack([slopes, self.slopes])

    def bounded_by(self, active: Indices) -> list[int]:
        """Places of the parameters that the bounds among the inequalities `active` hold."""
        count = len(self.constraints.inequalities)
        return sorted({int(self.places[int(at) - count]) for at in active})
