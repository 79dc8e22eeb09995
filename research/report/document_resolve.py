"""Fills a paper's tree: conditions decided, numbers and texts put in, references numbered.

Everything that is wrong is collected with its place, so that one run names all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from research.errors import BuildError, Fault, OptionError, did_you_mean
from research.report.artefacts import Artefacts
from research.report.document_conditions import Task, place_of, prune
from research.report.document_source import BlockQuote, NumberQuote, Reference, Source, Token, fault_at
from research.report.document_tree import (
    Attributes,
    Json,
    Node,
    as_list,
    citation,
    div,
    element,
    link,
    para,
    rewrite,
    walk,
    words,
)
from research.report.numbers import Scalar, number_text

FORMAT = "research"  # of the raw elements that stand for a token
LABELS = {
    "tbl": {"en": "Table {}", "zh": "表{}"},
    "fig": {"en": "Figure {}", "zh": "图{}"},
    "sec": {"en": "Section {}", "zh": "第{}节"},
}
_IN_MATH = re.compile(r"`(\d+)`\{=research\}")


@dataclass(slots=True)
class Resolved:
    """The filled tree; `numbers` of tables and figures by (kind, key); the keys quoted; the faults.

    `cited`: the works that the notes of tables and figures cite, each with the first that does.
    """

    tree: Json
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    cited: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def resolve(tree: Json, task: Task) -> Resolved:
    """Decide the conditions, then number tables, figures and sections, then fill in every token.

    A quoted table or figure becomes a Div of class `artefact` with its kind, key and number, in which only
    the citations of its notes stand; each document format fills it in its own way. Anchors are `tbl-key`,
    `fig-key` and `sec-id`.
    """
    done = Resolved(tree)
    done.tree = prune(tree, task, done.faults)
    done.faults.extend(_foreign(done.tree, task.source))
    done.faults.extend(_unread(done.tree, task.source))
    anchors = _anchors(done, task.source)
    done.tree = rewrite(done.tree, lambda node: _fill(node, done, task, anchors))
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


def _foreign(tree: Json, source: Source) -> Iterator[Fault]:
    """HTML and TeX in the source, which one format would print and the others drop in silence."""
    for node in walk(tree):
        found = element(node)
        if (
            found is None
            or found.kind not in {"RawInline", "RawBlock"}
            or found.format not in {"html", "tex"}
        ):
            continue
        text = found.text.strip()
        if not text.startswith("<!--"):
            message = f"'{text}' is {found.format.upper()}, which not every format can print; write Markdown"
            yield fault_at(source.path, place_of(text.splitlines()[0], source), message)


def _unread(tree: Json, source: Source) -> Iterator[Fault]:
    """Words in brackets right after other brackets, which Markdown takes for the address of a link."""
    for node in walk(tree):
        text = node.get("c") if node.get("t") == "Str" else None
        if isinstance(text, str) and "][" in text:
            message = (
                "these brackets would be printed: Markdown reads `][` as a link, not as a citation or a "
                "condition after another; put other words, or a blank, between them"
            )
            yield fault_at(source.path, place_of("][", source), message)


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


def _fill(node: Node, done: Resolved, task: Task, anchors: dict[tuple[str, str], str]) -> list[Json] | None:
    token = token_of(node, task.source)
    if isinstance(token, NumberQuote):
        return words(_number(token, done, task))
    if isinstance(token, BlockQuote):
        return _block(token, done, task)
    if isinstance(token, Reference):
        return _reference(token, done, task, anchors)
    found = element(node)
    if found and found.kind == "Math" and _IN_MATH.search(found.text):
        content = as_list(node["c"])
        filled = _IN_MATH.sub(lambda match: _in_math(match[1], done, task), found.text)
        return [{"t": "Math", "c": [content[0], filled]}]
    if found and found.kind == "Header" and found.attributes.id.startswith("sec:"):
        attributes = Attributes(
            "sec-" + found.attributes.id.removeprefix("sec:"),
            found.attributes.classes,
            found.attributes.pairs,
        )
        return [{"t": "Header", "c": [found.level, attributes.node(), *as_list(node["c"])[2:]]}]
    return None


def _number(token: NumberQuote, done: Resolved, task: Task) -> str:
    """The printed number; a fault and an empty text where there is none."""
    try:
        members = task.artefacts.members(token.key, task.lang)
        done.used.add(token.key)
        value = _member(token, members)
        return number_text(value, token.form, task.lang, token.member or token.key)
    except OptionError as error:
        done.faults.append(fault_at(task.source.path, token.place, f"'{_name(token)}' {error}"))
    except BuildError as error:
        done.faults.append(fault_at(task.source.path, token.place, str(error)))
    return ""


def _member(token: NumberQuote, members: Mapping[str, Scalar]) -> Scalar:
    known = [name for name in members if name]
    if token.member in members:
        return members[token.member]
    if not token.member:
        raise BuildError(f"'{token.key}' has members; quote one, such as {{{{{token.key}.{known[0]}}}}}")
    if not known:
        raise BuildError(f"'{token.key}' is a single value and has no member '{token.member}'")
    hint = did_you_mean(token.member, known) or f" It has {', '.join(known)}."
    raise BuildError(f"'{token.key}' has no member '{token.member}'.{hint}")


def _name(token: NumberQuote) -> str:
    return f"{token.key}.{token.member}" if token.member else token.key


def _in_math(index: str, done: Resolved, task: Task) -> str:
    token = task.source.tokens[int(index)]
    if not isinstance(token, NumberQuote):
        done.faults.append(
            fault_at(task.source.path, token.place, "only a number can be quoted inside a formula")
        )
        return ""
    text = _number(token, done, task).replace("−", "-").replace("%", r"\%")
    if re.search(r"[^0-9.,<>=\\% -]", text):
        done.faults.append(
            fault_at(task.source.path, token.place, f"'{text}' is no number and cannot stand in a formula")
        )
        return ""
    return text


def _block(token: BlockQuote, done: Resolved, task: Task) -> list[Json]:
    try:
        task.artefacts.row(token.key, token.kind)
    except BuildError as error:
        done.faults.append(fault_at(task.source.path, token.place, str(error)))
        return []
    done.used.add(token.key)
    kind = "tbl" if token.kind == "table" else "fig"
    pairs = (("kind", token.kind), ("key", token.key), ("number", str(done.numbers[kind, token.key])))
    keys = task.artefacts.cited(token.key, task.lang)
    for key in keys:
        done.cited.setdefault(key, token.key)
    inside: list[Json] = [para(*(citation(key) for key in keys))] if keys else []
    return [div(Attributes(f"{kind}-{token.key}", ("artefact",), pairs), inside)]


def _reference(
    token: Reference, done: Resolved, task: Task, anchors: dict[tuple[str, str], str]
) -> list[Json]:
    number = anchors.get((token.kind, token.id))
    if number is None:
        known = [f"@{kind}:{name}" for kind, name in anchors if kind == token.kind]
        hint = did_you_mean(f"@{token.kind}:{token.id}", known)
        what = {"tbl": "table", "fig": "figure", "sec": "numbered section"}[token.kind]
        done.faults.append(
            fault_at(
                task.source.path,
                token.place,
                f"@{token.kind}:{token.id} refers to no {what} of this paper.{hint}",
            )
        )
        return []
    label = LABELS[token.kind].get(task.lang, LABELS[token.kind]["en"]).format(number).replace(" ", "\u00a0")
    return [link(label, f"#{token.kind}-{token.id}")]


def unused(artefacts: Artefacts, used: set[str], excused: Iterator[str]) -> list[str]:
    """Keys that were published and neither quoted nor excused, in the order of publication."""
    allowed = used | set(excused)
    return [key for key in artefacts.rows if key not in allowed]
