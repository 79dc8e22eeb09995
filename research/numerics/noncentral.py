"""Limits of noncentrality parameters: the intervals of standardized effect sizes.

Steiger & Fouladi (1997); Steiger (2004): the parameter at which the observed statistic is just too large or
too small.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from research.numerics.chi_square import noncentrality


def t_noncentrality(t: float, df: float, level: float = 0.95) -> tuple[float, float]:
    """Limits of delta where t follows a noncentral t with `df` degrees of freedom.

    >>> low, high = t_noncentrality(2.0, 18)
    >>> round(low, 4), round(high, 4)
    (-0.0894, 4.0396)
    """
    if not math.isfinite(t) or not df > 0:
        return math.nan, math.nan
    tail = (1.0 - level) / 2.0
    low, high = (_t_limit(t, df, at) for at in (1.0 - tail, tail))
    return low, high


def f_noncentrality(f: float, df1: float, df2: float, level: float = 0.95) -> tuple[float, float]:
    """Limits of lambda where F follows a noncentral F; 0 where no lambda makes F so large.

    >>> low, high = f_noncentrality(119.264502184505, 2, 147)
    >>> round(low / (low + 150), 6), round(high / (high + 150), 6)
    (0.520309, 0.684436)
    """
    if not math.isfinite(f) or not (df1 > 0 and df2 > 0):
        return math.nan, math.nan
    tail = (1.0 - level) / 2.0
    limits = []
    for at in (1.0 - tail, tail):
        if _f_cdf(f, df1, df2, 0.0) <= at:
            limits.append(0.0)
            continue
        high = max(1.0, 2.0 * f * df1)
        while _f_cdf(f, df1, df2, high) > at:
            high *= 2.0
        limits.append(_between(partial(_f_gap, f, df1, df2, at), 0.0, high))
    return limits[0], limits[1]


def chi2_noncentrality(chisq: float, df: float, level: float = 0.95) -> tuple[float, float]:
    """Limits of lambda where the statistic follows a noncentral chi-square."""
    if not math.isfinite(chisq) or not df > 0:
        return math.nan, math.nan
    tail = (1.0 - level) / 2.0
    return noncentrality(chisq, df, 1.0 - tail), noncentrality(chisq, df, tail)


def _t_limit(t: float, df: float, at: float) -> float:
    """NaN where the noncentral t cannot be computed: huge t with few degrees of freedom."""
    try:
        return _root(lambda delta: _t_cdf(t, df, delta) - at, t, max(1.0, abs(t)))
    except ValueError:  # the search met a probability that is not a number
        return math.nan


def _f_gap(f: float, df1: float, df2: float, at: float, lam: float) -> float:
    return _f_cdf(f, df1, df2, lam) - at


def _t_cdf(t: float, df: float, delta: float) -> float:
    from scipy.stats import nct

    return float(nct.cdf(t, df, delta)) if delta else _t_central(t, df)


def _t_central(t: float, df: float) -> float:
    from scipy.special import stdtr

    return float(stdtr(df, t))


def _f_cdf(f: float, df1: float, df2: float, lam: float) -> float:
    from scipy.special import fdtr, ncfdtr

    return float(ncfdtr(df1, df2, lam, f)) if lam > 0 else float(fdtr(df1, df2, f))


def _root(gap: Callable[[float], float], start: float, step: float) -> float:
    """The zero of a falling function, bracketed outwards from `start`."""
    low, high = start - step, start + step
    while gap(low) < 0:
        low -= 2 * step
        step *= 2
    while gap(high) > 0:
        high += 2 * step
        step *= 2
    return _between(gap, low, high)


def _between(gap: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(gap, low, high, xtol=1e-12, rtol=1e-14))
