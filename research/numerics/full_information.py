"""Maximum likelihood from incomplete rows (full information)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from research.numerics import curvature
from research.numerics.arrays import Matrix, Vector
from research.numerics.casewise import row_gradients
from research.numerics.implied import Implied, implied
from research.numerics.missing_patterns import PatternPoint, Patterns, pattern_point
from research.numerics.sem_layout import Block

_CHUNK = 2_000_000  # elements of one stack of Hessians


class FullPoint(NamedTuple):
    """Value, gradient (q,), and the implied matrices and patterns of every block."""

    value: Vector
    gradient: Vector
    blocks: tuple[tuple[Implied, PatternPoint], ...]


@dataclass(frozen=True, slots=True)
class FullInformation:
    """F = sum_g share_g [sum_j (n_j/n_g)(log|Sigma_oo| + tr(T_oo Sigma_oo^-1)) - saturated_g].

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
            _, found = self._evaluate(at, theta)
            total += self.shares[at] * (float(self._within(at) @ found.value) - self.saturated[at])
        return np.asarray(total if np.isfinite(total) else np.inf)

    def point(self, theta: Vector) -> FullPoint:
        """F, its gradient, and the pieces of its curvature."""
        total, slope, pieces = 0.0, np.zeros(len(theta)), []
        for at, block in enumerate(self.blocks):
            here, found = self._evaluate(at, theta)
            within = self._within(at)
            total += self.shares[at] * (float(within @ found.value) - self.saturated[at])
            Q = np.tensordot(within, found.P - found.R, axes=1)
            slope = slope + self.shares[at] * curvature.gradient(
                block, here, curvature.gram(here, Q), within @ found.y
            )
            pieces.append((here, found))
        return FullPoint(np.asarray(total if np.isfinite(total) else np.inf), slope, tuple(pieces))

    def expected(self, point: FullPoint) -> Matrix:
        """Expected Hessian, given which values are missing (completely at random), (q, q)."""
        total: Matrix | None = None
        for at, (block, (here, found)) in enumerate(zip(self.blocks, point.blocks, strict=True)):
            within = self.shares[at] * self._within(at)
            for chosen in self._chunks(block, len(within)):
                parts = curvature.expected(block, here, curvature.gram(here, found.P[chosen]))
                part = np.tensordot(within[chosen], parts, axes=1)
                total = part if total is None else total + part
        return np.asarray(total)

    def hessian(self, point: FullPoint) -> Matrix:
        """Hessian of F, (q, q)."""
        q = len(point.gradient)
        total = np.zeros((q, q))
        for at, (block, (here, found)) in enumerate(zip(self.blocks, point.blocks, strict=True)):
            within = self.shares[at] * self._within(at)
            for chosen in self._chunks(block, len(within)):
                parts = curvature.hessian_ml(
                    block,
                    here,
                    curvature.gram(here, found.P[chosen]),
                    curvature.gram(here, found.R[chosen]),
                    found.y[chosen],
                )
                total += np.tensordot(within[chosen], parts, axes=1)
        return total

    def hessian_h1(self, point: FullPoint) -> Matrix:
        """The Hessian without the terms in second derivatives of the moments, (q, q)."""
        total = self.hessian(point)
        for at, (block, (here, found)) in enumerate(zip(self.blocks, point.blocks, strict=True)):
            within = self.shares[at] * self._within(at)
            gram_Q = curvature.gram(here, np.tensordot(within, found.P - found.R, axes=1))
            total -= curvature.second_order(block, here, gram_Q, -2.0 * (within @ found.y) @ here.W)
        return total

    def scores(self, point: FullPoint, at: int, data: Matrix) -> Matrix:
        """Gradient of the log-likelihood of every row of group `at`, shape (n, q)."""
        block, (here, found), patterns = self.blocks[at], point.blocks[at], self.patterns[at]
        out = np.zeros((len(data), len(point.gradient)))
        for j, rows in enumerate(patterns.rows):
            d = np.where(patterns.seen[j] > 0, data[rows] - here.mu, 0.0)
            out[rows] = row_gradients(block, here, d, here.Sigma, found.P[j])
        return out

    def _evaluate(self, at: int, theta: Vector) -> tuple[Implied, PatternPoint]:
        block = self.blocks[at]
        here = implied(block, theta, *block.with_sample(self.covs[at], self.means[at]))
        return here, pattern_point(self.patterns[at], here.Sigma, here.mu)

    def _within(self, at: int) -> Vector:
        return self.patterns[at].n / self.patterns[at].n_obs

    def _chunks(self, block: Block, count: int) -> list[slice]:
        size = max(1, _CHUNK // max(1, block.layout.n_cells**2))
        return [slice(begin, begin + size) for begin in range(0, count, size)]
