"""What segments, types and measures of segments are called in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from research.questionnaire.definition import Questionnaire, Text
from research.report.labels import label_of

TYPES: Mapping[str, Text] = {
    "true": {"en": "True loyalty", "zh": "真正忠诚"},
    "latent": {"en": "Latent loyalty", "zh": "潜在忠诚"},
    "spurious": {"en": "Spurious loyalty", "zh": "虚假忠诚"},
    "none": {"en": "No loyalty", "zh": "不忠诚"},
}
RFM: Mapping[str, Text] = {
    "champions": {"en": "Champions", "zh": "高价值客户"},
    "loyal": {"en": "Loyal", "zh": "忠诚客户"},
    "potential": {"en": "Potential", "zh": "潜力客户"},
    "new": {"en": "New", "zh": "新客户"},
    "attention": {"en": "Needing attention", "zh": "一般客户"},
    "fading": {"en": "Fading", "zh": "淡出客户"},
    "at risk": {"en": "At risk", "zh": "流失预警客户"},
    "slipping": {"en": "Slipping away", "zh": "渐失客户"},
    "lost": {"en": "Lost", "zh": "已流失客户"},
}
QUADRANTS: Mapping[str, Text] = {
    "keep up": {"en": "Keep up the good work", "zh": "继续保持"},
    "concentrate here": {"en": "Concentrate here", "zh": "重点改进"},
    "low priority": {"en": "Low priority", "zh": "次要改进"},
    "possible overkill": {"en": "Possible overkill", "zh": "可能过度投入"},
}
CRITERIA: Mapping[str, Text] = {
    "profitable_loyal": {"en": "Profitable and loyal", "zh": "盈利且忠诚"},
    "largest_share": {"en": "Largest share of purchases", "zh": "购买份额占主导"},
    "worth_more_here": {"en": "Worth more to us than to rivals", "zh": "对本企业的价值高于对竞争对手"},
    "core": {"en": "Core customers", "zh": "核心客户"},
}
LEVELS: Mapping[str, Text] = {
    "construct": {"en": "Construct", "zh": "构念"},
    "component": {"en": "Dimension", "zh": "维度"},
    "indicator": {"en": "Indicator", "zh": "指标"},
}
METHODS: Mapping[str, Text] = {
    "kmeans": {"en": "k-means", "zh": "K 均值"},
    "ward": {"en": "Ward", "zh": "Ward 法"},
    "classes": {"en": "Latent classes", "zh": "潜在类别"},
}
EVERYBODY: Text = {"en": "Everybody", "zh": "全体"}
CI: Text = {"en": "95% CI", "zh": "95% 置信区间"}
SIMULATED_DATA: Text = {
    "en": "Simulated data: nobody answered or bought anything.",
    "zh": "模拟数据，并非真实受访者或真实交易。",
}


def segment_label(name: str) -> Text:
    """A type or an RFM segment by its name, a class by its number: `Segment 2`.

    >>> segment_label("2")["en"], segment_label("true")["zh"]
    ('Segment 2', '真正忠诚')
    """
    if name in TYPES:
        return TYPES[name]
    if name in RFM:
        return RFM[name]
    if name.isdecimal():
        return {"en": f"Segment {name}", "zh": f"群体 {name}"}
    return EVERYBODY if not name else {"en": name}


def group_label(name: str, group: str, questionnaire: Questionnaire | None) -> Text:
    """The answer `name` to the question `group`; everybody where it is empty; else a segment's name."""
    if not name:
        return EVERYBODY
    if group and questionnaire is not None:
        return (
            label_of(f"C({group})[T.{name}]", questionnaire)
            if _known(name, group, questionnaire)
            else {"en": name}
        )
    return segment_label(name)


def code_label(code: str, question: str, questionnaire: Questionnaire | None) -> Text:
    """The option `code` of a question, the code itself where the questionnaire does not know it."""
    if questionnaire is not None and _known(code, question, questionnaire):
        return label_of(f"C({question})[T.{code}]", questionnaire)
    return {"en": code}


def in_order(names: Sequence[str]) -> list[int]:
    """Places of the names in the order a table lists them: everybody, types, RFM segments, numbers, others.

    >>> in_order(["lost", "", "champions"]), in_order(["10", "2", "north"])
    ([1, 2, 0], [1, 0, 2])
    """
    known = {name: place for place, name in enumerate(("", *TYPES, *RFM))}

    def rank(place: int) -> tuple[int, int]:
        name = names[place]
        if name in known:
            return 0, known[name]
        return (1, int(name)) if name.isdecimal() else (2, place)

    return sorted(range(len(names)), key=rank)


def origin_note(*, simulated: bool) -> tuple[Text, ...]:
    """The note that stands under everything made from simulated data."""
    return (SIMULATED_DATA,) if simulated else ()


def _known(value: str, question: str, questionnaire: Questionnaire) -> bool:
    return any(
        value == option.value
        for asked in questionnaire.background
        if asked.id == question
        for option in asked.options
    )
