"""Constraints and bounds of all kinds, over groups, means and curves: lavaan's numbers, case by case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import data_path

import research
from research.estimation.fit import Fit

CASES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "reference" / "constrained_models.json").read_text(encoding="utf-8")
)
# lavaan 0.6-14 takes one of two equalities that contradict each other, and says nothing.
REFUSED = ("contradiction", "a label that is not there")


def fitted(name: str) -> Fit:
    case = CASES[name]
    options = {key.replace(".", "_"): value for key, value in (case["options"] or {}).items()}
    fit: Fit = getattr(research, case["fun"])(case["model"], pd.read_csv(data_path(case["data"])), **options)
    return fit


@pytest.mark.parametrize("name", [name for name in CASES if name not in REFUSED])
def test_a_constrained_model_of_lavaan(name: str) -> None:
    want, fit = CASES[name]["expected"], fitted(name)
    assert fit.converged
    measures = fit.measures()
    for key, value in want["fit"].items():
        if value is not None:
            assert measures[key.replace(".", "_")] == pytest.approx(value, rel=2e-5, abs=1e-5), key
    table = fit.tidy()
    table.index = pd.Index(table["lhs"] + table["op"] + table["rhs"] + "@" + table["group"])
    theirs = pd.DataFrame(want["parameters"])
    labels = {number: label for number, label in enumerate(fit.table.groups, start=1) if fit.n_groups > 1}
    compared = 0
    for row in theirs.itertuples():
        group = labels.get(getattr(row, "group", 1), "")
        if row.op == ":=":
            ours = table[(table["op"] == ":=") & (table["lhs"] == row.lhs)].iloc[0]
        else:
            ours = table.loc[f"{row.lhs}{row.op}{row.rhs}@{group}"]
        # lavaan's own search for constrained estimates stops within about 1e-4 of the end
        assert ours["estimate"] == pytest.approx(row.est, rel=1e-4, abs=1e-4), (row.lhs, row.op, row.rhs)
        assert np.nan_to_num(ours["se"]) == pytest.approx(np.nan_to_num(row.se), rel=1e-3, abs=1e-4), row
        compared += 1
    assert compared == len(theirs) > 2


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_an_error(name: str) -> None:
    with pytest.raises(research.ResearchError, match=r"contradict|'zzz'"):
        fitted(name)


@pytest.mark.parametrize(
    "constraints",
    ["a > 1\na < .5", "a^2 + b^2 == -1", "exp(a) < 0", "a*b == 2\na == 1\nb == 1"],
)
def test_curved_constraints_that_exclude_one_another(constraints: str) -> None:
    text = f"visual =~ x1 + a*x2 + b*x3 + x4\n{constraints}"
    fit = research.cfa(text, pd.read_csv(data_path("HolzingerSwineford1939.csv")))
    assert not fit.converged
    assert np.isnan(fit.tidy()["se"]).all()
    assert any("constraint" in note for note in fit.notes), fit.notes


def test_redundant_equalities_cost_one_degree_of_freedom_each() -> None:
    text = "visual =~ x1 + a*x2 + b*x3 + c*x4\n"
    data = pd.read_csv(data_path("HolzingerSwineford1939.csv"))
    dfs = [
        research.cfa(text + more, data).df
        for more in (
            "",
            "a == b",
            "a == b\nb == a",
            "a == b\nb == c\na == c",
            "a == b\n2*a == 2*b\na^2 == b^2",
        )
    ]
    assert dfs == [2, 3, 3, 4, 3]
