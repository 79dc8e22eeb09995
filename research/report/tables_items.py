"""Tables for the development of a scale: item analysis, proposals to shorten it, and the scorecard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from research.measurement.purification import Purification
from research.measurement.scale_words import QUANTITIES, SIDES, VERDICTS
from research.questionnaire.definition import Questionnaire, Text
from research.report.cells import print_number
from research.report.labels import label_of, present, with_columns
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    import pandas as pd

CONSTRUCT: Text = {"en": "Construct", "zh": "构念"}
ITEM: Text = {"en": "Item", "zh": "题项"}
AREAS: Mapping[str, Text] = {
    "reliability": {"en": "Reliability", "zh": "信度"},
    "items": {"en": "Items", "zh": "题项"},
    "validity": {"en": "Validity", "zh": "效度"},
    "dimensionality": {"en": "Dimensionality", "zh": "维度"},
    "fit": {"en": "Fit of the CFA", "zh": "CFA 拟合"},
    "method bias": {"en": "Method bias", "zh": "共同方法偏差"},
    "invariance": {"en": "Invariance", "zh": "测量等值性"},
}
LEVELS: Mapping[str, Text] = {
    "metric": {"en": "metric", "zh": "弱等值"},
    "scalar": {"en": "scalar", "zh": "强等值"},
    "strict": {"en": "strict", "zh": "严格等值"},
    "thresholds": {"en": "thresholds", "zh": "阈值等值"},
    "means": {"en": "means", "zh": "潜均值等值"},
}
_ACTIONS: Mapping[str, Text] = {
    "drop": {"en": "leave out", "zh": "建议删除"},
    "turn": {"en": "turn", "zh": "建议反向计分"},
}


def item_analysis_table(frame: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """One row an item: the rows of `research.item_analysis`; items with a flag have their name in bold."""
    table = with_columns(
        frame,
        label=[label_of(str(name), questionnaire) for name in frame["construct"]],
        flagged=(frame["flags"].astype(str) != "").tolist(),
    )
    columns = (
        Column("label", CONSTRUCT, once=True),
        Column("item", ITEM, strong="flagged"),
        Column("mean", {"en": "M", "zh": "均值"}, "number", 2),
        Column("sd", {"en": "SD", "zh": "标准差"}, "number", 2),
        Column("skewness", {"en": "Skewness", "zh": "偏度"}, "number", 2),
        Column("kurtosis", {"en": "Kurtosis", "zh": "峰度"}, "number", 2),
        Column("floor", {"en": "Floor", "zh": "地板"}, "percent", 0),
        Column("ceiling", {"en": "Ceiling", "zh": "天花板"}, "percent", 0),
        Column("t", {"en": "Critical ratio (t)", "zh": "临界比（t）"}, "number", 2, stars="p"),
        Column("r_rest", {"en": "Item–rest r", "zh": "题总相关"}, "statistic", 2),
        Column("alpha_if_deleted", {"en": "α if deleted", "zh": "删除后 α"}, "statistic", 3),
        Column("loading", {"en": "λ", "zh": "λ"}, "statistic", 2),
    )
    return Table(
        {"en": "Item analysis", "zh": "项目分析"},
        table,
        present(columns, table),
        (
            {
                "en": "Critical ratio: t of the difference between the respondents with the highest "
                "and the "
                "lowest 27% of the construct's total [@kelley1939]; at least 3 [@wu2010]. Item–rest r: "
                "correlation with the sum of the other items, at least .30 [@nunnally1994]. "
                "Floor and "
                "ceiling: answers at the ends of the scale. λ: standardized loading. Items that miss a "
                "rule of "
                "thumb in bold. * p < .05, ** p < .01, *** p < .001.",
                "zh": "临界比为构念总分高、低各 27% 两组在该题上差异的 t 值[@kelley1939]，不低于 3[@wu2010]；"
                "题总相关为题项与其余题项总分的相关，不低于 0.30[@nunnally1994]；"
                "地板与天花板为落在量表两端的作答比例；λ 为标准化载荷。未达到标准的题项加粗。"
                "* p < 0.05，** p < 0.01，*** p < 0.001。",
            },
        ),
    )


def purification_table(found: Purification, questionnaire: Questionnaire | None = None) -> Table:
    """One row a proposal with its reason, and alpha, CR and AVE before and after."""
    frame = found.proposals
    readings = zip(frame["reading"].astype(str), frame["reading_zh"].astype(str), strict=True)
    table = with_columns(
        frame,
        label=[label_of(str(name), questionnaire) for name in frame["construct"]],
        what=[_ACTIONS[str(action)] for action in frame["action"]],
        why=[{"en": en, "zh": zh} for en, zh in readings],
    )
    before: Text = {"en": "Before", "zh": "之前"}
    after: Text = {"en": "After", "zh": "之后"}
    columns = [
        Column("step", {"en": "Step", "zh": "步骤"}, "integer"),
        Column("label", CONSTRUCT),
        Column("item", ITEM),
        Column("what", {"en": "Proposal", "zh": "建议"}),
        Column("why", {"en": "Reason", "zh": "理由"}),
    ]
    for when, group in (("before", before), ("after", after)):
        columns += [
            Column(f"alpha_{when}", {"en": "α", "zh": "α"}, "statistic", group=group),
            Column(f"cr_{when}", {"en": "CR", "zh": "CR"}, "statistic", group=group),
            Column(f"ave_{when}", {"en": "AVE", "zh": "AVE"}, "statistic", group=group),
        ]
    notes: list[Text] = [
        {
            "en": "Proposals only, each on the scales that the ones before would leave; nothing was "
            "dropped. What an "
            "item means counts more than these numbers.",
            "zh": "以上仅为建议，每一步以接受此前建议为前提，未实际删除任何题项；"
            "题项的内容比这些数值更重要。",
        }
    ]
    if len(found.held):
        names = ", ".join(dict.fromkeys(found.held["item"].astype(str)))
        notes.append(
            {
                "en": f"Kept although a criterion names them, as a construct keeps three items: {names}.",
                "zh": f"以下题项虽未达标，但为保证每个构念至少三题而保留：{names.replace(', ', '、')}。",
            }
        )
    return Table(
        {"en": "Proposals to shorten the scales", "zh": "量表精简建议"}, table, tuple(columns), tuple(notes)
    )


def scorecard_table(
    verdicts: pd.DataFrame, questionnaire: Questionnaire | None = None, *, only_missed: bool = False
) -> Table:
    """The measurement scorecard: `Measurement.verdicts`, or its rows that miss their rule of thumb."""
    chosen = verdicts[~verdicts["verdict"].isin(["met"])] if only_missed else verdicts
    chosen = chosen.reset_index(drop=True)
    places = zip(chosen["construct"].astype(str), chosen["other"].astype(str), strict=True)
    limits = zip(chosen["good"].astype(str), chosen["threshold"].astype(float), strict=True)
    table = with_columns(
        chosen,
        topic=[AREAS[str(area)] for area in chosen["area"]],
        what=[QUANTITIES[str(name)] for name in chosen["criterion"]],
        where=[_place(construct, other, questionnaire) for construct, other in places],
        rule=[
            {
                lang: f"{SIDES[good][lang]} {print_number(limit, 3 if limit < 1 else 2)}"
                for lang in ("en", "zh")
            }
            for good, limit in limits
        ],
        says=[VERDICTS[str(verdict)] for verdict in chosen["verdict"]],
        missed=(chosen["verdict"].astype(str) == "not met").tolist(),
    )
    columns = (
        Column("topic", {"en": "Topic", "zh": "方面"}, once=True),
        Column("what", {"en": "Criterion", "zh": "指标"}),
        Column("where", {"en": "Of", "zh": "对象"}),
        Column("value", {"en": "Value", "zh": "数值"}, "number", 3),
        Column("rule", {"en": "Rule of thumb", "zh": "经验标准"}),
        Column("says", {"en": "Verdict", "zh": "结论"}, strong="missed"),
    )
    met, judged = int(verdicts["verdict"].eq("met").sum()), len(verdicts)
    return Table(
        {"en": "Measurement scorecard", "zh": "测量质量一览"},
        table,
        columns,
        (
            {
                "en": f"{met} of {judged} numbers meet their rule of thumb"
                f"{'; the others are listed' if only_missed else ''}. Rules of thumb are conventions, "
                "not tests.",
                "zh": f"{judged} 项指标中有 {met} 项达到经验标准"
                f"{'，表中仅列出其余各项' if only_missed else ''}。经验标准是惯例，而非统计检验。",
            },
        ),
    )


def _place(construct: str, other: str, questionnaire: Questionnaire | None) -> Text:
    names = [LEVELS.get(name) or label_of(name, questionnaire) for name in (construct, other) if name]
    return {
        "en": ", ".join(name.get("en", "") for name in names),
        "zh": "、".join(name.get("zh", name.get("en", "")) for name in names),
    }
