"""What a model of ordered and continuous variables implies for thresholds, means and correlations.

Behind an ordered answer stands a normal y* with mean mu and variance sigma^2; its scale is Delta = 1/sigma,
so that the statistics of Muthen (1984, Psychometrika 49, 115-132) are

    thresholds Delta_i (tau_ik - mu_i),  slopes on x Delta_i Pi_ix,  covariances Delta_i Delta_j sigma_ij

with Delta = 1 for a continuous variable. Delta parameterization: Delta is a parameter (one unless groups free
it) and residual variances follow from it; theta parameterization: the residual variances are parameters.
Moments given fixed x are those at zero variance and zero mean of x.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.implied import Implied, implied, jacobian, lower
from research.numerics.sem_layout import Block


@dataclass(frozen=True, slots=True)
class OrdinalBlock:
    """One group. The block's cells stand in a vector of q parameters followed by derived residual variances.

    `y`: places of the variables that are not fixed x, (p,); `ordered`: places of the ordered ones. `item`
    (t,): the place of each threshold's variable; `threshold`: its place in the parameter vector, -1 where
    it is fixed at `threshold_value`. `scale`, `scale_value` (o,) likewise for the ordered variables.
    `residual` (o,): places of the derived residual variances behind the q parameters, empty in the theta
    parameterization.
    """

    block: Block
    n_parameters: int
    y: Indices
    ordered: Indices
    item: Indices
    threshold: Indices
    threshold_value: Vector
    scale: Indices
    scale_value: Vector
    residual: Indices

    @property
    def continuous(self) -> Indices:
        """Places of the variables that are neither fixed x nor ordered."""
        return np.setdiff1d(self.y, self.ordered)


class OrdinalImplied(NamedTuple):
    """Statistics (k,) and their Jacobian (k, q); `full` (q + d,): parameters with the derived variances.

    `spread` (q + d, q): d full/d theta. `tau` (t,) and `scale` (n,) are thresholds and Delta of all
    variables; `scale_slope` (n, q).
    """

    moments: Vector
    jacobian: Matrix
    full: Vector
    spread: Matrix
    tau: Vector
    scale: Vector
    scale_slope: Matrix
    at: Implied


def ordinal_implied(of: OrdinalBlock, theta: Vector) -> OrdinalImplied:
    """Statistics of a group at `theta` (q,), in the order of `statistic_order`."""
    q = of.n_parameters
    n = of.block.layout.n_observed
    delta, delta_slope = _given_scales(of, theta)
    full, spread, at = _with_residuals(of, theta, delta, delta_slope)
    J = jacobian(of.block, at) @ spread
    first, second = J[:n], J[n:]
    row, column = lower(n)
    diagonal = np.flatnonzero(row == column)
    if not len(of.residual):
        variance = np.diagonal(at.Sigma)[of.ordered]
        delta[of.ordered] = 1.0 / np.sqrt(variance)
        delta_slope[of.ordered] = -0.5 * (variance**-1.5)[:, None] * second[diagonal[of.ordered]]
    tau = np.where(of.threshold >= 0, theta[of.threshold], of.threshold_value)
    tau_slope = np.zeros((len(tau), q))
    free = np.flatnonzero(of.threshold >= 0)
    tau_slope[free, of.threshold[free]] = 1.0
    parts, slopes = [], []
    own = np.concatenate([of.item, of.continuous])
    level = delta[of.item] * (tau - at.mu[of.item])
    level_slope = delta[of.item, None] * (tau_slope - first[of.item])
    level_slope += (tau - at.mu[of.item])[:, None] * delta_slope[of.item]
    order = np.argsort(own, kind="stable")
    parts.append(np.concatenate([level, at.mu[of.continuous]])[order])
    slopes.append(np.vstack([level_slope, first[of.continuous]])[order])
    if len(of.block.exogenous):
        values, by_theta = _slopes(of, at, spread, delta, delta_slope)
        parts.append(values)
        slopes.append(by_theta)
    parts.append(np.diagonal(at.Sigma)[of.continuous])
    slopes.append(second[diagonal[of.continuous]])
    kept = np.flatnonzero(np.isin(row, of.y) & np.isin(column, of.y) & (row != column))
    i, j = row[kept], column[kept]
    sigma, both = at.Sigma[i, j], delta[i] * delta[j]
    parts.append(both * sigma)
    slopes.append(
        both[:, None] * second[kept]
        + sigma[:, None] * (delta[j, None] * delta_slope[i] + delta[i, None] * delta_slope[j])
    )
    return OrdinalImplied(np.concatenate(parts), np.vstack(slopes), full, spread, tau, delta, delta_slope, at)


def n_statistics(of: OrdinalBlock) -> tuple[int, int]:
    """How many statistics there are, and how many of them, the last ones, are covariances."""
    p = len(of.y)
    pairs = p * (p - 1) // 2
    rest = len(of.item) + 2 * len(of.continuous) + p * len(of.block.exogenous)
    return rest + pairs, pairs


def _given_scales(of: OrdinalBlock, theta: Vector) -> tuple[Vector, Matrix]:
    n = of.block.layout.n_observed
    delta, slope = np.ones(n), np.zeros((n, of.n_parameters))
    delta[of.ordered] = np.where(of.scale >= 0, theta[of.scale], of.scale_value)
    free = np.flatnonzero(of.scale >= 0)
    slope[of.ordered[free], of.scale[free]] = 1.0
    return delta, slope


def _with_residuals(
    of: OrdinalBlock, theta: Vector, delta: Vector, delta_slope: Matrix
) -> tuple[Vector, Matrix, Implied]:
    """The residual variances that give the ordered variables the variance 1/Delta^2, and their slopes.

    The variances are linear in them: diag V = d + (G o G) s over the ordered variables.
    """
    q, total = of.n_parameters, of.block.layout.n_parameters
    full = np.concatenate([theta, np.zeros(total - q)])
    spread = np.vstack([np.eye(q), np.zeros((total - q, q))])
    at = implied(of.block, full)
    if not len(of.residual):
        return full, spread, at
    own = np.ix_(of.ordered, of.ordered)
    M = at.G[own] ** 2
    target = delta[of.ordered] ** -2
    full[of.residual] = np.linalg.solve(M, target - np.diagonal(at.V)[of.ordered])
    at = implied(of.block, full)
    n = of.block.layout.n_observed
    row, column = lower(n)
    diagonal = n + np.flatnonzero(row == column)[of.ordered]
    by_theta = jacobian(of.block, at)[diagonal, :q]
    pull = -2.0 * (delta[of.ordered] ** -3)[:, None] * delta_slope[of.ordered]
    spread[of.residual] = np.linalg.solve(M, pull - by_theta)
    return full, spread, at


def _slopes(
    of: OrdinalBlock, at: Implied, spread: Matrix, delta: Vector, delta_slope: Matrix
) -> tuple[Vector, Matrix]:
    """Delta Pi of the reduced form, x by x; dG_ix = G_ij dA_jk G_kx."""
    lay, x = of.block.layout, of.block.exogenous
    i, k = np.tile(of.y, len(x)), np.repeat(x, len(of.y))
    cells = np.zeros((len(i), lay.n_cells))
    cells[:, : lay.n_paths] = at.G[i[:, None], lay.A_row] * at.G[lay.A_col, k[:, None]]
    by_full = cells if lay.spread is None else cells @ lay.spread
    total = at.G[i, k]
    return delta[i] * total, delta[i, None] * (by_full @ spread) + total[:, None] * delta_slope[i]
