"""A derived question counts like an asked one; levels and shares are printed as they were computed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import research
from research.errors import DataError
from research.report import figures, tables
from research.report.table_markdown import to_markdown
from research.responses.nouns import Responses

OPTIONS = {"new": {"en": "new", "zh": "新用户"}, "old": {"en": "old", "zh": "老用户"}}
STAGE = {"en": "Stage", "zh": "阶段"}


def answers() -> Responses:
    return research.simulate(
        research.read_questionnaire("questionnaires/finance_platform.yaml"), n=200, seed=3
    )


def staged() -> Responses:
    given = answers()
    codes = ["new" if code in {"1", "2"} else "old" for code in given.frame["tenure"]]
    return research.add_question(given, "stage", codes, OPTIONS, STAGE)


def test_a_derived_question_groups_respondents() -> None:
    found = research.compare_groups(staged(), "loyalty", "stage")
    scores = research.scale_scores(answers())["loyalty"]
    new = answers().frame["tenure"].isin(["1", "2"])
    means = [float(scores[new].mean()), float(scores[~new].mean())]
    np.testing.assert_allclose(found.groups["mean"], means, rtol=1e-12)
    assert found.groups["level"].tolist() == ["new", "old"]


def test_no_answer_stays_no_answer() -> None:
    given = answers()
    codes = [None, float("nan"), *["old"] * (given.n_obs - 2)]
    wider = research.add_question(given, "stage", codes, OPTIONS, STAGE)
    assert wider.frame["stage"].isna().tolist()[:3] == [True, True, False]
    assert given.questionnaire.background == wider.questionnaire.background[:-1]


def test_what_is_wrong_with_a_derived_question_is_said() -> None:
    given = answers()
    full = ["new"] * given.n_obs
    with pytest.raises(DataError, match="'tenure' is taken already"):
        research.add_question(given, "tenure", full, OPTIONS, STAGE)
    with pytest.raises(DataError, match="'loyalty' is taken already"):
        research.add_question(given, "loyalty", full, OPTIONS, STAGE)
    with pytest.raises(DataError, match="'my stage' cannot be used in a model"):
        research.add_question(given, "my stage", full, OPTIONS, STAGE)
    with pytest.raises(DataError, match="'stage' has 1 values for 200 respondents"):
        research.add_question(given, "stage", ["new"], OPTIONS, STAGE)
    with pytest.raises(DataError, match=r"'nwe' of 'stage' is none of its options.*Did you mean new"):
        research.add_question(given, "stage", ["nwe", *full[1:]], OPTIONS, STAGE)


def test_levels_are_printed_with_their_test() -> None:
    given = staged()
    found = research.group_differences(given, by=["stage", "segment"], constructs=["loyalty"])
    table = tables.comparison_table(found, given.questionnaire, intervals=True)
    assert table.title == {"en": "Group differences in Loyalty", "zh": "忠诚度的差异分析"}
    for name in ("mean", "low", "high"):
        assert table.frame[name].tolist() == found.groups[name].tolist()
    assert [text["zh"] for text in table.frame["level"]][:2] == ["新用户", "老用户"]
    welch = found.tests.iloc[0]
    english = to_markdown(table, "en")
    assert f"t({welch['df1']:.1f})" in english.replace("−", "-")
    assert "95% CI" in english
    assert "Welch t 检验" in "".join(note["zh"] for note in table.notes)
    own = found.post_hoc[found.post_hoc["p"] < 0.05]
    shown = [text["en"] for text in table.frame["pairs"] if text and text["en"]]
    assert sum(text.count(">") for text in shown) == len(own)
    for lang in ("en", "zh"):
        assert to_markdown(table, lang)


def test_a_figure_of_levels_shows_one_outcome() -> None:
    given = staged()
    found = research.group_differences(given, by=["stage", "segment"], constructs=["loyalty"])
    figure = figures.levels_figure(found, given.questionnaire)
    assert figure.frame["estimate"].tolist() == found.groups["mean"].tolist()
    assert figure.title["zh"] == "各组的忠诚度水平"
    two = research.group_differences(given, by=["stage"], constructs=["loyalty", "trust"])
    with pytest.raises(DataError, match="one outcome, and there are 2"):
        figures.levels_figure(two, given.questionnaire)


def test_shares_of_predictors_are_printed_and_drawn() -> None:
    rng = np.random.default_rng(1)
    x, z = rng.normal(size=(2, 300))
    frame = pd.DataFrame({"x": x, "z": z, "w": rng.normal(size=300), "y": x + 0.3 * z + rng.normal(size=300)})
    found = research.relative_importance("y ~ x + z", frame, bootstrap=100)
    table = tables.relative_importance_table(found)
    assert table.frame["share"].sum() == pytest.approx(1)
    assert table.frame["term"].tolist() == ["x", "z"]
    assert "100 bootstrap samples" in table.notes[-1]["en"]
    assert figures.importance_figure(found).frame["estimate"].tolist() == table.frame["share"].tolist()
    plain = tables.relative_importance_table(
        research.relative_importance("y ~ x + z + w", frame, controls=["w"], bootstrap=0)
    )
    assert len(plain.columns) == 5
    assert "先行进入" in plain.notes[1]["zh"]
