"""Data on which a regression by maximum likelihood or with robust errors has no answer, and large counts."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pandas as pd
import pytest

import research
from research.errors import DataError, ResearchError
from research.numerics.arrays import Vector
from research.numerics.separation import separates_binary, separates_counts, separates_levels


def survey(n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    x = rng.normal(size=n)
    group = np.repeat(["app", "shop", "web"], n // 3)
    return pd.DataFrame(
        {
            "x": x,
            "group": group,
            "rating": np.where(group == "web", 5, rng.integers(1, 6, n)),
            "visits": np.where(group == "web", 0, rng.poisson(2, n)),
            "bought": np.where(group == "web", 1, rng.integers(0, 2, n)),
            "steps": np.digitize(x, [-1, 0, 1]),
            "y": x + rng.normal(size=n),
            "school": rng.integers(0, 3, n),
        }
    )


SEPARATED = {
    "ordinal": ("rating ~ x + C(group)", "separate levels of the outcome perfectly"),
    "ordinal_probit": ("steps ~ x", "separate levels of the outcome perfectly"),
    "poisson": ("visits ~ C(group)", "nothing was ever counted"),
    "logit": ("bought ~ x + C(group)", "separate the outcome's 0 and 1"),
    "probit": ("bought ~ C(group)", "separate the outcome's 0 and 1"),
}


@pytest.mark.parametrize("family", list(SEPARATED))
def test_where_no_finite_estimate_exists_it_is_said(family: Any) -> None:
    """One group that gives one answer only: an iteration stops somewhere, with a small standard error."""
    formula, told = SEPARATED[family]
    with pytest.raises(DataError, match=told):
        research.regress(formula, survey(), family)
    mixed = survey()
    mixed.loc[mixed.index[-3:], ["rating", "visits", "bought"]] = [2, 3, 0]
    if "group" in formula:
        assert research.regress(formula, mixed, family).tidy()["se"].max() < 5


@pytest.mark.parametrize("seed", range(30))
def test_separation_is_found_as_a_search_of_all_directions_finds_it(seed: int) -> None:
    """Two columns: every direction of the half degree tried, on small data where either case is frequent."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(7), rng.integers(-2, 3, 7)]).astype(float)
    y, levels = rng.integers(0, 2, 7), rng.integers(0, 3, 7)
    levels[:3] = [0, 1, 2]
    if np.ptp(X[:, 1]) == 0 or np.ptp(y) == 0:
        return
    angle = np.arange(0, 2 * np.pi, np.pi / 360)
    directions = X @ np.array([np.cos(angle), np.sin(angle)])
    exact = [np.cross(a, [0, 0, 1])[:2] for a in np.column_stack([X, np.zeros(7)])]
    ways = np.column_stack([directions, *(sign * X @ way for way in exact for sign in (-1, 1))])

    def runs_away(gains: Any) -> bool:
        return bool(((gains >= -1e-9).all(axis=0) & (gains > 1e-9).any(axis=0)).any())

    assert separates_binary(X, y.astype(float)) == runs_away(np.where(y[:, None] > 0, ways, -ways))
    counted = np.where(y[:, None] > 0, -np.abs(ways), -ways)
    assert separates_counts(X, y.astype(float)) == runs_away(counted)
    slope = X[:, 1]
    ordered = any(_thresholds_fit(sign * slope, levels) for sign in (-1, 1))
    assert separates_levels(X[:, 1:], levels) == ordered


def _thresholds_fit(slope: Vector, levels: Vector) -> bool:
    """Whether thresholds exist between the values of rising levels: then the slope runs away."""
    ends = [(slope[levels == level].min(), slope[levels == level].max()) for level in range(3)]
    return all(ends[at][1] <= ends[at + 1][0] for at in range(2))


@pytest.mark.parametrize("mean", [20.0, 1e4, 1e8])
def test_large_counts_equal_the_iteration_of_generalized_linear_models(mean: float) -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    x = rng.normal(size=150)
    data = pd.DataFrame({"x": x, "spent": rng.poisson(mean * np.exp(0.4 * x))})
    table = research.regress("spent ~ x", data, "poisson").tidy()
    theirs = sm.GLM(data["spent"], sm.add_constant(x), family=sm.families.Poisson()).fit(tol=1e-14)
    np.testing.assert_allclose(table["estimate"], theirs.params, rtol=1e-9)
    np.testing.assert_allclose(table["se"], theirs.bse, rtol=1e-7)


def test_more_coefficients_than_clusters_have_no_joint_test() -> None:
    fit = research.regress("y ~ x * C(group)", survey(), cov_type="cluster", cluster="school")
    assert np.isnan(fit.measures()["f"])
    assert np.isnan(fit.measures()["p"])
    assert any("there is no joint test of the 6 coefficients" in note for note in fit.notes)
    assert any("3 clusters" in note for note in fit.notes)
    assert (fit.tidy()["se"] > 0).all()


def test_an_error_of_zero_is_no_certainty() -> None:
    """One row alone in its category: HC0 finds no error there, and a note says why."""
    data = survey().assign(group=["alone", *survey()["group"].iloc[1:]])
    for kind in ("HC0", "HC3"):
        fit = research.regress("y ~ C(group)", data, cov_type=kind)
        assert any("leverage 1" in note for note in fit.notes)


def test_too_few_rows_for_the_thresholds() -> None:
    data = pd.DataFrame({"x": [1.0, 3.0, 2.0, 5.0, 4.0], "y": [1, 2, 3, 4, 5]})
    with pytest.raises(DataError, match="5 complete rows are too few for 1 coefficients and 4 thresholds"):
        research.regress("y ~ x", data, "ordinal")


def test_frames_of_other_kinds() -> None:
    data = survey()
    several = data.set_axis(pd.MultiIndex.from_product([data.columns, ["t1"]]), axis=1)
    with pytest.raises(DataError, match="column names of several levels"):
        research.regress("y ~ x", several)
    twice = pd.concat([data, data[["y"]]], axis=1)
    with pytest.raises(DataError, match="more than one column named 'y'"):
        research.compare_groups(twice, "y", "group")
    sparse = data.assign(school=pd.arrays.SparseArray(data["school"]))
    pd.testing.assert_frame_equal(
        research.regress("y ~ school", sparse).tidy(), research.regress("y ~ school", data).tidy()
    )
    gaps = data.assign(x=np.where(data["x"] > 0, 1.0, data["x"]), y=data["y"].where(data["x"] > 0))
    with pytest.raises(DataError, match="'x' is constant in the 48 complete rows"):
        research.partial_correlations(gaps[["x", "y", "school"]])


COLUMNS: list[Any] = [
    lambda rng, n: rng.normal(size=n),
    lambda rng, n: rng.integers(1, 6, n),
    lambda rng, n: rng.integers(0, 2, n).astype(bool),
    lambda rng, n: np.array(["a", "b", "c"], dtype=object)[rng.integers(0, 3, n)],
    lambda rng, n: np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n)),
    lambda rng, n: np.where(rng.random(n) < 0.1, np.inf, rng.normal(size=n)),
    lambda _, n: np.full(n, 3.0),
    lambda rng, n: pd.Categorical(np.array(["lo", "hi"])[rng.integers(0, 2, n)], ["lo", "hi", "none"]),
    lambda _, n: pd.date_range("2024-01-01", periods=n),
    lambda _, n: np.arange(n) == 0,
    lambda rng, n: pd.array(rng.integers(0, 4, n), dtype="Int64"),
    lambda rng, n: rng.normal(size=n) * 1e200,
    lambda _, n: [None] * n,
    lambda rng, n: rng.poisson(2, n),
]
FAMILIES: list[Any] = ["ols", "logit", "probit", "poisson", "ordinal", "ordinal_probit"]
KINDS: list[Any] = ["nonrobust", "HC0", "HC1", "HC3", "HC4", "cluster"]


def test_random_formulas_on_random_columns_end_in_a_result_or_a_research_error() -> None:
    rng = np.random.default_rng(12)
    done = 0
    for _ in range(800):
        n = int(rng.choice([3, 6, 40, 90]))
        some = [*COLUMNS[:5] * 5, COLUMNS[-1], *COLUMNS]
        data = pd.DataFrame({name: some[int(rng.integers(len(some)))](rng, n) for name in "ywxzkc"})
        family, kind = (choices[int(rng.integers(len(choices)))] for choices in (FAMILIES, KINDS))
        with contextlib.suppress(ResearchError):
            found = research.regress(
                f"y ~ {random_terms(rng)}", data, family, kind, cluster="c" if kind == "cluster" else None
            )
            done += 1
            assert found.tidy()["estimate"].notna().all()
            for more in (found.effect_sizes, found.diagnostics, found.ratios, found.classification):
                with contextlib.suppress(ResearchError):
                    more()
    assert done > 30


def random_terms(rng: np.random.Generator) -> str:
    def factor() -> str:
        name = str(rng.choice(list("wxzk")))
        return f"C({name})" if rng.random() < 0.3 else name

    signs = [":", "*"]
    terms = [
        signs[int(rng.integers(2))].join(factor() for _ in range(int(rng.choice([1, 1, 2, 3]))))
        for _ in range(int(rng.integers(1, 4)))
    ]
    return ("0 + " if rng.random() < 0.15 else "") + " + ".join(terms)
