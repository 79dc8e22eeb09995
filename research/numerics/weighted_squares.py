"""Least squares of moments: GLS, ULS, WLS (ADF) and DWLS are one function with different weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from research.numerics import curvature
from research.numerics.arrays import Matrix, Vector
from research.numerics.implied import Implied, implied, jacobian
from research.numerics.moment_space import moment_vector, symmetric
from research.numerics.sem_layout import Block


class LeastSquaresPoint(NamedTuple):
    """Value, gradient (q,), and per block: implied matrices, Jacobian (k, q), weighted residuals (k,)."""

    value: Vector
    gradient: Vector
    blocks: tuple[tuple[Implied, Matrix, Vector], ...]


@dataclass(frozen=True, slots=True)
class LeastSquares:
    """F = sum_g share_g r'W r with r = m - m(theta) over the moments of a group (Browne 1984).

    `weights`: (k, k) each, or (k,) for a diagonal one. Sample moments as in `moment_space`.
    """

    blocks: tuple[Block, ...]
    covs: tuple[Matrix, ...]
    means: tuple[Vector, ...]
    weights: tuple[Matrix, ...]
    shares: tuple[float, ...]

    def value(self, theta: Vector) -> Vector:
        """F at theta."""
        total = 0.0
        for at, (block, cov, mean) in enumerate(zip(self.blocks, self.covs, self.means, strict=True)):
            here = implied(block, theta, *block.with_sample(cov, mean))
            r = self._residual(at, here)
            total += self.shares[at] * float(r @ weighted(self.weights[at], r))
        return np.asarray(total if np.isfinite(total) else np.inf)

    def point(self, theta: Vector) -> LeastSquaresPoint:
        """F, its gradient and the Jacobians."""
        total, slope, pieces = 0.0, np.zeros(len(theta)), []
        for at, (block, cov, mean) in enumerate(zip(self.blocks, self.covs, self.means, strict=True)):
            here = implied(block, theta, *block.with_sample(cov, mean))
            r = self._residual(at, here)
            Wr = weighted(self.weights[at], r)
            J = jacobian(block, here)
            total += self.shares[at] * float(r @ Wr)
            slope -= 2.0 * self.shares[at] * (J.T @ Wr)
            pieces.append((here, J, Wr))
        return LeastSquaresPoint(np.asarray(total), slope, tuple(pieces))

    def expected(self, point: LeastSquaresPoint) -> Matrix:
        """The Gauss-Newton part of the Hessian, 2 J'WJ."""
        return _sum(
            2.0 * share * (J.T @ weighted(W, J))
            for share, W, (_, J, _) in zip(self.shares, self.weights, point.blocks, strict=True)
        )

    def hessian(self, point: LeastSquaresPoint) -> Matrix:
        """The Hessian: 2 J'WJ less the curvature of the moments along the weighted residuals."""
        H = self.expected(point)
        for share, block, (here, _, Wr) in zip(self.shares, self.blocks, point.blocks, strict=True):
            q, Q = symmetric(-2.0 * share * Wr, block.layout.n_observed)
            along = None if q is None else q @ here.W
            H = H + curvature.second_order(block, here, curvature.gram(here, Q), along)
        return H

    def _residual(self, at: int, here: Implied) -> Vector:
        if self.blocks[at].means:
            return moment_vector(self.covs[at] - here.Sigma, self.means[at] - here.mu)
        return moment_vector(self.covs[at] - here.Sigma, None)


def weighted(W: Matrix, x: Matrix) -> Matrix:
    """W x for a full or a diagonal weight."""
    if W.ndim == 2:
        return np.asarray(W @ x)
    return W * x if x.ndim == 1 else W[:, None] * x


def _sum(parts: Iterable[Matrix]) -> Matrix:
    return np.asarray(np.sum(np.stack(list(parts)), axis=0))
