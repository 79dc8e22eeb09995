"""Who comes back: cohorts by their first purchase, and the rate from one period to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Mask
from research.numerics.shares import wilson_interval
from research.readable import Readable
from research.segments.inputs import checked_level
from research.segments.transactions import one_day, period_name, period_numbers, read_purchases

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, slots=True)
class Retention(Readable):
    """`cohorts`: `cohort age size active share low high`: of the customers whose first purchase was in
    `cohort`, those who bought `age` periods later. `ages`: `age size active share low high`, all cohorts
    that were observed so long. `periods`: `period active retained rate low high`: of those who bought in a
    period, the ones who bought in the next. `rate`: `active retained rate low high` over all periods.
    """

    cohorts: pd.DataFrame
    ages: pd.DataFrame
    periods: pd.DataFrame
    rate: dict[str, float]
    period: str
    notes: tuple[str, ...]
    simulated: bool = False


def retention(
    transactions: object,
    customer: str = "customer",
    date: str = "date",
    period: Literal["week", "month", "quarter", "year"] = "month",
    *,
    until: object = None,
    level: float = 0.95,
    day_first: bool | None = None,
) -> Retention:
    """Retention by cohort and from period to period, with Wilson's intervals.

    A customer is active in a period with a purchase in it. `until`: the last day observed (left out: that of
    the last purchase); its period counts only where it is whole. What lies beyond is not observed and is not
    in the table; a zero is in it. The interval of the rate takes a customer's periods as independent.

    Errors: columns and dates as in `read_purchases`; fewer than two whole periods.

    >>> import pandas as pd
    >>> sales = pd.DataFrame({"customer": list("abaca"), "date": ["2024-01-02", "2024-01-09", "2024-02-11",
    ...     "2024-02-20", "2024-03-31"]})
    >>> retention(sales).rate["rate"]
    0.5
    """
    import pandas as pd

    checked_level(level)
    read = read_purchases(transactions, customer, date, None, day_first=day_first)
    end = pd.Timestamp(read.frame["date"].max()) if until is None else one_day(until, "until", day_first)
    frame = read.frame[read.frame["date"] <= end]
    notes = list(read.notes)
    if len(frame) < len(read.frame):
        notes.append(f"{len(read.frame) - len(frame)} purchases after {end.date()} are left out.")
    if not len(frame):
        raise DataError(f"no purchase lies on or before until={end.date()}.")
    number = period_numbers(frame["date"], period)
    last = int(period_numbers(pd.Series([end]), period)[0])
    following = int(period_numbers(pd.Series([end + pd.Timedelta(days=1)]), period)[0])
    if following == last:
        notes.append(f"the {period} of {end.date()} is not whole and is left out.")
        last -= 1
    first = int(number.min())
    if last - first < 1:
        raise DataError(f"the purchases span fewer than two whole {period}s; retention needs two at least.")
    active = _active(frame["customer"].to_numpy(), number, first, last)
    begun = active.argmax(axis=1)
    cohorts = _cohorts(active, begun, first, period, level)
    ages = _ages(cohorts, level)
    now, then = active[:, :-1], active[:, 1:]
    bought = now.sum(axis=0).astype(float)
    kept = (now & then).sum(axis=0).astype(float)
    periods = _shares(bought, kept, level, ("active", "retained", "rate"))
    periods.insert(0, "period", [period_name(first + at, period) for at in range(last - first)])
    total = _shares(np.array([bought.sum()]), np.array([kept.sum()]), level, ("active", "retained", "rate"))
    rate = {str(name): float(total[name].iloc[0]) for name in total.columns}
    return Retention(cohorts, ages, periods, rate, period, tuple(notes), simulated=read.simulated)


def _active(
    customers: np.ndarray[tuple[int], np.dtype[np.object_]],
    number: np.ndarray[tuple[int], np.dtype[np.int64]],
    first: int,
    last: int,
) -> Mask:
    """Whether each customer bought in each period, (customers, periods)."""
    within = number <= last
    names, place = np.unique(customers[within].astype(str), return_inverse=True)
    active: Mask = np.zeros((len(names), last - first + 1), dtype=np.bool_)
    active[place, number[within] - first] = True
    return active


def _cohorts(
    active: Mask, begun: np.ndarray[tuple[int], np.dtype[np.intp]], first: int, period: str, level: float
) -> pd.DataFrame:
    import pandas as pd

    parts = []
    span = active.shape[1]
    for start in range(span):
        own = active[begun == start]
        if not len(own):
            continue
        kept = own[:, start:].sum(axis=0).astype(float)
        part = _shares(np.full(span - start, float(len(own))), kept, level, ("size", "active", "share"))
        part.insert(0, "age", list(range(span - start)))
        part.insert(0, "cohort", period_name(first + start, period))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _ages(cohorts: pd.DataFrame, level: float) -> pd.DataFrame:
    sums = cohorts.groupby("age", sort=True)[["size", "active"]].sum()
    size, active = (sums[name].to_numpy(dtype=np.float64) for name in ("size", "active"))
    found = _shares(size, active, level, ("size", "active", "share"))
    found.insert(0, "age", [int(age) for age in sums.index.tolist()])
    return found


def _shares(
    n: np.ndarray[tuple[int], np.dtype[np.float64]],
    count: np.ndarray[tuple[int], np.dtype[np.float64]],
    level: float,
    names: tuple[str, str, str],
) -> pd.DataFrame:
    import pandas as pd

    low, high = wilson_interval(count, n, level)
    share = np.divide(count, n, out=np.full(len(n), np.nan), where=n > 0)
    return pd.DataFrame(
        {names[0]: n.astype(int), names[1]: count.astype(int), names[2]: share, "low": low, "high": high}
    )
