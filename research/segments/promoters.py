"""The net promoter score: promoters less detractors, with intervals, and differences between groups."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from research.errors import DataError, OptionError
from research.numerics.arrays import Vector
from research.numerics.chi_square import chi2_sf, normal_quantile, two_sided_p
from research.numerics.multiple_tests import holm
from research.numerics.shares import balance, balance_score_interval
from research.provenance import stream
from research.readable import Readable
from research.segments.inputs import (
    checked_choice,
    checked_level,
    checked_number,
    column_of,
    groups_of,
    in_order,
    origin_notes,
    segment_frame,
    whole_number,
)

if TYPE_CHECKING:
    import pandas as pd

PROMOTER, DETRACTOR = 9.0, 6.0  # Reichheld (2003, Harvard Business Review 81(12)): 9-10 and 0-6 of 0-10
INTERVALS = ("score", "delta", "bootstrap")


@dataclass(frozen=True, repr=False, slots=True)
class NetPromoter(Readable):
    """`scores`: `group n promoters passives detractors promoter_share passive_share detractor_share nps se
    low high`, everybody first (group ""); nps, se, low and high from -100 to 100. `pairs`: `first second
    difference se z p p_holm low high`. `test`: `chisq df p`, whether all groups have one score.
    """

    scores: pd.DataFrame
    pairs: pd.DataFrame
    test: dict[str, float]
    interval: str
    notes: tuple[str, ...]
    simulated: bool = False


def nps(
    answers: object,
    column: str | None = None,
    *,
    group: str | None = None,
    promoter: float = PROMOTER,
    detractor: float = DETRACTOR,
    interval: Literal["score", "delta", "bootstrap"] = "score",
    level: float = 0.95,
    draws: int = 5000,
    seed: int = 1,
) -> NetPromoter:
    """Percentage of promoters less percentage of detractors among the answers to "would you recommend us?".

    `answers`: a sequence of answers from 0 to 10, or a frame or Responses with the `column` that holds them.
    Promoters answer `promoter` or more, detractors `detractor` or less; answers outside 0-10 are refused, so
    that a scale of 5 or 7 points is not read as one of 11 (for those give both limits).
    `interval`: "score", the limits that a score test does not reject (Tango 1998; Wilson's interval for a
    balance, which never passes -100 or 100), "delta" (normal approximation), "bootstrap" (percentiles of
    `draws` samples). Groups are compared by Wald's test, pairs with Holm's (1979) adjustment.

    `group`: the column that holds them; `level`, `seed`: of the intervals.

    >>> nps([10, 9, 9, 8, 7, 3, 6, 10]).scores["nps"].tolist()
    [25.0]
    """
    import pandas as pd

    checked_level(level)
    checked_choice("interval", interval, INTERVALS)
    draws = whole_number("draws", draws, 100)
    frame, name = _frame(answers, column)
    values = column_of(frame, name)
    default = (promoter, detractor) == (PROMOTER, DETRACTOR)
    _check_answers(values, name, promoter, detractor, default=default)
    labels = groups_of(frame, group)
    rows = [_score("", values, promoter, detractor, interval, level, draws, seed)]
    names = [] if labels is None or group is None else in_order(labels, group, answers)
    notes = list(origin_notes(answers))
    gone = int(np.isnan(values).sum())
    if gone:
        notes.append(f"{gone} of {len(values)} respondents gave no answer and are left out.")
    if default and np.nanmin(values) >= 1 and float(np.nanmax(values)) == 10 and not (values == 0).any():
        notes.append("nobody answered 0; make sure that the scale began at 0 and not at 1.")
    for each in names:
        own = values[labels == each]
        if np.isfinite(own).any():
            rows.append(_score(each, own, promoter, detractor, interval, level, draws, seed))
        else:
            notes.append(f"group '{each}' has no answer.")
    if labels is not None and (labels == "").any():
        notes.append(
            f"{int((labels == '').sum())} respondents have no value of '{group}'; no group has them."
        )
    scores = pd.DataFrame(rows)
    pairs, test, more = _differences(scores[scores["group"] != ""], level)
    return NetPromoter(scores, pairs, test, interval, (*notes, *more), simulated=bool(origin_notes(answers)))


def _frame(answers: object, column: str | None) -> tuple[pd.DataFrame, str]:
    import pandas as pd

    if isinstance(answers, pd.Series):
        return segment_frame(pd.DataFrame({"answers": answers})), "answers"
    if isinstance(answers, (list, tuple, np.ndarray)):
        if np.ndim(answers) != 1:
            raise DataError("answers are a flat list of numbers, or a frame with `column`.")
        return segment_frame(pd.DataFrame({"answers": list(answers)})), "answers"
    frame = segment_frame(answers)
    if column is not None:
        return frame, column
    if len(frame.columns) == 1:
        return frame, str(frame.columns[0])
    raise OptionError("name the column of the answers: nps(data, 'recommend').")


def _check_answers(values: Vector, name: str, promoter: float, detractor: float, *, default: bool) -> None:
    promoter, detractor = checked_number("promoter", promoter), checked_number("detractor", detractor)
    if detractor >= promoter:
        raise OptionError(f"detractor={detractor:g} is not below promoter={promoter:g}.")
    if not default:
        return
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low < 0 or high > 10:
        outside = low if low < 0 else high
        raise DataError(f"'{name}' holds {outside:g}; the net promoter question is answered from 0 to 10.")
    if high <= 7:
        raise DataError(
            f"the highest answer to '{name}' is {high:g}: this looks like a scale of {high:g} points, not "
            "0-10. Give the limits of its own, such as promoter=7, detractor=4."
        )


def _score(
    group: str,
    values: Vector,
    promoter: float,
    detractor: float,
    interval: str,
    level: float,
    draws: int,
    seed: int,
) -> dict[str, object]:
    known = values[np.isfinite(values)]
    n = len(known)
    up, down = int((known >= promoter).sum()), int((known <= detractor).sum())
    estimate, se = balance(up, down, n)
    if interval == "score":
        low, high = balance_score_interval(up, down, n, level)
    elif interval == "delta":
        half = normal_quantile((1 + level) / 2) * se
        low, high = max(-1.0, estimate - half), min(1.0, estimate + half)
    else:
        drawn = stream(seed, f"nps/{group}").multinomial(n, [up / n, down / n, 1 - (up + down) / n], draws)
        tails = [(1 - level) / 2, (1 + level) / 2]
        low, high = (float(x) for x in np.quantile((drawn[:, 0] - drawn[:, 1]) / n, tails))
    return {
        "group": group,
        "n": n,
        "promoters": up,
        "passives": n - up - down,
        "detractors": down,
        "promoter_share": up / n,
        "passive_share": (n - up - down) / n,
        "detractor_share": down / n,
        "nps": 100 * estimate,
        "se": 100 * se,
        "low": 100 * low,
        "high": 100 * high,
    }


def _differences(scores: pd.DataFrame, level: float) -> tuple[pd.DataFrame, dict[str, float], list[str]]:
    """Every pair of groups, and the test that all scores are one: sum of (s - mean)^2 / se^2."""
    import pandas as pd

    columns = ["first", "second", "difference", "se", "z", "p", "p_holm", "low", "high"]
    if len(scores) < 2:
        return pd.DataFrame(columns=columns), {}, []
    value, se = scores["nps"].to_numpy(float), scores["se"].to_numpy(float)
    names: NDArray[np.object_] = scores["group"].to_numpy(object)
    z0 = normal_quantile((1 + level) / 2)
    rows = []
    for i, j in combinations(range(len(names)), 2):
        spread = float(np.hypot(se[i], se[j]))
        z = (value[i] - value[j]) / spread if spread > 0 else np.nan
        p = float(two_sided_p(np.array([z]))[0]) if spread > 0 else np.nan
        difference = value[i] - value[j]
        ends = (difference - z0 * spread, difference + z0 * spread)
        rows.append((names[i], names[j], difference, spread, z, p, np.nan, *ends))
    pairs = pd.DataFrame(rows, columns=columns)
    pairs["p_holm"] = holm(pairs["p"].to_numpy(float))
    if (se <= 0).any():
        flat = ", ".join(str(name) for name in names[se <= 0])
        return pairs, {}, [f"all answers of {flat} are of one kind; the groups cannot be tested together."]
    w = 1 / se**2
    chisq = float((w * (value - (w * value).sum() / w.sum()) ** 2).sum())
    df = len(names) - 1
    return pairs, {"chisq": chisq, "df": float(df), "p": chi2_sf(chisq, df)}, []
