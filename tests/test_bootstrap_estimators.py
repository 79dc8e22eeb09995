"""Bootstrap of every estimator and option: each draw is the fit that lavaan makes of the same rows."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import data_path
from shared import shared

import research
from research.estimation.bootstrap import Bootstrap
from research.estimation.fit import Fit
from research.estimation.resampled_rows import resampled, units_of
from research.estimation.rotated_refits import nearest
from research.provenance import seed_sequence

CASES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "reference" / "bootstrap_estimators.json").read_text(encoding="utf-8")
)
DRAWS = 12
# lavaan stops where F falls by less than about 1e-10, and earlier under constraints that are not linear.
SLACK = {"curved equality": 2e-3, "inequality": 2e-3, "full information": 2e-3}


def pupils() -> pd.DataFrame:
    frame = pd.read_csv(data_path("HolzingerSwineford1939.csv"))
    rng = np.random.default_rng(4)
    return frame.assign(w=rng.uniform(0.5, 1.5, len(frame)), home=rng.permutation(len(frame)) % 45)


@cache
def drawn(name: str) -> Bootstrap:
    case = CASES[name]
    options = {key.replace(".", "_"): value for key, value in case["options"].items()}
    fit: Fit = research.sem(case["model"], pd.read_csv(shared(case["data"])), **options)
    return fit.bootstrap(DRAWS, seed=1, workers=1)


@pytest.mark.parametrize("name", CASES)
def test_every_draw_is_lavaan_s_fit_of_the_same_rows(name: str) -> None:
    draws, compared = drawn(name), 0
    table, found = draws.fit.table, draws.refits
    defined = iter(draws.defined)
    for at, theirs in enumerate(CASES[name]["fits"]):
        assert found.converged[at] == theirs["converged"], (at, found.reasons[at])
        if not theirs["converged"]:
            continue
        ours = {
            f"{p.lhs}{p.op}{p.rhs}@{p.group}": found.theta[at, p.free - 1] if p.free else p.value
            for p in table.parameters
        }
        effects = {
            f"{each.name}:=@0": value for each, value in zip(table.defined, next(defined), strict=True)
        }
        for key, value in theirs["estimates"].items():
            slack = SLACK.get(name, 5e-4)
            assert {**ours, **effects}[key] == pytest.approx(value, rel=slack, abs=slack), (at, key)
        compared += 1
    assert compared >= 8


REFITTED: dict[str, tuple[str, dict[str, Any]]] = {
    "curved": ("f =~ x1 + a*x2 + b*x3 + x4\na*b == 0.3", {}),
    "clusters": ("f =~ x1 + x2 + x3", {"cluster": "home"}),
    "clusters of groups": ("f =~ x1 + x2 + x3", {"cluster": "home", "group": "school"}),
    "weights of groups": ("f =~ x1 + x2 + x3", {"sampling_weights": "w", "group": "school"}),
    "rotated": ('efa("e")*f1 + efa("e")*f2 =~ x1 + x2 + x3 + x4 + x5 + x6', {"rotation": "oblimin"}),
}


@pytest.mark.parametrize("name", REFITTED)
def test_numbers_do_not_depend_on_workers(name: str) -> None:
    model, options = REFITTED[name]
    fit = research.sem(model, pupils(), **options)
    one, two, four = (fit.bootstrap(24, seed=3, workers=n, progress=False).refits for n in (1, 2, 4))
    for other in (two, four):
        np.testing.assert_array_equal(one.theta, other.theta)
        np.testing.assert_array_equal(one.standardized, other.standardized)
        assert one.reasons == other.reasons


def test_any_joblib_back_end_can_be_set_from_outside() -> None:
    from joblib import parallel_config

    fit = research.sem(REFITTED["curved"][0], pupils())
    alone = fit.bootstrap(16, seed=5, workers=1).refits
    with parallel_config(backend="threading", n_jobs=2):
        together = fit.bootstrap(16, seed=5).refits
    np.testing.assert_array_equal(alone.theta, together.theta)


def test_whole_clusters_are_drawn() -> None:
    fit = research.sem("f =~ x1 + x2 + x3", pupils(), cluster="home")
    (group,) = fit.sample.groups
    assert group.clusters is not None
    units = units_of(fit.sample)
    assert units.sizes == (45,)
    (counts,) = units.draw(seed_sequence(1, "any").spawn(5))
    for one in counts:
        for cluster in range(45):
            assert len(set(one[group.clusters == cluster])) == 1
        again = resampled(fit.sample, [one]).groups[0]
        assert again.n_obs == one.sum()
        assert again.clusters is not None
        assert len(np.unique(again.clusters)) == 45
    draws = fit.bootstrap(400, seed=1, workers=1)
    # 45 clusters: the standard deviation of the draws is that of the cluster-robust sandwich
    ratio = draws.tidy()["se"] / fit.tidy()["se"]
    assert ratio.dropna().between(0.75, 1.4).all()


def test_clusters_that_reach_over_groups_are_drawn_once() -> None:
    fit = research.sem("f =~ x1 + x2 + x3", pupils(), cluster="home", group="school")
    units = units_of(fit.sample)
    assert units.together
    first, second = units.draw(seed_sequence(2, "any").spawn(3))
    a, b = (group.clusters for group in fit.sample.groups)
    assert a is not None
    assert b is not None
    for cluster in np.intersect1d(a, b):
        assert set(first[0][a == cluster]) == set(second[0][b == cluster])


def test_sampling_weights_go_with_their_rows() -> None:
    data = pupils()
    fit = research.sem("f =~ x1 + x2 + x3", data, sampling_weights="w")
    draws = fit.bootstrap(3, seed=2, workers=1)
    for at, seed in enumerate(seed_sequence(2, "bootstrap").spawn(3)):
        (counts,) = units_of(fit.sample).draw([seed])
        again = research.sem(
            "f =~ x1 + x2 + x3", data.loc[data.index.repeat(counts[0].astype(int))], sampling_weights="w"
        )
        np.testing.assert_allclose(draws.refits.theta[at], again.theta, rtol=1e-6, atol=1e-7)


def test_a_lost_category_is_a_failure_with_its_reason() -> None:
    data = pd.read_csv(shared("reference/data/hs_ordinal.csv"))
    data["o1"] = data["o1"].clip(upper=3)
    data.loc[:1, "o1"] = 9
    fit = research.cfa("f =~ o1 + o2 + o3 + o4", data, ordered=["o1", "o2", "o3", "o4"])
    draws = fit.bootstrap(40, seed=1, workers=1)
    assert draws.failures == {"a category of item 'o1' was not drawn": draws.n_failed}
    assert 1 <= draws.n_failed <= 14  # (1 - 2/n)^n = .135 of the samples
    assert "a category of item 'o1' was not drawn" in draws.notes[0]


def test_rotated_factors_are_put_beside_the_original_ones() -> None:
    model, options = REFITTED["rotated"]
    fit = research.sem(model, pupils(), **options)
    draws = fit.bootstrap(60, seed=1, workers=1)
    assert draws.n_failed == 0
    loadings = [p.free - 1 for p in fit.table.parameters if p.op == "=~"]
    # Without alignment a loading would jump between factors and signs, and its draws be two or four heaps.
    assert np.abs(draws.draws[:, loadings].mean(axis=0) - fit.theta[loadings]).max() < 0.1
    ratio = (draws.tidy()["se"] / fit.tidy()["se"])[: len(loadings)]
    assert ratio.between(0.6, 1.9).all()


def test_the_nearest_order_and_signs() -> None:
    target = np.array([[0.8, 0.1, 0.0], [0.7, 0.0, 0.1], [0.1, 0.9, 0.0], [0.0, 0.1, 0.6]])
    order, sign = nearest(target[:, [2, 0, 1]] * [1.0, -1.0, 1.0], target)
    assert order.tolist() == [1, 2, 0]
    assert sign.tolist() == [-1.0, 1.0, 1.0]


def test_two_levels_draw_whole_clusters() -> None:
    rng = np.random.default_rng(2)
    at = np.repeat(np.arange(50), 5)
    within, between = rng.normal(size=250), rng.normal(size=50)[at]
    data = pd.DataFrame({"at": at})
    for name in ("a", "b", "c"):
        data[name] = within + 0.8 * between + rng.normal(size=250) * 0.8 + rng.normal(size=50)[at] * 0.4
    fit = research.sem("level: 1\nf =~ a + b + c\nlevel: 2\ng =~ a + b + c", data, cluster="at")
    draws = fit.bootstrap(60, seed=1, workers=1)
    assert draws.n_failed <= 6
    table = draws.tidy()
    ratio = table["se"] / fit.tidy()["se"]
    assert ratio.dropna().between(0.6, 1.7).all()
    assert table["se"].notna().sum() >= 10


def test_improper_draws_are_counted() -> None:
    data = pd.read_csv(data_path("PoliticalDemocracy.csv")).iloc[:40]
    fit = research.cfa("f =~ y1 + y2 + y3 + y4\ng =~ y5 + y6 + y7 + y8", data)
    draws = fit.bootstrap(200, seed=1, workers=1)
    factors = {(p.lhs, p.rhs): p.free - 1 for p in fit.table.parameters if p.op == "~~"}
    f, g, c = (draws.draws[:, factors[key]] for key in (("f", "f"), ("g", "g"), ("f", "g")))
    variances = [at for (a, b), at in factors.items() if a == b]
    improper = (draws.draws[:, variances] < 0).any(axis=1) | (f * g < c**2)
    assert draws.n_inadmissible == improper.sum()
    assert improper.any()
    assert any("improper" in note for note in draws.notes)


@pytest.mark.parametrize("kind", ["percentile", "basic", "normal", "bc", "bca"])
def test_p_is_where_the_interval_reaches_zero(kind: Any) -> None:
    data = pd.read_csv(data_path("Tal_Or.csv"))
    draws = research.sem("pmi ~ a*cond\nreaction ~ cp*cond + b*pmi\nindirect := a*b", data).bootstrap(
        2000, seed=1, workers=1
    )
    table = draws.tidy(kind)
    for label in ("a", "cp", "indirect"):
        p = float(table.loc[table["label"] == label, "p"].iloc[0])
        assert 0 < p < 1
        limits = (
            draws.tidy(kind, 1.0 - p).set_index("label").loc[label, ["low", "high"]].to_numpy(dtype=float)
        )
        assert np.abs(limits).min() == pytest.approx(0.0, abs=2e-3)
    assert table.loc[table["label"] == "b", "p"].item() <= 0.002


def test_lavaan_s_names_of_intervals() -> None:
    data = pd.read_csv(data_path("Tal_Or.csv"))
    draws = research.sem("reaction ~ b*pmi", data).bootstrap(50, seed=1, workers=1)
    names: list[tuple[Any, Any]] = [("perc", "percentile"), ("norm", "normal"), ("bca.simple", "bc")]
    for theirs, ours in names:
        pd.testing.assert_frame_equal(draws.tidy(theirs), draws.tidy(ours))


def test_a_back_end_that_hands_over_all_at_the_end() -> None:
    from joblib import parallel_config, register_parallel_backend
    from joblib.parallel import ThreadingBackend

    class AtTheEnd(ThreadingBackend):
        supports_return_generator = False

    register_parallel_backend("at the end", AtTheEnd)
    fit = research.sem(REFITTED["curved"][0], pupils())
    with parallel_config(backend="at the end", n_jobs=2):
        together = fit.bootstrap(16, seed=5).refits
    np.testing.assert_array_equal(together.theta, fit.bootstrap(16, seed=5, workers=1).refits.theta)
