"""Minimisation by Fisher scoring, then Newton's method, inside linear equalities.

A scoring step brings the start values into the bowl where the Hessian is positive definite; Newton's
method then converges quadratically. Where the Hessian is not positive definite the scoring step is
taken. A step is halved until the value falls. Convergence is a Newton decrement g'H^-1 g below 1e-9, or
one of which the quadratic rate leaves less than 1e-15; the step that goes with it is still taken.

What looks like convergence and is none is told apart. A step that promises nothing and yet is long means
that the discrepancy is flat, as where it falls without end while parameters grow. A place without slope
from which the discrepancy falls away is a saddle, and is left. A search whose steps must all be cut to
next to nothing creeps along the edge of where the discrepancy is defined; it is given up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.definite import cholesky_root, solve, solved_from_root

SCORING_STEPS = 1
DECREMENT = 1e-9
TINY = float(np.finfo(float).tiny)
REMAINDER = 1e-15
HALVINGS = 25
LIMIT = 10_000  # lavaan's iter.max
RIDGE = 1e-10  # eigenvalues of the scaled curvature below this count as directions without information
LONG = 1e-2  # change of a parameter, in units of 1 + its size, that no last step makes
PLATEAU = 20  # long steps without a promise that are taken before the search is given up
DOWNWARD = -1e-6  # an eigenvalue of the scaled Hessian below this is no rounding
WINDOW, STALLED = 100, 1e-6  # a search that gains less in so many steps is given up
SPELL, CREEPING = 50, 0.01  # twice in so many less than this share of what one whole step promises: the same
CREEPS = "the discrepancy falls ever more slowly while parameters grow or vanish, as where it has no minimum"


class PointLike(Protocol):
    """A value and a gradient."""

    @property
    def value(self) -> Vector:
        """A number."""

    @property
    def gradient(self) -> Vector:
        """Its derivatives, (q,)."""


P = TypeVar("P", bound=PointLike)


class Discrepancy(Protocol[P]):
    """A smooth function of the parameters with an expected and an exact Hessian."""

    def value(self, theta: Vector) -> Vector:
        """The value alone; infinite outside the domain."""

    def point(self, theta: Vector) -> P:
        """The value, the gradient and what the curvature needs."""

    def expected(self, point: P) -> Matrix:
        """A positive semidefinite stand-in for the Hessian, (q, q)."""

    def hessian(self, point: P) -> Matrix:
        """The Hessian, (q, q)."""


@dataclass(frozen=True, slots=True)
class Minimum:
    """Where the search ended: `theta` (q,), its value, the number of steps, and whether it is a minimum.

    `reason` says in a few words why it is not, where it is not. `point`: what the problem says of `theta`,
    where the search knows it.
    """

    theta: Vector
    value: float
    n_steps: int
    converged: bool
    decrement: float
    reason: str = ""
    point: object = None


class _Step(NamedTuple):
    """Where to go, the fall that the slope promises, and whether the exact Hessian was used."""

    move: Vector
    decrement: float
    exact: bool


def minimize(
    problem: Discrepancy[P],
    start: Vector,
    *,
    basis: Matrix | None = None,
    max_iter: int = LIMIT,
    scoring_steps: int = SCORING_STEPS,
    taken: int = 0,
) -> Minimum:
    """Minimise `problem` from `start` (q,), moving only along the columns of `basis` (q, r).

    `basis`: null space of linear equality constraints that `start` fulfils; None for all directions.
    `max_iter`: places that are looked at, the start among them and those that were `taken` before.
    """
    theta, point = start, problem.point(start)
    value, before, decrement = float(point.value), np.inf, np.inf
    if not math.isfinite(value):
        return Minimum(theta, np.inf, taken, False, np.inf, "start values give no proper covariance")
    if not theta.size:
        return Minimum(theta, value, taken, True, 0.0, "")
    n_long, n_stuck, progress, reason = 0, 0, Progress(value), ""
    for n_steps in range(taken + 1, max_iter):
        step = _step(problem, point, basis, n_steps <= scoring_steps)
        decrement = step.decrement
        if decrement < DECREMENT or _lands(step, before):
            if not _is_long(step.move, theta):
                lower = None if step.exact else _escape(problem, point, theta, basis)
                if lower is None:
                    return _last(problem, theta, point, step, n_steps)
                theta, point, before = lower, problem.point(lower), np.inf
                value = float(point.value)
                continue
            n_long += 1
            if n_long > PLATEAU:
                reason = "the discrepancy is flat, it stays the same however far some parameters go"
                break
            if n_long % 2:
                scoring_steps = n_steps + 1  # scoring does not move along directions without information
        length, whole = _advance(problem, theta, step, value)
        if whole is None:
            n_stuck += 1
            if n_stuck > 1:
                reason = "no step lowers the discrepancy, though its slope is not zero"
                break
            scoring_steps = n_steps + 3
            continue
        before = decrement if step.exact and length == 1.0 else np.inf
        theta = theta + (step.move if length == 1.0 else length * step.move)
        point, value = whole, float(whole.value)
        reason = progress.gives_up(value, decrement)
        if reason:
            break
    else:
        n_steps, reason = max(taken, max_iter), f"max_iter = {max_iter} iterations were not enough"
    return Minimum(theta, value, n_steps, False, decrement, reason, point)


class Progress:
    """What a search gains, by which it is seen to be without hope."""

    def __init__(self, value: float) -> None:
        self.milestone = self.begun = value
        self.steps, self.slow, self.promised = 0, 0, np.inf

    def gives_up(self, value: float, decrement: float) -> str:
        """Why the search should end after this step; empty where it should go on."""
        self.steps, self.promised = self.steps + 1, min(self.promised, decrement)
        if self.steps % SPELL == 0:
            self.slow = self.slow + 1 if self.begun - value < CREEPING * self.promised else 0
            self.begun, self.promised = value, np.inf
        if self.steps % WINDOW == 0:
            if self.milestone - value < STALLED * (1.0 + abs(value)):
                return f"the discrepancy fell by less than {STALLED:g} in {WINDOW} iterations"
            self.milestone = value
        return CREEPS if self.slow > 1 else ""


def _step(problem: Discrepancy[P], point: P, basis: Matrix | None, scoring: bool) -> _Step:
    """The direction to go: Newton's where the Hessian is positive definite, else that of scoring."""
    slope = point.gradient if basis is None else point.gradient @ basis
    if not scoring:
        move = solve(_inside(problem.hessian(point), basis), -slope)
        if move is not None and (decrement := -float(slope.dot(move))) >= 0.0:
            return _Step(move if basis is None else basis @ move, decrement, True)
    move = _solve_semidefinite(_inside(problem.expected(point), basis), -slope)
    return _Step(move if basis is None else basis @ move, -float(slope.dot(move)), False)


def _inside(H: Matrix, basis: Matrix | None) -> Matrix:
    return H if basis is None else basis.T @ H @ basis


def _solve_semidefinite(H: Matrix, right: Vector) -> Vector:
    """H^+ right in the metric of H's diagonal; directions without information are not moved along."""
    scale = np.sqrt(np.maximum(H.diagonal(), TINY))
    scaled = H / np.multiply.outer(scale, scale)
    root = cholesky_root(scaled)
    if root is not None and root.diagonal().min(initial=1.0) > 1e-5:
        return solved_from_root(root, right / scale) / scale
    if not np.isfinite(scaled).all():
        return np.full_like(right, np.nan)
    values, vectors = np.linalg.eigh(scaled)
    kept = values > RIDGE * max(1.0, float(values[-1]))
    inverse = np.where(kept, 1.0 / np.where(kept, values, 1.0), 0.0)
    return np.asarray((vectors @ (inverse * (vectors.T @ (right / scale)))) / scale)


def _lands(step: _Step, before: float) -> bool:
    """Whether Newton's method, at its quadratic rate since the decrement `before`, is done with this step."""
    return step.exact and step.decrement < 1e-6 and step.decrement**3 < REMAINDER * before**2 < np.inf


def _is_long(move: Vector, theta: Vector) -> bool:
    """Whether a step is longer than a last one can be."""
    return bool((np.abs(move) > LONG * (1.0 + np.abs(theta))).any())


def _last(problem: Discrepancy[P], theta: Vector, point: P, step: _Step, n_steps: int) -> Minimum:
    """The end of a search that has converged: the last step is taken unless rounding makes it worse."""
    end = theta + step.move
    reached = problem.point(end)
    if float(reached.value) <= float(point.value) + 1e-8:
        theta, point = end, reached
    return Minimum(theta, float(point.value), n_steps, True, step.decrement, "", point)


def _escape(problem: Discrepancy[P], point: P, theta: Vector, basis: Matrix | None) -> Vector | None:
    """A lower place beside a saddle; None where the discrepancy does not curve down in any direction."""
    H = _inside(problem.hessian(point), basis)
    size = np.abs(np.diagonal(H))
    scale = np.sqrt(np.maximum(size, 1e-8 * size.max(initial=1e-8)))
    if not np.isfinite(H).all() or not len(H):
        return None
    values, vectors = np.linalg.eigh(H / np.multiply.outer(scale, scale))
    if values[0] > DOWNWARD:
        return None
    along = vectors[:, 0] / scale
    along = along if basis is None else basis @ along
    for halving in range(HALVINGS):
        for move in (along / 2**halving, -along / 2**halving):
            if float(problem.value(theta + move)) < float(point.value) + 0.25 * values[0] / 4**halving:
                return np.asarray(theta + move)
    return None


def _advance(problem: Discrepancy[P], theta: Vector, step: _Step, value: float) -> tuple[float, P | None]:
    """Halve a step that is too long until the value falls enough: its length, and the point it leads to."""
    reached = problem.point(theta + step.move)
    if _falls(float(reached.value), value, step.decrement):
        return 1.0, reached
    length = 1.0
    for _ in range(HALVINGS):
        length *= 0.5
        if _falls(float(problem.value(theta + length * step.move)), value, length * step.decrement):
            return length, problem.point(theta + length * step.move)
    return 0.0, None


def _falls(new: float, value: float, promised: float) -> bool:
    """Whether the value falls by a fair share of what the slope promises."""
    return new <= value - 1e-4 * promised + 1e-14 * (1.0 + abs(value))
