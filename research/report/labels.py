"""What a reader calls a variable: the questionnaire's wording for the names that frames carry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.nouns import Column

if TYPE_CHECKING:
    import pandas as pd

LANGUAGES = ("en", "zh")
_CATEGORY = re.compile(r"C\((?P<name>[^()]+)\)(?:\[(?:[TDHS]\.)?(?P<value>.*)\])?")
_INTERCEPT: Text = {"en": "Intercept", "zh": "常数项"}


def label_of(name: str, questionnaire: Questionnaire | None) -> Text:
    """The label of a construct or a background question (else its wording), an item's id, `a × b` of `a:b`.

    `C(question)[T.value]`, a category in a regression, has the label of that answer. A name that the
    questionnaire does not know is its own label.
    """
    if ":" in name:
        return joined(" × ", [label_of(part, questionnaire) for part in name.split(":")])
    if name.lower() in {"intercept", "const", "(intercept)"}:
        return _INTERCEPT
    category = _CATEGORY.fullmatch(name)
    plain, value = (category["name"], category["value"]) if category else (name, None)
    if questionnaire is not None:
        for construct in questionnaire.constructs:
            if construct.name == plain:
                return construct.label or {"en": name}
        for question in questionnaire.background:
            if question.id == plain:
                labels = {option.value: option.label for option in question.options}
                return labels.get(value or "") or question.label or question.wording or {"en": name}
    return {"en": name}


def term_label(name: str, questionnaire: Questionnaire | None) -> Text:
    """The label of a term in a table of coefficients: a category says which question it answers.

    `Gender: male` of `C(gender)[T.2]`; products have it in each factor; all else as `label_of`.
    """
    if ":" in name:
        return joined(" × ", [term_label(part, questionnaire) for part in name.split(":")])
    category = _CATEGORY.fullmatch(name)
    question, answer = (
        _asked(category["name"], questionnaire) if category else {},
        label_of(name, questionnaire),
    )
    if category is None or not question or not category["value"]:
        return answer
    return {
        lang: f"{say(question, lang)}{'：' if lang == 'zh' else ': '}{say(answer, lang)}"
        for lang in LANGUAGES
    }


def reference_note(terms: Iterable[str], questionnaire: Questionnaire | None) -> tuple[Text, ...]:
    """Which answers the categories among the terms are compared with, as a sentence; none where unknown.

    The reference of a question is its one answer that has no term.
    """
    given: dict[str, set[str]] = {}
    for term in terms:
        for part in term.split(":"):
            category = _CATEGORY.fullmatch(part)
            if category is not None and category["value"]:
                given.setdefault(category["name"], set()).add(category["value"])
    found: list[tuple[Text, Text]] = []
    for question in questionnaire.background if questionnaire is not None else ():
        left = [one for one in question.options if one.value not in given.get(question.id, ())]
        if question.id in given and len(left) == 1:
            found.append((_asked(question.id, questionnaire), left[0].label))
    if not found:
        return ()
    english = "; ".join(f"{say(asked, 'en')}: {say(answer, 'en')}" for asked, answer in found)
    chinese = "；".join(f"{say(asked, 'zh')}：{say(answer, 'zh')}" for asked, answer in found)
    many = "ies" if len(found) > 1 else "y"
    return ({"en": f"Reference categor{many}: {english}.", "zh": f"参照组：{chinese}。"},)


def path_label(names: Sequence[str], questionnaire: Questionnaire | None) -> Text:
    """`Quality → Trust → Loyalty` in every language."""
    return joined(" → ", [label_of(name, questionnaire) for name in names])


def joined(between: str, texts: Iterable[Text]) -> Text:
    """The texts in a row, in every language.

    >>> joined(" → ", [{"en": "Trust", "zh": "信任"}, {"en": "X1"}])
    {'en': 'Trust → X1', 'zh': '信任 → X1'}
    """
    parts = list(texts)
    return {lang: between.join(say(part, lang) for part in parts) for lang in LANGUAGES}


def _asked(name: str, questionnaire: Questionnaire | None) -> Text:
    for question in questionnaire.background if questionnaire is not None else ():
        if question.id == name:
            return question.label or question.wording
    return {}


def wording_of(item: str, questionnaire: Questionnaire | None) -> Text:
    """The wording of an item; empty where the questionnaire does not ask it."""
    if questionnaire is not None:
        for known in questionnaire.items:
            if known.id == item:
                return known.wording
    return {}


def construct_of(item: str, questionnaire: Questionnaire | None) -> str:
    """The name of the construct that an item measures; empty where there is none."""
    if questionnaire is not None:
        for construct in questionnaire.constructs:
            if item in construct.item_ids:
                return construct.name
    return ""


def counts_note(counts: Mapping[str, float], questionnaire: Questionnaire | None = None) -> tuple[Text, ...]:
    """How many respondents each of the named results rests on, as a sentence; none where it is unknown.

    >>> counts_note({"H1": 336, "H2": 336, "H8": 340})[0]["en"]
    'n = 336 (H1, H2); n = 340 (H8).'
    >>> counts_note({"H1": 250, "H2": 250})[0]["zh"]
    'n = 250。'
    """
    by_count: dict[int, list[Text]] = {}
    for name, count in counts.items():
        if count == count:
            by_count.setdefault(int(count), []).append(label_of(name, questionnaire))
    if not by_count:
        return ()
    if len(by_count) == 1:
        (only,) = by_count
        return ({"en": f"n = {only}.", "zh": f"n = {only}。"},)
    english = [f"n = {n} ({', '.join(say(name, 'en') for name in who)})" for n, who in by_count.items()]
    chinese = [f"n = {n}（{'、'.join(say(name, 'zh') for name in who)}）" for n, who in by_count.items()]
    return ({"en": "; ".join(english) + ".", "zh": "；".join(chinese) + "。"},)


def with_columns(frame: pd.DataFrame, **columns: Sequence[object]) -> pd.DataFrame:
    """The frame with columns of any objects (wordings, blanks) added or replaced, rows numbered anew."""
    import pandas as pd

    rows = frame.reset_index(drop=True)
    added = {name: pd.Series(list(values), dtype=object) for name, values in columns.items()}
    return rows.assign(**added)


def is_grouped(frame: pd.DataFrame) -> bool:
    """Whether the rows belong to more than one group."""
    return "group" in frame and len(set(frame["group"])) > 1


def present(columns: Iterable[Column], frame: pd.DataFrame) -> tuple[Column, ...]:
    """Those columns whose values the frame has: optional ones are left out of the table."""
    known = {str(name) for name in frame.columns}
    return tuple(
        column for column in columns if column.name in known and (not column.high or column.high in known)
    )
