"""What any regression estimates, and the tables and measures that follow from it; arrays only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.least_squares import LeastSquares, least_squares
from research.numerics.sandwich import (
    classical_covariance,
    cluster_covariance,
    f_tail,
    robust_covariance,
    wald,
)

CovType = Literal["nonrobust", "HC0", "HC1", "HC2", "HC3", "HC4", "cluster"]


@dataclass(frozen=True, slots=True)
class Estimates:
    """Coefficients (k,), their covariance (k, k), and the model's measures.

    `df` are the degrees of freedom of the t statistics, infinite for z statistics. `fitted` and
    `residuals` have shape (n,). `cut` holds the thresholds of an ordinal model, named in `cut_names`,
    which stand after the coefficients in `covariance`. `leverage` (n,) and `unique_r2` (k,), the part of
    R^2 that is lost without a column (squared semipartial correlation), belong to least squares only.
    """

    coefficients: Vector
    covariance: Matrix
    df: float
    measures: Mapping[str, float]
    fitted: Vector
    residuals: Vector
    cut_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    leverage: Vector = field(default_factory=lambda: np.empty(0))
    unique_r2: Vector = field(default_factory=lambda: np.empty(0))

    @property
    def se(self) -> Vector:
        """Standard errors, in the order of `coefficients`."""
        return np.asarray(np.sqrt(np.clip(np.diag(self.covariance), 0.0, None)))


def ols(X: Matrix, y: Vector, *, intercept: bool, cov_type: CovType, clusters: Indices | None) -> Estimates:
    """Ordinary least squares with t statistics on n - k df (G - 1 with clusters).

    F tests all coefficients but the intercept with the covariance asked for (a Wald test; without
    robust errors it is the F of the analysis of variance). R^2 is around zero without an intercept.
    The likelihood is the normal one; AIC and BIC count the error variance as a parameter, as R does.
    """
    n, k = X.shape
    solution = least_squares(X, y)
    covariance = _ols_covariance(solution, cov_type, clusters)
    df = float(clusters.max()) if clusters is not None and cov_type == "cluster" else float(n - k)
    tested = slice(1, None) if intercept else slice(None)
    df1 = k - 1 if intercept else k
    rss = float(solution.residuals @ solution.residuals)
    centred = y - y.mean() if intercept else y
    tss = float(centred @ centred)
    r2 = 1 - rss / tss
    f = float("nan")
    if df1 and not rss > 0:
        f = float("inf")
    elif df1 and cov_type == "nonrobust":
        f = (tss - rss) / df1 / (rss / (n - k))
    elif df1:
        f = wald(solution.coefficients[tested], covariance[tested, tested]) / df1
    loglik = -n / 2 * (np.log(2 * np.pi * rss / n) + 1) if rss > 0 else float("inf")
    measures = {
        "n_obs": float(n),
        "r2": r2,
        "adj_r2": 1 - (1 - r2) * (n - (1 if intercept else 0)) / (n - k),
        "f": f,
        "df1": float(df1),
        "df2": df,
        "p": f_tail(f, df1, df),
        "sigma": float(np.sqrt(rss / (n - k))),
        "rss": rss,
        "cohens_f2": r2 / (1 - r2) if r2 < 1 else float("inf"),
        "loglik": float(loglik),
        "aic": float(-2 * loglik + 2 * (k + 1)),
        "bic": float(-2 * loglik + np.log(n) * (k + 1)),
    }
    fitted = y - solution.residuals
    notes = _notes(solution, cov_type, clusters, tests=df1 > 0 and rss > 0 and bool(np.isnan(f)))
    return Estimates(
        solution.coefficients,
        covariance,
        df,
        measures,
        fitted,
        solution.residuals,
        notes=notes,
        leverage=solution.leverage,
        unique_r2=solution.coefficients**2 / np.diag(solution.bread) / tss,
    )


def _notes(
    solution: LeastSquares, cov_type: CovType, clusters: Indices | None, *, tests: bool
) -> tuple[str, ...]:
    """What a reader of robust errors has to know; `tests`: the joint test failed."""
    notes: tuple[str, ...] = ()
    if cov_type.startswith("HC") and float(solution.leverage.max()) > 1 - 1e-8:
        remedy = (
            "HC0 and HC1 count it as exact" if cov_type in ("HC0", "HC1") else f"{cov_type} is not defined"
        )
        notes += (
            f"a row decides its own fitted value (leverage 1), where {remedy}: a robust error cannot be "
            "trusted there. Merge the category or leave the row out.",
        )
    if tests:
        groups = f" of {int(clusters.max()) + 1} clusters" if clusters is not None else ""
        notes += (
            f"there is no joint test of the {len(solution.coefficients)} coefficients: their robust "
            f"covariance{groups} is singular.",
        )
    return notes


def _ols_covariance(solution: LeastSquares, cov_type: CovType, clusters: Indices | None) -> Matrix:
    if cov_type == "nonrobust":
        return classical_covariance(solution)
    if cov_type == "cluster":
        return cluster_covariance(
            solution, np.arange(len(solution.residuals)) if clusters is None else clusters
        )
    return robust_covariance(solution, cov_type)


def variance_inflation(X: Matrix, intercept: bool) -> Vector:
    """VIF of each column, shape (k,): 1 / (1 - R^2) of the column on the others; NaN for the intercept.

    VIF_j = (x_j'x_j around the mean) * [(X'X)^-1]_jj
    """
    centred = X - X.mean(axis=0) if intercept else X
    size = (centred**2).sum(axis=0)
    norms = np.linalg.norm(X, axis=0)
    R = np.linalg.qr(X / norms, mode="r")
    inverse = np.linalg.solve(R, np.eye(len(R))) / norms[:, None]
    vif: Vector = size * (inverse**2).sum(axis=1)
    if intercept:
        vif[0] = np.nan
    return vif
