"""Reliability and exploratory factors on more data, against psych, semTools and lavaan.

The numbers are in tests/reference/measurement.json, which tests/reference/measurement.R computes.
"""

from __future__ import annotations

import json
import warnings
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import close, matrix
from shared import shared
from surveys import HS, hs

import research
from research.measurement.factor_solution import FactorAnalysis

NINE = [item for items in HS.values() for item in items]
EIGHT = {"scale": NINE[:8]}
ORDERED = {name: [item.replace("x", "o") for item in items] for name, items in HS.items()}


@cache
def stored() -> dict[str, Any]:
    path = Path(__file__).parent / "reference" / "measurement.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def data_of(name: str) -> pd.DataFrame:
    path = shared(f"reference/data/{name}")
    if name.startswith("cor_"):
        return pd.read_csv(path, index_col=0)
    return pd.read_csv(path).iloc[:, :25].dropna() if name == "bfi.csv" else pd.read_csv(path)


def aligned(found: FactorAnalysis, want: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[int], np.ndarray]:
    """Loadings and factor correlations in the order and direction of the reference; that order; the signs."""
    L, phi = found.loadings.to_numpy(), found.phi.to_numpy()
    orders = permutations(range(L.shape[1]))
    order = list(max(orders, key=lambda at: np.abs((L[:, list(at)] * want).sum(axis=0)).sum()))
    sign = np.sign((L[:, order] * want).sum(axis=0))
    return L[:, order] * sign, phi[np.ix_(order, order)] * np.outer(sign, sign), order, sign


@pytest.mark.parametrize("place", range(28))
def test_exploratory_solutions_equal_psych(place: int) -> None:
    """bfi (5 factors, n = 2,436) and Harman's 24 tests (4 factors): three methods, six rotations.

    GPArotation stops at 1e-5 of its gradient, psych's minres at 1e-7 of its objective: hence 2e-4 and 1e-5.
    """
    want = stored()["efa"][place]
    rotation = "geomin" if want["rotation"] == "geominQ" else want["rotation"]
    normalize = True if rotation == "promax" else None  # psych's promax starts from Kaiser's weights
    data = data_of(want["data"])
    found = research.efa(
        data, want["n_factors"], want["method"], rotation, want.get("n_obs"), normalize=normalize
    )
    L, phi, _, _ = aligned(found, matrix(want["loadings"]))
    close(L, matrix(want["loadings"]), 2e-4)
    if "phi" in want:
        close(phi, matrix(want["phi"]), 2e-4)
    close(found.uniqueness, list(want["uniquenesses"].values()), 1e-5)
    close(found.complexity, list(want["complexity"].values()), 1e-3)
    measures = found.measures()
    for key in ("chisq", "df", "tli", "bic", "rmsr", "objective"):
        close(measures[key], want[key], 1e-5)
    for ours, theirs in {"rmsea": "RMSEA", "rmsea_low": "lower", "rmsea_high": "upper"}.items():
        close(measures[ours], want["rmsea"][theirs], 1e-5)
    ratio = want["chisq"] / want["df"]  # CFI by its definition from what psych says of both models
    null_ratio, null_df = (ratio - want["tli"]) / (1 - want["tli"]), want["null_df"]
    cfi = 1 - (want["chisq"] - want["df"]) / (null_df * (null_ratio - 1))
    assert measures["cfi"] == pytest.approx(cfi, abs=1e-6)
    assert not found.notes


def test_gaps_are_taken_by_pairs_as_psych_takes_them() -> None:
    """bfi with its missing answers: each correlation of the rows that have both, n the rows with any."""
    want = stored()["gaps"]
    data = pd.read_csv(shared("reference/data/bfi.csv")).iloc[:, :25]
    found = research.efa(data, 5)
    L, phi, _, _ = aligned(found, matrix(want["loadings"]))
    close(L, matrix(want["loadings"]), 1e-4)
    close(phi, matrix(want["phi"]), 1e-4)
    close(found.uniqueness, list(want["uniquenesses"].values()), 1e-5)
    close(found.measures()["chisq"], want["chisq"], 1e-5)
    close(research.kmo(data).overall, want["kmo"], 1e-10)
    close(research.bartlett(data).chisq, want["bartlett"], 1e-10)
    close(research.velicer_map(data)[:8], want["map"], 1e-10)


def test_every_stored_solution_is_tested() -> None:
    assert len(stored()["efa"]) == 28


def test_ordinal_factors_equal_psych() -> None:
    want = stored()["efa_polychoric"]
    data = data_of("hs_ordinal.csv")[[item for items in ORDERED.values() for item in items]]
    found = research.efa(data, 3, cor="polychoric")
    L, phi, _, _ = aligned(found, matrix(want["loadings"]))
    close(L, matrix(want["loadings"]), 2e-4)  # psych's polychorics stop earlier than ours
    close(phi, matrix(want["phi"]), 2e-4)
    close(found.measures()["chisq"], want["chisq"], 2e-3)


@pytest.mark.parametrize("method", ["Thurstone", "Bartlett", "tenBerge"])
def test_factor_scores_equal_psych(method: str) -> None:
    want = stored()["scores"]
    found = research.efa(hs(), 3, items=NINE)
    _, phi, order, sign = aligned(found, matrix(want["loadings"]))
    ours = {"Thurstone": "regression", "Bartlett": "bartlett", "tenBerge": "tenberge"}[method]
    weights = found.score_weights(ours).to_numpy()[:, order] * sign
    close(weights, matrix(want[method]["weights"]), 1e-4)
    scores = found.scores(method=ours).to_numpy()
    close((scores[:, order] * sign)[:10], matrix(want[method]["first"]), 3e-4)
    again = found.scores(hs(), ours).to_numpy()
    close(again, scores, 1e-12)
    if ours == "regression":
        close(found.score_validity()[[f"F{at + 1}" for at in order]], want["validity"], 1e-4)
    if ours == "tenberge":
        close(np.corrcoef(scores.T)[np.ix_(order, order)] * np.outer(sign, sign), phi, 1e-10)


def test_components_equal_psych() -> None:
    want = stored()["principal"]
    found = research.principal_components(data_of("bfi.csv"), 5, "oblimin")
    L, phi, _, _ = aligned(found, matrix(want["loadings"]))
    close(L, matrix(want["loadings"]), 2e-4)
    close(phi, matrix(want["phi"]), 2e-4)
    close(found.communality, list(want["communality"].values()), 1e-8)
    z = found.scores()
    close(z.std(ddof=1), np.ones(5), 1e-6)


def test_split_halves_equal_psych() -> None:
    """All 35 splits of eight items; psych leaves out half of the splits where their number is odd."""
    want = stored()["split_half"]
    row = research.split_half(hs(), EIGHT, standardized=True).loc["scale"]
    assert (row["n_splits"], row["exhaustive"]) == (35, True)
    close(row[["max", "min", "mean"]], [want["max"], want["min"], want["mean"]], 1e-12)
    close(row[["q025", "median", "q975"]], want["ci"], 1e-12)
    lambdas = research.guttman(hs(), EIGHT, standardized=True).loc["scale"]
    keys = [f"lambda{i}" for i in range(1, 7)]
    close(lambdas[keys], [stored()["guttman"][key] for key in keys], 1e-12)
    assert lambdas["lambda4"] == row["max"]


def test_ordinal_reliability_equals_semtools() -> None:
    want = stored()["ordinal"]
    frame = research.ordinal_reliability(data_of("hs_ordinal.csv"), ORDERED)
    for key in ("omega_categorical", "omega_categorical_implied", "omega_latent", "alpha_ordinal"):
        close(frame[key], [want[key][name] for name in HS], 1e-5)
    table = dict(zip(want["reliability"]["rows"], matrix(want["reliability"]), strict=True))
    close(frame["omega_categorical"], table["omega3"], 1e-5)
    close(frame["alpha_ordinal"], table["alpha.ord"], 1e-5)
    close(frame["alpha"], table["alpha"], 1e-10)
    close(frame["ave_latent"], table["avevar"], 1e-5)
    one = research.ordinal_reliability(data_of("datCat.csv"), {"f": [f"u{i}" for i in range(1, 9)]}).loc["f"]
    for key, value in stored()["ordinal_one"].items():
        close(one[key], value, 2e-5)
    assert "latent responses" in one["note"]


def test_intervals_of_cr_and_ave_equal_lavaan() -> None:
    """The delta method through lavaan's defined parameters; its search stops at 1e-6 or so of the minimum."""
    want = pd.DataFrame(stored()["delta"]).set_index("name")
    frame = research.reliability(hs(), HS)
    rows = research.reliability_intervals(hs(), HS, n_draws=0).set_index(["construct", "quantity"])
    for number, name in enumerate(HS, start=1):
        for quantity in ("cr", "ave"):
            theirs = want.loc[f"{quantity}{number}"]
            close(frame.loc[name, [f"{quantity}_low", f"{quantity}_high"]], theirs[["low", "high"]], 1e-5)
            close(rows.loc[(name, quantity), ["value", "se"]], theirs[["est", "se"]], 1e-5)


@pytest.mark.parametrize("name", ["bfi5", "hs_equal", "hs_first", "hs_second", "hs_ml", "harman"])
def test_omega_equals_psych(name: str) -> None:
    want = stored()["omega"][name]
    if name == "bfi5":
        found = research.omega(data_of("bfi.csv"), n_factors=5)
        assert ("A1" in found.turned) != ("A2" in found.turned)
    elif name == "harman":
        found = research.omega(data_of("cor_Harman74.csv"), n_factors=4, n_obs=145)
    elif name == "hs_ml":
        found = research.omega(hs(), NINE, 3, method="ml")
    else:
        found = research.omega(hs(), NINE, 2, option=name.removeprefix("hs_"))
    ours = {
        "omega_h": found.omega_hierarchical,
        "omega_tot": found.omega_total,
        "omega_lim": found.omega_limit,
        "alpha": found.alpha,
        "lambda6": found.lambda6,
        "ecv": found.explained_common,
    }
    for key, value in ours.items():
        assert value == pytest.approx(want[key], abs=2e-4), key
    size = np.abs(list(want["general"].values()))
    close(np.abs(found.schmid_leiman["general"]), size, 5e-4)


def test_the_normal_ogive_of_ordered_answers_equals_psych() -> None:
    want = stored()["ogive"]
    found = research.normal_ogive(data_of("hs_ordinal.csv"), ["o1", "o2", "o3"])
    close(found.groupby("item", sort=False)["discrimination"].first(), want["discrimination"], 1e-3)
    close(found["intercept"].to_numpy().reshape(3, 4), matrix(want["difficulty"]), 1e-3)
    close(found["difficulty"], found["intercept"] / found["discrimination"], 1e-12)


def test_intraclass_correlations_equal_psych_and_pingouin() -> None:
    want = stored()["icc"]
    data = data_of("attitude.csv").iloc[:, 1:5]
    found = research.icc(data, level=0.9)
    assert found["shrout_fleiss"].tolist() == want["type"]
    for key in ("value", "f", "low", "high"):
        close(found[key], want[key], 1e-10)
    import pingouin

    rows = data.reset_index().melt(id_vars="index", var_name="rater", value_name="rating")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pingouin 0.7 calls pandas in ways that pandas 3.1 gives up
        theirs = pingouin.intraclass_corr(rows, targets="index", raters="rater", ratings="rating")
    close(found["value"], theirs["ICC"], 1e-10)
    close(found["p"], theirs["pval"], 1e-10)
    alpha = research.reliability(data, {"s": list(data)}).loc["s", "alpha"]
    assert found.loc["ICC(C,k)", "value"] == pytest.approx(alpha, abs=1e-12)
