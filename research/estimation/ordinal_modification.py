"""Modification indices of models with ordered variables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ModelError
from research.estimation.candidates import candidates, with_free
from research.estimation.modification import index_frame
from research.estimation.ordinal_model import ordinal_model
from research.numerics.score_test import univariate_scores
from research.numerics.standardize import standardized_by

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.ordinal_fit import OrdinalFit


def ordinal_modification(fit: OrdinalFit) -> pd.DataFrame:
    """`lhs op rhs group mi epc sepc_all`, one row a parameter that is held and could be freed.

    The score test of the weighted least squares, by J'WJ. Residual variances of ordered variables are left
    out where they follow from the scales, and so is what thresholds already carry (intercepts).
    """
    if not fit.converged:
        raise ModelError("the model did not converge, so there are no modification indices")
    names = {fit.sample.variables[at] for of in fit.model.blocks for at in of.ordered}
    delta = fit.options.parameterization == "delta"
    extra = tuple(
        p for p in candidates(fit.table) if not (delta and p.op == "~~" and p.lhs == p.rhs and p.lhs in names)
    )
    n_free = fit.table.n_free
    wide = ordinal_model(with_free(fit.table, extra), tuple(names), fit.options.parameterization)
    theta = np.concatenate([fit.theta, [p.value for p in extra]])
    by_rows = tuple(group.n_obs / fit.n_obs for group in fit.sample.groups)
    with np.errstate(all="ignore"):
        problem = replace(fit.problem, blocks=wide.blocks)
        point = problem.point(theta)
        score = -point.gradient / 2.0 * (fit.sample.weight / fit.n_obs)
        information = replace(problem, shares=by_rows).expected(point) / 2.0
    free = np.eye(n_free) if fit.constraints.basis is None else fit.constraints.basis
    mi, epc = univariate_scores(score[n_free:], information, free, fit.n_obs)
    change = np.full(wide.compiled.n_parameters, np.nan)
    change[n_free : len(theta)] = epc
    standard = np.full(len(extra), np.nan)
    for rows, block, at in zip(wide.compiled.rows, wide.compiled.blocks, fit.implied_blocks, strict=True):
        values = standardized_by(rows, block, at, change[rows.parameter])
        new = (rows.parameter >= n_free) & (rows.parameter < len(theta))
        standard[rows.parameter[new] - n_free] = values[new]
    return index_frame(fit.table, extra, mi, epc, standard)
