"""A model of ordered variables without the thresholds that it fits exactly.

A free threshold of its own fits its statistic whatever the other parameters are. With a diagonal weight the
rest is then estimated, and judged, without it: the residual-making matrix is zero for these thresholds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Vector
from research.numerics.ordinal_moments import OrdinalBlock
from research.numerics.sem_layout import Block, Layout, layout
from research.numerics.weighted_squares import LeastSquares


class Reduced(NamedTuple):
    """Blocks without thresholds; the places of their parameters among all, (r,).

    By group: the places of the `thresholds` among the statistics, and of the `others`.
    """

    blocks: tuple[OrdinalBlock, ...]
    kept: Indices
    thresholds: tuple[Indices, ...]
    others: tuple[Indices, ...]


def without_thresholds(blocks: Sequence[OrdinalBlock], counts: Sequence[int]) -> Reduced | None:
    """The blocks over the parameters that are no thresholds; None where a threshold is fixed or shared.

    `counts`: how many statistics each group has.
    """
    q = blocks[0].n_parameters
    thresholds = np.concatenate([of.threshold for of in blocks])
    if (thresholds < 0).any() or np.bincount(thresholds, minlength=1).max() > 1:
        return None
    free = np.ones(q, dtype=bool)
    free[thresholds] = False
    kept = np.flatnonzero(free)
    total = blocks[0].block.layout.n_parameters
    place = np.full(total, -1)
    place[kept] = np.arange(len(kept))
    place[q:] = len(kept) + np.arange(total - q)
    nothing = np.zeros(0, dtype=np.intp)
    reduced, out, stay = [], [], []
    for of, count in zip(blocks, counts, strict=True):
        lay = of.block.layout
        parameter = place[lay.parameter]
        n = len(kept) + total - q
        spread = np.zeros((len(parameter), n))
        spread[np.arange(len(parameter)), parameter] = 1.0
        smaller = lay._replace(parameter=parameter, n_parameters=n, spread=spread)
        reduced.append(
            replace(
                of,
                block=replace(of.block, layout=smaller),
                n_parameters=len(kept),
                item=nothing,
                threshold=nothing,
                threshold_value=np.zeros(0),
                scale=np.where(of.scale >= 0, place[of.scale], -1),
                residual=place[of.residual],
            )
        )
        order = np.argsort(np.concatenate([of.item, of.continuous]), kind="stable")
        out.append(np.flatnonzero(order < len(of.item)))
        other = np.ones(count, dtype=bool)
        other[out[-1]] = False
        stay.append(np.flatnonzero(other))
    return Reduced(tuple(reduced), kept, tuple(out), tuple(stay))


def plain_squares(
    blocks: Sequence[OrdinalBlock],
    statistics: Sequence[Vector],
    weights: Sequence[Vector],
    shares: Sequence[float],
) -> LeastSquares | None:
    """The same least squares over the covariance matrix as a whole, whose Hessian is known; or None.

    `blocks` without thresholds, diagonal `weights`. It is the same where all scales are one and no path
    leaves an ordered variable: the residual variances, which follow from the scales, then stand on the
    diagonal alone, and its entries have no weight.
    """
    made, covs, means, spread = [], [], [], []
    for of, s, w in zip(blocks, statistics, weights, strict=True):
        lay, n = of.block.layout, of.block.layout.n_observed
        leaving = (of.block.A[:, of.ordered] != 0).any() or np.isin(lay.A_col, of.ordered).any()
        scaled = (of.scale >= 0).any() or (of.scale_value != 1.0).any()
        if leaving or scaled or len(of.block.exogenous) or len(of.residual) < len(of.ordered):
            return None
        made.append(Block(_without(lay, of), of.block.A, of.block.S, of.block.alpha, of.y[:0], True))
        c = of.continuous
        column, row = np.triu_indices(n)
        below, diagonal = row != column, np.flatnonzero(row == column)[c]
        cov, mean, level, weight = np.eye(n), np.zeros(n), np.zeros(n), np.zeros(len(row))
        mean[c], level[c] = s[: len(c)], w[: len(c)]
        cov[c, c], weight[diagonal] = s[len(c) : 2 * len(c)], w[len(c) : 2 * len(c)]
        cov[row[below], column[below]] = cov[column[below], row[below]] = s[2 * len(c) :]
        weight[below] = w[2 * len(c) :]
        covs.append(cov)
        means.append(mean)
        spread.append(np.concatenate([level, weight]))
    return LeastSquares(tuple(made), tuple(covs), tuple(means), tuple(spread), tuple(shares))


def _without(lay: Layout, of: OrdinalBlock) -> Layout:
    """The layout without the cells of derived variances, which stay at zero."""
    covariances = np.column_stack([lay.S_row, lay.S_col])
    paths = np.column_stack([lay.A_row, lay.A_col])
    kept = lay.parameter < of.n_parameters
    own = kept[len(paths) : len(paths) + len(covariances)]
    return layout(
        lay.n_observed,
        of.n_parameters,
        of.block.A,
        paths,
        covariances[own],
        lay.m_row,
        lay.parameter[kept],
    )
