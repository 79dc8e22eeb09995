"""What the rules of thumb say about the scales: one row a number that was judged."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from research.measurement.thresholds import THRESHOLDS, Threshold, Thresholds

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, object]


def judge_scales(
    reliability: pd.DataFrame,
    items: pd.DataFrame | None = None,
    htmt: pd.DataFrame | None = None,
    fornell_larcker: pd.DataFrame | None = None,
    *,
    thresholds: Thresholds = THRESHOLDS,
) -> pd.DataFrame:
    """Judge what `reliability`, `item_statistics`, `htmt` and `fornell_larcker` returned.

    One row a number: `construct other quantity value good threshold met verdict source`. `other` is the
    item, or the second construct of a pair; `good` says on which side of `threshold` the good lies.
    `verdict`: "met", "not met", and between them "exploratory" (alpha or CR of .60 to .70), "redundant"
    (alpha of .95 or more: items repeat each other), "weak" (a loading of .40 to .708, kept where AVE and CR
    are met), "similar" (HTMT of .85 to .90, acceptable for concepts that resemble each other), "missing".

    `thresholds`: `research.THRESHOLDS` unless a study sets its own (`with_values`).

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> found = research.judge_scales(research.reliability(answers, scales))
    >>> found[["construct", "quantity", "verdict", "source"]].iloc[0].tolist()
    ['quality', 'alpha', 'met', 'hair2019']
    """
    import pandas as pd

    rows = list(_reliability(reliability, thresholds))
    if items is not None:
        rows += _loadings(items, thresholds)
    if htmt is not None:
        rows += _pairs(htmt, thresholds)
    if fornell_larcker is not None:
        rows += _roots(fornell_larcker)
    return pd.DataFrame(rows)


def _reliability(frame: pd.DataFrame, limits: Thresholds) -> Iterator[Row]:
    for name in frame["construct"].astype(str):
        row = frame.loc[frame["construct"] == name].iloc[0]
        if int(row["n_items"]) < 2:
            continue
        for quantity, limit in (("alpha", limits.alpha), ("cr", limits.composite_reliability)):
            value = float(row[quantity])
            verdict = None
            if limits.alpha_exploratory.met(value) and not limit.met(value):
                verdict = "exploratory"
            elif not limits.alpha_redundant.met(value) and value == value:
                verdict = "redundant"
            yield _row(name, "", quantity, value, limit, verdict)
        yield _row(name, "", "ave", float(row["ave"]), limits.ave)


def _loadings(frame: pd.DataFrame, limits: Thresholds) -> Iterator[Row]:
    sizes = frame["construct"].value_counts()
    for construct, item, loading, rest in zip(
        frame["construct"].astype(str),
        frame["item"].astype(str),
        frame["loading"].to_numpy(dtype=float),
        frame["r_rest"].to_numpy(dtype=float),
        strict=True,
    ):
        if int(sizes[construct]) < 2:
            continue
        weak = limits.loading_least.met(loading) and not limits.loading.met(loading)
        yield _row(construct, item, "loading", float(loading), limits.loading, "weak" if weak else None)
        yield _row(construct, item, "r_rest", float(rest), limits.item_rest)


def _pairs(frame: pd.DataFrame, limits: Thresholds) -> Iterator[Row]:
    values = frame.to_numpy(dtype=float)
    for i, j in combinations(range(len(frame)), 2):
        value = float(values[i, j])
        similar = limits.htmt.met(value) and not limits.htmt_distinct.met(value)
        names = str(frame.index[i]), str(frame.index[j])
        yield _row(*names, "htmt", value, limits.htmt, "similar" if similar else None)


def _roots(frame: pd.DataFrame) -> Iterator[Row]:
    """Each construct's root of AVE against its largest correlation with another."""
    values = frame.to_numpy(dtype=float)
    for i in range(len(frame)):
        others = [abs(values[i, j]) for j in range(len(frame)) if j != i]
        if values[i, i] != values[i, i] or not others:
            continue
        limit = Threshold(max(others), "above", "fornell1981")
        yield _row(str(frame.index[i]), "", "sqrt_ave", float(values[i, i]), limit)


def _row(
    construct: str, other: str, quantity: str, value: float, limit: Threshold, between: str | None = None
) -> Row:
    met = limit.met(value)
    verdict = "missing" if value != value else between or ("met" if met else "not met")
    return {
        "construct": construct,
        "other": other,
        "quantity": quantity,
        "value": value,
        "good": limit.good,
        "threshold": limit.value,
        "met": met,
        "verdict": verdict,
        "source": limit.source,
    }
