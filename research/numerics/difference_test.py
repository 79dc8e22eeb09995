"""Chi-square difference tests of nested models whose statistics are corrected."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from research.numerics.arrays import Matrix
from research.numerics.chi_square import chi2_sf

Adjustment: TypeAlias = Literal["mean", "shift", "df"]


class Difference(NamedTuple):
    """The difference of two chi-square statistics."""

    chisq: float
    df: float
    p: float


def scaled_difference(chisq: float, df: float, mean0: float, mean1: float) -> Difference:
    """Satorra & Bentler (2001, 2010): chisq / c, c = (mean0 - mean1)/df.

    chisq: difference of the plain statistics; `mean0`, `mean1`: c df of the model with more degrees of
    freedom and of the one with fewer. NaN where c is not positive: use the 2010 form.
    """
    if not df > 0:
        return Difference(chisq, df, math.nan)
    c = (mean0 - mean1) / df
    value = chisq / c if c > 0 else math.nan
    return Difference(value, df, chi2_sf(value, df))


def satorra_2000(
    chisq: float,
    df: float,
    J: Sequence[Matrix],
    V: Sequence[Matrix],
    gammas: Sequence[Matrix],
    shares: Sequence[float],
    information: Matrix,
    A: Matrix,
    adjustment: Adjustment,
) -> Difference:
    """Satorra (2000): the restrictions A (r, q) on the parameters of the larger model.

    With P its information (q, q), U = V J P^-1 A'(A P^-1 A')^-1 A P^-1 J'V; chisq is divided by
    tr(U Gamma)/df ("mean"), or scaled and shifted by tr((U Gamma)^2) as well ("shift"), or referred to
    tr^2/tr((U Gamma)^2) degrees of freedom ("df"). J (k, q), V and gammas (k, k) a group.
    """
    if not df > 0:
        return Difference(chisq, df, math.nan)
    inverse = np.linalg.inv(information)
    inside = inverse @ A.T @ np.linalg.solve(A @ inverse @ A.T, A @ inverse)
    meat = np.zeros_like(inverse)
    for j, v, gamma, share in zip(J, V, gammas, shares, strict=True):
        VJ = v @ j if v.ndim == 2 else v[:, None] * j
        meat += share * (VJ.T @ gamma @ VJ)
    UG = inside @ meat
    first, second = float(np.trace(UG)), float((UG * UG.T).sum())
    if adjustment == "df":
        value, df = chisq * first / second, first**2 / second
    elif adjustment == "shift":
        scale = math.sqrt(df / second)
        value = chisq * scale + df - scale * first
    else:
        value = chisq * df / first
    return Difference(value, df, chi2_sf(value, df))


def restrictions_by_jacobian(J1: Matrix, J0: Matrix, df: int) -> Matrix:
    """A (df, q1) with A H = 0 for the H of J0 = J1 H: what the smaller model holds, at first order."""
    H, *_ = np.linalg.lstsq(J1, J0, rcond=None)
    left, _, _ = np.linalg.svd(H)
    return np.asarray(left[:, len(left) - df :].T)
