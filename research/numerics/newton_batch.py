"""Damped Newton's method on a batch of problems that share one model: bootstrap, simulation, hard models.

Every member has its own damping lambda (Levenberg 1944; Marquardt 1963): the step solves

    (H + lambda D) s = -g,

with D the diagonal of the curvature. lambda follows the ratio of the fall to the fall that the quadratic
promises (Nielsen 1999), and rises until H + lambda D is positive definite. The first steps take the
expected Hessian for H. Where the straight step does not keep its promise the bent one of `latent_step` is
tried. A member has converged when H itself is positive definite and g'H^-1 g < 1e-9: a stationary point
that is a minimum, not a place where progress was slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.latent_step import LatentStep, latent_steps
from research.numerics.likelihood import MaximumLikelihood, Point, SampleMoments, picked_point
from research.numerics.newton import DECREMENT, RIDGE, Minimum
from research.numerics.stacks import positive_definite, solve_definite

SCORING_STEPS = 1
LIMIT = 60
FAIR = 0.5  # share of the promised fall below which the bent step is tried as well
LEAST = 1e-4  # share below which a step is refused
SLIGHT = 1e-11  # a promised fall that rounding may hide
FIRST_DAMPING = 1e-3
LEAST_DAMPING = 1e-4
NO_DAMPING = 1e-8
NEAR = 1e-6
TOO_MUCH = 1e8
RAISES = 14


class BatchMinimum(NamedTuple):
    """Where each search ended: `theta` (b, q), `value` (b,), `converged` (b,)."""

    theta: Matrix
    value: Vector
    converged: Mask


def minimize_batch(
    problem: MaximumLikelihood,
    starts: Matrix,
    *,
    basis: Matrix | None = None,
    max_iter: int = LIMIT,
    scoring_steps: int = SCORING_STEPS,
    damping: float = 0.0,
    bends: Sequence[LatentStep] = (),
    patient: bool = True,
) -> BatchMinimum:
    """Minimise every replicate of `problem` from its row of `starts` (b, q).

    `basis` (q, r): the directions that linear equalities leave. `damping`: lambda of the first step, 0 for
    starts near the minimum, about 1 for others. `bends`: from `latent_steps`, to try bent steps too.
    Replicates that are done leave the batch; what does not converge in `max_iter` steps is given up, and
    without `patient` also what has a step refused: it does not start in the bowl around its minimum.
    """
    search = _Search(problem, starts, basis, scoring_steps, damping, bends)
    for _ in range(max_iter):
        if not len(search.rows):
            break
        search.advance(patient)
    return BatchMinimum(search.theta, search.reached, search.converged)


def minimize_damped(
    problem: MaximumLikelihood, start: Vector, *, basis: Matrix | None = None, max_iter: int = 2 * LIMIT
) -> Minimum:
    """One problem that `newton.minimize` did not solve, from `start` (q,) with damped and bent steps."""
    samples = tuple(
        SampleMoments(s.cov[None], s.mean[None], s.share, np.atleast_1d(s.logdet)) for s in problem.samples
    )
    alone = MaximumLikelihood(problem.blocks, samples)
    bends = latent_steps(problem.blocks)
    best = Minimum(start, np.inf, 0, False, np.inf, "start values give no proper covariance")
    n_steps = 0
    for damping in (1.0, 0.1, 10.0):
        search = _Search(alone, start[None], basis, SCORING_STEPS, damping, bends)
        for _ in range(max_iter):
            if not len(search.rows):
                break
            search.advance(patient=True)
            n_steps += 1
        theta, value = search.theta[0], float(search.reached[0])
        if search.converged[0]:
            return Minimum(theta, value, n_steps, True, 0.0)
        if value < best.value:
            reason = "the discrepancy falls without end as parameters grow, or too slowly"
            best = Minimum(theta, value, n_steps, False, np.inf, reason)
    return best


class _Attempt(NamedTuple):
    """Trial points (k, q) of the members `at`, and what the problem says of them."""

    at: Indices
    trial: Matrix
    point: Point


class _Search:
    """The state of the members still under way: row k of every array belongs to replicate `rows[k]`."""

    def __init__(
        self,
        problem: MaximumLikelihood,
        starts: Matrix,
        basis: Matrix | None,
        scoring_steps: int,
        damping: float,
        bends: Sequence[LatentStep],
    ) -> None:
        b = len(starts)
        self.problem, self.basis, self.scoring_steps, self.bends = problem, basis, scoring_steps, bends
        self.inward = None if basis is None else np.linalg.pinv(basis)
        self.theta = starts.copy()
        self.rows: Indices = np.arange(b)
        point = problem.point(self.theta)
        self.reached = point.value.copy()
        self.converged: Mask = np.zeros(b, dtype=bool)
        self.value = point.value
        self.slope = self._inside_vector(point.gradient)
        self.H = self._inside(problem.expected(point))
        self.scale = np.diagonal(self.H, axis1=-2, axis2=-1).copy()
        if not scoring_steps:
            self.H = self._inside(problem.hessian(point))
        self.damping = np.full(b, damping)
        self.growth = np.full(b, 2.0)
        self.taken = np.zeros(b, dtype=int)
        self.bent: Mask = np.zeros(b, dtype=bool)
        self._keep(np.isfinite(self.value))

    def advance(self, patient: bool) -> None:
        """One step of every member, taken or refused."""
        step, proper = self._step()
        fall = -(self.slope * step).sum(axis=-1)
        promise = 0.5 * (fall + self.damping * (self.scale * step * step).sum(axis=-1))
        full = step if self.basis is None else step @ self.basis.T
        everyone = np.arange(len(self.rows))
        attempts = [self._attempt(everyone, full, self.bent)]
        value = attempts[0].point.value.copy()
        chosen = np.zeros(len(value), dtype=int)
        poor = np.flatnonzero(~(self.value - value >= FAIR * promise) & (promise > DECREMENT))
        if self.bends and len(poor):
            attempts.append(self._attempt(poor, full, ~self.bent))
            chosen[poor] = attempts[1].point.value < value[poor]
            value[poor] = np.minimum(attempts[1].point.value, value[poor])
        gain = self.value - value
        still = proper & (fall < DECREMENT) & (self.damping == 0.0) & (self.taken >= self.scoring_steps)
        still &= (gain > 0.5 * promise) | (promise < SLIGHT)
        done = still & (gain > -DECREMENT) & ~self._flat(still)
        slight = (promise < SLIGHT) & (gain >= -1e-13 * (1.0 + np.abs(self.value)))
        taken = done | (proper & ((gain > LEAST * promise) | slight))
        self._damp(taken, gain / np.maximum(promise, SLIGHT), fall)
        self.bent ^= chosen == 1
        for number, attempt in enumerate(attempts):
            self._accept(attempt, taken & (chosen == number), done)
        self.converged[self.rows[done]] = True
        self._keep(proper & ~still & (self.damping < TOO_MUCH) & (taken | patient))

    def _step(self) -> tuple[Matrix, Mask]:
        """Steps (k, r), after raising the damping until the damped curvature is positive definite."""
        step, proper = solve_definite(self._damped(np.arange(len(self.rows))), -self.slope)
        for _ in range(RAISES):
            bad = np.flatnonzero(~proper)
            if not len(bad):
                break
            low = self.damping[bad]
            self.damping[bad] = np.where(low > 0.0, 4.0 * low, LEAST_DAMPING)
            step[bad], proper[bad] = solve_definite(self._damped(bad), -self.slope[bad])
        step[~proper] = 0.0
        return step, proper

    def _flat(self, still: Mask) -> Mask:
        """Which of the members that stand `still` do so because a direction holds no information.

        There the search runs off to infinity, or the model is not identified.
        """
        flat = np.zeros(len(still), dtype=bool)
        at = np.flatnonzero(still)
        if len(at):
            curvature = self.H[at]
            places = np.arange(curvature.shape[-1])
            curvature[:, places, places] *= 1.0 - RIDGE
            flat[at] = ~positive_definite(curvature)
        return flat

    def _damped(self, at: Indices) -> Matrix:
        H = self.H[at]
        places = np.arange(H.shape[-1])
        H[:, places, places] += self.damping[at, None] * self.scale[at]
        return H

    def _attempt(self, at: Indices, step: Matrix, bent: Mask) -> _Attempt:
        """The points that the steps of the members `at` lead to, bent where `bent` says so."""
        here, along = self.theta[self.rows[at]], step[at]
        trial = here + along
        turned = np.flatnonzero(bent[at])
        if len(turned):
            ends = trial[turned]
            for bend in self.bends:
                bend.bend(here[turned], along[turned], ends)
            if self.basis is not None and self.inward is not None:
                ends = here[turned] + (ends - here[turned]) @ self.inward.T @ self.basis.T
            trial[turned] = ends
        return _Attempt(at, trial, self.problem.point(trial, self.rows[at]))

    def _damp(self, taken: Mask, ratio: Vector, fall: Vector) -> None:
        """Nielsen's rule: down by up to ten after a good step, up by 2, 4, 8 … while steps are refused."""
        low = self.damping * np.maximum(0.1, 1.0 - (2.0 * np.minimum(ratio, 1.0) - 1.0) ** 3)
        high = np.where(self.damping > 0.0, self.damping * self.growth, FIRST_DAMPING)
        low = np.where((low < NO_DAMPING) | (fall < NEAR), 0.0, low)
        self.damping = np.where(taken, low, high)
        self.growth = np.where(taken, 2.0, 2.0 * self.growth)

    def _accept(self, attempt: _Attempt, taken: Mask, done: Mask) -> None:
        """Move the members `taken` to the attempt's points; curvature is not needed where all is `done`."""
        arrived = taken[attempt.at]
        at = attempt.at[arrived]
        self.theta[self.rows[at]] = attempt.trial[arrived]
        self.reached[self.rows[at]] = attempt.point.value[arrived]
        going = arrived & ~done[attempt.at]
        at = attempt.at[going]
        if not len(at):
            return
        point = attempt.point if going.all() else picked_point(attempt.point, going)
        self.taken[at] += 1
        self.value[at] = point.value
        self.slope[at] = self._inside_vector(point.gradient)
        early = self.taken[at] < self.scoring_steps
        if early.all():
            self.H[at] = self._inside(self.problem.expected(point))
        else:
            self.H[at] = self._inside(self.problem.hessian(point))
            if early.any():
                self.H[at[early]] = self._inside(self.problem.expected(picked_point(point, early)))
        curvature = np.abs(np.diagonal(self.H[at], axis1=-2, axis2=-1))
        self.scale[at] = np.maximum(0.5 * self.scale[at], curvature)

    def _keep(self, keep: Mask) -> None:
        if keep.all():
            return
        for name in ("rows", "value", "slope", "H", "scale", "damping", "growth", "taken", "bent"):
            setattr(self, name, getattr(self, name)[keep])

    def _inside(self, H: Matrix) -> Matrix:
        return H if self.basis is None else self.basis.T @ H @ self.basis

    def _inside_vector(self, gradient: Matrix) -> Matrix:
        return gradient if self.basis is None else gradient @ self.basis
