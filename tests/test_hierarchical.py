"""Regression in steps against R, and what happens where steps are not nested."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from shared import shared

from research.errors import ModelError
from research.structure.hierarchical import hierarchical


def test_steps_equal_r() -> None:
    reference = json.loads(shared("reference/cases/401-hierarchical.json").read_text(encoding="utf-8"))
    data = pd.read_csv(shared(f"reference/{reference['input']['data']}"))
    blocks = [[block] if isinstance(block, str) else block for block in reference["input"]["blocks"]]
    result = hierarchical([f"rating ~ {' + '.join(block)}" for block in blocks], data)
    expected = reference["expected"]
    for (_, step), model in zip(result.steps.iterrows(), expected["models"], strict=True):
        assert step["r2"] == pytest.approx(model["r2"], abs=1e-12)
    for (_, step), change in zip(result.steps.iloc[1:].iterrows(), expected["steps"], strict=True):
        assert step["delta_r2"] == pytest.approx(change["dR2"], abs=1e-12)
        assert step["delta_f"] == pytest.approx(change["F"], rel=1e-9)
        assert (step["df1"], step["df2"]) == (change["df1"], change["df2"])
        assert step["p"] == pytest.approx(change["p"], rel=1e-9)
    for fit, betas, f2 in zip(result.fits, expected["std_beta"], expected["cohens_f2"], strict=True):
        table = fit.tidy().set_index("term")["beta"]
        assert {term: table[term] for term in betas} == pytest.approx(betas, abs=1e-12)
        assert fit.measures()["cohens_f2"] == pytest.approx(f2, rel=1e-12)
    first = result.steps.iloc[0]
    assert first["delta_r2"] == first["r2"]
    assert first["delta_f"] == pytest.approx(expected["models"][0]["F"], rel=1e-12)


def test_all_steps_stand_on_the_same_rows() -> None:
    rng = np.random.default_rng(5)
    data = pd.DataFrame(rng.normal(size=(40, 3)), columns=["y", "a", "b"])
    data.loc[:4, "b"] = np.nan
    result = hierarchical(["y ~ a", "y ~ a + b"], data)
    assert result.steps["n_obs"].tolist() == [35, 35]
    assert result.notes == ("5 of 40 rows were left out: a value is missing in one of the columns.",)


def test_the_robust_change_is_a_wald_test() -> None:
    """With one added term the F is the square of its robust t; statsmodels gives the joint test of two."""
    import statsmodels.formula.api as smf

    rng = np.random.default_rng(6)
    data = pd.DataFrame(rng.normal(size=(60, 4)), columns=["y", "a", "b", "c"])
    data["y"] += data["a"] * (1 + data["b"])
    one = hierarchical(["y ~ a", "y ~ a + b"], data, "HC3")
    t = one.fits[1].tidy().set_index("term").loc["b", "statistic"]
    assert one.steps.loc[1, "delta_f"] == pytest.approx(t**2, rel=1e-10)
    two = hierarchical(["y ~ a", "y ~ a + b + c"], data, "HC3").steps.iloc[1]
    theirs = smf.ols("y ~ a + b + c", data).fit(cov_type="HC3", use_t=True).f_test("b = 0, c = 0")
    assert two["delta_f"] == pytest.approx(float(theirs.fvalue), rel=1e-9)
    assert two["p"] == pytest.approx(float(theirs.pvalue), rel=1e-9)


@pytest.mark.parametrize(
    ("formulas", "told"),
    [
        (["y ~ a", "y ~ b"], "leaves out 'a'"),
        (["y ~ a", "b ~ a + c"], "explains 'b'"),
        (["y ~ a", "y ~ a"], "adds nothing"),
        (["y ~ a", "y ~ 0 + a + b"], "intercept"),
        ("y ~ a", "list of formulas"),
        ([], "list of formulas"),
    ],
)
def test_steps_that_are_not_nested_are_refused(formulas: list[str], told: str) -> None:
    data = pd.DataFrame(np.random.default_rng(1).normal(size=(9, 4)), columns=["y", "a", "b", "c"])
    with pytest.raises(ModelError, match=told):
        hierarchical(formulas, data)
