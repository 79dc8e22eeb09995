"""Tables of levels: the mean of a construct in each group, with the test of their equality underneath."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.labels import LANGUAGES, label_of
from research.report.nouns import Column, Table
from research.report.numbers import number_text
from research.report.tables_invariance import group_text
from research.structure.group_words import EFFECTS, POST_HOC, STATISTICS, TESTS

if TYPE_CHECKING:
    import pandas as pd

    from research.structure.group_comparison import GroupComparison


def levels_table(found: GroupComparison, questionnaire: Questionnaire | None = None) -> Table:
    """Mean, SD and interval of each outcome in each group; notes hold the tests and the pairs that differ.

    `found`: of `compare_groups` or `group_differences`, outcomes that are numbers or scale scores.
    """
    import pandas as pd

    groups = found.groups[found.groups["mean"].notna()]
    several = len(groups["outcome"].unique()) > 1
    rows = [
        {
            "outcome": label_of(str(row["outcome"]), questionnaire),
            "question": label_of(str(row["group"]), questionnaire),
            "level": group_text(str(row["level"]), str(row["group"]), questionnaire),
            **{name: row[name] for name in ("n", "mean", "sd", "low", "high")},
        }
        for row in groups.to_dict("records")
    ]
    share = f"{100 * found.level:g}%"
    columns = (
        Column("question", {"en": "Groups by", "zh": "分组变量"}, once=True),
        *([Column("outcome", {"en": "Outcome", "zh": "结果变量"}, once=True)] if several else []),
        Column("level", {"en": "Group", "zh": "组别"}),
        Column("n", {"en": "n", "zh": "人数"}, "integer"),
        Column("mean", {"en": "M", "zh": "均值"}, "number", 2),
        Column("sd", {"en": "SD", "zh": "标准差"}, "number", 2),
        Column("low", {"en": f"{share} CI", "zh": f"{share} 置信区间"}, "number", 2, high="high"),
    )
    names = [label_of(str(name), questionnaire) for name in dict.fromkeys(groups["outcome"])]
    return Table(
        title={
            "en": f"Levels in the groups: {', '.join(say(name, 'en') for name in names)}",
            "zh": f"各组水平：{'、'.join(say(name, 'zh') for name in names)}",
        },
        frame=pd.DataFrame(rows),
        columns=columns,
        notes=tuple(
            _test_note(row, found.post_hoc, questionnaire, several=several)
            for row in found.tests.to_dict("records")
        ),
    )


def _test_note(
    row: Mapping[Hashable, object],
    post_hoc: pd.DataFrame,
    questionnaire: Questionnaire | None,
    *,
    several: bool,
) -> Text:
    """`Stage: Welch's analysis of variance, F(3, 151.1) = 2.32, p = .077, η² = .01. Pairs that differ: …`"""
    outcome, group, test = str(row["outcome"]), str(row["group"]), str(row["test"])
    note = {}
    for lang in LANGUAGES:
        zh = lang == "zh"
        head = say(label_of(group, questionnaire), lang)
        if several:
            head = f"{say(label_of(outcome, questionnaire), lang)}{'，' if zh else ', '}{head}"
        df = [number_text(float(str(row[name])), ".1", lang) for name in ("df1", "df2") if _there(row[name])]
        inside = f"({', '.join(text.removesuffix('.0') for text in df)})" if df else ""
        bounded = row["effect"] not in ("cohens_d", "hedges_g")
        adjusted = number_text(float(str(row["p_holm"])), "p", lang) if several else ""
        words = [
            say(TESTS[test], lang),
            f"{STATISTICS[test]}{inside} = {number_text(float(str(row['statistic'])), '.2', lang)}",
            f"p {number_text(float(str(row['p'])), 'p', lang)}",
            *([f"p（Holm）{adjusted}" if zh else f"p (Holm) {adjusted}"] if several else []),
            f"{say(EFFECTS[str(row['effect'])], lang)} = "
            + number_text(float(str(row["value"])), "s3" if bounded else ".2", lang),
        ]
        joined = f"{head}{'：' if zh else ': '}{('，' if zh else ', ').join(words)}{'。' if zh else '.'}"
        note[lang] = joined + _pairs(outcome, group, post_hoc, questionnaire, lang)
    return note


def _pairs(
    outcome: str, group: str, post_hoc: pd.DataFrame, questionnaire: Questionnaire | None, lang: str
) -> str:
    """Which groups differ after a comparison of three or more (p < .05)."""
    own = post_hoc[(post_hoc["outcome"] == outcome) & (post_hoc["group"] == group)]
    if not len(own):
        return ""
    zh = lang == "zh"
    method = say(POST_HOC[str(own["method"].iloc[0])], lang)
    apart = own[own["p"] < 0.05]
    if not len(apart):
        return f"两两比较（{method}）均不显著。" if zh else f" No pair differs ({method})."
    listed = []
    for first, second, gap in zip(apart["a"], apart["b"], apart["difference"], strict=True):
        one, other = (say(group_text(str(name), group, questionnaire), lang) for name in (first, second))
        listed.append(f"{one} {'<' if gap < 0 else '>'} {other}")
    if zh:
        return f"两两比较（{method}，p < 0.05）：{'；'.join(listed)}。"
    return f" Pairs that differ ({method}, p < .05): {'; '.join(listed)}."


def _there(value: object) -> bool:
    return isinstance(value, float) and value == value
