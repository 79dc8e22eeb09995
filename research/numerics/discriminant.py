"""Heterotrait-monotrait ratios: do two blocks of items measure two things?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np

from research.numerics.arrays import Indices, Matrix, Stack
from research.numerics.resampled_pairs import (
    multiplicities,
    pair_correlations,
    pair_covariances,
    pair_places,
    pair_table,
)

Mean = Literal["arithmetic", "geometric"]
BATCH_NUMBERS = 2_000_000  # numbers held at once for a batch of samples: 16 MB


def htmt_matrix(correlations: Matrix | Stack, blocks: Sequence[Indices], mean: Mean) -> Matrix | Stack:
    """HTMT of each pair of blocks; `correlations` (k, k) or (batch, k, k), result (c, c) or (batch, c, c).

    HTMT_ij = mean|r_between| / sqrt(mean|r_within i| * mean|r_within j|)
    Arithmetic means: Henseler, Ringle & Sarstedt (2015), eq. 6, with absolute correlations
    (Ringle et al. 2023: HTMT+). Geometric means: HTMT2 of Roemer, Schuberth & Henseler (2021).
    A block of one item has a within-correlation of 1. The diagonal is 1.
    """
    k, c = correlations.shape[-1], len(blocks)
    i, j = pair_places(k)
    packed = correlations[..., i, j].reshape(-1, len(i))
    ratio = np.ones((len(packed), c, c))
    first, second = np.triu_indices(c, 1)
    ratio[:, first, second] = ratio[:, second, first] = htmt_pairs(packed, k, blocks, mean)
    return ratio.reshape(*correlations.shape[:-2], c, c)


def htmt_pairs(packed: Matrix, k: int, blocks: Sequence[Indices], mean: Mean) -> Matrix:
    """HTMT of the c(c-1)/2 pairs of blocks, (b, pairs), from the correlations of pairs of k items, packed.

    `packed` (b, k(k+1)/2) in the order of `pair_places`. NaN where a construct's items are uncorrelated.
    """
    weights = _mean_weights(k, blocks)
    size = np.abs(packed)
    if mean == "geometric":
        with np.errstate(divide="ignore", invalid="ignore"):
            some = (size == 0).astype(np.float64) @ weights > 0  # a nil makes the geometric mean nil
            averages = np.exp(np.log(np.where(size == 0, 1.0, size)) @ weights)
            averages[some] = 0.0
    else:
        averages = size @ weights
    first, second = np.triu_indices(len(blocks), 1)
    c = len(blocks)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = averages[:, c:] / np.sqrt(averages[:, first] * averages[:, second])
    return np.where(np.isfinite(found), found, np.nan)


def htmt_draws(
    values: Matrix,
    blocks: Sequence[Indices],
    mean: Mean,
    n_draws: int,
    seed: np.random.SeedSequence,
    workers: int = 1,
) -> Iterator[Matrix]:
    """HTMT of the pairs in bootstrap samples of the rows of `values` (n, k), a batch (b, pairs) at a time.

    Every batch has a stream of its own: the same numbers for any number of `workers` (threads). NaN where
    an item does not vary in a sample or a pair of items has fewer than two rows there.
    """
    n, k = values.shape
    table = pair_table(_unit(values))
    size = max(1, min(n_draws, BATCH_NUMBERS // (n + 2 * table.shape[1])))
    counts = [min(size, n_draws - at) for at in range(0, n_draws, size)]

    def batch(b: int, own: np.random.SeedSequence) -> Matrix:
        sums = multiplicities(n, b, np.random.default_rng(own)) @ table
        return htmt_pairs(pair_correlations(pair_covariances(sums, n, k), k), k, blocks, mean)

    yield from spread(batch, counts, seed.spawn(len(counts)), workers)


def htmt_left_out(values: Matrix, blocks: Sequence[Indices], mean: Mean) -> Matrix:
    """HTMT of the pairs with each row left out, (n, pairs): the jackknife that BCa intervals need."""
    n, k = values.shape
    table = pair_table(_unit(values))
    total = table.sum(axis=0)
    size = max(1, BATCH_NUMBERS // table.shape[1])
    parts = [
        pair_correlations(pair_covariances(total - table[at : at + size], n - 1, k), k)
        for at in range(0, n, size)
    ]
    return np.concatenate([htmt_pairs(part, k, blocks, mean) for part in parts])


def _unit(values: Matrix) -> Matrix:
    """The columns with a standard deviation of 1: correlations do not change, rounding is even."""
    centred = values - np.nanmean(values, axis=0)
    return np.asarray(centred / np.sqrt(np.nanmean(centred**2, axis=0)))


def spread(
    batch: Callable[[int, np.random.SeedSequence], Matrix],
    counts: Sequence[int],
    seeds: Sequence[np.random.SeedSequence],
    workers: int,
) -> Iterator[Matrix]:
    """The batches in order, each of its count and its stream, on `workers` threads."""
    if workers == 1 or len(counts) == 1:
        yield from map(batch, counts, seeds)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(batch, counts, seeds)


def _mean_weights(k: int, blocks: Sequence[Indices]) -> Matrix:
    """Columns that take the mean of correlations: within each block (c), then between each pair of blocks.

    A block of one item takes its correlation with itself, 1.
    """
    i, j = pair_places(k)
    place = np.full((k, k), -1)
    place[i, j] = place[j, i] = np.arange(len(i))
    first, second = np.triu_indices(len(blocks), 1)
    weights = np.zeros((len(i), len(blocks) + len(first)))
    for at, rows in enumerate(blocks):
        below = np.tril_indices(len(rows), -1) if len(rows) > 1 else (np.zeros(1, int), np.zeros(1, int))
        weights[place[rows[below[0]], rows[below[1]]], at] = 1 / len(below[0])
    for at, (one, other) in enumerate(zip(first, second, strict=True)):
        between = place[np.ix_(blocks[int(one)], blocks[int(other)])].ravel()
        weights[between, len(blocks) + at] = 1 / len(between)
    return weights
