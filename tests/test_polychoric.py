"""Polychoric, tetrachoric and polyserial correlations against lavaan, psych and known populations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cases import close, matrix, reference_case
from scipy.stats import norm
from shared import shared

from research.errors import DataError, OptionError
from research.measurement.correlations import correlations
from research.measurement.exploratory import efa
from research.measurement.polychoric import polychoric
from research.measurement.validity import htmt
from research.numerics.categories import categories, pair_tables
from research.numerics.mixed_moments import mixed_moments
from research.numerics.polychoric import pair_places
from research.numerics.polyserial import polyserial
from research.responses.ordinal import item_levels, ordered_items

TOLERANCE = 1e-4  # that of the reference case
MIXED_COV = [
    1.3583698,
    0.40737133,
    1.3817839,
    0.54491219,
    0.42267113,
    1,
    0.4468994,
    0.18150357,
    0.17955288,
    1,
    0.44061554,
    0.21109108,
    0.10165097,
    0.95933767,
    1.6597858,
    0.40752336,
    0.21203746,
    0.15343051,
    0.71686573,
    0.96467946,
    1,
]
MIXED_GAMMA = [
    1.3975686,
    1.5264731,
    2.6437335,
    1.6437075,
    1.7032675,
    2.5673157,
    2.3493309,
    1.7889662,
    1.732666,
    2.684911,
    1.8128385,
    2.3493309,
    1.6201233,
    1.6874899,
    2.873479,
    3.259612,
    3.5831375,
    8.2221879,
    1.8468,
    1.2232199,
    1.1319897,
    2.3375543,
    1.2004948,
    1.2588329,
    1.2129484,
    1.7522262,
    1.097039,
    1.1568808,
    1.7597148,
    1.0372343,
    1.701901,
    0.34489504,
    1.6882059,
]
FILES = {
    "datCat": (["datCat_lavaan", "datCat_psych_correct0", "datCat_psych_correct05"], "u", 8),
    "hs_ordinal": (["hs_lavaan", "hs_psych_correct0"], "o", 9),
    "lsat6": (["lsat6_lavaan", "lsat6_tetra"], "Q", 5),
}


def survey(name: str) -> pd.DataFrame:
    return pd.read_csv(shared(f"reference/data/{name}.csv"))


def columns(name: str) -> list[str]:
    _, letter, count = FILES[name]
    return [f"{letter}{number}" for number in range(1, count + 1)]


@pytest.mark.parametrize("name", FILES)
def test_equal_lavaan_and_psych(name: str) -> None:
    expected = reference_case("316-polychoric")["expected"]
    found = polychoric(survey(name), columns(name))
    for key in FILES[name][0]:
        stored = expected[key]
        close(found.r, matrix(stored.get("rho", stored)), 1e-7 if "lavaan" in key else TOLERANCE)
        if "tau" in stored and "rows" in stored["tau"]:
            close(found.thresholds["estimate"], matrix(stored["tau"]).ravel(), 1e-9)


def test_a_pair_equals_polycor() -> None:
    expected = reference_case("316-polychoric")["expected"]
    found = polychoric(survey("datCat"), ["u1", "u2"])
    assert found.r.loc["u1", "u2"] == pytest.approx(expected["u1u2_twostep"], abs=1e-5)
    stored = expected["u1u2_ml"]  # thresholds estimated with the correlation: close, not equal
    assert found.r.loc["u1", "u2"] == pytest.approx(stored["rho"], abs=2e-3)


def test_standard_errors_equal_lavaan() -> None:
    """lavaan 0.6-14: the diagonal of lavInspect(fit, "gamma") of case 060, u1 with u2 … u8."""
    found = polychoric(survey("datCat"), columns("datCat"))
    assert found.se is not None
    gamma = [0.58221921, 0.46182753, 0.61788785, 0.87412766, 0.87149722, 0.7371922, 1.2340752]
    close(200 * found.se.to_numpy()[0, 1:] ** 2, gamma, 1e-6)
    thresholds = [2.9221098, 1.6204683, 1.8567675, 3.9745514]
    close(200 * found.thresholds["se"][:4] ** 2, thresholds, 1e-6)


@pytest.mark.parametrize(
    "case", ["060-cat-wlsmv-delta", "067-cat-stdlv-hs", "068-binary-lsat6", "072-svc-ordinal-sem"]
)
def test_sample_statistics_of_the_models(case: str) -> None:
    stored = reference_case(case)
    sample = stored["expected"]["sample"]["all"]
    found = polychoric(pd.read_csv(shared(f"reference/{stored['input']['data']}")), sample["cov"]["rows"])
    close(found.r, matrix(sample["cov"]), 1e-6)
    close(found.thresholds["estimate"], list(sample["th"].values()), 1e-7)


def test_sample_statistics_by_group() -> None:
    stored = reference_case("097-mg-cat-thresholds-loadings")
    data = pd.read_csv(shared(f"reference/{stored['input']['data']}"))
    for label, sample in stored["expected"]["sample"].items():
        found = polychoric(data[data["g"].astype(str) == label], sample["cov"]["rows"])
        close(found.r, matrix(sample["cov"]), 1e-6)
        close(found.thresholds["estimate"], list(sample["th"].values()), 1e-7)


def test_thresholds_are_quantiles_of_the_cumulative_shares() -> None:
    data = survey("bfi")[["A1", "A2", "E1"]]
    found = polychoric(data).thresholds
    for name in data:
        counts = data[name].value_counts().sort_index()
        wanted = norm.ppf(counts.cumsum()[:-1] / counts.sum())
        close(found.loc[found["item"] == name, "estimate"], wanted, 1e-12)


def population(n: int, cuts: list[float], seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Latent correlations of six items and answers drawn with them."""
    loadings = np.array([0.9, 0.8, 0.7, 0.6, -0.5, 0.3])
    R = np.outer(loadings, loadings)
    np.fill_diagonal(R, 1.0)
    draws = np.random.default_rng(seed).normal(size=(n, 6)) @ np.linalg.cholesky(R).T
    return R, np.digitize(draws, cuts) + 1


@pytest.mark.parametrize("cuts", [[0.3], [-1.2, -0.4, 0.5, 1.3], [-1.8, -1.2, -0.6, 0.0, 0.7, 1.4]])
def test_recovers_the_population(cuts: list[float]) -> None:
    """Estimates lie within 4.5 of the standard errors that they come with; thresholds likewise."""
    R, answers = population(20_000, cuts)
    found = polychoric(pd.DataFrame(answers, columns=list("abcdef")))
    off = ~np.eye(6, dtype=bool)
    assert found.se is not None
    assert (np.abs(found.r.to_numpy() - R)[off] < 4.5 * found.se.to_numpy()[off]).all()
    gap = np.abs(found.thresholds["estimate"] - np.tile(cuts, 6))
    assert (gap < 4.5 * found.thresholds["se"]).all()


def test_standard_errors_are_those_of_repeated_samples() -> None:
    """300 samples of 500: their spread equals the mean standard error within 4 of its own errors."""
    draws, errors = [], []
    for seed in range(300):
        _, answers = population(500, [-0.8, 0.6], seed)
        values = answers[:, [1, 3, 5]].astype(float)
        found = mixed_moments(values, np.arange(3), ordered_items(values, ["a", "b", "c"]).answers)
        assert found.gamma is not None
        draws.append([*found.thresholds, *found.cov[np.triu_indices(3, 1)]])
        errors.append(np.sqrt(np.diagonal(found.gamma) / 500))
    ratio = np.std(draws, axis=0) / np.mean(errors, axis=0)
    assert (np.abs(ratio - 1) < 4 / np.sqrt(2 * 300)).all()


def test_mixed_variables_equal_lavaan() -> None:
    """lavaan 0.6-14: lavInspect(cfa(..., ordered = c("o3", "o4", "o6")), "sampstat") and diag of "gamma"."""
    data = survey("hs_ordinal")
    names = ["x1", "x2", "o3", "o4", "x5", "o6"]
    values = data[names].to_numpy(dtype=float)
    places = np.array([2, 3, 5])
    answers = ordered_items(values[:, places], ["o3", "o4", "o6"]).answers
    found = mixed_moments(values, places, answers)
    close(found.cov[np.tril_indices(6)], MIXED_COV, 5e-7)
    assert found.gamma is not None
    close(np.diagonal(found.gamma), MIXED_GAMMA, 5e-6)


def test_polyserial_recovers_the_population() -> None:
    _, answers = population(20_000, [-1.0, 0.0, 0.8])
    rng = np.random.default_rng(9)
    x = rng.normal(size=20_000)
    y = 0.6 * x + 0.8 * rng.normal(size=20_000)
    cut = np.digitize(y, [-0.5, 0.7])
    ladder = np.array([-np.inf, -0.5, 0.7, np.inf])
    assert polyserial(x, ladder[cut], ladder[cut + 1]) == pytest.approx(0.6, abs=0.015)
    data = pd.DataFrame({"x": 5 + 2 * x, "y": cut, "a": answers[:, 0], "z": rng.normal(size=20_000)})
    found = polychoric(data, ordered=["y", "a"])
    assert found.se is not None
    assert found.r.loc["x", "y"] == pytest.approx(0.6, abs=4.5 * found.se.loc["x", "y"])
    assert found.r.loc["x", "z"] == pytest.approx(np.corrcoef(data["x"], data["z"])[0, 1], abs=1e-12)
    assert found.se.loc["x", "z"] == pytest.approx(1 / np.sqrt(20_000), rel=0.03)


def test_missing_answers_are_pairwise_or_listwise() -> None:
    data = survey("bfi")[["A1", "A2", "A3"]].iloc[:600].copy()
    data.iloc[:200, 0] = np.nan
    whole = polychoric(data.iloc[200:])
    found = polychoric(data)
    assert found.n.loc["A1", "A2"] == data[["A1", "A2"]].dropna().shape[0]
    assert found.r.loc["A2", "A3"] == pytest.approx(
        polychoric(data[["A2", "A3"]]).r.loc["A2", "A3"], abs=1e-9
    )
    assert found.r.loc["A1", "A2"] != whole.r.loc["A1", "A2"]
    assert found.r.loc["A1", "A2"] == pytest.approx(whole.r.loc["A1", "A2"], abs=0.02)
    listwise = polychoric(data, missing="listwise")
    close(listwise.r, polychoric(data.dropna()).r, 1e-12)


def test_tables_count_every_pair() -> None:
    rng = np.random.default_rng(4)
    codes = rng.integers(-1, 4, size=(5, 300))
    codes[2] = np.where(codes[2] == 3, 0, codes[2])
    first, second = pair_places(5)
    tables = pair_tables(categories(codes, np.array([4, 4, 3, 4, 4])), first, second)
    for table, i, j in zip(tables, first, second, strict=True):
        for a in range(4):
            for b in range(4):
                assert table[a, b] == ((codes[i] == a) & (codes[j] == b)).sum()


def test_an_empty_cell_of_a_fourfold_table_is_mended_and_said() -> None:
    """lavaan's lavCor: -0.856 and 0.701, to the three digits that it prints."""
    opposed = pd.DataFrame({"a": np.repeat([0, 1, 1], [20, 50, 30]), "b": np.repeat([1, 0, 1], [20, 50, 30])})
    found = polychoric(opposed)
    assert found.r.loc["a", "b"] == pytest.approx(-0.856, abs=6e-4)
    assert found.notes[0].startswith("The 2 x 2 table of 'a' and 'b' has an empty cell")
    alike = pd.DataFrame({"a": np.repeat([0, 1, 1], [20, 50, 30]), "b": np.repeat([0, 0, 1], [20, 50, 30])})
    assert polychoric(alike).r.loc["a", "b"] == pytest.approx(0.701, abs=6e-4)


def test_items_that_say_the_same_are_named() -> None:
    same = pd.DataFrame(
        {"a": [1, 2, 3, 1, 2, 3, 2, 2], "b": [1, 2, 3, 1, 2, 3, 2, 2], "c": [1, 1, 2, 2, 1, 2, 1, 2]}
    )
    notes = polychoric(same, se=False).notes
    assert any("'a' and 'b'" in note and "runs to +1" in note for note in notes)


def test_items_that_cannot_be_used_are_named() -> None:
    frame = pd.DataFrame({"good": [1, 2, 3, 1, 2], "alike": [3, 3, 3, 3, 3], "gap": [1, 2, 5, 1, 2]})
    with pytest.raises(DataError, match=r"'alike' is constant: every answer is 3.*leave it out"):
        polychoric(frame)
    found = polychoric(frame[["good", "gap"]])
    assert found.notes[0].startswith("Nobody chose 3, 4 of item 'gap'")
    with pytest.raises(DataError, match=r"'many' has 60 different values.*continuous"):
        polychoric(pd.DataFrame({"many": np.arange(60) + 0.5, "good": [1, 2] * 30}))
    with pytest.raises(DataError, match="'empty' has no answers"):
        polychoric(pd.DataFrame({"empty": [np.nan] * 4, "good": [1, 2, 1, 2]}))
    with pytest.raises(DataError, match="'a' and 'b' were answered together"):
        polychoric(pd.DataFrame({"a": [1, 2, np.nan, np.nan], "b": [np.nan, np.nan, 1, 2]}))
    with pytest.raises(OptionError, match=r"ordered names 'goot'.*good"):
        polychoric(frame, ["good", "gap"], ordered=["goot"])


def test_a_category_that_a_group_lacks_is_named() -> None:
    values = np.array([[1.0], [2.0], [3.0], [1.0], [2.0], [2.0]])
    levels = item_levels(values, ["trust1"])
    with pytest.raises(DataError, match=r"nobody chose 3 of item 'trust1' in group 'north'.*Merge"):
        ordered_items(values[3:], ["trust1"], levels=levels, group="north")


def test_polychoric_htmt_efa_and_correlations() -> None:
    data, names = survey("hs_ordinal"), columns("hs_ordinal")
    blocks = {"visual": names[:3], "textual": names[3:6], "speed": names[6:]}
    R = polychoric(data, names).r
    close(htmt(data, blocks, cor="polychoric"), htmt(R, blocks, n_obs=len(data)), 1e-12)
    by_matrix = efa(R, 3, n_obs=len(data))
    close(efa(data, 3, items=names, cor="polychoric").loadings, by_matrix.loadings, 1e-10)
    found = correlations(data, names, method="polychoric")
    close(found.r, R, 1e-12)
    assert found.low.iloc[0, 1] < R.iloc[0, 1] < found.high.iloc[0, 1]
    assert found.p.iloc[0, 2] < 1e-6
    with pytest.raises(DataError, match="need the answers"):
        htmt(R, blocks, n_obs=300, cor="polychoric")


def test_adhoc_polyserial_equals_polycor() -> None:
    """polycor 0.8-1 calls the ad hoc estimator two-step; its maximum likelihood moves the thresholds too."""
    stored = reference_case("316-polychoric")["expected"]["polyserial_x1_o4"]
    data = survey("hs_ordinal")
    quick = polychoric(data, ["x1", "o4"], ordered=["o4"], polyserial="adhoc")
    assert quick.r.loc["x1", "o4"] == pytest.approx(stored["twostep"], abs=1e-12)
    assert quick.se is not None
    assert np.isnan(quick.se.loc["x1", "o4"])
    slow = polychoric(data, ["x1", "o4"], ordered=["o4"])
    assert slow.r.loc["x1", "o4"] == pytest.approx(stored["ml"], abs=5e-4)
    with pytest.raises(OptionError, match="allowed: ml, adhoc"):
        polychoric(data, ["x1", "o4"], polyserial="quick")


def test_polychoric_htmt_equals_semtools() -> None:
    """Case 324 for the arithmetic means; the geometric ones of semTools 0.5-6 with `htmt2 = TRUE`."""
    blocks = {"visual": ["o1", "o2", "o3"], "textual": ["o4", "o5", "o6"], "speed": ["o7", "o8", "o9"]}
    stored = matrix(reference_case("324-htmt")["expected"]["ord_htmt"])
    close(htmt(survey("hs_ordinal"), blocks, cor="polychoric"), stored, 1e-4)
    found = htmt(survey("hs_ordinal"), blocks, kind="htmt2", cor="polychoric").to_numpy()
    close(found[np.tril_indices(3, -1)], [0.396588139531, 0.318089582561, 0.241309584538], 1e-6)
