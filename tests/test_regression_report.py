"""Tables and figures of diagnostics, dominance, group differences, necessary conditions; both languages."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import ecsi
import numpy as np
import pandas as pd
import pytest
from shared import shared
from small_survey import survey

import research
from research.errors import DataError
from research.questionnaire.definition import Option
from research.report import figures, tables
from research.report.nouns import Figure, Table
from research.report.style import journal_style, paint, picture
from research.report.table_markdown import to_markdown
from research.responses.nouns import Responses, Source

FORMULA = "Loyalty ~ Image + Satisfaction + Value + Complaints"


@cache
def scores() -> pd.DataFrame:
    items = {construct.name: list(construct.item_ids) for construct in ecsi.questionnaire().constructs}
    return pd.DataFrame({name: ecsi.answers()[ids].mean(axis=1) for name, ids in items.items()})


@cache
def fitted() -> Any:
    return research.regress(FORMULA, scores())


@cache
def necessary() -> Any:
    return research.nca(scores(), ["Satisfaction", "Image"], "Loyalty", permutations=200)


@cache
def answers() -> Responses:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        rng.integers(1, 6, (90, 5)).astype(float), columns=["TR1", "TR2", "TR3", "LO1", "LO2"]
    )
    frame["gender"] = rng.choice(["f", "m"], 90)
    frame["age"] = np.repeat([1, 2, 3], 30)
    frame[["LO1", "LO2"]] += 2 * (frame[["age"]].to_numpy() == 3)
    frame["uses_pay"] = (frame["gender"] == "f").astype(float)
    return Responses(frame, survey(), Source("", "", "csv"))


def lines(table: Table, lang: str) -> list[str]:
    text = to_markdown(table, lang).replace("\\", "").replace("*", "")
    return [" | ".join(cell.strip() for cell in line.strip("|").split("|")) for line in text.splitlines()]


@pytest.fixture(autouse=True)
def _needs_reference_data() -> None:
    shared("realdata/golden/mobi_lavaan.json")


def test_a_verdict_and_what_it_means_stand_beside_each_test() -> None:
    english = lines(tables.diagnostics_table(fitted().diagnostics(), ecsi.questionnaire()), "en")
    chinese = lines(tables.diagnostics_table(fitted().diagnostics(), ecsi.questionnaire()), "zh")
    line = next(line for line in english if "Breusch" in line)
    assert line.startswith("Equal variances | Breusch–Pagan (Koenker) | 20.80 | < .001 | not met | The error")
    assert any(
        line.startswith("误差等方差 | Breusch–Pagan 检验（Koenker） | 20.80 | < 0.001 | 不满足")
        for line in chinese
    )
    assert english[0] == "Checks of the regression of Customer loyalty"
    assert chinese[0] == "顾客忠诚回归模型的诊断"


def test_columns_that_depend_on_each_other_are_called_by_their_labels() -> None:
    rng = np.random.default_rng(1)
    data = scores().assign(Quality=lambda d: d["Image"] + d["Value"] + 0.001 * rng.normal(size=len(d)))
    found = research.regress("Loyalty ~ Image + Value + Quality", data).diagnostics()
    text = " ".join(lines(tables.diagnostics_table(found, ecsi.questionnaire()), "zh"))
    assert "企业形象, 感知价值, 感知质量 近似线性相关" in text
    table = lines(tables.collinearity_table(found, ecsi.questionnaire()), "en")
    assert "Variance proportions: Perceived quality" in table[2]


def test_effect_sizes_and_dominance_are_printed() -> None:
    text = lines(tables.effect_sizes_table(fitted().effect_sizes(), ecsi.questionnaire()), "en")
    assert "Perceived value | 20.62 | 1 | 10.11 | .002 | .026 | .040 | 0.041" in text
    assert "Residuals | 499.69 | 245 |  |  |  |  | " in text
    found = research.relative_importance(FORMULA, scores(), bootstrap=0)
    square = lines(tables.dominance_table(found, ecsi.questionnaire()), "zh")
    assert "企业形象 |  | 0 | ½ | 1" in square
    for kind in ("conditional", "general"):
        assert "顾客满意 | 1 |  | 1 | 1" in lines(
            tables.dominance_table(found, ecsi.questionnaire(), kind=kind), "zh"
        )
    weights = research.relative_importance(FORMULA, scores(), "weights", bootstrap=0)
    with pytest.raises(DataError, match="lmg"):
        tables.dominance_table(weights)


def test_differences_are_printed_as_a_thesis_prints_them() -> None:
    one = research.group_differences(answers(), by=["gender"])
    english = lines(tables.comparison_table(one, answers().questionnaire), "en")
    assert english[0] == "Differences by Your gender"
    row = one.tests.iloc[0]
    assert any(f"t({row['df1']:.1f}) = " in line and "d = " in line for line in english)
    assert lines(tables.comparison_table(one, answers().questionnaire), "zh")[0] == "不同您的性别的差异分析"
    both = research.group_differences(answers(), by=["gender", "age"], constructs=["trust", "loyalty"])
    text = "\n".join(lines(tables.comparison_table(both, answers().questionnaire), "en"))
    assert "3 > 1, 3 > 2" in text
    assert "Your age | trust | 1 | 30" in text
    assert "Games–Howell" in text
    named = answers().questionnaire
    stages = {"1": {"en": "new"}, "2": {"en": "known"}, "3": {"en": "old"}}
    asked = tuple(
        replace(one, options=tuple(Option(value, label) for value, label in stages.items()))
        if one.id == "age"
        else one
        for one in named.background
    )
    numbered = lines(tables.comparison_table(both, replace(named, background=asked)), "en")
    assert any(line.startswith("Your age | trust | 1. new | 30") for line in numbered)
    pairs = lines(tables.post_hoc_table(both, answers().questionnaire), "zh")
    assert pairs[4].startswith("trust | 1 | 2 | ")
    paying = lines(
        tables.comparison_table(
            research.group_differences(answers(), by=["uses_pay"]), answers().questionnaire
        ),
        "zh",
    )
    assert paying[0] == "不同支付的差异分析"
    assert any(line.startswith("trust | 否 | ") for line in paying)
    ranks = lines(tables.comparison_table(research.compare_groups(answers(), "LO1", "age")), "en")
    assert any("H(2) = " in line and "rank ε² = ." in line for line in ranks)
    paired = lines(tables.comparison_table(research.compare_paired(answers(), "trust", "loyalty")), "en")
    assert any(line.startswith("trust − loyalty | trust | 90 |") and "t(89) = " in line for line in paired)


def test_crossed_answers_have_shares_and_bold_departures() -> None:
    found = research.compare_groups(answers(), "gender", "uses_pay")
    table = tables.crossed_table(found, answers().questionnaire)
    english = lines(table, "en")
    n = int((answers().frame["gender"] == "f").sum())
    assert f"female | 0 | 0.0% | {n} | 100.0%" in english
    assert "**100.0%**" in to_markdown(table, "en")
    assert any("χ²(1) = 90.00, p < .001, Cramér's V = 1.000" in line for line in english)
    with pytest.raises(DataError, match="comparison_table"):
        tables.crossed_table(research.compare_groups(answers(), "trust", "gender"))
    with pytest.raises(DataError, match="crossed_table"):
        tables.comparison_table(found)


def test_necessity_is_printed() -> None:
    english = lines(tables.necessity_table(necessary(), ecsi.questionnaire()), "en")
    assert any(line.startswith("Image | CE-FDH (steps) | .17 | medium | ") for line in english)
    chinese = lines(tables.bottleneck_table(necessary(), ecsi.questionnaire()), "zh")
    assert "10% | 5.0 | NN" in chinese
    assert "100% | 30.0 | 30.3" in chinese
    for unit, ceiling in (("actual", "cr_fdh"), ("percentile", "ce_fdh")):
        text = " ".join(lines(tables.bottleneck_table(necessary(), unit=unit, ceiling=ceiling), "en"))
        assert "{" not in text


def drawn() -> dict[str, Figure]:
    return {
        "diagnostics": figures.diagnostic_figure(fitted().diagnostics(), ecsi.questionnaire()),
        "components": figures.partial_residual_figure(fitted().diagnostics(), ecsi.questionnaire()),
        "necessity": figures.necessity_figure(necessary(), "Image", ecsi.questionnaire()),
    }


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", ["diagnostics", "components", "necessity"])
def test_no_text_is_cut_off_or_lies_on_another(kind: str, lang: str) -> None:
    from matplotlib.text import Text

    figure = drawn()[kind]
    with journal_style():
        canvas = paint(figure, lang)
        canvas.draw_without_rendering()
        texts = [t for t in canvas.findobj(Text) if t.get_visible() and t.get_text().strip()]
        boxes = [(t.get_text(), t.get_window_extent()) for t in texts]
        edge = canvas.bbox
    for at, (text, box) in enumerate(boxes):
        assert min(box.x0, box.y0) >= 0, text
        assert box.x1 <= edge.x1, text
        assert box.y1 <= edge.y1, text
        for other, second in boxes[:at]:
            wide = min(box.x1, second.x1) - max(box.x0, second.x0)
            tall = min(box.y1, second.y1) - max(box.y0, second.y0)
            assert wide <= 0.5 or tall <= 0.35 * min(box.height, second.height), f"{text!r} lies on {other!r}"
    assert picture(figure, lang, "pdf") == picture(figure, lang, "pdf")


def test_the_curve_of_partial_residuals_is_rs_lowess() -> None:
    """lowess(wt, mpg, f = 2/3, iter = 3, delta = 0) of R 4.2.2."""
    from research.report.figure_partial_residuals import smoothed

    cars = pd.read_csv(shared("reference/data/mtcars.csv"))
    at, curve = smoothed(cars["wt"].to_numpy(float), cars["mpg"].to_numpy(float))
    theirs = {1.513: 31.50709292, 2.14: 26.18178731, 2.62: 22.32223256, 3.15: 19.58832845}
    theirs |= {3.435: 17.88755104, 3.57: 17.10125877, 3.845: 15.65830836, 5.424: 11.4782863}
    found = dict(zip(np.round(at, 3).tolist(), curve.tolist(), strict=True))
    assert [found[x] for x in theirs] == pytest.approx(list(theirs.values()), rel=1e-6)


def test_partial_residuals_lie_around_the_coefficient_of_their_predictor() -> None:
    found, table = fitted().diagnostics(), fitted().tidy().set_index("term")
    figure = figures.partial_residual_figure(found, ecsi.questionnaire())
    for term, rows in figure.frame.groupby("term"):
        assert np.polyfit(rows["x"], rows["partial"], 1)[0] == pytest.approx(table.loc[term, "estimate"])
    assert figure.title["zh"] == "顾客忠诚回归模型的偏残差图"
    rng = np.random.default_rng(1)
    wide = pd.DataFrame(rng.normal(size=(60, 14)), columns=[f"x{at}" for at in range(13)] + ["y"])
    wide = wide.assign(g=np.resize(list("abc"), 60), x0=np.resize([0.0, 1.0], 60))
    many = research.regress("y ~ " + " + ".join(f"x{at}" for at in range(13)), wide).diagnostics()
    drawn_figure = figures.partial_residual_figure(many)
    assert "1 further predictors" in drawn_figure.notes[0]["en"]
    assert picture(drawn_figure, "zh", "png", dpi=50)
    with pytest.raises(DataError, match="no predictor of this regression is a number"):
        figures.partial_residual_figure(research.regress("y ~ C(g)", wide).diagnostics())


def test_figures_of_odd_data_are_drawn() -> None:
    small = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 9], "y": [1.0, 2, 4, 3, 7, 5], "g": list("aabbcb")})
    lonely = figures.diagnostic_figure(research.regress("y ~ x + C(g)", small).diagnostics())
    assert picture(lonely, "en", "png", dpi=60)
    constant = figures.diagnostic_figure(research.regress("y ~ 1", small).diagnostics())
    assert picture(constant, "zh", "png", dpi=60)
    flat = research.nca(pd.DataFrame({"x": [1.0, 2, 3], "y": [3.0, 1, 2]}), "x", "y", permutations=0)
    assert picture(figures.necessity_figure(flat), "zh", "png", dpi=60)
