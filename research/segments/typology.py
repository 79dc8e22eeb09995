"""The loyalty typology of Dick & Basu (1994): attitude and behaviour, each high or low."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError, OptionError
from research.numerics.arrays import Vector
from research.numerics.gaussian_mixture import GaussianMixture, fit_mixture
from research.numerics.mixture_measures import information_criteria
from research.numerics.shares import wilson_interval
from research.provenance import stream
from research.readable import Readable
from research.segments.inputs import (
    Range,
    checked_choice,
    checked_level,
    checked_number,
    column_of,
    origin_notes,
    scale_range,
    segment_frame,
    unique,
)
from research.segments.profiles import Profile, profile_columns, segment_profile

if TYPE_CHECKING:
    import pandas as pd

TYPES = ("true", "latent", "spurious", "none")  # Dick & Basu (1994), figure 2
CUTS = ("median", "midpoint", "mixture")
TIES = ("low", "high", "leave_out")


@dataclass(frozen=True, repr=False, slots=True)
class Typology(Readable):
    """`counts`: `type n share low high`, Wilson intervals. `rows`: `attitude behaviour type`, indexed as the
    data, the type missing where a score is. `cuts`: {column: value}; `ties`: {column: rows on the cut}.
    `profile`: the types described by the other variables.
    """

    attitude: str
    behaviour: str
    cut: str
    cuts: Mapping[str, float]
    ties: Mapping[str, int]
    counts: pd.DataFrame
    rows: pd.DataFrame
    profile: Profile
    notes: tuple[str, ...]
    simulated: bool = False


def typology(
    data: object,
    attitude: str,
    behaviour: str,
    cut: Literal["median", "midpoint", "mixture"] | Mapping[str, float] = "median",
    *,
    ties: Literal["low", "high", "leave_out"] = "low",
    scale: Range | Mapping[str, Range] | None = None,
    numbers: Sequence[str] | None = None,
    categories: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 1,
) -> Typology:
    """Sort respondents into true, latent, spurious and no loyalty.

    Attitude and behaviour both high: true; attitude high, behaviour low: latent; attitude low, behaviour
    high: spurious; both low: none. Dick & Basu (1994, J. Acad. Marketing Sci. 22, 99-113).
    `attitude`, `behaviour`: columns of a frame, or constructs of Responses (scale scores).
    `cut`: "median"; "midpoint" of the answer scale (from the questionnaire, or `scale`: (low, high) or one a
    column); "mixture", where two normal classes are equally likely (`seed`); or {column: value}.
    `ties`: where scores on the cut go; they are counted and named. `numbers`, `categories`: columns that
    describe the types; by default all other constructs and number questions, and the choice questions.

    Errors: unknown, text, constant columns; fewer than two rows with both; a cut outside the scores.

    >>> import pandas as pd
    >>> answers = pd.DataFrame({"likes": [1, 5, 5, 1, 2, 4], "buys": [1, 5, 1, 5, 2, 4]})
    >>> typology(answers, "likes", "buys", cut={"likes": 3, "buys": 3}).counts["n"].tolist()
    [2, 1, 1, 2]
    """
    import pandas as pd

    checked_level(level)
    checked_choice("ties", ties, TIES)
    if attitude == behaviour:
        raise OptionError(f"attitude and behaviour are both '{attitude}'; the typology needs two variables.")
    frame = segment_frame(data)
    scores = {name: column_of(frame, name) for name in (attitude, behaviour)}
    both = np.isfinite(scores[attitude]) & np.isfinite(scores[behaviour])
    if both.sum() < 2:
        raise DataError(f"{int(both.sum())} rows have both '{attitude}' and '{behaviour}'; two are needed.")
    complete = {name: values[both] for name, values in scores.items()}
    for name, values in complete.items():
        if values.min() == values.max():
            raise DataError(f"column '{name}' is constant: every value is {values[0]:g}; it cannot be cut.")
    cuts, notes = _cuts(data, complete, cut, scale, seed)
    kinds, tied = _types(scores, cuts, ties)
    notes += [
        f"{count} rows lie on the cut of '{name}' ({cuts[name]:g}) and are "
        f"{'left out' if ties == 'leave_out' else f'counted as {ties}'}."
        for name, count in tied.items()
        if count
    ]
    if not both.all():
        notes.append(f"{int((~both).sum())} of {len(both)} rows have no type: a score is missing.")
    known = np.isin(kinds, TYPES)
    n = int(known.sum())
    count = np.array([(kinds == name).sum() for name in TYPES], dtype=float)
    low, high = wilson_interval(count, np.full(4, float(n)), level)
    counted = pd.DataFrame(
        {"type": list(TYPES), "n": count.astype(int), "share": count / max(n, 1), "low": low, "high": high}
    )
    notes += [f"no respondent is of the type '{name}'." for name in counted.loc[counted["n"] == 0, "type"]]
    default = profile_columns(data, frame, (attitude, behaviour))
    profile = segment_profile(
        frame,
        kinds,
        [str(name) for name in counted.loc[counted["n"] > 0, "type"]],
        default[0] if numbers is None else unique(numbers),
        default[1] if categories is None else unique(categories),
        level=level,
    )
    rows = pd.DataFrame({attitude: scores[attitude], behaviour: scores[behaviour]}, index=frame.index)
    rows["type"] = pd.Series([str(k) if k else None for k in kinds], index=frame.index, dtype=object)
    word = cut if isinstance(cut, str) else "given"
    origin = origin_notes(data)
    told = (*origin, *notes, *profile.notes)
    return Typology(
        attitude, behaviour, word, cuts, tied, counted, rows, profile, told, simulated=bool(origin)
    )


def _cuts(
    data: object,
    scores: Mapping[str, Vector],
    cut: str | Mapping[str, float],
    scale: Range | Mapping[str, Range] | None,
    seed: int,
) -> tuple[dict[str, float], list[str]]:
    """The cut of each column, and what is to be said about it."""
    if isinstance(cut, Mapping):
        return _given(scores, cut), []
    checked_choice("cut", cut, CUTS)
    if cut == "median":
        return {name: float(np.median(values)) for name, values in scores.items()}, [
            "Cut at the medians of this sample: high and low are relative to these respondents."
        ]
    if cut == "midpoint":
        middle = {}
        for name in scores:
            own = scale.get(name) if isinstance(scale, Mapping) else scale
            middle[name] = sum(scale_range(data, name, own)) / 2
        return middle, []
    notes: list[str] = []
    return {name: _mixture_cut(name, values, seed, notes) for name, values in scores.items()}, notes


def _given(scores: Mapping[str, Vector], cut: Mapping[str, float]) -> dict[str, float]:
    if set(cut) != set(scores):
        raise OptionError(
            f"cut names {', '.join(map(str, cut))}; it gives a value for {' and '.join(scores)}."
        )
    for name, value in cut.items():
        checked_number(f"cut of '{name}'", value)
        low, high = float(scores[name].min()), float(scores[name].max())
        if not low <= value <= high:
            raise OptionError(f"cut of '{name}' is {value:g}; its scores lie between {low:g} and {high:g}.")
    return {name: float(cut[name]) for name in scores}


def _mixture_cut(name: str, values: Vector, seed: int, notes: list[str]) -> float:
    """Where the two classes of a mixture of normals are equally likely, between their means."""
    X = values[:, None]
    rng = stream(seed, f"typology/{name}")
    one, two = fit_mixture(X, 1, "VII", rng), fit_mixture(X, 2, "VII", rng)
    if one is None or two is None:
        raise DataError(
            f"a mixture of two classes cannot be fitted to '{name}': one class shrinks to a single value. "
            "Use cut='median' or 'midpoint'."
        )
    bic = [information_criteria(each.loglik, each.n_parameters, len(X))["bic"] for each in (one, two)]
    if bic[0] <= bic[1]:
        notes.append(
            f"'{name}': two classes fit no better than one (BIC {bic[1]:.1f} against {bic[0]:.1f}); "
            "the cut by mixture separates nothing that is there."
        )
    return _crossing(name, two)


def _crossing(name: str, two: GaussianMixture) -> float:
    lower, upper = np.argsort(two.means[:, 0])
    grid = np.linspace(float(two.means[lower, 0]), float(two.means[upper, 0]), 20_001)
    log_joint = [
        np.log(two.weights[j])
        - 0.5 * np.log(two.covariances[j, 0, 0])
        - 0.5 * (grid - two.means[j, 0]) ** 2 / two.covariances[j, 0, 0]
        for j in (lower, upper)
    ]
    above = np.flatnonzero(log_joint[1] > log_joint[0])
    if not len(above) or above[0] == 0:
        raise DataError(
            f"the two classes of '{name}' have no boundary between their means: one lies within the other. "
            "Use cut='median' or 'midpoint'."
        )
    return float((grid[above[0] - 1] + grid[above[0]]) / 2)


def _types(
    scores: Mapping[str, Vector], cuts: Mapping[str, float], ties: str
) -> tuple[np.ndarray[tuple[int], np.dtype[np.str_]], dict[str, int]]:
    """The type of each row, "" where there is none, and how many rows lie on each cut."""
    (a, b) = scores.values()
    on, high = {}, []
    for name, values in scores.items():
        on[name] = np.isclose(values, cuts[name], rtol=1e-9, atol=1e-12)
        high.append((values > cuts[name]) & ~on[name] | (on[name] & (ties == "high")))
    number = np.where(high[0], np.where(high[1], 0, 1), np.where(high[1], 2, 3))
    kinds = np.array([*TYPES, ""], dtype=np.str_)[number]
    gone = ~(np.isfinite(a) & np.isfinite(b))
    tied = {name: int((each & ~gone).sum()) for name, each in on.items()}
    if ties == "leave_out":
        gone = gone | np.logical_or(*on.values())
    kinds[gone] = ""
    return kinds, tied
