"""Confidence limits from bootstrap draws.

Davison & Hinkley (1997), chapter 5: basic (5.6), percentile (5.18), BC and BCa (5.21; Efron 1987); quantiles
by interpolation on the normal scale (5.8).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import normal_cdf, normal_quantile, normal_quantiles

Kind = Literal["percentile", "basic", "normal", "bc", "bca"]


def bootstrap_limits(
    draws: Matrix, estimate: Vector, kind: Kind, level: float = 0.95, jackknife: Matrix | None = None
) -> tuple[Vector, Vector]:
    """Lower and upper limits, each (k,), from `draws` (b, k) around `estimate` (k,).

    `jackknife` (n, k): the estimates with one row left out each; "bca" needs it for its acceleration.
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
    share = (draws < estimate).mean(axis=0)
    z0 = normal_quantiles(np.clip(share, 0.5 / len(draws), 1.0 - 0.5 / len(draws)))
    acceleration = np.zeros(k) if kind == "bc" or jackknife is None else _acceleration(jackknife)
    low, high = (
        _quantile(ordered, normal_cdf(z0 + (z0 + z) / (1.0 - acceleration * (z0 + z))))
        for z in (normal_quantile(tail), normal_quantile(1.0 - tail))
    )
    return low, high


def _acceleration(jackknife: Matrix) -> Vector:
    """Sum of cubes over 6 (sum of squares)^1.5 of the jackknife influences; 0 where nothing moves."""
    influence = jackknife.mean(axis=0) - jackknife
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
