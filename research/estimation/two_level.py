"""Two-level models: rows in clusters, with random intercepts and a model of each level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, ModelError, OptionError
from research.estimation.admissibility import admissibility_notes
from research.estimation.compiled import Compiled, compile_table
from research.estimation.constraints import Constraints, constraints_of
from research.estimation.inference import Covariance, covariance_from_information
from research.estimation.sample import GroupSample, Sample
from research.estimation.scaled import Traces
from research.estimation.statistic import Statistic
from research.estimation.two_level_blocks import first_moments, free_blocks, proper
from research.estimation.two_level_robust import TEST, robust_baseline, robust_covariance, robust_trace
from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import chi2_sf
from research.numerics.intraclass import clustered_icc
from research.numerics.likelihood import saturated_loglik
from research.numerics.newton import Minimum, minimize
from research.numerics.residual_indices import residual_indices
from research.numerics.sem_layout import Block
from research.numerics.two_level import TwoLevel, TwoLevelMoments, two_level_moments
from research.numerics.two_level_scores import Clusters, clusters_of

if TYPE_CHECKING:
    from research.estimation.fit import Fit
    from research.model.options import Options
    from research.model.table import ParameterTable
    from research.numerics.implied import Implied

FAINT = 0.05  # intraclass correlation below which a variance between clusters is hard to tell from none
_LOG_2_PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True)
class LevelFit:
    """What a two-level fit has besides: its df, the saturated likelihood, the baseline, SRMR by level.

    `rows`: the sample before its moments were split into levels.
    """

    df: int
    saturated_loglik: float
    baseline: Statistic
    srmr_within: float
    srmr_between: float
    n_clusters: int
    baseline_scaled: Statistic | None = None
    rows: Sample | None = None


@dataclass(frozen=True, slots=True)
class _Levels:
    """The moments of both levels and the saturated estimates; `trace`: tr(A^-1 B) at them, where robust."""

    moments: TwoLevelMoments
    covs: tuple[Matrix, Matrix]
    means: tuple[Vector, Vector]
    value: float
    n_free: int
    clusters: Clusters | None
    trace: float


def fit_two_level(table: ParameterTable, sample: Sample, options: Options) -> Fit:
    """Estimate a two-level table by maximum likelihood from complete rows.

    Standard errors from observed information; with estimator MLR from its sandwich around the scores of the
    clusters, and the test corrected likewise (Yuan-Bentler-Mplus). A variable of both levels has a part
    within and a part between clusters; one of level 2 must be constant within clusters.
    """
    from research.estimation.fit import Fit

    options = _supported(table, options)
    compiled, constraints = compile_table(table), constraints_of(table)
    moments, clusters = _moments(sample, compiled)
    levels = _saturated(compiled, sample, moments, clusters if _is_robust(options) else None)
    problem = TwoLevel(_pair(compiled.blocks), moments, levels.covs, levels.means, levels.value)
    start = constraints.project(compiled.start(levels.covs, levels.means))
    if not np.isfinite(problem.value(start)):
        start = constraints.project(compiled.start((levels.covs[0], proper(*levels.covs)), levels.means))
    found = minimize(problem, start, basis=constraints.basis, max_iter=options.max_iter)
    point = problem.point(found.theta)
    notes = [*sample.notes, f"{moments.n_obs} rows in {moments.n_clusters} clusters."]
    faint = "" if found.converged else _faint_between(sample, _of_both(compiled))
    notes += [faint] if faint else []
    covariance = _covariance(problem, found, compiled, constraints, levels, options, notes)
    traces = None
    if options.is_scaled and found.converged and levels.clusters is not None:
        h0 = robust_trace(problem, found.theta, levels.clusters, constraints.basis)
        traces = Traces(levels.trace - h0, h1=levels.trace, h0=h0)
    implied = (point.level.within, point.level.between)
    problems = admissibility_notes(compiled, implied)
    return Fit(
        table=table,
        options=options,
        sample=_level_sample(sample, levels),
        compiled=compiled,
        constraints=constraints,
        theta=found.theta,
        vcov=covariance.vcov,
        traces=traces,
        implied_blocks=implied,
        discrepancy=found.value,
        n_steps=found.n_steps,
        converged=found.converged,
        admissible=not problems,
        n_equalities=constraints.n_equalities,
        notes=(*notes, *problems),
        levels=replace(_level_fit(compiled, constraints, levels, implied), rows=sample),
    )


def _supported(table: ParameterTable, options: Options) -> Options:
    """Options with those of two-level maximum likelihood; errors for what it does not do."""
    if not options.cluster:
        raise OptionError(
            "a model with 'level:' blocks needs option cluster, the column that names the clusters"
        )
    if options.estimator not in ("ML", "MLR") or options.missing != "listwise" or options.sampling_weights:
        raise OptionError(
            "a two-level model takes estimator ML or MLR on complete rows, without sampling weights"
        )
    if len(table.groups) > 1 or {p.level for p in table.parameters} != {1, 2}:
        raise OptionError("a two-level model takes one group and levels 1 and 2")
    if table.constraints and any(each.op != "==" for each in table.constraints):
        raise OptionError("a two-level model takes no inequality constraints")
    robust = options.estimator == "MLR"
    se = {"robust_cluster": "robust_huber_white" if robust else "standard"}.get(options.se, options.se)
    if se not in ("standard", "robust_huber_white", "bootstrap", "none"):
        raise OptionError(
            f"se = '{options.se}' is not for two-level models; use standard, robust_huber_white, bootstrap "
            "or none"
        )
    test = TEST if robust else "standard"
    return replace(options, se=se, test=test, tests=(test,), information="observed")


def _is_robust(options: Options) -> bool:
    return options.is_scaled or options.se == "robust_huber_white"


def _moments(sample: Sample, compiled: Compiled) -> tuple[TwoLevelMoments, Clusters]:
    group = sample.groups[0]
    if group.data is None or group.clusters is None:
        raise DataError("a two-level model needs the rows and their clusters")
    clusters = np.unique(group.clusters, return_inverse=True)[1]
    within, between = compiled.observed
    own = [name for name in between if name not in within]
    at = [sample.variables.index(name) for name in own]
    Z = group.data[:, at]
    for column, name in enumerate(own):
        lowest = np.full(int(clusters.max()) + 1, np.inf)
        highest = -lowest
        np.minimum.at(lowest, clusters, Z[:, column])
        np.maximum.at(highest, clusters, Z[:, column])
        if (highest - lowest).max() > 1e-9 * (1.0 + np.abs(Z[:, column]).max()):
            raise DataError(
                f"'{name}' is a variable of level 2 but varies within clusters; name it in level 1 too"
            )
    if len(clusters) <= int(clusters.max()) + 1:
        raise DataError("every cluster has one row only; a two-level model needs clusters of several rows")
    Y = group.data[:, [sample.variables.index(name) for name in within]]
    shared = np.array([between.index(name) if name in between else -1 for name in within])
    places = np.array([between.index(name) for name in own], dtype=np.intp)
    code = np.asarray(clusters, dtype=np.intp)
    return two_level_moments(Y, Z, code, shared, len(between), places), clusters_of(Y, Z, code)


def _saturated(
    compiled: Compiled, sample: Sample, moments: TwoLevelMoments, clusters: Clusters | None
) -> _Levels:
    """The model that restricts neither level, given the fixed x of both."""
    covs, means = first_moments(compiled, sample, moments)
    blocks, start = free_blocks(compiled, covs, means, covariances=True)
    problem = TwoLevel(blocks, moments, covs, means)
    found = minimize(problem, start, max_iter=500)
    if not found.converged:
        raise ModelError(
            f"the covariance matrices of the two levels cannot be estimated: {moments.n_clusters} clusters. "
            + (
                _faint_between(sample, _of_both(compiled))
                or "Use more clusters, or fewer variables in level 2."
            )
        )
    point = problem.point(found.theta)
    within, between = point.level.within, point.level.between
    trace = math.nan if clusters is None else robust_trace(problem, found.theta, clusters)
    seconds, firsts = (within.Sigma, between.Sigma), (within.mu, between.mu)
    return _Levels(moments, seconds, firsts, found.value, len(start), clusters, trace)


def _faint_between(sample: Sample, names: Sequence[str]) -> str:
    """A sentence on the variables (of both levels) whose intraclass correlation is next to nothing.

    Empty where all differ enough.
    """
    group = sample.groups[0]
    if group.data is None or group.clusters is None:
        return ""
    places = [sample.variables.index(name) for name in names]
    found = clustered_icc(group.data[:, places], np.asarray(group.clusters))
    faint = [(name, icc) for name, icc in zip(names, found.tolist(), strict=True) if not icc >= FAINT]
    if not faint:
        return ""
    listed = ", ".join(f"'{name}' ({icc:.3f})" for name, icc in faint[:6]) + (" …" if len(faint) > 6 else "")
    return (
        f"Hardly any variance lies between clusters; the intraclass correlation of {listed} is about zero or "
        "negative. Leave such variables out of level 2, or drop level 2 and keep cluster= for standard "
        "errors that allow for clusters."
    )


def _of_both(compiled: Compiled) -> list[str]:
    """Variables that have a part within and a part between clusters."""
    return [name for name in compiled.observed[0] if name in compiled.observed[1]]


def _covariance(
    problem: TwoLevel,
    found: Minimum,
    compiled: Compiled,
    constraints: Constraints,
    levels: _Levels,
    options: Options,
    notes: list[str],
) -> Covariance:
    if not found.converged:
        notes.append(f"The model did not converge: {found.reason}. Its numbers must not be used.")
        return Covariance(None)
    if options.se == "none":
        return Covariance(None)
    if options.se == "robust_huber_white" and levels.clusters is not None:
        covariance = robust_covariance(
            problem, found.theta, levels.clusters, constraints.basis, compiled.names
        )
        notes += [covariance.note] if covariance.note else []
        return covariance
    bread = problem.hessian(problem.point(found.theta)) / 2.0
    covariance = covariance_from_information(bread, problem.moments.n_obs, constraints.basis, compiled.names)
    notes += [covariance.note] if covariance.note else []
    return covariance


def _level_fit(
    compiled: Compiled,
    constraints: Constraints,
    levels: _Levels,
    implied: tuple[Implied, Implied],
) -> LevelFit:
    moments = levels.moments
    n = moments.n_obs
    blocks, start = free_blocks(compiled, levels.covs, levels.means, covariances=False)
    independent = TwoLevel(blocks, moments, levels.covs, levels.means, levels.value)
    null = minimize(independent, start, max_iter=500)
    df_null = levels.n_free - len(start)
    top = -0.5 * (n * levels.value + _LOG_2_PI * moments.n_values)
    for place, block in enumerate(compiled.blocks):
        x = block.exogenous
        if len(x):
            rows = n if place == 0 else moments.n_clusters
            top -= saturated_loglik(rows, levels.covs[place][np.ix_(x, x)])
    residual = [_srmr(cov, at.Sigma) for cov, at in zip(levels.covs, implied, strict=True)]
    chisq = n * null.value
    baseline, scaled = Statistic(chisq, df_null, chi2_sf(chisq, df_null)), None
    if levels.clusters is not None:
        trace = robust_trace(independent, null.theta, levels.clusters)
        scaled = robust_baseline(baseline, levels.trace, trace)
    return LevelFit(
        levels.n_free - (compiled.n_parameters - constraints.n_equalities),
        top,
        baseline,
        residual[0],
        residual[1],
        moments.n_clusters,
        scaled,
    )


def _srmr(cov: Matrix, Sigma: Matrix) -> float:
    """Of one level lavaan takes the residuals of correlations, and counts the diagonal among them."""
    p = len(cov)
    crmr = residual_indices(cov, None, Sigma, None).crmr if p > 1 else 0.0
    return crmr * math.sqrt((p - 1) / (p + 1))


def _level_sample(sample: Sample, levels: _Levels) -> Sample:
    """The saturated moments of both levels in the place of groups."""
    n = levels.moments.n_obs
    rows = sample.groups[0]
    groups = (
        GroupSample("", n, float(n), levels.covs[0], levels.means[0], rows=rows.rows, clusters=rows.clusters),
        GroupSample("", 0, 0.0, levels.covs[1], levels.means[1]),
    )
    return replace(sample, groups=groups)


def _pair(blocks: Sequence[Block]) -> tuple[Block, Block]:
    within, between = blocks
    return within, between


def is_two_level(table: ParameterTable) -> bool:
    """Whether the table speaks of more than one level."""
    return len({p.level for p in table.parameters}) > 1
