"""Does an item tell those who score high on its scale from those who score low?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Mask, Vector


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """Means of two groups and the t test of their difference; NaN where it has none."""

    low: float
    high: float
    t: float
    df: float
    p: float  # two-sided


def extreme_groups(total: Vector, share: float = 0.27) -> tuple[Mask, Mask]:
    """Who is in the lower and who in the upper group of a total score (n,): masks (n,).

    The scores of the round(share n)-th from below and from above are the borders; all who have the border's
    score belong, so that a group may be larger than its share.       Kelley (1939): 27 % serve best
    """
    ordered = np.sort(total)
    count = max(1, round(share * len(total)))
    return total <= ordered[count - 1], total >= ordered[-count]


def mean_difference(low: Vector, high: Vector, *, equal_variances: bool = False) -> MeanDifference:
    """t = (M_high - M_low) / SE, with df of Welch (1947), or of Student where variances are equal."""
    nan = float("nan")
    n, m = len(low), len(high)
    means = (float(low.mean()) if n else nan, float(high.mean()) if m else nan)
    if min(n, m) < 2:
        return MeanDifference(*means, nan, nan, nan)
    from scipy.special import stdtr

    a, b = float(low.var(ddof=1)), float(high.var(ddof=1))
    if equal_variances:
        pooled = ((n - 1) * a + (m - 1) * b) / (n + m - 2)
        square, df = pooled * (1 / n + 1 / m), float(n + m - 2)
    else:
        square = a / n + b / m
        parts = (a / n) ** 2 / (n - 1) + (b / m) ** 2 / (m - 1)
        df = square**2 / parts if parts > 0 else nan
    if not square > 0:
        return MeanDifference(*means, nan, nan, nan)
    t = (means[1] - means[0]) / float(np.sqrt(square))
    return MeanDifference(*means, t, df, float(2 * stdtr(df, -abs(t))))
