"""What a bootstrap draws: rows, or whole clusters of rows, within every group; and the samples they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.estimation.sample import group_sample
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.missing_patterns import patterns_of
from research.numerics.resample import draw_counts

if TYPE_CHECKING:
    from research.estimation.sample import GroupSample, Sample


@dataclass(frozen=True, slots=True)
class Units:
    """`of`: the unit of each row, from 0, by group; `sizes`: units in each group.

    `together`: clusters reach over groups, so that one draw of clusters serves all groups.
    """

    of: tuple[Indices, ...]
    sizes: tuple[int, ...]
    together: bool = False

    def draw(self, seeds: Sequence[np.random.SeedSequence]) -> list[Matrix]:
        """Multiplicities of the rows of each group, (b, n_g), in one sample a seed."""
        groups = len(self.of)
        if self.together:
            chosen = draw_counts(self.sizes[0], seeds)
            return [chosen[:, of] for of in self.of]
        children = [seed.spawn(groups) if groups > 1 else [seed] for seed in seeds]
        own = [[each[at] for each in children] for at in range(groups)]
        drawn = [draw_counts(size, each) for size, each in zip(self.sizes, own, strict=True)]
        return [
            counts if counts.shape[1] == len(of) else counts[:, of]
            for counts, of in zip(drawn, self.of, strict=True)
        ]

    def without(self, group: int, first: int, last: int) -> list[Matrix]:
        """Multiplicities where units `first` to `last` - 1 of a group are left out, one a sample."""
        left_out = np.arange(first, last)[:, None]
        counts = [np.ones((last - first, len(of))) for of in self.of]
        for at in range(len(self.of)) if self.together else (group,):
            counts[at][self.of[at][None, :] == left_out] = 0.0
        return counts


def units_of(sample: Sample) -> Units:
    """The rows of a sample, or its clusters where it has some."""
    clusters = [group.clusters for group in sample.groups if group.clusters is not None]
    if len(clusters) < len(sample.groups):
        sizes = tuple(len(rows_of(group)) for group in sample.groups)
        return Units(tuple(np.arange(n) for n in sizes), sizes)
    seen, counts = np.unique(np.concatenate([np.unique(own) for own in clusters]), return_counts=True)
    if (counts > 1).any():
        return Units(
            tuple(np.searchsorted(seen, own) for own in clusters), (len(seen),) * len(clusters), together=True
        )
    places = [np.unique(own, return_inverse=True) for own in clusters]
    return Units(tuple(of for _, of in places), tuple(len(own) for own, _ in places))


def rows_of(group: GroupSample) -> Matrix:
    """The rows of a group, (n, p); an error where only moments are known."""
    if group.data is None:
        raise DataError(
            "the bootstrap draws rows: fit the model to data, not to moments or a covariance matrix"
        )
    return group.data


def resampled(sample: Sample, counts: Sequence[Vector]) -> Sample:
    """The sample in which each row stands as often as `counts` say, (n_g,) a group.

    A cluster that was drawn twice becomes two; sampling weights are put back to a mean of one.
    """
    weights = [group.sampling_weights for group in sample.groups]
    total = sum(
        float(count @ (np.ones(len(count)) if own is None else own))
        for count, own in zip(counts, weights, strict=True)
    )
    scale = sum(float(count.sum()) for count in counts) / total
    groups = []
    for group, count in zip(sample.groups, counts, strict=True):
        rows, copy = _repeated(count)
        own = None if group.sampling_weights is None else group.sampling_weights[rows] * scale
        clusters = None
        if group.clusters is not None:
            clusters = np.unique(np.column_stack([group.clusters[rows], copy]), axis=0, return_inverse=True)[
                1
            ]
        data = rows_of(group)[rows]
        if len(data) < 2:
            raise DataError(f"the sample has {len(data)} rows of group '{group.label}'")
        groups.append(group_sample(group.label, data, rows, own, clusters, sample.divisor, True))
    return replace(sample, groups=tuple(groups), notes=())


def with_available_moments(sample: Sample) -> Sample:
    """Incomplete rows by pattern, with moments of the values that there are; the saturated likelihood is 0.

    All that full information needs near its estimates: moments of complete variables (fixed x) are exact.
    """
    groups = []
    for group in sample.groups:
        rows = rows_of(group)
        seen = (~np.isnan(rows)).astype(float)
        if not seen.any(axis=0).all():
            name = sample.variables[int(np.flatnonzero(~seen.any(axis=0))[0])]
            raise DataError(f"variable '{name}' has no values")
        w = np.ones(len(rows)) if group.sampling_weights is None else group.sampling_weights
        mean = w @ np.where(seen > 0, rows, 0.0) / (w @ seen)
        gap = np.where(seen > 0, rows - mean, 0.0)
        together = np.maximum((seen * w[:, None]).T @ seen, 1e-300)
        cov = (gap * w[:, None]).T @ gap / together
        patterns = patterns_of(rows, group.sampling_weights)
        groups.append(replace(group, cov=cov, mean=mean, patterns=patterns, saturated=0.0))
    return replace(sample, groups=tuple(groups))


def _repeated(count: Vector) -> tuple[Indices, Indices]:
    """Places of the rows, each as often as it counts, and which copy each is."""
    times = count.astype(np.intp)
    rows = np.repeat(np.arange(len(times)), times)
    first = np.cumsum(times) - times
    return rows, np.arange(len(rows)) - first[rows]
