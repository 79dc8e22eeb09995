"""Every kind of fault in a questionnaire file: where it is said to stand, and what is to be done.

A case changes one text of a file without faults. `«` in the new text marks the character at which the
fault has to be reported; the mark is taken out before the file is read.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from research.errors import FaultyFileError, ResearchError
from research.questionnaire.reader import parse_questionnaire, read_questionnaire

SOUND = """\
name: shop
title: {en: A shop, zh: 商店}
languages: [en, zh]
missing:
  -99: {en: none, zh: 未答}
scales:
  likert5:
    points:
      1: {en: no, zh: 否}
      5: {en: yes, zh: 是}
  likert7:
    points:
      1: {en: never, zh: 从不}
      7: {en: always, zh: 总是}
constructs:
  quality:
    en: Quality
    zh: 质量
    scale: likert5
    reverse: [q2]
    items:
      q1: {en: It works., zh: 好用。}
      q2: {en: It fails., zh: 常出错。}
  trust:
    en: Trust
    zh: 信任
    scale: likert5
    items:
      t1: {en: I trust it., zh: 我信任它。}
      t2: {en: It is honest., zh: 它诚实。, scale: likert7}
  loyalty:
    en: Loyalty
    zh: 忠诚
    scale: likert5
    items:
      l1: {en: I stay., zh: 我会留下。}
  experience:
    en: Experience
    zh: 体验
    components: [quality, trust]
background:
  channel:
    en: Where?
    zh: 渠道
    options:
      1: {en: app, zh: 应用}
      2: {en: web, zh: 网站}
  age: {en: Age, zh: 年龄, kind: number}
  phone: {en: Phone, zh: 电话, kind: text, personal: true}
checks:
  att: {en: Choose yes., zh: 请选是。, scale: likert5, expect: 5}
skips:
  - {when: channel, is: [2], skip: [q2]}
hypotheses:
  H1: quality -> trust
  H2: trust -> loyalty
  H3: quality -> trust -> loyalty
  H4: trust -> loyalty | quality
  H5: trust -> loyalty by channel
controls: [age]
groups: [channel]
screening: {seconds_per_item: 1.5, drop: [attention]}
population:
  n: 200
  loading: 0.8
  loadings: {q1: 0.7}
  components: {quality: 0.5, trust: 0.5}
  paths:
    quality -> trust: 0.5
    trust -> loyalty: 0.4
  interactions:
    trust -> loyalty | quality: 0.1
"""

# (name, the text that is replaced, the new text with « at the fault, what the message says)
CASES: list[tuple[str, str, str, str]] = [
    # YAML
    ("two colons", "en: Where?", "en: Where«: here?", "Put text that holds ': ' in quotes"),
    ("open quote", "en: Where?", 'en: «"Where?', "is not closed. Close it"),
    ("open bracket", "[quality, trust]", "«[quality, trust", "a bracket not closed"),
    ("tab", "    en: Where?", "«\ten: Where?", "Indent with blanks"),
    ("at sign", "en: Where?", "en: «@here", "text cannot start with '@'. Put it in quotes"),
    ("star", "en: Where?", "en: «*here", "text cannot start with '*'. Put it in quotes"),
    ("ampersand", "en: Where?", "en: «&here now", "text cannot start with '&'"),
    ("exclamation", "en: Where?", "en: «!here now", "text cannot start with '!'"),
    ("escape", "en: Where?", 'en: "a«\\c"', "Use single quotes"),
    ("control character", "en: Where?", "en: Wh«\x07ere?", "U+0007 cannot stand"),
    ("second document", "background:", "«---\nbackground:", "Keep one questionnaire in a file"),
    ("key is a list", "skips:", "«[a]: 1\nskips:", "a key must be text"),
    ("too deep", "controls: [age]", "controls: [[[[[[[[[[[[«[age]]]]]]]]]]]]]", "nested deeper"),
    # keys and types
    (
        "duplicate key",
        "groups: [channel]",
        "«controls: [age]",
        "duplicate key 'controls': it stands on line 60",
    ),
    (
        "duplicate item",
        "      q2: {en: It f",
        "      «q1: {en: a, zh: b}\n      q2: {en: It f",
        "duplicate key 'q1': it stands on line 22",
    ),
    (
        "duplicate point",
        "      5: {en: yes, zh: 是}",
        "      5: {en: yes, zh: 是}\n      «1: {en: a, zh: b}",
        "duplicate key '1'",
    ),
    ("unknown key", "skips:", "«skip_rules: x\nskips:", "unknown key 'skip_rules' in the file"),
    (
        "unknown key near",
        "    scale: likert5\n    reverse",
        "    «scal: likert5\n    scale: likert5\n    reverse",
        "Did you mean scale?",
    ),
    (
        "unknown key in population",
        "  loading: 0.8",
        "  «loding: 0.8",
        "unknown key 'loding' in 'population'; it takes n, loading,",
    ),
    (
        "reverse at the item",
        "q1: {en",
        "q1: {«reverse: true, en",
        "Write reverse: [q1] in construct 'quality'",
    ),
    ("comma in braces", "en: I trust it.", "en: I, «well and truly", "put text that holds a comma in quotes"),
    (
        "missing key",
        "att: {en: Choose yes., zh: 请选是。, scale: likert5, expect: 5}",
        "«att: {en: Choose yes., zh: 请选是。, scale: likert5}",
        "check 'att' has no 'expect'. Add expect",
    ),
    ("whole number", "n: 200", "n: «many", "'n' of 'population': 'many' is not a whole number"),
    ("leading zero", "expect: 5", "expect: «05", "'05' is not a whole number"),
    ("number", "loading: 0.8", "loading: «high", "'high' is not a number"),
    ("share", "  loading: 0.8", "  missing: «0.9", "'0.9' is not a share between 0 and 0.5"),
    ("flag", "personal: true", "personal: «yes", "'yes' is neither true nor false"),
    ("list", "controls: [age]", "controls: «age", "'controls' is a list: write [age]"),
    ("list of two", "controls: [age]", "controls: «age; x", "is a list: write [first, second]"),
    ("mapping", "  loadings: {q1: 0.7}", "  loadings: «[q1]", "'loadings' of 'population' is a mapping"),
    (
        "empty value",
        "controls: [age]",
        "controls:«",
        "'controls' is empty. Write its value, or remove the key",
    ),
    ("one of", "kind: number", "kind: «numbr", "Did you mean number?"),
    ("wording is a list", "en: Where?", "en: «[Where]", "the en wording of question 'channel' is no text"),
    ("wording is blank", "en: Where?", "en: «''", "the en wording of question 'channel' is no text"),
    ("point is no number", "      5: {en: yes", "      «five: {en: yes", "'five' is not a whole number"),
    ("rule to drop", "drop: [attention]", "drop: [«atention]", "Did you mean attention?"),
    # languages
    (
        "missing translation",
        "q1: {en: It works., zh: 好用。}",
        "«q1: {en: It works.}",
        "missing translation: item 'q1' has no zh wording. Add zh: …",
    ),
    (
        "missing translation of the title",
        "title: {en: A shop, zh: 商店}",
        "«title: {en: A shop}",
        "'title' has no zh wording",
    ),
    ("one wording for two", "title: {en: A shop, zh: 商店}", "title: «A shop", "Write {en: …, zh: …}"),
    (
        "half a hypothesis",
        "  H1: quality -> trust",
        "  «H1: {line: quality -> trust, en: It helps.}",
        "hypothesis 'H1' has no zh wording",
    ),
    (
        "undeclared language",
        "zh: 渠道",
        "zh: 渠道\n    «fr: Où",
        "language 'fr' is not declared; this file declares en, zh",
    ),
    (
        "language code",
        "languages: [en, zh]",
        "languages: [en, zh, «Deutsch]",
        "'Deutsch' is no language code",
    ),
    ("language twice", "languages: [en, zh]", "languages: [en, zh, «en]", "declared twice"),
    # ids
    ("file name", "name: shop", "name: «my/shop", "'my/shop' cannot name files"),
    ("id with a hyphen", "l1: {en", "«l-1: {en", "for example l_1"),
    ("id with a digit first", "l1: {en", "«1l: {en", "for example q1l"),
    ("reserved id", "l1: {en", "«TRUE: {en", "'TRUE' is a reserved word"),
    ("id of another construct", "l1: {en", "«t1: {en", "duplicate id 't1': it stands on line 29 already"),
    (
        "id of a check",
        "checks:\n  att:",
        "checks:\n  «age:",
        "duplicate id 'age': it stands on line 48 already",
    ),
    (
        "column twice",
        "zh: 好用。}\n      q2: {",
        "zh: 好用。, column: Q7}\n      q2: {column: «Q7, ",
        "column 'Q7' is that of 'q1' already",
    ),
    # scales
    (
        "unknown scale",
        "    scale: likert5\n    reverse",
        "    scale: «likert6\n    reverse",
        "unknown scale 'likert6' in construct 'quality'; this file declares likert5, likert7. Did you mean",
    ),
    (
        "unknown scale of an item",
        "scale: likert7}",
        "scale: «lickert7}",
        "unknown scale 'lickert7' in item 't2'; this file declares likert5, likert7. Did you mean likert7?",
    ),
    (
        "no scale",
        "  loyalty:\n    en: Loyalty\n    zh: 忠诚\n    scale: likert5",
        "  «loyalty:\n    en: Loyalty\n    zh: 忠诚",
        "construct 'loyalty' has no scale; this file declares likert5, likert7. Add scale: …",
    ),
    (
        "one point",
        "      1: {en: never, zh: 从不}\n      7: {en",
        "      «7: {en",
        "scale 'likert7' has fewer than two points",
    ),
    (
        "a gap in the labels",
        "      1: {en: never, zh: 从不}\n",
        "      «1: {en: never, zh: 从不}\n      2: {en: a, zh: b}\n",
        "no label for 3",
    ),
    (
        "too many points",
        "      1: {en: never, zh: 从不}\n      7: {en: always",
        "      «1: {en: never, zh: 从不}\n      7000: {en: always",
        "more than 101 points",
    ),
    (
        "missing code on the scale",
        "  -99: {en",
        "  «7: {en",
        "missing code '7' is a point of scale 'likert7'",
    ),
    (
        "check off the scale",
        "expect: 5",
        "expect: «6",
        "check 'att' expects 6, which is off its scale (1 to 5)",
    ),
    # constructs
    (
        "empty construct",
        "  experience:\n    en: Experience\n    zh: 体验\n    components: [quality, trust]\n",
        "  «extra:\n    en: Experience\n    zh: 体验\n",
        "construct 'extra' is empty",
    ),
    (
        "items and components",
        "background:\n",
        "  more:\n    en: E\n    zh: 额\n    scale: likert5\n    items: {x1: {en: a, zh: b}}\n"
        "    «components: [loyalty, experience]\nbackground:\n",
        "Keep one",
    ),
    (
        "reverse of no item",
        "reverse: [q2]",
        "reverse: [«t1]",
        "reverse names 't1', which is no item of construct 'quality'; its items are q1, q2",
    ),
    ("reverse twice", "reverse: [q2]", "reverse: [q2, «q2]", "names 'q2' twice"),
    (
        "unknown component",
        "components: [quality, trust]",
        "components: [quality, «trst]",
        "Did you mean trust?",
    ),
    ("one component", "components: [quality, trust]", "components: «[quality]", "has one component"),
    (
        "component of itself",
        "components: [quality, trust]",
        "components: «[quality, experience]",
        "is made of itself: experience -> experience",
    ),
    # background, skips, groups
    (
        "choice without options",
        "phone: {en: Phone, zh: 电话, kind: text, ",
        "«phone: {en: Phone, zh: 电话, kind: multiple, ",
        "question 'phone' offers 0 options",
    ),
    (
        "number with options",
        "phone: {",
        "phone: {«options: {1: {en: a, zh: b}}, ",
        "Remove them, or write kind: choice",
    ),
    (
        "missing code is an option",
        "    zh: 渠道\n",
        "    zh: 渠道\n    missing: {«2: {en: a, zh: b}}\n",
        "'2' is an option of 'channel' and a missing code",
    ),
    (
        "skip of an unknown question",
        "when: channel",
        "when: «chanel",
        "unknown question 'chanel' in skip rule 1; the background questions are channel, age, phone. "
        "Did you mean channel?",
    ),
    (
        "skip of an unknown option",
        "is: [2]",
        "is: [2, «3]",
        "'3' is no option of question 'channel'; its options are 1, 2",
    ),
    ("skip of one unknown option", "is: [2]", "is: «3", "'3' is no option of question 'channel'"),
    ("skip without options", "when: channel", "when: «age", "A skip rule needs a choice question"),
    ("skip of nothing", "skip: [q2]", "skip: [«q22]", "unknown id 'q22' in skip rule 1. Did you mean q2?"),
    ("skip of itself", "skip: [q2]", "skip: [q2, «channel]", "cannot skip itself"),
    (
        "group is a number",
        "groups: [channel]",
        "groups: [«age]",
        "'age' is a number question; a choice question is needed",
    ),
    (
        "unknown control",
        "controls: [age]",
        "controls: [«ages]",
        "'ages' is no background question; this file declares channel, age, phone. Did you mean age?",
    ),
    (
        "control that is a text",
        "controls: [age]",
        "controls: [«phone]",
        "'phone' is a text question; a number or choice question is needed",
    ),
    (
        "bibliography",
        "controls: [age]",
        "controls: [age]\nbibliography: «none.bib",
        "'none.bib' cannot be read",
    ),
    # hypotheses
    (
        "unknown construct",
        "H1: quality -> trust",
        "H1: quality -> «trst",
        "hypothesis H1: unknown construct 'trst'; this file declares quality, trust, loyalty, experience. "
        "Did you mean trust?",
    ),
    (
        "wording in place of an id",
        "H1: quality -> trust",
        "H1: «质量 -> trust",
        "unknown construct '质量': that is how readers see 'quality'. Write quality.",
    ),
    ("unknown construct in quotes", "H1: quality -> trust", "H1: 'quality -> «trst'", "Did you mean trust?"),
    (
        "unknown moderator",
        "| quality\n",
        "| «quallity\n",
        "unknown moderator 'quallity'; a moderator is a construct or a number question",
    ),
    ("moderator is a choice", "| quality\n", "| «channel\n", "its groups are compared with 'by channel'"),
    ("unknown group", "by channel", "by «chanel", "'chanel' is no background question"),
    (
        "group is a number question",
        "by channel",
        "by «age",
        "group 'age' is a number question; a choice question is needed",
    ),
    (
        "hypothesis without arrow",
        "H1: quality -> trust",
        "H1: quality «trust",
        "an arrow is missing after 'quality'. Write quality -> its effect",
    ),
    ("wrong arrow", "H1: quality -> trust", "H1: quality «=> trust", "'=>' is not an arrow. Write ->"),
    ("said twice", "H2: trust -> loyalty", "H2: «quality -> trust", "hypothesis H2 says the same as H1"),
    (
        "ring",
        "H5: trust -> loyalty by channel",
        "H5: trust -> loyalty by channel\n  H6: «loyalty -> quality",
        "run in a ring: loyalty -> quality -> loyalty",
    ),
    (
        "loading as hypothesis",
        "H2: trust -> loyalty",
        "H2: trust -> loyalty\n  H6: «experience -> quality",
        "'quality' is a component of 'experience'",
    ),
    # population
    (
        "path of no hypothesis",
        "    quality -> trust: 0.5",
        "    «trust -> quality: 0.5",
        "no hypothesis holds the path trust -> quality. The hypotheses hold quality -> trust,",
    ),
    ("loading beyond one", "loadings: {q1: 0.7}", "loadings: {q1: «1.7}", "the loading 1.7 is beyond 1"),
    (
        "path below minus one",
        "trust -> loyalty: 0.4",
        "trust -> loyalty: «-1.2",
        "the path -1.2 is beyond -1",
    ),
    (
        "loading of nothing",
        "loadings: {q1: 0.7}",
        "loadings: {«q11: 0.7}",
        "'q11' is not an item or a construct with items",
    ),
    (
        "second-order loading",
        "components: {quality: 0.5, trust: 0.5}",
        "components: {quality: 0.5, «trist: 0.5}",
        "Did you mean trust?",
    ),
    (
        "correlation of an effect",
        "  interactions:",
        "  correlations: {experience <-> «loyalty: 0.3}\n  interactions:",
        "a path leads to 'loyalty'",
    ),
    (
        "correlation as a path",
        "  interactions:",
        "  correlations: {trust «-> quality: 0.3}\n  interactions:",
        "write <-> between the two names",
    ),
    (
        "interaction of no hypothesis",
        "    trust -> loyalty | quality: 0.1",
        "    «quality -> trust | loyalty: 0.1",
        "no hypothesis moderates like this",
    ),
    (
        "too much explained",
        "    trust -> loyalty: 0.4",
        "    «trust -> loyalty: 1.0",
        "the paths to 'loyalty' explain",
    ),
    ("n", "n: 200", "n: «3", "simulate between 10 and 1,000,000"),
    *(
        (name, "  n: 200", f"  n: 200\n  {added}", message)
        for name, added, message in (
            (
                "path by nothing",
                "means: {trust -> loyalty«: {2: 0.3}}",
                "'by' and the group question are missing",
            ),
            (
                "level of a path",
                "means: {trust -> «loyalty by channel: {2: 0.3}}",
                "belongs under differences",
            ),
            ("level of nobody", "means: {«loyalti by channel: {2: 0.3}}", "Did you mean loyalty?"),
            ("level by a number", "means: {loyalty by «age: {2: 0.3}}", "a choice question is needed"),
            ("level of no option", "means: {loyalty by channel: {«3: 0.3}}", "'3' is no option of 'channel'"),
            ("difference of a level", "differences: {«loyalty by channel: {2: 0.1}}", "belongs under means"),
            (
                "difference of no path",
                "differences: {«experience -> loyalty by channel: {2: 0.1}}",
                "no hypothesis holds the path experience -> loyalty",
            ),
            (
                "two arrows",
                "differences: {quality -> trust -> «loyalty by channel: {2: 0.1}}",
                "single arrow",
            ),
            (
                "too little text",
                "differences: {trust -> loyalty by channel «x: {2: 0.1}}",
                "does not belong here",
            ),
            ("shares of nothing", "answers: {«chanel: {1: 0.5}}", "Did you mean channel?"),
            ("shares of no option", "answers: {channel: {1: 0.5, «9: 0.5}}", "'9' is no option"),
            ("not all shares", "answers: {«channel: {1: 0.5}}", "give every option a share, together 1"),
            ("share beyond one", "answers: {channel: {1: «1.5, 2: 0.5}}", "1.5 is no share between 0 and 1"),
            ("number of what", "answers: {age: {mean: 30, «s: 9}}", "'s' says nothing of a number"),
            ("number of too much", "answers: {«age: {mean: 30, sd: 9, trust: 1}}", "explain all there is"),
            ("number without sd", "answers: {«age: {mean: 30}}", "a number needs a mean and an sd"),
            (
                "mean outside",
                "answers: {«age: {mean: 30, sd: 9, low: 40}}",
                "does not lie between low and high",
            ),
            ("cuts of nothing", "thresholds: {«likert6: [0, 1, 2, 3]}", "neither an item nor a scale"),
            ("too few cuts", "thresholds: {likert5: «[0, 1]}", "'likert5' has 5 points: give 4 cuts"),
            ("falling cuts", "thresholds: {q1: «[0, 2, 1, 3]}", "cuts of a standard normal answer, rising"),
            ("no wave", "waves: «0", "respondents answer between 1 and 20 times"),
            ("too stable", "stability: «1", "a correlation from 0 to below 1 is meant"),
        )
    ),
    (
        "too much in a group",
        "    trust -> loyalty: 0.4",
        "    «trust -> loyalty: 0.4\n  differences: {trust -> loyalty by channel: {2: 0.9}}",
        "the paths to 'loyalty' explain",
    ),
]


def changed(old: str, new: str) -> tuple[str, int, int]:
    """The faulty file, and the line and column of the mark."""
    assert SOUND.count(old) == 1, f"{old!r} stands {SOUND.count(old)} times"
    marked = SOUND.replace(old, new)
    before, mark, after = marked.partition("«")
    assert mark, "no mark"
    return before + after, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def faults_of(content: bytes | str) -> list[tuple[int, int, str]]:
    with pytest.raises(FaultyFileError) as raised:
        parse_questionnaire(content.encode() if isinstance(content, str) else content, "shop.yaml")
    return [(fault.line, fault.column, fault.message) for fault in raised.value.faults]


def test_the_sound_file_is_sound() -> None:
    assert parse_questionnaire(SOUND.encode()).name == "shop"


@pytest.mark.parametrize(
    ("old", "new", "message"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_one_fault_at_its_place(old: str, new: str, message: str) -> None:
    text, line, column = changed(old, new)
    assert message
    found = faults_of(text)
    assert [(line, column)] == [fault[:2] for fault in found], found
    assert message in found[0][2], found


def test_all_faults_at_once() -> None:
    """Faults of syntax, shape, wording, reference and theory come together, in the order of their lines."""
    text = SOUND
    for old, new in (
        ("title: {en: A shop, zh: 商店}", "title: {en: A shop}"),
        ("    scale: likert5\n    reverse: [q2]", "    scale: likert9\n    reverse: [q9]"),
        ("kind: number", "kind: numeric"),
        ("H1: quality -> trust", "H1: qualty -> trust"),
        ("H2: trust -> loyalty", "H2: trust -> loyalty\n  H2: loyalty -> trust"),
        ("n: 200", "n: 200\n  nn: 1"),
        ("controls: [age]", "controls: [aged]"),
    ):
        assert old in text
        text = text.replace(old, new)
    found = faults_of(text)
    assert [fault[:2] for fault in found] == [
        (2, 1),
        (19, 12),
        (20, 15),
        (48, 32),
        (55, 7),
        (57, 3),
        (61, 12),
        (66, 3),
    ]


def test_a_missing_part_does_not_hide_the_others() -> None:
    text = SOUND.replace("languages: [en, zh]\n", "").replace("scale: likert7}", "scale: likrt7}")
    found = faults_of(text)
    assert [fault[:2] for fault in found] == [(1, 1), (29, 48)]
    assert found[0][2] == "the file has no 'languages'. Add languages: …"


def test_an_unreadable_part_is_one_fault() -> None:
    """Nothing that only follows from the unreadable scale is reported: not its users, not the check on it."""
    text = SOUND.replace(
        "    points:\n      1: {en: no, zh: 否}\n      5: {en: yes, zh: 是}\n", "    points: all\n"
    )
    found = faults_of(text)
    assert [fault[:2] for fault in found] == [(8, 13)]
    assert "'points' of scale 'likert5' is a mapping" in found[0][2]


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"", (1, 1), "the file is empty. `python -m research new NAME`"),
        (b"# only a remark\n", (1, 1), "the file is empty"),
        (b"- a\n- b\n", (1, 1), "does not start with keys"),
        (b"just text", (1, 1), "does not start with keys"),
        (
            "name: x\ntitle: 网上商店\n".encode("gb18030"),
            (2, 8),
            "is not UTF-8. It looks like GB 18030. Save the file as UTF-8",
        ),
        ("name: x\n".encode("utf-16"), (1, 1), "It looks like UTF-16"),
        (b"PK\x03\x04\x14\x00\x06\x00", (1, 3), "U+0003 cannot stand"),
        (b"\xff\xff\xff", (1, 1), "byte 0xff is not UTF-8. Save the file as UTF-8"),
    ],
)
def test_what_is_no_questionnaire_at_all(content: bytes, place: tuple[int, int], message: str) -> None:
    found = faults_of(content)
    assert found[0][:2] == place
    assert message in found[0][2]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_places_do_not_depend_on_line_ends_or_a_byte_order_mark(ending: str) -> None:
    text = SOUND.replace("groups: [channel]", "groups: [age]").replace("\n", ending)
    for content in (text.encode(), b"\xef\xbb\xbf" + text.encode()):
        assert [fault[:2] for fault in faults_of(content)] == [(61, 10)]


def test_the_line_is_shown_with_a_caret_under_the_character() -> None:
    """After Chinese text the caret is moved by full-width blanks, so that it stands under its character."""
    text = SOUND.replace("zh: 电话, kind: text", "zh: 电话, kind: txt")
    with pytest.raises(FaultyFileError) as raised:
        parse_questionnaire(text.encode(), "shop.yaml")
    head, fault, line, caret = str(raised.value).split("\n")
    assert head == "1 fault found:"
    assert fault == (
        "shop.yaml:49:36: 'kind' of question 'phone' is one of choice, multiple, number, text; "
        "'txt' is none of them. Did you mean text?"
    )
    assert line == "      phone: {en: Phone, zh: 电话, kind: txt, personal: true}"
    assert caret == " " * (4 + 25) + "\u3000\u3000" + " " * 8 + "^"


def test_a_source_that_the_bibliography_does_not_hold(tmp_path: Path) -> None:
    (tmp_path / "shop.bib").write_text("@article{smith2001,\n title = {A}\n}\n", encoding="utf-8")
    text = SOUND.replace("controls: [age]", "controls: [age]\nbibliography: shop.bib")
    text = text.replace("    reverse: [q2]", "    reverse: [q2]\n    source: [smith2001, smith2010]")
    file = tmp_path / "shop.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(
        FaultyFileError, match=r"source 'smith2010' is not in shop.bib. Did you mean smith2001\?"
    ) as raised:
        read_questionnaire(file)
    assert [(fault.line, fault.column) for fault in raised.value.faults] == [(21, 25)]


def test_no_file(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SOUND, encoding="utf-8")
    with pytest.raises(ResearchError, match=r"shp.yaml: no such file. Did you mean shop.yaml\?"):
        read_questionnaire(tmp_path / "shp.yaml")
    with pytest.raises(ResearchError, match="is a folder"):
        read_questionnaire(tmp_path)
    with pytest.raises(ResearchError, match="cannot be read"):
        read_questionnaire("a\0b")


def test_the_format_page_lists_every_message() -> None:
    """Each message of the table above is explained on the format page."""
    page = (Path(__file__).resolve().parents[1] / "questionnaires" / "FORMAT.md").read_text(encoding="utf-8")
    listed = page.partition("\n### Reading the file\n")[2]
    explained = re.findall(r"`([^`]+)`", listed)
    patterns = [re.escape(text).replace("…", ".+") for text in explained if len(text) > 6]
    for name, old, new, _ in CASES:
        for _, _, message in faults_of(changed(old, new)[0]):
            assert any(re.search(pattern, message) for pattern in patterns), f"{name}: {message}"
