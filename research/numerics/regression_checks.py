"""Checks of a least squares regression: its assumptions, the influence of rows, collinearity of columns."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import chi2_sf
from research.numerics.least_squares import dependent_columns, least_squares
from research.numerics.sandwich import f_tail


@dataclass(frozen=True, slots=True)
class Check:
    """A test statistic with its degrees of freedom and p value; NaN where it has none."""

    statistic: float
    p: float = math.nan
    df1: float = math.nan
    df2: float = math.nan


@dataclass(frozen=True, slots=True)
class Influence:
    """Each row's pull, shape (n,) each: NaN where a row alone decides its fitted value (leverage 1)."""

    leverage: Vector
    standardized: Vector  # residual over its standard error
    studentized: Vector  # the same with the error variance of the other rows
    cooks_distance: Vector
    dffits: Vector
    p_outlier: Vector  # Bonferroni-adjusted, from t with n - k - 1 df


def reset(X: Matrix, y: Vector, fitted: Vector, powers: tuple[int, ...] = (2, 3)) -> Check:
    """Ramsey's (1969) RESET: F of added powers of the fitted values, which linearity makes superfluous."""
    spread = float(fitted.std())
    if spread == 0:
        return Check(math.nan)
    z = (fitted - fitted.mean()) / spread
    return _added(X, y, np.column_stack([z**power for power in powers]))


def breusch_pagan(X: Matrix, residuals: Vector) -> Check:
    """n R^2 of the squared residuals on the predictors: chi-square. Koenker (1981), studentized."""
    return _auxiliary(X, residuals)


def white(X: Matrix, residuals: Vector) -> Check:
    """White's (1980) test: the same on predictors, their squares and products, without duplicates.

    NaN where there are too few rows for so many columns.
    """
    _, k = X.shape
    products = [X[:, i] * X[:, j] for i in range(k) for j in range(i, k)]
    Z = np.column_stack(
        [np.ones(len(X)), *(column / max(1e-300, float(np.abs(column).max())) for column in products)]
    )
    if Z.shape[1] > 400:
        return Check(math.nan)
    Z = np.delete(Z, dependent_columns(Z), axis=1)
    return _auxiliary(Z, residuals) if Z.shape[1] < len(Z) else Check(math.nan)


def durbin_watson(residuals: Vector) -> float:
    """Sum of squared steps between neighbouring residuals over their sum of squares; 2 where unrelated."""
    return float((np.diff(residuals) ** 2).sum() / (residuals @ residuals))


def jarque_bera(residuals: Vector) -> Check:
    """n/6 (S^2 + (K - 3)^2 / 4): chi-square with 2 df.                Jarque & Bera (1980)"""
    n = len(residuals)
    centred = residuals - residuals.mean()
    m2 = float((centred**2).mean())
    skew, kurtosis = float((centred**3).mean()) / m2**1.5, float((centred**4).mean()) / m2**2
    statistic = n / 6 * (skew**2 + (kurtosis - 3) ** 2 / 4)
    return Check(statistic, chi2_sf(statistic, 2), 2)


def shapiro_wilk(residuals: Vector) -> Check:
    """W of Shapiro & Wilk (1965) by Royston's (1995) approximation, for 3 to 5000 rows."""
    from scipy.stats import shapiro

    if not 3 <= len(residuals) <= 5000:
        return Check(math.nan)
    found = shapiro(residuals)
    return Check(float(found.statistic), float(found.pvalue))


def influence(residuals: Vector, leverage: Vector, k: int) -> Influence:
    """Belsley, Kuh & Welsch (1980), chapter 2; Cook (1977). `k`: number of coefficients."""
    from scipy.special import stdtr

    n = len(residuals)
    left = np.where(leverage < 1 - 1e-10, 1 - leverage, np.nan)
    rss = float(residuals @ residuals)
    standardized = residuals / np.sqrt(rss / (n - k) * left)
    others = rss - residuals**2 / left
    df = n - k - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        studentized = (
            residuals / np.sqrt(np.maximum(others, 0.0) / df * left) if df > 0 else residuals * np.nan
        )
    p = 2 * stdtr(df, -np.abs(studentized)) if df > 0 else np.full(n, np.nan)
    return Influence(
        leverage,
        standardized,
        studentized,
        standardized**2 * leverage / (left * k),
        studentized * np.sqrt(leverage / left),
        np.minimum(p * n, 1.0),
    )


def condition_indices(X: Matrix) -> tuple[Vector, Matrix]:
    """Condition indices (k,), ascending, and variance proportions (k, k): rows indices, columns coefficients.

    Of the columns scaled to unit length, not centred. Belsley, Kuh & Welsch (1980), sec. 3.2
    """
    _, singular, turn = np.linalg.svd(X / np.linalg.norm(X, axis=0), full_matrices=False)
    parts = (turn / singular[:, None]) ** 2
    return singular[0] / singular, parts / parts.sum(axis=0)


def _added(X: Matrix, y: Vector, extra: Matrix) -> Check:
    """The F of columns added to a regression."""
    before, wide = least_squares(X, y), np.column_stack([X, extra])
    wide = np.delete(wide, dependent_columns(wide), axis=1)
    n, k = wide.shape
    df1 = k - X.shape[1]
    if df1 < 1 or n <= k:
        return Check(math.nan)
    after = least_squares(wide, y)
    rss, rss_after = (float(one.residuals @ one.residuals) for one in (before, after))
    f = (rss - rss_after) / df1 / (rss_after / (n - k)) if rss_after > 0 else math.inf
    return Check(f, f_tail(f, df1, n - k), df1, n - k)


def _auxiliary(Z: Matrix, residuals: Vector) -> Check:
    squares = residuals**2
    rest = least_squares(Z, squares).residuals
    total = float(((squares - squares.mean()) ** 2).sum())
    if total == 0:
        return Check(math.nan)
    statistic = len(Z) * (1 - float(rest @ rest) / total)
    df = Z.shape[1] - 1
    return Check(statistic, chi2_sf(statistic, df), df)
