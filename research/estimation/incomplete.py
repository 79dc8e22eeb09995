"""Samples with missing values: saturated moments, and what the missing values do to inference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.estimation.kept import KeptMatrices
from research.estimation.sample import sums_by_cluster
from research.numerics.arrays import Indices, Matrix
from research.numerics.definite import cholesky_root, inverse_by_halves
from research.numerics.full_information import FullInformation
from research.numerics.implied import Implied
from research.numerics.missing_patterns import Patterns, pairwise_covariance, patterns_of
from research.numerics.moment_space import exogenous_moments
from research.numerics.pattern_information import moment_hessian, moment_scores, stacked_inverses
from research.numerics.pattern_point import PatternPoint, pattern_point, weighted_deviations
from research.numerics.saturated_incomplete import saturated_moments
from research.numerics.sem_layout import Block

if TYPE_CHECKING:
    from research.estimation.sample import GroupSample, Sample

FULL_INFORMATION = ("fiml", "fiml_x")
TWO_STAGE = ("two_stage", "robust_two_stage")
SPARSE = 0.1  # share of the rows below which lavaan warns too
_CHUNK = 2_000_000  # elements of the scores that are held at a time
_KEPT = KeptMatrices()  # of the saturated moments: every model of the same rows needs them


def with_saturated_moments(sample: Sample) -> Sample:
    """The sample with the moments of the saturated model in place of those of complete rows."""
    groups = tuple(_saturated(group, sample.variables) for group in sample.groups)
    notes = [note for group in groups for note in _coverage_notes(group, sample.variables)]
    return replace(sample, groups=groups, notes=(*sample.notes, *notes))


def with_pairwise_moments(sample: Sample) -> Sample:
    """The sample with the covariance of every pair from the rows that have both, and every mean likewise."""
    groups = []
    for group in sample.groups:
        data = _rows(group)
        together = patterns_of(data).together()
        if (together < 2).any():
            raise DataError(_never_together(together, sample.variables, group.label))
        rescale = (group.n_obs - 1.0) / group.weight
        groups.append(replace(group, cov=pairwise_covariance(data) * rescale, mean=np.nanmean(data, axis=0)))
    note = (
        "missing='pairwise': every covariance rests on the rows that have both variables, and standard "
        "errors and tests take each for one of all rows. missing='fiml' needs no such assumption."
    )
    return replace(
        sample, groups=tuple(groups), notes=(*sample.notes, note) if sample.n_missing else sample.notes
    )


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


def saturated_information(
    group: GroupSample, exogenous: Indices, at: Implied | None = None, *, observed: bool = True
) -> Matrix:
    """Information of one row about the moments (mean, vech cov) of a group that are not those of fixed x.

    At the saturated moments, or at the ones `at` implies.
    """

    def made() -> Matrix:
        patterns, point = _place(group, at)
        kept = fitted_moments(len(group.mean), exogenous)
        found = moment_hessian(patterns, point, observed=observed) / 2.0
        return found if len(kept) == len(found) else found[np.ix_(kept, kept)]

    if at is not None:
        return made()
    return _KEPT.of(group, _name("information", exogenous, observed=observed), made)


def saturated_scores(group: GroupSample, exogenous: Indices) -> Iterator[tuple[Indices, Matrix]]:
    """Rows of the data, and the gradients of their log-likelihood by the same moments, some at a time.

    Gradients count as often as the sampling weight says.
    """
    patterns, point = _place(group, None)
    data = _rows(group)
    kept = fitted_moments(len(group.mean), exogenous)
    y = weighted_deviations(patterns, point, data, group.mean)
    inverses = stacked_inverses(patterns, point)
    size = max(1, _CHUNK // max(1, len(kept)))
    for begin in range(0, len(data), size):
        rows = np.arange(begin, min(begin + size, len(data)))
        scores = moment_scores(y[rows], inverses[patterns.label[rows]])[:, kept]
        if group.sampling_weights is not None:
            scores *= group.sampling_weights[rows, None]
        yield rows, scores


def saturated_variability(group: GroupSample, exogenous: Indices) -> Matrix:
    """Mean of the products of those gradients, added up by cluster where there are any, (k, k)."""

    def made() -> Matrix:
        if group.clusters is not None:
            every = np.vstack([scores for _, scores in saturated_scores(group, exogenous)])
            summed = sums_by_cluster(every, group.clusters)
            return np.asarray(summed.T @ summed / group.size)
        total = sum(scores.T @ scores for _, scores in saturated_scores(group, exogenous))
        return np.asarray(total / group.size)

    return _KEPT.of(group, _name("variability", exogenous), made)


def saturated_covariance(group: GroupSample, exogenous: Indices, *, robust: bool) -> tuple[Matrix, Matrix]:
    """Observed information of a group's saturated moments, and n times their sampling covariance.

    The inverse of the information or, `robust`, its sandwich around the rows' scores.
    """
    bread = saturated_information(group, exogenous)
    gamma = saturated_inverse(group, exogenous)
    if robust:
        meat = saturated_variability(group, exogenous)
        gamma = _KEPT.of(group, _name("sandwich", exogenous), lambda: gamma @ meat @ gamma)
    return bread, gamma


def saturated_inverse(group: GroupSample, exogenous: Indices, *, observed: bool = True) -> Matrix:
    """The inverse of that information at the saturated moments."""

    def made() -> Matrix:
        found = saturated_information(group, exogenous, observed=observed)
        root = cholesky_root(found)
        return np.asarray(np.linalg.inv(found)) if root is None else inverse_by_halves(root)

    return _KEPT.of(group, _name("inverse", exogenous, observed=observed), made)


def _name(what: str, exogenous: Indices, *, observed: bool = True) -> str:
    return f"{what} {'observed' if observed else 'expected'} {exogenous.tolist()}"


def fitted_moments(p: int, exogenous: Indices) -> Indices:
    """Places in (mean, vech cov) of the moments that are not those of fixed x."""
    return np.setdiff1d(np.arange(p + p * (p + 1) // 2), exogenous_moments(p, exogenous, True))


def _place(group: GroupSample, at: Implied | None) -> tuple[Patterns, PatternPoint]:
    if group.patterns is None:
        raise DataError("full information needs the rows: pass data, not moments")
    cov, mean = (group.cov, group.mean) if at is None else (at.Sigma, at.mu)
    return group.patterns, pattern_point(group.patterns, cov, mean)


def _rows(group: GroupSample) -> Matrix:
    if group.data is None:
        raise DataError("full information needs the rows: pass data, not moments")
    return group.data


def _saturated(group: GroupSample, variables: tuple[str, ...]) -> GroupSample:
    if group.patterns is not None:
        return group  # of an earlier fit to the same rows
    patterns = patterns_of(_rows(group), group.sampling_weights)
    together = patterns.together()
    if (together == 0).any():
        raise DataError(_never_together(together, variables, group.label))
    found = saturated_moments(patterns)
    if not found.converged:
        raise DataError(_no_maximum(found.cov, together, variables, _where(group.label)))
    return replace(group, cov=found.cov, mean=found.mean, patterns=patterns, saturated=found.value)


def _coverage_notes(group: GroupSample, variables: tuple[str, ...]) -> list[str]:
    """Pairs that fewer than a tenth of the rows have: their covariance is hardly known."""
    if group.patterns is None:
        return []
    share = group.patterns.together() / group.patterns.n_obs
    pairs = [(a, b) for a, b in np.argwhere(share < SPARSE).tolist() if a <= b]
    if not pairs:
        return []
    a, b = min(pairs, key=lambda pair: float(share[pair]))
    both = f"both '{variables[a]}' and '{variables[b]}'" if a != b else f"'{variables[a]}'"
    more = f" ({len(pairs)} pairs in all)" if len(pairs) > 1 else ""
    return [
        f"Only {share[a, b]:.1%} of the rows{_where(group.label)} have {both}{more}: below {SPARSE:.0%} what "
        "the model says of them rests on the other variables. Leave them out, or collect more answers."
    ]


def _never_together(together: Matrix, variables: tuple[str, ...], label: str) -> str:
    a, b = (int(at) for at in np.argwhere(together == together.min())[0])
    none = "no row" if together[a, b] == 0 else "only one row"
    return (
        f"{none}{_where(label)} has values of both '{variables[a]}' and '{variables[b]}', so that their "
        "covariance cannot be estimated; leave one of them out of the model"
    )


def _where(label: str) -> str:
    return f" in group '{label}'" if label else ""


def _no_maximum(cov: Matrix, together: Matrix, variables: tuple[str, ...], where: str) -> str:
    """Why there are no saturated moments: the variables that collapse into one, and who has few rows."""
    sd = np.sqrt(np.diagonal(cov))
    known = np.isfinite(cov).all() and (sd > 0).all()
    null = np.abs(np.linalg.eigh(cov / np.outer(sd, sd))[1][:, 0]) if known else np.ones(len(sd))
    involved = [at for at in np.argsort(-null) if null[at] > 0.1 * null.max()]
    among = together[np.ix_(involved, involved)]
    a, b = (involved[int(at)] for at in np.unravel_index(int(among.argmin()), among.shape))
    few = (
        f"only {together[a, b]:g} rows have both '{variables[a]}' and '{variables[b]}'"
        if a != b
        else f"only {together[a, a]:g} rows have '{variables[a]}'"
    )
    return (
        f"the means and covariances cannot be estimated from the incomplete rows{where}: on the way to the "
        f"largest likelihood {', '.join(variables[at] for at in involved[:8])} become linearly "
        f"dependent; {few}. Leave out variables with few values, or use more rows"
    )
