"""Correlation behind two ordered answers whose thresholds differ from row to row.

With the bounds of a row's two answers, P = Phi2 over the rectangle (l1, u1] x (l2, u2]. Rows differ where the
thresholds are those of probit regressions on covariates (Muthen 1984, Psychometrika 49, 115-132).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from research.numerics.arrays import Vector
from research.numerics.bivariate_normal import bivariate_cdf, bivariate_density, bound_slope, density_slope

_Corner: TypeAlias = Callable[[Vector, Vector, Vector], Vector]

TOLERANCE = 1e-9
EDGE = 0.9999
MAX_STEPS = 60
TINY = 1e-14  # probabilities below it are the rounding error of differences


class Bounds(NamedTuple):
    """Lower and upper bound of every row's answer, (n,) each, infinite at the ends."""

    lower: Vector
    upper: Vector


class RectangleScores(NamedTuple):
    """Derivatives of a row's log-probability by rho and by the four bounds, (n,) each."""

    rho: Vector
    first: Bounds
    second: Bounds


def row_correlation(first: Bounds, second: Bounds) -> float:
    """The rho that maximises sum log P; Newton's method, with squared scores where it is not concave."""
    rho, last = 0.0, 0.5
    for _ in range(MAX_STEPS):
        pi = np.maximum(_over(bivariate_cdf, first, second, rho), TINY)
        score = _over(bivariate_density, first, second, rho) / pi
        bend = _over(_second_slope, first, second, rho) / pi
        total, squares = float(score.sum()), float((score * score).sum())
        observed = squares - float(bend.sum())
        step = total / (observed if observed > 0.1 * squares else max(squares, TINY))
        step = float(np.clip(step, -last, last))
        new = rho + step
        rho, last = float(new if abs(new) < 1.0 else 0.5 * (rho + np.sign(new))), max(abs(step), TOLERANCE)
        if abs(step) < TOLERANCE or abs(rho) > EDGE:
            break
    return rho


def rectangle_scores(first: Bounds, second: Bounds, rho: float) -> RectangleScores:
    """Scores of the rows at `rho`."""
    r = np.asarray(rho)
    pi = np.maximum(_over(bivariate_cdf, first, second, rho), TINY)

    def edge(at: Vector, other: Bounds) -> Vector:
        return np.asarray((bound_slope(at, other.upper, r) - bound_slope(at, other.lower, r)) / pi)

    return RectangleScores(
        _over(bivariate_density, first, second, rho) / pi,
        Bounds(-edge(first.lower, second), edge(first.upper, second)),
        Bounds(-edge(second.lower, first), edge(second.upper, first)),
    )


def _over(function: _Corner, first: Bounds, second: Bounds, rho: float) -> Vector:
    """f(u1, u2) - f(l1, u2) - f(u1, l2) + f(l1, l2)."""
    r = np.asarray(rho)
    top = function(first.upper, second.upper, r) - function(first.lower, second.upper, r)
    return np.asarray(top - function(first.upper, second.lower, r) + function(first.lower, second.lower, r))


def _second_slope(h: Vector, k: Vector, rho: Vector) -> Vector:
    return density_slope(h, k, rho, bivariate_density(h, k, rho))
