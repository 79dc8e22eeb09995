"""Item analysis against R, proposals to shorten a scale, and the call for everything about the scales."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cases import close
from shared import shared
from surveys import HS, MOBI, hs, mobi

import research
from research.errors import DataError, OptionError, ResearchError
from research.measurement.overview import Measurement
from research.measurement.thresholds import CONVENTION, THRESHOLDS
from research.numerics.discrimination import extreme_groups
from research.report import tables
from research.report.nouns import Table
from research.report.table_markdown import to_markdown

ROOT = Path(__file__).resolve().parents[1]
STORED = json.loads((ROOT / "tests" / "reference" / "rival_models.json").read_text(encoding="utf-8"))


def one_scale(n: int = 300, k: int = 5, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(n, 1))
    return pd.DataFrame(factor + rng.normal(size=(n, k)) * 0.8, columns=[f"a{i}" for i in range(1, k + 1)])


# Item analysis


@pytest.mark.parametrize("kind", ["welch", "student"])
def test_discrimination_equals_the_t_tests_of_r(kind: str) -> None:
    found = research.item_analysis(mobi(), MOBI, equal_variances=kind == "student").set_index("item")
    for item, want in STORED["discrimination"][kind].items():
        row = found.loc[item]
        close(
            [row["t"], row["df"], row["mean_high"], row["mean_low"]],
            [want[k] for k in ("t", "df", "high", "low")],
            1e-9,
        )
        assert row["p"] == pytest.approx(want["p"], rel=1e-6)
        assert (row["n_low"], row["n_high"]) == (want["n_low"], want["n_high"])


def test_groups_hold_all_who_stand_at_the_border() -> None:
    low, high = extreme_groups(np.array([1.0, 1, 2, 2, 2, 3, 4, 5, 5, 5]), 0.27)
    assert low.sum() == 5  # the third from below has a 2, as two more do
    assert high.sum() == 3
    everyone = extreme_groups(np.ones(10))
    assert everyone[0].all()
    assert everyone[1].all()


def test_items_are_described_and_flagged() -> None:
    found = research.item_analysis(mobi(), MOBI).set_index("item")
    assert found.loc["CUSL2", "flags"] == "item_rest loading_least alpha_gain"
    assert found.loc["PERQ1", "flags"] == ""
    answers = mobi()["CUSL1"]
    assert found.loc["CUSL1", "ceiling"] == pytest.approx((answers == 10).mean())
    assert found.loc["CUSL1", "floor"] == pytest.approx((answers == 1).mean())
    assert found.loc["CUSL1", "skewness"] == pytest.approx(
        ((answers - answers.mean()) ** 3).mean() / answers.std() ** 3, rel=1e-9
    )
    assert found.loc["PERV1", "twin"] == "PERV2"
    assert found.loc["PERV1", "r_twin"] == pytest.approx(mobi()["PERV1"].corr(mobi()["PERV2"]))
    assert found.loc["PERV1", "same_as_twin"] == pytest.approx((mobi()["PERV1"] == mobi()["PERV2"]).mean())
    assert found.loc["PERQ1", "discrimination"] == pytest.approx(
        (found.loc["PERQ1", "mean_high"] - found.loc["PERQ1", "mean_low"])
        / (mobi()["PERQ1"].max() - mobi()["PERQ1"].min())
    )
    assert np.isnan(found.loc["CUSCO", "t"])
    assert found.loc["CUSCO", "flags"] == ""
    twice = research.item_analysis(
        one_scale().assign(a6=lambda f: f["a1"] + 0.01 * f["a2"]), {"a": [f"a{i}" for i in range(1, 7)]}
    )
    assert "inter_item" in twice.set_index("item").loc["a6", "flags"]


def test_item_analysis_says_what_it_needs() -> None:
    with pytest.raises(DataError, match="needs the answers themselves"):
        research.item_analysis(one_scale().corr(), {"a": ["a1", "a2", "a3"]})
    with pytest.raises(OptionError, match="share"):
        research.item_analysis(one_scale(), {"a": ["a1", "a2"]}, share=0.6)
    gaps = one_scale()
    gaps.loc[::2, "a1"] = np.nan
    gaps.loc[1::2, "a2"] = np.nan
    with pytest.raises(DataError, match="'a1' and 'a2'"):
        research.item_analysis(gaps, {"a": ["a1", "a2", "a3"]})
    some = one_scale()
    some.loc[:9, "a1"] = np.nan
    found = research.item_analysis(some, {"a": ["a1", "a2", "a3"]}).set_index("item")
    assert found.loc["a1", ["n", "missing"]].tolist() == [290, 10]
    assert found["n_low"].iloc[0] == round(0.27 * 290)


# Proposals


def test_proposals_come_one_at_a_time_with_their_reason() -> None:
    frame = one_scale(k=6)
    rng = np.random.default_rng(5)
    frame["a2"] = -frame["a2"]
    frame["noise"] = rng.normal(size=len(frame))
    frame["copy"] = frame["a1"] + rng.normal(size=len(frame)) * 0.2
    items = [*[f"a{i}" for i in range(1, 7)], "noise", "copy"]
    before = frame.copy()
    found = research.purify(frame, {"a": items})
    pd.testing.assert_frame_equal(frame, before)
    steps = found.proposals
    assert steps[["item", "action", "criterion"]].to_numpy().tolist() == [
        ["a2", "turn", "key"],
        ["noise", "drop", "item_rest"],
        ["copy", "drop", "inter_item"],
    ]
    assert steps["step"].tolist() == list(range(1, len(steps) + 1))
    assert found.turned == ("a2",)
    assert "noise" not in found.proposed["a"]
    assert len({"a1", "copy"} & set(found.proposed["a"])) == 1
    assert found.constructs["a"] == tuple(items)
    left = list(items)
    for row in steps.to_dict("records"):
        if row["action"] == "drop":
            left.remove(row["item"])
        alpha = research.reliability(frame, {"a": left}, ["a2"])
        assert row["n_items"] == len(left)
        assert row["alpha_after"] == pytest.approx(alpha["alpha"].iloc[0], rel=1e-12)
        assert row["cr_after"] == pytest.approx(alpha["cr"].iloc[0], rel=1e-6)
        assert row["ave_after"] == pytest.approx(alpha["ave"].iloc[0], rel=1e-6)
    assert (steps["alpha_before"].iloc[1:].to_numpy() == steps["alpha_after"].iloc[:-1].to_numpy()).all()
    assert steps["reading"].str.len().min() > 10
    assert steps["reading_zh"].str.contains("[\u4e00-\u9fff]").all()


def test_three_items_are_kept_and_what_is_held_is_said() -> None:
    found = research.purify(mobi(), MOBI)
    assert found.proposals.empty
    assert all(len(found.proposed[name]) == len(items) for name, items in MOBI.items())
    assert {"CUSL2", "CUEX3"} <= set(found.held["item"])
    noise = pd.DataFrame(np.random.default_rng(6).normal(size=(200, 7)), columns=list("abcdefg"))
    shortest = research.purify(noise, {"x": list("abcdefg")}, criteria=("item_rest",))
    assert len(shortest.proposed["x"]) == 3


def test_a_loading_is_a_reason_only_where_ave_and_cr_gain() -> None:
    """Hair et al. (2019): .40 to .708 stays where the scale is fine with it."""
    good = research.purify(one_scale(k=5), {"a": [f"a{i}" for i in range(1, 6)]})
    assert good.proposals.empty
    wide = {"Quality": MOBI["Quality"], "Image": MOBI["Image"]}
    found = research.purify(mobi(), wide, criteria=("loading",))
    for row in found.proposals.to_dict("records"):
        assert row["ave_after"] > row["ave_before"]
        assert row["cr_after"] > row["cr_before"]
        assert row["value"] < 0.708
    own = research.purify(mobi(), wide, thresholds=THRESHOLDS.with_values(item_rest=0.45))
    assert own.proposals["source"].iloc[0] == "study"
    assert own.proposals["threshold"].iloc[0] == 0.45
    with pytest.raises(OptionError, match="item_rest"):
        research.purify(mobi(), wide, criteria=("item_restt",))


# Everything at once


def test_one_call_gives_every_part_and_a_verdict_with_its_source() -> None:
    found = research.measurement(hs(), HS, groups="school", marker=None, n_draws=300)
    assert isinstance(found, Measurement)
    pd.testing.assert_frame_equal(
        found.reliability, research.reliability(hs(), {k: tuple(v) for k, v in HS.items()})
    )
    verdicts = found.verdicts
    assert set(verdicts["area"]) == {
        *("reliability", "items", "validity", "dimensionality", "fit", "method bias", "invariance")
    }
    table = verdicts.set_index(["criterion", "construct", "other"])
    assert table.loc[("alpha", "textual", ""), "verdict"] == "met"
    assert table.loc[("alpha", "visual", ""), "verdict"] == "exploratory"
    assert not table.loc[("tli", "", ""), "met"]
    assert table.loc[("delta_cfi", "scalar", "school"), "verdict"] == "not met"
    assert table.loc[("kmo", "", ""), "value"] == pytest.approx(
        research.kmo(hs()[[i for v in HS.values() for i in v]]).overall
    )
    fit = research.cfa("\n".join(f"{k} =~ {' + '.join(v)}" for k, v in HS.items()), hs()).measures()
    for name in ("cfi", "tli", "rmsea", "srmr"):
        assert table.loc[(name, "", ""), "value"] == pytest.approx(fit[name], rel=1e-6)
    for reading, zh in zip(verdicts["reading"], verdicts["reading_zh"], strict=True):
        assert "nan" not in reading + zh
        assert re.search("[\u4e00-\u9fff]", zh)
    met = verdicts["met"].to_numpy(dtype=object)
    assert all(value in (True, False, None) for value in met)
    assert any("No marker variable" in note for note in found.notes)


def test_every_source_of_a_threshold_is_in_the_bibliography() -> None:
    known = set(
        re.findall(r"^@\w+\{(\w+),", (ROOT / "research/templates/methods.bib").read_text("utf-8"), re.M)
    )
    found = research.measurement(hs(), HS, groups="school", marker="speed", n_draws=200)
    sources = set(found.verdicts["source"])
    assert found.method_bias is not None
    for reading in found.method_bias.readings:
        sources |= set(reading.source.split("; "))
    fields = (getattr(THRESHOLDS, name) for name in THRESHOLDS.__dataclass_fields__)
    sources |= {limit.source for limit in fields}
    assert sources - {CONVENTION} <= known


def test_parts_are_computed_when_they_are_asked_for() -> None:
    found = research.measurement(mobi(), MOBI, n_draws=200)
    assert "rivals" not in vars(found)
    assert found.reliability is found.reliability
    assert "rivals" not in vars(found)
    assert found.compute() is found
    assert "rivals" in vars(found)
    assert found.rivals is not None
    assert sum("not positive definite" in note for note in found.notes) == 1


def test_items_turned_by_the_caller_are_turned_in_every_part() -> None:
    turned = hs().assign(x1=10 - hs()["x1"], x5=-hs()["x5"])
    plain, other = (
        research.measurement(hs(), HS, n_draws=200),
        research.measurement(turned, HS, ["x1", "x5"], n_draws=200),
    )
    a, b = plain.verdicts, other.verdicts
    close(b["value"], a["value"], 1e-6)
    assert other.rivals is not None
    assert plain.rivals is not None
    close(other.rivals["chisq"], plain.rivals["chisq"], 1e-6)


def test_a_matrix_has_the_parts_that_need_no_answers() -> None:
    items = [item for own in HS.values() for item in own]
    found = research.measurement(hs()[items].cov(), HS, n_obs=301)
    verdicts = found.verdicts
    assert found.items is None
    assert found.normality is None
    assert found.rivals is not None
    assert {"reliability", "fit", "validity", "method bias"} <= set(verdicts["area"])
    assert any(note.startswith("items: item analysis needs the answers") for note in found.notes)


def test_a_questionnaire_brings_its_constructs_and_the_ends_of_its_scales() -> None:
    questionnaire = research.read_questionnaire(ROOT / "questionnaires" / "ecsi_mobile.yaml")
    responses = research.read_responses(shared("realdata/ecsi_mobile_250.csv"), questionnaire)
    found = research.measurement(responses, n_draws=300)
    assert list(found.constructs) == list(MOBI)
    plain = research.measurement(mobi(), MOBI, n_draws=300)
    close(found.verdicts["value"], plain.verdicts["value"], 1e-9)
    # nobody gave perceived value's second item its lowest point 1 in these rows: its floor is empty, not 2
    fewer = responses.keep(mobi()["PERV2"].to_numpy() > 1)
    floors = research.item_analysis(fewer, questionnaire.item_columns()).set_index("item")["floor"]
    assert floors["PERV2"] == 0
    assert research.item_analysis(fewer.frame, MOBI).set_index("item").loc["PERV2", "floor"] > 0


def test_the_room_itself_is_the_call() -> None:
    import research.measurement.validity as validity

    assert research.measurement.validity is validity  # still a package
    assert callable(research.measurement)
    with pytest.raises(DataError, match="constructs="):
        research.measurement(hs())


# Tables


def test_tables_speak_both_languages_and_print_the_numbers() -> None:
    found = research.measurement(mobi(), MOBI, n_draws=500)
    marked = research.method_bias(hs(), HS, "speed")
    validity, bias = found.validity, found.method_bias
    assert validity.intervals is not None
    assert validity.discriminant is not None
    assert found.rivals is not None
    assert found.items is not None
    assert bias is not None
    assert bias.method_factor is not None
    assert marked.marker is not None
    made: dict[str, Table] = {
        "0.929": tables.htmt_intervals_table(validity.intervals),
        "0.356": tables.discriminant_table(validity.discriminant),
        "593.23": tables.rival_models_table(found.rivals),
        "47.4%": tables.method_bias_table(marked),
        "162.79": tables.method_factor_table(bias.method_factor),
        "0.314": tables.marker_table(marked.marker),
        "13.01": tables.item_analysis_table(found.items),
        "0.433": tables.scorecard_table(found.verdicts),
        "PERQ8": tables.purification_table(
            research.purify(
                mobi().assign(PERQ8=mobi()["PERQ1"] * 1.0), {**MOBI, "Quality": [*MOBI["Quality"], "PERQ8"]}
            )
        ),
    }
    for number, table in made.items():
        english, chinese = to_markdown(table, "en"), to_markdown(table, "zh")
        assert number in chinese
        assert re.search("[\u4e00-\u9fff]", english) is None
        assert not re.search(r"\bnan\b", english + chinese)
        assert (number in english) or (number.lstrip("0") in english)
    missed = tables.scorecard_table(found.verdicts, only_missed=True)
    assert len(missed.frame) == (found.verdicts["verdict"] != "met").sum()
    assert "**not met**" in to_markdown(missed, "en")


# Bad input: a clear error or a note, everywhere


def calls(frame: pd.DataFrame, blocks: dict[str, list[str]]) -> dict[str, object]:
    """What every call says to the data: its result, or the message of its error."""
    found: dict[str, object] = {}
    for name, call in {
        "htmt_intervals": lambda: research.htmt_intervals(frame, blocks, n_draws=200),
        "discriminant_validity": lambda: research.discriminant_validity(frame, blocks),
        "rival_models": lambda: research.rival_models(frame, blocks),
        "method_bias": lambda: research.method_bias(frame, blocks),
        "item_analysis": lambda: research.item_analysis(frame, blocks),
        "purify": lambda: research.purify(frame, blocks),
        "measurement": lambda: research.measurement(frame, blocks, n_draws=200).verdicts,
    }.items():
        try:
            found[name] = call()
        except ResearchError as error:
            found[name] = str(error)
    return found


TWO = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}


def two_scales(n: int = 120) -> pd.DataFrame:
    a = one_scale(n, 3, 1)
    b = one_scale(n, 3, 2).rename(columns=lambda name: name.replace("a", "b")) * 0.9
    return pd.concat([a, b + 0.5 * a.mean(axis=1).to_numpy()[:, None]], axis=1)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("constant", "'a1' is constant"),
        ("missing", "'a1' has no answers at all"),
        ("unknown", "a1"),
        ("all missing", "has no answers at all"),
        ("text", "a1"),
        ("no rows", "has no answers at all"),
        ("beyond scale", "'a1' are too large or too small"),
        ("vanishing scale", "'a1' are too large or too small"),
    ],
)
def test_unusable_items_are_named_by_every_call(what: str, message: str) -> None:
    frame = two_scales()
    frame = {
        "constant": frame.assign(a1=3.0),
        "missing": frame.assign(a1=np.nan),
        "unknown": frame.drop(columns="a1"),
        "all missing": frame * np.nan,
        "text": frame.assign(a1="often"),
        "no rows": frame.iloc[:0],
        "beyond scale": frame.assign(a1=frame["a1"] * 1e200),
        "vanishing scale": frame.assign(a1=frame["a1"] * 1e-200),
    }[what]
    for name, found in calls(frame, TWO).items():
        assert isinstance(found, str), name
        assert message in found, name


def test_hard_data_have_results_or_reasons() -> None:
    frame = two_scales()
    rng = np.random.default_rng(9)
    hard = {
        "one construct": (frame, {"a": TWO["a"]}),
        "single items": (frame, {"a": ["a1"], "b": ["b1"]}),
        "a single item": (frame, {"a": ["a1"], "b": TWO["b"]}),
        "copies": (frame.assign(a2=frame["a1"]), TWO),
        "exact sum": (frame.assign(b3=frame["a1"] + frame["a2"]), TWO),
        "few rows": (frame.iloc[:5], TWO),
        "two rows": (frame.iloc[:2], TWO),
        "as many rows as items": (frame.iloc[:6], TWO),
        "against each other": (
            frame.assign(a2=-frame["a1"] + rng.normal(size=120) * 0.3, a3=-frame["a3"]),
            TWO,
        ),
        "gaps": (frame.mask(rng.random(frame.shape) < 0.3), TWO),
    }
    for what, (data, blocks) in hard.items():
        found = research.measurement(data, blocks, n_draws=200)
        assert len(found.verdicts) > 5, what
        for note in found.notes:
            assert len(note) > 20, what
    for what in ("one construct", "few rows", "copies"):
        for name, result in calls(*hard[what]).items():
            assert result is not None, (what, name)
    alone = research.measurement(frame, {"a": TWO["a"]}, n_draws=200)
    assert set(alone.verdicts["area"]) >= {"reliability", "items", "fit"}
    assert any("alone has no rival models" in note for note in alone.notes)
    against = research.measurement(*hard["against each other"])
    assert any("keyed against" in note for note in against.compute().notes)
