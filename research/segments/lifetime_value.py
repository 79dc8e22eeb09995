"""Customer lifetime value: margin, retention and discount, of a segment or of everybody.

The models of purchase frequency and dropout (Pareto/NBD, BG/NBD) are left out: the Python library for them,
`lifetimes`, is no longer maintained, and a value that rests on it could not be kept right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError, OptionError
from research.numerics.arrays import Matrix, Vector
from research.provenance import stream
from research.readable import Readable
from research.segments.inputs import checked_choice, checked_level, checked_number, whole_number
from research.segments.transactions import PER_YEAR, one_day, period_numbers, read_purchases

if TYPE_CHECKING:
    import pandas as pd

FIRST = ("next", "now")
ASSUMPTIONS = (
    "Assumed: margin and retention stay as they are for ever, are the same for all customers of a segment, "
    "and a customer who is lost does not come back (Gupta et al. 2006)."
)


@dataclass(frozen=True, repr=False, slots=True)
class LifetimeValue(Readable):
    """`frame`: `segment customers periods margin retention discount value low high`, everybody first (segment
    ""); margin, retention and discount are of one period.
    """

    frame: pd.DataFrame
    period: str
    notes: tuple[str, ...]
    simulated: bool = False


def lifetime_value(
    margin: float, retention: float, discount: float, *, first: Literal["next", "now"] = "next"
) -> float:
    """Present value of a customer: the margins of all periods to come.

    sum over t >= 1 of m r^t / (1 + d)^t = m r / (1 + d - r): Gupta et al. (2006, Journal of Service Research
    9, 139-155). `first`: "now" adds the margin of this period: m (1 + d) / (1 + d - r).
    `retention` from 0 to 1, `discount` above 0 a period (or 0, with retention below 1).

    >>> round(lifetime_value(100, 0.8, 0.1), 2), round(lifetime_value(100, 0.8, 0.1, first="now"), 2)
    (266.67, 366.67)
    """
    checked_choice("first", first, FIRST)
    m = checked_number("margin", margin)
    r = checked_number("retention", retention, 0.0, 1.0)
    d = checked_number("discount", discount, 0.0, np.inf)
    if r == 1 and d == 0:
        raise OptionError("retention=1 and discount=0: the value has no end; discount the future.")
    return m * (r if first == "next" else 1 + d) / (1 + d - r)


def customer_lifetime_value(
    transactions: object,
    customer: str = "customer",
    date: str = "date",
    amount: str = "amount",
    *,
    margin: float,
    discount: float = 0.10,
    period: Literal["month", "quarter", "year"] = "quarter",
    segments: Mapping[str, str] | pd.Series | pd.DataFrame | None = None,
    first: Literal["next", "now"] = "next",
    until: object = None,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 1,
    day_first: bool | None = None,
    negative: Literal["refuse", "net", "drop"] = "refuse",
) -> LifetimeValue:
    """Lifetime value by segment from purchases: mean margin and retention a period, then the formula.

    `margin`: share of an amount that is earned (0.3). `discount`: a year's, turned into the period's.
    Margin of a period: `margin` times the amounts, by active customer and period; retention: of the customers
    active in a period, those active in the next, over all whole periods. `segments`: {customer: segment}, a
    series of it, or the `customers` of `research.rfm`. Percentile limits from `draws` samples of customers.

    Errors: as in `read_purchases`; fewer than two whole periods; segments that name no customer.

    `customer date amount day_first negative` as in `read_purchases`, `first` as in `lifetime_value`,
    `until` as in `retention`; `level` and `seed`: of the limits.

    >>> import research
    >>> import pandas as pd
    >>> loyalty = pd.DataFrame({"loyalty": [1.0, 2.0, 3.0, 4.0, 5.0] * 40})
    >>> bought = research.simulate_transactions(loyalty, seed=1)
    >>> worth = research.customer_lifetime_value(bought, margin=0.3, draws=100).frame
    >>> worth["customers"].tolist(), worth["retention"].round(2).tolist(), worth["value"].round().tolist()
    ([200], [0.78], [491.0])
    """
    import pandas as pd

    checked_level(level)
    checked_choice("first", first, FIRST)
    checked_choice("period", period, ("month", "quarter", "year"))
    share = checked_number("margin", margin, 0.0, 1.0)
    yearly = checked_number("discount", discount, 0.0, 10.0)
    draws = whole_number("draws", draws, 100)
    each = (1 + yearly) ** (1 / PER_YEAR[period]) - 1
    read = read_purchases(transactions, customer, date, amount, day_first=day_first, negative=negative)
    end = pd.Timestamp(read.frame["date"].max()) if until is None else one_day(until, "until", day_first)
    names, sums, span, notes = _sums(read.frame, end, period)
    rows = [_row("", sums, share, each, span, first, level, draws, seed)]
    told = [*read.notes, *notes, ASSUMPTIONS]
    if segments is not None:
        labels = _labels(names, segments)
        if isinstance(segments, pd.DataFrame) and "recency" in segments:
            told.append(
                "The segments are made from the recency of the same purchases: that their retention differs "
                "follows in part from how they were made."
            )
        if (labels == "").any():
            told.append(f"{int((labels == '').sum())} customers belong to no segment.")
        for name in [each for each in dict.fromkeys(labels.tolist()) if each]:
            own = sums[labels == name]
            rows.append(_row(name, own, share, each, span, first, level, draws, seed))
        empty = [str(row["segment"]) for row in rows if row["value"] != row["value"]]
        if empty:
            told.append(f"no value for {', '.join(empty)}: nobody there was active before the last period.")
    return LifetimeValue(pd.DataFrame(rows), period, tuple(told), simulated=read.simulated)


def _sums(frame: pd.DataFrame, end: pd.Timestamp, period: str) -> tuple[list[str], Matrix, int, list[str]]:
    """By customer: amounts in all periods, active periods, periods that could be followed, and were."""
    import pandas as pd

    number = period_numbers(frame["date"], period)
    last = int(period_numbers(pd.Series([end]), period)[0])
    notes = []
    if int(period_numbers(pd.Series([end + pd.Timedelta(days=1)]), period)[0]) == last:
        notes.append(f"the {period} of {end.date()} is not whole and is left out.")
        last -= 1
    begin = int(number.min())
    if last - begin < 1:
        raise DataError(f"the purchases span fewer than two whole {period}s; retention needs two at least.")
    within = number <= last
    names, place = np.unique(frame["customer"].to_numpy(dtype=str)[within], return_inverse=True)
    at = number[within] - begin
    bought = ~frame["refund"].to_numpy(dtype=bool)[within]
    active = np.zeros((len(names), last - begin + 1), dtype=bool)
    active[place[bought], at[bought]] = True
    money = np.bincount(place, weights=frame["amount"].to_numpy(dtype=np.float64)[within])
    sums = np.column_stack(
        [
            money,
            active.sum(axis=1),
            active[:, :-1].sum(axis=1),
            (active[:, :-1] & active[:, 1:]).sum(axis=1),
        ]
    ).astype(np.float64)
    return names.tolist(), sums, last - begin + 1, notes


def _row(
    segment: str,
    sums: Matrix,
    share: float,
    discount: float,
    span: int,
    first: str,
    level: float,
    draws: int,
    seed: int,
) -> dict[str, object]:
    """One segment: its rates, its value, and the limits over samples of its customers."""
    n = len(sums)
    total = sums.sum(axis=0)
    margin, kept = _rates(total[None], share)
    value = _value(margin, kept, discount, first)
    rng = stream(seed, f"lifetime value/{segment}")
    drawn = np.empty(draws)
    for at in range(draws):
        sample = sums[rng.integers(n, size=n)].sum(axis=0)[None]
        drawn[at] = _value(*_rates(sample, share), discount, first)[0]
    known = drawn[np.isfinite(drawn)]
    low, high = (
        np.quantile(known, [(1 - level) / 2, (1 + level) / 2]) if len(known) and n > 1 else (np.nan,) * 2
    )
    return {
        "segment": segment,
        "customers": n,
        "periods": span,
        "margin": float(margin[0]),
        "retention": float(kept[0]),
        "discount": discount,
        "value": float(value[0]),
        "low": float(low),
        "high": float(high),
    }


def _rates(sums: Matrix, share: float) -> tuple[Vector, Vector]:
    """Margin by active customer and period, and retention, of sums (b, 4)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(share * sums[:, 0] / sums[:, 1]), np.asarray(sums[:, 3] / sums[:, 2])


def _value(margin: Vector, kept: Vector, discount: float, first: str) -> Vector:
    with np.errstate(divide="ignore", invalid="ignore"):
        value = margin * (kept if first == "next" else 1 + discount) / (1 + discount - kept)
    return np.where(np.isfinite(value), value, np.nan)


def _labels(
    names: list[str], segments: Mapping[str, str] | pd.Series | pd.DataFrame
) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """The segment of each customer, "" where there is none."""
    import pandas as pd

    if isinstance(segments, pd.DataFrame):
        if not {"customer", "segment"} <= set(segments.columns):
            raise OptionError("segments: the frame needs the columns 'customer' and 'segment'.")
        pairs = zip(segments["customer"].tolist(), segments["segment"].tolist(), strict=True)
    elif isinstance(segments, pd.Series):
        pairs = zip(segments.index.tolist(), segments.tolist(), strict=True)
    else:
        pairs = zip(segments.keys(), segments.values(), strict=True)
    known = {str(who): "" if what is None or what != what else str(what) for who, what in pairs}
    labels = np.array([known.get(name, "") for name in names], dtype=str)
    if not (labels != "").any():
        raise DataError(
            f"segments name none of the customers; the purchases are of {', '.join(names[:3])}, …, "
            f"the segments of {', '.join(list(known)[:3])}."
        )
    return labels
