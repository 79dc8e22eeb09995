"""Heterotrait-monotrait ratios: do two blocks of items measure two things?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from research.numerics.arrays import Indices, Matrix, Stack

Mean = Literal["arithmetic", "geometric"]


def htmt_matrix(correlations: Matrix | Stack, blocks: Sequence[Indices], mean: Mean) -> Matrix | Stack:
    """HTMT of each pair of blocks; `correlations` (k, k) or (batch, k, k), result (c, c) or (batch, c, c).

    HTMT_ij = mean|r_between| / sqrt(mean|r_within i| * mean|r_within j|)
    Arithmetic means: Henseler, Ringle & Sarstedt (2015), eq. 6, with absolute correlations
    (Ringle et al. 2023: HTMT+). Geometric means: HTMT2 of Roemer, Schuberth & Henseler (2021).
    A block of one item has a within-correlation of 1. The diagonal is 1.
    """
    r = np.abs(correlations)
    if mean == "geometric":
        with np.errstate(divide="ignore"):
            r = np.log(r)
    n_blocks = len(blocks)
    averages = np.empty((*r.shape[:-2], n_blocks, n_blocks))
    for i, rows in enumerate(blocks):
        for j, columns in enumerate(blocks[: i + 1]):
            averages[..., i, j] = _average(r, rows, columns, i == j, mean)
            averages[..., j, i] = averages[..., i, j]
    within = np.sqrt(np.diagonal(averages, axis1=-2, axis2=-1))
    ratio: Matrix | Stack = averages / (within[..., :, None] * within[..., None, :])
    diagonal = np.arange(n_blocks)
    ratio[..., diagonal, diagonal] = 1.0
    return ratio


def _average(r: Matrix | Stack, rows: Indices, columns: Indices, within: bool, mean: Mean) -> Matrix | Stack:
    """Mean absolute correlation between two blocks, or below the diagonal of one."""
    if within and len(rows) == 1:
        return np.ones(r.shape[:-2])
    block = r[..., rows[:, None], columns[None, :]]
    if within:
        lower = np.tril_indices(len(rows), -1)
        picked = block[..., lower[0], lower[1]]
    else:
        picked = block.reshape(*r.shape[:-2], -1)
    average: Matrix | Stack = picked.mean(axis=-1)
    return np.exp(average) if mean == "geometric" else average
