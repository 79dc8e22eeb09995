"""Score tests of releasing single rows of a table: those that share a parameter, and those that are fixed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from research.errors import ModelError
from research.estimation.compiled import compile_table
from research.estimation.modification import score_and_information
from research.estimation.ordinal_fit import OrdinalFit
from research.estimation.ordinal_model import ordinal_model
from research.model.table import ParameterTable
from research.numerics.arrays import Matrix, Vector
from research.numerics.score_test import univariate_scores

if TYPE_CHECKING:
    from research.estimation.fit import Fit


class Released(NamedTuple):
    """Of each row asked about: the test with one degree of freedom, and the change that it expects, (e,)."""

    chisq: Vector
    epc: Vector


def release_tests(fit: Fit, rows: Sequence[int]) -> Released:
    """The test of giving each of `rows` (places in the fit's table) a parameter of its own, one at a time.

    A row that shares its parameter with others leaves them; a fixed row becomes free. In the coordinates
    (theta, delta), where delta is what the released row differs by, all other rows stay held:
    s_delta' V^-1 s_delta, with the expected information whatever the standard errors are made of
    (Rao 1948; Silvey 1959). `epc`: the expected value of delta. NaN where the release is not identified.
    """
    if not fit.converged:
        raise ModelError("the model did not converge, so there is no score test")
    q = fit.table.n_free
    table = _with_own_places(fit.table, rows)
    values = [fit.solution.values[at] for at in rows]
    theta = np.concatenate([fit.theta, values])
    lift = np.eye(q + len(rows))
    for number, at in enumerate(rows):
        shared = fit.table.parameters[at].free
        if shared:
            lift[q + number, shared - 1] = 1.0
    with np.errstate(all="ignore"):
        score, information = _pieces(fit, table, theta)
        free = np.eye(q) if fit.constraints.basis is None else fit.constraints.basis
        slopes = lift.T @ score
        return Released(*univariate_scores(slopes[q:], lift.T @ information @ lift, free, fit.n_obs))


def _with_own_places(table: ParameterTable, rows: Sequence[int]) -> ParameterTable:
    parameters = list(table.parameters)
    for number, at in enumerate(rows, start=table.n_free + 1):
        parameters[at] = parameters[at]._replace(free=number, value=math.nan, label="")
    return replace(table, parameters=tuple(parameters))


def _pieces(fit: Fit, table: ParameterTable, theta: Vector) -> tuple[Vector, Matrix]:
    """Slope and expected information of one row; groups count by their rows."""
    if not isinstance(fit, OrdinalFit):
        return score_and_information(fit, compile_table(table), theta)
    names = {fit.sample.variables[at] for of in fit.model.blocks for at in of.ordered}
    wide = ordinal_model(table, tuple(names), fit.options.parameterization)
    problem = replace(fit.problem, blocks=wide.blocks)
    point = problem.point(theta)
    shares = tuple(group.n_obs / fit.n_obs for group in fit.sample.groups)
    score = -point.gradient / 2.0 * (fit.sample.weight / fit.n_obs)
    return score, replace(problem, shares=shares).expected(point) / 2.0
