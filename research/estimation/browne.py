"""Browne's residual-based statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

from research.errors import DataError
from research.estimation.problem import moment_covariance
from research.estimation.statistic import Statistic
from research.numerics.chi_square import chi2_sf
from research.numerics.implied import jacobian
from research.numerics.likelihood import inverse_and_logdet
from research.numerics.moment_space import exogenous_moments, moment_vector, normal_weight

if TYPE_CHECKING:
    from research.estimation.fit import Fit


Browne: TypeAlias = Literal["browne_residual_adf", "browne_residual_nt", "browne_residual_nt_model"]
BROWNE: tuple[Browne, ...] = get_args(Browne)


def browne_residual(fit: Fit, kind: Browne = "browne_residual_adf") -> Statistic:
    """n r'[W - W J (J'W J)^-1 J'W] r with W = Gamma^-1, r the residual moments (Browne 1984, eq. 2.20b).

    Asymptotically chi-square whatever the estimator. Gamma: of the rows ("adf", whatever their distribution),
    or of normal rows with the sample's moments ("nt") or the model's ("nt_model").
    """
    adf = kind == "browne_residual_adf"
    if (
        fit.levels is not None
        or fit.is_incomplete
        or fit.sample.n_missing
        or (adf and not fit.sample.has_data)
    ):
        raise DataError("Browne's residual test needs complete rows of one level")
    q = fit.compiled.n_parameters
    rWr, JWr, JWJ = 0.0, np.zeros(q), np.zeros((q, q))
    for block, at, group in zip(fit.compiled.blocks, fit.implied_blocks, fit.sample.groups, strict=True):
        p = block.layout.n_observed
        S = group.cov
        if adf:
            gamma = moment_covariance(group, block)
        else:
            at_moments = S if kind == "browne_residual_nt" else at.Sigma
            P, _ = inverse_and_logdet(at_moments)
            gamma, _ = inverse_and_logdet(normal_weight(P, block.means))
        kept = np.setdiff1d(np.arange(len(gamma)), exogenous_moments(p, block.exogenous, block.means))
        inverse = np.linalg.inv(gamma[np.ix_(kept, kept)])
        r = moment_vector(S - at.Sigma, group.mean - at.mu if block.means else None)[kept]
        J = jacobian(block, at)[kept]
        WJ = inverse @ J
        rWr += group.weight * float(r @ inverse @ r)
        JWr += group.weight * (WJ.T @ r)
        JWJ += group.weight * (J.T @ WJ)
    basis = fit.constraints.basis
    if basis is not None:
        JWr, JWJ = basis.T @ JWr, basis.T @ JWJ @ basis
    chisq = rWr - float(JWr @ np.linalg.solve(JWJ, JWr))
    return Statistic(chisq, fit.df, chi2_sf(chisq, fit.df), name=kind)
