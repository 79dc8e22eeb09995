"""One symmetric positive definite matrix at a time, straight from LAPACK.

numpy.linalg checks and converts so much that for the matrices of a model (10 to 50 rows) the wrapper costs
several times what LAPACK does, and it answers a matrix that is not positive definite with an exception.
Here the answer to such a matrix, or to one with NaN, is None. `stacks` does the same for many matrices.
"""

from __future__ import annotations

import math
from functools import cache
from types import ModuleType

import numpy as np

from research.numerics.arrays import Matrix, Vector

NOTHING = 1e-12  # share of the largest eigenvalue below which a direction carries no information


def cholesky_root(matrix: Matrix) -> Matrix | None:
    """The lower root L with LL' = `matrix` (r, r); None where it is not positive definite.

    >>> cholesky_root(np.array([[4.0, 2.0], [2.0, 5.0]]))
    array([[2., 0.],
           [1., 2.]])
    >>> cholesky_root(np.array([[1.0, 2.0], [2.0, 1.0]])) is None
    True
    """
    if not len(matrix):
        return matrix
    found: tuple[Matrix, int] = lapack().dpotrf(matrix.T, lower=1)
    root, fault = found
    return None if fault or not math.isfinite(root[-1, -1]) else root


def inverse_from_root(root: Matrix) -> Matrix:
    """(LL')^-1 from L, (r, r): exactly symmetric."""
    half: Matrix = lapack().dtrtri(root, lower=1)[0]
    product: Matrix = half.T.dot(half)
    return product


def inverse_by_halves(root: Matrix) -> Matrix:
    """(LL')^-1 from L, (r, r), for hundreds of rows: a third of the work of a general inverse."""
    found: Matrix = lapack().dpotri(root, lower=1)[0]
    lower = np.tril(found)
    return lower + np.tril(found, -1).T


def solved_from_root(root: Matrix, right: Vector) -> Vector:
    """x with LL'x = `right`, (r,)."""
    x: Vector = lapack().dpotrs(root, right, lower=1)[0]
    return x


def logdet_from_root(root: Matrix) -> float:
    """log|LL'|."""
    return 2.0 * float(np.add.reduce(np.log(root.diagonal())))


def solve(matrix: Matrix, right: Vector) -> Vector | None:
    """x with `matrix` x = `right`, (r,); None where the matrix (r, r) is not positive definite."""
    if not len(right):
        return right
    found: tuple[Matrix, Vector, int] = lapack().dposv(matrix.T, right, lower=1)
    _, x, fault = found
    return None if fault else x


def inverse_along(matrix: Matrix, basis: Matrix | None) -> Matrix:
    """B (B'HB)^- B' of an information H (q, q), (q, q), for the directions `basis` (q, r) or, None, all.

    Directions without information (eigenvalues below 1e-12 in the metric of the diagonal) are left out: they
    do not contribute to a trace, which is the same for any generalized inverse. NaN where H is not finite.
    """
    inside = matrix if basis is None else basis.T @ matrix @ basis
    if not np.isfinite(inside).all():
        return np.full_like(matrix, np.nan)
    if not len(inside):
        return np.zeros_like(matrix)
    scale = np.sqrt(np.abs(inside.diagonal()))
    scale = np.where(scale > 0, scale, 1.0)
    both = np.multiply.outer(scale, scale)
    values, vectors = np.linalg.eigh(inside / both)
    kept = np.abs(values) > NOTHING * np.abs(values).max()
    found = (vectors * np.where(kept, 1.0 / np.where(kept, values, 1.0), 0.0)) @ vectors.T / both
    return np.asarray(found if basis is None else basis @ found @ basis.T)


def inverse(matrix: Matrix, identity: Matrix) -> Matrix | None:
    """The inverse of any square matrix, given the identity of its size; None where it is singular."""
    found: tuple[Matrix, object, Matrix, int] = lapack().dgesv(matrix, identity)
    return None if found[3] else found[2]


@cache
def lapack() -> ModuleType:
    """scipy's LAPACK, imported once: an import statement in a function costs half of what LAPACK does."""
    from scipy.linalg import lapack as found

    return found
