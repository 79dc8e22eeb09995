"""Monte Carlo intervals of defined effects: those of semTools, and of the distribution of a product."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from reference_cases import data_path
from scipy import integrate, optimize, stats

import research

CASES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "reference" / "monte_carlo.json").read_text(encoding="utf-8")
)
MEDIATION = "pmi ~ a*cond\nreaction ~ cp*cond + b*pmi\nindirect := a*b"


def talk() -> pd.DataFrame:
    return pd.read_csv(data_path("Tal_Or.csv"))


@pytest.mark.parametrize("name", CASES)
def test_limits_of_semtools(name: str) -> None:
    case = CASES[name]
    fit = research.sem(case["model"], pd.read_csv(data_path(case["data"])), **dict(case["options"] or {}))
    found = fit.monte_carlo(400_000, seed=3, level=case["level"]).set_index("lhs")
    want = case["expected"]
    for at, effect in enumerate(want["name"]):
        row = found.loc[effect]
        # Two sets of 400,000 draws: limits differ by some .003 of the interval, more in the tail of a ratio
        # whose denominator comes near zero.
        slack = (0.05 if effect == "share" else 0.008) * (want["high"][at] - want["low"][at])
        assert row["estimate"] == pytest.approx(want["estimate"][at], rel=2e-4)
        assert row["low"] == pytest.approx(want["low"][at], abs=slack), effect
        assert row["high"] == pytest.approx(want["high"][at], abs=slack), effect
        assert row["lost"] == 0


def test_the_quantiles_of_a_product_of_normals() -> None:
    """P(ab <= t) = int phi(a) Phi((t/a - b)/s_b sign a) da, inverted: MacKinnon et al. (2004)."""
    fit = research.sem(MEDIATION, talk())
    table = fit.tidy().set_index("label")
    (a, sa), (b, sb) = ((table.loc[name, "estimate"], table.loc[name, "se"]) for name in ("a", "b"))

    def probability(t: float) -> float:
        def slice_at(z: float) -> float:
            x = a + sa * z
            return float(stats.norm.pdf(z) * stats.norm.cdf((t / x - b) / sb * np.sign(x)))

        zero = -a / sa
        return float(sum(integrate.quad(slice_at, *ends)[0] for ends in ((-9.0, zero), (zero, 9.0))))

    found = fit.monte_carlo(1_000_000, seed=5).iloc[0]
    for limit, share in (("low", 0.025), ("high", 0.975)):
        exact = optimize.brentq(lambda t, share=share: probability(t) - share, -1.0, 2.0)
        assert found[limit] == pytest.approx(exact, abs=0.0015)
    assert found["se"] == pytest.approx(np.sqrt(a**2 * sb**2 + b**2 * sa**2 + sa**2 * sb**2), rel=0.005)


def test_the_frame() -> None:
    found = research.sem(MEDIATION, talk()).monte_carlo(1000)
    assert found.columns.tolist() == ["lhs", "op", "rhs", "label", "estimate", "se", "low", "high", "lost"]
    assert found[["lhs", "op", "rhs", "label"]].to_numpy().tolist() == [["indirect", ":=", "a*b", "indirect"]]


def test_the_seed_decides() -> None:
    fit = research.sem(MEDIATION, talk())
    pd.testing.assert_frame_equal(fit.monte_carlo(seed=2), fit.monte_carlo(seed=2))
    assert not fit.monte_carlo(seed=2).equals(fit.monte_carlo(seed=3))


def test_what_is_held_does_not_vary() -> None:
    fit = research.sem(MEDIATION + "\na == 0.5\nb == 0.4\nsum := a + b", talk())
    found = fit.monte_carlo(500)
    assert np.abs(found["se"]).max() < 1e-6
    assert found["low"].tolist() == pytest.approx([0.2, 0.9])


def test_draws_without_a_value_are_counted() -> None:
    found = (
        research.sem(MEDIATION + "\nlogged := log(cp)", talk()).monte_carlo(20_000, seed=1).set_index("lhs")
    )
    # cp is .25 with standard error .26: one draw in six is below zero
    assert found.loc["logged", "lost"] == pytest.approx(20_000 * stats.norm.cdf(-0.254354 / 0.254), rel=0.06)
    assert np.isfinite(found.loc["logged", "low"])
    assert found.loc["indirect", "lost"] == 0


def test_moments_are_enough() -> None:
    data = talk()[["cond", "pmi", "reaction"]]
    fit = research.sem(MEDIATION, sample_cov=data.cov(), sample_nobs=len(data))
    whole = research.sem(MEDIATION, talk())
    assert fit.monte_carlo(seed=1)["low"][0] == pytest.approx(whole.monte_carlo(seed=1)["low"][0], abs=0.01)


@pytest.mark.parametrize(
    ("model", "options", "words"),
    [
        ("reaction ~ pmi", {}, "defines no effect"),
        (MEDIATION, {"level": 95}, "between 0 and 1"),
        (MEDIATION, {"n_draws": 5}, "at least 100"),
    ],
)
def test_refusals(model: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(research.ResearchError, match=words):
        research.sem(model, talk()).monte_carlo(**options)


def test_no_covariance_no_interval() -> None:
    with pytest.raises(research.ResearchError, match="no sampling covariance"):
        research.sem(MEDIATION, talk(), se="none").monte_carlo()


def test_standardized_effects_by_hand() -> None:
    """ab sd(x)/sd(y) with the variances of y that the drawn parameters imply."""
    model = "pmi ~ a*cond\nreaction ~ cp*cond + b*pmi\npmi ~~ m*pmi\nreaction ~~ r*reaction\nindirect := a*b"
    fit = research.sem(model, talk())
    table = fit.tidy().set_index("label")
    rng = np.random.default_rng(9)
    a, m, r = (
        table.loc[name, "estimate"] + table.loc[name, "se"] * rng.normal(size=400_000)
        for name in ("a", "m", "r")
    )
    cov = fit.vcov
    assert cov is not None  # b and cp are correlated: draw them together
    names = [p.label for p in fit.table.parameters if p.free]
    at = [names.index("cp"), names.index("b")]
    cp, b = rng.multivariate_normal(fit.theta[at], cov[np.ix_(at, at)], size=400_000).T
    x = talk()["cond"].var(ddof=0)
    total = (cp + a * b) ** 2 * x + b**2 * m + r
    want = np.quantile(a * b * np.sqrt(x / total), [0.025, 0.975])
    found = fit.monte_carlo(400_000, seed=1, standardized=True).iloc[0]
    assert [found["low"], found["high"]] == pytest.approx(want, abs=0.001)
    shown = fit.standardized().set_index("lhs").loc["indirect"]
    assert found["estimate"] == pytest.approx(shown["estimate"], rel=1e-9)
    assert found["se"] == pytest.approx(shown["se"], rel=0.03)  # the delta method's


def test_standardized_effects_of_latent_variables() -> None:
    case = CASES["latent"]
    fit = research.sem(case["model"], pd.read_csv(data_path(case["data"])))
    found = fit.monte_carlo(20_000, seed=1, standardized=True).set_index("lhs")
    shown = fit.standardized().set_index("lhs")
    for effect in ("indirect", "total"):
        assert found.loc[effect, "estimate"] == pytest.approx(shown.loc[effect, "estimate"], rel=1e-9)
        assert found.loc[effect, "se"] == pytest.approx(shown.loc[effect, "se"], rel=0.1)


def test_standardized_effects_of_ordered_answers_are_left_to_the_bootstrap() -> None:
    data = pd.read_csv(data_path("hs_ordinal.csv"))
    fit = research.sem("f =~ o1 + a*o2 + b*o3\nc := a*b", data, ordered=["o1", "o2", "o3"])
    assert np.isfinite(fit.monte_carlo(500)["low"]).all()
    with pytest.raises(research.ResearchError, match="bootstrap"):
        fit.monte_carlo(500, standardized=True)
