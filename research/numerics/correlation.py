"""Correlations with their tests and intervals."""

from __future__ import annotations

from typing import Literal

import numpy as np

from research.numerics.arrays import Matrix, Vector

Method = Literal["pearson", "spearman", "kendall"]


def rank_columns(values: Matrix) -> Matrix:
    """Ranks within each column, ties sharing their mean rank; no missing values."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values, axis=0), dtype=np.float64)


def correlate(x: Vector, y: Vector, method: Method) -> tuple[float, float]:
    """Pearson's r, Spearman's rho (r of the mid-ranks) or Kendall's tau-b of two complete columns, and its p.

    p of r and rho from t with n - 2 df; of tau from its variance under ties (Kendall 1970, ch. 4),
    exact for small samples without ties.
    """
    if method == "kendall":
        from scipy.stats import kendalltau

        found = kendalltau(x, y, variant="b")
        return float(found.statistic), float(found.pvalue)
    pair = np.column_stack([x, y])
    if method == "spearman":
        pair = rank_columns(pair)
    r = np.asarray(np.corrcoef(pair.T))
    return float(r[0, 1]), float(correlation_p(r, np.full_like(r, len(x)))[0, 1])


def correlation_p(r: Matrix, n: Matrix) -> Matrix:
    """Two-sided p of r = 0 from t = r sqrt((n-2)/(1-r^2)) with n - 2 df, elementwise."""
    from scipy.special import stdtr

    with np.errstate(divide="ignore", invalid="ignore"):
        t = r * np.sqrt((n - 2) / np.clip(1 - r**2, 0.0, None))
    return np.asarray(np.where(n > 2, 2 * stdtr(np.maximum(n - 2, 1), -np.abs(t)), np.nan))


def fisher_interval(r: Matrix, n: Matrix, level: float = 0.95) -> tuple[Matrix, Matrix]:
    """tanh(atanh r -+ z / sqrt(n - 3)), elementwise; NaN below four rows.      Fisher (1921)"""
    from scipy.special import ndtri

    with np.errstate(divide="ignore", invalid="ignore"):
        reach = float(ndtri((1 + level) / 2)) / np.sqrt(np.where(n > 3, n - 3, np.nan))
        centre = np.arctanh(r)
        return np.tanh(centre - reach), np.tanh(centre + reach)


def partial_correlations(cov: Matrix) -> Matrix:
    """Correlation of each pair with all other columns held constant, from the inverse; ones on the diagonal.

    r_ij.rest = -q_ij / sqrt(q_ii q_jj),  Q = S^-1
    """
    inverse = np.linalg.inv(cov)
    size = np.sqrt(np.diag(inverse))
    partial: Matrix = -inverse / np.outer(size, size)
    np.fill_diagonal(partial, 1.0)
    return partial


def smooth_correlations(cor: Matrix, least: float = 1e-4) -> Matrix:
    """A positive definite correlation matrix near `cor` (p, p): eigenvalues of at least `least`.

    Wothke (1993); Knol & Berger (1991). A matrix without eigenvalues below `least` comes back as it is.
    """
    values, vectors = np.linalg.eigh(cor)
    if values[0] >= least:
        return cor
    raised = (vectors * np.maximum(values, least)) @ vectors.T
    size = np.sqrt(np.diag(raised))
    smooth: Matrix = raised / np.outer(size, size)
    return smooth
