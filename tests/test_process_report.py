"""Tables, sentences and figures of conditional processes, in both languages."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shared import shared

import research
from research.errors import DataError
from research.questionnaire.definition import Construct, Item, Point, Questionnaire, Scale
from research.report.figures import johnson_neyman_figure, moderation_figure, process_figure
from research.report.process_words import johnson_neyman_sentence, point_labels, route_label
from research.report.table_markdown import to_markdown
from research.report.tables import (
    process_effects_table,
    process_models_table,
    process_tests_table,
    simple_slopes_table,
)


@cache
def disaster() -> Any:
    data = pd.read_csv(shared("published/data/hayes_disaster.csv"))
    return research.process(data, 8, x="frame", y="donate", m=["justify"], w="skeptic", bootstrap=1000)


def survey() -> Questionnaire:
    words = {
        "frame": ("Framing", "信息框架"),
        "skeptic": ("Climate scepticism", "气候怀疑"),
        "justify": ("Justification", "辩解"),
        "donate": ("Donation", "捐款意愿"),
    }
    constructs = tuple(
        Construct(name, {"en": en, "zh": zh}, (Item(f"{name}1", {"en": "w"}, "s"),))
        for name, (en, zh) in words.items()
    )
    scale = Scale("s", (Point(1, {"en": "no", "zh": "否"}), Point(2, {"en": "yes", "zh": "是"})))
    return Questionnaire("q", {"en": "q"}, ("en", "zh"), {"s": scale}, constructs)


def lines(table: Any, lang: str) -> list[str]:
    text = to_markdown(table, lang).replace("\\", "").replace("*", "")
    return [" | ".join(cell.strip() for cell in line.strip("|").split("|")) for line in text.splitlines()]


def test_the_regressions_stand_side_by_side() -> None:
    found = disaster()
    table = process_models_table(found.models(), found.measures(), survey())
    english, chinese = lines(table, "en"), lines(table, "zh")
    assert "Framing × Climate scepticism | 0.201 | 0.055 | 0.015 | 0.069" in english
    assert "信息框架 × 气候怀疑 | 0.201 | 0.055 | 0.015 | 0.069" in chinese
    assert "R² | .246 |  | .454 | " in english
    assert "R² | 0.246 |  | 0.454 | " in chinese
    assert "n | 211 |  | 211 | " in chinese
    assert any(
        "(HC3)" in line
        for line in lines(process_models_table(found.models(), found.measures(), cov_type="HC3"), "en")
    )


def test_the_model_without_mediators_is_named() -> None:
    data = pd.read_csv(shared("published/data/hayes_pmi.csv"))
    found = research.process(data, 4, x="cond", y="reaction", m=["pmi"], bootstrap=0)
    table = process_models_table(found.models(total=True), found.measures(total=True))
    assert any("reaction (total effect): b" in line for line in lines(table, "en"))
    assert any("reaction（总效应）：b" in line for line in lines(table, "zh"))
    effects = process_effects_table(found.effects(), interval="sobel")
    assert not any(column.name == "at" for column in effects.columns)
    assert "Indirect | cond → pmi → reaction | 0.241 | 0.130 | [−0.014, 0.496] | .063" in lines(effects, "en")
    assert any("二阶 delta 法" in line for line in lines(effects, "zh"))


def test_effects_are_worded() -> None:
    table = process_effects_table(disaster().effects(), survey(), n_draws=1000)
    english, chinese = lines(table, "en"), lines(table, "zh")
    row = "Conditional direct | Framing → Donation | Climate scepticism = 1.59 | 0.184 | 0.182 | "
    row += "[−0.174, 0.543] | .313"
    assert row in english
    index = "Index of moderated mediation | Framing → Justification → Donation | Climate scepticism | "
    assert any(line.startswith(index) for line in english)
    assert any("Climate scepticism: 5.20 − 2.80" in line for line in english)
    assert any("气候怀疑：5.20 − 2.80" in line for line in chinese)
    assert any(line.startswith("有调节的中介指数 |") for line in chinese)
    assert any("1,000 draws" in line for line in english)
    assert any("1000 次抽样" in line for line in chinese)
    short = process_effects_table(disaster().effects(), survey(), contrasts=False)
    assert len(short.frame) == 7


def test_slopes_and_tests_are_worded() -> None:
    slopes = lines(simple_slopes_table(disaster().simple_slopes(), survey()), "zh")
    assert "信息框架 → 辩解 | 气候怀疑 = 1.59 | −0.242 | 0.149 | −1.62 | 0.107 | [−0.537, 0.052]" in slopes
    tests = lines(process_tests_table(disaster().tests(), survey()), "en")
    assert (
        "Justification | Interaction | Framing × Climate scepticism | .048 | 13.25 | 1 | 207 | < .001"
        in tests
    )


def test_codings_are_explained() -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"x": rng.normal(size=90), "y": rng.normal(size=90), "w": list("abc") * 30})
    for kind, words in (
        ("helmert", "mean of those that follow"),
        ("effect", "mean of all"),
        ("sequential", "before it"),
    ):
        found = research.process(data, 1, w="w", bootstrap=0, categorical={"w": kind})
        notes = " ".join(note["en"] for note in process_models_table(found.models(), found.measures()).notes)
        assert words in notes
    found = research.process(data, 1, x="w", w="x", bootstrap=0, categorical={"w": "indicator"})
    table = lines(process_tests_table(found.tests()), "en")
    assert sum("All categories" in line for line in table) == 3


def test_the_sentence_of_johnson_neyman() -> None:
    said = johnson_neyman_sentence(disaster().johnson_neyman(), survey())
    assert said["en"] == (
        "The effect Framing → Justification is significant where Climate scepticism is below 1.17 (6.6% of "
        "the sample) or above 3.93 (32.2% of the sample). The effect Framing → Donation is not significant "
        "at any value of Climate scepticism."
    )
    assert said["zh"] == (
        "当气候怀疑低于 1.17（占样本的 6.6%）或高于 3.93（占样本的 32.2%）时，信息框架 → 辩解的效应显著。"
        "在气候怀疑的全部取值范围内，信息框架 → 捐款意愿的效应均不显著。"
    )


def test_words_of_paths_and_points() -> None:
    assert route_label("frame -> donate minus frame -> justify -> donate", survey())["zh"] == (
        "信息框架 → 捐款意愿 − 信息框架 → 辩解 → 捐款意愿"
    )
    assert point_labels(["skeptic:frame"], survey())[0]["en"] == "Climate scepticism × Framing"
    assert point_labels(["skeptic = 1.5; frame = 0 minus skeptic = 1; frame = 1"], survey())[0]["en"] == (
        "Climate scepticism = 1.50, Framing = 0 − Climate scepticism = 1.00, Framing = 1"
    )
    assert point_labels(["town = Bonn"], None)[0]["en"] == "town = Bonn"


def test_figures_refuse_what_they_cannot_draw() -> None:
    found = disaster()
    with pytest.raises(DataError, match="2: frame -> justify by skeptic; frame -> donate by skeptic"):
        johnson_neyman_figure(found.region())
    with pytest.raises(DataError, match=r"Process\.predictions"):
        moderation_figure(found.predictions().drop(columns="at_skeptic"), [1.0])
    with pytest.raises(DataError, match="no term is left"):
        process_figure(found.models(), without=["frame", "skeptic", "justify", "frame:skeptic"])


def test_the_region_is_shaded_where_the_bounds_say() -> None:
    from research.report.style import journal_style, paint

    found = disaster()
    figure = johnson_neyman_figure(found.region(outcome="justify"), [1.0, 2.0], survey())
    bounds = found.johnson_neyman(outcome="justify")["bound"].tolist()
    with journal_style():
        axes = paint(figure, "en").axes[0]
        shaded = sorted((patch.get_x(), patch.get_x() + patch.get_width()) for patch in axes.patches)
    assert [shaded[0][1], shaded[1][0]] == pytest.approx(bounds, abs=1e-9)
    assert figure.alt["zh"].startswith("气候怀疑：1.00 – 1.17: 显著") or "显著" in figure.alt["zh"]


def test_the_diagram_prints_coefficients_that_may_exceed_one() -> None:
    found = disaster()
    figure = process_figure(found.models(), found.measures(), survey(), without=["frame:skeptic"])
    assert "Justification → Donation −0.92***" in figure.alt["en"]
    assert "辩解 → 捐款意愿 −0.92***" in figure.alt["zh"]
    assert "Estimated and not drawn: frame:skeptic." in figure.notes[0]["en"]
    assert "非标准化系数" in figure.notes[0]["zh"]


def test_a_diagram_of_mediation_runs_from_cause_to_outcome() -> None:
    """Nothing is left out, mediators stand between, and the words of a product fit into their box."""
    found = disaster()
    figure = process_figure(found.models(), found.measures(), survey())
    paths = figure.frame[figure.frame["kind"] == "path"]
    assert len(paths) == len(found.models()) - 2
    data = pd.read_csv(shared("published/data/hayes_pmi.csv"))
    parallel = research.process(data, 4, x="cond", y="reaction", m=["import", "pmi"], bootstrap=0)
    across = places(process_figure(parallel.models()))
    assert across["cond"][0] < across["import"][0] == across["pmi"][0] < across["reaction"][0]
    box = places(figure)["frame:skeptic"]
    assert 2 * box[1] > 3 * 1.25 * 7.5 * 25.4 / 72 - 0.9  # three lines of 7.5 points


def places(figure: Any) -> dict[str, tuple[float, float]]:
    """How far right each box stands, and half its height."""
    return {node.name: (node.x, node.ry) for node in figure.draw.keywords["layout"].nodes}
