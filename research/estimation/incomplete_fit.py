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
    q = len(point.gradient)
    H, JVJ, meat, cross = (np.zeros((q, q)) for _ in range(4))
    chisq, total = 0.0, 0.0
    for group, block, (here, _), (A, Gamma) in zip(
        sample.groups, problem.blocks, point.blocks, saturated, strict=True
    ):
        chisq += group.size * _distance(group, here)
        kept = fitted_moments(len(group.mean), block.exogenous)
        V = normal_weight(inverse_and_logdet(group.cov)[0], True)[np.ix_(kept, kept)]
        J = jacobian(block, here)[kept]
        own = np.flatnonzero(J.any(axis=0))  # other groups have parameters of their own
        J = J[:, own]
        AJ, VJ = A @ J, V @ J
        GAJ = Gamma @ AJ
        for sums, product in ((H, J.T @ AJ), (JVJ, J.T @ VJ), (meat, AJ.T @ GAJ), (cross, VJ.T @ GAJ)):
            sums[np.ix_(own, own)] += group.size / sample.n_obs * product
        total += float(np.vdot(V, Gamma))
    inverse = inverse_along(H, basis)
    total -= 2.0 * float(np.vdot(inverse, cross))
    return chisq, total + float(np.vdot(inverse @ JVJ @ inverse, meat))


def incomplete_gfi(group: GroupSample, block: Block, at: Implied) -> float:
    """GFI of incomplete rows: pairwise covariances, weighted by the information of what was observed.

    With sampling weights the saturated moments stand for the pairwise ones, as in lavaan.
    """
    kept = fitted_moments(len(group.mean), block.exogenous)
    V = saturated_information(group, block.exogenous, at, observed=False)
    cov, mean = group.cov, group.mean
    if group.data is not None and group.sampling_weights is None:
        cov = pairwise_covariance(group.data) * ((len(group.data) - 1.0) / group.weight)
        mean = np.nanmean(group.data, axis=0)
    sample, model = moment_vector(cov, mean), moment_vector(at.Sigma, at.mu)
    return weighted_gfi(sample[kept], model[kept], V)


def _distance(group: GroupSample, here: Implied) -> float:
    """F_ML of the saturated moments at the implied ones."""
    P, logdet = inverse_and_logdet(here.Sigma)
    gap = group.mean - here.mu
    top = float(inverse_and_logdet(group.cov)[1])
    return float(logdet) - top + float((P * group.cov).sum()) - len(gap) + float(gap @ P @ gap)
