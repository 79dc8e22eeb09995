"""The likelihood of incomplete rows: against scipy, its derivatives, its maximum or the lack of one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

import research
from research.numerics.missing_patterns import Patterns, pairwise_covariance, patterns_of
from research.numerics.pattern_information import moment_hessian, moment_slope
from research.numerics.pattern_point import pattern_point, weighted_deviations
from research.numerics.saturated_incomplete import saturated_moments

STEP = 1e-5


def rows(n: int, p: int, share: float, seed: int) -> np.ndarray:
    """Correlated rows with holes; each row has a value, and many rows share a pattern if n is large."""
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(n, 1)) * 0.8 + rng.normal(size=(n, p)) + np.arange(p)
    data[rng.random(data.shape) < share] = np.nan
    data[np.isnan(data).all(axis=1), 0] = 0.0
    return data


def somewhere(p: int) -> tuple[np.ndarray, np.ndarray]:
    return 0.5 + np.eye(p) + 0.1 * np.diag(np.arange(p)), np.arange(p) * 0.9


def by_rows(data: np.ndarray, Sigma: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """-2 log-likelihood of every row, without its constant."""
    out = []
    for row in data:
        o = ~np.isnan(row)
        log = multivariate_normal.logpdf(row[o], mu[o], Sigma[np.ix_(o, o)])
        out.append(-2.0 * log - o.sum() * np.log(2.0 * np.pi))
    return np.array(out)


CASES = [(40, 4, 0.3, 1), (400, 3, 0.2, 2), (60, 14, 0.25, 3), (60, 30, 0.6, 4), (50, 5, 0.0, 5)]


@pytest.mark.parametrize(("n", "p", "share", "seed"), CASES)
def test_likelihood_equals_scipy(n: int, p: int, share: float, seed: int) -> None:
    """Few and many patterns, short and long gaps (swept, or by LAPACK), patterns squeezed to a root."""
    data = rows(n, p, share, seed)
    weights = 0.5 + np.random.default_rng(seed).random(n)
    Sigma, mu = somewhere(p)
    each = by_rows(data, Sigma, mu)
    plain, weighted = patterns_of(data), patterns_of(data, weights)
    assert pattern_point(plain, Sigma, mu).value == pytest.approx(each.mean(), rel=1e-12)
    mean = weights @ each / weights.sum()
    assert pattern_point(weighted, Sigma, mu).value == pytest.approx(mean, rel=1e-12)
    y = weighted_deviations(plain, pattern_point(plain, Sigma, mu), data, mu)
    o = ~np.isnan(data[7])
    np.testing.assert_allclose(y[7, o], np.linalg.solve(Sigma[np.ix_(o, o)], (data[7] - mu)[o]), atol=1e-10)
    np.testing.assert_allclose(y[7, ~o], 0.0, atol=1e-10)


def moments(p: int, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    column, row = np.triu_indices(p)
    Sigma = np.empty((p, p))
    Sigma[row, column] = Sigma[column, row] = x[p:]
    return Sigma, x[:p]


@pytest.mark.parametrize(("n", "p", "share", "seed"), [(40, 4, 0.3, 1), (300, 3, 0.2, 2), (30, 13, 0.9, 3)])
def test_derivatives_by_the_moments(n: int, p: int, share: float, seed: int) -> None:
    patterns = patterns_of(rows(n, p, share, seed))
    Sigma, mu = somewhere(p)
    column, row = np.triu_indices(p)
    x = np.concatenate([mu, Sigma[row, column]])

    def slope(x: np.ndarray) -> np.ndarray:
        return moment_slope(pattern_point(patterns, *moments(p, x)))

    def value(x: np.ndarray) -> float:
        return pattern_point(patterns, *moments(p, x)).value

    steps = STEP * np.eye(len(x))
    numeric = [(value(x + h) - value(x - h)) / (2 * STEP) for h in steps]
    np.testing.assert_allclose(slope(x), numeric, atol=1e-8)
    second = [(slope(x + h) - slope(x - h)) / (2 * STEP) for h in steps]
    point = pattern_point(patterns, Sigma, mu)
    np.testing.assert_allclose(moment_hessian(patterns, point, observed=True), second, atol=1e-8)


def test_expected_information_is_the_mean_of_the_observed() -> None:
    """Of rows drawn from the very moments, with holes that do not depend on them."""
    p = 3
    Sigma, mu = somewhere(p)
    rng = np.random.default_rng(4)
    data = rng.multivariate_normal(mu, Sigma, size=200_000)
    data[rng.random(data.shape) < 0.2] = np.nan
    patterns = patterns_of(data[~np.isnan(data).all(axis=1)])
    point = pattern_point(patterns, Sigma, mu)
    expected = moment_hessian(patterns, point, observed=False)
    np.testing.assert_allclose(moment_hessian(patterns, point, observed=True), expected, atol=0.02)


@pytest.mark.parametrize(("n", "p", "share", "seed"), [(60, 4, 0.3, 1), (400, 3, 0.2, 2), (90, 6, 0.4, 3)])
def test_maximum_has_no_slope_and_is_the_best_near_by(n: int, p: int, share: float, seed: int) -> None:
    patterns = patterns_of(rows(n, p, share, seed))
    found = saturated_moments(patterns)
    assert found.converged
    assert np.abs(moment_slope(pattern_point(patterns, found.cov, found.mean))).max() < 1e-8
    rng = np.random.default_rng(0)
    for _ in range(20):
        shift = 0.01 * rng.normal(size=p)
        assert pattern_point(patterns, found.cov, found.mean + shift).value > found.value


def test_complete_rows_have_their_own_moments() -> None:
    data = rows(50, 5, 0.0, 5)
    found = saturated_moments(patterns_of(data))
    np.testing.assert_allclose(found.cov, np.cov(data.T, bias=True), atol=1e-12)
    np.testing.assert_allclose(found.mean, data.mean(axis=0), atol=1e-12)


def test_squeezed_patterns_lose_nothing() -> None:
    """Rows by the thousand are held as one mean and one root a pattern."""
    data = rows(3000, 3, 0.2, 6)
    patterns = patterns_of(data)
    assert len(patterns.values) <= 7 * 4
    assert patterns.n.sum() == 3000
    pairwise = pd.DataFrame(data).cov().to_numpy()
    np.testing.assert_allclose(pairwise_covariance(data), pairwise, atol=1e-12)
    one = Patterns.available(patterns)
    np.testing.assert_allclose(one[0], np.nanmean(data, axis=0), atol=1e-12)
    np.testing.assert_allclose(one[1], np.nanvar(data, axis=0), atol=1e-12)


MODEL = "f =~ a + b + c"


def survey(n: int = 120, seed: int = 7) -> pd.DataFrame:
    return pd.DataFrame(rows(n, 4, 0.1, seed), columns=list("abcd"))


def test_a_pair_that_no_row_has_is_named() -> None:
    data = survey()
    data.loc[data.index % 2 == 0, "a"] = np.nan
    data.loc[data.index % 2 == 1, "b"] = np.nan
    for missing in ("fiml", "two_stage", "pairwise"):
        with pytest.raises(research.ResearchError, match=r"no row has values of both 'a' and 'b'"):
            research.cfa(MODEL, data, missing=missing)


def test_rows_without_a_maximum_say_who_has_too_few() -> None:
    """Three rows have both a and b, where b is always twice a: the likelihood has no upper limit."""
    data = survey()
    data.loc[3:, "b"] = np.nan
    data.loc[:2, ["a", "b", "c"]] = [[1.0, 2.0, 0.3], [2.0, 4.0, -0.5], [4.0, 8.0, 0.7]]
    with pytest.raises(research.ResearchError, match=r"linearly dependent; only 3 rows have") as caught:
        research.cfa(MODEL, data, missing="fiml")
    assert "'b'" in str(caught.value)


def test_pairs_that_hardly_any_row_has_are_noted() -> None:
    data = survey(400)
    data.loc[data.index % 20 != 0, "c"] = np.nan
    notes = research.cfa(MODEL, data, missing="fiml").notes
    assert any("of the rows have" in note and "'c'" in note and "below 10%" in note for note in notes)
    assert not any("of the rows have" in note for note in research.cfa(MODEL, survey(), missing="fiml").notes)


def test_empty_rows_are_left_out_and_counted() -> None:
    data = survey()
    data.loc[[4, 9], ["a", "b", "c"]] = np.nan
    fit = research.cfa(MODEL, data, missing="fiml")
    assert fit.n_obs == 118
    assert any(note.startswith("2 of 120 rows have no usable value") for note in fit.notes)


def test_rows_without_a_covariate_say_how_to_keep_them() -> None:
    data = survey().assign(d=lambda frame: frame["d"].fillna(0.0))
    data.loc[[4, 9], "d"] = np.nan
    fit = research.sem(MODEL + "\nf ~ d", data, missing="fiml")
    assert fit.n_obs == 118
    assert any("missing='fiml_x' or fixed_x=False keeps such rows" in note for note in fit.notes)
    assert research.sem(MODEL + "\nf ~ d", data, missing="fiml_x").n_obs == 120


@pytest.mark.parametrize("estimator", ["MLR", "MLM", "WLS", "DWLS"])
def test_pairwise_moments_have_no_robust_errors(estimator: str) -> None:
    with pytest.raises(research.ResearchError, match=r"missing='fiml' with MLR"):
        research.cfa(MODEL, survey(), missing="pairwise", estimator=estimator)
