"""Measurement invariance: every step, difference and score test held to lavaan and semTools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from invariance_answers import HS, WAVES, answers, reference
from surveys import hs as schools

import research
from research.errors import ResearchError
from research.measurement.invariance import Invariance

TWO = "f =~ u1 + u2 + u3 + u4\nk =~ v1 + v2"
FIVE = ("configural", "metric", "scalar", "strict", "means")
NEAR = {"rel": 2e-5, "abs": 2e-5}  # lavaan's own optimum of the weighted least squares is this exact


def gapped() -> pd.DataFrame:
    frame = schools().copy()
    for number, rows in enumerate(reference()["missing"], start=1):
        frame.loc[np.array(rows) - 1, f"x{number}"] = np.nan
    return frame


def hold(name: str, result: Invariance, *, without: tuple[str, ...] = ()) -> int:
    """Compare all fit measures of all steps, and their difference tests; how many numbers there were."""
    known = reference()[name]
    count = 0
    for level, expected in known["fits"].items():
        if level in without:
            continue
        measures = result.fits[level].measures()
        for measure, value in expected.items():
            if value is not None:
                assert measures[measure] == pytest.approx(value, **NEAR), (level, measure)
                count += 1
    steps = result.steps.set_index("level")
    for level, test in known["tests"].items():
        if level in without:
            continue
        assert steps.loc[level, "delta_chisq"] == pytest.approx(test["delta_chisq"], **NEAR)
        assert steps.loc[level, "delta_df"] == test["delta_df"]
        assert steps.loc[level, "delta_p"] == pytest.approx(test["p"], rel=1e-3, abs=1e-6)
        count += 3
    return count


@pytest.mark.parametrize(
    ("name", "options"),
    [("hs_ml", {}), ("hs_mlr", {"estimator": "MLR"}), ("hs_fiml", {"missing": "fiml"})],
)
def test_continuous_items_agree_with_lavaan(name: str, options: dict[str, Any]) -> None:
    data = gapped() if name == "hs_fiml" else schools()
    assert hold(name, research.invariance(HS, data, group="school", levels=FIVE, **options)) > 40


def test_three_groups_agree_with_lavaan() -> None:
    hold("three", research.invariance("f =~ u1 + u2 + u3 + u4", answers(), group="g", levels=FIVE))


def test_partial_invariance_agrees_with_lavaan() -> None:
    found = research.invariance(HS, schools(), group="school", levels=FIVE, partial=("x3~1", "x7 ~ 1"))
    hold("hs_partial", found)
    assert found.partial == ("x3~1", "x7 ~ 1")


def test_second_order_factors_agree_with_lavaan() -> None:
    model = "F =~ f + k + h\nf =~ u1 + u2 + u3 + u4\nk =~ v1 + v2 + v3\nh =~ c1 + c2 + c3 + c4"
    hold("second_order", research.invariance(model, answers(2), group="g", levels=("loadings", "intercepts")))


@pytest.mark.parametrize(
    ("name", "model", "groups", "options"),
    [
        ("ordinal_theta", TWO, 2, {}),
        ("ordinal_theta", TWO, 2, {"parameterization": "delta"}),
        ("ordinal_delta", TWO, 2, {"parameterization": "delta"}),
        ("ordinal_three", "f =~ u1 + u2 + u3 + u4", 3, {}),
        ("three_categories", "f =~ c1 + c2 + c3 + c4", 2, {}),
        ("binary", "f =~ b1 + b2 + b3 + b4 + b5", 2, {}),
    ],
)
def test_ordered_items_agree_with_semtools(
    name: str, model: str, groups: int, options: dict[str, Any]
) -> None:
    hold(name, research.invariance(model, answers(groups), group="g", ordered=True, **options))


def test_a_binary_item_among_others_is_restricted_with_the_intercepts_only() -> None:
    """Its loading alone cannot be tested (Wu & Estabrook 2016): one df less than semTools has there."""
    found = research.invariance("k =~ v1 + v2 + v3 + v4", answers(2), group="g", ordered=True)
    hold("mixed_categories", found, without=("metric", "scalar"))
    measures = found.fits["metric"].measures()
    for name, value in reference()["mixed_metric"].items():
        if value is not None:
            assert measures[name] == pytest.approx(value, **NEAR), name
    scalar = reference()["mixed_categories"]["fits"]["scalar"]
    assert found.fits["scalar"].measures()["chisq"] == pytest.approx(scalar["chisq"], **NEAR)
    assert found.fits["scalar"].df == scalar["df"]


@pytest.mark.parametrize(("name", "ordered"), [("waves", False), ("waves_ordinal", True)])
def test_waves_agree_with_semtools(name: str, ordered: bool) -> None:
    found = research.invariance(None, answers(), waves=WAVES, ordered=ordered)
    hold(name, found)
    assert found.holds == "metric"
    assert found.candidates["rhs"].iloc[0] == ""
    assert found.candidates["free"].iloc[0] == "l3_w1~1"  # planted: the third item drifts in wave three
    assert found.candidates["copy"].iloc[0] == "3"
    assert found.free("l3_w3~1").holds == "strict"  # any wave's name is understood


def test_groups_and_waves_at_once_agree_with_lavaan() -> None:
    found = research.invariance(None, answers(2), waves=WAVES, group="g")
    for level, expected in reference()["waves_and_groups"].items():
        measures = found.fits[level].measures()
        for name, value in expected.items():
            assert measures[name] == pytest.approx(value, **NEAR), (level, name)
    assert found.ladder.copies.units == (
        "north: 1",
        "north: 2",
        "north: 3",
        "south: 1",
        "south: 2",
        "south: 3",
    )


def scores_of(result: Invariance, level: str, known: dict[str, list[Any]]) -> int:
    mine = result.release_tests(level)
    tests = {
        (a, b, c): (x, p)
        for a, b, c, x, p in zip(*(mine[n] for n in ("lhs", "op", "rhs", "chisq", "p")), strict=True)
    }
    count = 0
    for lhs, op, rhs, chisq, p in zip(*(known[n] for n in ("lhs", "op", "rhs", "chisq", "p")), strict=True):
        if (lhs, op, rhs) in tests:
            assert tests[lhs, op, rhs] == pytest.approx((chisq, p), rel=1e-4, abs=1e-5)
            count += 1
    assert count == len(mine)
    return count


def test_candidates_are_lavaans_score_tests() -> None:
    found = research.invariance(HS, schools(), group="school")
    assert scores_of(found, "metric", reference()["hs_ml"]["metric_scores"]) == 9
    assert scores_of(found, "scalar", reference()["hs_ml"]["scalar_scores"]) == 9
    ordinal = research.invariance(TWO, answers(2), group="g", ordered=True)
    assert scores_of(ordinal, "thresholds", reference()["ordinal_threshold_scores"]) == 18
    assert scores_of(ordinal, "metric", reference()["ordinal_metric_scores"]) == 6


def test_the_expected_change_is_lavaans() -> None:
    found = research.invariance(HS, schools(), group="school")
    scalar, metric = (found.release_tests(level).set_index("free")["epc"] for level in ("scalar", "metric"))
    assert scalar["x3~1"] == pytest.approx(reference()["epc"]["x3"], rel=1e-4)
    assert metric["textual=~x5"] == pytest.approx(reference()["epc"]["x5"], rel=1e-4)


def test_candidates_name_what_was_planted_and_are_not_applied() -> None:
    found = research.invariance(TWO, answers(2), group="g", ordered=True)
    assert (found.failing, found.candidates["free"].iloc[0]) == ("metric", "f=~u2")
    assert found.candidates["chisq"].is_monotonic_decreasing
    freed = found.free("f=~u2")
    assert freed.failing == "scalar"
    assert freed.candidates["free"].iloc[0] == "u3~1"
    assert freed.free("u3~1").holds == "strict"
    assert freed.free("u3~1").verdict.startswith("Partial strict invariance over 2 groups is supported")
    assert not found.partial


def test_fixed_intercepts_and_residuals_of_ordered_items_have_candidates() -> None:
    """A score test of a fixed row: near the chi-square difference of the model that frees it."""
    found = research.invariance("f =~ u1 + u2 + u3 + u4", answers(2), group="g", ordered=True)
    for level, row in (("scalar", "u3~1"), ("strict", "u1~~u1")):
        tests = found.release_tests(level).set_index("free")
        assert len(tests) == 4
        freed = found.free(row).fits[level]
        drop = found.fits[level].measures()["chisq"] - freed.measures()["chisq"]
        assert freed.df == found.fits[level].df - 1
        assert tests.loc[row, "chisq"] == pytest.approx(drop, rel=0.25, abs=0.2)


def test_verdicts_follow_the_cut_offs() -> None:
    found = research.invariance(HS, schools(), group="school")
    steps = found.steps.set_index("level")
    assert steps["verdict"].to_dict() == {
        "configural": "poor fit",  # RMSEA .097
        "metric": "holds",
        "scalar": "fails",  # CFI falls by .038
        "strict": "holds",
    }
    assert (found.holds, found.failing) == ("none", "configural")
    lenient = research.invariance(HS, schools(), group="school", cutoffs={"rmsea": 0.1})
    assert (lenient.holds, lenient.failing) == ("metric", "scalar")
    assert "latent means may not" in lenient.verdict
    harsh = research.invariance(HS, schools(), group="school", cutoffs={"rmsea": 0.1, "delta_cfi": 0.002})
    assert harsh.failing == "metric"
    by_p = {"rmsea": None, "delta_cfi": None, "delta_rmsea": None, "p": 0.05}
    assert research.invariance(HS, schools(), group="school", cutoffs=by_p).failing == "scalar"
    assert steps.loc["scalar", "delta_cfi"] == steps.loc["scalar", "cfi"] - steps.loc["metric", "cfi"]


def test_the_table_says_which_indices_and_which_test() -> None:
    plain = research.invariance(HS, schools(), group="school").steps
    assert set(plain["index"]) == {"plain"}
    assert plain["method"].tolist() == ["", *["likelihood ratio"] * 3]
    robust = research.invariance(HS, schools(), group="school", estimator="MLR")
    assert set(robust.steps["index"]) == {"robust"}
    assert robust.steps["cfi"].iloc[0] == robust.fits["configural"].measures()["cfi_robust"]
    assert robust.steps["method"].iloc[1] == "Satorra-Bentler (2001)"
    scaled = research.invariance(HS, schools(), group="school", estimator="MLR", index="scaled")
    assert scaled.steps["cfi"].iloc[0] == scaled.fits["configural"].measures()["cfi_scaled"]
    ordinal = research.invariance("f =~ u1 + u2 + u3 + u4", answers(2), group="g", ordered=True).steps
    assert set(ordinal["index"]) == {"scaled"}
    assert ordinal["method"].iloc[1] == "Satorra (2000)"


def test_few_categories_are_explained() -> None:
    binary = research.invariance("f =~ b1 + b2 + b3 + b4 + b5", answers(2), group="g", ordered=True)
    words = binary.steps.set_index("level")["verdict"]
    assert words["thresholds"] == words["metric"] == "not testable"
    assert any("Binary items (b1, b2, b3, b4, b5)" in note for note in binary.notes)
    three = research.invariance("f =~ c1 + c2 + c3 + c4", answers(2), group="g", ordered=True)
    assert three.steps["verdict"].iloc[1] == "not testable"
    assert any("three categories (c1, c2, c3, c4)" in note for note in three.notes)


def test_scale_and_order_of_groups_do_not_change_the_ladder() -> None:
    usual = research.invariance(HS, schools(), group="school").steps["chisq"].to_numpy()
    marked = research.invariance(HS, schools(), group="school", std_lv=False).steps["chisq"].to_numpy()
    turned = research.invariance(HS, schools().iloc[::-1].reset_index(drop=True), group="school")
    written = HS.replace("=~ x1", "=~ NA*x1") + "\nvisual ~~ 1*visual"
    np.testing.assert_allclose(marked, usual, rtol=1e-7)
    np.testing.assert_allclose(turned.steps["chisq"], usual, rtol=1e-7)
    np.testing.assert_allclose(
        research.invariance(written, schools(), group="school").steps["chisq"], usual, rtol=1e-7
    )
    assert turned.ladder.copies.units == ("Grant-White", "Pasteur")


def test_moments_are_enough() -> None:
    items = [f"x{number}" for number in range(1, 10)]
    groups = {name: part[items] for name, part in schools().groupby("school", sort=False)}
    found = research.invariance(
        HS,
        sample_cov={name: part.cov() for name, part in groups.items()},
        sample_mean={name: part.mean() for name, part in groups.items()},
        sample_nobs={name: len(part) for name, part in groups.items()},
    )
    rows = research.invariance(HS, schools(), group="school")
    np.testing.assert_allclose(found.steps["chisq"], rows.steps["chisq"], rtol=1e-8)


def test_few_thresholds_left_equal_keep_the_item_identified() -> None:
    """u1 keeps two equal thresholds of three, u2 none: each release costs what it should."""
    released = ("u1|t1", "u2|t1", "u2|t2", "u2|t3")
    found = research.invariance(
        "f =~ u1 + u2 + u3 + u4", answers(2), group="g", ordered=True, partial=released
    )
    assert found.steps["df"].tolist() == [4, 6, 9, 11, 14]
    assert all(fit.vcov is not None for fit in found.fits.values())


def test_mixed_continuous_and_ordered_items_climb_together() -> None:
    found = research.invariance("f =~ u1 + u2 + u3 + u4", answers(2), group="g", ordered=["u1", "u2"])
    assert found.steps["df"].tolist() == [4, 6, 9, 12, 16]
    assert all(fit.vcov is not None for fit in found.fits.values())


def test_partial_leaves_a_note_where_too_little_stays_equal() -> None:
    found = research.invariance(HS, schools(), group="school", partial=("x2~1", "visual=~x3"))
    assert any("'visual' has 1 of 3 items" in note for note in found.notes)


def test_a_weak_baseline_is_said() -> None:
    rng = np.random.default_rng(4)
    factor = rng.normal(size=(400, 1))
    frame = pd.DataFrame(0.35 * factor + rng.normal(size=(400, 4)), columns=["a", "b", "c", "d"])
    found = research.invariance("f =~ a + b + c + d", frame.assign(g=["x", "y"] * 200), group="g")
    assert any("baseline model of CFI has an RMSEA of" in note for note in found.notes)


def test_a_step_without_a_solution_is_said() -> None:
    found = research.invariance(HS, schools(), group="school", max_iter=1)
    assert set(found.steps["verdict"]) == {"no solution"}
    assert (found.holds, len(found.candidates)) == ("none", 0)
    assert found.verdict == "The configural model has no solution: no step can be judged."


def test_nothing_to_restrict_is_not_a_success() -> None:
    """Every loading left free: the metric step is the configural one, and says so."""
    partial = tuple(f"f=~u{item}" for item in (1, 2, 3, 4))
    for ordered in (False, True):
        found = research.invariance(
            "f =~ u1 + u2 + u3 + u4", answers(2), group="g", ordered=ordered, partial=partial
        )
        steps = found.steps.set_index("level")
        assert steps.loc["metric", "verdict"] == "not testable"
        assert all(fit.vcov is not None for fit in found.fits.values())


def bad_group() -> pd.DataFrame:
    return pd.concat([schools()[schools()["school"] == "Pasteur"], schools().tail(6)])


def without_category(frame: pd.DataFrame, item: str, mask: pd.Series) -> pd.DataFrame:
    frame = frame.copy()
    frame.loc[mask & (frame[item] == 4), item] = 3
    return frame


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: research.invariance(HS, schools()), "name the column of the groups, or waves="),
        (lambda: research.invariance(HS, schools().assign(one="a"), group="one"), "one level only ('a')"),
        (lambda: research.invariance(HS, schools(), group="scool"), "Did you mean school?"),
        (lambda: research.invariance(HS, bad_group(), group="school"), "6 rows of group 'Grant-White'"),
        (
            lambda: research.invariance(
                HS,
                schools().assign(x3=schools()["x3"].where(schools()["school"] != "Pasteur", 1.0)),
                group="school",
            ),
            "'x3' is constant in group 'Pasteur'",
        ),
        (
            lambda: research.invariance(
                "f =~ u1 + u2 + u3 + u4",
                without_category(answers(2), "u1", answers(2)["g"] == "south"),
                group="g",
                ordered=True,
            ),
            "nobody chose 4 of item 'u1' in group 'south'",
        ),
        (
            lambda: research.invariance(
                None,
                without_category(answers(), "l1_w2", answers()["l1_w2"] > 0),
                waves=WAVES,
                ordered=["l1_w1"],
            ),
            "l1_w2: 1, 2, 3; l1_w3: 1, 2, 3, 4",
        ),
        (lambda: research.invariance(HS, schools(), group="school", partial="x33~1"), "Did you mean x3~1?"),
        (
            lambda: research.invariance(HS, schools(), group="school", levels=["metrik"]),
            "Did you mean metric?",
        ),
        (
            lambda: research.invariance(HS, schools(), group="school", levels="thresholds"),
            "for ordered items",
        ),
        (lambda: research.invariance(HS, schools(), group="school", cutoffs={"delta_cif": 1}), "delta_cfi?"),
        (lambda: research.invariance(HS, schools(), group="school", se="bootstrap"), "no se='bootstrap'"),
        (lambda: research.invariance(HS, schools(), group="school", group_equal="loadings"), "use levels="),
        (lambda: research.invariance(HS, schools(), group="school", index="robust"), "no robust indices"),
        (lambda: research.invariance("x1 ~ x2", schools(), group="school"), "measures nothing"),
        (lambda: research.invariance("", schools(), group="school"), "needs a measurement model"),
        (lambda: research.invariance(None, answers(), waves={"f": [["l1_w1"]]}), "two or more (f 1)"),
        (lambda: research.invariance(None, answers(), waves={}), "waves= is {construct:"),
        (lambda: research.invariance(None, answers(), waves={"f": ["l1_w1", "l1_w2"]}), "is a list of items"),
        (lambda: research.invariance(None, answers(), waves={"f": [["l1_w1"], ["l9_w2"]]}), "Did you mean l"),
        (lambda: research.invariance(None, answers(), waves={"f": [["l1_w1"], ["l1_w1"]]}), "stands twice"),
        (
            lambda: research.invariance(None, answers(), waves={"f": [["l1_w1"], ["l1_w2", "l2_w2"]]}),
            "'f' has 2 items in wave 2, 1 in wave 1",
        ),
        (
            lambda: research.invariance("f =~ u1 + c(a, a)*u2 + u3", answers(2), group="g"),
            "the label 'a' holds 'f =~ u2' equal over the groups",
        ),
        (lambda: research.invariance("f =~ u1 + u2", answers(2), group="g"), "no unique solution"),
        (
            lambda: research.invariance("f =~ u1\nk =~ v1 + v2 + v3", answers(2), group="g", ordered=True),
            "A factor of one ordered item (f)",
        ),
        (lambda: research.invariance(HS, schools(), group="school").free(), "free() takes the rows"),
        (lambda: research.invariance(HS, schools(), group="school").release_tests("means"), "was not fitted"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_remedy(call: Any, words: str) -> None:
    with pytest.raises(ResearchError) as caught:
        call()
    assert words in str(caught.value)
