"""Standard errors from an information matrix, and what it says about identification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.definite import cholesky_root, inverse_from_root

SINGULAR = 1e-9  # smallest eigenvalue of the information in correlation form that counts as information


@dataclass(frozen=True, slots=True)
class Covariance:
    """Sampling covariance of the parameters, (q, q), or None with the reason in `note`."""

    vcov: Matrix | None
    note: str = ""


def size_notes(n_parameters: int, df: int, n_obs: int) -> list[str]:
    """What the size of the model against that of the data means for its numbers."""
    if df < 0:
        return [
            f"The model has {n_parameters} free parameters, {-df} more than the data have moments: "
            "fix some of them, or drop paths."
        ]
    if n_obs < n_parameters:
        return [
            f"{n_obs} rows for {n_parameters} free parameters: standard errors and tests rest on large "
            "samples and cannot be trusted here. Use more rows or a smaller model."
        ]
    return []


def covariance_from_information(
    information: Matrix, n: float, basis: Matrix | None, names: Sequence[str]
) -> Covariance:
    """N (B'IB)^-1 B'/n for the unit information I (q, q) and the null space B of the active equalities."""
    inside = information if basis is None else basis.T @ information @ basis
    inverse, weak = invert(inside)
    if inverse is None:
        return Covariance(None, _not_identified(weak if basis is None else basis @ weak, names))
    return Covariance((inverse if basis is None else basis @ inverse @ basis.T) / n)


def invert(information: Matrix) -> tuple[Matrix | None, Vector]:
    """Inverse of a positive definite matrix; None and the direction without information otherwise."""
    if not len(information):
        return information, np.zeros(0)
    if not np.isfinite(information).all():
        return None, np.zeros(len(information))
    diagonal = information.diagonal()
    if (diagonal <= 0).any():
        return None, np.asarray(diagonal <= 0, dtype=float)
    scale = np.sqrt(diagonal)
    both = np.multiply.outer(scale, scale)
    scaled = information / both
    root = cholesky_root(scaled)
    if root is not None and root.diagonal().min() > 1e-3:
        return inverse_from_root(root) / both, np.zeros(0)
    values, vectors = np.linalg.eigh(scaled)
    if values[0] > SINGULAR:
        return np.linalg.inv(scaled) / both, np.zeros(0)
    return None, vectors[:, 0] / scale


def _not_identified(direction: Vector, names: Sequence[str]) -> str:
    size = np.abs(direction)
    if not size.max(initial=0.0) > 0:
        return "The information matrix could not be computed, so there are no standard errors."
    involved = [names[at] for at in np.argsort(-size, kind="stable") if size[at] > 0.05 * size.max()]
    shown = ", ".join(involved[:6]) + (" …" if len(involved) > 6 else "")
    return (
        "The model is not identified, so there are no standard errors: the data say nothing about a "
        f"combination of {shown}. Fix one of them, give the factor a marker or more indicators, or drop "
        "a path."
    )
