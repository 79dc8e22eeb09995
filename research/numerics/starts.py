"""Start values of a block's free cells from its sample moments: an eigenproblem a factor, then regressions.

A factor is stood in for by the weighted sum of its indicators whose loadings are one, w = l / l'l, so that
w_f'S w_g estimates the covariance of two factors (and w_f'S that of a factor with an observed variable)
without attenuation; variances of factors follow from their markers.
"""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.sem_layout import Block

COMMUNALITY = 0.9  # share of the first principal component taken for the factor
EXPLAINED = 0.7  # residual variance of a dependent factor, as a share of its variance
SHRUNK = 0.9  # share of the covariances of factors that is kept, for the start to be positive definite
LEAST = 0.1  # least residual variance of a regression, as a share of the variance


def start_values(block: Block, cov: Matrix, mean: Vector) -> Vector:
    """Start value of every free cell, shape (s,); `cov` (p, p), `mean` (p,).

    Loadings: the first principal component of the factor's indicators, turned so that the marker loads
    with its fixed sign, and scaled by the marker. Residual variances of indicators: half the variance.
    Covariances of predictors, regressions and their residual variances: from the covariances of the
    factors' sums. Other covariances start at zero, intercepts of observed variables at the mean.
    """
    at = block.layout
    p, n = at.n_observed, at.n_all
    pattern = block.A != 0
    pattern[at.A_row, at.A_col] = True
    sd = np.ones(n)
    sd[:p] = np.sqrt(np.diagonal(cov))
    strength = np.zeros((n, n))
    for factor in range(p, n):
        members = np.flatnonzero(pattern[:p, factor])
        if len(members):
            strength[members, factor] = _component(cov, members, block.A[members, factor])
    _scale_factors(block, strength, sd, pattern)
    values = np.zeros(at.n_cells)
    n_a, n_s = at.n_paths, at.n_covariances
    values[:n_a] = strength[at.A_row, at.A_col] / sd[at.A_col]
    dependent = pattern.any(axis=1)
    share = np.where(dependent, EXPLAINED, 1.0)
    share[:p] = np.clip(1.0 - (strength[:p] ** 2).sum(axis=1) / sd[:p] ** 2, 0.2, 0.5)
    variance = share[at.S_row] * sd[at.S_row] ** 2
    values[n_a : n_a + n_s] = np.where(at.S_row == at.S_col, variance, 0.0)
    _relate(block, cov, strength, sd, pattern, values)
    values[n_a + n_s :] = np.concatenate([mean, np.zeros(n - p)])[at.m_row]
    return values


def _component(cov: Matrix, members: Indices, fixed: Vector) -> Vector:
    """Loadings of `members` on a factor of variance 1."""
    part = cov[members[:, None], members]
    sd = np.sqrt(np.diagonal(part))
    values, vectors = np.linalg.eigh(part / (sd[:, None] * sd))
    first = vectors[:, -1] * np.sqrt(COMMUNALITY * values[-1])
    marker = int(np.argmax(np.abs(fixed)))
    turn = np.sign(first[marker]) * (np.sign(fixed[marker]) if fixed[marker] else 1.0)
    return np.asarray(first * sd * (turn or 1.0))


def _scale_factors(block: Block, strength: Matrix, sd: Vector, pattern: Mask) -> None:
    """Standard deviation of every factor from its fixed variance or its marker; fills `sd` and `strength`.

    A factor of factors follows its own: its loadings are taken as 0.7 of each one's standard deviation.
    """
    at = block.layout
    p, n = at.n_observed, at.n_all
    free_variance = np.zeros(n, dtype=bool)
    free_variance[at.S_row[at.S_row == at.S_col]] = True
    first_order = np.abs(strength[:p]).max(axis=0, initial=0.0) > 0
    higher = [f for f in range(p, n) if not first_order[f] and pattern[:, f].any()]
    for factor in [*np.flatnonzero(first_order), *higher]:
        if factor in higher:
            members = np.flatnonzero(pattern[:, factor])
            strength[members, factor] = EXPLAINED * sd[members]
        fixed = block.A[:, factor] * (np.arange(n) < p) if first_order[factor] else block.A[:, factor]
        if not free_variance[factor]:
            sd[factor] = np.sqrt(block.S[factor, factor]) if block.S[factor, factor] > 0 else 1.0
        elif fixed.any():
            marker = int(np.argmax(np.abs(fixed)))
            sd[factor] = max(abs(strength[marker, factor]), 0.05 * sd[marker]) / abs(fixed[marker])


def _relate(block: Block, cov: Matrix, strength: Matrix, sd: Vector, pattern: Mask, values: Vector) -> None:
    """Start `values` of what relates factors and observed predictors, where their covariances are proper."""
    at = block.layout
    p, n = at.n_observed, at.n_all
    size = (strength[:p] ** 2).sum(axis=0)
    known = size > 0
    known[:p] = True
    structural = (at.A_col < p) | ((at.A_row >= p) & known[at.A_col] & known[at.A_row])
    apart = np.flatnonzero(
        (at.S_row != at.S_col) & ~pattern[at.S_row].any(axis=1) & ~pattern[at.S_col].any(axis=1)
    )
    if not (structural.any() or len(apart)):
        return
    W = np.eye(n)[:p]
    W[:, p:] = strength[:p, p:] / np.where(known, size, 1.0)[p:] * sd[p:]
    W[:, p:] *= np.sqrt(SHRUNK)
    W[:, ~known] = 0.0
    C = W.T @ cov @ W
    np.fill_diagonal(C, sd**2)
    relates = np.zeros(n, dtype=bool)
    relates[at.S_row[apart]] = relates[at.A_col[structural]] = True
    related = np.flatnonzero(relates)
    scaled = C[related[:, None], related] / (sd[related, None] * sd[related])
    if not np.linalg.eigvalsh(scaled)[0] > 0.01:
        return
    values[at.n_paths + apart] = C[at.S_row[apart], at.S_col[apart]]
    variances = np.full(n, -1)
    own = np.flatnonzero(at.S_row == at.S_col)
    variances[at.S_row[own]] = at.n_paths + own
    for outcome in sorted(set(at.A_row[structural].tolist())):
        cells = np.flatnonzero(structural & (at.A_row == outcome))
        predictors = at.A_col[cells]
        fixed = block.A[outcome]
        target = C[predictors, outcome] - C[predictors] @ fixed
        b = np.linalg.solve(C[predictors[:, None], predictors], target)
        values[cells] = b
        whole = fixed.copy()
        whole[predictors] = b
        left = sd[outcome] ** 2 - 2.0 * whole @ C[outcome] + whole @ C @ whole
        if variances[outcome] >= 0 and not (outcome < p and pattern[outcome, p:].any()):
            values[variances[outcome]] = max(left, LEAST * sd[outcome] ** 2)
