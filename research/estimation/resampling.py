"""Refits of one model to many samples of its rows, in batches that any joblib back end can run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.estimation.progress import tracked
from research.numerics.arrays import Mask, Matrix, Vector
from research.numerics.implied import implied
from research.numerics.likelihood import MaximumLikelihood, sample_moments
from research.numerics.newton_batch import minimize_batch
from research.numerics.resample import draw_counts, product_table, resampled_moments
from research.numerics.sem_layout import Block
from research.numerics.standardize import Rows, standardized
from research.provenance import seed_sequence

if TYPE_CHECKING:
    from research.estimation.fit import Fit

_BATCH_BYTES = 1_500_000  # of one (q, q) stack: small enough to stay in the cache


@dataclass(frozen=True, slots=True)
class Refits:
    """Estimates in every sample: `theta` (b, q), `discrepancy` (b,), `converged` (b,), `standardized` (b, rows)."""

    theta: Matrix
    discrepancy: Vector
    converged: Mask
    standardized: Matrix


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that a worker needs: the model, the rows as products, and where the search starts."""

    blocks: tuple[Block, ...]
    rows: tuple[Rows, ...]
    tables: tuple[tuple[Matrix, Vector], ...]
    shares: tuple[float, ...]
    unbiased: bool
    start: Vector
    basis: Matrix | None


def bootstrap_refits(
    fit: Fit,
    n_draws: int,
    seed: int,
    stream: str,
    *,
    data: Sequence[Matrix] | None = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> Refits:
    """Refit to `n_draws` samples with replacement from the rows of every group (or from `data`).

    One seed sequence a draw: the numbers do not depend on `workers`. `workers=None` leaves the choice to
    `joblib.parallel_config`, one process by default.
    """
    from joblib import Parallel, delayed

    plan = _plan(fit, _rows(fit) if data is None else data)
    seeds = seed_sequence(seed, stream).spawn(n_draws)
    size = max(8, min(256, _BATCH_BYTES // (8 * fit.compiled.n_parameters**2 + 1)))
    chunks = [seeds[at : at + size] for at in range(0, n_draws, size)]
    jobs = Parallel(n_jobs=workers, return_as="generator")(
        delayed(_bootstrap_chunk)(plan, one) for one in chunks
    )
    return _joined(tracked(jobs, len(chunks), "bootstrap", show=progress))


def jackknife_refits(fit: Fit) -> Refits:
    """Refit with each row left out once, in the order of the groups."""
    data = _rows(fit)
    plan = _plan(fit, data)
    size = max(8, min(256, _BATCH_BYTES // (8 * fit.compiled.n_parameters**2 + 1)))
    parts = []
    for group, rows in enumerate(data):
        for at in range(0, len(rows), size):
            left_out = np.arange(at, min(at + size, len(rows)))
            counts = [np.ones((len(left_out), len(each))) for each in data]
            counts[group][np.arange(len(left_out)), left_out] = 0.0
            parts.append(_refit(plan, counts))
    return _joined(parts)


def _plan(fit: Fit, data: Sequence[Matrix]) -> _Plan:
    total = fit.sample.weight
    return _Plan(
        fit.compiled.blocks,
        fit.compiled.rows,
        tuple(product_table(rows) for rows in data),
        tuple(group.weight / total for group in fit.sample.groups),
        fit.sample.divisor == "n - 1",
        fit.theta,
        fit.constraints.basis,
    )


def _rows(fit: Fit) -> list[Matrix]:
    rows = [group.data for group in fit.sample.groups if group.data is not None]
    if len(rows) < len(fit.sample.groups):
        raise DataError(
            "the bootstrap draws rows: fit the model to data, not to moments or a covariance matrix"
        )
    return rows


def _bootstrap_chunk(plan: _Plan, seeds: Sequence[np.random.SeedSequence]) -> Refits:
    groups = len(plan.tables)
    by_group = [[seed.spawn(groups)[at] if groups > 1 else seed for seed in seeds] for at in range(groups)]
    counts = [draw_counts(len(table), own) for (table, _), own in zip(plan.tables, by_group, strict=True)]
    return _refit(plan, counts)


def _refit(plan: _Plan, counts: Sequence[Matrix]) -> Refits:
    b = len(counts[0])
    with np.errstate(all="ignore"):
        samples = []
        for (table, centre), count, share in zip(plan.tables, counts, plan.shares, strict=True):
            cov, mean = resampled_moments(table, centre, count)
            if plan.unbiased:
                n = count.sum(axis=1)[:, None, None]
                cov *= n / (n - 1.0)
            samples.append(sample_moments(cov, mean, share))
        problem = MaximumLikelihood(plan.blocks, tuple(samples))
        found = minimize_batch(problem, np.repeat(plan.start[None], b, axis=0), basis=plan.basis)
        shown = []
        for block, rows, sample in zip(plan.blocks, plan.rows, samples, strict=True):
            S, alpha = block.with_sample(sample.cov, sample.mean)
            shown.append(standardized(rows, block, implied(block, found.theta, S, alpha), "all"))
    return Refits(found.theta, found.value, found.converged, np.hstack(shown))


def _joined(parts: Iterable[Refits]) -> Refits:
    collected = list(parts)
    return Refits(
        np.concatenate([part.theta for part in collected]),
        np.concatenate([part.discrepancy for part in collected]),
        np.concatenate([part.converged for part in collected]),
        np.concatenate([part.standardized for part in collected]),
    )
