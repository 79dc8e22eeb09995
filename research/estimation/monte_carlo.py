"""Monte Carlo intervals of effects that are functions of the parameters, such as indirect effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, OptionError
from research.estimation import estimates
from research.numerics.arrays import Matrix
from research.numerics.implied import implied
from research.numerics.standardize import standardized as standardized_rows
from research.provenance import stream

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit

_BLOCK = 4_000_000  # numbers drawn at a time


def monte_carlo(
    fit: Fit, n_draws: int = 20_000, *, seed: int = 1, level: float = 0.95, standardized: bool = False
) -> pd.DataFrame:
    """`lhs op rhs label estimate se low high lost` of every defined parameter.

    Parameters are drawn from the normal distribution around their estimates with the sampling covariance of
    the fit (robust, if that is what it has); the effects are computed in every draw, and the limits are
    percentiles. MacKinnon, Lockwood & Williams (2004); Preacher & Selig (2012). No refits, so that it serves
    where rows are not at hand. A parameter that is fixed, or at the limit of a constraint, does not vary.
    `standardized`: effects of the completely standardized solution, which is computed in every draw.
    `lost`: draws in which the effect has no value (the logarithm of a negative number); the limits leave
    them out.
    """
    if not fit.table.defined:
        raise OptionError(
            "the model defines no effect; name paths and add a line such as 'indirect := a*b' to the model"
        )
    if not 0.0 < level < 1.0:
        raise OptionError(f"level is {level}; it must lie between 0 and 1, for example 0.95")
    if n_draws < 100:
        raise OptionError(f"n_draws is {n_draws}; percentiles need at least 100, better 20000")
    if fit.vcov is None:
        raise DataError(
            "the fit has no sampling covariance of its parameters, so there is nothing to draw from: "
            + " ".join(fit.notes)
        )
    if standardized and fit.options.is_ordinal:
        raise OptionError(
            "standardized=True is for continuous variables; bootstrap().standardized() has both"
        )
    effects = _effects(fit, fit.vcov, n_draws, seed, standardized)
    finite = np.isfinite(effects)
    columns = {name: np.full(effects.shape[1], np.nan) for name in ("se", "low", "high")}
    tail = (1.0 - level) / 2.0
    for at in range(effects.shape[1]):
        own = effects[finite[:, at], at]
        if len(own) > 1:
            columns["se"][at] = own.std(ddof=1)
            columns["low"][at], columns["high"][at] = np.quantile(own, [tail, 1.0 - tail])
    first = len(fit.table.parameters)
    keys = {name: values[first:] for name, values in estimates.keys(fit.table).items()}
    texts = {name: keys[name] for name in ("lhs", "op", "rhs", "label")}
    lost = (~finite).sum(axis=0)
    values = fit.standardized_values("all") if standardized else fit.solution.values
    return estimates.frame({**texts, "estimate": values[first:], **columns, "lost": lost})


def _effects(fit: Fit, vcov: Matrix, n_draws: int, seed: int, standardized: bool) -> Matrix:
    """The defined parameters in every draw, (n_draws, d)."""
    values, vectors = np.linalg.eigh(vcov)
    # Constraints make the covariance singular; rounding then leaves eigenvalues a little below zero.
    kept = values > max(float(values[-1]), 0.0) * 1e-14 if len(values) else np.zeros(0, dtype=bool)
    root = vectors[:, kept] * np.sqrt(values[kept])
    rng = stream(seed, "monte carlo")
    size = max(1, _BLOCK // max(1, len(values) * (50 if standardized else 1)))
    parts = []
    for begun in range(0, n_draws, size):
        z = rng.standard_normal((min(size, n_draws - begun), int(kept.sum())))
        with np.errstate(all="ignore"):
            draws = fit.theta + z @ root.T
            if standardized:
                draws = _standardized(fit, draws)
            parts.append(estimates.defined_draws(fit.table, fit.constraints.book, draws))
    return np.vstack(parts)


def _standardized(fit: Fit, draws: Matrix) -> Matrix:
    """Parameters (b, q) in the completely standardized metric of each draw."""
    rows = np.full((len(draws), len(fit.table.parameters)), np.nan)
    parts = zip(fit.compiled.blocks, fit.compiled.rows, fit.compiled.places, fit.sample.groups, strict=True)
    for block, cells, places, group in parts:
        at = implied(block, draws, *block.with_sample(group.cov, group.mean))
        rows[:, places] = standardized_rows(cells, block, at, "all")
        improper = (np.diagonal(at.S, axis1=1, axis2=2) < 0).any(axis=1)
        rows[improper] = np.nan  # no standard deviations, no standardized effects
    return rows[:, estimates.first_rows(fit.table)]
