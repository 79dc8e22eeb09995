"""How a study chooses its estimator, and what it makes of moderation, groups and other specifications."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from small_survey import AGREE, TEN

from research.errors import OptionError
from research.estimation.run import cfa, sem
from research.model.hypotheses import measurement_text, model_text
from research.questionnaire.definition import (
    Analysis,
    Construct,
    Hypothesis,
    Item,
    Option,
    Point,
    Population,
    Question,
    Questionnaire,
    Scale,
)
from research.report.tables_moderation import moderation_table
from research.report.tables_robustness import robustness_table
from research.responses.nouns import Responses
from research.simulation.simulate import simulate
from research.structure.estimator_choice import Estimation, choose_estimator
from research.structure.group_paths import group_paths
from research.structure.indirect import MONTE_CARLO_DRAWS, indirect_effects
from research.structure.latent_moderation import latent_moderations
from research.structure.robustness import robustness
from research.structure.verdicts import verdict_table

SEVEN = Scale("seven", tuple(Point(value, {"en": str(value)}) for value in range(1, 8)))
HYPOTHESES = (
    Hypothesis("H1", "direct", ("x", "m")),
    Hypothesis("H2", "direct", ("m", "y")),
    Hypothesis("H3", "mediated", ("x", "m", "y")),
    Hypothesis("H4", "moderated", ("m", "y"), moderator="w"),
    Hypothesis("H5", "group", ("x", "m"), group="shop"),
)
POPULATION = Population(
    default_loading=0.8,
    paths={("x", "m"): 0.4, ("m", "y"): 0.4, ("w", "y"): 0.2},
    correlations={("x", "w"): 0.3},
    interactions={("m", "y", "w"): 0.2},
    differences={("x", "m", "shop"): {"2": 0.3}},
)


def survey(scale: Scale = TEN, population: Population = POPULATION, **others: object) -> Questionnaire:
    constructs = tuple(
        Construct(
            name,
            {"en": name},
            tuple(Item(f"{name}{k}", {"en": f"{name} {k}"}, scale.name) for k in range(1, 5)),
        )
        for name in ("x", "w", "m", "y")
    )
    shops = Question("shop", {"en": "shop"}, "choice", (Option("1", {"en": "a"}), Option("2", {"en": "b"})))
    asked = Questionnaire(
        "q",
        {"en": "q"},
        ("en",),
        {scale.name: scale},
        constructs,
        (shops, Question("age", {"en": "age"}, "number")),
        hypotheses=HYPOTHESES,
        population=population,
    )
    return replace(asked, **others)


@cache
def large() -> Responses:
    return simulate(survey(), n=6000, seed=3)


# --- which estimator


def test_numbers_are_numbers_and_few_points_are_categories() -> None:
    numbers = choose_estimator(simulate(survey(), n=300))
    assert numbers.chosen == Estimation("MLR", "listwise")
    assert numbers.other is None, "ten points are too many for thresholds"
    ordered = choose_estimator(simulate(survey(AGREE), n=300))
    assert ordered.chosen.estimator == "WLSMV"
    assert len(ordered.chosen.ordered) == 16
    assert ordered.other == Estimation("MLR", "listwise")
    assert "16 items have five points or fewer" in ordered.reason["en"]
    assert "16 个题项" in ordered.reason["zh"]
    seven = choose_estimator(simulate(survey(SEVEN), n=300))
    assert seven.chosen.estimator == "MLR"
    assert seven.other is not None
    assert seven.other.estimator == "WLSMV"


def test_a_skewed_item_is_ordered_and_the_others_stay_numbers() -> None:
    cuts = Population(thresholds={"x1": (-3.0, -2.8, -2.6, -2.4, -2.2, -2.0)})
    found = choose_estimator(simulate(survey(SEVEN, cuts), n=2000))
    assert found.chosen.ordered == ("x1",)
    assert "1 item is strongly skewed: its answers" in found.reason["en"]


def test_too_few_rows_and_declared_estimators() -> None:
    few = choose_estimator(simulate(survey(AGREE), n=150))
    assert few.chosen.estimator == "MLR"
    assert "150 respondents are too few" in few.reason["en"]
    asked = simulate(survey(AGREE, analysis=Analysis("ML")), n=300)
    assert choose_estimator(asked).chosen == Estimation("ML", "listwise")
    assert choose_estimator(asked, Analysis("WLSMV")).chosen.estimator == "WLSMV"
    with pytest.raises(OptionError, match="every item has more than 7 points"):
        choose_estimator(simulate(survey(), n=300), Analysis("WLSMV"))
    with pytest.raises(OptionError, match="does not go with WLSMV"):
        choose_estimator(asked, Analysis("WLSMV", "fiml"))


def test_missing_answers_are_used_unless_the_file_says_otherwise() -> None:
    gaps = replace(POPULATION, missing=0.05)
    numbers = simulate(survey(population=gaps), n=300)
    assert choose_estimator(numbers).chosen.missing == "fiml"
    assert choose_estimator(numbers, Analysis("auto", "listwise")).chosen.missing == "listwise"
    ordered = choose_estimator(simulate(survey(AGREE, gaps), n=300)).chosen
    assert ordered.missing == "pairwise"
    assert ordered.options["fixed_x"] is False


# --- indirect effects


def test_intervals_are_drawn_again_or_simulated() -> None:
    asked = simulate(survey(), n=400, seed=5)
    text = model_text(asked.questionnaire)
    bootstrap = indirect_effects(sem(text, asked, estimator="MLR"), 300, 1)
    assert (bootstrap.method, bootstrap.n_draws) == ("bootstrap", 300)
    gaps = simulate(survey(population=replace(POPULATION, missing=0.03)), n=400, seed=5)
    drawn = indirect_effects(sem(text, gaps, missing="fiml", estimator="MLR"), 300, 1)
    assert (drawn.method, drawn.n_draws) == ("monte carlo", MONTE_CARLO_DRAWS)
    one, other = (found.frame.set_index("lhs").loc["ind_H3"] for found in (bootstrap, drawn))
    assert other["low"] == pytest.approx(one["low"], abs=0.1 * one["se"] + 0.05)
    row = sem(text, asked).tidy().set_index("lhs").loc["ind_H3"]
    assert one["std_all"] == pytest.approx(row["std_all"], abs=1e-12)


# --- moderation


def test_the_latent_product_recovers_the_declared_interaction() -> None:
    """The regression on scores cannot: it is attenuated by the error of both factors."""
    responses = large()
    measurement = cfa(measurement_text(responses.questionnaire), responses)
    found = latent_moderations(responses, measurement)["H4"]
    assert found.failure == ""
    se = found.se * found.std_estimate / found.estimate
    assert found.std_estimate == pytest.approx(0.2, abs=3 * se)
    assert found.low < found.estimate < found.high
    assert found.p < 1e-6
    assert len(found.pairs) == 4
    assert {one for one, _ in found.pairs} == {"m1", "m2", "m3", "m4"}


def test_the_latent_product_is_the_model_written_by_hand() -> None:
    responses = simulate(survey(), n=500, seed=9)
    measurement = cfa(measurement_text(responses.questionnaire), responses)
    found = latent_moderations(responses, measurement)["H4"]
    frame = responses.frame.copy()
    for one, other in found.pairs:
        centred = [frame[name] - frame[name].mean() for name in (one, other)]
        frame[f"{one}.{other}"] = centred[0] * centred[1] - (centred[0] * centred[1]).mean()
    indicators = " + ".join(f"{one}.{other}" for one, other in found.pairs)
    lines = [f"{name} =~ " + " + ".join(f"{name}{k}" for k in range(1, 5)) for name in "xwmy"]
    lines += [f"int =~ {indicators}", "m ~ x", "y ~ m + w + int"]
    tidy = sem("\n".join(lines), frame, estimator="MLR").tidy()
    row = tidy[(tidy["lhs"] == "y") & (tidy["rhs"] == "int")].iloc[0]
    assert found.estimate == pytest.approx(row["estimate"], rel=1e-6)
    assert found.se == pytest.approx(row["se"], rel=1e-5)


def test_a_product_that_has_no_solution_is_told_and_left_to_the_regression() -> None:
    responses = simulate(survey(), n=500, seed=9)
    measurement = cfa(measurement_text(responses.questionnaire), responses)
    constant = replace(responses, frame=responses.frame.assign(w1=5.0, w2=5.0, w3=5.0, w4=5.0))
    found = latent_moderations(constant, measurement)
    assert "no variance" in found["H4"].failure
    verdicts = verdict_table(responses.questionnaire, moderations=found).set_index("id")
    assert verdicts.loc["H4", "model"] == ""
    assert verdicts.loc["H4", "verdict"] == "not tested"


# --- groups


def test_a_difference_between_groups_is_that_of_the_fits() -> None:
    responses = large()
    compared = group_paths(responses, choose_estimator(responses))
    found = compared["shop"]
    assert found.failure == ""
    row = found.of("x", "m")
    assert row is not None
    assert row.low < row.difference < row.high
    assert row.p < 1e-10
    assert found.found is not None
    estimates = found.found.estimates.set_index("group")["estimate"]
    assert row.difference == pytest.approx(estimates["2"] - estimates["1"], abs=1e-9)
    assert found.of("w", "m") is None
    standardized = found.found.estimates.set_index("group")["std_all"]
    assert standardized["1"] == pytest.approx(0.4, abs=0.05)
    assert standardized["2"] == pytest.approx(0.7, abs=0.05)
    verdicts = verdict_table(responses.questionnaire, groups=compared).set_index("id")
    assert verdicts.loc["H5", "verdict"] == "supported"
    assert verdicts.loc["H5", "model"] == "SEM MLR"


def test_groups_that_cannot_be_compared_say_why() -> None:
    responses = large()
    one_shop = responses.keep((responses.frame["shop"] == "1").to_numpy())
    found = group_paths(one_shop, choose_estimator(one_shop))["shop"]
    assert found.failure
    assert found.of("x", "m") is None


# --- other specifications


def test_every_specification_is_the_model_fitted_that_way() -> None:
    gaps = replace(POPULATION, missing=0.04, careless=0.1)
    asked = survey(SEVEN, gaps, controls=("age",))
    raw = simulate(asked, n=500, seed=2)
    kept = raw.keep(np.arange(500) < 450)
    choice = choose_estimator(kept)
    main = sem(model_text(asked), kept, **choice.chosen.options)
    found = robustness(main, kept, raw, choice)
    names = [one.name for one in found.specifications]
    assert names == ["main", "WLSMV", "complete", "everybody", "no_controls"]
    assert [one.failure for one in found.specifications] == [""] * 5
    everybody = sem(model_text(asked), raw, estimator="MLR", missing="fiml").tidy()
    wanted = everybody[(everybody["lhs"] == "m") & (everybody["rhs"] == "x")].iloc[0]
    row = found.paths.set_index(["lhs", "rhs"]).loc[("m", "x")]
    assert row["everybody"] == pytest.approx(wanted["std_all"], abs=1e-9)
    assert row["p_everybody"] == pytest.approx(wanted["p"], abs=1e-9)
    plain = sem(model_text(asked, controls=()), kept, estimator="MLR", missing="fiml").tidy()
    wanted = plain[(plain["lhs"] == "y") & (plain["rhs"] == "m")].iloc[0]
    row = found.paths.set_index(["lhs", "rhs"]).loc[("y", "m")]
    assert row["no_controls"] == pytest.approx(wanted["std_all"], abs=1e-9)


def test_a_path_that_changes_is_named_in_both_languages() -> None:
    responses = simulate(survey(SEVEN), n=300, seed=2)
    choice = choose_estimator(responses)
    main = sem(model_text(responses.questionnaire), responses, **choice.chosen.options)
    found = robustness(main, responses, responses, choice)
    changed = replace(found, changed=(("m", "x", "WLSMV"),))
    assert "x → m (WLSMV)" in robustness_table(changed, responses.questionnaire).notes[-1]["en"]
    assert "WLSMV" in robustness_table(changed, responses.questionnaire).notes[-1]["zh"]
    table = robustness_table(replace(found, changed=()), responses.questionnaire)
    assert "No path changes" in table.notes[-1]["en"]
    assert table.frame.iloc[-1]["main"] == 300


def test_the_moderation_table_prints_both_models() -> None:
    responses = simulate(survey(), n=500, seed=9)
    found = latent_moderations(responses, cfa(measurement_text(responses.questionnaire), responses))
    row = {"id": "H4", "source": "m", "outcome": "y", "moderator": "w", "model": "SEM MLR", "n_obs": 500}
    numbers = {"estimate": 0.2, "std_estimate": 0.2, "se": 0.05, "low": 0.1, "high": 0.3, "p": 0.001}
    rows = pd.DataFrame([{**row, **numbers, "delta_r2": 0.02}])
    table = moderation_table(rows, responses.questionnaire, found)
    assert "m" in table.frame["path"].iloc[0]["en"]
    assert any("products of m" in note["en"] for note in table.notes)
