"""Simulated answers have the population that was declared, and nothing else."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from small_survey import AGREE, survey

from research.errors import DataError, OptionError, ResearchError
from research.questionnaire.definition import (
    AttentionCheck,
    Construct,
    Item,
    Population,
    Questionnaire,
    SkipRule,
)
from research.responses.carelessness import longest_run
from research.responses.reading import read_responses
from research.responses.writing import write_responses
from research.simulation.population import LatentModel, latent_model
from research.simulation.respondents import draw_constructs, thresholds
from research.simulation.simulate import simulate


def constructs(*names: str, items: int = 3, **components: tuple[str, ...]) -> tuple[Construct, ...]:
    return tuple(
        Construct(name, {"en": name}, components=components[name])
        if name in components
        else Construct(
            name,
            {"en": name},
            tuple(
                Item(f"{name}{k}", {"en": f"{name} {k}"}, "agree", reverse=k == 2)
                for k in range(1, items + 1)
            ),
        )
        for name in names
    )


def asked(population: Population, *names: str, **components: tuple[str, ...]) -> Questionnaire:
    return Questionnaire(
        "q", {"en": "q"}, ("en",), {"agree": AGREE}, constructs(*names, **components), population=population
    )


def drawn(questionnaire: Questionnaire, n: int = 200_000) -> tuple[LatentModel, pd.DataFrame]:
    assert questionnaire.population is not None
    model = latent_model(questionnaire, questionnaire.population)
    return model, pd.DataFrame(draw_constructs(model, n, 1))


# 200,000 draws: the SE of a correlation is at most 0.0022, of a variance 0.0032 (normal); four of each.
CORRELATION = 0.009
VARIANCE = 0.013


def test_paths_and_correlations_are_those_declared() -> None:
    """Path rules by hand: r_ac = .3, r_ad = .5 + .4*.3 ..., residuals to variances of one."""
    population = Population(
        paths={("a", "d"): 0.5, ("b", "d"): 0.4, ("d", "e"): 0.6}, correlations={("a", "b"): 0.3}
    )
    model, frame = drawn(asked(population, "e", "d", "a", "b"))
    assert model.exogenous == ("a", "b")
    assert [equation.name for equation in model.equations] == ["d", "e"]
    explained = 0.5**2 + 0.4**2 + 2 * 0.5 * 0.4 * 0.3
    assert model.equations[0].explained == pytest.approx(explained, abs=1e-15)
    assert model.equations[1].residual == pytest.approx(1 - 0.36, abs=1e-15)
    implied = pd.DataFrame(model.implied, model.names, model.names)
    assert implied.loc["a", "d"] == pytest.approx(0.62, abs=1e-15)
    assert implied.loc["a", "e"] == pytest.approx(0.372, abs=1e-15)
    np.testing.assert_allclose(frame[list(model.names)].corr(), implied, atol=CORRELATION)
    np.testing.assert_allclose(frame.var(), 1, atol=VARIANCE)
    slopes = np.linalg.lstsq(frame[["a", "b"]].to_numpy(), frame["d"].to_numpy(), rcond=None)[0]
    np.testing.assert_allclose(slopes, [0.5, 0.4], atol=CORRELATION)


def test_second_order_constructs_reach_their_components() -> None:
    population = Population(default_loading=0.7, loadings={"p": 0.9}, paths={("g", "y"): 0.5})
    model, frame = drawn(asked(population, "g", "p", "q", "y", g=("p", "q")))
    r = frame.corr()
    assert r.loc["p", "q"] == pytest.approx(0.63, abs=CORRELATION)
    assert r.loc["g", "p"] == pytest.approx(0.9, abs=CORRELATION)
    assert r.loc["p", "y"] == pytest.approx(0.45, abs=CORRELATION)
    assert model.names[0] == "g"


def test_an_interaction_has_its_coefficient_and_leaves_variances_at_one() -> None:
    population = Population(
        paths={("x", "y"): 0.4, ("m", "y"): 0.3, ("y", "z"): 0.5},
        correlations={("x", "m"): 0.5},
        interactions={("x", "y", "m"): 0.25},
    )
    model, frame = drawn(asked(population, "x", "m", "y", "z"))
    explained = 0.16 + 0.09 + 2 * 0.4 * 0.3 * 0.5 + 0.0625 * 1.25  # var(x m) = 1 + r^2
    assert model.equations[0].explained == pytest.approx(explained, abs=1e-15)
    product = frame["x"] * frame["m"] - 0.5
    design = np.column_stack([frame["x"], frame["m"], product])
    slopes = np.linalg.lstsq(design, frame["y"].to_numpy(), rcond=None)[0]
    np.testing.assert_allclose(slopes, [0.4, 0.3, 0.25], atol=CORRELATION)
    np.testing.assert_allclose(frame.var(), 1, atol=0.02)  # products have heavier tails
    np.testing.assert_allclose(frame.mean(), 0, atol=CORRELATION)


def test_moderated_paths_in_a_row_keep_variances_at_one() -> None:
    """m moderates a -> b and b -> c: the product b m is not one of normal variables."""
    population = Population(
        paths={("a", "b"): 0.5, ("b", "c"): 0.4, ("m", "c"): 0.2},
        correlations={("a", "m"): 0.3},
        interactions={("a", "b", "m"): 0.3, ("b", "c", "m"): 0.3},
    )
    model, frame = drawn(asked(population, "a", "m", "b", "c"))
    np.testing.assert_allclose(frame.var(), 1, atol=0.03)
    np.testing.assert_allclose(frame.mean(), 0, atol=0.01)
    again = latent_model(asked(population, "a", "m", "b", "c"), population)
    assert again.equations == model.equations, "the same moments every time"


def test_two_products_that_share_a_variable_covary_as_isserlis_says() -> None:
    population = Population(
        paths={},
        correlations={("x", "m"): 0.4, ("x", "w"): 0.2, ("m", "w"): 0.5},
        interactions={("x", "y", "m"): 0.3, ("x", "y", "w"): 0.2},
    )
    model, frame = drawn(asked(population, "x", "m", "w", "y"))
    covariance = 1 * 0.5 + 0.2 * 0.4  # r_xx r_mw + r_xw r_mx
    explained = 0.09 * 1.16 + 0.04 * 1.04 + 2 * 0.3 * 0.2 * covariance
    assert model.equations[0].explained == pytest.approx(explained, abs=1e-15)
    assert frame["y"].var() == pytest.approx(1, abs=0.02)


def test_points_are_chosen_with_the_shares_of_the_thresholds() -> None:
    population = Population(paths={}, default_loading=0.8)
    responses = simulate(asked(population, "a"), n=100_000, seed=3)
    cuts = np.concatenate([[-np.inf], thresholds(5), [np.inf]])
    wanted = np.diff(stats.norm.cdf(cuts))
    found = responses.frame["a1"].value_counts(normalize=True).sort_index().to_numpy()
    np.testing.assert_allclose(found, wanted, atol=0.007)  # SE of a share at most .0016


def test_correlations_of_items_are_those_of_a_cut_bivariate_normal() -> None:
    """E(xy) from the probabilities of all 25 cells, by scipy's bivariate normal."""
    population = Population(loadings={"a1": 0.9, "a3": 0.7}, paths={})
    frame = simulate(asked(population, "a"), n=200_000, seed=4).frame
    cuts = np.concatenate([[-9.0], thresholds(5), [9.0]])
    law = stats.multivariate_normal([0, 0], [[1, 0.63], [0.63, 1]])
    below = np.array([[law.cdf([x, y]) for y in cuts] for x in cuts])
    cells = np.diff(np.diff(below, axis=0), axis=1)
    values = np.arange(1, 6) - 3
    margin = np.diff(stats.norm.cdf(cuts))
    wanted = (values @ cells @ values) / (margin @ values**2)
    assert frame["a1"].corr(frame["a3"]) == pytest.approx(wanted, abs=CORRELATION)


def test_reverse_keyed_items_are_ticked_the_other_way_and_turned_once(tmp_path: Path) -> None:
    responses = simulate(asked(Population(default_loading=0.9, paths={}), "a"), n=500)
    assert responses.turned == ("a2",)
    assert responses.frame["a1"].corr(responses.frame["a2"]) > 0.6
    raw = pd.read_csv(write_responses(responses, tmp_path / "raw.csv"))
    assert raw["a1"].corr(raw["a2"]) < -0.6
    pd.testing.assert_series_equal(6 - raw["a2"].astype(float), responses.frame["a2"])


def test_simulate_write_read_is_a_circle(tmp_path: Path) -> None:
    population = Population(n=300, paths={("trust", "loyalty"): 0.5}, missing=0.1, careless=0.1)
    questionnaire = survey(population=population, skips=(SkipRule("gender", ("m",), ("LO2", "age")),))
    responses = simulate(questionnaire, seed=9)
    again = read_responses(write_responses(responses, tmp_path / "simulated.csv"), questionnaire)
    pd.testing.assert_frame_equal(again.frame, responses.frame)
    told = {(a.column, a.reason): a.rows for a in responses.absent if a.reason != "not simulated"}
    read = {(a.column, a.reason): a.rows for a in again.absent if a.column != "remark"}
    assert told == read
    assert responses.simulated
    assert not again.simulated
    assert responses.n_obs == 300


def test_the_same_seed_gives_the_same_answers_whatever_else_is_asked() -> None:
    small = asked(Population(paths={("a", "b"): 0.4}), "a", "b")
    large = asked(Population(paths={("a", "b"): 0.4}), "a", "b", "c")
    first, second = simulate(small, n=50, seed=2), simulate(small, n=50, seed=2)
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert first.source == second.source
    more = simulate(large, n=50, seed=2).frame
    shared = [c for c in first.frame.columns if c != "duration_seconds"]
    pd.testing.assert_frame_equal(more[shared], first.frame[shared])
    other = simulate(small, n=50, seed=3)
    assert not other.frame.equals(first.frame)
    assert other.source.sha256 != first.source.sha256


def test_careless_respondents_answer_fast_straight_or_at_random_and_fail_checks() -> None:
    population = Population(paths={}, careless=0.3, default_loading=0.8)
    names = ("a", "b", "c", "d")
    questionnaire = replace(
        asked(population, *names), checks=(AttentionCheck("att", {"en": "tick agree"}, "agree", 4),)
    )
    responses = simulate(questionnaire, n=20_000, seed=5)
    failed = responses.frame["att"] != 4
    # Careless: 30 %, of whom four in five miss the expected point.
    assert failed.mean() == pytest.approx(0.24, abs=0.015)
    assert (
        responses.frame["duration_seconds"][failed].median()
        < 0.4 * responses.frame["duration_seconds"].median()
    )
    ticked = responses.frame[[f"{n}{k}" for n in names for k in (1, 2, 3)]].to_numpy(copy=True)
    ticked[:, 1::3] = 6 - ticked[:, 1::3]
    straight = longest_run(ticked)[failed] == 12
    assert straight.mean() == pytest.approx(0.5, abs=0.03)


def test_missing_answers_are_at_random_and_counted() -> None:
    responses = simulate(asked(Population(paths={}, missing=0.05), "a", "b"), n=20_000)
    shares = responses.frame[["a1", "a2", "b3"]].isna().mean()
    np.testing.assert_allclose(shares, 0.05, atol=0.007)
    assert sum(len(a.rows) for a in responses.absent) == responses.frame.isna().sum().sum()


@pytest.mark.parametrize(
    ("population", "message"),
    [
        (
            Population(paths={("a", "c"): 0.8, ("b", "c"): 0.7}, correlations={("a", "b"): 0.2}),
            r"impossible: the paths to 'c' explain 135% of its variance \(a -> c = 0\.8, b -> c = 0\.7\)",
        ),
        (
            Population(paths={("a", "c"): 0.9}, interactions={("a", "c", "b"): 0.5}),
            r"'c' explain 106%.*a -> c \| b = 0\.5",
        ),
        (
            Population(correlations={("a", "b"): 0.9, ("a", "c"): 0.9, ("b", "c"): -0.5}),
            r"not positive definite\): a ~~ b = 0\.9",
        ),
        (
            Population(paths={("a", "b"): 0.3, ("b", "c"): 0.3, ("c", "a"): 0.3}),
            "run in a circle among a, b, c",
        ),
        (
            Population(paths={("a", "b"): 0.3}, correlations={("a", "b"): 0.3}),
            r"paths lead to 'b' \(from a\), so that it follows",
        ),
        (Population(paths={("a", "bb"): 0.3}), r"names 'bb', which is no construct"),
        (Population(loadings={"a1": 1.2}), r"the loading of 'a1' is 1\.2"),
    ],
)
def test_impossible_populations_are_refused(population: Population, message: str) -> None:
    with pytest.raises(DataError, match=message):
        simulate(asked(population, "a", "b", "c"), n=10)


def test_wrong_numbers_and_no_population_are_refused() -> None:
    questionnaire = asked(Population(paths={}), "a")
    for n in (0, -5, 2.5, True):
        with pytest.raises(OptionError, match="`n` is"):
            simulate(questionnaire, n=n)
    with pytest.raises(OptionError, match="`seed` is"):
        simulate(questionnaire, seed=-1)
    with pytest.raises(DataError, match="declares no `population:`"):
        simulate(replace(questionnaire, population=None))


correlation = st.floats(-1, 1)


@settings(max_examples=100, deadline=None)
@given(
    paths=st.dictionaries(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")).filter(lambda p: p[0] != p[1]),
        correlation,
    ),
    correlations=st.dictionaries(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")).filter(lambda p: p[0] != p[1]),
        correlation,
        max_size=2,
    ),
    loading=correlation,
)
def test_any_population_gives_answers_or_a_research_error(
    paths: dict[tuple[str, str], float], correlations: dict[tuple[str, str], float], loading: float
) -> None:
    population = Population(paths=paths, correlations=correlations, default_loading=loading)
    try:
        responses = simulate(asked(population, "a", "b", "c", "d"), n=20)
    except ResearchError:
        return
    items = responses.frame[[f"{n}{k}" for n in "abcd" for k in (1, 2, 3)]].to_numpy()
    assert np.isin(items, [1, 2, 3, 4, 5]).all()


def test_a_large_sample_is_drawn_fast() -> None:
    """100,000 respondents to 40 items within 1.5 s of CPU; a million takes ten times that."""
    names = [f"c{k}" for k in range(8)]
    questionnaire = replace(
        asked(Population(paths={("c0", "c1"): 0.5}), "a"),
        constructs=constructs(*names, items=5),
    )
    start = time.process_time()
    responses = simulate(questionnaire, n=100_000)
    assert responses.frame.shape == (100_000, 42)
    assert time.process_time() - start < 1.5
