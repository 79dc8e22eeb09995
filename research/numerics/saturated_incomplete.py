"""The unrestricted normal model of incomplete rows: EM, accelerated, then Newton's method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.implied import lower
from research.numerics.missing_patterns import Patterns
from research.numerics.pattern_information import moment_hessian, moment_slope
from research.numerics.pattern_point import PatternPoint, pattern_point

_MEMORY = 6  # differences that the acceleration remembers
_STEP = 1e-10  # of EM, against the standard deviations, that ends the search
_DECREMENT = 1e-11  # of a Newton step after which the error is of the size of its square
_SMALLEST = 1e-7  # eigenvalue of the correlations at which the covariance matrix counts as singular
_LIMIT = 500


class Saturated(NamedTuple):
    """`cov` (p, p), `mean` (p,), `value` of -2 log-likelihood a row without its constant, and convergence."""

    cov: Matrix
    mean: Vector
    value: float
    converged: bool


class _Place(NamedTuple):
    """A point, its pieces, and the step that EM takes from it, over the standard deviations."""

    x: Vector
    at: PatternPoint
    step: Vector


def saturated_moments(patterns: Patterns, limit: int = _LIMIT) -> Saturated:
    """Maximum likelihood of the means and covariances of incomplete rows.

    EM (Dempster, Laird & Rubin 1977) with Anderson's (1965) acceleration comes near in a few steps, where
    Newton's method takes over. A step that does not raise the likelihood is replaced by EM's own, which
    always does. Not converged: no maximum, because the covariance matrix becomes singular on the way.
    """
    p = patterns.seen.shape[1]
    mean, variance = patterns.available()
    scale = _pack(np.sqrt(np.outer(variance, variance)), np.sqrt(variance))
    here = _place(patterns, _pack(np.diag(variance), mean), scale)
    points: list[Vector] = []
    steps: list[Vector] = []
    patience = _patience(p)
    for count in range(limit):
        if float(np.abs(here.step).max(initial=0.0)) < _STEP:
            return _result(here, p, True)
        if count >= patience:
            newton, decrement = _newton(patterns, here, scale)
            if newton is not None:
                here = newton
                points.clear()
                steps.clear()
                if decrement < _DECREMENT:
                    return _result(here, p, True)
                continue
            patience = count + 2 * _patience(p)
        if count % 20 == 19 and _is_singular(here, p):
            break
        points.append(here.x)
        steps.append(here.step)
        del points[: -_MEMORY - 1], steps[: -_MEMORY - 1]
        there = _place(patterns, _combined(points, steps, scale), scale)
        if not there.at.value <= here.at.value + 1e-13 * abs(here.at.value):
            points.clear()
            steps.clear()
            there = _place(patterns, here.x + scale * here.step, scale)
        here = there
    return _result(here, p, False)


def _patience(p: int) -> int:
    """Steps of EM before Newton's method, one of whose steps costs as much as about p/2 of them."""
    return max(3, p // 2)


def _place(patterns: Patterns, x: Vector, scale: Vector) -> _Place:
    Sigma, mu = _unpack(x, patterns.seen.shape[1])
    at = pattern_point(patterns, Sigma, mu)
    if not np.isfinite(at.value):
        return _Place(x, at._replace(value=np.inf), np.zeros_like(x))
    step = _pack(at.T - np.outer(at.shift, at.shift) - Sigma, at.shift)
    return _Place(x, at, step / scale)


def _newton(patterns: Patterns, here: _Place, scale: Vector) -> tuple[_Place | None, float]:
    """Where Newton's method goes and its decrement; None where the value does not fall."""
    H = moment_hessian(patterns, here.at, observed=True) * np.outer(scale, scale)
    slope = moment_slope(here.at) * scale
    try:
        np.linalg.cholesky(H)
        step = -np.linalg.solve(H, slope)
    except np.linalg.LinAlgError:
        return None, np.inf
    decrement = float(-slope @ step)
    there = _place(patterns, here.x + scale * step, scale)
    if not there.at.value <= here.at.value - 0.1 * decrement + 1e-13 * abs(here.at.value):
        return None, np.inf
    return there, decrement


def _combined(points: Sequence[Vector], steps: Sequence[Vector], scale: Vector) -> Vector:
    """The next point from the last ones, so that their steps combine to nearly nothing."""
    last = points[-1] + scale * steps[-1]
    if len(points) < 2:
        return np.asarray(last)
    F = np.array(steps)
    dF = np.diff(F, axis=0)
    dG = np.diff(np.array(points), axis=0) + dF * scale
    weight, *_ = np.linalg.lstsq(dF.T, steps[-1], rcond=1e-10)
    return np.asarray(last - weight @ dG)


def _is_singular(here: _Place, p: int) -> bool:
    Sigma, _ = _unpack(here.x, p)
    sd = np.sqrt(np.diagonal(Sigma))
    return bool(np.linalg.eigvalsh(Sigma / np.outer(sd, sd))[0] < _SMALLEST)


def _result(here: _Place, p: int, converged: bool) -> Saturated:
    Sigma, mean = _unpack(here.x, p)
    return Saturated(Sigma, mean, here.at.value, converged and not _is_singular(here, p))


def _pack(Sigma: Matrix, mu: Vector) -> Vector:
    row, column = lower(len(mu))
    return np.concatenate([mu, Sigma[row, column]])


def _unpack(x: Vector, p: int) -> tuple[Matrix, Vector]:
    row, column = lower(p)
    Sigma = np.empty((p, p))
    Sigma[row, column] = Sigma[column, row] = x[p:]
    return Sigma, x[:p]
