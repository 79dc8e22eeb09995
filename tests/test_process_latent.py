"""Interactions of latent variables against semTools, and against regression where all is observed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cases import case_data, close, reference_case
from reference_cases import fit_case

import research
from research.errors import DataError, ModelError, OptionError

CASE = "130-latent-interaction-dmc"
PAIRS = {"f12": (["x1", "x2", "x3"], ["x4", "x5", "x6"])}


def test_double_centred_products_equal_semtools() -> None:
    """The data of case 130 hold the products that semTools made of its items."""
    stored = case_data(reference_case(CASE))
    names = ["x1.x4", "x2.x5", "x3.x6"]
    own = research.product_indicators(stored.drop(columns=names), PAIRS, match="matched")
    close(own[names], stored[names], 1e-12)
    assert own["x1"].equals(stored["x1"])
    every = research.product_indicators(stored.drop(columns=names), PAIRS)
    assert len(every.columns) == 9 + 9
    assert every[["x1.x5", "x3.x4"]].mean().abs().max() < 1e-12
    assert research.product_model(PAIRS, "matched") == "f12 =~ x1.x4 + x2.x5 + x3.x6"
    written = research.product_model(PAIRS).splitlines()
    assert written[0].count("+") == 8
    assert written[1] == "x1.x4 ~~ x1.x5 + x1.x6 + x2.x4 + x3.x4"


def test_simple_slopes_equal_semtools() -> None:
    reference = reference_case(CASE)["expected"]["probe2WayMC"]["SimpleSlope"]
    found = research.probe(fit_case(CASE), "f1", "f3", "f2", "f12", at=reference["f2"])
    own = found[found["effect"] == "conditional direct"]
    close(own["estimate"], reference["est"], 1e-5)
    close(own["se"], reference["se"], 1e-5)
    close(own["p"], reference["pvalue"], 1e-5)
    contrast = found[found["effect"] == "contrast"]["estimate"].iloc[0]
    assert contrast == pytest.approx(reference["est"][1] - reference["est"][0], abs=1e-5)


def test_by_default_one_standard_deviation_either_side() -> None:
    expected = reference_case(CASE)["expected"]["lv_cov"]["all"]
    sd = np.sqrt(expected["values"][1][1])
    at = research.probe(fit_case(CASE), "f1", "f3", "f2", "f12")["at_f2"].dropna()
    close(at, [-sd, 0.0, sd], 1e-4)


def observed() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    x, w, e, f = rng.normal(size=(4, 300)) + np.array([[1.0], [2.0], [0.0], [0.0]])
    m = 0.4 * x + 0.3 * x * w + e
    return pd.DataFrame({"x": x, "w": w, "xw": x * w, "m": m, "y": 0.5 * m + 0.2 * x + f})


def test_observed_variables_give_the_same_effects_as_regression() -> None:
    """Model 7 as a path model: the same slopes, and the errors of maximum likelihood (n for n - k)."""
    data = observed()
    fit = research.sem("m ~ x + w + xw\ny ~ m + x", data)
    own = research.probe(fit, "x", "y", "w", "xw", through=["m"], at=[1.0, 3.0])
    regression = research.process(
        data, 7, "x", "y", ["m"], "w", bootstrap=0, probe={"w": [1.0, 3.0]}
    ).effects()
    theirs = regression[regression["effect"] != "direct"]
    assert own["effect"].tolist() == theirs["effect"].tolist()
    assert own["at"].tolist() == theirs["at"].tolist()
    assert list(own.columns) == list(theirs.columns)
    np.testing.assert_allclose(own["estimate"], theirs["estimate"], rtol=1e-5)
    np.testing.assert_allclose(own["se"], theirs["se"], rtol=0.01)
    usual = research.probe(fit, "x", "m", "w", "xw")["at_w"].dropna().tolist()
    mean, sd = data["w"].mean(), data["w"].std(ddof=0)
    assert usual == pytest.approx([mean - sd, mean, mean + sd], rel=1e-6)


def test_groups_are_chosen() -> None:
    data = observed().assign(g=np.arange(300) % 2)
    fit = research.sem("m ~ x + w + xw", data, group="g")
    with pytest.raises(OptionError, match="the model has the groups 0, 1; choose one"):
        research.probe(fit, "x", "m", "w", "xw", at=[1])
    own = research.probe(fit, "x", "m", "w", "xw", at=[1], group="1")["estimate"].tolist()
    X = data[data["g"] == 1]
    b = np.linalg.lstsq(
        np.column_stack([np.ones(len(X)), X[["x", "w", "xw"]]]), X["m"].to_numpy(), rcond=None
    )[0]
    assert own == pytest.approx([b[1] + b[3]], rel=1e-4)


def test_faults_are_named() -> None:
    data = observed()
    fit = research.sem("m ~ x + w + xw\ny ~ m + x", data)
    for arguments, message in (
        (("x", "y", "w", "xw"), "no path from 'xw' to 'y'; 'y' is regressed on m, x"),
        (("x", "m", "ww", "xw"), "no variable 'ww'"),
        (("x", "q", "w", "xw"), "regressed on nothing"),
    ):
        with pytest.raises(ModelError, match=message):
            research.probe(fit, *arguments)
    with pytest.raises(ModelError, match="'q', which is not on the path"):
        research.probe(fit, "x", "m", "w", {"q": "xw"})
    with pytest.raises(OptionError, match="no value"):
        research.probe(fit, "x", "m", "w", "xw", at=[])
    with pytest.raises(OptionError, match="level is 2"):
        research.probe(fit, "x", "m", "w", "xw", level=2)
    with pytest.raises(ModelError, match="3 and 2 items"):
        research.product_indicators(data, {"A": (["x", "w", "m"], ["y", "xw"])}, match="matched")
    with pytest.raises(ModelError, match="two lists of items"):
        research.product_indicators(data, {"A": ("x", "w")})
    with pytest.raises(ModelError, match="at least one entry"):
        research.product_indicators(data, {})
    with pytest.raises(OptionError, match="'pairs' is not known"):
        research.product_indicators(data, {"A": (["x"], ["w"])}, match="pairs")
    with pytest.raises(DataError, match=r"no column 'q'"):
        research.product_indicators(data, {"A": (["x"], ["q"])})
    with pytest.raises(DataError, match=r"a column 'x.w' already"):
        research.product_indicators(data.assign(**{"x.w": 1.0}), {"A": (["x"], ["w"])})
    with pytest.raises(DataError, match="'w' has no variance"):
        research.product_indicators(data.assign(w=1.0), {"A": (["x"], ["w"])})


def test_a_product_of_a_missing_answer_is_missing() -> None:
    data = observed()
    data.loc[0, "x"] = np.nan
    made = research.product_indicators(data, {"A": (["x"], ["w"])})
    assert np.isnan(made["x.w"].iloc[0])
    assert made["x.w"].mean() == pytest.approx(0, abs=1e-12)


def test_the_only_item_of_a_construct_goes_with_every_item_of_the_other() -> None:
    """A single item has no error in the model, so that its products share none."""
    text = research.product_model({"AxB": (["a"] * 3, ["b1", "b2", "b3"])}, "matched")
    assert text == "AxB =~ a.b1 + a.b2 + a.b3"
    assert "~~" in research.product_model({"AxB": (["a1", "a2"], ["b1", "b2"])})
