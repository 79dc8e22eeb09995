"""The hypotheses of a file as a graph: every name is known, no line is said twice, no path runs in a ring."""

from __future__ import annotations

from dataclasses import dataclass

from research.errors import did_you_mean
from research.questionnaire.hypotheses import Line, LineError, Token, parse_line
from research.questionnaire.reading import Reading, declares, listed
from research.questionnaire.references import question_fault
from research.questionnaire.tree import Path

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Theory:
    """The readable lines by hypothesis id, and the edges of the latent model with the path they stand at."""

    lines: dict[str, Line]
    edges: dict[Edge, Path]  # structural: of the hypotheses, and from each moderator to its outcome
    measurement: dict[Edge, Path]  # from a second-order construct to each of its components


def check_theory(reading: Reading) -> Theory:
    """Parse every hypothesis line, report what is wrong with it, and return the graph of the rest."""
    file = reading.file
    lines: dict[str, Line] = {}
    for name, entry in file.hypotheses.items():
        where = line_path(reading, name)
        if not reading.usable((*where, "line")):
            continue
        try:
            line = parse_line(entry.line)
        except LineError as error:
            found = entry.line[error.start : error.start + 1]
            reading.at_value(where, f"hypothesis {name}: {error.message}", error.start, found)
            continue
        if _names_known(reading, where, name, line):
            lines[name] = line
    _said_twice(reading, lines)
    edges: dict[Edge, Path] = {}
    for name, line in lines.items():
        where = line_path(reading, name)
        for edge in zip(line.names[:-1], line.names[1:], strict=True):
            edges.setdefault(edge, where)
        if line.moderator and line.moderator.text in file.constructs:
            edges.setdefault((line.moderator.text, line.names[-1]), where)
    measurement: dict[Edge, Path] = {
        (name, component): ("constructs", name, "components")
        for name, construct in file.constructs.items()
        for component in construct.components
    }
    _rings(reading, edges, measurement)
    return Theory(lines, edges, measurement)


def line_path(reading: Reading, name: str) -> Path:
    """Where the line of a hypothesis stands: under `line`, or right after the id."""
    path: Path = ("hypotheses", name, "line")
    return path if path in reading.document.values else path[:-1]


def unknown_construct(reading: Reading, name: str) -> str:
    """What to say of a construct that the file does not declare; empty where it does."""
    known = reading.names(("constructs",))
    if name in known:
        return ""
    if called := _labelled(reading, name):
        return f"unknown construct '{name}': that is how readers see '{called}'. Write {called}."
    return f"unknown construct '{name}'; {declares(known, name)}"


def _labelled(reading: Reading, name: str) -> str:
    """The construct that has `name` for a wording: hypotheses name it by its id."""
    root = reading.document.root
    constructs = root.get("constructs") if isinstance(root, dict) else None
    for each, entry in constructs.items() if isinstance(constructs, dict) else ():
        if isinstance(entry, dict) and any(value == name for value in entry.values()):
            return str(each)
    return ""


def _names_known(reading: Reading, where: Path, name: str, line: Line) -> bool:
    if not reading.usable(("constructs",)):
        return False
    questions = reading.names(("background",))
    faults: list[tuple[Token, str]] = [
        (token, fault) for token in line.path if (fault := unknown_construct(reading, token.text))
    ]
    if (token := line.moderator) and (fault := _moderator_fault(reading, token.text, questions)):
        faults.append((token, fault))
    if (token := line.group) and (fault := question_fault(reading, token.text, ("choice",), questions)):
        faults.append((token, f"group {fault}"))
    for token, fault in faults:
        reading.at_value(where, f"hypothesis {name}: {fault}", token.start, token.text)
    return not faults


def _moderator_fault(reading: Reading, name: str, questions: list[str]) -> str:
    constructs = reading.names(("constructs",))
    if name in constructs:
        return ""
    if not reading.usable(("background",)):
        return ""
    if name not in questions:
        known = [*constructs, *questions]
        return (
            f"unknown moderator '{name}'; a moderator is a construct or a number question: "
            f"{listed(known)}.{did_you_mean(name, known)}"
        )
    question = reading.file.background.get(name)
    if question and question.kind == "choice":
        return f"'{name}' is a choice question: its groups are compared with 'by {name}'."
    fault = question_fault(reading, name, ("number",), questions)
    return f"moderator {fault}" if fault else ""


def _said_twice(reading: Reading, lines: dict[str, Line]) -> None:
    seen: dict[tuple[object, ...], str] = {}
    for name, line in lines.items():
        said = (
            line.names,
            line.moderator.text if line.moderator else "",
            line.group.text if line.group else "",
        )
        if (first := seen.setdefault(said, name)) != name:
            reading.at_value(
                line_path(reading, name), f"hypothesis {name} says the same as {first}. Remove one."
            )


def _rings(reading: Reading, edges: dict[Edge, Path], measurement: dict[Edge, Path]) -> None:
    """Report the first line that closes a ring of structural and measurement paths."""
    effects: dict[str, list[str]] = {}
    for cause, effect in measurement:
        effects.setdefault(cause, []).append(effect)
    for (cause, effect), where in edges.items():
        if (cause, effect) in measurement:
            reading.at_value(
                where,
                f"'{effect}' is a component of '{cause}': its loading is that path. Remove the hypothesis.",
            )
            continue
        if way := _way(effects, effect, cause):
            ring = " -> ".join([cause, *way])
            reading.at_value(
                where,
                f"the hypotheses run in a ring: {ring}. Remove one arrow; the model has to be recursive.",
            )
        else:
            effects.setdefault(cause, []).append(effect)


def _way(effects: dict[str, list[str]], start: str, goal: str) -> list[str]:
    """A way along the arrows from `start` to `goal`, both included; empty where there is none."""
    stack, seen = [[start]], {start}
    while stack:
        way = stack.pop()
        if way[-1] == goal:
            return way
        for effect in effects.get(way[-1], []):
            if effect not in seen:
                seen.add(effect)
                stack.append([*way, effect])
    return []
