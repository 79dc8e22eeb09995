"""What a row of the scorecard says, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from research.questionnaire.definition import Text

QUANTITIES: Mapping[str, Text] = {
    "alpha": {"en": "Cronbach's alpha", "zh": "Cronbach's α"},
    "cr": {"en": "Composite reliability", "zh": "组合信度（CR）"},
    "ave": {"en": "AVE", "zh": "AVE"},
    "loading": {"en": "Standardized loading", "zh": "标准化载荷"},
    "r_rest": {"en": "Item–rest correlation", "zh": "校正后的题总相关"},
    "critical_ratio": {"en": "Critical ratio (upper and lower 27 %)", "zh": "临界比（高低分组 27%）"},
    "skewness": {"en": "Skewness (absolute)", "zh": "偏度（绝对值）"},
    "kurtosis": {"en": "Kurtosis (absolute)", "zh": "峰度（绝对值）"},
    "kmo": {"en": "KMO", "zh": "KMO"},
    "bartlett_p": {"en": "Bartlett's test (p)", "zh": "Bartlett 球形检验（p）"},
    "n_factors": {"en": "The number of factors (parallel analysis)", "zh": "平行分析建议的因子数"},
    "htmt": {"en": "HTMT", "zh": "HTMT"},
    "htmt_high": {"en": "HTMT, upper end of the interval", "zh": "HTMT 置信区间上限"},
    "sqrt_ave": {"en": "Square root of AVE", "zh": "AVE 的平方根"},
    "cfi": {"en": "CFI", "zh": "CFI"},
    "tli": {"en": "TLI", "zh": "TLI"},
    "rmsea": {"en": "RMSEA", "zh": "RMSEA"},
    "srmr": {"en": "SRMR", "zh": "SRMR"},
    "harman": {"en": "Harman, first component", "zh": "Harman 单因子检验（首个成分）"},
    "vif": {"en": "Full-collinearity VIF, largest", "zh": "全共线性 VIF 最大值"},
    "delta_cfi": {"en": "Loss of CFI", "zh": "CFI 下降"},
    "delta_rmsea": {"en": "Rise of RMSEA", "zh": "RMSEA 上升"},
}
SIDES: Mapping[str, Text] = {
    "at least": {"en": "at least", "zh": "不低于"},
    "at most": {"en": "at most", "zh": "不高于"},
    "above": {"en": "above", "zh": "高于"},
    "below": {"en": "below", "zh": "低于"},
}
VERDICTS: Mapping[str, Text] = {
    "met": {"en": "met", "zh": "达到"},
    "not met": {"en": "not met", "zh": "未达到"},
    "exploratory": {"en": "enough for exploration only", "zh": "仅达到探索性研究的标准"},
    "redundant": {"en": "high enough to suggest redundant items", "zh": "过高，题项可能重复"},
    "weak": {"en": "weak, kept where AVE and CR are met", "zh": "偏低，AVE 与 CR 达标时可保留"},
    "similar": {"en": "acceptable for similar concepts only", "zh": "仅在概念相近时可以接受"},
    "missing": {"en": "no value", "zh": "无法计算"},
}
SUM_UP: Mapping[str, Text] = {
    "harman": {
        "en": "a weak test; passing it does not show that there is no method bias",
        "zh": "检验效力弱，通过并不能说明不存在方法偏差",
    },
    "vif": {
        "en": "it does not tell method bias from constructs that are truly related",
        "zh": "无法区分方法偏差与构念间真实的相关",
    },
    "bartlett_p": {
        "en": "in large samples almost always met",
        "zh": "大样本下几乎总能达到",
    },
}


def scorecard_reading(
    quantity: str, place: Text, value: float, good: str, threshold: float, verdict: str
) -> Text:
    """One row as a sentence.

    >>> scorecard_reading("ave", {"en": "Trust", "zh": "信任"}, 0.5, "at least", 0.5, "met")["zh"]
    '信任：AVE 为 0.500（标准：不低于 0.500）：达到。'
    """
    name, word, side = QUANTITIES[quantity], VERDICTS[verdict], SIDES[good]
    extra = SUM_UP.get(quantity, {"en": "", "zh": ""})
    head_en = f"{place['en']}: {name['en']}" if place["en"] else name["en"]
    head_zh = f"{place['zh']}：{name['zh']}" if place["zh"] else name["zh"]
    if verdict == "missing":
        return {"en": f"{head_en} has no value.", "zh": f"{head_zh}无法计算。"}
    tail_en = f"; {extra['en']}" if extra["en"] else ""
    tail_zh = f"；{extra['zh']}" if extra["zh"] else ""
    return {
        "en": f"{head_en} is {_number(quantity, value, 'en')} (rule of thumb: {side['en']} "
        f"{_number(quantity, threshold, 'en')}): {word['en']}{tail_en}.",
        "zh": f"{head_zh}{' ' if head_zh[-1].isascii() else ''}为 {_number(quantity, value, 'zh')}"
        f"（标准：{side['zh']} {_number(quantity, threshold, 'zh')}）：{word['zh']}{tail_zh}。",
    }


def _number(quantity: str, value: float, lang: str) -> str:
    if quantity == "n_factors":
        return f"{value:.0f}"
    if quantity in ("skewness", "kurtosis", "vif", "critical_ratio"):
        return f"{value:.2f}"
    if quantity == "bartlett_p" and value < 0.001:
        return "below .001" if lang == "en" else "0.001 以下"
    number = f"{value:.3f}".replace("-", "−")
    bounded = lang == "en" and abs(value) < 1
    return number.replace("0.", ".", 1) if bounded else number
