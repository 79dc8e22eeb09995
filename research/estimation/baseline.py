"""The baseline model: every variable with a mean and a variance of its own; exogenous x covary as they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.estimation.incomplete import TWO_STAGE
from research.estimation.incomplete_fit import complete_discrepancy
from research.estimation.problem import chi_square, minimum, problem_for_blocks
from research.estimation.scaled import scaled_statistic, traces_least_squares, traces_ml
from research.estimation.statistic import Statistic
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.chi_square import chi2_sf
from research.numerics.full_information import FullInformation
from research.numerics.likelihood import MaximumLikelihood, log_determinant
from research.numerics.missing_patterns import pairwise_covariance
from research.numerics.moment_space import contributions
from research.numerics.sem_layout import Block, layout

if TYPE_CHECKING:
    from research.estimation.compiled import Compiled
    from research.estimation.sample import Sample
    from research.model.options import Options


def baseline_statistics(
    compiled: Compiled, sample: Sample, options: Options, test: str
) -> tuple[Statistic, Statistic | None]:
    """The plain test of the baseline model and, for a scaled `test`, the corrected one."""
    if options.discrepancy == "ML" and options.missing == "listwise" and test in ("standard", "none"):
        return _independence(compiled, sample), None
    blocks, start, df = baseline_model(compiled, sample)
    problem = problem_for_blocks(blocks, sample, options)
    with np.errstate(all="ignore"):
        theta = start
        if isinstance(problem, FullInformation):
            theta = _incomplete_minimum(problem, compiled, sample, blocks, start)
        elif options.discrepancy in ("GLS", "WLS"):
            theta = minimum(problem, theta).theta
        chisq = chi_square(problem, theta, float(problem.value(theta)), sample)
        plain = Statistic(chisq, df, chi2_sf(chisq, df))
        if test in ("standard", "none"):
            return plain, None
        if isinstance(problem, MaximumLikelihood | FullInformation):
            gammas = _complete_gammas(sample, blocks) if options.missing in TWO_STAGE else None
            traces = traces_ml(problem, problem.point(theta), sample, options, test, None, gammas)
        else:
            traces = traces_least_squares(problem, problem.point(theta), sample, None)
        return plain, scaled_statistic(chisq, df, traces, test)


def _independence(compiled: Compiled, sample: Sample) -> Statistic:
    """The likelihood ratio in closed form: n [sum log s_ii + log|S_xx| - log|S|]."""
    chisq, df = 0.0, 0
    for group, x in zip(sample.groups, compiled.predictors, strict=True):
        p = len(group.mean)
        log_variances = np.log(group.cov.diagonal())
        fitted = float(log_variances.sum())
        if len(x):
            fitted += float(log_determinant(group.cov[np.ix_(x, x)]) - log_variances[x].sum())
        chisq += group.weight * (fitted - group.logdet)
        df += (p * (p - 1) - len(x) * (len(x) - 1)) // 2
    return Statistic(chisq, df, chi2_sf(chisq, df))


def baseline_complete(
    compiled: Compiled, sample: Sample, options: Options, saturated: Sequence[tuple[Matrix, Matrix]]
) -> tuple[float, float]:
    """Of incomplete rows: the complete-data discrepancy of the baseline model, and its expectation."""
    blocks, start, _ = baseline_model(compiled, sample)
    problem = problem_for_blocks(blocks, sample, options)
    if not isinstance(problem, FullInformation):
        raise TypeError("only full information has a complete-data discrepancy")
    theta = _incomplete_minimum(problem, compiled, sample, blocks, start)
    return complete_discrepancy(problem, problem.point(theta), sample, None, saturated)


def _complete_gammas(sample: Sample, blocks: tuple[Block, ...]) -> list[Matrix]:
    """Covariance of the rows' moments, where a moment that a row lacks counts as the mean.

    lavaan scales the baseline model of the two-stage estimator with it, not with that of the first stage.
    """
    gammas = []
    for group, block in zip(sample.groups, blocks, strict=True):
        if group.data is None:
            raise DataError("the two-stage estimator needs the rows: pass data")
        cov = pairwise_covariance(group.data)
        X = contributions(group.data, cov, np.nanmean(group.data, axis=0), block.means)
        X = np.nan_to_num(X - np.nanmean(X, axis=0))
        gammas.append(X.T @ X / len(X))
    return gammas


def _incomplete_minimum(
    problem: FullInformation, compiled: Compiled, sample: Sample, blocks: tuple[Block, ...], start: Vector
) -> Vector:
    """The estimates from incomplete rows: means and variances of the values that each variable has.

    Predictors whose moments are free covary, and are searched for.
    """
    theta = start.copy()
    for group, block in zip(sample.groups, blocks, strict=True):
        if group.patterns is None:
            continue
        mean, variance = group.patterns.available()
        lay = block.layout
        covariances = lay.parameter[: lay.n_covariances]
        alone = lay.S_row == lay.S_col
        theta[covariances[alone]] = variance[lay.S_row[alone]]
        theta[lay.parameter[lay.n_covariances :]] = mean[lay.m_row]
    free = [
        x for x, block in zip(compiled.predictors, blocks, strict=True) if len(x) > len(block.exogenous) + 1
    ]
    return minimum(problem, theta).theta if free else theta


def baseline_model(compiled: Compiled, sample: Sample) -> tuple[tuple[Block, ...], Vector, int]:
    """Blocks of the baseline model, its estimates (which are sample moments), and its degrees of freedom."""
    sizes = [_free_cells(block, x) for block, x in zip(compiled.blocks, compiled.predictors, strict=True)]
    total = sum(len(second) + len(first) for second, first in sizes)
    blocks, values, df, begun = [], [], 0, 0
    for group, block, (second, first), x in zip(
        sample.groups, compiled.blocks, sizes, compiled.predictors, strict=True
    ):
        p, n_cells = block.layout.n_observed, len(second) + len(first)
        zeros = np.zeros((p, p))
        lay = layout(
            p, total, zeros, np.zeros((0, 2), dtype=np.intp), second, first, np.arange(begun, begun + n_cells)
        )
        blocks.append(Block(lay, zeros, zeros, np.zeros(p), block.exogenous, block.means))
        values.append(np.concatenate([group.cov[second[:, 0], second[:, 1]], group.mean[first]]))
        df += (p * (p - 1) - len(x) * (len(x) - 1)) // 2
        begun += n_cells
    return tuple(blocks), np.concatenate(values), df


def _free_cells(block: Block, predictors: Indices) -> tuple[Indices, Indices]:
    """Pairs with a free covariance (k, 2), and variables with a free mean (m,)."""
    p = block.layout.n_observed
    fixed = set(block.exogenous.tolist())
    pairs = [(i, i) for i in range(p) if i not in fixed]
    free_x = [i for i in predictors.tolist() if i not in fixed]
    pairs += [(i, j) for at, j in enumerate(free_x) for i in free_x[at + 1 :]]
    means = [i for i in range(p) if i not in fixed] if block.means else []
    return np.array(pairs, dtype=np.intp).reshape(-1, 2), np.array(means, dtype=np.intp)
