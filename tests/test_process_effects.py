"""Effects of every kind against formulas written out here, from refits row by row and from statsmodels."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

import research
from research.structure.process_models import MODELS

B = 200  # draws, where the numbers of the bootstrap are not what is tested


def survey(n: int = 240, seed: int = 7) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, w, z, c = rng.normal(size=(4, n)) + np.array([[0.5], [2.0], [-1.0], [0.0]])
    m1 = 0.4 * x + 0.2 * w + 0.25 * x * w + 0.3 * c + rng.normal(size=n)
    m2 = 0.3 * x + 0.3 * m1 + 0.2 * z + rng.normal(size=n)
    m3 = 0.2 * x - 0.3 * m1 + 0.4 * m2 + rng.normal(size=n)
    m4 = 0.3 * m3 + 0.1 * x + rng.normal(size=n)
    y = 0.2 * x + 0.4 * m1 + 0.3 * m2 + 0.15 * m1 * z + 0.1 * x * w + 0.2 * m4 + 0.2 * c + rng.normal(size=n)
    shop = np.array(["web", "app", "shop"])[rng.integers(3, size=n)]
    return pd.DataFrame(
        {
            "x": x,
            "w": w,
            "z": z,
            "c": c,
            "m": m1,
            "m2": m2,
            "m3": m3,
            "m4": m4,
            "y": y,
            "shop": shop,
            "vip": rng.integers(2, size=n),
        }
    )


DATA = survey()


def ols(y: str, *columns: str, data: pd.DataFrame = DATA) -> dict[str, float]:
    """Least squares by numpy; columns may be products a:b."""
    X = [
        np.ones(len(data)),
        *(np.prod([data[part] for part in column.split(":")], axis=0) for column in columns),
    ]
    b = np.linalg.lstsq(np.column_stack(X).astype(float), data[y].to_numpy(float), rcond=None)[0]
    return dict(zip(["1", *columns], b.tolist(), strict=True))


def run(model: Any, m: Any = ("m",), data: pd.DataFrame = DATA, **options: Any) -> Any:
    return research.process(data, model, x="x", y="y", m=m, **({"bootstrap": B} | options))


def percentiles(name: str) -> list[float]:
    """By hand: the value at rank (n + 1)p, between neighbours linearly."""
    ordered = np.sort(DATA[name].to_numpy())
    found = []
    for p in (0.16, 0.5, 0.84):
        rank = (len(ordered) + 1) * p
        below = int(rank)
        found.append(float(ordered[below - 1] + (rank - below) * (ordered[below] - ordered[below - 1])))
    return found


def pick(effects: pd.DataFrame, kind: str) -> pd.DataFrame:
    return effects[effects["effect"] == kind]


def test_model_7_8_and_58_59_conditional_indirect_effects() -> None:
    at = percentiles("w")
    a = ols("m", "x", "w", "x:w")
    for number, b in {
        7: ols("y", "x", "m"),
        8: ols("y", "x", "m", "w", "x:w"),
        58: ols("y", "x", "m", "w", "m:w"),
        59: ols("y", "x", "m", "w", "x:w", "m:w"),
    }.items():
        effects = run(number, w="w").effects()
        own = pick(effects, "conditional indirect")
        assert own["at_w"].tolist() == pytest.approx(at, abs=1e-12)
        wanted = [(a["x"] + a["x:w"] * v) * (b["m"] + b.get("m:w", 0.0) * v) for v in at]
        assert own["estimate"].tolist() == pytest.approx(wanted, abs=1e-12)
        index = pick(effects, "index of moderated mediation")
        if number in (7, 8):
            assert index["estimate"].tolist() == pytest.approx([a["x:w"] * b["m"]], abs=1e-12)
            assert index["at"].tolist() == ["w"]
        else:
            assert index.empty  # the effect is a parabola of w
        gaps = [wanted[1] - wanted[0], wanted[2] - wanted[0], wanted[2] - wanted[1]]
        assert pick(effects, "contrast")["estimate"].tolist() == pytest.approx(gaps, abs=1e-12)
        if number in (8, 59):
            direct = pick(effects, "conditional direct")
            wanted = [b["x"] + b["x:w"] * v for v in at]
            assert direct["estimate"].tolist() == pytest.approx(wanted, abs=1e-12)


def test_models_14_and_15() -> None:
    at, a = percentiles("w"), ols("m", "x")["x"]
    for number, b in {14: ols("y", "x", "m", "w", "m:w"), 15: ols("y", "x", "m", "w", "x:w", "m:w")}.items():
        effects = run(number, w="w").effects()
        wanted = [a * (b["m"] + b["m:w"] * v) for v in at]
        assert pick(effects, "conditional indirect")["estimate"].tolist() == pytest.approx(wanted, abs=1e-12)
        index = pick(effects, "index of moderated mediation")["estimate"].tolist()
        assert index == pytest.approx([a * b["m:w"]], abs=1e-12)
        direct = pick(effects, "direct" if number == 14 else "conditional direct")
        assert len(direct) == (1 if number == 14 else 3)


def test_models_21_22_28_29_have_conditional_and_moderated_indices() -> None:
    """Hayes (2018): (a1 + a3 W)(b1 + b2 Z) changes with W by a3 (b1 + b2 Z), and that by a3 b2."""
    ws, zs, a = percentiles("w"), percentiles("z"), ols("m", "x", "w", "x:w")
    regressions = {
        21: ols("y", "x", "m", "z", "m:z"),
        22: ols("y", "x", "m", "w", "x:w", "z", "m:z"),
        28: ols("y", "x", "m", "z", "x:z", "m:z"),
        29: ols("y", "x", "m", "w", "x:w", "z", "x:z", "m:z"),
    }
    for number, b in regressions.items():
        effects = run(number, w="w", z="z").effects(contrasts=False)
        own = pick(effects, "conditional indirect")
        wanted = [(a["x"] + a["x:w"] * v) * (b["m"] + b["m:z"] * u) for v in ws for u in zs]
        assert own["estimate"].tolist() == pytest.approx(wanted, abs=1e-12)
        conditional = pick(effects, "index of conditional moderated mediation")["estimate"].tolist()
        by_w = [a["x:w"] * (b["m"] + b["m:z"] * u) for u in zs]
        by_z = [(a["x"] + a["x:w"] * v) * b["m:z"] for v in ws]
        assert conditional == pytest.approx(by_w + by_z, abs=1e-12)
        both = pick(effects, "index of moderated moderated mediation")
        assert both["estimate"].tolist() == pytest.approx([a["x:w"] * b["m:z"]], abs=1e-12)
        assert both["at"].tolist() == ["w:z"]
        direct = pick(effects, "direct" if number == 21 else "conditional direct")
        assert len(direct) == {21: 1, 22: 3, 28: 3, 29: 9}[number]


def test_additive_and_three_way_moderation_of_one_path() -> None:
    effects = run(9, w="w", z="z").effects(contrasts=False)
    a, b = ols("m", "x", "w", "z", "x:w", "x:z"), ols("y", "x", "m")["m"]
    partial = pick(effects, "index of partial moderated mediation")["estimate"].tolist()
    assert partial == pytest.approx([a["x:w"] * b, a["x:z"] * b], abs=1e-12)
    effects = run(11, w="w", z="z").effects(contrasts=False)
    a = ols("m", "x", "w", "z", "x:w", "x:z", "w:z", "x:w:z")
    own = pick(effects, "index of moderated moderated mediation")["estimate"].tolist()
    assert own == pytest.approx([a["x:w:z"] * b], abs=1e-12)
    wanted = [(a["x:w"] + a["x:w:z"] * u) * b for u in percentiles("z")]
    wanted += [(a["x:z"] + a["x:w:z"] * v) * b for v in percentiles("w")]
    own = pick(effects, "index of conditional moderated mediation")["estimate"].tolist()
    assert own == pytest.approx(wanted, abs=1e-12)


def test_moderation_without_mediators() -> None:
    found = run(2, (), w="w", z="z")
    b = ols("y", "x", "w", "z", "x:w", "x:z")
    wanted = [b["x"] + b["x:w"] * v + b["x:z"] * u for v in percentiles("w") for u in percentiles("z")]
    assert found.simple_slopes()["estimate"].tolist() == pytest.approx(wanted, abs=1e-12)
    tests = found.tests()
    assert tests["terms"].tolist() == ["x:w", "x:z", "x:w + x:z"]
    assert tests["df1"].tolist() == [1, 1, 2]
    full, less = (residual_squares("y", *terms) for terms in (b, ("x", "w", "z")))
    f = (less - full) / 2 / (full / (len(DATA) - 6))
    assert tests["f"].iloc[2] == pytest.approx(f, rel=1e-10)
    assert tests["r2_change"].iloc[2] == pytest.approx(
        (less - full) / ((DATA["y"] - DATA["y"].mean()) ** 2).sum(), rel=1e-10
    )
    three = run(3, (), w="w", z="z")
    b = ols("y", "x", "w", "z", "x:w", "x:z", "w:z", "x:w:z")
    wanted = [
        b["x"] + b["x:w"] * v + b["x:z"] * u + b["x:w:z"] * v * u
        for v in percentiles("w")
        for u in percentiles("z")
    ]
    assert three.simple_slopes()["estimate"].tolist() == pytest.approx(wanted, abs=1e-12)
    assert three.tests()["terms"].tolist() == ["x:w:z"]


def residual_squares(y: str, *columns: str) -> float:
    names = [column for column in columns if column != "1"]
    b = ols(y, *names)
    fitted = b["1"] + sum(
        b[name] * np.prod([DATA[part] for part in name.split(":")], axis=0) for name in names
    )
    return float(((DATA["y"] - fitted) ** 2).sum())


def test_serial_mediators_name_every_path() -> None:
    found = run(6, ["m", "m2", "m3", "m4"], covariates=["c"])
    effects = found.effects(contrasts=False)
    order, rows = ["m", "m2", "m3", "m4"], {}
    for place, name in enumerate([*order, "y"]):
        rows[name] = ols(name, "x", *order[:place], "c")
    indirect = pick(effects, "indirect").set_index("path")["estimate"]
    assert len(indirect) == 15
    for path, estimate in indirect.items():
        steps = str(path).split(" -> ")
        wanted = np.prod([rows[target][source] for source, target in pairwise(steps)])
        assert estimate == pytest.approx(wanted, abs=1e-12), path
    assert "x -> m -> m2 -> m3 -> m4 -> y" in indirect.index
    total = pick(effects, "total")["estimate"].iloc[0]
    assert total == pytest.approx(ols("y", "x", "c")["x"], abs=1e-12)
    assert pick(effects, "total indirect")["estimate"].iloc[0] == pytest.approx(indirect.sum(), abs=1e-12)


def test_fan_in_fan_out_and_chains() -> None:
    paths = {
        80: ["m -> y", "m2 -> y", "m3 -> y", "m -> m3 -> y", "m2 -> m3 -> y"],
        81: ["m -> y", "m2 -> y", "m3 -> y", "m -> m2 -> y", "m -> m3 -> y"],
    }
    for number, wanted in paths.items():
        effects = run(number, ["m", "m2", "m3"]).effects(contrasts=False)
        assert pick(effects, "indirect")["path"].tolist() == [f"x -> {path}" for path in wanted]
    effects = run(82, ["m", "m2", "m3", "m4"]).effects(contrasts=False)
    assert pick(effects, "indirect")["path"].tolist()[4:] == ["x -> m -> m2 -> y", "x -> m3 -> m4 -> y"]


@pytest.mark.parametrize("number", sorted(MODELS))
def test_every_model_of_the_table_runs_and_its_indirect_effect_is_a_derivative(number: int) -> None:
    """dy/dx along a path, by moving x in the estimated equations with all other paths held still."""
    arrangement, moderation = MODELS[number]
    m = {"none": [], "parallel": ["m", "m2"], "serial": ["m", "m2"]}.get(arrangement, ["m", "m2", "m3"])
    m = ["m", "m2", "m3", "m4"] if arrangement == "two chains" else m
    letters = {letter for by in moderation.values() for letter in by if letter in "wz"}
    found = run(number, m, bootstrap=0, probe={k: [0.5, 2.0] for k in letters}, **{k: k for k in letters})
    models = found.models().set_index(["outcome", "term"])["estimate"]

    def slope(source: str, target: str, at: dict[str, float]) -> float:
        def value(level: float) -> float:
            total = 0.0
            for term, b in models[target].items():
                parts = str(term).split(":")
                if source in parts:
                    total += b * np.prod([level if part == source else at[part] for part in parts])
            return total

        return value(1.5) - value(0.5)

    effects = found.effects(contrasts=False)
    checked = effects[effects["effect"].str.contains("direct") & ~effects["effect"].str.contains("total")]
    assert len(checked)
    for row in checked.to_dict("records"):
        at = {name: row[f"at_{name}"] for name in letters if f"at_{name}" in row}
        wanted = np.prod([slope(*step, at) for step in pairwise(row["path"].split(" -> "))])
        assert row["estimate"] == pytest.approx(wanted, abs=1e-10), row
        assert row["effect"].startswith("conditional") == bool(row["at"])


def test_a_specification_equals_the_numbered_model() -> None:
    numbered = run(59, w="w", covariates=["c"])
    for model in (
        {"m ~": "x * w", "y ~": "x * w + m * w"},
        ["y ~ x * w + m * w", "m ~ x * w"],
    ):
        written = run(model, (), covariates=["c"], w="w")
        columns = ["effect", "path", "at", "estimate", "se", "low", "high"]
        pd.testing.assert_frame_equal(
            written.effects()[columns], numbered.effects()[columns], rtol=1e-9, check_exact=False
        )


def test_a_specification_may_be_what_no_number_is() -> None:
    """The middle of a chain moderated, a path moderated by the cause itself, covariates of one outcome."""
    found = run({"m ~": "x", "m2 ~": "m * z", "y ~": "m2 + x * m"}, (), covariates={"y": ["c"]})
    a, d = ols("m", "x")["x"], ols("m2", "m", "z", "m:z")
    b = ols("y", "m2", "x", "m", "x:m", "c")
    effects = found.effects(contrasts=False)
    own = effects[effects["path"] == "x -> m -> m2 -> y"]
    own = own[own["effect"] == "conditional indirect"]["estimate"].tolist()
    wanted = [a * (d["m"] + d["m:z"] * v) * b["m2"] for v in percentiles("z")]
    assert own == pytest.approx(wanted, abs=1e-12)
    own = effects[(effects["path"] == "x -> m -> y") & (effects["effect"] == "conditional indirect")]
    assert own["estimate"].tolist() == pytest.approx(
        [a * (b["m"] + b["x:m"] * v) for v in percentiles("x")], abs=1e-12
    )
    assert set(found.models().query("outcome == 'm'")["term"]) == {"(Intercept)", "x"}


def test_bootstrap_equals_refits_of_the_same_samples() -> None:
    """The draws from Gram matrices are the coefficients that least squares finds in each sample."""
    from research.numerics import resampled_regressions as resampled
    from research.provenance import seed_sequence

    found = run(8, w="w", covariates=["c"], bootstrap=300, seed=11)
    designs = [(equation.design.X, equation.design.y) for equation in found.system.equations]
    n = len(DATA)
    children = seed_sequence(11, "process/bootstrap").spawn(2)
    counts = []
    for child, size in zip(children, (256, 44), strict=True):
        generator = np.random.Generator(np.random.PCG64(child))
        drawn = generator.integers(n, size=(256, n), dtype=np.uint16)[:size]
        counts += [np.bincount(row, minlength=n) for row in drawn]
    for draw in (0, 100, 255, 256, 299):
        for (X, y), coefficients in zip(designs, found.draws.coefficients, strict=True):
            rows = np.repeat(np.arange(n), counts[draw])
            refit = np.linalg.lstsq(X[rows], y[rows], rcond=None)[0]
            np.testing.assert_allclose(coefficients[draw], refit, rtol=1e-9)
        y = DATA["y"].to_numpy()[np.repeat(np.arange(n), counts[draw])]
        assert found.draws.spreads[draw, 0] == pytest.approx(y.std(ddof=1), rel=1e-10)
    for X, y in designs:
        without = resampled.leave_one_out(X, y)
        for row in (0, 17, n - 1):
            kept = np.arange(n) != row
            refit = np.linalg.lstsq(X[kept], y[kept], rcond=None)[0]
            np.testing.assert_allclose(without[row], refit, rtol=1e-8)
    spread = resampled.leave_one_out_spread(designs[0][1])
    assert spread[5] == pytest.approx(np.delete(designs[0][1], 5).std(ddof=1), rel=1e-12)


def test_bootstrap_keeps_its_digits_where_products_are_nearly_collinear() -> None:
    """Years and prices uncentred: what refits find is found to eight digits."""
    data = DATA.assign(x=2000 + DATA["x"], w=90000 + 100 * DATA["w"])
    far = run(7, w="w", data=data, bootstrap=400).effects(contrasts=False)
    near = run(7, w="w", bootstrap=400).effects(contrasts=False)
    index = "index of moderated mediation"
    for column in ("estimate", "se", "low", "high"):
        got = 100 * pick(far, index)[column].iloc[0]
        assert got == pytest.approx(pick(near, index)[column].iloc[0], rel=1e-6)


def test_same_seed_same_numbers_for_any_number_of_threads() -> None:
    from threadpoolctl import threadpool_limits

    tables = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            tables.append(run(8, w="w", bootstrap=1000, seed=5).effects())
    pd.testing.assert_frame_equal(tables[0], tables[1], check_exact=True)
    other = run(8, w="w", bootstrap=1000, seed=6).effects()
    assert not np.allclose(tables[0]["low"].iloc[3:6], other["low"].iloc[3:6])


def test_bca_equals_its_definition() -> None:
    """Bias from the draws, acceleration from the jackknife: against the definitions written out."""
    from scipy.special import ndtr, ndtri

    found = run(4, bootstrap=4000)
    low, high = found.effects("bca").set_index("effect").loc["indirect", ["low", "high"]].tolist()
    draws = found.draws.coefficients[0][:, 1] * found.draws.coefficients[1][:, 2]
    estimate = ols("m", "x")["x"] * ols("y", "x", "m")["m"]
    left = []
    for row in range(len(DATA)):
        kept = DATA.drop(index=row)
        left.append(ols("m", "x", data=kept)["x"] * ols("y", "x", "m", data=kept)["m"])
    gap = np.mean(left) - np.array(left)
    a = (gap**3).sum() / (6 * (gap**2).sum() ** 1.5)
    z0 = ndtri((draws < estimate).mean())
    for limit, z in ((low, ndtri(0.025)), (high, ndtri(0.975))):
        share = ndtr(z0 + (z0 + z) / (1 - a * (z0 + z)))
        assert limit == pytest.approx(np.quantile(draws, share, method="weibull"), abs=2e-4)


def test_second_order_errors_equal_the_products_of_normals() -> None:
    """Two factors: Aroian, exactly. The total of mediators whose residuals correlate: by simulation."""
    found = run(4, ["m", "m2"], bootstrap=0, covariates=["c"])
    models = found.models().set_index(["outcome", "term"])
    effects = found.effects()
    for name in ("m", "m2"):
        a, sa = models.loc[(name, "x"), ["estimate", "se"]]
        b, sb = models.loc[("y", name), ["estimate", "se"]]
        row = effects.set_index("path").loc[f"x -> {name} -> y"]
        assert row["se"] == pytest.approx(np.sqrt(a**2 * sb**2 + b**2 * sa**2 + sa**2 * sb**2), rel=1e-10)
    V = found.system.covariance()
    rng = np.random.default_rng(0)
    drawn = rng.multivariate_normal(np.concatenate(found.system.coefficients()), V, size=400_000)
    k = len(found.system.coefficients()[0])
    total = drawn[:, 1] * drawn[:, 2 * k + 2] + drawn[:, k + 1] * drawn[:, 2 * k + 3]
    assert pick(effects, "total indirect")["se"].iloc[0] == pytest.approx(total.std(), rel=0.006)
    residuals = [equation.estimates.residuals for equation in found.system.equations]
    X = found.system.equations[0].design.X
    shared = residuals[0] @ residuals[1] / (len(X) - k) * np.linalg.inv(X.T @ X)
    np.testing.assert_allclose(V[:k, k : 2 * k], shared, rtol=1e-8)


def test_robust_cross_covariance_reproduces_its_own_block() -> None:
    """Two outcomes with the same residuals have the covariance of one of them between them."""
    for kind in ("nonrobust", "HC0", "HC1", "HC2", "HC3", "HC4"):
        data = DATA.assign(m2=DATA["m"])
        found = run(["m ~ x + c", "m2 ~ x + c", "y ~ x + m"], (), data=data, cov_type=kind, bootstrap=0)
        V = found.system.covariance()
        np.testing.assert_allclose(V[:3, 3:6], V[:3, :3], rtol=1e-9)


def test_monte_carlo_agrees_with_the_bootstrap_where_errors_are_normal() -> None:
    data = survey(2000)
    found = run(14, w="z", data=data, bootstrap=4000)
    boot, normal = found.effects(contrasts=False), found.effects("monte carlo", contrasts=False)
    rows = boot["effect"] == "conditional indirect"
    np.testing.assert_allclose(boot["low"][rows], normal["low"][rows], atol=0.02)
    np.testing.assert_allclose(boot["high"][rows], normal["high"][rows], atol=0.02)


def test_standardized_effects() -> None:
    found = run(4, bootstrap=500)
    plain, partial, complete = (
        found.effects(standardized=form).set_index("effect")["estimate"]
        for form in ("none", "partial", "complete")
    )
    sy, sx = DATA["y"].std(), DATA["x"].std()
    np.testing.assert_allclose(partial, plain / sy, rtol=1e-12)
    np.testing.assert_allclose(complete, plain * sx / sy, rtol=1e-12)
    z = (DATA[["x", "m", "y"]] - DATA[["x", "m", "y"]].mean()) / DATA[["x", "m", "y"]].std()
    assert complete["indirect"] == pytest.approx(
        ols("m", "x", data=z)["x"] * ols("y", "x", "m", data=z)["m"], rel=1e-10
    )


def test_centring_moves_the_main_effects_and_nothing_else() -> None:
    plain, centred = run(8, w="w", bootstrap=0), run(8, w="w", bootstrap=0, center=True)
    mean = DATA["w"].mean()
    for ours, theirs in zip(plain.effects().itertuples(), centred.effects().itertuples(), strict=True):
        assert theirs.estimate == pytest.approx(ours.estimate, abs=1e-10)
        assert theirs.se == pytest.approx(ours.se, abs=1e-10)
    assert centred.effects()["at_w"].iloc[0] == pytest.approx(plain.effects()["at_w"].iloc[0] - mean)
    assert centred.johnson_neyman()["share_below"].tolist() == pytest.approx(
        plain.johnson_neyman()["share_below"].tolist(), nan_ok=True
    )
    mixed = run(1, (), w="vip", center="continuous", bootstrap=0)
    assert mixed.system.variables["vip"].centre == 0
    assert mixed.system.variables["x"].centre == pytest.approx(DATA["x"].mean())


def test_probing() -> None:
    sd = run(1, (), w="w", probe="sd", bootstrap=0).simple_slopes()["at_w"].tolist()
    mean, spread = DATA["w"].mean(), DATA["w"].std()
    assert sd == pytest.approx([mean - spread, mean, mean + spread])
    given = run(1, (), w="w", probe={"w": [1, 4]}, bootstrap=0).simple_slopes()
    assert given["at"].tolist() == ["w = 1", "w = 4"]
    two = run(1, (), w="vip", bootstrap=0).simple_slopes()
    assert two["at_vip"].tolist() == [0, 1]
    skewed = DATA.assign(
        w=np.where(np.arange(len(DATA)) % 5 == 0, 1.0, 0.0) + (np.arange(len(DATA)) % 50 == 0)
    )
    found = run(1, (), w="w", data=skewed, bootstrap=0)
    assert found.simple_slopes()["at_w"].tolist() == [0, 1]
    assert any("coincide" in note for note in found.notes)
    found = run(1, (), w="w", data=DATA.assign(w=np.exp(2 * DATA["w"])), probe="sd", bootstrap=0)
    assert any("outside" in note for note in found.notes)


CODES = {  # Hayes & Montoya (2017), table 1, for three categories
    "indicator": [[0, 0], [1, 0], [0, 1]],
    "sequential": [[0, 0], [1, 0], [1, 1]],
    "helmert": [[-2 / 3, 0], [1 / 3, -1 / 2], [1 / 3, 1 / 2]],
    "effect": [[-1, -1], [1, 0], [0, 1]],
}


@pytest.mark.parametrize("kind", list(CODES))
def test_a_categorical_cause(kind: str) -> None:
    found = research.process(DATA, 4, x="shop", y="y", m=["m"], categorical={"shop": kind}, bootstrap=B)
    coded = np.array(CODES[kind])[[["app", "shop", "web"].index(shop) for shop in DATA["shop"]]]
    data = DATA.assign(d1=coded[:, 0], d2=coded[:, 1])
    a, b, c = (
        ols("m", "d1", "d2", data=data),
        ols("y", "d1", "d2", "m", data=data),
        ols("y", "d1", "d2", data=data),
    )
    effects = found.effects()
    for place, column in enumerate(("d1", "d2")):
        own = effects.iloc[3 * place : 3 * place + 3].set_index("effect")["estimate"]
        assert own["total"] == pytest.approx(c[column], abs=1e-12)
        assert own["direct"] == pytest.approx(b[column], abs=1e-12)
        assert own["indirect"] == pytest.approx(a[column] * b["m"], abs=1e-12)
    cells = found.coding().pivot_table(index="level", columns="column", values="value", sort=False)
    np.testing.assert_allclose(cells.to_numpy(), CODES[kind])
    omnibus = found.tests().set_index("outcome").loc["m"]
    total = found.tests().set_index("outcome").loc["y (total)"]
    assert total["f"] == pytest.approx(found.measures(total=True)["f"].iloc[2], rel=1e-10)
    assert total["p"] == pytest.approx(found.measures(total=True)["p"].iloc[2], rel=1e-8)
    groups = [group["m"] for _, group in DATA.groupby("shop")]
    from scipy.stats import f_oneway

    assert omnibus["f"] == pytest.approx(f_oneway(*groups).statistic, rel=1e-10)
    assert omnibus["test"] == "omnibus"


def test_a_categorical_moderator_is_probed_at_every_category() -> None:
    found = run(8, w="shop", categorical={"shop": "effect"})
    effects = found.effects(contrasts=False)
    own = pick(effects, "conditional indirect").set_index("at_shop")["estimate"]
    b = pick(effects, "conditional direct").set_index("at_shop")["estimate"]
    groups = dict(iter(DATA.groupby("shop")))
    for level, rows in groups.items():
        slope = ols("m", "x", data=rows)["x"]
        joint = found.models().set_index(["outcome", "term"])["estimate"]
        assert own[level] == pytest.approx(slope * joint["y", "m"], abs=1e-10)
        assert level in b.index
    index = pick(effects, "index of moderated mediation")
    assert index["at"].tolist() == ["C(shop)[S.shop]", "C(shop)[S.web]"]
    middle = np.mean([ols("m", "x", data=rows)["x"] for rows in groups.values()])
    wanted = (ols("m", "x", data=groups["web"])["x"] - middle) * found.models().set_index(
        ["outcome", "term"]
    ).loc[("y", "m"), "estimate"]
    assert index["estimate"].iloc[1] == pytest.approx(wanted, abs=1e-10)
    both = run(
        1, (), data=DATA.assign(x=DATA["vip"]), w="shop", categorical={"x": "indicator", "shop": "helmert"}
    )
    assert both.simple_slopes()["at_shop"].tolist() == ["app", "shop", "web"]
    omnibus = both.tests().query("test == 'omnibus'")
    assert omnibus["at"].tolist() == ["shop = app", "shop = shop", "shop = web"]
    covered = run(4, covariates=["C(shop)"])
    assert "C(shop)[T.web]" in covered.models()["term"].tolist()


def test_johnson_neyman_bounds_are_where_p_is_05() -> None:
    found = run(1, (), w="w", bootstrap=0)
    bounds = found.johnson_neyman()
    for row in bounds.itertuples():
        slopes = run(1, (), w="w", probe={"w": [row.bound]}, bootstrap=0).simple_slopes()
        assert slopes["p"].iloc[0] == pytest.approx(0.05, abs=1e-8)
        assert row.share_below == pytest.approx((DATA["w"] < row.bound).mean())
        side = {"below": -0.05, "above": 0.05}[row.significant]
        inside = run(1, (), w="w", probe={"w": [row.bound + side]}, bootstrap=0).simple_slopes()
        assert inside["p"].iloc[0] < 0.05
    assert len(bounds)
    three = run(3, (), w="w", z="z", bootstrap=0).johnson_neyman("w")
    assert three["at"].str.startswith("z = ").all()
    wide = run(1, (), w="w", level=0.99, bootstrap=0).johnson_neyman()
    assert wide["bound"].iloc[0] > bounds["bound"].iloc[0]


def test_predictions_have_the_errors_of_statsmodels() -> None:
    from statsmodels.regression.linear_model import OLS

    found = run(1, (), w="w", covariates=["c"], bootstrap=0)
    lines = found.predictions(points=5)
    X = np.column_stack([np.ones(len(DATA)), DATA["x"], DATA["w"], DATA["x"] * DATA["w"], DATA["c"]])
    fit = OLS(DATA["y"].to_numpy(), X).fit()
    x, w = lines["value"].to_numpy(float), lines["at_w"].to_numpy()
    rows = np.column_stack([np.ones(len(x)), x, w, x * w, np.full(len(x), DATA["c"].mean())])
    theirs = fit.get_prediction(rows).summary_frame()
    np.testing.assert_allclose(lines["estimate"], theirs["mean"], rtol=1e-9)
    np.testing.assert_allclose(lines["se"], theirs["mean_se"], rtol=1e-9)
    np.testing.assert_allclose(lines["high"], theirs["mean_ci_upper"], rtol=1e-9)


def test_indirect_effect_is_recovered_and_covered() -> None:
    """Known truth .4 * .5: of 100 samples the 95 % percentile interval holds it in about 95."""
    hits = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x, e, f = rng.normal(size=(3, 150))
        m = 0.4 * x + e
        data = pd.DataFrame({"x": x, "m": m, "y": 0.5 * m + f})
        row = run(4, data=data, bootstrap=500).effects().set_index("effect").loc["indirect"]
        hits += row["low"] < 0.2 < row["high"]
    assert 87 <= hits <= 100


def test_names_may_be_of_any_script_and_hold_blanks() -> None:
    names = {
        "x": "perceived quality (1-7)",
        "m": "信任",
        "y": "loyalty: next year",
        "w": "age in years",
        "c": "价格",
    }
    data = DATA.rename(columns=names)
    found = research.process(
        data, 8, names["x"], names["y"], names["m"], names["w"], covariates=[names["c"]], bootstrap=B
    )
    plain = run(8, w="w", covariates=["c"])
    ours, theirs = found.effects(), plain.effects()
    np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-12)
    np.testing.assert_allclose(ours["low"], theirs["low"], rtol=1e-12)
    assert "perceived quality (1-7) -> 信任 -> loyalty: next year" in ours["path"].tolist()
    assert len(found.johnson_neyman()) == len(plain.johnson_neyman())
    assert found.predictions()["estimate"].tolist() == pytest.approx(plain.predictions()["estimate"].tolist())
    assert "n=240" in repr(found)
