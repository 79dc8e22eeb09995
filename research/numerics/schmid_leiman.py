"""One general factor behind several: the transformation of Schmid and Leiman, and what omega makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.extraction import extract_factors

Option = Literal["equal", "first", "second"]


@dataclass(frozen=True, slots=True)
class SchmidLeiman:
    """Loadings on uncorrelated factors: `general` (p,), `group` (p, k); `second_order` (k,)."""

    general: Vector
    group: Matrix
    second_order: Vector
    converged: bool


@dataclass(frozen=True, slots=True)
class OmegaParts:
    """Shares of the variance of a sum of items: all common factors, the general one, the group factors."""

    total: float
    general: float
    group: float


def schmid_leiman(loadings: Matrix, phi: Matrix, option: Option = "equal") -> SchmidLeiman:
    """General and group factors from a pattern (p, k) and the correlations (k, k) of its factors.

    With one common factor of phi, phi ~ g g' + diag(1 - g^2): general = L g, group = L diag sqrt(1 - g^2).
    Schmid & Leiman (1957). Two factors identify only the product of their g: "equal" takes the root of
    their correlation for both, "first" and "second" give that one a loading of 1. A single factor is general.
    """
    k = loadings.shape[1]
    converged = True
    if k == 1:
        g = np.ones(1)
    elif k == 2:
        r = float(phi[0, 1])
        size = {"equal": (np.sqrt(abs(r)),) * 2, "first": (1.0, abs(r)), "second": (abs(r), 1.0)}[option]
        g = np.array([size[0], np.sign(r) * size[1]])
    else:
        found = extract_factors(phi, 1, "minres")
        g, converged = found.loadings[:, 0], found.converged
    return SchmidLeiman(loadings @ g, loadings * np.sqrt(np.clip(1 - g**2, 0.0, None)), g, converged)


def omega_parts(cor: Matrix, found: SchmidLeiman, unique: Vector) -> OmegaParts:
    """Omega total and hierarchical of the sum of all items, with V the sum of their correlations.

    omega_total = 1 - sum(u^2) / V;  omega_h = (sum of general loadings)^2 / V; the group factors' share sums
    for each factor the squared sum of its own items' loadings.      McDonald (1999); Zinbarg et al. (2005)
    """
    total = float(cor.sum())
    group = sum(float(found.group[own, at].sum()) ** 2 for at, own in enumerate(own_items(found)) if own.size)
    return OmegaParts(1 - float(unique.sum()) / total, float(found.general.sum()) ** 2 / total, group / total)


def omega_of_groups(cor: Matrix, found: SchmidLeiman) -> tuple[OmegaParts, ...]:
    """The same for the sum of each group factor's own items; total is general and own group factor."""
    parts = []
    for at, own in enumerate(own_items(found)):
        total = float(cor[np.ix_(own, own)].sum()) if own.size else np.nan
        general = float(found.general[own].sum()) ** 2 / total
        group = float(found.group[own, at].sum()) ** 2 / total
        parts.append(OmegaParts(general + group, general, group))
    return tuple(parts)


def own_items(found: SchmidLeiman) -> list[Indices]:
    """The items of each group factor: each belongs to the factor it loads highest on, in size."""
    largest = np.abs(found.group).argmax(axis=1)
    return [np.flatnonzero(largest == at) for at in range(found.group.shape[1])]
