"""Score (Lagrange multiplier) and Wald tests of parameters that are held or could be held."""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Matrix, Vector

UNINFORMED = 1e-7  # share of a parameter's information that has to be left once the others are estimated


def univariate_scores(score: Vector, information: Matrix, free: Matrix, n: float) -> tuple[Vector, Vector]:
    """Modification index and expected parameter change of each held parameter. Sorbom (1989)

    `score` (e,) and `information` (q + e, q + e) of one row, the q estimated parameters first; `free` (q, r)
    spans the directions they may move in. With V = I_ee - I_ef (I_ff)^-1 I_fe: mi = n s^2/V, epc = s/V.
    NaN where the model with the parameter freed is not identified.
    """
    q = len(free)
    inside = free.T @ information[:q, :q] @ free
    across = free.T @ information[:q, q:]
    own = np.diagonal(information)[q:]
    left = own - (across * _solve(inside, across)).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        known = left > UNINFORMED * own
        return np.where(known, n * score**2 / left, np.nan), np.where(known, score / left, np.nan)


def released_score(score: Vector, information: Matrix, free: Matrix, n: float) -> float:
    """n s'B (B'IB)^-1 B's: the test of moving from a constrained point along the columns B of `free`.

    `score` (q,), `information` (q, q) of one row, at the constrained estimates. Rao (1948), Silvey (1959)
    """
    along = free.T @ score
    return float(n * (along @ _solve(free.T @ information @ free, along)))


def wald(gap: Vector, jacobian: Matrix, vcov: Matrix) -> tuple[float, int]:
    """h'(J V J')^-1 h and its degrees of freedom, the rank of J V J'; h (r,), J (r, q). Wald (1943)"""
    middle = jacobian @ vcov @ jacobian.T
    scale = np.sqrt(np.maximum(np.diagonal(middle), np.finfo(float).tiny))
    scaled, h = middle / np.outer(scale, scale), gap / scale
    values, vectors = np.linalg.eigh(scaled)
    kept = values > 1e-10 * max(1.0, float(values[-1]))
    along = vectors[:, kept].T @ h
    return float((along**2 / values[kept]).sum()), int(kept.sum())


def _solve(A: Matrix, b: Matrix) -> Matrix:
    """A^+ b in the metric of A's diagonal, for a positive semidefinite A."""
    scale = np.sqrt(np.maximum(np.diagonal(A), np.finfo(float).tiny))
    scaled = A / np.outer(scale, scale)
    right = (b.T / scale).T
    try:
        if np.diagonal(np.linalg.cholesky(scaled)).min(initial=1.0) > 1e-5:
            return np.asarray((np.linalg.solve(scaled, right).T / scale).T)
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(scaled)
    kept = values > 1e-10 * float(values[-1])
    inverse = np.where(kept, 1.0 / np.where(kept, values, 1.0), 0.0)
    return np.asarray(((vectors @ (inverse * (vectors.T @ right).T).T).T / scale).T)
