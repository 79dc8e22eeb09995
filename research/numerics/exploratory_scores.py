"""Weights that turn standardized answers into scores of exploratory factors."""

from __future__ import annotations

from typing import Literal

import numpy as np

from research.numerics.arrays import Matrix, Vector

Kind = Literal["regression", "bartlett", "tenberge"]


def score_weights(cor: Matrix, loadings: Matrix, phi: Matrix, unique: Vector, kind: Kind) -> Matrix:
    """Weights W (p, k): scores = Z W of standardized answers Z (n, p).

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
    root, half = power(phi, 0.5), power(cor, -0.5)
    A = half @ loadings @ root
    return np.asarray(half @ A @ power(A.T @ A, -0.5) @ root)


def validity(cor: Matrix, loadings: Matrix, phi: Matrix, weights: Matrix) -> Vector:
    """Correlation of each factor with its own scores, (k,): sqrt for regression of its R^2 on the items."""
    with_factors = np.diag(weights.T @ loadings @ phi)
    return np.asarray(with_factors / np.sqrt(np.diag(weights.T @ cor @ weights)))


def power(matrix: Matrix, exponent: float) -> Matrix:
    """A power of a symmetric positive definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * values**exponent) @ vectors.T)
