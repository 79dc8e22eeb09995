"""Refits of one model to many samples of its rows, shared out over whatever joblib is told to use."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from multiprocessing import parent_process
from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError
from research.estimation.batch_refits import batch_refits, batches_apply
from research.estimation.progress import tracked
from research.estimation.refits import Refits, Refitter, joined
from research.estimation.resampled_rows import Units, rows_of, units_of
from research.estimation.single_refits import single_refits
from research.numerics.arrays import Matrix
from research.provenance import seed_sequence

if TYPE_CHECKING:
    from research.estimation.fit import Fit
    from research.estimation.sample import Sample

_START = 5.0  # CPU seconds in which more processes load what a refit needs; they have to save as much


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
    """Refit to `n_draws` samples with replacement from the rows (the clusters) of every group.

    `data`: other rows in their place, (n_g, p) a group. One seed sequence a draw and batches of a fixed size:
    the numbers do not depend on `workers`. `workers=None` follows `joblib.parallel_config` where it is set;
    else one process begins, and all cores join in when they save more CPU time than it takes to start them.
    """
    sample = _with_rows(fit, data)
    refitter, units = _refitter(fit, sample, values=data is not None), units_of(sample)
    seeds = seed_sequence(seed, stream).spawn(n_draws)
    chunks = [seeds[at : at + refitter.size] for at in range(0, n_draws, refitter.size)]
    work = [_Draws(units, tuple(chunk)) for chunk in chunks]
    return joined(tracked(_carried_out(refitter, work, workers), len(work), "bootstrap", show=progress))


def jackknife_refits(
    fit: Fit, *, workers: int | None = None, progress: bool | None = None
) -> tuple[Refits, np.ndarray]:
    """Refits with each row (each cluster) left out once, and the group that it was left out of, (n,)."""
    sample = _with_rows(fit, None)
    refitter, units = _refitter(fit, sample), units_of(sample)
    work, strata = [], []
    for group in range(1 if units.together else len(units.sizes)):
        n = units.sizes[group]
        strata.append(np.full(n, group))
        work += [_LeftOut(units, group, at, min(at + refitter.size, n)) for at in range(0, n, refitter.size)]
    found = joined(tracked(_carried_out(refitter, work, workers), len(work), "jackknife", show=progress))
    return found, np.concatenate(strata)


def _with_rows(fit: Fit, data: Sequence[Matrix] | None) -> Sample:
    """The sample with the rows of its groups, or with `data` in their place."""
    sample = fit.sample if fit.levels is None or fit.levels.rows is None else fit.levels.rows
    for group in sample.groups:
        rows_of(group)
    if data is None:
        return sample
    groups = tuple(replace(group, data=rows) for group, rows in zip(sample.groups, data, strict=True))
    return replace(sample, groups=groups)


def _refitter(fit: Fit, sample: Sample, *, values: bool = False) -> Refitter:
    if not fit.converged:
        raise OptionError("the model did not converge; there is nothing to resample (see its notes)")
    return batch_refits(fit, sample) if batches_apply(fit) else single_refits(fit, sample, values=values)


class _Draws:
    """Samples with replacement, one a seed."""

    def __init__(self, units: Units, seeds: tuple[np.random.SeedSequence, ...]) -> None:
        self.units, self.seeds = units, seeds

    def counts(self) -> list[Matrix]:
        return self.units.draw(self.seeds)


class _LeftOut:
    """Samples without one unit of a group each."""

    def __init__(self, units: Units, group: int, first: int, last: int) -> None:
        self.units, self.group, self.first, self.last = units, group, first, last

    def counts(self) -> list[Matrix]:
        return self.units.without(self.group, self.first, self.last)


def _carried_out(
    refitter: Refitter, work: Sequence[_Draws] | Sequence[_LeftOut], workers: int | None
) -> Iterator[Refits]:
    from joblib import Parallel, cpu_count, delayed, effective_n_jobs

    done, quickest = 0, np.inf
    if workers is None and effective_n_jobs(None) == 1 and parent_process() is None:
        for piece in work:
            begun = time.process_time()  # not the clock, which goes on while others have the processor
            found = _refitted(refitter, piece)
            quickest, done = min(quickest, time.process_time() - begun), done + 1
            yield found
            if quickest * (len(work) - done) * (1.0 - 1.0 / cpu_count()) > _START:
                break
        workers = min(cpu_count(), max(1, len(work) - done))
    jobs = (delayed(_refitted)(refitter, piece) for piece in work[done:])
    try:
        parallel = Parallel(n_jobs=workers, return_as="generator")
    except ValueError:  # a back end that hands everything over at the end
        parallel = Parallel(n_jobs=workers)
    yield from parallel(jobs)


def _refitted(refitter: Refitter, piece: _Draws | _LeftOut) -> Refits:
    return refitter.refit(piece.counts())
