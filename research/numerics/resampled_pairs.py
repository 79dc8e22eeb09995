"""Covariances of all pairs of items in many bootstrap samples, from weighted sums instead of drawn rows."""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector


def multiplicities(n: int, b: int, rng: np.random.Generator) -> Matrix:
    """How often each of n rows stands in each of b samples of n rows with replacement, shape (b, n)."""
    chosen = rng.integers(n, size=(b, n)) + n * np.arange(b)[:, None]
    return np.bincount(chosen.ravel(), minlength=b * n).reshape(b, n).astype(np.float64)


def pair_places(k: int) -> tuple[Indices, Indices]:
    """Rows and columns of the k(k+1)/2 pairs i <= j in the order of every function here."""
    return np.triu_indices(k)


def pair_table(values: Matrix) -> Matrix:
    """A row for each row of `values` (n, k): what a sample's sums have to be taken of.

    Complete rows: x_1 … x_k, then x_i x_j. Rows with gaps, for each pair: x_i x_j, x_i and x_j where both
    were answered, and whether both were. All about the means.
    """
    i, j = pair_places(values.shape[1])
    answered = ~np.isnan(values)
    if answered.all():
        x = values - values.mean(axis=0)
        return np.hstack([x, x[:, i] * x[:, j]])
    x = np.where(answered, values - np.nanmean(values, axis=0), 0.0)
    both = answered[:, i] & answered[:, j]
    return np.hstack([x[:, i] * x[:, j], x[:, i] * both, x[:, j] * both, both])


def pair_covariances(sums: Matrix, n: int | Vector, k: int) -> Matrix:
    """Covariances (b, k(k+1)/2) of samples of `n` rows from sums (b, columns of `pair_table`).

    Divisor n - 1, of the pair's own rows where answers are missing; NaN below two rows.
    """
    i, j = pair_places(k)
    if sums.shape[1] == k + len(i):
        size = np.broadcast_to(np.asarray(n, dtype=np.float64), len(sums))[:, None]
        totals = sums[:, :k]
        divisor = np.where(size > 1, size - 1, np.nan)
        return (sums[:, k:] - totals[:, i] * totals[:, j] / size) / divisor
    products, first, second, rows = np.split(sums, 4, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(rows > 1, (products - first * second / rows) / (rows - 1), np.nan)


def pair_correlations(cov: Matrix, k: int) -> Matrix:
    """Correlations (b, k(k+1)/2) from covariances of pairs; NaN where an item does not vary in a sample."""
    i, j = pair_places(k)
    variance = cov[:, i == j]
    # rounding leaves a constant column a variance that is not exactly nil
    sd = np.sqrt(np.where(variance > 1e-12 * np.nanmax(np.abs(variance), initial=1e-300), variance, np.nan))
    correlations: Matrix = cov / (sd[:, i] * sd[:, j])
    return correlations
