"""Rows grouped by which values they lack, and the saturated normal model of such rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Matrix, Stack, Vector
from research.numerics.implied import lower
from research.numerics.likelihood import inverse_and_logdet

_MEMORY = 6  # differences that the acceleration remembers
_TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True)
class Patterns:
    """K patterns: `seen` (K, p) 1 where observed; `n` (K,); `mean` (K, p); `cov` (K, p, p), divisor n, zero
    where not observed. `rows`: the rows of each pattern in the data.
    """

    seen: Matrix
    n: Vector
    mean: Matrix
    cov: Stack
    rows: tuple[Indices, ...]

    @property
    def n_obs(self) -> float:
        """Rows in all patterns."""
        return float(self.n.sum())


class PatternPoint(NamedTuple):
    """At (Sigma, mu): P (K, p, p) embedded inverses, R = P T P, y = P(m - mu) (K, p), value (K,) per row."""

    P: Stack
    R: Stack
    y: Matrix
    value: Vector


def patterns_of(data: Matrix, weights: Vector | None = None) -> Patterns:
    """Group the rows of `data` (n, p) by their missing values; `weights` (n,) count a row that often."""
    seen = ~np.isnan(data)
    distinct, label = np.unique(seen, axis=0, return_inverse=True)
    order = np.argsort(label, kind="stable")
    rows = tuple(np.split(order, np.cumsum(np.bincount(label))[:-1]))
    filled = np.where(seen, data, 0.0)
    n, means, covs = [], [], []
    for chosen, mask in zip(rows, distinct, strict=True):
        w = np.ones(len(chosen)) if weights is None else weights[chosen]
        mean = w @ filled[chosen] / w.sum()
        d = (filled[chosen] - mean) * mask
        n.append(float(w.sum()))
        means.append(mean)
        covs.append((d * w[:, None]).T @ d / w.sum())
    return Patterns(distinct.astype(float), np.array(n), np.stack(means), np.stack(covs), rows)


def pattern_point(patterns: Patterns, Sigma: Matrix, mu: Vector) -> PatternPoint:
    """log|Sigma_oo| + tr(T_oo Sigma_oo^-1) of every pattern and its pieces; T = S + (m - mu)(m - mu)'."""
    seen = patterns.seen
    both = seen[:, :, None] * seen[:, None, :]
    p = len(mu)
    embedded = Sigma * both
    embedded[:, np.arange(p), np.arange(p)] += 1.0 - seen
    P, logdet = inverse_and_logdet(embedded)
    P = P * both
    gap = (patterns.mean - mu) * seen
    T = patterns.cov + gap[:, :, None] * gap[:, None, :]
    PT = P @ T
    value = logdet + np.trace(PT, axis1=1, axis2=2)
    return PatternPoint(P, PT @ P, (P @ gap[:, :, None])[:, :, 0], value)


def saturated_moments(patterns: Patterns, max_iter: int = 2000) -> tuple[Matrix, Vector, float, bool]:
    """Covariance (p, p), mean (p,), value of -2 log-likelihood a row without its constant, and convergence.

    EM (Dempster, Laird & Rubin 1977) with Anderson acceleration: the step of EM is Sigma Q Sigma for the
    gradient Q of the likelihood; the last few steps are combined to make the next one vanish. A combined
    step that does not raise the likelihood is replaced by EM's own, which always does.
    """
    p = patterns.seen.shape[1]
    share = patterns.n / patterns.n_obs
    count = patterns.n @ patterns.seen
    mu = (patterns.n @ (patterns.mean * patterns.seen)) / count
    gap = (patterns.mean - mu) * patterns.seen
    variance = patterns.n @ (np.diagonal(patterns.cov, axis1=1, axis2=2) + gap**2) / count
    x = _pack(np.diag(variance), mu)
    scale = _pack(np.sqrt(np.outer(variance, variance)), np.sqrt(variance))
    value, step = _em(patterns, share, x, p)
    points: list[Vector] = []
    steps: list[Vector] = []
    for _ in range(max_iter):
        if float(np.abs(step / scale).max()) < _TOLERANCE:
            Sigma, mean = _unpack(x, p)
            return Sigma, mean, value, True
        points.append(x)
        steps.append(step)
        del points[: -_MEMORY - 1], steps[: -_MEMORY - 1]
        trial = _combined(points, steps, scale)
        new_value, new_step = _em(patterns, share, trial, p)
        if not new_value <= value + 1e-13 * abs(value):
            trial = x + step
            new_value, new_step = _em(patterns, share, trial, p)
            del points[:], steps[:]
        x, value, step = trial, new_value, new_step
    Sigma, mean = _unpack(x, p)
    return Sigma, mean, value, False


def _em(patterns: Patterns, share: Vector, x: Vector, p: int) -> tuple[float, Vector]:
    """The value at x and the step that EM takes from it."""
    Sigma, mu = _unpack(x, p)
    at = pattern_point(patterns, Sigma, mu)
    value = float(share @ at.value)
    if not np.isfinite(value):
        return np.inf, np.zeros_like(x)
    A = np.tensordot(share, at.R - at.P, axes=1)
    shift = Sigma @ (share @ at.y)
    return value, _pack(Sigma @ A @ Sigma - np.outer(shift, shift), shift)


def _combined(points: Sequence[Vector], steps: Sequence[Vector], scale: Vector) -> Vector:
    """Anderson (1965): the next point from the last ones, so that their steps combine to nearly nothing."""
    if len(points) < 2:
        return points[-1] + steps[-1]
    F = np.column_stack(steps) / scale[:, None]
    dF = np.diff(F, axis=1)
    dG = np.diff(np.column_stack(points) + np.column_stack(steps), axis=1)
    weight, *_ = np.linalg.lstsq(dF, steps[-1] / scale, rcond=1e-10)
    return np.asarray(points[-1] + steps[-1] - dG @ weight)


def _pack(Sigma: Matrix, mu: Vector) -> Vector:
    row, column = lower(len(mu))
    return np.concatenate([mu, Sigma[row, column]])


def _unpack(x: Vector, p: int) -> tuple[Matrix, Vector]:
    row, column = lower(p)
    Sigma = np.empty((p, p))
    Sigma[row, column] = Sigma[column, row] = x[p:]
    return Sigma, x[:p]


def pairwise_covariance(data: Matrix) -> Matrix:
    """Covariance of every pair from the rows that have both, each about its own means, divisor n - 1."""
    seen = (~np.isnan(data)).astype(float)
    filled = np.where(seen > 0, data - np.nanmean(data, axis=0), 0.0)
    n = seen.T @ seen
    sums = filled.T @ seen
    return np.asarray((filled.T @ filled - sums * sums.T / n) / (n - 1.0))
