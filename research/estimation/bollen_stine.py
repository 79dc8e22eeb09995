"""The bootstrap test of exact fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.estimation.incomplete import TWO_STAGE
from research.estimation.resampled_rows import rows_of
from research.estimation.resampling import bootstrap_refits
from research.estimation.statistic import Statistic
from research.numerics.arrays import Matrix, Vector

if TYPE_CHECKING:
    from research.estimation.fit import Fit


def bollen_stine(
    fit: Fit, n_draws: int = 1000, *, seed: int = 1, workers: int | None = None, progress: bool | None = None
) -> Statistic:
    """The statistic of `fit` and the share of samples of the model that exceed it (Bollen & Stine 1992).

    The rows are turned so that the model holds in them exactly, z = Sigma^1/2 S^-1/2 (y - mean) + mu, and
    drawn with replacement; clusters are drawn whole. Samples in which the model did not converge do not
    count. Any estimator of continuous variables; incomplete rows under full information, where S and the
    mean are the saturated model's and each row is turned within what it has (Enders 2002): the model then
    holds nearly, not exactly.

    Fixed x have no model: in every sample they take the sample's own moments, as in any fit. lavaan 0.6-14
    holds them in all samples at those of the data, so that its statistics contain the distance between the
    two, as if the moments of x were hypotheses with degrees of freedom of their own, and its p is too large
    (with fixed.x = FALSE both agree).
    """
    if fit.levels is not None or fit.options.is_ordinal:
        raise DataError("the Bollen-Stine test is for continuous variables of one level")
    if fit.options.missing in TWO_STAGE and fit.sample.n_missing:
        raise DataError("with incomplete rows the Bollen-Stine test needs full information (missing='fiml')")
    before = fit if fit.unrotated is None else fit.unrotated  # a rotation does not change the fit
    turned = []
    for group, block, at in zip(
        before.sample.groups, before.compiled.blocks, before.implied_blocks, strict=True
    ):
        S = group.cov * (group.weight / group.size)
        moments = (group.mean, at.mu if block.means else group.mean)
        turned.append(turned_rows(rows_of(group), S, at.Sigma, *moments))
    refits = bootstrap_refits(
        before, n_draws, seed, "bollen-stine", data=turned, workers=workers, progress=progress
    )
    draws = refits.discrepancy[refits.converged]
    if not len(draws):
        reasons = "; ".join(refits.failures)
        raise DataError(f"the model converged in none of the bootstrap samples: {reasons}")
    share = float((draws >= before.discrepancy).mean())
    return Statistic(fit.statistic.chisq, fit.df, share, name="bollen_stine")


def turned_rows(rows: Matrix, S: Matrix, Sigma: Matrix, mean: Vector, mu: Vector) -> Matrix:
    """Rows (n, p) with the moments S, mean turned to have Sigma, mu; the same for each pattern of gaps."""
    out = np.full_like(rows, np.nan)
    seen, pattern = np.unique(~np.isnan(rows), axis=0, return_inverse=True)
    for number, kept in enumerate(seen):
        own = np.ix_(pattern == number, kept)
        part = np.ix_(kept, kept)
        turn = _root(Sigma[part], 0.5) @ _root(S[part], -0.5)
        out[own] = (rows[own] - mean[kept]) @ turn.T + mu[kept]
    return out


def _root(S: Matrix, power: float) -> Matrix:
    """A symmetric power of a positive definite matrix."""
    values, vectors = np.linalg.eigh(S)
    if not values[0] > 0:
        raise DataError(
            "the Bollen-Stine test needs a positive definite implied covariance matrix; the solution has none"
        )
    return np.asarray((vectors * values**power) @ vectors.T)
