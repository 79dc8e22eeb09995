"""Tables about how distinct constructs are: HTMT intervals, AVE beside MSV, rival models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text
from research.report.cells import TRUTH
from research.report.labels import joined, label_of, present, with_columns
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    import pandas as pd

CONSTRUCT: Text = {"en": "Construct", "zh": "构念"}
MODELS: Mapping[str, Text] = {
    "correlated factors": {"en": "Correlated factors (proposed)", "zh": "相关因子模型（所提出的模型）"},
    "merged factors": {"en": "Merged", "zh": "合并"},
    "one factor": {"en": "One factor", "zh": "单因子模型"},
    "second order": {"en": "Second order", "zh": "二阶因子模型"},
    "bifactor": {"en": "Bifactor", "zh": "双因子模型"},
    "proposed": {"en": "Proposed model", "zh": "所提出的模型"},
}
RIVAL_VERDICTS: Mapping[str, Text] = {
    "proposed": {"en": "–", "zh": "–"},
    "worse": {"en": "fits worse", "zh": "拟合更差"},
    "no worse": {"en": "fits no worse", "zh": "拟合不更差"},
    "equivalent": {"en": "equivalent", "zh": "等价"},
    "lower BIC": {"en": "lower BIC", "zh": "BIC 更低"},
    "higher BIC": {"en": "higher BIC", "zh": "BIC 更高"},
    "not comparable": {"en": "not comparable", "zh": "无法比较"},
    "no solution": {"en": "no solution", "zh": "无解"},
}
INDEX_NOTES: Mapping[str, Text] = {
    "scaled": {"en": "χ², CFI, TLI and RMSEA are scaled.", "zh": "χ²、CFI、TLI 与 RMSEA 均为校正值。"},
    "robust": {
        "en": "χ² is scaled; CFI, TLI and RMSEA are robust.",
        "zh": "χ² 为校正值，CFI、TLI 与 RMSEA 为稳健值。",
    },
}


def htmt_intervals_table(
    frame: pd.DataFrame, questionnaire: Questionnaire | None = None, *, level: float = 0.95
) -> Table:
    """Pairs of constructs: the rows of `research.htmt_intervals`, ratios not below .90 in bold."""
    kind = str(frame["kind"].iloc[0]).upper() if len(frame) else "HTMT"
    pairs = zip(frame["construct"].astype(str), frame["other"].astype(str), strict=True)
    table = with_columns(
        frame,
        pair=[
            joined(" – ", [label_of(one, questionnaire), label_of(other, questionnaire)])
            for one, other in pairs
        ],
        high_ratio=(frame["ratio"] >= 0.90).tolist(),
        **{
            name: [TRUTH[bool(value)] for value in frame[name]]
            for name in ("below_85", "below_90", "below_1")
        },
    )
    ends: Text = {"en": f"{level:.0%} CI", "zh": f"{level:.0%} 置信区间"}
    excluded: Text = {"en": "Whole interval below", "zh": "区间整体低于"}
    columns = (
        Column("pair", {"en": "Constructs", "zh": "构念"}),
        Column("ratio", {"en": kind, "zh": kind}, "number", 3, strong="high_ratio"),
        Column("low", ends, "number", 3, high="high"),
        Column("below_85", {"en": ".85", "zh": "0.85"}, group=excluded),
        Column("below_90", {"en": ".90", "zh": "0.90"}, group=excluded),
        Column("below_1", {"en": "1", "zh": "1"}, group=excluded),
    )
    draws, failed = int(frame["n_draws"].min()), int(frame["n_failed"].max())
    notes: list[Text] = [
        {
            "en": f"Percentile intervals of {draws + failed:,} bootstrap samples unless said otherwise. Two "
            "constructs are distinct where the interval lies below 1 [@henseler2015]; below .85 or "
            ".90 is "
            "the stricter rule [@franke2019]. Ratios of .90 and more in bold.",
            "zh": f"区间由 {draws + failed} 次自助抽样得到。区间整体低于 1 时两构念具有区分效度"
            "[@henseler2015]；低于 0.85 或 0.90 为更严格的标准[@franke2019]。"
            "0.90 及以上的比率加粗。",
        }
    ]
    if "cor" in frame and (frame["cor"] == "polychoric").any():
        notes.append(
            {
                "en": "Ratios of polychoric correlations, which every sample estimates anew.",
                "zh": "比率基于多分格相关系数（polychoric correlations），每次抽样均重新估计。",
            }
        )
    if failed:
        notes.append(
            {
                "en": f"The ratio does not exist in up to {failed:,} of the samples.",
                "zh": f"最多有 {failed} 次抽样无法计算该比率。",
            }
        )
    return Table(
        {"en": f"Discriminant validity: {kind} with intervals", "zh": f"区分效度：{kind} 及其置信区间"},
        table,
        present(columns, table),
        tuple(notes),
    )


def discriminant_table(frame: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """AVE beside MSV and ASV: the rows of `research.discriminant_validity`, AVE at or below MSV in bold."""
    table = with_columns(
        frame,
        label=[label_of(str(name), questionnaire) for name in frame["construct"]],
        nearest_label=[label_of(str(name), questionnaire) for name in frame["nearest"]],
        falls_short=(frame["ave"].notna() & ~frame["above_msv"].astype(bool)).tolist(),
    )
    columns = (
        Column("label", CONSTRUCT),
        Column("cr", {"en": "CR", "zh": "CR"}, "statistic"),
        Column("ave", {"en": "AVE", "zh": "AVE"}, "statistic", strong="falls_short"),
        Column("msv", {"en": "MSV", "zh": "MSV"}, "statistic"),
        Column("asv", {"en": "ASV", "zh": "ASV"}, "statistic"),
        Column("nearest_label", {"en": "Nearest construct", "zh": "相关最高的构念"}),
        Column("r", {"en": "r", "zh": "r"}, "statistic"),
    )
    return Table(
        {"en": "AVE and shared variance", "zh": "AVE 与共享方差"},
        table,
        present(columns, table),
        (
            {
                "en": "MSV, ASV: largest and mean squared correlation with another construct, from the "
                "CFA. A "
                "construct is distinct where its AVE exceeds its MSV [@fornell1981]; AVE that "
                "does not "
                "in bold.",
                "zh": "MSV 与 ASV 为 CFA 中该构念与其他构念相关系数平方的最大值与平均值。"
                "AVE 大于 MSV 时构念具有区分效度[@fornell1981]，不满足者加粗。",
            },
        ),
    )


def rival_models_table(frame: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """The proposed measurement model and its rivals: the rows of `research.rival_models`."""
    table = with_columns(
        frame,
        label=[
            _model_label(str(model), str(merged), questionnaire)
            for model, merged in zip(frame["model"], frame["merged"], strict=True)
        ],
        says=[RIVAL_VERDICTS[str(verdict)] for verdict in frame["verdict"]],
    )
    against: Text = {"en": "Against the proposed model", "zh": "与所提出模型比较"}
    by_bic = "bic" in frame and bool(frame["bic"].notna().any())
    columns = (
        Column("label", {"en": "Model", "zh": "模型"}),
        Column("chisq", {"en": "χ²", "zh": "χ²"}, "number", 2),
        Column("df", {"en": "df", "zh": "df"}, "integer"),
        Column("cfi", {"en": "CFI", "zh": "CFI"}, "statistic"),
        Column("tli", {"en": "TLI", "zh": "TLI"}, "statistic"),
        Column("rmsea", {"en": "RMSEA", "zh": "RMSEA"}, "statistic"),
        Column("srmr", {"en": "SRMR", "zh": "SRMR"}, "statistic"),
        *([Column("bic", {"en": "BIC", "zh": "BIC"}, "number", 1)] if by_bic else []),
        Column("chisq_diff", {"en": "Δχ²", "zh": "Δχ²"}, "number", 2, group=against),
        Column("df_diff", {"en": "Δdf", "zh": "Δdf"}, "integer", group=against),
        Column("p_diff", {"en": "p", "zh": "p"}, "p", group=against),
        Column("says", {"en": "Verdict", "zh": "结论"}, group=against),
    )
    notes: list[Text] = [note for kind, note in INDEX_NOTES.items() if kind in set(frame["index"])]
    notes += [_NESTED, *((_BIFACTOR[by_bic],) if "bifactor" in set(frame["model"]) else ())]
    unsolved = frame[frame["verdict"] == "no solution"]
    if len(unsolved):
        names = [
            _model_label(str(model), str(merged), questionnaire)
            for model, merged in zip(unsolved["model"], unsolved["merged"], strict=True)
        ]
        notes.append(
            {
                "en": "No solution, as the estimation does not converge or the model is not identified: "
                f"{'; '.join(name['en'] for name in names)}.",
                "zh": f"以下模型不收敛或无法识别，因而无解：{'；'.join(name['zh'] for name in names)}。",
            }
        )
    return Table(
        {"en": "Rival measurement models", "zh": "竞争测量模型比较"},
        table,
        present(columns, table),
        tuple(notes),
    )


_NESTED: Text = {
    "en": "The difference test asks whether the rival fits worse than the proposed model, in which it is "
    "nested.",
    "zh": "差异检验考察各竞争模型的拟合是否劣于所提出的模型（前者嵌套于后者）。",
}
_BIFACTOR: Mapping[bool, Text] = {
    True: {
        "en": "The bifactor model is not nested in it, and BIC stands in.",
        "zh": "双因子模型不存在此嵌套关系，以 BIC 比较。",
    },
    False: {
        "en": "The bifactor model is not nested in it and is not compared; the estimator has no BIC.",
        "zh": "双因子模型不存在此嵌套关系，且该估计方法没有 BIC，故未与之比较。",
    },
}


def _model_label(model: str, merged: str, questionnaire: Questionnaire | None) -> Text:
    if model != "merged factors" or not merged:
        return MODELS[model]
    names = joined(" + ", [label_of(name, questionnaire) for name in merged.split(" + ")])
    return {"en": f"Merged: {names['en']}", "zh": f"合并：{names['zh']}"}
