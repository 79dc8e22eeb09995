"""Tables about the sample: who answered, what was screened, what was odd, what was asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from research.questionnaire.definition import Point, Question, Questionnaire, Text, say
from research.report.bibliography import known_works
from research.report.cells import print_number
from research.report.labels import present, with_columns
from research.report.nouns import Column, Table
from research.responses.nouns import Responses
from research.responses.screening import RULES

if TYPE_CHECKING:
    import pandas as pd

_MISSING: Text = {"en": "No answer", "zh": "未作答"}


def sample_table(responses: Responses) -> Table:
    """Background of the respondents: a row an answer with n and share, a row a number with M and SD.

    Shares are of those who answered; that of "no answer" is of all respondents.
    """
    import pandas as pd

    from research.responses.describe import sample_profile

    questions = {question.id: question for question in responses.questionnaire.background}
    profile = sample_profile(responses)
    rows = [
        {
            "question": questions[str(name)].wording,
            "answer": _answer(questions[str(name)], str(value), float(mean), float(sd)),
            "n": n,
            "share": share,
        }
        for name, value, n, share, mean, sd in zip(
            *(profile[column] for column in ("question", "value", "n", "share", "mean", "sd")), strict=True
        )
    ]
    several = any(question.kind == "multiple" for question in questions.values())
    notes: list[Text] = [
        {
            "en": f"N = {responses.n_obs}; shares of those who answered.",
            "zh": f"N = {responses.n_obs}；占比以作答者为基数。",
        }
    ]
    if several:
        notes.append(
            {
                "en": "Where several answers were allowed, shares may add up to more than 100%.",
                "zh": "多选题各项占比之和可超过 100%。",
            }
        )
    return Table(
        title={"en": "Background of the respondents", "zh": "受访者基本情况"},
        frame=pd.DataFrame(rows, columns=["question", "answer", "n", "share"]),
        columns=(
            Column("question", {"en": "Characteristic", "zh": "特征"}, once=True),
            Column("answer", {"en": "Category", "zh": "类别"}),
            Column("n", {"en": "n", "zh": "人数"}, "integer"),
            Column("share", {"en": "Share", "zh": "占比"}, "percent", 1),
        ),
        notes=tuple(notes),
    )


def screening_table(frame: pd.DataFrame, criteria: Sequence[Text] = ()) -> Table:
    """Exclusions: a row a rule with `rule n_before flagged dropped n_after`, and whether it `applied`.

    `criteria`: a sentence a rule (`Screened.notes`): what it asks, or why it was not applied.
    """
    rules = [RULES.get(str(rule), {"en": str(rule)}) for rule in frame["rule"]]
    applied = [bool(flag) for flag in frame.get("applied", [True] * len(frame))]
    flagged = [n if ran else math.nan for n, ran in zip(frame["flagged"], applied, strict=True)]
    table = with_columns(frame, rule=rules, flagged=flagged)
    dropped = int(frame["dropped"].sum())
    notes: list[Text] = [
        {
            "en": "A rule flags; answers were dropped only where the study file asks for it.",
            "zh": "规则只作标记；仅在研究文件要求时剔除样本。",
        }
        if dropped
        else {"en": "Rules flag answers; none were dropped.", "zh": "规则只作标记，未剔除任何样本。"}
    ]
    if not all(applied):
        notes.append(
            {
                "en": "A dash: the rule was not applied.",
                "zh": "“–”表示未应用该规则。",
            }
        )
    notes += criteria
    columns = (
        Column("rule", {"en": "Rule", "zh": "规则"}),
        Column("n_before", {"en": "n before", "zh": "筛查前"}, "integer"),
        Column("flagged", {"en": "Flagged", "zh": "标记"}, "integer"),
        Column("dropped", {"en": "Dropped", "zh": "剔除"}, "integer"),
        Column("n_after", {"en": "n after", "zh": "筛查后"}, "integer"),
    )
    return Table(
        title={"en": "Screening of careless answers", "zh": "无效作答筛查"},
        frame=table,
        columns=present(columns, table),
        notes=tuple(notes),
    )


def instrument_table(questionnaire: Questionnaire, bibliography: str = "") -> Table:
    """The instrument: every construct with its items and their wording; scales and sources in the notes.

    `bibliography`: BibTeX that holds the `source` of each construct, beside the packaged literature.
    """
    import pandas as pd

    rows = [
        {
            "construct": construct.label,
            "item": item.id + (" (R)" if item.reverse else ""),
            "wording": item.wording,
        }
        for construct in questionnaire.constructs
        for item in construct.items
    ]
    notes = _scales_in_use(questionnaire)
    if any(item.reverse for item in questionnaire.items):
        notes.append(
            {"en": "(R): reverse-keyed, turned before analysis.", "zh": "(R) 为反向题，分析前已转换。"}
        )
    return Table(
        title={"en": "Constructs and items", "zh": "构念与题项"},
        frame=pd.DataFrame(rows, columns=["construct", "item", "wording"]),
        columns=(
            Column("construct", {"en": "Construct", "zh": "构念"}, once=True),
            Column("item", {"en": "Item", "zh": "题项"}),
            Column("wording", {"en": "Wording", "zh": "内容"}),
        ),
        notes=(*notes, *_sources(questionnaire, bibliography)),
        bibliography=bibliography,
    )


def _sources(questionnaire: Questionnaire, bibliography: str) -> tuple[Text, ...]:
    """`Sources of the scales: Trust, Security [@a; @b]; Loyalty [@c].`: constructs by what they follow."""
    known = known_works(bibliography, "en")
    labels: dict[str, list[Text]] = {}
    for construct in questionnaire.constructs:
        keys = "; ".join(f"@{key}" for key in construct.source if key in known)
        if keys:
            labels.setdefault(keys, []).append(construct.label)
    if not labels:
        return ()
    english = [f"{', '.join(say(one, 'en') for one in ones)} [{keys}]" for keys, ones in labels.items()]
    chinese = [f"{'、'.join(say(one, 'zh') for one in ones)}[{keys}]" for keys, ones in labels.items()]
    if len(labels) == 1 and sum(len(ones) for ones in labels.values()) == len(questionnaire.constructs):
        english, chinese = [f"[{keys}]" for keys in labels], [f"[{keys}]" for keys in labels]
    return (
        {"en": f"Sources of the scales: {'; '.join(english)}.", "zh": f"量表来源：{'；'.join(chinese)}。"},
    )


def _scales_in_use(questionnaire: Questionnaire) -> list[Text]:
    """`PERQ1–PERQ7, PERV1: 1 (very poor) to 10 (very good).`: a sentence a scale."""
    runs: dict[str, list[list[str]]] = {}
    before = ""
    for item in questionnaire.items:
        if item.scale == before:
            runs[item.scale][-1].append(item.id)
        else:
            runs.setdefault(item.scale, []).append([item.id])
        before = item.scale
    sentences: list[Text] = []
    for name, parts in runs.items():
        low, high = questionnaire.scales[name].points[0], questionnaire.scales[name].points[-1]
        ids = [part[0] if len(part) == 1 else f"{part[0]}–{part[-1]}" for part in parts]
        sentences.append(
            {
                "en": f"{', '.join(ids)}: {_end(low, 'en')} to {_end(high, 'en')}.",
                "zh": f"{'、'.join(ids)}：{_end(low, 'zh')}至{_end(high, 'zh')}。",
            }
        )
    return sentences


def _end(point: Point, lang: str) -> str:
    words = say(point.label, lang)
    if not words:
        return str(point.value)
    return f"{point.value}（{words}）" if lang == "zh" else f"{point.value} ({words})"


def _answer(question: Question, value: str, mean: float, sd: float) -> Text:
    if question.kind == "number" and value == "":
        m, s = print_number(mean, 2), print_number(sd, 2)
        return {"en": f"M = {m}, SD = {s}", "zh": f"均值 {m}，标准差 {s}"}
    labels = {option.value: option.label for option in question.options}
    return labels.get(value) or (_MISSING if value == "missing" else {"en": value})
