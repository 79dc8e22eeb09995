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
    u0, u1 = (float(size) for size in np.maximum(np.sqrt(np.diag(covariance)), np.abs(slope)))
    if u0 == 0 or u1 == 0:  # no effect at 0, or no change: the sign of the effect never turns
        return [0.0] if u0 == 0 < u1 else []
    s0, s1 = float(slope[0]) / u0, float(slope[1]) / u1  # in units of their own, so that no square overflows
    a = s1**2 - t2 * float(covariance[1, 1] / u1 / u1)
    b = 2 * (s0 * s1 - t2 * float(covariance[0, 1] / u0 / u1))
    c = s0**2 - t2 * float(covariance[0, 0] / u0 / u0)
    return [root * (u0 / u1) for root in _real_roots(a, b, c)]


def _real_roots(a: float, b: float, c: float) -> list[float]:
    """The real roots of a v^2 + b v + c, ascending; none where they coincide."""
    if a == 0:
        return [-c / b] if b != 0 else []
    inside = b**2 - 4 * a * c
    if inside <= 0:
        return []
    q = -0.5 * (b + (np.sqrt(inside) if b >= 0 else -np.sqrt(inside)))  # without cancellation
    roots = {q / a, c / q} if q != 0 else {0.0}
    return sorted(float(root) for root in roots)
