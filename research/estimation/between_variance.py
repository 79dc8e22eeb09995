"""Why a two-level model fails: variables that hardly differ between clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from research.numerics.arrays import Matrix, Vector

if TYPE_CHECKING:
    from research.estimation.sample import Sample

FAINT = 0.05  # intraclass correlation below which a variance between clusters is hard to tell from none


def faint_between(sample: Sample, names: Sequence[str]) -> str:
    """A sentence on the variables (of both levels) whose intraclass correlation is next to nothing.

    ICC(1) of the analysis of variance, (MSB - MSW) / (MSB + (k - 1) MSW); empty where all differ enough.
    """
    group = sample.groups[0]
    if group.data is None or group.clusters is None:
        return ""
    places = [sample.variables.index(name) for name in names]
    found = intraclass_correlations(group.data[:, places], np.asarray(group.clusters))
    faint = [(name, icc) for name, icc in zip(names, found.tolist(), strict=True) if not icc >= FAINT]
    if not faint:
        return ""
    listed = ", ".join(f"'{name}' ({icc:.3f})" for name, icc in faint[:6]) + (" …" if len(faint) > 6 else "")
    return (
        f"Hardly any variance lies between clusters; the intraclass correlation of {listed} is about zero or "
        "negative. Leave such variables out of level 2, or drop level 2 and keep cluster= for standard "
        "errors that allow for clusters."
    )


def intraclass_correlations(rows: Matrix, clusters: Vector) -> Vector:
    """ICC(1) of the columns of `rows` (n, p) in `clusters` (n,), (p,).

    >>> intraclass_correlations(np.array([[1.0], [1.0], [3.0], [3.0]]), np.array([0, 0, 1, 1]))
    array([1.])
    """
    _, code, size = np.unique(clusters, return_inverse=True, return_counts=True)
    n, groups = len(rows), len(size)
    means = np.zeros((groups, rows.shape[1]))
    np.add.at(means, code, rows)
    means /= size[:, None]
    within = ((rows - means[code]) ** 2).sum(axis=0) / max(1, n - groups)
    between = (size[:, None] * (means - rows.mean(axis=0)) ** 2).sum(axis=0) / max(1, groups - 1)
    k = (n - float((size**2).sum()) / n) / max(1, groups - 1)
    return np.asarray((between - within) / (between + (k - 1.0) * within))
