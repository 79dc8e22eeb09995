"""Comparison of nested models: likelihood-ratio tests and their corrections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from research.errors import ModelError, OptionError
from research.estimation import estimates
from research.estimation.browne import browne_residual
from research.estimation.incomplete import FULL_INFORMATION, TWO_STAGE, fitted_moments, saturated_covariance
from research.estimation.measures import likelihood_measures
from research.estimation.ordinal_fit import OrdinalFit
from research.estimation.problem import Kind, moment_covariance, problem_of
from research.estimation.problem import information as information_at
from research.estimation.run import scaled_traces
from research.estimation.scaled import Traces, scaled_statistic
from research.numerics.arrays import Matrix
from research.numerics.casewise import moment_traces
from research.numerics.chi_square import chi2_sf
from research.numerics.difference_test import (
    Adjustment,
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
        test, and Satorra (2000) where theirs is mean- and variance-adjusted. "satorra_bentler_2010" hardly
        ever comes out negative (NaN is shown then; satorra_2000 never does).
    a_method: how Satorra (2000) finds the restrictions: "delta" from the Jacobians, "exact" from the tables.
    scaled_shifted: for Satorra (2000), match the variance as well as the mean, by a shift; if False, by the
        degrees of freedom where the models' own tests are mean- and variance-adjusted, else not at all.
    type: "browne_residual_adf" compares Browne's residual-based statistics.
    names: what the models are called; "1", "2" … if left out.

    `p` refers to the model in the row against the one above. Errors: fewer than two models, models of other
    rows or variables, one that did not converge.

    >>> import research
    >>> answers = research.example_responses()
    >>> free = research.cfa("t =~ trust1 + trust2 + trust3", answers)
    >>> equal = research.cfa("t =~ a*trust1 + a*trust2 + a*trust3", answers)
    >>> found = research.compare(free, equal, names=["free", "equal"])
    >>> found["model"].tolist(), found["df"].tolist(), found["p"].round(3).tolist()[1]
    (['free', 'equal'], [0, 2], 0.001)
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
            fit, measures = fits[at], likelihood_measures(fits[at])
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
    _refuse_by_kind(fits, method, type_)
    if method != "default":
        return method
    tests = {fit.options.test for fit in fits if fit.scaled is not None}
    if not tests:
        return "standard"
    return "satorra_2000" if tests & {"scaled_shifted", "mean_var_adjusted"} else "satorra_bentler_2001"


def _refuse_by_kind(fits: Sequence[Fit], method: str, type_: str) -> None:
    """Ordered variables or levels in some of the models only, or a method that is not for them."""
    levels = [fit.levels is not None for fit in fits]
    if any(levels) and not all(levels):
        raise ModelError("some models have two levels, others one; they cannot be compared")
    if any(levels) and (type_ != "chisq" or method in ("satorra_bentler_2010", "satorra_2000")):
        raise OptionError("two-level models are compared by method satorra_bentler_2001 or standard")
    ordinal = [isinstance(fit, OrdinalFit) for fit in fits]
    if any(ordinal) and not all(ordinal):
        raise ModelError("some models treat their items as ordered, others do not; they cannot be compared")
    if any(ordinal) and type_ != "chisq":
        raise OptionError("models of ordered variables are compared by their chi-squares: type='chisq'")


def _difference(m1: Fit, m0: Fit, gap: float, method: str, a_method: str, shifted: bool) -> Difference:
    """Test of `m0` against `m1`, which has fewer degrees of freedom."""
    df = m0.df - m1.df
    if method == "standard":
        return Difference(gap, df, chi2_sf(gap, df))
    if method == "satorra_2000":
        return _satorra_2000(m1, m0, gap, df, a_method, shifted)
    if m0.traces is None or m1.traces is None:
        raise OptionError(
            f"method '{method}' needs models with a scaled test: fit them with estimator='MLR' or 'MLM' "
            "(ordered variables: 'WLSMV')"
        )
    first = _traces_at(m1, m0) if method == "satorra_bentler_2010" else m1.traces
    return scaled_difference(gap, df, _factor(m0, m0.traces), _factor(m1, first))


def _factor(fit: Fit, traces: Traces) -> float:
    """The scaling factor of the test of `fit` times its degrees of freedom, as lavaan takes it."""
    name = fit.scaled.name if fit.scaled is not None and fit.df > 0 else ""
    if name in ("scaled_shifted", "mean_var_adjusted"):
        return scaled_statistic(0.0, fit.df, traces, name).scaling * fit.df
    return traces.first


def _traces_at(m1: Fit, m0: Fit) -> Traces:
    """What the test of the larger model is made of, at the estimates of the smaller one.

    A path, covariance or intercept that the smaller model does not name is zero in it.
    """
    values = dict(zip(_keys(m0), m0.solution.values, strict=False))
    theta = m1.theta.copy()
    for key, parameter in zip(_keys(m1), m1.table.parameters, strict=True):
        if parameter.free and (key in values or parameter.op != "~~" or parameter.lhs != parameter.rhs):
            theta[parameter.free - 1] = values.get(key, 0.0)
    if isinstance(m1, OrdinalFit):
        shares = [group.n_obs / m1.n_obs for group in m1.sample.groups]
        jacobians = [here.jacobian for here in m1.problem.point(theta).blocks]
        gammas = [group.gamma for group in m1.statistics]
        return Traces(*moment_traces(gammas, m1.problem.weights, jacobians, shares, m1.constraints.basis))
    problem = problem_of(m1.compiled, m1.sample, m1.options)
    return scaled_traces(problem, problem.point(theta), m1.sample, m1.options, m1.constraints.basis)


class _Pieces(NamedTuple):
    """By group: Jacobian, weight and covariance of the moments, and share; and the unit information."""

    J: list[Matrix]
    V: list[Matrix]
    gammas: list[Matrix]
    shares: list[float]
    information: Matrix


def _satorra_2000(m1: Fit, m0: Fit, gap: float, df: int, a_method: str, shifted: bool) -> Difference:
    larger, smaller = _pieces(m1), _pieces(m0)
    basis = m1.constraints.basis
    J1 = larger.J if basis is None else [J @ basis for J in larger.J]
    information = larger.information if basis is None else basis.T @ larger.information @ basis
    if a_method == "exact":
        A = _restrictions(m1, m0, larger.J[0].shape[1])
        A = A if basis is None else A @ basis
    else:
        other = m0.constraints.basis
        J0 = smaller.J if other is None else [J @ other for J in smaller.J]
        A = restrictions_by_jacobian(np.vstack(J1), np.vstack(J0), df)
    adjusted = m0.scaled is not None and m0.scaled.name in ("scaled_shifted", "mean_var_adjusted")
    how: Adjustment = "shift" if shifted else "df" if adjusted else "mean"
    return satorra_2000(gap, df, J1, larger.V, larger.gammas, larger.shares, information, A, how)


def _pieces(fit: Fit) -> _Pieces:
    """What the test is made of, at the estimates of one model."""
    if isinstance(fit, OrdinalFit):
        weights = fit.problem.weights
        return _Pieces(
            [here.jacobian for here in fit.point.blocks],
            list(weights),
            [group.gamma for group in fit.statistics],
            list(fit.problem.shares),
            fit.problem.expected(fit.point) / 2.0,
        )
    problem = problem_of(fit.compiled, fit.sample, fit.options)
    if fit.options.missing in (*FULL_INFORMATION, *TWO_STAGE):
        return _incomplete_pieces(fit)
    parts = list(zip(fit.compiled.blocks, fit.implied_blocks, strict=True))
    if isinstance(problem, LeastSquares):
        V, shares = list(problem.weights), list(problem.shares)
    elif isinstance(problem, MaximumLikelihood):
        V = [normal_weight(inverse_and_logdet(at.Sigma)[0], block.means) for block, at in parts]
        shares = [each.share for each in problem.samples]
    else:
        raise TypeError("full information has incomplete rows")
    kind: Kind = "observed" if fit.options.information == "observed" else "expected"
    return _Pieces(
        [jacobian(block, at) for block, at in parts],
        V,
        [moment_covariance(group, block) for group, (block, _) in zip(fit.sample.groups, parts, strict=True)],
        shares,
        information_at(problem, problem.point(fit.theta), kind),
    )


def _incomplete_pieces(fit: Fit) -> _Pieces:
    """Of incomplete rows: information and covariance of the saturated moments (Savalei & Bentler 2009).

    lavaan 0.6-14 takes a moment that a row lacks for one at its mean, which understates the covariance and
    makes the test too large; see tests/test_sem_missing.py.
    """
    two_stage = fit.options.missing in TWO_STAGE
    robust = fit.traces is not None if not two_stage else fit.options.missing == "robust_two_stage"
    J, V, gammas = [], [], []
    for group, block, at in zip(fit.sample.groups, fit.compiled.blocks, fit.implied_blocks, strict=True):
        kept = fitted_moments(len(group.mean), block.exogenous)
        weight, gamma = saturated_covariance(group, block.exogenous, robust=robust)
        if two_stage:
            weight = normal_weight(inverse_and_logdet(group.cov)[0], True)[np.ix_(kept, kept)]
        J.append(jacobian(block, at)[kept])
        V.append(weight)
        gammas.append(gamma)
    shares = [group.size / fit.sample.n_obs for group in fit.sample.groups]
    unit = np.sum([f * (j.T @ v @ j) for f, j, v in zip(shares, J, V, strict=True)], axis=0)
    return _Pieces(J, V, gammas, shares, unit)


def _restrictions(m1: Fit, m0: Fit, q: int) -> Matrix:
    """What the table of m0 fixes or equates among the free parameters of m1, (r, q)."""
    keys = zip(_keys(m1), m1.table.parameters, strict=True)
    places = {key: p.free - 1 for key, p in keys if 0 < p.free <= q}
    together: dict[int, list[int]] = {}
    rows = []
    unit = np.eye(q)
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
