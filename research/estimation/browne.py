"""Browne's residual-based statistic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.estimation.problem import moment_covariance
from research.estimation.statistic import Statistic
from research.numerics.chi_square import chi2_sf
from research.numerics.implied import jacobian
from research.numerics.moment_space import exogenous_moments, moment_vector

if TYPE_CHECKING:
    from research.estimation.fit import Fit


def browne_residual(fit: Fit) -> Statistic:
    """n r'[W - W J (J'W J)^-1 J'W] r with W = Gamma^-1, r the residual moments (Browne 1984, eq. 2.20b).

    Asymptotically chi-square whatever the distribution of the rows and whatever the estimator.
    """
    if not fit.sample.has_data or fit.sample.n_missing:
        raise DataError("Browne's residual test needs complete rows")
    q = fit.compiled.n_parameters
    rWr, JWr, JWJ = 0.0, np.zeros(q), np.zeros((q, q))
    for block, at, group in zip(fit.compiled.blocks, fit.implied_blocks, fit.sample.groups, strict=True):
        p = block.layout.n_observed
        gamma = moment_covariance(group, block)
        kept = np.setdiff1d(np.arange(len(gamma)), exogenous_moments(p, block.exogenous, block.means))
        inverse = np.linalg.inv(gamma[np.ix_(kept, kept)])
        S = group.cov * (group.weight / group.size)
        r = moment_vector(S - at.Sigma, group.mean - at.mu if block.means else None)[kept]
        J = jacobian(block, at)[kept]
        WJ = inverse @ J
        rWr += group.size * float(r @ inverse @ r)
        JWr += group.size * (WJ.T @ r)
        JWJ += group.size * (J.T @ WJ)
    basis = fit.constraints.basis
    if basis is not None:
        JWr, JWJ = basis.T @ JWr, basis.T @ JWJ @ basis
    chisq = rWr - float(JWr @ np.linalg.solve(JWJ, JWr))
    return Statistic(chisq, fit.df, chi2_sf(chisq, fit.df), name="browne_residual_adf")
