"""Probabilities of the chi-square and normal distributions; scipy.special is loaded when first needed."""

from __future__ import annotations

import math
from functools import cache
from types import ModuleType

import numpy as np

from research.numerics.arrays import Vector


def chi2_sf(statistic: float, df: float) -> float:
    """P(chi2_df > statistic); NaN without degrees of freedom.

    >>> round(chi2_sf(3.841459, 1), 6)
    0.05
    """
    if not df > 0 or math.isnan(statistic):
        return math.nan
    return float(_special().chdtrc(df, max(statistic, 0.0)))


def chi2_quantile(probability: float, df: float) -> float:
    """The value below which chi2_df falls with `probability`."""
    return float(_special().chdtri(df, 1.0 - probability))


def noncentral_cdf(statistic: float, df: float, lam: float) -> float:
    """P(chi2_df(lam) <= statistic)."""
    if lam <= 0:
        return float(_special().chdtr(df, max(statistic, 0.0)))
    if lam > 1e5 or statistic > 1e5:
        return _sankaran(statistic, df, lam)
    return float(_special().chndtr(statistic, df, lam))


def noncentrality(statistic: float, df: float, probability: float) -> float:
    """The noncentrality at which P(chi2_df(lam) <= statistic) = `probability`; 0 where none is as large."""
    if noncentral_cdf(statistic, df, 0.0) < probability:
        return 0.0
    low, high = 0.0, max(statistic, df, 1.0)
    while noncentral_cdf(statistic, df, high) > probability:
        low, high = high, 2.0 * high
    return _root(statistic, df, probability, low, high)


def _root(statistic: float, df: float, probability: float, low: float, high: float) -> float:
    """Regula falsi with Illinois weighting (Dowell & Jarratt 1971), to 1e-12 of the bracket."""
    f_low = noncentral_cdf(statistic, df, low) - probability
    f_high = noncentral_cdf(statistic, df, high) - probability
    for _ in range(100):
        middle = high - f_high * (high - low) / (f_high - f_low)
        f_middle = noncentral_cdf(statistic, df, middle) - probability
        if f_middle == 0.0 or abs(high - low) < 1e-12 * max(1.0, high):
            return middle
        if f_middle * f_high < 0:
            low, f_low = high, f_high
        else:
            f_low *= 0.5
        high, f_high = middle, f_middle
        if abs(f_middle) < 1e-14:
            return middle
    return high


def _sankaran(statistic: float, df: float, lam: float) -> float:
    """Sankaran's (1963) normal approximation, where the series would be too long."""
    total = df + lam
    h = 1.0 - 2.0 / 3.0 * total * (df + 3.0 * lam) / (df + 2.0 * lam) ** 2
    p = (df + 2.0 * lam) / total**2
    m = (h - 1.0) * (1.0 - 3.0 * h)
    z = (statistic / total) ** h - (1.0 + h * p * (h - 1.0 - 0.5 * (2.0 - h) * m * p))
    return float(normal_cdf(np.array(z / (h * math.sqrt(2.0 * p) * (1.0 + 0.5 * m * p)))))


def normal_cdf(z: Vector) -> Vector:
    """P(Z <= z)."""
    return np.asarray(_special().ndtr(z))


def normal_quantile(probability: float) -> float:
    """The value below which a standard normal variable falls with `probability`."""
    return float(_special().ndtri(probability))


def two_sided_p(z: Vector) -> Vector:
    """P(|Z| > |z|), without loss of the small tail."""
    return np.asarray(_special().erfc(np.abs(z) / math.sqrt(2.0)))


def normal_quantiles(probabilities: Vector) -> Vector:
    """`normal_quantile` of each probability."""
    return np.asarray(_special().ndtri(probabilities))


@cache
def _special() -> ModuleType:
    """scipy.special, imported once: the import statement costs as much as a probability."""
    from scipy import special as found

    return found
