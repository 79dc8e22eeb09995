"""Gradient, expected information and Hessian of a discrepancy, gathered from Gram matrices of W.

With dSigma_k = c (u v' + v u') and dmu_k = w u, and for symmetric P, M, Q of shape (p, p):

    tr(Q dSigma_k)                 = 2 c u'Qv
    tr(P dSigma_k P dSigma_l)      = 2 c c' [(v'Pv')(u'Pu') + (u'Pv')(v'Pu')]
    tr(dSigma_k P dSigma_l M)      = c c' [(v'Pu')(u'Mv') + (v'Pv')(u'Mu') + (u'Pu')(v'Mv') + (u'Pv')(v'Mu')]

where a prime on u, v means those of l. All functions work on one point or on a batch of them.
"""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.cell_pairs import flat, picked, products, square
from research.numerics.implied import Implied, mean_weight
from research.numerics.sem_layout import Block, gathered, gathered_square


def gram(at: Implied, P: Matrix) -> Matrix:
    """W'PW, shape (..., n + core, n + core)."""
    return at.W.mT @ (P @ at.W)


def gradient(block: Block, at: Implied, gram_Q: Matrix, y: Vector | None) -> Vector:
    """tr(Q dSigma_k) - 2 y'dmu_k by parameter, shape (..., q); `y` is (..., p), None without means."""
    lay = block.layout
    cells = picked(gram_Q, lay.uv) * lay.c
    cells *= 2.0
    if y is not None:
        along = (y[..., None, :] @ at.W)[..., 0, :]
        cells = cells - 2.0 * mean_weight(lay, at.eta) * along[..., lay.u]
    return gathered(lay, cells)


def expected(block: Block, at: Implied, gram_P: Matrix) -> Matrix:
    """tr(P dSigma_k P dSigma_l) + 2 dmu_k'P dmu_l: the expected Hessian of F_ML, shape (..., q, q)."""
    lay, pairs = block.layout, block.layout.pairs
    entries = flat(gram_P)
    values = products(entries, entries, pairs.left[:2], pairs.right[:2])
    values *= 2.0 * pairs.weight
    if block.means:
        w = mean_weight(lay, at.eta)
        values += 2.0 * w[..., pairs.first] * w[..., pairs.second] * entries.take(pairs.left[0], axis=-1)
    return gathered_square(lay, square(pairs, values))


def hessian_ml(block: Block, at: Implied, gram_P: Matrix, gram_R: Matrix, y: Vector | None) -> Matrix:
    """Hessian of F_ML, shape (..., q, q).

    R = P T P with T = S + (m - mu)(m - mu)'; with Q = P - R and M = 2R - P

        H = tr(dSigma_k P dSigma_l M) + tr(Q d2Sigma) + 2 dmu_k'P dmu_l
            + 2 y'dSigma_k P dmu_l + 2 y'dSigma_l P dmu_k - 2 y'd2mu,      y = P (m - mu).
    """
    lay, pairs = block.layout, block.layout.pairs
    gram_M = 2.0 * gram_R - gram_P
    values = products(flat(gram_P), flat(gram_M), pairs.left, pairs.right)
    _add_second_covariances(block, at, gram_P - gram_M, values)
    values *= pairs.weight
    if y is not None:
        along = (y[..., None, :] @ at.W)[..., 0, :]
        w, by_u, by_v = mean_weight(lay, at.eta), lay.c * along[..., lay.u], lay.c * along[..., lay.v]
        k, m = pairs.first, pairs.second
        uu, uv, vu = (picked(gram_P, pairs.left[row]) for row in (0, 1, 3))
        values += 2.0 * w[..., k] * w[..., m] * uu
        values += 2.0 * w[..., m] * (by_u[..., k] * vu + by_v[..., k] * uu)
        values += 2.0 * w[..., k] * (by_u[..., m] * uv + by_v[..., m] * uu)
        _add_second_means(block, at, -2.0 * along, values)
    return gathered_square(lay, square(pairs, values))


def second_order(block: Block, at: Implied, gram_Q: Matrix, along: Vector | None) -> Matrix:
    """tr(Q d2Sigma_kl) + q'd2mu_kl by parameter; `along` is q'W, None without means."""
    lay, pairs = block.layout, block.layout.pairs
    values = np.zeros((*at.eta.shape[:-1], len(pairs.first)))
    _add_second_covariances(block, at, 2.0 * gram_Q, values)
    values *= pairs.weight
    if along is not None:
        _add_second_means(block, at, along, values)
    return gathered_square(lay, square(pairs, values))


def _add_second_covariances(block: Block, at: Implied, twice_Q: Matrix, values: Vector) -> None:
    """Add to the `values` of the pairs tr(Q d2Sigma) before it is weighted by c c'; only paths have any.

    d2Sigma(A_jk, A_lm) against Q: 2 [G_kl C_j'Q D_m + G_mj C_l'Q D_k + V_km C_j'Q C_l]
    d2Sigma(A_jk, S_lm) against Q: 2c [G_kl C_j'Q C_m + G_km C_j'Q C_l]
    """
    pairs = block.layout.pairs
    if not block.layout.n_paths:
        return
    entries = flat(twice_Q)
    values[..., : pairs.mixed] += products(flat(at.G), entries, pairs.curved_left, pairs.curved_right)
    bent = picked(at.V, pairs.bent_left)
    bent *= entries.take(pairs.bent_right, axis=-1)
    values[..., : pairs.paths] += bent


def _add_second_means(block: Block, at: Implied, along: Vector, values: Vector) -> None:
    """Add q'd2mu to the `values` of the pairs; `along` is q'W.

    d2mu(A_jk, A_lm) = C_j G_kl eta_m + C_l G_mj eta_k;   d2mu(A_jk, alpha_l) = C_j G_kl
    """
    lay, pairs = block.layout, block.layout.pairs
    if not lay.n_paths:
        return
    one, two = pairs.first[: pairs.paths], pairs.second[: pairs.paths]
    ahead, back = (picked(at.G, places[: pairs.paths]) for places in pairs.curved_left)
    values[..., : pairs.paths] += along[..., lay.A_row[one]] * ahead * at.eta[..., lay.A_col[two]]
    values[..., : pairs.paths] += along[..., lay.A_row[two]] * back * at.eta[..., lay.A_col[one]]
    own = lay.A_row[pairs.first[pairs.mixed : pairs.shifts]]
    values[..., pairs.mixed : pairs.shifts] += along[..., own] * picked(at.G, pairs.shift)
