"""Maximum likelihood from incomplete rows (full information)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from research.numerics import curvature
from research.numerics.arrays import Matrix, Vector
from research.numerics.implied import Implied, implied, jacobian, lower, mean_weight
from research.numerics.missing_patterns import Patterns
from research.numerics.pattern_information import moment_hessian, stacked_inverses
from research.numerics.pattern_point import PatternPoint, pattern_point, weighted_deviations
from research.numerics.sem_layout import Block


class FullPoint(NamedTuple):
    """Value, gradient (q,), and the implied matrices and patterns of every block."""

    value: Vector
    gradient: Vector
    blocks: tuple[tuple[Implied, PatternPoint], ...]


@dataclass(frozen=True, slots=True)
class FullInformation:
    """F = sum_g share_g [mean over rows of (log|Sigma_oo| + d_o'Sigma_oo^-1 d_o) - saturated_g], with means.

    `saturated`: the same sum at the saturated estimates, so that N F is the likelihood-ratio statistic.
    `covs`, `means`: saturated moments, from which fixed x take theirs.
    """

    blocks: tuple[Block, ...]
    patterns: tuple[Patterns, ...]
    covs: tuple[Matrix, ...]
    means: tuple[Vector, ...]
    saturated: tuple[float, ...]
    shares: tuple[float, ...]

    def value(self, theta: Vector) -> Vector:
        """F at theta; infinite where Sigma is not positive definite."""
        total = 0.0
        for at in range(len(self.blocks)):
            total += self.shares[at] * (self._evaluate(at, theta)[1].value - self.saturated[at])
        return np.asarray(total if np.isfinite(total) else np.inf)

    def point(self, theta: Vector) -> FullPoint:
        """F, its gradient, and the pieces of its curvature."""
        total, slope, pieces = 0.0, np.zeros(len(theta)), []
        for at, block in enumerate(self.blocks):
            here, found = self._evaluate(at, theta)
            total += self.shares[at] * (found.value - self.saturated[at])
            gram_Q = curvature.gram(here, found.by_sigma)
            slope = slope + self.shares[at] * curvature.gradient(block, here, gram_Q, found.half_by_mu)
            pieces.append((here, found))
        return FullPoint(np.asarray(total if np.isfinite(total) else np.inf), slope, tuple(pieces))

    def expected(self, point: FullPoint) -> Matrix:
        """Expected Hessian, given which values are missing (completely at random), (q, q)."""
        return self._by_moments(point, observed=False)

    def hessian(self, point: FullPoint) -> Matrix:
        """Hessian of F, (q, q)."""
        total = self.hessian_h1(point)
        for share, block, (here, found) in zip(self.shares, self.blocks, point.blocks, strict=True):
            gram_Q = curvature.gram(here, found.by_sigma)
            total += share * curvature.second_order(block, here, gram_Q, -2.0 * found.half_by_mu @ here.W)
        return total

    def hessian_h1(self, point: FullPoint) -> Matrix:
        """The Hessian without the terms in second derivatives of the moments, (q, q)."""
        return self._by_moments(point, observed=True)

    def scores(self, point: FullPoint, at: int, data: Matrix) -> Matrix:
        """Gradient of the log-likelihood of every row of group `at`, shape (n, q)."""
        block, (here, found), patterns = self.blocks[at], point.blocks[at], self.patterns[at]
        lay = block.layout
        Z = weighted_deviations(patterns, found, data, here.mu) @ here.W
        Zu = Z[:, lay.u]
        cells = lay.c * Zu * Z[:, lay.v] + mean_weight(lay, here.eta) * Zu
        out = cells if lay.spread is None else cells @ lay.spread
        row, column = lower(lay.n_observed)
        by_pattern = stacked_inverses(patterns, found) * np.where(row == column, 0.5, 1.0)
        return np.asarray(out - (by_pattern @ jacobian(block, here)[lay.n_observed :])[patterns.label])

    def _evaluate(self, at: int, theta: Vector) -> tuple[Implied, PatternPoint]:
        block = self.blocks[at]
        here = implied(block, theta, *block.with_sample(self.covs[at], self.means[at]))
        return here, pattern_point(self.patterns[at], here.Sigma, here.mu)

    def _by_moments(self, point: FullPoint, *, observed: bool) -> Matrix:
        """J'H J summed over groups, H the Hessian by the moments."""
        total = np.zeros((len(point.gradient), len(point.gradient)))
        for at, (block, (here, found)) in enumerate(zip(self.blocks, point.blocks, strict=True)):
            J = jacobian(block, here)
            own = np.flatnonzero(J.any(axis=0))  # other groups have parameters of their own
            J = J[:, own]
            H = moment_hessian(self.patterns[at], found, observed=observed)
            total[np.ix_(own, own)] += self.shares[at] * (J.T @ (H @ J))
        return total
