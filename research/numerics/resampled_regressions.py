"""Coefficients of several least-squares regressions in many samples of their rows, without a refit.

A sample with multiplicities w has the normal equations X'WX b = X'Wy. All columns of all regressions are
rotated to one orthonormal basis Q; the sums w'[q_i q_j] then come from one matrix product for many samples,
every normal matrix is near the identity, and what the columns share (x beside x * w, uncentred) costs digits
once, in the triangle of the whole sample, and not squared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.resample import product_of_tiles

Estimator = Callable[[Matrix], tuple[Matrix, Mask]]  # multiplicities (b, n) to (b, k) and usable (b,)

_CELLS = 4_000_000  # multiplicities held at once
_LARGEST_BATCH = 256
# A sample whose normal matrix keeps less than this share of some direction has lost a column: a
# category that was not drawn, a moderator without spread. The whole sample has 1 throughout.
LOST = 1e-9


@dataclass(frozen=True, slots=True)
class Resampled:
    """What many samples give: `coefficients`, (b, k_e) for each regression; `spreads`, standard deviations
    (n - 1) of the columns asked for, (b, v); `usable` (b,), False where a sample leaves a coefficient open.
    """

    coefficients: tuple[Matrix, ...]
    spreads: Matrix
    usable: Mask
    more: tuple[Matrix, ...] = ()


@dataclass(frozen=True, slots=True)
class _Equation:
    take: Matrix  # (p, k * k + k): from the sums of products to X'WX and X'Wy in the basis
    inverse: Matrix  # (k, k): from coordinates in the basis to coefficients


@dataclass(frozen=True, slots=True)
class RegressionPlan:
    """Several regressions on the same n rows, ready to be resampled."""

    table: Matrix  # (n, p): products of the columns of the basis
    equations: tuple[_Equation, ...]
    spread: Matrix  # (p, 2 v): sums and sums of squares of the columns whose spread is asked for
    n_obs: int

    def bootstrap(
        self, n_draws: int, seed: np.random.SeedSequence, also: Sequence[Estimator] = ()
    ) -> Resampled:
        """Samples of n rows with replacement; one seed a batch of a size that depends on n only.

        `also`: estimators of the same samples that need the multiplicities themselves; what they find is
        in `more`.
        """
        size = max(1, min(_LARGEST_BATCH, _CELLS // self.n_obs))
        batches = seed.spawn(-(-n_draws // size))
        sums = np.empty((n_draws, self.table.shape[1]))
        found: list[list[tuple[Matrix, Mask]]] = [[] for _ in also]
        for number, child in enumerate(batches):
            first = number * size
            count = min(size, n_draws - first)
            drawn = _multiplicities(self.n_obs, size, child)[:count]
            sums[first : first + count] = product_of_tiles(drawn, self.table)
            for estimator, parts in zip(also, found, strict=True):
                parts.append(estimator(drawn))
        solved = self._solved(sums)
        usable = solved.usable
        for parts in found:
            usable = usable & np.concatenate([proper for _, proper in parts])
        more = tuple(np.concatenate([values for values, _ in parts]) for parts in found)
        return replace(solved, usable=usable, more=more)

    def _solved(self, sums: Matrix) -> Resampled:
        usable = np.ones(len(sums), dtype=np.bool_)
        coefficients = []
        for equation in self.equations:
            k = len(equation.inverse)
            taken = product_of_tiles(sums, equation.take)
            G, r = taken[:, : k * k].reshape(-1, k, k), taken[:, k * k :]
            solved, proper = eliminated(G, r)
            usable &= proper
            coefficients.append(product_of_tiles(solved, equation.inverse.T))
        moments = sums @ self.spread
        v = moments.shape[1] // 2
        first, second = moments[:, :v], moments[:, v:]
        squares = np.clip(second - first**2 / self.n_obs, 0.0, None)
        return Resampled(tuple(coefficients), np.sqrt(squares / (self.n_obs - 1)), usable)


def regression_plan(designs: Sequence[tuple[Matrix, Vector]], measured: Sequence[Vector]) -> RegressionPlan:
    """Prepare regressions, each (X, y) with X (n, k) of full rank, and columns whose spread is wanted."""
    n = len(measured[0]) if measured else len(designs[0][1])
    columns = [np.ones(n), *measured]
    for X, y in designs:
        columns += [*X.T, y]
    stacked = np.column_stack([_scaled(column) for column in columns])
    Q = np.linalg.qr(_distinct(stacked))[0]
    i, j = np.triu_indices(Q.shape[1])
    place = np.zeros((Q.shape[1], Q.shape[1]), dtype=np.intp)
    place[i, j] = place[j, i] = np.arange(len(i))
    equations = tuple(_equation(Q, place, X, y) for X, y in designs)
    one = Q.T @ np.ones(n)
    centred = [Q.T @ (column - column.mean()) for column in measured]
    spread = [_form(one, column, place) for column in centred]
    spread += [_form(column, column, place) for column in centred]
    wanted = np.column_stack(spread) if spread else np.empty((len(i), 0))
    return RegressionPlan(Q[:, i] * Q[:, j], equations, wanted, n)


def leave_one_out(X: Matrix, y: Vector) -> Matrix:
    """Coefficients (n, k) with each row left out once: b - (X'X)^-1 x_i e_i / (1 - h_i) (Miller 1974).

    A row with leverage 1 alone carries a coefficient and cannot be left out: there b stays.
    """
    Q, R = np.linalg.qr(X)
    inverse = np.linalg.solve(R, np.eye(len(R)))
    coordinates = Q.T @ y
    left = 1.0 - np.einsum("ij,ij->i", Q, Q)
    residual = np.where(left > 1e-10, (y - Q @ coordinates) / np.where(left > 1e-10, left, 1.0), 0.0)
    coefficients: Matrix = (coordinates - Q * residual[:, None]) @ inverse.T
    return coefficients


def leave_one_out_spread(column: Vector) -> Vector:
    """Standard deviations (n,), divisor n - 2, with each of the n values left out once."""
    n = len(column)
    centred = column - column.mean()
    squares = centred @ centred - n / (n - 1) * centred**2
    return np.asarray(np.sqrt(np.clip(squares, 0.0, None) / max(n - 2, 1)))


def _scaled(column: Vector) -> Vector:
    size = float(np.linalg.norm(column))
    return column / size if size > 0 else column


def _distinct(columns: Matrix) -> Matrix:
    """Each column once, in the order of their first appearance."""
    kept: dict[bytes, int] = {}
    for place, column in enumerate(columns.T):
        kept.setdefault(column.tobytes(), place)
    return columns[:, list(kept.values())]


def _equation(Q: Matrix, place: Indices, X: Matrix, y: Vector) -> _Equation:
    own, R = np.linalg.qr(X)
    T, t = Q.T @ own, Q.T @ y
    k = X.shape[1]
    forms = [_form(T[:, a], T[:, b], place) for a in range(k) for b in range(k)]
    forms += [_form(T[:, a], t, place) for a in range(k)]
    return _Equation(np.column_stack(forms), np.linalg.solve(R, np.eye(k)))


def _form(left: Vector, right: Vector, place: Indices) -> Vector:
    """Weights of the sums w'[q_i q_j], i <= j, that make (Q left)' W (Q right)."""
    outer = np.outer(left, right)
    weights = np.zeros(int(place.max()) + 1)
    np.add.at(weights, place.ravel(), outer.ravel())
    return weights


def _multiplicities(n: int, size: int, seed: np.random.SeedSequence) -> Matrix:
    """How often each of n rows was drawn, (size, n)."""
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = generator.integers(n, size=(size, n), dtype=np.uint16 if n < 2**16 else np.uint32)
    places = drawn.astype(np.intp) + np.arange(size)[:, None] * n
    return np.bincount(places.ravel(), minlength=size * n).reshape(size, n).astype(np.float64)


def eliminated(G: Matrix, r: Matrix) -> tuple[Matrix, Mask]:
    """Solutions (b, k) of Gx = r for a stack (b, k, k), and which members are well away from singular.

    Gauss's elimination of all members at once; without pivoting, for they are positive definite and near
    the identity. A member that loses a direction has a pivot near zero and its solution is NaN.
    """
    b, k = r.shape
    x, proper = np.empty((b, k)), np.empty(b, dtype=np.bool_)
    for start in range(0, b, _LARGEST_BATCH):  # a block that stays in the cache
        A = np.concatenate([G[start : start + _LARGEST_BATCH], r[start : start + _LARGEST_BATCH, :, None]], 2)
        good = np.ones(len(A), dtype=np.bool_)
        for j in range(k):
            good &= A[:, j, j] > LOST
            A[~good, j, j] = np.nan
            share = A[:, j + 1 :, j, None] / A[:, j, j, None, None]
            A[:, j + 1 :, j + 1 :] -= share * A[:, None, j, j + 1 :]
        own = A[:, :, k]
        for j in range(k - 1, -1, -1):
            own[:, j] = (own[:, j] - np.einsum("bi,bi->b", A[:, j, j + 1 : k], own[:, j + 1 :])) / A[:, j, j]
        x[start : start + len(A)], proper[start : start + len(A)] = own, good
    return x, proper
