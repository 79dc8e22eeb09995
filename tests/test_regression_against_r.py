"""Formulas of every kind, every family and covariance against R (tests/reference/regression_families.R)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import research
from research.errors import DataError

HERE = Path(__file__).parent / "reference"
MEASURES = ("loglik", "aic", "bic", "r2", "adj_r2", "f", "deviance", "null_deviance")


@cache
def witness() -> dict[str, Any]:
    return dict(json.loads((HERE / "regression_families.json").read_text(encoding="utf-8")))


@cache
def answers() -> pd.DataFrame:
    return pd.read_csv(HERE / "regression_families.csv")


def complete() -> pd.DataFrame:
    """The clusters are known of every row that R used."""
    return answers().dropna(subset=["school"])


def same(own: object, theirs: object, rtol: float = 1e-7) -> None:
    wanted = [np.nan if value is None else value for value in np.ravel(np.array(theirs, dtype=object))]
    np.testing.assert_allclose(np.asarray(own, dtype=float).ravel(), np.array(wanted, float), rtol, atol=1e-9)


def labelled() -> list[Any]:
    return [pytest.param(case, id=f"{case['family']}: {case['formula']}") for case in witness()["cases"]]


@pytest.mark.parametrize("case", labelled())
def test_estimates_and_every_kind_of_error(case: dict[str, Any]) -> None:
    for kind, errors in case["se"].items():
        cluster = "school" if kind == "cluster" else None
        fit = research.regress(case["formula"], complete(), case["family"], kind, cluster=cluster)
        table = fit.tidy()
        same(table["estimate"], case["estimate"])
        same(table["se"], errors)
        df = fit.estimates.df
        assert df == (np.inf if case["family"] != "ols" else 13 if cluster else case["n"] - len(table))
    fit = research.regress(case["formula"], complete(), case["family"])
    measures = fit.measures()
    assert measures["n_obs"] == case["n"]
    for name in MEASURES:
        if case.get(name) is not None:
            same(measures[name], case[name])
    if case["family"] == "ols":
        same(fit.tidy()["beta"].fillna(0), [value or 0 for value in np.atleast_1d(case["beta"]).tolist()])
        same(fit.tidy()["vif"], case["vif"], 1e-6)


@pytest.mark.parametrize("case", [c for c in labelled() if "sequential" in c.values[0]])
def test_what_each_term_explains(case: dict[str, Any]) -> None:
    fit = research.regress(case["formula"], complete())
    in_order = fit.effect_sizes(sequential=True)
    same(in_order["ss"], case["sequential"])
    same(in_order["p"][:-1], case["sequential_p"], 1e-6)
    alone = fit.effect_sizes()
    same(alone["ss"][:-1], case["left_out"])
    same(alone["p"][:-1], case["left_out_p"], 1e-6)
    robust = research.regress(case["formula"], complete(), cov_type="HC3").effect_sizes()
    same(robust["f"][:-1], case["robust_f"])


@pytest.mark.parametrize("kind", list(witness()["steps"]["change"]))
def test_steps_with_every_kind_of_error(kind: str) -> None:
    given = witness()["steps"]
    cluster = "school" if kind == "cluster" else None
    steps = research.hierarchical(given["formulas"], complete(), kind, cluster=cluster).steps
    same(steps["r2"], given["r2"])
    same(steps["delta_r2"], given["delta_r2"])
    f, p = np.array(given["change"][kind])
    same(steps["delta_f"], f)
    same(steps["p"], p, 1e-6)


def test_steps_of_a_logit_are_likelihood_ratio_tests() -> None:
    given = witness()["steps"]["formulas"]
    formulas = [formula.replace("y ~", "bought ~") for formula in given]
    steps = research.hierarchical(formulas, answers(), family="logit").steps
    same(steps[["delta_chisq", "df1", "p"]], witness()["logit_steps"])
    robust = research.hierarchical(["rating ~ u", "rating ~ u + v"], answers(), "HC1", family="ordinal")
    z = robust.fits[1].tidy().set_index("term").loc["v", "statistic"]
    assert robust.steps.loc[1, "delta_chisq"] == pytest.approx(z**2, rel=1e-9)


def test_a_missing_cluster_leaves_its_row_out() -> None:
    fit = research.regress("y ~ u", answers(), cov_type="cluster", cluster="school")
    plain = research.regress("y ~ u", complete())
    assert fit.measures()["n_dropped"] == plain.measures()["n_dropped"] + 1
    same(fit.tidy()["estimate"], plain.tidy()["estimate"].tolist())


def test_a_product_of_factors_without_its_margins_has_full_rank() -> None:
    """R would leave the last coefficient open; the columns span the same space as those of C(a) * C(g)."""
    crossed = research.regress("y ~ C(a) * C(g)", answers())
    for formula in ("y ~ C(a):C(g)", "y ~ C(g):C(a) + C(a):C(g)", "y ~ C(a) + C(g):C(a)"):
        fit = research.regress(formula, answers())
        assert len(fit.terms) == 9
        same(fit.estimates.fitted, crossed.estimates.fitted.tolist())
    three = research.regress("y ~ C(a):C(g):C(flag) + u", answers())
    assert len(three.terms) == 19
    with pytest.raises(DataError, match="exact linear combination"):
        research.regress("y ~ C(a) + u + b", answers().assign(b=answers()["u"] * 2))
