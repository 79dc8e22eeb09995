"""Comparisons of groups against R: the reference case, effectsize 0.8.3, its distributions; and by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import close, reference_case
from scipy import stats
from shared import shared
from small_survey import survey

import research
from research.errors import DataError, OptionError, ResearchError
from research.numerics.noncentral import chi2_noncentrality, f_noncentrality, t_noncentrality
from research.numerics.studentized_range import range_cdf, range_quantile
from research.responses.nouns import Responses, Source
from research.structure.group_comparison import GroupComparison


def iris() -> pd.DataFrame:
    return pd.read_csv(shared("reference/data/iris.csv"))


def service() -> pd.DataFrame:
    frame = pd.read_csv(shared("reference/data/svc_sim.csv"))
    loyalty = frame[[f"loy{i}" for i in range(1, 6)]].mean(axis=1)
    return frame.assign(loyalty=loyalty, gender=pd.Categorical(frame["gender"], [1, 0]))


def only(found: GroupComparison) -> pd.Series:
    assert len(found.tests) == 1
    return found.tests.iloc[0]


def htest(row: pd.Series, *parameters: str) -> dict[str, Any]:
    """A row as R's htest prints it; the case holds two empty fields without a name."""
    values = [row[name] for name in parameters]
    return {
        "statistic": row["statistic"],
        "parameter": values[0] if len(values) == 1 else values,
        "p.value": row["p"],
        "4": [],
        "5": [],
    }


def with_means(found: GroupComparison, paired: bool = False) -> dict[str, Any]:
    row = only(found)
    return {
        **htest(row, "df1"),
        "estimate": row["difference"] if paired else found.groups["mean"].tolist(),
        "conf.int": row[["difference_low", "difference_high"]].tolist(),
    }


def answers_409() -> dict[str, Any]:
    service_, iris_ = service(), iris()
    pooled = research.compare_groups(service_, "loyalty", "gender", variances="equal")
    classical = research.compare_groups(iris_, "Sepal.Length", "Species", variances="equal")
    between = classical.groups
    grand = iris_["Sepal.Length"].mean()
    ss = [
        float((between["n"] * (between["mean"] - grand) ** 2).sum()),
        float(((between["n"] - 1) * between["sd"] ** 2).sum()),
    ]
    row, after = only(classical), classical.post_hoc
    ranks = research.compare_groups(iris_, "Sepal.Length", "Species", test="kruskal")
    two = research.compare_groups(service_, "loyalty", "gender", test="mann_whitney")
    counts = only(research.compare_groups(service_, "gender", "channel"))
    return {
        "welch_t_gender": with_means(research.compare_groups(service_, "loyalty", "gender")),
        "pooled_t_gender": with_means(pooled),
        "paired_t": with_means(research.compare_paired(service_, "loy1", "loy5"), paired=True),
        "cohens_d": only(pooled)["value"],
        "anova": {
            "F": row["statistic"],
            "df": [row["df1"], row["df2"]],
            "ss": ss,
            "p": row["p"],
            "eta2": row["value"],
        },
        "welch_anova": htest(only(research.compare_groups(iris_, "Sepal.Length", "Species")), "df1", "df2"),
        "tukey": {
            "pair": [f"{b}-{a}" for a, b in zip(after["a"], after["b"], strict=True)],
            "diff": -after["difference"],
            "lwr": -after["high"],
            "upr": -after["low"],
            "p adj": after["p"],
        },
        "kruskal": htest(only(ranks), "df1"),
        "wilcox": {**htest(only(two), "df1"), "parameter": []},
        "levene_median": {"F": row["levene_f"], "p": row["levene_p"]},
        "chisq_channel_gender": htest(counts, "df1"),
        "cramers_v": counts["value"],
    }


def test_every_quantity_of_the_case() -> None:
    case = reference_case("409-group-tests")
    assert hold(case["expected"], answers_409(), float(case["tolerance"])) > 50


def hold(want: Any, got: Any, tolerance: float, path: str = "") -> int:
    """Compare everything that is expected; the count of numbers compared."""
    if isinstance(want, dict):
        missing = want.keys() - got.keys() - {"warnings"}
        assert not missing, f"{path}: nothing answers {missing}"
        return sum(hold(want[key], got[key], tolerance, f"{path}/{key}") for key in want if key != "warnings")
    flat = np.asarray(want).ravel()
    if not flat.size:
        return 0
    if flat.dtype.kind in "US":
        assert list(np.asarray(got).ravel()) == list(flat), path
        return flat.size
    close(np.asarray(got, dtype=float), np.asarray(want, dtype=float), tolerance)
    if "p" in path.rsplit("/", 1)[-1].split(" ")[0].split(".")[0].split("_") and flat.min() > 1e-12:
        np.testing.assert_allclose(np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=1e-6)
    return flat.size


# R 4.2.2, effectsize 0.8.3, two-sided 95 % intervals of the same data.
EFFECTSIZE = {
    ("loyalty", "equal"): {
        "cohens_d": (-0.070876827285, -0.231078403143, 0.0893839617868),
        "hedges_g": (-0.0707878915637, -0.230788447663, 0.0892718034494),
    },
    ("loyalty", "unequal"): {"cohens_d": (-0.0708160319923, -0.231154660581, 0.0895827121364)},
}


@pytest.mark.parametrize(("outcome", "variances"), EFFECTSIZE)
def test_standardized_differences_equal_effectsize(outcome: str, variances: str) -> None:
    found = research.compare_groups(service(), outcome, "gender", variances=variances)
    table = found.effects.set_index("effect")
    for effect, numbers in EFFECTSIZE[outcome, variances].items():
        assert table.loc[effect, ["value", "low", "high"]].tolist() == pytest.approx(numbers, abs=5e-8)


def test_other_effect_sizes_equal_effectsize() -> None:
    paired = only(research.compare_paired(service(), "loy1", "loy5"))
    assert paired[["value", "low", "high"]].tolist() == pytest.approx(
        [0.54108132893, 0.455204324066, 0.626561492345], abs=5e-8
    )
    two = only(research.compare_groups(service(), "loyalty", "gender", test="mann_whitney"))
    assert two[["value", "low", "high"]].tolist() == pytest.approx(
        [-0.0442942859369, -0.136032257965, 0.0481968331521], abs=1e-10
    )
    cars = pd.read_csv(shared("reference/data/mtcars.csv"))
    counts = only(research.compare_groups(cars, "gear", "cyl", kind="category"))
    assert counts[["value", "low", "high"]].tolist() == pytest.approx(
        [0.530865502569, 0.218305640416, 0.738315134794], abs=5e-7
    )
    effects = research.compare_groups(iris(), "Sepal.Length", "Species", variances="equal").effects
    values = effects.set_index("effect")["value"]
    want = {"eta2": 0.618705730738, "omega2": 0.611930803887, "epsilon2": 0.613518053606}
    assert values.to_dict() == pytest.approx(want, abs=1e-11)
    ranks = only(research.compare_groups(iris(), "Sepal.Length", "Species", test="kruskal"))
    assert ranks["value"] == pytest.approx(0.650586818796, abs=1e-11)
    assert ranks["low"] < ranks["value"] < ranks["high"]


def test_matched_ranks_are_of_the_differences_that_are_not_zero() -> None:
    """By hand: differences 2, -1, 3, 0, 4 have signed ranks 2, -1, 3, 4, so r = (9 - 1) / 10."""
    data = pd.DataFrame({"a": [3.0, 1, 5, 2, 6], "b": [1.0, 2, 2, 2, 2]})
    row = only(research.compare_paired(data, "a", "b", test="wilcoxon"))
    assert row["value"] == pytest.approx(0.8)
    se = math.sqrt((2 * 64 + 3 * 16 + 4) / 6) / 10
    low, high = (math.tanh(math.atanh(0.8) + sign * stats.norm.ppf(0.975) * se) for sign in (-1, 1))
    assert row[["low", "high"]].tolist() == pytest.approx([low, high], abs=1e-12)


def test_limits_of_noncentrality_equal_r() -> None:
    """uniroot on pt, pf and pchisq of R 4.2.2; what is found puts the statistic at its quantiles."""
    assert t_noncentrality(2.0, 18)[0] == pytest.approx(-0.0894090915802, abs=1e-8)
    assert f_noncentrality(119.264502184505, 2, 147) == pytest.approx(
        (162.701403811, 325.339578552), rel=1e-8
    )
    for delta, at in zip(t_noncentrality(-3.3, 7.5, 0.9), (0.95, 0.05), strict=True):
        assert stats.nct.cdf(-3.3, 7.5, delta) == pytest.approx(at, abs=1e-9)
    assert chi2_noncentrality(1.378, 2)[0] == 0
    assert f_noncentrality(0.4, 3, 20)[0] == 0
    assert all(math.isnan(limit) for limit in (*t_noncentrality(math.inf, 5), *f_noncentrality(2, 0, 5)))


def test_the_studentized_range_equals_scipy_and_r() -> None:
    """qtukey of R 4.2.2 to its own precision (1e-7), scipy's adaptive integral to 1e-9."""
    for k, df, q in ((3, 10, 3.876776749), (4, 20.5, 3.949873272), (2, 3, 4.500658726), (3, 2, 8.330782551)):
        assert range_quantile(0.95, k, df) == pytest.approx(q, abs=2e-7)
    for q, k, df in ((3.3, 3, 86.5), (2.0, 5, 1.5), (4.4, 10, 5000.0)):
        assert range_cdf(q, k, df) == pytest.approx(stats.studentized_range.cdf(q, k, df), abs=1e-9)


def test_games_howell_is_welch_on_the_range_of_three() -> None:
    """A pair's t and df are those of Welch's test; its p is that of the range of three."""
    found = research.compare_groups(iris(), "Sepal.Width", "Species").post_hoc
    two = iris()[iris()["Species"] != "setosa"]
    welch = only(research.compare_groups(two, "Sepal.Width", "Species"))
    pair = found.iloc[2]
    assert (pair["method"], pair["a"], pair["b"]) == ("games_howell", "versicolor", "virginica")
    assert pair["statistic"] == pytest.approx(welch["statistic"], rel=1e-12)
    assert pair["df"] == pytest.approx(welch["df1"], rel=1e-12)
    p = stats.studentized_range.sf(abs(pair["statistic"]) * np.sqrt(2), 3, pair["df"])
    assert pair["p"] == pytest.approx(p, rel=1e-6)
    assert range_cdf(
        (pair["high"] - pair["difference"]) / pair["se"] * np.sqrt(2), 3, pair["df"]
    ) == pytest.approx(0.95, abs=1e-8)


def test_dunn_by_hand() -> None:
    """Ranks 1.5, 1.5, 3 | 4, 5.5 | 5.5, 7, 8: N = 8, ties 2 (2^3 - 2); sigma^2 = 6 - 12/84."""
    data = pd.DataFrame({"x": [1.0, 1, 2, 3, 4, 4, 5, 6], "g": list("aaabbccc")})
    found = research.compare_groups(data, "x", "g", test="kruskal").post_hoc.iloc[1]
    assert (found["a"], found["b"]) == ("a", "c")
    assert found["difference"] == pytest.approx(2 - 20.5 / 3)
    z = (2 - 20.5 / 3) / math.sqrt((6 - 12 / 84) * 2 / 3)
    assert found["statistic"] == pytest.approx(z, rel=1e-12)
    assert found["p"] == pytest.approx(3 * 2 * stats.norm.sf(abs(z)), rel=1e-9)


@pytest.mark.parametrize(
    ("data", "options", "test", "reason"),
    [
        ({"x": [1.0, 2, 3, 4, 5, 7]}, {}, "welch", "unequal"),
        ({"x": [1.0, 2, 3, 4, 5, 7]}, {"variances": "equal"}, "t", "equal"),
        ({"x": [1.0, 2, 3, 4, 5, 7]}, {"variances": "levene"}, "t", "levene_equal"),
        ({"x": [1.0, 2, 3, 4, 5, 7], "g": list("aabbcc")}, {}, "welch_anova", "unequal"),
        ({"x": [1.0, 1, 3, 4, 5, 7], "g": list("aabbcc")}, {}, "kruskal", "no_variance"),
        ({"x": [1.0, 2, 3, 4, 5, 7]}, {"kind": "ordinal"}, "mann_whitney", "ordinal_two"),
        ({"x": pd.Categorical(list("LMHHML"), list("LMH"), ordered=True)}, {}, "mann_whitney", "ordinal_two"),
        ({"x": [0, 1, 0, 1, 1, 1]}, {}, "fisher", "few_expected"),
        ({"x": list("uvwuvw")}, {}, "chi_square", "categories"),
        ({"x": [True, False, True, True, True, False]}, {}, "fisher", "few_expected"),
        ({"x": [1.0, 1, 1, 5, 5, 5]}, {"kind": "number"}, "mann_whitney", "no_variance"),
    ],
)
def test_the_test_suits_the_answers(data: Any, options: Any, test: str, reason: str) -> None:
    frame = pd.DataFrame({"g": list("aaabbb"), **data})
    found = research.compare_groups(frame, "x", "g", **options)
    assert found.tests[["test", "reason"]].iloc[0].tolist() == [test, reason]
    assert found.reasons("en")[0].endswith(".")
    assert found.reasons("zh")[0].endswith("。")


def test_levenes_test_decides_where_asked() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame(
        {"x": np.r_[rng.normal(size=40), 9 * rng.normal(size=40)], "g": ["a"] * 40 + ["b"] * 40}
    )
    row = only(research.compare_groups(data, "x", "g", variances="levene"))
    assert (row["test"], row["reason"]) == ("welch", "levene_unequal")
    assert row["levene_p"] == pytest.approx(stats.levene(data["x"][:40], data["x"][40:]).pvalue, rel=1e-10)


def test_fishers_exact_test_equals_r() -> None:
    """fisher.test(matrix(c(3, 1, 2, 9), 2)): p = 0.0769230769."""
    data = pd.DataFrame({"g": ["a"] * 5 + ["b"] * 10, "x": list("uuuvv") + ["u"] + ["v"] * 9})
    row = only(research.compare_groups(data, "x", "g"))
    assert (row["test"], row["p"]) == ("fisher", pytest.approx(0.0769230769, abs=1e-10))
    assert math.isnan(row["statistic"])


def test_adjusted_residuals_are_those_of_scipys_table() -> None:
    found = research.compare_groups(service(), "gender", "channel").groups
    table = pd.crosstab(service()["channel"], service()["gender"].astype(str))
    n, expected = table.to_numpy().sum(), stats.contingency.expected_freq(table)
    share = table.to_numpy().sum(axis=1, keepdims=True) / n, table.to_numpy().sum(axis=0, keepdims=True) / n
    want = (table.to_numpy() - expected) / np.sqrt(expected * (1 - share[0]) * (1 - share[1]))
    assert found["answer"].tolist()[:2] == ["1", "0"]
    close(found["residual"].to_numpy().reshape(3, 2), want[:, ::-1], 1e-12)


def test_several_outcomes_are_adjusted_together() -> None:
    found = research.compare_groups(iris(), ["Sepal.Length", "Sepal.Width"], "Species").tests
    assert found["p_holm"].tolist() == pytest.approx([2 * found["p"].min(), found["p"].max()], rel=1e-12)


def test_the_order_of_rows_and_the_names_of_groups_do_not_matter() -> None:
    data = service()
    plain = only(research.compare_groups(data, "loyalty", "channel"))
    shuffled = data.sample(frac=1, random_state=3).assign(
        channel=lambda d: d["channel"].map(lambda c: f"z{c}")
    )
    other = only(research.compare_groups(shuffled, "loyalty", "channel"))
    columns = ["statistic", "p", "value", "low", "high"]
    assert plain[columns].tolist() == pytest.approx(other[columns].tolist(), rel=1e-9)


def bad(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"x": [1.0, 2, 3, 4, 6, 9], "g": list("aaabbb"), **columns})


@pytest.mark.parametrize(
    ("data", "options", "told"),
    [
        (
            bad(g=list("aaaabb")).assign(g=lambda d: d["g"].mask(d.index == 5, "c")),
            {},
            "'b' of 'g' has one row",
        ),
        (bad(g="a"), {}, "one group .a."),
        (bad(x=3.0), {}, r"'x' is constant \(3\)"),
        (bad(x="u"), {}, r"'x' is constant \(u\)"),
        (bad(x=np.nan), {}, "no row has an answer"),
        (bad(), {"outcome": "y"}, "no column 'y'"),
        (bad(), {"group": "h"}, "no column 'h'"),
        (bad(x=[1.0, np.inf, 2, 3, 4, 5]), {}, "infinite"),
        (bad(x=list("uvwuvw")), {"kind": "number"}, "holds text"),
        (bad(x=[1e150, 2, 3, 4, 5, 6]), {}, "another unit"),
        (bad(x=[1e-150, 2e-150, 0, 3e-150, 1e-150, 0]), {}, "only 3e-150 apart; give it in another unit"),
        (bad(g=range(6)), {}, "has one row"),
        (pd.DataFrame({"x": np.arange(99.0), "g": np.arange(99)}), {}, "99 different values"),
        (bad(x=[1.0, 1, 1, 5, 5, 5]), {"kind": "number", "test": "t"}, "does not vary within any group"),
        (
            bad(x=[1.0, 1, 2, 3, 4, 5], g=list("aabbcc")),
            {"test": "welch_anova"},
            "does not vary in group 'a'",
        ),
    ],
)
def test_bad_data_are_named(data: pd.DataFrame, options: dict[str, Any], told: str) -> None:
    options = {"outcome": "x", "group": "g", **options}
    with pytest.raises(DataError, match=told):
        research.compare_groups(data, **options)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"test": "welsh"}, "Did you mean welch"),
        ({"variances": "levine"}, "Did you mean levene"),
        ({"kind": "numbers"}, "Did you mean number"),
        ({"post_hoc": "tuckey"}, "Did you mean tukey"),
        ({"level": 95}, "probability"),
        ({"test": "chi_square"}, "compares categories"),
        ({"test": "paired"}, "compare_paired"),
        ({"test": "t", "group": "h"}, "compares two groups"),
        ({"kind": "category", "test": "t"}, "kind 'category'"),
        ({"kind": "category", "test": "fisher"}, "two by two|two groups and two answers"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], told: str) -> None:
    data = bad(h=list("aabbcc"))
    with pytest.raises(OptionError, match=told):
        research.compare_groups(data, "x", **{"group": "g", **options})


def test_pairs_that_cannot_be_compared_are_said() -> None:
    with pytest.raises(DataError, match="same amount"):
        research.compare_paired(bad(y=bad()["x"] + 1), "x", "y")
    with pytest.raises(DataError, match="two are needed"):
        research.compare_paired(bad(y=[1.0, *[np.nan] * 5]), "x", "y")
    with pytest.raises(OptionError, match="paired tests go together"):
        research.compare_paired(bad(y=[3.0, 1, 2, 2, 4, 4]), "x", "y", test="t")
    with pytest.raises(ResearchError, match="no column 'z'"):
        research.compare_paired(bad(), "x", "z")


def test_missing_rows_are_counted() -> None:
    found = research.compare_groups(bad(x=[1.0, 2, np.nan, 4, 6, 9]), "x", "g")
    assert found.notes == ("x by g: 1 of 6 rows miss the answer or the group.",)
    assert only(found)["n"] == 5
    paired = research.compare_paired(bad(y=[3.0, np.nan, 2, 2, 4, 4]), "x", "y")
    assert paired.notes == ("x and y: 1 of 6 rows miss one of the two.",)


def responses() -> Responses:
    rng = np.random.default_rng(2)
    n = 60
    frame = pd.DataFrame(
        rng.integers(1, 6, (n, 5)).astype(float), columns=["TR1", "TR2", "TR3", "LO1", "LO2"]
    )
    frame["gender"] = [*rng.choice(["f", "m"], n - 1), None]
    frame["uses_pay"] = rng.integers(0, 2, n).astype(float)
    return Responses(frame, survey(), Source("", "", "csv"), rows=tuple(range(2, n + 2)))


def test_every_construct_by_every_question() -> None:
    found = research.group_differences(responses())
    assert found.tests[["outcome", "group", "test"]].to_numpy().tolist() == [
        ["trust", "gender", "welch"],
        ["loyalty", "gender", "welch"],
    ]
    assert found.notes == ("gender: 1 of 60 rows miss the score or the group, depending on the construct.",)
    assert found.groups["level"].tolist() == ["f", "m", "f", "m"]
    scores = responses().frame[["LO1", "LO2"]].mean(axis=1)
    x, y = (scores[(responses().frame["gender"] == one).to_numpy(dtype=bool)] for one in "fm")
    assert found.tests["p"].iloc[1] == pytest.approx(stats.ttest_ind(x, y, equal_var=False).pvalue, rel=1e-10)
    both = research.group_differences(responses(), by=["gender", "uses_pay"], constructs=["loyalty"])
    assert both.tests["p_holm"].tolist() == both.tests["p"].tolist()
    single = research.compare_groups(responses(), ["LO1", "gender"], "uses_pay").tests
    assert single["kind"].tolist() == ["ordinal", "category"]


def test_a_group_of_one_respondent_is_left_out_and_said() -> None:
    given = responses()
    frame = given.frame.assign(gender=["f"] * 30 + ["m"] * 29 + ["x"])
    found = research.group_differences(Responses(frame, given.questionnaire, given.source))
    assert found.notes[0] == "gender: group 'x' is left out, it has one row only."
    assert set(found.groups["level"]) == {"f", "m"}
    constant = given.frame.assign(TR1=3.0, TR2=3.0, TR3=3.0)
    told = research.group_differences(Responses(constant, given.questionnaire, given.source)).failures
    assert told[0][:2] == ("trust", "gender")
    assert "constant" in told[0][2]
    with pytest.raises(DataError, match="compare_groups"):
        research.group_differences(frame)
