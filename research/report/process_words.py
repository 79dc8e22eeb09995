"""The words of conditional process analysis: effects, paths, conditions, Johnson-Neyman sentences."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import print_number
from research.report.labels import LANGUAGES, joined, label_of, path_label

if TYPE_CHECKING:
    import pandas as pd

EFFECTS: Mapping[str, Text] = {
    "total": {"en": "Total", "zh": "总效应"},
    "direct": {"en": "Direct", "zh": "直接效应"},
    "total indirect": {"en": "Total indirect", "zh": "总间接效应"},
    "indirect": {"en": "Indirect", "zh": "间接效应"},
    "conditional direct": {"en": "Conditional direct", "zh": "条件直接效应"},
    "conditional indirect": {"en": "Conditional indirect", "zh": "条件间接效应"},
    "contrast": {"en": "Contrast", "zh": "效应之差"},
    "index of moderated mediation": {"en": "Index of moderated mediation", "zh": "有调节的中介指数"},
    "index of partial moderated mediation": {
        "en": "Index of partial moderated mediation",
        "zh": "偏有调节的中介指数",
    },
    "index of conditional moderated mediation": {
        "en": "Index of conditional moderated mediation",
        "zh": "条件有调节的中介指数",
    },
    "index of moderated moderated mediation": {
        "en": "Index of moderated moderated mediation",
        "zh": "受调节的有调节中介指数",
    },
}
INTERVALS: Mapping[str, Text] = {
    "percentile": {"en": "Percentile bootstrap intervals", "zh": "置信区间为百分位 Bootstrap 区间"},
    "bc": {"en": "Bias-corrected bootstrap intervals", "zh": "置信区间为偏差校正 Bootstrap 区间"},
    "bca": {
        "en": "Bias-corrected and accelerated bootstrap intervals",
        "zh": "置信区间为偏差校正与加速（BCa）Bootstrap 区间",
    },
    "monte carlo": {"en": "Monte Carlo intervals", "zh": "置信区间为蒙特卡罗区间"},
    "sobel": {
        "en": "Normal intervals with second-order standard errors",
        "zh": "置信区间为正态近似区间，标准误为二阶 delta 法标准误",
    },
}
_CODED: Mapping[str, Text] = {
    "D": {
        "en": "Categories are compared each with the one before it (sequential coding).",
        "zh": "各类别与前一类别相比较（序列编码）。",
    },
    "H": {
        "en": "Categories are compared with the mean of those that follow (Helmert coding).",
        "zh": "各类别与其后各类别的均值相比较（Helmert 编码）。",
    },
    "S": {
        "en": "Categories are compared with the mean of all (effect coding).",
        "zh": "各类别与全部类别的均值相比较（效应编码）。",
    },
}
_MARK = re.compile(r"C\([^()]+\)\[(?P<mark>[DHS])\.")


def route_label(path: str, questionnaire: Questionnaire | None) -> Text:
    """`Quality → Trust → Loyalty`, of a contrast both paths with a minus between them."""
    return joined(" − ", [path_label(part.split(" -> "), questionnaire) for part in path.split(" minus ")])


def point_labels(points: Sequence[str], questionnaire: Questionnaire | None) -> list[Text]:
    """`w = 1.592; z = 2` with labels for names; of a contrast both sides.

    Numbers have two digits, none where all values of that moderator are whole.

    >>> [label["en"] for label in point_labels(["trust = 1.592; age = 30", "trust = 3; age = 51"], None)]
    ['trust = 1.59, age = 30', 'trust = 3.00, age = 51']
    >>> point_labels(["trust = 3 minus trust = 1"], None)[0]["en"]
    'trust: 3 − 1'
    """
    fractional = {
        part.split(" = ", 1)[0]
        for at in points
        for side in at.split(" minus ")
        for part in side.split("; ")
        if " = " in part and not _is_whole(part.split(" = ", 1)[1])
    }
    return [{lang: _point(at, questionnaire, fractional, lang) for lang in LANGUAGES} for at in points]


def _is_whole(value: str) -> bool:
    try:
        return float(value).is_integer()
    except ValueError:
        return True


def _point(at: str, questionnaire: Questionnaire | None, fractional: set[str], lang: str) -> str:
    between, colon = {"en": ", ", "zh": "，"}[lang], {"en": ": ", "zh": "："}[lang]
    sides = [
        [_condition(part, questionnaire, fractional, lang) for part in side.split("; ")]
        for side in at.split(" minus ")
    ]
    if len(sides) == 2 and all(len(side) == 1 and side[0][1] for side in sides):
        return f"{sides[0][0][0]}{colon}{sides[0][0][1]} − {sides[1][0][1]}"
    return " − ".join(
        between.join(f"{name} = {value}" if value else name for name, value in side) for side in sides
    )


def coding_notes(names: Sequence[str]) -> tuple[Text, ...]:
    """What the columns of categorical variables compare, where it is not the first category."""
    marks = {match["mark"] for name in names for match in _MARK.finditer(name)}
    return tuple(text for mark, text in _CODED.items() if mark in marks)


def johnson_neyman_sentence(bounds: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Text:
    """What `Process.johnson_neyman()` found, in a sentence a path."""
    said: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
    for keys, rows in bounds.groupby(["path", "moderator", "at"], sort=False):
        path, moderator, at = (str(key) for key in keys)
        for lang in LANGUAGES:
            route = say(route_label(path, questionnaire), lang)
            name = say(label_of(moderator, questionnaire), lang)
            where = say(point_labels([at], questionnaire)[0], lang) if at else ""
            said[lang].append(_sentence(rows, route, name, where, lang))
    return {"en": " ".join(said["en"]), "zh": "".join(said["zh"])}


def _sentence(rows: pd.DataFrame, route: str, name: str, where: str, lang: str) -> str:
    given = {"en": f" (at {where})", "zh": f"（{where}）"}[lang] if where else ""
    first = str(rows["significant"].iloc[0])
    if first in ("everywhere", "nowhere"):
        always = first == "everywhere"
        if lang == "zh":
            return f"在{name}的全部取值范围内，{route}{given}的效应均{'显著' if always else '不显著'}。"
        return f"The effect {route}{given} is {'' if always else 'not '}significant at any value of {name}."
    parts = []
    for bound, below, above, side in zip(
        rows["bound"], rows["share_below"], rows["share_above"], rows["significant"], strict=True
    ):
        value, lower = print_number(float(bound), 2), side == "below"
        share = f"{print_number(100 * float(below if lower else above), 1)}%"
        if lang == "zh":
            parts.append(f"{'低于' if lower else '高于'} {value}（占样本的 {share}）")
        else:
            parts.append(f"{'below' if lower else 'above'} {value} ({share} of the sample)")
    if lang == "zh":
        return f"当{name}{'或'.join(parts)}时，{route}{given}的效应显著。"
    return f"The effect {route}{given} is significant where {name} is {' or '.join(parts)}."


def level_label(name: str, level: str, questionnaire: Questionnaire | None) -> Text:
    """The label of an answer to a background question; the category itself where there is none."""
    label = label_of(f"C({name})[T.{level}]", questionnaire)
    return {"en": level} if say(label, "en").startswith("C(") else label


def _condition(
    part: str, questionnaire: Questionnaire | None, fractional: set[str], lang: str
) -> tuple[str, str]:
    """The label of a moderator and of its value; no value where only the moderator is named."""
    if " = " not in part:
        return (say(label_of(part, questionnaire), lang) if part else ""), ""
    name, value = part.split(" = ", 1)
    try:
        number = float(value)
        shown = print_number(number, 2 if name in fractional else 0) if math.isfinite(number) else value
    except ValueError:
        shown = say(level_label(name, value, questionnaire), lang)
    return say(label_of(name, questionnaire), lang), shown
