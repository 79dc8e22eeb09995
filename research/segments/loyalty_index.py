"""A construct on 0-100: the index of the customer satisfaction barometers, with its interval, by group."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, ModelError
from research.estimation.fit import Fit
from research.numerics.arrays import Matrix, Vector
from research.numerics.group_means import welch_test
from research.numerics.multiple_tests import holm
from research.provenance import stream
from research.readable import Readable
from research.responses.columns import numeric_matrix
from research.segments.inputs import (
    Range,
    checked_choice,
    checked_level,
    groups_of,
    in_order,
    origin_notes,
    scale_range,
    segment_frame,
    whole_number,
)
from research.segments.weights import WEIGHTS, ItemWeights, Weights, item_weights, items_of_construct

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, slots=True)
class Index(Readable):
    """`scores`: `group n index se low high sd`, everybody first (group ""). `items`: `item weight share low
    high n mean performance`: `share` of the index, `low` and `high` the ends of its scale, `performance` the
    item on 0-100. `pairs`: `first second difference p p_holm`; `test`: Welch's `f df1 df2 p eta2`.
    `values`: of each row of the data, missing where an item is.
    """

    construct: str
    weights: Weights
    scores: pd.DataFrame
    items: pd.DataFrame
    pairs: pd.DataFrame
    test: dict[str, float]
    values: pd.Series
    notes: tuple[str, ...]
    simulated: bool = False


def index(
    data: object,
    construct: str,
    weights: Weights = "model",
    *,
    fit: Fit | None = None,
    scale: Range | None = None,
    group: str | None = None,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 1,
) -> Index:
    """The mean of a construct on a scale from 0 to 100, items weighted as the model weighs them.

    100 sum w (x - min) / sum w (max - min), x the answers and min, max the ends of their scales: Fornell et
    al. (1996, Journal of Marketing 60, 7-18). `data`: Responses; a frame, with `fit` and `scale`; or a fit
    itself, whose rows are taken. `weights`: "model", factor score weights of `fit` (left out: of a factor
    model of this construct alone); "loadings", its unstandardized loadings; "equal".
    Rows that lack one of the items are left out and counted. Percentile intervals from `draws` bootstrap
    samples of the respondents, weights held.

    Errors: an unknown construct, an unknown scale, answers beyond it, a weight that is not above 0.

    `group`: a question between whose groups the index is compared (Welch's test). `level`, `seed`: of the
    intervals.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.index(answers, "loyalty", "equal", draws=100)
    >>> found.values.head(3).round(1).tolist()
    [58.3, 41.7, 66.7]
    """
    import pandas as pd

    checked_choice("weights", weights, WEIGHTS)
    checked_level(level)
    draws = whole_number("draws", draws, 100)
    if isinstance(data, Fit):
        fit, data = data, _rows_of(data)
    frame = segment_frame(data)
    items = items_of_construct(construct, data, fit)
    values = numeric_matrix(frame, items)
    ranges = [scale_range(data, item, scale) for item in items]
    _check_within(values, items, ranges)
    used = item_weights(construct, weights, values, items, fit, data)
    scores = on_hundred(values, used.values, ranges)
    known = np.isfinite(scores)
    if not known.any():
        raise DataError(f"no row has an answer to all items of '{construct}': {', '.join(items)}.")
    labels = groups_of(frame, group)
    names = [] if labels is None or group is None else in_order(labels, group, data)
    rows = [_score("", scores[known], level, draws, seed)]
    parts = []
    for name in names if labels is not None else []:
        own = scores[known & (labels == name)]
        if len(own):
            parts.append((name, own))
            rows.append(_score(name, own, level, draws, seed))
    pairs, test = _differences(parts)
    notes = list(origin_notes(data))
    if used.note:
        notes.append(f"Items are weighted by {used.note}; the interval takes the weights as known.")
    if not known.all():
        notes.append(f"{int((~known).sum())} of {len(known)} rows were left out: an item is missing.")
    return Index(
        construct,
        weights,
        pd.DataFrame(rows),
        _items(used, values, ranges),
        pairs,
        test,
        pd.Series(scores, index=frame.index, name=construct),
        tuple(notes),
        simulated=bool(origin_notes(data)),
    )


def on_hundred(values: Matrix, weights: Vector, ranges: list[Range]) -> Vector:
    """100 sum w (x - min) / sum w (max - min) of each row of `values` (n, k), NaN where one is missing.

    >>> answers = np.array([[1.0, 1.0], [4.0, 7.0]])
    >>> on_hundred(answers, np.array([1.0, 2.0]), [(1, 7), (1, 7)]).round(2).tolist()
    [0.0, 83.33]
    """
    low, high = np.array(ranges, dtype=float).T
    scores: Vector = 100 * ((values - low) @ weights) / float((high - low) @ weights)
    return scores


def shares_of_index(weights: Vector, ranges: list[Range]) -> Vector:
    """How much each item, put on 0-100, counts in the index; they add up to one."""
    low, high = np.array(ranges, dtype=float).T
    shares: Vector = weights * (high - low) / float(weights @ (high - low))
    return shares


def _rows_of(fit: Fit) -> pd.DataFrame:
    import pandas as pd

    groups = fit.sample.groups
    parts = []
    for place, group in enumerate(groups):
        if group.data is None:
            raise ModelError(
                "the model was fitted to moments alone; pass the answers, and the model as fit=."
            )
        columns = list(fit.compiled.observed[place])
        parts.append(pd.DataFrame(group.data, columns=columns).assign(group=group.label))
    return pd.concat(parts, ignore_index=True)


def _check_within(values: Matrix, items: list[str], ranges: list[Range]) -> None:
    for item, column, (low, high) in zip(items, values.T, ranges, strict=True):
        beyond = np.flatnonzero((column < low) | (column > high))
        if len(beyond):
            row = int(beyond[0])
            raise DataError(
                f"item '{item}' holds {column[row]:g} in row {row + 1}, beyond its scale of {low:g} to "
                f"{high:g}."
            )


def _score(group: str, own: Vector, level: float, draws: int, seed: int) -> dict[str, object]:
    """Mean and percentile limits; equal values are drawn together, so that many rows cost no more."""
    n = len(own)
    different, count = np.unique(own, return_counts=True)
    drawn = stream(seed, f"index/{group}").multinomial(n, count / n, draws) @ different / n
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    sd = float(own.std(ddof=1)) if n > 1 else np.nan
    return {
        "group": group,
        "n": n,
        "index": float(own.mean()),
        "se": sd / float(np.sqrt(n)),
        "low": float(low) if n > 1 else np.nan,
        "high": float(high) if n > 1 else np.nan,
        "sd": sd,
    }


def _items(used: ItemWeights, values: Matrix, ranges: list[Range]) -> pd.DataFrame:
    import pandas as pd

    low, high = np.array(ranges, dtype=float).T
    n = np.isfinite(values).sum(axis=0)
    mean = np.nansum(values, axis=0) / np.maximum(n, 1)
    return pd.DataFrame(
        {
            "item": list(used.items),
            "weight": used.values,
            "share": shares_of_index(used.values, ranges),
            "low": low,
            "high": high,
            "n": n,
            "mean": np.where(n > 0, mean, np.nan),
            "performance": np.where(n > 0, 100 * (mean - low) / (high - low), np.nan),
        }
    )


def _differences(parts: list[tuple[str, Vector]]) -> tuple[pd.DataFrame, dict[str, float]]:
    import pandas as pd

    columns = ["first", "second", "difference", "p", "p_holm"]
    if len(parts) < 2:
        return pd.DataFrame(columns=columns), {}
    rows = []
    for (first, a), (second, b) in combinations(parts, 2):
        rows.append((first, second, float(a.mean() - b.mean()), welch_test([a, b]).p, np.nan))
    pairs = pd.DataFrame(rows, columns=columns)
    pairs["p_holm"] = holm(pairs["p"].to_numpy(float))
    test = welch_test([own for _, own in parts])
    return pairs, {"f": test.f, "df1": test.df1, "df2": test.df2, "p": test.p, "eta2": test.eta2}
