"""How much of R^2 each predictor, or group of columns, accounts for; from covariance matrices, many at once.

Lindeman, Merenda & Gold (1980) and Shapley: the mean gain over all orders of entry. Budescu (1993), Azen &
Budescu (2003): dominance. Johnson (2000): weights through the nearest orthogonal variables.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from research.numerics.arrays import Indices, Matrix, Stack

# Share of a column's variance that must be left when those before it are taken out; a category that a
# resample happens to lack leaves nothing, and then explains nothing.
PIVOT_TOLERANCE = 1e-10


def all_subsets_r2(cov: Stack, groups: Sequence[int]) -> Matrix:
    """R^2 of the last variable on every subset of p groups of the others, shape (b, 2^p).

    `cov` (b, k + 1, k + 1): the outcome last. `groups`: how many neighbouring columns each group has. Bit i
    of a subset's number says whether group i is in it. Every group doubles the matrices: one without its
    columns, and one with them swept out, so that the whole costs about 6 * 2^p numbers.
    """
    size = np.sqrt(np.einsum("bii->bi", cov))
    size = np.where(size > 0, size, 1.0)
    left = (cov / (size[:, :, None] * size[:, None, :]))[:, None]
    for width in groups:
        swept = left
        for _ in range(width):
            swept = _sweep_first(swept)
        left = np.concatenate([left[:, :, width:, width:], swept], axis=1)
    return np.asarray(1.0 - left[:, :, 0, 0])


def sweep_out(cov: Stack, width: int) -> Stack:
    """Covariances given the first `width` variables, shape (b, k + 1 - width, k + 1 - width)."""
    left = cov[:, None]
    for _ in range(width):
        left = _sweep_first(left)
    return left[:, 0]


def average_gains(r2: Matrix, p: int) -> Matrix:
    """Mean gain in R^2 over all orders of entry (LMG, Shapley, general dominance), shape (b, p).

    sum over S without i of |S|! (p - |S| - 1)! / p! [R^2(S + i) - R^2(S)]
    """
    subsets, sizes = _subsets(p)
    out = np.empty((len(r2), p))
    weight = 1.0 / (p * np.array([comb(p - 1, size) for size in range(p)], dtype=np.float64))
    for i in range(p):
        without = subsets[(subsets >> i) & 1 == 0]
        out[:, i] = (r2[:, without | (1 << i)] - r2[:, without]) @ weight[sizes[without]]
    return out


def gains_by_size(r2: Matrix, p: int) -> Stack:
    """Mean gain in R^2 of each group on top of 0, 1, ... p - 1 others (conditional dominance), (b, p, p).

    Rows: how many others; columns: the groups.
    """
    subsets, sizes = _subsets(p)
    out = np.empty((len(r2), p, p))
    for i in range(p):
        without = subsets[(subsets >> i) & 1 == 0]
        gain = r2[:, without | (1 << i)] - r2[:, without]
        for size in range(p):
            out[:, size, i] = gain[:, sizes[without] == size].mean(axis=1)
    return out


def complete_dominance(r2: Matrix, p: int) -> Stack:
    """1 where the row's group adds more than the column's to every subset of the others, 0 where less.

    0.5 where neither holds, NaN on the diagonal; shape (b, p, p). Azen & Budescu (2003), eq. 1
    """
    subsets, _ = _subsets(p)
    out = np.full((len(r2), p, p), np.nan)
    for i in range(p):
        for j in range(i + 1, p):
            neither = subsets[((subsets >> i) & 1 == 0) & ((subsets >> j) & 1 == 0)]
            ahead = r2[:, neither | (1 << i)] - r2[:, neither | (1 << j)]
            more, less = (ahead > 0).all(axis=1), (ahead < 0).all(axis=1)
            out[:, i, j] = np.where(more, 1.0, np.where(less, 0.0, 0.5))
            out[:, j, i] = 1.0 - out[:, i, j]
    return out


def relative_weights(cov: Stack) -> Matrix:
    """Johnson's relative weights of the k predictors of the last variable, shape (b, k); they sum to R^2.

    With Rxx = V L V' and the loadings Lambda = V sqrt(L) V' on the nearest orthogonal variables:
    weights = Lambda^2 (Lambda^-1 rxy)^2
    """
    size = np.sqrt(np.einsum("bii->bi", cov))
    size = np.where(size > 0, size, 1.0)
    cor = cov / (size[:, :, None] * size[:, None, :])
    values, vectors = np.linalg.eigh(cor[:, :-1, :-1])
    root = np.sqrt(np.maximum(values, 0.0))
    inverse = np.where(root > np.sqrt(PIVOT_TOLERANCE), 1.0 / np.where(root > 0, root, 1.0), 0.0)
    loadings = (vectors * root[:, None, :]) @ vectors.transpose(0, 2, 1)
    beta = np.einsum("bij,bj,bkj,bk->bi", vectors, inverse, vectors, cor[:, :-1, -1])
    return np.asarray(np.einsum("bij,bj->bi", loadings**2, beta**2))


def _sweep_first(left: Stack) -> Stack:
    """The covariances of the rest given the first variable, for any leading shape."""
    pivot = left[..., 0, 0]
    usable = pivot > PIVOT_TOLERANCE
    scale = np.where(usable, 1.0 / np.where(usable, pivot, 1.0), 0.0)
    column = left[..., 1:, 0]
    return np.asarray(
        left[..., 1:, 1:] - scale[..., None, None] * column[..., :, None] * column[..., None, :]
    )


def _subsets(p: int) -> tuple[Indices, Indices]:
    """The numbers of all subsets, and how many groups each holds."""
    subsets = np.arange(1 << p, dtype=np.intp)
    sizes = np.zeros(1 << p, dtype=np.intp)
    for i in range(p):
        sizes += (subsets >> i) & 1
    return subsets, sizes
