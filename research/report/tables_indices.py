"""Tables of what is measured on 0-100: the index, the net promoter score, importance and performance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text
from research.report.cells import keeps_zero, print_number, print_p
from research.report.labels import joined, label_of, with_columns
from research.report.nouns import Column, Table
from research.report.segment_words import CI, LEVELS, QUADRANTS, group_label, origin_note

if TYPE_CHECKING:
    import pandas as pd

_N = Column("n", {"en": "n", "zh": "n"}, "integer")


def importance_performance_table(
    frame: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    outcome: str = "",
    metric: str = "unstandardized",
    simulated: bool = False,
) -> Table:
    """Importance and performance: `frame` of `research.importance_performance`."""
    table = with_columns(
        frame,
        level=[LEVELS[str(name)] for name in frame["level"]],
        name=[label_of(str(name), questionnaire) for name in frame["name"]],
        quadrant=[QUADRANTS[str(name)] for name in frame["quadrant"]],
    )
    of = label_of(outcome, questionnaire)
    points: Text = {
        "en": "Importance: total effect in points of the outcome's index for one point of the predictor's.",
        "zh": "重要性为总效应：预测变量指数每提高 1 分，结果变量指数变化的分数。",
    }
    betas: Text = {"en": "Importance: standardized total effect.", "zh": "重要性为标准化总效应。"}
    return Table(
        title=joined("", [{"en": "Importance and performance: ", "zh": "重要性与绩效："}, of])
        if outcome
        else {"en": "Importance and performance", "zh": "重要性与绩效"},
        frame=table,
        columns=(
            Column("level", {"en": "Level", "zh": "层次"}, once=True),
            Column("name", {"en": "Driver", "zh": "驱动因素"}),
            Column("importance", {"en": "Importance", "zh": "重要性"}, "number"),
            Column("low", CI, "number", high="high"),
            Column("performance", {"en": "Performance", "zh": "绩效"}, "number", 1),
            Column("quadrant", {"en": "Quadrant", "zh": "象限"}),
        ),
        notes=(
            points if metric == "unstandardized" else betas,
            {
                "en": "Performance: mean index from 0 to 100 [@martilla1977; @ringle2016].",
                "zh": "绩效为 0–100 分指数的均值[@martilla1977; @ringle2016]。",
            },
            *origin_note(simulated=simulated),
        ),
    )


def index_table(
    scores: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    construct: str = "",
    group: str = "",
    simulated: bool = False,
) -> Table:
    """A construct from 0 to 100: `scores` of `research.index`."""
    labels = [group_label(str(name), group, questionnaire) for name in scores["group"]]
    of = label_of(construct, questionnaire)
    return Table(
        title=joined("", [of, {"en": ": index from 0 to 100", "zh": "指数（0–100）"}])
        if construct
        else {"en": "Index from 0 to 100", "zh": "0–100 指数"},
        frame=with_columns(scores, group=labels),
        columns=(
            Column("group", {"en": "Group", "zh": "组别"}),
            _N,
            Column("index", {"en": "Index", "zh": "指数"}, "number", 1),
            Column("sd", {"en": "SD", "zh": "标准差"}, "number", 1),
            Column("low", CI, "number", 1, high="high"),
        ),
        notes=(
            {
                "en": "Weighted mean of the items on 0–100 [@fornell1996]; bootstrap percentile "
                "intervals of the respondents.",
                "zh": "题项加权均值换算为 0–100[@fornell1996]；置信区间为受访者重抽样的百分位区间。",
            },
            *origin_note(simulated=simulated),
        ),
    )


def nps_table(
    scores: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    group: str = "",
    test: dict[str, float] | None = None,
    simulated: bool = False,
) -> Table:
    """Net promoter scores: `scores` and `test` of `research.nps`."""
    labels = [group_label(str(name), group, questionnaire) for name in scores["group"]]
    notes: list[Text] = [
        {
            "en": "Promoters answer 9–10, detractors 0–6 of 0–10 [@reichheld2003]; NPS is their difference.",
            "zh": "推荐者为 9–10 分，贬损者为 0–6 分[@reichheld2003]；净推荐值为两者占比之差。",
        }
    ]
    if test:
        notes.append(
            {
                "en": f"Difference between groups: {_tested(test, 'en')}.",
                "zh": f"组间差异：{_tested(test, 'zh')}。",
            }
        )
    return Table(
        title={"en": "Net promoter score", "zh": "净推荐值（NPS）"},
        frame=with_columns(scores, group=labels),
        columns=(
            Column("group", {"en": "Group", "zh": "组别"}),
            _N,
            Column("promoter_share", {"en": "Promoters", "zh": "推荐者"}, "percent", 1),
            Column("passive_share", {"en": "Passives", "zh": "中立者"}, "percent", 1),
            Column("detractor_share", {"en": "Detractors", "zh": "贬损者"}, "percent", 1),
            Column("nps", {"en": "NPS", "zh": "净推荐值"}, "number", 1),
            Column("low", CI, "number", 1, high="high"),
        ),
        notes=(*notes, *origin_note(simulated=simulated)),
    )


def _tested(test: dict[str, float], lang: str) -> str:
    p = print_p(test["p"], leading_zero=keeps_zero(lang))
    shown = p if p[0] in "<>" else f"= {p}"
    comma = "，" if lang == "zh" else ", "
    return f"χ²({test['df']:.0f}) = {print_number(test['chisq'], 2)}{comma}p {shown}"
