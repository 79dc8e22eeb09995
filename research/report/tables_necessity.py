"""Tables of necessary condition analysis: effect sizes, and the bottleneck table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.labels import label_of, with_columns
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    from research.structure.necessity import Necessity
    from research.structure.necessity_bounds import Ceiling, Unit

CEILINGS: dict[str, Text] = {
    "ce_fdh": {"en": "CE-FDH (steps)", "zh": "CE-FDH（阶梯）"},
    "cr_fdh": {"en": "CR-FDH (line)", "zh": "CR-FDH（直线）"},
}
_SIZES: dict[str, Text] = {
    "none": {"en": "none", "zh": "无"},
    "small": {"en": "small", "zh": "小"},
    "medium": {"en": "medium", "zh": "中"},
    "large": {"en": "large", "zh": "大"},
    "very large": {"en": "very large", "zh": "很大"},
}
_UNITS: dict[str, Text] = {
    "percent_range": {"en": "percent of the range", "zh": "占取值范围的百分比"},
    "actual": {"en": "actual values", "zh": "实际取值"},
    "percentile": {"en": "percentage of respondents below", "zh": "低于该水平的受访者百分比"},
}


def necessity_table(found: Necessity, questionnaire: Questionnaire | None = None) -> Table:
    """Effect size, permutation p and accuracy of every condition under both ceilings."""
    rows = found.effects
    table = with_columns(
        rows,
        x=[label_of(str(name), questionnaire) for name in rows["x"]],
        ceiling=[CEILINGS[str(name)] for name in rows["ceiling"]],
        size=[_SIZES[str(name)] for name in rows["size"]],
    )
    several = len(found.conditions) > 1 and bool(found.permutations)
    columns = [
        Column("x", {"en": "Condition", "zh": "条件"}, once=True),
        Column("ceiling", {"en": "Ceiling", "zh": "上限线"}),
        Column("d", {"en": "d", "zh": "d"}, "statistic", 2),
        Column("size", {"en": "Size", "zh": "大小"}),
        *([Column("p", {"en": "p", "zh": "p"}, "p")] if found.permutations else []),
        *([Column("p_holm", {"en": "p (Holm)", "zh": "p（Holm）"}, "p")] if several else []),
        Column("accuracy", {"en": "Accuracy", "zh": "精确度"}, "percent", 1),
        Column("condition_inefficiency", {"en": "Condition ineff.", "zh": "条件无效率"}, "percent", 1),
        Column("outcome_inefficiency", {"en": "Outcome ineff.", "zh": "结果无效率"}, "percent", 1),
    ]
    outcome = label_of(found.outcome, questionnaire)
    n = int(rows["n_obs"].iloc[0])
    drawn_en = f" p from {found.permutations:,} permutations." if found.permutations else ""
    drawn_zh = f"p 值由 {found.permutations} 次置换得到。" if found.permutations else ""
    return Table(
        title={
            "en": f"Necessary conditions of {outcome.get('en', found.outcome)}",
            "zh": f"{say(outcome, 'zh')}的必要条件分析",
        },
        frame=table,
        columns=tuple(columns),
        notes=(
            {
                "en": f"n = {n}. d is the empty share of the scope: below .1 small, .1–.3 medium, .3–.5 "
                f"large [@dul2016].{drawn_en} A condition is called necessary where d ≥ .1 and p < .05.",
                "zh": f"n = {n}。d 为空白区域占取值空间的比例：小于 0.1 为小，0.1–0.3 为中，0.3–0.5 为大"
                f"[@dul2016]。{drawn_zh}d ≥ 0.1 且 p < 0.05 时判定为必要条件。",
            },
        ),
    )


def bottleneck_table(
    found: Necessity,
    questionnaire: Questionnaire | None = None,
    *,
    ceiling: Ceiling = "ce_fdh",
    steps: int | Sequence[float] = 10,
    unit: Unit = "percent_range",
) -> Table:
    """What level of every condition each level of the outcome asks for; NN: not necessary."""
    levels = found.bottleneck(ceiling, steps=steps, unit=unit)
    plain = {name: f"x{place}" for place, name in enumerate(found.conditions)}
    absent: Text = {"en": "NN", "zh": "NN"}
    shown = {
        column: [absent if value != value else float(value) for value in levels[name]]
        for name, column in plain.items()
    }
    share = [value / 100 for value in levels["percent"]]
    table = with_columns(levels[["percent"]], percent=share, **shown)
    over: Text = {"en": "Level required", "zh": "所需水平"}
    digits = 2 if unit == "actual" else 1
    outcome = label_of(found.outcome, questionnaire)
    return Table(
        title={
            "en": f"Bottlenecks of {outcome.get('en', found.outcome)}",
            "zh": f"{say(outcome, 'zh')}的瓶颈水平",
        },
        frame=table,
        columns=(
            Column("percent", outcome, "percent", 0),
            *(
                Column(column, label_of(name, questionnaire), "number", digits, group=over)
                for name, column in plain.items()
            ),
        ),
        notes=(
            {
                "en": f"{CEILINGS[ceiling]['en']}. Outcome: percent of its range. Conditions: "
                f"{_UNITS[unit]['en']}. NN: not necessary.",
                "zh": f"{CEILINGS[ceiling]['zh']}。结果：占取值范围的百分比；条件：{_UNITS[unit]['zh']}。"
                "NN 表示非必要。",
            },
        ),
    )
