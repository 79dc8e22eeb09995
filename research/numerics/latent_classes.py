"""Latent class analysis: categorical answers that are independent within classes, by EM.

Lazarsfeld & Henry (1968); EM: Goodman (1974, Biometrika 61). A missing answer says nothing of the class: the
row's likelihood is that of the answers it has, which is right where they are missing at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector


@dataclass(frozen=True, slots=True)
class LatentClasses:
    """`weights` (k,), `probabilities` one (k, m_j) an item, `posterior` (n, k), classes largest first.

    `reached`: of the `n_starts` runs carried to their end, how many came to the same log-likelihood (within
    0.01).
    """

    weights: Vector
    probabilities: tuple[Matrix, ...]
    posterior: Matrix
    loglik: float
    n_parameters: int
    converged: bool
    reached: int = 1
    n_starts: int = 1


def fit_classes(
    codes: Indices,
    sizes: Sequence[int],
    k: int,
    rng: np.random.Generator,
    *,
    n_starts: int = 20,
    max_steps: int = 5000,
    tolerance: float = 1e-10,
) -> LatentClasses:
    """The best of `n_starts` runs of EM on `codes` (n, items), from 0, -1 where missing.

    `sizes`: the number of categories of each item. Equal rows are counted once. Short runs from every start,
    the best quarter to their end: until the log-likelihood per row grows by less than `tolerance`. Each
    start draws the answer probabilities of every class from the uniform distribution on the simplex.
    """
    patterns, place, count = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    wide, starts_at = _indicators(patterns, sizes)
    weight = count.astype(np.float64)
    short = []
    starts = 1 if k == 1 else n_starts
    for _ in range(starts):
        first = np.hstack([rng.dirichlet(np.ones(m), size=k) for m in sizes])
        even = np.full(k, 1.0 / k)
        short.append(_run(wide, weight, starts_at, even, first, min(60, max_steps), max(1e-5, tolerance)))
    short.sort(key=lambda run: -run[0])
    finalists = short[: max(2, starts // 4)]
    runs = [_run(wide, weight, starts_at, run[1], run[2], max_steps, tolerance) for run in finalists]
    best = max(runs, key=lambda run: run[0])
    reached = sum(run[0] > best[0] - 0.01 for run in runs)
    found = _result(best, sizes, starts_at, place.ravel())
    return replace(found, reached=reached, n_starts=len(runs))


def refit_classes(
    codes: Indices,
    sizes: Sequence[int],
    start: LatentClasses,
    max_steps: int = 2000,
    tolerance: float = 1e-8,
) -> LatentClasses:
    """One run of EM from the parameters of another solution."""
    patterns, place, count = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    wide, starts_at = _indicators(patterns, sizes)
    first = np.hstack(start.probabilities)
    run = _run(wide, count.astype(np.float64), starts_at, start.weights, first, max_steps, tolerance)
    return _result(run, sizes, starts_at, place.ravel())


def draw_classes(found: LatentClasses, missing: Matrix, rng: np.random.Generator) -> Indices:
    """As many rows of codes as `missing` (n, items) has, missing (-1) where it is true."""
    n = len(missing)
    own = rng.choice(len(found.weights), size=n, p=found.weights / found.weights.sum())
    columns = []
    for probability in found.probabilities:
        steps = probability.cumsum(axis=1)
        columns.append((rng.random(n)[:, None] * steps[own, -1:] > steps[own]).sum(axis=1))
    drawn: Indices = np.column_stack(columns).astype(np.intp)
    drawn[missing.astype(bool)] = -1
    return drawn


def count_class_parameters(k: int, sizes: Sequence[int]) -> int:
    """k - 1 weights and, in every class, m - 1 probabilities of an item with m categories."""
    return k - 1 + k * sum(m - 1 for m in sizes)


_Run = tuple[float, Vector, Matrix, Matrix, bool]


def _run(
    wide: Matrix,
    count: Vector,
    starts_at: Indices,
    weights: Vector,
    probabilities: Matrix,
    max_steps: int,
    tolerance: float,
) -> _Run:
    n = count.sum()
    before = -np.inf
    done = False
    for step in range(max_steps):
        with np.errstate(divide="ignore"):
            logs = np.maximum(np.log(probabilities), -700.0)  # a probability of 0 stays finite
            joint = wide @ logs.T + np.log(weights)
        top = joint.max(axis=1, keepdims=True)
        posterior = np.exp(joint - top)
        total = posterior.sum(axis=1, keepdims=True)
        posterior /= total
        loglik = float(((top + np.log(total))[:, 0] * count).sum())
        done = loglik - before < tolerance * n
        before = loglik
        if done and step:
            break
        share = posterior * count[:, None]
        weights = share.sum(axis=0) / n
        sums = share.T @ wide
        given = np.add.reduceat(sums, starts_at, axis=1)
        widths = np.diff(np.append(starts_at, wide.shape[1]))
        probabilities = sums / np.maximum(np.repeat(given, widths, axis=1), 1e-300)
    return before, weights, probabilities, posterior, bool(done)


def _result(run: _Run, sizes: Sequence[int], starts_at: Indices, place: Indices) -> LatentClasses:
    loglik, weights, probabilities, posterior, done = run
    order = np.argsort(-weights, kind="stable")
    parts = np.split(probabilities[order], starts_at[1:], axis=1)
    parameters = count_class_parameters(len(weights), sizes)
    return LatentClasses(weights[order], tuple(parts), posterior[place][:, order], loglik, parameters, done)


def _indicators(codes: Indices, sizes: Sequence[int]) -> tuple[Matrix, Indices]:
    """0/1 columns of every category, (n, sum of sizes), and where those of each item begin."""
    columns = [(codes[:, j, None] == np.arange(m)).astype(np.float64) for j, m in enumerate(sizes)]
    starts: Indices = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
    return np.hstack(columns), starts
