"""Indices of fit that are read off the residuals of the moments of one group."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector


class ResidualIndices(NamedTuple):
    """RMR, SRMR (Bentler 1995), CRMR (Bollen 1989), Mplus's SRMR; `_nomean` leaves means out."""

    rmr: float
    rmr_nomean: float
    srmr: float
    srmr_nomean: float
    crmr: float
    crmr_nomean: float
    srmr_mplus: float
    srmr_mplus_nomean: float


def residual_indices(S: Matrix, mean: Vector | None, Sigma: Matrix, mu: Vector | None) -> ResidualIndices:
    """All of them for one group; `mean`, `mu` (p,) are None without a mean structure.

    SRMR: root of the mean square of (s_ij - sigma_ij)/sqrt(s_ii s_jj) over p(p + 1)/2 moments, and of
    (m_i - mu_i)/sqrt(s_ii) over the p means. CRMR compares correlations and leaves out the diagonal.
    """
    p = len(S)
    E, variance, fitted = S - Sigma, S.diagonal(), Sigma.diagonal()
    sd, sd_model = np.sqrt(variance), np.sqrt(np.abs(fitted))
    both = np.multiply.outer(sd, sd)
    apart = S / both - Sigma / np.multiply.outer(sd_model, sd_model)
    on_diagonal = (variance - fitted) / variance
    correlation = _lower_squares(apart)
    mplus = correlation - float(np.square(apart.diagonal()).sum()) + float(on_diagonal @ on_diagonal)
    sums = [_lower_squares(E), _lower_squares(E / both), correlation, mplus]
    pairs = p * (p + 1) / 2
    off = p * (p - 1) / 2

    def root(squares: float, count: float) -> float:
        return math.sqrt(max(squares / count, 0.0)) if count > 0 else 0.0

    nomean = [root(value, count) for value, count in zip(sums, (pairs, pairs, off, pairs), strict=True)]
    full = nomean
    if mean is not None and mu is not None:
        gap = mean - mu
        by_model = mean / sd - mu / sd_model
        extra = [float(each @ each) for each in (gap, gap / sd, gap / sd, by_model)]
        counts = (pairs + p, pairs + p, off + p, pairs + p)
        full = [root(s + e, c) for s, e, c in zip(sums, extra, counts, strict=True)]
    return ResidualIndices(full[0], nomean[0], full[1], nomean[1], full[2], nomean[2], full[3], nomean[3])


def _lower_squares(E: Matrix) -> float:
    """Sum of squares of the lower triangle of a symmetric matrix, with its diagonal."""
    diagonal = E.diagonal()
    return 0.5 * float(np.vdot(E, E) + diagonal @ diagonal)


def gfi_of_group(
    S: Matrix, mean: Vector | None, Sigma: Matrix, mu: Vector | None, P: Matrix, fixed: Indices
) -> float:
    """Goodness of fit index of one group, 1 - e'We / s'Ws (Tanaka & Huba 1985).

    With the normal-theory weight of P = Sigma^-1, e'We = tr(P(S - Sigma))^2/2 + (m - mu)'P(m - mu) and
    s'Ws = tr(PS)^2/2 + m'Pm; the moments of the `fixed` x have no weight.
    """
    E = S - Sigma
    if len(fixed):
        S = S.copy()
        block = np.ix_(fixed, fixed)
        S[block] = E[block] = 0.0
    PE, PS = P @ E, P @ S
    residual, total = 0.5 * float(np.vdot(PE, PE.T)), 0.5 * float(np.vdot(PS, PS.T))
    if mean is not None and mu is not None:
        gap, mean = mean - mu, mean.copy()
        gap[fixed] = mean[fixed] = 0.0
        residual += float(gap @ P @ gap)
        total += float(mean @ P @ mean)
    return 1.0 - residual / total


def weighted_gfi(sample: Vector, model: Vector, weight: Matrix) -> float:
    """1 - e'We / s'Ws of one group for the weight of a least-squares estimator, (k, k) or (k,)."""
    gap = sample - model
    if weight.ndim == 1:
        return 1.0 - float(weight @ gap**2) / float(weight @ sample**2)
    return 1.0 - float(gap @ weight @ gap) / float(sample @ weight @ sample)
