"""Refits one by one, for everything that the batches of maximum likelihood do not cover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from research.errors import ResearchError
from research.estimation import estimates
from research.estimation.admissibility import admissibility_notes
from research.estimation.constraints import Constraints, constraints_of
from research.estimation.incomplete import FULL_INFORMATION, TWO_STAGE, with_saturated_moments
from research.estimation.problem import Problem, problem_of
from research.estimation.refits import Refits
from research.estimation.resampled_rows import resampled, with_available_moments
from research.estimation.sample import check_covariance
from research.estimation.search import Search, search
from research.numerics.arrays import Matrix, Vector
from research.numerics.implied import Implied

if TYPE_CHECKING:
    from research.estimation.compiled import Compiled
    from research.estimation.fit import Fit
    from research.estimation.sample import Sample
    from research.model.options import Options
    from research.model.table import ParameterTable

SIZE = 8  # samples between two looks at the clock
NEAR = 50  # steps from the estimates of the whole sample, of which a regular model needs five


class Found(NamedTuple):
    """One refit: parameters (q,), discrepancy, standardized values by row of the table, and why it failed."""

    theta: Vector
    discrepancy: float
    standardized: Vector
    admissible: bool
    reason: str = ""


Refit = Callable[["Sample"], Found]


@dataclass(frozen=True, slots=True)
class SingleRefits:
    """`sample` has the rows; `one` refits the model to a sample of them."""

    sample: Sample
    one: Refit
    n_parameters: int
    n_rows: int

    @property
    def size(self) -> int:
        """Samples that a worker takes at a time."""
        return SIZE

    def refit(self, counts: Sequence[Matrix]) -> Refits:
        """Refits to samples with these multiplicities, (b, n_g) a group."""
        from threadpoolctl import threadpool_limits

        # One thread: how many share a product out changes its last bits.
        with threadpool_limits(limits=1, user_api="blas"), np.errstate(all="ignore"):
            found = [self._safely([count[at] for count in counts]) for at in range(len(counts[0]))]
        return Refits(
            np.array([each.theta for each in found]),
            np.array([each.discrepancy for each in found]),
            np.array([not each.reason for each in found]),
            np.array([each.standardized for each in found]),
            np.array([each.admissible for each in found]),
            tuple(each.reason for each in found),
        )

    def _safely(self, counts: Sequence[Vector]) -> Found:
        """A sample that makes no model (a variable without variance, a category lost) is a failure."""
        try:
            return self.one(resampled(self.sample, counts))
        except ResearchError as error:
            reason = str(error)
        except np.linalg.LinAlgError:
            reason = "a matrix of the sample is singular"
        return Found(np.full(self.n_parameters, np.nan), np.nan, np.full(self.n_rows, np.nan), False, reason)


def single_refits(fit: Fit, sample: Sample, *, values: bool = False) -> SingleRefits:
    """The way to refit `fit`; `sample` has the rows. `values`: the discrepancies are wanted, in any case."""
    one: Refit
    if fit.levels is not None:
        one = partial(_of_two_levels, fit.table, fit.options)
    elif fit.options.is_ordinal:
        from research.estimation.ordinal_refits import ordinal_refit

        one = ordinal_refit(fit)
    elif fit.unrotated is not None:
        from research.estimation.rotated_refits import rotated_refit

        one = rotated_refit(fit)
    else:
        one = ContinuousRefit(fit.compiled, constraints_of(fit.table), fit.options, fit.theta, values)
    return SingleRefits(sample, one, len(fit.theta), len(fit.table.parameters))


@dataclass(frozen=True, slots=True)
class ContinuousRefit:
    """Any estimator of continuous variables, under any constraints, from the estimates `start`.

    `values`: the discrepancy is wanted under full information too, which takes the saturated model.
    """

    compiled: Compiled
    constraints: Constraints
    options: Options
    start: Vector
    values: bool = False

    def __call__(self, sample: Sample) -> Found:
        """The model refitted to one sample."""
        searched, blocks = self.searched(sample)
        found = searched.found
        book = self.constraints.book
        shown = estimates.standardized_values(self.compiled, blocks, book, "all")
        proper = not admissibility_notes(self.compiled, blocks)
        rows = shown[: len(self.compiled.table.parameters)]
        return Found(found.theta, found.value, rows, proper, "" if found.converged else found.reason)

    def searched(self, sample: Sample) -> tuple[Search, tuple[Implied, ...]]:
        """From the estimates of the whole sample, and if that fails from start values of its own."""
        if self.options.missing in FULL_INFORMATION and not self.values:
            quick = with_available_moments(sample)
            problem = problem_of(self.compiled, quick, self.options)
            end = self._search(problem, self.start, quick, NEAR)
            if end.found.converged:
                found = replace(end.found, value=np.nan)  # without the saturated model it has no origin
                return replace(end, found=found), self._blocks(problem, end)
        if self.options.missing in (*FULL_INFORMATION, *TWO_STAGE):
            sample = with_saturated_moments(sample)
        for group in sample.groups:
            check_covariance(group.cov, sample.variables, group.n_obs, group.label)
        problem = problem_of(self.compiled, sample, self.options)
        end = self._search(problem, self.start, sample, NEAR)
        # The weights of WLS are noisy enough to make a second minimum near the estimates of the whole sample.
        if not end.found.converged or self.options.discrepancy == "WLS":
            first = self.compiled.start([g.cov for g in sample.groups], [g.mean for g in sample.groups])
            start = self.constraints.project(first)
            again = self._search(problem, start, sample, self.options.max_iter)
            better = not end.found.converged or again.found.value < end.found.value
            end = again if better and (again.found.converged or not end.found.converged) else end
        return end, self._blocks(problem, end)

    def _search(self, problem: Problem, start: Vector, sample: Sample, max_iter: int) -> Search:
        options = replace(self.options, max_iter=min(max_iter, self.options.max_iter))
        return search(problem, start, self.compiled, self.constraints, sample, options)

    def _blocks(self, problem: Problem, end: Search) -> tuple[Implied, ...]:
        return tuple(piece[0] for piece in problem.point(end.found.theta).blocks)


def _of_two_levels(table: ParameterTable, options: Options, sample: Sample) -> Found:
    from research.estimation.two_level import fit_two_level

    return found_of(fit_two_level(table, sample, options))


def found_of(fit: Fit) -> Found:
    """What a whole fit says of one sample."""
    rows = fit.standardized_values("all")[: len(fit.table.parameters)]
    reason = "" if fit.converged else "the search found no minimum"
    return Found(fit.theta, fit.discrepancy, rows, fit.admissible, reason)
