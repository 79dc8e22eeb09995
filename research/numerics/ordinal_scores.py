"""Latent values that ordered and continuous answers make most likely, all respondents at once.

Given the factors eta the indicators y* = nu + L eta + e are independent with variances t, an answer between
two thresholds having the probability Phi((upper - m)/sqrt t) - Phi((lower - m)/sqrt t), m = nu + L eta. The
log-likelihood is concave in eta (Pratt 1981), and so is the posterior with a normal prior.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.bivariate_normal import normal_density
from research.numerics.chi_square import normal_cdf

MAX_STEPS = 100
SETTLED = 1e-14  # Newton decrement
FAR = 30.0  # a latent value beyond it, in standard deviations, has no maximum
FLAT = 1e-6  # information below which the likelihood goes on rising, ever more slowly
TINY = 1e-300


class Indicators(NamedTuple):
    """What n respondents answered.

    `lower`, `upper` (n, p): thresholds around an ordered answer; both the value itself where continuous;
    -inf and inf where missing. `center` (n, p): nu of each row; `loadings` (p, k); `variance` (p,).
    `continuous` (p,).
    """

    lower: Matrix
    upper: Matrix
    center: Matrix
    loadings: Matrix
    variance: Vector
    continuous: Mask


def latent_modes(given: Indicators, mean: Matrix, root: Matrix, *, prior: bool) -> Matrix:
    """The most likely factors of each row, (n, k).

    mean (n, k), root (k, r): prior N(mean, root root'). Without the `prior` the maximum of the likelihood in
    the same space; NaN in a row that has none (somebody who gave the highest answers only).
    """
    n, r = len(mean), root.shape[1]
    L = given.loadings @ root
    base = given.center + mean @ given.loadings.T
    u, left = np.zeros((n, r)), np.arange(n)
    value = _value(given, left, base, u, L, prior)
    for _ in range(MAX_STEPS):
        slope, bend = _derivatives(given, left, base[left] + u[left] @ L.T)
        gradient = slope @ L - (u[left] if prior else 0.0)
        H = np.einsum("np,pa,pb->nab", bend, L, L, optimize=True)
        H += np.eye(r) * (1.0 if prior else 1e-12)
        step = np.linalg.solve(H, gradient[:, :, None])[:, :, 0]
        decrement = (step * gradient).sum(axis=1)
        new = _climbed(given, left, base, u, step, value, L, prior)
        u[left] = new
        value[left] = _value(given, left, base[left], new, L, prior)
        going = (decrement > SETTLED) & (np.abs(new).max(axis=1) < FAR)
        left = left[going]
        if not len(left):
            break
    out = mean + u @ root.T
    lost = (np.abs(u) >= FAR).any(axis=1) | np.isin(np.arange(n), left)
    if not prior:
        _, bend = _derivatives(given, np.arange(n), base + u @ L.T)
        lost |= np.linalg.eigvalsh(np.einsum("np,pa,pb->nab", bend, L, L, optimize=True))[:, 0] < FLAT
    out[lost] = np.nan
    return np.asarray(out)


def _climbed(
    given: Indicators,
    rows: Indices,
    base: Matrix,
    u: Matrix,
    step: Matrix,
    value: Vector,
    L: Matrix,
    prior: bool,
) -> Matrix:
    """u + step, the step halved in rows where the value would fall."""
    length = np.ones(len(rows))
    for _ in range(30):
        new = u[rows] + length[:, None] * step
        falls = _value(given, rows, base[rows], new, L, prior) < value[rows] - 1e-12
        if not falls.any():
            break
        length[falls] *= 0.5
    return np.asarray(new)


def _value(given: Indicators, rows: Indices, base: Matrix, u: Matrix, L: Matrix, prior: bool) -> Vector:
    """Log-likelihood, and log-prior but for a constant."""
    m = base + u @ L.T
    sd = np.sqrt(given.variance)
    a, b = (given.lower[rows] - m) / sd, (given.upper[rows] - m) / sd
    logs = np.where(given.continuous, np.where(np.isfinite(a), -0.5 * a * a, 0.0), np.log(_between(a, b)))
    return np.asarray(logs.sum(axis=1) - (0.5 * (u * u).sum(axis=1) if prior else 0.0))


def _derivatives(given: Indicators, rows: Indices, m: Matrix) -> tuple[Matrix, Matrix]:
    """Slope of the log-likelihood by m, and minus its curvature, (n, p) each."""
    sd = np.sqrt(given.variance)
    a, b = (given.lower[rows] - m) / sd, (given.upper[rows] - m) / sd
    pi = _between(a, b)
    low, up = np.isfinite(a), np.isfinite(b)
    f, g = np.where(low, normal_density(a), 0.0), np.where(up, normal_density(b), 0.0)
    slope = (f - g) / pi
    bend = slope * slope - (np.where(low, a, 0.0) * f - np.where(up, b, 0.0) * g) / pi
    linear = np.where(low, a, 0.0)
    slope = np.where(given.continuous, linear, slope) / sd
    bend = np.where(given.continuous, low.astype(np.float64), bend) / given.variance
    return slope, np.maximum(bend, 0.0)


def _between(a: Matrix, b: Matrix) -> Matrix:
    """Phi(b) - Phi(a) from the smaller tail."""
    turned = a > 0
    low, high = np.where(turned, -b, a), np.where(turned, -a, b)
    return np.asarray(np.maximum(normal_cdf(high) - normal_cdf(low), TINY))
