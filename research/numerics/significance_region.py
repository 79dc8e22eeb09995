"""The Johnson-Neyman technique: where on a moderator a slope differs from zero."""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Matrix, Vector


def significance_bounds(slope: Vector, covariance: Matrix, critical: float) -> list[float]:
    """Values v at which (s0 + s1 v)^2 = t^2 (c00 + 2 v c01 + v^2 c11), in ascending order; none, one or two.

    `slope` (2,): the effect at v = 0 and its change with v; `covariance` (2, 2) of the two; `critical`: t.
    Johnson & Fay (1950); Bauer & Curran (2005), eq. 11

    >>> significance_bounds(np.array([0.0, 1.0]), np.diag([1.0, 0.0]), 2.0)
    [-2.0, 2.0]
    """
    t2 = critical**2
    a = float(slope[1] ** 2 - t2 * covariance[1, 1])
    b = float(2 * (slope[0] * slope[1] - t2 * covariance[0, 1]))
    c = float(slope[0] ** 2 - t2 * covariance[0, 0])
    if a == 0:
        return [-c / b] if b != 0 else []
    inside = b**2 - 4 * a * c
    if inside <= 0:
        return []
    q = -0.5 * (b + (np.sqrt(inside) if b >= 0 else -np.sqrt(inside)))  # without cancellation
    roots = {q / a, c / q} if q != 0 else {0.0}
    return sorted(float(root) for root in roots)
