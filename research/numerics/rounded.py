"""What could stand behind printed numbers: each is known to half of its last digit only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from research.numerics.arrays import Matrix, Vector

Range = tuple[float, float]
TINY = 1e-9  # a printed 0.5 of the last digit is not exact in binary


@dataclass(frozen=True, slots=True)
class LoadingSums:
    """The range of sum(l) and of sum(l^2) over all loadings that would be printed as these; k of them."""

    total: Range
    squares: Range
    k: int


def loading_sums(loadings: Vector, half: Vector) -> LoadingSums:
    """Ranges of the sums for printed standardized loadings (k,), known to `half` (k,), inside -1 and 1."""
    low, high = np.clip(loadings - half, -1, 1), np.clip(loadings + half, -1, 1)
    largest = np.maximum(np.abs(low), np.abs(high))
    smallest = np.where((low < 0) & (high > 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
    return LoadingSums(
        (float(low.sum()), float(high.sum())),
        (float((smallest**2).sum()), float((largest**2).sum())),
        len(loadings),
    )


def composite_reliability_range(sums: LoadingSums) -> Range:
    """rho_C = A^2 / (A^2 + k - Q), A = sum l, Q = sum l^2: it grows with A^2 and with Q.

    Exact where no loading is negative (all are largest together); else a little too wide, never too narrow.
    """
    low, high = sums.total
    smallest = 0.0 if low < 0 < high else min(abs(low), abs(high))
    largest = max(abs(low), abs(high))
    return (
        _ratio(smallest**2, sums.k - sums.squares[0]),
        _ratio(largest**2, sums.k - sums.squares[1]),
    )


def variance_extracted_range(sums: LoadingSums) -> Range:
    """AVE = Q / k."""
    return sums.squares[0] / sums.k, sums.squares[1] / sums.k


def alpha_of_two_range(loadings: Vector, half: Vector) -> Range:
    """Standardized alpha 2r / (1 + r) of two items from their correlations l (2,) with a weighted sum.

    The sum has a variance of 1: l'R^-1 l = 1, so that r = l1 l2 - sqrt((1 - l1^2)(1 - l2^2)); the other root
    has weights of opposite signs. r grows with either loading where both are positive; else nothing is said.
    """
    low, high = np.clip(loadings - half, -1, 1), np.clip(loadings + half, -1, 1)
    if low.min() <= 0:
        return -np.inf, 1.0
    r_low, r_high = (
        float(each.prod()) - float(np.sqrt((1 - each[0] ** 2) * (1 - each[1] ** 2))) for each in (low, high)
    )
    return 2 * r_low / (1 + r_low), 2 * r_high / (1 + r_high)


def _ratio(common: float, error: float) -> float:
    return common / (common + error) if common + error > 0 else 0.0


def nearest_definite(printed: Matrix, half: Matrix, steps: int = 2000) -> Literal["yes", "no", "open"]:
    """Whether a positive semidefinite matrix would be printed like this, each entry known to `half`.

    Alternating projections between the matrices that are printed so and the semidefinite ones (Boyd &
    Dattorro 2003). "yes": one was found. "no": some Z, semidefinite, has <Z, Y> < 0 for every Y that is
    printed so, which no semidefinite Y allows. "open": neither within `steps`.
    """
    low, high = np.clip(printed - half, -1, 1), np.clip(printed + half, -1, 1)
    point, correction = printed.astype(np.float64), np.zeros_like(printed, dtype=np.float64)
    for _ in range(steps):
        values, vectors = np.linalg.eigh(point)
        if values[0] >= -TINY:
            return "yes"
        Z = (vectors * np.maximum(-values, 0.0)) @ vectors.T
        if float(np.maximum(Z * low, Z * high).sum()) < -TINY * float(np.trace(Z)):
            return "no"
        moved = point + correction
        values, vectors = np.linalg.eigh(moved)
        nearest = (vectors * np.maximum(values, 0.0)) @ vectors.T
        correction = moved - nearest
        point = np.clip(nearest, low, high)
    return "open"
