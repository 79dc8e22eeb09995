"""The grammar of a hypothesis line. Tokens keep their place, so that an error points at the character.

line   := chain [ "|" name ] [ "by" name ] [ sign ]
chain  := name ( "->" name )+
sign   := "(+)" | "(-)" | "(?)"

quality -> satisfaction                        direct, expected positive
risk -> trust (-)                              direct, expected negative
age -> loyalty (?)                             direct, no direction expected
quality -> trust -> loyalty                    mediated; serial with three arrows or more
satisfaction -> loyalty | switching_cost (-)   moderated; the sign is that of the interaction
satisfaction -> loyalty by channel             the path differs between groups
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from research.questionnaire.definition import HypothesisKind

TokenKind = Literal["name", "arrow", "both", "bar", "by", "sign", "end"]

# Full-width forms are what a Chinese keyboard types; they mean the same.
_TOKENS: tuple[tuple[TokenKind, str], ...] = (
    ("sign", r"[(（]\s*[+＋\-−－?？]\s*[)）]"),
    ("both", r"<->|↔"),
    ("arrow", r"->|→"),
    ("bar", r"[|｜]"),
    ("name", r"[^\W\d]\w*"),
)
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _TOKENS))
_NOT_AN_ARROW = re.compile(r"(<-+|<=+|=+>|-{2,}>|~+|—+>?|-+|=+|>+)")
_SIGNS: dict[str, Literal[-1, 0, 1]] = {"+": 1, "＋": 1, "-": -1, "−": -1, "－": -1, "?": 0, "？": 0}


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark of a line; `start` is its offset in the text, from 0."""

    kind: TokenKind
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Line:
    """A parsed hypothesis line. Names are tokens, so that a check on them can point at them."""

    kind: HypothesisKind
    path: tuple[Token, ...]
    sign: Literal[-1, 0, 1]
    moderator: Token | None = None
    group: Token | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The constructs on the path, from cause to effect."""
        return tuple(token.text for token in self.path)


class LineError(ValueError):
    """The line does not follow the grammar; `start` is the offset of the offending character."""

    def __init__(self, message: str, start: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start


def parse_line(text: str) -> Line:
    """Parse one hypothesis line; `LineError` says what is wrong, where, and what to write instead.

    >>> line = parse_line("quality -> trust -> loyalty")
    >>> line.kind, line.names, line.sign
    ('mediated', ('quality', 'trust', 'loyalty'), 1)
    >>> parse_line("satisfaction -> loyalty | cost (-)").sign
    -1
    """
    tokens = _tokenize(text)
    path, position = _chain(tokens)
    moderator = group = None
    if tokens[position].kind == "bar":
        moderator, position = _name_after(tokens, position, "the moderator")
    if tokens[position].kind == "by":
        group, position = _name_after(tokens, position, "the group question")
    sign: Literal[-1, 0, 1] | None = None
    if tokens[position].kind == "sign":
        sign = _SIGNS[tokens[position].text[1:-1].strip()]
        position += 1
    if tokens[position].kind != "end":
        raise LineError(_unexpected(tokens[position]), tokens[position].start)
    return _classify(path, sign, moderator, group)


def parse_pair(text: str, mark: Literal["->", "<->"]) -> Line:
    """A key of a population: `a -> b`, `a -> b | c` or, with `mark` `<->`, the correlation `a <-> b`.

    >>> parse_pair("quality <-> price", "<->").names
    ('quality', 'price')
    """
    tokens = _tokenize(text)
    wanted, other = ("both", "arrow") if mark == "<->" else ("arrow", "both")
    for token in tokens:
        if token.kind == other:
            raise LineError(f"write {mark} between the two names here.", token.start)
    if mark == "<->":
        tokens = [Token("arrow", t.text, t.start) if t.kind == wanted else t for t in tokens]
    path, position = _chain(tokens)
    moderator = None
    if mark == "->" and tokens[position].kind == "bar":
        moderator, position = _name_after(tokens, position, "the moderator")
    if tokens[position].kind != "end":
        raise LineError(_unexpected(tokens[position]), tokens[position].start)
    if len(path) > 2:
        raise LineError("give one value for each single arrow.", path[2].start)
    return Line("moderated" if moderator else "direct", path, 1, moderator)


def parse_comparison(text: str) -> Line:
    """A key of a population that differs between groups: `a by g`, or `a -> b by g` for a path.

    >>> parse_comparison("loyalty by segment").names
    ('loyalty',)
    """
    tokens = _tokenize(text)
    path: tuple[Token, ...]
    if tokens[0].kind == "name" and tokens[1].kind == "by":
        path, position = (tokens[0],), 1
    else:
        path, position = _chain(tokens)
    if len(path) > 2:
        raise LineError("give one value for each single arrow.", path[2].start)
    if tokens[position].kind != "by":
        raise LineError("'by' and the group question are missing here.", tokens[position].start)
    group, position = _name_after(tokens, position, "the group question")
    if tokens[position].kind != "end":
        raise LineError(_unexpected(tokens[position]), tokens[position].start)
    return Line("group", path, 0, group=group)


def _tokenize(text: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        found = _TOKEN.match(text, position)
        if found is None:
            raise LineError(_stray(text, position), position)
        word = found.group()
        kind: TokenKind = "name"
        for candidate, _ in _TOKENS:
            if found.lastgroup == candidate:
                kind = candidate
        # `by` is a word of the grammar only between two names; a construct may not be called so.
        tokens.append(Token("by" if kind == "name" and word == "by" else kind, word, position))
        position = found.end()
    tokens.append(Token("end", "", len(text.rstrip())))
    return tokens


def _stray(text: str, position: int) -> str:
    if re.match(r"\w[-.]\w", text[max(position - 1, 0) :]):
        return f"'{text[position]}' cannot stand in a name. Names hold letters, digits and _."
    if found := _NOT_AN_ARROW.match(text, position):
        mark = found.group()
        if mark.startswith("<"):
            return f"'{mark}' is not an arrow here. Write the cause first: cause -> effect."
        return f"'{mark}' is not an arrow. Write ->."
    if text[position] in "(（":
        return "a sign is written (+), (-) or (?) at the end of the line."
    return f"'{text[position]}' has no meaning in a hypothesis. Write for example: quality -> satisfaction."


def _chain(tokens: Sequence[Token]) -> tuple[tuple[Token, ...], int]:
    path: list[Token] = []
    position = 0
    while True:
        token = tokens[position]
        if token.kind != "name":
            wanted = "after the arrow" if path else "at the start"
            raise LineError(f"the name of a construct is missing {wanted}.", token.start)
        path.append(token)
        position += 1
        if tokens[position].kind != "arrow":
            break
        position += 1
    if tokens[position].kind == "both":
        raise LineError(_unexpected(tokens[position]), tokens[position].start)
    if len(path) < 2:
        raise LineError(
            f"an arrow is missing after '{path[0].text}'. Write {path[0].text} -> its effect.",
            tokens[position].start,
        )
    for index, token in enumerate(path):
        if token.text in [earlier.text for earlier in path[:index]]:
            raise LineError(f"'{token.text}' stands twice on this path. A path runs one way.", token.start)
    return tuple(path), position


def _name_after(tokens: Sequence[Token], position: int, role: str) -> tuple[Token, int]:
    name = tokens[position + 1]
    if name.kind != "name":
        raise LineError(f"the name of {role} is missing after '{tokens[position].text}'.", name.start)
    return name, position + 2


def _unexpected(token: Token) -> str:
    if token.kind == "both":
        return "'<->' is a correlation; a hypothesis has a direction. Write ->."
    if token.kind == "name":
        return f"'{token.text}' does not belong here. An arrow, '|' or 'by' is missing before it."
    return (
        f"'{token.text}' does not belong here. "
        "The order is: path, then '| moderator' or 'by group', then the sign."
    )


def _classify(
    path: tuple[Token, ...], sign: Literal[-1, 0, 1] | None, moderator: Token | None, group: Token | None
) -> Line:
    if moderator and group:
        raise LineError("one line is either moderated or a group difference. Write two lines.", group.start)
    if (moderator or group) and len(path) > 2:
        what = "moderated" if moderator else "compared between groups"
        raise LineError(f"only one arrow can be {what} in a line. Write a line for each.", path[2].start)
    if moderator:
        if moderator.text in [token.text for token in path]:
            raise LineError(f"'{moderator.text}' cannot moderate its own path.", moderator.start)
        return Line("moderated", path, 1 if sign is None else sign, moderator)
    if group:
        if sign is not None:
            raise LineError("a group difference has no sign. Remove the sign.", group.start)
        return Line("group", path, 0, None, group)
    return Line("direct" if len(path) == 2 else "mediated", path, 1 if sign is None else sign)
