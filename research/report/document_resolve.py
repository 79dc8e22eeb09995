"""Fills a paper's tree: conditions decided, numbers and texts put in, references numbered.

Everything that is wrong is collected with its place, so that one run names all of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from research.errors import BuildError, Fault, OptionError, did_you_mean
from research.report.artefacts import Artefacts
from research.report.document_source import BlockQuote, NumberQuote, Place, Reference, Source, Token, fault_at
from research.report.document_tree import (
    Attributes,
    Json,
    Node,
    as_list,
    div,
    element,
    link,
    rewrite,
    walk,
    words,
)
from research.report.numbers import number_text

FORMAT = "research"  # of the raw elements that stand for a token
LABELS = {
    "tbl": {"en": "Table {}", "zh": "表{}"},
    "fig": {"en": "Figure {}", "zh": "图{}"},
    "sec": {"en": "Section {}", "zh": "第{}节"},
}
_CONDITION = re.compile(
    r"\s*(?:(?P<kind>table|figure):)?(?P<key>[^\s.<>=!]+)(?:\.(?P<member>[^\s<>=!]+))?"
    r"\s*(?:(?P<operator><=|>=|!=|=|<|>)\s*(?P<number>-?\d+(?:\.\d+)?))?\s*"
)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
_IN_MATH = re.compile(r"`(\d+)`\{=research\}")


@dataclass(slots=True)
class Resolved:
    """The filled tree; `numbers` of tables and figures by (kind, key); the keys quoted; the faults."""

    tree: Json
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)


def resolve(tree: Json, source: Source, artefacts: Artefacts, lang: str, *, simulated: bool) -> Resolved:
    """Decide the conditions, then number tables, figures and sections, then fill in every token.

    A quoted table or figure becomes an empty Div of class `artefact` with its kind, key and number,
    which each document format fills in its own way. Anchors are `tbl-key`, `fig-key` and `sec-id`.
    """
    done = Resolved(tree)
    done.tree = rewrite(
        done.tree, lambda node: _decide(node, done, source, artefacts, lang, simulated=simulated)
    )
    anchors = _anchors(done, source)
    done.tree = rewrite(done.tree, lambda node: _fill(node, done, source, artefacts, lang, anchors))
    return done


def token_of(node: Node, source: Source) -> Token | None:
    """The token that a raw element stands for."""
    found = element(node)
    if found is None or found.kind not in {"RawInline", "RawBlock"} or found.format != FORMAT:
        return None
    return (
        source.tokens[int(found.text)]
        if found.text.isdigit() and int(found.text) < len(source.tokens)
        else None
    )


def _decide(
    node: Node, done: Resolved, source: Source, artefacts: Artefacts, lang: str, *, simulated: bool
) -> list[Json] | None:
    found = element(node)
    if found is None or found.kind not in {"Div", "Span"}:
        return None
    wanted, unwanted = found.attributes.get("if"), found.attributes.get("unless")
    if not wanted and not unwanted:
        return None
    try:
        keep = (not wanted or _holds(wanted, artefacts, lang, simulated=simulated)) and not (
            unwanted and _holds(unwanted, artefacts, lang, simulated=simulated)
        )
    except BuildError as error:
        done.faults.append(fault_at(source.path, _place_of(wanted or unwanted, source), str(error)))
        return []
    return found.children if keep else []


def _holds(condition: str, artefacts: Artefacts, lang: str, *, simulated: bool) -> bool:
    """Whether a condition holds: an artefact exists, a member has a value, or compares with a number."""
    if condition.strip() == "simulated":
        return simulated
    match = _CONDITION.fullmatch(condition)
    if match is None or (match["kind"] and (match["member"] or match["operator"])):
        raise BuildError(
            f"cannot read the condition '{condition}'; write table:KEY, figure:KEY, KEY, KEY.MEMBER, simulated, "
            "or KEY.MEMBER with <, <=, >, >=, = or != and one number"
        )
    if match["kind"] == "table" or match["kind"] == "figure":
        return artefacts.has(match["key"], "table" if match["kind"] == "table" else "figure")
    if not artefacts.has(match["key"], "number"):
        return False
    members = artefacts.members(match["key"], lang)
    if not match["operator"]:
        member = match["member"]
        return not member or not _absent(members.get(member))
    value = members.get(match["member"] or "")
    if value is None or isinstance(value, str):
        raise BuildError(f"the condition '{condition}' compares what is not a number")
    return not math.isnan(value) and _COMPARE[match["operator"]](value, float(match["number"]))


def _absent(value: float | str | None) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _place_of(attribute: str, source: Source) -> Place:
    """The first line that holds the attribute's text; pandoc's tree does not say."""
    for number, line in enumerate(source.original.splitlines(), start=1):
        if attribute in line:
            return Place(number, line.index(attribute) + 1, line)
    return Place(1, 1, "")


def _anchors(done: Resolved, source: Source) -> dict[tuple[str, str], str]:
    """{(kind, id): number as printed} of everything that can be referred to; numbers tables and figures."""
    printed: dict[tuple[str, str], str] = {}
    counts = {"tbl": 0, "fig": 0}
    levels = [0] * 6
    for node in walk(done.tree):
        found = element(node)
        token = token_of(node, source)
        if isinstance(token, BlockQuote):
            kind = "tbl" if token.kind == "table" else "fig"
            if (kind, token.key) in printed:
                done.faults.append(
                    fault_at(source.path, token.place, f"{token.kind} '{token.key}' stands here again")
                )
                continue
            counts[kind] += 1
            done.numbers[kind, token.key] = counts[kind]
            printed[kind, token.key] = str(counts[kind])
        elif found and found.kind == "Header" and "unnumbered" not in found.attributes.classes:
            levels = [*levels[: found.level - 1], levels[found.level - 1] + 1, *[0] * (6 - found.level)]
            identifier = found.attributes.id.removeprefix("sec:")
            printed["sec", identifier] = ".".join(str(level) for level in levels[: found.level])
    return printed


def _fill(
    node: Node,
    done: Resolved,
    source: Source,
    artefacts: Artefacts,
    lang: str,
    anchors: dict[tuple[str, str], str],
) -> list[Json] | None:
    token = token_of(node, source)
    if isinstance(token, NumberQuote):
        return words(_number(token, done, source, artefacts, lang))
    if isinstance(token, BlockQuote):
        return _block(token, done, source, artefacts)
    if isinstance(token, Reference):
        return _reference(token, done, source, lang, anchors)
    found = element(node)
    if found and found.kind == "Math" and _IN_MATH.search(found.text):
        content = as_list(node["c"])
        filled = _IN_MATH.sub(lambda match: _in_math(match[1], done, source, artefacts, lang), found.text)
        return [{"t": "Math", "c": [content[0], filled]}]
    if found and found.kind == "Header" and found.attributes.id.startswith("sec:"):
        attributes = Attributes(
            "sec-" + found.attributes.id.removeprefix("sec:"),
            found.attributes.classes,
            found.attributes.pairs,
        )
        return [{"t": "Header", "c": [found.level, attributes.node(), *as_list(node["c"])[2:]]}]
    return None


def _number(token: NumberQuote, done: Resolved, source: Source, artefacts: Artefacts, lang: str) -> str:
    """The printed number; a fault and an empty text where there is none."""
    try:
        members = artefacts.members(token.key, lang)
        done.used.add(token.key)
        if token.member not in members:
            known = [name for name in members if name]
            raise BuildError(_no_member(token, known))
        return number_text(members[token.member], token.form, lang, token.member or token.key)
    except OptionError as error:
        done.faults.append(fault_at(source.path, token.place, f"'{_name(token)}' {error}"))
    except BuildError as error:
        done.faults.append(fault_at(source.path, token.place, str(error)))
    return ""


def _no_member(token: NumberQuote, known: list[str]) -> str:
    if not token.member:
        return f"'{token.key}' has members; quote one of them, such as {{{{{token.key}.{known[0]}}}}}"
    if not known:
        return f"'{token.key}' is a single value and has no member '{token.member}'"
    hint = did_you_mean(token.member, known) or f" It has {', '.join(known)}."
    return f"'{token.key}' has no member '{token.member}'.{hint}"


def _name(token: NumberQuote) -> str:
    return f"{token.key}.{token.member}" if token.member else token.key


def _in_math(index: str, done: Resolved, source: Source, artefacts: Artefacts, lang: str) -> str:
    token = source.tokens[int(index)]
    if not isinstance(token, NumberQuote):
        done.faults.append(fault_at(source.path, token.place, "only a number can be quoted inside a formula"))
        return ""
    text = _number(token, done, source, artefacts, lang).replace("−", "-").replace("%", r"\%")
    if re.search(r"[^0-9.,<>=\\% -]", text):
        done.faults.append(
            fault_at(source.path, token.place, f"'{text}' is no number and cannot stand in a formula")
        )
        return ""
    return text


def _block(token: BlockQuote, done: Resolved, source: Source, artefacts: Artefacts) -> list[Json]:
    try:
        artefacts.row(token.key, token.kind)
    except BuildError as error:
        done.faults.append(fault_at(source.path, token.place, str(error)))
        return []
    done.used.add(token.key)
    kind = "tbl" if token.kind == "table" else "fig"
    pairs = (("kind", token.kind), ("key", token.key), ("number", str(done.numbers[kind, token.key])))
    return [div(Attributes(f"{kind}-{token.key}", ("artefact",), pairs), [])]


def _reference(
    token: Reference, done: Resolved, source: Source, lang: str, anchors: dict[tuple[str, str], str]
) -> list[Json]:
    number = anchors.get((token.kind, token.id))
    if number is None:
        known = [f"@{kind}:{name}" for kind, name in anchors if kind == token.kind]
        hint = did_you_mean(f"@{token.kind}:{token.id}", known)
        what = {"tbl": "table", "fig": "figure", "sec": "numbered section"}[token.kind]
        done.faults.append(
            fault_at(
                source.path, token.place, f"@{token.kind}:{token.id} refers to no {what} of this paper.{hint}"
            )
        )
        return []
    label = LABELS[token.kind].get(lang, LABELS[token.kind]["en"]).format(number).replace(" ", "\u00a0")
    return [link(label, f"#{token.kind}-{token.id}")]


def unused(artefacts: Artefacts, used: set[str], excused: Iterator[str]) -> list[str]:
    """Keys that were published and neither quoted nor excused, in the order of publication."""
    allowed = used | set(excused)
    return [key for key in artefacts.rows if key not in allowed]
