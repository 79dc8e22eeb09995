"""Common factors of a correlation matrix: which loadings reproduce it best, and how well they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import chi2_sf, noncentrality

Method = Literal["minres", "ml", "pa"]

LEAST_UNIQUENESS = 0.005  # below it an item would be explained in full (a Heywood case)
PA_CHANGE = (
    0.001  # principal axis stops where the sum of communalities changes by less; customary since Harman
)
PA_STEPS = 50
FIT_MEASURES = ("chisq", "p", "bic", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high")


@dataclass(frozen=True, slots=True)
class Extraction:
    """Unrotated loadings (p, k), largest factor first, and uniquenesses (p,)."""

    loadings: Matrix
    uniquenesses: Vector
    converged: bool


def extract_factors(cor: Matrix, n_factors: int, method: Method) -> Extraction:
    """Extract k factors from a positive definite correlation matrix (p, p).

    minres: least squares on the residuals, Harman & Jones (1966); the same as unweighted least squares
    ml: maximum likelihood, Joreskog (1967)
    pa: principal axis from squared multiple correlations, with the customary early stop; run to the end
        it would be minres
    """
    if method == "pa":
        return _principal_axis(cor, n_factors)
    objective = _least_squares if method == "minres" else _likelihood
    psi, converged = _minimize(objective, cor, n_factors)
    loadings = _from_uniquenesses(cor, psi, n_factors, weighted=method == "ml")
    if method == "minres":
        psi = 1 - (loadings**2).sum(axis=1)
    return Extraction(_signed(loadings), psi, converged)


def factor_fit(cor: Matrix, loadings: Matrix, phi: Matrix, unique: Vector, n_obs: int) -> dict[str, float]:
    """Fit of a common factor model with k factors to correlations of p items, n rows.

    f = log|S| - log|R| + tr(S^-1 R) - p;  chisq = f (n - 1 - (2p+5)/6 - 2k/3)         Bartlett (1951)
    rmsea = sqrt(chisq/(df n) - 1/(n-1)); its 90 % interval: sqrt(lambda/(df (n-1))), lambda the limits of
    the noncentrality
    tli = (c0/d0 - c/d) / (c0/d0 - 1) against uncorrelated items with the same factor of n
    bic = chisq - df log n;   rmsr = root mean squared residual correlation off the diagonal
    NaN of all but rmsr where communalities above one leave S no covariance matrix.
    """
    p, k = loadings.shape
    implied = loadings @ phi @ loadings.T
    residuals = (cor - implied)[~np.eye(p, dtype=bool)]
    implied = implied + np.diag(unique)
    log_det = float(np.linalg.slogdet(cor)[1])
    f = float("nan")
    if np.linalg.eigvalsh(implied)[0] > 0:
        f = float(np.linalg.slogdet(implied)[1]) - log_det
        f += float(np.trace(np.linalg.solve(implied, cor))) - p
    df = ((p - k) ** 2 - p - k) // 2
    found = {
        "objective": f,
        "df": float(df),
        "rmsr": float(np.sqrt((residuals**2).mean())),
        "n_obs": float(n_obs),
    }
    if not n_obs:
        return found
    if np.isnan(f):
        return found | dict.fromkeys(FIT_MEASURES[: None if df > 0 else 3], f)
    factor = n_obs - 1 - (2 * p + 5) / 6 - 2 * k / 3
    chisq = f * factor
    found |= {"chisq": chisq, "p": chi2_sf(chisq, df), "bic": chisq - df * float(np.log(n_obs))}
    if df > 0:
        null, null_df = -log_det * factor, p * (p - 1) / 2
        excess, null_excess = max(chisq - df, 0.0), max(null - null_df, chisq - df, 0.0)
        found["cfi"] = 1 - excess / null_excess if null_excess > 0 else 1.0
        found["tli"] = (null / null_df - chisq / df) / (null / null_df - 1)
        found["rmsea"] = float(np.sqrt(max(chisq / (df * n_obs) - 1 / (n_obs - 1), 0.0)))
        for name, probability in (("rmsea_low", 0.95), ("rmsea_high", 0.05)):
            found[name] = float(np.sqrt(noncentrality(chisq, df, probability) / (df * (n_obs - 1))))
    return found


def squared_multiple_correlations(cor: Matrix) -> Vector:
    """R^2 of each item on all others, shape (p,).  Guttman (1953)"""
    smc: Vector = 1 - 1 / np.diag(np.linalg.inv(cor))
    return smc


def _minimize(
    objective: Callable[[Vector, Matrix, int], tuple[float, Vector]], cor: Matrix, n_factors: int
) -> tuple[Vector, bool]:
    """The uniquenesses, from Joreskog's (1967, eq. 26) start.

    Where a uniqueness ends at its bound there are often several minima: further starts, and the lowest.
    """
    alone = 1 / np.diag(np.linalg.inv(cor))
    value, psi, converged = _descend(objective, cor, n_factors, (1 - 0.5 * n_factors / len(cor)) * alone)
    held = psi <= LEAST_UNIQUENESS * (1 + 1e-9)
    if held.any():
        for start in (alone, np.full(len(cor), 0.5), np.where(held, 0.9, alone), np.where(held, 0.5, psi)):
            again = _descend(objective, cor, n_factors, start)
            if again[2] >= converged and again[0] < value - 1e-9:
                value, psi, converged = again
    return psi, converged


def _descend(
    objective: Callable[[Vector, Matrix, int], tuple[float, Vector]],
    cor: Matrix,
    n_factors: int,
    start: Vector,
) -> tuple[float, Vector, bool]:
    """Value, uniquenesses, and whether the slope is zero where the bounds let it be."""
    from scipy.optimize import minimize

    p = len(cor)
    found = minimize(
        objective,
        np.clip(start, LEAST_UNIQUENESS, 1.0),
        args=(cor, n_factors),
        jac=True,
        method="L-BFGS-B",
        bounds=[(LEAST_UNIQUENESS, 1.0)] * p,
        options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-16, "gtol": 1e-9, "maxcor": 20},
    )
    psi = np.asarray(found.x, dtype=np.float64)
    value, gradient = objective(psi, cor, n_factors)
    inside = (psi > LEAST_UNIQUENESS * (1 + 1e-9)) & (psi < 1.0)
    return value, psi, bool(np.abs(gradient[inside]).max(initial=0.0) < 1e-4)


def _likelihood(psi: Vector, cor: Matrix, k: int) -> tuple[float, Vector]:
    """f = sum of t - log t - 1 over the p - k smallest eigenvalues t of psi^-1/2 R psi^-1/2; df/dpsi."""
    scale = 1 / np.sqrt(psi)
    values, vectors = np.linalg.eigh(cor * np.outer(scale, scale))
    values, rest = values[: len(psi) - k], vectors[:, : len(psi) - k]
    value = float((values - np.log(values) - 1).sum())
    gradient = ((1 - values) * rest**2).sum(axis=1) / psi
    return value, gradient


def _least_squares(psi: Vector, cor: Matrix, k: int) -> tuple[float, Vector]:
    """f = half the sum of the squared p - k smallest eigenvalues of R - psi, and df/dpsi."""
    values, vectors = np.linalg.eigh(cor - np.diag(psi))
    values, rest = values[: len(psi) - k], vectors[:, : len(psi) - k]
    return float((values**2).sum()) / 2, -(values * rest**2).sum(axis=1)


def _from_uniquenesses(cor: Matrix, psi: Vector, k: int, *, weighted: bool) -> Matrix:
    if weighted:
        scale = np.sqrt(psi)
        values, vectors = np.linalg.eigh(cor / np.outer(scale, scale))
        top = np.sqrt(np.clip(values[::-1][:k] - 1, 0, None))
        return np.asarray(vectors[:, ::-1][:, :k] * top * scale[:, None])
    values, vectors = np.linalg.eigh(cor - np.diag(psi))
    return np.asarray(vectors[:, ::-1][:, :k] * np.sqrt(np.clip(values[::-1][:k], 0, None)))


def _principal_axis(cor: Matrix, k: int) -> Extraction:
    communalities = squared_multiple_correlations(cor)
    total = float(communalities.sum())
    loadings = np.zeros((len(cor), k))
    for _ in range(PA_STEPS):
        loadings = _from_uniquenesses(cor, 1 - communalities, k, weighted=False)
        communalities = (loadings**2).sum(axis=1)
        change, total = abs(total - float(communalities.sum())), float(communalities.sum())
        if change < PA_CHANGE:
            break
    converged = change < PA_CHANGE and bool((communalities < 1).all())
    return Extraction(_signed(loadings), 1 - communalities, converged)


def _signed(loadings: Matrix) -> Matrix:
    """Each factor turned so that its loadings sum to a positive number."""
    return loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
