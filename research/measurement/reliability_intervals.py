"""How sure is a reliability? Intervals of alpha, composite reliability and AVE by several methods."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from research.errors import OptionError, did_you_mean
from research.measurement.inputs import Constructs, ItemData, all_items, checked_constructs, item_data
from research.measurement.loadings import MeasurementModel, measurement_model
from research.numerics import factor_reliability as factors
from research.numerics import reliability as compute
from research.numerics.alpha_bootstrap import alpha_draws
from research.numerics.arrays import Matrix
from research.numerics.chi_square import normal_quantile
from research.numerics.intervals import bootstrap_limits
from research.provenance import stream

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["percentile", "basic", "normal", "bc"]
Row = dict[str, object]


def reliability_intervals(
    data: object,
    constructs: Constructs,
    reverse: Iterable[str] = (),
    *,
    n_obs: int | None = None,
    level: float = 0.95,
    n_draws: int = 2000,
    kind: Kind = "percentile",
    seed: int = 1,
) -> pd.DataFrame:
    """One row a construct, quantity and method: `construct quantity method value se low high n_obs n_draws`.

    - alpha by `feldt` (1965; exact for parallel normal items, no standard error), `duhachek` (Duhachek &
      Iacobucci 2004: value -+ z SE, normal items of any covariance) and `bootstrap` (`kind` of interval, rows
      drawn with replacement from `seed`; no assumption of normality)
    - cr and ave by `delta` (Raykov 2002), from the standardized loadings of the CFA of all constructs

    `n_obs` is what the method rests on: with gaps the first two take the pair of items with the fewest rows
    in common, the bootstrap all rows, the CFA the complete ones. `n_draws` counts the draws in which alpha
    exists; 0 leaves the bootstrap out, as does a matrix without answers.

    >>> import pandas as pd
    >>> answers = pd.DataFrame({"a": [1, 2, 4, 5, 3], "b": [2, 2, 5, 4, 3], "c": [1, 3, 4, 5, 2]})
    >>> found = reliability_intervals(answers, {"scale": ["a", "b", "c"]}, n_draws=0)
    >>> found.loc[found["method"] == "feldt", ["value", "low", "high"]].round(3).to_numpy().tolist()
    [[0.932, 0.657, 0.992]]
    """
    import pandas as pd

    if kind not in get_args(Kind):
        hint = did_you_mean(kind, get_args(Kind))
        raise OptionError(f"kind={kind!r} is not known; allowed: {', '.join(get_args(Kind))}.{hint}")
    if n_draws and n_draws < 100:
        raise OptionError(f"n_draws is {n_draws}; at least 100 are needed (0: no bootstrap), 2000 are usual.")
    if not 0 < level < 1:
        raise OptionError(f"level is {level}; it lies between 0 and 1, .95 is usual.")
    blocks = checked_constructs(constructs)
    items = item_data(data, all_items(blocks), n_obs=n_obs, reverse=reverse)
    model = measurement_model(items, blocks)
    rows: list[Row] = []
    for name, columns in blocks.items():
        part = items.take(columns)
        rows += [{"construct": name, **row} for row in _of_alpha(part, level)]
        if n_draws and part.values is not None and len(columns) > 1:
            rng = stream(seed, f"alpha/{name}")
            answers = part.values[~np.isnan(part.values).all(axis=1)]
            rows.append({"construct": name, **_bootstrapped(part, answers, n_draws, rng, kind, level)})
        rows += [{"construct": name, **row} for row in _of_loadings(model, name, items.n_complete, level)]
    return pd.DataFrame(rows)


def _of_alpha(part: ItemData, level: float) -> list[Row]:
    n, k = part.n_least, len(part.names)
    alpha = compute.cronbach_alpha(part.cov)
    se = compute.duhachek_se(part.cov, n) if n else np.nan
    reach = normal_quantile((1 + level) / 2) * se
    return [
        _row("alpha", "feldt", alpha, np.nan, *compute.feldt_interval(alpha, n, k, level), n),
        _row("alpha", "duhachek", alpha, se, alpha - reach, alpha + reach, n),
    ]


def _bootstrapped(
    part: ItemData, rows: Matrix, n_draws: int, rng: np.random.Generator, kind: Kind, level: float
) -> Row:
    draws = alpha_draws(rows, n_draws, rng)
    draws = draws[~np.isnan(draws)]
    alpha = compute.cronbach_alpha(part.cov)
    low, high = np.full(1, np.nan), np.full(1, np.nan)
    if len(draws) > 1:
        low, high = bootstrap_limits(draws[:, None], np.array([alpha]), kind, level)
    se = float(draws.std(ddof=1)) if len(draws) > 1 else np.nan
    return _row("alpha", f"bootstrap {kind}", alpha, se, float(low[0]), float(high[0]), len(rows), len(draws))


def _of_loadings(model: MeasurementModel, name: str, n: int, level: float) -> list[Row]:
    loadings, vcov = model.standardized[name], model.standardized_vcov[name]
    if len(loadings) < 2:
        return []
    z = normal_quantile((1 + level) / 2)
    rows = []
    for quantity, value, se in (
        ("cr", factors.composite_reliability(loadings), factors.composite_reliability_se(loadings, vcov)),
        ("ave", factors.average_variance_extracted(loadings), factors.variance_extracted_se(loadings, vcov)),
    ):
        rows.append(_row(quantity, "delta", value, se, value - z * se, value + z * se, n))
    return rows


def _row(
    quantity: str, method: str, value: float, se: float, low: float, high: float, n: int, n_draws: int = 0
) -> Row:
    return {
        "quantity": quantity,
        "method": method,
        "value": value,
        "se": se,
        "low": low,
        "high": high,
        "n_obs": n,
        "n_draws": n_draws,
    }
