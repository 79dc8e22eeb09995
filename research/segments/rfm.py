"""Recency, frequency and monetary value of customers, scored and named by a table of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError, OptionError
from research.numerics.arrays import Vector
from research.readable import Readable
from research.segments.inputs import whole_number
from research.segments.transactions import one_day, read_purchases

if TYPE_CHECKING:
    import pandas as pd

# (recency, frequency and money) -> segment; each low, middle or high: the lower two, the middle and the upper
# two fifths of the scores. A rule table of our own: the literature scores alike (Hughes 1994), names freely.
RULES: Mapping[tuple[str, str], str] = {
    ("high", "high"): "champions",
    ("high", "middle"): "potential",
    ("high", "low"): "new",
    ("middle", "high"): "loyal",
    ("middle", "middle"): "attention",
    ("middle", "low"): "fading",
    ("low", "high"): "at risk",
    ("low", "middle"): "slipping",
    ("low", "low"): "lost",
}
SEGMENTS = ("champions", "loyal", "potential", "new", "attention", "fading", "at risk", "slipping", "lost")


@dataclass(frozen=True, repr=False, slots=True)
class Rfm(Readable):
    """`customers`: `customer recency frequency monetary r f m score segment`; recency in days, `score` the
    three digits. `segments`: `segment customers share recency frequency monetary amount_share`, means of each
    and its share of all money. `rules`: `recency value segment`, the table that names them.
    """

    customers: pd.DataFrame
    segments: pd.DataFrame
    rules: pd.DataFrame
    today: pd.Timestamp
    bins: int
    notes: tuple[str, ...]
    simulated: bool = False


def rfm(
    transactions: object,
    customer: str = "customer",
    date: str = "date",
    amount: str = "amount",
    today: object = None,
    bins: int = 5,
    *,
    monetary: Literal["sum", "mean"] = "sum",
    day_first: bool | None = None,
    negative: Literal["refuse", "net", "drop"] = "refuse",
) -> Rfm:
    """Score every customer from 1 to `bins` on recency, frequency and money; `bins` is the best.

    Hughes (1994, Strategic Database Marketing). Recency: days from the last purchase to `today` (left out:
    the last day in the table); frequency: purchases (refunds are none); monetary: their sum or mean.
    Scores are fifths of the ranks, ceil(bins (rank - 1/2) / n); equal values have their mean rank and so one
    score. The segment follows from the score of recency and the mean of the other two by `RULES`.

    Errors: columns, dates and amounts as in `read_purchases`; a purchase after `today`; fewer customers than
    `bins`.

    >>> import pandas as pd
    >>> sales = pd.DataFrame({"customer": list("aabbc"), "date": ["2024-01-01", "2024-03-01", "2024-02-01",
    ...     "2024-02-02", "2024-01-05"], "amount": [10, 20, 5, 5, 50]})
    >>> rfm(sales, bins=3).customers[["customer", "recency", "frequency", "monetary", "r"]].values.tolist()
    [['a', 0, 2, 30.0, 3], ['b', 28, 2, 10.0, 2], ['c', 56, 1, 50.0, 1]]
    """
    import pandas as pd

    bins = whole_number("bins", bins, 2)
    if bins > 9:
        raise OptionError(f"bins={bins}; a score is one digit, so that bins is at most 9.")
    if monetary not in ("sum", "mean"):
        raise OptionError(f"monetary={monetary!r} is not known; it is 'sum' or 'mean'.")
    read = read_purchases(transactions, customer, date, amount, day_first=day_first, negative=negative)
    bought = read.frame[~read.frame["refund"]]
    notes = list(read.notes)
    end = pd.Timestamp(read.frame["date"].max()) if today is None else one_day(today, "today", day_first)
    late = int((read.frame["date"] > end).sum())
    if late:
        raise DataError(
            f"{late} purchases lie after today={end.date()}; give a later day, or leave them out."
        )
    if today is None:
        notes.append(f"recency is counted to the last day in the table, {end.date()}.")
    known = list(dict.fromkeys(bought["customer"]))
    only = read.frame["customer"].nunique() - len(known)
    if only:
        notes.append(f"{only} customers have refunds only and are left out.")
    n = len(known)
    if n < bins:
        raise DataError(f"{n} customers cannot be put into {bins} classes; ask for fewer bins.")
    by = bought.groupby("customer", sort=True)
    money = read.frame[read.frame["customer"].isin(known)].groupby("customer", sort=True)["amount"].sum()
    frequency: Vector = np.asarray(by.size(), dtype=np.float64)
    value = money.to_numpy(dtype=np.float64)
    recency: Vector = np.asarray((end - by["date"].max()).dt.days, dtype=np.float64)
    value = value / frequency if monetary == "mean" else value
    r, f, m = _score(-recency, bins), _score(frequency, bins), _score(value, bins)
    segment = [
        RULES[_third(float(a), bins), _third((float(b) + float(c)) / 2, bins)]
        for a, b, c in zip(r, f, m, strict=True)
    ]
    customers = pd.DataFrame(
        {
            "customer": [str(name) for name in money.index],
            "recency": recency.astype(int),
            "frequency": frequency.astype(int),
            "monetary": value,
            "r": r.astype(int),
            "f": f.astype(int),
            "m": m.astype(int),
            "score": [f"{int(a)}{int(b)}{int(c)}" for a, b, c in zip(r, f, m, strict=True)],
            "segment": segment,
        }
    )
    for name, scores in (("recency", r), ("frequency", f), ("monetary", m)):
        if len(np.unique(scores)) < bins:
            notes.append(f"{name}: ties leave {len(np.unique(scores))} of {bins} scores.")
    rules = pd.DataFrame(
        [(a, b, name) for (a, b), name in RULES.items()], columns=["recency", "value", "segment"]
    )
    total = money.to_numpy(dtype=np.float64)
    return Rfm(
        customers, _segments(customers, total), rules, end, bins, tuple(notes), simulated=read.simulated
    )


def _score(values: Vector, bins: int) -> Vector:
    """1 to `bins`, higher values higher, in equal parts of the ranks; ties share their mean rank."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2  # mean rank less 1/2
    scores: Vector = np.clip(np.ceil(bins * middle[place] / len(values) - 1e-9), 1, bins)
    return scores


def _third(score: float, bins: int) -> str:
    """Low up to two fifths of the way from the lowest score to the highest, high from three fifths."""
    place = (score - 0.5) / bins
    return "low" if place < 0.4 else "high" if place > 0.6 else "middle"


def _segments(customers: pd.DataFrame, total: Vector) -> pd.DataFrame:
    import pandas as pd

    rows = []
    money = float(total.sum())
    for name in SEGMENTS:
        own = (customers["segment"] == name).to_numpy()
        n = int(own.sum())
        means = [float(customers[c].to_numpy(float)[own].mean()) if n else np.nan for c in _MEANS]
        share = float(total[own].sum()) / money if money else np.nan
        rows.append((name, n, n / len(customers), *means, share))
    columns = ["segment", "customers", "share", *_MEANS, "amount_share"]
    return pd.DataFrame(rows, columns=columns)


_MEANS = ("recency", "frequency", "monetary")
