"""Core customers: profitable and loyal, buying mostly here, worth more to us than to rivals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, OptionError
from research.numerics.arrays import Mask, Vector
from research.numerics.shares import wilson_interval
from research.readable import Readable
from research.segments.inputs import (
    checked_level,
    checked_number,
    column_of,
    origin_notes,
    segment_frame,
    whole_number,
)

if TYPE_CHECKING:
    import pandas as pd

CRITERIA = ("profitable_loyal", "largest_share", "worth_more_here")


@dataclass(frozen=True, repr=False, slots=True)
class CoreCustomers(Readable):
    """`rows`: the columns used, one column of true and false a criterion (missing where it is not known),
    `met` (how many) and `core`. `counts`: `criterion n known share low high`, the criteria and then "core".
    `core`: the rows of the core customers. `thresholds`: what each column was compared with.
    """

    rows: pd.DataFrame
    counts: pd.DataFrame
    core: pd.DataFrame
    thresholds: dict[str, float]
    notes: tuple[str, ...]
    simulated: bool = False


def core_customers(
    data: object,
    *,
    profit: str | None = None,
    loyalty: str | None = None,
    share: str | None = None,
    rival: str | None = None,
    profit_above: float = 0.0,
    loyalty_above: float | None = None,
    share_above: float = 0.5,
    rival_margin: float = 0.0,
    needed: int | None = None,
    level: float = 0.95,
) -> CoreCustomers:
    """Flag each customer on the three questions of Reichheld (1996, The Loyalty Effect, chapter 3).

    1 `profitable_loyal`: `profit` above `profit_above` and `loyalty` above `loyalty_above` (left out: its
    median); one of the two columns is enough, and the notes say which is missing. 2 `largest_share`: `share`
    of purchases, from 0 to 1 or 0 to 100, above `share_above` (a share). 3 `worth_more_here`: `profit` less
    what the customer is worth to the best `rival` above `rival_margin`.
    A core customer meets at least `needed` of the criteria there are columns for (left out: all of them).
    A criterion is missing where a value is; it then does not count as met.

    Errors: no column at all, unknown or text columns, `rival` without `profit`, shares beyond 0-100.

    >>> import pandas as pd
    >>> customers = pd.DataFrame({"earned": [20, 5, -3], "share": [0.8, 0.3, 0.9], "elsewhere": [4, 9, 1]})
    >>> found = core_customers(customers, profit="earned", share="share", rival="elsewhere")
    >>> found.rows["met"].tolist(), found.core.index.tolist()
    ([3, 1, 1], [0])
    """
    import pandas as pd

    checked_level(level)
    frame = segment_frame(data)
    named = {"profit": profit, "loyalty": loyalty, "share": share, "rival": rival}
    columns = {what: column_of(frame, name) for what, name in named.items() if name is not None}
    if not columns:
        raise OptionError("name at least one column: profit=, loyalty=, share= or rival=.")
    if "rival" in columns and "profit" not in columns:
        raise OptionError("rival= is compared with what the customer is worth here: give profit= too.")
    limits = _limits(columns, profit_above, loyalty_above, share_above, rival_margin)
    notes = list(origin_notes(data))
    flags: dict[str, tuple[Mask, Mask]] = {}
    first = [name for name in ("profit", "loyalty") if name in columns]
    if first:
        met = np.all([columns[name] > limits[name] for name in first], axis=0)
        known = np.all([np.isfinite(columns[name]) for name in first], axis=0)
        flags[CRITERIA[0]] = (met, known)
        if len(first) == 1:
            other = "loyalty" if first == ["profit"] else "profit"
            notes.append(f"no column of {other} is given; the first criterion rests on {first[0]} alone.")
    if "share" in columns:
        portion = _portions(columns["share"], str(share))
        flags[CRITERIA[1]] = (portion > limits["share"], np.isfinite(portion))
    if "rival" in columns:
        gain = columns["profit"] - columns["rival"]
        flags[CRITERIA[2]] = (gain > limits["rival"], np.isfinite(gain))
    absent = [name for name in CRITERIA if name not in flags]
    if absent:
        notes.append(f"not asked: {', '.join(absent)} (no column is given).")
    least = len(flags) if needed is None else whole_number("needed", needed, 1)
    if least > len(flags):
        raise OptionError(f"needed={least}, and the columns given answer {len(flags)} criteria.")
    rows = pd.DataFrame({str(named[what]): values for what, values in columns.items()}, index=frame.index)
    for name, (met, known) in flags.items():
        rows[name] = pd.array(np.where(known, met, False), dtype="boolean")
        rows.loc[~known, name] = pd.NA
    total = np.sum([met & known for met, known in flags.values()], axis=0)
    rows["met"] = total.astype(int)
    rows["core"] = total >= least
    unknown = int(np.any([~known for _, known in flags.values()], axis=0).sum())
    if unknown:
        notes.append(f"{unknown} of {len(rows)} customers lack a value; what it stands for is not met.")
    counts = _counts(flags, np.asarray(total >= least), level)
    core = rows[rows["core"].to_numpy(dtype=bool)]
    return CoreCustomers(rows, counts, core, limits, tuple(notes), simulated=bool(origin_notes(data)))


def _limits(
    columns: dict[str, Vector],
    profit_above: float,
    loyalty_above: float | None,
    share_above: float,
    rival_margin: float,
) -> dict[str, float]:
    given = {
        "profit": checked_number("profit_above", profit_above),
        "share": checked_number("share_above", share_above, 0.0, 1.0),
        "rival": checked_number("rival_margin", rival_margin),
    }
    if "loyalty" in columns:
        middle = float(np.nanmedian(columns["loyalty"]))
        given["loyalty"] = middle if loyalty_above is None else checked_number("loyalty_above", loyalty_above)
    return {name: given[name] for name in columns}


def _portions(values: Vector, name: str) -> Vector:
    """Shares from 0 to 1; percentages where one is above 1."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low < 0 or high > 100:
        raise DataError(
            f"column '{name}' holds {low if low < 0 else high:g}; a share of purchases lies between 0 and "
            "100."
        )
    return values / 100 if high > 1 else values


def _counts(flags: dict[str, tuple[Mask, Mask]], core: Mask, level: float) -> pd.DataFrame:
    import pandas as pd

    rows = [(name, int((met & known).sum()), int(known.sum())) for name, (met, known) in flags.items()]
    rows.append(("core", int(core.sum()), len(core)))
    count, n = (np.array([row[at] for row in rows], dtype=float) for at in (1, 2))
    low, high = wilson_interval(count, n, level)
    counts = pd.DataFrame(rows, columns=["criterion", "n", "known"])
    return counts.assign(share=count / np.maximum(n, 1), low=low, high=high)
