"""Start values of a block's free cells from its sample moments, one small eigenproblem a factor."""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.sem_layout import Block

COMMUNALITY = 0.9  # share of the first principal component taken for the factor
EXPLAINED = 0.7  # residual variance of a dependent factor, as a share of its variance


def start_values(block: Block, cov: Matrix, mean: Vector) -> Vector:
    """Start value of every free cell, shape (s,); `cov` (p, p), `mean` (p,).

    Loadings: the first principal component of the factor's indicators, turned so that the marker loads
    with its fixed sign, and scaled by the marker. Regressions and covariances start at zero, residual
    variances at half the variance, intercepts of observed variables at the mean.
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
    share = np.where(np.arange(n) < p, 0.5, np.where(dependent, EXPLAINED, 1.0))
    variance = share[at.S_row] * sd[at.S_row] ** 2
    values[n_a : n_a + n_s] = np.where(at.S_row == at.S_col, variance, 0.0)
    values[n_a + n_s :] = np.concatenate([mean, np.zeros(n - p)])[at.m_row]
    return values


def _component(cov: Matrix, members: Indices, fixed: Vector) -> Vector:
    """Loadings of `members` on a factor of variance 1."""
    part = cov[np.ix_(members, members)]
    sd = np.sqrt(np.diagonal(part))
    values, vectors = np.linalg.eigh(part / np.outer(sd, sd))
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
            sd[factor] = max(abs(strength[marker, factor] / fixed[marker]), 0.05)
