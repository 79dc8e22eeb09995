"""Score tests of what a model holds, and Wald tests of what it does not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ModelError, did_you_mean
from research.estimation import estimates
from research.estimation.candidates import with_free
from research.estimation.compiled import compile_table, row_name
from research.estimation.constraints import Restriction, null_space
from research.estimation.modification import score_and_information
from research.estimation.statistic import Statistic
from research.model.syntax import parse
from research.model.table import Parameter
from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import chi2_sf
from research.numerics.score_test import released_score, univariate_scores, wald

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit
    from research.model.table import ParameterTable


def score_test(fit: Fit, add: str = "") -> pd.DataFrame:
    """`lhs op rhs chisq df p`: the test of everything at once in the first row, then one by one.

    Without `add`: of the equality constraints, by label, across groups and written out; releasing one leaves
    the others. With `add` (model text: `x1 ~~ x2`): of parameters that the model fixes or leaves out.
    Information is the expected one, whatever the standard errors are made of.
    """
    if not fit.converged:
        raise ModelError("the model did not converge, so there is no score test")
    if fit.levels is not None:
        raise ModelError("score tests of two-level models are not carried out; compare fitted models instead")
    if add:
        return _added(fit, add)
    table, first = _split(fit.table)
    shared = [at for at, p in enumerate(table.parameters) if p.free and first[p.free - 1] != p.free - 1]
    names: list[tuple[str, str, str]] = []
    rows: list[Vector] = []
    lifted = _lift(fit, first)
    for (left, right), slope in zip(_written(fit), _equality_slopes(fit) @ lifted, strict=True):
        names.append((left, "==", right))
        rows.append(slope)
    for at in shared:
        own = table.parameters[at].free - 1
        slope = np.zeros(table.n_free)
        slope[first[own]], slope[own] = 1.0, -1.0
        owner = next(p for p in table.parameters if p.free == first[own] + 1)
        names.append((row_name(owner, table.groups), "==", row_name(table.parameters[at], table.groups)))
        rows.append(slope)
    if not rows:
        raise ModelError("the model has no equality constraints to test; see modification_indices")
    theta = np.array([fit.theta[fit.table.parameters[at].free - 1] for at in _first_rows(table)])
    score, information = _quietly(fit, table, theta)
    J = np.array(rows)
    tests = [released_score(score, information, np.eye(len(theta)), fit.n_obs)]
    for at in range(len(J)):
        rest = np.delete(J, at, axis=0)
        free = null_space(rest) if len(rest) else np.eye(len(theta))
        tests.append(released_score(score, information, free, fit.n_obs))
    return _frame(names, tests, int(np.linalg.matrix_rank(J)))


def wald_test(fit: Fit, constraints: str) -> Statistic:
    """Test of equalities that the model does not hold: `a == b`, several to the text, one a line.

    W = h'(J V J')^-1 h with the sampling covariance V that the standard errors come from.
    """
    if fit.vcov is None:
        raise ModelError("a Wald test needs standard errors; the notes of the fit say why there are none")
    text = parse(constraints)
    if not text.relations or text.rows or any(one.op != "==" for one in text.relations):
        raise ModelError(f"a Wald test takes equalities such as 'a == b', not '{constraints.strip()}'")
    defined = {one.name: one.expression for one in fit.table.defined}
    restrictions = []
    for one in text.relations:
        left, right = one.left.replace(defined), one.right.replace(defined)
        _check(fit, (*left.names, *right.names))
        restrictions.append(Restriction(left, right, 1.0, False, ""))
    gap, J = fit.constraints.gaps(restrictions, fit.theta)
    chisq, df = wald(gap, J, fit.vcov)
    return Statistic(chisq, df, chi2_sf(chisq, df) if df else math.nan, name="wald")


def _added(fit: Fit, add: str) -> pd.DataFrame:
    extra = _rows_of(fit, add)
    q = fit.table.n_free
    table = with_free(fit.table, extra)
    theta = np.concatenate([fit.theta, [row.value for row in extra]])
    score, information = _quietly(fit, table, theta)
    free = np.eye(q) if fit.constraints.basis is None else fit.constraints.basis
    single, _ = univariate_scores(score[q:], information, free, fit.n_obs)
    both = np.zeros((len(theta), free.shape[1] + len(extra)))
    both[:q, : free.shape[1]] = free
    both[q:, free.shape[1] :] = np.eye(len(extra))
    total = released_score(np.where(np.arange(len(theta)) < q, 0.0, score), information, both, fit.n_obs)
    names = [(row_name(row, fit.table.groups), "==", f"{row.value:g}") for row in extra]
    return _frame(names, [total, *single], len(extra))


def _rows_of(fit: Fit, add: str) -> list[Parameter]:
    """The parameters in `add`, in every group, at the values they have now."""
    known = {*fit.table.observed, *fit.table.latent}
    extra = []
    for row in parse(add).rows:
        for name in (row.lhs, row.rhs):
            if name and name not in known:
                raise ModelError(f"'{name}' is not in the model.{did_you_mean(name, known)}")
        for group, level in sorted({(p.group, p.level) for p in fit.table.parameters}):
            pair = {(row.lhs, row.rhs), (row.rhs, row.lhs)} if row.op == "~~" else {(row.lhs, row.rhs)}
            there = [
                p
                for p in fit.table.parameters
                if (p.group, p.level, p.op) == (group, level, row.op) and (p.lhs, p.rhs) in pair
            ]
            if there and (there[0].free or there[0].exogenous):
                raise ModelError(f"'{row_name(there[0])}' is free already; a score test asks what is held")
            new = Parameter(row.lhs, row.op, row.rhs, group, level, value=0.0, user=False)
            extra.append(there[0] if there else new)
    if not extra:
        raise ModelError(f"'{add.strip()}' names no parameter; write 'x1 ~~ x2'")
    return extra


def _split(table: ParameterTable) -> tuple[ParameterTable, list[int]]:
    """A place of its own for every free row; and for each place, that of the first row that shared it."""
    rows, first, number = [], [], 0
    owner: dict[int, int] = {}
    for p in table.parameters:
        if p.free:
            number += 1
            first.append(owner.setdefault(p.free, number - 1))
            p = p._replace(free=number)
        rows.append(p)
    return replace(table, parameters=tuple(rows)), first


def _first_rows(table: ParameterTable) -> list[int]:
    return [at for at, p in enumerate(table.parameters) if p.free]


def _lift(fit: Fit, first: Sequence[int]) -> Matrix:
    """(q, q split): a slope by a parameter belongs to the first row that it stands in."""
    owners = sorted(set(first))
    out = np.zeros((fit.table.n_free, len(first)))
    places = [p.free - 1 for p in fit.table.parameters if p.free]
    for owner in owners:
        out[places[owner], owner] = 1.0
    return out


def _written(fit: Fit) -> list[tuple[str, str]]:
    return [(one.left.text, one.right.text) for one in (*fit.constraints.linear, *fit.constraints.nonlinear)]


def _equality_slopes(fit: Fit) -> Matrix:
    return np.vstack([fit.constraints.J, fit.constraints.gaps(fit.constraints.nonlinear, fit.theta)[1]])


def _quietly(fit: Fit, table: ParameterTable, theta: Vector) -> tuple[Vector, Matrix]:
    with np.errstate(all="ignore"):
        return score_and_information(fit, compile_table(table), theta)


def _check(fit: Fit, names: Sequence[str]) -> None:
    known = {*fit.constraints.book.place, *fit.constraints.book.constant}
    labels = [name for name in known if not name.startswith(".")]
    for name in names:
        if name not in known:
            raise ModelError(f"no parameter has the label '{name}'.{did_you_mean(name, labels)}")


def _frame(names: Sequence[tuple[str, str, str]], tests: Sequence[float], df: int) -> pd.DataFrame:
    """The joint test first."""
    degrees = [df] + [1] * len(names)
    return estimates.frame(
        {
            "lhs": ["all", *(lhs for lhs, _, _ in names)],
            "op": ["", *(op for _, op, _ in names)],
            "rhs": ["", *(rhs for _, _, rhs in names)],
            "chisq": np.array(tests),
            "df": np.array(degrees, dtype=float),
            "p": np.array([chi2_sf(value, n) for value, n in zip(tests, degrees, strict=True)]),
        }
    )
