"""Correlation of a continuous with an ordered variable, given the thresholds, by maximum likelihood.

Olsson, Drasgow & Dorans (1982), Psychometrika 47, 337-347; the two-step estimator. With the continuous
variable standardized to z and y* the one behind the ordered answer,

    P(lower < y* <= upper | z) = Phi(u) - Phi(l),   u = (upper - rho z)/sqrt(1 - rho^2), l likewise.

Bounds belong to rows, so that they may differ between rows (a probit regression on covariates).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Vector
from research.numerics.bivariate_normal import normal_density
from research.numerics.chi_square import normal_cdf

TOLERANCE = 1e-9
EDGE = 0.9999
MAX_STEPS = 100
TINY = 1e-300


def polyserial_adhoc(z: Vector, places: Vector, thresholds: Vector) -> float:
    """r s/sum phi(tau): the product-moment correlation of z with the categories' places 0, 1, 2 …, times
    their standard deviation (divisor n) and divided by the normal densities at the thresholds.

    Olsson, Drasgow & Dorans (1982), equation 28, their ad hoc estimator. It may lie beyond 1.
    """
    r = float(np.corrcoef(z, places)[0, 1])
    return r * float(places.std()) / float(normal_density(thresholds).sum())


class SerialScores(NamedTuple):
    """Derivatives of a row's log-probability by rho, by its lower and upper bound and by z, each (n,)."""

    rho: Vector
    lower: Vector
    upper: Vector
    z: Vector


def polyserial(z: Vector, lower: Vector, upper: Vector) -> float:
    """The correlation that maximises sum log P(lower < y* <= upper | z); all (n,), bounds may be infinite.

    Newton's method, with the sum of squared scores where the likelihood is not concave.
    """
    middle = np.clip(lower, -3.0, 3.0) + np.clip(upper, -3.0, 3.0)
    spread = float(np.sqrt(((middle - middle.mean()) ** 2).mean() * (z * z).mean()))
    rho = float(np.clip((z * (middle - middle.mean())).mean() / max(spread, TINY), -0.9, 0.9))
    last = np.inf
    for _ in range(MAX_STEPS):
        score, curvature = _slopes(z, lower, upper, rho)
        total, squares = float(score.sum()), float((score * score).sum())
        observed = squares - float(curvature.sum())
        step = total / (observed if observed > 0.1 * squares else max(squares, TINY))
        step = float(np.clip(step, -last, last))
        new = rho + step
        if abs(new) >= 1.0:
            new = 0.5 * (rho + np.sign(new))
        rho, last = float(new), max(abs(step), TOLERANCE)
        if abs(step) < TOLERANCE or abs(rho) > EDGE:
            break
    return rho


def serial_scores(z: Vector, lower: Vector, upper: Vector, rho: float) -> SerialScores:
    """Scores of the rows at `rho`."""
    at = _standard(z, lower, upper, rho)
    width = np.sqrt(1.0 - rho * rho)
    up, low = at.up / (width * at.pi), -at.low / (width * at.pi)
    return SerialScores((at.up * at.up_slope - at.low * at.low_slope) / at.pi, low, up, -rho * (low + up))


class _Standard(NamedTuple):
    """u and l with their densities and slopes by rho; zero densities at infinite bounds."""

    u: Vector
    down: Vector
    up: Vector
    low: Vector
    up_slope: Vector
    low_slope: Vector
    pi: Vector


def _standard(z: Vector, lower: Vector, upper: Vector, rho: float) -> _Standard:
    rest = 1.0 - rho * rho
    width = np.sqrt(rest)
    u, down = (upper - rho * z) / width, (lower - rho * z) / width
    turned = down > 0  # the smaller tail keeps its digits
    pi = np.where(turned, normal_cdf(-down) - normal_cdf(-u), normal_cdf(u) - normal_cdf(down))
    finite_up, finite_low = np.isfinite(upper), np.isfinite(lower)
    up = np.where(finite_up, normal_density(u), 0.0)
    low = np.where(finite_low, normal_density(down), 0.0)
    cube = rest * width
    up_slope = (rho * np.where(finite_up, upper, 0.0) - z) / cube
    low_slope = (rho * np.where(finite_low, lower, 0.0) - z) / cube
    return _Standard(u, down, up, low, up_slope, low_slope, np.maximum(pi, TINY))


def _slopes(z: Vector, lower: Vector, upper: Vector, rho: float) -> tuple[Vector, Vector]:
    """Score of each row, and P''/P.

    u' = (rho t - z)/(1 - rho^2)^1.5,  (Phi(u))'' = phi(u) (u'' - u u'^2)
    """
    at = _standard(z, lower, upper, rho)
    rest = 1.0 - rho * rho
    cube = rest * np.sqrt(rest)
    twice = np.zeros(len(z))
    for sign, t, u, density, slope in (
        (1.0, upper, at.u, at.up, at.up_slope),
        (-1.0, lower, at.down, at.low, at.low_slope),
    ):
        finite = np.isfinite(t)
        bend = np.where(finite, t, 0.0) / cube + 3.0 * rho * slope / rest
        twice += sign * density * (bend - np.where(finite, u, 0.0) * slope * slope)
    return (at.up * at.up_slope - at.low * at.low_slope) / at.pi, twice / at.pi
