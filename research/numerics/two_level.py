"""Maximum likelihood of two-level models with random intercepts (McDonald & Goldstein 1989; Muthen 1994).

A row is y = y_within + y_between of its cluster; z are variables of the cluster alone. The likelihood of the
rows is that of
    the pooled within-cluster covariance,      Sigma_w, with N - J degrees of freedom, and
    u_j = (z_j, sqrt(n_j) mean of y in j),     E Sigma_b E' + F Sigma_w F',  for every cluster j,
where E takes y by sqrt(n_j) and z as it is, and F places y. Clusters of one size share the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from research.numerics import curvature
from research.numerics.arrays import Indices, Matrix, Stack, Vector
from research.numerics.implied import Implied, implied, jacobian, lower
from research.numerics.likelihood import inverse_and_logdet
from research.numerics.moment_space import normal_weight
from research.numerics.sem_layout import Block


@dataclass(frozen=True, slots=True)
class TwoLevelMoments:
    """Sufficient statistics of clustered rows.

    `within`: pooled covariance about cluster means, divisor N - J, (p, p). For each of the G cluster sizes:
    `sizes` (G,), `counts` (G,), mean (G, d) and cov (G, d, d), divisor the count, of u = (z, sqrt(n) mean y).
    `z`, `y`: places in the between block of the cluster-only variables and of those that vary within too;
    `shared`: places in the within block of the latter. Variables that vary within only come last in u.
    """

    n_obs: int
    n_clusters: int
    within: Matrix
    sizes: Vector
    counts: Vector
    mean: Matrix
    cov: Stack
    E: Stack
    F: Matrix

    @property
    def n_values(self) -> int:
        """Numbers in the data, for the constant of the likelihood."""
        p, d = len(self.within), self.mean.shape[1]
        return self.n_obs * p + self.n_clusters * (int(d) - p)


class LevelPoint(NamedTuple):
    """Implied matrices of both levels, and of every cluster size: P, R = P T P, y = P(m - mu)."""

    within: Implied
    between: Implied
    P: Stack
    R: Stack
    y: Matrix
    P_within: Matrix
    R_within: Matrix


class TwoLevelPoint(NamedTuple):
    """Value, gradient (q,), and what the curvature needs; the first elements of `blocks` are Implied."""

    value: Vector
    gradient: Vector
    blocks: tuple[tuple[Implied], tuple[Implied]]
    level: LevelPoint


@dataclass(frozen=True, slots=True)
class TwoLevel:
    """F = -2 log-likelihood / N without its constant, less `saturated`.

    `blocks`: within, between; `covs`, `means`: moments of both levels, from which fixed x take theirs.
    """

    blocks: tuple[Block, Block]
    moments: TwoLevelMoments
    covs: tuple[Matrix, Matrix]
    means: tuple[Vector, Vector]
    saturated: float = 0.0

    def value(self, theta: Vector) -> Vector:
        """F at theta; infinite outside the domain."""
        return self.point(theta).value

    def point(self, theta: Vector) -> TwoLevelPoint:
        """F, its gradient, and the pieces of its curvature."""
        data = self.moments
        w, b = (
            implied(block, theta, *block.with_sample(cov, mean))
            for block, cov, mean in zip(self.blocks, self.covs, self.means, strict=True)
        )
        share = data.counts / data.n_obs
        inner = (data.n_obs - data.n_clusters) / data.n_obs
        P_w, logdet_w = inverse_and_logdet(w.Sigma)
        R_w = P_w @ data.within @ P_w
        Sigma = data.E @ b.Sigma @ np.swapaxes(data.E, 1, 2) + data.F @ w.Sigma @ data.F.T
        mu = data.E @ b.mu + np.sqrt(data.sizes)[:, None] * (data.F @ w.mu)
        P, logdet = inverse_and_logdet(Sigma)
        gap = data.mean - mu
        T = data.cov + gap[:, :, None] * gap[:, None, :]
        PT = P @ T
        y = (P @ gap[:, :, None])[:, :, 0]
        total = inner * (float(logdet_w) + float((P_w * data.within).sum()))
        total += float(share @ (logdet + np.trace(PT, axis1=1, axis2=2))) - self.saturated
        level = LevelPoint(w, b, P, PT @ P, y, P_w, R_w)
        Q_w, Q_b, y_w, y_b = self._slopes(level)
        slope = curvature.gradient(self.blocks[0], w, curvature.gram(w, Q_w), y_w)
        slope = slope + curvature.gradient(self.blocks[1], b, curvature.gram(b, Q_b), y_b)
        value = np.asarray(total if np.isfinite(total) else np.inf)
        return TwoLevelPoint(value, slope, ((w,), (b,)), level)

    def expected(self, point: TwoLevelPoint) -> Matrix:
        """Expected Hessian of F, (q, q)."""
        return self._first_order(point, observed=False)

    def hessian(self, point: TwoLevelPoint) -> Matrix:
        """Hessian of F, (q, q)."""
        level = point.level
        total = self._first_order(point, observed=True)
        Q_w, Q_b, y_w, y_b = self._slopes(level)
        for block, at, Q, y in (
            (self.blocks[0], level.within, Q_w, y_w),
            (self.blocks[1], level.between, Q_b, y_b),
        ):
            total = total + curvature.second_order(block, at, curvature.gram(at, Q), -2.0 * y @ at.W)
        return total

    def _slopes(self, level: LevelPoint) -> tuple[Matrix, Matrix, Vector, Vector]:
        """dF/dSigma and -dF/dmu / 2 of both levels."""
        data = self.moments
        share = data.counts / data.n_obs
        inner = (data.n_obs - data.n_clusters) / data.n_obs
        Q = share[:, None, None] * (level.P - level.R)
        Q_w = data.F.T @ Q.sum(axis=0) @ data.F + inner * (level.P_within - level.R_within)
        Q_b = (np.swapaxes(data.E, 1, 2) @ Q @ data.E).sum(axis=0)
        weighted = share[:, None] * level.y
        y_w = data.F.T @ (np.sqrt(data.sizes) @ weighted)
        y_b = (np.swapaxes(data.E, 1, 2) @ weighted[:, :, None])[:, :, 0].sum(axis=0)
        return Q_w, Q_b, y_w, y_b

    def _first_order(self, point: TwoLevelPoint, *, observed: bool) -> Matrix:
        """The Hessian, or its expectation, without second derivatives of the moments."""
        data, level = self.moments, point.level
        inner = (data.n_obs - data.n_clusters) / data.n_obs
        J_w, J_b = (
            _jacobian(block, at) for block, at in zip(self.blocks, (level.within, level.between), strict=True)
        )
        p, d = len(data.within), data.mean.shape[1]
        none = np.zeros(p)
        within = _moment_hessian(level.P_within, level.R_within, none, observed=observed)
        total = inner * (J_w[p:].T @ within[p:, p:] @ J_w[p:])
        spread_w = _spread(data.F)
        for at in range(len(data.sizes)):
            V = _moment_hessian(level.P[at], level.R[at], level.y[at], observed=observed)
            J = np.empty((d + d * (d + 1) // 2, J_w.shape[1]))
            J[:d] = data.E[at] @ J_b[: data.E.shape[2]] + np.sqrt(data.sizes[at]) * (data.F @ J_w[:p])
            J[d:] = _spread(data.E[at]) @ J_b[data.E.shape[2] :] + spread_w @ J_w[p:]
            total = total + data.counts[at] / data.n_obs * (J.T @ V @ J)
        return total


def _jacobian(block: Block, at: Implied) -> Matrix:
    """d(mu, vech Sigma)/dtheta, (p + p*, q)."""
    return jacobian(block, at)


def _moment_hessian(P: Matrix, R: Matrix, y: Vector, *, observed: bool) -> Matrix:
    """Second derivatives of log|Sigma| + tr(T Sigma^-1) by (mu, vech Sigma), or their expectation."""
    p = len(P)
    V = 2.0 * normal_weight(P, True)
    if not observed:
        return V
    row, column = lower(p)
    twice = np.where(row == column, 1.0, 2.0)
    M = 2.0 * R - P
    mixed = P[np.ix_(row, row)] * M[np.ix_(column, column)] + M[np.ix_(row, row)] * P[np.ix_(column, column)]
    mixed += P[np.ix_(row, column)] * M[np.ix_(column, row)] + M[np.ix_(row, column)] * P[np.ix_(column, row)]
    V[p:, p:] = 0.25 * mixed * np.outer(twice, twice)
    across = (P[:, row] * y[column] + P[:, column] * y[row]) * twice
    V[:p, p:] = across
    V[p:, :p] = across.T
    return V


def _spread(E: Matrix) -> Matrix:
    """The matrix that takes vech A to vech(E A E')."""
    rows, columns = lower(E.shape[0])
    i, j = lower(E.shape[1])
    same = np.where(i == j, 0.5, 1.0)
    return np.asarray(
        (E[np.ix_(rows, i)] * E[np.ix_(columns, j)] + E[np.ix_(rows, j)] * E[np.ix_(columns, i)]) * same
    )


def two_level_moments(
    Y: Matrix, Z: Matrix, clusters: Indices, shared: Indices, n_between: int, z: Indices
) -> TwoLevelMoments:
    """Statistics of rows Y (n, p) and of their clusters' own variables Z (n, k), constant within clusters.

    clusters: (n,) from 0; `shared` (p,): for each column of Y its place in the between block, or -1 where it
    varies within clusters only; `z` (k,): places of Z there.
    """
    n, p = Y.shape
    J = int(clusters.max()) + 1
    size = np.bincount(clusters, minlength=J).astype(float)
    means = np.zeros((J, p))
    np.add.at(means, clusters, Y)
    means /= size[:, None]
    deviation = Y - means[clusters]
    first = np.unique(clusters, return_index=True)[1]
    k = Z.shape[1]
    u = np.hstack([Z[first], np.sqrt(size)[:, None] * means])
    sizes = np.unique(size)
    mean, cov, E = [], [], []
    F = np.vstack([np.zeros((k, p)), np.eye(p)])
    for each in sizes:
        inside = u[size == each]
        mean.append(inside.mean(axis=0))
        d = inside - inside.mean(axis=0)
        cov.append(d.T @ d / len(inside))
        place = np.zeros((k + p, n_between))
        place[np.arange(k), z] = 1.0
        both = np.flatnonzero(shared >= 0)
        place[k + both, shared[both]] = np.sqrt(each)
        E.append(place)
    return TwoLevelMoments(
        n,
        J,
        deviation.T @ deviation / (n - J),
        sizes,
        np.array([float((size == each).sum()) for each in sizes]),
        np.stack(mean),
        np.stack(cov),
        np.stack(E),
        F,
    )
