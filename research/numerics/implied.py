"""Model-implied moments of one block and their derivatives by parameter."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.cell_pairs import flat
from research.numerics.definite import inverse
from research.numerics.sem_layout import Block, Layout


class Implied(NamedTuple):
    """The matrices of a block at one parameter vector, or at a batch of them (leading axis).

    A, S, G, V: (..., n, n); alpha, eta: (..., n); W: (..., p, n + core). Sigma is V[:p, :p], mu is eta[:p].
    """

    A: Matrix
    S: Matrix
    alpha: Vector
    G: Matrix
    V: Matrix
    eta: Vector
    W: Matrix
    Sigma: Matrix
    mu: Vector


def implied(block: Block, theta: Vector, S: Matrix | None = None, alpha: Vector | None = None) -> Implied:
    """Matrices implied by `theta`, (q,) or (batch, q).

    `S`, `alpha`: the block's fixed values with the sample moments of fixed x (`Block.with_sample`).
    """
    S = block.S if S is None else S
    alpha = block.alpha if alpha is None else alpha
    return _one(block, theta, S, alpha) if theta.ndim == 1 else _batch(block, theta, S, alpha)


def _one(block: Block, theta: Vector, S: Matrix, alpha: Vector) -> Implied:
    """The matrices at one parameter vector: `dot` on two axes takes half the time of `@`."""
    at = block.layout
    p, n_a = at.n_observed, len(at.A_row)
    cells = theta if at.spread is None else theta[at.parameter]
    A, S = block.A.copy(), S.copy()
    A.reshape(-1)[at.A_flat] = cells[:n_a]
    S.reshape(-1)[at.S_flat] = cells[at.S_cells]
    if len(at.m_row):
        alpha = alpha.copy()
        alpha[at.m_row] = cells[n_a + len(at.S_row) :]
    G = total_effects(at, A)
    V = G.dot(S).dot(G.T)
    eta = G.dot(alpha) if block.means else alpha
    W = np.concatenate((G[:p], V[:p, at.core_at]), axis=1)
    return Implied(A, S, alpha, G, V, eta, W, V[:p, :p], eta[:p])


def _batch(block: Block, theta: Matrix, S: Matrix, alpha: Vector) -> Implied:
    """The matrices at each of a batch of parameter vectors, (batch, q)."""
    at = block.layout
    p, n_a, lead = at.n_observed, at.n_paths, theta.shape[:-1]
    cells = theta if at.spread is None else theta.take(at.parameter, axis=-1)
    A, S = _copies(block.A, lead), _copies(S, lead)
    flat(A)[..., at.A_flat] = cells[..., :n_a]
    flat(S)[..., at.S_flat] = cells.take(at.S_cells, axis=-1)
    alpha = np.broadcast_to(alpha, (*lead, at.n_all)).copy()
    alpha[..., at.m_row] = cells[..., n_a + at.n_covariances :]
    G = total_effects(at, A)
    V = G @ S @ G.mT
    eta = (G @ alpha[..., None])[..., 0] if block.means else alpha
    observed = V[..., :p, :]
    W = np.concatenate([G[..., :p, :], observed[..., at.core_at]], axis=-1)
    return Implied(A, S, alpha, G, V, eta, W, observed[..., :p], eta[..., :p])


def total_effects(at: Layout, A: Matrix) -> Matrix:
    """G = (I - A)^-1 through the inverse of the core block alone."""
    G = at.identity.copy() if A.ndim == 2 else _copies(at.identity, A.shape[:-2])
    if not len(at.core):
        return G
    effects = A[..., at.core_at]
    if at.core_paths:
        within = _inverse(at.core_identity - effects[..., at.core_at, :], at.core_identity)
        effects = effects.dot(within) if A.ndim == 2 else effects @ within
    G[..., at.core_at] += effects
    return G


def _copies(matrix: Matrix, lead: tuple[int, ...]) -> Matrix:
    """A copy of `matrix`, or of each of a batch, with leading axes `lead`."""
    return np.broadcast_to(matrix, (*lead, *matrix.shape[-2:])).copy() if lead else matrix.copy()


def _inverse(M: Matrix, identity: Matrix) -> Matrix:
    """Inverse of each matrix; NaN for a singular one, so that one bad draw does not stop a batch."""
    if M.ndim > 2:
        try:
            return np.asarray(np.linalg.inv(M), dtype=np.float64)
        except np.linalg.LinAlgError:
            return np.stack([_inverse(each, identity) for each in M])
    found = inverse(M, identity)
    return np.full_like(M, np.nan) if found is None else found


@cache
def lower(p: int) -> tuple[Indices, Indices]:
    """Row and column indices of vech, column by column; read-only."""
    column, row = np.triu_indices(p)
    row.flags.writeable = column.flags.writeable = False
    return row, column


def jacobian(block: Block, at: Implied) -> Matrix:
    """d(mu, vech Sigma)/dtheta, shape (p + p*, q); without means (p*, q).

    Rows: the means where the block has any, then the lower triangle column by column.
    """
    lay = block.layout
    row, column = lower(lay.n_observed)
    U, X = at.W[:, lay.u], at.W[:, lay.v]
    cells = lay.c * (U[row] * X[column] + X[row] * U[column])
    if block.means:
        cells = np.vstack([U * mean_weight(lay, at.eta), cells])
    return cells if lay.spread is None else np.asarray(cells @ lay.spread)


def mean_weight(lay: Layout, eta: Vector) -> Vector:
    """w in dmu = C_u w, by cell: eta of the predictor for a path, 0 for a covariance, 1 for an intercept."""
    weight = np.zeros((*eta.shape[:-1], lay.n_cells))
    weight[..., : lay.n_paths] = eta[..., lay.A_col]
    weight[..., lay.n_paths + lay.n_covariances :] = 1.0
    return weight
