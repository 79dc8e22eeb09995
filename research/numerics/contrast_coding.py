"""Codings of a variable with k categories: k - 1 columns that a regression can hold."""

from __future__ import annotations

from typing import Literal

import numpy as np

from research.numerics.arrays import Matrix

Coding = Literal["indicator", "sequential", "helmert", "effect"]
CODINGS: tuple[Coding, ...] = ("indicator", "sequential", "helmert", "effect")


def coding_matrix(kind: Coding, k: int) -> Matrix:
    """Values (k, k - 1) of the columns in each category, categories in their order.

    indicator: each category after the first against the first. sequential: each against the one before
    it. helmert: each but the last against the mean of all that follow. effect: each but the first
    against the mean of all.   Hayes & Montoya (2017), table 1; Davis (2010)

    >>> coding_matrix("helmert", 3).round(2).tolist()
    [[-0.67, 0.0], [0.33, -0.5], [0.33, 0.5]]
    """
    rows, columns = np.arange(k)[:, None], np.arange(k - 1)[None, :]
    if kind == "indicator":
        return np.where(rows == columns + 1, 1.0, 0.0)
    if kind == "sequential":
        return np.where(rows > columns, 1.0, 0.0)
    if kind == "effect":
        return np.where(rows == 0, -1.0, np.where(rows == columns + 1, 1.0, 0.0))
    following = k - 1 - columns
    coded: Matrix = np.where(
        rows == columns, -following / (following + 1), np.where(rows > columns, 1.0 / (following + 1), 0.0)
    )
    return coded
