"""Roots and solutions for a stack of matrices of which some may not be positive definite.

numpy's answer for a stack is lost when one member fails; these go on to LAPACK one by one.
"""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Mask, Matrix, Vector


def cholesky_roots(stack: Matrix) -> Matrix:
    """Lower roots, (..., r, r); NaN for a matrix that is not positive definite.

    >>> cholesky_roots(np.array([[[4.0]], [[-1.0]], [[9.0]]]))[:, 0, 0]
    array([ 2., nan,  3.])
    """
    try:
        return np.asarray(np.linalg.cholesky(stack), dtype=np.float64)
    except np.linalg.LinAlgError:
        if stack.ndim == 2:
            return np.full_like(stack, np.nan)
    return _each_root(stack)


def positive_definite(stack: Matrix) -> Mask:
    """Which members of a stack (b, r, r) are positive definite, (b,)."""
    try:
        np.linalg.cholesky(stack)
    except np.linalg.LinAlgError:
        return np.asarray(np.isfinite(_each_root(stack)).all(axis=(-2, -1)))
    return np.asarray(np.isfinite(stack).all(axis=(-2, -1)))


def solve_definite(stack: Matrix, right: Vector) -> tuple[Vector, Mask]:
    """Solutions (b, r) of stack x = right by Cholesky, and which members are positive definite.

    `stack` (b, r, r) is overwritten. The solution of a member that is not positive definite is NaN.
    """
    from scipy.linalg.lapack import dposv

    solution = np.full_like(right, np.nan)
    for at in range(len(right)):
        _, x, fault = dposv(stack[at].T, right[at], overwrite_a=1)
        if fault == 0:
            solution[at] = x
    return solution, np.asarray(np.isfinite(solution).all(axis=-1))


def _each_root(stack: Matrix) -> Matrix:
    """The roots that LAPACK finds one by one, so that no second routine has to agree on a borderline case."""
    from scipy.linalg.lapack import dpotrf

    roots = np.full_like(stack, np.nan)
    for at in np.flatnonzero(np.isfinite(stack).all(axis=(-2, -1))):
        root, fault = dpotrf(stack[at].T)
        if fault == 0:
            roots[at] = root.T
    return roots
