"""Some hundred models with ordered variables beside lavaan: estimators, groups, covariates, paths, scores."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reference_cases import battery
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
