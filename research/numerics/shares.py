"""Shares and differences of shares: intervals and tests of counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import chi2_sf, normal_quantile


@dataclass(frozen=True, slots=True)
class Independence:
    """Pearson's chi-square of a table, its p, Cramér's V, and the smallest expected count."""

    chisq: float
    df: int
    p: float
    v: float
    smallest_expected: float


def wilson_interval(count: Vector, n: Vector, level: float = 0.95) -> tuple[Vector, Vector]:
    """Limits of the share count/n: those values that a score test does not reject; NaN where n is 0.

    Wilson (1927, JASA 22).

    >>> low, high = wilson_interval(np.array([81.0]), np.array([263.0]))
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.2553, 0.3662)
    """
    z2 = normal_quantile((1 + level) / 2) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        p = count / n
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n**2))) / (1 + z2 / n)
        known = n > 0
        low = np.where(known, np.clip(np.where(count == 0, 0.0, middle - half), 0, 1), np.nan)
        high = np.where(known, np.clip(np.where(count == n, 1.0, middle + half), 0, 1), np.nan)
    return low, high


def independence(table: Matrix) -> Independence:
    """Pearson's test of a table of counts (rows, columns); empty rows and columns do not count.

    V = sqrt(chisq / (n (min(r, c) - 1))) (Cramér 1946).
    """
    kept = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    r, c = kept.shape
    if r < 2 or c < 2:
        return Independence(np.nan, 0, np.nan, np.nan, np.nan)
    n = kept.sum()
    expected = np.outer(kept.sum(axis=1), kept.sum(axis=0)) / n
    chisq = float(((kept - expected) ** 2 / expected).sum())
    df = (r - 1) * (c - 1)
    v = float(np.sqrt(chisq / (n * (min(r, c) - 1))))
    return Independence(chisq, df, chi2_sf(chisq, df), v, float(expected.min()))


def balance(up: float, down: float, n: float) -> tuple[float, float]:
    """Share of `up` less share of `down` among n, and its standard error by the delta method.

    Var = (p + q - (p - q)^2) / n, of two shares of one multinomial.
    """
    p, q = up / n, down / n
    return p - q, float(np.sqrt(max(p + q - (p - q) ** 2, 0.0) / n))


def balance_score_interval(up: float, down: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Limits of p - q of a multinomial that a score test does not reject: Wilson's interval for a balance.

    z(d) = (b - c - n d) / sqrt(n (2 q(d) + d (1 - d))), with q(d) the likeliest share of `down` at the
    difference d. Tango (1998, Statistics in Medicine 17), eq. 4 and 5; -1 and 1 are never passed.
    """
    z = normal_quantile((1 + level) / 2)
    estimate = (up - down) / n
    return (
        -1.0 if down == n else _limit(up, down, n, z, -1.0, estimate),
        1.0 if up == n else _limit(up, down, n, -z, estimate, 1.0),
    )


def _limit(up: float, down: float, n: float, z: float, low: float, high: float) -> float:
    """The difference at which the score statistic is z, by bisection: it falls with the difference."""
    for _ in range(200):
        middle = (low + high) / 2
        if _score(up, down, n, middle) > z:
            low = middle
        else:
            high = middle
        if high - low < 1e-13:
            break
    return (low + high) / 2


def _score(up: float, down: float, n: float, difference: float) -> float:
    A = 2 * n
    B = -up - down + (2 * n - up + down) * difference
    C = -down * difference * (1 - difference)
    q = (np.sqrt(max(B * B - 4 * A * C, 0.0)) - B) / (2 * A)
    variance = n * (2 * q + difference * (1 - difference))
    distance = up - down - n * difference
    if variance <= 0:
        return float(np.sign(distance) * np.inf) if distance else 0.0
    return float(distance / np.sqrt(variance))
