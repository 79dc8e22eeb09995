"""The table about a printed measurement table: which of its numbers follow from its loadings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text
from research.report.labels import label_of, with_columns
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    import pandas as pd

QUANTITIES: Mapping[str, str] = {
    "cr": "CR",
    "ave": "AVE",
    "sqrt_ave": "√AVE",
    "alpha": "α",
    "rho_a": "ρ_A",
    "omega": "ω",
}
VERDICTS: Mapping[str, Text] = {
    "follows": {"en": "follows", "zh": "相符"},
    "does not follow": {"en": "does not follow", "zh": "不符"},
    "impossible": {"en": "impossible", "zh": "不可能"},
    "unusual": {"en": "unusual", "zh": "异常"},
    "cannot be checked": {"en": "cannot be checked", "zh": "无法核对"},
}
_WRONG = ("does not follow", "impossible", "unusual")


def audited_table(frame: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """The rows of `research.audit_table`: what is printed beside what the loadings allow; faults in bold."""
    verdicts = frame["verdict"].astype(str)
    table = with_columns(
        frame,
        label=[label_of(str(name), questionnaire) for name in frame["construct"]],
        what=[QUANTITIES[str(name)] for name in frame["quantity"]],
        says=[VERDICTS[verdict] for verdict in verdicts],
        wrong=verdicts.isin(_WRONG).tolist(),
    )
    columns = (
        Column("label", {"en": "Construct", "zh": "构念"}, once=True),
        Column("what", {"en": "Quantity", "zh": "指标"}),
        Column("reported", {"en": "As printed", "zh": "报告值"}, "number", 3),
        Column("low", {"en": "What the loadings allow", "zh": "由载荷推得的范围"}, "number", 4, high="high"),
        Column("says", {"en": "Verdict", "zh": "结论"}, strong="wrong"),
    )
    faults, checked = int(verdicts.isin(_WRONG).sum()), int((verdicts != "cannot be checked").sum())
    return Table(
        {"en": "Check of a printed measurement table", "zh": "已发表测量结果的核对"},
        table,
        columns,
        (
            {
                "en": f"Of {checked} numbers that can be checked, {faults} do not agree with the loadings "
                "printed beside them. The range lets every printed number be half of its last digit off; CR "
                "and AVE follow @fornell1981. α and ρ_A need the correlations of the items; an α above CR is "
                "unusual, as uncorrelated errors rule it out.",
                "zh": f"可核对的 {checked} 个数值中有 {faults} 个与所报告的载荷不一致。"
                "范围已考虑每个报告值末位的四舍五入误差；CR 与 AVE 按 @fornell1981 的公式计算。"
                "核对 α 与 ρ_A 需要题项间相关系数；误差不相关时 α 不会高于 CR，高于者记为异常。",
            },
        ),
    )
