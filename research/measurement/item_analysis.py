"""Does each item earn its place? Discrimination, item-rest correlation, floor and ceiling, redundancy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, OptionError
from research.measurement.inputs import Constructs, ItemData, all_items, checked_constructs, item_data
from research.measurement.reliability import item_statistics
from research.measurement.thresholds import THRESHOLDS, Thresholds
from research.numerics.arrays import Matrix, Vector
from research.numerics.discrimination import extreme_groups, mean_difference
from research.numerics.normality import moment_kurtosis, moment_skewness
from research.responses.nouns import Responses

if TYPE_CHECKING:
    import pandas as pd


def item_analysis(
    data: object,
    constructs: Constructs,
    reverse: Iterable[str] = (),
    *,
    share: float = 0.27,
    equal_variances: bool = False,
    thresholds: Thresholds = THRESHOLDS,
) -> pd.DataFrame:
    """Item analysis for the development of a scale, one row an item.

    - `construct item n missing mean sd skewness kurtosis` (b1, b2 of Joanes & Gill 1998; 0 for a normal)
    - `floor`, `ceiling`: share of answers at the lowest and at the highest point of the item's scale (of
      Responses the questionnaire's; else the lowest and highest answer given)
    - the groups with the lowest and the highest `share` of the construct's total score, ties at the border
      included (Kelley 1939), of the rows that answered all its items: `n_low n_high mean_low mean_high`, the
      t test of their difference `t df p` (Welch's, or Student's with `equal_variances`), known as the
      critical ratio, and `discrimination`, their difference over the range of the scale
    - `r_rest`: correlation with the sum of the construct's other items; `alpha`, of the construct, and
      `alpha_if_deleted`; `loading`, completely standardized, of the CFA of all constructs
    - `twin`: the item of the construct that it correlates highest with, `r_twin`, and `same_as_twin`, the
      share of rows with the same answer to both
    - `flags`: the rules of thumb that it misses, by their names in `THRESHOLDS`: `critical_ratio` (or p of
      .05
      and above), `item_rest`, `loading_least`, `inter_item`, `alpha_gain`; "" where none

    The total contains the item, so that t is rather too large in short scales (a single item has none): read
    it beside `r_rest`.
    Needs the answers themselves; DataError for a matrix.

    `data` and `reverse` as in `reliability`; `thresholds` as in `judge_scales`.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> found = research.item_analysis(answers, scales).set_index("item")
    >>> found.loc["trust3", ["r_rest", "alpha_if_deleted", "loading"]].astype(float).round(2).tolist()
    [0.42, 0.77, 0.5]
    """
    import pandas as pd

    if not 0.05 <= share <= 0.5:
        raise OptionError(f"share is {share}; it lies between .05 and .5, .27 is usual.")
    turned = list(reverse)
    blocks = checked_constructs(constructs)
    items = item_data(data, all_items(blocks), reverse=turned)
    if items.values is None:
        raise DataError("item analysis needs the answers themselves; a matrix of moments is not enough.")
    within = item_statistics(data, blocks, turned).set_index("item")
    limits = _scale_limits(data, items)
    rows: list[dict[str, object]] = []
    for name, columns in blocks.items():
        part = items.take(columns)
        alpha = _alpha(part.cov)
        for item, groups in zip(columns, _groups(part, share, equal_variances), strict=True):
            low, high = limits[item]
            row: dict[str, object] = {
                "construct": name,
                "item": item,
                **_moments(items, item, low, high),
                **groups,
            }
            spread = float(str(groups["mean_high"])) - float(str(groups["mean_low"]))
            row["discrimination"] = spread / (high - low)
            row |= {"r_rest": float(within["r_rest"][item]), "alpha": alpha}
            row |= {key: float(within[key][item]) for key in ("alpha_if_deleted", "loading")}
            row |= _twin(part, item)
            row["flags"] = " ".join(_flags(row, len(columns), thresholds))
            rows.append(row)
    return pd.DataFrame(rows)


def _scale_limits(data: object, items: ItemData) -> Mapping[str, tuple[float, float]]:
    """Lowest and highest possible answer of each item."""
    values = items.values if items.values is not None else np.empty((0, len(items.names)))
    found = {
        name: (float(low), float(high))
        for name, low, high in zip(
            items.names, np.nanmin(values, axis=0), np.nanmax(values, axis=0), strict=True
        )
    }
    if isinstance(data, Responses):
        scales = data.questionnaire.scales
        for item in data.questionnaire.items:
            if item.id in found and item.scale in scales:
                low, high = found[item.id]
                scale = scales[item.scale]
                found[item.id] = min(low, float(scale.low)), max(high, float(scale.high))
    return found


def _moments(items: ItemData, item: str, low: float, high: float) -> dict[str, object]:
    column = _column(items, item)
    answers = column[~np.isnan(column)]
    return {
        "n": len(answers),
        "missing": len(column) - len(answers),
        "mean": float(answers.mean()),
        "sd": float(answers.std(ddof=1)),
        "skewness": moment_skewness(answers),
        "kurtosis": moment_kurtosis(answers),
        "floor": float((answers == low).mean()),
        "ceiling": float((answers == high).mean()),
    }


def _groups(part: ItemData, share: float, equal_variances: bool) -> list[dict[str, object]]:
    """The comparison of the extreme groups for each item of one construct."""
    complete = part.complete()
    if len(complete) == 0 or len(part.names) == 1:
        empty = dict.fromkeys(("mean_low", "mean_high", "t", "df", "p"), np.nan)
        return [{"n_low": 0, "n_high": 0, **empty} for _ in part.names]
    low, high = extreme_groups(complete.sum(axis=1), share)
    rows: list[dict[str, object]] = []
    for column in complete.T:
        test = mean_difference(column[low], column[high], equal_variances=equal_variances)
        rows.append(
            {
                "n_low": int(low.sum()),
                "n_high": int(high.sum()),
                "mean_low": test.low,
                "mean_high": test.high,
                "t": test.t,
                "df": test.df,
                "p": test.p,
            }
        )
    return rows


def _twin(part: ItemData, item: str) -> dict[str, object]:
    """The item of the construct with the highest correlation in size."""
    if len(part.names) < 2:
        return {"twin": "", "r_twin": np.nan, "same_as_twin": np.nan}
    at = part.names.index(item)
    r = part.cor[at].copy()
    r[at] = 0.0
    other = int(np.abs(r).argmax())
    one, two = _column(part, item), _column(part, part.names[other])
    both = ~np.isnan(one) & ~np.isnan(two)
    return {
        "twin": part.names[other],
        "r_twin": float(r[other]),
        "same_as_twin": float((one == two)[both].mean()),
    }


def _column(items: ItemData, item: str) -> Vector:
    values = items.values if items.values is not None else np.empty((0, len(items.names)))
    column: Vector = values[:, items.names.index(item)]
    return column


def _alpha(cov: Matrix) -> float:
    from research.numerics.reliability import cronbach_alpha

    return cronbach_alpha(cov)


def _flags(row: Mapping[str, object], size: int, limits: Thresholds) -> list[str]:
    def value(name: str) -> float:
        return float(str(row[name]))

    if size < 2:
        return []
    found = []
    if value("t") == value("t") and not (limits.critical_ratio.met(value("t")) and value("p") < 0.05):
        found.append("critical_ratio")
    if not limits.item_rest.met(value("r_rest")):
        found.append("item_rest")
    if value("loading") == value("loading") and not limits.loading_least.met(value("loading")):
        found.append("loading_least")
    if not limits.inter_item.met(abs(value("r_twin"))):
        found.append("inter_item")
    if size > 2 and not limits.alpha_gain.met(value("alpha_if_deleted") - value("alpha")):
        found.append("alpha_gain")
    return found
