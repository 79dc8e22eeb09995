"""Information of incomplete rows about the means and covariances of an unrestricted normal distribution.

The Hessian of F = mean (log|Sigma_oo| + d_o'Sigma_oo^-1 d_o) by (mu, vech Sigma). With P_k the inverse of a
pattern, R_k the mean of yy' in it and M_k = 2 R_k - P_k (P_k where the expected Hessian is wanted)

    H(Sigma_ab, Sigma_cd) = f f' [Z(bc, da) + Z(bd, ca) + Z(ac, db) + Z(ad, cb)],
    Z = mean vech P_k (x) vech M_k,
    H(Sigma_ab, mu_c) = 2 f mean (y_a P_bc + y_b P_ac),    H(mu_a, mu_b) = 2 mean P_ab,

f = 1/2 where a = b, else 1. The sums over patterns are matrix products: no pattern has a Hessian of its own.
"""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.implied import lower
from research.numerics.missing_patterns import Patterns
from research.numerics.pattern_point import PatternPoint, pattern_inverses

_CHUNK = 1_000_000  # elements gathered at a time


def moment_hessian(patterns: Patterns, point: PatternPoint, *, observed: bool) -> Matrix:
    """The Hessian by (mu, vech Sigma), vech column by column, (k, k); or the expected one."""
    p = len(point.P)
    row, column = lower(p)
    half = len(row)
    share = patterns.n / patterns.n_obs
    weight = patterns.weight / patterns.n_obs
    Z, mixed = np.zeros((half, half)), np.zeros((p, half))
    means = np.zeros(half)
    begins = patterns.begins
    ends = np.append(begins[1:], len(patterns.pattern))
    for gaps, C in zip(patterns.gaps, point.C, strict=True):
        vech = pattern_inverses(patterns, gaps, point.P, C)
        within = share[gaps.patterns]
        means += within @ vech
        if not observed:
            Z += (vech.T * within) @ vech
            continue
        y = point.lines[gaps.lines]
        w = weight[gaps.lines]
        runs = ends[gaps.patterns] - begins[gaps.patterns]
        starts = np.concatenate([[0], np.cumsum(runs)[:-1]])
        products = y[:, row] * (y * w[:, None])[:, column]
        products = np.add.reduceat(products, starts, axis=0) if runs.max() > 1 else products
        Z += vech.T @ (2.0 * products - within[:, None] * vech)
        levels = y * (w * patterns.level[gaps.lines])[:, None]
        levels = np.add.reduceat(levels, starts, axis=0) if runs.max() > 1 else levels
        mixed += levels.T @ vech
    return _assembled(Z, mixed, means)


def moment_slope(point: PatternPoint) -> Vector:
    """The gradient by (mu, vech Sigma), (k,)."""
    row, column = lower(len(point.P))
    twice = np.where(row == column, 1.0, 2.0)
    return np.concatenate([-2.0 * point.half_by_mu, twice * point.by_sigma[row, column]])


def moment_scores(y: Matrix, inverses: Matrix) -> Matrix:
    """Gradient of every row's log-likelihood by (mu, vech Sigma), (n, k).

    `y` (n, p): Sigma_oo^-1 (y_o - mu_o) of every row; `inverses` (n, p*): vech of its Sigma_oo^-1.
    """
    row, column = lower(y.shape[1])
    second = (y[:, row] * y[:, column] - inverses) * np.where(row == column, 0.5, 1.0)
    return np.hstack([y, second])


def stacked_inverses(patterns: Patterns, point: PatternPoint) -> Matrix:
    """vech of the inverse of every pattern, (K, p*)."""
    p = len(point.P)
    out = np.empty((len(patterns.n), p * (p + 1) // 2))
    for gaps, C in zip(patterns.gaps, point.C, strict=True):
        out[gaps.patterns] = pattern_inverses(patterns, gaps, point.P, C)
    return out


def _assembled(Z: Matrix, mixed: Matrix, means: Vector) -> Matrix:
    """The Hessian from the sums over patterns; rows of moments (a, b) a few at a time."""
    p, half = len(mixed), len(Z)
    row, column = lower(p)
    vech = np.empty((p, p), dtype=np.intp)
    vech[row, column] = vech[column, row] = np.arange(half)
    factor = np.where(row == column, 0.5, 1.0)
    out = np.empty((p + half, p + half))
    out[:p, :p] = 2.0 * means[vech]
    flat = Z.ravel()
    size = max(1, _CHUNK // half)
    for begin in range(0, half, size):
        a, b = row[begin : begin + size, None], column[begin : begin + size, None]
        bc, bd, ac, ad = vech[b, row], vech[b, column], vech[a, row], vech[a, column]
        part = flat.take(bc * half + ad) + flat.take(bd * half + ac)
        part += flat.take(ac * half + bd) + flat.take(ad * half + bc)
        f = factor[begin : begin + size, None]
        out[p + begin : p + begin + size, p:] = f * factor * part
        c = np.arange(p)
        cross = 2.0 * f * (mixed[a, vech[b, c]] + mixed[b, vech[a, c]])
        out[p + begin : p + begin + size, :p] = cross
        out[:p, p + begin : p + begin + size] = cross.T
    return out
