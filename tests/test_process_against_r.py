"""Every numbered model in eight configurations against lm(), glm(), sandwich and boot of R.

The witness (tests/reference/conditional_process.R) knows no coefficient by its name: its effects are changes
of predictions, its probes quantiles of type 6, its codings matrices written out.
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

import research
from research.structure.process import Process

HERE = Path(__file__).parent / "reference"
T_ROW = ["estimate", "se", "p", "low", "high"]


@cache
def witness() -> dict[str, Any]:
    with gzip.open(HERE / "conditional_process.json.gz", "rt", encoding="utf-8") as file:
        return dict(json.load(file))


@cache
def answers() -> pd.DataFrame:
    return pd.read_csv(HERE / "conditional_process.csv", keep_default_na=False)


def labelled() -> list[Any]:
    return [
        pytest.param(case["input"], case["expected"], id=f"{case['input']['model']}-{number}")
        for number, case in enumerate(witness()["cases"])
    ]


def flat(values: object) -> list[float]:
    """The numbers of nested lists in their order."""
    if isinstance(values, list):
        return [number for value in values for number in flat(value)]
    return [float(values)] if isinstance(values, int | float) else []


def same(own: object, theirs: object, scale: float = 1.0) -> None:
    ours = np.asarray(own, dtype=float).ravel()
    np.testing.assert_allclose(ours, flat(theirs), rtol=1e-7, atol=1e-9 * scale)


@pytest.mark.parametrize(("given", "expected"), labelled())
def test_regressions_effects_and_bounds(given: dict[str, Any], expected: dict[str, Any]) -> None:
    found = research.process(answers(), **given, bootstrap=0)
    models = found.models()
    for outcome, values in expected["coef"].items():
        own = models[models["outcome"] == outcome].sort_values("estimate")
        same(own[["estimate", "se"]], values)
    effects = found.effects("sobel")
    kinds = effects["effect"]
    same(effects[kinds.isin(["direct", "conditional direct"])][T_ROW], without_t(expected["direct"]))
    indirect = effects[kinds.isin(["indirect", "conditional indirect"])]
    same(indirect["estimate"], expected["indirect"])
    if given["model"] != 6:
        same(indirect["se"], expected["sobel"])
    else:
        single = indirect[indirect["path"].str.count("->") == 2]
        same(single["se"], expected["sobel"])
    same(effects[kinds.str.startswith("index")]["estimate"], expected["index"])
    same(effects[(kinds == "contrast") & (effects["at"] != "")]["estimate"], expected["contrast"])
    same(effects[kinds == "total"][T_ROW], without_t(expected.get("total", [])))
    if "jn" in expected:
        same(bounds(found), expected["jn"])


def without_t(rows: list[list[float]]) -> list[list[float]]:
    return [[row[0], row[1], *row[3:]] for row in rows]


def bounds(found: Process) -> list[float]:
    names = [name for name in ("w", "z") if name in found.probes]
    return sorted(found.johnson_neyman(names[0])["bound"].dropna()) if names else []


def test_standardized_effects_divide_and_multiply_by_standard_deviations() -> None:
    compared = 0
    for case in witness()["cases"]:
        given, sd = case["input"], case["expected"]["sd"]
        if given["y"] != "y" or given["model"] not in (4, 6, 8, 14, 21):
            continue
        found = research.process(answers(), **given, bootstrap=0)
        plain = found.effects("sobel")
        partial = found.effects("sobel", standardized="partial")
        same(partial[["estimate", "se"]].iloc[-1] * sd["y"], plain[["estimate", "se"]].iloc[-1].tolist())
        if given["x"] == "x":
            complete = found.effects("sobel", standardized="complete")
            same(complete["estimate"], (plain["estimate"] * sd["x"] / sd["y"]).tolist())
            compared += 1
    assert compared > 8


@pytest.mark.parametrize("number", [0, 1])
def test_bootstrap_limits_lie_within_monte_carlo_error_of_boots(number: int) -> None:
    """20,000 draws on either side; the standard error of a 2.5 % limit is 2.67 se / sqrt(draws) each."""
    case = witness()["bootstrap"][number]
    found = research.process(answers(), **case["input"], bootstrap=20000, seed=5)
    for kind in ("percentile", "bca"):
        effects = found.effects(kind, contrasts=False)
        own = effects[effects["effect"].isin(["indirect", "conditional indirect"])]
        assert len(own) == len(case["expected"]) == 3
        for row, theirs in zip(own.to_dict("records"), case["expected"], strict=True):
            assert row["estimate"] == pytest.approx(theirs["estimate"], rel=1e-9)
            assert row["se"] == pytest.approx(theirs["se"], rel=0.03)
            slack = 4 * 2.67 * theirs["se"] * np.sqrt(2 / 20000)
            assert [row["low"], row["high"]] == pytest.approx(theirs[kind], abs=slack)
