"""Net promoter score, index from 0 to 100, importance and performance, coded answers: by hand and planted."""

from __future__ import annotations

from functools import cache
from typing import Any

import ecsi
import numpy as np
import pandas as pd
import pytest

import research
from research.errors import DataError, ModelError, OptionError, ResearchError
from research.numerics.shares import balance_score_interval
from research.responses.nouns import Responses, Source

ECSI = """Satisfaction =~ CUSA1 + CUSA2 + CUSA3
Loyalty =~ CUSL1 + CUSL2 + CUSL3
Quality =~ IMAG1 + IMAG2 + IMAG3 + IMAG4
"""
PATHS = ECSI + "Satisfaction ~ Quality\nLoyalty ~ Satisfaction + Quality"


@cache
def answers() -> Responses:
    frame = ecsi.answers()[[item.id for item in ecsi.questionnaire().items]].astype(float)
    frame["town"] = np.array(["Trier", "Bonn"])[np.arange(len(frame)) % 2]
    return Responses(frame, ecsi.questionnaire(), Source("", "", "csv"))


# --- net promoter score


def test_the_score_and_its_standard_error_by_hand() -> None:
    found = research.nps([10] * 40 + [8] * 35 + [2] * 25, interval="delta").scores.iloc[0]
    assert (found["promoters"], found["passives"], found["detractors"]) == (40, 35, 25)
    assert found["nps"] == pytest.approx(15)
    se = 100 * np.sqrt((0.40 + 0.25 - 0.15**2) / 100)
    assert found["se"] == pytest.approx(se)
    assert [found["low"], found["high"]] == pytest.approx([15 - 1.959964 * se, 15 + 1.959964 * se], abs=1e-4)


@pytest.mark.parametrize(
    ("up", "down", "n"), [(40, 25, 100), (5, 0, 12), (0, 3, 9), (7, 7, 14), (120, 2, 130)]
)
def test_the_score_interval_ends_where_the_test_begins_to_reject(up: int, down: int, n: int) -> None:
    """At each limit the score statistic, with the nuisance share found by search, is the normal quantile."""
    from scipy.optimize import minimize_scalar

    for limit in balance_score_interval(up, down, n):
        if abs(limit) == 1:
            continue
        rest = n - up - down

        def minus_loglik(q: float, d: float = limit, rest: int = rest) -> float:
            p = (q + d, q, 1 - 2 * q - d)
            terms = zip((up, down, rest), p, strict=True)
            return -sum(c * np.log(max(x, 1e-300)) for c, x in terms if c)

        bounds = (max(0.0, -limit), (1 - limit) / 2)
        q = minimize_scalar(minus_loglik, bounds=bounds, method="bounded", options={"xatol": 1e-13}).x
        z = (up - down - n * limit) / np.sqrt(n * (2 * q + limit - limit**2))
        assert abs(z) == pytest.approx(1.959964, abs=2e-4)


def test_the_score_interval_covers_and_the_bootstrap_is_near_it() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        up, down, _rest = rng.multinomial(60, [0.75, 0.1, 0.15])
        low, high = balance_score_interval(up, down, 60)
        covered += low <= 0.65 <= high
    assert 0.925 <= covered / 400 <= 0.98
    values = [10] * 200 + [8] * 120 + [3] * 90
    ends = [
        research.nps(values, interval=kind).scores[["low", "high"]].to_numpy()
        for kind in ("score", "bootstrap")
    ]
    assert ends[0] == pytest.approx(ends[1], abs=1.0)


def test_groups_are_compared() -> None:
    frame = pd.DataFrame({"x": [10] * 60 + [2] * 20 + [10] * 30 + [2] * 50, "g": ["a"] * 80 + ["b"] * 80})
    found = research.nps(frame, "x", group="g")
    assert found.scores["nps"].tolist() == pytest.approx([12.5, 50, -25])
    pair = found.pairs.iloc[0]
    assert pair["difference"] == pytest.approx(75)
    assert found.test["chisq"] == pytest.approx(pair["z"] ** 2)
    assert found.test["p"] == pytest.approx(pair["p"])


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        ([1, 2, 11], {}, "holds 11; .* 0 to 10"),
        ([1, 2, -1], {}, "holds -1"),
        ([1, 5, 7, 3], {}, "scale of 7 points"),
        (["9", "x"], {}, "holds text"),
        ([np.nan, np.nan], {}, "no value"),
        ([], {}, "no rows"),
        ([9, 10], {"interval": "wald"}, "'wald' is not known"),
        ([9, 10], {"promoter": 5, "detractor": 6}, "not below"),
        ([9, 10], {"level": 1.5}, "level=1.5"),
        ([[9, 10], [1, 2]], {}, "flat list"),
    ],
)
def test_bad_answers_to_the_recommendation_are_named(
    values: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises((DataError, OptionError), match=words):
        research.nps(values, **options)


def test_bad_groups_of_the_recommendation_are_named() -> None:
    frame = pd.DataFrame({"x": [9, 10, 3], "g": "a"})
    with pytest.raises(DataError, match="one group only, 'a'"):
        research.nps(frame, "x", group="g")
    with pytest.raises(OptionError, match="name the column"):
        research.nps(frame)
    flat = research.nps(pd.DataFrame({"x": [9, 10, 3, 9], "g": list("aabb")}), "x", group="g")
    assert flat.test == {}
    assert any("of one kind" in note for note in flat.notes)
    own = research.nps([7, 6, 3, 1], promoter=6, detractor=4)
    assert own.scores["nps"].iloc[0] == 0


# --- index


def test_an_equal_index_is_the_mean_score_on_a_hundred() -> None:
    found = research.index(answers(), "Satisfaction", "equal")
    mean = answers().frame[["CUSA1", "CUSA2", "CUSA3"]].to_numpy().mean()
    assert found.scores["index"].iloc[0] == pytest.approx(100 * (mean - 1) / 9)
    assert found.items["share"].tolist() == pytest.approx([1 / 3] * 3)


def test_the_models_weights_are_those_of_the_formula() -> None:
    """Fornell et al. (1996) with weights loading / residual variance, which a one-factor score has."""
    fit = research.cfa("Satisfaction =~ CUSA1 + CUSA2 + CUSA3", answers())
    tidy = fit.tidy()
    loading = tidy.loc[tidy["op"] == "=~", "estimate"].to_numpy()
    residual = np.array(
        [
            tidy.query("op == '~~' and lhs == rhs and lhs == @item")["estimate"].iloc[0]
            for item in ("CUSA1", "CUSA2", "CUSA3")
        ]
    )
    w = loading / residual
    means = answers().frame[["CUSA1", "CUSA2", "CUSA3"]].mean().to_numpy()
    expected = 100 * (w @ means - w.sum()) / (9 * w.sum())
    for found in (
        research.index(answers(), "Satisfaction"),
        research.index(answers(), "Satisfaction", fit=fit),
        research.index(fit, "Satisfaction", scale=(1, 10)),
    ):
        assert found.scores["index"].iloc[0] == pytest.approx(expected, abs=1e-6)
    loadings = research.index(answers(), "Satisfaction", "loadings", fit=fit)
    assert loadings.items["weight"].tolist() == pytest.approx(loading)
    scores = found.scores.iloc[0]
    assert scores["high"] - scores["low"] == pytest.approx(2 * 1.96 * scores["se"], rel=0.08)


def test_groups_that_differ_are_told_apart() -> None:
    frame = answers().frame.copy()
    items = ["CUSL1", "CUSL2", "CUSL3"]
    frame.loc[frame["town"] == "Bonn", items] = (frame.loc[frame["town"] == "Bonn", items] - 2).clip(lower=1)
    moved = Responses(frame, answers().questionnaire, answers().source)
    found = research.index(moved, "Loyalty", "equal", group="town")
    by = found.scores.set_index("group")["index"]
    assert by["Trier"] - by["Bonn"] > 10
    assert found.test["p"] < 0.001
    assert found.pairs["p_holm"].iloc[0] == pytest.approx(found.test["p"])


def test_the_index_refuses_what_it_cannot_weigh() -> None:
    frame = answers().frame
    cases: list[tuple[type[ResearchError], str, dict[str, Any]]] = [
        (DataError, "no construct 'Loyality'.*Did you mean Loyalty", {"construct": "Loyality"}),
        (ModelError, "not identified by 2 items", {"construct": "Value"}),
        (OptionError, "'pls' is not known", {"weights": "pls"}),
        (DataError, "no column 'city'", {"group": "city", "weights": "equal"}),
        (OptionError, "draws=5", {"draws": 5, "weights": "equal"}),
    ]
    for kind, words, options in cases:
        with pytest.raises(kind, match=words):
            research.index(answers(), **{"construct": "Loyalty", **options})
    fit = research.cfa(ECSI, frame)
    with pytest.raises(DataError, match=r"give its ends: scale=\(1, 7\)"):
        research.index(frame, "Loyalty", fit=fit)
    with pytest.raises(DataError, match=r"beyond its scale of 1 to 5"):
        research.index(frame, "Loyalty", fit=fit, scale=(1, 5))
    with pytest.raises(OptionError, match="which items measure"):
        research.index(frame, "Loyalty")
    turned = frame.assign(CUSL1=11 - frame["CUSL1"])
    with pytest.raises(ModelError, match="not above 0"):
        research.index(turned, "Loyalty", fit=research.cfa(ECSI, turned), scale=(1, 10))
    gone = frame.assign(CUSL2=np.nan)
    with pytest.raises(DataError, match="no row has an answer to all items"):
        research.index(gone, "Loyalty", "equal", fit=fit, scale=(1, 10))


# --- the map of importance against performance


def test_importance_is_the_total_effect_in_points_of_the_index() -> None:
    fit = research.sem(PATHS, answers())
    found = research.importance_performance(fit, answers(), "Loyalty", metric="standardized", draws=500)
    std = fit.tidy().query("op == '~'").set_index(["lhs", "rhs"])["std_all"]
    quality = std["Loyalty", "Quality"] + std["Loyalty", "Satisfaction"] * std["Satisfaction", "Quality"]
    frame = found.frame.set_index("name")
    assert frame.loc["Quality", "importance"] == pytest.approx(quality)
    assert frame.loc["Satisfaction", "importance"] == pytest.approx(std["Loyalty", "Satisfaction"])
    assert frame.loc["Quality", "low"] < quality < frame.loc["Quality", "high"]
    own = research.index(answers(), "Quality", fit=fit)
    assert frame.loc["Quality", "performance"] == pytest.approx(own.scores["index"].iloc[0])
    assert frame.loc["IMAG1", "importance"] == pytest.approx(quality * own.items["share"].iloc[0])


def test_units_of_the_items_and_markers_do_not_matter() -> None:
    """The same answers on 0-90 and with another marker: the same points of index for a point of index."""
    fit = research.sem(PATHS, answers())
    found = research.importance_performance(fit, answers(), "Loyalty", draws=100)
    wide = answers().frame.drop(columns="town") * 10 - 10
    text = PATHS.replace("IMAG1 + IMAG2 + IMAG3", "IMAG3 + IMAG2 + IMAG1")
    other = research.importance_performance(
        research.sem(text, wide), wide, "Loyalty", scale=(0, 90), draws=100
    )
    left = found.frame[found.frame["level"] == "construct"].set_index("name")
    right = other.frame[other.frame["level"] == "construct"].set_index("name")
    for column in ("importance", "performance"):
        assert right.loc[left.index, column].tolist() == pytest.approx(left[column].tolist(), rel=1e-4)


def test_a_regression_on_scores_gives_points_and_quadrants() -> None:
    rng = np.random.default_rng(5)
    good = rng.uniform(5, 7, 400).round()
    bad = rng.uniform(1, 4, 400).round()
    frame = pd.DataFrame({"strong": bad, "weak": good, "fair": rng.integers(3, 6, 400).astype(float)})
    frame["y"] = 0.9 * frame["strong"] + 0.05 * frame["weak"] + 0.3 * frame["fair"] + rng.normal(0, 0.3, 400)
    frame["y"] = frame["y"].clip(1, 7)
    fit = research.regress("y ~ strong + weak + fair", frame)
    found = research.importance_performance(fit, frame, "y", scale=(1, 7))
    rows = found.frame.set_index("name")
    b = fit.tidy().set_index("term")["estimate"]
    assert rows.loc["strong", "importance"] == pytest.approx(b["strong"])
    assert rows.loc["strong", "quadrant"] == "concentrate here"
    assert rows.loc["weak", "quadrant"] == "possible overkill"
    assert rows.loc["weak", "performance"] == pytest.approx(100 * (frame["weak"].mean() - 1) / 6)
    median = research.importance_performance(
        fit, frame, "y", scale=(1, 7), line="median", metric="standardized"
    )
    assert median.lines["construct"][0] == pytest.approx(median.frame["importance"].median())


def test_the_map_refuses_what_has_no_place_on_it() -> None:
    fit = research.sem(PATHS, answers())
    frame = answers().frame
    with pytest.raises(ModelError, match=r"no path of the model speaks of 'Loyality'.*Loyalty"):
        research.importance_performance(fit, answers(), "Loyality")
    with pytest.raises(ModelError, match="no path of the model leads to 'Quality'"):
        research.importance_performance(fit, answers(), "Quality")
    with pytest.raises(DataError, match="give its ends"):
        research.importance_performance(fit, frame, "Loyalty")
    with pytest.raises(ModelError, match="several groups"):
        research.importance_performance(research.sem(PATHS, answers(), group="town"), answers(), "Loyalty")
    logit = research.regress("y ~ CUSA1", frame.assign(y=(frame["CUSL1"] > 8).astype(float)), "logit")
    with pytest.raises(OptionError, match="family='logit'"):
        research.importance_performance(logit, frame, "y", scale=(1, 10))
    with pytest.raises(OptionError, match="not of 'Loyalty'"):
        research.importance_performance(research.regress("CUSL1 ~ CUSA1", frame), frame, "Loyalty")


# --- coded answers


def test_codes_are_counted_in_columns_and_in_texts() -> None:
    texts = pd.DataFrame(
        {"why": ["price; service", "price；price", None, "service;", "data"], "g": list("aabbb")}
    )
    found = research.count_codes(texts, "why", group="g")
    counts = found.counts.set_index("code")
    assert counts["n"].to_dict() == {"price": 2, "service": 2, "data": 1}
    assert (found.n_respondents, found.n_mentions) == (4, 5)
    assert counts.loc["price", "share"] == pytest.approx(0.5)
    assert counts["cumulative"].iloc[-1] == pytest.approx(1)
    marks = pd.DataFrame({"why_price": [1, 1, np.nan, 0, 0], "why_service": [1, 0, np.nan, 1, 0],
                          "why_data": [0, 0, np.nan, 0, 1], "g": list("aabbb")})  # fmt: skip
    same = research.count_codes(marks, "why", group="g")
    pd.testing.assert_frame_equal(same.counts, found.counts)
    pd.testing.assert_frame_equal(same.tests, found.tests)
    assert any("expected count below 5" in note for note in found.notes)


def test_a_planted_difference_of_reasons_is_found() -> None:
    rng = np.random.default_rng(2)
    group = np.repeat(["old", "young"], 300)
    price = (rng.random(600) < np.where(group == "old", 0.3, 0.6)).astype(float)
    frame = pd.DataFrame({"r_price": price, "r_data": (rng.random(600) < 0.4).astype(float), "age": group})
    found = research.count_codes(frame, "r", group="age")
    p = found.tests.set_index("code")["p_holm"]
    assert p["price"] < 1e-5
    assert p["data"] > 0.05


@pytest.mark.parametrize(
    ("frame", "question", "options", "words"),
    [
        (pd.DataFrame({"why": ["a"]}), "whi", {}, "no column 'whi'.*Did you mean why"),
        (pd.DataFrame({"why": [None, " "]}), "why", {}, "nobody answered 'why'"),
        (pd.DataFrame({"w_a": [1, 2]}), "w", {}, "'w_a' holds 2 in row 2"),
        (pd.DataFrame({"w_a": ["x", "y"]}), "w", {}, "holds text"),
        (pd.DataFrame({"w_a": [np.nan, np.nan]}), "w", {}, "nobody answered"),
        (pd.DataFrame({"why": ["a", "b"], "g": ["x", "x"]}), "why", {"group": "g"}, "one group only"),
    ],
)
def test_bad_codes_are_named(frame: pd.DataFrame, question: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises((DataError, OptionError), match=words):
        research.count_codes(frame, question, **options)
