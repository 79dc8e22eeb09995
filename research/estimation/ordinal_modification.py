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
from research.numerics.standardize import standardized_change

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.ordinal_fit import OrdinalFit
    from research.model.table import Parameter


def ordinal_modification(fit: OrdinalFit) -> pd.DataFrame:
    """`lhs op rhs group mi epc sepc_all`, one row a parameter that is held and could be freed.

    The score test of the weighted least squares, by J'WJ. Residual variances of ordered variables are left
    out where they follow from the scales, scales (`~*~`) where they follow from residual variances, and so is
    what thresholds already carry (intercepts). `sepc_all` of a scale is the sign of its change, as in lavaan.
    """
    if not fit.converged:
        raise ModelError("the model did not converge, so there are no modification indices")
    names = {fit.sample.variables[at] for of in fit.model.blocks for at in of.ordered}
    delta = fit.options.parameterization == "delta"
    extra = tuple(p for p in candidates(fit.table) if not _follows(p, names, delta))
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
    for rows, block, at, of in zip(
        wide.compiled.rows, wide.compiled.blocks, fit.implied_blocks, wide.blocks, strict=True
    ):
        values = standardized_change(rows, block, at, change[rows.parameter])
        new = (rows.parameter >= n_free) & (rows.parameter < len(theta))
        standard[rows.parameter[new] - n_free] = values[new]
        cut, scale = of.threshold >= n_free, of.scale[of.scale >= n_free]
        sd = np.sqrt(np.diagonal(at.Sigma)[of.item[cut]])
        standard[of.threshold[cut] - n_free] = change[of.threshold[cut]] / sd
        standard[scale - n_free] = np.sign(change[scale])
    return index_frame(fit.table, extra, mi, epc, standard)


def _follows(p: Parameter, ordered: set[str], delta: bool) -> bool:
    """Whether a row is no parameter of its own: of residual variance and scale one follows from the other."""
    if p.op == "~*~":
        return not delta
    return delta and p.op == "~~" and p.lhs == p.rhs and p.lhs in ordered
