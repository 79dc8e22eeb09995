"""Samples with missing values: saturated moments, and what the missing values do to inference."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Matrix, Vector
from research.numerics.full_information import FullInformation
from research.numerics.missing_patterns import patterns_of, saturated_moments
from research.numerics.moment_space import moment_vector
from research.numerics.sem_layout import Block, layout

if TYPE_CHECKING:
    from research.estimation.sample import GroupSample, Sample

FULL_INFORMATION = ("fiml", "fiml_x")
TWO_STAGE = ("two_stage", "robust_two_stage")


def with_saturated_moments(sample: Sample) -> Sample:
    """The sample with the moments of the saturated model in place of those of complete rows."""
    groups = tuple(_saturated(group, sample.variables) for group in sample.groups)
    return replace(sample, groups=groups)


def saturated_problem(sample: Sample, exogenous: tuple[np.ndarray, ...]) -> tuple[FullInformation, Vector]:
    """The saturated model of incomplete rows, and its estimates: means and lower triangles of each group.

    The moments of `exogenous` variables among themselves are held at their estimates.
    """
    sizes = [_cells(len(g.mean), x) for g, x in zip(sample.groups, exogenous, strict=True)]
    total = sum(len(first) + len(second) for first, second in sizes)
    blocks, values, begun = [], [], 0
    for group, (first, second), x in zip(sample.groups, sizes, exogenous, strict=True):
        p, count = len(group.mean), len(first) + len(second)
        zeros = np.zeros((p, p))
        none = np.zeros((0, 2), dtype=np.intp)
        lay = layout(p, total, zeros, none, second, first, np.arange(begun, begun + count))
        blocks.append(Block(lay, zeros, zeros, np.zeros(p), x, True))
        values.append(np.concatenate([group.cov[second[:, 0], second[:, 1]], group.mean[first]]))
        begun += count
    return full_information(tuple(blocks), sample), np.concatenate(values)


def full_information(blocks: tuple[Block, ...], sample: Sample) -> FullInformation:
    """The discrepancy of any blocks over the incomplete rows of a sample."""
    patterns = tuple(group.patterns for group in sample.groups if group.patterns is not None)
    return FullInformation(
        blocks,
        patterns,
        tuple(group.cov for group in sample.groups),
        tuple(group.mean for group in sample.groups),
        tuple(group.saturated for group in sample.groups),
        tuple(group.size / sample.n_obs for group in sample.groups),
    )


def saturated_covariance(sample: Sample, robust: bool) -> list[Matrix]:
    """n times the sampling covariance of each group's saturated moments (means, vech), (k, k).

    The inverse of the observed information, or its sandwich around the rows' scores.
    """
    out = []
    for group in sample.groups:
        one = replace(sample, groups=(group,))
        problem, theta = saturated_problem(one, (np.zeros(0, dtype=np.intp),))
        point = problem.point(theta)
        bread = np.linalg.inv(problem.hessian(point) / 2.0)
        if robust:
            data = group.data if group.data is not None else np.zeros((0, len(group.mean)))
            rows = problem.scores(point, 0, data)
            bread = bread @ (rows.T @ rows / len(rows)) @ bread
        p = len(group.mean)
        order = np.concatenate([np.arange(len(bread) - p, len(bread)), np.arange(len(bread) - p)])
        out.append(bread[np.ix_(order, order)])
    return out


def moments_of(group: GroupSample, means: bool) -> Vector:
    """(mean, vech cov) of a group."""
    return moment_vector(group.cov, group.mean if means else None)


def _saturated(group: GroupSample, variables: tuple[str, ...]) -> GroupSample:
    if group.data is None:
        raise DataError("full information needs the rows: pass data, not moments")
    patterns = patterns_of(group.data, group.sampling_weights)
    together = (patterns.seen * patterns.n[:, None]).T @ patterns.seen
    if (together == 0).any():
        a, b = (int(at) for at in np.argwhere(together == 0)[0])
        raise DataError(
            f"no row has values of both '{variables[a]}' and '{variables[b]}', so that their covariance "
            "cannot be estimated; leave one of them out of the model"
        )
    cov, mean, value, converged = saturated_moments(patterns)
    if not converged:
        raise DataError(
            "the means and covariances cannot be estimated from the incomplete rows (EM did not converge); "
            "leave out variables with hardly any values"
        )
    return replace(group, cov=cov, mean=mean, patterns=patterns, saturated=value)


def _cells(p: int, exogenous: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Free means (m,) and free pairs (s, 2), down the columns of the lower triangle."""
    is_x = np.zeros(p, dtype=bool)
    is_x[exogenous] = True
    column, row = np.triu_indices(p)
    kept = ~(is_x[row] & is_x[column])
    pairs = np.column_stack([row[kept], column[kept]])
    return np.flatnonzero(~is_x), pairs
