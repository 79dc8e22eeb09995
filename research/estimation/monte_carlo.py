"""Monte Carlo intervals of effects that are functions of the parameters, such as indirect effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, OptionError
from research.estimation import estimates
from research.numerics.arrays import Matrix
from research.provenance import stream

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit

_BLOCK = 4_000_000  # numbers drawn at a time


def monte_carlo(fit: Fit, n_draws: int = 20_000, *, seed: int = 1, level: float = 0.95) -> pd.DataFrame:
    """`lhs op rhs label estimate se low high lost` of every defined parameter.

    Parameters are drawn from the normal distribution around their estimates with the sampling covariance of
    the fit (robust, if that is what it has); the effects are computed in every draw, and the limits are
    percentiles. MacKinnon, Lockwood & Williams (2004); Preacher & Selig (2012). No refits, so that it serves
    where rows are not at hand. A parameter that is fixed, or at the limit of a constraint, does not vary.
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
    effects = _effects(fit, fit.vcov, n_draws, seed)
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
    return estimates.frame({**texts, "estimate": fit.solution.values[first:], **columns, "lost": lost})


def _effects(fit: Fit, vcov: Matrix, n_draws: int, seed: int) -> Matrix:
    """The defined parameters in every draw, (n_draws, d)."""
    values, vectors = np.linalg.eigh(vcov)
    # Constraints make the covariance singular; rounding then leaves eigenvalues a little below zero.
    kept = values > max(float(values[-1]), 0.0) * 1e-14 if len(values) else np.zeros(0, dtype=bool)
    root = vectors[:, kept] * np.sqrt(values[kept])
    rng = stream(seed, "monte carlo")
    size = max(1, _BLOCK // max(1, len(values)))
    parts = []
    for begun in range(0, n_draws, size):
        z = rng.standard_normal((min(size, n_draws - begun), int(kept.sum())))
        with np.errstate(all="ignore"):
            draws = fit.theta + z @ root.T
            parts.append(estimates.defined_draws(fit.table, fit.constraints.book, draws))
    return np.vstack(parts)
