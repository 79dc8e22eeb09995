"""Correlations given covariates against lavaan's, and against those without any."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from shared import shared

from research.numerics.bivariate_normal import bivariate_cdf
from research.numerics.bivariate_rows import Bounds, rectangle_scores, row_correlation
from research.numerics.conditional_moments import conditional_moments
from research.numerics.mixed_moments import mixed_moments
from research.responses.ordinal import ordered_items

GAMMA_AT = [0, 24, 30, 36]  # first threshold, a slope on sex, a slope on ageyr, the first correlation
GAMMA = [213.94896, 4.6616238, 1.052003, 0.9489091]


def test_equal_lavaan() -> None:
    """lavaan 0.6-14: "sampstat" of o1 and o2 on sex and ageyr, and four entries of "gamma"."""
    data = pd.read_csv(shared("reference/data/hs_ordinal.csv"))
    names = [f"o{k}" for k in range(1, 7)]
    values = data[names].to_numpy(dtype=float)
    X = data[["sex", "ageyr"]].to_numpy(dtype=float)
    found = conditional_moments(values, X, np.arange(6), ordered_items(values, names).answers)
    assert not len(found.failed)
    np.testing.assert_allclose(found.slopes[0], [-0.1276651992298, -0.0626658091978158], atol=1e-7)
    np.testing.assert_allclose(
        found.thresholds[:4],
        [-2.06524563700618, -1.39677213025888, -0.606949943098055, 0.108842705589192],
        atol=1e-6,
    )
    np.testing.assert_allclose(found.cov[0, 1:3], [0.283641319271639, 0.462141597226163], atol=1e-6)
    np.testing.assert_allclose(np.diagonal(found.gamma)[GAMMA_AT], GAMMA, rtol=1e-6)


def test_without_effect_of_covariates_little_changes() -> None:
    """Independent covariates leave the correlations and their standard errors as they are, at n = 4,000."""
    rng = np.random.default_rng(2)
    factor = rng.normal(size=(4000, 1))
    latent = 0.7 * factor + rng.normal(size=(4000, 4)) * np.sqrt(0.51)
    values = latent.copy()
    values[:, :3] = np.digitize(latent[:, :3], [-0.8, 0.0, 0.9])
    answers = ordered_items(values[:, :3], ["a", "b", "c"]).answers
    plain = mixed_moments(values, np.arange(3), answers)
    found = conditional_moments(values, rng.normal(size=(4000, 1)), np.arange(3), answers)
    assert plain.gamma is not None
    np.testing.assert_allclose(found.cov, plain.cov, atol=0.01)
    np.testing.assert_allclose(np.diagonal(found.gamma)[-6:], np.diagonal(plain.gamma)[-6:], rtol=0.03)


def test_rows_of_one_threshold_give_the_polychoric_correlation() -> None:
    values = pd.read_csv(shared("reference/data/hs_ordinal.csv"))[["o1", "o2"]].to_numpy(dtype=float)
    items = ordered_items(values, ["o1", "o2"])
    answers = items.answers
    ladders = np.column_stack([np.full(2, -np.inf), answers.thresholds, np.full(2, np.inf)])
    bounds = [Bounds(ladders[k][answers.codes[k]], ladders[k][answers.codes[k] + 1]) for k in range(2)]
    wanted = mixed_moments(values, np.arange(2), answers).cov[0, 1]
    assert row_correlation(*bounds) == pytest.approx(wanted, abs=1e-8)


def test_thresholds_that_move_from_row_to_row() -> None:
    """Rows of correlation .5, each with thresholds of its own: found within .06, scores sum to zero."""
    rng = np.random.default_rng(5)
    draws = rng.normal(size=(4000, 2)) @ np.linalg.cholesky([[1.0, 0.5], [0.5, 1.0]]).T
    cuts = rng.normal(size=(4000, 2))
    above = draws > cuts
    bounds = [
        Bounds(np.where(above[:, k], cuts[:, k], -np.inf), np.where(above[:, k], np.inf, cuts[:, k]))
        for k in range(2)
    ]
    rho = row_correlation(*bounds)
    assert rho == pytest.approx(0.5, abs=0.06)
    found = rectangle_scores(*bounds, rho)
    assert abs(found.rho.sum()) < 1e-5
    step = 1e-6
    moved = [Bounds(each.lower + step, each.upper + step) for each in bounds]
    for k, scores in enumerate((found.first, found.second)):
        shifted = [moved[at] if at == k else bounds[at] for at in range(2)]
        by_difference = (_log_probability(*shifted, rho) - _log_probability(*bounds, rho)) / step
        np.testing.assert_allclose(scores.lower + scores.upper, by_difference, rtol=1e-3, atol=1e-3)


def _log_probability(first: Bounds, second: Bounds, rho: float) -> np.ndarray:
    corners = [
        bivariate_cdf(h, k, np.asarray(rho))
        for h, k in (
            (first.upper, second.upper),
            (first.lower, second.upper),
            (first.upper, second.lower),
            (first.lower, second.lower),
        )
    ]
    return np.log(corners[0] - corners[1] - corners[2] + corners[3])
