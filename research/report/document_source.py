"""The Markdown of a paper, read for what it quotes, with the place of every quotation.

The language is Markdown with front matter and these additions; nothing in it is evaluated:

- `{{key}}`, `{{key.member}}`, `{{key.member:format}}`: a published number or text (formats: `numbers.FORMS`).
- `{{table:key}}`, `{{figure:key}}`, alone on a line: the table or figure, with caption and notes.
- `@tbl:key`, `@fig:key`, `@sec:id`: "Table 2", "Figure 1", "Section 3.1", each a link.
- `[@smith2020, p. 3]`: a citation out of the bibliography.
- `::: {if="table:key"}` ... `:::` keeps the block where the artefact exists, `unless=` where it does not;
  `[words]{if="fit.cfi<0.9"}` does the same inside a sentence. A condition is one of
  `table:key`, `figure:key`, `key`, `key.member`, `simulated`, or a member compared with one number. What
  was not published does not hold; a member that a published key does not have cannot be compared.
- `unused: [key]` in the front matter excuses an artefact that the paper does not quote.
- `\\{{` is a literal brace pair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from research.errors import Fault

RefKind = Literal["tbl", "fig", "sec"]

_QUOTE = re.compile(r"(?<!\\)\{\{(?P<body>[^{}\n]*)\}\}")
_BROKEN = re.compile(r"(?<!\\)\{\{|(?<!\\)\}\}")
_BODY = re.compile(
    r"\s*(?:(?P<block>table|figure)\s*:\s*(?P<artefact>[^\s:]+)|(?P<key>[^\s:.]+)(?:\.(?P<member>[^:]+?))?"
    r"(?::(?P<form>[^\s:]+))?)\s*"
)
_REF = re.compile(r"(?<![\w@\\])@(?P<kind>tbl|fig|sec):(?P<id>[A-Za-z][A-Za-z0-9_-]*)", re.ASCII)
_CITATION = re.compile(
    r"(?<![\w@\\.])-?@(?!(?:tbl|fig|sec):)\{?(?P<key>[A-Za-z0-9_](?:[\w:.#$%&+?<>~/-]*\w)?)", re.ASCII
)
_INLINE_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the source: line and column count from 1; `text` is the whole line."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class NumberQuote:
    """`{{key.member:form}}`."""

    place: Place
    key: str
    member: str
    form: str


@dataclass(frozen=True, slots=True)
class BlockQuote:
    """`{{table:key}}` or `{{figure:key}}`."""

    place: Place
    kind: Literal["table", "figure"]
    key: str


@dataclass(frozen=True, slots=True)
class Reference:
    """`@tbl:key`, `@fig:key` or `@sec:id`."""

    place: Place
    kind: RefKind
    id: str


@dataclass(frozen=True, slots=True)
class Citation:
    """`@key` of the bibliography."""

    place: Place
    key: str


Token = NumberQuote | BlockQuote | Reference


@dataclass(frozen=True, slots=True)
class Source:
    """A paper's source. In `markdown`, token k stands as a raw element of format `research` with text k."""

    path: str
    original: str
    markdown: str
    tokens: tuple[Token, ...]
    citations: tuple[Citation, ...]
    faults: tuple[Fault, ...]


def read_source(text: str, path: str) -> Source:
    """Find every quotation, reference and citation in the Markdown `text`; `path` is only for messages.

    >>> source = read_source("We asked {{sample.n}} customers (@tbl:sample).", "paper.md")
    >>> [type(token).__name__ for token in source.tokens]
    ['NumberQuote', 'Reference']
    """
    tokens: list[Token] = []
    citations: list[Citation] = []
    faults: list[Fault] = []
    lines: list[str] = []
    for number, line, code in _lines(text):
        if code:
            lines.append(line)
            continue
        masked = _INLINE_CODE.sub(lambda match: " " * len(match[0]), line)
        citations.extend(
            Citation(Place(number, match.start() + 1, line), match["key"])
            for match in _CITATION.finditer(masked)
        )
        faults.extend(_broken(path, number, line, masked))
        lines.append(_replace(line, masked, number, path, tokens, faults))
    return Source(path, text, "\n".join(lines) + "\n", tuple(tokens), tuple(citations), tuple(faults))


def fault_at(path: str, place: Place, message: str) -> Fault:
    """The fault `message` at `place`."""
    return Fault(path, place.line, place.column, message, place.text)


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """(line number, line, whether it belongs to a fenced code block or is its fence)."""
    fence = ""
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        match = _FENCE.match(line)
        if fence:
            yield number, line, True
            if match and match[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif match:
            fence = match[1]
            yield number, line, True
        else:
            yield number, line, False


def _broken(path: str, number: int, line: str, masked: str) -> Iterator[Fault]:
    rest = _QUOTE.sub(lambda match: " " * len(match[0]), masked)
    for match in _BROKEN.finditer(rest):
        yield Fault(
            path,
            number,
            match.start() + 1,
            f"'{match[0]}' without its partner on the line; a quotation is {{{{key}}}}, a brace \\{{{{",
            line,
        )


def _replace(line: str, masked: str, number: int, path: str, tokens: list[Token], faults: list[Fault]) -> str:
    """The line with a raw element in place of each token; tokens and faults are appended."""
    out: list[str] = []
    end = 0
    found = sorted([*_QUOTE.finditer(masked), *_REF.finditer(masked)], key=lambda match: match.start())
    for match in found:
        place = Place(number, match.start() + 1, line)
        token: Token | str = (
            Reference(place, _ref_kind(match["kind"]), match["id"])
            if match.re is _REF
            else _quotation(match["body"], place, alone=masked.strip() == match[0])
        )
        out.append(line[end : match.start()])
        end = match.end()
        if isinstance(token, str):
            faults.append(fault_at(path, place, token))
            continue
        tokens.append(token)
        index = len(tokens) - 1
        block = isinstance(token, BlockQuote)
        out.append(f"\n\n```{{=research}}\n{index}\n```\n\n" if block else f"`{index}`{{=research}}")
    out.append(line[end:])
    return "".join(out)


def _ref_kind(word: str) -> RefKind:
    return "tbl" if word == "tbl" else "fig" if word == "fig" else "sec"


def _quotation(body: str, place: Place, *, alone: bool) -> NumberQuote | BlockQuote | str:
    """The quotation in `{{body}}`, or what is wrong with it."""
    match = _BODY.fullmatch(body)
    if match is None:
        return (
            f"'{{{{{body}}}}}' is not a quotation; write {{{{key}}}}, {{{{key.member:format}}}} "
            "or {{table:key}}"
        )
    if match["block"]:
        if not alone:
            return f"'{{{{{body}}}}}' must stand alone on its line; to mention it, write @tbl:key or @fig:key"
        kind: Literal["table", "figure"] = "table" if match["block"] == "table" else "figure"
        return BlockQuote(place, kind, match["artefact"])
    return NumberQuote(place, match["key"], match["member"] or "", match["form"] or "")
