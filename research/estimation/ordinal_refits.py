"""Refits with ordered variables: thresholds, correlations and their weights anew in every sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.estimation.resampled_rows import rows_of
from research.estimation.single_refits import Found, found_of
from research.numerics.arrays import Matrix, Vector

if TYPE_CHECKING:
    from research.estimation.fit import Fit
    from research.estimation.sample import Sample
    from research.model.options import Options
    from research.model.table import ParameterTable

STEPS = 60  # of a search; more are only taken where a residual variance runs off to zero


@dataclass(frozen=True, slots=True)
class OrdinalRefit:
    """`ordered`: the ordered variables; `levels`: the values of each that stand for its categories.

    `start` (q,): the estimates of the whole sample, from which the search begins.
    """

    table: ParameterTable
    options: Options
    ordered: tuple[str, ...]
    levels: tuple[Vector, ...]
    start: Vector

    def __call__(self, sample: Sample) -> Found:
        """The model refitted to one sample; a category that nobody in it chose is a failure."""
        from research.estimation.ordinal_run import estimate_ordinal
        from research.estimation.ordinal_sample import Answers, ordinal_sample

        places = np.array([sample.variables.index(name) for name in self.ordered], dtype=np.intp)
        for group in sample.groups:
            self._refuse_lost(rows_of(group)[:, places], group.label)
        several = len(sample.groups) > 1
        names = [group.label for group in sample.groups]
        drawn = ordinal_sample(
            Answers(sample.variables, np.vstack([rows_of(g) for g in sample.groups]), places, self.levels),
            np.repeat(np.array(names), [g.n_obs for g in sample.groups]) if several else None,
            tuple(names) if several else (),
            exogenous=self.table.exogenous,
            pairwise=self.options.missing == "pairwise",
            products="double" if self.options.discrepancy == "WLS" else "none",
        )
        near = estimate_ordinal(self.table, drawn, self.ordered, self.options, self.start)
        if near.converged:
            return found_of(near)
        return found_of(estimate_ordinal(self.table, drawn, self.ordered, self.options))

    def _refuse_lost(self, answers: Matrix, label: str) -> None:
        for name, levels, column in zip(self.ordered, self.levels, answers.T, strict=True):
            if len(np.unique(column[~np.isnan(column)])) < len(levels):
                where = f" in group '{label}'" if label else ""
                raise DataError(f"a category of item '{name}' was not drawn{where}")


def ordinal_refit(fit: Fit) -> OrdinalRefit:
    """The way to refit a fit with ordered variables."""
    with_thresholds = {p.lhs for p in fit.table.parameters if p.op == "|"}
    ordered = tuple(name for name in fit.sample.variables if name in with_thresholds)
    rows = np.vstack([rows_of(group) for group in fit.sample.groups])
    columns = [rows[:, fit.sample.variables.index(name)] for name in ordered]
    levels = tuple(np.unique(column[~np.isnan(column)]) for column in columns)
    steps = min(fit.options.max_iter, STEPS)
    plain = replace(fit.options, se="none", test="none", tests=("none",), max_iter=steps)
    return OrdinalRefit(fit.table, plain, ordered, levels, fit.theta)
