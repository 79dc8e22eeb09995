"""The instrument as a frame: what was asked, on which scale, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.questionnaire.definition import Construct, Questionnaire, Scale, say

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = (
    "part",
    "construct",
    "label",
    "second_order",
    "item",
    "wording",
    "scale",
    "low",
    "high",
    "answers",
    "reverse",
    "source",
)


def outline(questionnaire: Questionnaire, lang: str) -> pd.DataFrame:
    """One row a question, in the order of the file: items, attention checks, background questions.

    `part` is "construct", "check" or "background"; `label` the construct's label and `second_order`
    the label of the construct it is a component of, both in `lang`; `answers` the labelled points
    ("1 = very poor; 10 = very good") or the options; `low` and `high` the ends of the scale, NaN
    for background questions; `source` the BibTeX keys with a comma between.
    """
    import pandas as pd

    whole = {part: whole for whole in questionnaire.constructs for part in whole.components}
    rows: list[tuple[object, ...]] = []
    for construct in questionnaire.constructs:
        rows += _items(questionnaire, construct, whole.get(construct.name), lang)
    for check in questionnaire.checks:
        scale = questionnaire.scales[check.scale]
        asked = (check.id, say(check.wording, lang), scale.name, scale.low, scale.high, _points(scale, lang))
        rows.append(("check", "", "", "", *asked, False, ""))
    for question in questionnaire.background:
        options = "; ".join(f"{option.value} = {say(option.label, lang)}" for option in question.options)
        asked_of_all = (question.id, say(question.wording, lang), question.kind, None, None, options)
        rows.append(("background", "", "", "", *asked_of_all, False, ""))
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype({"low": float, "high": float, "reverse": bool})


def _items(
    questionnaire: Questionnaire, construct: Construct, whole: Construct | None, lang: str
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for item in construct.items:
        scale = questionnaire.scales[item.scale]
        rows.append(
            (
                "construct",
                construct.name,
                say(construct.label, lang),
                say(whole.label, lang) if whole else "",
                item.id,
                say(item.wording, lang),
                scale.name,
                scale.low,
                scale.high,
                _points(scale, lang),
                item.reverse,
                ", ".join(construct.source),
            )
        )
    return rows


def _points(scale: Scale, lang: str) -> str:
    labelled = [point for point in scale.points if point.label]
    return "; ".join(f"{point.value} = {say(point.label, lang)}" for point in labelled)
