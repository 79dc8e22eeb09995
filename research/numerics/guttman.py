"""Lower bounds of reliability that need no factor model: Guttman's lambdas and split halves.

Throughout: k items with covariance S, shape (k, k); total variance V = 1'S1. Of a correlation matrix the
coefficients are those of standardized items.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.reliability import cronbach_alpha, guttman_lambda6

EXHAUSTIVE = 12  # items up to which every split is tried: 462 of them


@dataclass(frozen=True, slots=True)
class Splits:
    """Halves of a scale. `signs` (m, k): +1 and -1 name the half of each item, the first item in +1.

    `guttman` (m,): lambda 4 of each split, 2 (1 - (V_a + V_b) / V) = 4 cov(a, b) / V, Guttman (1945);
    Flanagan (1937), Rulon (1939). `spearman_brown` (m,): 2r / (1 + r), r the correlation of the halves,
    Spearman (1910), Brown (1910): the same where the halves have equal variances, else larger.
    `exhaustive`: every split is there; otherwise they are a sample.
    """

    signs: Matrix
    guttman: Vector
    spearman_brown: Vector
    exhaustive: bool


def guttman_lambdas(cov: Matrix) -> Vector:
    """Lambda 1, 2, 3, 5 and 6 of Guttman (1945), eqs. 21, 30, 32, 48 and 67; shape (5,).

    With c_j the sum of squared covariances of item j with the others:
    lambda1 = 1 - tr S / V                     lambda2 = lambda1 + sqrt(k/(k-1) sum c_j) / V
    lambda3 = k/(k-1) lambda1 (alpha)          lambda5 = lambda1 + 2 sqrt(max c_j) / V
    lambda6 = 1 - sum of the errors of predicting each item from the others / V; NaN where S is singular.
    """
    k, total = len(cov), float(cov.sum())
    if k < 2 or total <= 0:
        return np.full(5, np.nan)
    first = 1 - float(np.trace(cov)) / total
    others = (cov**2).sum(axis=0) - np.diag(cov) ** 2
    second = first + float(np.sqrt(k / (k - 1) * others.sum())) / total
    fifth = first + 2 * float(np.sqrt(others.max())) / total
    return np.array([first, second, cronbach_alpha(cov), fifth, guttman_lambda6(cov)])


def split_halves(cov: Matrix, rng: np.random.Generator, n_splits: int = 10_000) -> Splits:
    """Every split into halves up to 12 items, `n_splits` random ones beyond; halves of odd k differ by one.

    With z of +1 and -1: 4 cov(a, b) = V - z'Sz.
    """
    k = len(cov)
    exhaustive = k <= EXHAUSTIVE or comb(k, k // 2) <= n_splits
    signs = _all_splits(k) if exhaustive else _random_splits(k, n_splits, rng)
    half = (1 + signs) / 2
    first = np.einsum("mi,ij,mj->m", half, cov, half, optimize=True)
    second = np.einsum("mi,ij,mj->m", 1 - half, cov, 1 - half, optimize=True)
    between = (float(cov.sum()) - first - second) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        r = between / np.sqrt(first * second)
        spearman_brown = 2 * r / (1 + r)
    return Splits(signs, 4 * between / float(cov.sum()), spearman_brown, exhaustive)


def split_values(cov: Matrix, signs: Vector) -> tuple[float, float]:
    """Lambda 4 and Spearman-Brown's coefficient of one split, `signs` (k,) of +1 and -1."""
    half = (1 + signs) / 2
    first, second = float(half @ cov @ half), float((1 - half) @ cov @ (1 - half))
    between = (float(cov.sum()) - first - second) / 2
    r = between / np.sqrt(first * second) if first > 0 and second > 0 else np.nan
    return 4 * between / float(cov.sum()), float(2 * r / (1 + r)) if r > -1 else np.nan


def _all_splits(k: int) -> Matrix:
    """Each split once: for even k the first item is always in the first half."""
    if k % 2:
        chosen = list(combinations(range(k), k // 2))
    else:
        chosen = [(0, *rest) for rest in combinations(range(1, k), k // 2 - 1)]
    signs = np.full((len(chosen), k), -1.0)
    np.put_along_axis(signs, np.array(chosen, dtype=np.intp), 1.0, axis=1)
    return np.asarray(signs * signs[:, :1])


def _random_splits(k: int, n_splits: int, rng: np.random.Generator) -> Matrix:
    """Different random splits: duplicates are taken once, so that there may be a few less."""
    signs = np.where(np.arange(k) < k // 2, 1.0, -1.0)
    drawn = rng.permuted(np.tile(signs, (n_splits, 1)), axis=1)
    return np.asarray(np.unique(drawn * drawn[:, :1], axis=0))
