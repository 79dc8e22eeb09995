"""What every row contributes to thresholds and polychoric correlations, and so their sampling covariance.

A two-step estimate rho solves sum s_rho(rho, tau) = 0 at thresholds tau that are estimated first, so that

    IF_rho = [s_rho - A_21 IF_tau] / A_22,      A_22 = mean s_rho^2,  A_21 = mean s_rho s_tau

and Gamma = mean IF IF' (Muthen 1984, Psychometrika 49, 115-132; Joreskog 1994, Psychometrika 59, 381-389).
The contribution depends on the row's two answers only: one small table a pair, from which rows gather.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Matrix, Stack, Vector
from research.numerics.bivariate_normal import bound_slope
from research.numerics.categories import MISSING, Categories, threshold_influence
from research.numerics.polychoric import TINY, PairCorrelations

ROWS = 1024  # rows whose contributions are held at once


@dataclass(frozen=True, slots=True)
class Influence:
    """Contributions by answer; the last place of each table is no answer.

    `codes`: (p, n), the number of categories where missing; `thresholds`: (t, c + 1), in the order of the
    items, `item` (t,) that each belongs to; `pairs`: (m, c + 1, c + 1), `first` and `second` (m,) their
    items, pairs of one first item standing together.
    """

    codes: Indices
    thresholds: Matrix
    item: Indices
    pairs: Stack
    first: Indices
    second: Indices

    @property
    def n_statistics(self) -> int:
        """Thresholds and correlations."""
        return len(self.thresholds) + len(self.pairs)


def influence(
    of: Categories, tables: Stack, pairs: PairCorrelations, first: Indices, second: Indices
) -> Influence:
    """Tables of contributions; a row that lacks an answer adds nothing to what that answer alone decides."""
    by_answer = threshold_influence(of)
    kept = np.isfinite(of.thresholds)
    item, place = np.nonzero(kept)
    thresholds = np.zeros((len(item), of.width + 1))
    thresholds[:, :-1] = by_answer[item, :, place]
    codes = np.where(of.codes == MISSING, of.width, of.codes)
    by_cell = _pair_influence(of, by_answer, tables, pairs, first, second)
    return Influence(codes, thresholds, item, by_cell, first, second)


def contributions(of: Influence, start: int, stop: int, out: Matrix | None = None) -> Matrix:
    """Of the rows from `start` to `stop` to thresholds and then correlations, (t + m, stop - start)."""
    codes = of.codes[:, start:stop]
    width = of.pairs.shape[1]
    result = np.empty((of.n_statistics, codes.shape[1])) if out is None else out[:, : codes.shape[1]]
    n_thresholds = len(of.thresholds)
    result[:n_thresholds] = np.take_along_axis(of.thresholds, codes[of.item], axis=1)
    flat, size = of.pairs.reshape(-1), width * width
    bounds = np.flatnonzero(np.diff(of.first, prepend=-1, append=-1))
    for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        index = codes[of.second[begin:end]] + codes[of.first[begin]] * width
        index += (np.arange(begin, end) * size)[:, None]
        result[n_thresholds + begin : n_thresholds + end] = flat[index]
    return result


def gamma(of: Influence) -> Matrix:
    """Covariance of thresholds and correlations, times the number of rows, (t + m, t + m)."""
    n, k = of.codes.shape[1], of.n_statistics
    total, block = np.zeros((k, k)), np.empty((k, min(n, ROWS)))
    for start in range(0, n, ROWS):
        part = contributions(of, start, min(start + ROWS, n), block)
        total += part @ part.T
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
