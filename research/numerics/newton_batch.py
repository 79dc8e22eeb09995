"""Fisher scoring and Newton's method on a batch of problems that share one model: bootstrap, simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.likelihood import MaximumLikelihood, Point, picked_point
from research.numerics.newton import DECREMENT

SCORING_STEPS = 1
HALVINGS = 12


@dataclass(frozen=True, slots=True)
class BatchMinimum:
    """Where each search ended: `theta` (b, q), `value` (b,), `converged` (b,)."""

    theta: Matrix
    value: Vector
    converged: Mask


def minimize_batch(
    problem: MaximumLikelihood,
    starts: Matrix,
    *,
    basis: Matrix | None = None,
    max_iter: int = 60,
    scoring_steps: int = SCORING_STEPS,
) -> BatchMinimum:
    """Minimise every replicate of `problem` from its row of `starts` (b, q).

    Replicates that are done leave the batch. One that finds no way down is given up (`converged` False).
    `basis` (q, r): the directions that linear equalities leave.
    """
    theta = starts.copy()
    value = np.full(len(starts), np.inf)
    converged = np.zeros(len(starts), dtype=bool)
    rows = np.arange(len(starts))
    point = problem.point(theta, rows)
    for n_steps in range(max_iter):
        step, decrement = _step(problem, point, basis, n_steps < scoring_steps)
        trial = theta[rows] + step
        new = problem.point(trial, rows)
        done = (decrement < DECREMENT) & (decrement > -DECREMENT) & np.isfinite(new.value)
        worse = ~done & ~(new.value <= point.value + 1e-13 * (1.0 + np.abs(point.value)))
        lost = np.zeros(len(rows), dtype=bool)
        if worse.any():
            lost = _halve(problem, theta[rows], step, trial, point.value, worse, rows)
            new = problem.point(trial, rows)
        theta[rows], value[rows] = trial, new.value
        converged[rows[done]] = True
        keep = ~(done | lost)
        if not keep.any():
            break
        rows, point = rows[keep], new if keep.all() else picked_point(new, keep)
    return BatchMinimum(theta, value, converged)


def _step(
    problem: MaximumLikelihood, point: Point, basis: Matrix | None, scoring: bool
) -> tuple[Matrix, Vector]:
    """Steps (b, q) and decrements (b,); scoring steps where Newton's would go uphill."""
    slope = point.gradient if basis is None else point.gradient @ basis
    H = problem.expected(point) if scoring else problem.hessian(point)
    step = -_solve(_inside(H, basis), slope)
    decrement = -(slope * step).sum(axis=-1)
    uphill = ~(decrement > 0) if not scoring else np.zeros(len(slope), dtype=bool)
    uphill &= np.abs(decrement) > 1e-14
    if uphill.any():
        some = picked_point(point, uphill)
        step[uphill] = -_solve(_inside(problem.expected(some), basis), slope[uphill])
        decrement[uphill] = -(slope[uphill] * step[uphill]).sum(axis=-1)
    return (step if basis is None else step @ basis.T), decrement


def _inside(H: Matrix, basis: Matrix | None) -> Matrix:
    return H if basis is None else basis.T @ H @ basis


def _solve(H: Matrix, slope: Matrix) -> Matrix:
    """H^-1 slope for each replicate; NaN where H is singular."""
    try:
        return np.asarray(np.linalg.solve(H, slope[..., None])[..., 0])
    except np.linalg.LinAlgError:
        out = np.full_like(slope, np.nan)
        for at in range(len(H)):
            try:
                out[at] = np.linalg.solve(H[at], slope[at])
            except np.linalg.LinAlgError:
                continue
        return out


def _halve(
    problem: MaximumLikelihood,
    theta: Matrix,
    step: Matrix,
    trial: Matrix,
    value: Vector,
    worse: Mask,
    rows: Indices,
) -> Mask:
    """Shorten the steps of the `worse` replicates until their value falls, in `trial`; True for those lost."""
    left = np.flatnonzero(worse)
    length = 1.0
    for _ in range(HALVINGS):
        length *= 0.5
        trial[left] = theta[left] + length * step[left]
        new = problem.value(trial[left], rows[left])
        left = left[~(new <= value[left] + 1e-13 * (1.0 + np.abs(value[left])))]
        if not len(left):
            break
    lost = np.zeros(len(theta), dtype=bool)
    lost[left] = True
    trial[left] = theta[left]
    return lost
