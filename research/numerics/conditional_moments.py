"""Thresholds, intercepts, slopes and residual covariances of variables given covariates, with their Gamma.

Each variable is regressed on x alone (a probit regression where it is ordered), then each pair is correlated
given the regressions. With the scores s_1 of the regressions and s_2 of the correlations,

    IF_1 = A_11^-1 s_1,    IF_2 = (s_2 - A_21 IF_1)/A_22,    A = mean of products of scores

(Muthen 1984, Psychometrika 49, 115-132). The statistics stand in the order: of every variable its thresholds
or its intercept; slopes, x by x; residual variances of continuous variables; covariances below the diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.bivariate_rows import Bounds, rectangle_scores, row_correlation
from research.numerics.categories import MISSING, Categories
from research.numerics.cumulative_link import cumulative_link
from research.numerics.definite import cholesky_root, inverse_from_root
from research.numerics.mixed_moments import product_moment
from research.numerics.polyserial import polyserial, serial_scores


@dataclass(frozen=True, slots=True)
class ConditionalMoments:
    """Of p variables given m covariates.

    `thresholds` (t,), their `item` (t,); `intercept` (p,), zero where ordered; `slopes` (p, m); residual
    `cov` (p, p), unit variances where ordered; `gamma` (k, k). `failed`: variables whose regression has no
    answer; then `cov` and `gamma` mean nothing.
    """

    thresholds: Vector
    item: Indices
    intercept: Vector
    slopes: Matrix
    cov: Matrix
    gamma: Matrix
    failed: Indices


@dataclass(frozen=True, slots=True)
class _Margin:
    """One variable's regression over the rows that have it (`seen`, (n,)).

    `level` (a,): thresholds or intercept; `slope` (m,); `scores` (a + m [+ 1], n) with the residual variance
    last where continuous; `influence` alike. `bounds`, `codes` where ordered, `z` and `variance` else.
    """

    level: Vector
    slope: Vector
    influence: Matrix
    X: Matrix
    bounds: Bounds | None
    codes: Indices
    z: Vector
    variance: float
    converged: bool
    seen: Mask

    def by_bounds(self, at: Bounds) -> Matrix:
        """Scores of the level and the slopes from scores of the bounds, (a + m, n)."""
        levels = [
            np.where(self.codes == k, at.upper, 0.0) + np.where(self.codes == k + 1, at.lower, 0.0)
            for k in range(len(self.level))
        ]
        return np.vstack([*levels, -self.X.T * (at.lower + at.upper)])

    def by_z(self, at: Vector) -> Matrix:
        """Scores of intercept, slopes and variance, where `at` is minus the slope of the log-density by z."""
        step = at / np.sqrt(self.variance)
        return np.vstack([step, self.X.T * step, (at * self.z - 1.0) / (2.0 * self.variance)])


def conditional_moments(
    values: Matrix, X: Matrix, ordered: Indices, answers: Categories
) -> ConditionalMoments:
    """Moments of the columns of `values` (n, p) given X (n, m), `answers` of the `ordered`.

    A missing value is NaN; a variable is regressed over the rows that have it, a pair correlated over those
    that have both. X is complete.
    """
    n, p = values.shape
    own = {int(place): at for at, place in enumerate(ordered)}
    margins = [
        _probit(X, answers.codes[own[at]]) if at in own else _linear(X, values[:, at]) for at in range(p)
    ]
    failed = np.array([at for at, margin in enumerate(margins) if not margin.converged], dtype=np.intp)
    levels = [margin.influence[: len(margin.level)] for margin in margins]
    m = X.shape[1]
    slopes = [margin.influence[len(margin.level) + k][None] for k in range(m) for margin in margins]
    spreads = [margin.influence[-1:] for margin in margins if margin.bounds is None]
    cov = np.diag([margin.variance for margin in margins])
    pairs: list[Matrix] = []
    for i in range(p if not len(failed) else 0):
        for j in range(i + 1, p):
            cov[i, j], contribution = _pair(margins[i], margins[j], n)
            cov[j, i] = cov[i, j]
            pairs.append(contribution[None])
    every = np.vstack([*levels, *slopes, *spreads, *pairs])
    return ConditionalMoments(
        np.concatenate([margins[at].level for at in sorted(own)]),
        np.concatenate([np.full(len(margins[at].level), at) for at in sorted(own)]),
        np.array([0.0 if at in own else float(margin.level[0]) for at, margin in enumerate(margins)]),
        np.array([margin.slope for margin in margins]),
        cov,
        every @ every.T / n,
        failed,
    )


def _probit(X: Matrix, codes: Indices) -> _Margin:
    seen: Mask = np.asarray(codes != MISSING)
    fit = cumulative_link(X[seen], codes[seen], "probit")
    m = X.shape[1]
    scores = np.zeros((m + len(fit.thresholds), len(codes)))
    scores[:, seen] = np.vstack([fit.scores.T[m:], fit.scores.T[:m]])
    index = X @ fit.coefficients
    ladder = np.concatenate([[-np.inf], fit.thresholds, [np.inf]])
    places = np.where(seen, codes, 0)
    bounds = Bounds(ladder[places] - index, ladder[places + 1] - index)
    effects = _influence(scores)
    settled = fit.converged and bool(np.isfinite(effects).all())
    return _Margin(fit.thresholds, fit.coefficients, effects, X, bounds, codes, index, 1.0, settled, seen)


def _linear(X: Matrix, y: Vector) -> _Margin:
    n = len(y)
    seen: Mask = np.asarray(~np.isnan(y))
    design = np.column_stack([np.ones(n), X])
    b: Vector = np.asarray(np.linalg.lstsq(design[seen], y[seen], rcond=None)[0], dtype=np.float64)
    residual = np.where(seen, y - design @ b, 0.0)
    variance = float((residual[seen] ** 2).mean())
    z = residual / np.sqrt(variance)
    scores = np.vstack([design.T * (z / np.sqrt(variance)), (z * z - 1.0) / (2.0 * variance)])
    scores[:, ~seen] = 0.0
    nothing = np.zeros(0, dtype=np.intp)
    effects = _influence(scores)
    settled = bool(np.isfinite(effects).all())
    return _Margin(b[:1], b[1:], effects, X, None, nothing, z, variance, settled, seen)


def _influence(scores: Matrix) -> Matrix:
    """n (ss')^-1 s, in the metric of the diagonal; NaN where the rows do not tell the parameters apart."""
    scale = np.sqrt((scores * scores).sum(axis=1))[:, None]
    unit = scores / scale
    root = cholesky_root(unit @ unit.T)
    if root is None:
        return np.full_like(scores, np.nan)
    return np.asarray(scores.shape[1] * (inverse_from_root(root) @ unit) / scale)


def _pair(a: _Margin, b: _Margin, n: int) -> tuple[float, Vector]:
    """Residual covariance of two variables, and what every row contributes to it."""
    parts: list[tuple[Matrix, Matrix]]
    both = a.seen & b.seen
    if a.bounds is not None and b.bounds is not None:
        rho = row_correlation(_rows(a.bounds, both), _rows(b.bounds, both))
        slopes = rectangle_scores(a.bounds, b.bounds, rho)
        score = slopes.rho
        parts = [(a.by_bounds(slopes.first), a.influence), (b.by_bounds(slopes.second), b.influence)]
    elif a.bounds is None and b.bounds is None:
        rho = product_moment(a.z[both], b.z[both])
        rest = 1.0 - rho * rho
        product, squares = a.z * b.z, a.z**2 + b.z**2
        score = (rho * rest + (1.0 + rho * rho) * product - rho * squares) / rest**2
        parts = [
            (a.by_z((a.z - rho * b.z) / rest), a.influence),
            (b.by_z((b.z - rho * a.z) / rest), b.influence),
        ]
    else:
        serial, order = (a, b) if a.bounds is None else (b, a)
        bounds = order.bounds
        if bounds is None:
            raise AssertionError("one of the two is ordered")
        rho = polyserial(serial.z[both], *_rows(bounds, both))
        found = serial_scores(serial.z, bounds.lower, bounds.upper, rho)
        score = found.rho
        parts = [
            (serial.by_z(serial.z - found.z), serial.influence),
            (order.by_bounds(Bounds(found.lower, found.upper)), order.influence),
        ]
    score = np.where(both, score, 0.0)
    total = score.copy()
    for by_margin, effects in parts:
        total -= (by_margin @ score / n) @ effects
    total *= n / float(score @ score)
    size = np.sqrt(a.variance * b.variance)
    contribution = size * total
    for one in (a, b):
        if one.bounds is None:
            contribution += 0.5 * rho * size / one.variance * one.influence[-1]
    return rho * float(size), contribution


def _rows(bounds: Bounds, rows: Mask) -> Bounds:
    return Bounds(bounds.lower[rows], bounds.upper[rows])
