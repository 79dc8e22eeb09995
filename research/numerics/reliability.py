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
    return float(np.sqrt(max(2 * k**2 / ((k - 1) ** 2 * total**3) * bracket, 0.0) / n_obs))


def guttman_lambda6(cov: Matrix) -> float:
    """Guttman's lambda 6: the error of an item is what the others do not predict.

    lambda6 = 1 - sum(e_j^2) / 1'S1,  e_j^2 = 1 / (S^-1)_jj     Guttman (1945), eq. 67. psych takes the
    correlations for it (its "G6"). NaN for one item, or a singular matrix.
    """
    total = float(cov.sum())
    if len(cov) < 2 or total <= 0 or is_singular(cov):
        return float("nan")
    return 1 - float((1 / np.diag(np.linalg.inv(cov))).sum()) / total


def is_singular(cov: Matrix) -> bool:
    """An item is an exact combination of the others, or pairwise covariances contradict each other."""
    sd = np.sqrt(np.diag(cov))
    return bool(np.linalg.eigvalsh(cov / np.outer(sd, sd))[0] < 1e-10)


@dataclass(frozen=True, slots=True)
class ItemTotals:
    """What each item adds to its scale; every field has shape (k,)."""

    r_total: Vector  # with the sum of all items, itself included
    r_total_std: Vector  # the same of standardized items
    r_cor: Vector  # corrected for the item's own part and for the scale's unreliability
    r_rest: Vector  # with the sum of the others (corrected item-total correlation)


def item_totals(cov: Matrix) -> ItemTotals:
    """Item-total correlations from the covariance matrix (k, k).

    r(x_j, T) = sum_i s_ij / (s_j s_T);  r(x_j, T - x_j) = (sum_i s_ij - s_jj) / (s_j s_{T-j});  r_cor is
    r(x_j, T) of the correlations with each item's squared multiple correlation on the diagonal, as psych has
    it; NaN where the matrix is singular.
    """
    variance, with_total, total = np.diag(cov), cov.sum(axis=1), float(cov.sum())
    rest = total - 2 * with_total + variance
    sd = np.sqrt(variance)
    cor = cov / np.outer(sd, sd)
    k = len(cov)
    reduced = cor.copy()
    singular = k < 2 or is_singular(cov)
    np.fill_diagonal(reduced, np.nan if singular else 1 - 1 / np.diag(np.linalg.inv(cor)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return ItemTotals(
            with_total / (sd * np.sqrt(total)),
            cor.sum(axis=1) / np.sqrt(cor.sum()),
            reduced.sum(axis=1) / np.sqrt(reduced.sum()),
            (with_total - variance) / (sd * np.sqrt(rest)),
        )


@dataclass(frozen=True, slots=True)
class Coefficients:
    """What psych's `alpha` says of a set of items."""

    alpha: float
    alpha_std: float
    alpha_se: float  # Duhachek & Iacobucci (2004)
    lambda6: float  # of the correlations
    average_r: float
    median_r: float
    variance_r: float
    signal_noise: float  # k r / (1 - r) with the average r; Cronbach & Gleser (1964)


def coefficients(cov: Matrix, n_obs: int) -> Coefficients:
    """Alpha and what goes with it, from the covariance (k, k) of n rows; `n_obs` 0 has no standard error."""
    k = len(cov)
    sd = np.sqrt(np.diag(cov))
    cor = cov / np.outer(sd, sd)
    below = cor[np.tril_indices(k, -1)]
    nan = float("nan")
    average = float(below.mean()) if k > 1 else nan
    return Coefficients(
        cronbach_alpha(cov),
        cronbach_alpha(cor),
        duhachek_se(cov, n_obs) if n_obs else nan,
        guttman_lambda6(cor),
        average,
        float(np.median(below)) if k > 1 else nan,
        float(below.var(ddof=1)) if k > 2 else nan,
        k * average / (1 - average) if k > 1 and average < 1 else nan,
    )


def without_each(cov: Matrix, n_obs: int) -> list[Coefficients]:
    """The coefficients of the k - 1 others, for each of the k items."""
    everything = np.arange(len(cov))
    kept = [np.delete(everything, j) for j in everything]
    return [coefficients(cov[np.ix_(keep, keep)], n_obs) if len(keep) else _nothing() for keep in kept]


def _nothing() -> Coefficients:
    return Coefficients(*[float("nan")] * 8)


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
