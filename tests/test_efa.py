"""Exploratory factor analysis against psych, factanal and GPArotation, and invariants of any rotation."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from cases import case_data, close, golden, matrix, reference_case
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import shared

from research.errors import DataError, OptionError
from research.measurement.exploratory import FactorAnalysis, efa
from research.numerics.rotation import geomin, quartimin, rotate


def aligned(found: FactorAnalysis, want: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loadings and factor correlations with the factors in the order and direction of the reference."""
    L, phi = found.loadings.to_numpy(), found.phi.to_numpy()
    k = L.shape[1]
    best = min(
        permutations(range(k)), key=lambda order: -np.abs((L[:, list(order)] * want).sum(axis=0)).sum()
    )
    at = list(best)
    sign = np.sign((L[:, at] * want).sum(axis=0))
    return L[:, at] * sign, phi[np.ix_(at, at)] * np.outer(sign, sign)


@pytest.mark.parametrize(
    "name",
    [
        "307-efa-hs-ml-none",
        "308-efa-hs-ml-varimax",
        "309-efa-hs-minres-oblimin",
        "311-efa-harman74-minres-oblimin",
    ],
)
def test_solutions_equal_psych(name: str) -> None:
    case = reference_case(name)
    asked, expected = case["input"], case["expected"]
    if "matrix" in asked:
        data: pd.DataFrame = pd.read_csv(shared(f"reference/{asked['matrix']}"), index_col=0)
    else:
        data = case_data(case)
    found = efa(data, asked["nfactors"], asked["fm"], asked["rotate"], n_obs=asked["nobs"])
    want = matrix(expected["loadings"])
    loadings, phi = aligned(found, want)
    tolerance = 1e-4  # the case allows 2e-3 to 5e-3
    close(loadings, want, tolerance)
    if "phi" in expected:
        close(phi, matrix(expected["phi"]), tolerance)
    close(found.uniqueness, list(expected["uniquenesses"].values()), tolerance)
    close(found.communality, list(expected["communality"].values()), tolerance)
    measures = found.measures()
    for ours, theirs in {
        "chisq": "chisq",
        "p": "p",
        "df": "dof",
        "tli": "tli",
        "bic": "bic",
        "rmsr": "rms",
        "objective": "objective",
    }.items():
        close(measures[ours], expected[theirs], tolerance)
    for ours, theirs in {"rmsea": "RMSEA", "rmsea_low": "lower", "rmsea_high": "upper"}.items():
        close(measures[ours], expected["rmsea"][theirs], tolerance)
    shares = np.sort(matrix(expected["vaccounted"])[0])[::-1]
    close(np.sort(found.variance["ss_loadings"])[::-1], shares, 2e-4)
    close(np.linalg.eigvalsh(found.cor)[::-1], expected["eigen_original"], 1e-10)


@pytest.mark.parametrize("rotation", ["varimax", "promax"])
def test_maximum_likelihood_equals_factanal(rotation: str) -> None:
    case = reference_case("312-factanal-hs")
    expected = case["expected"][rotation]
    found = efa(case_data(case), 3, "ml", rotation)
    want = matrix(expected["loadings"])
    close(aligned(found, want)[0], want, 1e-6)
    close(found.uniqueness, list(expected["uniquenesses"].values()), 1e-5)
    close(found.measures()["chisq"], expected["chisq"], 1e-7)
    close(found.measures()["p"], expected["p"], 1e-6)


def test_principal_axis_and_other_rotations_equal_psych() -> None:
    """psych 2.2.9 on the nine tests of Holzinger and Swineford: fa(fm = "pa") and rotations of minres."""
    data = case_data(reference_case("307-efa-hs-ml-none"))
    unique = [
        0.52308519,
        0.74444106,
        0.54696182,
        0.27170939,
        0.24690167,
        0.30842132,
        0.48812538,
        0.47551190,
        0.53917938,
    ]
    close(efa(data, 3, "pa", "none").uniqueness, unique, 1e-8)
    promax = efa(data, 3, "minres", "promax", normalize=True)
    first = [0.1570848218, 0.0099720421, -0.1093140509, 0.8494897580, 0.8946075212, 0.8043426602]
    close(np.abs(promax.loadings.iloc[:6, 0]), np.abs(first), 1e-5)
    close(
        np.sort(np.abs(promax.phi.to_numpy()[np.tril_indices(3, -1)])),
        [0.25736886, 0.34992088, 0.39142897],
        1e-5,
    )
    oblique = efa(data, 3, "minres", "geomin")
    close(np.sort(oblique.phi.to_numpy()[np.tril_indices(3, -1)]), [0.21315421, 0.24015747, 0.32459198], 2e-4)
    close(np.sort(oblique.loadings.loc["x1"]), [0.0270522136, 0.192636294, 0.595396789], 1e-4)


def test_service_quality_survey_equals_psych() -> None:
    stored = golden("sq_efa")["efa5_minres_varimax"]
    data = pd.read_csv(shared("realdata/service_quality_SQ_411.csv"))[[f"a{i:02d}" for i in range(1, 23)]]
    found = efa(data, 5, "minres", "varimax")
    want = matrix(stored["loadings"])
    close(aligned(found, want)[0], want, 1e-3)
    close(found.communality, list(stored["communality"].values()), 1e-4)
    measures = found.measures()
    assert measures["df"] == stored["dof"]
    close([measures["rmsea"], measures["rmsea_low"], measures["rmsea_high"]],
          [stored["rmsea"][key] for key in ("RMSEA", "lower", "upper")], 1e-4)  # fmt: skip


def test_structure_is_pattern_times_phi() -> None:
    found = efa(case_data(reference_case("307-efa-hs-ml-none")), 3)
    close(found.structure, found.loadings.to_numpy() @ found.phi.to_numpy(), 1e-14)
    without = efa(found.loadings.T.corr().clip(-0.9, 0.9) * 0.3 + np.eye(9) * 0.7, 1)
    assert "chisq" not in without.measures()


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["varimax", "promax", "oblimin", "geomin"]))
def test_a_rotation_changes_no_fit(seed: int, name: str) -> None:
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(8, 3))
    done = rotate(A, name)
    close(done.loadings @ done.phi @ done.loadings.T, A @ A.T, 1e-8)
    close(np.diag(done.phi), np.ones(3), 1e-10)


@pytest.mark.parametrize("criterion", [quartimin, geomin])
def test_gradients_are_those_of_the_value(criterion: object) -> None:
    rng = np.random.default_rng(3)
    L = rng.normal(size=(5, 2))
    value, gradient = criterion(L)
    for i in range(5):
        for j in range(2):
            step = np.zeros_like(L)
            step[i, j] = 1e-6
            numeric = (criterion(L + step)[0] - criterion(L - step)[0]) / 2e-6
            assert gradient[i, j] == pytest.approx(numeric, rel=1e-6, abs=1e-8)
    assert np.isfinite(value)


def test_bad_questions_are_named() -> None:
    data = case_data(reference_case("307-efa-hs-ml-none"))
    with pytest.raises(DataError, match="cannot carry 6 factors"):
        efa(data, 6)
    with pytest.raises(OptionError, match="Did you mean oblimin"):
        efa(data, 2, rotation="oblimim")
    with pytest.raises(OptionError, match="minres"):
        efa(data, 2, method="uls")
    with pytest.raises(OptionError, match="from 1"):
        efa(data, 0)
    with pytest.raises(DataError, match="exact combination"):
        efa(data.assign(x10=lambda d: d["x1"] - d["x2"]), 2)
    with pytest.raises(DataError, match="'x99'"):
        efa(data, 2, items=["x1", "x2", "x99"])


def test_a_heywood_case_is_said() -> None:
    cor = pd.DataFrame([[1, 0.8, 0.8, 0.1], [0.8, 1, 0.5, 0.1], [0.8, 0.5, 1, 0.1], [0.1, 0.1, 0.1, 1]])
    cor.index = cor.columns = list("abcd")
    found = efa(cor, 1, "ml", "none", n_obs=100)
    assert any("Heywood" in note for note in found.notes)


def test_of_several_heywood_solutions_the_best_is_taken() -> None:
    """psych 2.2.9 on the peers' aspirations: rms 0.018802708, chisq 23.239; another minimum has 0.01945."""
    R = pd.read_csv(shared("reference/data/cor_peer_aspirations.csv"), index_col=0)
    found = efa(R, 4, rotation="none", n_obs=329)
    assert found.measures()["rmsr"] == pytest.approx(0.018802708, abs=1e-8)
    assert found.measures()["chisq"] == pytest.approx(23.23903, abs=1e-3)
    assert any(note.startswith("Heywood case") for note in found.notes)


def test_no_test_of_fit_where_communalities_leave_no_covariance_matrix() -> None:
    flowers = pd.read_csv(shared("reference/data/iris.csv")).iloc[:, :4]
    found = efa(flowers, 1, "pa", "none")
    measures = found.measures()
    assert measures["rmsr"] > 0
    assert all(np.isnan(measures[name]) for name in ("chisq", "p", "tli", "rmsea", "objective"))
    assert any("communality above 1 of Petal.Length" in note for note in found.notes)
