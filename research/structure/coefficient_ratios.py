"""Odds and rate ratios of a regression by maximum likelihood, with Wald's or profile intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import OptionError
from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import normal_quantile
from research.structure.likelihood_models import mean_slope_weight, poisson_loglik

if TYPE_CHECKING:
    import pandas as pd

    from research.structure.regression import Regression


def coefficient_ratios(fit: Regression, *, profile: bool = False) -> pd.DataFrame:
    """`term estimate low high ratio ratio_low ratio_high`: the coefficients and their exponentials.

    exp(b) is an odds ratio (logit, ordinal) or a rate ratio (poisson); of a probit it means nothing by
    itself. `profile`: limits where twice the log likelihood, maximized over the other coefficients, has
    fallen by the quantile of chi-square (Venables & Ripley 2002, sec. 8.4); else Wald's. Thresholds are left
    out. Raises OptionError for ols, and for profiles of an ordinal model.
    """
    import pandas as pd

    if fit.family == "ols":
        raise OptionError("a coefficient of least squares is a difference, not a ratio.")
    table = fit.tidy().iloc[: len(fit.terms)]
    estimate = table["estimate"].to_numpy(dtype=np.float64)
    low, high = table["low"].to_numpy(dtype=np.float64), table["high"].to_numpy(dtype=np.float64)
    if profile:
        if fit.family not in ("logit", "probit", "poisson"):
            raise OptionError(
                f"profile limits are computed for logit, probit and poisson, not {fit.family!r}."
            )
        low, high = _profile(fit, fit.family, estimate, table["se"].to_numpy(dtype=np.float64))
    with np.errstate(over="ignore"):
        ratios = [np.exp(values) for values in (estimate, low, high)]
    columns = dict(zip(("ratio", "ratio_low", "ratio_high"), ratios, strict=True))
    terms = table["term"].tolist()
    return pd.DataFrame({"term": terms, "estimate": estimate, "low": low, "high": high, **columns})


def _profile(
    fit: Regression, family: Literal["logit", "probit", "poisson"], estimate: Vector, se: Vector
) -> tuple[Vector, Vector]:
    X, y = fit.design.X, fit.design.y
    z = normal_quantile((1 + fit.level) / 2)
    best = fit.estimates.measures["loglik"]
    limits = np.empty((2, len(estimate)))
    for j, (b, error) in enumerate(zip(estimate, se, strict=True)):
        others, start = np.delete(X, j, axis=1), np.delete(estimate, j)

        def fallen(value: float, j: int = j, others: Matrix = others, start: Vector = start) -> float:
            return 2 * (best - _maximum(others, y, X[:, j] * value, start, family)) - z * z

        for side, sign in enumerate((-1, 1)):
            limits[side, j] = _crossing(fallen, float(b), sign * float(error))
    return limits[0], limits[1]


def _crossing(fallen: Callable[[float], float], start: float, step: float) -> float:
    """Where the function crosses zero, outwards from `start`; infinite where it never does.

    NaN where rounding of a huge likelihood (counts beyond 1e12) hides how it falls.
    """
    from scipy.optimize import brentq

    if not fallen(start) < 0:
        return float("nan")
    inside, outside = start, start + step
    for _ in range(60):
        if fallen(outside) > 0:
            return float(brentq(fallen, inside, outside, xtol=1e-12, rtol=1e-13))
        inside, outside = outside, outside + 2 * (outside - start)
        if abs(outside - start) > 1e6 * abs(step):
            break
    return float(np.copysign(np.inf, step))


def _maximum(
    X: Matrix, y: Vector, offset: Vector, start: Vector, family: Literal["logit", "probit", "poisson"]
) -> float:
    """The largest log likelihood with an offset, by Fisher scoring with halved steps."""
    b = start.copy()
    value = _loglik(X @ b + offset, y, family)
    for _ in range(200 if X.shape[1] else 0):
        mean, slope, weight = mean_slope_weight(X @ b + offset, family)
        information = X.T @ (np.maximum(weight, 1e-12)[:, None] * X)
        step = np.linalg.solve(information, X.T @ (slope * (y - mean)))
        size = 1.0
        new = _loglik(X @ (b + step) + offset, y, family)
        while not new >= value - 1e-12 * abs(value) and size > 1e-6:
            size /= 2
            new = _loglik(X @ (b + size * step) + offset, y, family)
        b = b + size * step
        if abs(new - value) <= 1e-13 * max(1.0, abs(new)):
            return max(new, value)
        value = new
    return value


def _loglik(eta: Vector, y: Vector, family: str) -> float:
    from scipy.special import log_expit, log_ndtr

    if family == "poisson":
        return poisson_loglik(y, np.exp(np.minimum(eta, 700.0)))
    log = log_expit if family == "logit" else log_ndtr
    return float(np.where(y > 0, log(eta), log(-eta)).sum())
