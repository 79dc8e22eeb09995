"""The grammar of a hypothesis line: this table is its documentation."""

from __future__ import annotations

import pytest

from research.questionnaire.hypotheses import LineError, parse_line, parse_pair

GOOD = [
    # line, kind, path, sign, moderator, group
    ("quality -> trust", "direct", "quality trust", 1, None, None),
    ("quality->trust", "direct", "quality trust", 1, None, None),
    ("  quality   ->   trust  ", "direct", "quality trust", 1, None, None),
    ("quality -> trust (+)", "direct", "quality trust", 1, None, None),
    ("risk -> trust (-)", "direct", "risk trust", -1, None, None),
    ("risk -> trust ( - )", "direct", "risk trust", -1, None, None),
    ("risk -> trust (−)", "direct", "risk trust", -1, None, None),
    ("age -> trust (?)", "direct", "age trust", 0, None, None),
    ("a -> b -> c", "mediated", "a b c", 1, None, None),
    ("a -> b -> c -> d -> e (-)", "mediated", "a b c d e", -1, None, None),
    ("a -> b | c", "moderated", "a b", 1, "c", None),
    ("a -> b | c (-)", "moderated", "a b", -1, "c", None),
    ("a -> b by channel", "group", "a b", 0, None, "channel"),
    ("bystander -> by_the_way", "direct", "bystander by_the_way", 1, None, None),
    ("q1_a -> CUSA", "direct", "q1_a CUSA", 1, None, None),
    # what a Chinese keyboard types
    ("quality → trust（－）", "direct", "quality trust", -1, None, None),
    ("a → b｜c（?）", "moderated", "a b", 0, "c", None),
]

# `«` stands before the character at which the line is wrong.
BAD = [
    ("«", "the name of a construct is missing at the start"),
    ("«-> trust", "the name of a construct is missing at the start"),
    ("quality«", "an arrow is missing after 'quality'"),
    ("quality «trust", "Write quality -> its effect"),
    ("quality ->«", "the name of a construct is missing after the arrow"),
    ("quality -> «-> trust", "the name of a construct is missing after the arrow"),
    ("quality -> trust «quality", "'quality' does not belong here. An arrow, '|' or 'by' is missing"),
    ("quality «=> trust", "'=>' is not an arrow. Write ->"),
    ("quality «--> trust", "'-->' is not an arrow"),
    ("quality «> trust", "'>' is not an arrow"),
    ("quality «~ trust", "'~' is not an arrow"),
    ("trust «<- quality", "Write the cause first: cause -> effect"),
    ("quality «<-> trust", "a hypothesis has a direction. Write ->"),
    ("quality -> trust -> «quality", "'quality' stands twice on this path"),
    ("quality -> «quality", "'quality' stands twice on this path"),
    ("a -> b |«", "the name of the moderator is missing after '|'"),
    ("a -> b by«", "the name of the group question is missing after 'by'"),
    ("a -> b | «b", "'b' cannot moderate its own path"),
    ("a -> b | «a", "'a' cannot moderate its own path"),
    ("a -> b -> «c | d", "only one arrow can be moderated in a line"),
    ("a -> b -> «c by d", "only one arrow can be compared between groups in a line"),
    ("a -> b | c by «d", "either moderated or a group difference. Write two lines"),
    ("a -> b by «d (-)", "a group difference has no sign"),
    ("a -> b by d «| c", "The order is: path, then '| moderator' or 'by group', then the sign"),
    ("a -> b (-) «| c", "The order is: path"),
    ("a -> b (-) «(+)", "The order is: path"),
    ("a -> b «(*)", "a sign is written (+), (-) or (?)"),
    ("a -> b «-", "'-' is not an arrow"),
    ("switching«-cost -> b", "'-' cannot stand in a name. Names hold letters, digits and _"),
    ("a -> b«.c", "'.' cannot stand in a name"),
    ("a -> «2b", "'2' has no meaning in a hypothesis"),
    ("a -> b «& c", "'&' has no meaning in a hypothesis"),
    ("a «+ b -> c", "'+' has no meaning in a hypothesis"),
]


@pytest.mark.parametrize(("text", "kind", "path", "sign", "moderator", "group"), GOOD)
def test_what_a_line_means(
    text: str, kind: str, path: str, sign: int, moderator: str | None, group: str | None
) -> None:
    line = parse_line(text)
    assert (line.kind, line.names, line.sign) == (kind, tuple(path.split()), sign)
    assert (line.moderator.text if line.moderator else None) == moderator
    assert (line.group.text if line.group else None) == group


@pytest.mark.parametrize(("marked", "message"), BAD)
def test_where_a_line_is_wrong(marked: str, message: str) -> None:
    with pytest.raises(LineError) as raised:
        parse_line(marked.replace("«", ""))
    assert raised.value.start == marked.index("«")
    assert message in raised.value.message


@pytest.mark.parametrize("text", [case[0] for case in GOOD])
def test_tokens_keep_their_place(text: str) -> None:
    line = parse_line(text)
    for token in (*line.path, line.moderator, line.group):
        if token:
            assert text[token.start : token.start + len(token.text)] == token.text


def test_the_keys_of_a_population() -> None:
    assert parse_pair("a -> b", "->").names == ("a", "b")
    assert parse_pair("a <-> b", "<->").names == ("a", "b")
    moderated = parse_pair("a -> b | c", "->")
    assert moderated.moderator is not None
    assert moderated.moderator.text == "c"


@pytest.mark.parametrize(
    ("text", "mark", "start", "message"),
    [
        ("a <-> b", "->", 2, "write -> between the two names"),
        ("a -> b", "<->", 2, "write <-> between the two names"),
        ("a -> b -> c", "->", 10, "one value for each single arrow"),
        ("a <-> b <-> c", "<->", 12, "one value for each single arrow"),
        ("a -> b (-)", "->", 7, "does not belong here"),
        ("a <-> b | c", "<->", 8, "does not belong here"),
        ("a", "->", 1, "an arrow is missing"),
    ],
)
def test_wrong_keys_of_a_population(text: str, mark: str, start: int, message: str) -> None:
    with pytest.raises(LineError) as raised:
        parse_pair(text, "->" if mark == "->" else "<->")
    assert raised.value.start == start
    assert message in raised.value.message
