"""Ordered answers drawn from a known population: what comes back, and how sure the fit is of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import research

ITEMS = ["a1", "a2", "a3", "b1", "b2", "b3"]
MODEL = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3"
LOADINGS = np.array([0.8, 0.7, 0.6, 0.8, 0.7, 0.6])
BETWEEN = 0.5
DRAWS = 60
CUTS = {
    2: [0.4],
    5: [-1.3, -0.4, 0.5, 1.2],
    7: [-1.8, -1.1, -0.5, 0.1, 0.8, 1.5],
}


def answers(rng: np.random.Generator, cuts: list[float], n: int = 600) -> pd.DataFrame:
    root = np.linalg.cholesky([[1.0, BETWEEN], [BETWEEN, 1.0]])
    factors = rng.normal(size=(n, 2)) @ root.T
    latent = np.repeat(factors, 3, axis=1) * LOADINGS + rng.normal(size=(n, 6)) * np.sqrt(1 - LOADINGS**2)
    return pd.DataFrame(np.digitize(latent, cuts) + 1, columns=ITEMS)


@pytest.mark.parametrize("points", CUTS)
def test_loadings_come_back_within_monte_carlo_error(points: int) -> None:
    """Means over samples of 600, and standard errors against the spread over the samples."""
    rng = np.random.default_rng(points)
    found, errors, chisq = [], [], []
    for _ in range(DRAWS):
        fit = research.cfa(MODEL, answers(rng, CUTS[points]), ordered=ITEMS, std_lv=True)
        rows = fit.tidy()
        rows = rows[(rows["op"] == "=~") | ((rows["lhs"] == "a") & (rows["rhs"] == "b"))]
        found.append(rows["estimate"].to_numpy())
        errors.append(rows["se"].to_numpy())
        chisq.append(fit.measures()["chisq_scaled"])
    estimates = np.array(found)
    truth = np.append(LOADINGS, BETWEEN)
    spread = estimates.std(axis=0, ddof=1)
    assert (np.abs(estimates.mean(axis=0) - truth) < 4.0 * spread / np.sqrt(DRAWS)).all()
    ratio = np.array(errors).mean(axis=0) / spread
    assert np.abs(np.log(ratio)).max() < 4.0 / np.sqrt(2.0 * DRAWS)
    assert abs(np.mean(chisq) - 8.0) < 4.0 * np.sqrt(16.0 / DRAWS)


def test_thresholds_are_quantiles_of_cumulative_shares() -> None:
    data = answers(np.random.default_rng(1), CUTS[5])
    rows = research.cfa(MODEL, data, ordered=ITEMS).tidy()
    table = research.polychoric(data, ITEMS).thresholds
    for name in ITEMS:
        shares = data[name].value_counts(normalize=True).sort_index().cumsum().to_numpy()[:-1]
        fitted = rows[(rows["op"] == "|") & (rows["lhs"] == name)]["estimate"]
        np.testing.assert_allclose(fitted, norm.ppf(shares), atol=1e-12)
        np.testing.assert_allclose(table[table["item"] == name]["estimate"], norm.ppf(shares), atol=1e-12)
