"""`cfa`, `sem` and `growth`: model text and data in, `Fit` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from research.errors import DataError, OptionError
from research.estimation.admissibility import admissibility_notes
from research.estimation.compiled import Compiled, compile_table
from research.estimation.constraints import constraints_of
from research.estimation.exploratory import rotated
from research.estimation.fit import Fit
from research.estimation.implemented import refuse_unimplemented
from research.estimation.incomplete import (
    FULL_INFORMATION,
    TWO_STAGE,
    with_pairwise_moments,
    with_saturated_moments,
)
from research.estimation.inference import Covariance, size_notes
from research.estimation.matrices import read_matrices
from research.estimation.problem import AnyPoint, Problem, minimum, problem_of
from research.estimation.runaway import runaway_note
from research.estimation.sample import (
    Divisor,
    Sample,
    check_covariance,
    group_order,
    sample_from_frame,
    sample_from_moments,
    with_unbiased_covariance,
)
from research.estimation.scaled import Traces, traces_least_squares, traces_ml
from research.estimation.search import search
from research.estimation.standard_errors import covariance_least_squares, covariance_ml
from research.estimation.two_level import fit_two_level, is_two_level
from research.model.build import parameter_table
from research.model.options import read_options
from research.model.syntax import parse
from research.numerics.arrays import Matrix
from research.numerics.full_information import FullInformation
from research.numerics.weighted_squares import LeastSquares, LeastSquaresPoint
from research.responses.columns import as_pandas, with_products
from research.responses.moments import Moments

if TYPE_CHECKING:
    from research.model.options import Function, Options
    from research.model.table import ParameterTable


def cfa(model: str, data: Any = None, **options: Any) -> Fit:
    """Confirmatory factor analysis of a model in lavaan syntax.

    As `sem`; kept apart because readers know the name.

    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> f = rng.normal(size=(200, 1))
    >>> frame = pd.DataFrame(f + rng.normal(size=(200, 4)), columns=["a", "b", "c", "d"])
    >>> fit = cfa("f =~ a + b + c + d", frame)
    >>> fit.converged, fit.df
    (True, 2)
    """
    return _fit("cfa", model, data, options)


def sem(model: str, data: Any = None, **options: Any) -> Fit:
    """A structural equation model in lavaan syntax, by maximum likelihood unless `estimator` says otherwise.

    data: a pandas DataFrame, `Responses`, `Moments`, or any frame that narwhals reads. Instead of data:
        `sample_cov=` (a frame, or {group: frame}) with `sample_nobs=` and, optionally, `sample_mean=`.
    options: lavaan's, dots as underscores, with its meanings and defaults (`estimator`, `missing`, `group`,
        `group_equal`, `std_lv`, `fixed_x`, `se`, `test` …).

    Columns that a pandas frame holds as ordered categories are taken as `ordered` where the model explains
    them and `ordered=` is not given. Rows with missing values are left out and counted in `fit.notes`,
    unless `missing="fiml"`. Errors are `ResearchError`s: a variable that the data lack, text in a column,
    a constant or collinear variable, a syntax error. A model that is not identified has no standard errors,
    and `fit.notes` says why.

    >>> import research
    >>> answers = research.example_responses()
    >>> fit = research.sem(research.model_text(answers.questionnaire), answers)
    >>> fit.converged, fit.df, round(float(fit.measures()["cfi"]), 2)
    (True, 58, 0.99)
    """
    return _fit("sem", model, data, options)


def growth(model: str, data: Any = None, **options: Any) -> Fit:
    """A latent growth curve: as `sem`, with observed intercepts at zero and free factor means.

    `research.latent_growth` writes the model of waves; `options` and errors are those of `sem`. The method:
    Meredith & Tisak (1990).

    >>> import research
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> start, change = rng.normal(3, 1, (200, 1)), rng.normal(0.5, 0.2, (200, 1))
    >>> waves = start + change * [0, 1, 2] + rng.normal(0, 0.3, (200, 3))
    >>> frame = pd.DataFrame(waves, columns=["y1", "y2", "y3"])
    >>> fit = research.growth(research.latent_growth(["y1", "y2", "y3"]), frame)
    >>> rows = fit.tidy()
    >>> rows.loc[(rows["op"] == "~1") & rows["lhs"].isin(["i", "s"]), "estimate"].round(1).tolist()
    [2.9, 0.5]
    """
    return _fit("growth", model, data, options)


def _fit(fun: Function, model: str, data: Any, given: Mapping[str, Any]) -> Fit:
    if "ordered" not in given and (ordered := _ordered_columns(model, data)):
        given = {**given, "ordered": ordered}
    matrices = {name: given.get(name) for name in ("sample_cov", "sample_nobs", "sample_mean")}
    options = read_options(fun, **{name: value for name, value in given.items() if name not in matrices})
    if (data is None) == (matrices["sample_cov"] is None):
        raise OptionError("pass either data or sample_cov= with sample_nobs=")
    if matrices["sample_cov"] is not None:
        if matrices["sample_mean"] is not None and options.meanstructure is None:
            options = replace(options, meanstructure=True)
        rescale = options.likelihood != "normal" or options.sample_cov_rescale
        data = read_matrices(
            matrices["sample_cov"], matrices["sample_nobs"], matrices["sample_mean"], rescale=rescale
        )
    with np.errstate(all="ignore"):
        if options.is_ordinal:
            return _resampled(_ordinal(fun, model, data, options))
        table, sample = _table_and_sample(fun, model, data, options)
        _refuse_thresholds(table)
        if is_two_level(table):
            return _resampled(fit_two_level(table, sample, options))
        fit = estimate(table, sample, options)
        if any(p.efa for p in table.parameters):
            fit = rotated(fit)
        return _resampled(fit)


def _ordinal(fun: Function, model: str, data: Any, options: Options) -> Fit:
    """Ordered variables: their rooms are loaded when they are needed."""
    from research.estimation.ordinal_run import fit_ordinal

    if isinstance(data, Moments):
        raise OptionError("ordered= needs the answers themselves; pass data, not moments or sample_cov=")
    return fit_ordinal(fun, model, as_pandas(data), options)


def _ordered_columns(model: str, data: Any) -> tuple[str, ...]:
    """Columns that the frame itself holds as ordered categories and that the model explains, as in lavaan."""
    dtypes = getattr(data, "dtypes", None)
    if dtypes is None or not hasattr(dtypes, "items"):
        return ()
    declared = [str(name) for name, dtype in dtypes.items() if getattr(dtype, "ordered", False)]
    if not declared:
        return ()
    rows = parse(model).rows
    explained = {row.rhs if row.op == "=~" else row.lhs for row in rows if row.op in ("=~", "~", "|")}
    return tuple(name for name in declared if name in explained)


def _refuse_thresholds(table: ParameterTable) -> None:
    name = next((p.lhs for p in table.parameters if p.op in ("|", "~*~")), "")
    if name:
        raise OptionError(f"'{name}' has thresholds or a scale in the model text; say ordered=['{name}', …]")


def _resampled(fit: Fit) -> Fit:
    """Bootstrap standard errors and the bootstrap test, where the options ask for them."""
    options = fit.options
    if not fit.converged:
        return fit
    if options.se == "bootstrap":
        from research.estimation.bootstrap import bootstrap

        draws = bootstrap(fit, options.bootstrap, seed=options.seed)
        if len(draws.draws) < 2:
            raise DataError(" ".join(draws.notes) + " Use se='standard', a smaller model or more rows")
        vcov = np.atleast_2d(np.cov(draws.draws.T))
        fit = replace(fit, vcov=vcov, resampled=draws, notes=(*fit.notes, *draws.notes))
    if "bollen_stine" in options.tests:
        fit = replace(fit, resampled_test=fit.bollen_stine(options.bootstrap, seed=options.seed))
    return fit


def estimate(table: ParameterTable, sample: Sample, options: Options) -> Fit:
    """Estimate a parameter table from a sample: the pivot that every model shares."""
    refuse_unimplemented(options)
    compiled, constraints = compile_table(table), constraints_of(table)
    if options.missing in (*FULL_INFORMATION, *TWO_STAGE):
        sample = with_saturated_moments(sample)
    elif options.missing == "pairwise":
        sample = with_pairwise_moments(sample)
    for group in sample.groups:
        check_covariance(group.cov, sample.variables, group.n_obs, group.label)
    problem = problem_of(compiled, sample, options)
    start = constraints.project(
        compiled.start([g.cov for g in sample.groups], [g.mean for g in sample.groups])
    )
    if isinstance(problem, FullInformation):
        complete = problem_of(compiled, sample, replace(options, missing="listwise"))
        start = minimum(complete, start, constraints.basis, min(options.max_iter, 200)).theta
    searched = search(problem, start, compiled, constraints, sample, options)
    found, constraints = searched.found, searched.constraints
    point = found.point if isinstance(found.point, AnyPoint) else problem.point(found.theta)
    notes = [*sample.notes, *searched.notes]
    covariance, traces = Covariance(None), None
    if found.converged:
        covariance = sampling_covariance(problem, point, compiled, sample, options, constraints.basis)
        notes += [covariance.note] if covariance.note else []
        if options.is_scaled:
            traces = scaled_traces(problem, point, sample, options, constraints.basis)
    else:
        notes.append(f"The model did not converge: {found.reason}. Its numbers must not be used.")
        begun = tuple(piece[0] for piece in problem.point(start).blocks)
        far = runaway_note(compiled, begun, start, found.theta)
        notes += [far] if far else []
    implied = tuple(piece[0] for piece in point.blocks)
    problems = admissibility_notes(compiled, implied)
    fit = Fit(
        table=table,
        options=options,
        sample=sample,
        compiled=compiled,
        constraints=constraints,
        theta=found.theta,
        vcov=covariance.vcov,
        traces=traces,
        weights=problem.weights if isinstance(problem, LeastSquares) else (),
        implied_blocks=implied,
        discrepancy=found.value,
        n_steps=found.n_steps,
        converged=found.converged,
        admissible=not problems,
        n_equalities=constraints.n_equalities,
        notes=(*notes, *problems),
    )
    sizes = size_notes(fit.n_parameters, fit.df, fit.n_obs)
    return replace(fit, notes=(*fit.notes, *sizes)) if sizes else fit


def sampling_covariance(
    problem: Problem,
    point: AnyPoint,
    compiled: Compiled,
    sample: Sample,
    options: Options,
    basis: Matrix | None,
) -> Covariance:
    """The sampling covariance that the options ask for, at any point."""
    if isinstance(problem, LeastSquares) and isinstance(point, LeastSquaresPoint):
        return covariance_least_squares(problem, point, compiled, sample, options, basis)
    if isinstance(problem, LeastSquares) or isinstance(point, LeastSquaresPoint):
        raise TypeError("the point belongs to another kind of problem")
    return covariance_ml(problem, point, compiled, sample, options, basis)


def scaled_traces(
    problem: Problem, point: AnyPoint, sample: Sample, options: Options, basis: Matrix | None
) -> Traces:
    """What the scaled test of the options is made of, at any point."""
    if isinstance(problem, LeastSquares) and isinstance(point, LeastSquaresPoint):
        return traces_least_squares(problem, point, sample, basis)
    if isinstance(problem, LeastSquares) or isinstance(point, LeastSquaresPoint):
        raise TypeError("the point belongs to another kind of problem")
    return traces_ml(problem, point, sample, options, options.test, basis)


def _table_and_sample(
    fun: Function, model: str, data: Any, options: Options
) -> tuple[ParameterTable, Sample]:
    divisor: Divisor = "n" if options.likelihood == "normal" else "n - 1"
    if isinstance(data, Moments):
        labels = tuple(group.label for group in data.groups) if len(data.groups) > 1 else ()
        table = parameter_table(
            model, options, fun=fun, observed=data.variables, groups=labels, means=data.has_means
        )
        if table.meanstructure and not data.has_means:
            raise DataError("the model has means, but the moments have none: pass sample_mean=")
        return table, sample_from_moments(data, table.observed, divisor=divisor)
    frame = as_pandas(data)
    labels = group_order(frame, options.group) if options.group else ()
    table = parameter_table(
        model, options, fun=fun, observed=[str(c) for c in frame.columns.tolist()], groups=labels
    )
    sample = sample_from_frame(
        with_products(frame, table.observed),
        table.observed,
        labels,
        group=options.group,
        exogenous=() if options.missing == "fiml_x" else table.exogenous,
        divisor=divisor,
        keep_missing=options.missing != "listwise",
        sampling_weights=options.sampling_weights,
        cluster=options.cluster,
    )
    if divisor == "n" and options.discrepancy == "ML" and not options.sample_cov_rescale:
        sample = with_unbiased_covariance(sample)
    return table, sample
