"""Sample moments as one vector per group: weights, contributions of the rows, asymptotic covariance.

The moments of a group are m = (means, vech S), the means only where the model has them; vech runs down the
columns. V with m'Vm = tr(S P S M)/2 + mean'P mean is the normal-theory weight.
"""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.implied import lower


def moment_vector(cov: Matrix, mean: Vector | None) -> Vector:
    """(mean, vech cov), shape (k,)."""
    row, column = lower(len(cov))
    second = cov[row, column]
    return second if mean is None else np.concatenate([mean, second])


def contributions(data: Matrix, cov: Matrix, mean: Vector, means: bool) -> Matrix:
    """(y - mean, vech (y - mean)(y - mean)' - vech cov) of every row, shape (n, k)."""
    row, column = lower(len(cov))
    d = data - mean
    second = d[:, row] * d[:, column] - cov[row, column]
    return np.hstack([d, second]) if means else second


def normal_weight(P: Matrix, means: bool, M: Matrix | None = None) -> Matrix:
    """V = D'(P x M + M x P)D / 4, bordered by P for the means, shape (k, k); M is P unless given."""
    M = P if M is None else M
    row, column = lower(len(P))
    twice = np.where(row == column, 1.0, 2.0)
    second = P[np.ix_(row, row)] * M[np.ix_(column, column)] + P[np.ix_(row, column)] * M[np.ix_(column, row)]
    if M is not P:
        turned = M[np.ix_(row, row)] * P[np.ix_(column, column)]
        turned += M[np.ix_(row, column)] * P[np.ix_(column, row)]
        second = (second + turned) / 2.0
    second *= 0.25 * np.outer(twice, twice)
    return _bordered(P, second) if means else second


def symmetric(y: Vector, p: int) -> tuple[Vector | None, Matrix]:
    """(q, Q) with y'dm = q'dmu + tr(Q dSigma), from a vector over the moments."""
    k = p * (p + 1) // 2
    first = y[: len(y) - k] if len(y) > k else None
    row, column = lower(p)
    Q = np.zeros((p, p))
    Q[row, column] = Q[column, row] = np.where(row == column, 1.0, 0.5) * y[len(y) - k :]
    return first, Q


def exogenous_moments(p: int, exogenous: Indices, means: bool) -> Indices:
    """Places of the moments of fixed x among themselves, which are not fitted."""
    row, column = lower(p)
    is_x = np.zeros(p, dtype=bool)
    is_x[exogenous] = True
    second = np.flatnonzero(is_x[row] & is_x[column])
    if not means:
        return second
    return np.concatenate([np.flatnonzero(is_x), p + second])


def _bordered(P: Matrix, second: Matrix) -> Matrix:
    p, k = len(P), len(second)
    out = np.zeros((p + k, p + k))
    out[:p, :p] = P
    out[p:, p:] = second
    return out
