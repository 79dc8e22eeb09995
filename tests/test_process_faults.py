"""What a user is told whose variables, data or options do not fit the model: never a traceback of numpy."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pandas as pd
import pytest

import research
from research.errors import DataError, ModelError, OptionError, ResearchError

N = 80


def answers() -> pd.DataFrame:
    x, w, z, c, e = np.random.default_rng(3).normal(size=(5, N))
    m = 0.5 * x + e
    return pd.DataFrame(
        {
            "x": x,
            "w": w,
            "z": z,
            "c": c,
            "m": m,
            "m2": 0.3 * m + c,
            "y": m + 0.2 * x + w,
            "three": np.arange(N) % 3 + 1,
            "town": np.array(["Bonn", "Köln", "Trier"])[np.arange(N) % 3],
            "one": 4.0,
            "bought": np.arange(N) % 2,
            "copy": 2 * x + 1,
            "upper": (x > 0).astype(int),
        }
    ).assign(y=lambda frame: frame["y"] + np.random.default_rng(4).normal(size=N))


def run(model: Any = 4, data: pd.DataFrame | None = None, **options: Any) -> Any:
    given = {"x": "x", "y": "y", "m": ["m"], "bootstrap": 0} | options
    return research.process(answers() if data is None else data, model, **given)


FAULTS = {
    "x equals y": ({"y": "x"}, ModelError, "'x' is x and y at once"),
    "a covariate that is x": ({"covariates": ["x"]}, ModelError, "'x' is x and a covariate at once"),
    "a mediator twice": ({"m": ["m", "m"]}, ModelError, "'m' is m1 and m2"),
    "an unknown variable": ({"x": "xx"}, DataError, "no column 'xx'"),
    "an unknown covariate": ({"covariates": ["age"]}, DataError, "no column 'age'"),
    "a moderator that is missing": (
        {"model": 14},
        ModelError,
        "model 14 needs the moderator w .of the path m -> y",
    ),
    "a second moderator that is missing": ({"model": 21, "w": "w"}, ModelError, "needs the moderator z"),
    "a moderator without a place": (
        {"w": "w"},
        ModelError,
        "model 4 has no moderator, so that w='w' has no place",
    ),
    "a second moderator without a place": (
        {"model": 7, "w": "w", "z": "z"},
        ModelError,
        "only w, so that z='z'",
    ),
    "mediators where there are none": (
        {"model": 1, "w": "w"},
        ModelError,
        "model 1 takes no mediator; m names 1",
    ),
    "no mediator": ({"m": ()}, ModelError, "model 4 takes 1 to 10 mediators; m names none"),
    "one mediator in a chain": ({"model": 6}, ModelError, "model 6 takes 2 to 4 mediators; m names 1"),
    "an unknown number": ({"model": 999}, OptionError, "model=999 is not in the table; it holds 1, 2, 3"),
    "no model": ({"model": 3.5}, OptionError, "neither a number nor regressions"),
    "collinear predictors": (
        {"covariates": ["copy"]},
        DataError,
        "'copy' is an exact linear combination of x",
    ),
    "a constant x": ({"x": "one"}, DataError, "'one' is constant .4."),
    "a constant moderator": ({"model": 7, "w": "one"}, DataError, "'one' is constant"),
    "text as x": ({"x": "town"}, DataError, "holds text: 'Bonn'.*categorical={'town': 'indicator'}"),
    "text as y": ({"y": "town"}, DataError, "column 'town' holds text"),
    "a coded outcome": ({"categorical": {"y": "effect"}}, OptionError, "'y', an outcome"),
    "a coding of nothing": (
        {"categorical": {"town": "effect"}},
        OptionError,
        "'town', which the model does not hold",
    ),
    "an unknown coding": (
        {"x": "town", "categorical": {"town": "helmerd"}},
        OptionError,
        "'helmerd' of 'town' is not known; allowed: indicator, .*Did you mean helmert?",
    ),
    "a mediator with two values": (
        {"m": ["bought"]},
        DataError,
        "mediator 'bought' takes two values only .0, 1.",
    ),
    "log odds of a number": (
        {"family": "logit"},
        DataError,
        "family='logit' needs an outcome with two values; 'y'",
    ),
    "an unknown family": (
        {"family": "probit"},
        OptionError,
        "'probit' is not known; allowed: 'ols', 'logit'",
    ),
    "a separated outcome": ({"y": "upper"}, DataError, "separat"),
    "an unknown cov_type": ({"cov_type": "HC9"}, OptionError, "HC9"),
    "clusters": ({"cov_type": "cluster"}, OptionError, "its bootstrap draws rows, not clusters"),
    "an impossible level": ({"level": 95}, OptionError, "level is 95"),
    "too few draws": ({"bootstrap": 10}, OptionError, "bootstrap=10 is the number of samples"),
    "an unknown probe": (
        {"model": 7, "w": "w", "probe": "quartiles"},
        OptionError,
        "'quartiles' is not known",
    ),
    "a probe of nothing": (
        {"model": 7, "w": "w", "probe": {"z": [1]}},
        OptionError,
        "'z', which moderates no path",
    ),
    "a probe that is text": ({"model": 7, "w": "w", "probe": {"w": ["low"]}}, OptionError, "'low' for 'w'"),
    "an empty probe": ({"model": 7, "w": "w", "probe": {"w": []}}, OptionError, "no value for 'w'"),
    "an unknown category": (
        {"model": 7, "w": "town", "categorical": {"town": "indicator"}, "probe": {"town": ["Ulm"]}},
        OptionError,
        "'town' has no category 'Ulm'; it has Bonn",
    ),
    "covariates of no outcome": ({"covariates": {"q": ["c"]}}, ModelError, "the outcome 'q'"),
    "a circle": ({"model": ["m ~ y + x", "y ~ m"], "m": ()}, ModelError, "must be recursive"),
    "an outcome twice": ({"model": ["m ~ x", "m ~ w", "y ~ m"], "m": ()}, ModelError, "explains 'm' twice"),
    "no regression of y": ({"model": ["m ~ x"], "m": ()}, ModelError, "no regression of y='y'"),
    "x that is explained": ({"model": ["x ~ m", "y ~ x"], "m": ()}, ModelError, "x='x' is explained"),
    "x that is nowhere": ({"model": ["m ~ w", "y ~ m"], "m": ()}, ModelError, "x='x' stands in none"),
    "no way from x to y": (
        {"model": ["m ~ x", "y ~ w"], "m": ()},
        ModelError,
        "no path leads from x='x' to y='y'",
    ),
    "m that is not explained": ({"model": ["y ~ x"], "m": ["m"]}, ModelError, "m names 'm', which no"),
    "python in a formula": ({"model": ["y ~ exp(x)"], "m": ()}, ModelError, "never evaluated"),
    "no intercept": ({"model": ["y ~ 0 + x"], "m": ()}, ModelError, "has an intercept"),
    "a covariate in the model": (
        {"covariates": ["c", "c"]},
        ModelError,
        "stands in the model of 'm' already",
    ),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_fault_is_named_with_its_remedy(fault: str) -> None:
    options, kind, message = FAULTS[fault]
    with pytest.raises(kind, match=message):
        run(**options)


def test_too_few_rows() -> None:
    with pytest.raises(DataError, match="5 complete rows are too few for 5 coefficients"):
        run(8, answers().head(5), w="w")


def test_rows_with_missing_values_are_counted() -> None:
    data = answers()
    data.loc[[3, 9], "m"] = np.nan
    data.loc[9, "c"] = np.nan
    found = run(4, data, covariates=["c"])
    assert found.measures()["n_obs"].tolist() == [N - 2, N - 2]
    assert found.notes == ("2 of 80 rows were left out: a value is missing in one of the columns.",)
    full = run(4, data.drop(index=[3, 9]), covariates=["c"])
    pd.testing.assert_frame_equal(found.effects(), full.effects())
    with pytest.raises(DataError, match="no row has a value in all of"):
        run(
            4,
            data.assign(
                x=np.where(np.arange(N) < 40, np.nan, 1.0), m=np.where(np.arange(N) < 40, 1.0, np.nan)
            ),
        )


def test_johnson_neyman_needs_a_continuous_moderator() -> None:
    with pytest.raises(
        DataError, match=r"'three' takes 3 values \(1, 2, 3\).*simple_slopes\(\) gives the effect"
    ):
        run(7, w="three").johnson_neyman()
    with pytest.raises(DataError, match=r"'town' takes 3 values \(Bonn, Köln, Trier\)"):
        run(7, w="town", categorical={"town": "indicator"}).johnson_neyman()
    with pytest.raises(ModelError, match="no path of this model is moderated"):
        run(4).johnson_neyman()
    with pytest.raises(ModelError, match="'z' moderates no path of this model"):
        run(7, w="w").johnson_neyman("z")
    with pytest.raises(ModelError, match="no path to 'y' is moderated; moderated are paths to m"):
        run(7, w="w").johnson_neyman(outcome="y")
    with pytest.raises(ModelError, match="there are no simple slopes"):
        run(4).predictions()
    with pytest.raises(ModelError, match="x -> y is not moderated; moderated are x -> m"):
        run(7, w="w").predictions("y", "x")


def test_options_of_the_effects() -> None:
    found = run(4)
    with pytest.raises(OptionError, match=r"needs draws; run process.. with bootstrap=5000"):
        found.effects("percentile")
    with pytest.raises(
        OptionError, match="'basic' is not known; allowed: percentile, bc, bca, monte carlo, sobel"
    ):
        found.effects("basic")
    with pytest.raises(OptionError, match="'full' is not known"):
        found.effects(standardized="full")
    with pytest.raises(OptionError, match="'bought' has two values or categories"):
        run(4, x="bought").effects(standardized="complete")
    with pytest.raises(OptionError, match="'town' has two values or categories"):
        run(4, x="town", categorical={"town": "indicator"}).effects(standardized="complete")


def test_an_outcome_with_two_values_may_be_a_probability() -> None:
    found = run(4, y="bought", family="ols")
    assert found.notes == (
        "bought takes two values and is explained by least squares: effects are on its probability.",
    )
    assert "total" in found.effects()["effect"].tolist()
    mediated = run(4, m=["bought"], family="ols")
    assert mediated.effects()["path"].tolist()[-1] == "x -> bought -> y"


def test_samples_that_lose_a_category_are_counted() -> None:
    data = answers().assign(rare=(np.arange(N) < 2).astype(int))
    found = run(4, data, x="rare", bootstrap=1000)
    share = (1 - 2 / N) ** N
    assert found.draws.failed == pytest.approx(1000 * share, abs=4 * np.sqrt(1000 * share))
    assert any(note.startswith(f"{found.draws.failed} of 1000 bootstrap samples") for note in found.notes)
    assert found.effects()[["se", "low", "high"]].notna().all(axis=None)


def test_an_outcome_that_is_fitted_exactly() -> None:
    data = answers().assign(y=lambda frame: frame["m"] + frame["x"])
    with pytest.raises(DataError, match="'y' is an exact linear function of x, m"):
        run(4, data)


def test_products_without_their_parts_are_noted() -> None:
    found = run(["y ~ x + x:w"], m=())
    assert found.notes == ("y: x:w stands without w; its coefficient depends on where w is zero.",)


def test_a_leverage_of_one_is_noted() -> None:
    data = answers().assign(c=(np.arange(N) == 0).astype(float))
    found = run(4, data, covariates=["c"], cov_type="HC3")
    assert any("leverage 1" in note for note in found.notes)


def damaged(rng: np.random.Generator) -> pd.DataFrame:
    """Answers with one to three kinds of damage."""
    data = answers()
    for _ in range(int(rng.integers(1, 4))):
        column, other = (str(name) for name in rng.choice(["x", "y", "m", "w", "z", "c"], size=2))
        if column not in data or other not in data:
            continue
        old = data[column]
        damages = [
            lambda old=old: np.where(rng.random(len(old)) < rng.random(), np.nan, old),
            lambda: float(rng.normal()),
            lambda old=old: pd.to_numeric(old).round(),
            lambda old=old: pd.to_numeric(old) * 10.0 ** int(rng.integers(-200, 200)),
            lambda other=data[other]: other,
            lambda old=old: old.astype(str),
            lambda old=old: old.map(lambda value: value if rng.random() < 0.9 else np.inf),
        ]
        data[column] = damages[int(rng.integers(len(damages)))]()
        if rng.random() < 0.1:
            data = data.head(int(rng.integers(1, 12)))
        if rng.random() < 0.1:
            data = data.rename(columns={column: column.upper()})
    return data


CALLS: list[dict[str, Any]] = [
    {"model": 1, "m": (), "w": "w"},
    {"model": 4},
    {"model": 6, "m": ["m", "c"]},
    {"model": 8, "w": "w", "center": True},
    {"model": 14, "w": "w", "probe": "sd"},
    {"model": 21, "w": "w", "z": "z", "cov_type": "HC4"},
    {"model": 59, "w": "w", "categorical": {"w": "helmert"}},
    {"model": 15, "w": "w", "y": "bought"},
    {"model": {"m ~": "x * w", "y ~": "x + m"}, "m": ()},
]


def test_damaged_frames_never_leave_a_foreign_traceback() -> None:
    """Random damage of the data and random options: a result or a ResearchError."""
    rng = np.random.default_rng(8)
    done = 0
    for _ in range(200):
        with contextlib.suppress(ResearchError):
            found = run(**({"bootstrap": 100} | CALLS[int(rng.integers(len(CALLS)))]), data=damaged(rng))
            found.effects("bca")
            found.effects("sobel")
            found.tests()
            done += 1
            found.johnson_neyman()
    assert done > 40
