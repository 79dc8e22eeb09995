"""Heterotrait-monotrait ratios of polychoric correlations in bootstrap samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.categories import MISSING, categories, pair_tables
from research.numerics.discriminant import Mean, htmt_matrix, spread
from research.numerics.polychoric import correlation_matrix, pair_places, polychoric, without_empty_corner

BATCH = 50  # samples that share a random stream


def ordinal_htmt_draws(
    codes: Indices,
    blocks: Sequence[Indices],
    mean: Mean,
    n_draws: int,
    seed: np.random.SeedSequence,
    workers: int = 1,
) -> Iterator[Matrix]:
    """HTMT of the pairs in bootstrap samples of the columns of `codes` (k, n), a batch (b, pairs) at a time.

    Thresholds and correlations are estimated anew in every sample. Every batch has a stream of its own: the
    same numbers for any number of `workers` (threads).
    """
    n = codes.shape[1]
    counts = [min(BATCH, n_draws - at) for at in range(0, n_draws, BATCH)]

    def batch(b: int, own: np.random.SeedSequence) -> Matrix:
        rng = np.random.default_rng(own)
        return np.array([ordinal_htmt(codes[:, rng.integers(n, size=n)], blocks, mean) for _ in range(b)])

    yield from spread(batch, counts, seed.spawn(len(counts)), workers)


def ordinal_htmt_left_out(codes: Indices, blocks: Sequence[Indices], mean: Mean) -> Matrix:
    """HTMT of the pairs with each column left out, (n, pairs): the jackknife that BCa intervals need."""
    kept = ~np.eye(codes.shape[1], dtype=bool)
    return np.array([ordinal_htmt(codes[:, own], blocks, mean) for own in kept])


def ordinal_htmt(codes: Indices, blocks: Sequence[Indices], mean: Mean) -> Vector:
    """HTMT of the c(c-1)/2 pairs of blocks; NaN where an item does not vary or a pair has no common rows.

    `codes` (k, n): categories from 0, -1 where missing; those that nobody chose are passed over.
    """
    pairs = np.triu_indices(len(blocks), 1)
    lost = np.full(len(pairs[0]), np.nan)
    width = int(codes.max()) + 1
    chosen = np.array([np.bincount(own[own != MISSING], minlength=width) for own in codes]) > 0
    n_levels = chosen.sum(axis=1)
    if n_levels.min() < 2:
        return lost
    rank = np.cumsum(chosen, axis=1) - 1
    ranked = np.where(codes == MISSING, MISSING, np.take_along_axis(rank, np.maximum(codes, 0), axis=1))
    answers = categories(ranked, n_levels)
    first, second = pair_places(len(codes))
    tables = pair_tables(answers, first, second)
    if tables.sum(axis=(1, 2)).min() < 2:
        return lost
    found = polychoric(without_empty_corner(tables)[0], answers.thresholds[first], answers.thresholds[second])
    return np.asarray(htmt_matrix(correlation_matrix(found.rho, len(codes)), blocks, mean)[pairs])
