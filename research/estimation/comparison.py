"""Comparison of nested models: likelihood-ratio tests and their corrections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from research.errors import ModelError, OptionError
from research.estimation import estimates
from research.estimation.browne import browne_residual
from research.estimation.problem import moment_covariance, problem_of
from research.estimation.run import scaled_traces
from research.numerics.arrays import Matrix
from research.numerics.chi_square import chi2_sf
from research.numerics.difference_test import (
    Difference,
    restrictions_by_jacobian,
    satorra_2000,
    scaled_difference,
)
from research.numerics.implied import jacobian
from research.numerics.likelihood import MaximumLikelihood, inverse_and_logdet
from research.numerics.moment_space import normal_weight
from research.numerics.weighted_squares import LeastSquares

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit

Method = Literal["default", "standard", "satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000"]
METHODS = ("default", "standard", "satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000")
TYPES = ("chisq", "browne_residual_adf")


def compare(
    *fits: Fit,
    method: Method = "default",
    a_method: Literal["delta", "exact"] = "delta",
    scaled_shifted: bool = True,
    type: Literal["chisq", "browne_residual_adf"] = "chisq",
    names: Sequence[str] = (),
) -> pd.DataFrame:
    """Nested models side by side: `model df aic bic chisq chisq_diff df_diff p`, in the order of df.

    method: "default" is the plain difference, the Satorra-Bentler (2001) test where the models have a scaled
        test, and Satorra (2000) where theirs is mean- and variance-adjusted. "satorra_bentler_2010" cannot
        come out negative.
    a_method: how Satorra (2000) finds the restrictions: "delta" from the Jacobians, "exact" from the tables.
    scaled_shifted: for Satorra (2000), match the variance as well as the mean.
    type: "browne_residual_adf" compares Browne's residual-based statistics.
    names: what the models are called; "1", "2" … if left out.

    `p` refers to the model in the row against the one above. Errors: fewer than two models, models of other
    rows or variables, one that did not converge.
    """
    chosen = _checked(fits, str(method).replace(".", "_"), str(type).replace(".", "_"), a_method)
    called = list(names) or [str(at + 1) for at in range(len(fits))]
    if len(called) != len(fits):
        raise OptionError(f"{len(called)} names for {len(fits)} models")
    order = sorted(range(len(fits)), key=lambda at: fits[at].df)
    browne = str(type).startswith("browne")
    chisq = [browne_residual(fit).chisq if browne else fit.statistic.chisq for fit in fits]
    rows: dict[str, list[Any]] = {
        name: [] for name in ("df", "aic", "bic", "chisq", "chisq_diff", "df_diff", "p")
    }
    with np.errstate(all="ignore"):
        for place, at in enumerate(order):
            fit, measures = fits[at], fits[at].measures()
            found = Difference(math.nan, math.nan, math.nan)
            if place:
                below = order[place - 1]
                gap = chisq[at] - chisq[below]
                found = _difference(
                    fits[below], fit, gap, "standard" if browne else chosen, a_method, scaled_shifted
                )
            shown = (
                fit.df,
                measures.get("aic", math.nan),
                measures.get("bic", math.nan),
                chisq[at],
                *found[:2],
            )
            for name, value in zip(rows, (*shown, found.p), strict=True):
                rows[name].append(value)
    columns: dict[str, Any] = {"model": [called[at] for at in order]}
    columns.update(
        {name: values if name == "df" else np.array(values, dtype=float) for name, values in rows.items()}
    )
    return estimates.frame(columns)


def _checked(fits: Sequence[Fit], method: str, type_: str, a_method: str) -> str:
    """The method to use; errors for what cannot be compared."""
    if len(fits) < 2:
        raise OptionError("compare needs two models or more")
    if method not in METHODS:
        raise OptionError(f"unknown method '{method}'; there are {', '.join(METHODS)}")
    if type_ not in TYPES:
        raise OptionError(f"unknown type '{type_}'; there are {', '.join(TYPES)}")
    if a_method not in ("delta", "exact"):
        raise OptionError(f"unknown a_method '{a_method}'; there are delta and exact")
    first = fits[0]
    for at, fit in enumerate(fits, start=1):
        if not fit.converged:
            raise ModelError(f"model {at} did not converge; it cannot be compared")
        if fit.n_obs != first.n_obs or fit.n_groups != first.n_groups:
            raise ModelError(
                f"model {at} was fitted to {fit.n_obs} rows, the first to {first.n_obs}; use the same rows"
            )
        if sorted(fit.sample.variables) != sorted(first.sample.variables):
            raise ModelError(
                f"model {at} has other observed variables than the first; nested models have the same"
            )
        if fit.options.discrepancy != first.options.discrepancy:
            raise ModelError(f"model {at} has another estimator than the first")
    if method != "default":
        return method
    tests = {fit.options.test for fit in fits if fit.scaled is not None}
    if not tests:
        return "standard"
    return "satorra_2000" if tests & {"scaled_shifted", "mean_var_adjusted"} else "satorra_bentler_2001"


def _difference(m1: Fit, m0: Fit, gap: float, method: str, a_method: str, shifted: bool) -> Difference:
    """Test of `m0` against `m1`, which has fewer degrees of freedom."""
    df = m0.df - m1.df
    if method == "standard":
        return Difference(gap, df, chi2_sf(gap, df))
    if method == "satorra_2000":
        return _satorra_2000(m1, m0, gap, df, a_method, shifted)
    if m0.traces is None or m1.traces is None:
        raise OptionError(
            f"method '{method}' needs models with a scaled test: fit them with estimator='MLR' or 'MLM'"
        )
    first = m1.traces.first
    if method == "satorra_bentler_2010":
        first = _trace_at(m1, m0)
    return scaled_difference(gap, df, m0.traces.first, first)


def _trace_at(m1: Fit, m0: Fit) -> float:
    """c df of the larger model at the estimates of the smaller one."""
    values = dict(zip(_keys(m0), m0.solution.values, strict=False))
    theta = m1.theta.copy()
    for key, parameter in zip(_keys(m1), m1.table.parameters, strict=True):
        if parameter.free and key in values:
            theta[parameter.free - 1] = values[key]
    problem = problem_of(m1.compiled, m1.sample, m1.options)
    return scaled_traces(problem, problem.point(theta), m1.sample, m1.options, m1.constraints.basis).first


def _satorra_2000(m1: Fit, m0: Fit, gap: float, df: int, a_method: str, shifted: bool) -> Difference:
    problem = problem_of(m1.compiled, m1.sample, m1.options)
    if not isinstance(problem, MaximumLikelihood | LeastSquares):
        raise OptionError("method 'satorra_2000' needs complete rows; use 'satorra_bentler_2001'")
    J1, J0 = (
        [jacobian(block, at) for block, at in zip(fit.compiled.blocks, fit.implied_blocks, strict=True)]
        for fit in (m1, m0)
    )
    basis = m1.constraints.basis
    if a_method == "exact":
        A = _restrictions(m1, m0)
        A = A if basis is None else A @ basis
    else:
        inside = [J if basis is None else J @ basis for J in J1]
        other = [J if m0.constraints.basis is None else J @ m0.constraints.basis for J in J0]
        A = restrictions_by_jacobian(np.vstack(inside), np.vstack(other), df)
    if isinstance(problem, LeastSquares):
        V, shares = list(problem.weights), list(problem.shares)
        information = problem.expected(problem.point(m1.theta)) / 2.0
    else:
        V = [
            normal_weight(inverse_and_logdet(at.Sigma)[0], block.means)
            for block, at in zip(problem.blocks, m1.implied_blocks, strict=True)
        ]
        shares = [each.share for each in problem.samples]
        point = problem.point(m1.theta)
        observed = m1.options.information == "observed"
        information = (problem.hessian(point) if observed else problem.expected(point)) / 2.0
    gammas = [
        moment_covariance(g, block) for g, block in zip(m1.sample.groups, m1.compiled.blocks, strict=True)
    ]
    if basis is not None:
        information, J1 = basis.T @ information @ basis, [J @ basis for J in J1]
    return satorra_2000(gap, df, J1, V, gammas, shares, information, A, shifted=shifted)


def _restrictions(m1: Fit, m0: Fit) -> Matrix:
    """What the table of m0 fixes or equates among the free parameters of m1, (r, q1)."""
    places = {key: p.free - 1 for key, p in zip(_keys(m1), m1.table.parameters, strict=True) if p.free}
    together: dict[int, list[int]] = {}
    rows = []
    unit = np.eye(m1.table.n_free)
    for key, parameter in zip(_keys(m0), m0.table.parameters, strict=True):
        if key not in places:
            continue
        if parameter.free:
            together.setdefault(parameter.free, []).append(places[key])
        elif not parameter.exogenous:
            rows.append(unit[places[key]])
    for members in together.values():
        first, *others = dict.fromkeys(members)
        rows += [unit[first] - unit[other] for other in others]
    if not rows:
        raise ModelError(
            "the tables show no restriction of one model that the other lacks; use a_method='delta'"
        )
    return np.array(rows)


def _keys(fit: Fit) -> list[tuple[str, str, str, int, int]]:
    out = []
    for p in fit.table.parameters:
        left, right = sorted((p.lhs, p.rhs)) if p.op == "~~" else (p.lhs, p.rhs)
        out.append((left, str(p.op), right, p.group, p.level))
    return out
