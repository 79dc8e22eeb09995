"""Typology and profiles: planted types, cuts and ties, R's numbers of the tests, bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_survey import survey

import research
from research.errors import DataError, OptionError
from research.numerics.group_means import welch_test
from research.numerics.shares import independence, wilson_interval
from research.segments.typology import TYPES

GOLDEN = json.loads((Path(__file__).parent / "reference" / "segments.json").read_text(encoding="utf-8"))


def test_welch_chi_square_and_wilson_are_those_of_r() -> None:
    case = GOLDEN["welch"]
    found = welch_test([np.array(values) for values in case["groups"]])
    assert [found.f, found.df1, found.df2, found.p] == pytest.approx(
        [case[k] for k in ("f", "df1", "df2", "p")]
    )
    case = GOLDEN["chi"]
    test = independence(np.array(case["counts"], dtype=float))
    assert [test.chisq, test.df, test.p] == pytest.approx([case["chisq"], case["df"], case["p"]])
    assert test.smallest_expected == pytest.approx(case["least"])
    for case in GOLDEN["wilson"]:
        low, high = wilson_interval(np.array([float(case["x"])]), np.array([float(case["n"])]))
        assert [low[0], high[0]] == pytest.approx(case["limits"], abs=1e-9)


def planted(n: int = 800) -> tuple[pd.DataFrame, np.ndarray]:
    """Four types of customers, as far apart as agreement on seven points allows."""
    rng = np.random.default_rng(11)
    own = rng.choice(4, n, p=[0.4, 0.2, 0.15, 0.25])
    attitude = np.array([5.8, 5.7, 2.4, 2.3])[own] + rng.normal(0, 0.5, n)
    behaviour = np.array([5.9, 2.2, 5.7, 2.1])[own] + rng.normal(0, 0.5, n)
    frame = pd.DataFrame({"likes": attitude.clip(1, 7), "buys": behaviour.clip(1, 7)})
    frame["spend"] = np.array([300.0, 120, 250, 40])[own] + rng.normal(0, 20, n)
    frame["town"] = np.where(own == 0, "Ulm", "Kiel")
    return frame, own


@pytest.mark.parametrize("cut", ["midpoint", "mixture", {"likes": 4, "buys": 4.1}])
def test_planted_types_are_found(cut: Any) -> None:
    frame, own = planted()
    found = research.typology(
        frame, "likes", "buys", cut, scale=(1, 7), numbers=["spend"], categories=["town"]
    )
    assert (found.rows["type"].to_numpy() == np.array(TYPES)[own]).mean() > 0.99
    assert found.counts["share"].tolist() == pytest.approx([0.4, 0.2, 0.15, 0.25], abs=0.04)
    means = found.profile.means.set_index("segment")["mean"]
    assert means.to_dict() == pytest.approx({"true": 300, "latent": 120, "spurious": 250, "none": 40}, abs=8)
    assert (found.profile.tests["p_holm"] < 1e-10).all()
    assert (found.counts["low"] < found.counts["share"]).all()
    if cut == "mixture":
        assert found.cuts["likes"] == pytest.approx(4.05, abs=0.2)


def test_the_median_names_its_ties_and_where_they_go() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3, 3, 3, 5, 6.0], "b": [1, 2, 3, 4, 5, 6, 7.0]})
    low = research.typology(frame, "a", "b")
    high = research.typology(frame, "a", "b", ties="high")
    out = research.typology(frame, "a", "b", ties="leave_out")
    assert low.cuts == {"a": 3, "b": 4}
    assert low.ties == {"a": 3, "b": 1}
    assert low.counts["n"].tolist() == [2, 0, 1, 4]
    assert high.counts["n"].tolist() == [4, 1, 0, 2]
    assert out.counts["n"].sum() == 4
    assert any("3 rows lie on the cut of 'a' (3) and are counted as low" in note for note in low.notes)
    assert any("of the type 'latent'" in note for note in low.notes)


def test_the_midpoint_is_that_of_the_questionnaires_scale() -> None:
    answers = pd.DataFrame({"TR1": [5.0, 1, 4], "TR2": [5.0, 2, 4], "TR3": [4.0, 1, 5], "LO1": [5.0, 1, 1],
                            "LO2": [4.0, 2, 1], "gender": ["f", "m", "f"]})  # fmt: skip
    from research.responses.nouns import Responses, Source

    responses = Responses(answers, survey(), Source("", "", "simulated"))
    found = research.typology(responses, "trust", "loyalty", "midpoint")
    assert found.cuts == {"trust": 3, "loyalty": 3}
    assert found.rows["type"].tolist() == ["true", "none", "latent"]
    assert found.notes[0].startswith("Simulated answers")
    assert set(found.profile.tests["variable"]) == {"gender"}


def test_rows_without_a_score_have_no_type() -> None:
    frame, _ = planted(200)
    frame.loc[[2, 9], "likes"] = np.nan
    found = research.typology(frame, "likes", "buys", numbers=["spend"])
    assert found.rows["type"].isna().sum() == 2
    assert any("2 of 200 rows have no type" in note for note in found.notes)
    assert found.profile.means["n"].sum() == 198


def test_one_class_is_said_not_to_be_two() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(4, 1, (300, 2)), columns=["a", "b"])
    try:
        notes = research.typology(frame, "a", "b", "mixture").notes
    except DataError as error:
        notes = (str(error),)
    assert any("no better than one" in note or "no boundary" in note for note in notes)


GOOD = pd.DataFrame({"a": [1.0, 2, 3, 5], "b": [2.0, 1, 4, 3], "g": list("xyxy")})


@pytest.mark.parametrize(
    ("frame", "options", "words"),
    [
        (GOOD, {"attitude": "z"}, "no column 'z'"),
        (GOOD, {"attitude": "g"}, "'g' holds text"),
        (GOOD, {"attitude": "b"}, "both 'b'"),
        (GOOD.assign(a=3), {}, "'a' is constant"),
        (GOOD.assign(a=np.nan), {}, "'a' has no value"),
        (GOOD.assign(a=[1, np.nan, np.nan, np.nan]), {}, "1 rows have both"),
        (GOOD, {"cut": "middle"}, "'middle' is not known.*median, midpoint, mixture"),
        (GOOD, {"cut": "midpoint"}, "scale of 'a' is not known"),
        (GOOD, {"cut": "midpoint", "scale": (7, 1)}, "lowest and a highest"),
        (GOOD, {"cut": {"a": 3}}, "a and b"),
        (GOOD, {"cut": {"a": 9, "b": 2}}, "between 1 and 5"),
        (GOOD, {"cut": {"a": "3", "b": 2}}, "is not a number"),
        (GOOD, {"ties": "up"}, "'up' is not known"),
        (GOOD, {"level": 95}, "level=95"),
        (GOOD, {"numbers": ["zz"]}, "no column 'zz'"),
        (GOOD.iloc[:0], {}, "no rows"),
    ],
)
def test_bad_input_is_named(frame: pd.DataFrame, options: dict[str, Any], words: str) -> None:
    given = {"attitude": "a", "behaviour": "b", **options}
    with pytest.raises((DataError, OptionError), match=words):
        research.typology(frame, **given)
