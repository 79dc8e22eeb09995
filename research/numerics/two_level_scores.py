"""Scores of clusters in a two-level model: what robust standard errors and tests are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Matrix, Stack
from research.numerics.implied import jacobian, lower
from research.numerics.two_level import TwoLevel, TwoLevelPoint


@dataclass(frozen=True, slots=True)
class Clusters:
    """The clusters one by one: `size_of` (J,) is the place of each in `TwoLevelMoments.sizes`.

    `scatter`: sums of squares about the cluster means, (J, p, p); `u` (J, d) as in `TwoLevelMoments`.
    """

    size_of: Indices
    scatter: Stack
    u: Matrix


def clusters_of(Y: Matrix, Z: Matrix, clusters: Indices) -> Clusters:
    """Statistics of every cluster, from the rows that `two_level_moments` takes."""
    J, p = int(clusters.max()) + 1, Y.shape[1]
    size = np.bincount(clusters, minlength=J).astype(float)
    means = np.zeros((J, p))
    np.add.at(means, clusters, Y)
    means /= size[:, None]
    deviation = Y - means[clusters]
    order = np.argsort(clusters, kind="stable")
    begun = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.intp)
    products = deviation[order, :, None] * deviation[order, None, :]
    scatter = np.add.reduceat(products, begun, axis=0)
    first = np.unique(clusters, return_index=True)[1]
    u = np.hstack([Z[first], np.sqrt(size)[:, None] * means])
    return Clusters(np.unique(size, return_inverse=True)[1], scatter, u)


def cluster_scores(problem: TwoLevel, point: TwoLevelPoint, rows: Clusters) -> Matrix:
    """Gradient of every cluster's log-likelihood, (J, q).

    By the covariances Q = (n - 1) P_w - P_w W P_w + F'(P - P g g'P) F within and E'(P - P g g'P) E between,
    by the means P g, with g = u less its mean: the likelihood of the module `two_level`, cluster by cluster.
    """
    data, level = problem.moments, point.level
    at = rows.size_of
    sizes, E, P, F = data.sizes[at], data.E[at], level.P[at], data.F
    mu = data.E @ level.between.mu + np.sqrt(data.sizes)[:, None] * (F @ level.within.mu)
    y = (P @ (rows.u - mu[at])[:, :, None])[:, :, 0]
    Q = P - y[:, :, None] * y[:, None, :]
    Q_w = F.T @ Q @ F + (sizes - 1.0)[:, None, None] * level.P_within
    Q_w = Q_w - level.P_within @ rows.scatter @ level.P_within
    Q_b = E.swapaxes(1, 2) @ Q @ E
    y_w = np.sqrt(sizes)[:, None] * (y @ F)
    y_b = (E.swapaxes(1, 2) @ y[:, :, None])[:, :, 0]
    total = np.zeros((len(at), problem.blocks[0].layout.n_parameters))
    for block, here, first, second in zip(
        problem.blocks, (level.within, level.between), (y_w, y_b), (Q_w, Q_b), strict=True
    ):
        row, column = lower(second.shape[1])
        twice = np.where(row == column, 1.0, 2.0)
        slopes = np.hstack([first, -0.5 * second[:, row, column] * twice])
        total += slopes @ jacobian(block, here)
    return total
