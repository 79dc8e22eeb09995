"""p values of several tests at once."""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Vector


def holm(p: Vector) -> Vector:
    """Adjusted p values (k,) that keep the familywise error rate; NaN stays and does not count.

    In the order of size, p_(i) (k - i + 1), never below the one before, at most 1. Holm (1979)

    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    scaled = p[order] * np.arange(len(order), 0, -1)
    out[order] = np.minimum(np.maximum.accumulate(scaled), 1.0) if len(order) else scaled
    return out
