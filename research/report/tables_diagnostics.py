"""Tables of what was checked in a regression, of collinearity, and of what each term explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text
from research.report.labels import joined, label_of, with_columns
from research.report.nouns import Column, Table
from research.structure.diagnostic_words import CHECKS, TESTS, VERDICTS, meaning_of

if TYPE_CHECKING:
    import pandas as pd

    from research.structure.diagnostics import Diagnostics


def diagnostics_table(found: Diagnostics, questionnaire: Questionnaire | None = None) -> Table:
    """One row a test, with its verdict and what that means for the conclusions."""
    tests = found.tests
    values = [
        joined(", ", [label_of(name, questionnaire) for name in str(value).split(", ")])
        if check == "collinearity" and value
        else {"en": str(value), "zh": str(value)}
        for check, value in zip(tests["check"], tests["value"], strict=True)
    ]
    meanings = [
        _sentence(meaning_of(str(test), str(verdict), value))
        for test, verdict, value in zip(tests["test"], tests["verdict"], values, strict=True)
    ]
    table = with_columns(
        tests,
        check=[CHECKS[str(check)] for check in tests["check"]],
        test=[TESTS[str(test)] for test in tests["test"]],
        verdict=[VERDICTS[str(verdict)] for verdict in tests["verdict"]],
        meaning=meanings,
    )
    columns = (
        Column("check", {"en": "Assumption", "zh": "假定"}, once=True),
        Column("test", {"en": "Test", "zh": "检验"}),
        Column("statistic", {"en": "Statistic", "zh": "统计量"}, "number", 2),
        Column("p", {"en": "p", "zh": "p"}, "p"),
        Column("verdict", {"en": "Verdict", "zh": "结论"}),
        Column("meaning", {"en": "What it means", "zh": "含义"}),
    )
    outcome = label_of(found.outcome, questionnaire)
    return Table(
        title={
            "en": f"Checks of the regression of {outcome.get('en', found.outcome)}",
            "zh": f"{outcome.get('zh', outcome.get('en', ''))}回归模型的诊断",
        },
        frame=table,
        columns=columns,
        notes=(
            {
                "en": "The p value of the largest studentized residual is adjusted for the number of rows "
                "(Bonferroni); rows are counted from 1.",
                "zh": "学生化残差最大值的 p 值已按样本量作 Bonferroni 校正；行号从 1 起计。",
            },
        ),
    )


def collinearity_table(found: Diagnostics, questionnaire: Questionnaire | None = None) -> Table:
    """Condition indices and the share of each coefficient's variance that goes with them (Belsley)."""
    names = [str(name) for name in found.collinearity.columns if name != "index"]
    plain = {name: f"share_{place}" for place, name in enumerate(names)}
    frame = found.collinearity.rename(columns=plain)
    frame.insert(0, "number", range(1, len(frame) + 1))
    over: Text = {"en": "Variance proportions", "zh": "方差比例"}
    columns = (
        Column("number", {"en": "Dimension", "zh": "维度"}, "integer"),
        Column("index", {"en": "Condition index", "zh": "条件指数"}, "number", 2),
        *(
            Column(column, label_of(name, questionnaire), "statistic", 2, group=over)
            for name, column in plain.items()
        ),
    )
    return Table(
        title={"en": "Collinearity diagnostics", "zh": "共线性诊断"},
        frame=frame,
        columns=columns,
        notes=(
            {
                "en": "A condition index above 30 with two proportions above .50 marks a harmful dependency "
                "[@belsley1980].",
                "zh": "条件指数大于 30 且至少两个方差比例大于 0.50，表明存在有害的共线性[@belsley1980]。",
            },
        ),
    )


def effect_sizes_table(effects: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """What each term explains: the frame of `fit.effect_sizes()`."""
    rest: Text = {"en": "Residuals", "zh": "残差"}
    terms = [rest if term == "Residuals" else label_of(str(term), questionnaire) for term in effects["term"]]
    tail = effects["f"].isna().tolist()
    blanks = {
        name: ["" if last else value for value, last in zip(effects[name], tail, strict=True)]
        for name in ("f", "p", "semipartial_r2", "partial_r2", "cohens_f2")
    }
    columns = (
        Column("term", {"en": "Term", "zh": "变量"}),
        Column("ss", {"en": "Sum of squares", "zh": "平方和"}, "number", 2),
        Column("df", {"en": "df", "zh": "df"}, "integer"),
        Column("f", {"en": "F", "zh": "F"}, "number", 2),
        Column("p", {"en": "p", "zh": "p"}, "p"),
        Column("semipartial_r2", {"en": "Semipartial R²", "zh": "半偏 R²"}, "statistic"),
        Column("partial_r2", {"en": "Partial R²", "zh": "偏 R²"}, "statistic"),
        Column("cohens_f2", {"en": "f²", "zh": "f²"}, "number"),
    )
    return Table(
        title={"en": "What each predictor explains", "zh": "各预测变量的解释力"},
        frame=with_columns(effects, term=terms, **blanks),
        columns=columns,
        notes=(
            {
                "en": "f² of .02, .15 and .35: small, medium and large [@cohen1988].",
                "zh": "f² 为 0.02、0.15、0.35 分别表示小、中、大效应[@cohen1988]。",
            },
        ),
    )


def _sentence(meaning: Text) -> Text:
    english = meaning["en"]
    return {"en": f"{english[:1].upper()}{english[1:]}.", "zh": f"{meaning['zh']}。"}
