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
from research.measurement.validity import (
    cross_loadings,
    discriminant_validity,
    fornell_larcker,
    htmt,
    htmt_intervals,
)


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


def test_htmt_intervals_equal_seminr_within_the_error_of_its_draws() -> None:
    """seminr: 1,000 percentile draws of the survey; a limit's Monte Carlo error is about 0.09 SE there."""
    stored = golden("mobi_boot1000")["summary"]["htmt"]
    expected = pd.DataFrame(stored["data"], columns=stored["cols"])
    found = htmt_intervals(mobi(), MOBI, n_draws=5000, seed=3)
    assert [f"{a}  ->  {b}" for a, b in zip(found["construct"], found["other"], strict=True)] == stored[
        "rows"
    ]
    close(found["ratio"], expected["Original Est."], 1e-12)
    spread = expected["Bootstrap SD"].to_numpy()
    assert (np.abs(found["se"] / spread - 1) < 0.1).all()
    for own, theirs in (("low", "2.5% CI"), ("high", "97.5% CI")):
        apart = (found[own].to_numpy() - expected[theirs].to_numpy()) / spread
        assert np.abs(apart).max() < 0.35  # four standard errors of a limit of 1,000 draws
        assert abs(apart.mean()) < 0.06
    assert (found["n_failed"] == 0).all()
    assert (found["below_90"] == (found["high"] < 0.90)).all()


def test_a_draw_of_htmt_is_the_ratio_of_the_drawn_rows() -> None:
    """By definition: weighted correlations equal those of the rows put together, with gaps and without."""
    from research.numerics.discriminant import htmt_matrix, htmt_pairs
    from research.numerics.resampled_pairs import pair_correlations, pair_covariances, pair_table

    rng = np.random.default_rng(4)
    values = rng.normal(size=(40, 1)) + rng.normal(size=(40, 5))
    places = [np.array([0, 1]), np.array([2, 3, 4])]
    for gaps in (False, True):
        if gaps:
            values[rng.random(values.shape) < 0.15] = np.nan
        chosen = rng.integers(40, size=(3, 40))
        counts = np.stack([np.bincount(rows, minlength=40) for rows in chosen]).astype(float)
        cor = pair_correlations(pair_covariances(counts @ pair_table(values), 40, 5), 5)
        for mean in ("arithmetic", "geometric"):
            got = htmt_pairs(cor, 5, places, mean)
            for at, rows in enumerate(chosen):
                cov = pd.DataFrame(values[rows]).cov().to_numpy()
                sd = np.sqrt(np.diag(cov))
                want = htmt_matrix(cov / np.outer(sd, sd), places, mean)
                assert got[at, 0] == pytest.approx(want[0, 1], abs=1e-10)


def test_htmt_intervals_do_not_depend_on_workers_and_count_lost_draws() -> None:
    frame = hs()
    for kind in ("htmt", "htmt2"):
        one = htmt_intervals(frame, HS, kind, n_draws=12_000, workers=1, interval="bca")
        pd.testing.assert_frame_equal(
            one, htmt_intervals(frame, HS, kind, n_draws=12_000, workers=2, interval="bca")
        )
        other = htmt_intervals(frame, HS, kind, n_draws=12_000, seed=2, interval="bca")
        assert not np.allclose(one["low"], other["low"], atol=1e-9)
        assert np.allclose(one["low"], other["low"], atol=0.03)
    rare = frame.iloc[:12].assign(x1=[1.0] + [0.0] * 11)  # one row in three samples lacks the only 1
    lost = htmt_intervals(rare, HS, n_draws=2000)["n_failed"].to_numpy()
    assert (lost == lost[0]).all()
    assert abs(lost[0] / 2000 - (11 / 12) ** 12) < 0.05


def test_what_htmt_intervals_cannot_be_computed_from_is_named() -> None:
    with pytest.raises(DataError, match="'visual' is given, two are needed"):
        htmt_intervals(hs(), {"visual": HS["visual"]})
    with pytest.raises(DataError, match="need the answers themselves"):
        htmt_intervals(hs()[[item for items in HS.values() for item in items]].corr(), HS)
    for bad in ({"n_draws": 5}, {"level": 1.0}, {"interval": "bias"}, {"workers": 0}, {"kind": "htmt3"}):
        with pytest.raises(OptionError):
            htmt_intervals(hs(), HS, **bad)


def test_ave_stands_beside_msv_and_asv() -> None:
    """From lavaan's latent correlations and semTools' AVE, squared and averaged by hand."""
    expected = reference_case("320-comprelsem-hs")["expected"]
    found = discriminant_validity(hs(), HS).set_index("construct")
    r2 = matrix(expected["lv_cor"]) ** 2
    np.fill_diagonal(r2, np.nan)
    close(found["msv"], np.nanmax(r2, axis=1), 1e-5)
    close(found["asv"], np.nanmean(r2, axis=1), 1e-5)
    close(found["sqrt_ave"], [expected["sqrt_AVE"][name] for name in HS], 1e-5)
    assert found["nearest"].to_dict() == {"visual": "speed", "textual": "visual", "speed": "visual"}
    assert (found["above_msv"] == (found["ave"] > found["msv"])).all()
    single = discriminant_validity(mobi(), MOBI).set_index("construct").loc["Complaints"]
    assert np.isnan(single["ave"])
    assert not single["above_msv"]
    with pytest.raises(DataError, match="only 'visual' is given"):
        discriminant_validity(hs(), {"visual": HS["visual"]})


def test_a_draw_of_polychoric_htmt_is_the_ratio_of_the_drawn_answers() -> None:
    """Against `htmt` of the drawn rows, which semTools witnesses; categories may be missing among them."""
    from research.numerics.discriminant_ordinal import ordinal_htmt

    frame = pd.read_csv(shared("reference/data/hs_ordinal.csv")).iloc[:60]
    lowest = frame.filter(regex="^o").min()
    blocks = {"visual": ["o1", "o2", "o3"], "textual": ["o4", "o5", "o6"]}
    items = [item for own in blocks.values() for item in own]
    places = [np.arange(3), np.arange(3, 6)]
    rng = np.random.default_rng(3)
    for _ in range(5):
        drawn = frame.iloc[rng.integers(60, size=60)]
        codes = (drawn[items] - lowest[items]).to_numpy().T.astype(np.intp)
        for kind, mean in (("htmt", "arithmetic"), ("htmt2", "geometric")):
            want = htmt(drawn.reset_index(drop=True), blocks, kind, "polychoric").iloc[0, 1]
            assert ordinal_htmt(codes, places, mean)[0] == pytest.approx(want, abs=1e-9)
    codes[:, :20] = -1
    assert np.isfinite(ordinal_htmt(codes, places, "arithmetic")).all()
    codes[0] = 0
    assert np.isnan(ordinal_htmt(codes, places, "arithmetic")).all()


def test_polychoric_htmt_intervals() -> None:
    frame = pd.read_csv(shared("reference/data/hs_ordinal.csv")).iloc[:80]
    blocks = {"visual": ["o1", "o2", "o3"], "textual": ["o4", "o5", "o6"]}
    one, two = (htmt_intervals(frame, blocks, cor="polychoric", n_draws=100, workers=n) for n in (1, 2))
    pd.testing.assert_frame_equal(one, two)
    row, other = (
        one.iloc[0],
        htmt_intervals(frame.iloc[:40], blocks, cor="polychoric", n_draws=100, interval="bca").iloc[0],
    )
    assert row["ratio"] == pytest.approx(htmt(frame, blocks, cor="polychoric").iloc[0, 1], abs=1e-12)
    assert row["low"] < row["ratio"] < row["high"]
    assert other["low"] < other["ratio"] < other["high"]
    plain = htmt_intervals(frame, blocks, n_draws=2000).iloc[0]
    assert row["se"] == pytest.approx(plain["se"], rel=0.4)
    assert (row["cor"], plain["cor"]) == ("polychoric", "pearson")
    with pytest.raises(OptionError, match="allowed: pearson, polychoric"):
        htmt_intervals(frame, blocks, cor="tetrachoric")
