"""One solution of a cluster analysis: so many groups by one model, with what speaks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from research.numerics.arrays import Matrix, Vector


@dataclass(frozen=True, slots=True)
class Solution:
    """`posterior` (n, k): how likely each row is of each group (0 or 1 from k-means and Ward).

    `measures`: by name, what the table of solutions shows. `refused`: why there is no solution.
    `probabilities`: of latent classes, one (k, m) an item.
    """

    model: str
    k: int
    posterior: Matrix | None
    measures: Mapping[str, float]
    weights: Vector | None = None
    refused: str = ""
    probabilities: tuple[Matrix, ...] = field(default=())
