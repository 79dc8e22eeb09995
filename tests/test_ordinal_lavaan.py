"""Some hundred models with ordered variables beside lavaan: estimators, groups, covariates, paths, scores."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import battery, data_path
from shared import SHARED

import research
from research.errors import ModelError, OptionError

STORED = Path(__file__).with_name("reference") / "lavaan_ordinal.json"
# what lavaan leaves undone: its baseline of WLS with continuous indicators stops before the minimum
LOOSE = {"mixed-wls": "632.7"}


@cache
def cases() -> dict[str, dict[str, Any]]:
    """The stored cases by name."""
    return {case["id"]: case for case in json.loads(STORED.read_text(encoding="utf-8"))}


def fitted(name: str) -> Any:
    return battery().fit_model(research, cases()[name]["input"], SHARED / "reference" / "data")


@pytest.mark.parametrize("name", cases())
def test_equals_lavaan(name: str) -> None:
    """Estimates, standard errors, standardized solution, fit measures and modification indices."""
    case = cases()[name]
    out = battery().check_case(case, research, SHARED / "reference" / "data")
    indices = ("baseline", "cfi", "tli", "nfi", "ifi", "rni")
    problems = [p for p in out.problems if not (name in LOOSE and p.startswith(indices))]
    assert not problems, "\n".join(problems[:20])
    assert out.compared > 3


@pytest.mark.parametrize("name", [name for name, case in cases().items() if "r2" in case["expected"]])
def test_explained_variance_equals_lavaan(name: str) -> None:
    stored = cases()[name]["expected"]
    several = len(stored["group_label"]) > 0
    frame = fitted(name).r_squared()
    for label in stored["group_label"] if several else [""]:
        own = frame[frame["group"] == label] if several else frame
        found = dict(zip(own["variable"], own["r_squared"], strict=True))
        for variable, value in (stored["r2"][label] if several else stored["r2"]).items():
            if value is not None:
                assert found[variable] == pytest.approx(value, abs=1e-4), (label, variable)


@pytest.mark.parametrize("name", [name for name, case in cases().items() if "implied" in case["expected"]])
def test_implied_moments_and_residuals_equal_lavaan(name: str) -> None:
    stored = cases()[name]["expected"]["implied"]
    fit = fitted(name)
    frames = {"cov": fit.implied(), "residuals": fit.residuals()}
    found = {key: frame.set_index(["lhs", "op", "rhs"])["estimate"] for key, frame in frames.items()}
    for key, own in found.items():
        names, values = stored[key]["rows"], np.array(stored[key]["values"], dtype=float)
        for a, one in enumerate(names):
            for b, other in enumerate(names[: a + 1]):
                pair = (other, "~~", one) if (other, "~~", one) in own.index else (one, "~~", other)
                assert own[pair] == pytest.approx(values[a, b], abs=2e-6), (key, pair)
    for threshold, value in stored["th"].items():
        if "|" in threshold:
            item, place = threshold.split("|")
            assert found["cov"][item, "|", place] == pytest.approx(value, abs=2e-6), threshold


def with_scores() -> list[tuple[str, str]]:
    return [
        (name, method)
        for name, case in cases().items()
        for method in ("ebm", "ml")
        if f"scores_{method}" in case["expected"]
    ]


@pytest.mark.parametrize(("name", "method"), with_scores())
def test_scores_equal_lavaan(name: str, method: str) -> None:
    """lavPredict, whose search for each row stops some 1e-4 before the maximum."""
    stored = cases()[name]["expected"][f"scores_{method}"]
    want = np.array(stored["values"], dtype=float)
    found = fitted(name).scores(method=method)
    np.testing.assert_allclose(found[stored["cols"]].to_numpy()[: len(want)], want, atol=1e-3)


def test_scores_do_not_depend_on_the_parameterization() -> None:
    """One model in two metrics: scores in the proportion of the factors' standard deviations, exactly."""
    delta, theta = fitted("delta-indices-scores"), fitted("theta-indices")
    here, there = delta.scores().to_numpy(), theta.scores().to_numpy()
    np.testing.assert_allclose(there / here, np.tile(there[0] / here[0], (len(here), 1)), atol=1e-5)
    assert fitted("groups-delta-scalar").scores().shape == (200, 2)


def test_scores_are_the_mode_of_the_posterior() -> None:
    """The posterior of one row, written out and maximised by scipy."""
    from scipy.optimize import minimize
    from scipy.stats import norm

    fit = fitted("theta-indices")
    table = fit.tidy().set_index(["lhs", "op", "rhs"])["estimate"]
    row = 7
    answers = fit.sample.groups[0].data[row]
    names = [f"u{k}" for k in range(1, 9)]
    prior = np.array([[table["f1", "~~", "f1"], table["f1", "~~", "f2"]], [0.0, table["f2", "~~", "f2"]]])
    precision = np.linalg.inv(prior + np.triu(prior, 1).T)

    def lost(eta: np.ndarray[Any, Any]) -> float:
        total = 0.5 * float(eta @ precision @ eta)
        for at, name in enumerate(names):
            mean = table[f"f{1 + at // 4}", "=~", name] * eta[at // 4]
            cuts = [-np.inf, *(table[name, "|", f"t{k}"] for k in range(1, 5)), np.inf]
            place = int(answers[at]) - 1
            total -= np.log(norm.cdf(cuts[place + 1] - mean) - norm.cdf(cuts[place] - mean))
        return total

    best = minimize(lost, np.zeros(2), tol=1e-12)
    np.testing.assert_allclose(fit.scores().iloc[row], best.x, atol=1e-5)


def test_a_row_of_highest_answers_has_no_score_without_a_prior() -> None:
    fit = fitted("binary")
    right = (fit.sample.groups[0].data == 1).all(axis=1)
    assert right.any()
    without = fit.scores(method="ml").to_numpy()[:, 0]
    assert np.isnan(without[right]).all()
    assert np.isfinite(fit.scores().to_numpy()).all()


def test_sums_are_no_scores_of_ordered_answers() -> None:
    fit = fitted("binary")
    for method in ("regression", "bartlett"):
        with pytest.raises(OptionError, match=r"'ebm' .*and 'ml'"):
            fit.scores(method=method)
    with pytest.raises(ModelError, match="no latent variable"):
        fitted("probit").scores()


CONSTRAINED = {
    # lavaan 0.6-14: chi-square, its scaled form, robust RMSEA, the loadings of o2 and o3
    ("a*b == 1", "delta"): (30.3486599, 43.2646432, 0.1024451, 0.921, 1.086),
    ("a*b == 1", "theta"): (30.0432954, 42.7520817, 0.1014644, 0.852, 1.174),
    ("a > 1.2", "delta"): (42.8443957, 54.8185986, 0.1335012, 1.200, 1.004),
    ("a > 1.2", "theta"): (37.8321676, 48.2500535, 0.1285381, 1.200, 0.919),
    ("a > 0", "theta"): (14.6861413, 24.0068808, 0.0973370, 0.338, 0.433),
}


@pytest.mark.parametrize(("constraint", "kind"), CONSTRAINED)
def test_nonlinear_constraints_and_inequalities_equal_lavaan(constraint: str, kind: str) -> None:
    model = f"visual =~ o1 + a*o2 + b*o3\ntextual =~ o4 + o5 + o6\n{constraint}"
    fit = research.cfa(
        model,
        pd.read_csv(data_path("hs_ordinal.csv")),
        ordered=[f"o{k}" for k in range(1, 7)],
        parameterization=kind,
    )
    chisq, scaled, rmsea, *loadings = CONSTRAINED[constraint, kind]
    measures = fit.measures()
    assert measures["df"] == (9 if "==" in constraint else 8)
    assert measures["chisq"] == pytest.approx(chisq, rel=2e-5)
    assert measures["chisq_scaled"] == pytest.approx(scaled, rel=2e-5)
    assert measures["rmsea_robust"] == pytest.approx(rmsea, abs=2e-6)
    assert fit.tidy()["estimate"].to_numpy()[1:3] == pytest.approx(loadings, abs=6e-4)
    assert any("holds the estimates at its limit" in note for note in fit.notes) == (constraint == "a > 1.2")


def test_a_bound_in_the_text_equals_lavaan() -> None:
    model = "visual =~ o1 + upper(0.5)*o2 + o3\ntextual =~ o4 + o5 + o6"
    data = pd.read_csv(data_path("hs_ordinal.csv"))
    fit = research.cfa(model, data, ordered=[f"o{k}" for k in range(1, 7)])
    assert fit.measures()["chisq"] == pytest.approx(14.94219, abs=1e-5)
    assert fit.measures()["chisq_scaled"] == pytest.approx(24.20247, abs=1e-5)
    assert fit.tidy()["estimate"].iloc[1] == 0.5
    assert fit.tidy()["se"].to_numpy()[1:3] == pytest.approx([0.095, 0.114], abs=5e-4)
