"""What refits to many samples leave: estimates, which of them count, and why the others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from research.numerics.arrays import Mask, Matrix, Vector


@dataclass(frozen=True, slots=True)
class Refits:
    """Estimates in every sample.

    `theta` (b, q), `discrepancy` (b,), `converged` (b,), `standardized` (b, rows of the table). `admissible`
    (b,): no negative variance, and covariance matrices that are none. `reasons`: why a sample gave no
    estimates, "" where it did.
    """

    theta: Matrix
    discrepancy: Vector
    converged: Mask
    standardized: Matrix
    admissible: Mask
    reasons: tuple[str, ...]

    @property
    def failures(self) -> dict[str, int]:
        """How many samples gave no estimates, by reason, the most frequent first."""
        return dict(Counter(reason for reason in self.reasons if reason).most_common())


class Refitter(Protocol):
    """A model ready to be refitted to samples that are told by the multiplicities of the rows."""

    @property
    def size(self) -> int:
        """Samples that are worked on together."""

    def refit(self, counts: Sequence[Matrix]) -> Refits:
        """Refits to samples in which row i of group g stands `counts[g][:, i]` times, (b, n_g) each."""


def joined(parts: Iterable[Refits]) -> Refits:
    """One after the other."""
    collected = list(parts)
    return Refits(
        np.concatenate([part.theta for part in collected]),
        np.concatenate([part.discrepancy for part in collected]),
        np.concatenate([part.converged for part in collected]),
        np.concatenate([part.standardized for part in collected]),
        np.concatenate([part.admissible for part in collected]),
        tuple(reason for part in collected for reason in part.reasons),
    )
