"""Text of panels and growth curves: the models that it makes are lavaan's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from invariance_answers import WAVES, answers, reference
from shared import shared

import research
from research.errors import OptionError
from research.model.longitudinal import cross_lagged, latent_growth

FACTORS = WAVES["f"]


def growth_data() -> pd.DataFrame:
    return pd.read_csv(shared("reference/data/Demo.growth.csv"))


def hold(fit: Any, expected: dict[str, Any]) -> None:
    measures = fit.measures()
    for name in ("chisq", "df", "pvalue", "cfi", "rmsea", "srmr"):
        assert measures[name] == pytest.approx(expected[name], rel=1e-5, abs=1e-6), name


def test_a_panel_of_columns_is_lavaans() -> None:
    text = cross_lagged({"t": ["t1", "t2", "t3"], "c": ["c1", "c2", "c3"]})
    fit = research.sem(text, growth_data())
    hold(fit, reference()["cross_lagged"])
    paths = fit.tidy().query("op == '~'")
    order = {("t2", "t1"): 0, ("t2", "c1"): 1, ("c2", "t1"): 2, ("c2", "c1"): 3}
    for (lhs, rhs), at in order.items():
        row = paths[(paths["lhs"] == lhs) & (paths["rhs"] == rhs)].iloc[0]
        assert row["estimate"] == pytest.approx(reference()["cross_lagged"]["est"][at], abs=1e-6)
        assert row["se"] == pytest.approx(reference()["cross_lagged"]["se"][at], abs=1e-5)


def test_a_panel_of_factors_beside_columns_is_lavaans() -> None:
    expected = reference()["cross_lagged_latent"]
    fit = research.sem(cross_lagged({"f": FACTORS, "u": ["u1", "u2", "u3"]}), answers())
    hold(fit, expected)
    paths = fit.tidy().query("op == '~'").set_index(["lhs", "rhs"])
    for lhs, rhs, est, se in zip(*(expected[n] for n in ("lhs", "rhs", "est", "se")), strict=True):
        names = tuple(f"f_{name[1]}" if name[0] == "f" else name for name in (lhs, rhs))
        assert paths.loc[names, "estimate"] == pytest.approx(est, abs=1e-5)
        assert paths.loc[names, "se"] == pytest.approx(se, abs=1e-5)


def test_random_intercepts_are_lavaans() -> None:
    columns = {name: [f"{name}{wave}" for wave in (1, 2, 3, 4)] for name in ("t", "c")}
    hold(
        research.sem(cross_lagged(columns, random_intercepts=True), growth_data()),
        reference()["random_intercept"],
    )


def test_equal_paths_over_time_take_degrees_of_freedom() -> None:
    columns = {name: [f"{name}{wave}" for wave in (1, 2, 3, 4)] for name in ("t", "c")}
    free = research.sem(cross_lagged(columns), growth_data())
    equal = research.sem(cross_lagged(columns, equal_over_time=True), growth_data())
    assert equal.df == free.df + 8
    assert {"t_c", "c_t", "t_t", "c_c"} == set(equal.tidy()["label"]) - {""}


def test_growth_curves_are_lavaans() -> None:
    waves = ["t1", "t2", "t3", "t4"]
    expected = reference()["growth"]
    fit = research.growth(latent_growth(waves, [0, 1, 2, 4]), growth_data())
    hold(fit, expected)
    tidy = fit.tidy().set_index(["lhs", "op", "rhs"])
    for lhs, op, rhs, est in zip(*(expected[n] for n in ("lhs", "op", "rhs", "est")), strict=True):
        assert tidy.loc[(lhs, op, rhs or ""), "estimate"] == pytest.approx(est, abs=1e-5)
    hold(
        research.growth(latent_growth(waves, quadratic=True), growth_data()), reference()["growth_quadratic"]
    )


def test_a_curve_of_factors_is_lavaans() -> None:
    expected = reference()["growth_factors"]
    fit = research.sem(latent_growth(FACTORS), answers())
    hold(fit, expected)
    tidy = fit.tidy().set_index(["lhs", "op", "rhs"])
    for lhs, op, rhs, est, se in zip(*(expected[n] for n in ("lhs", "op", "rhs", "est", "se")), strict=True):
        row = tidy.loc[(lhs, op, rhs or "")]
        assert (row["estimate"], row["se"]) == pytest.approx((est, se), abs=1e-5)


def test_free_times_predictors_and_names() -> None:
    text = latent_growth(["t1", "t2", "t3", "t4"], [0, np.nan, np.nan, 3], name="loyalty", predictors=["x1"])
    assert "loyalty_s =~ 0*t1 + t2 + t3 + 3*t4" in text
    fit = research.growth(text, growth_data())
    assert fit.vcov is not None
    found = fit.tidy().query("op == '~'")
    assert found["lhs"].tolist() == ["loyalty_i", "loyalty_s"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cross_lagged({"x": ["x1", "x2"]}), "two constructs or more"),
        (lambda: cross_lagged({"x": ["x1", "x2"], "y": ["y1"]}), "same number of waves"),
        (lambda: cross_lagged({"x": ["x1", ["a"]], "y": ["y1", "y2"]}), "one column in each wave"),
        (lambda: cross_lagged({"x": [["a", "b"], ["c"]], "y": ["y1", "y2"]}), "same items in the same order"),
        (lambda: cross_lagged({"x": ["1", "2"], "y": ["3", "4"]}, random_intercepts=True), "three waves"),
        (lambda: latent_growth(["a", "b"]), "three waves or more, not 2"),
        (lambda: latent_growth(["a", "b", "c"], [0, 1]), "2 scores for 3 waves"),
        (lambda: latent_growth(["a", "b", "c"], [1, 1, 1]), "cannot all be the same"),
    ],
)
def test_waves_that_do_not_fit_are_refused(call: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        call()
