"""Covariances of items with gaps, in one pass over blocks of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Vector


@dataclass(frozen=True, slots=True)
class PairwiseMoments:
    """Moments of k items over n rows.

    `cov` (k, k) divides by the number of rows less one and uses, for each pair, every row that answered
    both: `pairs` (k, k) counts those. `complete_cov` is that of the rows without a gap (NaN where there
    are fewer than two). `low` and `high` (k,) are the smallest and largest answers, NaN where an item has
    none. `n_any` and `n_complete` count the rows with at least one answer and with all of them; `scales`
    has both counts for each group of columns that was asked for. `mean` (k,) is of the answers of each item.
    `cor` (k, k) takes for each pair the standard deviations of its own rows, so that no |r| exceeds 1.
    """

    mean: Vector
    cov: Matrix
    cor: Matrix
    pairs: Matrix
    complete_cov: Matrix
    low: Vector
    high: Vector
    n_any: int
    n_complete: int
    scales: tuple[tuple[int, int], ...]


def pairwise_moments(
    blocks: Iterable[Matrix], k: int, scales: Sequence[Indices] = (), signs: Vector | None = None
) -> PairwiseMoments:
    """Add up blocks of rows (b, k), NaN where an answer is missing; no block is kept or changed.

    Sums are taken about the means of the first block that has answers, which keeps them from cancelling. For
    a pair (i, j) with n_ij common rows, s_ij = (sum x_i x_j - sum_i|j sum_j|i / n_ij) / (n_ij - 1). `signs`
    (k,) turns items. Pairs with fewer than two common rows have NaN.
    """
    origin = np.full(k, np.nan)
    products, complete_products = np.zeros((k, k)), np.zeros((k, k))
    sums, squares = np.zeros((k, k)), np.zeros((k, k))  # [i, j]: of x_i and x_i^2 over the rows that have x_j
    pairs = np.zeros((k, k))
    complete_sums = np.zeros(k)
    low, high = np.full(k, np.inf), np.full(k, -np.inf)
    whole = n_any = n_complete = 0  # whole: rows of blocks without a gap
    counted = np.zeros((len(scales), 2), dtype=np.int64)
    for block in blocks:
        if not len(block):
            continue
        if np.isnan(origin).any():
            origin = np.where(np.isnan(origin), _means(block), origin)
        missing: Mask = np.isnan(block)
        x = block - origin
        if not missing.any():
            gram = x.T @ x
            products += gram
            total = x.sum(axis=0)
            sums += total[:, None]
            squares += np.diag(gram)[:, None]
            complete_products += gram
            complete_sums += total
            low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
            whole += len(block)
            continue
        answered = (~missing).astype(np.float64)
        low = np.minimum(low, np.where(missing, np.inf, block).min(axis=0))
        high = np.maximum(high, np.where(missing, -np.inf, block).max(axis=0))
        filled = np.where(missing, 0.0, x)
        products += filled.T @ filled
        sums += filled.T @ answered
        squares += (filled**2).T @ answered
        pairs += answered.T @ answered
        full = ~missing.any(axis=1)
        complete_products += filled[full].T @ filled[full]
        complete_sums += filled[full].sum(axis=0)
        n_any += int((~missing.all(axis=1)).sum())
        n_complete += int(full.sum())
        for at, columns in enumerate(scales):
            part = missing[:, columns]
            counted[at] += int((~part.all(axis=1)).sum()), int((~part.any(axis=1)).sum())
    pairs += whole
    n_any, n_complete, counted = n_any + whole, n_complete + whole, counted + whole
    signed = np.ones((k, k)) if signs is None else np.outer(signs, signs)
    turned = np.zeros(k, dtype=np.bool_) if signs is None else signs < 0
    low, high = np.where(low > high, np.nan, low), np.where(low > high, np.nan, high)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = origin + np.diag(sums) / np.diag(pairs)
    return PairwiseMoments(
        mean if signs is None else signs * mean,
        signed * _covariance(products, sums, pairs),
        signed * _correlation(products, sums, squares, pairs),
        pairs,
        signed
        * _covariance(
            complete_products,
            np.repeat(complete_sums[:, None], k, axis=1),
            np.full((k, k), float(n_complete)),
        ),
        np.where(turned, -high, low),
        np.where(turned, -low, high),
        n_any,
        n_complete,
        tuple((int(some), int(all_of_them)) for some, all_of_them in counted.tolist()),
    )


def _means(block: Matrix) -> Vector:
    """Means of the answers of each column, NaN where there are none."""
    answered = ~np.isnan(block)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(answered, block, 0.0).sum(axis=0) / answered.sum(axis=0))


def _covariance(products: Matrix, sums: Matrix, counts: Matrix) -> Matrix:
    with np.errstate(divide="ignore", invalid="ignore"):
        cov = (products - sums * sums.T / counts) / (counts - 1)
    return np.where(counts > 1, cov, np.nan)


def _correlation(products: Matrix, sums: Matrix, squares: Matrix, counts: Matrix) -> Matrix:
    """r of x_i and x_j over their common rows; NaN where one of them does not vary there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = squares - sums**2 / counts  # [i, j]: of x_i over the rows that have x_j
        cor = (products - sums * sums.T / counts) / np.sqrt(spread * spread.T)
    least = 1e-12 * squares
    cor = np.where((counts > 1) & (spread > least) & (spread.T > least.T), np.clip(cor, -1, 1), np.nan)
    np.fill_diagonal(cor, 1.0)
    return cor
