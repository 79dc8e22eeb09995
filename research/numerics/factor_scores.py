"""Weights that turn observed values into factor scores."""

from __future__ import annotations

from typing import Literal

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.implied import Implied
from research.numerics.likelihood import inverse_and_logdet

ScoreKind = Literal["regression", "bartlett", "tenberge"]


def regression_weights(at: Implied, factors: Indices, seen: Indices) -> Matrix:
    """Weights (k, s) of E(eta | y) = E(eta) + W (y - mu): cov(eta, y) Sigma^-1.

    `factors`: places of the k variables to predict among all variables; `seen`: places of the s observed
    variables that have a value. Thurstone (1935); the mean of the posterior under normality.
    """
    P, _ = inverse_and_logdet(at.Sigma[np.ix_(seen, seen)])
    return np.asarray(at.V[np.ix_(factors, seen)] @ P)


def measurement(at: Implied) -> tuple[Matrix, Matrix]:
    """L (p, k) and Theta (p, p) of y = nu + L eta + e, once paths between observed variables are solved.

    With the observed block of I - A inverted, L = (I - A_oo)^-1 A_ol, Theta = (I - A_oo)^-1 S_oo (..)'.
    """
    p = at.Sigma.shape[-1]
    solved = np.linalg.inv(np.eye(p) - at.A[:p, :p])
    return np.asarray(solved @ at.A[:p, p:]), np.asarray(solved @ at.S[:p, :p] @ solved.T)


def bartlett_weights(at: Implied, seen: Indices) -> Matrix:
    """Weights (k, s) of eta = W (y - nu): generalised least squares of y on all factors. Bartlett (1937)

    W = (L'Theta^-1 L)^-1 L'Theta^-1. Theta + L V L' in place of Theta gives the same weights, and takes
    residual variances of zero. A factor that no seen variable depends on has weights of zero.
    """
    p = at.Sigma.shape[-1]
    loadings, residual = measurement(at)
    total = residual + loadings @ at.V[p:, p:] @ loadings.T
    P, _ = inverse_and_logdet(total[np.ix_(seen, seen)])
    loadings = loadings[seen]
    used = np.flatnonzero((loadings != 0).any(axis=0))
    left = loadings[:, used].T @ P
    weights = np.zeros((loadings.shape[1], len(seen)))
    weights[used] = np.linalg.pinv(left @ loadings[:, used], rcond=1e-12, hermitian=True) @ left
    return weights


def factor_means(at: Implied, observed: Vector) -> Vector:
    """Means (k,) of the factors where the observed variables have the means `observed` (p,)."""
    p = len(observed)
    within = np.eye(len(at.A) - p) - at.A[p:, p:]
    return np.asarray(np.linalg.solve(within, at.alpha[p:] + at.A[p:, :p] @ observed))


def exploratory_weights(
    cor: Matrix, loadings: Matrix, phi: Matrix, unique: Vector, kind: ScoreKind
) -> Matrix:
    """Weights W (p, k) of exploratory factors: scores = Z W of standardized answers Z (n, p).

    regression: R^-1 L Phi, Thurstone (1935): most correlated with the factors
    bartlett: U^-2 L (L' U^-2 L)^-1, Bartlett (1937): unbiased
    tenberge: R^-1/2 C Phi^1/2 with C = A (A'A)^-1/2, A = R^-1/2 L Phi^1/2: scores that correlate exactly as
        the factors do, ten Berge, Krijnen, Wansbeek & Shapiro (1999)
    """
    if kind == "regression":
        return np.asarray(np.linalg.solve(cor, loadings @ phi))
    if kind == "bartlett":
        weighted = loadings / unique[:, None]
        return np.asarray(weighted @ np.linalg.inv(loadings.T @ weighted))
    root, half = _power(phi, 0.5), _power(cor, -0.5)
    A = half @ loadings @ root
    return np.asarray(half @ A @ _power(A.T @ A, -0.5) @ root)


def score_validity(cor: Matrix, loadings: Matrix, phi: Matrix, weights: Matrix) -> Vector:
    """Correlation of each factor with its own scores, (k,): sqrt for regression of its R^2 on the items."""
    with_factors = np.diag(weights.T @ loadings @ phi)
    return np.asarray(with_factors / np.sqrt(np.diag(weights.T @ cor @ weights)))


def _power(matrix: Matrix, exponent: float) -> Matrix:
    """A power of a symmetric positive definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * values**exponent) @ vectors.T)
