"""Maximum likelihood refits in batches: moments from multiplicities, Newton's method on all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.estimation.admissibility import admissible
from research.estimation.refits import Refits
from research.estimation.resampled_rows import rows_of
from research.numerics.arrays import Mask, Matrix, Vector
from research.numerics.implied import implied
from research.numerics.latent_step import LatentStep, latent_steps
from research.numerics.likelihood import MaximumLikelihood, SampleMoments, sample_moments
from research.numerics.newton_batch import BatchMinimum, minimize_batch
from research.numerics.resample import product_table, resampled_moments
from research.numerics.standardize import standardized

if TYPE_CHECKING:
    from research.estimation.compiled import Compiled
    from research.estimation.fit import Fit
    from research.estimation.sample import Sample

_BATCH_BYTES = 4_000_000  # of one (q, q) stack
NEAR = 12  # steps from the estimates of the whole sample, of which a regular model needs five
# From the start values (True) or the estimates of the whole sample, with which damping, for how many steps:
# of samples of a model with nearly collinear factors the three bring 7, 8 and 8 in ten to a minimum.
ATTEMPTS = ((True, 0.1, 50), (False, 0.01, 40), (True, 10.0, 40))
SINGULAR = "the covariance matrix of the sample is not positive definite"
NO_MINIMUM = "the search found no minimum"


@dataclass(frozen=True, slots=True)
class BatchRefits:
    """The model, the rows as products, and where the search starts: all that a worker needs.

    `weights`: sampling weights of the rows by group, None where there are none.
    """

    compiled: Compiled
    tables: tuple[tuple[Matrix, Vector], ...]
    weights: tuple[Vector | None, ...]
    shares: tuple[float, ...]
    unbiased: bool
    start: Vector
    cold: Vector
    basis: Matrix | None
    bends: tuple[LatentStep, ...]

    @property
    def size(self) -> int:
        """Samples in a batch, so that a stack of Hessians stays in the processor's cache."""
        return max(8, min(256, _BATCH_BYTES // (8 * len(self.start) ** 2 + 1)))

    def refit(self, counts: Sequence[Matrix]) -> Refits:
        """Refits to samples with these multiplicities, (b, n_g) a group."""
        _keep_memory()
        with np.errstate(all="ignore"):
            samples = self._moments(counts)
            problem = MaximumLikelihood(self.compiled.blocks, tuple(samples))
            found = self._minimized(problem, len(counts[0]))
            shown = np.full((len(found.theta), len(self.compiled.table.parameters)), np.nan)
            proper: Mask = np.ones(len(found.theta), dtype=bool)
            parts = zip(self.compiled.blocks, self.compiled.rows, self.compiled.places, samples, strict=True)
            for block, rows, places, sample in parts:
                S, alpha = block.with_sample(sample.cov, sample.mean)
                at = implied(block, found.theta, S, alpha)
                shown[:, places] = standardized(rows, block, at, "all")
                proper &= admissible(at, block.layout.n_observed)
            usable: Mask = np.isfinite(np.sum([np.asarray(sample.logdet) for sample in samples], axis=0))
        reasons = tuple(
            "" if converged else NO_MINIMUM if regular else SINGULAR
            for converged, regular in zip(found.converged.tolist(), usable.tolist(), strict=True)
        )
        return Refits(found.theta, found.value, found.converged, shown, proper, reasons)

    def _moments(self, counts: Sequence[Matrix]) -> list[SampleMoments]:
        samples = []
        for (table, centre), weights, count, share in zip(
            self.tables, self.weights, counts, self.shares, strict=True
        ):
            cov, mean = resampled_moments(table, centre, count if weights is None else count * weights)
            if self.unbiased:
                n = count.sum(axis=1)[:, None, None]
                cov *= n / (n - 1.0)
            samples.append(sample_moments(cov, mean, share))
        return samples

    def _minimized(self, problem: MaximumLikelihood, b: int) -> BatchMinimum:
        """From the estimates of the whole sample; what does not converge soon, from elsewhere, damped.

        Of the places that a sample without a minimum was carried to, the lowest is kept.
        """
        starts = np.repeat(self.start[None], b, axis=0)
        found = minimize_batch(problem, starts, basis=self.basis, max_iter=NEAR, patient=False)
        for cold, damping, limit in ATTEMPTS:
            left = np.flatnonzero(~found.converged)
            if not len(left):
                break
            again = minimize_batch(
                problem.picked(left),
                np.repeat((self.cold if cold else self.start)[None], len(left), axis=0),
                basis=self.basis,
                max_iter=limit,
                damping=damping,
                bends=self.bends,
            )
            better = again.converged | (again.value < found.value[left])
            for whole, part in zip(found, again, strict=True):
                whole[left[better]] = part[better]
        return found


def batch_refits(fit: Fit, sample: Sample) -> BatchRefits:
    """The batches for a fit; `sample` has the rows."""
    covs = [group.cov for group in sample.groups]
    means = [group.mean for group in sample.groups]
    return BatchRefits(
        fit.compiled,
        tuple(product_table(rows_of(group)) for group in sample.groups),
        tuple(group.sampling_weights for group in sample.groups),
        tuple(group.size / sample.n_obs for group in sample.groups),
        sample.divisor == "n - 1",
        fit.theta,
        fit.constraints.project(fit.compiled.start(covs, means)),
        fit.constraints.basis,
        latent_steps(fit.compiled.blocks),
    )


def batches_apply(fit: Fit) -> bool:
    """Whether the model is one of maximum likelihood on complete rows under linear equalities at most."""
    groups, options = fit.sample.groups, fit.options
    bounded = bool(np.isfinite([fit.compiled.lower, fit.compiled.upper]).any()) or options.bounds != "none"
    uneven = any(group.sampling_weights is not None or group.clusters is not None for group in groups)
    return not (
        options.discrepancy != "ML"
        or options.is_ordinal
        or fit.levels is not None
        or fit.unrotated is not None
        or fit.sample.n_missing
        or fit.constraints.nonlinear
        or fit.constraints.inequalities
        or bounded
        or (uneven and len(groups) > 1)
    )


def _keep_memory() -> None:
    """Let the C library keep freed arrays, which halves the time of the steps.

    glibc returns large blocks to the system at once, and every new one costs page faults, until a block as
    large as its limit of 32 MB has been freed (mallopt(3), M_MMAP_THRESHOLD). The block is never touched.
    """
    np.empty(31 << 20, dtype=np.uint8)
