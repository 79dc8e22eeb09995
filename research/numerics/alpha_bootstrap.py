"""Alpha in many bootstrap samples, from weighted sums instead of drawn rows."""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.resampled_pairs import multiplicities, pair_covariances, pair_places, pair_table

BATCH_NUMBERS = 4_000_000  # multiplicities held at once: 32 MB


def alpha_draws(values: Matrix, n_draws: int, rng: np.random.Generator) -> Vector:
    """Raw alpha in each sample of the rows of `values` (n, k) with replacement, NaN where a gap; shape (b,).

    Complete rows need the sums of the items, of their squares and of the squared total only, k + 2 columns:
    alpha = k/(k-1) (1 - sum of variances / variance of the total). Rows with gaps need the pairwise
    covariances. A sample in which alpha does not exist (no variance, a pair without rows) is NaN.
    """
    n, k = values.shape
    table = pair_table(values) if np.isnan(values).any() else _table(values)
    of_sums = _alpha_of_pairs if np.isnan(values).any() else _alpha_of_sums
    size = max(1, BATCH_NUMBERS // n)
    batches = [min(size, n_draws - at) for at in range(0, n_draws, size)]
    parts = [of_sums(multiplicities(n, b, rng) @ table, n, k) for b in batches]
    return np.concatenate(parts)


def _table(values: Matrix) -> Matrix:
    """Columns x_1 … x_k, sum of squares, squared total, about the means."""
    x = values - values.mean(axis=0)
    return np.column_stack([x, (x**2).sum(axis=1), x.sum(axis=1) ** 2])


def _alpha_of_sums(sums: Matrix, n: int, k: int) -> Vector:
    mean = sums[:, :k] / n
    variances = sums[:, k] / n - (mean**2).sum(axis=1)
    total = sums[:, k + 1] / n - mean.sum(axis=1) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = k / (k - 1) * (1 - variances / total)
    return np.where(total > 1e-12 * np.maximum(variances, 1e-300), alpha, np.nan)


def _alpha_of_pairs(sums: Matrix, n: int, k: int) -> Vector:
    cov = pair_covariances(sums, n, k)
    i, j = pair_places(k)
    with np.errstate(divide="ignore", invalid="ignore"):
        variances = cov[:, i == j].sum(axis=1)
        total = variances + 2 * cov[:, i != j].sum(axis=1)
        return np.where(total > 0, k / (k - 1) * (1 - variances / total), np.nan)
