"""What ordered answers may look like, and what is said where they do not allow a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import research
from research.errors import DataError, OptionError
from research.responses.ordinal import item_levels, ordered_items

ITEMS = ["a1", "a2", "a3", "b1", "b2", "b3"]
MODEL = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3"


def answers(n: int = 400, cuts: tuple[float, ...] = (-0.8, 0.0, 0.9), seed: int = 3) -> pd.DataFrame:
    """Six items of two factors that correlate .5; loadings .8, .7, .6 each; categories 1, 2 …"""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, 2)) @ np.linalg.cholesky([[1.0, 0.5], [0.5, 1.0]]).T
    loadings = np.tile([0.8, 0.7, 0.6], 2)
    latent = np.repeat(factors, 3, axis=1) * loadings + rng.normal(size=(n, 6)) * np.sqrt(1 - loadings**2)
    return pd.DataFrame(np.digitize(latent, cuts) + 1, columns=ITEMS)


def fitted(data: pd.DataFrame, **options: Any) -> Any:
    return research.cfa(MODEL, data, **{"ordered": ITEMS, **options})


def refused(data: pd.DataFrame, **options: Any) -> str:
    with pytest.raises((DataError, OptionError)) as caught:
        fitted(data, **options)
    return str(caught.value)


def test_codes_count_by_their_order_only() -> None:
    data = answers()
    plain = fitted(data).measures()["chisq_scaled"]
    for codes in ([-2.0, -1.0, 0.0, 5.0], [0.1, 0.25, 0.5, 7.75], [10.0, 20.0, 30.0, 40.0]):
        again = data.map(lambda answer, codes=codes: codes[answer - 1])
        assert fitted(again).measures()["chisq_scaled"] == pytest.approx(plain, rel=1e-9)


def test_ordered_categoricals_keep_their_order() -> None:
    data = answers()
    words = ["never", "at times", "often", "always"]  # not in the order of the alphabet
    named = data.map(lambda answer: words[answer - 1]).apply(
        lambda column: pd.Categorical(column, categories=words, ordered=True)
    )
    assert fitted(named).measures()["chisq"] == pytest.approx(fitted(data).measures()["chisq"], rel=1e-9)
    assert fitted(named).tidy()["estimate"].to_numpy() == pytest.approx(
        fitted(data).tidy()["estimate"].to_numpy(), abs=1e-9
    )
    named.loc[:4, "a1"] = np.nan
    assert fitted(named).sample.n_obs == 395
    loose = named.assign(b2=named["b2"].cat.as_unordered())
    assert "'b2' is categorical without an order; say the order" in refused(loose)
    numbers = data.assign(a1=pd.Categorical(data["a1"], ordered=True))
    assert fitted(numbers).measures()["chisq"] == pytest.approx(fitted(data).measures()["chisq"], rel=1e-9)
    assert research.polychoric(named, ITEMS).r.shape == (6, 6)


def test_ordered_categoricals_are_ordered_without_being_named() -> None:
    """As lavaan takes ordered factors; codes that are plain numbers stay numbers."""
    data = answers()
    declared = data.astype(pd.CategoricalDtype([1, 2, 3, 4], ordered=True))
    found = research.cfa(MODEL, declared)
    assert found.options.estimator == "WLSMV"
    np.testing.assert_array_equal(found.theta, fitted(data).theta)
    some = declared.assign(**{name: data[name] for name in ITEMS[1:]})
    assert research.cfa(MODEL, some).options.ordered == ("a1",)
    assert research.cfa("b =~ b1 + b2 + b3", some).options.estimator == "ML"


def test_numbers_that_say_nothing_of_their_variance_are_named() -> None:
    data = answers()
    halves = data.assign(b3=np.repeat([0.0, 1.0], 200))
    assert "'b3' takes two values equally often" in refused(halves, ordered=ITEMS[:5])
    told = research.sem(f"{MODEL}\na ~ half", data.assign(half=halves["b3"]), ordered=ITEMS)
    assert told.converged  # a fixed covariate has no variance to estimate
    huge = data.assign(b3=np.random.default_rng(1).normal(size=400) * 1e200)
    assert "'b3' has a standard deviation of" in refused(huge, ordered=ITEMS[:5], estimator="WLS")


def test_text_is_named_with_its_row() -> None:
    data = answers().astype({"a2": object})
    data.loc[7, "a2"] = "often"
    assert "column 'a2' holds text: 'often' in row 8" in refused(data)


def test_a_category_missing_in_one_group_is_named() -> None:
    data = answers().assign(wave=np.repeat(["first", "second"], 200))
    data.loc[(data["wave"] == "second") & (data["b1"] == 4), "b1"] = 3
    message = refused(data, group="wave")
    assert "nobody chose 4 of item 'b1' in group 'second'" in message
    assert "Merge that category with its neighbour in all groups" in message


def test_an_item_answered_by_everybody_alike_is_named() -> None:
    assert "item 'a3' is constant: every answer is 2" in refused(answers().assign(a3=2))
    data = answers().assign(wave=np.repeat(["first", "second"], 200))
    data.loc[data["wave"] == "first", "a3"] = 2
    assert "item 'a3' is constant in group 'first': every answer is 2" in refused(data, group="wave")
    assert "item 'a3' has no answers" in refused(answers().assign(a3=np.nan), missing="pairwise")


def test_an_empty_cell_of_a_two_by_two_table_is_said() -> None:
    data = answers(300, (0.3,))
    both = (data["a1"] == 2) & (data["a2"] == 1)
    data.loc[both, "a2"] = 2
    fit = fitted(data)
    note = next(note for note in fit.notes if "2 x 2 table of 'a1' and 'a2' has an empty cell" in note)
    assert "half a case was put there" in note
    assert "leave one of the items out" in note
    data["a2"] = data["a1"]
    message = refused(data)
    assert "'a1' and 'a2' runs to +1" in message
    assert "Keep one of them" in message


def test_a_category_that_nobody_chose_is_said() -> None:
    data = answers().replace({"a1": {3: 5, 4: 6}})
    assert "Nobody chose 3, 4 of item 'a1'" in " ".join(fitted(data).notes)


def test_few_answers_in_a_category_are_said() -> None:
    data = answers(cuts=(-0.8, 0.0, 2.6))
    rare = {name: int((data[name] == 4).sum()) for name in ITEMS if (data[name] == 4).sum() < 5}
    assert rare
    note = next(note for note in fitted(data).notes if "Fewer than 5 answers" in note)
    for name, count in rare.items():
        assert f"'{name}' = 4 ({count})" in note
    assert "merging such a category with its neighbour" in note
    assert not any("Fewer than" in note for note in fitted(answers()).notes)


def test_many_categories_are_said_and_too_many_refused() -> None:
    rng = np.random.default_rng(1)
    data = answers(2000)
    data["a1"] = np.clip(np.round(data["a2"] * 2 + rng.normal(size=2000) * 2), -4, 11) + 5
    note = next(note for note in fitted(data).notes if "More than 12 categories" in note)
    assert "'a1' (15)" in note
    assert "leave it out of ordered=" in note
    data["a1"] = rng.normal(size=2000)
    assert "item 'a1' has 2000 different values" in refused(data)
    assert "leave it out of ordered=" in refused(data)


def test_full_weights_need_more_rows_than_statistics() -> None:
    message = refused(answers(32), estimator="WLS")
    assert "WLS needs more rows (32) than thresholds and correlations (33)" in message
    assert "use WLSMV" in message
    waves = pd.concat([answers(400).assign(wave="first"), answers(32).assign(wave="second")])
    assert "WLS needs more rows (32 in group 'second')" in refused(waves, estimator="WLS", group="wave")


def test_levels_are_found_in_every_spelling() -> None:
    values = np.array([[0.5, -3.0, 1.0], [1.5, 7.0, np.nan], [0.5, -3.0, 300.0]])
    first, second, third = item_levels(values, ["x", "y", "z"])
    assert (first.tolist(), second.tolist(), third.tolist()) == ([0.5, 1.5], [-3.0, 7.0], [1.0, 300.0])
    found = ordered_items(values, ["x", "y", "z"])
    assert found.answers.codes.tolist() == [[0, 1, 0], [0, 1, 0], [0, -1, 1]]
