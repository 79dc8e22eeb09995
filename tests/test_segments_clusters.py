"""Clusters, latent profiles and latent classes: R's numbers, published ones, planted groups, bad input."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import research
from research.errors import DataError, OptionError
from research.numerics.gaussian_mixture import MODELS, count_parameters, fit_mixture
from research.numerics.latent_classes import fit_classes
from research.numerics.partition import cut_tree, k_means, silhouette, ward_tree

REFERENCE = Path(__file__).parent / "reference"
NUMBERS = ["v1", "v2", "v3", "v4"]


@cache
def golden() -> dict[str, Any]:
    """Numbers of mclust, e1071, cluster and stats, by `segments.R`."""
    return json.loads((REFERENCE / "segments.json").read_text(encoding="utf-8"))


@cache
def numbers() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "segments_numbers.csv")


def agreement(found: pd.Series, planted: np.ndarray) -> float:
    """Share of rows whose group is the most frequent one of their planted class: purity."""
    table = pd.crosstab(found.to_numpy(), planted)
    return float(table.max(axis=1).sum() / table.to_numpy().sum())


@pytest.mark.parametrize("name", list(golden()["mixtures"]))
def test_a_mixture_is_that_of_mclust(name: str) -> None:
    """mclust starts from a hierarchy of its own; for many classes it may stop at a lower maximum."""
    case = golden()["mixtures"][name]
    fit = fit_mixture(numbers().to_numpy(), case["k"], case["model"], np.random.default_rng(1), n_starts=24)
    assert fit is not None
    assert fit.n_parameters == case["df"]
    assert fit.loglik > case["loglik"] - 1e-4
    if case["k"] <= 3:
        assert fit.loglik == pytest.approx(case["loglik"], abs=1e-4)
        assert fit.weights == pytest.approx(np.atleast_1d(case["weights"]), abs=2e-4)
        if case["k"] > 1:
            assert fit.means == pytest.approx(np.array(case["means"]), abs=2e-3)


def test_the_table_has_mclusts_bic_and_entropy_and_chooses_what_was_planted() -> None:
    found = research.clusters(numbers(), NUMBERS, k=(1, 2, 3), method="mixture", models=("EEI", "VVI"))
    assert (found.k, found.model) == (3, "EEI")  # planted with one covariance
    for name in ("EEI2", "EEI3", "VVI3"):
        case = golden()["mixtures"][name]
        rows = found.table[(found.table["model"] == case["model"]) & (found.table["k"] == case["k"])]
        assert float(rows["bic"].iloc[0]) == pytest.approx(case["bic"], abs=0.01)
        assert float(rows["entropy"].iloc[0]) == pytest.approx(case["entropy"], abs=1e-4)


def test_the_loglikelihood_is_that_of_the_numbers_as_they_are() -> None:
    """Of other units: n sum(log unit) less, for every model that allows the variables their own scale."""
    units = np.array([2.0, 10.0, 0.5, 3.0])
    plain = research.clusters(numbers(), NUMBERS, k=[3], method="mixture", models="VVI")
    scaled = research.clusters(numbers() * units + 7, NUMBERS, k=[3], method="mixture", models="VVI")
    gap = float(plain.table["loglik"].iloc[0] - scaled.table["loglik"].iloc[0])
    assert gap == pytest.approx(len(numbers()) * np.log(units).sum(), abs=1e-4)


@pytest.mark.parametrize("case", golden()["kmeans"], ids=lambda case: f"k{case['k']}")
def test_k_means_is_that_of_r(case: dict[str, Any]) -> None:
    X = numbers().to_numpy()
    found = k_means(X, case["k"], np.random.default_rng(2), n_starts=60)
    assert found.within == pytest.approx(case["within"], rel=1e-8)
    assert np.bincount(found.labels).tolist() == case["sizes"]
    assert silhouette(X, found.labels) == pytest.approx(case["silhouette"], abs=1e-9)


@pytest.mark.parametrize("case", golden()["ward"], ids=lambda case: f"k{case['k']}")
def test_wards_tree_is_that_of_r(case: dict[str, Any]) -> None:
    X = numbers().to_numpy()
    found = cut_tree(X, ward_tree(X), case["k"])
    assert np.bincount(found.labels).tolist() == case["sizes"]
    assert silhouette(X, found.labels) == pytest.approx(case["silhouette"], abs=1e-9)


# Agresti (2002), table 13.1: 118 slides judged by seven pathologists, 1 = carcinoma.
CARCINOMA = """0000000 34, 0000100 2, 0100000 6, 0100001 1, 0100100 4, 0100101 5, 1000000 2, 1010101 1,
1100000 2, 1100001 1, 1100100 2, 1100101 7, 1100111 1, 1101001 1, 1101101 2, 1101111 3, 1110101 13,
1110111 5, 1111101 10, 1111111 16"""


def carcinoma() -> pd.DataFrame:
    rows = []
    for entry in CARCINOMA.split(","):
        pattern, count = entry.split()
        rows += [[int(mark) for mark in pattern]] * int(count)
    return pd.DataFrame(rows, columns=list("ABCDEFG"))


@pytest.mark.parametrize(("k", "loglik"), [(2, -317.2568), (3, -293.7050), (4, -289.2858)])
def test_latent_classes_are_those_that_polca_documents(k: int, loglik: float) -> None:
    """The log-likelihoods stand in the example of poLCA's manual page `carcinoma`."""
    fit = fit_classes(carcinoma().to_numpy(), [2] * 7, k, np.random.default_rng(1), n_starts=40)
    assert fit.loglik == pytest.approx(loglik, abs=6e-5)
    assert fit.n_parameters == 8 * k - 1


def test_three_classes_of_carcinoma_are_chosen_by_bic() -> None:
    found = research.clusters(carcinoma(), list("ABCDEFG"), k=(1, 2, 3, 4), method="classes")
    assert found.k == 3
    assert float(found.table.loc[found.table["k"] == 3, "bic"].iloc[0]) == pytest.approx(697.1357, abs=1e-3)


def test_latent_classes_are_those_of_e1071() -> None:
    case = golden()["classes"]
    answers = pd.read_csv(REFERENCE / "segments_binary.csv").to_numpy()
    fit = fit_classes(answers, [2] * 6, 2, np.random.default_rng(1))
    assert fit.loglik == pytest.approx(case["loglik"], abs=1e-4)
    assert fit.n_parameters == case["npar"]
    assert fit.weights == pytest.approx(np.array(case["weights"]), abs=1e-3)
    yes = np.array([probability[:, 1] for probability in fit.probabilities]).T
    assert yes == pytest.approx(np.array(case["p"]), abs=1e-3)


def test_missing_answers_count_by_the_answers_there_are() -> None:
    """The log-likelihood is the sum over rows of the density of what was answered, computed by hand."""
    rng = np.random.default_rng(4)
    answers = pd.read_csv(REFERENCE / "segments_binary.csv").to_numpy().astype(np.intp)
    answers[rng.random(answers.shape) < 0.15] = -1
    fit = fit_classes(answers, [2] * 6, 2, np.random.default_rng(1))
    total = 0.0
    for row in answers:
        density = fit.weights.copy()
        for item, answer in enumerate(row):
            if answer >= 0:
                density = density * fit.probabilities[item][:, answer]
        total += float(np.log(density.sum()))
    assert fit.loglik == pytest.approx(total, abs=1e-8)
    assert fit.weights == pytest.approx(np.array(golden()["classes"]["weights"]), abs=0.05)


# --- planted groups


def planted(seed: int = 3, n: int = 500) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    own = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    centres = np.array([[2.5, 2.5, 3], [5.5, 5.5, 3], [5, 2.5, 6]])
    frame = pd.DataFrame(centres[own] + 0.7 * rng.normal(size=(n, 3)), columns=["trust", "value", "price"])
    return frame.assign(age=30 + 10 * own + rng.normal(size=n), town=np.where(own == 1, "A", "B")), own


@pytest.mark.parametrize("method", ["kmeans", "ward", "mixture"])
def test_planted_groups_are_found(method: str) -> None:
    frame, own = planted()
    found = research.clusters(
        frame, ["trust", "value", "price"], k=(2, 3, 4), method=method, models=("EEI", "EEE"), starts=8
    )
    assert found.k == 3
    assert agreement(found.membership, own) > 0.97
    assert found.sizes["share"].tolist() == pytest.approx([0.5, 0.3, 0.2], abs=0.05)
    assert found.posterior.sum(axis=1).to_numpy() == pytest.approx(1.0)
    means = found.profile.means.pivot_table(index="segment", columns="variable", values="mean")
    assert means.loc["1", "trust"] == pytest.approx(2.5, abs=0.15)
    assert means.loc["3", "price"] == pytest.approx(6, abs=0.2)


def test_planted_classes_are_found_with_missing_answers() -> None:
    rng = np.random.default_rng(8)
    own = rng.choice(2, 700, p=[0.65, 0.35])
    likely = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])
    frame = pd.DataFrame({f"q{j}": [float(rng.choice(3, p=likely[o])) for o in own] for j in range(6)})
    frame = frame.mask(rng.random(frame.shape) < 0.08)
    frame.loc[5] = np.nan
    found = research.clusters(frame, list(frame.columns), k=(1, 2, 3), method="classes")
    assert found.k == 2
    assert found.membership.isna().sum() == 1
    assert agreement(found.membership[found.membership.notna()], np.delete(own, 5)) > 0.95
    assert found.sizes["share"].tolist() == pytest.approx([0.65, 0.35], abs=0.05)
    top = found.answers[(found.answers["segment"] == "1") & (found.answers["value"] == "0")]
    assert top["probability"].to_numpy() == pytest.approx(0.7, abs=0.08)
    assert any("no answer to any" in note for note in found.notes)


def test_the_bootstrap_test_prefers_the_planted_number_of_classes() -> None:
    frame, _ = planted(n=250)
    found = research.clusters(
        frame, ["trust", "value", "price"], k=(1, 2, 3, 4), method="mixture", models="EEI", draws=39
    )
    p = found.table.set_index("k")["blrt_p"]
    assert p[3] == pytest.approx(1 / 40)
    assert p[4] > 0.05
    assert "no better than one class fewer" in found.table.set_index("k").loc[4, "verdict"]


def test_the_bootstrap_test_of_classes_and_its_seed() -> None:
    answers = pd.read_csv(REFERENCE / "segments_binary.csv").iloc[:250]
    runs = [
        research.clusters(answers, list(answers), k=(1, 2, 3), method="classes", draws=19, starts=8, seed=5)
        for _ in range(2)
    ]
    p = runs[0].table.set_index("k")["blrt_p"]
    assert p[2] == pytest.approx(1 / 20)
    assert p[3] > 0.05
    pd.testing.assert_frame_equal(runs[0].table, runs[1].table)


def test_groups_are_described_by_other_columns() -> None:
    frame, _ = planted()
    found = research.clusters(frame, ["trust", "value", "price"], k=[3])
    profile = found.describe(["age"], ["town"])
    assert profile.means["mean"].tolist() == pytest.approx([30, 40, 50], abs=0.6)
    tests = profile.tests.set_index("variable")
    assert tests.loc["age", "p_holm"] < 1e-10
    assert tests.loc["town", "effect"] > 0.95
    assert profile.shares.query("segment == '2' and value == 'A'")["share"].iloc[0] > 0.97


def test_the_same_seed_gives_the_same_groups() -> None:
    frame, _ = planted(n=120)
    runs = [research.clusters(frame, ["trust", "value"], seed=4).membership for _ in range(2)]
    pd.testing.assert_series_equal(*runs)


def test_a_class_without_volume_is_refused_and_said() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(60, 2)), columns=["a", "b"])
    frame.loc[:29] = [9.0, 9.0]  # thirty equal answers: the likelihood has no bound there
    found = research.clusters(frame, ["a", "b"], k=(1, 2), method="mixture", models=("VVV", "EEE"))
    table = found.table.set_index(["model", "k"])
    assert table.loc[("VVV", 2), "verdict"].startswith("refused: every start ended")
    assert found.model == "EEE"
    assert any("were refused" in note for note in found.notes)


def test_classes_that_are_not_identified_are_refused() -> None:
    answers = pd.read_csv(REFERENCE / "segments_binary.csv")[["b1", "b2", "b3"]]
    found = research.clusters(answers, list(answers), k=(1, 2, 3), method="classes")
    assert found.table.set_index("k").loc[3, "verdict"].startswith("refused: not identified")


def test_parameters_are_counted() -> None:
    assert [count_parameters(model, 2, 3) for model in MODELS] == [8, 9, 10, 13, 13, 19]


# --- bad input

GOOD = pd.DataFrame({"a": [1.0, 2, 3, 4, 9, 8], "b": [2.0, 1, 4, 3, 7, 9], "g": list("xyxyxy")})


@pytest.mark.parametrize(
    ("frame", "columns", "options", "words"),
    [
        (GOOD, ["a", "b"], {"k": 7}, "k=7 groups.*6 distinct"),
        (GOOD.assign(a=3.0), ["a", "b"], {}, "'a' is constant"),
        (GOOD, ["a", "g"], {}, "'g' holds text"),
        (GOOD, ["a", "c"], {}, "no column 'c'"),
        (GOOD, ["a", "a"], {}, "'a' is named twice"),
        (GOOD, [], {}, "at least one column"),
        (GOOD, ["a"], {"method": "kmean"}, "kmeans.*Did you mean kmeans"),
        (GOOD, ["a"], {"method": "mixture", "models": "VVX"}, "'VVX' is not known"),
        (GOOD, ["a"], {"k": 0}, "k=0"),
        (GOOD, ["a"], {"k": [2.5]}, "k=2.5"),
        (GOOD, ["a"], {"k": 1}, "at least 2"),
        (GOOD, ["a"], {"starts": 0}, "starts=0"),
        (GOOD, ["a"], {"draws": -1}, "draws=-1"),
        (GOOD.assign(a=np.nan), ["a", "b"], {}, "'a' has no value"),
        (GOOD.assign(a=[1, 9, 2] + [np.nan] * 3, b=[np.nan] * 3 + [1, 2, 1]), ["a", "b"], {}, "0 rows have"),
        (GOOD.iloc[:0], ["a"], {}, "no rows"),
        (GOOD.assign(a=range(6)), ["a"], {"method": "classes", "k": 2}, "no solution|not identified"),
        (GOOD.assign(g="x"), ["g"], {"method": "classes"}, "'g' is constant"),
        (pd.concat([GOOD.assign(a=range(6), n=k) for k in range(5)]).assign(a=range(30)), ["a"],
         {"method": "classes"}, "30 categories"),
        (GOOD.assign(a=[1, np.inf, 2, 3, 4, 5]), ["a"], {}, "infinite value in row 2"),
    ],
)  # fmt: skip
def test_bad_input_is_named(
    frame: pd.DataFrame, columns: list[str], options: dict[str, Any], words: str
) -> None:
    with pytest.raises((DataError, OptionError), match=words):
        research.clusters(frame, columns, **{"k": 2, **options})


def test_missing_answers_are_left_out_and_counted() -> None:
    frame, _ = planted(n=100)
    frame.loc[[3, 8], "trust"] = np.nan
    found = research.clusters(frame, ["trust", "value"], k=(2, 3))
    assert found.membership.isna().to_numpy().nonzero()[0].tolist() == [3, 8]
    assert found.sizes["n"].sum() == 98
    assert any(note.startswith("2 of 100 rows were left out") for note in found.notes)


def test_describing_by_nothing_is_refused() -> None:
    frame, _ = planted(n=60)
    with pytest.raises(OptionError, match="at least one column"):
        research.clusters(frame, ["trust"], k=2).describe()
