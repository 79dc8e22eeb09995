"""What must hold for any data: invariances, nesting, recovery of the truth, one seed one bootstrap."""

from __future__ import annotations

import functools
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import research

ITEMS = {"f": ("a1", "a2", "a3", "a4"), "g": ("b1", "b2", "b3"), "h": ("c1", "c2", "c3")}
PATHS = "g ~ f\nh ~ f + g"
LOADINGS = {"a1": 0.8, "a2": 0.7, "a3": 0.6, "a4": 0.75, "b1": 0.8, "b2": 0.65, "b3": 0.7}
LOADINGS |= {"c1": 0.75, "c2": 0.8, "c3": 0.6}
TRUTH = {("g", "f"): 0.5, ("h", "f"): 0.2, ("h", "g"): 0.4}
few = settings(deadline=None, max_examples=12, derandomize=True)
seeds = st.integers(0, 10_000)


@functools.lru_cache(maxsize=64)
def draw(seed: int, n: int = 250) -> pd.DataFrame:
    """Rows of the population whose standardized loadings and paths are `LOADINGS` and `TRUTH`."""
    rng = np.random.default_rng(seed)
    f = rng.normal(size=n)
    g = 0.5 * f + np.sqrt(1 - 0.25) * rng.normal(size=n)
    h = 0.2 * f + 0.4 * g + np.sqrt(1 - 0.04 - 0.16 - 2 * 0.2 * 0.4 * 0.5) * rng.normal(size=n)
    columns = {}
    for factor, scores in (("f", f), ("g", g), ("h", h)):
        for item in ITEMS[factor]:
            share = LOADINGS[item]
            columns[item] = share * scores + np.sqrt(1 - share**2) * rng.normal(size=n)
    return pd.DataFrame(columns)


def text(items: dict[str, tuple[str, ...]] = ITEMS, paths: str = PATHS) -> str:
    """The model with the items of each factor in the given order; the first one is the marker."""
    return "\n".join([*(f"{factor} =~ {' + '.join(names)}" for factor, names in items.items()), paths])


def standardized(fit: Any) -> pd.Series:
    """The standardized solution by what a parameter is called, whatever its row."""
    frame = fit.standardized()
    names = [
        f"{left}{op}{right}" if op != "~~" else op.join(sorted((left, right)))
        for left, op, right in zip(frame["lhs"], frame["op"], frame["rhs"], strict=True)
    ]
    return pd.Series(frame["estimate"].to_numpy(), index=names).sort_index()


def assert_same_solution(one: Any, other: Any) -> None:
    """Chi-square and standardized solution agree."""
    assert one.converged
    assert other.converged
    assert other.df == one.df
    assert other.measures()["chisq"] == pytest.approx(one.measures()["chisq"], rel=1e-7)
    assert other.measures()["srmr"] == pytest.approx(one.measures()["srmr"], rel=1e-6)
    left, right = standardized(one), standardized(other)
    assert list(left.index) == list(right.index)
    np.testing.assert_allclose(right.to_numpy(), left.to_numpy(), atol=1e-6)


@few
@given(seeds, st.randoms(use_true_random=False))
def test_order_of_items_columns_and_rows(seed: int, order: Any) -> None:
    frame = draw(seed)
    turned = {factor: (names[0], *order.sample(names[1:], len(names) - 1)) for factor, names in ITEMS.items()}
    columns = order.sample(list(frame.columns), frame.shape[1])
    rows = order.sample(range(len(frame)), len(frame))
    assert_same_solution(research.sem(text(), frame), research.sem(text(turned), frame[columns].iloc[rows]))


@few
@given(seeds, st.integers(0, 3), st.integers(0, 2), st.integers(0, 2))
def test_choice_of_marker(seed: int, f: int, g: int, h: int) -> None:
    turned = {}
    for (factor, names), at in zip(ITEMS.items(), (f, g, h), strict=True):
        turned[factor] = (names[at], *names[:at], *names[at + 1 :])
    frame = draw(seed)
    one = research.sem(text(), frame)
    assert_same_solution(one, research.sem(text(turned), frame))
    assert_same_solution(one, research.sem(text(), frame, std_lv=True))


@few
@given(seeds, st.lists(st.floats(-3, 3), min_size=10, max_size=10), st.sampled_from(["ML", "MLR", "GLS"]))
def test_rescaling(seed: int, powers: list[float], estimator: str) -> None:
    frame = draw(seed)
    one = research.sem(text(), frame, estimator=estimator)
    other = research.sem(text(), frame * 10.0 ** np.array(powers) + 7.0, estimator=estimator)
    assert_same_solution(one, other)


@few
@given(seeds)
def test_a_restricted_model_never_fits_better(seed: int) -> None:
    frame = draw(seed)
    free = text(paths="g ~ f\nh ~ f + g\na1 ~~ b1\nc1 ~~ c2")
    equal = text(paths="g ~ p*f\nh ~ p*f + g")
    chain = [free, text(), equal, text(paths="g ~ p*f\nh ~ p*f + p*g"), text(paths="g ~ 0*f\nh ~ 0*f + 0*g")]
    fits = [research.sem(model, frame) for model in chain]
    assert all(fit.converged for fit in fits)
    assert [fit.df for fit in fits] == [30, 32, 33, 34, 35]
    values = [fit.measures()["chisq"] for fit in fits]
    assert all(after >= before - 1e-7 for before, after in pairwise(values))


def test_recovers_the_population_within_monte_carlo_error() -> None:
    replicates = 120
    estimates, errors, chisq = [], [], []
    for seed in range(replicates):
        fit = research.sem(text(), draw(50_000 + seed, 400))
        assert fit.converged
        found = fit.standardized()
        estimates.append(found["estimate"].to_numpy())
        errors.append(found["se"].to_numpy())
        chisq.append(fit.measures()["chisq"])
    truth = [
        LOADINGS[right] if op == "=~" else TRUTH.get((left, right), np.nan)
        for left, op, right in zip(found["lhs"], found["op"], found["rhs"], strict=True)
    ]
    known = np.isfinite(truth)
    assert known.sum() == 13
    table, expected = np.array(estimates)[:, known], np.array(truth)[known]
    spread = table.std(axis=0, ddof=1)
    # 13 means, each within 3.5 Monte Carlo errors, and a bias of order 1/n that the delta method leaves
    assert (np.abs(table.mean(axis=0) - expected) < 3.5 * spread / np.sqrt(replicates) + 2 / 400).all()
    # a standard deviation of 120 draws has a relative error of 1/sqrt(2 * 119) = .065
    np.testing.assert_allclose(np.array(errors)[:, known].mean(axis=0) / spread, 1.0, atol=3.5 * 0.065)
    assert fit.df == 32
    assert abs(np.mean(chisq) - 32) < 3.5 * np.sqrt(2 * 32 / replicates) + 0.5


@pytest.mark.parametrize("group", [None, "school"])
def test_same_seed_same_bootstrap_with_any_number_of_workers(group: str | None) -> None:
    frame = draw(3, 150).assign(school=["north", "south", "south"] * 50)
    fit = research.sem("f =~ a1 + a2 + a3\ng =~ b1 + b2 + b3\ng ~ f", frame, group=group)
    one, two, four = (fit.bootstrap(300, seed=11, workers=k, progress=False) for k in (1, 2, 4))
    assert one.n_draws == 300
    np.testing.assert_array_equal(two.draws, one.draws)
    np.testing.assert_array_equal(four.draws, one.draws)
    np.testing.assert_array_equal(four.refits.standardized, one.refits.standardized)
    other = fit.bootstrap(300, seed=12, workers=1, progress=False)
    assert not np.array_equal(other.draws[:10], one.draws[:10])
