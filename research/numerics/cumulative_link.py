"""Ordinal regression: P(y <= j) = F(tau_j - x'b), F logistic or normal, by Newton with the exact Hessian.

The log likelihood is concave (Pratt 1981), so that Newton with step-halving finds its maximum wherever
it exists. McCullagh (1980) for the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector

Link = Literal["logit", "probit"]


@dataclass(frozen=True, slots=True)
class CumulativeLink:
    """Coefficients (k,), thresholds (m,), the covariance of both in that order (k + m, k + m).

    `scores` (n, k + m) are the gradients of the rows' log likelihoods; `bread` is the inverse of the
    observed information.
    """

    coefficients: Vector
    thresholds: Vector
    bread: Matrix
    scores: Matrix
    loglik: float
    converged: bool


def cumulative_link(X: Matrix, levels: Indices, link: Link, max_iter: int = 100) -> CumulativeLink:
    """Maximum likelihood for X (n, k) without a constant column, `levels` (n,) from 0 to m."""
    mean, sd = X.mean(axis=0), X.std(axis=0)
    Z = (X - mean) / sd
    n_cuts = int(levels.max())
    upper, lower = _selectors(Z, levels, n_cuts)
    theta = np.concatenate([np.zeros(Z.shape[1]), _marginal_cuts(levels, n_cuts, link)])
    current = _likelihood(theta, upper, lower, levels, n_cuts, link)
    converged = False
    for _ in range(max_iter):
        loglik, scores, information = current
        gradient = scores.sum(axis=0)
        if not np.isfinite(information).all():
            break
        step = np.linalg.lstsq(information, gradient, rcond=None)[0]
        if float(gradient @ step) < 1e-20 * max(1.0, abs(loglik)):
            converged = True
            break
        for _ in range(40):
            trial = _likelihood(theta + step, upper, lower, levels, n_cuts, link)
            if trial[0] > loglik - 1e-12 * abs(loglik):
                break
            step = step / 2
        theta, current = theta + step, trial
        if float(np.abs(theta).max()) > 1e6:
            break
    loglik, scores, information = current
    # back to the units of X: b = b_z / sd, tau = tau_z + mean'b
    k = X.shape[1]
    back = np.eye(len(theta))
    back[:k, :k] = np.diag(1 / sd)
    back[k:, :k] = mean / sd
    known = bool(np.isfinite(information).all())
    inside = np.linalg.pinv(information, hermitian=True) if known else np.full_like(information, np.nan)
    bread = back @ inside @ back.T
    solution = back @ theta
    return CumulativeLink(
        solution[:k], solution[k:], bread, scores @ np.linalg.inv(back), loglik, converged and known
    )


def _selectors(Z: Matrix, levels: Indices, n_cuts: int) -> tuple[Matrix, Matrix]:
    """Rows A with u = A theta for the upper and for the lower end of each row's interval."""
    cuts = np.arange(n_cuts)
    upper = np.hstack([-Z, (levels[:, None] == cuts).astype(np.float64)])
    lower = np.hstack([-Z, (levels[:, None] - 1 == cuts).astype(np.float64)])
    return upper, lower


def _marginal_cuts(levels: Indices, n_cuts: int, link: Link) -> Vector:
    from scipy.special import logit, ndtri

    below = np.array([float((levels <= j).mean()) for j in range(n_cuts)])
    cuts: Vector = logit(below) if link == "logit" else ndtri(below)
    return cuts


def _likelihood(
    theta: Vector, upper: Matrix, lower: Matrix, levels: Indices, n_cuts: int, link: Link
) -> tuple[float, Matrix, Matrix]:
    """Log likelihood, the rows' scores, and the observed information."""
    u = np.where(levels < n_cuts, upper @ theta, np.inf)
    low = np.where(levels > 0, lower @ theta, -np.inf)
    F_u, f_u, d_u = _distribution(u, link)
    F_l, f_l, d_l = _distribution(low, link)
    p = np.clip(F_u - F_l, 1e-300, None)
    a, b = f_u / p, -f_l / p
    scores = upper * a[:, None] + lower * b[:, None]
    uu, ll, ul = d_u / p - a**2, -d_l / p - b**2, -a * b
    mixed = upper.T @ (ul[:, None] * lower)
    hessian = upper.T @ (uu[:, None] * upper) + lower.T @ (ll[:, None] * lower) + mixed + mixed.T
    inverted = bool((F_u <= F_l).any())
    return (-np.inf if inverted else float(np.log(p).sum())), scores, -hessian


def _distribution(x: Vector, link: Link) -> tuple[Vector, Vector, Vector]:
    """F, its density and the density's derivative; 0 at infinity."""
    from scipy.special import expit, ndtr

    if link == "logit":
        F = expit(x)
        density = F * expit(-x)
        return F, density, density * (1 - 2 * F)
    finite = np.where(np.isfinite(x), x, 0.0)
    density = np.where(np.isfinite(x), np.exp(-(finite**2) / 2) / np.sqrt(2 * np.pi), 0.0)
    return ndtr(x), density, -finite * density
