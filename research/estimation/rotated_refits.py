"""Refits of models with exploratory factors: each is rotated, its factors put beside the first ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from research.estimation import estimates
from research.estimation.admissibility import admissibility_notes
from research.estimation.constraints import constraints_of
from research.estimation.exploratory import exploratory_blocks, parameters_of, turned
from research.estimation.single_refits import ContinuousRefit, Found
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.implied import Implied

if TYPE_CHECKING:
    from research.estimation.fit import Fit
    from research.estimation.sample import Sample


@dataclass(frozen=True, slots=True)
class RotatedRefit:
    """`whole`: the rotated fit; `refit`: its model before the rotation.

    A rotation leaves the order and the signs of the factors open. In every sample they are those that bring
    the standardized loadings nearest to the whole sample's (Tucker's congruence summed over factors).
    """

    whole: Fit
    before: Fit
    refit: ContinuousRefit

    def __call__(self, sample: Sample) -> Found:
        """The model refitted to one sample and rotated."""
        searched, blocks = self.refit.searched(sample)
        found = searched.found
        if not found.converged:
            nothing = np.full(len(self.whole.theta), np.nan)
            rows = np.full(len(self.whole.table.parameters), np.nan)
            return Found(nothing, found.value, rows, False, found.reason)
        one = replace(self.before, sample=sample, theta=found.theta, implied_blocks=blocks)
        aligned = tuple(self._aligned(place, at) for place, at in enumerate(turned(one)))
        compiled, book = self.whole.compiled, self.whole.constraints.book
        shown = estimates.standardized_values(compiled, aligned, book, "all")
        proper = not admissibility_notes(compiled, aligned)
        theta = parameters_of(compiled, aligned)
        return Found(theta, found.value, shown[: len(compiled.table.parameters)], proper)

    def _aligned(self, place: int, at: Implied) -> Implied:
        whole = self.whole.implied_blocks[place]
        p = self.whole.compiled.blocks[place].layout.n_observed
        M = np.eye(len(at.A))
        for factors, _ in exploratory_blocks(self.before, place):
            order, sign = nearest(at.A[:p, factors], whole.A[:p, factors])
            M[np.ix_(factors, factors)] = np.eye(len(factors))[:, order] * sign
        V, G = M.T @ at.V @ M, M.T @ at.G @ M
        return at._replace(
            A=M.T @ at.A @ M, S=M.T @ at.S @ M, alpha=M.T @ at.alpha, V=V, G=G, eta=M.T @ at.eta
        )


def nearest(loadings: Matrix, target: Matrix) -> tuple[Indices, Vector]:
    """Order and signs of columns (p, k) whose congruence with those of `target` has the largest sum."""
    from scipy.optimize import linear_sum_assignment

    size = np.sqrt((target**2).sum(axis=0)[:, None] * (loadings**2).sum(axis=0))
    congruence = (target.T @ loadings) / np.where(size > 0, size, 1.0)
    _, order = linear_sum_assignment(-np.abs(congruence))
    sign = np.where(congruence[np.arange(len(order)), order] < 0, -1.0, 1.0)
    return np.asarray(order, dtype=np.intp), sign


def rotated_refit(fit: Fit) -> RotatedRefit:
    """The way to refit a fit with rotated factors."""
    before = fit.unrotated
    if before is None:
        raise ValueError("the fit has no rotated factors")
    slim = replace(fit, unrotated=None, resampled=None)
    refit = ContinuousRefit(before.compiled, constraints_of(before.table), before.options, before.theta)
    return RotatedRefit(slim, before, refit)
