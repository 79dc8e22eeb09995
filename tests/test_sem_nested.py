"""Tests of nested models: every method against lavaan's lavTestLRT (reference/nested_tests.R)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import data_path

import research

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "reference" / "nested_tests.json").read_text(encoding="utf-8")
)


@cache
def fitted(data: str, model: str, options: str) -> Any:
    given = {name.replace(".", "_"): value for name, value in json.loads(options).items()}
    return research.sem(model, pd.read_csv(data_path(f"{data}.csv")), **given)


def called(case: dict[str, Any]) -> str:
    args = " ".join(f"{name}={value}" for name, value in dict(case["args"]).items())
    return f"{case['name']} {case['options'][1]['estimator']} {args}"


def settings(case: dict[str, Any]) -> dict[str, Any]:
    """The options of lavTestLRT under our names."""
    return {name.lower().replace(".", "_"): value for name, value in dict(case["args"]).items()}


@pytest.mark.parametrize("case", CASES, ids=called)
def test_difference(case: dict[str, Any]) -> None:
    options = (json.dumps(given) for given in case["options"])
    fits = [fitted(case["data"], *pair) for pair in zip(case["models"], options, strict=True)]
    want = case["expected"]
    if "error" in want:  # the smaller model does not name the parameter: both refuse
        with pytest.raises(research.ResearchError, match="a_method='delta'"):
            research.compare(*fits, **settings(case))
        return
    found = research.compare(*fits, **settings(case)).iloc[1]
    # of two levels lavaan's information is by differences
    near = 2e-3 if case["name"] == "two-level" else 2e-4
    assert found["df_diff"] == pytest.approx(want["df"], rel=near)
    if want["chisq"] < 0:  # lavaan shows it with p = 1
        assert np.isnan(found["chisq_diff"])
        return
    assert found["chisq_diff"] == pytest.approx(want["chisq"], rel=near)
    assert found["p"] == pytest.approx(want["p"], rel=2e-3, abs=1e-10 if near > 1e-3 else None)
