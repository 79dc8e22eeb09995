"""Tables of regressions: one model with its coefficients, or hierarchical steps side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import STARS_NOTE, keeps_zero, print_number, print_p
from research.report.labels import (
    LANGUAGES,
    counts_note,
    label_of,
    present,
    reference_note,
    term_label,
    with_columns,
)
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    import pandas as pd

_FOOT: Mapping[str, Text] = {
    "r2": {"en": "R²", "zh": "R²"},
    "adj_r2": {"en": "Adjusted R²", "zh": "调整 R²"},
    "delta_r2": {"en": "ΔR²", "zh": "ΔR²"},
    "delta_f": {"en": "ΔF", "zh": "ΔF"},
    "p": {"en": "p of ΔF", "zh": "ΔF 的 p 值"},
    "n_obs": {"en": "n", "zh": "n"},
}
_FOOT_KINDS = {
    "r2": "statistic",
    "adj_r2": "statistic",
    "delta_r2": "statistic",
    "delta_f": "number",
    "p": "p",
    "n_obs": "integer",
}
_SE_KINDS: Mapping[str, Text] = {
    "nonrobust": {"en": "Standard errors assume equal error variances.", "zh": "标准误基于误差等方差假定。"},
    "HC3": {
        "en": "Heteroscedasticity-consistent standard errors (HC3).",
        "zh": "标准误为异方差稳健标准误（HC3）。",
    },
    "HC4": {
        "en": "Heteroscedasticity-consistent standard errors (HC4).",
        "zh": "标准误为异方差稳健标准误（HC4）。",
    },
}


def regression_table(
    tidy: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    outcome: str = "",
    measures: Mapping[str, float] | None = None,
    cov_type: str = "",
) -> Table:
    """Coefficients of one model: `term estimate se beta statistic p low high vif`."""
    table = with_columns(tidy, term=[term_label(str(term), questionnaire) for term in tidy["term"]])
    columns = (
        Column("term", {"en": "Predictor", "zh": "预测变量"}),
        Column("estimate", {"en": "b", "zh": "b"}, "number"),
        Column("se", {"en": "SE", "zh": "标准误"}, "number"),
        Column("beta", {"en": "β", "zh": "β"}, "statistic"),
        Column("statistic", {"en": "t", "zh": "t"}, "number", 2),
        Column("p", {"en": "p", "zh": "p"}, "p"),
        Column("low", {"en": "95% CI", "zh": "95% 置信区间"}, "number", high="high"),
        Column("vif", {"en": "VIF", "zh": "VIF"}, "number", 2),
    )
    notes: list[Text] = [_summary(measures)] if measures else []
    notes += [*_errors(cov_type), *reference_note(tidy["term"].astype(str), questionnaire)]
    of = label_of(outcome, questionnaire)
    return Table(
        title={
            "en": f"Regression of {of.get('en', outcome)}",
            "zh": f"{of.get('zh', of.get('en', ''))}的回归分析",
        }
        if outcome
        else {"en": "Regression", "zh": "回归分析"},
        frame=table,
        columns=present(columns, table),
        notes=tuple(notes),
    )


def hierarchical_table(
    tidy: pd.DataFrame,
    steps: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    outcome: str = "",
    cov_type: str = "",
) -> Table:
    """Steps side by side: `tidy` has `step term estimate beta p`, `steps` `r2 delta_r2 delta_f p` of each.

    Under each step b with stars and β; below the predictors R², ΔR² and ΔF of the step.
    """
    import pandas as pd

    order = [int(step) for step in dict.fromkeys(tidy["step"])]
    terms = list(dict.fromkeys(str(term) for term in tidy["term"]))
    rows: list[dict[str, object]] = []
    for term in terms:
        row: dict[str, object] = {"term": term_label(term, questionnaire), "kind": ""}
        for step in order:
            found = tidy[(tidy["step"] == step) & (tidy["term"] == term)]
            for name in ("estimate", "beta", "p"):
                blank: object = "" if name != "p" else None
                row[f"{name}_{step}"] = found[name].iloc[0] if len(found) and name in found else blank
        rows.append(row)
    for name, label in _FOOT.items():
        if name in steps:
            foot: dict[str, object] = {"term": label}
            for step, value in zip(order, steps[name], strict=True):
                foot |= {f"estimate_{step}": value, f"beta_{step}": "", f"p_{step}": None}
            rows.append({**foot, "kind": _FOOT_KINDS[name]})
    columns = [Column("term", {"en": "Predictor", "zh": "预测变量"})]
    for step in order:
        over: Text = {"en": f"Step {step}", "zh": f"第 {step} 步"}
        columns.append(
            Column(
                f"estimate_{step}",
                {"en": "b", "zh": "b"},
                "number",
                group=over,
                stars=f"p_{step}",
                kinds="kind",
            )
        )
        columns.append(Column(f"beta_{step}", {"en": "β", "zh": "β"}, "statistic", group=over))
    of = label_of(outcome, questionnaire)
    return Table(
        title={
            "en": f"Hierarchical regression of {of.get('en', outcome)}",
            "zh": f"{of.get('zh', of.get('en', ''))}的分层回归分析",
        }
        if outcome
        else {"en": "Hierarchical regression", "zh": "分层回归分析"},
        frame=pd.DataFrame(rows).astype(object),
        columns=tuple(columns),
        notes=(*_errors(cov_type), *reference_note(terms, questionnaire), STARS_NOTE),
    )


def outcomes_table(
    tidy: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    cov_type: str = "",
    n_obs: Mapping[str, float] | None = None,
) -> Table:
    """The last step of several outcomes, one below the other: `outcome term estimate se beta …`.

    `n_obs`: respondents by outcome, printed in the note.
    """
    last = tidy[tidy["step"] == tidy.groupby("outcome")["step"].transform("max")]
    named = with_columns(last, outcome=[label_of(str(name), questionnaire) for name in last["outcome"]])
    one = regression_table(named, questionnaire, cov_type=cov_type)
    outcome = Column("outcome", {"en": "Outcome", "zh": "因变量"}, once=True)
    return replace(
        one,
        title={"en": "Regressions on scale scores", "zh": "量表得分的回归分析"},
        columns=(outcome, *one.columns),
        notes=(*one.notes, *counts_note(n_obs or {}, questionnaire)),
    )


def steps_table(steps: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """What each step of each outcome explains: `outcome step added n_obs r2 delta_r2 delta_f df1 df2 p`."""
    added = [
        _listed([label_of(term, questionnaire) for term in str(each).split(", ")]) for each in steps["added"]
    ]
    table = with_columns(
        steps, outcome=[label_of(str(name), questionnaire) for name in steps["outcome"]], added=added
    )
    columns = (
        Column("outcome", {"en": "Outcome", "zh": "因变量"}, once=True),
        Column("step", {"en": "Step", "zh": "步骤"}, "integer"),
        Column("added", {"en": "Added", "zh": "加入的变量"}),
        Column("n_obs", {"en": "n", "zh": "n"}, "integer"),
        Column("r2", {"en": "R²", "zh": "R²"}, "statistic"),
        Column("delta_r2", {"en": "ΔR²", "zh": "ΔR²"}, "statistic"),
        Column("delta_f", {"en": "ΔF", "zh": "ΔF"}, "number", 2),
        Column("df1", {"en": "df1", "zh": "df1"}, "integer"),
        Column("df2", {"en": "df2", "zh": "df2"}, "integer"),
        Column("p", {"en": "p", "zh": "p"}, "p"),
    )
    return Table(
        title={"en": "Variance explained, step by step", "zh": "各步解释的方差"},
        frame=table,
        columns=present(columns, table),
    )


def _listed(texts: Sequence[Text]) -> Text:
    return {
        lang: ("、" if lang == "zh" else ", ").join(say(text, lang) for text in texts) for lang in LANGUAGES
    }


def _errors(cov_type: str) -> list[Text]:
    unnamed: Text = {"en": f"Standard errors: {cov_type}.", "zh": f"标准误：{cov_type}。"}
    return [_SE_KINDS.get(cov_type, unnamed)] if cov_type else []


def _summary(measures: Mapping[str, float]) -> Text:
    def sentence(lang: str) -> str:
        zero = keeps_zero(lang)
        parts = []
        if "n_obs" in measures:
            parts.append(f"n = {print_number(measures['n_obs'], 0)}")
        if "r2" in measures:
            parts.append(f"R² = {print_number(measures['r2'], 3, leading_zero=zero)}")
        if {"f", "df1", "df2", "p"} <= set(measures):
            p = print_p(measures["p"], leading_zero=zero)
            degrees = f"{print_number(measures['df1'], 0)}, {print_number(measures['df2'], 0)}"
            parts.append(f"F({degrees}) = {print_number(measures['f'], 2)}")
            parts.append(f"p {p}" if p[0] in "<>" else f"p = {p}")
        return ("，" if lang == "zh" else ", ").join(parts) + ("。" if lang == "zh" else ".")

    return {"en": sentence("en"), "zh": sentence("zh")}
