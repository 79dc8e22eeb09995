"""Which parts of a paper are printed: `if=` and `unless=` on blocks and words.

A condition asks whether something was published or compares one published number with a number that
stands there. There is nothing else, and nothing is evaluated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from research.errors import BuildError, Fault, did_you_mean
from research.report.artefacts import Artefacts
from research.report.document_source import Place, Source, fault_at
from research.report.document_tree import Json, Node, element, rewrite

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


@dataclass(frozen=True, slots=True)
class Task:
    """One paper to fill: its source, the artefacts, the language, whether the responses are simulated."""

    source: Source
    artefacts: Artefacts
    lang: str
    simulated: bool = False


def prune(tree: Json, task: Task, faults: list[Fault]) -> Json:
    """The tree without the blocks and words whose condition does not hold; faults are appended."""
    return _without_gaps(rewrite(tree, lambda node: _decide(node, task, faults)))


def place_of(text: str, source: Source) -> Place:
    """The first place in the source that holds `text`; pandoc's tree does not say."""
    for number, line in enumerate(source.original.splitlines(), start=1):
        if text in line:
            return Place(number, line.index(text) + 1, line)
    return Place(1, 1, "")


def _without_gaps(tree: Json) -> Json:
    """One space where words between two were dropped, and none at the start of a paragraph."""
    if isinstance(tree, dict):
        return {key: _without_gaps(value) for key, value in tree.items()}
    if not isinstance(tree, list):
        return tree
    out: list[Json] = []
    for child in tree:
        if not (_is_space(child) and (not out or _is_space(out[-1]))):
            out.append(_without_gaps(child))
    return out


def _is_space(node: Json) -> bool:
    return isinstance(node, dict) and node.get("t") in {"Space", "SoftBreak"}


def _decide(node: Node, task: Task, faults: list[Fault]) -> list[Json] | None:
    found = element(node)
    if found is None or found.kind not in {"Div", "Span"}:
        return None
    wanted, unwanted = found.attributes.get("if"), found.attributes.get("unless")
    if not wanted and not unwanted:
        return None
    try:
        keep = (not wanted or holds(wanted, task)) and not (unwanted and holds(unwanted, task))
    except BuildError as error:
        faults.append(fault_at(task.source.path, place_of(wanted or unwanted, task.source), str(error)))
        return []
    return found.children if keep else []


def holds(condition: str, task: Task) -> bool:
    """Whether a condition holds: an artefact exists, a member has a value, or compares with a number."""
    if condition.strip() == "simulated":
        return task.simulated
    match = _CONDITION.fullmatch(condition)
    if match is None or (match["kind"] and (match["member"] or match["operator"])):
        raise BuildError(
            f"cannot read the condition '{condition}'; write table:KEY, figure:KEY, KEY, KEY.MEMBER, "
            "simulated, or KEY.MEMBER with <, <=, >, >=, = or != and one number"
        )
    if match["kind"] == "table" or match["kind"] == "figure":
        return task.artefacts.has(match["key"], "table" if match["kind"] == "table" else "figure")
    if not task.artefacts.has(match["key"], "number"):
        return False
    members = task.artefacts.members(match["key"], task.lang)
    if not match["operator"]:
        member = match["member"]
        return not member or not _absent(members.get(member))
    member = match["member"] or ""
    if member not in members:
        hint = did_you_mean(member, members) or f" It has {', '.join(members)}."
        raise BuildError(f"the condition '{condition}': '{match['key']}' has no member '{member}'.{hint}")
    value = members[member]
    if isinstance(value, str):
        raise BuildError(f"the condition '{condition}' compares what is not a number")
    return not math.isnan(value) and _COMPARE[match["operator"]](value, float(match["number"]))


def _absent(value: float | str | None) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
