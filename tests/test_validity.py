"""Discriminant validity and correlations against semTools, seminr, psych and base R."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cases import case_data, close, golden, matrix, reference_case
from shared import shared
from surveys import HS, MOBI, hs, mobi

from research.errors import DataError, OptionError
from research.measurement.correlations import correlations, partial_correlations
from research.measurement.judgements import judge_scales
from research.measurement.reliability import reliability
from research.measurement.validity import cross_loadings, fornell_larcker, htmt


def test_htmt_equals_semtools() -> None:
    case = reference_case("324-htmt")
    expected, tolerance = case["expected"], float(case["tolerance"])
    close(htmt(hs(), HS), matrix(expected["hs_htmt"]), tolerance)
    close(htmt(hs(), HS, kind="htmt2"), matrix(expected["hs_htmt2"]), tolerance)
    survey = pd.read_csv(shared("reference/data/svc_sim.csv"))
    blocks = {
        name: [c for c in survey.columns if c.startswith(name.lower())]
        for name in expected["svc_htmt"]["rows"]
    }
    close(htmt(survey, blocks), matrix(expected["svc_htmt"]), tolerance)
    close(htmt(survey, blocks, kind="htmt2"), matrix(expected["svc_htmt2"]), tolerance)


def test_htmt_of_the_mobile_survey() -> None:
    """seminr (arithmetic, single items included); the stored semTools matrices are both geometric."""
    stored = matrix(golden("mobi_pls_path")["tight_tol_1e12"]["htmt"])
    close(htmt(mobi(), MOBI), stored, 1e-12)
    close(htmt(mobi(), MOBI, kind="htmt2"), matrix(golden("mobi_lavaan")["htmt"]["htmt2"]), 1e-12)


def test_fornell_larcker_equals_semtools() -> None:
    expected = reference_case("320-comprelsem-hs")["expected"]
    table = fornell_larcker(hs(), HS)
    close(np.diag(table), [expected["sqrt_AVE"][name] for name in HS], 1e-5)
    off = ~np.eye(3, dtype=bool)
    close(table.to_numpy()[off], matrix(expected["lv_cor"])[off], 1e-5)
    stored = matrix(golden("mobi_lavaan")["cfa_ML"]["lv_cor"])
    off = ~np.eye(len(MOBI), dtype=bool)
    close(fornell_larcker(mobi(), MOBI).to_numpy()[off], stored[off], 1e-5)


def test_cross_loadings_equal_seminr_with_unit_weights() -> None:
    stored = golden("mobi_pls_unit")["default"]["cross_loadings"]
    table = cross_loadings(mobi(), MOBI)
    assert table["item"].tolist() == stored["rows"]
    close(table[stored["cols"]], matrix(stored), 1e-12)


def test_pairs_are_judged() -> None:
    frame = judge_scales(
        reliability(mobi(), MOBI), htmt=htmt(mobi(), MOBI), fornell_larcker=fornell_larcker(mobi(), MOBI)
    )
    table = frame.set_index(["construct", "other", "quantity"])
    assert table.loc[("Image", "Quality", "htmt"), "verdict"] == "not met"
    assert table.loc[("Image", "Expectation", "htmt"), "verdict"] == "similar"
    assert table.loc[("Image", "Value", "htmt"), "verdict"] == "met"
    assert table.loc[("Image", "", "sqrt_ave"), "verdict"] == "not met"
    assert table.loc[("Value", "", "sqrt_ave"), "verdict"] == "met"


def test_correlations_equal_r() -> None:
    case = reference_case("410-correlations")
    data, expected, tolerance = case_data(case), case["expected"], float(case["tolerance"])
    off = ~np.eye(data.shape[1], dtype=bool)
    for method in ("pearson", "spearman", "kendall"):
        found = correlations(data, method=method)
        close(found.r, matrix(expected[method]["r"]), tolerance)
        close(found.p.to_numpy()[off], matrix(expected[method]["p"])[off], tolerance)
    pair = correlations(data).tidy().set_index(["x", "y"]).loc[("rating", "complaints")]
    close([pair["low"], pair["high"]], expected["fisher_ci_rating_complaints"], tolerance)
    close(partial_correlations(data), matrix(expected["partial_all_others"]), tolerance)


def test_correlations_of_gappy_columns_use_the_rows_of_the_pair() -> None:
    data = pd.DataFrame(
        {"a": [1.0, 2, 3, 4, np.nan, 7], "b": [2.0, 1, 4, 3, 6, np.nan], "c": [1.0, 0, 1, 0, 1, 1]}
    )
    found = correlations(data)
    assert found.n.loc["a", "b"] == 4
    assert found.r.loc["a", "b"] == pytest.approx(np.corrcoef(data["a"][:4], data["b"][:4])[0, 1], abs=1e-14)
    same = correlations(data.dropna()[["a", "b"]].cov(), n_obs=4)
    assert same.p.loc["a", "b"] == pytest.approx(found.p.loc["a", "b"], rel=1e-10)


def test_bad_options_are_named() -> None:
    with pytest.raises(OptionError, match="htmt2"):
        htmt(hs(), HS, kind="htmt3")
    with pytest.raises(OptionError, match="pearson"):
        htmt(hs(), HS, cor="kendal")
    with pytest.raises(OptionError, match="Did you mean kendall"):
        correlations(hs(), ["x1", "x2"], method="kendal")
    with pytest.raises(DataError, match="answers themselves"):
        correlations(hs()[["x1", "x2"]].cov(), n_obs=301, method="spearman")
    with pytest.raises(DataError, match="exact combination"):
        partial_correlations(hs().assign(twice=lambda f: 2 * f["x1"])[["x1", "x2", "twice"]])
