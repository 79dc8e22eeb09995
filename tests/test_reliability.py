"""Reliability against psych, semTools and seminr, and what a user with a bad scale is told."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from cases import case_data, close, golden, matrix, reference_case
from shared import shared
from surveys import CORP, HS, MOBI, corp, hs, mobi

from research.errors import DataError, OptionError, ResearchError
from research.measurement.judgements import judge_scales
from research.measurement.reliability import (
    average_variance_extracted,
    composite_reliability,
    item_statistics,
    reliability,
)
from research.measurement.thresholds import THRESHOLDS
from research.numerics.reliability import duhachek_se, guttman_lambda6
from research.responses.moments import moments


@pytest.mark.parametrize("name", ["300-alpha-attitude", "302-alpha-svc-loyalty"])
def test_alpha_and_item_statistics_equal_psych(name: str) -> None:
    case = reference_case(name)
    data, expected, tolerance = case_data(case), case["expected"], float(case["tolerance"])
    scale = {"scale": list(data.columns)}
    row = reliability(data, scale).loc["scale"]
    close(row["alpha"], expected["total"]["raw_alpha"][0], tolerance)
    close(row["alpha_std"], expected["total"]["std.alpha"][0], tolerance)
    close(
        [row["alpha_low"], row["alpha_high"]],
        [expected["feldt"][k][0] for k in ("lower.ci", "upper.ci")],
        tolerance,
    )
    close(duhachek_se(data.cov().to_numpy(), len(data)), expected["duhachek"]["ase"], tolerance)
    close(guttman_lambda6(data.corr().to_numpy()), expected["total"]["G6(smc)"][0], tolerance)
    items = item_statistics(data, scale)
    close(items["r_total"], expected["item_stats"]["raw.r"], tolerance)
    close(items["r_rest"], expected["item_stats"]["r.drop"], tolerance)
    close(items["alpha_if_deleted"], expected["alpha_drop"]["raw_alpha"], tolerance)
    close(items["average_r"], expected["alpha_drop"]["average_r"], tolerance)


def test_composite_reliability_equals_semtools() -> None:
    case = reference_case("320-comprelsem-hs")
    frame, expected = reliability(hs(), HS), case["expected"]
    for ours, theirs in {
        "omega_total": "omega_obs",
        "omega_implied": "omega_model_implied",
        "alpha": "alpha_tau_eq",
        "ave_weighted": "AVE_semtools",
        "cr": "CR_from_std_loadings",
        "ave": "AVE_from_std_loadings",
    }.items():
        close(frame[ours], [expected[theirs][name] for name in HS], float(case["tolerance"]))


def test_groups_equal_semtools() -> None:
    case = reference_case("323-comprelsem-multigroup")
    frame, expected = reliability(hs(), HS, group="school"), case["expected"]
    assert list(dict.fromkeys(frame["group"])) == expected["omega"]["group"]
    for ours, theirs in (("omega_total", "omega"), ("ave_weighted", "AVE")):
        for place, school in enumerate(expected[theirs]["group"]):
            got = frame.loc[frame["group"] == school, ours]
            close(got, [expected[theirs][name][place] for name in HS], 1e-5)


def test_mobile_survey_equals_semtools_and_seminr() -> None:
    """The golden CFA stopped at 1e-5 of its minimum; alpha has no such error."""
    frame = reliability(mobi(), MOBI)
    stored = golden("mobi_lavaan")["cfa_ML"]["reliability"]
    many = [name for name in MOBI if name != "Complaints"]
    close(frame.loc[many, "omega_total"], [stored["omega"][name] for name in many], 1e-5)
    close(frame.loc[many, "alpha"], [stored["alpha"][name] for name in many], 1e-12)
    weighted = [np.nan if stored["ave"][name] is None else stored["ave"][name] for name in many]
    close(frame.loc[many, "ave_weighted"], weighted, 1e-5)
    pls = golden("mobi_pls_path")["tight_tol_1e12"]["reliability"]
    alphas = dict(zip(pls["rows"], matrix(pls)[:, pls["cols"].index("alpha")], strict=True))
    close(frame.loc[many, "alpha_std"], [alphas[name] for name in many], 1e-12)
    assert np.isnan(
        frame.loc["Complaints", ["alpha", "omega_total", "cr", "ave"]].to_numpy(dtype=float)
    ).all()
    assert "single item" in frame.loc["Complaints", "note"]


def test_corporate_reputation_equals_semtools() -> None:
    """The stored values stand on means in place of the 10 missing answers, as seminr puts them there."""
    stored = golden("corp_lavaan")["cfa_ML"]["reliability"]
    data = corp()[[item for items in CORP.values() for item in items]]
    frame = reliability(data.fillna(data.mean()), CORP)
    for ours, theirs, tolerance in (
        ("alpha", "alpha", 1e-12),
        ("omega_total", "omega", 1e-6),
        ("ave_weighted", "ave", 1e-6),
    ):
        close(frame[ours], [stored[theirs][name] for name in CORP], tolerance)
    gappy = reliability(data, CORP)
    assert gappy["n_complete"].eq(336).all()
    assert "8 of 344 rows miss an answer" in gappy.loc["CUSL", "note"]


def test_pairwise_alpha_and_turned_items_equal_psych() -> None:
    """psych 2.2.9, alpha(bfi[, A1:A5], keys = "A1"): 2,800 rows, 91 of them with a gap; alpha.ci with the
    2,751 rows of the pair with the fewest."""
    data = pd.read_csv(shared("reference/data/bfi.csv"))
    scale = {"agreeableness": [f"A{i}" for i in range(1, 6)]}
    row = reliability(data, scale, reverse=["A1"]).loc["agreeableness"]
    close(row["alpha"], 0.703018446057304, 1e-12)
    close(row["alpha_std"], 0.713028578671272, 1e-12)
    close([row["alpha_low"], row["alpha_high"]], [0.685103611415980, 0.720211466314452], 1e-12)  # n = 2,751
    assert "91 of 2800 rows miss an answer" in row["note"]
    items = item_statistics(data, scale, reverse=["A1"])
    rest = [0.308417739522029, 0.563615163763579, 0.587004589505369, 0.394444086577913, 0.488565135825834]
    close(items["r_rest"], rest, 1e-12)
    alphas = [0.718517357026915, 0.617180037046592, 0.600259578765486, 0.68580565233796, 0.642952960071292]
    close(items["alpha_if_deleted"], alphas, 1e-12)


def test_the_wrongly_keyed_item_is_named() -> None:
    data = pd.read_csv(shared("reference/data/bfi.csv"))
    row = reliability(data, {"agreeableness": [f"A{i}" for i in range(1, 6)]}).iloc[0]
    assert "A1 is keyed against the other items" in row["note"]
    assert row["alpha"] < 0.5


def test_every_kind_of_input_gives_the_same() -> None:
    data = hs()
    columns = [item for items in HS.values() for item in items]
    plain = reliability(data, HS)
    as_matrix = reliability(data[columns].cov(), HS, n_obs=len(data))
    as_moments = reliability(moments(data, columns), HS)
    import polars

    as_polars = reliability(polars.from_pandas(data[columns]), HS)
    numbers = [name for name in plain.columns if name not in ("construct", "note", "scale_mean")]
    close(
        as_moments_mean := reliability(moments(data, columns), HS)["scale_mean"], plain["scale_mean"], 1e-12
    )
    assert as_moments_mean.notna().all()
    for other in (as_matrix, as_moments, as_polars):
        pd.testing.assert_frame_equal(
            plain[numbers], other[numbers], check_exact=False, rtol=1e-9, check_dtype=False
        )
    without_n = reliability(data[columns].cov(), HS)
    assert np.isnan(without_n["alpha_low"]).all()
    close(without_n["cr"], plain["cr"], 1e-6)
    correlations = reliability(data[columns].corr(), HS, n_obs=len(data))
    close(correlations["alpha"], plain["alpha_std"], 1e-9)
    close(correlations["cr"], plain["cr"], 1e-6)


def test_loadings_of_a_printed_table() -> None:
    """Equations by hand; a loading above 1 is refused."""
    assert composite_reliability([0.7, 0.8, 0.9]) == pytest.approx(
        2.4**2 / (2.4**2 + 0.51 + 0.36 + 0.19), abs=1e-15
    )
    assert average_variance_extracted(pd.Series([0.7, 0.8, 0.9])) == pytest.approx(
        (0.49 + 0.64 + 0.81) / 3, abs=1e-15
    )
    expected = reference_case("320-comprelsem-hs")["expected"]
    loadings = item_statistics(hs(), HS)
    for name in HS:
        own = loadings.loc[loadings["construct"] == name, "loading"]
        close(composite_reliability(own), expected["CR_from_std_loadings"][name], 1e-5)
    with pytest.raises(DataError, match=r"1\.2 does not"):
        composite_reliability([0.7, 1.2])
    with pytest.raises(DataError):
        average_variance_extracted([])


def test_a_published_table_is_reproduced() -> None:
    """Ha et al. (2023): AVE and CR follow from the printed loadings, as recomputed elsewhere."""
    published = json.loads(shared("published/A_ha2023_switching_costs.json").read_text(encoding="utf-8"))
    for construct in published["constructs"].values():
        close(composite_reliability(construct["loadings"]), construct["recomputed"]["CR"], 1e-5)
        close(average_variance_extracted(construct["loadings"]), construct["recomputed"]["AVE"], 1e-5)


def test_thresholds_judge_and_can_be_changed() -> None:
    frame, items = reliability(hs(), HS), item_statistics(hs(), HS)
    table = judge_scales(frame, items).set_index(["construct", "other", "quantity"])
    assert table.loc[("textual", "", "alpha"), "verdict"] == "met"
    assert table.loc[("visual", "", "alpha"), "verdict"] == "exploratory"
    assert table.loc[("visual", "", "ave"), "verdict"] == "not met"
    assert table.loc[("visual", "x2", "loading"), "verdict"] == "weak"
    assert table.loc[("visual", "", "ave"), "source"] == "fornell1981"
    lenient = judge_scales(frame, thresholds=THRESHOLDS.with_values(ave=0.37)).set_index(
        ["construct", "quantity"]
    )
    assert lenient.loc[("visual", "ave"), "verdict"] == "met"
    assert lenient.loc[("visual", "ave"), "source"] == "study"
    with pytest.raises(OptionError, match="Did you mean loading"):
        THRESHOLDS.with_values(laoding=0.5)


def scale_of(**columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    common = rng.normal(size=40)
    frame = pd.DataFrame({name: common + rng.normal(size=40) for name in "abcd"})
    return frame.assign(**columns)


@pytest.mark.parametrize(
    ("data", "constructs", "told"),
    [
        (scale_of(), {"s": ["a", "b", "e"]}, "'e'"),
        (scale_of(d=3.0), {"s": ["a", "b", "d"]}, "'d' is constant: all 40 answers are 3"),
        (scale_of(d=np.nan), {"s": ["a", "b", "d"]}, "'d' has no answers"),
        (scale_of(d="x"), {"s": ["a", "b", "d"]}, "'d' holds text"),
        (scale_of(), {"s": ["a", "b"], "t": ["b", "c"]}, "'b' stands in two constructs"),
        (scale_of(), {"s": ["a", "a"]}, "'a' is named twice"),
        (scale_of(), {"s": []}, "'s' has no items"),
        (scale_of(), {"s": "abc"}, "list of column names"),
        (scale_of(), {}, "at least one entry"),
        (scale_of(), ["a", "b"], "at least one entry"),
        (5, {"s": ["a", "b"]}, "cannot be read"),
    ],
)
def test_bad_scales_are_named(data: object, constructs: dict[str, list[str]], told: str) -> None:
    with pytest.raises(DataError, match=told):
        reliability(data, constructs)


def test_bad_matrices_are_named() -> None:
    good = scale_of().cov()
    bent = good.copy()
    bent.loc["a", "b"] += 0.5
    with pytest.raises(DataError, match="not symmetric: 'a' with 'b'"):
        reliability(bent, {"s": ["a", "b", "c"]}, n_obs=40)
    negative = good.copy()
    negative.loc["c", "c"] = -1.0
    with pytest.raises(DataError, match="'c' a variance of -1"):
        reliability(negative, {"s": ["a", "b", "c"]}, n_obs=40)
    with pytest.raises(DataError, match="reverse names 'z'"):
        reliability(scale_of(), {"s": ["a", "b"]}, reverse=["z"])


def test_a_copied_item_and_few_rows_are_said() -> None:
    copied = reliability(scale_of(d=lambda f: f["a"]), {"s": list("abcd")}).loc["s"]
    assert "exact combination" in copied["note"]
    assert copied["alpha"] > 0
    few = scale_of().head(3)
    assert "too few" in reliability(few, {"s": list("abcd")}).loc["s", "note"]


def test_no_error_of_numpy_reaches_a_user() -> None:
    for data in (pd.DataFrame(), scale_of().head(0), scale_of().head(1), scale_of(a=np.inf), None):
        with pytest.raises(ResearchError):
            reliability(data, {"s": ["a", "b", "c"]})
