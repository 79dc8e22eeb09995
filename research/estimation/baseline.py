"""The baseline model: every variable with a mean and a variance of its own; exogenous x covary as they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.estimation.measures import Statistic
from research.numerics.arrays import Matrix
from research.numerics.chi_square import chi2_sf
from research.numerics.likelihood import inverse_and_logdet, saturated_loglik

if TYPE_CHECKING:
    from research.estimation.compiled import Compiled
    from research.estimation.sample import Sample
    from research.numerics.sem_layout import Block


def baseline_statistic(compiled: Compiled, sample: Sample) -> Statistic:
    """Likelihood ratio of independence, in closed form: n [sum log s_ii + log|S_xx| - log|S|]."""
    chisq, df = 0.0, 0.0
    for group, block, x in zip(sample.groups, compiled.blocks, compiled.predictors, strict=True):
        p = block.layout.n_observed
        other = np.setdiff1d(np.arange(p), x)
        fitted = float(np.log(np.diagonal(group.cov)[other]).sum())
        if len(x):
            fitted += float(inverse_and_logdet(group.cov[np.ix_(x, x)])[1])
        chisq += group.weight * (fitted - float(inverse_and_logdet(group.cov)[1]))
        df += p * (p - 1) / 2 - len(x) * (len(x) - 1) / 2
    return Statistic(chisq, df, chi2_sf(chisq, df))


def exogenous_loglik(block: Block, n_obs: float, cov: Matrix) -> float:
    """Log-likelihood of the fixed x alone, which the conditional likelihood leaves out."""
    x = block.exogenous
    return saturated_loglik(n_obs, cov[np.ix_(x, x)]) if len(x) else 0.0
