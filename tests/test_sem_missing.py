"""Incomplete rows under a hundred combinations of model, data and options, as lavaan 0.6-14 fits them.

The stored numbers are from reference/lavaan_missing.R. lavaan's search stops at a gradient of 1e-6, so that
estimates agree to five digits.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import data_path

import research

STORED = json.loads((Path(__file__).parent / "reference" / "lavaan_missing.json").read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in STORED}
ITEMS = [f"x{k}" for k in range(1, 10)]
CLOSE = 3e-5
STEEP = 7e-5  # of the likelihood in small groups, where lavaan stops further from the maximum

# What is not defined for incomplete rows: lavaan falls back to complete rows without a word (satorra.bentler
# and its kin), has no numbers (MLR, MLM with pairwise), or takes weights from rows that are not there.
REFUSED = (
    r"^(yuan.bentler|satorra.bentler|scaled.shifted|mean.var.adjusted)$|^pairwise (GLS|WLS|DWLS|MLR|MLM)$"
)
ROBUST = r"_robust$"
SCALED = r"scal|_robust$"
# Where measures differ, and why.
APART = {
    # robust indices rest on observed information here, whatever the standard errors are computed from
    r"MLF$|^first order$|^expected": ROBUST,
    # lavaan 0.6-14 counts the moments of random covariates in another way than those of other variables
    r", free(, MLR)?$": ROBUST,
    # its h1 leaves out the covariates by another rule than its h0: chi-square is not 2 (h1 - h0)
    r"kept": r"^unrestricted_logl$|^baseline|^[tr]li|^nnfi|^n?r?fi",
    # hs20 has a row without any value of these items; lavaan counts it in the baseline's scaling
    r"^(robust.)?two.stage( group, equal| labels)?$": SCALED,
    r"^(robust.)?two.stage MLR$": SCALED,  # lavaan: the scaling of complete rows; ours: of the two stages
    r"inequality": r"^cn_",  # without degrees of freedom there is no critical n; lavaan shows 1
    r"^equal variances": r"^rfi$",  # 1 where the model is worse than the baseline
    r"^pairwise ULS$": r"^fmin$|^ecvi$",
}


@cache
def frames() -> dict[str, pd.DataFrame]:
    """The data, with holes by the rule of the R script."""
    pupils = pd.read_csv(data_path("HolzingerSwineford1939.csv"))
    row = np.arange(len(pupils))
    pupils = pupils.assign(cl=row % 43, w=1 + (row + 1) * 37 % 61 / 30)
    democracy = pd.read_csv(data_path("PoliticalDemocracy.csv"))
    growth = pd.read_csv(data_path("Demo.growth.csv"))
    indicators = [*(f"y{k}" for k in range(1, 9)), "x1", "x2", "x3"]
    times = [f"t{k}" for k in range(1, 5)]
    twenty, ten = pierced(pupils, ITEMS, 0.20), pierced(growth, times, 0.10)
    return {
        "full": pupils,
        "once": pupils.assign(x2=pupils["x2"].mask(row == 16)),
        "few": twenty.iloc[:40],
        "hs05": pierced(pupils, ITEMS, 0.05),
        "hs20": twenty,
        "hsx": pierced(pupils, [*ITEMS, "ageyr"], 0.10),
        "pd05": pierced(democracy, indicators, 0.05),
        "pd20": pierced(democracy, indicators, 0.20),
        "g10": ten.assign(half=np.where(np.arange(len(ten)) % 2 == 0, "a", "b")),
        "gc": pierced(growth, [*times, *(f"c{k}" for k in range(1, 5))], 0.10),
    }


def pierced(frame: pd.DataFrame, columns: list[str], share: float) -> pd.DataFrame:
    out = frame.copy()
    i = np.arange(1, len(frame) + 1)
    for j, column in enumerate(columns, 1):
        out[column] = out[column].mask((i * 7919 + j * 10473 + i * j * 31) % 1000 < 1000 * share)
    return out


def fitted(case: dict[str, Any], text: str = "") -> Any:
    options = {name.replace(".", "_"): value for name, value in case["given"].items()}
    return getattr(research, case["fun"])(text or case["text"], frames()[case["data"]], **options)


def names_where(extra: str = "", *, works: bool = True) -> list[str]:
    return [
        name
        for name, case in CASES.items()
        if ("error" not in case["expected"]) == works
        and not re.search(REFUSED, name)
        and (not extra or extra in case["expected"])
    ]


def room(case: dict[str, Any]) -> float:
    return STEEP if case["data"].startswith("pd") or "group" in case["given"] else CLOSE


def apart(name: str, got: float, want: float | None, slack: float) -> list[str]:
    if want is None or abs(got - want) <= slack * max(1.0, abs(want)):
        return []
    return [f"{name}: {got} for {want}"]


@pytest.mark.parametrize("name", names_where())
def test_measures(name: str) -> None:
    case = CASES[name]
    got = fitted(case).measures()
    skipped = [measures for which, measures in APART.items() if re.search(which, name)]
    faults = []
    for key, value in case["expected"]["fit"].items():
        if key.startswith("scaling_factor") or any(re.search(each, key) for each in skipped):
            continue
        faults += apart(key, got[key], value, room(case)) if value is not None else []
    assert not faults


@pytest.mark.parametrize("name", names_where())
def test_estimates(name: str) -> None:
    case = CASES[name]
    fit = fitted(case)
    plain, standard = fit.tidy(), fit.standardized()
    groups = list(fit.table.groups)
    faults = []
    for at, row in enumerate(case["expected"]["params"]):
        if row["op"] == "==":
            continue
        chosen = (plain["lhs"] == row["lhs"]) & (plain["op"] == row["op"]) & (plain["rhs"] == row["rhs"])
        if not chosen.any():
            chosen = (plain["lhs"] == row["rhs"]) & (plain["op"] == "~~") & (plain["rhs"] == row["lhs"])
        if len(groups) > 1 and row["op"] != ":=":
            chosen &= plain["group"] == groups[row["group"] - 1]
        got = plain[chosen].iloc[0]
        label = f"{row['lhs']} {row['op']} {row['rhs']}"
        faults += apart(f"{label} est", got["estimate"], row["est"], room(case))
        if row.get("se"):
            faults += apart(f"{label} se", got["se"], row["se"], room(case))
        std = case["expected"]["std"]
        if std["se"] and len(std["est"]) == len(case["expected"]["params"]):
            got = standard.loc[plain.index[chosen][0]]
            faults += apart(f"{label} std", got["estimate"], std["est"][at], room(case))
            faults += apart(f"{label} std se", got["se"], std["se"][at], room(case))
    assert not faults


@pytest.mark.parametrize("method", ["regression", "bartlett"])
@pytest.mark.parametrize("name", names_where("regression"))
def test_scores(name: str, method: str) -> None:
    case = CASES[name]
    if method not in case["expected"]:
        return
    fit = fitted(case)
    found = fit.scores(method)
    if "group" in case["given"]:
        own = frames()[case["data"]][case["given"]["group"]].loc[found.index]
        found = found[(own == fit.table.groups[0]).to_numpy()]
    want = pd.DataFrame(case["expected"][method]).astype(float).to_numpy()
    known = ~np.isnan(want)  # after two stages lavaan scores complete rows only
    assert known.any()
    assert found.notna().all(axis=None)
    np.testing.assert_allclose(found.to_numpy()[: len(want)][known], want[known], atol=room(case))


@pytest.mark.parametrize("name", names_where("mi"))
def test_modification_indices(name: str) -> None:
    found = fitted(CASES[name]).modification_indices()
    for row in CASES[name]["expected"]["mi"]:
        ways = [(row["lhs"], row["rhs"])] + ([(row["rhs"], row["lhs"])] if row["op"] == "~~" else [])
        at = [way in ways for way in zip(found["lhs"], found["rhs"], strict=True)]
        got = found[np.array(at) & (found["op"] == row["op"])].iloc[0]
        for ours, theirs in (("mi", "mi"), ("epc", "epc"), ("sepc_all", "sepc.all")):
            assert not apart(f"{ways[0]} {ours}", got[ours], row[theirs], 2e-4)


@pytest.mark.parametrize("name", names_where("score"))
def test_score_tests(name: str) -> None:
    found = fitted(CASES[name]).score_test().select_dtypes("number").iloc[:, 0].to_numpy()
    want = CASES[name]["expected"]["score"]
    np.testing.assert_allclose(found, [want["total"], *np.atleast_1d(want["each"])][-len(found) :], rtol=2e-4)


@pytest.mark.parametrize("name", names_where("wald"))
def test_wald_test(name: str) -> None:
    found, want = fitted(CASES[name]).wald("e == 0.5"), CASES[name]["expected"]["wald"]
    assert found.chisq == pytest.approx(want["stat"], rel=1e-4)
    assert found.p == pytest.approx(want["p.value"], rel=1e-4)


@pytest.mark.parametrize("name", names_where("r2"))
def test_explained_variance(name: str) -> None:
    found = fitted(CASES[name]).r_squared().set_index("variable")["r_squared"]
    for variable, value in CASES[name]["expected"]["r2"].items():
        assert found[variable] == pytest.approx(value, abs=CLOSE)


@pytest.mark.parametrize("name", names_where("equal"))
def test_nested_models(name: str) -> None:
    """One loading at 1. lavaan's test of 2000 takes a moment that a row lacks as if it stood at its mean."""
    case = CASES[name]
    larger = fitted(case)
    smaller = fitted(case, case["text"].replace("x1 + x2", "x1 + 1*x2", 1))
    want = case["expected"]["equal"]
    methods = {"default": "default"}
    if larger.scaled is not None:
        methods |= {"sb2001": "satorra_bentler_2001", "sb2010": "satorra_bentler_2010"}
        right = research.compare(larger, smaller, method="satorra_2000").iloc[1]["chisq_diff"]
        two = research.compare(larger, smaller).iloc[1]["chisq_diff"]
        assert right == pytest.approx(two, rel=0.25)  # the same at large n
        assert want["s2000"]["chisq"] > 1.25 * two
    for theirs, ours in methods.items():
        found = research.compare(larger, smaller, method=ours).iloc[1]
        assert found["chisq_diff"] == pytest.approx(want[theirs]["chisq"], rel=1e-4)
        assert found["df_diff"] == want[theirs]["df"]
        assert found["p"] == pytest.approx(want[theirs]["p"], rel=2e-3)


def test_residuals_and_implied_moments() -> None:
    case = CASES["everything"]
    fit = fitted(case)
    implied, residuals = fit.implied(), fit.residuals()
    want = case["expected"]
    for at, row in enumerate(want["residuals"]["cov"]):
        for other, value in row.items():
            pair = {ITEMS[at], other}
            rows = [{a, b} == pair for a, b in zip(residuals["lhs"], residuals["rhs"], strict=True)]
            chosen = np.array(rows) & (residuals["op"] == "~~")
            assert residuals[chosen]["cor"].iloc[0] == pytest.approx(value, abs=CLOSE)
            got = implied[chosen]["estimate"].iloc[0]
            assert got == pytest.approx(want["implied"][at][f"cov.{other}"], abs=CLOSE)
    means = implied.query("op == '~1'").set_index("lhs")["estimate"]
    for at, row in enumerate(want["implied"]):
        assert means[ITEMS[at]] == pytest.approx(row["mean"], abs=CLOSE)


@pytest.mark.parametrize("name", [name for name in CASES if re.search(REFUSED, name)])
def test_what_is_for_complete_rows_is_refused_with_a_remedy(name: str) -> None:
    with pytest.raises(research.ResearchError, match=r"use "):
        fitted(CASES[name])


@pytest.mark.parametrize("name", names_where(works=False))
def test_where_lavaan_fails(name: str) -> None:
    """Two stages with covariates, which lavaan takes as fixed and then does not find."""
    assert "two.stage paths" in name
    fit = fitted(CASES[name])
    assert fit.converged
    assert fit.tidy()["estimate"].notna().all()
