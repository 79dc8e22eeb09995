"""A table of purchases: who, when, how much; dates of many forms, refunds said."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError, OptionError
from research.responses.columns import as_pandas, group_labels, numeric_matrix
from research.segments.inputs import checked_choice, origin_notes

if TYPE_CHECKING:
    import pandas as pd

NEGATIVE = ("refuse", "net", "drop")
PERIODS = {"week": "W", "month": "M", "quarter": "Q", "year": "Y"}
PER_YEAR = {"week": 365.25 / 7, "month": 12.0, "quarter": 4.0, "year": 1.0}
_TIME = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_FORMS = (
    (re.compile(rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_TIME}"), "year first"),
    (re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:\.0)?"), "year first"),
    (re.compile(rf"(?P<y>\d{{4}}) ?年 ?(?P<m>\d{{1,2}}) ?月 ?(?P<d>\d{{1,2}}) ?日{_TIME}"), "year first"),
    (re.compile(rf"(?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}})[-/.](?P<y>\d{{4}}){_TIME}"), "year last"),
)


@dataclass(frozen=True, slots=True)
class Purchases:
    """`frame`: `customer` (text), `date` (day), `amount` (float), in the order of the dates."""

    frame: pd.DataFrame
    notes: tuple[str, ...]
    simulated: bool


def read_purchases(
    transactions: object,
    customer: str = "customer",
    date: str = "date",
    amount: str | None = "amount",
    *,
    day_first: bool | None = None,
    negative: Literal["refuse", "net", "drop"] = "refuse",
) -> Purchases:
    """A table of purchases, checked: one row a purchase, in the order of their dates.

    Dates: columns of dates, or texts such as 2024-03-05, 2024/3/5, 20240305, 2024年3月5日, with a time or
    without; 5/3/2024 and 5.3.2024 where `day_first` says which number is the day, or a number above 12 does.
    `negative`: amounts below zero are refused, kept as refunds that lower the sum ("net"), or left out.
    `amount` None: every purchase counts 1.

    Errors name the row: an unknown column, a missing customer, date or amount, a date of no known form.
    """
    import pandas as pd

    checked_choice("negative", negative, NEGATIVE)
    frame = as_pandas(transactions)
    if not len(frame):
        raise DataError("the table of transactions has no rows.")
    names = group_labels(frame, customer)
    if (names == "").any():
        row = int(np.flatnonzero(names == "")[0])
        raise DataError(f"column '{customer}' is empty in row {row + 1}; every purchase needs its customer.")
    group_labels(frame, date)  # an unknown column is named
    days = _days(frame[date], date, day_first)
    value = np.ones(len(frame)) if amount is None else numeric_matrix(frame, [amount])[:, 0]
    notes = list(origin_notes(frame))
    if np.isnan(value).any():
        row = int(np.flatnonzero(np.isnan(value))[0])
        raise DataError(f"column '{amount}' is empty in row {row + 1}; give the amount or leave the row out.")
    below = value < 0
    if below.any():
        row = int(np.flatnonzero(below)[0])
        if negative == "refuse":
            raise DataError(
                f"column '{amount}' holds {value[row]:g} in row {row + 1} ({int(below.sum())} negative "
                "amounts); negative='net' takes them as refunds, 'drop' leaves them out."
            )
        word = "lower the sums as refunds" if negative == "net" else "are left out"
        notes.append(f"{int(below.sum())} negative amounts {word}.")
    read = pd.DataFrame({"customer": names.astype(object), "date": days, "amount": value, "refund": below})
    if negative == "drop":
        read = read[~read["refund"]]
        if not len(read):
            raise DataError(f"every amount in column '{amount}' is negative; nothing is left.")
    ordered = read.sort_values("date", kind="stable", ignore_index=True)
    return Purchases(ordered, tuple(notes), bool(origin_notes(frame)))


def one_day(value: object, what: str, day_first: bool | None = None) -> pd.Timestamp:
    """One date in any of the forms that `read_purchases` takes."""
    import pandas as pd

    days = _days(pd.Series([value], dtype=object), what, day_first)
    return pd.Timestamp(days.iloc[0])


def period_numbers(days: pd.Series, period: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The number of the week, month, quarter or year that each day falls in, counted without gaps."""
    import pandas as pd

    checked_choice("period", period, tuple(PERIODS))
    return pd.PeriodIndex(days, freq=PERIODS[period]).astype("int64").to_numpy()


def period_name(number: int, period: str) -> str:
    """`2024-03`, `2024Q1`, `2024`, or the first day of a week."""
    import pandas as pd

    one = pd.Period(ordinal=int(number), freq=PERIODS[period])
    return one.start_time.strftime("%Y-%m-%d") if period == "week" else str(one)


def _days(column: pd.Series, name: str, day_first: bool | None) -> pd.Series:
    """The column as days without a time."""
    import pandas as pd

    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if column.dtype.kind == "M":
        days = column.dt.tz_localize(None) if getattr(column.dt, "tz", None) is not None else column
        gone = np.flatnonzero(days.isna().to_numpy())
        if len(gone):
            raise DataError(
                f"column '{name}' is empty in row {int(gone[0]) + 1}; every purchase needs its date."
            )
        whole = np.asarray(days.to_numpy(), dtype="datetime64[D]")
        return pd.Series(whole, dtype="datetime64[us]")
    missing = column.isna().tolist()
    values = zip(column.tolist(), missing, strict=True)
    cells = [_cell(None if gone else value, row, name) for row, (value, gone) in enumerate(values)]
    known: dict[str, tuple[int, int, int, bool]] = {}
    for row, cell in enumerate(cells):
        if cell not in known:
            known[cell] = _numbers(cell, row, name)
    parts = [known[cell] for cell in cells]
    last = [(row, part) for row, part in enumerate(parts) if part[3]]
    order = _order(last, cells, name, day_first) if last else True
    found = np.empty(len(parts), dtype="datetime64[D]")
    for row, (first, second, year, swapped) in enumerate(parts):
        day, month = (first, second) if order or not swapped else (second, first)
        try:
            found[row] = datetime.date(year, month, day)
        except ValueError:
            raise DataError(
                f"column '{name}' holds {cells[row]!r} in row {row + 1}, which is no day of the calendar."
            ) from None
    return pd.Series(found, dtype="datetime64[us]")


def _cell(value: object, row: int, name: str) -> str:
    if isinstance(value, datetime.date):
        text = value.isoformat()
        if text != "NaT":
            return text
    text = "" if value is None else str(value).strip()
    if not text:
        raise DataError(f"column '{name}' is empty in row {row + 1}; every purchase needs its date.")
    return text


def _numbers(text: str, row: int, name: str) -> tuple[int, int, int, bool]:
    """(day, month, year, False), or (first, second, year, True) where the year stands last."""
    for form, order in _FORMS:
        match = form.fullmatch(text)
        if match is None:
            continue
        if order == "year first":
            return int(match["d"]), int(match["m"]), int(match["y"]), False
        return int(match["a"]), int(match["b"]), int(match["y"]), True
    hint = ""
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        hint = " It looks like the number of a day in a spreadsheet: format the column as dates there."
    raise DataError(
        f"column '{name}' holds {text!r} in row {row + 1}, which is no date; write 2024-03-05.{hint}"
    )


def _order(
    last: list[tuple[int, tuple[int, int, int, bool]]], cells: list[str], name: str, day_first: bool | None
) -> bool:
    """Whether the day stands first in dates such as 5/3/2024."""
    days = next((row for row, part in last if part[0] > 12), None)
    months = next((row for row, part in last if part[1] > 12), None)
    if days is not None and months is not None:
        raise DataError(
            f"column '{name}' mixes two orders of day and month: {cells[days]!r} in row {days + 1} and "
            f"{cells[months]!r} in row {months + 1}; write the year first."
        )
    if day_first is not None:
        wrong = months if day_first else days
        if wrong is not None:
            raise OptionError(
                f"day_first={day_first}, but column '{name}' holds {cells[wrong]!r} in row {wrong + 1}."
            )
        return day_first
    if days is None and months is None:
        raise DataError(
            f"column '{name}' holds {cells[last[0][0]]!r}, and no row tells the day from the month; give "
            "day_first=True or False."
        )
    return days is not None
