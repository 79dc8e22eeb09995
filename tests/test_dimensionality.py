"""KMO, Bartlett, MAP, parallel analysis and normality against psych, semTools and base R."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from cases import case_data, close, golden, reference_case
from shared import shared

from research.errors import DataError, OptionError
from research.measurement.dimensionality import bartlett, kmo, parallel_analysis, velicer_map
from research.measurement.normality import normality
from research.numerics.dimensionality import factor_eigenvalues, random_correlations
from research.numerics.normality import mardia


def test_kmo_and_bartlett_equal_psych() -> None:
    case = reference_case("306-kmo-bartlett")
    tolerance = float(case["tolerance"])
    for given, expected in zip(case["input"], ("hs", "attitude", "harman74"), strict=True):
        want = case["expected"][expected]
        if "matrix" in given:
            data = pd.read_csv(shared(f"reference/{given['matrix']}"), index_col=0)
            n_obs = given["nobs"]
        else:
            data, n_obs = pd.read_csv(shared(f"reference/{given['data']}"))[given["items"]], None
        found = kmo(data, n_obs=n_obs)
        close(found.overall, want["MSA"], tolerance)
        close(found.items[list(want["MSAi"])], list(want["MSAi"].values()), tolerance)
        test = bartlett(data, n_obs)
        close([test.chisq, test.df], [want["chisq"], want["df"]], tolerance)
        assert test.p == pytest.approx(want["p"], rel=1e-6)


def test_service_quality_survey_equals_psych() -> None:
    stored = golden("sq_efa")
    data = pd.read_csv(shared("realdata/service_quality_SQ_411.csv"))[[f"a{i:02d}" for i in range(1, 23)]]
    close(kmo(data).overall, stored["kmo"], 1e-10)
    close(kmo(data).items, list(stored["kmo_items"].values()), 1e-10)
    close(bartlett(data).chisq, stored["bartlett"]["chisq"], 1e-10)
    found = parallel_analysis(data, n_draws=300)
    close(found.frame["components"], stored["parallel"]["pc_values"], 1e-10)
    close(found.frame["factors"], stored["parallel"]["fa_values"], 1e-5)
    close(found.frame["components_mean"], stored["parallel"]["pc_sim"], 0.1)
    assert found.n_components == stored["parallel"]["ncomp"]
    assert found.n_factors == stored["parallel"]["nfact"]


def test_parallel_analysis_and_map_equal_psych() -> None:
    case = reference_case("313-principal-parallel-map")
    data, expected = case_data(case), case["expected"]
    found = parallel_analysis(data, n_draws=500, seed=3)
    close(found.frame["components"], expected["pc_eigen"], 1e-10)
    close(found.frame["factors"], expected["fa_eigen"], 1e-5)
    close(found.frame["components_mean"], expected["approx_pc_sim"], 0.1)
    close(found.frame["factors_mean"], expected["approx_fa_sim"], 0.1)
    assert (found.n_factors, found.n_components) == (expected["nfact"], expected["ncomp"])
    close(velicer_map(data)[: len(expected["map"])], expected["map"], 1e-10)
    assert (found.frame["components_simulated"] > found.frame["components_mean"]).all()
    share = float(found.frame["components"].iloc[0]) / len(data.columns)
    close(share, expected["harman_single_factor_pct"], 1e-10)


def test_the_same_seed_draws_the_same() -> None:
    data = case_data(reference_case("313-principal-parallel-map"))
    one, two, other = (parallel_analysis(data, 50, seed=seed).frame for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert not np.allclose(one["factors_simulated"], other["factors_simulated"])


def test_random_correlations_are_those_of_random_rows() -> None:
    """Bartlett's decomposition against drawing the rows: mean and variance of r, eigenvalues."""
    rng = np.random.default_rng(1)
    drawn = random_correlations(4000, 30, 4, rng)
    assert drawn[:, 1, 0].mean() == pytest.approx(0, abs=0.01)
    assert drawn[:, 2, 1].var() == pytest.approx(1 / 29, rel=0.08)
    rows = np.array([np.corrcoef(rng.normal(size=(30, 4)).T) for _ in range(4000)])
    mine, theirs = (np.linalg.eigvalsh(stack)[:, -1] for stack in (drawn, rows))
    close(np.quantile(mine, [0.05, 0.5, 0.95]), np.quantile(theirs, [0.05, 0.5, 0.95]), 0.02)


def test_parallel_analysis_is_fast() -> None:
    """40 items, n = 1,000, 1,000 draws: 10 s are allowed; half of that in CPU time is asked for here."""
    start = time.process_time()
    drawn = random_correlations(1000, 1000, 40, np.random.default_rng(1))
    factor_eigenvalues(drawn)
    assert time.process_time() - start < 8


def test_normality_equals_psych_and_semtools() -> None:
    case = reference_case("326-mardia-mahalanobis")
    data, expected, tolerance = case_data(case), case["expected"], float(case["tolerance"])
    found = normality(data)
    psych = expected["psych"]
    for ours, theirs in {
        "skewness": "b1p",
        "kurtosis": "b2p",
        "chisq": "skew",
        "chisq_small": "small.skew",
        "p_skewness": "p.skew",
        "p_small": "p.small",
        "z": "kurtosis",
        "p_kurtosis": "p.kurt",
        "n_obs": "n.obs",
    }.items():
        close(getattr(found.mardia, ours), psych[theirs], tolerance)
    close(found.mardia.chisq, expected["semtools_skew"]["chi"], tolerance)
    close(found.mardia.df, expected["semtools_skew"]["df"], tolerance)
    close(found.mardia.z, expected["semtools_kurt"]["z"], tolerance)
    close(found.distances["distance"][:20], expected["mahalanobis_first20"], tolerance)
    described = expected["describe"]
    for ours, theirs in {
        "mean": "mean",
        "sd": "sd",
        "skewness_moment": "skew",
        "kurtosis_moment": "kurtosis",
    }.items():
        close(found.items[ours], described[theirs], tolerance)


def test_mardia_by_its_definition() -> None:
    """The sums over all pairs of rows, as Mardia (1970) wrote them with the covariance over n."""
    x = np.random.default_rng(4).gamma(2, size=(60, 3))
    centred = x - x.mean(axis=0)
    products = centred @ np.linalg.inv(centred.T @ centred / 60) @ centred.T
    found = mardia(x, "n")
    assert found.skewness == pytest.approx((products**3).mean(), rel=1e-10)
    assert found.kurtosis == pytest.approx((np.diag(products) ** 2).mean(), rel=1e-10)


def test_bad_items_are_named() -> None:
    rng = np.random.default_rng(2)
    data = pd.DataFrame(rng.normal(size=(30, 4)), columns=list("abcd"))
    copied = data.assign(e=data["a"] + data["b"])
    for ask in (kmo, bartlett, velicer_map, parallel_analysis, normality):
        with pytest.raises(DataError, match="exact combination"):
            ask(copied)
        with pytest.raises(DataError, match="constant"):
            ask(data.assign(e=1.0))
    with pytest.raises(DataError, match="3 rows for 4 items"):
        kmo(data.head(3))
    with pytest.raises(DataError, match="n_obs"):
        bartlett(data.corr())
    with pytest.raises(DataError, match="answers themselves"):
        normality(data.corr())
    with pytest.raises(DataError, match="too few"):
        normality(data.head(4))
    with pytest.raises(OptionError, match="n_draws"):
        parallel_analysis(data, n_draws=5)
