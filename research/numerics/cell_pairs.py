"""Which entries of the Gram matrices each pair of free cells needs, listed once for a model.

A Hessian is symmetric, so only the pairs a <= b of cells are computed, from flat index lists; `square`
then puts them in place. The pairs stand in four runs: two paths, a path and a covariance, a path and an
intercept, and the rest, so that terms which only some kinds of pairs have are slices.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector


class CellPairs(NamedTuple):
    """Flat places, shape (pairs,) unless said, with N the side of a Gram matrix and n that of G and V.

    `first`, `second`: the two cells. `uu`, `uv`, `vu`, `vv`: entries of a Gram matrix, for u or v of the
    first cell and u or v of the second. `weight`: the product of the cells' factors. `fill`: pair of every
    entry of the square, (s * s,). `paths`, `mixed`, `shifts`: ends of the first three runs.

    For two paths A_jk, A_lm (run 1): `G_kl`, `G_mj` into G, `V_km` into V, `Q_jm`, `Q_lk`, `Q_jl` into Gram.
    For a path and a covariance S_lm (run 2): `M_kl`, `M_km` into G, `M_jl`, `M_jm` into Gram.
    For a path and an intercept alpha_l (run 3): `N_kl` into G.
    """

    first: Indices
    second: Indices
    uu: Indices
    uv: Indices
    vu: Indices
    vv: Indices
    weight: Vector
    fill: Indices
    paths: int
    mixed: int
    shifts: int
    G_kl: Indices
    G_mj: Indices
    V_km: Indices
    Q_jm: Indices
    Q_lk: Indices
    Q_jl: Indices
    M_kl: Indices
    M_km: Indices
    M_jl: Indices
    M_jm: Indices
    N_kl: Indices


def cell_pairs(
    n: int,
    side: int,
    u: Indices,
    v: Indices,
    c: Vector,
    path_column: Indices,
    n_covariances: int,
) -> CellPairs:
    """List the pairs of the cells whose columns of W are `u`, `v` and whose factors are `c`, each (s,).

    `n`: side of G; `side`: side of a Gram matrix; `path_column`: the predictor of every path, (a,).
    """
    s, n_a = len(u), len(path_column)
    first, second = np.triu_indices(s)
    run = np.where(first >= n_a, 3, np.where(second < n_a, 0, np.where(second < n_a + n_covariances, 1, 2)))
    order = np.argsort(run, kind="stable")
    first, second = first[order], second[order]
    paths, mixed, shifts = np.cumsum(np.bincount(run, minlength=4))[:3].tolist()
    square = np.empty((s, s), dtype=np.intp)
    square[first, second] = square[second, first] = np.arange(len(first))
    one, two = first[:paths], second[:paths]
    j, k, outcome, m = u[one], path_column[one], u[two], path_column[two]
    own, other = first[paths:mixed], second[paths:mixed]
    row, column = u[own], path_column[own]
    return CellPairs(
        first,
        second,
        u[first] * side + u[second],
        u[first] * side + v[second],
        v[first] * side + u[second],
        v[first] * side + v[second],
        c[first] * c[second],
        square.ravel(),
        paths,
        mixed,
        shifts,
        k * n + outcome,
        m * n + j,
        k * n + m,
        j * side + v[two],
        outcome * side + v[one],
        j * side + outcome,
        column * n + u[other],
        column * n + v[other],
        row * side + u[other],
        row * side + v[other],
        path_column[first[mixed:shifts]] * n + u[second[mixed:shifts]],
    )


def picked(matrix: Matrix, places: Indices) -> Vector:
    """Entries at flat `places` of each matrix, (..., r, r) → (..., len(places))."""
    flat = matrix.reshape(*matrix.shape[:-2], matrix.shape[-1] * matrix.shape[-2])
    return np.take(flat, places, axis=-1)


def square(pairs: CellPairs, values: Vector) -> Matrix:
    """Symmetric matrices (..., s, s) from the values of the pairs, (..., pairs)."""
    s = round(len(pairs.fill) ** 0.5)
    return np.take(values, pairs.fill, axis=-1).reshape(*values.shape[:-1], s, s)
