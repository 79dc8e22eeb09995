"""A small questionnaire and files of answers to it, as the tests of reading and screening need them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from research.questionnaire.definition import (
    AttentionCheck,
    Construct,
    Item,
    Option,
    Point,
    Question,
    Questionnaire,
    Scale,
)

LABELS = {
    1: {"en": "strongly disagree", "zh": "非常不同意"},
    2: {"en": "disagree", "zh": "不同意"},
    3: {"en": "neither", "zh": "一般"},
    4: {"en": "agree", "zh": "同意"},
    5: {"en": "strongly agree", "zh": "非常同意"},
}
AGREE = Scale("agree", tuple(Point(value, label) for value, label in LABELS.items()), {"-99": "no answer"})
TEN = Scale(
    "ten", tuple(Point(v, {1: {"en": "very low"}, 10: {"en": "very high"}}.get(v, {})) for v in range(1, 11))
)

ITEMS = {
    "trust": (
        Item("TR1", {"en": "I can trust this platform.", "zh": "我信任该平台。"}, "agree"),
        Item("TR2", {"en": "This platform keeps its word.", "zh": "该平台信守承诺。"}, "agree"),
        Item("TR3", {"en": "This platform deceives me.", "zh": "该平台欺骗我。"}, "agree", reverse=True),
    ),
    "loyalty": (
        Item("LO1", {"en": "I will come back.", "zh": "我会再次使用。"}, "agree"),
        Item("LO2", {"en": "I recommend it to others.", "zh": "我会推荐给他人。"}, "agree"),
    ),
}
BACKGROUND = (
    Question(
        "gender",
        {"en": "Your gender", "zh": "您的性别"},
        "choice",
        (Option("f", {"en": "female", "zh": "女"}), Option("m", {"en": "male", "zh": "男"})),
    ),
    Question("age", {"en": "Your age", "zh": "您的年龄"}, "number"),
    Question(
        "uses",
        {"en": "What do you use it for?", "zh": "您用它做什么"},
        "multiple",
        (
            Option("pay", {"en": "paying", "zh": "支付"}),
            Option("save", {"en": "saving, investing", "zh": "理财"}),
            Option("chat", {"en": "chatting", "zh": "聊天"}),
        ),
    ),
    Question("remark", {"en": "Anything else?", "zh": "其他意见"}, "text"),
)
CHECK = AttentionCheck("AT1", {"en": "Please tick agree here.", "zh": "此题请选同意。"}, "agree", 4)


def survey(**changes: object) -> Questionnaire:
    """Five items of two constructs (TR3 reverse-keyed), four background questions, one attention check."""
    fields: dict[str, object] = {
        "name": "small",
        "title": {"en": "A small survey", "zh": "小调查"},
        "languages": ("en", "zh"),
        "scales": {"agree": AGREE, "ten": TEN},
        "constructs": tuple(Construct(name, {"en": name}, items) for name, items in ITEMS.items()),
        "background": BACKGROUND,
        "checks": (CHECK,),
    }
    return Questionnaire(**(fields | changes))


def items_only(names: Sequence[str], scale: Scale = TEN) -> Questionnaire:
    """Items of one scale in the order of `names`, one construct for each word before the digits."""
    groups: dict[str, list[Item]] = {}
    for name in names:
        groups.setdefault(name.rstrip("0123456789"), []).append(
            Item(name, {"en": f"About {name}"}, scale.name)
        )
    constructs = tuple(Construct(name, {"en": name}, tuple(items)) for name, items in groups.items())
    return Questionnaire("items", {"en": "Items"}, ("en",), {scale.name: scale}, constructs)


HEADER = "TR1,TR2,TR3,LO1,LO2,gender,age,uses,remark,AT1"
ROWS = (
    "5,4,1,5,4,f,31,pay;chat,fine,4",
    "4,4,2,3,4,m,45,pay,,4",
    "2,1,5,2,1,f,22,,slow at times,4",
)


def write(folder: Path, *lines: str, name: str = "answers.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\n".join(lines).encode(encoding))
    return path
