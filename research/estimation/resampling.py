"""Refits of one model to many samples of its rows, in batches that any joblib back end can run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import parent_process
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, OptionError
from research.estimation.progress import tracked
from research.numerics.arrays import Mask, Matrix, Vector
from research.numerics.implied import implied
from research.numerics.latent_step import LatentStep, latent_steps
from research.numerics.likelihood import MaximumLikelihood, sample_moments
from research.numerics.newton_batch import BatchMinimum, minimize_batch
from research.numerics.resample import draw_counts, product_table, resampled_moments
from research.numerics.sem_layout import Block
from research.numerics.standardize import Rows, standardized
from research.provenance import seed_sequence

if TYPE_CHECKING:
    from research.estimation.fit import Fit

_BATCH_BYTES = 4_000_000  # of one (q, q) stack
_WORTH_STARTING = 4.0  # seconds of work that repay the start of more processes
NEAR = 12  # steps from the estimates of the whole sample, of which a regular model needs five
# From the start values (True) or the estimates of the whole sample, with which damping, for how many steps:
# of samples of a model with nearly collinear factors the three bring 7, 8 and 8 in ten to a minimum.
ATTEMPTS = ((True, 0.1, 50), (False, 0.01, 40), (True, 10.0, 40))


@dataclass(frozen=True, slots=True)
class Refits:
    """Estimates in every sample.

    `theta` (b, q), `discrepancy` (b,), `converged` (b,), `standardized` (b, rows).
    """

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
    cold: Vector
    basis: Matrix | None
    bends: tuple[LatentStep, ...]


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

    One seed sequence a draw and batches of a fixed size: the numbers do not depend on `workers`.
    `workers=None` follows `joblib.parallel_config` where it is set; else one process begins and all cores
    join in when what is left would take it more than four seconds.
    """
    plan = _plan(fit, _rows(fit) if data is None else data)
    seeds = seed_sequence(seed, stream).spawn(n_draws)
    size = _batch(plan)
    chunks = [seeds[at : at + size] for at in range(0, n_draws, size)]
    return _joined(tracked(_carried_out(plan, chunks, workers), len(chunks), "bootstrap", show=progress))


def jackknife_refits(fit: Fit) -> Refits:
    """Refit with each row left out once, in the order of the groups."""
    data = _rows(fit)
    plan = _plan(fit, data)
    size = _batch(plan)
    parts = []
    for group, rows in enumerate(data):
        for at in range(0, len(rows), size):
            left_out = np.arange(at, min(at + size, len(rows)))
            counts = [np.ones((len(left_out), len(each))) for each in data]
            counts[group][np.arange(len(left_out)), left_out] = 0.0
            parts.append(_refit(plan, counts))
    return _joined(parts)


def _plan(fit: Fit, data: Sequence[Matrix]) -> _Plan:
    _check_rows_can_be_drawn(fit)
    total = fit.sample.weight
    covs = [group.cov for group in fit.sample.groups]
    means = [group.mean for group in fit.sample.groups]
    return _Plan(
        fit.compiled.blocks,
        fit.compiled.rows,
        tuple(product_table(rows) for rows in data),
        tuple(group.weight / total for group in fit.sample.groups),
        fit.sample.divisor == "n - 1",
        fit.theta,
        fit.constraints.project(fit.compiled.start(covs, means)),
        fit.constraints.basis,
        latent_steps(fit.compiled.blocks),
    )


def _check_rows_can_be_drawn(fit: Fit) -> None:
    """The batches maximise the likelihood of complete, independent rows of equal weight."""
    groups = fit.sample.groups
    if fit.options.discrepancy != "ML":
        fault = f"estimator {fit.options.estimator}"
    elif any(group.data is not None and np.isnan(group.data).any() for group in groups):
        fault = f"missing values under missing='{fit.options.missing}'"
    elif any(group.sampling_weights is not None for group in groups):
        fault = "sampling weights"
    elif any(group.clusters is not None for group in groups):
        fault = "clusters"
    elif fit.constraints.nonlinear or fit.constraints.inequalities:
        fault = "constraints that are not linear equalities"
    elif np.isfinite([fit.compiled.lower, fit.compiled.upper]).any() or fit.options.bounds != "none":
        fault = "bounds of parameters"
    elif any(parameter.efa for parameter in fit.table.parameters):
        fault = "rotated factors"
    else:
        return
    raise OptionError(
        f"the bootstrap is not carried out with {fault}; it takes maximum likelihood on complete rows, "
        "drawn independently. Robust standard errors (se='robust') are an alternative"
    )


def _rows(fit: Fit) -> list[Matrix]:
    rows = [group.data for group in fit.sample.groups if group.data is not None]
    if len(rows) < len(fit.sample.groups):
        raise DataError(
            "the bootstrap draws rows: fit the model to data, not to moments or a covariance matrix"
        )
    return rows


def _batch(plan: _Plan) -> int:
    return max(8, min(256, _BATCH_BYTES // (8 * len(plan.start) ** 2 + 1)))


def _carried_out(
    plan: _Plan, chunks: Sequence[Sequence[np.random.SeedSequence]], workers: int | None
) -> Iterator[Refits]:
    from joblib import Parallel, cpu_count, delayed, effective_n_jobs

    done = 0
    if workers is None and effective_n_jobs(None) == 1 and parent_process() is None:
        begun = time.monotonic()
        for chunk in chunks:
            yield _bootstrap_chunk(plan, chunk)
            done += 1
            if (time.monotonic() - begun) / done * (len(chunks) - done) > _WORTH_STARTING and cpu_count() > 1:
                break
        workers = min(cpu_count(), max(1, len(chunks) - done))
    jobs = (delayed(_bootstrap_chunk)(plan, chunk) for chunk in chunks[done:])
    yield from Parallel(n_jobs=workers, return_as="generator")(jobs)


def _bootstrap_chunk(plan: _Plan, seeds: Sequence[np.random.SeedSequence]) -> Refits:
    groups = len(plan.tables)
    by_group = [[seed.spawn(groups)[at] if groups > 1 else seed for seed in seeds] for at in range(groups)]
    counts = [draw_counts(len(table), own) for (table, _), own in zip(plan.tables, by_group, strict=True)]
    return _refit(plan, counts)


def _refit(plan: _Plan, counts: Sequence[Matrix]) -> Refits:
    b = len(counts[0])
    _keep_memory()
    with np.errstate(all="ignore"):
        samples = []
        for (table, centre), count, share in zip(plan.tables, counts, plan.shares, strict=True):
            cov, mean = resampled_moments(table, centre, count)
            if plan.unbiased:
                n = count.sum(axis=1)[:, None, None]
                cov *= n / (n - 1.0)
            samples.append(sample_moments(cov, mean, share))
        problem = MaximumLikelihood(plan.blocks, tuple(samples))
        found = _minimized(plan, problem, b)
        shown = []
        for block, rows, sample in zip(plan.blocks, plan.rows, samples, strict=True):
            S, alpha = block.with_sample(sample.cov, sample.mean)
            shown.append(standardized(rows, block, implied(block, found.theta, S, alpha), "all"))
    return Refits(found.theta, found.value, found.converged, np.hstack(shown))


def _keep_memory() -> None:
    """Let the C library keep freed arrays, which halves the time of the steps.

    glibc returns large blocks to the system at once, and every new one costs page faults, until a block as
    large as its limit of 32 MB has been freed (mallopt(3), M_MMAP_THRESHOLD). The block is never touched.
    """
    np.empty(31 << 20, dtype=np.uint8)


def _minimized(plan: _Plan, problem: MaximumLikelihood, b: int) -> BatchMinimum:
    """From the estimates of the whole sample; what does not converge soon, from elsewhere with damped steps.

    Of the places that a sample without a minimum was carried to, the lowest is kept.
    """
    starts = np.repeat(plan.start[None], b, axis=0)
    found = minimize_batch(problem, starts, basis=plan.basis, max_iter=NEAR, patient=False)
    for cold, damping, limit in ATTEMPTS:
        left = np.flatnonzero(~found.converged)
        if not len(left):
            break
        again = minimize_batch(
            problem.picked(left),
            np.repeat((plan.cold if cold else plan.start)[None], len(left), axis=0),
            basis=plan.basis,
            max_iter=limit,
            damping=damping,
            bends=plan.bends,
        )
        better = again.converged | (again.value < found.value[left])
        for whole, part in zip(found, again, strict=True):
            whole[left[better]] = part[better]
    return found


def _joined(parts: Iterable[Refits]) -> Refits:
    collected = list(parts)
    return Refits(
        np.concatenate([part.theta for part in collected]),
        np.concatenate([part.discrepancy for part in collected]),
        np.concatenate([part.converged for part in collected]),
        np.concatenate([part.standardized for part in collected]),
    )
