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
        rest = np.zeros(self.block.layout.n_observed, dtype=bool)
        rest[self.y] = True
        rest[self.ordered] = False
        return np.flatnonzero(rest)


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
    """Statistics of a group at `theta` (q,), and how they move with it.

    Order: of every variable its thresholds or its mean; slopes, x by x; variances of the continuous
    variables; covariances below the diagonal, column by column.
    """
    n = of.block.layout.n_observed
    delta, delta_slope = _given_scales(of, theta)
    full, at = _with_residuals(of, theta, delta)
    J, spread = _full_slopes(of, at, delta, delta_slope)
    q = of.n_parameters
    J = J[:, :q] + J[:, q:] @ spread[q:]
    first, second = J[:n], J[n:]
    row, column = lower(n)
    diagonal = np.flatnonzero(row == column)
    if not len(of.residual):
        variance = np.diagonal(at.Sigma)[of.ordered]
        delta[of.ordered] = variance**-0.5
        delta_slope[of.ordered] = -0.5 * (variance**-1.5)[:, None] * second[diagonal[of.ordered]]
    tau = _thresholds(of, theta)
    level_slope = -delta[of.item, None] * first[of.item]
    level_slope += (tau - at.mu[of.item])[:, None] * delta_slope[of.item]
    free = np.flatnonzero(of.threshold >= 0)
    level_slope[free, of.threshold[free]] += delta[of.item[free]]
    order = np.argsort(np.concatenate([of.item, of.continuous]), kind="stable")
    slopes = [np.vstack([level_slope, first[of.continuous]])[order]]
    if len(of.block.exogenous):
        slopes.append(_slope_jacobian(of, at, spread, delta, delta_slope))
    slopes.append(second[diagonal[of.continuous]])
    kept, i, j = _pairs(of)
    sigma, both = at.Sigma[i, j], delta[i] * delta[j]
    by_theta = both[:, None] * second[kept]
    if delta_slope.any():
        by_theta += sigma[:, None] * (delta[j, None] * delta_slope[i] + delta[i, None] * delta_slope[j])
    slopes.append(by_theta)
    moments = _moments(of, at, tau, delta)
    return OrdinalImplied(moments, np.vstack(slopes), full, spread, tau, delta, delta_slope, at)


def ordinal_statistics(of: OrdinalBlock, theta: Vector) -> Vector:
    """The statistics alone, (k,)."""
    delta, at = _scaled(of, theta)
    return _moments(of, at, _thresholds(of, theta), delta)


def ordinal_level(of: OrdinalBlock, theta: Vector) -> tuple[Vector, Vector]:
    """Scale and mean of all variables, (n,) each."""
    delta, at = _scaled(of, theta)
    return delta, at.mu


def n_statistics(of: OrdinalBlock) -> tuple[int, int]:
    """How many statistics there are, and how many of them, the last ones, are covariances."""
    p = len(of.y)
    pairs = p * (p - 1) // 2
    rest = len(of.item) + 2 * len(of.continuous) + p * len(of.block.exogenous)
    return rest + pairs, pairs


def _scaled(of: OrdinalBlock, theta: Vector) -> tuple[Vector, Implied]:
    delta, _ = _given_scales(of, theta)
    _, at = _with_residuals(of, theta, delta)
    if not len(of.residual):
        delta[of.ordered] = np.diagonal(at.Sigma)[of.ordered] ** -0.5
    return delta, at


def _given_scales(of: OrdinalBlock, theta: Vector) -> tuple[Vector, Matrix]:
    n = of.block.layout.n_observed
    delta, slope = np.ones(n), np.zeros((n, of.n_parameters))
    delta[of.ordered] = _chosen(theta, of.scale, of.scale_value)
    free = np.flatnonzero(of.scale >= 0)
    slope[of.ordered[free], of.scale[free]] = 1.0
    return delta, slope


def _with_residuals(of: OrdinalBlock, theta: Vector, delta: Vector) -> tuple[Vector, Implied]:
    """The vector with the residual variances that give the ordered variables the variance 1/Delta^2.

    The variances are linear in them: diag V = d + (G o G) s over the ordered variables.
    """
    full = np.concatenate([theta, np.zeros(of.block.layout.n_parameters - of.n_parameters)])
    at = implied(of.block, full)
    if not len(of.residual):
        return full, at
    squares = at.G[np.ix_(of.ordered, of.ordered)] ** 2
    full[of.residual] = np.linalg.solve(squares, delta[of.ordered] ** -2 - np.diagonal(at.V)[of.ordered])
    return full, implied(of.block, full)


def _full_slopes(of: OrdinalBlock, at: Implied, delta: Vector, delta_slope: Matrix) -> tuple[Matrix, Matrix]:
    """Jacobian of (mu, vech Sigma) by the full vector, and d full/d theta."""
    q, total, n = of.n_parameters, of.block.layout.n_parameters, of.block.layout.n_observed
    J = jacobian(of.block, at)
    spread = np.vstack([np.eye(q), np.zeros((total - q, q))])
    if len(of.residual):
        row, column = lower(n)
        diagonal = n + np.flatnonzero(row == column)[of.ordered]
        pull = -2.0 * (delta[of.ordered] ** -3)[:, None] * delta_slope[of.ordered]
        squares = at.G[np.ix_(of.ordered, of.ordered)] ** 2
        spread[of.residual] = np.linalg.solve(squares, pull - J[diagonal, :q])
    return J, spread


def _thresholds(of: OrdinalBlock, theta: Vector) -> Vector:
    return _chosen(theta, of.threshold, of.threshold_value)


def _chosen(theta: Vector, places: Indices, held: Vector) -> Vector:
    """The parameters at `places`, or the values they are held at where the place is -1."""
    out = held.copy()
    free = (places >= 0).nonzero()[0]
    out[free] = theta[places[free]]
    return out


def _moments(of: OrdinalBlock, at: Implied, tau: Vector, delta: Vector) -> Vector:
    order = np.argsort(np.concatenate([of.item, of.continuous]), kind="stable")
    level = delta[of.item] * (tau - at.mu[of.item])
    parts = [np.concatenate([level, at.mu[of.continuous]])[order]]
    if len(of.block.exogenous):
        i, k = _slope_places(of)
        parts.append(delta[i] * at.G[i, k])
    parts.append(np.diagonal(at.Sigma)[of.continuous])
    _, i, j = _pairs(of)
    parts.append(delta[i] * delta[j] * at.Sigma[i, j])
    return np.concatenate(parts)


def _pairs(of: OrdinalBlock) -> tuple[Indices, Indices, Indices]:
    """Place in vech, row and column of every covariance of two different variables that are not fixed x."""
    row, column = lower(of.block.layout.n_observed)
    endogenous = np.ones(of.block.layout.n_observed, dtype=bool)
    endogenous[of.block.exogenous] = False
    kept = np.flatnonzero(endogenous[row] & endogenous[column] & (row != column))
    return kept, row[kept], column[kept]


def _slope_places(of: OrdinalBlock) -> tuple[Indices, Indices]:
    x = of.block.exogenous
    return np.tile(of.y, len(x)), np.repeat(x, len(of.y))


def _slope_jacobian(
    of: OrdinalBlock, at: Implied, spread: Matrix, delta: Vector, delta_slope: Matrix
) -> Matrix:
    """Of Delta Pi; dG_ix = G_ij dA_jk G_kx."""
    lay = of.block.layout
    i, k = _slope_places(of)
    cells = np.zeros((len(i), lay.n_cells))
    cells[:, : lay.n_paths] = at.G[i[:, None], lay.A_row] * at.G[lay.A_col, k[:, None]]
    by_full = cells if lay.spread is None else cells @ lay.spread
    return np.asarray(delta[i, None] * (by_full @ spread) + at.G[i, k][:, None] * delta_slope[i])
