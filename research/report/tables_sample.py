"""Tables about the sample: who answered, what was screened, what was odd, what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from research.questionnaire.definition import Question, Questionnaire, Text
from research.report.cells import print_number
from research.report.labels import present, with_columns
from research.report.nouns import Column, Table
from research.responses.nouns import Responses

if TYPE_CHECKING:
    import pandas as pd

RULES: Mapping[str, Text] = {
    "attention": {"en": "Failed attention check", "zh": "未通过注意力检测"},
    "speed": {"en": "Answered too fast", "zh": "作答过快"},
    "straightline": {"en": "Straight-lining", "zh": "直线式作答"},
    "longest_run": {"en": "Longest run of one answer", "zh": "连续相同作答过长"},
    "variability": {"en": "No variability", "zh": "作答无变异"},
    "duplicate": {"en": "Duplicate", "zh": "重复作答"},
    "total": {"en": "Any rule", "zh": "任一规则"},
}
_SEVERITY: Mapping[str, Text] = {
    "error": {"en": "error", "zh": "错误"},
    "warning": {"en": "warning", "zh": "警告"},
    "info": {"en": "information", "zh": "提示"},
}
_MISSING: Text = {"en": "No answer", "zh": "未作答"}


def sample_table(responses: Responses) -> Table:
    """Background of the respondents: a row an answer with n and share, a row a number with M and SD.

    Shares are of all respondents, so that "no answer" is counted, not hidden.
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    for question in responses.questionnaire.background:
        if question.id in responses.frame and not question.personal:
            rows += _profile(question, responses.frame[question.id], responses.n_obs)
    return Table(
        title={"en": "Background of the respondents", "zh": "受访者基本情况"},
        frame=pd.DataFrame(rows, columns=["question", "answer", "n", "share"]),
        columns=(
            Column("question", {"en": "Characteristic", "zh": "特征"}, once=True),
            Column("answer", {"en": "Category", "zh": "类别"}),
            Column("n", {"en": "n", "zh": "人数"}, "integer"),
            Column("share", {"en": "Share", "zh": "占比"}, "percent", 1),
        ),
        notes=({"en": f"N = {responses.n_obs}.", "zh": f"N = {responses.n_obs}。"},),
    )


def screening_table(frame: pd.DataFrame) -> Table:
    """Exclusions: a row a rule with `rule n_before flagged dropped n_after`."""
    named = with_columns(frame, rule=[RULES.get(str(rule), {"en": str(rule)}) for rule in frame["rule"]])
    dropped = int(frame["dropped"].sum()) if "dropped" in frame else 0
    flagged: Text = {
        "en": "A rule flags; answers were dropped only where the study file asks for it."
        if dropped
        else "Rules flag answers; none were dropped.",
        "zh": "规则只作标记；仅在研究文件要求时剔除样本。" if dropped else "规则只作标记，未剔除任何样本。",
    }
    columns = (
        Column("rule", {"en": "Rule", "zh": "规则"}),
        Column("n_before", {"en": "n before", "zh": "筛查前"}, "integer"),
        Column("flagged", {"en": "Flagged", "zh": "标记"}, "integer"),
        Column("dropped", {"en": "Dropped", "zh": "剔除"}, "integer"),
        Column("n_after", {"en": "n after", "zh": "筛查后"}, "integer"),
    )
    return Table(
        title={"en": "Screening of careless answers", "zh": "无效作答筛查"},
        frame=named,
        columns=present(columns, named),
        notes=(flagged,),
    )


def findings_table(frame: pd.DataFrame) -> Table:
    """What was odd in the data file: a row a finding with `severity column row value message`."""
    named = with_columns(
        frame,
        severity=[_SEVERITY.get(str(severity), {"en": str(severity)}) for severity in frame["severity"]],
        row=[row if row else "" for row in frame["row"]],
    )
    columns = (
        Column("severity", {"en": "Severity", "zh": "级别"}, once=True),
        Column("column", {"en": "Column", "zh": "列"}),
        Column("row", {"en": "Row", "zh": "行"}, "integer"),
        Column("value", {"en": "Value", "zh": "取值"}),
        Column("message", {"en": "Finding", "zh": "说明"}),
    )
    return Table(
        title={"en": "Findings while reading the data", "zh": "数据读入检查结果"},
        frame=named,
        columns=present(columns, named),
        notes=(
            {
                "en": "Rows are counted as in a spreadsheet: the header is row 1.",
                "zh": "行号与电子表格一致，表头为第 1 行。",
            },
        ),
    )


def instrument_table(questionnaire: Questionnaire) -> Table:
    """The instrument: every construct with its items, their wording and the scale's ends in the note."""
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
    notes: list[Text] = []
    used = {item.scale for item in questionnaire.items}
    for scale in questionnaire.scales.values():
        if scale.name in used and scale.points:
            low, high = scale.points[0], scale.points[-1]
            ends = {lang: (low.label.get(lang, ""), high.label.get(lang, "")) for lang in ("en", "zh")}
            notes.append(
                {
                    "en": f"Scale from {low.value} ({ends['en'][0]}) to {high.value} ({ends['en'][1]}).",
                    "zh": f"量表从 {low.value}（{ends['zh'][0]}）到 {high.value}（{ends['zh'][1]}）。",
                }
            )
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
        notes=tuple(notes),
    )


def provenance_table(entries: Mapping[str, str]) -> Table:
    """Where the numbers come from: versions, seeds, hashes, one a row, in the order given."""
    import pandas as pd

    return Table(
        title={"en": "Provenance", "zh": "可复现信息"},
        frame=pd.DataFrame({"what": list(entries), "value": list(entries.values())}),
        columns=(
            Column("what", {"en": "What", "zh": "项目"}),
            Column("value", {"en": "Value", "zh": "内容"}),
        ),
    )


def _profile(question: Question, answers: pd.Series[float], n_obs: int) -> list[dict[str, object]]:
    missing = int(answers.isna().sum())
    rows: list[dict[str, object]] = []
    if question.kind == "number":
        known = answers.dropna().astype(float)
        mean, sd = print_number(float(known.mean()), 2), print_number(float(known.std(ddof=1)), 2)
        summary = {"en": f"M = {mean}, SD = {sd}", "zh": f"均值 {mean}，标准差 {sd}"}
        rows.append(
            {"question": question.wording, "answer": summary, "n": len(known), "share": len(known) / n_obs}
        )
    elif question.kind == "choice":
        counts = answers.astype("string").value_counts()
        for option in question.options:
            n = int(counts.get(option.value, 0))
            rows.append({"question": question.wording, "answer": option.label, "n": n, "share": n / n_obs})
    if rows and missing:
        rows.append(
            {"question": question.wording, "answer": _MISSING, "n": missing, "share": missing / n_obs}
        )
    return rows
