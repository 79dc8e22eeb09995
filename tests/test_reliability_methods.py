"""Intervals, splits, raters, waves: by definition, by simulation, and what a user with bad items is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from cases import close, golden, matrix
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from shared import shared
from surveys import HS, MOBI, hs, mobi

import research
from research.errors import DataError, OptionError, ResearchError
from research.numerics.alpha_bootstrap import alpha_draws
from research.numerics.guttman import split_halves
from research.numerics.pairwise_moments import pairwise_moments
from research.numerics.reliability import cronbach_alpha

TEXTUAL = {"textual": HS["textual"]}


def parallel_items(n: int, k: int, seed: int = 1, error: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=n)
    return pd.DataFrame({f"q{j}": common + error * rng.normal(size=n) for j in range(k)})


@pytest.mark.parametrize("gaps", [False, True])
def test_bootstrap_of_alpha_is_that_of_drawn_rows(gaps: bool) -> None:
    """Weighted sums against alpha of the rows themselves, drawn with the same numbers."""
    values = hs()[HS["visual"]].to_numpy()[:60].copy()
    if gaps:
        values[:9, 0] = np.nan
        values[5:14, 2] = np.nan
    rows = np.random.default_rng(5).integers(60, size=(40, 60))
    naive = [cronbach_alpha(pd.DataFrame(values[each]).cov().to_numpy()) for each in rows]
    close(alpha_draws(values, 40, np.random.default_rng(5)), naive, 1e-12)


def test_intervals_agree_where_their_assumptions_hold() -> None:
    """Parallel normal items: the three methods estimate the same limits; one seed, one interval."""
    data = {"data": parallel_items(2000, 5), "constructs": {"s": [f"q{j}" for j in range(5)]}}
    rows = research.reliability_intervals(**data, n_draws=2000).set_index("method")
    alpha = rows[rows["quantity"] == "alpha"]
    assert alpha["low"].max() - alpha["low"].min() < 0.004
    assert alpha["high"].max() - alpha["high"].min() < 0.004
    assert rows.loc["bootstrap percentile", "n_draws"] == 2000
    again = research.reliability_intervals(**data, n_draws=2000).set_index("method")
    pd.testing.assert_frame_equal(rows, again)
    other = research.reliability_intervals(**data, n_draws=2000, seed=2).set_index("method")
    assert other.loc["bootstrap percentile", "low"] != rows.loc["bootstrap percentile", "low"]
    wider = research.reliability_intervals(**data, n_draws=0, level=0.99).set_index(["quantity", "method"])
    narrow = research.reliability_intervals(**data, n_draws=0).set_index(["quantity", "method"])
    assert (wider["high"] - wider["low"] > narrow["high"] - narrow["low"]).all()


def test_intervals_cover_the_population() -> None:
    """100 samples of n = 120, loadings .7, .8, .9: the intervals hold alpha, CR and AVE in 88 or more."""
    loadings = np.array([0.7, 0.8, 0.9])
    cov = np.outer(loadings, loadings)
    np.fill_diagonal(cov, 1.0)
    truth = {
        "alpha": cronbach_alpha(cov),
        "cr": research.composite_reliability(loadings),
        "ave": research.average_variance_extracted(loadings),
    }
    rng = np.random.default_rng(3)
    covered = dict.fromkeys(truth, 0)
    for _ in range(100):
        rows = rng.multivariate_normal(np.zeros(3), cov, size=120)
        row = research.reliability(pd.DataFrame(rows, columns=list("abc")), {"s": list("abc")}).loc["s"]
        for name, value in truth.items():
            covered[name] += row[f"{name}_low"] <= value <= row[f"{name}_high"]
    assert all(88 <= count <= 100 for count in covered.values()), covered


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 7), st.integers(0, 10_000))
def test_split_halves_are_those_of_the_definition(k: int, seed: int) -> None:
    """Sums of two halves, every split once; their mean is alpha where the halves are equal in size."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(50, 1)) + rng.normal(size=(50, k))
    cov = np.cov(rows.T)
    found = split_halves(cov, rng)
    naive = []
    for half in combinations(range(k), k // 2):
        if k % 2 == 0 and 0 not in half:
            continue
        a = rows[:, list(half)].sum(axis=1)
        b = rows.sum(axis=1) - a
        naive.append(4 * np.cov(a, b)[0, 1] / (a + b).var(ddof=1))
    close(np.sort(found.guttman), np.sort(naive), 1e-10)
    if k % 2 == 0:
        assert found.guttman.mean() == pytest.approx(cronbach_alpha(cov), abs=1e-10)


def test_many_items_are_split_at_random() -> None:
    data = parallel_items(300, 16)
    scale = {"s": list(data.columns)}
    row = research.split_half(data, scale, n_splits=2000).loc["s"]
    assert not row["exhaustive"]
    assert 1500 < row["n_splits"] <= 2000
    alpha = research.reliability(data, scale).loc["s", "alpha"]
    assert row["mean"] == pytest.approx(alpha, abs=2e-3)
    pd.testing.assert_series_equal(row, research.split_half(data, scale, n_splits=2000).loc["s"])
    best = row["best_half"].split(", ")
    rest = [name for name in data if name not in best]
    a, b = data[best].sum(axis=1), data[rest].sum(axis=1)
    assert row["max"] == pytest.approx(4 * np.cov(a, b)[0, 1] / (a + b).var(), abs=1e-12)
    twelve = research.split_half(data, {"s": list(data.columns[:12])}).loc["s"]
    assert (twelve["n_splits"], twelve["exhaustive"]) == (462, True)


def test_odd_even_is_the_correlation_of_the_halves_stepped_up() -> None:
    data = hs()
    items = [f"x{i}" for i in range(1, 7)]
    row = research.split_half(data, {"s": items}).loc["s"]
    r = np.corrcoef(data[items[::2]].sum(axis=1), data[items[1::2]].sum(axis=1))[0, 1]
    assert row["spearman_brown_odd_even"] == pytest.approx(2 * r / (1 + r), abs=1e-12)
    r = np.corrcoef(data[items[:3]].sum(axis=1), data[items[3:]].sum(axis=1))[0, 1]
    assert row["spearman_brown_first_last"] == pytest.approx(2 * r / (1 + r), abs=1e-12)


def test_guttman_of_parallel_items() -> None:
    """Equal variances and covariances: lambda 2, 3, 4 are the reliability; lambda 1 and 6 lie below."""
    cov = pd.DataFrame(0.5 * np.ones((4, 4)) + 0.5 * np.eye(4), index=list("abcd"), columns=list("abcd"))
    row = research.guttman(cov, {"s": list("abcd")}).loc["s"]
    close(row[["lambda2", "lambda3", "lambda4"]], [0.8, 0.8, 0.8], 1e-12)
    assert row["lambda1"] == pytest.approx(0.6, abs=1e-12)
    assert row["lambda6"] == pytest.approx(1 - 4 * 0.625 / 10, abs=1e-12)


def test_rho_a_of_the_stored_weights_equals_seminr() -> None:
    """ECSI mobile: weights of PLS mode A; a single item has no rho_A here, seminr prints 1."""
    for name in ("default", "tight_tol_1e12"):
        stored = golden("mobi_pls_path")[name]
        weights = pd.DataFrame(
            matrix(stored["weights"]), index=stored["weights"]["rows"], columns=stored["weights"]["cols"]
        )
        table = stored["reliability"]
        want = dict(zip(table["rows"], matrix(table)[:, table["cols"].index("rhoA")], strict=True))
        for construct, items in MOBI.items():
            got = research.rho_a(weights.loc[items, construct], mobi()[items].corr())
            if len(items) > 1:
                assert got == pytest.approx(want[construct], abs=1e-12)
            else:
                assert np.isnan(got)
            if len(items) > 1:
                loadings = matrix(stored["loadings"])[
                    [stored["loadings"]["rows"].index(item) for item in items],
                    stored["loadings"]["cols"].index(construct),
                ]
                row = dict(zip(table["cols"], matrix(table)[table["rows"].index(construct)], strict=True))
                assert research.composite_reliability(loadings) == pytest.approx(row["rhoC"], abs=1e-10)
                assert research.average_variance_extracted(loadings) == pytest.approx(row["AVE"], abs=1e-10)
    with pytest.raises(DataError, match="do not fit"):
        research.rho_a([0.5, 0.5], np.eye(3))


def test_weights_proportional_to_the_loadings_give_the_best_sum() -> None:
    """In a population of one factor: rho_A with w ~ l is the reliability of w'x; H is the largest of all."""
    loadings = np.array([0.5, 0.7, 0.9])
    cor = np.outer(loadings, loadings)
    np.fill_diagonal(cor, 1.0)
    total = loadings @ cor @ loadings
    assert research.rho_a(loadings, cor) == pytest.approx((loadings @ loadings) ** 2 / total, abs=1e-12)
    best = loadings / (1 - loadings**2)
    reached = (best @ loadings) ** 2 / (best @ cor @ best)
    assert research.maximal_reliability(loadings) == pytest.approx(reached, abs=1e-12)
    assert research.composite_reliability(loadings) < reached


def test_service_quality_alpha_equals_psych() -> None:
    stored = golden("sq_efa")
    data = pd.read_csv(shared("realdata/service_quality_SQ_411.csv"))[[f"a{i:02d}" for i in range(1, 23)]]
    items = research.item_statistics(data, {"sq": list(data)})
    assert len(items) == 22
    row = research.guttman(data, {"sq": list(data)}, standardized=True).loc["sq"]
    assert row["lambda6"] == pytest.approx(stored["omega_like_G6"], abs=1e-12)
    assert row["lambda3"] == pytest.approx(stored["alpha_std"], abs=1e-12)
    raw = research.guttman(data, {"sq": list(data)}).loc["sq"]
    assert raw["lambda3"] == pytest.approx(stored["alpha_raw"], abs=1e-12)
    want = stored["pca5_varimax"]
    found = research.principal_components(data, 5)
    L, target = found.loadings.to_numpy(), matrix(want["loadings"])
    match = max(permutations(range(5)), key=lambda at: np.abs((L[:, at] * target).sum(axis=0)).sum())
    L = L[:, match] * np.sign((L[:, match] * target).sum(axis=0))
    close(L, target, 1e-3)
    close(found.communality, list(want["communality"].values()), 1e-10)


def test_printed_tables_are_checked_by_their_loadings() -> None:
    """Ha et al. (2023): what is marked inconsistent there does not follow from the loadings."""
    published = json.loads(shared("published/A_ha2023_switching_costs.json").read_text(encoding="utf-8"))
    flags = []
    for construct in published["constructs"].values():
        cr = research.composite_reliability(construct["loadings"])
        ave = research.average_variance_extracted(construct["loadings"])
        for key, value in (("CR", cr), ("AVE", ave)):
            follows = abs(value - construct["published"][key]) < 0.0015
            assert follows == construct["consistent"][key], (construct, key, value)
            flags.append(follows)
    assert not all(flags)


def test_retest_is_its_parts() -> None:
    """Against scipy's paired t test and Pearson's r; the standard error of measurement by its equation."""
    rng = np.random.default_rng(8)
    true = rng.normal(4, 1, size=80)
    first, second = true + rng.normal(0, 0.5, 80), true + 0.2 + rng.normal(0, 0.5, 80)
    data = pd.DataFrame({"t1": first, "t2": second, "a": first - 1, "b": first + 1, "t3": second + 1})
    data.loc[3, "t2"] = np.nan
    found = research.retest_reliability(data, {"trust": ["t1", "t2", "t3"], "mean": [["a", "b"], "t3"]})
    assert found[["measure", "first", "second"]].to_numpy().tolist() == [
        ["trust", "t1", "t2"],
        ["trust", "t2", "t3"],
        ["mean", "a, b", "t3"],
    ]
    row, keep = found.iloc[0], data["t2"].notna()
    x, y = data.loc[keep, "t1"], data.loc[keep, "t2"]
    assert (row["n"], row["n_left_out"]) == (79, 1)
    r = stats.pearsonr(x, y)
    close([row["r"], row["r_p"]], [r.statistic, r.pvalue], 1e-12)
    close([row["r_low"], row["r_high"]], list(r.confidence_interval()), 1e-12)
    t = stats.ttest_rel(y, x)
    close([row["t"], row["df"], row["p"]], [t.statistic, t.df, t.pvalue], 1e-10)
    close([row["difference_low"], row["difference_high"]], list(t.confidence_interval()), 1e-10)
    close([row["sem"], row["mdc"]], np.array([1, 1.959963984540054 * 2**0.5]) * (y - x).std() / 2**0.5, 1e-12)
    icc = research.icc(data[["t1", "t2"]]).loc["ICC(A,1)"]
    close(row[["icc", "icc_low", "icc_high"]], icc[["value", "low", "high"]], 1e-12)
    assert found.loc[2, "difference"] == pytest.approx((data["t3"] - data["t1"]).mean(), abs=1e-12)


def test_a_constant_shift_is_no_agreement_but_full_consistency() -> None:
    data = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [2.0, 3, 4, 5, 6]})
    found = research.icc(data)
    assert found.loc["ICC(C,1)", "value"] == pytest.approx(1)
    assert found.loc["ICC(A,1)", "value"] < 0.9
    opposite = research.icc(pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 2, 1]}))
    assert opposite["value"].iloc[:3].max() <= 0
    assert np.isnan(opposite.loc["ICC(C,k)", "value"])


def test_the_item_keyed_against_the_others_is_named_with_its_correlation() -> None:
    data = hs()[HS["textual"]].assign(x5=lambda d: 8 - d["x5"])
    row = research.reliability(data, TEXTUAL).loc["textual"]
    assert "x5 is keyed against the other items (item-rest r = -0." in row["note"]
    items = research.item_statistics(data, TEXTUAL).set_index("item")
    assert items["key"].to_dict() == {"x4": 1, "x5": -1, "x6": 1}
    assert research.omega(data, n_factors=1).turned == ("x5",)
    turned = research.reliability(data, TEXTUAL, reverse=["x5"]).loc["textual"]
    assert "keyed" not in turned["note"]
    want = research.reliability(hs(), TEXTUAL).loc["textual"]
    close(turned[["alpha", "alpha_low", "lambda6"]], want[["alpha", "alpha_low", "lambda6"]], 1e-12)
    assert research.reliability(data, TEXTUAL).loc["textual", "alpha"] < 0


def test_gaps_take_the_rows_of_the_pair_with_the_fewest() -> None:
    data = hs()
    data.loc[:39, "x4"] = np.nan
    data.loc[30:99, "x5"] = np.nan
    row = research.reliability(data, TEXTUAL).loc["textual"]
    assert row["n_obs"] == 301
    assert "the 201 rows of the pair with the fewest" in row["note"]
    cov = data[HS["textual"]].cov().to_numpy()
    f = stats.f(200, 400).ppf([0.975, 0.025])
    close([row["alpha_low"], row["alpha_high"]], 1 - (1 - cronbach_alpha(cov)) * f, 1e-12)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_blocks_add_up_to_the_pairwise_covariances_of_pandas(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(1e4, 1, size=(50, 4))
    x[rng.random((50, 4)) < 0.2] = np.nan
    blocks = (x[at : at + size] for at in range(0, 50, size))
    found = pairwise_moments(blocks, 4, [np.array([0, 1]), np.array([2])])
    frame = pd.DataFrame(x)
    close(found.cov, frame.cov().to_numpy(), 1e-9)
    close(found.cor, frame.corr().to_numpy(), 1e-9)
    close(found.mean, frame.mean(), 1e-12)
    close(found.complete_cov, frame.dropna().cov().to_numpy(), 1e-9)
    close([found.low, found.high], [frame.min(), frame.max()], 0)
    some, both = frame[[0, 1]].notna().any(axis=1).sum(), frame[[0, 1]].notna().all(axis=1).sum()
    assert found.scales == ((some, both), (frame[2].notna().sum(),) * 2)
    assert (found.n_any, found.n_complete) == (frame.notna().any(axis=1).sum(), len(frame.dropna()))


def test_a_pair_whose_common_rows_do_not_vary_is_named() -> None:
    data = parallel_items(40, 3).round(1)
    data.loc[:19, "q0"] = 2.0
    data.loc[20:, "q1"] = np.nan
    with pytest.raises(DataError, match="'q0' and 'q1' have no correlation"):
        research.kmo(data)
    assert np.isnan(research.correlations(data).r.loc["q0", "q1"])


def test_large_surveys_are_read_in_one_pass() -> None:
    """200,000 x 40 in a fifth of the time that a million rows may take; no copy of the answers is kept."""
    data = parallel_items(200_000, 40)
    scales = {f"f{k}": [f"q{5 * k + j}" for j in range(5)] for k in range(8)}
    seconds = []
    for _ in range(3):
        begin = time.process_time()
        frame = research.reliability(data, {**{k: v for k, v in scales.items() if k == "f0"}})
        seconds.append(time.process_time() - begin)
    assert min(seconds) < 0.4
    assert frame.loc["f0", "alpha_high"] - frame.loc["f0", "alpha_low"] < 0.003


LIKERT = parallel_items(60, 4, 4).apply(lambda x: pd.cut(x, 5, labels=False) + 1.0)
SCALE = {"s": ["q0", "q1", "q2", "q3"]}
PARTS = {"s": ["q0", "q1"], "t": ["q2", "q3"], "u": ["q4", "q5"]}
ASKS = {
    "reliability": lambda d: research.reliability(d, SCALE),
    "reliability_intervals": lambda d: research.reliability_intervals(d, SCALE, n_draws=100),
    "item_statistics": lambda d: research.item_statistics(d, SCALE),
    "guttman": lambda d: research.guttman(d, SCALE),
    "split_half": lambda d: research.split_half(d, SCALE),
    "omega": lambda d: research.omega(d, SCALE["s"], 1),
    "ordinal_reliability": lambda d: research.ordinal_reliability(d, SCALE),
    "total_reliability": lambda d: research.total_reliability(d, {"s": ["q0", "q1"], "t": ["q2", "q3"]}),
    "normal_ogive": lambda d: research.normal_ogive(d, SCALE["s"]),
    "principal_components": lambda d: research.principal_components(d, 2, items=SCALE["s"]),
    "icc": lambda d: research.icc(d, SCALE["s"]),
    "retest_reliability": lambda d: research.retest_reliability(d, {"m": ["q0", ["q2", "q3"]]}),
}
BROKEN = {
    "constant": LIKERT.assign(q3=3.0),
    "wholly missing": LIKERT.assign(q3=np.nan),
    "text": LIKERT.assign(q3="agree"),
    "infinite": LIKERT.assign(q3=np.inf),
    "unknown": LIKERT.drop(columns="q3"),
    "no rows": LIKERT.head(0),
    "one row": LIKERT.head(1),
    "two rows": LIKERT.head(2),
    "a copy": LIKERT.assign(q3=LIKERT["q2"]),
    "a combination": LIKERT.assign(q3=LIKERT["q0"] + LIKERT["q1"]),
    "opposites": LIKERT.assign(q1=-LIKERT["q0"], q3=-LIKERT["q2"]),
    "negative": LIKERT.assign(q1=-LIKERT["q1"], q3=-LIKERT["q3"]),
    "never together": LIKERT.assign(
        q0=LIKERT["q0"].where(LIKERT.index < 30), q1=LIKERT["q1"].where(LIKERT.index >= 30)
    ),
    "fewer rows than items": LIKERT.head(3),
    "not a frame": [1, 2],
}


@pytest.mark.parametrize("name", ASKS)
@pytest.mark.parametrize("kind", BROKEN)
def test_no_trace_of_numpy_for_bad_items(kind: str, name: str) -> None:
    """An error of ours that says what is wrong, or a result; warnings are errors in this suite."""
    told = said_of(lambda: ASKS[name](BROKEN[kind]))
    if kind in ("wholly missing", "text", "infinite", "unknown", "no rows", "not a frame"):
        assert len(told) > 20


def said_of(ask: Callable[[], object]) -> str:
    """The message of our error, or "" where there is a result; any other error fails the test."""
    try:
        ask()
    except ResearchError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("a copy", "exact combination of the others: see q2, q3"),
        ("a combination", "exact combination of the others: see q0, q1, q3"),
        ("negative", "a negative alpha is no reliability"),
        ("negative", "are keyed against the other items"),
        ("opposites", "cancel out"),
        ("fewer rows than items", "too few for stable estimates"),
    ],
)
def test_what_can_be_computed_comes_with_a_note(kind: str, told: str) -> None:
    for ask in ("reliability", "guttman", "split_half"):
        assert told in ASKS[ask](BROKEN[kind]).loc["s", "note"], ask


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda d: research.reliability_intervals(d, SCALE, kind="bca"), "allowed: percentile"),
        (lambda d: research.reliability_intervals(d, SCALE, n_draws=5), "at least 100"),
        (lambda d: research.reliability_intervals(d, SCALE, level=95), "between 0 and 1"),
        (lambda d: research.split_half(d, SCALE, n_splits=3), "at least 100"),
        (lambda d: research.omega(d, SCALE["s"], 1, option="both"), "allowed: equal"),
        (lambda d: research.omega(d, SCALE["s"], 2, rotation="varimax"), "uncorrelated"),
        (lambda d: research.principal_components(d, 9, items=SCALE["s"]), "from 1 to the 4 items"),
        (lambda d: research.icc(d, SCALE["s"], level=2), "between 0 and 1"),
        (lambda d: research.efa(d, 1, items=SCALE["s"]).scores(method="mean"), "allowed: regression"),
    ],
)
def test_options_that_are_not_known_are_named(ask: object, told: str) -> None:
    with pytest.raises(OptionError, match=told):
        ask(LIKERT)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda d: research.ordinal_reliability(d.corr(), SCALE), "needs the answers"),
        (lambda d: research.icc(d.cov()), "ratings themselves"),
        (lambda d: research.icc(d, ["q0"]), "at least two raters"),
        (lambda d: research.icc(d, reverse=["x"]), "not among the raters"),
        (lambda d: research.retest_reliability(d, {"m": ["q0"]}), "two waves"),
        (lambda d: research.retest_reliability(d, {"m": "q0"}), "two waves"),
        (lambda d: research.retest_reliability(d, {}), "column at wave 1"),
        (lambda d: research.retest_reliability(d, {"m": ["q0", "qq"]}), "qq"),
        (lambda d: research.second_order_reliability(d, {"a": ["q0", "q1"], "b": ["q2"]}), "takes three"),
        (lambda d: research.normal_ogive(d, ["q0", "q1"]), "at least three items"),
        (lambda d: research.efa(d.corr(), 1, n_obs=60).scores(), "give the answers"),
        (lambda d: research.reliability(d, {"s": ["q0", "q1"], "t": ["q1", "q2"]}), "two constructs"),
    ],
)
def test_questions_without_an_answer_are_named(ask: object, told: str) -> None:
    with pytest.raises(DataError, match=told):
        ask(LIKERT)


def test_contradicting_correlations_are_smoothed_and_said() -> None:
    """Few rows with gaps: a pairwise matrix need not be positive definite."""
    rng = np.random.default_rng(11)
    data = parallel_items(24, 8, 3)
    data = data.mask(rng.random(data.shape) < 0.45)
    found = research.efa(data, 1, "minres", "none")
    assert any("contradict each other" in note for note in found.notes)
    assert np.linalg.eigvalsh(found.cor)[0] > 0
    close(np.diag(found.cor), np.ones(8), 1e-12)


def test_a_solution_sorted_for_print() -> None:
    found = research.efa(hs(), 3, items=[item for items in HS.values() for item in items])
    table = found.sorted(cut=0.3)
    assert set(table.index[:3]) == {"x4", "x5", "x6"}
    assert list(table.columns) == ["F1", "F2", "F3", "communality", "uniqueness", "complexity"]
    assert table.loc["x4", ["F2", "F3"]].isna().all()
    sizes = table["F1"].iloc[:3].to_numpy()
    assert (np.diff(sizes) <= 0).all()
    close(table["communality"] + table["uniqueness"], np.ones(9), 1e-12)


def test_ultra_heywood_is_told_from_heywood() -> None:
    cor = pd.DataFrame([[1, 0.7, 0.7], [0.7, 1, 0.4], [0.7, 0.4, 1]], index=list("abc"), columns=list("abc"))
    ultra = research.efa(cor, 1, "minres", "none", n_obs=100)
    assert any("Ultra-Heywood case: communality above 1 of a (1." in note for note in ultra.notes)
    with pytest.raises(DataError, match="no uniqueness"):
        ultra.score_weights("bartlett")
    exact = research.efa(cor, 1, "ml", "none", n_obs=100)
    assert any(note.startswith("Heywood case") for note in exact.notes)
