"""How one value is printed, in English (APA 7) and Chinese (GB/T 15835)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.report.cells import MISSING, print_cell, print_number, print_p, stars_of
from research.report.nouns import Column, ColumnKind


def printed(value: object, kind: ColumnKind, decimals: int = 3, lang: str = "en") -> str:
    return print_cell(value, Column("x", {}, kind, decimals), lang)


@pytest.mark.parametrize(
    ("value", "kind", "decimals", "en", "zh"),
    [
        (0.4567, "statistic", 2, ".46", "0.46"),
        (-0.4567, "statistic", 3, "−.457", "−0.457"),
        (1.0213, "statistic", 2, "1.02", "1.02"),  # a Heywood loading keeps its one
        (1.0, "statistic", 2, "1.00", "1.00"),
        (-0.0004, "statistic", 3, ".000", "0.000"),  # no negative zero
        (0.9996, "statistic", 3, "1.000", "1.000"),
        (0.4567, "number", 2, "0.46", "0.46"),
        (-12.345, "number", 1, "−12.3", "−12.3"),
        (0.0312, "p", 3, ".031", "0.031"),
        (0.000999, "p", 3, "< .001", "< 0.001"),
        (0.001, "p", 3, ".001", "0.001"),
        (0.99951, "p", 3, "> .999", "> 0.999"),
        (1.0, "p", 3, "> .999", "> 0.999"),
        (1090, "integer", 3, "1,090", "1090"),
        (250.0, "integer", 3, "250", "250"),
        (0.256, "percent", 1, "25.6%", "25.6%"),
        (0.004, "stars", 3, "**", "**"),
        (math.inf, "number", 3, "∞", "∞"),
        (np.float64(0.5), "statistic", 2, ".50", "0.50"),
        (np.int64(7), "integer", 0, "7", "7"),
        (True, "text", 3, "yes", "是"),
        (np.bool_(False), "number", 3, "no", "否"),
        ({"en": "Trust", "zh": "信任"}, "text", 3, "Trust", "信任"),
        (("a", "b"), "text", 3, "a, b", "a、b"),
        ("", "number", 3, "", ""),  # a cell left blank on purpose
    ],
)
def test_a_value_is_printed_as_each_language_does(
    value: object, kind: ColumnKind, decimals: int, en: str, zh: str
) -> None:
    assert printed(value, kind, decimals, "en") == en
    assert printed(value, kind, decimals, "zh") == zh


@pytest.mark.parametrize("value", [None, math.nan, np.nan, pd.NA, pd.NaT, {}])
@pytest.mark.parametrize("kind", ["text", "number", "p", "stars"])
def test_a_missing_value_is_an_en_dash(value: object, kind: ColumnKind) -> None:
    assert printed(value, kind) == MISSING == "–"


def test_control_characters_and_line_breaks_leave_a_cell() -> None:
    assert printed("a\x00b\nc\td\x1b", "text") == "ab c d"


@pytest.mark.parametrize(
    ("p", "stars"), [(0.0009, "***"), (0.001, "**"), (0.01, "*"), (0.05, ""), (math.nan, "")]
)
def test_stars_begin_below_their_limit(p: float, stars: str) -> None:
    assert stars_of(p) == stars


@given(st.floats(-1, 1), st.integers(1, 5))
def test_printing_without_the_zero_loses_only_the_zero(value: float, decimals: int) -> None:
    bare = print_number(value, decimals, leading_zero=False)
    assert "-" not in bare
    assert abs(float(bare.replace("−", "-")) - value) <= 0.5000001 * 10.0**-decimals


@given(st.floats(0, 1))
def test_a_p_value_is_never_printed_as_certain(p: float) -> None:
    assert print_p(p) not in {".000", "1.000"}
