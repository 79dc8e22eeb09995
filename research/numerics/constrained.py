"""Minimisation under nonlinear equalities, inequalities and bounds: sequential quadratic programming.

Each step minimises a quadratic model of the Lagrangian under the linearised constraints. The curvature is
the expected one for the first steps and wherever the exact one is not positive definite, else exact, so that
convergence is quadratic. A step is halved until the discrepancy plus a penalty on what is violated falls.
Nocedal & Wright (2006), ch. 18
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.newton import HALVINGS, SCORING_STEPS, Discrepancy, Minimum, P
from research.numerics.quadratic_program import QuadraticStep, quadratic_step

Restricted = Callable[[Vector], tuple[Vector, Matrix]]

DECREMENT = 1e-16
VIOLATION = 1e-10
ACTIVE = 1e-8  # multiplier of an inequality that holds the estimates


@dataclass(frozen=True, slots=True)
class ConstrainedMinimum:
    """The end of the search; `active`: the inequalities that hold it; `J`: slopes of all that do, (r, q)."""

    found: Minimum
    active: Indices
    J: Matrix


def minimize_constrained(
    problem: Discrepancy[P], start: Vector, equal: Restricted, above: Restricted, *, max_iter: int = 200
) -> ConstrainedMinimum:
    """Minimise `problem` where `equal(theta)` is zero and `above(theta)` is not below zero.

    Both return values (r,) and their Jacobian (r, q). `start` need not fulfil them.
    """
    theta, penalty = start.copy(), 0.0
    point = problem.point(theta)
    plan = QuadraticStep(np.zeros(len(theta)), np.zeros(0), np.zeros(0), True)
    if not np.isfinite(point.value):
        return _end(theta, point, 0, plan, equal, above, "start values give no proper covariance")
    last = np.inf
    for n_steps in range(1, max_iter + 1):
        gap, J = equal(theta)
        room, K = above(theta)
        H = _curvature(problem, point, theta, plan, equal, above, J, n_steps)
        plan = quadratic_step(H, point.gradient, J, gap, K, room)
        if not plan.feasible:
            return _end(theta, point, n_steps, plan, equal, above, "the constraints exclude one another")
        decrement = float(plan.step @ H @ plan.step)
        violation = float(np.abs(gap).max(initial=0.0)) + float(np.maximum(-room, 0.0).max(initial=0.0))
        if decrement < DECREMENT and violation < VIOLATION:
            return _end(theta, point, n_steps, plan, equal, above)
        largest = max(np.abs(plan.equal).max(initial=0.0), plan.above.max(initial=0.0))
        penalty = max(penalty, 1.5 * float(largest) + 1e-6)
        size = decrement + violation
        length = 1.0 if size < 1e-3 * min(last, 1.0) else 0.0
        if not (length and np.isfinite(problem.value(theta + plan.step))):
            length = _length(problem, theta, plan.step, point, penalty, equal, above)
        last = size
        if length == 0.0:
            if decrement < 1e-12 and violation < 1e-8:
                return _end(theta, point, n_steps, plan, equal, above)
            return _end(theta, point, n_steps, plan, equal, above, "no step lowers the discrepancy")
        theta = theta + length * plan.step
        point = problem.point(theta)
    reason = f"{max_iter} iterations were not enough"
    return _end(theta, point, max_iter, plan, equal, above, reason)


def _curvature(
    problem: Discrepancy[P],
    point: P,
    theta: Vector,
    plan: QuadraticStep,
    equal: Restricted,
    above: Restricted,
    J: Matrix,
    n_steps: int,
) -> Matrix:
    """Curvature of the Lagrangian where it is positive definite, else the expected one of the discrepancy."""
    stiff = np.zeros((len(theta), len(theta)))
    if len(J):
        stiff = J.T @ J  # no step along J has a choice of its length: this changes nothing but definiteness
    if n_steps > SCORING_STEPS:
        H = problem.hessian(point) - _bend(equal, theta, plan.equal) - _bend(above, theta, plan.above)
        weight = np.abs(np.diagonal(H)).max(initial=1.0)
        try:
            np.linalg.cholesky(H + weight * stiff)
            return np.asarray(H + weight * stiff)
        except np.linalg.LinAlgError:
            pass
    H = problem.expected(point)
    weight = np.abs(np.diagonal(H)).max(initial=1.0)
    ridge = 1e-9 * np.maximum(np.diagonal(H), 1e-9 * weight)
    return np.asarray(H + weight * stiff + np.diag(ridge))


def _bend(restricted: Restricted, theta: Vector, multipliers: Vector) -> Matrix:
    """Hessian of multipliers'c(theta), from central differences of the Jacobian."""
    q = len(theta)
    out = np.zeros((q, q))
    if not np.abs(multipliers).max(initial=0.0) > 0:
        return out
    for at in np.flatnonzero(np.abs(restricted(theta)[1]).max(axis=0, initial=0.0) > 0):
        h = np.zeros(q)
        h[at] = 1e-5 * (1.0 + abs(theta[at]))
        out[at] = multipliers @ (restricted(theta + h)[1] - restricted(theta - h)[1]) / (2.0 * h[at])
    return np.asarray((out + out.T) / 2.0)


def _length(
    problem: Discrepancy[P],
    theta: Vector,
    step: Vector,
    point: P,
    penalty: float,
    equal: Restricted,
    above: Restricted,
) -> float:
    """Halve the step until discrepancy plus penalty falls; 0 if it never does."""

    def merit(at: Vector, value: float) -> float:
        gap, room = equal(at)[0], above(at)[0]
        total = value + penalty * float(np.abs(gap).sum() + np.maximum(-room, 0.0).sum())
        return total if np.isfinite(total) else np.inf

    before = merit(theta, float(point.value))
    gap, room = equal(theta)[0], above(theta)[0]
    fall = float(point.gradient @ step) - penalty * float(np.abs(gap).sum() + np.maximum(-room, 0.0).sum())
    length = 1.0
    for _ in range(HALVINGS):
        new = theta + length * step
        if merit(new, float(problem.value(new))) <= before + 1e-4 * length * min(fall, 0.0) + 1e-14:
            return length
        length *= 0.5
    return 0.0


def _end(
    theta: Vector,
    point: P,
    n_steps: int,
    plan: QuadraticStep,
    equal: Restricted,
    above: Restricted,
    reason: str = "",
) -> ConstrainedMinimum:
    active = np.flatnonzero(plan.above > ACTIVE)
    J = np.vstack([equal(theta)[1], above(theta)[1][active]])
    found = Minimum(theta, float(point.value), n_steps, not reason, 0.0, reason)
    return ConstrainedMinimum(found, active, J)
