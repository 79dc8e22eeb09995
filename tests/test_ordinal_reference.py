"""Models with ordered variables: every number of lavaan's reference fits, and further ones beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import case_names, data_path, hold

import research
from research.errors import DataError, OptionError

ITEMS = ["A1", "A2", "A3", "A4", "A5"]


@pytest.mark.parametrize("name", case_names(ordered=True))
def test_case_of_lavaan(name: str) -> None:
    hold(name)


def bfi() -> pd.DataFrame:
    frame = pd.read_csv(data_path("bfi.csv")).iloc[:700].copy()
    frame["part"] = np.where(np.arange(700) < 150, "a", "b")
    return frame


# lavaan 0.6-14: one factor of the first 700 rows of bfi, in groups of 150 and 550.
UNEQUAL: dict[tuple[str, bool], dict[str, float]] = {
    ("delta", False): {
        "chisq": 28.124486,
        "chisq_scaled": 58.441679,
        "baseline_chisq_scaled": 1275.7815,
        "srmr": 0.045128199,
        "gfi": 0.99636916,
        "cfi_robust": 0.9452313166,
        "tli_robust": 0.8904626332,
        "rmsea_robust": 0.1156389407,
    },
    ("theta", True): {
        "chisq": 71.628075,
        "chisq_scaled": 97.125340,
        "chisq_scaling_factor": 0.79378517,
        "srmr": 0.047693480,
        "gfi": 0.99068271,
        "rmsea_scaled": 0.075822748,
    },
}


@pytest.mark.parametrize(("kind", "equal"), UNEQUAL)
def test_unequal_groups_equal_lavaan(kind: str, equal: bool) -> None:
    found = research.cfa(
        "A =~ A1+A2+A3+A4+A5",
        bfi(),
        ordered=ITEMS,
        group="part",
        group_equal=("thresholds", "loadings") if equal else (),
        parameterization=kind,
    )
    measures = found.measures()
    for name, value in UNEQUAL[kind, equal].items():
        assert measures[name] == pytest.approx(value, rel=2e-6), name


def test_mixed_indicators_equal_lavaan() -> None:
    """lavaan 0.6-14, of hs_ordinal: three ordered and three continuous indicators."""
    data = pd.read_csv(data_path("hs_ordinal.csv"))
    model = "a =~ x1+x2+o3\nb=~o4+x5+o6"
    fit = research.cfa(model, data, ordered=["o3", "o4", "o6"])
    wanted = {
        "chisq": 14.381183810,
        "df": 8,
        "chisq_scaled": 28.338037922,
        "baseline_chisq": 1081.310013214,
        "baseline_chisq_scaled": 702.531649567,
        "srmr": 0.046571659,
        "gfi": 0.999212990,
        "agfi": 0.996753585,
    }
    measures = fit.measures()
    for name, value in wanted.items():
        assert measures[name] == pytest.approx(value, rel=1e-6), name
    rows = fit.tidy().set_index(["lhs", "op", "rhs"])
    for key, estimate, se in (
        (("a", "=~", "x2"), 0.507777811, 0.102055495),
        (("b", "=~", "x5"), 1.26710466, 0.0931820932),
        (("x1", "~~", "x1"), 0.33383577, 0.191679726),
        (("a", "~~", "b"), 0.370727791, 0.0578773176),
    ):
        assert rows.loc[key, "estimate"] == pytest.approx(estimate, abs=2e-6)
        assert rows.loc[key, "se"] == pytest.approx(se, abs=2e-6)
    for estimator, chisq, loading, error in (
        ("WLS", 26.3206684142, 0.6285101489, 0.0959024959),
        ("ULS", 20.0164242, 0.494979348, 0.0688307472),
        ("ULSMVS", 20.016424170, 0.494979348, 0.103578652),
    ):
        other = research.cfa(
            model, data, ordered=["o3", "o4", "o6"], estimator=estimator, parameterization="theta"
        )
        assert other.measures()["chisq"] == pytest.approx(chisq, rel=1e-6)
        row = other.tidy().iloc[1]
        assert (row["estimate"], row["se"]) == pytest.approx((loading, error), abs=2e-6)


def answers(n: int, cuts: list[float], seed: int = 1) -> pd.DataFrame:
    """Six items of two factors that correlate .5; loadings .8, .7, .6 each."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, 2)) @ np.linalg.cholesky([[1.0, 0.5], [0.5, 1.0]]).T
    loadings = np.array([0.8, 0.7, 0.6])
    latent = np.repeat(factors, 3, axis=1) * np.tile(loadings, 2)
    latent += rng.normal(size=(n, 6)) * np.sqrt(1 - np.tile(loadings, 2) ** 2)
    return pd.DataFrame(np.digitize(latent, cuts) + 1, columns=["a1", "a2", "a3", "b1", "b2", "b3"])


MODEL = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3"


@pytest.mark.parametrize("cuts", [[0.4], [-1.3, -0.4, 0.5, 1.2], [-1.8, -1.1, -0.5, 0.1, 0.8, 1.5]])
@pytest.mark.parametrize("kind", ["delta", "theta"])
def test_recovers_the_population(cuts: list[float], kind: str) -> None:
    """Standardized loadings, factor correlation and thresholds within 4 of their standard errors."""
    fit = research.cfa(MODEL, answers(4000, cuts), ordered=True, std_lv=True, parameterization=kind)
    table = fit.standardized().set_index(["lhs", "op", "rhs"])
    truth = {("a", "=~", "a1"): 0.8, ("a", "=~", "a2"): 0.7, ("b", "=~", "b3"): 0.6, ("a", "~~", "b"): 0.5}
    truth |= {("a1", "|", f"t{k}"): cut for k, cut in enumerate(cuts, 1)}
    for key, value in truth.items():
        assert abs(table.loc[key, "estimate"] - value) < 4 * table.loc[key, "se"], key


def test_parameterizations_are_one_model() -> None:
    data = answers(800, [-0.8, 0.0, 0.9])
    delta, theta = (research.cfa(MODEL, data, ordered=True, parameterization=k) for k in ("delta", "theta"))
    assert delta.measures()["chisq_scaled"] == pytest.approx(theta.measures()["chisq_scaled"], rel=1e-7)
    here, there = delta.standardized(), theta.standardized()
    np.testing.assert_allclose(here["estimate"], there["estimate"], atol=1e-6)
    loadings = here["op"] == "=~"
    np.testing.assert_allclose(here["se"][loadings], there["se"][loadings], atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"test": "bollen_stine"}, "test = 'bollen_stine' is not carried out for ordered"),
        ({"ordered": ["a9"]}, "'a9' is not among"),
        ({"missing": "fiml", "estimator": None}, "fiml"),
    ],
)
def test_what_is_not_carried_out_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        research.cfa(MODEL, answers(200, [0.0]), **{"ordered": True, **options})


def test_bad_answers_are_named() -> None:
    data = answers(300, [-0.5, 0.5])
    data["a2"] = 3
    with pytest.raises(DataError, match="'a2' is constant: every answer is 3"):
        research.cfa(MODEL, data, ordered=True)
    data = answers(300, [-0.5, 0.5]).assign(group=np.repeat(["x", "y"], 150))
    data.loc[data["group"] == "y", "b1"] = data["b1"].clip(upper=2)
    with pytest.raises(DataError, match="nobody chose 3 of item 'b1' in group 'y'"):
        research.cfa(MODEL, data, ordered=["a1", "a2", "a3", "b1", "b2", "b3"], group="group")
    data = answers(300, [0.0])
    data["a2"] = data["a1"]
    with pytest.raises(DataError, match="'a1' and 'a2' runs to"):
        research.cfa(MODEL, data, ordered=True)


def test_thresholds_in_the_text_ask_for_ordered() -> None:
    with pytest.raises(OptionError, match=r"'a1' has thresholds.*ordered="):
        research.cfa(MODEL + "\na1 | t1", answers(200, [0.0]))


def test_covariates_of_mixed_indicators_and_of_groups_equal_lavaan() -> None:
    """lavaan 0.6-14, of hs_ordinal: probit and linear regressions on fixed x, both parameterizations."""
    data = pd.read_csv(data_path("hs_ordinal.csv"))
    model = "a =~ x1+x2+o3\nb=~o4+x5+o6\na ~ sex + ageyr\nb ~ a + sex"
    wanted = {
        "chisq": 36.1213145,
        "df": 17,
        "chisq_scaled": 58.5246793,
        "baseline_chisq": 1048.80094,
        "baseline_chisq_scaled": 684.400973,
        "srmr": 0.0437378183,
        "gfi": 0.979197357,
    }
    loadings = {"delta": (0.600448247, 0.0950522398), "theta": (0.717625242, 0.141242995)}
    for kind, loading in loadings.items():
        fit = research.sem(model, data, ordered=["o3", "o4", "o6"], parameterization=kind)
        measures = fit.measures()
        for name, value in wanted.items():
            assert measures[name] == pytest.approx(value, rel=1e-6), name
        rows, standard = (each.set_index(["lhs", "op", "rhs"]) for each in (fit.tidy(), fit.standardized()))
        own = rows.loc[("a", "=~", "o3")]
        assert (own["estimate"], own["se"]) == pytest.approx(loading, abs=5e-6)
        path = standard.loc[("b", "~", "a")]
        assert (path["estimate"], path["se"]) == pytest.approx((0.494227584, 0.0647638594), abs=2e-6)
    fit = research.sem(
        "a =~ o1+o2+o3\na ~ ageyr",
        data,
        ordered=["o1", "o2", "o3"],
        group="school",
        group_equal=["loadings", "thresholds"],
    )
    measures = fit.measures()
    for name, value in (
        ("chisq", 0.746205037),
        ("df", 14),
        ("chisq_scaled", 8.295712430),
        ("baseline_chisq_scaled", 173.881658753),
        ("srmr", 0.001555968),
    ):
        assert measures[name] == pytest.approx(value, rel=2e-6, abs=1e-6), name


def test_ordered_covariates_enter_as_numbers_and_that_is_said() -> None:
    data = answers(300, [-0.5, 0.5]).assign(x=np.repeat([1, 2, 3], 100))
    model, items = "a =~ a1 + a2 + a3\na ~ x", ["a1", "a2", "a3"]
    named, plain = (research.sem(model, data, ordered=own) for own in ([*items, "x"], items))
    assert any(note.startswith("x is a fixed covariate: the codes of its categories") for note in named.notes)
    np.testing.assert_array_equal(named.tidy()["estimate"], plain.tidy()["estimate"])
    assert not plain.notes


def test_pairwise_rows_with_covariates_equal_lavaan() -> None:
    """lavaan 0.6-14: regressions over the rows that have the outcome, pairs over those that have both."""
    data = pd.read_csv(data_path("hs_ordinal.csv")).astype({"o1": float, "o5": float, "ageyr": float})
    data.loc[:19, "o1"] = data.loc[14:39, "o5"] = data.loc[29:59, "x2"] = np.nan
    model = "visual =~ o1+o2+o3\ntextual =~ o4+o5+x2\nvisual ~ ageyr+sex"
    ordered = ["o1", "o2", "o3", "o4", "o5"]
    fit = research.cfa(model, data, ordered=ordered, missing="pairwise")
    names = ("chisq", "df", "chisq_scaled", "ntotal", "srmr", "baseline_chisq")
    wanted = (707.6078296, 19, 601.6300434, 301, 0.2629939, 1333.0900071)
    assert [fit.measures()[name] for name in names] == pytest.approx(wanted, rel=1e-6)
    rows = fit.tidy()
    assert rows["estimate"].to_numpy()[[1, 5, 7, 8]] == pytest.approx(
        [0.778, 0.277, -0.279, -2.137], abs=5e-4
    )
    assert rows["se"].to_numpy()[[1, 5, 7, 8]] == pytest.approx([0.126, 0.092, 0.099, 0.886], abs=5e-4)
    data.loc[49:59, "ageyr"] = np.nan
    fewer = research.cfa(model, data, ordered=ordered, missing="pairwise")
    wanted = (736.7242771, 19, 627.5604548, 290, 0.2662587, 1344.8743552)
    assert [fewer.measures()[name] for name in names] == pytest.approx(wanted, rel=1e-6)
    assert fewer.notes[0].startswith("11 of 301 rows have no usable value, or lack a covariate,")
