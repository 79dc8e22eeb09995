"""Which parameters a search without an end has carried away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from research.estimation.compiled import Compiled
from research.numerics.arrays import Vector
from research.numerics.implied import Implied

_FAR = 3.0  # standardized size beyond what a sensible solution has
_SUSPECT = 1.0  # what the furthest parameter has to exceed to be named all the same
_SHOWN = 3


def runaway_note(compiled: Compiled, begun: Sequence[Implied], start: Vector, theta: Vector) -> str:
    """A sentence that names the parameters that are far out, furthest first; empty if none is.

    The way from the start values `start` (q,) counts, in standard deviations of the implied matrices there,
    `begun`: a path in those of its outcome over those of its predictor.
    """
    size = np.abs(theta - start) / np.maximum(units(compiled, begun), np.finfo(float).tiny)
    size[~np.isfinite(size)] = np.inf
    order = np.argsort(-size, kind="stable").tolist()
    far = [at for at in order if size[at] > _FAR] or [at for at in order[:1] if size[at] > _SUSPECT]
    if not far:
        return ""
    named = ", ".join(f"{compiled.names[at]} ({theta[at]:.4g})" for at in far[:_SHOWN])
    more = f" and {len(far) - _SHOWN} more" if len(far) > _SHOWN else ""
    return (
        f"Furthest out when the search ended: {named}{more}. The data hardly hold that in place: fix or "
        "equate a parameter there, give the factor more indicators, or set bounds='standard'."
    )


def units(compiled: Compiled, begun: Sequence[Implied]) -> Vector:
    """What each free parameter is measured in: standard deviations of its variables at the start, (q,)."""
    unit = np.ones(compiled.n_parameters)
    for rows, at in zip(compiled.rows, begun, strict=True):
        sd = np.sqrt(np.maximum(np.diagonal(at.V), 0.0))
        sd = np.where(sd > 0, sd, 1.0)
        of_row = (sd[rows.i] / sd[rows.j], sd[rows.i] * sd[rows.j], sd[rows.i])
        free = rows.parameter >= 0
        unit[rows.parameter[free]] = np.choose(rows.kind, of_row)[free]
    return unit
