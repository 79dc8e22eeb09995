"""Log-likelihoods of the saturated and the fitted model, given fixed x, and the statistic made of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.implied import Implied
from research.numerics.likelihood import inverse_and_logdet, saturated_loglik
from research.numerics.sem_layout import Block

if TYPE_CHECKING:
    from research.estimation.fit import Fit


def saturated(fit: Fit) -> float:
    """Log-likelihood of the unrestricted model."""
    if fit.levels is not None:
        return fit.levels.saturated_loglik
    total = 0.0
    for group, block in zip(fit.sample.groups, fit.compiled.blocks, strict=True):
        if fit.is_incomplete and group.patterns is not None:
            total -= 0.5 * (group.size * group.saturated + group.patterns.n_values * math.log(2.0 * math.pi))
        else:
            total += saturated_loglik(group.size, group.cov, group.logdet)
        x = block.exogenous
        if len(x):
            total -= saturated_loglik(group.size, group.cov[np.ix_(x, x)])
    return total


def gap(fit: Fit) -> float:
    """Saturated minus fitted log-likelihood."""
    if fit.levels is not None:
        return 0.5 * fit.statistic.chisq
    if fit.is_incomplete:
        return 0.5 * fit.discrepancy * sum(group.size for group in fit.sample.groups)
    if fit.options.discrepancy == "ML":
        return 0.5 * sum(group.size for group in fit.sample.groups) * fit.discrepancy
    return 0.5 * sum(group.size * each for group, each in zip(fit.sample.groups, _by_group(fit), strict=True))


def chi_square(fit: Fit) -> float:
    """The test statistic: the discrepancy times n, or that of each group times n - 1."""
    several = fit.options.discrepancy == "ML" and fit.sample.divisor != "n" and fit.n_groups > 1
    if not several:
        return fit.sample.weight * fit.discrepancy
    return sum(group.weight * each for group, each in zip(fit.sample.groups, _by_group(fit), strict=True))


def _by_group(fit: Fit) -> list[float]:
    parts = zip(fit.sample.groups, fit.compiled.blocks, fit.implied_blocks, strict=True)
    return [_discrepancy(block, at, group.cov, group.mean) for group, block, at in parts]


def _discrepancy(block: Block, at: Implied, cov: Matrix, mean: Vector) -> float:
    """F_ML of the moments of a group at the implied ones."""
    P, logdet = inverse_and_logdet(at.Sigma)
    _, top = inverse_and_logdet(cov)
    value = float(logdet - top + (P * cov).sum() - len(cov))
    if block.means:
        shift = mean - at.mu
        value += float(shift @ P @ shift)
    return value
