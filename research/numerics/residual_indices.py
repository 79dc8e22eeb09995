"""Indices of fit that are read off the residuals of the moments of one group."""

from __future__ import annotations

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
    below = np.tril_indices(p)
    sd, sd_model = np.sqrt(np.diagonal(S)), np.sqrt(np.abs(np.diagonal(Sigma)))
    raw = (S - Sigma)[below]
    scaled = ((S - Sigma) / np.outer(sd, sd))[below]
    correlation = (S / np.outer(sd, sd) - Sigma / np.outer(sd_model, sd_model))[below]
    mplus = correlation.copy()
    diagonal = below[0] == below[1]
    mplus[diagonal] = (np.diagonal(S) - np.diagonal(Sigma)) / np.diagonal(S)
    pairs = p * (p + 1) / 2
    off = p * (p - 1) / 2

    def root(squares: float, count: float) -> float:
        return float(np.sqrt(squares / count)) if count > 0 else 0.0

    sums = [float(each @ each) for each in (raw, scaled, correlation, mplus)]
    nomean = [root(value, count) for value, count in zip(sums, (pairs, pairs, off, pairs), strict=True)]
    full = nomean
    if mean is not None and mu is not None:
        gap = mean - mu
        by_model = mean / sd - mu / sd_model
        extra = [float(each @ each) for each in (gap, gap / sd, by_model, by_model)]
        counts = (pairs + p, pairs + p, off + p, pairs + p)
        full = [root(s + e, c) for s, e, c in zip(sums, extra, counts, strict=True)]
    return ResidualIndices(full[0], nomean[0], full[1], nomean[1], full[2], nomean[2], full[3], nomean[3])


def gfi_of_group(
    S: Matrix, mean: Vector | None, Sigma: Matrix, mu: Vector | None, P: Matrix, fixed: Indices
) -> float:
    """Goodness of fit index of one group, 1 - e'We / s'Ws (Tanaka & Huba 1985).

    With the normal-theory weight of P = Sigma^-1, e'We = tr(P(S - Sigma))^2/2 + (m - mu)'P(m - mu) and
    s'Ws = tr(PS)^2/2 + m'Pm; the moments of the `fixed` x have no weight.
    """
    S, E = S.copy(), S - Sigma
    block = np.ix_(fixed, fixed)
    S[block] = E[block] = 0.0
    PE, PS = P @ E, P @ S
    residual, total = 0.5 * float((PE * PE.T).sum()), 0.5 * float((PS * PS.T).sum())
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
