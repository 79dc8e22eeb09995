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

    `first`, `second`: the two cells. `left`, `right` (4, pairs): entries of two Gram matrices whose products
    are added up; the rows of `left` are uu, uv, vv, vu, for u or v of the first cell and u or v of the
    second, and those of `right` vv, vu, uu, uv. `weight`: the product of the cells' factors. `fill`: pair of
    every entry of the square, (s, s). `paths`, `mixed`, `shifts`: ends of the first three runs.

    For two paths A_jk, A_lm (run 1), (3, paths): `path_left` into G and V, one after the other: G_kl, G_mj,
    V_km; `path_right` into a Gram matrix: jm, lk, jl, to be multiplied with them. For a path and a
    covariance S_lm (run 2), (2, …): `mixed_left` into G: kl, km; `mixed_right` into a Gram matrix: jm, jl.
    For a path and an intercept alpha_l (run 3): `shift` into G: kl.
    """

    first: Indices
    second: Indices
    left: Indices
    right: Indices
    weight: Vector
    fill: Indices
    paths: int
    mixed: int
    shifts: int
    path_left: Indices
    path_right: Indices
    mixed_left: Indices
    mixed_right: Indices
    shift: Indices


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
    s, n_a, n_s = len(u), len(path_column), n_covariances
    first, second = _runs(n_a, n_s, s - n_a - n_s)
    paths = n_a * (n_a + 1) // 2
    mixed = paths + n_a * n_s
    shifts = mixed + n_a * (s - n_a - n_s)
    fill = np.empty((s, s), dtype=np.intp)
    fill[first, second] = fill[second, first] = np.arange(len(first))
    columns = np.array([u, v])
    left = (columns * side)[[0, 0, 1, 1]].take(first, axis=1)
    left += columns[[0, 1, 1, 0]].take(second, axis=1)
    one, two = first[:paths], second[:paths]
    j, k, outcome, m = u[one], path_column[one], u[two], path_column[two]
    own, other = first[paths:mixed], second[paths:mixed]
    covariance = columns.take(other, axis=1)
    return CellPairs(
        first,
        second,
        left,
        left[[2, 3, 0, 1]],
        c[first] * c[second],
        fill,
        paths,
        mixed,
        shifts,
        np.array([k * n + outcome, m * n + j, n * n + k * n + m]),
        np.array([j * side + v[two], outcome * side + v[one], j * side + outcome]),
        path_column[own] * n + covariance,
        u[own] * side + covariance[::-1],
        path_column[first[mixed:shifts]] * n + u[second[mixed:shifts]],
    )


def _runs(n_paths: int, n_covariances: int, n_intercepts: int) -> tuple[Indices, Indices]:
    """First and second cell of every pair, run after run."""
    rest = n_covariances + n_intercepts
    i, j = _upper(n_paths)
    k, m = _upper(rest)
    path = np.arange(n_paths)
    covariance = n_paths + np.arange(n_covariances)
    intercept = n_paths + n_covariances + np.arange(n_intercepts)
    first = np.concatenate([i, path.repeat(n_covariances), path.repeat(n_intercepts), n_paths + k])
    second = np.concatenate([j, *[covariance] * n_paths, *[intercept] * n_paths, n_paths + m])
    return first, second


def _upper(n: int) -> tuple[Indices, Indices]:
    """Row and column of the upper triangle, row by row."""
    at = np.arange(n)
    row, column = (at[:, None] <= at).nonzero()
    return row, column


def picked(matrix: Matrix, places: Indices) -> Vector:
    """Entries at flat `places` of each matrix, (..., r, r) → (..., len(places))."""
    return flat(matrix).take(places, axis=-1)


def products(left: Matrix, right: Matrix, at_left: Indices, at_right: Indices) -> Vector:
    """Sum over r of left[at_left[r]] right[at_right[r]], places in the last axis, (..., pairs).

    `left`, `right`: (..., entries), flat matrices; `at_left`, `at_right`: (terms, pairs). All terms of one
    pair of matrices are gathered at once; those of a batch one after the other, which needs less memory.
    """
    if left.ndim == 1:
        return np.asarray((left.take(at_left) * right.take(at_right)).sum(axis=0))
    terms = (
        np.asarray(left.take(one, axis=-1) * right.take(other, axis=-1))
        for one, other in zip(at_left, at_right, strict=True)
    )
    total = next(terms)
    for term in terms:
        total += term
    return total


def flat(matrix: Matrix) -> Vector:
    """Each matrix as a vector, (..., r, c) → (..., r c)."""
    return matrix.reshape(*matrix.shape[:-2], matrix.shape[-2] * matrix.shape[-1])


def square(pairs: CellPairs, values: Vector) -> Matrix:
    """Symmetric matrices (..., s, s) from the values of the pairs, (..., pairs)."""
    return values.take(pairs.fill, axis=-1)
