"""Every number of lavaan's reference fits that has no ordered variable."""

from __future__ import annotations

import json
import re
from typing import Any

import pandas as pd
import pytest
from reference_cases import battery, case_names, fit_case, hold, load_case
from shared import SHARED, shared

import research

# What the reference itself does not hold to its tolerance: lavaan's search or its EM stops short there, which
# shows in a discrepancy above ours (tested below); in 009 its two standard errors of f1 ~~ f3 differ by 16 %.
STOPS_SHORT = {
    "009-hs-esem-geomin": r" (se|z|p|low|high): ",
    "047-hs-cfa-dwls": r"^(x[1469] ~~ x[1469]|textual ~~ textual) (z|p|low|high): ",
    "055-higher-order-mlr-svc": r"^SQ =~ tan2 mi: ",
    "090-mg-configural": r" (Pasteur|Grant-White) mi: ",
    "123-twolevel": r"^y[123] ~1 2 (z|p): ",
    "133-simparcel": r"^f1item1 ~~ f1item1 standardized z: ",
}


@pytest.mark.parametrize("name", [name for name in case_names() if name not in STOPS_SHORT])
def test_case_of_lavaan(name: str) -> None:
    hold(name)


@pytest.mark.parametrize("name", sorted(STOPS_SHORT))
def test_case_where_the_reference_stops_short(name: str) -> None:
    case = load_case(name)
    out = battery().check_case(case, research, SHARED / "reference" / "data")
    strange = [each for each in out.problems if not re.search(STOPS_SHORT[name], each)]
    assert not strange
    measures = fit_case(name).measures()
    reference = case["expected"]["fit"]
    if name == "123-twolevel":
        assert measures["logl"] >= reference["logl"]
    else:
        assert measures["chisq"] <= reference["chisq"] * (1 + 1e-10)


def golden(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(shared(f"realdata/golden/{name}.json").read_text(encoding="utf-8"))
    return loaded


def read(name: str) -> pd.DataFrame:
    frame = pd.read_csv(shared(f"realdata/{name}.csv"), na_values=["-99"])
    return frame.fillna(frame.mean()) if name.startswith("corp") else frame


@pytest.mark.parametrize(
    ("study", "data"), [("mobi_lavaan", "ecsi_mobile_250"), ("corp_lavaan", "corp_rep_344")]
)
@pytest.mark.parametrize("which", ["cfa_ML", "cfa_MLR", "sem_ML", "sem_MLR", "sem_MLM", "sem_ML_stdlv"])
def test_real_survey(study: str, data: str, which: str) -> None:
    expected = golden(study)
    meta, want = expected["meta"], expected[which]
    model = meta["syntax_measurement"]
    if which.startswith("sem"):
        model += "\n" + meta["syntax_structural"]
    estimator = which.split("_")[1]
    fit = research.sem(model, read(data), estimator=estimator, std_lv=which.endswith("stdlv"))
    # Expectation and Quality are nearly one factor there: lavaan stops at a chi-square 2e-7 above the least,
    # with estimates up to 0.003 standard errors away from it, and its own two runs differ by as much.
    flat = study == "mobi_lavaan" and which.startswith("sem")
    if flat and which == "sem_ML_stdlv":  # lavaan's search ended 0.008 above the minimum of its other run
        assert fit.statistic.chisq == pytest.approx(expected["sem_ML"]["fit"]["chisq"], rel=1e-8)
        assert fit.statistic.chisq < want["fit"]["chisq"]
        return
    rows = fit.tidy().set_index(["lhs", "op", "rhs"])
    for row in want["params"]:
        got = rows.loc[(row["lhs"], row["op"], row["rhs"])]
        slack = 5e-3 * row["se"] if flat else 0.0
        assert got["estimate"] == pytest.approx(row["est"], abs=max(1e-4, slack))
        if row["se"]:
            assert got["se"] == pytest.approx(row["se"], abs=max(1e-4, slack))
    measures = fit.measures()
    for name, value in want["fit"].items():
        key = name.replace(".", "_")
        if key in ("chisq", "chisq_scaled", "baseline_chisq", "logl"):
            rel = 1e-4 if flat and key == "chisq_scaled" else 1e-6
            assert measures[key] == pytest.approx(value, rel=rel), name
        elif flat and key.endswith("_robust"):
            assert measures[key] == pytest.approx(value, abs=1e-4), name
        elif key in ("cfi", "tli", "rmsea", "srmr", "cfi_robust", "tli_robust", "rmsea_robust"):
            assert measures[key] == pytest.approx(value, abs=1e-6), name


@pytest.mark.parametrize(
    ("name", "key", "options"),
    [
        ("B_bollen_political_democracy", "lavaan_0_6_14", {}),
        ("B_bollen_political_democracy", "lavaan_wishart", {"likelihood": "wishart"}),
        ("B_holzinger_swineford_9", "lavaan_0_6_14", {}),
        ("B_duncan_haller_portes", "lavaan_0_6_14", {"likelihood": "wishart"}),
        ("B_wheaton_calis_fixed833", "lavaan_0_6_14", {"likelihood": "wishart", "fixed_x": False}),
    ],
)
def test_published_matrix(name: str, key: str, options: dict[str, Any]) -> None:
    case = published(name)
    names = case["input_matrix"]["names"]
    cov = pd.DataFrame(case["input_matrix"]["values"], index=names, columns=names)
    fit = research.sem(case["model_lavaan_syntax"], sample_cov=cov, sample_nobs=case["n"], **options)
    rows = fit.tidy().set_index(["lhs", "op", "rhs"])
    for row in case[key]["estimates"]:
        if row["op"] in (":=", "==") or (row["lhs"], row["op"], row["rhs"]) not in rows.index:
            continue
        got = rows.loc[(row["lhs"], row["op"], row["rhs"])]
        assert got["estimate"] == pytest.approx(row["est"], rel=1e-4, abs=1e-4)
        if row["se"]:
            assert got["se"] == pytest.approx(row["se"], rel=1e-4, abs=1e-5)
    measures = fit.measures()
    for index, value in case[key]["fit"].items():
        assert measures[index.replace(".", "_")] == pytest.approx(value, rel=1e-6, abs=1e-6), index


@pytest.mark.parametrize("name", ["B_duncan_haller_portes", "B_wheaton_calis_fixed833"])
def test_printed_estimates_and_observed_information(name: str) -> None:
    case = published(name)
    names = case["input_matrix"]["names"]
    cov = pd.DataFrame(case["input_matrix"]["values"], index=names, columns=names)
    fixed_x = case["lavaan_0_6_14"]["fixed_x"]
    fit = research.sem(
        case["model_lavaan_syntax"],
        sample_cov=cov,
        sample_nobs=case["n"],
        likelihood="wishart",
        information="observed",
        fixed_x=fixed_x,
    )
    rows = fit.tidy().drop_duplicates("label").set_index("label")
    for label, row in case["published"]["est"].items():
        # The published run was stopped by a loose rule: its estimates are 4e-4 (relative) from the minimum.
        assert rows.loc[label, "estimate"] == pytest.approx(row["est"], rel=6e-4)
        assert rows.loc[label, "se"] == pytest.approx(row["se"], rel=2e-3)
    for label, se in case["lavaan_observed_information_SE"].items():
        assert rows.loc[label, "se"] == pytest.approx(se, rel=1e-4)


def published(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(shared(f"published/{name}.json").read_text(encoding="utf-8"))
    return loaded
