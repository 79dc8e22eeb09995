"""Start values of a block's free cells from its sample moments: principal components, then regressions.

A factor is stood in for by the weighted sum of its indicators whose loadings are one, w = l / l'l, so that
w_f'S w_g estimates the covariance of two factors (and w_f'S that of a factor with an observed variable)
without attenuation; variances of factors follow from their markers.
"""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.definite import cholesky_root, solve
from research.numerics.sem_layout import Block

COMMUNALITY = 0.9  # share of the first principal component taken for the factor
EXPLAINED = 0.7  # residual variance of a dependent factor, as a share of its variance
SHRUNK = 0.9  # share of the covariances of factors that is kept, for the start to be positive definite
POWERS = 6  # of the power method: more accuracy than a start value needs
LEAST = 0.1  # least residual variance of a regression, as a share of the variance


def start_values(block: Block, cov: Matrix, mean: Vector) -> Vector:
    """Start value of every free cell, shape (s,); `cov` (p, p), `mean` (p,).

    Loadings: the first principal component of the factor's indicators, turned so that the marker loads
    with its fixed sign, and scaled by the marker. Residual variances of indicators: half the variance; of
    observed variables that nothing explains: all of it.
    Covariances of predictors, regressions and their residual variances: from the covariances of the
    factors' sums. Other covariances start at zero, intercepts of observed variables at the mean.
    """
    at = block.layout
    p, n = at.n_observed, at.n_all
    pattern = block.A != 0
    pattern[at.A_row, at.A_col] = True
    sd = np.ones(n)
    sd[:p] = np.sqrt(cov.diagonal())
    strength = np.zeros((n, n))
    strength[:p, p:] = _components(cov, sd[:p], pattern[:p, p:], block.A[:p, p:])
    _scale_factors(block, strength, sd, pattern)
    values = np.zeros(at.n_cells)
    n_a, n_s = at.n_paths, at.n_covariances
    values[:n_a] = strength[at.A_row, at.A_col] / sd[at.A_col]
    dependent: Mask = np.asarray(pattern.any(axis=1))
    share = np.where(dependent, EXPLAINED, 1.0)
    unexplained = np.clip(1.0 - (strength[:p] ** 2).sum(axis=1) / sd[:p] ** 2, 0.2, 0.5)
    share[:p] = np.where(dependent[:p], unexplained, 1.0)
    variance = share[at.S_row] * sd[at.S_row] ** 2
    values[n_a : n_a + n_s] = np.where(at.S_row == at.S_col, variance, 0.0)
    _relate(block, cov, strength, sd, pattern, dependent, values)
    values[n_a + n_s :] = np.concatenate([mean, np.zeros(n - p)])[at.m_row]
    return values


def _components(cov: Matrix, sd: Vector, members: Mask, fixed: Matrix) -> Matrix:
    """Loadings of observed variables on factors of variance 1, (p, m): a principal component of each.

    `members` (p, m) marks the indicators of each factor, `fixed` (p, m) their fixed loadings. By the power
    method for all factors at once, from the correlations with the marker.
    """
    if not members.size:
        return np.zeros(members.shape)
    marker = (np.abs(fixed) + 1e-100 * members).argmax(axis=0)
    factor = np.arange(len(marker))
    R = cov / np.multiply.outer(sd, sd)
    first = R[:, marker] * members
    for _ in range(POWERS):
        first = (R @ first) * members
    first /= np.sqrt(np.maximum((first * first).sum(axis=0), 1e-100))
    size: Vector = ((R @ first) * first).sum(axis=0)
    turn = np.copysign(1.0, first[marker, factor] * np.where(fixed[marker, factor] < 0.0, -1.0, 1.0))
    return np.asarray(first * (turn * np.sqrt(COMMUNALITY * size)) * sd[:, None])


def _scale_factors(block: Block, strength: Matrix, sd: Vector, pattern: Mask) -> None:
    """Standard deviation of every factor from its fixed variance or its marker; fills `sd` and `strength`.

    A factor of factors follows its own: its loadings are taken as 0.7 of each one's standard deviation.
    """
    at = block.layout
    p, n = at.n_observed, at.n_all
    free = np.zeros(n, dtype=bool)
    free[at.S_row[at.S_row == at.S_col]] = True
    variance = block.S.diagonal()
    sd[p:] = np.where(~free & (variance > 0), np.sqrt(np.abs(variance)), 1.0)[p:]
    first_order: Mask = np.asarray(strength[:p].any(axis=0))
    _scale_by_marker(np.flatnonzero(first_order & free), block.A[:p], strength, sd)
    for factor in range(p, n):
        members = pattern[:, factor].nonzero()[0]
        if len(members) and not first_order[factor]:
            strength[members, factor] = EXPLAINED * sd[members]
            if free[factor]:
                _scale_by_marker(np.array([factor]), block.A, strength, sd)


def _scale_by_marker(factors: Indices, fixed: Matrix, strength: Matrix, sd: Vector) -> None:
    """Standard deviations of `factors` whose largest fixed loading is a marker."""
    size = np.abs(fixed[:, factors])
    marker = size.argmax(axis=0)
    loading = size[marker, np.arange(len(factors))]
    least = np.maximum(np.abs(strength[marker, factors]), 0.05 * sd[marker])
    sd[factors] = np.where(loading > 0.0, least / np.where(loading > 0.0, loading, 1.0), sd[factors])


def _relate(
    block: Block, cov: Matrix, strength: Matrix, sd: Vector, pattern: Mask, dependent: Mask, values: Vector
) -> None:
    """Start `values` of what relates factors and observed predictors, where their covariances are proper."""
    at = block.layout
    p, n = at.n_observed, at.n_all
    size = (strength[:p] ** 2).sum(axis=0)
    known = size > 0
    known[:p] = True
    structural = (at.A_col < p) | ((at.A_row >= p) & known[at.A_col] & known[at.A_row])
    apart = ((at.S_row != at.S_col) & ~(dependent[at.S_row] | dependent[at.S_col])).nonzero()[0]
    if not (structural.any() or len(apart)):
        return
    W = np.eye(n)[:p]
    W[:, p:] = strength[:p, p:] / np.where(known, size, 1.0)[p:] * sd[p:]
    W[:, p:] *= np.sqrt(SHRUNK)
    W[:, ~known] = 0.0
    C = W.T @ cov @ W
    C.reshape(-1)[:: n + 1] = sd**2
    relates = np.zeros(n, dtype=bool)
    relates[at.S_row[apart]] = relates[at.A_col[structural]] = True
    related = relates.nonzero()[0]
    scaled = C[related[:, None], related] / np.multiply.outer(sd[related], sd[related])
    if cholesky_root(scaled - 0.01 * np.eye(len(related))) is None:
        return
    values[at.n_paths + apart] = C[at.S_row[apart], at.S_col[apart]]
    variances = np.full(n, -1)
    own = (at.S_row == at.S_col).nonzero()[0]
    variances[at.S_row[own]] = at.n_paths + own
    measured: Mask = np.asarray(pattern[:p, p:].any(axis=1))
    for outcome in sorted(set(at.A_row[structural].tolist())):
        cells = (structural & (at.A_row == outcome)).nonzero()[0]
        predictors = at.A_col[cells]
        whole = block.A[outcome].copy()
        b = solve(C[predictors[:, None], predictors], C[predictors, outcome] - C[predictors] @ whole)
        if b is None:
            continue
        values[cells] = whole[predictors] = b
        left = sd[outcome] ** 2 - 2.0 * whole @ C[outcome] + whole @ C @ whole
        if variances[outcome] >= 0 and not (outcome < p and measured[outcome]):
            values[variances[outcome]] = max(left, LEAST * sd[outcome] ** 2)
