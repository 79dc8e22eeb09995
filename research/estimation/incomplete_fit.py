"""Fit of a model to incomplete rows as if they were complete (Zhang & Savalei 2023).

Full information inflates or deflates fit indices with the share of missing values. The discrepancy of the
saturated moments at the estimates does not, and its expectation c df is known from the information.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from research.estimation.incomplete import fitted_moments, saturated_information
from research.numerics.arrays import Matrix
from research.numerics.definite import inverse_along
from research.numerics.full_information import FullInformation, FullPoint
from research.numerics.implied import Implied, jacobian
from research.numerics.likelihood import inverse_and_logdet
from research.numerics.missing_patterns import pairwise_covariance
from research.numerics.moment_space import moment_vector, normal_weight
from research.numerics.residual_indices import weighted_gfi
from research.numerics.sem_layout import Block

if TYPE_CHECKING:
    from research.estimation.sample import GroupSample, Sample


def complete_discrepancy(
    problem: FullInformation,
    point: FullPoint,
    sample: Sample,
    basis: Matrix | None,
    saturated: Sequence[tuple[Matrix, Matrix]],
) -> tuple[float, float]:
    """N F of the saturated moments at the estimates, and tr(R'V R Gamma), its expectation.

    R = I - J (J'A J)^-1 J'A turns deviations of the saturated moments into residuals of the estimates, A
    their observed information, V the normal weight of complete rows, Gamma the covariance of the moments.
    `saturated`: A and Gamma of every group, from `saturated_covariance`.
    """
    A, V, J, Gamma, shares = [], [], [], [], []
    chisq = 0.0
    for group, block, (here, _), (bread, gamma) in zip(
        sample.groups, problem.blocks, point.blocks, saturated, strict=True
    ):
        chisq += group.size * _distance(group, here)
        kept = fitted_moments(len(group.mean), block.exogenous)
        P, _ = inverse_and_logdet(group.cov)
        A.append(bread)
        Gamma.append(gamma)
        V.append(normal_weight(P, True)[np.ix_(kept, kept)])
        J.append(jacobian(block, here)[kept])
        shares.append(group.size / sample.n_obs)
    H = np.sum([f * (j.T @ a @ j) for f, j, a in zip(shares, J, A, strict=True)], axis=0)
    inverse = inverse_along(H, basis)
    total = 0.0
    JVJ = np.sum([f * (j.T @ v @ j) for f, j, v in zip(shares, J, V, strict=True)], axis=0)
    meat = np.sum([f * (j.T @ a @ g @ a @ j) for f, j, a, g in zip(shares, J, A, Gamma, strict=True)], axis=0)
    for f, a, v, j, g in zip(shares, A, V, J, Gamma, strict=True):
        total += float((v * g.T).sum())
        total -= 2.0 * f * float((inverse * (j.T @ v @ g @ a @ j).T).sum())
    return chisq, total + float((inverse @ JVJ @ inverse * meat.T).sum())


def incomplete_gfi(group: GroupSample, block: Block, at: Implied) -> float:
    """GFI of incomplete rows: pairwise covariances, weighted by the information of what was observed."""
    kept = fitted_moments(len(group.mean), block.exogenous)
    V = saturated_information(group, block.exogenous, at, observed=False)
    data = group.data if group.data is not None else np.zeros((0, len(group.mean)))
    cov = pairwise_covariance(data) * ((len(data) - 1.0) / group.weight)
    sample, model = moment_vector(cov, np.nanmean(data, axis=0)), moment_vector(at.Sigma, at.mu)
    return weighted_gfi(sample[kept], model[kept], V)


def _distance(group: GroupSample, here: Implied) -> float:
    """F_ML of the saturated moments at the implied ones."""
    P, logdet = inverse_and_logdet(here.Sigma)
    gap = group.mean - here.mu
    top = float(inverse_and_logdet(group.cov)[1])
    return float(logdet) - top + float((P * group.cov).sum()) - len(gap) + float(gap @ P @ gap)
