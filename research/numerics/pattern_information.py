"""Information of incomplete rows about the means and covariances of an unrestricted normal distribution.

The Hessian of F = mean (log|Sigma_oo| + d_o'Sigma_oo^-1 d_o) by (mu, vech Sigma). With P_k the inverse of a
pattern, R_k the mean of yy' in it and M_k = 2 R_k - P_k (P_k where the expected Hessian is wanted)

    H(Sigma_ab, Sigma_cd) = f f' [Z(bc, da) + Z(bd, ca) + Z(ac, db) + Z(ad, cb)],
    Z = mean vech P_k (x) vech M_k,
    H(Sigma_ab, mu_c) = 2 f mean (y_a P_bc + y_b P_ac),    H(mu_a, mu_b) = 2 mean P_ab,

f = 1/2 where a = b, else 1. The sums over patterns are matrix products: no pattern has a Hessian of its own.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.implied import lower
from research.numerics.missing_patterns import Patterns
from research.numerics.pattern_point import PatternPoint, pattern_inverses


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
    """The Hessian from the sums over patterns.

    By the symmetry of Z + Z', H(ab, cd) = f f' [S(bc, ad) + S(bd, ac)], S = Z + Z': for every column b of
    Sigma the rows b. of S lie in the processor's memory, and the places to take from them are the same.
    """
    p, half = len(mixed), len(Z)
    row, column = lower(p)
    vech, first, second = _places(p)
    factor = np.where(row == column, 0.5, 1.0)
    out = np.empty((p + half, p + half))
    out[:p, :p] = 2.0 * means[vech]
    inner = out[p:, p:]
    S = Z + Z.T
    begin = 0
    for b in range(p):
        end = begin + p - b
        lines = S[vech[b]]
        part = lines.take(first[b:, begin:])
        part += lines.take(second[b:, begin:])
        part *= factor[begin:]
        part *= factor[begin:end, None]
        inner[begin:end, begin:] = part
        inner[begin:, begin:end] = part.T
        begin = end
    cross = mixed[row[:, None], vech[column]] + mixed[column[:, None], vech[row]]
    cross *= 2.0 * factor[:, None]
    out[p:, :p], out[:p, p:] = cross, cross.T
    return out


@lru_cache(maxsize=4)
def _places(p: int) -> tuple[Indices, Indices, Indices]:
    """Where (a, b) stands in vech, (p, p), and where (c, ad) and (d, ac) in p rows of S, (p, p*) by a, cd."""
    row, column = lower(p)
    half = len(row)
    vech = np.empty((p, p), dtype=np.intp)
    vech[row, column] = vech[column, row] = np.arange(half)
    return vech, row * half + vech[:, column], column * half + vech[:, row]
