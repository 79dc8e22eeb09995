"""Whether a solution can be a solution: variances above zero, covariance matrices positive definite."""

from __future__ import annotations

import numpy as np

from research.estimation.compiled import Compiled
from research.numerics.arrays import Mask, Matrix
from research.numerics.definite import cholesky_root
from research.numerics.implied import Implied
from research.numerics.stacks import positive_definite

_TOLERANCE = 1e-11


def admissibility_notes(compiled: Compiled, implied: tuple[Implied, ...]) -> list[str]:
    """A sentence for every negative variance and every covariance matrix that is none."""
    notes: list[str] = []
    several = len(compiled.table.groups) > 1
    for place, at in enumerate(implied):
        group = compiled.keys[place][0] - 1
        where = f" in group '{compiled.table.groups[group]}'" if several else ""
        names = [*compiled.observed[place], *compiled.table.latent]
        p = len(compiled.observed[place])
        if not np.isfinite(at.V).all():
            return [f"The implied covariance matrix could not be computed{where}."]
        variances = at.S.diagonal()
        negative: list[int] = (variances < 0).nonzero()[0].tolist()
        for one in negative:
            kind = "variance" if names[one] in compiled.table.latent else "residual variance"
            notes.append(
                f"Heywood case: the {kind} of "
                f"'{names[one]}' is negative ({variances[one]:.4g}){where}. Look for a misspecified path, "
                "too few indicators or too few rows; do not interpret the solution."
            )
        if not any(one >= p for one in negative):
            notes += _not_positive(at.V[p:, p:], names[p:], "latent variables", where)
        if not any(one < p for one in negative):
            notes += _not_positive(at.S[:p, :p], names[:p], "residuals", where)
    return notes


def _not_positive(V: Matrix, names: list[str], what: str, where: str) -> list[str]:
    if cholesky_root(V) is not None:
        return []
    values, vectors = np.linalg.eigh(V)
    if values[0] >= -_TOLERANCE * max(1.0, float(values[-1])):
        return []
    involved = [names[at] for at in np.argsort(-np.abs(vectors[:, 0])) if abs(vectors[at, 0]) > 0.2]
    return [
        f"The covariance matrix of the {what} is not positive definite{where}: {', '.join(involved)} overlap "
        "beyond what correlations allow. Are two factors the same?"
    ]


def admissible(at: Implied, p: int) -> Mask:
    """Which members of a batch of implied matrices with p observed variables have no fault, (b,)."""
    variances = np.diagonal(at.S, axis1=-2, axis2=-1)
    proper = np.asarray((variances >= 0).all(axis=-1))
    residual = at.S[..., :p, :p]
    correlated = bool((np.abs(residual).max(axis=0) > 0).sum() > p)
    for V in (at.V[..., p:, p:], *((residual,) if correlated else ())):
        if V.shape[-1]:
            ridge = _TOLERANCE * np.maximum(1.0, np.trace(V, axis1=-2, axis2=-1))
            proper &= positive_definite(V + ridge[..., None, None] * np.eye(V.shape[-1]))
    return proper
