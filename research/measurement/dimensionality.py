"""How many things do the items measure? KMO, Bartlett, MAP, parallel analysis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, OptionError
from research.measurement.inputs import ItemData, item_data
from research.numerics import dimensionality as compute
from research.numerics.arrays import Matrix
from research.numerics.chi_square import chi2_sf
from research.provenance import stream
from research.readable import Readable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, slots=True)
class SamplingAdequacy(Readable):
    """Kaiser-Meyer-Olkin measure: `overall`, and `items` by name."""

    overall: float
    items: pd.Series


@dataclass(frozen=True, repr=False, slots=True)
class Sphericity(Readable):
    """Bartlett's test that no two items correlate."""

    chisq: float
    df: int
    p: float
    n_obs: int


@dataclass(frozen=True, repr=False, slots=True)
class ParallelAnalysis(Readable):
    """Observed eigenvalues beside those of random data.

    `frame`: one row a place: `number`, `components` and `factors` (observed), `components_simulated` and
    `factors_simulated` (95th percentile), `components_mean` and `factors_mean`. `n_components` and
    `n_factors` count the leading observed eigenvalues above the percentile.
    """

    frame: pd.DataFrame
    n_components: int
    n_factors: int
    n_draws: int
    quantile: float


def kmo(data: object, items: Iterable[str] | None = None, *, n_obs: int | None = None) -> SamplingAdequacy:
    """Kaiser-Meyer-Olkin measure of sampling adequacy, Kaiser & Rice (1974).

    `data` as in `reliability`; `items` limits it to some columns. Raises DataError where an item is an
    exact combination of the others.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> round(float(research.kmo(answers, scales["trust"] + scales["loyalty"]).overall), 2)
    0.75
    """
    import pandas as pd

    found = item_data(data, items, n_obs=n_obs)
    overall, by_item = compute.sampling_adequacy(invertible_correlations(found))
    return SamplingAdequacy(overall, pd.Series(by_item, index=list(found.names), name="msa"))


def bartlett(data: object, n_obs: int | None = None, *, items: Iterable[str] | None = None) -> Sphericity:
    """Bartlett's (1951) test of sphericity: chi-square of p (p - 1) / 2 df that no two of p items correlate.

    `data` as in `reliability`; `items` limits it to some columns; a matrix needs its `n_obs`. With one item
    there is nothing to test (0 df, NaN). Raises DataError where an item is an exact combination of others.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.bartlett(answers, items=["trust1", "trust2", "trust3"])
    >>> found.df, bool(found.p < 0.001)
    (3, True)
    """
    found = item_data(data, items, n_obs=n_obs)
    n = required_n(found)
    chisq, df = compute.sphericity(invertible_correlations(found), n)
    return Sphericity(chisq, df, chi2_sf(chisq, df), n)


def velicer_map(data: object, items: Iterable[str] | None = None, *, n_obs: int | None = None) -> pd.Series:
    """Velicer's (1976) MAP by the number of components; the number with the smallest value is kept.

    The mean squared partial correlation of the items after 1, 2, … components are taken out; the index of the
    series is that number. `data` and errors as in `bartlett`; a matrix needs no `n_obs`.

    >>> import research
    >>> answers = research.example_responses()
    >>> int(research.velicer_map(answers.frame.loc[:, "quality1":"loyalty3"]).idxmin())
    2
    """
    import pandas as pd

    found = item_data(data, items, n_obs=n_obs)
    if len(found.names) < 3:
        raise DataError(f"MAP needs at least three items; there are {len(found.names)}.")
    values = compute.average_squared_partials(invertible_correlations(found))
    return pd.Series(values, index=range(1, len(values) + 1), name="map")


def parallel_analysis(
    data: object,
    n_draws: int = 1000,
    seed: int = 1,
    *,
    items: Iterable[str] | None = None,
    n_obs: int | None = None,
    quantile: float = 0.95,
) -> ParallelAnalysis:
    """Horn's (1965) parallel analysis with the 95th percentile of random normal data (Glorfeld 1995).

    Components: eigenvalues of the correlations. Factors: eigenvalues with the communalities of a
    one-factor solution on the diagonal, for the observed and the random correlations alike.

    `n_draws`: random data sets, drawn from `seed`; `quantile`: of their eigenvalues, which the data have
    to exceed. `data`, `items` and `n_obs` as in `kmo`.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.parallel_analysis(answers.frame.loc[:, "quality1":"loyalty3"], n_draws=100)
    >>> found.n_factors, found.n_components
    (4, 2)
    """
    import pandas as pd

    if n_draws < 20:
        raise OptionError(f"n_draws is {n_draws}; at least 20 are needed for a percentile, 1000 are usual.")
    if not 0 < quantile < 1:
        raise OptionError(f"quantile is {quantile}; it lies between 0 and 1, .95 is usual.")
    found = item_data(data, items, n_obs=n_obs)
    n, cor = required_n(found), invertible_correlations(found)
    if n <= len(cor):
        raise DataError(f"parallel analysis needs more rows than items: {n} rows, {len(cor)} items.")
    rng = stream(seed, "parallel analysis")
    drawn = compute.random_correlations(n_draws, n, len(cor), rng)
    frame = pd.DataFrame({"number": np.arange(1, len(cor) + 1)})
    counts = {}
    for name, observed, simulated in (
        ("components", compute.component_eigenvalues(cor), compute.component_eigenvalues(drawn)),
        ("factors", compute.factor_eigenvalues(cor, steps=2000), compute.factor_eigenvalues(drawn)),
    ):
        limit = np.quantile(simulated, quantile, axis=0)
        frame[name] = observed
        frame[f"{name}_simulated"] = limit
        frame[f"{name}_mean"] = simulated.mean(axis=0)
        above = observed > limit
        counts[name] = int(above.argmin()) if not above.all() else len(above)
    return ParallelAnalysis(frame, counts["components"], counts["factors"], n_draws, quantile)


def invertible_correlations(items: ItemData) -> Matrix:
    """The correlations, or DataError that names an item which the others determine."""
    cor = items.own_cor
    values, vectors = np.linalg.eigh(cor)
    if values[0] < 1e-10:
        at = int(np.abs(vectors[:, 0]).argmax())
        why = "an exact combination of the other items"
        if items.values is not None and items.n_obs <= len(items.names):
            why = f"determined by the others, as there are {items.n_obs} rows for {len(items.names)} items"
        elif values[0] < -1e-10:
            why = "in conflict with the others: correlations from different rows do not fit together"
        raise DataError(f"the correlation matrix cannot be inverted; {items.names[at]!r} is {why}.")
    return cor


def required_n(items: ItemData) -> int:
    """The number of rows; DataError where a matrix came without it."""
    if not items.n_obs:
        raise DataError("a matrix needs n_obs, the number of rows it was computed from.")
    return items.n_obs
