"""Estimation with ordered variables: from model text and a frame to an `OrdinalFit`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError
from research.estimation.admissibility import admissibility_notes
from research.estimation.bounds import bounds_of
from research.estimation.constraints import Constraints, constraints_of
from research.estimation.inference import Covariance, covariance_from_information
from research.estimation.ordinal_fit import OrdinalFit
from research.estimation.ordinal_model import OrdinalModel, ordinal_model
from research.estimation.ordinal_sample import (
    OrdinalGroup,
    OrdinalSample,
    ordered_names,
    ordinal_sample,
    read_answers,
)
from research.estimation.sample import Sample, check_covariance, group_order
from research.estimation.scaled import Traces
from research.estimation.search import Search, fenced
from research.estimation.standard_errors import sandwich
from research.model.build import parameter_table, variables_of
from research.model.syntax import parse
from research.numerics.arrays import Matrix, Vector
from research.numerics.casewise import moment_traces
from research.numerics.constrained import ConstrainedMinimum, Restricted, minimize_constrained
from research.numerics.implied import implied
from research.numerics.ordinal_inference import reduced_information, reduced_sandwich, reduced_traces
from research.numerics.ordinal_reduction import Reduced
from research.numerics.ordinal_squares import OrdinalLeastSquares, OrdinalPoint, minimize_ordinal
from research.numerics.weighted_squares import weighted
from research.responses.columns import group_labels

if TYPE_CHECKING:
    import pandas as pd

    from research.model.options import Function, Options
    from research.model.table import ParameterTable

TESTS = ("none", "standard", "satorra_bentler", "mean_var_adjusted", "scaled_shifted")


def fit_ordinal(fun: Function, model: str, frame: pd.DataFrame, options: Options) -> OrdinalFit:
    """Weighted least squares of thresholds and polychoric correlations (Muthen 1984; Muthen et al. 1997)."""
    _refuse(options)
    labels = group_order(frame, options.group) if options.group else ()
    columns = [str(column) for column in frame.columns]
    text = parse(model)
    observed, fixed = variables_of(text, options, fun=fun, observed=columns, groups=labels)
    endogenous = [name for name in observed if name not in fixed]
    ordered = ordered_names(frame, options.ordered, endogenous)
    if not ordered:
        raise OptionError("ordered= names no variable of the model that has an equation")
    answers = read_answers(frame, observed, ordered)
    table = parameter_table(
        text, options, fun=fun, observed=columns, groups=labels, thresholds=answers.threshold_counts
    )
    _refuse_table(table)
    sample = ordinal_sample(
        answers,
        group_labels(frame, options.group) if options.group else None,
        labels,
        exogenous=table.exogenous,
        pairwise=options.missing == "pairwise",
        products="double" if options.discrepancy == "WLS" else "single",
    )
    fit = estimate_ordinal(table, sample, ordered, options)
    named = options.ordered if isinstance(options.ordered, tuple) else ()
    return replace(fit, notes=(*fit.notes, *_as_numbers([name for name in fixed if name in named])))


def _as_numbers(covariates: Sequence[str]) -> list[str]:
    """What is said of fixed covariates that were named as ordered."""
    if not covariates:
        return []
    one = len(covariates) == 1
    return [
        f"{', '.join(covariates)} {'is a fixed covariate' if one else 'are fixed covariates'}: the codes of "
        f"{'its' if one else 'their'} categories enter as numbers, as nothing in the model explains "
        f"{'it' if one else 'them'}. Dummy variables for the categories would not assume equal steps."
    ]


def estimate_ordinal(
    table: ParameterTable,
    data: OrdinalSample,
    ordered: Sequence[str],
    options: Options,
    start: Vector | None = None,
) -> OrdinalFit:
    """Estimate a table with thresholds from the statistics of its groups, from `start` (q,) if given."""
    sample = data.sample
    for group in sample.groups:
        check_covariance(group.cov, sample.variables, group.n_obs, group.label)
    model, constraints = ordinal_model(table, ordered, options.parameterization), constraints_of(table)
    problem = _problem(model, data, options)
    if start is None:
        first = model.compiled.start([g.cov for g in sample.groups], [g.mean for g in sample.groups])
        start = constraints.project(model.start(data.groups, first))
    searched = _search(problem, start, model, constraints, sample, options)
    found, constraints = searched.found, searched.constraints
    point = problem.point(found.theta)
    notes = [*sample.notes, *searched.notes]
    covariance, traces = Covariance(None), None
    if found.converged:
        apart = problem.reduced if constraints.basis is None else None
        names = model.compiled.names[: model.n_parameters]
        covariance = _covariance(problem, point, apart, names, data, options, constraints.basis)
        notes += [covariance.note] if covariance.note else []
        if options.is_scaled:
            traces = _traces(problem, point, apart, data, constraints.basis)
    else:
        notes.append(f"The model did not converge: {found.reason}. Its numbers must not be used.")
    full = tuple(
        implied(of.block, here.full, *of.block.with_sample(group.cov, group.mean))
        for of, here, group in zip(model.blocks, point.blocks, sample.groups, strict=True)
    )
    problems = admissibility_notes(model.compiled, full)
    return OrdinalFit(
        table=table,
        options=options,
        sample=sample,
        compiled=model.compiled,
        constraints=constraints,
        theta=found.theta,
        vcov=covariance.vcov,
        traces=traces,
        weights=(),
        implied_blocks=full,
        discrepancy=found.value,
        n_steps=found.n_steps,
        converged=found.converged,
        admissible=not problems,
        n_equalities=constraints.n_equalities,
        notes=(*notes, *problems),
        model=model,
        statistics=data.groups,
        problem=problem,
        point=point,
    )


def _refuse(options: Options) -> None:
    if options.missing not in ("listwise", "pairwise"):
        raise OptionError(
            f"missing = '{options.missing}' is not for ordered variables; it takes listwise, pairwise"
        )
    if options.se not in ("none", "standard", "robust_sem", "bootstrap"):
        raise OptionError(
            f"se = '{options.se}' is not carried out for ordered variables; "
            "it takes standard, robust_sem, bootstrap, none"
        )
    for test in options.tests:
        if test not in TESTS:
            raise OptionError(
                f"test = '{test}' is not carried out for ordered variables; it takes {', '.join(TESTS)}"
            )
    if options.sampling_weights or options.cluster:
        raise OptionError("sampling_weights and cluster are not carried out for ordered variables")


def _refuse_table(table: ParameterTable) -> None:
    if len({p.level for p in table.parameters}) > 1 or any(p.efa for p in table.parameters):
        raise OptionError("'level:' and efa() blocks are not carried out for ordered variables")


def _search(
    problem: OrdinalLeastSquares,
    start: Vector,
    model: OrdinalModel,
    constraints: Constraints,
    sample: Sample,
    options: Options,
) -> Search:
    """The estimates, inside whatever the text and `bounds` hold them to."""
    q = model.n_parameters
    lower, upper = (ends[:q] for ends in bounds_of(model.compiled, sample, options))
    bounded = bool(np.isfinite(lower).any() or np.isfinite(upper).any())
    if not (constraints.nonlinear or constraints.inequalities or bounded):
        return Search(minimize_ordinal(problem, start, constraints.basis, options.max_iter), constraints)

    def minimise(equal: Restricted, above: Restricted) -> ConstrainedMinimum:
        first = np.clip(start, lower, upper)
        return minimize_constrained(problem, first, equal, above, max_iter=min(options.max_iter, 500))

    return fenced(minimise, constraints, lower, upper, model.compiled.names)


def _problem(model: OrdinalModel, data: OrdinalSample, options: Options) -> OrdinalLeastSquares:
    total = data.sample.weight
    weights = tuple(
        _weight(options.discrepancy, group, n.n_obs, n.label)
        for group, n in zip(data.groups, data.sample.groups, strict=True)
    )
    statistics = tuple(group.statistics for group in data.groups)
    shares = tuple(group.weight / total for group in data.sample.groups)
    return OrdinalLeastSquares(model.blocks, statistics, weights, shares)


def _weight(discrepancy: str, group: OrdinalGroup, n_obs: int, label: str) -> Matrix:
    """Gamma^-1, its diagonal, or ones."""
    if discrepancy == "ULS":
        return np.ones(len(group.statistics))
    diagonal = np.diagonal(group.gamma)
    if discrepancy == "DWLS":
        return np.asarray(1.0 / diagonal)
    scale = np.sqrt(diagonal)
    if np.linalg.eigvalsh(group.gamma / np.outer(scale, scale))[0] < 1e-10:
        where = f" in group '{label}'" if label else ""
        raise OptionError(
            f"estimator WLS needs more rows ({n_obs}{where}) than thresholds and correlations "
            f"({len(group.statistics)}), and not collinear ones; use WLSMV"
        )
    return np.asarray(np.linalg.inv(group.gamma))


def _covariance(
    problem: OrdinalLeastSquares,
    point: OrdinalPoint,
    apart: Reduced | None,
    names: tuple[str, ...],
    data: OrdinalSample,
    options: Options,
    basis: Matrix | None,
) -> Covariance:
    """(J'WJ)^-1, or the sandwich J'W Gamma W J; groups weigh by their rows."""
    if options.se == "none":
        return Covariance(None)
    n = data.sample.weight
    shares = [group.n_obs / data.sample.n_obs for group in data.sample.groups]
    gammas = [group.gamma for group in data.groups]
    if apart is not None and options.se == "robust_sem":
        H = reduced_information(apart, point.blocks, problem.weights, shares)
        found = covariance_from_information(H, 1.0, None, [names[at] for at in apart.kept])
        if found.vcov is None:
            return found
        V = reduced_sandwich(apart, found.vcov, problem.blocks, point.blocks, problem.weights, gammas, shares)
        return Covariance(V / n)
    bread = replace(problem, shares=tuple(shares)).expected(point) / 2.0
    if options.se == "standard":
        return covariance_from_information(bread, n, basis, names)
    meat = np.zeros_like(bread)
    for share, W, here, gamma in zip(shares, problem.weights, point.blocks, gammas, strict=True):
        WJ = weighted(W, here.jacobian)
        meat += share * (WJ.T @ gamma @ WJ)
    return sandwich(bread, meat, n, basis, names)


def _traces(
    problem: OrdinalLeastSquares,
    point: OrdinalPoint,
    apart: Reduced | None,
    data: OrdinalSample,
    basis: Matrix | None,
) -> Traces:
    gammas = [group.gamma for group in data.groups]
    shares = [group.n_obs / data.sample.n_obs for group in data.sample.groups]
    if apart is not None:
        return Traces(*reduced_traces(apart, point.blocks, problem.weights, gammas, shares))
    jacobians = [here.jacobian for here in point.blocks]
    return Traces(*moment_traces(gammas, problem.weights, jacobians, shares, basis))
