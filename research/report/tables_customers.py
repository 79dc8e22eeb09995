"""Tables of customers: recency, frequency and money, retention, lifetime value, core customers, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import print_number
from research.report.labels import label_of, present, with_columns
from research.report.nouns import Column, Table
from research.report.segment_words import (
    CI,
    CRITERIA,
    RFM,
    code_label,
    in_order,
    origin_note,
    segment_label,
)

if TYPE_CHECKING:
    import pandas as pd

_PERIODS: dict[str, Text] = {
    "week": {"en": "week", "zh": "周"},
    "month": {"en": "month", "zh": "月"},
    "quarter": {"en": "quarter", "zh": "季度"},
    "year": {"en": "year", "zh": "年"},
}
_CIRCULAR: Text = {
    "en": "The segments are made from the same purchases, their recency among them: part of what sets their "
    "retention apart follows from that.",
    "zh": "各客户群由同一批购买记录（含最近购买）划分而来，其保留率的差别部分源于划分方法本身。",
}
_SHARE = Column("share", {"en": "Share", "zh": "占比"}, "percent", 1)
_SHARE_CI = Column("low", CI, "percent", 1, high="high")


def rfm_table(segments: pd.DataFrame, *, simulated: bool = False) -> Table:
    """Segments by recency, frequency and money: `segments` of `research.rfm`."""
    table = with_columns(segments, segment=[segment_label(str(name)) for name in segments["segment"]])
    mean: Text = {"en": "Mean", "zh": "均值"}
    return Table(
        title={"en": "Customers by recency, frequency and money", "zh": "RFM 客户分群"},
        frame=table,
        columns=(
            Column("segment", {"en": "Segment", "zh": "客户群"}),
            Column("customers", {"en": "Customers", "zh": "客户数"}, "integer"),
            _SHARE,
            Column("recency", {"en": "Recency (days)", "zh": "最近购买（天）"}, "number", 1, group=mean),
            Column("frequency", {"en": "Purchases", "zh": "购买次数"}, "number", 1, group=mean),
            Column("monetary", {"en": "Amount", "zh": "金额"}, "number", 1, group=mean),
            Column("amount_share", {"en": "Share of amount", "zh": "金额占比"}, "percent", 1),
        ),
        notes=(
            {
                "en": "Scores by equal parts of the ranks [@hughes1994]; segments by recency, and by "
                "frequency and amount together.",
                "zh": "按排名等分计分[@hughes1994]；依据最近购买得分以及购买次数与金额的平均得分分群。",
            },
            *origin_note(simulated=simulated),
        ),
    )


def retention_table(periods: pd.DataFrame, *, period: str = "month", simulated: bool = False) -> Table:
    """From period to period: `periods` of `research.retention`."""
    word = _PERIODS[period]
    return Table(
        title={"en": f"Retention by {word['en']}", "zh": f"各{word['zh']}客户保留率"},
        frame=periods,
        columns=(
            Column("period", {"en": word["en"].capitalize(), "zh": word["zh"]}),
            Column("active", {"en": "Active", "zh": "活跃客户"}, "integer"),
            Column("retained", {"en": "Active in the next", "zh": "下期仍活跃"}, "integer"),
            Column("rate", {"en": "Retention", "zh": "保留率"}, "percent", 1),
            _SHARE_CI,
        ),
        notes=(
            {"en": "Wilson intervals.", "zh": "置信区间为 Wilson 区间。"},
            *origin_note(simulated=simulated),
        ),
    )


def lifetime_table(frame: pd.DataFrame, *, period: str = "quarter", simulated: bool = False) -> Table:
    """Lifetime value by segment: `frame` of `research.customer_lifetime_value`.

    Everybody first, then the segments in the order in which other tables name them. Segments made from
    the purchases themselves (`research.rfm`) have a note on what that does to their retention.
    """
    names = [str(name) for name in frame["segment"]]
    frame = frame.iloc[in_order(names)]
    table = with_columns(frame, segment=[segment_label(str(name)) for name in frame["segment"]])
    word = _PERIODS[period]
    return Table(
        title={"en": "Customer lifetime value", "zh": "客户终身价值"},
        frame=table,
        columns=(
            Column("segment", {"en": "Segment", "zh": "客户群"}),
            Column("customers", {"en": "Customers", "zh": "客户数"}, "integer"),
            Column("margin", {"en": f"Margin a {word['en']}", "zh": f"每{word['zh']}利润"}, "number", 2),
            Column("retention", {"en": "Retention", "zh": "保留率"}, "percent", 1),
            Column("value", {"en": "Lifetime value", "zh": "终身价值"}, "number", 2),
            Column("low", CI, "number", 2, high="high"),
        ),
        notes=(
            {
                "en": f"m r / (1 + d − r) of margin m, retention r and discount d a {word['en']} "
                "[@gupta2006]: margin and retention are taken to stay as they are, and a lost customer not "
                "to return.",
                "zh": f"终身价值 = m r /（1 + d − r），m、r、d 为每{word['zh']}利润、保留率与贴现率"
                "[@gupta2006]；假定利润与保留率不变，流失客户不再回流。",
            },
            *((_CIRCULAR,) if set(names) & set(RFM) else ()),
            *origin_note(simulated=simulated),
        ),
    )


def core_table(
    counts: pd.DataFrame, thresholds: Mapping[str, float] | None = None, *, simulated: bool = False
) -> Table:
    """Core customers: `counts` of `research.core_customers`; a single criterion has no row for all.

    The note says what was not asked and, with its `thresholds`, where each criterion begins.
    """
    asked = {str(name) for name in counts["criterion"]}
    absent = [CRITERIA[name] for name in CRITERIA if name != "core" and name not in asked]
    if len(counts) == 2 and str(counts["criterion"].iloc[1]) == "core":
        counts = counts.iloc[:1]
    table = with_columns(counts, criterion=[CRITERIA[str(name)] for name in counts["criterion"]])
    return Table(
        title={"en": "Core customers", "zh": "核心客户"},
        frame=table,
        columns=(
            Column("criterion", {"en": "Criterion", "zh": "标准"}),
            Column("n", {"en": "Met by", "zh": "符合人数"}, "integer"),
            Column("known", {"en": "Of", "zh": "有效人数"}, "integer"),
            _SHARE,
            _SHARE_CI,
        ),
        notes=(
            {"en": "Criteria after @reichheld1996.", "zh": "标准依据 @reichheld1996。"},
            *([_limits_note(thresholds)] if thresholds else []),
            *([_absent_note(absent)] if absent else []),
            *([_CORE_NOTE] if len(counts) > 1 else []),
            *origin_note(simulated=simulated),
        ),
    )


_LIMITS: Mapping[str, Text] = {
    "profit": {"en": "profitable: above {}", "zh": "盈利：高于 {}"},
    "loyalty": {"en": "loyal: above {}", "zh": "忠诚：高于 {}"},
    "share": {"en": "largest share: above {}%", "zh": "购买份额占主导：高于 {}%"},
    "rival": {"en": "worth more here: by more than {}", "zh": "对本企业的价值：高出竞争对手 {} 以上"},
}
_CORE_NOTE: Text = {
    "en": "Of: customers with an answer; one without is no core customer by that criterion.",
    "zh": "有效人数为有相应数据的客户；缺少数据者视为不符合该项标准。",
}


def _limits_note(limits: Mapping[str, float]) -> Text:
    """Where each criterion begins."""
    shown = {name: 100 * value if name == "share" else value for name, value in limits.items()}
    english = "; ".join(
        say(_LIMITS[name], "en").format(_threshold(value, "en")) for name, value in shown.items()
    )
    chinese = "；".join(
        say(_LIMITS[name], "zh").format(_threshold(value, "zh")) for name, value in shown.items()
    )
    return {"en": f"{english[0].upper()}{english[1:]}.", "zh": f"{chinese}。"}


def _threshold(value: float, lang: str) -> str:
    """A limit as it was set; one that was computed with two decimals."""
    decimals = next((digits for digits in (0, 1) if round(value, digits) == value), 2)
    return print_number(value, decimals, thousands=lang != "zh")


def _absent_note(absent: Sequence[Text]) -> Text:
    """Criteria that the data say nothing of."""
    english = ", ".join(say(each, "en")[0].lower() + say(each, "en")[1:] for each in absent)
    chinese = "、".join(f"“{say(each, 'zh')}”" for each in absent)
    return {"en": f"Not asked, and left out: {english}.", "zh": f"未询问、故未纳入的标准：{chinese}。"}


def codes_table(
    counts: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    question: str = "",
    n: int | None = None,
    simulated: bool = False,
) -> Table:
    """Codes by frequency: `counts` of `research.count_codes`; `n`: respondents who answered."""
    table = with_columns(
        counts, code=[code_label(str(code), question, questionnaire) for code in counts["code"]]
    )
    notes: list[Text] = [
        {
            "en": (f"n = {n}. " if n is not None else "")
            + "A respondent may have named several: shares of respondents may add up to more than 100%.",
            "zh": (f"n = {n}。" if n is not None else "") + "可多选，占受访者比例之和可超过 100%。",
        }
    ]
    asked = label_of(question, questionnaire)
    known = question and asked != {"en": question}
    return Table(
        title=asked if known else {"en": "Answers by frequency", "zh": "回答频次"},
        frame=table,
        columns=present(
            (
                Column("code", {"en": "Answer", "zh": "回答"}),
                Column("n", {"en": "n", "zh": "人数"}, "integer"),
                Column("share", {"en": "Of respondents", "zh": "占受访者"}, "percent", 1),
                _SHARE_CI,
                Column("mention_share", {"en": "Of mentions", "zh": "占提及次数"}, "percent", 1),
                Column("cumulative", {"en": "Cumulative", "zh": "累计"}, "percent", 1),
            ),
            table,
        ),
        notes=(*notes, *origin_note(simulated=simulated)),
    )
