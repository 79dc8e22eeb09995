"""Latent mean differences after equal intercepts, with standard errors and effect sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from research.errors import ModelError, OptionError
from research.estimation import estimates
from research.estimation.fit import Fit
from research.measurement.invariance_copies import kinds_of
from research.numerics.arrays import Matrix, Vector
from research.readable import Readable

if TYPE_CHECKING:
    import pandas as pd

    from research.measurement.invariance import Invariance
    from research.measurement.invariance_ladder import Ladder


@dataclass(frozen=True, repr=False)
class LatentMeans(Readable):
    """`frame`: `factor copy reference estimate se z p low high d d_low d_high sd_pooled`.

    One row a factor and copy. `level`: the step the estimates are of. `notes`: what a reader has to know.
    """

    frame: pd.DataFrame
    level: str
    notes: tuple[str, ...]


def latent_means(result: Invariance, level: str = "scalar") -> LatentMeans:
    """Differences of latent means from the reference group or wave, in the metric of the equal loadings.

    d = (kappa_g - kappa_1) / sqrt((n_1 phi_1 + n_g phi_g) / (n_1 + n_g)): the difference in standard
    deviations of the latent variable, pooled over the two copies. Hancock (2001, Psychometrika 66, 373-388).
    Intervals of 95 %, of d by the delta method. `level`: "scalar" or "strict", as fitted by `invariance`
    (with `partial=`, the means rest on the items that stayed equal). A factor that others predict or measure
    has an intercept in place of a mean, and is left out with a note.

    Errors: a level that was not fitted, or did not converge.

    >>> import research
    >>> answers = research.example_responses()
    >>> text = research.measurement_text(answers.questionnaire, ["trust", "loyalty"])
    >>> found = research.latent_means(research.invariance(text, answers, group="channel")).frame
    >>> found["factor"].tolist(), found["d"].round(2).tolist()
    (['trust', 'loyalty'], [-0.13, -0.09])
    """
    name = {"intercepts": "scalar", "residuals": "strict"}.get(level, level)
    if name not in ("scalar", "strict"):
        raise OptionError(f"latent means need equal intercepts: level 'scalar' or 'strict', not '{level}'")
    fit = next((each for at, each in result.fits.items() if at == name), None)
    if fit is None:
        raise OptionError(f"level '{name}' was not fitted; there are {', '.join(result.fits)}")
    if not fit.converged:
        raise ModelError(f"the {name} model did not converge, so there are no latent means")
    notes = list(_notes(result, name))
    rows, skipped = _pairs(result.ladder, fit)
    if skipped:
        notes.append(
            f"Factors that others predict or measure ({', '.join(skipped)}) have intercepts in place of "
            "means; fit the measurement model alone for their means."
        )
    return LatentMeans(_frame(result.ladder, fit, rows), name, tuple(notes))


def _notes(result: Invariance, level: str) -> list[str]:
    notes = [f"Differences from '{result.ladder.copies.units[0]}', at the {level} step."]
    if result.holds not in ("scalar", "strict", "means"):
        notes.append(
            f"Scalar invariance is not supported (supported: {result.holds}): a difference of means may "
            "be one of the items' intercepts. Free the items that .candidates names, with partial=."
        )
    return notes


class Pair(NamedTuple):
    """A factor in a copy and in the reference: the rows of its mean and variance in the table."""

    factor: str
    unit: int
    mean: int
    variance: int
    mean_0: int
    variance_0: int


def _pairs(ladder: Ladder, fit: Fit) -> tuple[list[Pair], list[str]]:
    """The pairs in the order of the factors, and the factors that have no mean of their own."""
    predicted = {row.lhs for row in fit.table.parameters if row.op == "~"}
    measured = {row.rhs for row in fit.table.parameters if row.op == "=~"}
    rows: dict[tuple[str, str, int], int] = {}
    for at, (row, kind) in enumerate(zip(fit.table.parameters, kinds_of(fit.table), strict=True)):
        unit = ladder.copies.unit(row)
        if unit is not None and kind in ("mean", "variance") and row.lhs not in predicted | measured:
            rows[kind, ladder.copies.key(row)[0], unit] = at
    found = []
    for factor in dict.fromkeys(factor for _, factor, _ in rows):
        for unit in range(1, len(ladder.copies.units)):
            if ("mean", factor, unit) in rows and ("mean", factor, 0) in rows:
                places = [rows[kind, factor, of] for of in (unit, 0) for kind in ("mean", "variance")]
                found.append(Pair(factor, unit, *places))
    return found, [name for name in fit.table.latent if name in predicted | measured]


def _frame(ladder: Ladder, fit: Fit, rows: list[Pair]) -> pd.DataFrame:
    values, J = fit.solution.values, fit.solution.jacobian
    counts = np.array([float(group.n_obs) for group in fit.sample.groups])
    n = np.repeat(counts, ladder.copies.n_waves)
    gap, slopes, d, d_slopes, pooled = _effects(rows, values, J, n)
    columns = estimates.wald_columns(gap, estimates.standard_errors(slopes, fit.vcov))
    of_d = estimates.wald_columns(d, estimates.standard_errors(d_slopes, fit.vcov))
    units = ladder.copies.units
    return estimates.frame(
        {
            "factor": [row.factor for row in rows],
            "copy": [units[row.unit] for row in rows],
            "reference": [units[0]] * len(rows),
            **columns,
            "d": d,
            "d_low": of_d["low"],
            "d_high": of_d["high"],
            "sd_pooled": pooled,
        }
    )


def _effects(
    rows: list[Pair], values: Vector, J: Matrix, n: Vector
) -> tuple[Vector, Matrix, Vector, Matrix, Vector]:
    """Differences and effect sizes with their Jacobians, and the pooled standard deviations."""
    q = J.shape[1]
    count = len(rows)
    gap, d, pooled = np.zeros(count), np.zeros(count), np.zeros(count)
    slopes, d_slopes = np.zeros((count, q)), np.zeros((count, q))
    for at, (_, unit, mean, variance, mean_0, variance_0) in enumerate(rows):
        share = n[unit] / (n[unit] + n[0])
        phi = share * values[variance] + (1.0 - share) * values[variance_0]
        dphi = share * J[variance] + (1.0 - share) * J[variance_0]
        gap[at] = values[mean] - values[mean_0]
        slopes[at] = J[mean] - J[mean_0]
        pooled[at] = np.sqrt(phi) if phi > 0 else np.nan
        d[at] = gap[at] / pooled[at]
        d_slopes[at] = slopes[at] / pooled[at] - 0.5 * d[at] * dphi / phi
    return gap, slopes, d, d_slopes, pooled
