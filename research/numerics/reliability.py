"""Reliability of a sum of items, from their covariance matrix or their loadings.

Throughout: k items, `cov` of shape (k, k), `loadings` of shape (k,). Names follow the field:
alpha (tau-equivalent), omega (congeneric), rho_C (composite reliability of standardized loadings).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Matrix, Vector


def cronbach_alpha(cov: Matrix) -> float:
    """Raw alpha; of a correlation matrix it is the standardized alpha. NaN for one item.

    alpha = k/(k-1) * (1 - tr S / 1'S1)                         Cronbach (1951), eq. 2

    >>> round(cronbach_alpha(np.array([[1.0, 0.5], [0.5, 1.0]])), 4)
    0.6667
    """
    k = len(cov)
    total = float(cov.sum())
    if k < 2 or total <= 0:
        return float("nan")
    return k / (k - 1) * (1 - float(np.trace(cov)) / total)


def feldt_interval(alpha: float, n_obs: int, n_items: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of alpha for compound-symmetric normal items.

    (1 - alpha) / (1 - alpha_hat) ~ F(n-1, (n-1)(k-1))          Feldt (1965); Feldt, Woodruff & Salih (1987)
    """
    from scipy.special import fdtri

    if n_obs < 2 or n_items < 2:
        return float("nan"), float("nan")
    df1, df2 = n_obs - 1, (n_obs - 1) * (n_items - 1)
    tail = (1 - level) / 2
    low = 1 - (1 - alpha) * float(fdtri(df1, df2, 1 - tail))
    high = 1 - (1 - alpha) * float(fdtri(df1, df2, tail))
    return low, high


def duhachek_se(cov: Matrix, n_obs: int) -> float:
    """Standard error of alpha for normal items of any covariance; the interval is alpha -+ z * SE.

    Q = 2k^2 / ((k-1)^2 (1'S1)^3) * [1'S1 (tr S^2 + tr^2 S) - 2 tr S (1'S^2 1)],  SE = sqrt(Q / n)
    Van Zyl, Neudecker & Nel (2000), eq. 21; Duhachek & Iacobucci (2004)
    """
    k = len(cov)
    total = float(cov.sum())
    if k < 2 or total <= 0:
        return float("nan")
    square = cov @ cov
    trace = float(np.trace(cov))
    bracket = total * (float(np.trace(square)) + trace**2) - 2 * trace * float(square.sum())
    return float(np.sqrt(2 * k**2 / ((k - 1) ** 2 * total**3) * bracket / n_obs))


def guttman_lambda6(cov: Matrix) -> float:
    """Guttman's lambda 6: the error of an item is what the others do not predict.

    lambda6 = 1 - sum(e_j^2) / 1'S1,  e_j^2 = 1 / (S^-1)_jj     Guttman (1945), eq. 67
    """
    return 1 - float((1 / np.diag(np.linalg.inv(cov))).sum()) / float(cov.sum())


@dataclass(frozen=True, slots=True)
class ItemTotals:
    """What each item adds to its scale; every field has shape (k,)."""

    r_total: Vector  # with the sum of all items, itself included
    r_rest: Vector  # with the sum of the others (corrected item-total correlation)
    alpha_if_deleted: Vector
    average_r: Vector  # mean correlation among the others


def item_totals(cov: Matrix) -> ItemTotals:
    """Item-total correlations and alpha if the item is deleted, all from the covariance matrix.

    r(x_j, T) = sum_i s_ij / (s_j s_T);  r(x_j, T - x_j) = (sum_i s_ij - s_jj) / (s_j s_{T-j})
    """
    variance, with_total, total = np.diag(cov), cov.sum(axis=1), float(cov.sum())
    rest = total - 2 * with_total + variance
    sd = np.sqrt(variance)
    correlation = cov / np.outer(sd, sd)
    k = len(cov)
    others = [np.delete(np.arange(k), j) for j in range(k)]
    deleted = [cronbach_alpha(cov[np.ix_(keep, keep)]) for keep in others]
    average = [mean_correlation(correlation[np.ix_(keep, keep)]) for keep in others]
    with np.errstate(divide="ignore", invalid="ignore"):
        r_total = with_total / (sd * np.sqrt(total))
        r_rest = (with_total - variance) / (sd * np.sqrt(rest))
    return ItemTotals(r_total, r_rest, np.array(deleted), np.array(average))


def mean_correlation(correlation: Matrix) -> float:
    """Mean of the correlations below the diagonal; NaN for one item."""
    k = len(correlation)
    return (float(correlation.sum()) - k) / (k * (k - 1)) if k > 1 else float("nan")


def wrongly_keyed(cov: Matrix) -> Vector:
    """Signs of the items on their first principal component, shape (k,): -1 is keyed against the rest.

    The majority decides which direction is the scale's. Items that load below .1 of the largest
    loading in size are left at +1: their direction is not decided by the data.
    """
    sd = np.sqrt(np.diag(cov))
    vectors = np.linalg.eigh(cov / np.outer(sd, sd))[1]
    first = vectors[:, -1]
    first = first * (
        1.0 if float(np.sign(first).sum()) > 0 or (np.sign(first).sum() == 0 and first[0] > 0) else -1.0
    )
    decided = np.abs(first) >= 0.1 * np.abs(first).max()
    return np.where(decided & (first < 0), -1.0, 1.0)


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
