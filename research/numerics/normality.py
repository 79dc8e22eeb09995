"""Is the distribution normal? One item at a time, and all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from research.numerics.arrays import Matrix, Vector

BLOCK_NUMBERS = 2_000_000  # products of two items that are held at once: 16 MB


@dataclass(frozen=True, slots=True)
class Mardia:
    """Multivariate skewness and kurtosis with their tests; Mardia (1970).

    `skewness` b1 with n b1 / 6 ~ chi-square(`df`); `chisq_small` has the small-sample factor of Mardia
    (1974). `kurtosis` b2 with `z` = (b2 - p(p+2)) / sqrt(8 p(p+2) / n).
    """

    n_obs: int
    n_items: int
    skewness: float
    chisq: float
    df: int
    p_skewness: float
    chisq_small: float
    p_small: float
    kurtosis: float
    z: float
    p_kurtosis: float


def mardia(values: Matrix, divisor: Literal["n-1", "n"] = "n-1") -> Mardia:
    """Mardia's coefficients of complete rows (n, p); the covariance is divided by n - 1 or by n.

    Mardia wrote n; programs of today (psych, semTools) take n - 1, as is done here by default.

    b1 = mean over row pairs of (d_i' S^-1 d_j)^3, b2 = mean over rows of (d_i' S^-1 d_i)^2. The sum over
    pairs is taken as the squared length of the third moments of the whitened rows, which needs p^3
    numbers in place of n^2.
    """
    from scipy.special import gammaincc, ndtr

    n, p = values.shape
    centred = values - values.mean(axis=0)
    L = np.linalg.cholesky(centred.T @ centred / (n if divisor == "n" else n - 1))
    white = np.linalg.solve(L, centred.T).T
    third = np.zeros((p, p * p))
    rows = max(1, BLOCK_NUMBERS // (p * p))
    for start in range(0, n, rows):
        part = white[start : start + rows]
        third += part.T @ (part[:, :, None] * part[:, None, :]).reshape(len(part), p * p)
    b1 = float(((third / n) ** 2).sum())
    b2 = float(((white**2).sum(axis=1) ** 2).mean())
    df = p * (p + 1) * (p + 2) // 6
    chisq = n * b1 / 6
    small = chisq * (p + 1) * (n + 1) * (n + 3) / (n * ((n + 1) * (p + 1) - 6))
    z = (b2 - p * (p + 2)) / np.sqrt(8 * p * (p + 2) / n)
    return Mardia(
        n,
        p,
        b1,
        chisq,
        df,
        float(gammaincc(df / 2, chisq / 2)),
        small,
        float(gammaincc(df / 2, small / 2)),
        b2,
        float(z),
        float(2 * ndtr(-abs(z))),
    )


def mahalanobis(values: Matrix) -> Vector:
    """Squared distance of each complete row (n, p) from the mean, with the covariance divided by n - 1."""
    centred = values - values.mean(axis=0)
    L = np.linalg.cholesky(centred.T @ centred / (len(values) - 1))
    distances: Vector = (np.linalg.solve(L, centred.T) ** 2).sum(axis=0)
    return distances


def moment_skewness(x: Vector) -> float:
    """m3 / s^3 with s the standard deviation that divides by n - 1 (b1 of Joanes & Gill 1998)."""
    centred = x - x.mean()
    return float((centred**3).mean() / x.std(ddof=1) ** 3)


def moment_kurtosis(x: Vector) -> float:
    """m4 / s^4 - 3 with s as in `moment_skewness` (b2 of Joanes & Gill 1998); 0 for a normal variable."""
    centred = x - x.mean()
    return float((centred**4).mean() / x.std(ddof=1) ** 4 - 3)
