"""Reliability of the sum of ordered answers, from the normal variables behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.bivariate_normal import bivariate_cdf
from research.numerics.chi_square import normal_cdf


def categorical_omega(loadings: Vector, thresholds: Sequence[Vector], cor: Matrix) -> float:
    """Reliability of the sum of k items scored 1, 2, … , with one factor behind; Green & Yang (2009), eq. 21.

    An answer is 1 plus the number of its thresholds that the latent response exceeds, so that
    cov(x_i, x_j) = sum over thresholds of P(y_i <= t, y_j <= u) - P(y_i <= t) P(y_j <= u). The true part
    takes the correlation l_i l_j of two parallel answers (also for i = j); the total takes `cor` (k, k), the
    polychoric correlations or those that the model implies, and on the diagonal the variance of the answer.

    loadings (k,): standardized, of the latent responses. thresholds: k vectors, ascending.
    """
    item = np.repeat(np.arange(len(loadings)), [len(each) for each in thresholds])
    at = np.concatenate(thresholds)
    below = normal_cdf(at)
    chance = np.outer(below, below)
    common = np.outer(loadings, loadings)[np.ix_(item, item)]
    true = bivariate_cdf(at[:, None], at[None, :], np.clip(common, -1.0, 1.0)) - chance
    between = np.clip(cor[np.ix_(item, item)], -1.0, 1.0)
    same = item[:, None] == item[None, :]
    joint = bivariate_cdf(at[:, None], at[None, :], np.where(same, 0.0, between))
    observed = np.where(same, np.minimum(below[:, None], below[None, :]), joint) - chance
    return float(true.sum()) / float(observed.sum())
