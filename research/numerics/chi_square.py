"""Probabilities of the chi-square and normal distributions; scipy.special is loaded when first needed."""

from __future__ import annotations

import math
from functools import cache
from types import ModuleType

import numpy as np

from research.numerics.arrays import Vector

_ROOT_TAU = math.sqrt(2.0 * math.pi)


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
    """The noncentrality at which P(chi2_df(lam) <= statistic) = `probability`; 0 where none is as large.

    Newton's method on the normal quantile of the probability, which is almost linear in lam, inside what is
    known of the root. The slope of the probability is minus the density of chi2_(df + 2)(lam).
    """
    if noncentral_cdf(statistic, df, 0.0) < probability:
        return 0.0
    z, low, high = normal_quantile(probability), 0.0, math.inf
    lam = _normal_noncentrality(statistic, df, z)
    for _ in range(200):
        found = noncentral_cdf(statistic, df, lam)
        low, high = (lam, high) if found > probability else (low, lam)
        reached = normal_quantile(found)
        density = math.exp(-min(0.5 * reached * reached, 700.0)) / _ROOT_TAU
        slope = _noncentral_density(statistic, df + 2.0, lam) / density
        step = (reached - z) / slope if slope > 0.0 else math.inf
        if abs(step) < 1e-7 * lam:
            return lam + step  # what is left is of the order of the step's square
        within = low < lam + step < high
        lam = lam + step if within else 2.0 * lam + 1.0 if high == math.inf else 0.5 * (low + high)
        if high - low < 1e-14 * high:
            break
    return lam


def _normal_noncentrality(statistic: float, df: float, z: float) -> float:
    """The same where chi2_df(lam) is taken as normal with mean df + lam and variance 2 (df + 2 lam)."""
    deviation = -2.0 * z + math.sqrt(max(4.0 * z * z + 4.0 * statistic - 2.0 * df, 0.0))
    return max(statistic - df - z * deviation, 1e-3)


def _noncentral_density(x: float, df: float, lam: float) -> float:
    """The density of chi2_df(lam) at x, by the Bessel function of order df/2 - 1."""
    order, apart = 0.5 * df - 1.0, math.sqrt(x) - math.sqrt(lam)
    bessel = float(_special().ive(order, math.sqrt(lam * x)))
    if not bessel > 0.0:
        return 0.0
    return 0.5 * math.exp(math.log(bessel) - 0.5 * apart * apart + 0.5 * order * math.log(x / lam))


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
