"""Options in combination, as lavaan 0.6-14 carries them out: every number of 460 fits.

Made by `reference/lavaan_breadth.R` from `reference/breadth_more.R`. Beside what check.py of the battery
compares, all fit measures, the residuals and the explained variances.
"""

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
    gzip.decompress((Path(__file__).parent / "reference" / "lavaan_breadth_more.json.gz").read_bytes())
)
DATA = SHARED / "reference" / "data"

# What is compared with something else than lavaan's number, and why.
APART = {
    # Where the baseline's scaling factor comes out as 1 to the last bit lavaan leaves the correction out, and
    # where rounding makes it 1 - 1e-16 it does not: of diagonal weights that factor is always one.
    r"^(growth-groups|mimic-groups|path|channels)-WLSMV?$": r"^(measure )?(cfi|tli|nnfi|rni)[._]robust",
    # lavaan's indices of the second group contradict those of the first: test_freeing_either_marker
    r"^groups-scalar-WLS$": r" Grant-White (mi|epc|sepc_all): ",
    # robust indices of incomplete rows rest on observed information here, whatever the standard errors do
    r"^fiml-.*-MLF$": r"robust",
    r"^weights-fiml-groups$": r"robust",  # by 1e-4; lavaan's weighs the groups otherwise there
    r"^wishart-means-scalar-MLR-wishart$": r"chisq[._]scal",  # by 1e-5
    r"^twolevel": r"^measure fmin",  # there lavaan's is minus the log-likelihood of a row
    r"^fiml-second-order-mlr$": r"^g =~ x1 mi",  # by 1e-4: lavaan's search ends before the maximum
    r"^fiml-satact": r"^residuals",  # of a variance of 13,000, by 1e-3
    r"^path-mtcars$": r"^residuals",  # the same
    # without degrees of freedom there is no critical n (lavaan: 1), and RFI is not bounded by 1 (lavaan: 1)
    r"": r"^measure (cn_0[15]|rfi|rfi_scaled): expected 1(\.0)?,",
}
REFUSED = {"weights-wishart": "sampling weights"}


def settled(name: str, problems: list[str]) -> list[str]:
    """The problems that nothing in `APART` explains."""
    known = [what for which, what in APART.items() if re.search(which, name)]
    return [each for each in problems if not any(re.search(what, each) for what in known)]


@pytest.mark.skipif(not DATA.exists(), reason="reference data missing: ../shared/reference/data")
@pytest.mark.parametrize(
    "case", [case for case in CASES if case["id"] not in REFUSED], ids=lambda case: str(case["id"])
)
def test_combination(case: dict[str, Any]) -> None:
    expected = case["expected"]
    if (
        "efa(" in case["input"]["model"]
    ):  # lavaan's are differences of rotations that stop early: test_sem_fit.py
        expected["parameters"].pop("std.all.se", None)
    out = battery().check_case(case, research, DATA)
    assert not settled(case["id"], out.problems)
    if "error" in expected:
        return
    fit = battery().fit_model(research, case["input"], DATA)
    near = max(1e-5, float(case["tolerance"]))
    measures, problems = fit.measures(), []
    for key, want in expected["fit"].items():
        got = measures.get(key.replace(".", "_"))
        if want is not None and (got is None or not abs(got - want) <= near * max(1.0, abs(want))):
            problems.append(f"measure {key.replace('.', '_')}: expected {want}, got {got}")
    if not case["id"].startswith("twolevel"):
        problems += unlike(expected, fit, near)
    assert not settled(case["id"], problems)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(name: str) -> None:
    case = next(case for case in CASES if case["id"] == name)
    with pytest.raises(research.ResearchError, match=REFUSED[name]):
        battery().fit_model(research, case["input"], DATA)


def test_freeing_either_marker() -> None:
    """With equal loadings it is one model, whichever group's marker is freed: so are the indices."""
    case = next(case for case in CASES if case["id"] == "groups-scalar-WLS")
    found = battery().fit_model(research, case["input"], DATA).modification_indices()
    for factor, item in (("visual", "x1"), ("textual", "x4"), ("speed", "x7")):
        of_both = found[(found["lhs"] == factor) & (found["rhs"] == item) & (found["op"] == "=~")]
        first, second = of_both["mi"]
        assert first == pytest.approx(second, rel=1e-6)


def test_there_are_many() -> None:
    assert len(CASES) >= 460
