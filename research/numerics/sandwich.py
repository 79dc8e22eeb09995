"""Covariances of regression coefficients: classical, robust to unequal variances, robust to clusters."""

from __future__ import annotations

from typing import Literal

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.least_squares import LeastSquares

SINGULAR = 1e-12  # smallest eigenvalue of a correlation matrix that can be inverted

Heteroscedastic = Literal["HC0", "HC1", "HC2", "HC3", "HC4"]


def classical_covariance(solution: LeastSquares) -> Matrix:
    """s^2 (X'X)^-1 with s^2 = e'e / (n - k), shape (k, k)."""
    n, k = solution.basis.shape
    covariance: Matrix = solution.bread * (float(solution.residuals @ solution.residuals) / (n - k))
    return covariance


def robust_covariance(solution: LeastSquares, kind: Heteroscedastic) -> Matrix:
    """(X'X)^-1 X' diag(w e^2) X (X'X)^-1, shape (k, k), with h the leverages:

    HC0 w = 1 (White 1980); HC1 n/(n-k); HC2 1/(1-h); HC3 1/(1-h)^2 (MacKinnon & White 1985);
    HC4 1/(1-h)^min(4, n h/k) (Cribari-Neto 2004).
    """
    n, k = solution.basis.shape
    left = np.clip(1 - solution.leverage, 1e-12, None)
    weights = {
        "HC0": np.ones(n),
        "HC1": np.full(n, n / (n - k)),
        "HC2": 1 / left,
        "HC3": 1 / left**2,
        "HC4": left ** -np.minimum(4.0, n * solution.leverage / k),
    }[kind]
    scored = solution.basis * (np.sqrt(weights) * solution.residuals)[:, None]
    return _squared(scored @ solution.to_coefficients.T)


def cluster_covariance(solution: LeastSquares, clusters: Indices) -> Matrix:
    """Sums of scores within clusters, shape (k, k); `clusters` (n,) counts from 0 to G - 1.

    G/(G-1) * (n-1)/(n-k) * (X'X)^-1 [sum_g X_g'e_g e_g'X_g] (X'X)^-1     Liang & Zeger (1986)
    """
    n, k = solution.basis.shape
    n_clusters = int(clusters.max()) + 1
    sums = np.zeros((n_clusters, k))
    np.add.at(sums, clusters, solution.basis * solution.residuals[:, None])
    scale = n_clusters / (n_clusters - 1) * (n - 1) / (n - k)
    return _squared(np.sqrt(scale) * (sums @ solution.to_coefficients.T))


def wald(estimates: Vector, covariance: Matrix) -> float:
    """b' V^-1 b: chi-square with len(b) df under b = 0; divided by that, an F. NaN where V is singular."""
    se = np.sqrt(np.diag(covariance))  # in standard errors, so that units do not matter to the solver
    if not (se > 0).all():
        return float("nan")
    correlation = covariance / np.outer(se, se)
    if not np.linalg.eigvalsh(correlation)[0] > SINGULAR:
        return float("nan")
    z = estimates / se
    return float(z @ np.linalg.solve(correlation, z))


def f_tail(f: float, df1: float, df2: float) -> float:
    """P(F > f) with df1 and df2 degrees of freedom; 0 at infinity, NaN without a numerator."""
    from scipy.special import fdtrc

    if not df1 > 0 or np.isnan(f):
        return float("nan")
    return float(fdtrc(df1, df2, f)) if np.isfinite(f) else 0.0


def _squared(half: Matrix) -> Matrix:
    """The covariance of which rows are a root; no variance of it can come out negative."""
    return np.asarray(half.T @ half)
