"""Checks of a regression against lmtest, car and statsmodels; faults that were put in are found and said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cases import case_data, close, reference_case
from shared import shared

import research
from research.errors import DataError, OptionError
from research.structure.diagnostics import Diagnostics

FORMULA = "rating ~ complaints + privileges + learning + raises + critical + advance"


def attitude() -> pd.DataFrame:
    return case_data(reference_case("400-ols-attitude"))


def checked(formula: str, data: pd.DataFrame, **options: object) -> Diagnostics:
    return research.diagnostics(research.regress(formula, data, **options))


def test_tests_equal_lmtest_and_car() -> None:
    """R 4.2.2: resettest(m, 2:3, "fitted"), outlierTest, White's regression by lm, moments of residuals."""
    tests = checked(FORMULA, attitude()).tests.set_index("test")
    reset = tests.loc["reset", ["statistic", "df1", "df2", "p"]]
    assert reset.tolist() == pytest.approx([0.270919294858, 2, 21, 0.765303212656], abs=1e-10)
    assert tests.loc["outlier", "statistic"] == pytest.approx(1.97526517742, abs=1e-10)
    assert tests.loc["outlier", "p"] == 1  # R: 1.83 before it is cut at 1
    assert tests.loc["jarque_bera", "statistic"] == pytest.approx(1.25532409703, abs=1e-10)
    two = checked("rating ~ complaints + learning", attitude()).tests.set_index("test")
    white = two.loc["white", ["statistic", "df1", "p"]]
    assert white.tolist() == pytest.approx([11.9513554289803, 5, 0.0354604372956], abs=1e-9)


def test_statsmodels_is_the_second_witness() -> None:
    import statsmodels.api as sm
    from statsmodels.stats.diagnostic import het_breuschpagan, het_white, linear_reset
    from statsmodels.stats.stattools import durbin_watson, jarque_bera

    rng = np.random.default_rng(2)
    data = pd.DataFrame(rng.normal(size=(120, 2)), columns=["a", "b"])
    data["y"] = data["a"] ** 2 + data["b"] + (1 + data["b"].abs()) * rng.normal(size=120)
    theirs = sm.OLS(data["y"], sm.add_constant(data[["a", "b"]])).fit()
    found = checked("y ~ a + b", data)
    tests = found.tests.set_index("test")
    reset = linear_reset(theirs, power=3, use_f=True)
    close(tests.loc["reset", ["statistic", "p"]].to_numpy(), [float(reset.fvalue), float(reset.pvalue)], 1e-8)
    for test, pair in (
        ("breusch_pagan", het_breuschpagan(theirs.resid, theirs.model.exog)[:2]),
        ("white", het_white(theirs.resid, theirs.model.exog)[:2]),
        ("jarque_bera", jarque_bera(theirs.resid)[:2]),
    ):
        close(tests.loc[test, ["statistic", "p"]].to_numpy(), pair, 1e-9)
    close(tests.loc["durbin_watson", "statistic"], durbin_watson(theirs.resid), 1e-12)
    pull = theirs.get_influence()
    close(found.rows["cooks_distance"], pull.cooks_distance[0], 1e-10)
    close(found.rows["standardized"], pull.resid_studentized_internal, 1e-10)
    close(found.rows["studentized"], pull.resid_studentized_external, 1e-10)
    close(found.rows["dffits"], pull.dffits[0], 1e-10)
    close(found.rows["leverage"], pull.hat_matrix_diag, 1e-10)


def test_component_plus_residual_equals_r() -> None:
    """resid(m, type = "partial") of R for the first three rows of two predictors."""
    part = checked(FORMULA, attitude()).components.set_index("term")["partial"]
    close(part["complaints"].iloc[:3], [-17.6760219373643, 0.0529459169321, 3.1453967347266], 1e-10)
    close(part["privileges"].iloc[:3], [-6.4204019451639, 1.8030740025163, -0.0254532592393], 1e-10)


def test_variance_proportions_sum_to_one_and_name_the_dependency() -> None:
    """The proportions are those of the coefficients' variances, from the singular values (Belsley 1980)."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame(rng.normal(5, 1, (100, 3)), columns=["a", "b", "c"])
    data["d"] = data["a"] + data["b"] + 0.001 * rng.normal(size=100)
    data["y"] = data.sum(axis=1) + rng.normal(size=100)
    found = checked("y ~ a + b + c + d", data)
    shares = found.collinearity.drop(columns="index")
    assert shares.sum().to_numpy() == pytest.approx(np.ones(5))
    assert (found.collinearity["index"].diff().dropna() >= 0).all()
    row = found.tests.set_index("test").loc["condition_index"]
    assert (row["verdict"], row["value"]) == ("not met", "a, b, d")
    assert found.tests.set_index("test").loc["vif", "verdict"] == "not met"
    X = np.column_stack([np.ones(100), data[["a", "b", "c", "d"]]])
    Z = X / np.linalg.norm(X, axis=0)
    inverse = np.diag(np.linalg.inv(Z.T @ Z))
    values, vectors = np.linalg.eigh(Z.T @ Z)
    close(shares.to_numpy()[::-1], (vectors.T**2 / values[:, None]) / inverse, 1e-6)


def test_faults_that_were_put_in_are_found() -> None:
    rng = np.random.default_rng(4)
    x, e = rng.normal(size=300), rng.normal(size=300)
    verdicts = {
        name: checked("y ~ x", pd.DataFrame({"x": x, "y": y})).tests.set_index("test")["verdict"].to_dict()
        for name, y in {
            "clean": x + e,
            "curved": x + x**2 + e,
            "spread": x + np.exp(x) * e,
            "heavy": x + rng.standard_t(1.5, 300),
            "drift": x + np.cumsum(e) / 3,
            "outlier": x + e + 9 * (np.arange(300) == 7),
        }.items()
    }
    assert set(verdicts["clean"].values()) == {"met"}
    assert verdicts["curved"]["reset"] == "not met"
    assert verdicts["spread"]["breusch_pagan"] == verdicts["spread"]["white"] == "not met"
    assert verdicts["heavy"]["jarque_bera"] == verdicts["heavy"]["shapiro_wilk"] == "not met"
    assert verdicts["drift"]["durbin_watson"] == "doubtful"
    assert verdicts["outlier"]["outlier"] == "doubtful"


def test_rows_are_named_as_the_frame_counts_them() -> None:
    data = pd.DataFrame({"x": np.r_[np.linspace(0, 1, 20), 30], "y": np.r_[np.sin(np.arange(20)), 60]})
    data.loc[3, "x"] = np.nan
    found = checked("y ~ x", data)
    row = found.tests.set_index("test").loc["cooks_distance"]
    assert (row["verdict"], row["value"]) == ("not met", "21")
    assert 21 in found.outliers()["row"].tolist()
    assert "row 21 moves the coefficients" in " ".join(found.sentences("en"))
    assert "第 21 行" in "".join(found.sentences("zh"))


def test_every_check_is_said_in_both_languages() -> None:
    found = checked(FORMULA, attitude())
    assert len(found.sentences("en")) == len(found.sentences("zh")) == len(found.tests) == 10
    assert all(one.endswith(".") and "{" not in one for one in found.sentences("en"))
    assert all(one.endswith("。") and "{" not in one for one in found.sentences("zh"))
    data = pd.read_csv(shared("reference/data/mtcars.csv"))
    spread = checked("hp ~ disp", data, cov_type="HC3").sentences("en")
    plain = checked("hp ~ disp", data).sentences("en")
    assert "HC3 standard errors used here allow for" in spread[1] or spread[1] == plain[1]


def test_robust_errors_are_said_to_allow_for_unequal_variances() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=300)
    data = pd.DataFrame({"x": x, "y": x + np.exp(x) * rng.normal(size=300)})
    assert (
        "HC3 standard errors used here allow for" in checked("y ~ x", data, cov_type="HC3").sentences("en")[1]
    )
    assert "Report robust ones (HC3)" in checked("y ~ x", data).sentences("en")[1]


def test_small_and_odd_regressions_have_checks_without_noise() -> None:
    data = pd.DataFrame({"y": [1.0, 2, 4, 3, 7, 5], "x": [1.0, 2, 3, 4, 5, 9], "g": list("aabbcb")})
    found = checked("y ~ x + C(g)", data)  # one row alone in its category: leverage 1
    assert np.isnan(found.rows["studentized"].iloc[4])
    assert not np.isnan(found.rows["studentized"].iloc[:4]).any()
    found = checked("y ~ x + C(g)", data.iloc[:5])  # nothing is left to judge a row by
    assert "not tested" in found.tests["verdict"].tolist()
    assert checked("y ~ 1", data).components.empty
    assert not checked("y ~ 0 + x", data).tests.empty
    many = pd.DataFrame(np.random.default_rng(1).normal(size=(30, 9)), columns=list("abcdefghy"))
    white = checked("y ~ " + " + ".join("abcdefgh"), many).tests.set_index("test").loc["white"]
    assert white["verdict"] == "not tested"


def test_what_cannot_be_checked_is_said() -> None:
    data = pd.DataFrame({"y": [0, 1, 0, 1, 1.0, 0], "x": [1.0, 2, 2, 3, 1, 5]})
    with pytest.raises(OptionError, match="family 'logit'"):
        checked("y ~ x", data, family="logit")
    with pytest.raises(DataError, match="without any error"):
        checked("z ~ x", data.assign(z=2 * data["x"] + 1))
    with pytest.raises(OptionError, match="'logit'"):
        research.regress("y ~ x", data, "logit").effect_sizes()
    with pytest.raises(OptionError, match="difference"):
        research.regress("x ~ y", data).ratios()
    with pytest.raises(OptionError, match="not 'ols'"):
        research.regress("x ~ y", data).classification()
    with pytest.raises(OptionError, match="not 'ordinal'"):
        research.regress("x ~ y", data, "ordinal").ratios(profile=True)


def test_partial_effects_are_the_squared_correlations() -> None:
    """Partial r of rating and complaints given the others: 0.6219 (case 410); blocks count all columns."""
    table = research.regress(FORMULA, attitude()).effect_sizes().set_index("term")
    partial = research.partial_correlations(attitude()).loc["rating", "complaints"]
    assert table.loc["complaints", "partial_r2"] == pytest.approx(partial**2, abs=1e-12)
    share = table["partial_r2"] / (1 - table["partial_r2"])
    close(table["cohens_f2"].iloc[:-1], share.iloc[:-1], 1e-12)
    fit = research.regress(FORMULA, attitude())
    close(table["semipartial_r2"].iloc[:-1], fit.estimates.unique_r2[1:], 1e-10)
    cars = pd.read_csv(shared("reference/data/mtcars.csv"))
    block = research.regress("mpg ~ wt + C(cyl)", cars).effect_sizes().set_index("term").loc["C(cyl)"]
    without = research.regress("mpg ~ wt", cars).measures()["r2"]
    whole = research.regress("mpg ~ wt + C(cyl)", cars).measures()["r2"]
    assert block["df"] == 2
    assert block["cohens_f2"] == pytest.approx((whole - without) / (1 - whole), rel=1e-10)
    steps = research.hierarchical(["mpg ~ wt", "mpg ~ wt + C(cyl)"], cars).steps.iloc[1]
    assert steps["cohens_f2"] == pytest.approx(block["cohens_f2"], rel=1e-10)
    assert steps["partial_r2"] == pytest.approx(block["partial_r2"], rel=1e-10)
    robust = research.regress("mpg ~ wt + hp", cars, cov_type="HC3")
    t = robust.tidy().set_index("term").loc["wt", "statistic"]
    assert robust.effect_sizes().set_index("term").loc["wt", "f"] == pytest.approx(t**2, rel=1e-9)


def test_answers_are_told_apart_as_sklearn_and_by_hand() -> None:
    """Fitted .2 .4 .4 .9 with answers 0 0 1 1: of four pairs, three are right and one is tied: AUC .875."""
    cars = pd.read_csv(shared("reference/data/mtcars.csv"))
    fit = research.regress("am ~ wt", cars, "logit")
    found = fit.classification()
    y, p = cars["am"].to_numpy(), fit.estimates.fitted
    pairs = (p[y == 1][:, None] > p[y == 0]).mean() + (p[y == 1][:, None] == p[y == 0]).mean() / 2
    assert found.auc == pytest.approx(pairs, abs=1e-12)
    assert found.accuracy == pytest.approx(((p > 0.5) == y).mean())
    assert found.sensitivity == pytest.approx((p > 0.5)[y == 1].mean())
    assert found.specificity == pytest.approx((p <= 0.5)[y == 0].mean())
    chisq, df, tail = found.hosmer_lemeshow
    assert df == 8
    assert 0 < tail < 1
    assert chisq > 0
    flat = research.regress("am ~ C(carb2)", cars.assign(carb2=cars["carb"] > 2), "logit")
    assert np.isnan(flat.classification().hosmer_lemeshow[0]) or flat.classification().hosmer_lemeshow[1] >= 1
