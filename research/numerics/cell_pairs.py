"""Which entries of the Gram matrices each pair of free cells needs, listed once for a model.

A Hessian is symmetric, so only the pairs a <= b of cells are computed, from flat index lists; `square`
then puts them in place. The pairs stand in four runs: two paths, a path and a covariance, a path and an
intercept, and the rest, so that terms which only some kinds of pairs have are slices.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector


class CellPairs(NamedTuple):
    """Flat places, shape (pairs,) unless said, with N the side of a Gram matrix and n that of G and V.

    `first`, `second`: the two cells. `left`, `right` (4, pairs): entries of two Gram matrices whose products
    are added up; the rows of `left` are uu, uv, vv, vu, for u or v of the first cell and u or v of the
    second, and those of `right` vv, vu, uu, uv. `weight`: the product of the cells' factors. `fill`: pair of
    every entry of the square, (s, s). `paths`, `mixed`, `shifts`: ends of the first three runs.

    For two paths A_jk, A_lm (run 1) and for a path and a covariance S_lm (run 2), (2, paths + mixed):
    `curved_left` into G: kl, mj or kl, km; `curved_right` into a Gram matrix, to be multiplied with them:
    jm, lk or jm, jl. For two paths also `bent_left` into V: km, `bent_right` into a Gram matrix: jl.
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
    curved_left: Indices
    curved_right: Indices
    bent_left: Indices
    bent_right: Indices
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
    n_a, n_s = len(path_column), n_covariances
    first, second, fill = _runs(n_a, n_s, len(u) - n_a - n_s)
    paths = n_a * (n_a + 1) // 2
    mixed = paths + n_a * n_s
    shifts = mixed + n_a * (len(u) - n_a - n_s)
    columns = np.array([u, v])
    one, two = columns.take(first, axis=1), columns.take(second, axis=1)
    (j, d), (outcome, e) = one[:, :paths], two[:, :paths]
    k, m = path_column[first[:paths]], path_column[second[:paths]]
    rows = one * side
    both = np.empty((6, len(first)), dtype=np.intp)  # uu, uv, vv, vu, uu, uv
    for place, (of_first, of_second) in enumerate(((0, 0), (0, 1), (1, 1), (1, 0), (0, 0), (0, 1))):
        np.add(rows[of_first], two[of_second], out=both[place])
    own = path_column[first[paths:shifts]] * n
    covariance = two[:, paths:mixed]
    curved = np.empty((2, 2, mixed), dtype=np.intp)
    curved[0, 0, :paths], curved[0, 1, :paths] = k * n + outcome, m * n + j
    curved[1, 0, :paths], curved[1, 1, :paths] = j * side + e, outcome * side + d
    curved[0, :, paths:] = own[: mixed - paths] + covariance
    curved[1, :, paths:] = rows[0, paths:mixed] + covariance[::-1]
    return CellPairs(
        first,
        second,
        both[:4],
        both[2:],
        c[first] * c[second],
        fill,
        paths,
        mixed,
        shifts,
        curved[0],
        curved[1],
        k * n + m,
        j * side + outcome,
        own[mixed - paths :] + two[0, mixed:shifts],
    )


@lru_cache(maxsize=32)
def _runs(n_paths: int, n_covariances: int, n_intercepts: int) -> tuple[Indices, Indices, Indices]:
    """First and second cell of every pair, run after run, and the pair of every entry of the square.

    They depend on the three counts alone; read-only.
    """
    rest = n_covariances + n_intercepts
    s = n_paths + rest
    i, j = _upper(n_paths)
    k, m = _upper(rest)
    path = np.arange(n_paths)
    covariance = n_paths + np.arange(n_covariances)
    intercept = n_paths + n_covariances + np.arange(n_intercepts)
    first = np.concatenate([i, path.repeat(n_covariances), path.repeat(n_intercepts), n_paths + k])
    second = np.concatenate([j, *[covariance] * n_paths, *[intercept] * n_paths, n_paths + m])
    fill = np.empty((s, s), dtype=np.intp)
    fill[first, second] = fill[second, first] = np.arange(len(first))
    for places in (first, second, fill):
        places.flags.writeable = False
    return first, second, fill


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
        both = left.take(at_left)
        both *= right.take(at_right)
        return np.asarray(np.add.reduce(both))
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
