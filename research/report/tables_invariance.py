"""Tables about measurement invariance: the ladder with its decisions, and what could be freed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from research.measurement.invariance_steps import Cutoffs
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import TRUTH, print_number
from research.report.labels import joined, label_of, path_label, present, with_columns
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    import pandas as pd

LEVEL_LABELS: Mapping[str, Text] = {
    "configural": {"en": "Configural", "zh": "形态等值"},
    "thresholds": {"en": "Thresholds", "zh": "阈值等值"},
    "metric": {"en": "Metric (loadings)", "zh": "弱等值（载荷）"},
    "scalar": {"en": "Scalar (intercepts)", "zh": "强等值（截距）"},
    "strict": {"en": "Strict (residuals)", "zh": "严格等值（残差方差）"},
    "means": {"en": "Latent means", "zh": "潜均值等值"},
}
DECISIONS: Mapping[str, Text] = {
    "acceptable": {"en": "acceptable", "zh": "拟合可接受"},
    "poor fit": {"en": "poor fit", "zh": "拟合不佳"},
    "holds": {"en": "holds", "zh": "成立"},
    "fails": {"en": "fails", "zh": "不成立"},
    "not testable": {"en": "not testable", "zh": "无法检验"},
    "no solution": {"en": "no solution", "zh": "无解"},
}
_KINDS: Mapping[str, Text] = {
    "=~": {"en": "loading", "zh": "载荷"},
    "|": {"en": "threshold", "zh": "阈值"},
    "~1": {"en": "intercept", "zh": "截距"},
    "~~": {"en": "residual variance", "zh": "残差方差"},
    "~*~": {"en": "scale", "zh": "尺度"},
}
_METHODS: Mapping[str, Text] = {
    "likelihood ratio": {"en": "the likelihood-ratio test", "zh": "似然比检验"},
    "Satorra-Bentler (2001)": {
        "en": "the scaled difference test of @satorra2001",
        "zh": " @satorra2001 的校正差异检验",
    },
    "Satorra (2000)": {
        "en": "the scaled difference test of @satorra2000",
        "zh": " @satorra2000 的校正差异检验",
    },
    "Wald": {"en": "Wald's test", "zh": "Wald 检验"},
}
_INDEX: Mapping[str, Text] = {
    "plain": {},
    "scaled": {"en": "χ², CFI and RMSEA are scaled.", "zh": "χ²、CFI 与 RMSEA 均为校正值。"},
    "robust": {
        "en": "χ² is scaled; CFI and RMSEA are robust.",
        "zh": "χ² 为校正值，CFI 与 RMSEA 为稳健值。",
    },
}
_P = Column("p", {"en": "p", "zh": "p"}, "p")


def invariance_table(
    steps: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    group: str = "",
    waves: bool = False,
    cutoffs: Cutoffs | None = None,
    partial: Sequence[str] = (),
) -> Table:
    """The decision table: `steps` of `research.invariance`, with its `cutoffs` and `partial`.

    The title says what was compared: the groups of the question `group`, or the waves.
    The note names the indices, the difference test, the rule and what was left free.
    """
    srmr = cutoffs is not None and cutoffs.delta_srmr is not None
    after: Text = {"en": "Change from the model above", "zh": "与上一模型之差"}
    table = with_columns(
        steps,
        model=[LEVEL_LABELS.get(str(level), {"en": str(level)}) for level in steps["level"]],
        decision=[DECISIONS.get(str(word), {"en": str(word)}) for word in steps["verdict"]],
        p_diff=list(steps["delta_p"]),
    )
    columns = (
        Column("model", {"en": "Model", "zh": "模型"}),
        Column("chisq", {"en": "χ²", "zh": "χ²"}, "number", 2),
        Column("df", {"en": "df", "zh": "df"}, "integer"),
        Column("cfi", {"en": "CFI", "zh": "CFI"}, "statistic"),
        Column("rmsea", {"en": "RMSEA", "zh": "RMSEA"}, "statistic"),
        Column("srmr", {"en": "SRMR", "zh": "SRMR"}, "statistic"),
        Column("delta_chisq", {"en": "Δχ²", "zh": "Δχ²"}, "number", 2, group=after),
        Column("delta_df", {"en": "Δdf", "zh": "Δdf"}, "integer", group=after),
        Column("delta_p", {"en": "p", "zh": "p"}, "p", group=after),
        Column("delta_cfi", {"en": "ΔCFI", "zh": "ΔCFI"}, "statistic", group=after),
        Column("delta_rmsea", {"en": "ΔRMSEA", "zh": "ΔRMSEA"}, "statistic", group=after),
        *((Column("delta_srmr", {"en": "ΔSRMR", "zh": "ΔSRMR"}, "statistic", group=after),) if srmr else ()),
        Column("decision", {"en": "Decision", "zh": "判断"}),
    )
    method = next((str(each) for each in steps["method"] if each), "")
    kind = next((str(each) for each in steps["index"] if each), "plain")
    notes: list[Text] = [each for each in (_INDEX.get(kind, {}), difference_note(method)) if each]
    notes.append(_rule(cutoffs or Cutoffs()))
    if "thresholds" in set(steps["level"]):
        notes.append(
            {
                "en": "Ordered items; order of the steps and identification after @wu2016.",
                "zh": "题项按有序类别处理，检验次序与识别条件依据 @wu2016。",
            }
        )
    if partial:
        notes.append(
            {
                "en": f"Partial invariance; left free: {', '.join(partial)}.",
                "zh": f"部分等值，自由估计：{'、'.join(partial)}。",
            }
        )
    return Table(
        title=_invariance_title(group, questionnaire, waves=waves),
        frame=table,
        columns=present(columns, table),
        notes=tuple(notes),
    )


def _invariance_title(group: str, questionnaire: Questionnaire | None, *, waves: bool) -> Text:
    if waves:
        return {"en": "Measurement invariance over the waves", "zh": "跨期测量等值性检验"}
    if not group:
        return {"en": "Measurement invariance", "zh": "测量等值性检验"}
    label = label_of(group, questionnaire)
    return {
        "en": f"Measurement invariance between the groups of {say(label, 'en')}",
        "zh": f"跨组测量等值性检验（{say(label, 'zh')}）",
    }


def candidates_table(
    candidates: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    group: str = "",
    most: int = 10,
) -> Table:
    """What could be freed: `candidates` of `research.invariance`, the `most` largest tests first.

    `group`: the question whose answers name the groups, so that their labels are printed.
    """
    rows = candidates.head(most)
    table = with_columns(
        rows,
        parameter=[
            _parameter(str(lhs), str(op), str(rhs), questionnaire)
            for lhs, op, rhs in zip(rows["lhs"], rows["op"], rows["rhs"], strict=True)
        ],
        place=[group_text(str(each), group, questionnaire) for each in rows["copy"]],
        kind=[_KINDS.get(str(op), {"en": str(op)}) for op in rows["op"]],
    )
    columns = (
        Column("kind", {"en": "Held equal", "zh": "等值约束"}, once=True),
        Column("parameter", {"en": "Parameter", "zh": "参数"}),
        Column("place", {"en": "In", "zh": "组别或时点"}),
        Column("chisq", {"en": "Score test", "zh": "得分检验"}, "number", 2),
        _P,
        Column("epc", {"en": "EPC", "zh": "期望改变量"}, "number"),
    )
    notes: list[Text] = [
        {
            "en": "Score test with 1 df of releasing the constraint alone; EPC: how far the parameter is "
            "expected to move from the common value. Proposals: nothing was released.",
            "zh": "得分检验（df = 1）针对单独放开该约束；期望改变量为放开后参数相对共同值的预期变化。"
            "以上仅为建议，未放开任何约束。",
        }
    ]
    if len(candidates) > len(rows):
        notes.append(
            {
                "en": f"The {len(rows)} largest of {len(candidates)}.",
                "zh": f"共 {len(candidates)} 项，列出最大的 {len(rows)} 项。",
            }
        )
    return Table(
        title={"en": "Candidates for partial invariance", "zh": "部分等值的候选参数"},
        frame=table,
        columns=present(columns, table),
        notes=tuple(notes),
    )


def difference_note(method: str) -> Text:
    """How differences in chi-square were tested; empty where the method is not known."""
    if method == "chi-square difference":
        return {"en": "Δχ² is the plain difference of the two.", "zh": "Δχ² 为两模型 χ² 之差。"}
    if method not in _METHODS:
        return {}
    if method == "Wald":
        return {"en": "Equality by Wald's test.", "zh": "组间差异采用 Wald 检验。"}
    return {
        "en": f"Differences in χ² by {say(_METHODS[method], 'en')}.",
        "zh": f"Δχ² 采用{say(_METHODS[method], 'zh')}。",
    }


def _rule(cutoffs: Cutoffs) -> Text:
    """The rule of decision, with its source where it is one of the field."""
    named = (
        ("CFI", cutoffs.delta_cfi, True),
        ("RMSEA", cutoffs.delta_rmsea, False),
        ("SRMR", cutoffs.delta_srmr, False),
    )
    english, chinese = [], []
    for name, limit, falls in named:
        if limit is None:
            continue
        value = print_number(limit.value, 3, leading_zero=False)
        english.append(f"{name} {'falls' if falls else 'rises'} by no more than {value}")
        chinese.append(f"{name} {'下降' if falls else '上升'}不超过 {print_number(limit.value, 3)}")
    if cutoffs.p is not None:
        english.append(f"p of Δχ² is at least {print_number(cutoffs.p.value, 3, leading_zero=False)}")
        chinese.append(f"Δχ² 的 p 值不低于 {print_number(cutoffs.p.value, 3)}")
    if not english:
        return {"en": "No step was judged.", "zh": "未对各步作判断。"}
    chen = any(limit is not None and limit.source == "chen2007" for _, limit, _ in named)
    listed = f"{', '.join(english[:-1])} and {english[-1]}" if english[1:] else english[0]
    cited = ("; limits of change after @chen2007", "；变化量界限依据 @chen2007") if chen else ("", "")
    fit = _configural_rule(cutoffs)
    return {
        "en": f"A step holds where {listed}{cited[0]}.{say(fit, 'en') if fit else ''}",
        "zh": f"等值成立的标准：{'，且 '.join(chinese)}{cited[1]}。{say(fit, 'zh') if fit else ''}",
    }


def _configural_rule(cutoffs: Cutoffs) -> Text:
    """What the first model has to reach."""
    english, chinese = [], []
    for name, sign, limit in (("CFI", "≥", cutoffs.cfi), ("RMSEA", "≤", cutoffs.rmsea)):
        if limit is not None:
            english.append(f"{name} {sign} {print_number(limit.value, 2, leading_zero=False)}")
            chinese.append(f"{name} {sign} {print_number(limit.value, 2)}")
    if not english:
        return {}
    return {
        "en": f" The configural model: {' and '.join(english)}.",
        "zh": f"形态等值模型：{'，'.join(chinese)}。",
    }


def _parameter(lhs: str, op: str, rhs: str, questionnaire: Questionnaire | None) -> Text:
    if op == "=~":
        return path_label([lhs, rhs], questionnaire)
    if op == "|":
        return joined(" | ", [label_of(lhs, questionnaire), {"en": rhs}])
    return label_of(lhs, questionnaire)


def group_text(value: str, group: str, questionnaire: Questionnaire | None) -> Text:
    """The label of a group: that of the answer to the question `group`, else its value.

    The columns of a question with several answers (`uses_pay`) hold yes and no.
    """
    if not group:
        return {"en": value}
    for question in questionnaire.background if questionnaire is not None else ():
        if question.id == group and value not in {option.value for option in question.options}:
            return {"en": value}
        if question.kind == "multiple" and group.startswith(f"{question.id}_") and value in ("0", "1"):
            return TRUTH[value == "1"]
    text = label_of(f"C({group})[T.{value}]", questionnaire)
    return {"en": value} if text.get("en", "").startswith("C(") else text
