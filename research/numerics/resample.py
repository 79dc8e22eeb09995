"""Moments of bootstrap samples from multiplicities of the rows, in one matrix product for many samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from research.numerics.arrays import Matrix, Stack, Vector

_TILE = (8, 512, 60)


def product_table(data: Matrix) -> tuple[Matrix, Vector]:
    """Rows [y, vech yy'] about the mean, shape (n, p + p*), and the mean (p,).

    A sample with multiplicities w then has the sums w'[y, vech yy'].
    """
    centre = data.mean(axis=0)
    Y = data - centre
    column, row = np.triu_indices(data.shape[1])
    return np.hstack([Y, Y[:, row] * Y[:, column]]), centre


def resampled_moments(table: Matrix, centre: Vector, counts: Matrix) -> tuple[Stack, Matrix]:
    """Covariances (b, p, p), divisor the sum of counts, and means (b, p) of samples with `counts` (b, n)."""
    p = len(centre)
    total = counts.sum(axis=1, keepdims=True)
    sums = product_of_tiles(counts, table) / total
    mean = sums[:, :p]
    column, row = np.triu_indices(p)
    cov = np.empty((len(counts), p, p))
    cov[:, row, column] = cov[:, column, row] = sums[:, p:]
    cov -= mean[:, :, None] * mean[:, None, :]
    return cov, mean + centre


def product_of_tiles(left: Matrix, right: Matrix) -> Matrix:
    """left @ right, with the same bits for any number of BLAS threads.

    The tiles are below the size at which OpenBLAS shares a product out (2^18 multiplications), where the
    rounding comes to depend on the shares; a hard model would carry the difference to another minimum.
    """
    rows, inner, columns = _TILE
    out = np.zeros((len(left), right.shape[1]))
    for i in range(0, len(left), rows):
        for j in range(0, right.shape[1], columns):
            for k in range(0, len(right), inner):
                part = left[i : i + rows, k : k + inner] @ right[k : k + inner, j : j + columns]
                out[i : i + rows, j : j + columns] += part
    return out


def draw_counts(n: int, seeds: Sequence[np.random.SeedSequence]) -> Matrix:
    """Multiplicities of n rows drawn with replacement, one row of the result a seed, shape (b, n)."""
    counts = np.empty((len(seeds), n))
    for at, seed in enumerate(seeds):
        chosen = np.random.Generator(np.random.PCG64(seed)).integers(n, size=n)
        counts[at] = np.bincount(chosen, minlength=n)
    return counts
