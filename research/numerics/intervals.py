"""Confidence limits and p values from bootstrap draws.

Davison & Hinkley (1997), chapter 5: basic (5.6), percentile (5.18), BC and BCa (5.21; Efron 1987); quantiles
by interpolation on the normal scale (5.8).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.chi_square import normal_cdf, normal_quantile, normal_quantiles, two_sided_p

Kind = Literal["percentile", "basic", "normal", "bc", "bca"]


def bootstrap_limits(
    draws: Matrix, estimate: Vector, kind: Kind, level: float = 0.95, influence: Matrix | None = None
) -> tuple[Vector, Vector]:
    """Lower and upper limits, each (k,), from `draws` (b, k) around `estimate` (k,).

    `influence` (n, k): what each row adds to the estimates (`jackknife_influence`), which "bca" needs.
    """
    tail = (1.0 - level) / 2.0
    k = draws.shape[1]
    if kind == "normal":
        half = normal_quantile(1.0 - tail) * draws.std(axis=0, ddof=1)
        bias = draws.mean(axis=0) - estimate
        return estimate - bias - half, estimate - bias + half
    ordered = np.sort(draws, axis=0)
    if kind in ("percentile", "basic"):
        low, high = _quantile(ordered, np.full(k, tail)), _quantile(ordered, np.full(k, 1.0 - tail))
        return (low, high) if kind == "percentile" else (2.0 * estimate - high, 2.0 * estimate - low)
    z0, a = _bias(draws, estimate), _acceleration(influence if kind == "bca" else None, k)
    low, high = (
        _quantile(ordered, normal_cdf(z0 + (z0 + z) / (1.0 - a * (z0 + z))))
        for z in (normal_quantile(tail), normal_quantile(1.0 - tail))
    )
    return low, high


def bootstrap_p(draws: Matrix, estimate: Vector, kind: Kind, influence: Matrix | None = None) -> Vector:
    """Two-sided p values (k,): 1 - level of the interval of the same kind that has zero for a limit.

    At least 2/(b + 1), the smallest that b draws can tell from nothing.
    """
    b, k = draws.shape
    if kind == "normal":
        bias = draws.mean(axis=0) - estimate
        return two_sided_p((estimate - bias) / draws.std(axis=0, ddof=1))
    ordered = np.sort(draws, axis=0)
    if kind == "basic":
        z = normal_quantiles(_probability(ordered, 2.0 * estimate))
    else:
        z = normal_quantiles(_probability(ordered, np.zeros(k)))
    if kind in ("bc", "bca"):
        z0, a = _bias(draws, estimate), _acceleration(influence if kind == "bca" else None, k)
        z = (z - z0) / (1.0 + a * (z - z0)) - z0
    return np.asarray(np.maximum(two_sided_p(z), 2.0 / (b + 1.0)))


def jackknife_influence(left_out: Matrix, strata: Indices) -> Matrix:
    """(n, k) from estimates with one row left out each (n, k); `strata` (n,): the group of each row.

    (n_g - 1)/n_g (mean of the group - estimate): Davison & Hinkley (1997), 2.44 and 5.28.
    """
    influence = np.zeros_like(left_out)
    for group in np.unique(strata):
        own = strata == group
        n = own.sum()
        influence[own] = (left_out[own].mean(axis=0) - left_out[own]) * ((n - 1.0) / n)
    return influence


def _bias(draws: Matrix, estimate: Vector) -> Vector:
    """z0: how far the estimate is from the median of the draws, on the normal scale."""
    share = (draws < estimate).mean(axis=0)
    return np.asarray(normal_quantiles(np.clip(share, 0.5 / len(draws), 1.0 - 0.5 / len(draws))))


def _acceleration(influence: Matrix | None, k: int) -> Vector:
    """Sum of cubes over 6 (sum of squares)^1.5 of the influences; 0 where nothing moves."""
    if influence is None:
        return np.zeros(k)
    squares = (influence**2).sum(axis=0)
    cubes = (influence**3).sum(axis=0)
    return np.where(squares > 0, cubes / (6.0 * np.where(squares > 0, squares, 1.0) ** 1.5), 0.0)


def _quantile(ordered: Matrix, probability: Vector) -> Vector:
    """Quantiles of each column at its own probability, between order statistics on the normal scale."""
    b = len(ordered)
    position = (b + 1) * probability
    below = np.clip(np.floor(position).astype(int), 1, b)
    above = np.clip(below + 1, 1, b)
    column = np.arange(ordered.shape[1])
    z = normal_quantiles(np.clip(probability, 1e-12, 1.0 - 1e-12))
    z_low, z_high = normal_quantiles(below / (b + 1.0)), normal_quantiles(above / (b + 1.0))
    weight = np.where(above > below, (z - z_low) / np.where(above > below, z_high - z_low, 1.0), 0.0)
    low, high = ordered[below - 1, column], ordered[above - 1, column]
    return np.asarray(low + np.clip(weight, 0.0, 1.0) * (high - low))


def _probability(ordered: Matrix, point: Vector) -> Vector:
    """The probability at which `_quantile` gives `point`, (k,); 1/(b + 1) and b/(b + 1) outside the draws."""
    b = len(ordered)
    column = np.arange(ordered.shape[1])
    count = (ordered < point).sum(axis=0)
    inside = (count > 0) & (count < b)
    below = np.clip(count, 1, b - 1)
    low, high = ordered[below - 1, column], ordered[below, column]
    weight = np.where(high > low, (point - low) / np.where(high > low, high - low, 1.0), 0.5)
    z_low, z_high = normal_quantiles(below / (b + 1.0)), normal_quantiles((below + 1.0) / (b + 1.0))
    between = normal_cdf(z_low + np.clip(weight, 0.0, 1.0) * (z_high - z_low))
    edge = np.where(count == 0, 1.0, float(b)) / (b + 1.0)
    return np.where(inside, between, edge)
