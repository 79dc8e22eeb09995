"""Reliability and variance extracted from the loadings of a factor model.

Throughout: `loadings` of shape (k,). Names follow the field: omega (congeneric), rho_C (composite reliability
of standardized loadings), AVE, H (maximal reliability), rho_A (of weighted sums).
"""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Matrix, Vector


def omega(loadings: Vector, factor_variance: float, total_variance: float) -> float:
    """Congeneric reliability of the unweighted sum of items that load on one factor only.

    omega = (sum lambda)^2 psi / Var(T)                         McDonald (1999), eq. 6.20b
    Var(T) observed (1'S1) or implied by the model (1'Sigma 1): the two differ where the model does not fit.
    """
    return float(loadings.sum()) ** 2 * factor_variance / total_variance


def composite_reliability(loadings: Vector) -> float:
    """rho_C of standardized loadings with uncorrelated errors.

    rho_C = (sum l)^2 / ((sum l)^2 + sum(1 - l^2))      Joreskog (1971); Fornell & Larcker (1981), eq. 10
    """
    common = float(loadings.sum()) ** 2
    return common / (common + float((1 - loadings**2).sum()))


def average_variance_extracted(loadings: Vector) -> float:
    """Mean squared standardized loading.                       Fornell & Larcker (1981), eq. 11"""
    return float((loadings**2).mean())


def weighted_variance_extracted(loadings: Vector, factor_variance: float, variances: Vector) -> float:
    """Variance extracted with every item weighted by its own variance (unstandardized loadings).

    AVE_w = psi * sum(lambda^2) / sum(s_jj). It equals the mean squared standardized loading only
    where the items have equal variances.
    """
    return factor_variance * float((loadings**2).sum()) / float(variances.sum())


def maximal_reliability(loadings: Vector) -> float:
    """Coefficient H: reliability of the sum whose weights l / (1 - l^2) make it most reliable.

    H = 1 / (1 + 1 / sum(l^2 / (1 - l^2)))          Hancock & Mueller (2001); Raykov (2004). 1 where an l is 1
    """
    share = loadings**2
    if (share >= 1).any():
        return 1.0
    signal = float((share / (1 - share)).sum())
    return signal / (1 + signal)


def rho_a(weights: Vector, cor: Matrix) -> float:
    """Reliability of the weighted sum of k standardized items; Dijkstra & Henseler (2015), eq. 3.

    rho_A = (w'w)^2 * w'(R - diag R)w / w'(ww' - diag ww')w,  w scaled to w'Rw = 1. The weights have to be
    proportional to the loadings but for sampling error, as the mode A weights of PLS are. NaN for one item.
    """
    if len(weights) < 2:
        return float("nan")
    w = weights / np.sqrt(float(weights @ cor @ weights))
    length = float(w @ w)
    between = float(w @ cor @ w) - float(w**2 @ np.diag(cor))
    return length**2 * between / (length**2 - float((w**4).sum()))


def composite_reliability_se(loadings: Vector, vcov: Matrix) -> float:
    """Standard error of rho_C by the delta method, from the covariance (k, k) of standardized loadings.

    With A = sum l and B = sum(1 - l^2): d rho_C / d l_j = 2A (B + A l_j) / (A^2 + B)^2.    Raykov (2002)
    """
    A, B = float(loadings.sum()), float((1 - loadings**2).sum())
    slope = 2 * A * (B + A * loadings) / (A**2 + B) ** 2
    return float(np.sqrt(max(float(slope @ vcov @ slope), 0.0)))


def variance_extracted_se(loadings: Vector, vcov: Matrix) -> float:
    """Standard error of the mean squared standardized loading by the delta method: d/d l_j = 2 l_j / k."""
    slope = 2 * loadings / len(loadings)
    return float(np.sqrt(max(float(slope @ vcov @ slope), 0.0)))


def standardized_vcov(loadings: Vector, errors: Vector, vcov: Matrix) -> Matrix:
    """Covariance (k, k) of l = a / sqrt(a^2 + e) from that of (a, e), shape (2k, 2k), loadings first.

    dl/da = e (a^2 + e)^-3/2,  dl/de = -a/2 (a^2 + e)^-3/2, where the factor has a variance of 1.
    """
    cube = (loadings**2 + errors) ** -1.5
    J = np.hstack([np.diag(errors * cube), np.diag(-0.5 * loadings * cube)])
    return np.asarray(J @ vcov @ J.T)


def most_reliable_sum(true_cov: Matrix, cov: Matrix) -> float:
    """Reliability of the weighted sum w'x that has the highest: the largest root of |T - rho S| = 0.

    T (k, k) is what the factors explain, S (k, k) the covariance of the items.     Li (1997); Raykov (2012)
    """
    from scipy.linalg import eigh

    return float(eigh(true_cov, cov, eigvals_only=True)[-1])
