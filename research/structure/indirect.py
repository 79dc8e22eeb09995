"""Intervals of indirect effects: by bootstrap where every row is complete, else by Monte Carlo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from research.measurement.invariance_steps import has_solution

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit

MONTE_CARLO_DRAWS = 20_000  # Preacher & Selig (2012)


@dataclass(frozen=True, slots=True)
class IndirectEffects:
    """`frame`: one row a defined effect, `lhs label estimate se low high std_all`.

    `method` "bootstrap": percentiles over resampled respondents; `n_failed` draws did not converge and are
    left out. "monte carlo": percentiles over draws from the normal distribution of the estimates. A model
    without a solution has no intervals: they are NaN, and `n_draws` is 0.
    """

    frame: pd.DataFrame
    method: Literal["bootstrap", "monte carlo"]
    n_draws: int
    n_failed: int = 0


def indirect_effects(fit: Fit, draws: int, seed: int, *, level: float = 0.95) -> IndirectEffects:
    """The effects that a model defines (`:=`), with intervals.

    Complete numeric answers are resampled `draws` times. Refits of incomplete or ordered answers take a
    hundred times as long: there the interval is the Monte Carlo one (MacKinnon, Lockwood & Williams 2004),
    which performs as well as the bootstrap (Preacher & Selig 2012), from 20,000 draws or `draws`, whichever
    are more. Nothing is drawn where the model did not converge or is not identified.
    """
    if not has_solution(fit):
        frame = fit.tidy().assign(**dict.fromkeys(("estimate", "se", "low", "high"), float("nan")))
        return IndirectEffects(_effects(frame, fit), "bootstrap", 0)
    if fit.options.missing == "listwise" and not fit.options.ordered:
        drawn = fit.bootstrap(draws, seed=seed)
        frame = drawn.tidy(kind="percentile", level=level)
        return IndirectEffects(_effects(frame, fit), "bootstrap", drawn.n_draws, drawn.n_failed)
    count = max(draws, MONTE_CARLO_DRAWS)
    return IndirectEffects(
        _effects(fit.monte_carlo(count, seed=seed, level=level), fit), "monte carlo", count
    )


def _effects(frame: pd.DataFrame, fit: Fit) -> pd.DataFrame:
    """The defined effects of a frame, with the standardized estimate of the fit."""
    tidy = fit.tidy()
    standardized = tidy[tidy["op"] == ":="].set_index("lhs")["std_all"]
    rows = frame[frame["op"] == ":="].reset_index(drop=True)
    columns = ["lhs", "label", "estimate", "se", "low", "high"]
    return rows[columns].assign(std_all=rows["lhs"].map(standardized))
