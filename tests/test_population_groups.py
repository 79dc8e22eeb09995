"""Groups, shares, cuts and waves of a declared population: what is declared is what is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_survey import AGREE

from research.errors import DataError
from research.questionnaire.definition import (
    Construct,
    Hypothesis,
    Item,
    Option,
    Population,
    Question,
    Questionnaire,
)
from research.responses.panel import join_waves
from research.simulation.groups import draw_grouped
from research.simulation.simulate import simulate
from research.simulation.truth import declared_effects

N = 200_000
BOUND = 0.011  # 200,000 draws, half of them in a group: SE of a slope 0.0029; four of each


def study(population: Population, *hypotheses: Hypothesis) -> Questionnaire:
    """Constructs x, m, y with four items each; questions `segment` (three options), `uses`, `age`."""
    constructs = tuple(
        Construct(
            name, {"en": name}, tuple(Item(f"{name}{k}", {"en": f"{name} {k}"}, "agree") for k in range(1, 5))
        )
        for name in ("x", "m", "y")
    )
    options = tuple(Option(str(k), {"en": f"option {k}"}) for k in (1, 2, 3))
    background = (
        Question("segment", {"en": "segment"}, "choice", options),
        Question("uses", {"en": "uses"}, "multiple", options),
        Question("age", {"en": "age"}, "number"),
    )
    return Questionnaire(
        "q", {"en": "q"}, ("en",), {"agree": AGREE}, constructs, background,
        hypotheses=hypotheses, population=population,
    )  # fmt: skip


def test_shares_and_numbers_are_those_declared() -> None:
    shares = {"1": 0.5, "2": 0.3, "3": 0.2}
    answers = {
        "segment": shares,
        "uses": {"1": 0.9, "3": 0.1},
        "age": {"mean": 33.0, "sd": 8.0, "low": 18.0, "high": 70.0},
    }
    frame = simulate(study(Population(answers=answers)), n=N).frame
    found = frame["segment"].value_counts(normalize=True)
    for option, share in shares.items():
        assert found[option] == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / N))
    assert frame[["uses_1", "uses_2", "uses_3"]].mean().tolist() == pytest.approx([0.9, 0.5, 0.1], abs=0.005)
    assert frame["age"].min() == 18
    assert frame["age"].max() <= 70
    assert frame["age"].mean() == pytest.approx(33, abs=0.15)  # the ends pile up: + 0.09


def test_a_number_depends_on_constructs() -> None:
    population = Population(
        default_loading=1.0, paths={("x", "y"): 0.5}, answers={"age": {"mean": 400.0, "sd": 100.0, "y": 0.6}}
    )
    questionnaire = study(population)
    age = simulate(questionnaire, n=100_000).frame["age"]
    scores = draw_grouped(questionnaire, population, {}, 100_000, 1)
    assert age.std() == pytest.approx(100, abs=1)
    assert np.corrcoef(age, scores["y"])[0, 1] == pytest.approx(0.6, abs=0.009)
    assert np.corrcoef(age, scores["x"])[0, 1] == pytest.approx(0.3, abs=0.012)


def test_paths_and_levels_differ_between_groups_as_declared() -> None:
    population = Population(
        paths={("x", "y"): 0.3, ("m", "y"): 0.2},
        correlations={("x", "m"): 0.4},
        means={("y", "segment"): {"2": 0.5}, ("x", "segment"): {"3": -0.4}},
        differences={("x", "y", "segment"): {"2": 0.25, "3": -0.3}},
    )
    questionnaire = study(population)
    chosen = simulate(questionnaire, n=N).frame["segment"].tolist()
    scores = pd.DataFrame(draw_grouped(questionnaire, population, {"segment": chosen}, N, 1))
    slopes, levels = {"1": 0.3, "2": 0.55, "3": 0.0}, {"1": 0.0, "2": 0.5, "3": 0.0}
    for option, group in scores.groupby(np.array(chosen)):
        design = np.column_stack([np.ones(len(group)), group["x"], group["m"]])
        found = np.linalg.lstsq(design, group["y"].to_numpy(), rcond=None)[0]
        np.testing.assert_allclose(found, [levels[option], slopes[option], 0.2], atol=0.015)
        assert group["y"].var() == pytest.approx(1, abs=0.025)
        assert group["x"].mean() == pytest.approx(-0.4 if option == "3" else 0, abs=0.016)


def test_nothing_changes_where_no_group_differs() -> None:
    """Two ways to say the same population give the same answers, cell by cell."""
    plain = Population(paths={("x", "y"): 0.5})
    grouped = replace(plain, differences={("x", "y", "segment"): {"2": 0.0}}, means={("y", "segment"): {}})
    one, other = (simulate(study(population), n=500).frame for population in (plain, grouped))
    pd.testing.assert_frame_equal(one, other)


def test_cuts_are_those_declared() -> None:
    cuts = (-1.8, -0.9, 0.1, 1.2)
    population = Population(thresholds={"agree": cuts, "x1": (-1.0, 0.0, 1.0, 2.0)})
    frame = simulate(study(population), n=N).frame
    from scipy.stats import norm

    for item, wanted in (("y2", cuts), ("x1", (-1.0, 0.0, 1.0, 2.0))):
        below = [(frame[item] <= point).mean() for point in (1, 2, 3, 4)]
        np.testing.assert_allclose(below, norm.cdf(wanted), atol=0.0045)


def test_waves_are_the_same_people_with_the_declared_stability() -> None:
    population = Population(default_loading=0.9, paths={("x", "y"): 0.5}, waves=3, stability=0.7)
    questionnaire = study(population)
    waves = [simulate(questionnaire, n=20_000, wave=number) for number in (1, 2, 3)]
    assert waves[0].frame.equals(simulate(questionnaire, n=20_000).frame)
    assert waves[0].source.sha256 != waves[1].source.sha256
    for wave in waves[1:]:
        assert wave.frame["segment"].equals(waves[0].frame["segment"])
        assert not wave.frame["x1"].equals(waves[0].frame["x1"])
    scores = [draw_grouped(questionnaire, population, {}, 100_000, 1, number)["x"] for number in (1, 2, 3)]
    r = np.corrcoef(scores)
    np.testing.assert_allclose([r[0, 1], r[1, 2], r[0, 2]], [0.7, 0.7, 0.49], atol=0.01)
    later = [draw_grouped(questionnaire, population, {}, 100_000, 1, 3)[name] for name in ("x", "y")]
    assert np.corrcoef(later)[0, 1] == pytest.approx(0.5, abs=0.01)


def test_a_panel_keeps_everybody_and_counts_who_answered() -> None:
    questionnaire = study(Population(paths={("x", "y"): 0.5}))
    first, second = (simulate(questionnaire, n=30, wave=number) for number in (1, 2))
    here = np.ones(30, dtype=np.bool_)
    here[[3, 7]] = False
    frame = join_waves([first, second.keep(here)])
    assert frame["respondent_id"].tolist() == [f"s{k}" for k in range(1, 31)]
    assert frame.attrs["present"] == {"w1": 30, "w2": 28, "all": 28}
    assert frame.loc[3, ["x1_w2", "segment_w2"]].isna().all()
    assert frame["x1_w1"].tolist() == first.frame["x1"].tolist()
    assert frame.loc[8, "y2_w2"] == second.frame.loc[8, "y2"]


def test_a_panel_needs_names_that_are_there_once() -> None:
    questionnaire = study(Population())
    first, second = (simulate(questionnaire, n=5, wave=number) for number in (1, 2))
    with pytest.raises(DataError, match="a panel has two or more"):
        join_waves([first])
    with pytest.raises(DataError, match="has no column 'card', by which respondents are recognised"):
        join_waves([first, second], by="card")
    twice = replace(second, frame=second.frame.assign(respondent_id=["s1", "s2", "s2", "s4", None]))
    with pytest.raises(
        DataError, match=r"1 respondents of wave 2 \(simulated\) have no 'respondent_id' \(rows 6\)"
    ):
        join_waves([first, twice])


def hypothesis(name: str, kind: str, path: str, **others: object) -> Hypothesis:
    base = Hypothesis(name, "direct", tuple(path.split()))
    return replace(base, kind=kind, **others)


def test_the_effects_of_a_population() -> None:
    population = Population(
        paths={("x", "m"): 0.6, ("m", "y"): 0.5, ("x", "y"): 0.0},
        interactions={("m", "y", "x"): 0.2},
        differences={("x", "m", "segment"): {"2": -0.2, "3": 0.1}},
    )
    questionnaire = study(
        population,
        hypothesis("H1", "direct", "x m"),
        hypothesis("H2", "direct", "x y"),
        hypothesis("H3", "mediated", "x m y"),
        hypothesis("H4", "moderated", "m y", moderator="x"),
        hypothesis("H5", "moderated", "x y", moderator="age"),
        hypothesis("H6", "group", "x m", group="segment"),
        hypothesis("H7", "direct", "m y", sign=-1),
    )
    found = declared_effects(questionnaire).set_index("id")
    mean_path = 0.6 + (-0.2 + 0.1) / 3
    assert found.loc["H1", "effect"] == pytest.approx(mean_path, abs=0.006)
    assert found.loc["H2", "effect"] == pytest.approx(0, abs=0.01)
    assert found.loc["H3", "effect"] == pytest.approx(mean_path * 0.5, abs=0.01)
    assert found.loc["H4", "effect"] == pytest.approx(0.2, abs=0.01)
    assert np.isnan(found.loc["H5", "effect"])
    assert found.loc["H6", "effect"] == pytest.approx(0.3)
    assert found["holds"].tolist() == [True, False, True, True, False, True, False]
