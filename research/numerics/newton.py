"""Minimisation by Fisher scoring, then Newton's method, inside linear equalities.

A scoring step brings the start values into the bowl where the Hessian is positive definite; Newton's
method then converges quadratically. Where the Hessian is not positive definite the scoring step is
taken. A step is halved until the value falls. Convergence is a Newton decrement g'H^-1 g below 1e-9;
the step that goes with it is still taken, which leaves an error of its square.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from research.numerics.arrays import Matrix, Vector

SCORING_STEPS = 1
DECREMENT = 1e-9
HALVINGS = 25
LIMIT = 200  # steps; a search that needs more is going nowhere
RIDGE = 1e-10  # eigenvalues of the scaled curvature below this count as directions without information


class PointLike(Protocol):
    """A value and a gradient."""

    @property
    def value(self) -> Vector:
        """A number."""

    @property
    def gradient(self) -> Vector:
        """Its derivatives, (q,)."""


P = TypeVar("P", bound=PointLike)


class Discrepancy(Protocol[P]):
    """A smooth function of the parameters with an expected and an exact Hessian."""

    def value(self, theta: Vector) -> Vector:
        """The value alone; infinite outside the domain."""

    def point(self, theta: Vector) -> P:
        """The value, the gradient and what the curvature needs."""

    def expected(self, point: P) -> Matrix:
        """A positive semidefinite stand-in for the Hessian, (q, q)."""

    def hessian(self, point: P) -> Matrix:
        """The Hessian, (q, q)."""


@dataclass(frozen=True, slots=True)
class Minimum:
    """Where the search ended: `theta` (q,), its value, the number of steps, and whether it is a minimum.

    `reason` says in a few words why it is not, where it is not.
    """

    theta: Vector
    value: float
    n_steps: int
    converged: bool
    decrement: float
    reason: str = ""


def minimize(
    problem: Discrepancy[P],
    start: Vector,
    *,
    basis: Matrix | None = None,
    max_iter: int = LIMIT,
    scoring_steps: int = SCORING_STEPS,
) -> Minimum:
    """Minimise `problem` from `start` (q,), moving only along the columns of `basis` (q, r).

    `basis`: null space of linear equality constraints that `start` fulfils; None for all directions.
    `max_iter`: steps, at most 200.
    """
    max_iter = min(max_iter, LIMIT)
    theta = start.copy()
    point = problem.point(theta)
    if not np.isfinite(point.value):
        return Minimum(theta, float("inf"), 0, False, float("inf"), "start values give no proper covariance")
    decrement, flat = float("inf"), 0
    for n_steps in range(1, max_iter + 1):
        step, decrement = _step(problem, point, basis, n_steps <= scoring_steps)
        if decrement < DECREMENT:
            last = theta + step
            value = float(problem.value(last))
            if not value <= float(point.value) + 1e-8:
                last, value = theta, float(point.value)
            return Minimum(last, value, n_steps, True, decrement)
        whole = problem.point(theta + step)
        if _falls(float(whole.value), float(point.value), decrement):
            theta, point = theta + step, whole
            continue
        length = _length(problem, theta, step, float(point.value), decrement)
        if length == 0.0:
            flat += 1
            if flat > 1:
                return Minimum(
                    theta, float(point.value), n_steps, False, decrement, "no step lowers the discrepancy"
                )
            scoring_steps = n_steps + 3
            continue
        theta = theta + length * step
        point = problem.point(theta)
    return Minimum(
        theta, float(point.value), max_iter, False, decrement, f"{max_iter} iterations were not enough"
    )


def _step(problem: Discrepancy[P], point: P, basis: Matrix | None, scoring: bool) -> tuple[Vector, float]:
    """The direction to go and its decrement."""
    slope = point.gradient if basis is None else point.gradient @ basis
    if not scoring:
        H = problem.hessian(point)
        H = H if basis is None else basis.T @ H @ basis
        try:
            np.linalg.cholesky(H)
            step: Vector = -np.asarray(np.linalg.solve(H, slope), dtype=np.float64)
            return (step if basis is None else basis @ step), float(-slope @ step)
        except np.linalg.LinAlgError:
            pass
    H = problem.expected(point)
    H = H if basis is None else basis.T @ H @ basis
    step = -_solve_semidefinite(H, slope)
    return (step if basis is None else basis @ step), float(-slope @ step)


def _solve_semidefinite(H: Matrix, slope: Vector) -> Vector:
    """H^+ slope in the metric of H's diagonal; directions without information are not moved along."""
    scale = np.sqrt(np.maximum(np.diagonal(H), np.finfo(float).tiny))
    scaled = H / np.outer(scale, scale)
    try:
        root = np.linalg.cholesky(scaled)
        if np.diagonal(root).min() > 1e-5:
            return np.asarray(np.linalg.solve(scaled, slope / scale) / scale)
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(scaled)
    kept = values > RIDGE * max(1.0, float(values[-1]))
    inverse = np.where(kept, 1.0 / np.where(kept, values, 1.0), 0.0)
    return np.asarray((vectors @ (inverse * (vectors.T @ (slope / scale)))) / scale)


def _length(problem: Discrepancy[P], theta: Vector, step: Vector, value: float, decrement: float) -> float:
    """Halve a step that is too long until the value falls enough; 0 if it never does."""
    length = 1.0
    for _ in range(HALVINGS):
        length *= 0.5
        if _falls(float(problem.value(theta + length * step)), value, length * decrement):
            return length
    return 0.0


def _falls(new: float, value: float, promised: float) -> bool:
    """Whether the value falls by a fair share of what the slope promises."""
    return new <= value - 1e-4 * promised + 1e-14 * (1.0 + abs(value))
