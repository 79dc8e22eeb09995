"""A model of ordered variables without the thresholds that it fits exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices
from research.numerics.ordinal_moments import OrdinalBlock


class Reduced(NamedTuple):
    """Blocks without thresholds, and the places of their parameters among all, (r,)."""

    blocks: tuple[OrdinalBlock, ...]
    kept: Indices


def without_thresholds(blocks: Sequence[OrdinalBlock]) -> Reduced | None:
    """The blocks over the parameters that are no thresholds; None where a threshold is fixed or shared.

    A free threshold of its own fits its statistic whatever the other parameters are, so that with a diagonal
    weight the rest can be estimated without it.
    """
    q = blocks[0].n_parameters
    thresholds = np.concatenate([of.threshold for of in blocks])
    if (thresholds < 0).any() or len(np.unique(thresholds)) < len(thresholds):
        return None
    kept = np.setdiff1d(np.arange(q), thresholds)
    total = blocks[0].block.layout.n_parameters
    place = np.full(total, -1)
    place[kept] = np.arange(len(kept))
    place[q:] = len(kept) + np.arange(total - q)
    nothing = np.zeros(0, dtype=np.intp)
    reduced = []
    for of in blocks:
        lay = of.block.layout
        parameter = place[lay.parameter]
        n = len(kept) + total - q
        spread = np.zeros((len(parameter), n))
        spread[np.arange(len(parameter)), parameter] = 1.0
        smaller = replace(lay, parameter=parameter, n_parameters=n, spread=spread)
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
    return Reduced(tuple(reduced), kept)
