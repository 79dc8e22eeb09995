"""What the model would gain: modification indices, score tests of equalities, Wald tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ModelError
from research.estimation import estimates
from research.estimation.candidates import candidates, with_free
from research.estimation.compiled import compile_table
from research.estimation.incomplete import TWO_STAGE, fitted_moments, saturated_information
from research.estimation.problem import problem_of
from research.numerics.arrays import Matrix, Vector
from research.numerics.full_information import FullInformation
from research.numerics.implied import jacobian
from research.numerics.likelihood import inverse_and_logdet
from research.numerics.moment_space import exogenous_moments, normal_weight
from research.numerics.score_test import univariate_scores
from research.numerics.standardize import standardized_change
from research.numerics.weighted_squares import LeastSquares

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.compiled import Compiled
    from research.estimation.fit import Fit
    from research.model.table import Parameter, ParameterTable


def modification_indices(fit: Fit) -> pd.DataFrame:
    """`lhs op rhs group mi epc sepc_all`, one row a parameter that is held and could be freed.

    `mi`: the score test with one degree of freedom, by the expected information whatever the standard errors
    are made of; `epc`: the expected change of the parameter; `sepc_all`: that change, standardized; of a
    variance, as in lavaan, the standardized value it is held at with the sign of the change. Left out are
    parameters without which the model is identified and with which it is not.
    """
    extra = candidates(fit.table)
    if not fit.converged:
        raise ModelError("the model did not converge, so there are no modification indices")
    if fit.levels is not None:
        raise ModelError(
            "modification indices of two-level models are not carried out; compare fitted models"
        )
    n_free = fit.table.n_free
    wide = compile_table(with_free(fit.table, extra))
    with np.errstate(all="ignore"):
        score, information = score_and_information(fit, wide, np.concatenate([fit.theta, _values(extra)]))
    free = np.eye(n_free) if fit.constraints.basis is None else fit.constraints.basis
    mi, epc = univariate_scores(score[n_free:], information, free, fit.n_obs)
    change = np.full(n_free + len(extra), np.nan)
    change[n_free:] = epc
    standard = np.full(len(extra), np.nan)
    for rows, block, at in zip(wide.rows, wide.blocks, fit.implied_blocks, strict=True):
        values = standardized_change(rows, block, at, change[rows.parameter])
        new = rows.parameter >= n_free
        standard[rows.parameter[new] - n_free] = values[new]
    return index_frame(fit.table, extra, mi, epc, standard)


def index_frame(
    table: ParameterTable, extra: tuple[Parameter, ...], mi: Vector, epc: Vector, standard: Vector
) -> pd.DataFrame:
    """`lhs op rhs group mi epc sepc_all` of the candidates `extra` whose index is a number."""
    kept = np.flatnonzero(np.isfinite(mi))
    groups = table.groups if len(table.groups) > 1 else ("",)
    return estimates.frame(
        {
            "lhs": [extra[at].lhs for at in kept],
            "op": [str(extra[at].op) for at in kept],
            "rhs": [extra[at].rhs for at in kept],
            "group": [groups[extra[at].group - 1] for at in kept],
            "mi": mi[kept],
            "epc": epc[kept],
            "sepc_all": standard[kept],
        }
    )


def score_and_information(fit: Fit, wide: Compiled, theta: Vector) -> tuple[Vector, Matrix]:
    """Slope (q,) of the log-likelihood of one row and its expected information (q, q), for the model `wide`.

    Groups count by their rows. For least squares the slope is lavaan's: that of F (n - 1)/n. The moments of
    fixed x carry no information; those of the first of two stages are weighed at themselves.
    """
    problem = problem_of(wide, fit.sample, fit.options)
    by_rows = tuple(group.size / fit.n_obs for group in fit.sample.groups)
    if isinstance(problem, FullInformation):
        full = problem.point(theta)
        information = np.zeros((len(theta), len(theta)))
        for group, block, share, (at, _) in zip(
            fit.sample.groups, wide.blocks, by_rows, full.blocks, strict=True
        ):
            J = jacobian(block, at)[fitted_moments(len(group.mean), block.exogenous)]
            W = saturated_information(group, block.exogenous, at, observed=False)
            information += share * (J.T @ W @ J)
        return -full.gradient / 2.0, information
    if isinstance(problem, LeastSquares):
        score = -problem.point(theta).gradient / 2.0 * (fit.sample.weight / fit.n_obs)
        same = replace(problem, shares=by_rows)
        return score, same.expected(same.point(theta)) / 2.0
    place = problem.point(theta)
    two_stage = fit.options.missing in TWO_STAGE
    if not any(len(block.exogenous) for block in wide.blocks) and not two_stage:
        return -place.gradient / 2.0, problem.expected(place) / 2.0
    information = np.zeros((len(theta), len(theta)))
    for group, block, share, piece in zip(fit.sample.groups, wide.blocks, by_rows, place.blocks, strict=True):
        P, _ = inverse_and_logdet(group.cov if two_stage else piece.at.Sigma)
        W = normal_weight(P, block.means)
        fixed = exogenous_moments(len(P), block.exogenous, block.means)
        W[fixed] = W[:, fixed] = 0.0
        J = jacobian(block, piece.at)
        information += share * (J.T @ W @ J)
    return -place.gradient / 2.0, information


def _values(rows: Sequence[Parameter]) -> Vector:
    return np.array([row.value for row in rows])
