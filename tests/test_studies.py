"""The five studies find what their populations declare, and nothing where nothing is declared."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats

import research
from research.build import Say, write_paper
from research.questionnaire.definition import Analysis, Population, Questionnaire
from research.standard import STANDARD, publish
from research.study import Study

if TYPE_CHECKING:
    import pandas as pd

FILES = Path(__file__).resolve().parents[1] / "questionnaires"
NAMES = (
    "finance_platform",
    "bank_innovation",
    "mobile_loyalty",
    "payment_quality",
    "ecommerce_eloyalty",
)

# The studies as they are declared, with answers enough to see every effect: nobody answers carelessly or
# leaves gaps (both only cost precision), and without the control variables, on which nothing depends here.
MANY = 20_000
# Ordered categories in one study, numbers in the others, which is quicker with eleven points and with groups:
# paths of latent variables are not attenuated where all items of a scale are cut alike.
ESTIMATOR = dict.fromkeys(NAMES, "MLR") | {"bank_innovation": "WLSMV"}
# An answer from 0 to 10, taken as a number: its path is attenuated by the cuts.
ELEVEN_POINTS = {"finance_platform": "H17", "payment_quality": "H19"}


def opened(questionnaire: Questionnaire, estimator: Any, population: Population, seed: int = 1) -> Study:
    asked = replace(questionnaire, population=population, controls=(), analysis=Analysis(estimator=estimator))
    return Study(asked, data=None, out=Path("unused"), seed=seed, draws=100)


@cache
def file(name: str) -> Questionnaire:
    return research.read_questionnaire(FILES / f"{name}.yaml")


@cache
def truth(name: str) -> pd.DataFrame:
    return research.declared_effects(file(name)).set_index("id")


@cache
def many(name: str) -> Study:
    questionnaire = file(name)
    assert questionnaire.population is not None
    population = replace(questionnaire.population, n=MANY, missing=0.0, careless=0.0)
    return opened(questionnaire, ESTIMATOR[name], population)


def attenuation(cuts: tuple[float, ...]) -> float:
    """Correlation of a standard normal answer with the point it is cut into, numbered 0, 1, 2, ...

    E(z y) = sum phi(cut) (Olsson, Drasgow & Dorans 1982, eq. 15), over the standard deviation of the points.
    """
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    shares = np.diff(stats.norm.cdf(edges))
    points = np.arange(len(shares))
    spread = np.sqrt(shares @ points**2 - (shares @ points) ** 2)
    return float(stats.norm.pdf(cuts).sum() / spread)


@pytest.mark.parametrize("name", NAMES)
def test_many_answers_have_the_verdicts_that_are_declared(name: str) -> None:
    verdicts = many(name).verdicts.set_index("id")
    assert truth(name)["holds"].all()
    assert (verdicts["verdict"] == "supported").to_dict() == truth(name)["holds"].to_dict()


@pytest.mark.parametrize("name", NAMES)
def test_every_declared_effect_lies_within_its_interval(name: str) -> None:
    """Standardized paths and products of paths, each within 3.48 standard errors of the whole population.

    Three chances in ten thousand for each of 40: all of them in one sample out of fifty.
    """
    verdicts = many(name).verdicts.set_index("id")
    measured = verdicts[verdicts["kind"].isin(["direct", "mediated"])]
    effects = truth(name).loc[measured.index, "effect"].copy()
    if name in ELEVEN_POINTS:
        population = file(name).population
        assert population is not None
        effects[ELEVEN_POINTS[name]] *= attenuation(population.thresholds["likely11"])
    standard_errors = measured["se"] * measured["std_estimate"] / measured["estimate"]
    away = (measured["std_estimate"] - effects) / standard_errors
    assert away.abs().max() < stats.norm.isf(0.0005 / 2), away.round(2).to_dict()


def test_the_moderated_path_lies_within_its_interval() -> None:
    """Products of items that are cut into five points lose with each of the two cuts."""
    moderated = many("finance_platform").moderations["H15"]
    declared = float(truth("finance_platform").loc["H15", "effect"])
    se = moderated.se * moderated.std_estimate / moderated.estimate
    assert abs(moderated.std_estimate - declared) < 3.3 * se


@pytest.mark.parametrize(
    ("name", "hypothesis", "path"),
    [
        ("finance_platform", "H16", ("satisfaction", "loyalty")),
        ("mobile_loyalty", "H11", ("integration", "loyalty")),
    ],
)
def test_differences_between_groups_are_those_declared(
    name: str, hypothesis: str, path: tuple[str, str]
) -> None:
    """The largest difference of two groups, in the units in which the path of everybody is standardized."""
    study = many(name)
    tidy = study.sem.tidy()
    row = tidy[(tidy["op"] == "~") & (tidy["lhs"] == path[1]) & (tidy["rhs"] == path[0])].iloc[0]
    unit = float(row["estimate"]) / float(row["std_all"])
    (compared,) = study.group_paths.values()
    assert compared.found is not None
    pairs = compared.found.pairs
    widest = pairs.iloc[int(np.argmax(pairs["difference"].abs().to_numpy()))]
    declared = float(truth(name).loc[hypothesis, "effect"])
    assert abs(abs(float(widest["difference"])) / unit - declared) < 3.3 * float(widest["se"]) / unit


# --- nothing declared

# A construct of two components that nothing relates to is not identified: any pair of loadings with the same
# product reproduces their one covariance. The main effect of a moderator, which is no hypothesis, relates it.
RELATED = {
    "payment_quality": {("price_sensitivity", "loyalty"): -0.5},
    "ecommerce_eloyalty": {("switching_cost", "loyalty"): 0.5},
}
SAMPLES = 8  # of each study


def nothing(questionnaire: Questionnaire, n: int, *, related: bool = True) -> Population:
    """The population with every effect that a hypothesis names at zero: scales and answers as before."""
    assert questionnaire.population is not None
    return replace(
        questionnaire.population,
        n=n,
        missing=0.0,
        careless=0.0,
        paths=RELATED.get(questionnaire.name, {}) if related else {},
        interactions={},
        means={},
        differences={},
        waves=1,
    )


@cache
def found_in_nothing() -> dict[str, list[str]]:
    """The verdicts on each kind of hypothesis of all studies, in samples of 400, by maximum likelihood."""
    found: dict[str, list[str]] = {}
    for name in NAMES:
        questionnaire = file(name)
        for seed in range(1, SAMPLES + 1):
            verdicts = opened(questionnaire, "ML", nothing(questionnaire, 400), seed).verdicts
            for kind, verdict in zip(verdicts["kind"], verdicts["verdict"], strict=True):
                found.setdefault(kind, []).append(verdict)
    return found


def test_nothing_is_found_where_nothing_is() -> None:
    """At most 5 %, and the Monte Carlo error of so many verdicts (two and a half standard errors)."""
    everything = [one for each in found_in_nothing().values() for one in each]
    hypotheses = sum(len(file(name).hypotheses) for name in NAMES)
    assert len(everything) == SAMPLES * hypotheses > 600
    assert "not tested" not in everything
    share = np.mean([one == "supported" for one in everything])
    allowed = 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / len(everything))
    assert share <= allowed, f"{share:.3f} of {len(everything)} supported"


@pytest.mark.parametrize("kind", ["direct", "mediated", "moderated", "group"])
def test_no_kind_of_hypothesis_is_found_too_often(kind: str) -> None:
    """Binomial, one chance in 1,000. A hypothesis with a sign: half of the 5 % go the other way.

    A joint test of several groups has no sign, and an effect of two steps is found where both are: seldom.
    """
    verdicts = found_in_nothing()[kind]
    found = sum(one == "supported" for one in verdicts)
    rate = 0.05 if kind == "group" else 0.025
    assert stats.binom.sf(found - 1, len(verdicts), rate) > 0.001, f"{found} of {len(verdicts)}"


@pytest.mark.parametrize("kind", ["direct", "moderated"])
def test_tests_hold_their_level_on_both_sides(kind: str) -> None:
    """Supported and opposite together are 5 %, not less: a test that never rejects would pass the others."""
    verdicts = found_in_nothing()[kind]
    away = sum(one in ("supported", "opposite sign") for one in verdicts)
    assert 0.001 < stats.binom.cdf(away, len(verdicts), 0.05) < 0.999, f"{away} of {len(verdicts)}"


@cache
def without_solution() -> Study:
    """A study whose structural model has none: with every path at zero, one search in four finds no end."""
    questionnaire = file("ecommerce_eloyalty")
    lost = nothing(questionnaire, 400, related=False)
    tried = (opened(questionnaire, "ML", lost, seed) for seed in range(1, 50))
    return next(study for study in tried if not study.sem.converged)


def test_a_model_without_a_solution_tests_nothing() -> None:
    study = without_solution()
    verdicts = study.verdicts
    measured = verdicts[verdicts["kind"].isin(["direct", "mediated"])]
    assert (measured["verdict"] == "not tested").all()
    assert {reason["en"] for reason in measured["reason"]} == {"The structural model did not converge."}
    assert study.indirect.n_draws == 0
    assert study.indirect.frame[["se", "low", "high"]].isna().all(axis=None)


def test_a_model_without_a_solution_has_a_paper_that_says_so(tmp_path: Path) -> None:
    study = without_solution()
    study.out = tmp_path
    drawn = {"likert", "correlation_map", "loadings_plot", "path_diagram", "coefficients", "simple_slopes"}
    publish(study, *(key for key in STANDARD if key not in drawn))  # pictures have tests of their own
    write_paper(study, "en", Say())
    text = " ".join((tmp_path / "ecommerce_eloyalty.en.html").read_text(encoding="utf-8").split())
    assert "; the structural model did not converge." in text
    assert "; the structural model did not converge, and no estimate of it may be used (" in text
    assert "bootstrap samples" not in text  # nothing was drawn
