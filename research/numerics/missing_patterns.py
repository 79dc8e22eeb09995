"""Rows grouped by which values they lack, and compressed to as few lines as have the same moments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Stack, Vector

_CHUNK = 1_000_000  # elements of one stack: 8 MB
_SMALL = 4_000  # elements of a stack that is handled faster whole than in parts


@dataclass(frozen=True, slots=True)
class Gaps:
    """Patterns that lack about as many values, and their lines.

    `patterns` (k,): their places; `gap` (m, k): the columns that each lacks, p where it lacks fewer than m;
    `pad` (m, m, k): ones on the diagonal at such places; `cells` (m, m, k): flat places of the pairs of `gap`
    in a (p + 1, p + 1) matrix. `lines` (l,): places of their lines; `of` (l,): the pattern of each, counted
    in `patterns`; `alone`: whether every pattern has one line.
    """

    patterns: Indices
    gap: Indices
    pad: Stack
    cells: Indices
    lines: Indices
    of: Indices
    alone: bool


@dataclass(frozen=True, slots=True)
class Patterns:
    """K patterns, and L lines that stand for the rows.

    `seen` (K, p): what is observed; `n` (K,): rows, or the sum of their weights. A pattern with many rows
    is held as its mean and a root of its scatter, any other as its rows: `values` (L, p), zero where not
    observed, in the order of the patterns; `pattern` (L,); `weight` (L,), which sums to the rows over the
    lines that have a `level` of 1 (L,); a line of a root has 0, and no mean is taken from it.
    `label` (n,): the pattern of every row of the data. `gaps`: the patterns by how much they lack.
    """

    seen: Mask
    n: Vector
    values: Matrix
    pattern: Indices
    weight: Vector
    level: Vector
    label: Indices
    gaps: tuple[Gaps, ...]

    @property
    def n_obs(self) -> float:
        """Rows in all patterns, or the sum of their weights."""
        return float(self.n.sum())

    @property
    def n_values(self) -> float:
        """Observed values of all rows."""
        return float(self.n @ self.seen.sum(axis=1))

    @property
    def begins(self) -> Indices:
        """The first line of every pattern, (K,)."""
        return np.searchsorted(self.pattern, np.arange(len(self.n)))

    def deviations(self, mu: Vector) -> Matrix:
        """The lines about `mu`, zero where not observed, (L, p)."""
        return self.values - self.seen[self.pattern] * (self.level[:, None] * mu)

    def available(self) -> tuple[Vector, Vector]:
        """Mean and variance (divisor n) of the values that each variable has, (p,)."""
        seen = self.seen[self.pattern]
        count = self.n @ self.seen
        mean = (self.weight * self.level) @ self.values / count
        gap = self.values - seen * (self.level[:, None] * mean)
        return mean, self.weight @ gap**2 / count

    def together(self) -> Matrix:
        """Rows that have both variables of a pair, (p, p)."""
        return np.asarray((self.seen * self.n[:, None]).T @ self.seen)


def patterns_of(data: Matrix, weights: Vector | None = None) -> Patterns:
    """Group the rows of `data` (n, p) by their missing values; `weights` (n,) count a row that often."""
    missing = np.isnan(data)
    packed = np.ascontiguousarray(np.packbits(missing, axis=1))
    keys = packed.view(f"S{packed.shape[1]}")[:, 0]
    _, first, label, count = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    seen = ~missing[first]
    filled = np.where(missing, 0.0, data)
    w = np.ones(len(data)) if weights is None else weights
    squeezed = count > 2 * (seen.sum(axis=1) + 1)
    alone = np.flatnonzero(~squeezed[label])
    values, pattern, weight, level = [filled[alone]], [label[alone]], [w[alone]], [np.ones(len(alone))]
    for k in np.flatnonzero(squeezed):
        rows = np.flatnonzero(label == k)
        lines, counts = _squeezed(filled[np.ix_(rows, seen[k])], w[rows])
        embedded = np.zeros((len(lines), data.shape[1]))
        embedded[:, seen[k]] = lines
        values.append(embedded)
        pattern.append(np.full(len(lines), k))
        weight.append(counts)
        level.append(np.where(np.arange(len(lines)) == 0, 1.0, 0.0))
    every = np.concatenate(pattern)
    order = np.argsort(every, kind="stable")
    by_pattern: Vector = np.bincount(label, weights=w, minlength=len(seen)).astype(np.float64)
    return Patterns(
        seen,
        by_pattern,
        np.concatenate(values)[order],
        every[order],
        np.concatenate(weight)[order],
        np.concatenate(level)[order],
        label,
        tuple(_gaps(seen, every[order])),
    )


def _squeezed(rows: Matrix, w: Vector) -> tuple[Matrix, Vector]:
    """A mean and a root of the scatter, one line each, and their weights."""
    total = float(w.sum())
    mean = w @ rows / total if total > 0 else rows.mean(axis=0)
    root = np.linalg.qr((rows - mean) * np.sqrt(w)[:, None], mode="r")
    return np.vstack([mean, root]), np.concatenate([[total], np.ones(len(root))])


def _gaps(seen: Mask, pattern: Indices) -> Iterator[Gaps]:
    """Patterns by the number of values they lack: few kinds, little padding, no stack above the limit."""
    p = seen.shape[1]
    lacking = p - seen.sum(axis=1)
    order = np.argsort(lacking, kind="stable")
    for chosen in _runs(order, lacking[order], p):
        m = int(lacking[chosen].max())
        gap = np.argsort(seen[chosen], axis=1, kind="stable")[:, :m].T.copy()
        none = np.arange(m)[:, None] >= lacking[chosen]
        gap[none] = p
        place = np.full(len(seen), -1)
        place[chosen] = np.arange(len(chosen))
        lines = np.flatnonzero(place[pattern] >= 0)
        of = place[pattern[lines]]
        cells = gap[:, None] * (p + 1) + gap[None]
        alone = len(of) == len(chosen) and bool((of == np.arange(len(of))).all())
        yield Gaps(chosen, gap, none[:, None] * np.eye(m)[:, :, None], cells, lines, of, alone)


def _runs(order: Indices, lacking: Indices, p: int) -> Iterator[Indices]:
    """Cut patterns, sorted by what they lack, where padding or a stack would grow too large."""
    begin = 0
    for at in range(1, len(order) + 1):
        if at < len(order):
            m, count = int(lacking[at]), at - begin + 1
            small = m > 0 and count * m * m <= _SMALL
            fits = count * max(m * m, p * (p + 1) // 2) <= _CHUNK
            if lacking[begin] > 0 and fits and (small or m <= 1.5 * lacking[begin]):
                continue
        yield np.sort(order[begin:at])
        begin = at


def pairwise_covariance(data: Matrix) -> Matrix:
    """Covariance of every pair from the rows that have both, each about its own means, divisor n - 1."""
    seen = (~np.isnan(data)).astype(float)
    filled = np.where(seen > 0, data - np.nanmean(data, axis=0), 0.0)
    n = seen.T @ seen
    sums = filled.T @ seen
    return np.asarray((filled.T @ filled - sums * sums.T / n) / (n - 1.0))
