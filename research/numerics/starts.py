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
    alone = (at.S_row == at.S_col).nonzero()[0]
    own = at.S_row[alone]
    sd = np.ones(n)
    sd[:p] = np.sqrt(cov.diagonal())
    strength = np.zeros((n, n))
    strength[:p, p:] = _components(cov, sd[:p], pattern[:p, p:], block.A[:p, p:])
    squares = strength[:p] * strength[:p]
    size = np.add.reduce(squares)
    _scale_factors(block, strength, size > 0.0, sd, pattern, own)
    values = np.zeros(at.n_cells)
    n_a, n_s = at.n_paths, at.n_covariances
    values[:n_a] = strength[at.A_row, at.A_col] / sd[at.A_col]
    dependent: Mask = np.logical_or.reduce(pattern, axis=1)
    variance = sd * sd
    share = np.where(dependent, EXPLAINED, 1.0)
    unexplained = np.minimum(np.maximum(1.0 - np.add.reduce(squares, axis=1) / variance[:p], 0.2), 0.5)
    share[:p] = np.where(dependent[:p], unexplained, 1.0)
    values[n_a + alone] = (share * variance)[own]
    _relate(block, cov, strength, size, sd, pattern, dependent, values)
    if len(at.m_row):
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
    R = cov / (sd[:, None] * sd)
    first = R[:, marker] * members
    for _ in range(POWERS):
        first = R.dot(first) * members
    first /= np.sqrt(np.maximum(np.add.reduce(first * first), 1e-100))
    length: Vector = np.sqrt(COMMUNALITY * np.add.reduce(R.dot(first) * first))
    turned = (first[marker, factor] < 0.0) != (fixed[marker, factor] < 0.0)
    return np.asarray(first * np.where(turned, -length, length) * sd[:, None])


def _scale_factors(
    block: Block, strength: Matrix, first_order: Mask, sd: Vector, pattern: Mask, own: Indices
) -> None:
    """Standard deviation of every factor from its fixed variance or its marker; fills `sd` and `strength`.

    `first_order` (n,): the factors that have loadings in `strength`; `own`: variables with a free variance.
    A factor of factors follows its own: its loadings are taken as 0.7 of each one's standard deviation.
    """
    at = block.layout
    p, n = at.n_observed, at.n_all
    free = np.zeros(n, dtype=bool)
    free[own] = True
    variance = block.S.diagonal()
    known = (~free & (variance > 0.0))[p:].nonzero()[0] + p
    sd[known] = np.sqrt(variance[known])
    _scale_by_marker((first_order & free).nonzero()[0], block.A[:p], strength, sd)
    for factor in (~first_order[p:]).nonzero()[0] + p:
        members = pattern[:, factor].nonzero()[0]
        if len(members):
            strength[members, factor] = EXPLAINED * sd[members]
            if free[factor]:
                _scale_by_marker(np.array([factor]), block.A, strength, sd)


def _scale_by_marker(factors: Indices, fixed: Matrix, strength: Matrix, sd: Vector) -> None:
    """Standard deviations of `factors` whose largest fixed loading is a marker."""
    marker = np.abs(fixed[:, factors]).argmax(axis=0)
    loading = np.abs(fixed[marker, factors])
    if not loading.all():
        scaled = loading.nonzero()[0]
        factors, marker, loading = factors[scaled], marker[scaled], loading[scaled]
    sd[factors] = np.maximum(np.abs(strength[marker, factors]), 0.05 * sd[marker]) / loading


def _relate(
    block: Block,
    cov: Matrix,
    strength: Matrix,
    size: Vector,
    sd: Vector,
    pattern: Mask,
    dependent: Mask,
    values: Vector,
) -> None:
    """Start `values` of what relates factors and observed predictors, where their covariances are proper.

    `size` (n,): sums of squares of the columns of `strength`.
    """
    at = block.layout
    p, n = at.n_observed, at.n_all
    known = size > 0.0
    known[:p] = True
    structural = (at.A_col < p) | ((at.A_row >= p) & known[at.A_col] & known[at.A_row])
    apart = ((at.S_row != at.S_col) & ~(dependent[at.S_row] | dependent[at.S_col])).nonzero()[0]
    if not (structural.any() or len(apart)):
        return
    W = at.identity[:p].copy()
    W[:, p:] = strength[:p, p:] * (SHRUNK**0.5 * sd[p:] / np.where(known, size, 1.0)[p:])
    W[:, ~known] = 0.0
    C = W.T.dot(cov).dot(W)
    C.reshape(-1)[:: n + 1] = sd * sd
    relates = np.zeros(n, dtype=bool)
    relates[at.S_row[apart]] = relates[at.A_col[structural]] = True
    related = relates.nonzero()[0]
    scaled = C[related[:, None], related] / (sd[related, None] * sd[related])
    scaled.reshape(-1)[:: len(related) + 1] -= 0.01
    if cholesky_root(scaled) is None:
        return
    values[at.n_paths + apart] = C[at.S_row[apart], at.S_col[apart]]
    variance = np.full(n, -1)
    alone = (at.S_row == at.S_col).nonzero()[0]
    variance[at.S_row[alone]] = at.n_paths + alone
    variance[:p][
        np.logical_or.reduce(pattern[:p, p:], axis=1)
    ] = -1  # indicators keep their residual variance
    of_path = np.where(structural, at.A_row, -1)
    for outcome in sorted(set(of_path.tolist()) - {-1}):
        cells = (of_path == outcome).nonzero()[0]
        predictors = at.A_col[cells]
        whole = block.A[outcome].copy()
        b = solve(C[predictors[:, None], predictors], (C[outcome] - C.dot(whole))[predictors])
        if b is None:
            continue
        values[cells] = whole[predictors] = b
        if variance[outcome] >= 0:
            unexplained = C[outcome, outcome] - whole.dot(2.0 * C[outcome] - C.dot(whole))
            values[variance[outcome]] = max(float(unexplained), LEAST * float(C[outcome, outcome]))
