"""Model text to tokens that know their place, and tokens to statements."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from research.errors import Fault, ModelError


class Token(NamedTuple):
    """A piece of model text: `start` is its offset, from which line and column are found on demand.

    `kind` is one of name, number, string, operator (of a statement), mark (of an expression), end.
    """

    kind: str
    text: str
    start: int


_NAME = r"(?:[^\W\d]|\.(?!\d))[\w.]*+"
NAME = re.compile(_NAME)

# A formula of names alone, one operator and plus signs between them: most are, and one match reads it. It is
# whole where a `;`, the end, or another line that begins with a name follows.
PLAIN_FORMULA = re.compile(
    rf"[\s;]*({_NAME})[^\S\n]*(=~|~~|~)[^\S\n]*({_NAME}(?:[^\S\n]*\+[^\S\n]*{_NAME})*+)"
    r"(?=[^\S\n]*(?:;|\Z|\n\s*(?:[\w;]|\Z)))"
)

_PATTERN = re.compile(
    rf"""[^\S\n]*(?:
      (?P<name>{_NAME})
    | (?P<operator>=~|~\*~|~~|<~|:=|==|<=|>=|~|<|>|\||=)
    | (?P<mark>\*\*|[-+*/^(),?:])
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
    | (?P<newline>\n)
    | (?P<comment>[#!][^\n]*)
    | (?P<string>"[^"\n]*"|'[^'\n]*')
    | (?P<stop>;)
    | (?P<finish>\Z)
    | (?P<unknown>.)
    )""",
    re.VERBOSE,
)

_OPERATORS = frozenset(("=~", "~*~", "~~", "<~", ":=", "==", "<=", ">=", "~", "<", ">", "|", "="))
_SIGNS = frozenset(("+", "-", "*", "**", "/", "^", ",", "?"))

# A line that ends or begins with one of these goes on: no statement can end or begin so.
_GOES_ON_AFTER = _OPERATORS | _SIGNS | {"("}
_GOES_ON_BEFORE = _OPERATORS | _SIGNS | {")"}
_HAS_OPERATOR = re.compile(r"[^\n;#!]*[~=<>|]")  # a line with an operator of its own, as in `-a < b`


def statements(text: str, begin: int = 0) -> Iterator[list[Token]]:
    """The statements of a model text from `begin` on, each a list of tokens that ends in an `end` token.

    A statement ends at a line's end or at `;`. It goes on over lines inside parentheses, after a
    line that ends in an operator and before one that begins with an operator. Comments run from
    `#` or `!` to the end of the line.

    >>> [[token.text for token in one] for one in statements("f =~ x1 +  # and\\n x2; y ~ 1")]
    [['f', '=~', 'x1', '+', 'x2', ''], ['y', '~', '1', '']]
    """
    current: list[Token] = []
    depth = 0
    broken = False  # a line has ended since the last token
    for match in _PATTERN.finditer(text, begin):
        kind = match.lastgroup or ""
        if kind == "newline":
            broken = True
            continue
        if kind == "comment":
            continue
        word = match.group(kind)
        start = match.end() - len(word)
        if current and (
            kind in ("stop", "finish") or (broken and _breaks(text, current[-1].text, word, start, depth))
        ):
            current.append(Token("end", "", current[-1].start + len(current[-1].text)))
            yield current
            current, depth = [], 0
        broken = False
        if kind in ("stop", "finish"):
            continue
        if kind == "mark":
            depth += (word == "(") - (word == ")")
        elif kind in ("number", "unknown"):
            _check(text, kind, word, start)
        current.append(Token(kind, word, start))


def fault(text: str, start: int, message: str) -> ModelError:
    """The `ModelError` for a fault at offset `start`: line, column, the line itself and a caret."""
    line = text.count("\n", 0, start) + 1
    begin = text.rfind("\n", 0, start) + 1
    end = text.find("\n", begin)
    source = text[begin : len(text) if end < 0 else end].replace("\t", " ").rstrip()
    return ModelError(str(Fault("model", line, start - begin + 1, message, source)))


def _breaks(text: str, last: str, word: str, start: int, depth: int) -> bool:
    """Whether the line's end before the token `word` at `start` ends the statement."""
    if depth > 0 or last in _GOES_ON_AFTER:
        return False
    return word not in _GOES_ON_BEFORE or (word == "-" and _HAS_OPERATOR.match(text, start) is not None)


def _check(text: str, kind: str, word: str, start: int) -> None:
    """Refuse a character that no model text has, and a name that begins with a digit."""
    if kind == "number":
        after = text[start + len(word) : start + len(word) + 1]
        if after.isalpha() or after == "_":
            raise fault(
                text, start, f"a name cannot begin with a digit, as in '{word}{after}…'; rename the column"
            )
        return
    if word in "\"'":
        raise fault(text, start, f"this {word} is never closed on its line")
    plain = unicodedata.normalize("NFKC", word)
    plain = {"。": ".", "“": '"', "”": '"', "‘": "'", "’": "'", "×": "*", "−": "-", "–": "-", "～": "~"}.get(
        word, plain
    )
    hint = f"; did you mean '{plain}'?" if plain != word and plain.isascii() else ""
    raise fault(text, start, f"the character '{word}' has no meaning in a model{hint}")
