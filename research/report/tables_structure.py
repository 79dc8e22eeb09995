"""Tables about the hypotheses: fit, paths, indirect effects, regressions, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from research.questionnaire.definition import Hypothesis, Questionnaire, Text, say
from research.report.cells import STARS_NOTE
from research.report.labels import (
    counts_note,
    is_grouped,
    joined,
    label_of,
    path_label,
    present,
    with_columns,
)
from research.report.nouns import Column, Table
from research.report.tables_validity import INDEX_NOTES

if TYPE_CHECKING:
    import pandas as pd

_CI: Text = {"en": "95% CI", "zh": "95% 置信区间"}
_B = Column("estimate", {"en": "b", "zh": "b"}, "number")
_SE = Column("se", {"en": "SE", "zh": "标准误"}, "number")
_P = Column("p", {"en": "p", "zh": "p"}, "p")
_INTERVAL = Column("low", _CI, "number", high="high")
_RULE: Text = {"en": "Rule of thumb", "zh": "经验标准"}
# .90: Bentler & Bonett (1980); .08: Browne & Cudeck (1993); stricter bounds and SRMR: Hu & Bentler (1999)
_RULES: Mapping[str, Text] = {
    "cfi": {"en": "≥ .90 (.95)", "zh": "≥ 0.90 (0.95)"},
    "tli": {"en": "≥ .90 (.95)", "zh": "≥ 0.90 (0.95)"},
    "rmsea": {"en": "≤ .08 (.06)", "zh": "≤ 0.08 (0.06)"},
    "srmr": {"en": "≤ .08", "zh": "≤ 0.08"},
}
_MONTE_CARLO: Text = {
    "en": "Monte Carlo intervals: percentiles of {draws:,} draws from the sampling distribution "
    "of the estimates.",
    "zh": "置信区间为蒙特卡洛区间：由估计值的抽样分布抽取 {draws:d} 次所得的百分位区间。",
}
VERDICTS: Mapping[str, Text] = {
    "supported": {"en": "supported", "zh": "支持"},
    "not supported": {"en": "not supported", "zh": "不支持"},
    "opposite sign": {"en": "opposite sign", "zh": "方向相反"},
    "not tested": {"en": "not tested", "zh": "未检验"},
}
_MEDIATION: Mapping[str, Text] = {
    "complementary": {"en": "complementary", "zh": "互补中介"},
    "competitive": {"en": "competitive", "zh": "竞争中介"},
    "indirect-only": {"en": "indirect-only", "zh": "仅间接"},
    "direct-only": {"en": "direct-only", "zh": "仅直接"},
    "none": {"en": "none", "zh": "无"},
}
_MODELS: Mapping[str, Text] = {
    "cfa": {"en": "Measurement (CFA)", "zh": "测量模型"},
    "sem": {"en": "Structural (SEM)", "zh": "结构模型"},
    "ols": {"en": "Regression (OLS)", "zh": "回归（OLS）"},
}


def fit_table(
    models: Mapping[str, Mapping[str, float]], labels: Mapping[str, Text] | None = None, *, kind: str = ""
) -> Table:
    """Fit of one model a row; each maps lavaan's names (`ntotal chisq df pvalue cfi … srmr`) to numbers.

    `kind` is "", "scaled" or "robust": which of the three columns of a robust estimator is printed
    (an index that has none of that kind is the plain one). The note says which.
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    for name, measures in models.items():
        label = (labels or {}).get(name) or _MODELS.get(name.lower(), {"en": name})
        rows.append({"model": label, **_indices(measures, kind)})
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)] if rows else ["model"]
    rows.append({"model": _RULE, **{name: _RULES.get(name, "") for name in names[1:]}})
    frame = pd.DataFrame(rows, columns=names).astype(object)
    columns = (
        Column("model", {"en": "Model", "zh": "模型"}),
        Column("n", {"en": "n", "zh": "n"}, "integer"),
        Column("chisq", {"en": "χ²", "zh": "χ²"}, "number", 2),
        Column("df", {"en": "df", "zh": "df"}, "integer"),
        Column("p", {"en": "p", "zh": "p"}, "p"),
        Column("ratio", {"en": "χ²/df", "zh": "χ²/df"}, "number", 2),
        Column("cfi", {"en": "CFI", "zh": "CFI"}, "statistic"),
        Column("tli", {"en": "TLI", "zh": "TLI"}, "statistic"),
        Column("rmsea", {"en": "RMSEA", "zh": "RMSEA"}, "statistic"),
        Column("rmsea_low", {"en": "90% CI", "zh": "90% 置信区间"}, "statistic", high="rmsea_high"),
        Column("srmr", {"en": "SRMR", "zh": "SRMR"}, "statistic"),
        Column("aic", {"en": "AIC", "zh": "AIC"}, "number", 1),
        Column("bic", {"en": "BIC", "zh": "BIC"}, "number", 1),
    )
    return Table(
        title={"en": "Model fit", "zh": "模型拟合指标"},
        frame=frame,
        columns=present(columns, frame),
        notes=(
            *_which(kind, scaled=any("chisq_scaled" in found for found in models.values())),
            {
                "en": "Rules of thumb: CFI and TLI after @bentler1980, RMSEA after "
                "@browne1993; SRMR and the stricter bounds in parentheses after @hu1999. "
                "The 90% CI is that of RMSEA.",
                "zh": "经验标准：CFI 与 TLI 依据 @bentler1980，"
                "RMSEA 依据 @browne1993，"
                "SRMR 与括号内更严格的界限依据 @hu1999。90% 置信区间为 RMSEA 的区间。",
            },
        ),
    )


def paths_table(
    tidy: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    r_squared: Mapping[str, float] | None = None,
) -> Table:
    """Structural paths: the `~` rows of a fit's tidy frame, with β (`std_all`) and the outcome's R²."""
    rows = tidy[tidy["op"] == "~"].reset_index(drop=True)
    table = with_columns(
        rows,
        path=[
            path_label((str(rhs), str(lhs)), questionnaire)
            for lhs, rhs in zip(rows["lhs"], rows["rhs"], strict=True)
        ],
    )
    if r_squared is not None:
        first = ~table.duplicated(subset=["lhs", *(["group"] if "group" in table else [])])
        shares = [r_squared.get(str(name)) for name in table["lhs"]]
        table["r2"] = [share if at else "" for share, at in zip(shares, first, strict=True)]
    columns = (
        *((Column("group", {"en": "Group", "zh": "组别"}, once=True),) if is_grouped(table) else ()),
        Column("path", {"en": "Path", "zh": "路径"}),
        _B,
        _SE,
        Column("std_all", {"en": "β", "zh": "β"}, "statistic", stars="p"),
        Column("z", {"en": "z", "zh": "z"}, "number", 2),
        _P,
        _INTERVAL,
        Column("r2", {"en": "R²", "zh": "R²"}, "statistic"),
    )
    notes: list[Text] = [
        {
            "en": "b: unstandardized estimate with standard error and 95% CI; β: completely standardized.",
            "zh": "b 为非标准化估计，标准误与 95% 置信区间均对应 b；β 为完全标准化估计。",
        }
    ]
    if r_squared is not None:
        notes.append(
            {"en": "R² is that of the outcome, printed once.", "zh": "R² 属于结果变量，每个只列一次。"}
        )
    return Table(
        title={"en": "Structural paths", "zh": "结构路径"},
        frame=table,
        columns=present(columns, table),
        notes=(*notes, STARS_NOTE),
    )


def indirect_table(
    frame: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    draws: int | None = None,
    failed: int = 0,
    method: Literal["bootstrap", "monte carlo"] = "bootstrap",
) -> Table:
    """Indirect effects: `path` (names joined by `->`) or `label`, `estimate se low high p std_all`.

    The interval is that of `method` where `draws` says how many there were.
    """
    source = next(name for name in ("path", "label", "effect", "lhs") if name in frame)
    table = with_columns(frame, path=[_effect(str(name), questionnaire) for name in frame[source]])
    columns = (
        *((Column("group", {"en": "Group", "zh": "组别"}, once=True),) if is_grouped(table) else ()),
        Column("path", {"en": "Indirect effect", "zh": "间接效应"}),
        _B,
        _SE,
        Column("std_all", {"en": "β", "zh": "β"}, "statistic"),
        _INTERVAL,
        _P,
    )
    note: Text = {
        "en": "An effect is taken as present where its interval excludes 0.",
        "zh": "区间不含 0 即认为效应存在。",
    }
    drawn: Text = {lang: text.format(draws=draws or 0) for lang, text in _MONTE_CARLO.items()}
    if draws and method == "bootstrap":
        drawn = {
            "en": f"Percentile bootstrap intervals from {draws:,} draws"
            + (f", {failed} of them failed." if failed else "."),
            "zh": f"置信区间为 {draws} 次 Bootstrap 抽样的百分位区间"
            + (f"，其中 {failed} 次未收敛。" if failed else "。"),
        }
    return Table(
        title={"en": "Indirect effects", "zh": "间接效应"},
        frame=table,
        columns=present(columns, table),
        notes=(drawn, note) if draws else (note,),
    )


def verdict_table(frame: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """Hypotheses: `id text estimate std_estimate low high p verdict model`, one a row; reasons in the note.

    `mediation` and `delta_r2` are printed where some hypothesis has them.
    """
    labels = {}
    for known in questionnaire.hypotheses if questionnaire else ():
        labels[known.id] = known.label or _hypothesis(known, questionnaire)
    texts = list(frame["text"]) if "text" in frame else list(frame["id"])
    kinds = [str(kind) for kind in frame.get("mediation", [""] * len(frame))]
    changes = [value for value in frame.get("delta_r2", []) if value == value]
    table = with_columns(
        frame,
        hypothesis=[
            labels.get(str(key), {"en": str(text)}) for key, text in zip(frame["id"], texts, strict=True)
        ],
        verdict=[VERDICTS.get(str(verdict), {"en": str(verdict)}) for verdict in frame["verdict"]],
        mediation=[_MEDIATION.get(kind, kind) for kind in kinds],
    )
    columns = (
        Column("id", {"en": "No.", "zh": "编号"}),
        Column("hypothesis", {"en": "Hypothesis", "zh": "假设"}),
        _B,
        Column("std_estimate", {"en": "β", "zh": "β"}, "statistic"),
        _INTERVAL,
        _P,
        *((Column("delta_r2", {"en": "ΔR²", "zh": "ΔR²"}, "statistic"),) if changes else ()),
        Column("verdict", {"en": "Verdict", "zh": "结论"}),
        *((Column("mediation", {"en": "Mediation", "zh": "中介类型"}),) if any(kinds) else ()),
        Column("model", {"en": "Model", "zh": "模型"}),
    )
    held: Text = {
        "en": "Supported: the estimate has the expected sign and its 95% CI (of b) excludes 0.",
        "zh": "支持：估计值方向与假设一致，且 b 的 95% 置信区间不含 0。",
    }
    zhao: Text = {"en": "Mediation: @zhao2010.", "zh": "中介类型依据 @zhao2010。"}
    return Table(
        title={"en": "Hypotheses and verdicts", "zh": "研究假设检验结果"},
        frame=table,
        columns=present(columns, table),
        notes=(held, *((zhao,) if any(kinds) else ()), *_counts(frame), *_reasons(frame)),
    )


def _counts(frame: pd.DataFrame) -> tuple[Text, ...]:
    """The n of each hypothesis: models with missing answers do not all rest on the same respondents."""
    if "n_obs" not in frame:
        return ()
    return counts_note(dict(zip(frame["id"].astype(str), frame["n_obs"].astype(float), strict=True)))


def _reasons(frame: pd.DataFrame) -> list[Text]:
    """Each reason once, after the hypotheses that it concerns."""
    if "reason" not in frame:
        return []
    concerned: dict[str, tuple[Text, list[str]]] = {}
    for key, reason in zip(frame["id"], frame["reason"], strict=True):
        if isinstance(reason, Mapping) and reason:
            concerned.setdefault(say(reason, "en"), (reason, []))[1].append(str(key))
    return [
        {
            "en": f"{', '.join(keys)}: {say(reason, 'en')}",
            "zh": f"{'、'.join(keys)}：{say(reason, 'zh')}",
        }
        for reason, keys in concerned.values()
    ]


def _indices(measures: Mapping[str, float], kind: str) -> dict[str, object]:
    def value(name: str) -> float | None:
        for key in (
            ([f"{name}_{kind}"] if kind else []) + ([f"{name}_scaled"] if kind == "robust" else []) + [name]
        ):
            if key in measures:
                return float(measures[key])
        return None

    chisq, df = value("chisq"), value("df")
    return {
        "n": measures.get("ntotal"),
        "chisq": chisq,
        "df": df,
        "p": value("pvalue"),
        "ratio": chisq / df if chisq is not None and df else None,
        "cfi": value("cfi"),
        "tli": value("tli"),
        "rmsea": value("rmsea"),
        "rmsea_low": value("rmsea_ci_lower"),
        "rmsea_high": value("rmsea_ci_upper"),
        "srmr": value("srmr"),
        "aic": value("aic"),
        "bic": value("bic"),
    }


def _which(kind: str, *, scaled: bool) -> Sequence[Text]:
    """Which of several χ² and indices are printed."""
    if kind == "robust" and not scaled:
        return (
            {
                "en": "CFI, TLI and RMSEA are corrected for the answers that are missing [@zhang2023].",
                "zh": "CFI、TLI 与 RMSEA 已就缺失作答校正 [@zhang2023]。",
            },
        )
    return (INDEX_NOTES[kind],) if kind in INDEX_NOTES else ()


def _effect(name: str, questionnaire: Questionnaire | None) -> Text:
    for arrow in ("->", "→"):
        if arrow in name:
            return path_label([part.strip() for part in name.split(arrow)], questionnaire)
    return label_of(name, questionnaire)


def _hypothesis(hypothesis: Hypothesis, questionnaire: Questionnaire | None) -> Text:
    text = path_label(hypothesis.path, questionnaire)
    if hypothesis.moderator:
        text = joined(" | ", [text, label_of(hypothesis.moderator, questionnaire)])
    if hypothesis.group:
        group = label_of(hypothesis.group, questionnaire)
        text = {
            "en": f"{say(text, 'en')} by {say(group, 'en')}",
            "zh": f"{say(text, 'zh')}（按{say(group, 'zh')}分组）",
        }
    return text
