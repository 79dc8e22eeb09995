"""Means of groups that need not have one variance: intervals and Welch's test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Vector


@dataclass(frozen=True, slots=True)
class MeanTest:
    """Welch's F with its degrees of freedom and p; `eta2`: share of the variance between the groups."""

    f: float
    df1: float
    df2: float
    p: float
    eta2: float


def mean_interval(values: Vector, level: float = 0.95) -> tuple[float, float, float]:
    """Mean and limits from t with n - 1 degrees of freedom; NaN where there are too few values."""
    from scipy.special import stdtrit

    n = len(values)
    if n == 0:
        return np.nan, np.nan, np.nan
    mean = float(values.mean())
    if n == 1:
        return mean, np.nan, np.nan
    half = float(stdtrit(n - 1, (1 + level) / 2) * values.std(ddof=1) / np.sqrt(n))
    return mean, mean - half, mean + half


def welch_test(groups: list[Vector]) -> MeanTest:
    """Are the means of the groups equal? Welch (1951, Biometrika 38), which allows unequal variances.

    Groups with fewer than two values do not count; NaN where fewer than two groups are left or one of them
    does not vary. For two groups F is the square of Welch's t.

    >>> found = welch_test([np.array([1.0, 2, 3, 4]), np.array([2.0, 4, 6, 8, 10])])
    >>> round(found.f, 4), round(found.df2, 3), round(found.p, 4)
    (5.069, 5.521, 0.0691)
    """
    from scipy.special import fdtrc

    kept = [values for values in groups if len(values) > 1]
    nothing = MeanTest(np.nan, np.nan, np.nan, np.nan, np.nan)
    if len(kept) < 2:
        return nothing
    n = np.array([len(values) for values in kept], dtype=float)
    mean = np.array([values.mean() for values in kept])
    variance = np.array([values.var(ddof=1) for values in kept])
    everything = np.concatenate(kept)
    total = float(((everything - everything.mean()) ** 2).sum())
    eta2 = float((n * (mean - everything.mean()) ** 2).sum() / total) if total > 0 else np.nan
    if (variance <= 0).any():
        return MeanTest(np.nan, np.nan, np.nan, np.nan, eta2)
    k = len(kept)
    w = n / variance
    centre = (w * mean).sum() / w.sum()
    unease = (((1 - w / w.sum()) ** 2) / (n - 1)).sum()
    f = float((w * (mean - centre) ** 2).sum() / (k - 1) / (1 + 2 * (k - 2) / (k**2 - 1) * unease))
    df2 = float((k**2 - 1) / (3 * unease))
    return MeanTest(f, float(k - 1), df2, float(fdtrc(k - 1, df2, f)), eta2)
