"""Least squares of thresholds, means and correlations: WLS, DWLS and ULS with different weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.newton import Minimum, minimize
from research.numerics.ordinal_moments import (
    OrdinalBlock,
    OrdinalImplied,
    ordinal_implied,
    ordinal_level,
    ordinal_statistics,
)
from research.numerics.ordinal_reduction import Reduced, plain_squares, without_thresholds
from research.numerics.weighted_squares import weighted

POLISH = 8  # Gauss-Newton steps after convergence
SETTLED = 1e-14  # decrement at which they stop


class OrdinalPoint(NamedTuple):
    """Value, gradient (q,), and what each group implies."""

    value: Vector
    gradient: Vector
    blocks: tuple[OrdinalImplied, ...]


@dataclass(frozen=True)
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

    @cached_property
    def reduced(self) -> Reduced | None:
        """The model without thresholds that fit exactly; None where there are others, or a full weight."""
        if any(W.ndim == 2 for W in self.weights):
            return None
        return without_thresholds(self.blocks, [len(s) for s in self.statistics])

    def hessian(self, point: OrdinalPoint) -> Matrix:
        """The same: residuals of correlations are small, and the thresholds mostly fit exactly."""
        return self.expected(point)


def minimize_ordinal(
    problem: OrdinalLeastSquares, start: Vector, basis: Matrix | None, max_iter: int
) -> Minimum:
    """Newton's method where the Hessian is known; else Gauss-Newton with step-halving until nothing moves.

    Thresholds that fit exactly whatever the rest is are solved for afterwards.
    """
    apart = problem.reduced if basis is None else None
    if apart is None:
        return _search(problem, start, basis, max_iter)
    parts = list(zip(problem.statistics, problem.weights, apart.others, strict=True))
    statistics, weights = [s[at] for s, _, at in parts], [W[at] for _, W, at in parts]
    plain = plain_squares(apart.blocks, statistics, weights, problem.shares)
    found = None if plain is None else minimize(plain, start[apart.kept], max_iter=max_iter)
    if found is None or not found.converged:
        rest = OrdinalLeastSquares(apart.blocks, tuple(statistics), tuple(weights), problem.shares)
        found = _search(rest, start[apart.kept], None, max_iter)
    theta = start.copy()
    theta[apart.kept] = found.theta
    for of, s, at in zip(problem.blocks, problem.statistics, apart.thresholds, strict=True):
        delta, mu = ordinal_level(of, theta)
        theta[of.threshold] = s[at] / delta[of.item] + mu[of.item]
    return replace(found, theta=theta)


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
