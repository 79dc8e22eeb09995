"""A quadratic function under linear equalities and inequalities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Matrix, Vector

_FEASIBLE = 1e-10


@dataclass(frozen=True, slots=True)
class QuadraticStep:
    """The minimiser d (q,), and the multipliers of the equalities (e,) and of the inequalities (i,), >= 0."""

    step: Vector
    equal: Vector
    above: Vector
    feasible: bool


def quadratic_step(
    H: Matrix, slope: Vector, J: Matrix, gap: Vector, K: Matrix, room: Vector
) -> QuadraticStep:
    """Minimise slope'd + d'Hd/2 where gap + J d = 0 and room + K d >= 0.

    H (q, q) has to be positive definite where J d = 0; J (e, q), K (i, q). The equalities are eliminated by
    their null space; what is left is a least-distance problem, solved as nonnegative least squares.
    Lawson & Hanson (1974), ch. 23
    """
    q = len(slope)
    Z = _null_space(J)
    base = -np.linalg.lstsq(J, gap, rcond=None)[0] if len(gap) else np.zeros(q)
    inside = Z.T @ H @ Z
    root = np.linalg.cholesky(inside)
    centre = np.linalg.solve(root, Z.T @ (slope + H @ base))
    G = np.linalg.solve(root, (K @ Z).T).T
    h = -(room + K @ base) + G @ centre
    w, feasible = _least_distance(G, h) if len(room) else (np.zeros(len(centre)), True)
    step = base + Z @ np.linalg.solve(root.T, w - centre)
    tight = np.flatnonzero(room + K @ step <= 1e-9 * (1.0 + np.abs(room))) if len(room) else np.zeros(0, int)
    rows = np.vstack([J, K[tight]])
    residual = slope + H @ step
    multipliers = np.linalg.lstsq(rows.T, residual, rcond=None)[0] if len(rows) else np.zeros(0)
    above = np.zeros(len(room))
    above[tight] = np.maximum(multipliers[len(gap) :], 0.0)
    return QuadraticStep(step, np.asarray(multipliers[: len(gap)]), above, feasible)


def _least_distance(G: Matrix, h: Vector) -> tuple[Vector, bool]:
    """The shortest w with G w >= h, and whether there is any."""
    from scipy.optimize import nnls

    if (h <= 0).all():
        return np.zeros(G.shape[1]), True
    E = np.vstack([G.T, h[None, :]])
    f = np.zeros(len(E))
    f[-1] = 1.0
    u, _ = nnls(E, f)
    r = E @ u - f
    if abs(r[-1]) < _FEASIBLE:
        return np.zeros(G.shape[1]), False
    return np.asarray(-r[:-1] / r[-1]), True


def _null_space(J: Matrix) -> Matrix:
    if not len(J):
        return np.eye(J.shape[1])
    _, singular, right = np.linalg.svd(J)
    rank = int((singular > 1e-10 * max(1.0, float(singular.max(initial=0.0)))).sum())
    return np.asarray(right[rank:].T)
