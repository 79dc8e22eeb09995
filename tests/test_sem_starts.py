"""Start values are proper covariance matrices, whatever the covariances that a model leaves free."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import research


def correlated(seed: int) -> pd.DataFrame:
    """Four variables with correlations beyond one half."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(80, 1))
    return pd.DataFrame(
        factor @ np.array([[1.0, 0.9, 1.1, 0.8]]) + 0.5 * rng.normal(size=(80, 4)), columns=list("abcd")
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_x_start_at_their_own_variances(seed: int) -> None:
    data = correlated(seed)
    fit = research.sem("c ~ a + b\nd ~ c", data, fixed_x=False)
    assert fit.converged
    implied = fit.implied().set_index(["lhs", "rhs"])["estimate"]
    cov = data.cov(ddof=0)
    for pair in (("a", "a"), ("a", "b"), ("b", "b")):
        value = implied.get(pair, implied.get(pair[::-1]))
        assert value == pytest.approx(cov.loc[pair[0], pair[1]], rel=1e-6)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "model", ["a ~~ b\nb ~~ c\nc ~~ d", "a ~~ b + c + d\nb ~~ 0*c", "f =~ a + b + c\nf ~~ d\nd ~~ a"]
)
def test_some_covariances_free_and_others_zero(model: str, seed: int) -> None:
    for options in ({}, {"fixed_x": False}, {"bounds": "pos.var"}):
        fit = research.sem(model, correlated(seed), **options)
        assert fit.converged, (options, fit.notes)
