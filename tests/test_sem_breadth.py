"""Configurations of lavaan beyond the battery, made by `reference/lavaan_breadth.R`."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from breadth import unlike
from reference_cases import battery
from shared import SHARED

import research

CASES: list[dict[str, Any]] = json.loads(
    gzip.decompress((Path(__file__).parent / "reference" / "lavaan_breadth.json.gz").read_bytes())
)
DATA = SHARED / "reference" / "data"
# A warning of lavaan and the note that has to stand on the fit, or the error that has to be raised.
SAID = {
    r"ov variances are negative": "Heywood case: the residual variance",
    r"lv variances are negative": "Heywood case: the variance",
    r"latent variables is not positive definite": "latent variables is not positive definite",
    r"could not compute standard errors": "not identified",
    r"solution has NOT been found": "did not converge|not positive definite",
    r"contains missing values": "missing value",
}


@pytest.mark.skipif(not DATA.exists(), reason="reference data missing: ../shared/reference/data")
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_configuration(case: dict[str, Any]) -> None:
    expected = case["expected"]
    esem = case["id"].startswith("esem")
    if esem:  # lavaan's stand on differences of rotations that stop early: see test_sem_fit.py
        expected["parameters"].pop("std.all.se", None)
    out = battery().check_case(case, research, DATA)
    assert not out.problems
    if "error" in expected:
        return
    try:
        fit = battery().fit_model(research, case["input"], DATA)
    except research.ResearchError as error:
        said = str(error)
    else:
        said = " ".join(fit.notes)
        if "fit" in expected and not case["tags"] and not case["id"].startswith(("ordered", "twolevel")):
            near = max(1e-4, float(case["tolerance"]))
            assert not unlike(expected, fit, near)
    for warning in expected["warnings"]:
        for pattern, note in SAID.items():
            assert not re.search(pattern, warning, re.IGNORECASE) or re.search(note, said), warning


def test_there_are_many() -> None:
    assert len(CASES) >= 150
