"""Conditional process with an outcome of two values: effects in log odds, against statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.discrete_model import Logit

import research
from research.errors import OptionError
from research.provenance import seed_sequence


def answers(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    x, w, c, e = rng.normal(size=(4, n))
    m = 0.5 * x + 0.3 * c + e
    eta = -0.3 + 0.6 * m + 0.4 * m * w + 0.2 * x
    return pd.DataFrame({"x": x, "w": w, "c": c, "m": m, "y": (rng.random(n) < 1 / (1 + np.exp(-eta))) * 1})


DATA = answers()


def run(model: Any = 14, data: pd.DataFrame = DATA, **options: Any) -> Any:
    given = {"x": "x", "y": "y", "m": ["m"], "w": "w", "covariates": ["c"], "bootstrap": 300} | options
    return research.process(data, model, **given)


def design(data: pd.DataFrame = DATA) -> np.ndarray:
    columns = [np.ones(len(data)), data["x"], data["m"], data["w"], data["m"] * data["w"], data["c"]]
    return np.column_stack(columns)


def test_the_last_regression_is_logistic_and_the_others_are_not() -> None:
    found = run()
    models = found.models()
    theirs = Logit(DATA["y"].to_numpy(), design()).fit(disp=0, tol=1e-12)
    own = models[models["outcome"] == "y"]
    assert own["term"].tolist() == ["(Intercept)", "x", "m", "w", "m:w", "c"]
    np.testing.assert_allclose(own["estimate"], theirs.params, rtol=1e-7)
    np.testing.assert_allclose(own["se"], theirs.bse, rtol=1e-6)
    np.testing.assert_allclose(own["p"], theirs.pvalues, rtol=1e-5)
    np.testing.assert_allclose(own[["low", "high"]], theirs.conf_int(), rtol=1e-6)
    measures = found.measures().set_index("outcome")
    assert measures.loc["y", "r2"] == pytest.approx(theirs.prsquared, rel=1e-7)  # their null is searched for
    assert measures.loc["y", "p"] == pytest.approx(theirs.llr_pvalue, rel=1e-6)
    a = np.linalg.lstsq(np.column_stack([np.ones(300), DATA[["x", "c"]]]), DATA["m"], rcond=None)[0][1]
    effects = found.effects(contrasts=False)
    index = effects.set_index("effect").loc["index of moderated mediation"]
    assert index["estimate"] == pytest.approx(a * theirs.params[4], rel=1e-7)
    assert not effects["effect"].str.contains("total").any()
    assert any("log odds of 1 against 0" in note for note in found.notes)
    tests = found.tests().set_index("outcome").loc["y"]
    assert tests["f"] == pytest.approx((theirs.params[4] / theirs.bse[4]) ** 2, rel=1e-6)
    assert tests["p"] == pytest.approx(theirs.pvalues[4], rel=1e-5)


def test_draws_are_refits_of_the_same_samples() -> None:
    found = run(seed=9)
    n = len(DATA)
    (child, _) = seed_sequence(9, "process/bootstrap").spawn(2)
    drawn = np.random.Generator(np.random.PCG64(child)).integers(n, size=(256, n), dtype=np.uint16)
    for draw in (0, 31, 255):
        rows = DATA.iloc[np.sort(drawn[draw])]
        theirs = Logit(rows["y"].to_numpy(), design(rows)).fit(disp=0, tol=1e-12)
        np.testing.assert_allclose(found.draws.coefficients[1][draw], theirs.params, rtol=1e-6)
    assert found.draws.failed == 0


def test_one_row_left_out_to_the_first_order() -> None:
    from research.numerics.resampled_logit import ResampledLogit

    model = ResampledLogit(design(), DATA["y"].to_numpy(float))
    left = model.leave_one_out()
    whole = Logit(DATA["y"].to_numpy(), design()).fit(disp=0, tol=1e-12).params
    for row in (0, 100, 299):
        kept = DATA.drop(index=row)
        theirs = Logit(kept["y"].to_numpy(), design(kept)).fit(disp=0, tol=1e-12).params
        np.testing.assert_allclose(
            left[row] - whole, theirs - whole, atol=0.05 * np.abs(theirs - whole).max()
        )
    low, high = run().effects("bca").set_index("effect").loc["index of moderated mediation", ["low", "high"]]
    assert low < run().effects().set_index("effect").loc["index of moderated mediation", "estimate"] < high


def test_bounds_and_predictions() -> None:
    found = run(bootstrap=0)
    for bound in found.johnson_neyman()["bound"].dropna():
        slope = run(bootstrap=0, probe={"w": [bound]}).simple_slopes()
        assert slope["p"].iloc[0] == pytest.approx(0.05, abs=1e-8)
    lines = found.predictions("y", "m", points=4)
    theirs = Logit(DATA["y"].to_numpy(), design()).fit(disp=0, tol=1e-12)
    m, w = lines["value"].to_numpy(float), lines["at_w"].to_numpy()
    rows = np.column_stack(
        [np.ones(len(m)), np.full(len(m), DATA["x"].mean()), m, w, m * w, np.full(len(m), DATA["c"].mean())]
    )
    np.testing.assert_allclose(lines["estimate"], theirs.predict(rows), rtol=1e-6)
    assert lines["low"].between(0, 1).all()


def test_any_two_values_and_robust_errors() -> None:
    shifted = run(data=DATA.assign(y=DATA["y"] + 1), bootstrap=0)
    np.testing.assert_allclose(shifted.models()["estimate"], run(bootstrap=0).models()["estimate"], rtol=1e-9)
    robust = run(cov_type="HC3", bootstrap=0)
    assert any("conventional ones" in note for note in robust.notes)
    plain = run(bootstrap=0).models()
    assert robust.models()["se"].iloc[-1] == pytest.approx(plain["se"].iloc[-1], rel=1e-12)
    assert robust.models()["se"].iloc[1] != pytest.approx(plain["se"].iloc[1], rel=1e-6)
    with pytest.raises(OptionError, match="log odds are not standardized"):
        run().effects(standardized="partial")


def test_separated_samples_are_counted() -> None:
    data = DATA.assign(y=((DATA["m"] > 1.9) | (np.arange(300) == 7)) * 1)
    found = run(4, data=data, w=None, covariates=(), bootstrap=1000)
    assert found.draws.failed > 0
    assert any("bootstrap samples" in note for note in found.notes)
    assert found.effects()[["low", "high"]].notna().all(axis=None)
