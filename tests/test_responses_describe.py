"""Descriptives against psych 2.x (`describe(type = 2)`), scipy and counts by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from shared import shared
from small_survey import HEADER, ROWS, items_only, survey, write

from research.errors import OptionError
from research.questionnaire.definition import Construct, Point, Scale
from research.responses.describe import (
    answer_shares,
    describe,
    kurtosis,
    sample_profile,
    se_kurtosis,
    se_skewness,
    skewness,
)
from research.responses.reading import read_responses
from research.responses.scores import scale_scores

ECSI = ["IMAG1", "CUSL2", "PERV1", "CUSA1"]

# psych::describe(d, type = 2), R 4.x: n, mean, sd, skew, kurtosis
PSYCH = {
    "IMAG1": (250, 7.640, 1.69998818801, -0.912356970496, 1.785891136309),
    "CUSL2": (250, 4.988, 2.83903088844, 0.551506226136, -0.883202980221),
    "PERV1": (250, 6.156, 2.18328443490, -0.402010430437, -0.171307272556),
    "CUSA1": (250, 7.988, 1.23367085363, -0.222859109824, 0.206168210409),
}


def test_descriptives_equal_psych() -> None:
    frame = describe(read_responses(shared("realdata/ecsi_mobile_250.csv"), items_only(ECSI)))
    frame = frame.set_index("item")
    for item, wanted in PSYCH.items():
        found = frame.loc[item, ["n", "mean", "sd", "skewness", "kurtosis"]].to_numpy(dtype=float)
        np.testing.assert_allclose(found, wanted, rtol=1e-11)  # digits that R printed


def test_skewness_and_kurtosis_equal_scipy() -> None:
    x = np.random.default_rng(1).exponential(size=37)
    assert skewness(x) == pytest.approx(stats.skew(x, bias=False), rel=1e-12)
    assert kurtosis(x) == pytest.approx(stats.kurtosis(x, bias=False), rel=1e-12)


def test_standard_errors_equal_those_that_spss_prints() -> None:
    """SPSS prints .154 and .307 at n = 250; at n = 100 .241 and .478; at n = 30 .427 and .833."""
    for n, skew, kurt in ((250, 0.154, 0.307), (100, 0.241, 0.478), (30, 0.427, 0.833)):
        assert round(se_skewness(n), 3) == skew
        assert round(se_kurtosis(n), 3) == kurt


def test_standard_error_of_skewness_is_its_spread_under_normality() -> None:
    draws = np.random.default_rng(2).standard_normal((20_000, 20))
    spread = np.std([skewness(x) for x in draws[:8000]])
    assert spread == pytest.approx(se_skewness(20), rel=0.03)  # 8,000 draws: SE of an SD is about 0.9 %


def test_what_cannot_be_computed_is_missing() -> None:
    for x in (np.array([]), np.array([1.0]), np.array([2.0, 2.0, 2.0, 2.0])):
        assert np.isnan(skewness(x))
        assert np.isnan(kurtosis(x))


def test_descriptives_of_one_respondent(tmp_path: Path) -> None:
    frame = describe(read_responses(write(tmp_path, HEADER, ROWS[0]), survey())).set_index("item")
    assert frame.loc["TR1", "mean"] == 5
    assert frame.loc["TR1", ["sd", "skewness", "kurtosis"]].isna().all()


def test_floor_ceiling_and_missing(tmp_path: Path) -> None:
    rows = ["5,,1,5,4,f,31,pay,,4", "5,1,1,5,4,f,31,pay,,4", "1,1,5,5,4,f,31,pay,,4", "5,2,1,5,4,f,3,pay,,4"]
    frame = describe(read_responses(write(tmp_path, HEADER, *rows), survey())).set_index("item")
    assert frame.loc["TR1", ["floor", "ceiling"]].tolist() == [0.25, 0.75]
    assert frame.loc["TR2", ["n", "missing", "missing_share"]].tolist() == [3, 1, 0.25]
    assert frame.loc["TR2", "floor"] == pytest.approx(2 / 3)
    assert frame.loc["TR3", ["floor", "ceiling"]].tolist() == [0.25, 0.75], "turned: 1 on paper is 5"


def test_shares_of_answers_are_as_they_were_ticked(tmp_path: Path) -> None:
    shares = answer_shares(read_responses(write(tmp_path, HEADER, *ROWS), survey()))
    ticked = shares[shares["item"] == "TR3"].set_index("value")
    assert ticked["n"].tolist() == [1, 1, 0, 0, 1]
    assert ticked["reverse"].all()
    assert shares.groupby("item")["share"].sum().tolist() == pytest.approx([1.0] * 5)


def test_sample_profile(tmp_path: Path) -> None:
    rows = [*ROWS, "5,4,1,5,4,,,pay,,4"]
    profile = sample_profile(read_responses(write(tmp_path, HEADER, *rows), survey()))
    gender = profile[profile["question"] == "gender"]
    assert gender[["value", "n"]].to_numpy().tolist() == [["f", 2], ["m", 1], ["missing", 1]]
    assert gender["share"].tolist() == pytest.approx([2 / 3, 1 / 3, 1 / 4])
    age = profile[profile["question"] == "age"].iloc[0]
    assert (age["n"], age["mean"], age["min"], age["max"]) == (3, pytest.approx(98 / 3), 22, 45)
    assert age["sd"] == pytest.approx(np.std([31, 45, 22], ddof=1))
    uses = profile[profile["question"] == "uses"].set_index("value")
    assert uses.loc["pay", ["n", "share"]].tolist() == [3, 1.0]
    assert uses.loc["chat", "share"] == pytest.approx(1 / 3)


def test_scale_scores_and_their_rule_for_missing_answers(tmp_path: Path) -> None:
    rows = ["5,4,1,5,4,f,31,pay,,4", "5,,1,5,,f,31,pay,,4", ",,1,,,f,31,pay,,4"]
    responses = read_responses(write(tmp_path, HEADER, *rows), survey())
    strict = scale_scores(responses)
    assert strict["trust"].isna().tolist() == [False, True, True]
    assert strict["trust"][0] == pytest.approx(14 / 3)
    half = scale_scores(responses, min_answered=0.5)
    assert half["trust"].tolist()[:2] == [pytest.approx(14 / 3), 5]
    assert np.isnan(half["trust"][2]), "one of three is less than half"
    assert half["loyalty"].tolist()[:2] == [4.5, 5]
    for share in (0, 1.1, -1):
        with pytest.raises(OptionError, match="min_answered"):
            scale_scores(responses, min_answered=share)


def test_scores_equal_r_on_the_textbook_case() -> None:
    """rowMeans(cusl_1..3) over complete rows in R: 336 of them, mean 5.35515873016."""
    seven = Scale("seven", tuple(Point(v, {}) for v in range(1, 8)), {"-99": "missing"})
    asked = items_only(["cusl_1", "cusl_2", "cusl_3"], seven)
    asked = replace(asked, constructs=(Construct("CUSL", {"en": "CUSL"}, asked.items),))
    scores = scale_scores(read_responses(shared("realdata/corp_rep_344.csv"), asked))["CUSL"]
    assert scores.notna().sum() == 336
    assert scores.mean() == pytest.approx(5.35515873016, rel=1e-11)


def test_a_second_order_construct_is_the_mean_of_its_components(tmp_path: Path) -> None:
    constructs = survey().constructs
    whole = Construct("whole", {"en": "whole"}, components=("trust", "loyalty"))
    responses = read_responses(write(tmp_path, HEADER, *ROWS), survey(constructs=(whole, *constructs)))
    scores = scale_scores(responses)
    assert list(scores.columns) == ["whole", "trust", "loyalty"]
    np.testing.assert_allclose(scores["whole"], (scores["trust"] + scores["loyalty"]) / 2)
