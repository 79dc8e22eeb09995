"""The bootstrap test of exact fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.estimation.resampling import bootstrap_refits
from research.estimation.statistic import Statistic
from research.numerics.arrays import Matrix

if TYPE_CHECKING:
    from research.estimation.fit import Fit


def bollen_stine(
    fit: Fit, n_draws: int = 1000, *, seed: int = 1, workers: int | None = None, progress: bool | None = None
) -> Statistic:
    """The statistic of `fit` and the share of samples of the model that exceed it (Bollen & Stine 1992).

    The rows are turned so that the model holds in them exactly, z = Sigma^1/2 S^-1/2 (y - mean) + mu, and
    drawn with replacement. Samples in which the model did not converge do not count.
    """
    if fit.options.discrepancy != "ML" or fit.sample.n_missing or not fit.sample.has_data:
        raise DataError("the Bollen-Stine test needs maximum likelihood on complete rows")
    turned = []
    for group, block, at in zip(fit.sample.groups, fit.compiled.blocks, fit.implied_blocks, strict=True):
        data = group.data if group.data is not None else np.zeros((0, len(group.mean)))
        S = group.cov * (group.weight / group.n_obs)
        turn = _root(at.Sigma, 0.5) @ _root(S, -0.5)
        turned.append((data - group.mean) @ turn.T + (at.mu if block.means else group.mean))
    refits = bootstrap_refits(
        fit, n_draws, seed, "bollen-stine", data=turned, workers=workers, progress=progress
    )
    draws = refits.discrepancy[refits.converged]
    if not len(draws):
        raise DataError("the model converged in none of the bootstrap samples")
    share = float((draws >= fit.discrepancy).mean())
    return Statistic(fit.statistic.chisq, fit.df, share, name="bollen_stine")


def _root(S: Matrix, power: float) -> Matrix:
    """A symmetric power of a positive definite matrix."""
    values, vectors = np.linalg.eigh(S)
    return np.asarray((vectors * values**power) @ vectors.T)
