"""What a segment is like: means and shares of other variables in each, and tests of their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from research.errors import DataError
from research.numerics.arrays import Vector
from research.numerics.group_means import mean_interval, welch_test
from research.numerics.multiple_tests import holm
from research.numerics.shares import independence, wilson_interval
from research.responses.columns import group_labels
from research.responses.nouns import Responses
from research.segments.inputs import column_of, numbers_first, unique

if TYPE_CHECKING:
    import pandas as pd

FEW_EXPECTED = 5.0  # Cochran (1954, Biometrics 10): below it the chi-square is an approximation at risk


@dataclass(frozen=True, slots=True)
class Profile:
    """Segments described by other variables.

    `means`: `segment variable n mean low high sd z z_low z_high`, a row a segment and number; z is the
    mean in standard deviations of all rows from their mean. `shares`: `segment variable value n total share
    low high`.
    `tests`: `variable kind statistic df1 df2 p p_holm effect smallest_expected`: Welch's F with eta squared,
    chi-square with Cramér's V; Holm (1979) over all of them.
    """

    means: pd.DataFrame
    shares: pd.DataFrame
    tests: pd.DataFrame
    notes: tuple[str, ...] = ()


def profile_columns(data: object, frame: pd.DataFrame, leave: Sequence[str]) -> tuple[list[str], list[str]]:
    """Numbers and categories that describe a respondent: constructs, number questions; choices.

    Without the columns `leave`, and without constructs that are made of them.
    """
    if not isinstance(data, Responses):
        return [], []
    survey = data.questionnaire
    numbers = [c.name for c in survey.constructs if not set(c.components) & set(leave)]
    numbers += [q.id for q in survey.background if q.kind == "number" and not q.personal]
    choices = [q.id for q in survey.background if q.kind == "choice" and not q.personal]
    there = set(map(str, frame.columns)) - set(leave)

    def filled(name: str) -> bool:
        return name in there and bool(frame[name].notna().any())

    return [name for name in numbers if filled(name)], [name for name in choices if filled(name)]


def segment_profile(
    frame: pd.DataFrame,
    segment: NDArray[np.str_],
    names: Sequence[str],
    numbers: Sequence[str],
    categories: Sequence[str] = (),
    *,
    level: float = 0.95,
) -> Profile:
    """Describe the segments `names` (in this order; rows with another label do not count)."""
    import pandas as pd

    if len(segment) != len(frame):
        raise DataError(f"{len(segment)} rows have a segment, and the data have {len(frame)} rows.")
    means: list[tuple[object, ...]] = []
    shares: list[tuple[object, ...]] = []
    tests: list[dict[str, object]] = []
    notes: list[str] = []
    for name in unique(numbers):
        rows, test = _number(name, column_of(frame, name), segment, names, level)
        means += rows
        tests.append(test)
    for name in unique(categories):
        rows, test = _category(name, group_labels(frame, name), segment, names, level)
        shares += rows
        tests.append(test)
        smallest = test["smallest_expected"]
        if isinstance(smallest, float) and smallest < FEW_EXPECTED:
            notes.append(
                f"{name}: a cell has an expected count of {smallest:.1f}, below {FEW_EXPECTED:g}; "
                "the chi-square test is approximate (Cochran 1954)."
            )
    tested = pd.DataFrame(tests, columns=_TESTS[:6] + _TESTS[7:])
    adjusted = holm(tested["p"].to_numpy(dtype=np.float64)) if len(tested) else np.empty(0)
    tested.insert(6, "p_holm", adjusted)
    return Profile(
        pd.DataFrame(means, columns=_MEANS),
        pd.DataFrame(shares, columns=["segment", "variable", "value", "n", "total", "share", "low", "high"]),
        tested,
        tuple(notes),
    )


_MEANS = ["segment", "variable", "n", "mean", "low", "high", "sd", "z", "z_low", "z_high"]
_TESTS = ["variable", "kind", "statistic", "df1", "df2", "p", "p_holm", "effect", "smallest_expected"]


def _number(
    name: str, values: Vector, segment: NDArray[np.str_], names: Sequence[str], level: float
) -> tuple[list[tuple[object, ...]], dict[str, object]]:
    known = np.isfinite(values) & np.isin(segment, list(names))
    centre = float(values[known].mean()) if known.any() else np.nan
    spread = float(values[known].std(ddof=1)) if known.sum() > 1 else np.nan
    rows: list[tuple[object, ...]] = []
    groups = []
    for each in names:
        own = values[known & (segment == each)]
        groups.append(own)
        mean, low, high = mean_interval(own, level)
        sd = float(own.std(ddof=1)) if len(own) > 1 else np.nan
        z, z_low, z_high = (
            (value - centre) / spread if spread > 0 else np.nan for value in (mean, low, high)
        )
        rows.append((each, name, len(own), mean, low, high, sd, z, z_low, z_high))
    test = welch_test(groups)
    return rows, {
        "variable": name,
        "kind": "welch",
        "statistic": test.f,
        "df1": test.df1,
        "df2": test.df2,
        "p": test.p,
        "effect": test.eta2,
        "smallest_expected": np.nan,
    }


def _category(
    name: str, values: NDArray[np.str_], segment: NDArray[np.str_], names: Sequence[str], level: float
) -> tuple[list[tuple[object, ...]], dict[str, object]]:
    known = (values != "") & np.isin(segment, list(names))
    options = sorted(set(values[known].tolist()), key=numbers_first)
    counts = np.array(
        [[float(((values == v) & (segment == s) & known).sum()) for v in options] for s in names]
    ).reshape(len(names), len(options))
    rows: list[tuple[object, ...]] = []
    for each, row in zip(names, counts, strict=True):
        total = row.sum()
        low, high = wilson_interval(row, np.full(len(row), total), level)
        for at, value in enumerate(options):
            share = row[at] / total if total else np.nan
            rows.append((each, name, value, int(row[at]), int(total), share, low[at], high[at]))
    test = independence(counts)
    return rows, {
        "variable": name,
        "kind": "chi-square",
        "statistic": test.chisq,
        "df1": float(test.df),
        "df2": np.nan,
        "p": test.p,
        "effect": test.v,
        "smallest_expected": test.smallest_expected,
    }
