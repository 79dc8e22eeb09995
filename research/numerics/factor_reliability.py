"""Reliability and variance extracted from the loadings of a factor model.

Throughout: `loadings` of shape (k,). Names follow the field: omega (congeneric), rho_C (composite reliability
of standardized loadings), AVE, H (maximal reliability), rho_A (of weighted sums).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.bivariate_normal import bivariate_cdf
from research.numerics.chi_square import normal_cdf


def omega(loadings: Vector, factor_variance: float, total_variance: float) -> float:
    """Congeneric reliability of the unweighted sum of items that load on one factor only.

    omega = (sum lambda)^2 psi / Var(T)                         McDonald (1999), eq. 6.20b
    Var(T) observed (1'S1) or implied by the model (1'Sigma 1): the two differ where the model does not fit.
    """
    return float(loadings.sum()) ** 2 * factor_variance / total_variance


def categorical_omega(loadings: Vector, thresholds: Sequence[Vector], cor: Matrix) -> float:
    """Reliability of the sum of k items scored 1, 2, … , with one factor behind; Green & Yang (2009), eq. 21.

    An answer is 1 plus the number of its thresholds that the latent response exceeds, so that
    cov(x_i, x_j) = sum over thresholds of P(y_i <= t, y_j <= u) - P(y_i <= t) P(y_j <= u). The true part
    takes the correlation l_i l_j of two parallel answers (also for i = j); the total takes `cor` (k, k), the
    polychoric correlations or those that the model implies, and on the diagonal the variance of the answer.

    loadings (k,): standardized, of the latent responses. thresholds: k vectors, ascending.
    """
    item = np.repeat(np.arange(len(loadings)), [len(each) for each in thresholds])
    at = np.concatenate(thresholds)
    below = normal_cdf(at)
    chance = np.outer(below, below)
    common = np.outer(loadings, loadings)[np.ix_(item, item)]
    true = bivariate_cdf(at[:, None], at[None, :], np.clip(common, -1.0, 1.0)) - chance
    between = np.clip(cor[np.ix_(item, item)], -1.0, 1.0)
    same = item[:, None] == item[None, :]
    joint = bivariate_cdf(at[:, None], at[None, :], np.where(same, 0.0, between))
    observed = np.where(same, np.minimum(below[:, None], below[None, :]), joint) - chance
    return float(true.sum()) / float(observed.sum())


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
