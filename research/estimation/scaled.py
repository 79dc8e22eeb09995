"""Test statistics corrected for distributions that are not normal."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.estimation.incomplete import TWO_STAGE, saturated_inverse, saturated_variability
from research.estimation.problem import Likelihood, LikelihoodPoint, information, moment_covariance
from research.estimation.standard_errors import (
    by_cluster,
    inverse_information,
    score_rows,
    two_stage_parts,
)
from research.estimation.statistic import Statistic
from research.numerics.arrays import Matrix
from research.numerics.casewise import (
    fixed_rows,
    moment_traces,
    row_gradients,
    row_kernel,
    squared_trace,
    weighted_variance,
)
from research.numerics.chi_square import chi2_sf
from research.numerics.full_information import FullInformation
from research.numerics.implied import jacobian, lower
from research.numerics.likelihood import MaximumLikelihood, Point, inverse_and_logdet
from research.numerics.moment_space import contributions, exogenous_moments, normal_weight
from research.numerics.weighted_squares import LeastSquares, LeastSquaresPoint

if TYPE_CHECKING:
    from research.estimation.sample import GroupSample, Sample
    from research.model.options import Options
    from research.numerics.sem_layout import Block


@dataclass(frozen=True, slots=True)
class Traces:
    """tr(U Gamma) and tr((U Gamma)^2); `h1`, `h0`: the two traces that a Yuan-Bentler factor is made of."""

    first: float
    second: float = math.nan
    h1: float = math.nan
    h0: float = math.nan


def scaled_statistic(chisq: float, df: int, traces: Traces, test: str) -> Statistic:
    """Correct `chisq` with the traces.

    satorra.bentler, yuan.bentler(.mplus): chisq / c, c = tr/df. mean.var.adjusted: c = tr2/tr on tr^2/tr2 df
    (Satterthwaite). scaled.shifted: chisq/a + b, a = sqrt(tr2/df), b = df - tr sqrt(df/tr2)
    (Asparouhov & Muthen 2010). A factor c that is not positive, as observed information can give far from the
    saturated model, corrects nothing: the statistic is NaN.
    """
    if df == 0:
        return Statistic(chisq, 0, math.nan, math.nan, 0.0, test)
    if test == "mean_var_adjusted":
        scaling = traces.second / traces.first
        used = traces.first**2 / traces.second
        return Statistic(
            chisq / scaling, used, chi2_sf(chisq / scaling, used), scaling, 0.0, test, traces.first / df
        )
    if test == "scaled_shifted":
        scaling = math.sqrt(traces.second / df)
        shift = df - traces.first * math.sqrt(df / traces.second)
        value = chisq / scaling + shift
        return Statistic(value, df, chi2_sf(value, df), scaling, shift, test, traces.first / df)
    scaling = traces.first / df if traces.first > 0 else math.nan
    return Statistic(chisq / scaling, df, chi2_sf(chisq / scaling, df), scaling, 0.0, test, scaling)


def traces_ml(
    problem: Likelihood,
    point: LikelihoodPoint,
    sample: Sample,
    options: Options,
    test: str,
    basis: Matrix | None,
    two_stage_gammas: list[Matrix] | None = None,
) -> Traces:
    """Traces for maximum likelihood."""
    if options.cluster and test in ("scaled_shifted", "mean_var_adjusted"):
        options = replace(
            options, information="observed"
        )  # as lavaan, though the errors keep the expected one
    if test == "yuan_bentler_mplus":
        return _mplus(problem, point, sample, options, basis)
    if not isinstance(problem, MaximumLikelihood) or not isinstance(point, Point):
        return _mplus(problem, point, sample, options, basis)
    if options.missing in TWO_STAGE:
        gammas, weights, slopes = two_stage_parts(problem, point, sample, options)
        gammas = gammas if two_stage_gammas is None else two_stage_gammas
        shares = [each.share for each in problem.samples]
        return Traces(*moment_traces(gammas, weights, slopes, shares, basis))
    second = test in ("scaled_shifted", "mean_var_adjusted") and _moments_are_fewer(problem, sample)
    if second or options.cluster:
        return _by_moments(problem, point, sample, basis, observed=options.information == "observed")
    observed = options.information == "observed"
    inverse = inverse_information(_bread(problem, point, options), basis)
    if inverse is None:
        return Traces(math.nan)
    inverse = inverse / sample.n_obs
    first = 0.0
    gradients, kernels = [], []
    for group, block, piece in zip(sample.groups, problem.blocks, point.blocks, strict=True):
        d, S = _deviations(group)
        P, _ = inverse_and_logdet(piece.at.Sigma)
        M = 2.0 * P @ S @ P - P if observed else None
        x = block.exogenous
        first += weighted_variance(d, S, P, block.means, M, x)
        rows = row_gradients(block, piece.at, d, S, P, M)
        if len(x):
            rows = rows - row_gradients(block, piece.at, *fixed_rows(d, S, x), P, M)
        gradients.append(rows)
        if test in ("scaled_shifted", "mean_var_adjusted"):
            kernels.append(row_kernel(d, S, P, block.means))
    first -= sum(float((inverse * (G.T @ G)).sum()) for G in gradients)
    if test == "yuan_bentler":
        both = _mplus(problem, point, sample, options, basis)
        return Traces(first, h1=both.h1, h0=both.h0)
    return Traces(first, squared_trace(kernels, gradients, inverse) if kernels else math.nan)


def traces_least_squares(
    problem: LeastSquares, point: LeastSquaresPoint, sample: Sample, basis: Matrix | None
) -> Traces:
    """Traces for least squares with any weights; groups count by their rows, as in lavaan."""
    gammas = [
        moment_covariance(group, block) for group, block in zip(sample.groups, problem.blocks, strict=True)
    ]
    jacobians = [J for _, J, _ in point.blocks]
    shares = [group.size / sample.n_obs for group in sample.groups]
    return Traces(*moment_traces(gammas, problem.weights, jacobians, shares, basis))


def _mplus(
    problem: Likelihood, point: LikelihoodPoint, sample: Sample, options: Options, basis: Matrix | None
) -> Traces:
    """tr(B1 A1^-1) - tr(B0 A0^-1), the saturated model at the sample moments (Asparouhov & Muthen 2005).

    With unrestricted moments the first trace is (mean d^4 - p)/2, and p more with means, d the Mahalanobis
    distance; the part of fixed x is taken out.
    """
    if isinstance(problem, FullInformation):
        h1 = _incomplete_trace(problem, sample, options)
    else:
        h1 = sum(
            _saturated_trace(group, block, sample, options) / group.size
            for group, block in zip(sample.groups, problem.blocks, strict=True)
        )
    inverse = inverse_information(_bread(problem, point, options), basis)
    if inverse is None:
        return Traces(math.nan)
    scores = score_rows(problem, point, sample)
    if options.cluster:
        scores = by_cluster(scores, sample)
    h0 = float((inverse * (scores.T @ scores)).sum()) / sample.n_obs
    return Traces(h1 - h0, h1=h1, h0=h0)


def _incomplete_trace(problem: FullInformation, sample: Sample, options: Options) -> float:
    """tr(B1 A1^-1) of the saturated model of incomplete rows, given fixed x."""
    total = 0.0
    for group, block in zip(sample.groups, problem.blocks, strict=True):
        x = block.exogenous
        inverse = saturated_inverse(group, x, observed=options.information == "observed")
        total += float(np.vdot(inverse, saturated_variability(group, x)))
    return total


def _saturated_rows(d: Matrix, S: Matrix, means: bool) -> Matrix:
    """Rows X with x'x = (v - s)'V(v - s): moments of whitened rows, weighted so that V is the identity."""
    root = np.linalg.cholesky(np.linalg.inv(S))
    X = contributions(d @ root, np.eye(len(S)), np.zeros(len(S)), means)
    row, column = lower(len(S))
    first = len(S) if means else 0
    X[:, first:] *= np.where(row == column, np.sqrt(0.5), 1.0)
    return X


def _saturated_trace(group: GroupSample, block: Block, sample: Sample, options: Options) -> float:
    """n times the trace of B1 A1^-1 of the saturated model of a group, less that of the fixed x."""
    d, S = _deviations(group)[0], group.cov
    x = block.exogenous
    total = 0.0
    for sign, (rows, cov) in ((1.0, (d, S)), (-1.0, (d[:, x], S[np.ix_(x, x)]))):
        if not len(cov):
            continue
        if group.weight == group.n_obs and group.sampling_weights is None and not options.cluster:
            P, _ = inverse_and_logdet(cov)
            total += sign * len(rows) * weighted_variance(rows, cov, P, block.means)
            continue
        X = _saturated_rows(rows, cov, block.means)
        if group.sampling_weights is not None:
            X = X * group.sampling_weights[:, None]
        if options.cluster:
            X = by_cluster(X, replace(sample, groups=(group,)))
        total += sign * float((X**2).sum())
    return total


def _bread(problem: Likelihood, point: LikelihoodPoint, options: Options) -> Matrix:
    """The information of one row that the options ask for."""
    if options.information != "observed":
        return information(problem, point, "expected")
    return information(problem, point, "h1" if options.observed_information[1] == "h1" else "observed")


def _moments_are_fewer(problem: MaximumLikelihood, sample: Sample) -> bool:
    """Whether the space of the moments is smaller than that of the rows."""
    for group, block in zip(sample.groups, problem.blocks, strict=True):
        p = block.layout.n_observed
        if not len(block.exogenous) and group.n_obs < p * (p + 1) // 2:
            return False
    return True


def _by_moments(
    problem: MaximumLikelihood, point: Point, sample: Sample, basis: Matrix | None, *, observed: bool
) -> Traces:
    gammas, V, J = [], [], []
    for group, block, piece in zip(sample.groups, problem.blocks, point.blocks, strict=True):
        P, _ = inverse_and_logdet(piece.at.Sigma)
        M = 2.0 * P @ group.cov @ P - P if observed else None
        weight = normal_weight(P, block.means, M)
        fixed = exogenous_moments(len(P), block.exogenous, block.means)
        weight[fixed] = 0.0
        weight[:, fixed] = 0.0
        gammas.append(moment_covariance(group, block))
        V.append(weight)
        J.append(jacobian(block, piece.at))
    return Traces(*moment_traces(gammas, V, J, [each.share for each in problem.samples], basis))


def _deviations(group: GroupSample) -> tuple[Matrix, Matrix]:
    """Rows about their mean, and their covariance with divisor n."""
    if group.data is None:
        raise DataError("a scaled test needs the rows, not only their moments: pass data, or test='standard'")
    return group.data - group.mean, group.cov * (group.weight / group.size)
