"""Fit indices on plain numbers.

Sources: Bentler (1990) CFI; Tucker & Lewis (1973) TLI; Bentler & Bonett (1980) NFI; Bollen (1986, 1989) RFI
and IFI; McDonald & Marsh (1990) RNI, MFI; Steiger (1990) and Browne & Cudeck (1993) RMSEA, ECVI;
Hoelter (1983) critical N; Tanaka & Huba (1985) GFI. lavaan's conventions for groups and degenerate cases.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from research.numerics.chi_square import chi2_quantile, noncentral_cdf, noncentrality


def cfi(chisq: float, df: float, chisq_null: float, df_null: float) -> float:
    """Comparative fit index, 1 - max(chisq - df, 0) / max(chisq_null - df_null, chisq - df, 0).

    >>> round(cfi(85.3055, 24, 918.8516, 36), 4)
    0.9306
    """
    excess = max(chisq - df, 0.0)
    worst = max(chisq_null - df_null, chisq - df, 0.0)
    return 1.0 if excess == 0.0 or worst == 0.0 else 1.0 - excess / worst


def tli(chisq: float, df: float, chisq_null: float, df_null: float) -> float:
    """Tucker-Lewis index (non-normed fit index), 1 - ((chisq - df) / df) / ((null - df_null) / df_null)."""
    below = (chisq_null - df_null) * df
    if df <= 0 or below == 0:
        return 1.0
    return 1.0 - (chisq - df) * df_null / below


def rfi(chisq: float, df: float, chisq_null: float, df_null: float) -> float:
    """Relative fit index, (null/df_null - chisq/df) / (null/df_null)."""
    if df <= 0 or df_null <= 0 or chisq_null == 0:
        return 1.0
    return (chisq_null / df_null - chisq / df) / (chisq_null / df_null)


def nfi(chisq: float, df: float, chisq_null: float, df_null: float) -> float:
    """Normed fit index, (null - chisq) / null."""
    if df > df_null or chisq_null == 0:
        return math.nan
    return (chisq_null - chisq) / chisq_null if df > 0 else 1.0


def ifi(chisq: float, df: float, chisq_null: float) -> float:
    """Incremental fit index, (null - chisq) / (null - df)."""
    below = chisq_null - df
    return (chisq_null - chisq) / below if below > 0 else math.nan


def rni(chisq: float, df: float, chisq_null: float, df_null: float) -> float:
    """Relative non-centrality index: CFI without its bounds."""
    below = chisq_null - df_null
    return 1.0 - (chisq - df) / below if below != 0 else math.nan


class Rmsea(NamedTuple):
    """Root mean square error of approximation, its interval, p of close fit and of not-close fit."""

    value: float
    low: float
    high: float
    p_close: float
    p_not_close: float


def rmsea(chisq: float, df: float, n_obs: float, n_groups: int = 1) -> Rmsea:
    """RMSEA of a chi-square statistic, sqrt(G max(chisq/(n df) - 1/n, 0)), with its 90 % interval.

    With no degrees of freedom everything is zero.
    """
    if not df > 0 or n_obs <= 0:
        return Rmsea(0.0, 0.0, 0.0, math.nan, math.nan)
    value = math.sqrt(max(chisq / n_obs / df - 1.0 / n_obs, 0.0) * n_groups)
    return rmsea_interval(value, chisq, df, n_obs * df / n_groups)


def rmsea_interval(
    value: float,
    chisq: float,
    df: float,
    unit: float,
    level: float = 0.90,
    close: float = 0.05,
    far: float = 0.08,
) -> Rmsea:
    """The interval around `value`: sqrt(lambda/unit), where chi2_df(lambda) has `chisq` at a tail.

    `unit` is the noncentrality of an RMSEA of 1. `close` and `far`: the values that the tests of close and
    of not-close fit hold the RMSEA against.
    """
    if not math.isfinite(chisq) or not df > 0:
        return Rmsea(value, math.nan, math.nan, math.nan, math.nan)
    tail = (1.0 - level) / 2.0
    low, high = (math.sqrt(noncentrality(chisq, df, q) / unit) for q in (1.0 - tail, tail))
    p_close = 1.0 - noncentral_cdf(chisq, df, unit * close**2)
    return Rmsea(value, low, high, p_close, noncentral_cdf(chisq, df, unit * far**2))


def critical_n(chisq: float, df: float, n_obs: float, alpha: float) -> float:
    """Hoelter's critical N: the largest sample in which the model would not be rejected at `alpha`."""
    if chisq <= 0 or df <= 0:
        return math.nan
    return chi2_quantile(1.0 - alpha, df) / (chisq / n_obs) + 1.0


def mfi(chisq: float, df: float, n_obs: float) -> float:
    """McDonald's fit index, exp(-(chisq - df) / 2n)."""
    return math.exp(-0.5 * (chisq - df) / n_obs)


def ecvi(chisq: float, n_parameters: int, n_obs: float) -> float:
    """Expected cross-validation index, chisq/n + 2 q/n."""
    return chisq / n_obs + 2.0 * n_parameters / n_obs
