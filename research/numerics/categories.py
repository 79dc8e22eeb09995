"""Ordered categories: codes, counts, thresholds and all two-way tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Matrix, Stack
from research.numerics.bivariate_normal import normal_density
from research.numerics.chi_square import normal_quantiles

EXACT = 2**23  # rows whose counts single precision adds without error
MISSING = -1


@dataclass(frozen=True, slots=True)
class Categories:
    """Answers of n rows to p items as places of their categories.

    `codes`: (p, n), from 0, -1 where missing. `n_levels`: (p,), categories of each item; `counts`: (p, c)
    with c the largest of them, zero beyond an item's own. `thresholds`: (p, c - 1), infinite beyond an item's
    own: Phi^-1 of the cumulative shares of those who answered.
    """

    codes: Indices
    n_levels: Indices
    counts: Matrix
    thresholds: Matrix

    @property
    def width(self) -> int:
        """Categories of the item that has most."""
        return int(self.counts.shape[1])

    @property
    def n_rows(self) -> int:
        """Rows, answered or not."""
        return int(self.codes.shape[1])


def categories(codes: Indices, n_levels: Indices) -> Categories:
    """Counts and thresholds of `codes` (p, n), infinite where a category was not chosen."""
    width = int(n_levels.max())
    counts = np.array([np.bincount(own + 1, minlength=width + 1)[1:] for own in codes], dtype=np.float64)
    shares = np.cumsum(counts, axis=1) / counts.sum(axis=1, keepdims=True)
    inner = np.arange(width - 1) < (n_levels - 1)[:, None]
    thresholds = np.full((len(codes), width - 1), np.inf)
    with np.errstate(invalid="ignore"):
        thresholds[inner] = normal_quantiles(shares[:, :-1][inner])
    return Categories(codes, n_levels, counts, thresholds)


def threshold_influence(of: Categories) -> Stack:
    """What an answer in category a adds to threshold k of its item, (p, c, c - 1).

    n/n_i (1{a <= k} - F_k)/phi(tau_k), the influence function of a quantile.

    Rows that did not answer add nothing; n/n_i makes up for them. Zero beyond an item's own categories.
    """
    answered = of.counts.sum(axis=1)
    shares = (np.cumsum(of.counts, axis=1) / answered[:, None])[:, :-1]
    inner = np.isfinite(of.thresholds)
    density = np.where(inner, normal_density(np.where(inner, of.thresholds, 0.0)), 1.0)
    below = np.tri(of.width, of.width - 1, -1) == 0  # a <= k
    scale = np.where(inner, (of.n_rows / answered)[:, None] / density, 0.0)
    return np.asarray((below[None] - shares[:, None, :]) * scale[:, None, :])


def pair_tables(of: Categories, first: Indices, second: Indices) -> Stack:
    """Counts by category of both items of each pair, (m, c, c), from one product of indicator columns."""
    p, width = len(of.codes), of.width
    total = np.zeros((p * width, p * width))
    for start in range(0, of.n_rows, EXACT):
        codes = of.codes[:, start : start + EXACT]
        small = codes.astype(np.int8 if width < 128 else np.int64)
        chosen = np.empty((p, width, codes.shape[1]), dtype=np.float32)
        for k in range(width):
            np.equal(small, k, out=chosen[:, k], casting="unsafe")
        flat = chosen.reshape(p * width, -1)
        total += flat @ flat.T
    return total.reshape(p, width, p, width)[first, :, second, :]
