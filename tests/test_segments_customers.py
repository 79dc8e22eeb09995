"""Purchases: dates of many forms, recency, retention, lifetime value, core customers, simulation."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import research
from research.errors import DataError, OptionError
from research.segments.rfm import RULES, SEGMENTS
from research.segments.transactions import one_day, read_purchases

QUESTIONNAIRES = Path(__file__).parents[1] / "questionnaires"


def sales(dates: list[Any], **columns: Any) -> pd.DataFrame:
    n = len(dates)
    return pd.DataFrame(
        {"customer": [f"k{i % 3}" for i in range(n)], "date": dates, "amount": 10.0, **columns}
    )


FIFTH = pd.Timestamp("2024-03-05")


@pytest.mark.parametrize(
    "date",
    [
        "2024-03-05", "2024/3/5", "2024.03.05", "20240305", 20240305, "2024年3月5日", "2024-03-05 13:45",
        "2024-03-05T13:45:10Z", " 2024-3-5 ", datetime.date(2024, 3, 5), datetime.datetime(2024, 3, 5, 9),
        FIFTH, np.datetime64("2024-03-05"),
    ],
)  # fmt: skip
def test_a_date_is_read_in_any_form(date: Any) -> None:
    assert one_day(date, "today") == FIFTH
    assert read_purchases(sales([date, date])).frame["date"].tolist() == [FIFTH, FIFTH]


def test_day_and_month_are_told_apart_by_a_row_or_by_the_option() -> None:
    assert read_purchases(sales(["5/3/2024", "13/3/2024"])).frame["date"].iloc[0] == FIFTH
    assert read_purchases(sales(["3/5/2024", "3/13/2024"])).frame["date"].iloc[0] == FIFTH
    assert read_purchases(sales(["5.3.2024"]), day_first=True).frame["date"].iloc[0] == FIFTH
    assert read_purchases(sales(["3-5-2024"]), day_first=False).frame["date"].iloc[0] == FIFTH
    zoned = pd.Series(pd.to_datetime(["2024-03-05 10:00"])).dt.tz_localize("Asia/Shanghai")
    assert read_purchases(sales(zoned)).frame["date"].iloc[0] == FIFTH


@pytest.mark.parametrize(
    ("frame", "options", "words"),
    [
        (sales(["5/3/2024", "6/3/2024"]), {}, "day_first=True or False"),
        (sales(["13/3/2024", "3/13/2024"]), {}, "mixes two orders"),
        (sales(["13/3/2024"]), {"day_first": False}, "day_first=False, but"),
        (sales(["2024-02-30"]), {}, "no day of the calendar"),
        (sales(["2024-01-01", "soon"]), {}, "'soon' in row 2, which is no date"),
        (sales([45356]), {}, "spreadsheet"),
        (sales(["2024-01-01", None]), {}, "'date' is empty in row 2"),
        (sales(pd.to_datetime(pd.Series(["2024-01-01", None]))), {}, "'date' is empty in row 2"),
        (sales(["2024-01-01"], customer=[None]), {}, "'customer' is empty in row 1"),
        (sales(["2024-01-01", "2024-01-02"], amount=[5.0, -2.0]), {}, "-2 in row 2 .*negative='net'"),
        (sales(["2024-01-01"], amount=[np.nan]), {}, "'amount' is empty in row 1"),
        (sales(["2024-01-01"], amount=["ten"]), {}, "'amount' holds text"),
        (sales(["2024-01-01"]), {"customer": "client"}, "no column 'client'"),
        (sales(["2024-01-01"]), {"date": "day"}, "no column 'day'"),
        (sales(["2024-01-01"], amount=[-1.0]), {"negative": "drop"}, "every amount"),
        (sales(["2024-01-01"]), {"negative": "keep"}, "'keep' is not known"),
        (sales([]), {}, "no rows"),
    ],
)
def test_bad_purchases_are_named(frame: pd.DataFrame, options: dict[str, Any], words: str) -> None:
    with pytest.raises((DataError, OptionError), match=words):
        read_purchases(frame, **options)


# --- recency, frequency, money


def test_scores_are_parts_of_the_ranks() -> None:
    """Ten customers in five classes: two a class; the best has the highest score."""
    days = pd.date_range("2024-01-01", periods=10)
    frame = pd.DataFrame({"customer": list("abcdefghij"), "date": days, "amount": range(10, 110, 10)})
    found = research.rfm(frame, today="2024-01-10")
    assert found.customers["recency"].tolist() == list(range(9, -1, -1))
    assert found.customers["r"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert found.customers["m"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert set(found.customers["f"]) == {3}  # all bought once: one score for equal values
    assert any("frequency: ties leave 1 of 5 scores" in note for note in found.notes)
    assert found.segments["customers"].sum() == 10
    assert found.segments["amount_share"].sum() == pytest.approx(1)


def test_every_score_has_one_segment_by_the_table_of_rules() -> None:
    assert set(RULES.values()) == set(SEGMENTS)
    rng = np.random.default_rng(0)
    frame = sales(list(pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 900), unit="D")))
    frame["customer"] = rng.integers(0, 200, 900)
    found = research.rfm(frame)
    best = found.customers[
        (found.customers["r"] == 5) & (found.customers["f"] == 5) & (found.customers["m"] == 5)
    ]
    assert set(best["segment"]) == {"champions"}
    worst = found.customers[found.customers["score"] == "111"]
    assert set(worst["segment"]) == {"lost"}
    assert found.today == frame["date"].max()


def test_refunds_lower_the_sum_and_are_no_purchase() -> None:
    frame = pd.DataFrame({"customer": list("aab"), "date": "2024-01-01", "amount": [30.0, -10, 5]})
    found = research.rfm(frame, bins=2, negative="net").customers.set_index("customer")
    assert found.loc["a", ["frequency", "monetary"]].tolist() == [1, 20]
    with pytest.raises(DataError, match="after today=2023-12-31"):
        research.rfm(frame, today="2023-12-31", negative="net")
    with pytest.raises(DataError, match="2 customers cannot be put into 5"):
        research.rfm(frame, negative="net")
    with pytest.raises(OptionError, match="bins=1"):
        research.rfm(frame, bins=1)
    with pytest.raises(OptionError, match="monetary='median'"):
        research.rfm(frame, bins=2, negative="net", monetary="median")


# --- retention and lifetime value


def test_cohorts_by_hand() -> None:
    frame = pd.DataFrame({"customer": list("abcabad"),
                          "date": ["2024-01-03", "2024-01-20", "2024-02-01", "2024-02-10", "2024-03-05",
                                   "2024-03-31", "2024-03-02"]})  # fmt: skip
    found = research.retention(frame)
    table = found.cohorts.set_index(["cohort", "age"])
    assert table["size"].to_dict() == {("2024-01", 0): 2, ("2024-01", 1): 2, ("2024-01", 2): 2,
                                       ("2024-02", 0): 1, ("2024-02", 1): 1, ("2024-03", 0): 1}  # fmt: skip
    assert table.loc[("2024-01", 1), "active"] == 1
    assert table.loc[("2024-01", 2), "share"] == 1
    assert table.loc[("2024-02", 1), "share"] == 0
    assert found.periods["rate"].tolist() == [0.5, 0.5]
    assert found.rate["active"] == 4
    assert found.rate["low"] < 0.5 < found.rate["high"]


def test_a_planted_rate_is_recovered_in_its_interval() -> None:
    """Customers who buy once a month and stay with probability .8: cohort age k keeps .8^k."""
    rng = np.random.default_rng(6)
    rows = []
    for who in range(3000):
        for month in range(6):
            rows.append((f"c{who}", f"2024-{month + 1:02d}-15", 50.0))
            if rng.random() > 0.8:
                break
    frame = pd.DataFrame(rows, columns=["customer", "date", "amount"])
    found = research.retention(frame, until="2024-06-30")
    assert found.rate["low"] < 0.8 < found.rate["high"]
    for age, low, high in zip(found.ages["age"], found.ages["low"], found.ages["high"], strict=True):
        assert low - 0.01 <= 0.8**age <= high + 0.01
    value = research.customer_lifetime_value(
        frame, margin=0.2, discount=0.1, period="month", until="2024-06-30", draws=300
    ).frame.iloc[0]
    monthly = 1.1 ** (1 / 12) - 1
    assert value["margin"] == pytest.approx(10)
    assert value["low"] < 10 * 0.8 / (1 + monthly - 0.8) < value["high"]


def test_a_period_that_is_not_whole_is_left_out_and_said() -> None:
    frame = sales(["2024-01-05", "2024-01-06", "2024-02-05", "2024-02-07", "2024-03-03"])
    found = research.retention(frame)
    assert found.periods["period"].tolist() == ["2024-01"]
    assert any("month of 2024-03-03 is not whole" in note for note in found.notes)
    with pytest.raises(DataError, match="fewer than two whole years"):
        research.retention(frame, period="year")
    with pytest.raises(OptionError, match="'day' is not known"):
        research.retention(frame, period="day")
    with pytest.raises(DataError, match="no purchase lies on or before"):
        research.retention(frame, until="2020-01-01")


def test_the_lifetime_formula_is_the_sum_of_the_series() -> None:
    m, r, d = 100.0, 0.8, 0.1
    series = sum(m * r**t / (1 + d) ** t for t in range(1, 400))
    assert research.lifetime_value(m, r, d) == pytest.approx(series)
    assert research.lifetime_value(m, r, d, first="now") == pytest.approx(series + m)
    for bad, words in (((m, 1.2, d), "retention=1.2"), ((m, 1, 0), "no end"), ((m, r, -1), "discount=-1")):
        with pytest.raises(OptionError, match=words):
            research.lifetime_value(*bad)


def test_segments_with_planted_values_are_told_apart() -> None:
    rng = np.random.default_rng(9)
    rows = []
    for who in range(400):
        stay, spend = (0.9, 100) if who % 2 else (0.5, 40)
        for quarter in range(8):
            rows.append((who, pd.Timestamp(2022 + quarter // 4, 1 + 3 * (quarter % 4), 15), spend))
            if rng.random() > stay:
                break
    frame = pd.DataFrame(rows, columns=["customer", "date", "amount"])
    kinds = {who: "good" if who % 2 else "poor" for who in range(400)}
    found = research.customer_lifetime_value(
        frame, margin=0.5, segments=kinds, until="2023-12-31", draws=200
    ).frame.set_index("segment")
    assert found["retention"].to_dict() == pytest.approx({"": 0.77, "good": 0.9, "poor": 0.5}, abs=0.06)
    assert found.loc["good", "low"] > found.loc["poor", "high"]
    series = research.customer_lifetime_value(
        frame, margin=0.5, segments=pd.Series(kinds), until="2023-12-31", draws=200
    )
    pd.testing.assert_frame_equal(series.frame.set_index("segment"), found)
    with pytest.raises(DataError, match="name none of the customers"):
        research.customer_lifetime_value(frame, margin=0.5, segments={"x": "good"})
    with pytest.raises(OptionError, match=r"margin=3 is not a number from 0 to 1"):
        research.customer_lifetime_value(frame, margin=3)


# --- core customers


def test_core_customers_meet_every_criterion() -> None:
    frame = pd.DataFrame({"gain": [50, 20, -5, np.nan], "stay": [6, 2, 7, 5], "part": [80, 40, 90, 60],
                          "else": [10, 30, 0, 5]})  # fmt: skip
    found = research.core_customers(
        frame, profit="gain", loyalty="stay", share="part", rival="else", loyalty_above=4
    )
    assert found.rows["profitable_loyal"].tolist()[:3] == [True, False, False]
    assert pd.isna(found.rows["profitable_loyal"].iloc[3])
    assert found.rows["largest_share"].tolist() == [True, False, True, True]
    assert found.rows["met"].tolist() == [3, 0, 1, 1]
    assert found.core.index.tolist() == [0]
    assert found.counts.set_index("criterion")["known"].to_dict() == {
        "profitable_loyal": 3, "largest_share": 4, "worth_more_here": 3, "core": 4}  # fmt: skip
    loose = research.core_customers(frame, profit="gain", share="part", needed=1, share_above=0.85)
    assert loose.rows["core"].tolist() == [True, True, True, False]
    assert any("not asked: worth_more_here" in note for note in loose.notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "at least one column"),
        ({"rival": "gain"}, "give profit="),
        ({"share": "big"}, "holds 300"),
        ({"profit": "gone"}, "no column 'gone'"),
        ({"profit": "word"}, "holds text"),
        ({"profit": "gain", "needed": 2}, "needed=2"),
        ({"profit": "gain", "profit_above": "5"}, "profit_above='5'"),
        ({"share": "gain", "share_above": 50}, "share_above=50"),
    ],
)
def test_bad_criteria_are_named(options: dict[str, Any], words: str) -> None:
    frame = pd.DataFrame({"gain": [5.0, 1], "big": [300.0, 2], "word": ["a", "b"]})
    with pytest.raises((DataError, OptionError), match=words):
        research.core_customers(frame, **options)


# --- simulated purchases


def test_simulated_purchases_depend_on_loyalty_and_say_that_they_are_simulated() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"loyalty": rng.normal(4, 1, 1500)})
    bought = research.simulate_transactions(frame, seed=5)
    pd.testing.assert_frame_equal(bought, research.simulate_transactions(frame, seed=5))
    assert not bought.equals(research.simulate_transactions(frame, seed=6))
    assert bought["amount"].min() > 0
    assert bought["date"].between("2024-01-01", "2025-12-31").all()
    scored = research.rfm(bought, today="2026-01-01")
    score = frame["loyalty"].to_numpy()[[int(name[1:]) - 1 for name in scored.customers["customer"]]]
    table = scored.customers
    for column, least in (("frequency", 0.3), ("monetary", 0.4)):
        assert np.corrcoef(score, np.log(table[column]))[0, 1] > least
    assert np.corrcoef(score, table["recency"])[0, 1] < -0.2
    none = research.simulate_transactions(frame, seed=5, effect=0.0)
    flat = research.rfm(none, today="2026-01-01").customers
    own = frame["loyalty"].to_numpy()[[int(name[1:]) - 1 for name in flat["customer"]]]
    assert abs(np.corrcoef(own, np.log(flat["frequency"]))[0, 1]) < 0.08
    for found in (
        scored,
        research.retention(bought),
        research.customer_lifetime_value(bought, margin=0.3, draws=100),
    ):
        assert found.simulated
        assert found.notes[0].startswith("Simulated purchases")


def test_purchases_of_a_questionnaires_respondents() -> None:
    survey = research.read_questionnaire(QUESTIONNAIRES / "mobile_loyalty.yaml")
    bought = research.simulate_transactions(survey, 120, seed=2)
    assert bought["customer"].str.startswith("s").all()
    answers = research.simulate(survey, 120, seed=2)
    pd.testing.assert_frame_equal(bought, research.simulate_transactions(answers, seed=2))
    with pytest.raises(DataError, match=r"no construct 'loyal'.*Did you mean loyalty"):
        research.simulate_transactions(survey, 50, loyalty="loyal")
    with pytest.raises(OptionError, match="n is for a questionnaire"):
        research.simulate_transactions(answers, 50)
    with pytest.raises(OptionError, match="days=1"):
        research.simulate_transactions(answers, days=1)
    with pytest.raises(OptionError, match="spend=-1"):
        research.simulate_transactions(answers, spend=-1)
