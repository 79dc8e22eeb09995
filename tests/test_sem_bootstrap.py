"""Bootstrap: against lavaan's draws, against known quantiles, and the same for any number of workers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import data_path, load_case

import research
from research.numerics.intervals import bootstrap_limits, jackknife_influence
from research.numerics.resample import draw_counts, product_table, resampled_moments
from research.provenance import seed_sequence

MEDIATION = "pmi ~ a*cond\nreaction ~ cp*cond + b*pmi\nindirect := a*b\ntotal := cp + a*b"


@pytest.fixture(scope="module")
def draws() -> Any:
    fit = research.sem(MEDIATION, pd.read_csv(data_path("Tal_Or.csv")))
    return fit.bootstrap(4000, seed=11)


@pytest.mark.parametrize(
    ("theirs", "ours"), [("norm", "normal"), ("basic", "basic"), ("perc", "percentile"), ("bca.simple", "bc")]
)
def test_intervals_of_lavaan(draws: Any, theirs: str, ours: Any) -> None:
    # Monte Carlo error of a limit from 2000 and 4000 draws; the tolerance stands in the case.
    want = pd.DataFrame(load_case("210-boot-mediation-ci")["expected"]["ci"][theirs])
    got = draws.tidy(ours)
    for at, row in want.iterrows():
        if row["se"]:
            assert got["se"][at] == pytest.approx(row["se"], rel=0.05) or pd.isna(row["se"])
        if not pd.isna(row["ci.lower"]) and row["rhs"] != row["lhs"]:
            assert got["low"][at] == pytest.approx(row["ci.lower"], abs=0.06)
            assert got["high"][at] == pytest.approx(row["ci.upper"], abs=0.06)


def test_the_number_of_workers_changes_nothing() -> None:
    fit = research.sem(MEDIATION, pd.read_csv(data_path("Tal_Or.csv")))
    alone, together = fit.bootstrap(300, seed=3, workers=1), fit.bootstrap(300, seed=3, workers=2)
    np.testing.assert_array_equal(alone.refits.theta, together.refits.theta)
    assert not np.array_equal(alone.refits.theta, fit.bootstrap(300, seed=4).refits.theta)


def test_refits_are_fits() -> None:
    data = pd.read_csv(data_path("PoliticalDemocracy.csv"))
    model = "ind =~ x1 + x2 + x3\ndem =~ y1 + y2 + y3 + y4\ndem ~ b*ind\ntwice := 2*b"
    fit = research.sem(model, data)
    draws = fit.bootstrap(5, seed=2)
    for at, seed in enumerate(seed_sequence(2, "bootstrap").spawn(5)):
        counts = draw_counts(len(data), [seed])[0].astype(int)
        again = research.sem(model, data.loc[data.index.repeat(counts)])
        np.testing.assert_allclose(draws.refits.theta[at], again.theta, rtol=1e-6, atol=1e-7)
        b = again.tidy().set_index("label").loc["b", "estimate"]
        assert draws.defined[at, 0] == pytest.approx(2 * b, rel=1e-6)
    assert (draws.n_draws, draws.n_failed) == (5, 0)


def test_moments_by_multiplicities() -> None:
    rng = np.random.default_rng(1)
    data = rng.normal(size=(40, 3)) + 100.0
    counts = draw_counts(40, seed_sequence(1, "x").spawn(6))
    cov, mean = resampled_moments(*product_table(data), counts)
    for at in range(6):
        sample = np.repeat(data, counts[at].astype(int), axis=0)
        np.testing.assert_allclose(cov[at], np.cov(sample.T, bias=True), atol=1e-11)
        np.testing.assert_allclose(mean[at], sample.mean(axis=0), rtol=1e-13)


def test_limits_of_draws_with_known_quantiles() -> None:
    draws = np.random.default_rng(0).normal(size=(200_000, 1))
    centre = np.zeros(1)
    for kind in ("percentile", "basic", "normal", "bc"):
        low, high = bootstrap_limits(draws, centre, kind, 0.9)
        assert low[0] == pytest.approx(-1.645, abs=0.02)
        assert high[0] == pytest.approx(1.645, abs=0.02)
    # The mean of a skewed sample: BCa moves both limits to the long side (Efron 1987).
    sample = np.random.default_rng(3).exponential(size=20)
    means = np.random.default_rng(4).choice(sample, size=(20_000, 20)).mean(axis=1)[:, None]
    left_out = ((sample.sum() - sample) / 19)[:, None]
    influence = jackknife_influence(left_out, np.zeros(20, dtype=int))
    np.testing.assert_allclose(influence[:, 0], (sample - sample.mean()) / 20, atol=1e-12)
    low, high = bootstrap_limits(means, sample.mean(keepdims=True), "bca", 0.9, influence)
    plain = bootstrap_limits(means, sample.mean(keepdims=True), "percentile", 0.9)
    assert low[0] > plain[0][0]
    assert high[0] > plain[1][0]


def test_bootstrap_errors_stand_in_the_table() -> None:
    data = pd.read_csv(data_path("Tal_Or.csv"))
    fit = research.sem(MEDIATION, data, se="bootstrap", bootstrap=400, seed=5)
    draws = research.sem(MEDIATION, data).bootstrap(400, seed=5)
    np.testing.assert_allclose(fit.tidy()["se"], draws.tidy()["se"], rtol=1e-12)
    np.testing.assert_allclose(fit.tidy()["low"], draws.tidy()["low"], rtol=1e-12)


def test_groups_are_resampled_within() -> None:
    hs = pd.read_csv(data_path("HolzingerSwineford1939.csv"))
    fit = research.cfa(
        "visual =~ x1 + x2 + x3\nspeed =~ x7 + x8 + x9", hs, group="school", group_equal="loadings"
    )
    draws = fit.bootstrap(60, seed=1)
    assert draws.n_failed < 6
    table = draws.tidy("bca")
    shown = table[(table.op == "=~") & (table.rhs == "x2")]
    assert len(set(shown["se"])) == 1
    standardized = draws.standardized("bca")
    inside = standardized["se"].notna()
    assert (standardized.loc[inside, "low"] < standardized.loc[inside, "high"]).all()


@pytest.mark.parametrize("kind", ["normal-ish", ""])
def test_an_unknown_interval(draws: Any, kind: Any) -> None:
    with pytest.raises(research.ResearchError, match="percentile"):
        draws.tidy(kind)


def test_moments_cannot_be_resampled() -> None:
    data = pd.read_csv(data_path("Tal_Or.csv"))
    fit = research.sem("reaction ~ pmi", research.moments(data, ["reaction", "pmi"]))
    with pytest.raises(research.ResearchError, match="rows"):
        fit.bootstrap(10)
