"""Single numbers that sentences quote: by construct, path, item and pair."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from research.questionnaire.definition import Construct, Questionnaire
from research.report.key_numbers import (
    construct_numbers,
    fornell_numbers,
    htmt_numbers,
    latent_numbers,
    loading_numbers,
    path_numbers,
    term_numbers,
)

CONSTRUCTS = (
    Construct("Trust", {"en": "Trust", "zh": "信任"}),
    Construct("Value", {"en": "Value", "zh": "价值"}),
    Construct("Loyalty", {"en": "Loyalty", "zh": "忠诚"}),
)
QUESTIONNAIRE = Questionnaire("q", {"en": "Q"}, ("en", "zh"), {}, CONSTRUCTS)


def test_each_construct_has_its_coefficients_and_no_r2_where_nothing_explains_it() -> None:
    frame = pd.DataFrame(
        {
            "construct": ["Trust", "Loyalty"],
            "alpha": [0.8, 0.7],
            "omega_total": [0.81, 0.71],
            "cr": [0.82, 0.72],
            "ave": [0.5, 0.4],
        }
    )
    found = construct_numbers(frame, {"Loyalty": 0.6})
    assert found["Loyalty"] == {"alpha": 0.7, "omega_total": 0.71, "cr": 0.72, "ave": 0.4, "r2": 0.6}
    assert math.isnan(found["Trust"]["r2"])


def test_a_path_is_named_from_predictor_to_outcome() -> None:
    tidy = pd.DataFrame(
        {
            "lhs": ["Trust", "Loyalty"],
            "op": ["=~", "~"],
            "rhs": ["t1", "Trust"],
            "estimate": [1.0, 0.4],
            "se": [0.0, 0.1],
            "std_all": [0.7, 0.3],
            "p": [math.nan, 0.01],
            "low": [1.0, 0.2],
            "high": [1.0, 0.6],
        }
    )
    wanted = {"b": 0.4, "se": 0.1, "beta": 0.3, "p": 0.01, "low": 0.2, "high": 0.6}
    assert path_numbers(tidy) == {"Trust_Loyalty": wanted}


def test_a_term_of_several_steps_has_the_numbers_of_the_last() -> None:
    tidy = pd.DataFrame(
        {
            "outcome": ["Loyalty"] * 4,
            "step": [1, 1, 2, 2],
            "term": ["(Intercept)", "Trust", "Trust", "Value"],
            "estimate": [3.0, 0.5, 0.4, 0.2],
            "se": [1.0, 0.1, 0.1, 0.1],
            "beta": [math.nan, 0.5, 0.3, 0.1],
            "p": [0.1, 0.01, 0.02, 0.2],
            "vif": [math.nan, 1.0, 1.3, 1.3],
        }
    )
    found = term_numbers(tidy)
    assert list(found) == ["Trust_Loyalty", "Value_Loyalty"]
    assert found["Trust_Loyalty"]["b"] == 0.4


def test_the_largest_ratio_is_named_in_both_languages_and_those_above_ninety_counted() -> None:
    names = ["Trust", "Value", "Loyalty"]
    values = [[1, 0.5, 0.95], [0.5, 1, -0.91], [0.95, -0.91, 1]]
    found = htmt_numbers(pd.DataFrame(values, names, names), QUESTIONNAIRE)
    assert found == {
        "max": 0.95,
        "pair": {"en": "Trust and Loyalty", "zh": "信任与忠诚"},
        "n": 3,
        "n_above": 2,
        "n_close": 0,
    }


def test_no_pair_has_no_largest_ratio() -> None:
    found = htmt_numbers(
        pd.DataFrame([[1.0, math.nan], [math.nan, 1.0]], ["A", "B"], ["A", "B"]), QUESTIONNAIRE
    )
    assert found["n"] == 0
    assert found["max"] == pytest.approx(math.nan, nan_ok=True)


def test_loadings_go_by_item_and_correlations_by_pair_in_the_order_of_the_file() -> None:
    frame = pd.DataFrame(
        {
            "lhs": ["Trust", "Value", "Loyalty", "t1"],
            "op": ["=~", "~~", "~~", "~~"],
            "rhs": ["t1", "Value", "Trust", "t2"],
            "estimate": [0.8, 1.0, 0.6, 0.1],
        }
    )
    assert loading_numbers(frame) == {"t1": 0.8}
    assert latent_numbers(frame, ["Trust", "Value", "Loyalty"]) == {"Trust_Loyalty": 0.6}


def test_the_criterion_fails_where_a_correlation_exceeds_either_root_and_one_item_has_no_say() -> None:
    names = ["Trust", "Value", "Loyalty"]
    square = pd.DataFrame(
        [[1.0, -0.72, 0.4], [-0.72, 1.0, 0.99], [0.4, 0.99, 1.0]], index=names, columns=names
    )
    found = fornell_numbers(square, {"Trust": 0.49, "Value": 0.81, "Loyalty": float("nan")}, QUESTIONNAIRE)
    assert (found["n"], found["n_above"], found["max"]) == (3, 2, 0.99)  # .72 > .70, .99 > .90, .40 < .70
    assert found["pair"] == {"en": "Value and Loyalty", "zh": "价值与忠诚"}
    alone = fornell_numbers(square, dict.fromkeys(names, float("nan")), QUESTIONNAIRE)
    assert alone["n"] == 0


def test_ratios_between_the_two_limits_are_counted() -> None:
    names = ["Trust", "Value", "Loyalty"]
    square = pd.DataFrame([[1.0, 0.86, 0.9], [0.86, 1.0, 0.84], [0.9, 0.84, 1.0]], index=names, columns=names)
    found = htmt_numbers(square, QUESTIONNAIRE)
    assert (found["n"], found["n_above"], found["n_close"]) == (3, 0, 2)
