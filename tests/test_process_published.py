"""Conditional process analysis against printed PROCESS output, R, statsmodels and lavaan."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import case_data, close, reference_case
from shared import SHARED, shared
from statsmodels.regression.linear_model import OLS

import research
from research.structure.process import Process

PUBLISHED = SHARED / "published"
SETS = ("disaster", "estress", "pmi")
COEFFICIENT = {"estimate": "b", "se": "se", "t": "t", "p": "p", "low": "llci", "high": "ulci"}
MEASURE = {"r": "R", "r2": "R2", "mse": "MSE", "f": "F", "df1": "df1", "df2": "df2", "p": "p"}
T_ROW = ["estimate", "se", "t", "p", "low", "high"]


def runs() -> list[Any]:
    """Every printed run, as (data set, run)."""
    found = []
    for name in SETS:
        path = PUBLISHED / f"D_hayes_{name}.json"
        if path.exists():
            for number, run in enumerate(json.loads(path.read_text(encoding="utf-8"))["runs"]):
                found.append(pytest.param(name, run, id=f"{name}-{run['model']}-{number}"))
    return found or [pytest.param("", {}, id="missing")]


def carried_out(name: str, run: dict[str, Any]) -> Process:
    data = pd.read_csv(shared(f"published/data/hayes_{name}.csv"))
    if "skeptic_mc" in run["vars"].values():
        data["skeptic_mc"] = data["skeptic"] - data["skeptic"].mean()
    roles = run["vars"]
    mediators = [column for role, column in roles.items() if role.startswith("M")]
    return research.process(
        data,
        run["model"],
        x=roles["X"],
        y=roles["Y"],
        m=mediators,
        w=roles.get("W"),
        covariates=run["covariates"],
        bootstrap=run["bootstraps"] or 5000,
    )


def half_unit(run: dict[str, Any]) -> float:
    return 0.5 * 10.0 ** -run["decimals"] * 1.02


@pytest.mark.parametrize(("name", "run"), runs())
def test_regressions_equal_the_printed_ones(name: str, run: dict[str, Any]) -> None:
    shared(f"published/D_hayes_{name}.json")
    found, tolerance = carried_out(name, run), half_unit(run)
    models, measures, tests = found.models(total=True), found.measures(total=True), found.tests()
    for printed in run["outcomes"]:
        mark = " (total)" if printed.get("total_effect_model") else ""
        outcome = printed["outcome"] + mark
        own = models[models["outcome"] == outcome].set_index("term")
        names = {"constant": "(Intercept)"}
        names |= {key: term.replace(" x ", ":") for key, term in printed.get("product_terms", {}).items()}
        assert len(own) == len(printed["coef"])
        for term, values in printed["coef"].items():
            for ours, theirs in COEFFICIENT.items():
                assert own.loc[names.get(term, term), ours] == pytest.approx(values[theirs], abs=tolerance)
        fitted = measures[measures["outcome"] == outcome].iloc[0]
        for ours, theirs in MEASURE.items():
            assert fitted[ours] == pytest.approx(printed["summary"][theirs], abs=tolerance)
        assert fitted["n_obs"] == printed["n_used"]
        for change in printed.get("highest_order_interactions", {}).values():
            row = tests[(tests["outcome"] == outcome) & (tests["test"] == "interaction")].iloc[0]
            wanted = [change["R2_change"], change["F"], change["df1"], change["df2"], change["p"]]
            assert row[["r2_change", "f", "df1", "df2", "p"]].tolist() == pytest.approx(wanted, abs=tolerance)


@pytest.mark.parametrize(("name", "run"), [p for p in runs() if "conditional_effects" in str(p.values[1])])
def test_probing_and_johnson_neyman_equal_the_printed_ones(name: str, run: dict[str, Any]) -> None:
    found, tolerance = carried_out(name, run), half_unit(run)
    moderator = run["vars"]["W"]
    for printed in run["outcomes"]:
        if "conditional_effects" in printed:
            slopes = found.simple_slopes()
            own = slopes[slopes["outcome"] == printed["outcome"]][[f"at_{moderator}", *T_ROW]]
            np.testing.assert_allclose(own.to_numpy(), printed["conditional_effects"], atol=tolerance)
        if printed.get("johnson_neyman"):
            own = found.johnson_neyman(outcome=printed["outcome"])
            for row, bound in zip(own.itertuples(), printed["johnson_neyman"], strict=True):
                assert row.bound == pytest.approx(bound["value"], abs=tolerance)
                assert 100 * row.share_below == pytest.approx(bound["pct_below"], abs=tolerance)
                assert 100 * row.share_above == pytest.approx(bound["pct_above"], abs=tolerance)
            table = found.region(outcome=printed["outcome"], points=20).set_index("value")
            for value, *wanted in printed["jn_table"]:
                near = table.index[int(np.abs(table.index.to_numpy() - value).argmin())]
                own_row = table.loc[near]
                t = own_row["estimate"] / own_row["se"]
                got = [*own_row[["estimate", "se"]], t, *own_row[["p", "low", "high"]]]
                assert [float(each) for each in got] == pytest.approx(wanted, abs=tolerance)
        if "plot_data" in printed and printed["outcome"] == "justify":
            lines = found.predictions(printed["outcome"])
            for x, w, predicted in printed["plot_data"]:
                line = lines[np.abs(lines[f"at_{moderator}"] - w) < tolerance]
                at = np.interp(x, line["value"].to_numpy(float), line["estimate"].to_numpy(float))
                assert at == pytest.approx(predicted, abs=2 * tolerance)


@pytest.mark.parametrize(("name", "run"), runs())
def test_effects_equal_the_printed_ones(name: str, run: dict[str, Any]) -> None:
    """Estimates at rounding; bootstrap errors and limits within the stated Monte Carlo error."""
    shared(f"published/D_hayes_{name}.json")
    found, tolerance = carried_out(name, run), half_unit(run)
    effects = found.effects()
    for printed in run["effects"]:
        title, rows = printed["name"], printed["rows"]
        if title in ("Total effect of X on Y", "Direct effect of X on Y"):
            own = effects[effects["effect"] == title.split()[0].lower()].iloc[0]
            t = own["estimate"] / own["se"]
            got = [own["estimate"], own["se"], t, own["p"], own["low"], own["high"]]
            assert got == pytest.approx(rows[0][:6], abs=tolerance)
            if len(rows[0]) == 7:
                form = "complete" if printed["columns"][-1].endswith("cs") else "partial"
                scaled = found.effects(standardized=form)
                own = scaled[scaled["effect"] == title.split()[0].lower()].iloc[0]
                assert own["estimate"] == pytest.approx(rows[0][6], abs=tolerance)
        elif title.startswith("Normal theory"):
            own = found.effects("sobel")
            own = own[own["effect"] == "indirect"].iloc[0]
            got = [own["estimate"], own["se"], own["estimate"] / own["se"], own["p"]]
            assert got == pytest.approx(rows[0][1:], abs=tolerance)
        elif title.startswith("Conditional direct"):
            own = effects[effects["effect"] == "conditional direct"]
            np.testing.assert_allclose(own["estimate"], [row[1] for row in rows], atol=tolerance)
            np.testing.assert_allclose(own["se"], [row[2] for row in rows], atol=tolerance)
        else:
            own = _bootstrapped(title, found, effects)
            assert len(own) == len(rows)
            wanted = np.array([row[-4:] for row in rows], dtype=float)
            np.testing.assert_allclose(own["estimate"], wanted[:, 0], atol=tolerance)
            np.testing.assert_allclose(own["se"], wanted[:, 1], atol=0.006 + tolerance)
            np.testing.assert_allclose(own[["low", "high"]], wanted[:, 2:], atol=0.03 + tolerance)


def _bootstrapped(title: str, found: Process, effects: pd.DataFrame) -> pd.DataFrame:
    if title.startswith(("Partially", "Completely")):
        effects = found.effects(standardized=title.split()[0].lower().removesuffix("ly"))
    kinds = {
        "Conditional indirect": ["conditional indirect"],
        "Index of moderated": ["index of moderated mediation"],
    }
    wanted = next(
        (kinds[key] for key in kinds if title.startswith(key)), ["total indirect", "indirect", "contrast"]
    )
    return effects[effects["effect"].isin(wanted)]


@pytest.mark.parametrize("name", SETS)
def test_bootstrap_equals_an_independent_one(name: str) -> None:
    """20,000 draws of row by row refits: percentile limits within Monte Carlo error."""
    published = json.loads(shared(f"published/D_hayes_{name}.json").read_text(encoding="utf-8"))
    for key, wanted in published["independent_bootstrap_20000"].items():
        number = int(re.findall(r"model(\d)", key)[0])
        chosen = [
            run
            for run in published["runs"]
            if run["model"] == number
            and ("parallel" in key) == (run["model"] == 4 and len(run["vars"]) > 3)
            and ("covariates" in key) == bool(run["covariates"])
        ]
        found = carried_out(name, chosen[0] | {"bootstraps": 20000})
        tables = [found.effects()]
        if "estress_model4_covariates" in key:
            tables.append(found.effects(standardized="complete"))
        own = pd.concat(tables)
        for label, expected in wanted.items():
            row = own.iloc[int(np.abs(own["estimate"].to_numpy() - expected["estimate"]).argmin())]
            assert row["estimate"] == pytest.approx(expected["estimate"], abs=1e-10), label
            assert row["se"] == pytest.approx(expected["boot_se"], rel=0.03), label
            slack = 5 * expected["boot_se"] * np.sqrt(2 * 7.1 / 20000)  # sd of a 2.5 % quantile, two runs
            assert row[["low", "high"]].tolist() == pytest.approx(expected["ci"], abs=slack), label


def test_sobel_and_regressions_equal_r() -> None:
    reference = reference_case("405-ols-mediation-sobel")
    given, expected = reference["input"], reference["expected"]
    found = research.process(case_data(reference), 4, x=given["x"], y=given["y"], m=[given["m"]], bootstrap=0)
    models, measures = found.models(total=True), found.measures(total=True)
    outcomes = {"a_model": given["m"], "b_model": given["y"], "c_model": f"{given['y']} (total)"}
    for key, outcome in outcomes.items():
        own = models[models["outcome"] == outcome]
        for ours, theirs in {
            "estimate": "est",
            "se": "se",
            "t": "t",
            "p": "p",
            "low": "lo",
            "high": "hi",
        }.items():
            close(own[ours], expected[key]["coef"][theirs], 1e-9)
        row = measures[measures["outcome"] == outcome].iloc[0]
        for ours, theirs in {"r2": "r2", "f": "F", "df1": "df1", "df2": "df2", "p": "p"}.items():
            close(row[ours], expected[key][theirs], 1e-9)
    row = found.effects().set_index("effect").loc["indirect"]
    close(row["estimate"], expected["indirect"], 1e-12)
    close(row["se"], expected["aroian"]["se"], 1e-12)
    close(row["p"], expected["aroian"]["p"], 1e-9)


def test_bootstrap_equals_lavaan_within_monte_carlo_error() -> None:
    """Case 210: 2,000 draws of lavaan; its BCa has no acceleration, as our bc."""
    reference = reference_case("210-boot-mediation-ci")
    found = research.process(
        case_data(reference), 4, x="cond", y="reaction", m=["pmi"], bootstrap=10000, seed=3
    )
    for kind, interval in (("perc", "percentile"), ("bca.simple", "bc")):
        theirs = pd.DataFrame(reference["expected"]["ci"][kind]).set_index("lhs").loc["indirect"]
        row = found.effects(interval).set_index("effect").loc["indirect"]
        close(row["estimate"], theirs["est"], 1e-10)
        assert row["low"] == pytest.approx(theirs["ci.lower"], abs=0.03)
        assert row["high"] == pytest.approx(theirs["ci.upper"], abs=0.03)
    paths = pd.DataFrame(reference["expected"]["ci"]["perc"]).set_index("label")
    for draws, label in ((found.draws.coefficients[0][:, 1], "a"), (found.draws.coefficients[1][:, 2], "b")):
        assert draws.std(ddof=1) == pytest.approx(paths.loc[label, "se"], rel=0.05)


@pytest.mark.parametrize("cov_type", ["nonrobust", "HC0", "HC1", "HC2", "HC3", "HC4"])
def test_each_regression_equals_statsmodels(cov_type: str) -> None:
    data = pd.read_csv(shared("published/data/hayes_estress.csv"))
    found = research.process(
        data,
        8,
        x="estress",
        y="withdraw",
        m=["affect"],
        w="ese",
        covariates=["sex", "tenure"],
        cov_type=cov_type,
        bootstrap=0,
    )
    models = found.models()
    for equation in found.system.equations:
        theirs = OLS(equation.design.y, equation.design.X)
        kind = "nonrobust" if cov_type == "HC4" else cov_type
        fitted = theirs.fit(cov_type=kind, use_t=True)
        own = models[models["outcome"] == equation.outcome]
        np.testing.assert_allclose(own["estimate"], fitted.params, rtol=1e-9)
        if cov_type != "HC4":
            np.testing.assert_allclose(own["se"], fitted.bse, rtol=1e-9)
            np.testing.assert_allclose(own["p"], fitted.pvalues, rtol=1e-7)
        else:  # statsmodels has none: Cribari-Neto (2004), eq. 7
            X, n, k = equation.design.X, *equation.design.X.shape
            bread = np.linalg.inv(X.T @ X)
            h = np.einsum("ij,jk,ik->i", X, bread, X)
            weight = fitted.resid**2 / (1 - h) ** np.minimum(4, n * h / k)
            np.testing.assert_allclose(
                own["se"], np.sqrt(np.diag(bread @ (X.T * weight) @ X @ bread)), rtol=1e-9
            )
    x, w = data["estress"].to_numpy(float), data["ese"].to_numpy(float)
    first = found.system.equations[0].design
    np.testing.assert_allclose(first.X[:, first.names.index("estress:ese")], x * w)


def test_categorical_cause_of_the_protest_study() -> None:
    """Relative effects of protest under two codings, by lm() of R (hayes_data.R; Hayes 2022, ch. 6)."""
    data = pd.read_csv(shared("published/data/hayes_protest.csv"))
    printed = {
        "indicator": {"direct": [-0.0037, -0.2202], "indirect": [0.5195, 0.6633]},
        "helmert": {"direct": [-0.1120, -0.2165], "indirect": [0.5914, 0.1438]},
    }
    for kind, wanted in printed.items():
        found = research.process(
            data, 4, x="protest", y="liking", m="respappr", categorical={"protest": kind}, bootstrap=0
        ).effects()
        for effect, values in wanted.items():
            own = found[found["effect"] == effect]["estimate"].tolist()
            assert own == pytest.approx(values, abs=5.1e-5)


def test_moderated_mediation_of_the_teams_study() -> None:
    """Index and Johnson-Neyman bound of model 14, by lm() and uniroot() of R (Hayes 2022, ch. 11)."""
    data = pd.read_csv(shared("published/data/hayes_teams.csv"))
    found = research.process(data, 14, x="dysfunc", y="perform", m="negtone", w="negexp", bootstrap=0)
    effects = found.effects().set_index("effect")
    assert effects.loc["direct", "estimate"] == pytest.approx(0.3661, abs=5.1e-5)
    assert effects.loc["index of moderated mediation", "estimate"] == pytest.approx(-0.3204, abs=5.1e-5)
    assert effects.loc["conditional indirect", "at_negexp"].tolist() == pytest.approx([-0.5308, -0.06, 0.6])
    assert found.johnson_neyman()["bound"].tolist() == pytest.approx([-0.2337], abs=5.1e-5)


def test_moderation_with_covariates_of_the_climate_study() -> None:
    """Negative emotions and government action, moderated by age, by lm() of R (Hayes 2022, ch. 7)."""
    data = pd.read_csv(shared("published/data/hayes_glbwarm.csv"))
    covariates = ["posemot", "ideology", "sex"]
    found = research.process(data, 1, "negemot", "govact", w="age", covariates=covariates, bootstrap=0)
    own = found.models()["estimate"].tolist()
    assert own == pytest.approx([5.1738, 0.1196, -0.0239, 0.0063, -0.0214, -0.2115, -0.0112], abs=5.1e-5)
    assert found.simple_slopes()["at_age"].tolist() == [30, 51, 67]


@pytest.mark.parametrize(
    ("name", "model", "mediators"),
    [("016-mediation-simple", 4, ["pmi"]), ("018-mediation-serial", 6, ["import", "pmi"])],
)
def test_indirect_effects_equal_lavaans(name: str, model: int, mediators: list[str]) -> None:
    reference = reference_case(name)
    found = research.process(
        case_data(reference), model, x="cond", y="reaction", m=mediators, bootstrap=0
    ).effects()
    theirs = pd.DataFrame({key: reference["expected"]["parameters"][key] for key in ("lhs", "op", "est")})
    theirs = theirs[(theirs["op"] == ":=") & theirs["lhs"].str.startswith("ind")]
    close(found[found["effect"] == "indirect"]["estimate"], theirs["est"], 1e-10)
