"""What every row contributes to thresholds and polychoric correlations, and so their sampling covariance.

A two-step estimate rho solves sum s_rho(rho, tau) = 0 at thresholds tau that are estimated first, so that

    IF_rho = [s_rho - A_21 IF_tau] / A_22,      A_22 = mean s_rho^2,  A_21 = mean s_rho s_tau

and Gamma = mean IF IF' (Muthen 1984, Psychometrika 49, 115-132; Joreskog 1994, Psychometrika 59, 381-389).
The contribution depends on the row's two answers only: one small table a pair, from which rows gather.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np

from research.numerics.arrays import Indices, Matrix, Stack, Vector
from research.numerics.bivariate_normal import bound_slope
from research.numerics.categories import MISSING, Categories, threshold_influence
from research.numerics.polychoric import TINY, PairCorrelations

Products: TypeAlias = Literal["double", "single", "none"]

ROWS = 2048  # rows whose contributions are held at once


@dataclass(frozen=True, slots=True)
class Influence:
    """Contributions by answer; the last place of each table is no answer.

    `codes`: (p, n), the number of categories where missing; `thresholds`: (t, c + 1), in the order of the
    items, `item` (t,) that each belongs to; `pairs`: (m, c + 1, c + 1), `first` and `second` (m,) their
    items, pairs of one first item standing together. `rows`: how many rows have each of these entries.
    """

    codes: Indices
    thresholds: Matrix
    item: Indices
    pairs: Stack
    first: Indices
    second: Indices
    rows: tuple[Matrix, Stack]

    @property
    def n_statistics(self) -> int:
        """Thresholds and correlations."""
        return len(self.thresholds) + len(self.pairs)


def influence(
    of: Categories,
    counted: Stack,
    tables: Stack,
    pairs: PairCorrelations,
    first: Indices,
    second: Indices,
) -> Influence:
    """Tables of contributions; a row that lacks an answer adds nothing to what that answer alone decides.

    `counted`: the tables (m, c, c) as they are; `tables`: those that the correlations were estimated from.
    """
    by_answer = threshold_influence(of)
    kept = np.isfinite(of.thresholds)
    item, place = np.nonzero(kept)
    thresholds = np.zeros((len(item), of.width + 1))
    thresholds[:, :-1] = by_answer[item, :, place]
    codes = np.where(of.codes == MISSING, of.width, of.codes)
    by_cell = _pair_influence(of, by_answer, tables, pairs, first, second)
    rows = np.zeros_like(by_cell)
    rows[:, :-1, :-1] = counted
    rows[:, :-1, -1] = of.counts[first] - counted.sum(axis=2)
    rows[:, -1, :-1] = of.counts[second] - counted.sum(axis=1)
    alone = np.zeros_like(thresholds)
    alone[:, :-1] = of.counts[item]
    return Influence(codes, thresholds, item, by_cell, first, second, (alone, rows))


def contributions(of: Influence, start: int, stop: int, out: Matrix | None = None) -> Matrix:
    """Of the rows from `start` to `stop` to thresholds and then correlations, (t + m, stop - start)."""
    codes = of.codes[:, start:stop]
    width = of.pairs.shape[1]
    result = np.empty((of.n_statistics, codes.shape[1])) if out is None else out[:, : codes.shape[1]]
    by_answer, by_cell = of.thresholds.astype(result.dtype), of.pairs.astype(result.dtype)
    n_thresholds = len(of.thresholds)
    for begin, end in _runs(of.item):
        np.take(by_answer[begin:end], codes[of.item[begin]], axis=1, out=result[begin:end], mode="clip")
    flat, size = by_cell.reshape(-1), width * width
    for begin, end in _runs(of.first):
        index = codes[of.second[begin:end]]
        index += codes[of.first[begin]] * width
        index += (np.arange(begin, end) * size)[:, None]
        np.take(flat, index, out=result[n_thresholds + begin : n_thresholds + end], mode="clip")
    return result


def _runs(items: Indices) -> list[tuple[int, int]]:
    """Begin and end of every run of one item."""
    if not len(items):
        return []
    bounds = [0, *(np.flatnonzero(np.diff(items)) + 1).tolist(), len(items)]
    return list(pairwise(bounds))


def gamma(of: Influence, how: Products = "double") -> Matrix:
    """Covariance of thresholds and correlations, times the number of rows, (t + m, t + m).

    "single": sums of products in single precision over some thousand rows each, with an error of some 1e-7
    of the product of two standard deviations, which is enough where the matrix is not inverted; "none": the
    variances alone. They are exact sums over the tables in either case.
    """
    n, k = of.codes.shape[1], of.n_statistics
    total = np.zeros((k, k))
    block = np.empty((k, min(n, ROWS)), dtype=np.float64 if how == "double" else np.float32)
    for start in range(0, n if how != "none" else 0, ROWS):
        part = contributions(of, start, min(start + ROWS, n), block)
        total += part @ part.T
    alone, rows = of.rows
    total[np.diag_indices(k)] = np.concatenate(
        [(alone * of.thresholds**2).sum(axis=1), (rows * of.pairs**2).sum(axis=(1, 2))]
    )
    total /= n
    return total


def _pair_influence(
    of: Categories,
    by_answer: Stack,
    tables: Stack,
    pairs: PairCorrelations,
    first: Indices,
    second: Indices,
) -> Stack:
    """Contributions to each correlation by the two answers, (m, c + 1, c + 1)."""
    tau, ups, width = of.thresholds[first], of.thresholds[second], of.width
    safe = np.maximum(pairs.probability, TINY)
    ratio = pairs.slope / safe
    weight = tables * ratio
    bread = (weight * ratio).sum(axis=(1, 2))
    over = weight / safe
    r = pairs.rho[:, None, None]
    rows = _nuisance(bound_slope(tau[:, :, None], ups[:, None, :], r), tau, over)
    columns = _nuisance(bound_slope(ups[:, :, None], tau[:, None, :], r), ups, np.swapaxes(over, 1, 2))
    out = np.zeros((len(first), width + 1, width + 1))
    out[:, :width, :width] = ratio
    by_row = by_answer[first] @ rows[:, :, None]
    by_column = by_answer[second] @ columns[:, :, None]
    out[:, :width, :] -= by_row / of.n_rows
    out[:, :, :width] -= np.swapaxes(by_column, 1, 2) / of.n_rows
    return np.asarray(out * (of.n_rows / bread)[:, None, None])


def _nuisance(slopes: Stack, bounds: Matrix, over: Stack) -> Vector:
    """Sum of s_rho s_tau over the rows for each threshold, (m, r - 1).

    slopes: d P(X <= tau_k, Y <= ups_l)/d tau_k, (m, r - 1, c - 1); the last column, ups at infinity, is
    added here.
    """
    whole = bound_slope(bounds, np.full_like(bounds, np.inf), np.zeros_like(bounds))
    m, k, _ = slopes.shape
    edges = np.concatenate([np.zeros((m, k, 1)), slopes, whole[:, :, None]], axis=2)
    by_cell = edges[:, :, 1:] - edges[:, :, :-1]
    return np.asarray((by_cell * (over[:, :-1] - over[:, 1:])).sum(axis=2))
