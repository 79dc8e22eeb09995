"""Latent means and structural paths over groups, held to lavaan; the tables that print them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from invariance_answers import HS, WAVES, answers, reference
from statsmodels.stats.multitest import multipletests
from surveys import hs as schools

import research
from research.errors import ResearchError
from research.numerics.multiple_tests import holm
from research.report import tables
from research.report.nouns import Table
from research.report.table_markdown import to_markdown

PATHS = HS + "textual ~ visual\nspeed ~ visual + textual"


def test_latent_means_and_their_effect_sizes_agree_with_lavaan() -> None:
    ladder = research.invariance(HS, schools(), group="school", partial=("x3~1", "x7~1"))
    frame = research.latent_means(ladder).frame
    known = pd.DataFrame(reference()["means_partial"]).set_index("label")
    assert frame["factor"].tolist() == ["visual", "textual", "speed"]
    names = ("est", "se", "ci.lower", "ci.upper")
    for at in range(3):
        mean, size = known.loc[f"m{at + 1}"], known.loc[f"d{at + 1}"]
        mine = frame.iloc[at]
        for column, name in zip(("estimate", "se", "low", "high"), names, strict=True):
            assert mine[column] == pytest.approx(mean[name], abs=2e-5)
        for column, name in (("d", "est"), ("d_low", "ci.lower"), ("d_high", "ci.upper")):
            assert mine[column] == pytest.approx(size[name], abs=2e-5)
        assert (mine["z"], mine["p"]) == pytest.approx((mean["z"], mean["pvalue"]), abs=1e-4)
        assert (mine["copy"], mine["reference"]) == ("Grant-White", "Pasteur")


def test_latent_means_of_ordered_items_agree_with_semtools() -> None:
    model = "f =~ u1 + u2 + u3 + u4\nk =~ v1 + v2"
    frame = research.invariance(model, answers(2), group="g", ordered=True).latent_means().frame
    known = pd.DataFrame(reference()["ordinal_means"])
    second = known[known["group"] == 2]
    means, variances = second[second["op"] == "~1"], second[second["op"] == "~~"]
    np.testing.assert_allclose(frame["estimate"], means["est"], rtol=1e-4)
    np.testing.assert_allclose(frame["se"], means["se"], rtol=1e-4)
    pooled = np.sqrt((1.0 + variances["est"].to_numpy()) / 2.0)  # 300 rows in each group
    np.testing.assert_allclose(frame["d"], means["est"].to_numpy() / pooled, rtol=1e-4)


def test_effect_sizes_do_not_depend_on_the_marker() -> None:
    usual = research.invariance(HS, schools(), group="school").latent_means()
    marked = research.invariance(HS, schools(), group="school", std_lv=False).latent_means()
    np.testing.assert_allclose(usual.frame["d"], marked.frame["d"], rtol=1e-5)
    np.testing.assert_allclose(usual.frame["d_low"], marked.frame["d_low"], rtol=1e-4)
    assert any("Scalar invariance is not supported" in note for note in usual.notes)


def test_latent_means_recover_what_was_planted() -> None:
    """Means .5 and variance 1.44 in the second group, half a pooled standard deviation apart, n = 20,000."""
    rng = np.random.default_rng(11)
    n = 10_000
    factor = np.concatenate([rng.normal(size=n), 0.5 + 1.2 * rng.normal(size=n)])
    items = 0.8 * factor[:, None] + 0.6 * rng.normal(size=(2 * n, 4))
    frame = pd.DataFrame(items, columns=["a", "b", "c", "d"]).assign(g=["x"] * n + ["y"] * n)
    found = research.invariance("f =~ a + b + c + d", frame, group="g")
    assert found.holds == "strict"
    row = found.latent_means().frame.iloc[0]
    planted = 0.5 / np.sqrt((1 + 1.44) / 2)
    assert row["d_low"] < planted < row["d_high"]
    assert row["d_high"] - row["d_low"] < 0.07


def test_means_over_waves_have_the_first_as_reference() -> None:
    found = research.invariance(None, answers(), waves=WAVES, partial=("l3_w1~1",))
    frame = research.latent_means(found, "strict").frame
    assert frame["copy"].tolist() == ["2", "3"]
    assert set(frame["reference"]) == {"1"}
    assert all(earlier < later for earlier, later in pairwise([0.0, *frame["d"]]))  # planted: it rises


def test_paths_over_groups_agree_with_lavaan() -> None:
    known = reference()["paths"]
    rows = ("all", "textual_visual", "speed_visual", "speed_textual")
    for test, prefix in (("chisq", ""), ("wald", "wald_")):
        found = research.path_differences(PATHS, schools(), group="school", test=test)
        for at, name in enumerate(rows):
            expected = known[prefix + name]
            mine = found.tests.iloc[at]
            assert mine["chisq"] == pytest.approx(expected["chisq"], rel=1e-4)
            assert (mine["df"], mine["p"]) == pytest.approx((expected["df"], expected["p"]), rel=1e-4)
    estimates = pd.DataFrame(known["estimates"])
    paths, gaps = estimates[estimates["op"] == "~"], estimates[estimates["op"] == ":="]
    by_group = found.estimates.sort_values("group", ascending=False, kind="stable")  # Pasteur first
    for column, name in (("estimate", "est"), ("se", "se"), ("low", "ci.lower"), ("high", "ci.upper")):
        np.testing.assert_allclose(by_group[column], paths[name], atol=2e-5)
    for column, name in (("difference", "est"), ("se", "se"), ("low", "ci.lower"), ("high", "ci.upper")):
        np.testing.assert_allclose(found.pairs[column], gaps[name], atol=2e-5)
    assert not found.comparable  # the configural model has an RMSEA of .097
    assert "metric invariance is not supported" in found.notes[0]


def test_labels_do_not_hold_the_paths_equal() -> None:
    """A questionnaire's text labels every path; in lavaan a single label is one parameter in all groups."""
    labelled = HS + "textual ~ a*visual\nspeed ~ b*visual + c*textual\nindirect := a*c"
    named = research.path_differences(labelled, schools(), group="school")
    plain = research.path_differences(PATHS, schools(), group="school")
    np.testing.assert_allclose(named.tests["chisq"], plain.tests["chisq"], rtol=1e-5)
    np.testing.assert_allclose(named.estimates["estimate"], plain.estimates["estimate"], atol=1e-6)
    assert any("Labels held textual ~ visual, speed ~ visual" in note for note in named.notes)
    ordinal = "f =~ u1 + u2 + u3 + u4\nk =~ v1 + v2 + v3\nk ~ a*f"
    assert research.path_differences(ordinal, answers(2), group="g", ordered=True).tests["df"].tolist() == [
        1,
        1,
    ]


def test_some_paths_pairs_of_three_groups_and_holm() -> None:
    model = "f =~ u1 + u2 + u3 + u4\nk =~ v1 + v2 + v3\nh =~ c1 + c2 + c3\nk ~ f + h"
    found = research.path_differences(model, answers(), group="g", paths=["k ~ f"], estimator="MLR")
    assert found.tests[["lhs", "rhs", "df"]].to_numpy().tolist() == [["all", "", 2.0], ["k", "f", 2.0]]
    assert found.tests["method"].iloc[1] == "Satorra-Bentler (2001)"
    assert found.pairs[["first", "second"]].to_numpy().tolist() == [
        ["north", "south"],
        ["north", "east"],
        ["south", "east"],
    ]
    adjusted = multipletests(found.pairs["p"], method="holm")[1]
    np.testing.assert_allclose(found.pairs["p_holm"], adjusted)
    both = research.path_differences(model, answers(), group="g", ordered=True)
    assert both.tests["method"].iloc[0] == "Satorra (2000)"
    assert both.tests["df"].tolist() == [4, 2, 2]


def test_a_planted_difference_is_found_and_an_equal_path_is_not() -> None:
    rng = np.random.default_rng(3)
    n = 4000
    late = np.repeat([0.0, 1.0], n)
    x, z = rng.normal(size=(2, 2 * n))
    y = (0.2 + 0.4 * late) * x + 0.3 * z + 0.7 * rng.normal(size=2 * n)
    columns = {
        f"{name}{item}": 0.8 * factor + 0.5 * rng.normal(size=2 * n)
        for name, factor in (("x", x), ("y", y), ("z", z))
        for item in (1, 2, 3)
    }
    frame = pd.DataFrame(columns).assign(g=np.where(late > 0, "new", "old"))
    model = "".join(f"{name.upper()} =~ {name}1 + {name}2 + {name}3\n" for name in "xyz") + "Y ~ X + Z"
    found = research.path_differences(model, frame, group="g")
    tests = found.tests.set_index("rhs")
    assert found.comparable
    assert tests.loc["X", "p"] < 1e-10
    assert tests.loc["Z", "p"] > 0.05
    pair = found.pairs[found.pairs["rhs"] == "X"].iloc[0]
    assert pair["low"] < -0.4 < pair["high"]


@pytest.mark.parametrize("p", [[0.01, 0.04, 0.03, 0.2], [0.5], [0.02, 0.02], [1.0, 0.9]])
def test_holm_agrees_with_statsmodels(p: list[float]) -> None:
    np.testing.assert_allclose(holm(np.array(p)), multipletests(p, method="holm")[1])
    with_gap = holm(np.array([np.nan, *p]))
    assert np.isnan(with_gap[0])
    np.testing.assert_allclose(with_gap[1:], holm(np.array(p)))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: research.path_differences(HS, schools(), group="school"), "no regression that every group"),
        (lambda: research.path_differences(PATHS, schools()), "name the column of the groups"),
        (
            lambda: research.path_differences(PATHS, schools(), group="school", paths="speed ~ textul"),
            "Did you mean speed ~ textual?",
        ),
        (lambda: research.path_differences(PATHS, schools(), group="school", test="lr"), "chisq, wald"),
        (lambda: research.path_differences(PATHS, schools(), group="school", levels=1), "'levels' is for"),
        (
            lambda: research.latent_means(research.invariance(HS, schools(), group="school"), "metric"),
            "need equal intercepts",
        ),
        (
            lambda: research.latent_means(
                research.invariance(HS, schools(), group="school", levels=("metric",))
            ),
            "was not fitted",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(call: Any, words: str) -> None:
    with pytest.raises(ResearchError) as caught:
        call()
    assert words in str(caught.value)


def rows_of(table: Table, lang: str) -> list[list[str]]:
    lines = [line for line in to_markdown(table, lang).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_decision_table_prints_steps_and_rule() -> None:
    found = research.invariance(HS, schools(), group="school", estimator="MLR", partial=("x3~1",))
    table = tables.invariance_table(found.steps, cutoffs=found.cutoffs, partial=found.partial)
    english, chinese = to_markdown(table, "en"), to_markdown(table, "zh")
    scalar = next(row for row in rows_of(table, "en") if row[0] == "Scalar (intercepts)")
    step = found.steps.set_index("level").loc["scalar"]
    assert scalar[1:4] == [f"{step['chisq']:.2f}", "59", f"{step['cfi']:.3f}".lstrip("0")]
    assert scalar[-1] == "fails"
    for words in ("robust", "Satorra & Bentler (2001)", "Chen (2007)", "≥ .90", "left free"):
        assert words in english
    for words in ("强等值（截距）", "不成立", "稳健值", "Chen（2007）", "≥ 0.90", "自由估计"):
        assert words in chinese


def test_tables_of_candidates_means_and_paths_read_in_both_languages() -> None:
    ladder = research.invariance("f =~ u1 + u2 + u3 + u4", answers(2), group="g", ordered=True)
    candidates = tables.candidates_table(ladder.candidates, most=2)
    assert "The 2 largest of 4." in to_markdown(candidates, "en")
    assert "期望改变量" in to_markdown(candidates, "zh")
    steps = tables.invariance_table(ladder.steps)
    assert "Wu & Estabrook (2016)" in to_markdown(steps, "en")
    assert "阈值等值" in to_markdown(steps, "zh")
    means = tables.latent_means_table(ladder.latent_means().frame, supported=False)
    assert "(Hancock, 2001)" in to_markdown(means, "en")
    assert "强等值未获支持" in to_markdown(means, "zh")
    found = research.path_differences(PATHS, schools(), group="school")
    paths = tables.path_differences_table(found.tests, found.estimates, comparable=found.comparable)
    first, second = (row for row in rows_of(paths, "en") if row[0] in ("All paths", "visual → textual"))
    assert first[-4:] == ["3.57", "3", ".312", ""]
    assert second[1].startswith("0.516")
    assert "弱等值未能确立" in to_markdown(paths, "zh")
