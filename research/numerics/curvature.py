"""Gradient, expected information and Hessian of a discrepancy, gathered from Gram matrices of W.

With dSigma_k = c (u v' + v u') and dmu_k = w u, and for symmetric P, M, Q of shape (p, p):

    tr(Q dSigma_k)                 = 2 c u'Qv
    tr(P dSigma_k P dSigma_l)      = 2 c c' [(v'Pv')(u'Pu') + (u'Pv')(v'Pu')]
    tr(dSigma_k P dSigma_l M)      = c c' [(v'Pu')(u'Mv') + (v'Pv')(u'Mu') + (u'Pu')(v'Mv') + (u'Pv')(v'Mu')]

where a prime on u, v means those of l. All functions work on one point or on a batch of them.
"""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.implied import Implied, mean_weight
from research.numerics.sem_layout import Block, gathered, gathered_square


def gram(at: Implied, P: Matrix) -> Matrix:
    """W'PW, shape (..., n + core, n + core)."""
    return np.swapaxes(at.W, -1, -2) @ P @ at.W


def gradient(block: Block, at: Implied, gram_Q: Matrix, y: Vector | None) -> Vector:
    """tr(Q dSigma_k) - 2 y'dmu_k by parameter, shape (..., q); `y` is (..., p), None without means."""
    lay = block.layout
    cells = 2.0 * lay.c * gram_Q[..., lay.u, lay.v]
    if y is not None:
        along = (y[..., None, :] @ at.W)[..., 0, :]
        cells = cells - 2.0 * mean_weight(lay, at.eta) * along[..., lay.u]
    return gathered(lay, cells)


def expected(block: Block, at: Implied, gram_P: Matrix) -> Matrix:
    """tr(P dSigma_k P dSigma_l) + 2 dmu_k'P dmu_l: the expected Hessian of F_ML, shape (..., q, q)."""
    lay = block.layout
    uu, uv, vv = _pairs(gram_P, lay.u, lay.v)
    c = 2.0 * np.outer(lay.c, lay.c)
    cells = c * (uu * vv + uv * np.swapaxes(uv, -1, -2))
    if block.means:
        w = mean_weight(lay, at.eta)
        cells += 2.0 * w[..., :, None] * w[..., None, :] * uu
    return gathered_square(lay, cells)


def hessian_ml(block: Block, at: Implied, gram_P: Matrix, gram_R: Matrix, y: Vector | None) -> Matrix:
    """Hessian of F_ML, shape (..., q, q).

    R = P T P with T = S + (m - mu)(m - mu)'; with Q = P - R and M = 2R - P

        H = tr(dSigma_k P dSigma_l M) + tr(Q d2Sigma) + 2 dmu_k'P dmu_l
            + 2 y'dSigma_k P dmu_l + 2 y'dSigma_l P dmu_k - 2 y'd2mu,      y = P (m - mu).
    """
    lay = block.layout
    gram_M = 2.0 * gram_R - gram_P
    uu, uv, vv = _pairs(gram_P, lay.u, lay.v)
    Muu, Muv, Mvv = _pairs(gram_M, lay.u, lay.v)
    across = uv * np.swapaxes(Muv, -1, -2)
    cells = np.outer(lay.c, lay.c) * (across + np.swapaxes(across, -1, -2) + vv * Muu + uu * Mvv)
    if y is not None:
        w = mean_weight(lay, at.eta)
        along = (y[..., None, :] @ at.W)[..., 0, :]
        vu = np.swapaxes(uv, -1, -2)
        turn = (lay.c * along[..., lay.u])[..., :, None] * vu + (lay.c * along[..., lay.v])[..., :, None] * uu
        turn = 2.0 * turn * w[..., None, :]
        cells += 2.0 * w[..., :, None] * w[..., None, :] * uu + turn + np.swapaxes(turn, -1, -2)
        _add_second_order(block, at, gram_P - gram_R, -2.0 * along, cells)
    else:
        _add_second_order(block, at, gram_P - gram_R, None, cells)
    return gathered_square(lay, cells)


def second_order(block: Block, at: Implied, gram_Q: Matrix, along: Vector | None) -> Matrix:
    """tr(Q d2Sigma_kl) + q'd2mu_kl by parameter; `along` is q'W, None without means."""
    lay = block.layout
    cells = np.zeros((*at.eta.shape[:-1], lay.n_cells, lay.n_cells))
    _add_second_order(block, at, gram_Q, along, cells)
    return gathered_square(lay, cells)


def _add_second_order(block: Block, at: Implied, gram_Q: Matrix, along: Vector | None, cells: Matrix) -> None:
    """Add to `cells` the terms in second derivatives of the moments; only paths have any.

    d2Sigma(A_jk, A_lm) against Q: 2 [G_kl C_j'Q D_m + G_mj C_l'Q D_k + V_km C_j'Q C_l]
    d2Sigma(A_jk, S_lm) against Q: 2c [G_kl C_j'Q C_m + G_km C_j'Q C_l]
    d2mu(A_jk, A_lm) = C_j G_kl eta_m + C_l G_mj eta_k;   d2mu(A_jk, alpha_l) = C_j G_kl
    """
    lay = block.layout
    n_a, n_s = lay.n_paths, lay.n_covariances
    if not n_a:
        return
    j, k = lay.A_row, lay.A_col
    v = lay.v[:n_a]
    reach = at.G[..., k[:, None], j]
    half = 2.0 * reach * gram_Q[..., j[:, None], v]
    if along is not None:
        half = half + along[..., j][..., :, None] * reach * at.eta[..., k][..., None, :]
    cells[..., :n_a, :n_a] += half + np.swapaxes(half, -1, -2)
    cells[..., :n_a, :n_a] += 2.0 * at.V[..., k[:, None], k] * gram_Q[..., j[:, None], j]
    if n_s:
        left, right = lay.S_row, lay.S_col
        mixed = at.G[..., k[:, None], left] * gram_Q[..., j[:, None], right]
        mixed = mixed + at.G[..., k[:, None], right] * gram_Q[..., j[:, None], left]
        mixed = mixed * (2.0 * lay.c[n_a : n_a + n_s])
        cells[..., :n_a, n_a : n_a + n_s] += mixed
        cells[..., n_a : n_a + n_s, :n_a] += np.swapaxes(mixed, -1, -2)
    if along is not None and len(lay.m_row):
        shift = along[..., j][..., :, None] * at.G[..., k[:, None], lay.m_row]
        cells[..., :n_a, n_a + n_s :] += shift
        cells[..., n_a + n_s :, :n_a] += np.swapaxes(shift, -1, -2)


def _pairs(gram: Matrix, u: Indices, v: Indices) -> tuple[Matrix, Matrix, Matrix]:
    """The gathers [u, u'], [u, v'], [v, v'] of a Gram matrix."""
    by_u = gram[..., u, :]
    by_v = gram[..., v, :]
    return by_u[..., :, u], by_u[..., :, v], by_v[..., :, v]
