"""Rival factor models and method bias against lavaan and base R (tests/reference/rival_models.R)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import close, reference_case
from shared import shared
from surveys import HS, MOBI, hs, mobi

import research
from research.errors import DataError, OptionError
from research.measurement.method_bias import MethodBias
from research.report.printed import printed
from research.report.tables_validity import rival_models_table

SVC = {
    "Trust": [f"tru{i}" for i in range(1, 5)],
    "Satisfaction": [f"sat{i}" for i in range(1, 5)],
    "Loyalty": [f"loy{i}" for i in range(1, 6)],
}
FIVE = {name: [f"{name}{i}" for i in range(1, 4)] for name in ("tan", "rel", "res", "ass", "emp")}


@cache
def stored() -> dict[str, Any]:
    path = Path(__file__).parent / "reference" / "rival_models.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def svc() -> pd.DataFrame:
    return pd.read_csv(shared("reference/data/svc_sim.csv"))


def row_of(frame: pd.DataFrame, model: str) -> dict[str, Any]:
    return {str(name): value for name, value in frame.set_index("model").loc[model].items()}


def same_fit(row: dict[str, Any], want: dict[str, float]) -> None:
    """Chi-square and indices at the precision of lavaan's optimizer; robust ones where there are."""
    robust = "chisq_scaled" in want
    index = "_robust" if robust else ""
    scaled = "_scaled" if robust else ""
    names = {"chisq": f"chisq{scaled}", "df": "df", "cfi": f"cfi{index}", "rmsea": f"rmsea{index}"}
    names |= {"srmr": "srmr", "aic": "aic", "bic": "bic", "rmsea_low": f"rmsea_ci_lower{index}"}
    for own, theirs in names.items():
        if theirs in want and want[theirs] is not None:
            assert row[own] == pytest.approx(want[theirs], rel=2e-6, abs=2e-5), own


@pytest.mark.parametrize(
    ("case", "data", "blocks", "options", "skipped"),
    [
        ("hs_ML", hs, HS, {}, ()),
        # a Heywood case on flat ground: lavaan's scaled test moves in its fifth digit with its stopping rule
        ("hs_MLR", hs, HS, {"estimator": "MLR"}, ("bifactor",)),
        ("svc_MLM", svc, SVC, {"estimator": "MLM"}, ()),
        # lavaan stops there at a residual variance of minus infinity
        ("mobi_ML", mobi, MOBI, {}, ("bifactor",)),
        ("five", svc, FIVE, {}, ()),
    ],
)
def test_rival_models_equal_lavaan(
    case: str, data: Any, blocks: dict[str, list[str]], options: dict[str, object], skipped: tuple[str, ...]
) -> None:
    expected = stored()[case]
    expected = expected.get("models", expected)
    found = research.rival_models(data(), blocks, **options)
    assert found["model"].tolist() == list(expected)
    for model, want in expected.items():
        if model in skipped:
            continue
        row = row_of(found, model)
        if not want["converged"]:
            assert row["verdict"] == "no solution"
            assert row["note"]
            continue
        same_fit(row, want["fit"])
        if "difference" in want and model != "bifactor":
            close([row["chisq_diff"], row["df_diff"]], [want["difference"][k] for k in ("chisq", "df")], 1e-4)
            assert row["p_diff"] == pytest.approx(want["difference"]["p"], rel=1e-3, abs=1e-12)


def test_verdicts_on_rivals() -> None:
    found = research.rival_models(hs(), HS).set_index("model")["verdict"].to_dict()
    assert found == {
        "correlated factors": "proposed",
        "merged factors": "worse",
        "one factor": "worse",
        "second order": "equivalent",
        "bifactor": "lower BIC",
    }
    rng = np.random.default_rng(2)
    one = pd.DataFrame(rng.normal(size=(300, 1)) + rng.normal(size=(300, 6)), columns=list("abcdef"))
    same = research.rival_models(one, {"x": list("abc"), "y": list("def")})
    assert row_of(same, "one factor")["verdict"] == "no worse"
    assert row_of(same, "second order")["verdict"] == "no solution"
    assert "three are needed" in row_of(same, "second order")["note"]
    assert same["model"].tolist() == ["correlated factors", "one factor", "second order", "bifactor"]


def test_sets_of_constructs_are_merged_as_asked() -> None:
    found = research.rival_models(mobi(), MOBI, merged=[("Satisfaction", "Image", "Quality")])
    assert found["merged"].tolist()[1:3] == ["Quality + Satisfaction", "Image + Quality + Satisfaction"]
    direct = research.cfa(
        "m =~ IMAG1+IMAG2+IMAG3+IMAG4+IMAG5+PERQ1+PERQ2+PERQ3+PERQ4+PERQ5+PERQ6+PERQ7+CUSA1+CUSA2+CUSA3\n"
        "e =~ CUEX1+CUEX2+CUEX3\nv =~ PERV1+PERV2\nc =~ CUSCO\nl =~ CUSL1+CUSL2+CUSL3",
        mobi(),
    )
    assert found["chisq"].iloc[2] == pytest.approx(direct.statistic.chisq, rel=1e-7)
    for merged, message in (
        ([("Image", "Nothing")], "Nothing"),
        ([("Image",)], "two or more"),
        (["Image"], "two"),
    ):
        with pytest.raises(DataError, match=message):
            research.rival_models(mobi(), MOBI, merged=merged)


def test_rivals_from_a_matrix_and_of_ordered_answers() -> None:
    items = [item for own in HS.values() for item in own]
    direct, from_matrix = (
        research.rival_models(hs(), HS),
        research.rival_models(hs()[items].cov(), HS, n_obs=301),
    )
    close(from_matrix["chisq"], direct["chisq"], 1e-6)
    ordered = research.rival_models(svc(), SVC, ordered=True)
    fit = research.cfa("f =~ " + " + ".join(i for own in SVC.values() for i in own), svc(), ordered=True)
    assert row_of(ordered, "one factor")["chisq"] == pytest.approx(fit.measures()["chisq_scaled"], rel=1e-6)
    assert np.isnan(row_of(ordered, "bifactor")["bic"])
    assert row_of(ordered, "bifactor")["verdict"] == "not comparable"
    with pytest.raises(DataError, match="alone has no rival models"):
        research.rival_models(hs(), {"visual": HS["visual"]})
    with pytest.raises(OptionError, match="group="):
        research.rival_models(hs(), HS, group="school")


def test_the_single_factor_equals_the_case_of_the_reference_battery() -> None:
    """Case 056: its one-factor CFA with scaled test, printed beside the proposed model."""
    want = {
        name.replace(".", "_"): v
        for name, v in reference_case("056-svc-single-factor-cmb")["expected"]["fit"].items()
    }
    found = research.method_bias(svc(), SVC, tests=("harman", "single_factor"), estimator="MLM")
    assert found.single_factor is not None
    same_fit(row_of(found.single_factor, "one factor"), want)
    assert found.method_factor is None
    assert found.vif is None


def test_method_factors_equal_lavaan() -> None:
    for name, data, blocks in (("hs", hs(), HS), ("svc", svc(), SVC)):
        frame = research.method_bias(data, blocks, tests=("method_factor",)).method_factor
        assert frame is not None
        rows = frame.rename(columns={"variant": "model"})
        for variant in ("equal", "free"):
            want = stored()["method"][name]["small" if (name, variant) == ("svc", "free") else variant]
            row = row_of(rows, variant)
            same_fit(row, want["fit"])
            assert row["admissible"] == want["admissible"]
            close([row["method_share"], row["construct_share"]], [want["method"], want["trait"]], 1e-4)
            close([row["chisq_diff"], row["df_diff"]], [want["difference"][k] for k in ("chisq", "df")], 1e-4)


def test_marker_models_equal_lavaan() -> None:
    frame = research.method_bias(hs(), HS, "speed", tests=("marker",)).marker_models
    assert frame is not None
    expected = stored()["marker"]
    for model, name in {
        "CFA": "cfa",
        "Baseline": "baseline",
        "Method-C": "method_c",
        "Method-U": "method_u",
    }.items():
        close(
            [row_of(frame, model)[k] for k in ("chisq", "df")],
            [expected[name][k] for k in ("chisq", "df")],
            1e-6,
        )
    restricted = row_of(frame, "Method-R")
    assert restricted["against"] == "Method-C"
    close([restricted["chisq"], restricted["df"]], [expected["method_r_c"][k] for k in ("chisq", "df")], 1e-6)
    assert restricted["chisq_diff"] == pytest.approx(
        expected["method_r_c"]["chisq"] - expected["method_c"]["chisq"], abs=1e-4
    )


def test_marker_takes_its_share_out_of_correlations() -> None:
    """By hand from Lindell & Whitney (2001): r_M .2247 is speed's smallest; (.3136 - .2247) / (1 - .2247)."""
    by_column = research.method_bias(
        hs(), {name: HS[name] for name in ("visual", "textual")}, ["x7", "x8", "x9"], tests=("marker",)
    )
    by_name = research.method_bias(hs(), HS, "speed", tests=("marker",))
    for found in (by_column, by_name):
        assert found.marker is not None
        row = found.marker.iloc[0]
        scores = pd.DataFrame({name: hs()[items].mean(axis=1) for name, items in HS.items()}).corr()
        r_marker = min(scores.loc["speed", "visual"], scores.loc["speed", "textual"])
        adjusted = (scores.loc["visual", "textual"] - r_marker) / (1 - r_marker)
        close([row["r_marker"], row["r_adjusted"]], [r_marker, adjusted], 1e-12)
        assert row["t"] == pytest.approx(adjusted / np.sqrt((1 - adjusted**2) / 298), rel=1e-12)
        from scipy.stats import t

        assert row["p_adjusted"] == pytest.approx(2 * t.sf(row["t"], 298), rel=1e-9)


def test_harman_and_full_collinearity_equal_psych_and_lm() -> None:
    for name, data, blocks in (("mobi", mobi(), MOBI), ("hs", hs(), HS)):
        found = research.method_bias(data, blocks, tests=("harman", "vif"))
        assert found.harman is not None
        assert found.vif is not None
        assert found.harman["share"].iloc[0] == pytest.approx(stored()["harman"][name], rel=1e-9)
        close(found.vif["vif"], list(stored()["vif"][name].values()), 1e-9)


def test_every_test_is_read_in_both_languages() -> None:
    found = research.method_bias(hs(), HS, "speed")
    assert isinstance(found, MethodBias)
    assert [reading.test for reading in found.readings] == [
        *("harman", "single_factor", "method_factor", "marker", "marker_models", "vif")
    ]
    for reading in found.readings:
        assert set(reading.text) == {"en", "zh"}
        assert "nan" not in " ".join(reading.text.values())
    summary = found.summary().set_index("test")
    assert summary.loc["harman", "met"]
    assert summary.loc["vif", "threshold"] == 3.3
    high = research.method_bias(mobi(), MOBI, tests=("vif",)).summary()
    assert not high["met"].iloc[0]
    assert "3.63 (Quality), above 3.3" in high["reading"].iloc[0]


def test_what_method_bias_cannot_test_is_said() -> None:
    alone = research.method_bias(hs(), {"visual": HS["visual"]})
    assert [reading.test for reading in alone.readings] == ["harman"]
    assert "One construct only" in alone.notes[0]
    assert "No marker variable" in research.method_bias(hs(), HS, tests=("harman", "marker")).notes[0]
    for marker, message in (
        ("x1", "belongs to the construct"),
        ("nothing", "nothing"),
        (["x7", "x7"], "twice"),
    ):
        with pytest.raises(DataError, match=message):
            research.method_bias(hs(), {"v": HS["visual"], "t": HS["textual"]}, marker)
    with pytest.raises(DataError, match="harman"):
        research.method_bias(hs(), HS, tests=("harmann",))
    copies = hs().assign(**{f"y{i}": hs()[f"x{i}"] for i in (1, 2, 3)})
    twice = research.method_bias(copies, {"a": HS["visual"], "b": ["y1", "y2", "y3"]})
    assert twice.vif is not None
    assert np.isinf(twice.vif["vif"]).all()
    against = hs().assign(x2=-hs()["x1"], x3=hs()["x4"] * 0 + hs()["x1"] * 0 + np.arange(301) % 2 * 1e-9)
    with pytest.raises(DataError, match="cancel each other"):
        research.method_bias(against, {"a": ["x1", "x2"], "b": HS["textual"]}, tests=("vif",))


def test_the_table_of_an_estimator_without_bic_has_no_empty_column_and_promises_none() -> None:
    columns = [
        "model",
        "merged",
        "chisq",
        "df",
        "cfi",
        "tli",
        "rmsea",
        "srmr",
        "bic",
        "chisq_diff",
        "df_diff",
        "p_diff",
        "verdict",
        "index",
    ]
    rows = [
        ("correlated factors", "", 10.0, 5, 0.99, 0.98, 0.02, 0.01, np.nan, np.nan, np.nan, np.nan),
        ("bifactor", "", 8.0, 3, 0.99, 0.98, 0.02, 0.01, np.nan, np.nan, np.nan, np.nan),
    ]
    ends = [("proposed", "robust"), ("not comparable", "robust")]
    frame = pd.DataFrame([row + end for row, end in zip(rows, ends, strict=True)], columns=columns)
    grid = printed(rival_models_table(frame), "en")
    assert "BIC" not in grid.headings
    assert "the estimator has no BIC" in grid.note
    with_bic = printed(rival_models_table(frame.assign(bic=[100.0, 90.0])), "en")
    assert "BIC" in with_bic.headings
    assert "BIC stands in" in with_bic.note
