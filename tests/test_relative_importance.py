"""Shares of R^2: relaimpo's published numbers, brute force over all subsets, and what holds for any data."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.linalg import sqrtm

import research
from research.errors import DataError, ModelError, OptionError
from research.numerics.relative_importance import (
    all_subsets_r2,
    average_gains,
    gains_by_size,
    relative_weights,
)

SWISS = "Fertility ~ Agriculture + Examination + Education + Catholic + InfantMortality"


def swiss() -> pd.DataFrame:
    """Fertility and five indicators of 47 Swiss provinces in 1888 (Mosteller & Tukey 1977)."""
    frame = pd.read_csv(Path(__file__).parent / "reference" / "swiss.csv")
    return frame.rename(columns={"Infant.Mortality": "InfantMortality"})


def r2_of(y: np.ndarray, X: np.ndarray) -> float:
    return float(sm.OLS(y, sm.add_constant(X)).fit().rsquared) if X.shape[1] else 0.0


def brute_force(y: np.ndarray, groups: list[np.ndarray], always: np.ndarray | None = None) -> np.ndarray:
    """The Shapley formula with one regression of statsmodels for every subset."""
    p, shares = len(groups), np.zeros(len(groups))
    base = np.empty((len(y), 0)) if always is None else always
    for i in range(p):
        others = [j for j in range(p) if j != i]
        for size in range(p):
            weight = factorial(size) * factorial(p - size - 1) / factorial(p)
            for chosen in combinations(others, size):
                X = np.column_stack([base, *(groups[j] for j in chosen)])
                shares[i] += weight * (r2_of(y, np.column_stack([X, groups[i]])) - r2_of(y, X))
    return shares


def test_lmg_equals_relaimpo_on_swiss() -> None:
    """calc.relimp(swiss), the example of the package's documentation (Groemping 2006, J. Stat. Softw. 17)."""
    found = research.relative_importance(SWISS, swiss(), bootstrap=0)
    published = [0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592]
    assert found.table["importance"].tolist() == pytest.approx(published, abs=5e-9)
    assert found.r2 == pytest.approx(0.706735, abs=5e-7)
    assert found.table["rank"].tolist() == [5, 2, 1, 4, 3]
    assert found.table["share"].sum() == pytest.approx(1, abs=1e-14)
    assert found.method == "lmg"


def test_lmg_equals_brute_force_with_a_factor_and_with_controls() -> None:
    rng = np.random.default_rng(3)
    data = pd.DataFrame(rng.normal(size=(70, 4)), columns=["a", "b", "c", "age"])
    data["g"] = rng.choice(["x", "y", "z"], 70)
    data["y"] = data["a"] + data["b"] * 0.5 + data["age"] + (data["g"] == "z") + rng.normal(size=70)
    dummies = np.column_stack([data["g"] == "y", data["g"] == "z"]).astype(float)
    groups = [data[["a"]].to_numpy(), data[["b"]].to_numpy(), dummies, data[["c"]].to_numpy()]
    y, age = data["y"].to_numpy(), data[["age"]].to_numpy()
    found = research.relative_importance("y ~ a + b + C(g) + c", data, bootstrap=0)
    assert found.table["term"].tolist() == ["a", "b", "C(g)", "c"]
    assert found.table["importance"].to_numpy() == pytest.approx(brute_force(y, groups), abs=1e-12)
    held = research.relative_importance("y ~ a + b + C(g) + age + c", data, controls=["age"], bootstrap=0)
    assert held.table["importance"].to_numpy() == pytest.approx(brute_force(y, groups, age), abs=1e-12)
    assert held.r2_controls == pytest.approx(r2_of(y, age), abs=1e-12)
    assert held.table["importance"].sum() == pytest.approx(held.r2 - held.r2_controls, abs=1e-12)


def test_every_subset_has_its_r2() -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(40, 6)) @ rng.normal(size=(6, 6))
    y = X @ rng.normal(size=6) + 3 * rng.normal(size=40)
    cov = np.cov(np.column_stack([X, y]).T)[None]
    r2 = all_subsets_r2(cov, [1] * 6)[0]
    for subset in range(64):
        columns = [i for i in range(6) if subset >> i & 1]
        assert r2[subset] == pytest.approx(r2_of(y, X[:, columns]), abs=1e-12)
    gains = gains_by_size(r2[None], 6)[0]
    assert gains.mean(axis=0) == pytest.approx(average_gains(r2[None], 6)[0], abs=1e-14)


def test_johnsons_weights_equal_the_matrix_square_root() -> None:
    data = swiss()
    R = (
        data[["Agriculture", "Examination", "Education", "Catholic", "InfantMortality", "Fertility"]]
        .corr()
        .to_numpy()
    )
    root = np.real(sqrtm(R[:-1, :-1]))
    want = root**2 @ np.linalg.solve(root, R[:-1, -1]) ** 2
    found = research.relative_importance(SWISS, data, "weights", bootstrap=0)
    assert found.table["importance"].to_numpy() == pytest.approx(want, abs=1e-10)
    assert found.table["importance"].sum() == pytest.approx(found.r2, abs=1e-12)
    assert found.complete.empty
    assert "first" not in found.table


def test_two_predictors_have_the_same_weights_by_both_methods() -> None:
    """Of two predictors, Johnson's weights are the mean gains (Johnson 2000, p. 10)."""
    lmg, weights = (
        research.relative_importance("Fertility ~ Education + Catholic", swiss(), method, bootstrap=0)
        for method in ("lmg", "weights")
    )
    assert lmg.table["importance"].to_numpy() == pytest.approx(
        weights.table["importance"].to_numpy(), abs=1e-12
    )


def test_dominance_is_what_the_subsets_say() -> None:
    found = research.relative_importance(SWISS, swiss(), bootstrap=0)
    y, X = swiss()["Fertility"].to_numpy(), swiss()[list(found.complete)].to_numpy()
    for i, j in combinations(range(5), 2):
        others = [k for k in range(5) if k not in (i, j)]
        ahead = [
            r2_of(y, X[:, [*chosen, i]]) > r2_of(y, X[:, [*chosen, j]])
            for size in range(4)
            for chosen in combinations(others, size)
        ]
        want = 1.0 if all(ahead) else 0.5 if any(ahead) else 0.0
        assert found.complete.iloc[i, j] == want
        assert found.complete.iloc[j, i] == 1 - want
    complete, conditional, general = found.complete, found.conditional_dominance, found.general
    for stronger, weaker in ((complete, conditional), (conditional, general)):
        decided = np.isin(stronger.to_numpy(), (0.0, 1.0))
        assert decided.any()
        assert (stronger.to_numpy()[decided] == weaker.to_numpy()[decided]).all()
    assert found.table["first"].to_numpy() == pytest.approx(found.conditional.iloc[0].to_numpy(), abs=1e-14)
    assert found.table["last"].to_numpy() == pytest.approx(found.conditional.iloc[-1].to_numpy(), abs=1e-14)


def test_intervals_are_the_quantiles_of_resampled_regressions() -> None:
    """Rows drawn again and R^2 divided by brute force have the same spread; same seed, same numbers."""
    data, formula = swiss(), "Fertility ~ Education + Catholic"
    found = research.relative_importance(formula, data, bootstrap=4000, seed=5)
    again = research.relative_importance(formula, data, bootstrap=4000, seed=5)
    pd.testing.assert_frame_equal(found.table, again.table)
    rng, drawn = np.random.default_rng(9), []
    values = data[["Education", "Catholic", "Fertility"]].to_numpy()
    for _ in range(2000):
        r = np.corrcoef(values[rng.integers(47, size=47)].T)
        whole = 1 - 1 / np.linalg.inv(r)[2, 2]
        drawn.append([(r[0, 2] ** 2 + whole - r[1, 2] ** 2) / 2, (r[1, 2] ** 2 + whole - r[0, 2] ** 2) / 2])
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    assert found.table["low"].to_numpy() == pytest.approx(low, abs=0.02)
    assert found.table["high"].to_numpy() == pytest.approx(high, abs=0.02)
    assert found.orders.iloc[0, 1] + found.orders.iloc[1, 0] == pytest.approx(1)


def test_fifteen_predictors_by_subsets_and_sixteen_by_weights() -> None:
    rng = np.random.default_rng(8)
    data = pd.DataFrame(rng.normal(size=(80, 16)), columns=[f"x{i}" for i in range(16)])
    data["y"] = data.sum(axis=1) + rng.normal(size=80)
    many = " + ".join(f"x{i}" for i in range(15))
    assert research.relative_importance(f"y ~ {many}", data, bootstrap=100).method == "lmg"
    assert research.relative_importance(f"y ~ {many} + x15", data, bootstrap=0).method == "weights"
    with pytest.raises(OptionError, match="at most 15"):
        research.relative_importance(f"y ~ {many} + x15", data, "lmg")


def test_a_category_that_a_sample_lacks_explains_nothing_there() -> None:
    data = swiss().assign(g=["a"] * 45 + ["b"] * 2)
    for method in ("lmg", "weights"):
        found = research.relative_importance("Fertility ~ Education + C(g)", data, method, bootstrap=300)
        assert found.table["low"].iloc[1] == pytest.approx(0, abs=1e-12)
        assert np.isfinite(found.table[["low", "high", "share_low", "share_high"]].to_numpy()).all()
    cov = np.cov(swiss()[["Education", "Catholic", "Fertility"]].T.to_numpy())[None]
    cov[0, 1, :] = cov[0, :, 1] = 0
    assert relative_weights(cov)[0, 1] == 0


@pytest.mark.parametrize(
    ("formula", "options", "error", "told"),
    [
        ("Fertility ~ Education * Catholic", {}, ModelError, "'Education:Catholic' has no importance"),
        ("Fertility ~ 0 + Education + Catholic", {}, ModelError, "leading 0"),
        ("Fertility ~ Education", {}, ModelError, "one is left"),
        ("Fertility ~ Education + Catholic", {"controls": ["Catholik"]}, ModelError, "Did you mean Catholic"),
        ("Fertility ~ Education + Catholic", {"method": "lgm"}, OptionError, "Did you mean lmg"),
        ("Fertility ~ Education + Catholic", {"bootstrap": 5}, OptionError, "at least 100"),
        ("Fertility ~ Education + Catholic", {"level": 95}, OptionError, "probability"),
        ("Fertility ~ Education + nothing", {}, DataError, "no column 'nothing'"),
        ("Fertility ~ Education + twice", {}, DataError, "exact linear combination"),
        ("Fertility ~ Education + same + Catholic", {"controls": ["same"]}, DataError, "completely"),
    ],
)
def test_what_cannot_be_divided_is_said(
    formula: str, options: dict[str, object], error: type[Exception], told: str
) -> None:
    data = swiss().assign(twice=lambda d: 2 * d["Education"], same=lambda d: d["Fertility"])
    with pytest.raises(error, match=told):
        research.relative_importance(formula, data, **options)


def test_rows_left_out_are_said() -> None:
    data = swiss().assign(Education=lambda d: d["Education"].mask(d.index < 3))
    found = research.relative_importance(SWISS, data, bootstrap=0)
    assert found.n_obs == 44
    assert found.notes[0].startswith("3 of 47 rows were left out")
