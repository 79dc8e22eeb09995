"""Tables of group differences: means by group with the test, pairs of groups, and crossed answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.errors import DataError
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import keeps_zero, print_number, print_p
from research.report.labels import LANGUAGES, joined, label_of, with_columns
from research.report.nouns import Column, Table
from research.report.tables_invariance import group_text
from research.structure.group_words import EFFECTS, POST_HOC, REASON_SOURCES, STATISTICS, TESTS, reason_text

if TYPE_CHECKING:
    import pandas as pd

    from research.structure.group_comparison import GroupComparison

_ALPHA = 0.05


def comparison_table(
    found: GroupComparison, questionnaire: Questionnaire | None = None, *, intervals: bool = False
) -> Table:
    """One row a group of every outcome: n, mean, SD; beside the first group the test, its effect and pairs.

    Where pairs are compared, groups are numbered and a pair is told by its numbers: `3 > 1`. `intervals`
    prints those of the means. Outcomes that are categories are shown by `crossed_table`.
    """
    import pandas as pd

    tests = found.tests[found.tests["kind"] != "category"]
    if tests.empty:
        raise DataError("all outcomes are categories; crossed_table() shows them.")
    paired = set(found.post_hoc["group"]) if len(found.post_hoc) else set()
    rows: list[dict[str, object]] = []
    for at in range(len(tests)):
        test = tests.iloc[at]
        outcome, group = str(test["outcome"]), str(test["group"])
        own = found.groups[(found.groups["outcome"] == outcome) & (found.groups["group"] == group)]
        for place in range(len(own)):
            line = own.iloc[place]
            level = str(line["level"])
            rows.append(
                {
                    "question": _question(group, questionnaire),
                    "outcome": _outcome(outcome, questionnaire),
                    "level": _numbered(place, level, group, questionnaire)
                    if group in paired
                    else group_text(level, group, questionnaire)
                    if group
                    else label_of(level, questionnaire),
                    **{name: line[name] for name in ("n", "mean", "sd", "median", "low", "high")},
                    **(_tested(test, found) if not place else _BLANK),
                }
            )
    table = pd.DataFrame(rows).astype(object)
    several = len(set(tests["group"])) > 1
    alone = several and len(set(tests["outcome"])) == 1
    ranks = bool((tests["kind"] == "ordinal").any())
    share = f"{100 * found.level:g}%"
    columns = [
        *([Column("question", {"en": "Question", "zh": "分组变量"}, once=True)] if several else []),
        *([] if alone else [Column("outcome", {"en": "Variable", "zh": "变量"}, once=True)]),
        Column("level", {"en": "Group", "zh": "组别"}),
        Column("n", {"en": "n", "zh": "n"}, "integer"),
        Column("mean", {"en": "M", "zh": "均值"}, "number", 2),
        *([_interval(f"{share} CI", f"{share} 置信区间")] if intervals else []),
        Column("sd", {"en": "SD", "zh": "标准差"}, "number", 2),
        *([Column("median", {"en": "Median", "zh": "中位数"}, "number", 2)] if ranks else []),
        Column("result", {"en": "Test", "zh": "检验"}),
        Column("p", {"en": "p", "zh": "p"}, "p"),
        *([Column("p_holm", {"en": "p (Holm)", "zh": "p（Holm）"}, "p")] if _adjusted(tests) else []),
        Column("size", {"en": f"Effect size [{share} CI]", "zh": f"效应量 [{share} 置信区间]"}),
        *([Column("pairs", {"en": "Pairs", "zh": "事后比较"})] if len(found.post_hoc) else []),
    ]
    return Table(
        title=_title(tests, questionnaire, several=several, alone=alone),
        frame=table,
        columns=tuple(columns),
        notes=_notes(found, tests),
    )


def crossed_table(
    found: GroupComparison, questionnaire: Questionnaire | None = None, *, outcome: str | None = None
) -> Table:
    """Answers by group: counts and shares within the group; bold where the adjusted residual exceeds 1.96."""
    import pandas as pd

    counted = found.tests[found.tests["kind"] == "category"]
    if outcome is not None:
        counted = counted[counted["outcome"] == outcome]
    if counted.empty:
        raise DataError("no outcome is a category; comparison_table() shows numbers.")
    test = counted.iloc[0]
    name, group = str(test["outcome"]), str(test["group"])
    own = found.groups[(found.groups["outcome"] == name) & (found.groups["group"] == group)]
    levels = list(dict.fromkeys(str(level) for level in own["level"]))
    rows: list[dict[str, object]] = []
    for answer in dict.fromkeys(own["answer"]):
        row: dict[str, object] = {"answer": group_text(str(answer), name, questionnaire)}
        for place, level in enumerate(levels):
            cell = own[(own["answer"] == answer) & (own["level"] == level)].iloc[0]
            row[f"n_{place}"] = float(cell["n"])
            row[f"share_{place}"] = float(cell["share"])
            row[f"strong_{place}"] = bool(abs(float(cell["residual"])) > 1.96)
        rows.append(row)
    columns = [Column("answer", _question(name, questionnaire))]
    for place, level in enumerate(levels):
        over = group_text(level, group, questionnaire)
        columns.append(Column(f"n_{place}", {"en": "n", "zh": "n"}, "integer", group=over))
        columns.append(
            Column(
                f"share_{place}", {"en": "%", "zh": "%"}, "percent", 1, group=over, strong=f"strong_{place}"
            )
        )
    asked, by = _question(name, questionnaire), _question(group, questionnaire)
    return Table(
        title={
            "en": f"{say(asked, 'en')} by {say(by, 'en')}",
            "zh": f"{say(by, 'zh')}与{say(asked, 'zh')}的交叉分析",
        },
        frame=pd.DataFrame(rows),
        columns=tuple(columns),
        notes=(_crossed_note(test), _reasons(counted)),
    )


def post_hoc_table(found: GroupComparison, questionnaire: Questionnaire | None = None) -> Table:
    """Pairs of groups with their differences and simultaneous intervals."""
    rows = found.post_hoc
    several = len(set(rows["group"])) > 1
    table = with_columns(
        rows,
        question=[_question(str(name), questionnaire) for name in rows["group"]],
        outcome=[_outcome(str(name), questionnaire) for name in rows["outcome"]],
        a=[group_text(str(a), str(g), questionnaire) for a, g in zip(rows["a"], rows["group"], strict=True)],
        b=[group_text(str(b), str(g), questionnaire) for b, g in zip(rows["b"], rows["group"], strict=True)],
    )
    share = f"{100 * found.level:g}%"
    methods = [POST_HOC[str(method)] for method in dict.fromkeys(rows["method"])]
    columns = (
        *([Column("question", {"en": "Question", "zh": "分组变量"}, once=True)] if several else []),
        Column("outcome", {"en": "Variable", "zh": "变量"}, once=True),
        Column("a", {"en": "Group A", "zh": "组别 A"}),
        Column("b", {"en": "Group B", "zh": "组别 B"}),
        Column("difference", {"en": "A − B", "zh": "A − B"}, "number", 2),
        Column("se", {"en": "SE", "zh": "标准误"}, "number", 2),
        Column("p", {"en": "p", "zh": "p"}, "p"),
        Column("low", {"en": f"{share} CI", "zh": f"{share} 置信区间"}, "number", 2, high="high"),
    )
    return Table(
        title={"en": "Pairs of groups", "zh": "事后多重比较"},
        frame=table,
        columns=columns,
        notes=(
            {
                "en": f"{', '.join(say(one, 'en') for one in methods)}; p values allow for all pairs of a "
                "variable.",
                "zh": f"{'、'.join(say(one, 'zh') for one in methods)}；p 值已对同一变量的全部配对作校正。",
            },
        ),
    )


def _title(tests: pd.DataFrame, questionnaire: Questionnaire | None, *, several: bool, alone: bool) -> Text:
    """By the one grouping question, or in the one outcome."""
    group = str(tests["group"].iloc[0])
    if alone:
        what = _outcome(str(tests["outcome"].iloc[0]), questionnaire)
        return {
            "en": f"Group differences in {say(what, 'en')}",
            "zh": f"{say(what, 'zh')}的差异分析",
        }
    if several or not group:
        return {"en": "Group differences", "zh": "差异分析"}
    by = _question(group, questionnaire)
    return {"en": f"Differences by {say(by, 'en')}", "zh": f"不同{say(by, 'zh')}的差异分析"}


def _interval(en: str, zh: str) -> Column:
    return Column("low", {"en": en, "zh": zh}, "number", 2, high="high")


_BLANK: dict[str, object] = {"result": "", "p": "", "p_holm": "", "size": "", "pairs": ""}


def _question(name: str, questionnaire: Questionnaire | None) -> Text:
    """The wording of a question; of an option of a question with several answers, its label."""
    for question in questionnaire.background if questionnaire is not None else ():
        for option in question.options if question.kind == "multiple" else ():
            if name == f"{question.id}_{option.value}":
                return option.label
    return label_of(name, questionnaire)


def _outcome(name: str, questionnaire: Questionnaire | None) -> Text:
    """A pair of columns is printed as their difference."""
    parts = name.split(" - ")
    return joined(" − ", [label_of(part, questionnaire) for part in parts])


def _tested(test: pd.Series, found: GroupComparison) -> dict[str, object]:
    return {
        "result": {lang: _result(test, lang) for lang in LANGUAGES},
        "p": test["p"],
        "p_holm": test["p_holm"],
        "size": {lang: _size(test, lang) for lang in LANGUAGES},
        "pairs": _pairs(test, found),
    }


def _result(test: pd.Series, lang: str) -> str:
    """t(58.3) = 2.10, F(2, 92.2) = 138.91, H(2) = 9.94, U = 42926."""
    name, value = STATISTICS[str(test["test"])], float(test["statistic"])
    if not name:
        return TESTS[str(test["test"])][lang]
    degrees = [float(test[column]) for column in ("df1", "df2")]
    shown = [print_number(df, 0 if df == round(df) else 1) for df in degrees if df == df]
    head = f"{name}({', '.join(shown)})" if shown else name
    return f"{head} = {print_number(value, 0 if name in 'UW' and value == round(value) else 2)}"


def _size(test: pd.Series, lang: str) -> str:
    bounded = str(test["effect"]) not in ("cohens_d", "hedges_g")
    zero = keeps_zero(lang) or not bounded
    value, low, high = (
        print_number(float(test[name]), 3 if bounded else 2, leading_zero=zero)
        if test[name] == test[name]
        else ""
        for name in ("value", "low", "high")
    )
    interval = f" [{low}, {high}]" if low and high else ""
    return f"{EFFECTS[str(test['effect'])][lang]} = {value}{interval}"


def _numbered(place: int, level: str, group: str, questionnaire: Questionnaire | None) -> Text:
    label, number = group_text(level, group, questionnaire), str(place + 1)
    return {
        lang: number if say(label, lang) == number else f"{number}. {say(label, lang)}" for lang in LANGUAGES
    }


def _pairs(test: pd.Series, found: GroupComparison) -> Text:
    """The pairs that differ, the larger first, by their numbers; only where the groups differ as a whole."""
    table, outcome, group = found.post_hoc, test["outcome"], test["group"]
    own = table[(table["outcome"] == outcome) & (table["group"] == group) & (table["p"] < _ALPHA)]
    if own.empty or not test["p"] < _ALPHA:
        return {"en": ""}
    levels = found.groups[(found.groups["outcome"] == outcome) & (found.groups["group"] == group)]["level"]
    number = {str(level): place + 1 for place, level in enumerate(levels)}
    pairs = []
    for a, b, gap in zip(own["a"], own["b"], own["difference"], strict=True):
        first, second = (a, b) if gap > 0 else (b, a)
        pairs.append((number[str(first)], number[str(second)]))
    said = [f"{first} > {second}" for first, second in sorted(pairs)]
    return {"en": ", ".join(said), "zh": "，".join(said)}


def _adjusted(tests: pd.DataFrame) -> bool:
    return bool((tests["p_holm"] != tests["p"]).any())


def _notes(found: GroupComparison, tests: pd.DataFrame) -> tuple[Text, ...]:
    notes = [_reasons(tests)]
    if len(found.post_hoc):
        methods = [POST_HOC[str(method)] for method in dict.fromkeys(found.post_hoc["method"])]
        notes.append(
            {
                "en": f"Pairs of the numbered groups: {', '.join(say(one, 'en') for one in methods)}, "
                "adjusted p < .05.",
                "zh": f"事后比较（数字为组别编号）：{'、'.join(say(one, 'zh') for one in methods)}，"
                "校正后 p < 0.05。",
            }
        )
    if _adjusted(tests):
        notes.append(
            {
                "en": "p (Holm): adjusted for all variables compared by the same question.",
                "zh": "p（Holm）：对同一分组变量下的全部比较作校正。",
            }
        )
    return tuple(notes)


def _reasons(tests: pd.DataFrame) -> Text:
    pairs = dict.fromkeys(zip(tests["test"].tolist(), tests["reason"].tolist(), strict=True))
    texts = [_cited(reason_text(str(test), str(reason)), str(reason)) for test, reason in pairs]
    return {"en": " ".join(text["en"] for text in texts), "zh": "".join(text["zh"] for text in texts)}


def _cited(text: Text, reason: str) -> Text:
    """The sentence with the source of the reason before its full stop."""
    if reason not in REASON_SOURCES:
        return text
    key = f"[@{REASON_SOURCES[reason]}]"
    return {"en": f"{text['en'].removesuffix('.')} {key}.", "zh": f"{text['zh'].removesuffix('。')}{key}。"}


def _crossed_note(test: pd.Series) -> Text:
    said = {}
    for lang in LANGUAGES:
        zero = keeps_zero(lang)
        p = print_p(float(test["p"]), leading_zero=zero)
        shown = f"p {p}" if p[0] in "<>" else f"p = {p}"
        between, end = ("，", "。") if lang == "zh" else (", ", ".")
        bold = "加粗：调整残差绝对值大于 1.96" if lang == "zh" else "Bold: adjusted residual beyond ±1.96"
        said[lang] = f"{_result(test, lang)}{between}{shown}{between}{_size(test, lang)}{end}"
        said[lang] += f"{'' if lang == 'zh' else ' '}{bold}{end}"
    return said
