"""Least squares of thresholds, means and correlations: WLS, DWLS and ULS with different weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.newton import Minimum, minimize
from research.numerics.ordinal_moments import (
    OrdinalBlock,
    OrdinalImplied,
    ordinal_implied,
    ordinal_statistics,
)
from research.numerics.ordinal_reduction import without_thresholds
from research.numerics.weighted_squares import weighted

POLISH = 8  # Gauss-Newton steps after convergence
SETTLED = 1e-14  # decrement at which they stop


class OrdinalPoint(NamedTuple):
    """Value, gradient (q,), and what each group implies."""

    value: Vector
    gradient: Vector
    blocks: tuple[OrdinalImplied, ...]


@dataclass(frozen=True, slots=True)
class OrdinalLeastSquares:
    """F = sum_g share_g (s - s(theta))'W(s - s(theta)) over the statistics s (k,) of each group.

    Muthen (1984), Psychometrika 49, 115-132.

    `weights`: (k, k) each, or (k,) for a diagonal one.
    """

    blocks: tuple[OrdinalBlock, ...]
    statistics: tuple[Vector, ...]
    weights: tuple[Matrix, ...]
    shares: tuple[float, ...]

    def value(self, theta: Vector) -> Vector:
        """F at theta; infinite where a variance is not positive."""
        total = 0.0
        for of, s, W, share in zip(self.blocks, self.statistics, self.weights, self.shares, strict=True):
            r = s - ordinal_statistics(of, theta)
            total += share * float(r @ weighted(W, r))
        return np.asarray(total if np.isfinite(total) else np.inf)

    def point(self, theta: Vector) -> OrdinalPoint:
        """F, its gradient and what is implied."""
        total, slope, pieces = 0.0, np.zeros(len(theta)), []
        for of, s, W, share in zip(self.blocks, self.statistics, self.weights, self.shares, strict=True):
            here = ordinal_implied(of, theta)
            r = s - here.moments
            Wr = weighted(W, r)
            total += share * float(r @ Wr)
            slope -= 2.0 * share * (here.jacobian.T @ Wr)
            pieces.append(here)
        return OrdinalPoint(np.asarray(total if np.isfinite(total) else np.inf), slope, tuple(pieces))

    def expected(self, point: OrdinalPoint) -> Matrix:
        """The Gauss-Newton part of the Hessian, 2 J'WJ."""
        H = np.zeros((len(point.gradient), len(point.gradient)))
        for here, W, share in zip(point.blocks, self.weights, self.shares, strict=True):
            H += 2.0 * share * (here.jacobian.T @ weighted(W, here.jacobian))
        return H

    def hessian(self, point: OrdinalPoint) -> Matrix:
        """The same: residuals of correlations are small, and the thresholds mostly fit exactly."""
        return self.expected(point)


def minimize_ordinal(
    problem: OrdinalLeastSquares, start: Vector, basis: Matrix | None, max_iter: int
) -> Minimum:
    """Gauss-Newton with step-halving, then further steps until nothing moves: it converges linearly.

    Thresholds that fit exactly whatever the rest is are solved for afterwards.
    """
    apart = None if basis is not None else without_thresholds(problem.blocks)
    if apart is None or any(W.ndim == 2 for W in problem.weights):
        return _search(problem, start, basis, max_iter)
    places = [_threshold_places(of) for of in problem.blocks]
    reduced = OrdinalLeastSquares(
        apart.blocks,
        tuple(np.delete(s, at) for s, at in zip(problem.statistics, places, strict=True)),
        tuple(np.delete(W, at) for W, at in zip(problem.weights, places, strict=True)),
        problem.shares,
    )
    found = _search(reduced, start[apart.kept], None, max_iter)
    theta = start.copy()
    theta[apart.kept] = found.theta
    for of, s, at in zip(problem.blocks, problem.statistics, places, strict=True):
        here = ordinal_implied(of, theta)
        theta[of.threshold] = s[at] / here.scale[of.item] + here.at.mu[of.item]
    return replace(found, theta=theta)


def _threshold_places(of: OrdinalBlock) -> Indices:
    """Where the thresholds stand among the statistics."""
    order = np.argsort(np.concatenate([of.item, of.continuous]), kind="stable")
    return np.flatnonzero(order < len(of.item))


def _search(problem: OrdinalLeastSquares, start: Vector, basis: Matrix | None, max_iter: int) -> Minimum:
    found = minimize(problem, start, basis=basis, max_iter=max_iter)
    if not found.converged:
        return found
    theta, value = found.theta, found.value
    for _ in range(POLISH):
        point = problem.point(theta)
        H, slope = problem.expected(point), point.gradient
        if basis is not None:
            H, slope = basis.T @ H @ basis, slope @ basis
        try:
            step = -np.linalg.solve(H, slope)
        except np.linalg.LinAlgError:
            break
        new = theta + (step if basis is None else basis @ step)
        below = float(problem.value(new))
        if not below <= value + 1e-14:
            break
        theta, value = new, min(below, value)
        if float(-slope @ step) < SETTLED:
            break
    return Minimum(theta, float(problem.value(theta)), found.n_steps, True, found.decrement)
