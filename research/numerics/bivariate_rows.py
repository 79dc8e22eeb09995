"""Correlation behind two ordered answers whose thresholds differ from row to row.

With the bounds of a row's two answers, P = Phi2 over the rectangle (l1, u1] x (l2, u2]. Rows differ where the
thresholds are those of probit regressions on covariates (Muthen 1984, Psychometrika 49, 115-132).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.bivariate_normal import (
    FAR,
    bivariate_cdf,
    bivariate_density,
    bound_slope,
    density_slope,
    normal_density,
)
from research.numerics.chi_square import normal_cdf

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
    h, k = _corners(first, second)
    rho, last = _start(first, second), 0.5
    for _ in range(MAX_STEPS):
        r = np.asarray(rho)
        pi = np.maximum(_rectangle(bivariate_cdf(h, k, r)), TINY)
        density = bivariate_density(h, k, r)
        score = _rectangle(density) / pi
        bend = _rectangle(density_slope(h, k, r, density)) / pi
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
    h, k = _corners(first, second)
    pi = np.maximum(_rectangle(bivariate_cdf(h, k, r)), TINY)
    by_h, by_k = bound_slope(h, k, r) / pi, bound_slope(k, h, r) / pi
    return RectangleScores(
        _rectangle(bivariate_density(h, k, r)) / pi,
        Bounds(by_h[3] - by_h[1], by_h[0] - by_h[2]),
        Bounds(by_k[3] - by_k[2], by_k[0] - by_k[1]),
    )


def _corners(first: Bounds, second: Bounds) -> tuple[Matrix, Matrix]:
    """(u1, u2), (l1, u2), (u1, l2), (l1, l2), each (4, n)."""
    h = np.stack([first.upper, first.lower, first.upper, first.lower])
    return h, np.stack([second.upper, second.upper, second.lower, second.lower])


def _rectangle(corners: Matrix) -> Vector:
    return np.asarray(corners[0] - corners[1] - corners[2] + corners[3])


def _start(first: Bounds, second: Bounds) -> float:
    """Correlation of the normal means between the bounds, divided by what intervals lose of it."""
    one, other = _normal_mean(first), _normal_mean(second)
    lost = float((one * one).mean() * (other * other).mean())
    return float(np.clip((one * other).mean() / max(lost, TINY), -0.9, 0.9))


def _normal_mean(at: Bounds) -> Vector:
    width = np.maximum(normal_cdf(at.upper) - normal_cdf(at.lower), TINY)
    low, up = (normal_density(np.clip(each, -FAR, FAR)) for each in at)
    return np.asarray((low - up) / width)
