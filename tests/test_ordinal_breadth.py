"""Further models of ordered variables beside lavaan, in data made for them: `reference/ordinal_breadth.R`.

Items of two to seven categories, continuous indicators and covariates, three groups, gaps, tables with empty
cells; every set of `group_equal`, bounds, constraints on loadings and thresholds, and paths between ordered
variables. Of the numbers of lavaan those count that its own last Newton steps have brought to the minimum.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from breadth import unlike
from reference_cases import battery
from shared import SHARED

import research

HERE = Path(__file__).parent / "reference"
OWN = "ordinal_answers.csv"


@cache
def cases() -> dict[str, dict[str, Any]]:
    text = gzip.decompress((HERE / "ordinal_breadth.json.gz").read_bytes())
    return {case["id"]: case for case in json.loads(text)}


def names(kind: str) -> list[str]:
    return [name for name, case in cases().items() if case["kind"] == kind]


def folder(case: dict[str, Any]) -> Path:
    """The folder whose parent the battery reads the case's file from."""
    found = HERE / "data" if case["input"]["data"] == OWN else SHARED / "reference" / "data"
    if not (found.parent / case["input"]["data"]).exists():
        pytest.skip(f"reference data missing: {case['input']['data']}")
    return found


@pytest.mark.parametrize("name", names("sem"))
def test_equals_lavaan(name: str) -> None:
    """Estimates, errors, standardized solution, measures, indices, implied moments, R-squared, scores."""
    case, check = cases()[name], battery()
    expected = case["expected"]
    fit = check.fit_model(research, case["input"], folder(case))
    out = check.Comparison(check.tolerance_of(case))
    for compare in (check.compare_parameters, check.compare_measures, check.compare_extras):
        compare(case, fit, out)
    seen = {"implied": expected.get("implied"), "r2": expected["r2"], "group_label": expected["group_label"]}
    means = ", '')"  # lavaan prints means of ordered answers, which are zero by definition, and of covariates
    said = [text for text in unlike(seen, fit, 1e-4) if not (text.endswith("got None") and means in text)]
    assert not [*out.problems, *said]
    assert fit.admissible == expected["post_check"]
    assert out.compared > 50
    for method in ("ebm", "ml"):
        scores = expected.get(f"scores_{method}")
        if scores:  # lavPredict's search for a row stops some 1e-4 before the maximum
            want = np.array(scores["values"], dtype=float)
            found = fit.scores(method=method)[scores["cols"]].to_numpy()[: len(want)]
            np.testing.assert_allclose(found, want, atol=1e-3)


@pytest.mark.parametrize("name", names("sem-lrt"))
def test_difference_tests_equal_lavaan(name: str) -> None:
    """Every method: Satorra (2000) with its variants, Satorra-Bentler 2001 and 2010."""
    case = cases()[name]
    out = battery().check_case(case, research, folder(case))
    assert not out.problems
    assert out.compared > 30


def test_there_are_many() -> None:
    assert len(cases()) >= 100


def test_fixed_thresholds_and_scales_have_indices_as_in_lavaan() -> None:
    """lavaan 0.6-14 to three places; `sepc_all` of a scale is the sign of its change."""
    data = pd.read_csv(HERE / OWN)
    text = "f =~ a1 + a2 + a3 + a4\na1 | -1.2*t1 + -0.3*t2"
    found = research.cfa(text, data, ordered=True).modification_indices().set_index(["lhs", "op", "rhs"])
    for row, want in {
        ("a1", "|", "t1"): (2.107, 0.111, 0.111),
        ("a1", "|", "t2"): (10.744, -0.210, -0.210),
        ("a1", "~*~", "a1"): (0.208, -0.028, -1.0),
        ("a1", "~1", ""): (2.483, 0.077, 0.077),
        ("a2", "~~", "a3"): (0.027, -0.014, -0.031),
    }.items():
        assert found.loc[row, ["mi", "epc", "sepc_all"]].tolist() == pytest.approx(want, abs=6e-4), row


def test_a_model_without_a_free_loading_is_evaluated() -> None:
    data = pd.read_csv(HERE / OWN)
    fit = research.cfa("f =~ 1*a1 + 1*a2 + 1*a3 + 1*a4\nf ~~ 0.5*f", data, ordered=True)
    assert fit.converged
    assert fit.measures()["df"] == 6
    assert len(fit.modification_indices()) > 3
