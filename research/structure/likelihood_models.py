"""Regressions by maximum likelihood: logit, probit and Poisson through statsmodels, ordinal ones of our own.

This is where statsmodels comes in, and where what it returns is typed. Its ordinal model takes its
standard errors from a numerical Hessian (off by 2e-5), so that one is computed in `numerics`.
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Literal

import numpy as np

from research.errors import DataError, OptionError
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.cumulative_link import cumulative_link
from research.numerics.least_squares import least_squares
from research.numerics.separation import separates_binary, separates_counts, separates_levels
from research.structure.estimates import CovType, Estimates

LikelihoodFamily = Literal["logit", "probit", "poisson", "ordinal", "ordinal_probit"]


def binary_or_count(
    X: Matrix,
    y: Vector,
    family: Literal["logit", "probit", "poisson"],
    cov_type: CovType,
    clusters: Indices | None,
    *,
    intercept: bool = True,
) -> Estimates:
    """Logit, probit or Poisson regression with z statistics; without an intercept the null model is X b = 0.

    The columns are orthonormalized before statsmodels sees them and turned back after, so that units
    do not matter to its optimizer. Standard errors come from the expected information, as those of a
    generalized linear model (for logit and Poisson it is the observed one too). Raises DataError for
    an outcome of the wrong kind and for perfect separation.
    """
    _check_outcome(y, family)
    if family == "poisson" and separates_counts(X, y):
        raise DataError(
            "for some values of the predictors nothing was ever counted: the estimates would be infinite. "
            "Drop or merge the category or predictor."
        )
    if family != "poisson" and separates_binary(X, y):
        raise DataError(
            "the predictors separate the outcome's 0 and 1 perfectly (for some values only one answer "
            "occurs): the estimates would be infinite. Drop or merge the category or predictor."
        )
    n, k = X.shape
    solution = least_squares(X, y)
    scale = np.sqrt(n)
    Z, turn = solution.basis * scale, solution.to_coefficients * scale
    gamma, loglik = _fit_statsmodels(Z, y, family)
    fitted, slope, information = mean_slope_weight(Z @ gamma, family)
    scores = Z * (slope * (y - fitted))[:, None]
    notes: tuple[str, ...] = ()
    if not float(np.abs(scores.sum(axis=0)).max()) < 1e-6 * max(n, float(y.sum())):
        notes = (f"the {family} regression did not converge; its estimates should not be used.",)
    bread = np.linalg.inv(Z.T @ (information[:, None] * Z))
    covariance = turn @ _ml_covariance(bread, scores, cov_type, clusters) @ turn.T
    null = _null_loglik(y, family, intercept)
    measures = _measures(n, k, k - 1 if intercept else k, loglik, null)
    if family == "poisson":
        measures["deviance"] = 2 * (poisson_loglik(y, y) - loglik)
        measures["null_deviance"] = 2 * (poisson_loglik(y, y) - null)
        measures["dispersion"] = float(((y - fitted) ** 2 / fitted).sum()) / (n - k)
    return Estimates(turn @ gamma, covariance, np.inf, measures, fitted, y - fitted, (), notes)


def ordinal(X: Matrix, y: Vector, family: str, cov_type: CovType, clusters: Indices | None) -> Estimates:
    """Cumulative logit or probit regression of an ordered outcome, z statistics; X without a constant.

    P(y <= j) = F(tau_j - x'b): a positive coefficient means higher answers. `fitted` is the expected
    level, counted from 0.
    """
    levels, codes = np.unique(y, return_inverse=True)
    if len(levels) < 3:
        raise DataError(
            f"the outcome of an ordinal regression has {len(levels)} levels; use family='logit' for two."
        )
    if len(levels) > 20:
        raise DataError(
            f"the outcome has {len(levels)} levels; an ordinal regression is meant for at most 20."
        )
    n, k = X.shape
    if n <= k + len(levels) - 1:
        raise DataError(
            f"{n} complete rows are too few for {k} coefficients and {len(levels) - 1} thresholds; at least "
            f"{k + len(levels)} are needed."
        )
    if separates_levels(X, codes.astype(np.intp)):
        raise DataError(
            "the predictors separate levels of the outcome perfectly (for some values only the highest or "
            "the lowest answer occurs): the estimates would be infinite. Drop or merge the category or "
            "predictor."
        )
    fit = cumulative_link(X, codes.astype(np.intp), "probit" if family == "ordinal_probit" else "logit")
    covariance = _ml_covariance(fit.bread, fit.scores, cov_type, clusters)
    measures = _measures(n, k + len(fit.thresholds), k, fit.loglik, _category_null(y))
    names = tuple(f"{low:g}|{high:g}" for low, high in pairwise(levels.tolist()))
    notes = (
        ()
        if fit.converged
        else ("the ordinal regression did not converge; its estimates should not be used.",)
    )
    expected = _expected_level(X @ fit.coefficients, fit.thresholds, family)
    coefficients = np.concatenate([fit.coefficients, fit.thresholds])
    return Estimates(coefficients, covariance, np.inf, measures, expected, codes - expected, names, notes)


def _fit_statsmodels(
    Z: Matrix, y: Vector, family: Literal["logit", "probit", "poisson"]
) -> tuple[Vector, float]:
    """Coefficients and log likelihood by statsmodels' Newton; the caller checks the gradient."""
    from statsmodels.discrete.discrete_model import Logit, Poisson, Probit

    kind = {"logit": Logit, "probit": Probit, "poisson": Poisson}[family]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they would say is checked and said by the caller
        try:
            start = _start(Z, y) if family == "poisson" else None
            result = kind(y, Z).fit(start_params=start, method="newton", maxiter=200, tol=1e-12, disp=0)
        except np.linalg.LinAlgError:
            raise DataError(
                f"the {family} regression has no finite estimates: its information matrix is singular."
            ) from None
    return np.asarray(result.params, dtype=np.float64), float(result.llf)


def _start(Z: Matrix, y: Vector) -> Vector:
    """The first step of Fisher scoring from the counts themselves: log counts by weighted least squares."""
    weighted = Z * (y + 0.1)[:, None]
    return np.asarray(np.linalg.solve(Z.T @ weighted, weighted.T @ np.log(y + 0.1)))


def mean_slope_weight(eta: Vector, family: str) -> tuple[Vector, Vector, Vector]:
    """Mean mu of the outcome, the factor of (y - mu) in the score, and the expected information.

    With V the variance: mu' / V and mu'^2 / V; both are 1 and V for the canonical links (logit, log).
    """
    from scipy.special import expit, ndtr

    if family == "poisson":
        mean = np.exp(np.minimum(eta, 700.0))
        return mean, np.ones_like(eta), mean
    if family == "logit":
        mean = expit(eta)
        return mean, np.ones_like(eta), mean * expit(-eta)
    mean, other = ndtr(eta), ndtr(-eta)
    density = np.exp(-(eta**2) / 2) / np.sqrt(2 * np.pi)
    variance = np.clip(mean * other, 1e-300, None)
    return mean, density / variance, density**2 / variance


def _check_outcome(y: Vector, family: str) -> None:
    if family == "poisson":
        if (y < 0).any() or (y != np.round(y)).any():
            bad = y[(y < 0) | (y != np.round(y))][0]
            raise DataError(
                f"a Poisson regression counts: the outcome must be whole and not negative; it holds {bad:g}."
            )
        return
    values = np.unique(y)
    if not np.isin(values, (0.0, 1.0)).all():
        shown = ", ".join(f"{v:g}" for v in values[:6])
        raise DataError(f"a {family} regression needs an outcome of 0 and 1; it holds {shown}.")


def _ml_covariance(bread: Matrix, scores: Matrix, cov_type: CovType, clusters: Indices | None) -> Matrix:
    """Inverse information, or White's (1982) sandwich around it: HC0, HC1 (n/(n-k)), or by cluster."""
    n, k = scores.shape
    if cov_type == "nonrobust":
        return bread
    if cov_type == "cluster" and clusters is not None:
        n_clusters = int(clusters.max()) + 1
        sums = np.zeros((n_clusters, k))
        np.add.at(sums, clusters, scores)
        half, scale = sums @ bread, n_clusters / (n_clusters - 1)
    elif cov_type in ("HC0", "HC1"):
        half, scale = scores @ bread, n / (n - k) if cov_type == "HC1" else 1.0
    else:
        raise OptionError(
            f"cov_type={cov_type!r} is defined for family='ols' only; here: nonrobust, HC0, HC1, cluster."
        )
    return np.asarray(scale * (half.T @ half))


def _measures(n: int, n_parameters: int, df: int, loglik: float, null: float) -> dict[str, float]:
    """Likelihood ratio test against the model without predictors, and the pseudo R^2.

    McFadden (1974): 1 - l/l0. Cox & Snell (1989): 1 - exp(2(l0 - l)/n); Nagelkerke (1991): that over
    its largest value.
    """
    from scipy.special import gammaincc

    chisq = 2 * (loglik - null)
    cox_snell = 1 - float(np.exp(-chisq / n))
    return {
        "n_obs": float(n),
        "chisq": chisq,
        "df1": float(df),
        "p": float(gammaincc(df / 2, max(chisq, 0.0) / 2)) if df else float("nan"),
        "loglik": loglik,
        "loglik_null": null,
        "deviance": -2 * loglik,
        "null_deviance": -2 * null,
        "mcfadden": 1 - loglik / null,
        "cox_snell": cox_snell,
        "nagelkerke": cox_snell / (1 - float(np.exp(2 * null / n))),
        "aic": -2 * loglik + 2 * n_parameters,
        "bic": -2 * loglik + float(np.log(n)) * n_parameters,
    }


def _null_loglik(y: Vector, family: str, intercept: bool) -> float:
    """Log likelihood of a constant mean; without an intercept, of the mean where the predictor is zero."""
    if family == "poisson":
        return poisson_loglik(y, np.full(len(y), y.mean() if intercept else 1.0))
    return _category_null(y) if intercept else -len(y) * float(np.log(2))


def _category_null(y: Vector) -> float:
    counts = np.unique(y, return_counts=True)[1]
    return float((counts * np.log(counts / len(y))).sum())


def poisson_loglik(y: Vector, mean: Vector) -> float:
    """Sum of y log(mean) - mean - log(y!)."""
    from scipy.special import gammaln, xlogy

    return float((xlogy(y, mean) - mean - gammaln(y + 1)).sum())


def _expected_level(eta: Vector, thresholds: Vector, family: str) -> Vector:
    from scipy.special import expit, ndtr

    below = thresholds[:, None] - eta
    expected: Vector = (1 - (ndtr(below) if family == "ordinal_probit" else expit(below))).sum(axis=0)
    return expected
