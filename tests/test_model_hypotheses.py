"""A questionnaire writes its own measurement and structural model in lavaan's syntax."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cases import golden

from research.errors import ModelError
from research.model.build import parameter_table
from research.model.hypotheses import measurement_text, model_text, structural_edges
from research.model.syntax import parse
from research.questionnaire.definition import Construct, Hypothesis, Item, Question, Questionnaire, Scale
from research.questionnaire.reader import read_questionnaire

QUESTIONNAIRES = Path(__file__).parents[1] / "questionnaires"


def construct(name: str, n_items: int = 2) -> Construct:
    return Construct(
        name, {"en": name}, tuple(Item(f"{name}{k + 1}", {"en": "?"}, "s") for k in range(n_items))
    )


def questionnaire(constructs: list[Construct], hypotheses: list[Hypothesis]) -> Questionnaire:
    return Questionnaire(
        name="q",
        title={"en": "q"},
        languages=("en",),
        scales={"s": Scale("s", ())},
        constructs=tuple(constructs),
        hypotheses=tuple(hypotheses),
    )


def without_labels(text: str) -> list[str]:
    plain = re.sub(r"p_\w+\*", "", text)
    return [line.replace(" ", "") for line in plain.splitlines() if ":=" not in line]


def test_the_mobile_survey_gives_the_model_that_lavaan_was_run_on() -> None:
    survey = read_questionnaire(QUESTIONNAIRES / "ecsi_mobile.yaml")
    meta = golden("mobi_lavaan")["meta"]
    measurement = meta["syntax_measurement"].replace(" ", "").splitlines()
    structure = meta["syntax_structural"].replace(" ", "").splitlines()
    assert measurement_text(survey).replace(" ", "").splitlines() == measurement
    assert without_labels(model_text(survey)) == measurement + structure
    table = parameter_table(model_text(survey))
    assert table.n_free == golden("mobi_lavaan")["sem_ML"]["fit"]["npar"]
    assert [one.name for one in table.defined] == [
        "ind_H13",
        "ind_H14",
        "ind_H15",
        "total_Quality_Loyalty",
        "total_Image_Loyalty",
        "total_Expectation_Loyalty",
    ]


def test_total_effects_are_those_of_the_matrix_of_paths() -> None:
    """Total effects are (I - B)^-1 - I (Bollen 1989, table 8.3), here for random paths."""
    survey = read_questionnaire(QUESTIONNAIRES / "ecsi_mobile.yaml")
    table = parameter_table(model_text(survey))
    draw = np.random.default_rng(1)
    names = table.latent
    paths = {p.label: float(draw.normal()) for p in table.parameters if p.op == "~"}
    B = np.zeros((len(names), len(names)))
    for p in table.parameters:
        if p.op == "~":
            B[names.index(p.lhs), names.index(p.rhs)] = paths[p.label]
    total = np.linalg.inv(np.eye(len(names)) - B) - np.eye(len(names))
    checked = 0
    for one in table.defined:
        if one.name.startswith("total_"):
            _, source, target = one.name.split("_")
            expected = total[names.index(target), names.index(source)]
            assert one.expression.value(paths) == pytest.approx(expected, rel=1e-12)
            checked += 1
    assert checked == 3


def test_second_order_moderated_controlled_and_single_item() -> None:
    survey = questionnaire(
        [
            construct("Tan"),
            construct("Rel"),
            Construct("Quality", {"en": "Quality"}, components=("Tan", "Rel")),
            construct("Cost"),
            construct("Loyalty", 1),
            construct("Unused"),
        ],
        [
            Hypothesis("H1", "direct", ("Quality", "Loyalty")),
            Hypothesis("H2", "moderated", ("Quality", "Loyalty"), moderator="Cost"),
            Hypothesis("H3", "moderated", ("Quality", "Loyalty"), moderator="age"),
            Hypothesis("H4", "group", ("Quality", "Loyalty"), group="sex"),
        ],
    )
    background = (Question("age", {"en": "?"}, "number"), Question("sex", {"en": "?"}, "choice"))
    survey = replace(survey, background=background, controls=("age", "sex"))
    assert structural_edges(survey) == (("Quality", "Loyalty"), ("Cost", "Loyalty"))
    assert model_text(survey).splitlines() == [
        "Tan =~ Tan1 + Tan2",
        "Rel =~ Rel1 + Rel2",
        "Quality =~ Tan + Rel",
        "Cost =~ Cost1 + Cost2",
        "Loyalty =~ Loyalty1",
        "Loyalty ~ p_Quality_Loyalty*Quality + p_Cost_Loyalty*Cost + age",
    ]
    assert model_text(survey, controls=["male"]).endswith("p_Cost_Loyalty*Cost + male\n")
    assert "Unused =~ Unused1 + Unused2" in measurement_text(survey)
    table = parameter_table(model_text(survey))
    residual = next(p for p in table.parameters if p.lhs == p.rhs == "Loyalty1")
    assert (residual.free, residual.value) == (0, 0.0)


def test_serial_mediation_defines_its_product_and_the_sum_over_all_ways() -> None:
    survey = questionnaire(
        [construct("A"), construct("B"), construct("C")],
        [Hypothesis("H-1", "mediated", ("A", "B", "C")), Hypothesis("H2", "direct", ("A", "C"))],
    )
    lines = model_text(survey).splitlines()
    assert "ind_H_1 := p_A_B*p_B_C" in lines
    assert "total_A_C := p_A_C + p_A_B*p_B_C" in lines


def test_composites_and_odd_names() -> None:
    survey = questionnaire(
        [replace(construct("Drivers"), mode="composite"), construct("My loyalty")],
        [Hypothesis("H1", "direct", ("Drivers", "My loyalty"))],
    )
    text = model_text(survey)
    assert "Drivers <~ 1*Drivers1 + Drivers2" in text
    assert '"My loyalty" ~ p_Drivers_My_loyalty*Drivers' in text
    assert [row.op for row in parse(text).rows] == ["=~", "=~", "<~", "<~", "~"]
    assert "Drivers" not in measurement_text(survey)


def test_without_hypotheses_there_is_the_measurement_model_only() -> None:
    survey = questionnaire([construct("A"), construct("B")], [])
    assert model_text(survey) == measurement_text(survey) == "A =~ A1 + A2\nB =~ B1 + B2\n"
    with pytest.raises(ModelError, match="neither items nor components"):
        measurement_text(questionnaire([construct("A", 0)], []))
