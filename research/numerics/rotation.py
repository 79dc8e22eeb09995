"""Rotation of factor loadings towards simple structure.

Oblique criteria by gradient projection after Jennrich (2002) and Bernaards & Jennrich (2005): one
algorithm, one function of value and gradient a criterion.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from research.numerics.arrays import Matrix, Stack, Vector

Name = Literal["none", "varimax", "promax", "oblimin", "quartimin", "geomin"]
Criterion = Callable[[Stack], tuple[Vector, Stack]]

PROMAX_POWER = 4
VARIMAX_CHANGE = 1e-5  # the customary stop (R, SPSS); a tighter one moves the third digit of a loading
GEOMIN_EPSILON = 0.01
STARTS = 30  # random starts of the oblique criteria, which have local minima


@dataclass(frozen=True, slots=True)
class Rotation:
    """Rotated loadings L (p, k) (the pattern), factor correlations Phi (k, k): L Phi L' is unchanged.

    `starts` random ones were tried, of which `agreed` ended in this solution, the best of all.
    """

    loadings: Matrix
    phi: Matrix
    starts: int = 1
    agreed: int = 1


def rotate(
    loadings: Matrix,
    name: Name,
    *,
    normalize: bool | None = None,
    rng: np.random.Generator | None = None,
    epsilon: float = GEOMIN_EPSILON,
    exact: bool = False,
) -> Rotation:
    """Rotate unrotated loadings (p, k).

    `normalize` (Kaiser): rows of unit length while rotating; None is the custom of each: yes for varimax
    (also as the first step of promax), no for the others. `rng` draws the starts of oblimin (with gamma 0,
    which is quartimin) and geomin; without it only the identity is tried. `epsilon` keeps geomin smooth where
    a loading is zero. `exact`: varimax goes on to its maximum, where the custom is to stop a little before.
    """
    k = loadings.shape[1]
    if name == "none" or k < 2:
        return Rotation(loadings, np.eye(k))
    if name == "promax":
        return _in_unit_rows(loadings, bool(normalize), _promax)
    if name == "varimax":
        change = 0.0 if exact else VARIMAX_CHANGE
        return _in_unit_rows(loadings, normalize is not False, partial(_varimax, change=change))
    starts = [np.eye(k)]
    if rng is not None:
        starts += [np.linalg.qr(rng.normal(size=(k, k)))[0] for _ in range(STARTS)]
    criterion = partial(geomin, epsilon=epsilon) if name == "geomin" else quartimin
    return _in_unit_rows(
        loadings, bool(normalize), partial(_oblique, criterion=criterion, starts=np.array(starts))
    )


def quartimin(L: Stack) -> tuple[Vector, Stack]:
    """Direct oblimin with gamma 0: sum over factor pairs of l_ir^2 l_is^2 / 4.  Jennrich & Sampson (1966)

    L (..., p, k): value (...) and gradient (..., p, k).
    """
    squares = L**2
    others = squares.sum(axis=-1, keepdims=True) - squares
    return np.asarray((squares * others).sum(axis=(-2, -1)) / 4), L * others


def geomin(L: Stack, epsilon: float = GEOMIN_EPSILON) -> tuple[Vector, Stack]:
    """Sum over items of the geometric mean of (l^2 + epsilon).  Yates (1987); Browne (2001)

    L (..., p, k): value (...) and gradient (..., p, k).
    """
    k = L.shape[-1]
    squares = L**2 + epsilon
    means = np.exp(np.log(squares).mean(axis=-1, keepdims=True))
    return np.asarray(means.sum(axis=(-2, -1))), 2 / k * L / squares * means


def _in_unit_rows(loadings: Matrix, normalize: bool, rotation: Callable[[Matrix], Rotation]) -> Rotation:
    if not normalize:
        return rotation(loadings)
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    length = np.where(length > 0, length, 1.0)
    done = rotation(loadings / length)
    return replace(done, loadings=done.loadings * length)


def _varimax(A: Matrix, change: float = VARIMAX_CHANGE) -> Rotation:
    """Greatest variance of squared loadings within factors, by singular value decompositions.

    Kaiser (1958); T <- UV' of A'(L^3 - L diag(mean l^2)), Horst (1965, ch. 18), until the sum of the
    singular values grows by a share of no more than `change`.
    """
    k = A.shape[1]
    T, last = np.eye(k), 0.0
    for _ in range(1000):
        L = A @ T
        left, values, right = np.linalg.svd(A.T @ (L**3 - L * (L**2).mean(axis=0)))
        T, total = left @ right, float(values.sum())
        if total <= last * (1 + change):
            break
        last = total
    return Rotation(A @ T, np.eye(k))


def _promax(A: Matrix) -> Rotation:
    """Least squares towards varimax loadings raised to a power.  Hendrickson & White (1964)"""
    L = _in_unit_rows(A, True, _varimax).loadings
    target = L * np.abs(L) ** (PROMAX_POWER - 1)
    U = np.linalg.lstsq(L, target, rcond=None)[0]
    U = U * np.sqrt(np.diag(np.linalg.inv(U.T @ U)))
    inverse = np.linalg.inv(U)
    return Rotation(L @ U, inverse @ inverse.T)


def _oblique(A: Matrix, criterion: Criterion, starts: Stack) -> Rotation:
    """The best of the starts (s, k, k): L = A T^-1', Phi = T'T with unit columns of T; Jennrich (2002).

    With several starts all are followed to a rough end, and the best of them to the exact one.
    """
    best, agreed = starts[0], 1
    if len(starts) > 1:
        ends, values = _descend(A, criterion, starts, 1e-3, 200)
        lowest = float(values.min())
        at_best = np.flatnonzero(values <= lowest + 1e-5 * abs(lowest))
        best, agreed = ends[at_best[0]], len(at_best)
    T = _descend(A, criterion, best[None], 1e-9, 5000)[0][0]
    return Rotation(A @ np.linalg.inv(T).T, T.T @ T, len(starts), agreed)


def _descend(
    A: Matrix, criterion: Criterion, starts: Stack, tolerance: float, max_iter: int
) -> tuple[Stack, Vector]:
    """T (s, k, k) and the criterion (s,) of every start where its projected gradient is short enough.

    All starts step together, each with a step length of its own, halved until the criterion falls enough.
    """
    T = starts.copy()
    value, G = _slope(A, criterion, T)
    step, running = np.ones(len(T)), np.ones(len(T), dtype=np.bool_)
    for _ in range(max_iter):
        projected = G - T * (T * G).sum(axis=-2, keepdims=True)
        size = np.sqrt((projected**2).sum(axis=(-2, -1)))
        running &= size >= tolerance
        if not running.any():
            break
        step[running] *= 2
        pending = np.flatnonzero(running)
        for _ in range(40):
            moved = T[pending] - step[pending, None, None] * projected[pending]
            trial = moved / np.sqrt((moved**2).sum(axis=-2, keepdims=True))
            new, slope = _slope(A, criterion, trial)
            better = new < value[pending] - 0.5 * size[pending] ** 2 * step[pending]
            at = pending[better]
            T[at], value[at], G[at] = trial[better], new[better], slope[better]
            pending = pending[~better]
            if not pending.size:
                break
            step[pending] /= 2
        running[pending] = False  # no step lowers the criterion any more
    return T, value


def _slope(A: Matrix, criterion: Criterion, T: Stack) -> tuple[Vector, Stack]:
    """The criterion and its gradient for T."""
    inverse = np.linalg.inv(T)
    L = A @ inverse.swapaxes(-1, -2)
    value, gradient = criterion(L)
    return value, -(L.swapaxes(-1, -2) @ gradient @ inverse).swapaxes(-1, -2)
