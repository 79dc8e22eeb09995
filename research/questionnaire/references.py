"""What one part of a file says of another exists: reverse keys, components, skip rules, groups, sources."""

from __future__ import annotations

import re
from pathlib import Path as FilePath

from research.errors import did_you_mean
from research.questionnaire.identifiers import declared
from research.questionnaire.reading import Reading, declares, listed
from research.questionnaire.tree import Path


def check_references(reading: Reading) -> None:
    """Report every name that is used and not declared, and constructs that nothing measures."""
    if not reading.file.constructs:
        reading.at_value(("constructs",), "no construct is declared. Add one with its items.")
    _constructs(reading)
    _components(reading)
    _skips(reading)
    _uses(reading)
    _sources(reading)


def question_fault(reading: Reading, name: str, kinds: tuple[str, ...], known: list[str]) -> str:
    """Why background question `name` cannot serve where one of `kinds` is needed; empty where it can."""
    if not reading.usable(("background",)):
        return ""
    if name not in known:
        return f"'{name}' is no background question; {declares(known, name)}"
    question = reading.file.background.get(name)
    if question and question.kind not in kinds:
        return f"'{name}' is a {question.kind} question; a {' or '.join(kinds)} question is needed."
    if question and question.personal:
        return f"'{name}' is personal and is dropped on reading. Choose another question."
    return ""


def _constructs(reading: Reading) -> None:
    for name, construct in reading.file.constructs.items():
        path: Path = ("constructs", name)
        readable = reading.whole((*path, "items")) and reading.whole((*path, "components"))
        if construct.items and construct.components:
            reading.at_key(
                (*path, "components"),
                f"construct '{name}' has items and components. Keep one: items for the first order, "
                "components for the second.",
            )
        elif not construct.items and not construct.components and readable:
            reading.at_key(
                path, f"construct '{name}' is empty. Give it items, or components of other constructs."
            )
        items = reading.names((*path, "items"))
        for index, item in enumerate(construct.reverse):
            where = (*path, "reverse", index)
            if item not in items:
                message = f"reverse names '{item}', which is no item of construct '{name}'; its items are "
                reading.at_value(where, f"{message}{listed(items)}.{did_you_mean(item, items)}")
            elif item in construct.reverse[:index]:
                reading.at_value(where, f"reverse names '{item}' twice. Remove one.")


def _components(reading: Reading) -> None:
    file = reading.file
    known = reading.names(("constructs",))
    owner: dict[str, str] = {}
    told: set[str] = set()
    for name, construct in file.constructs.items():
        path: Path = ("constructs", name, "components")
        if len(construct.components) == 1:
            reading.at_value(
                path, f"construct '{name}' has one component. A second-order construct has two or more."
            )
        for index, component in enumerate(construct.components):
            if component not in known:
                message = (
                    f"unknown component '{component}' of construct '{name}'; {declares(known, component)}"
                )
                reading.at_value((*path, index), message)
                continue
            taken = owner.setdefault(component, name)
            if taken != name or component in construct.components[:index]:
                reading.at_value(
                    (*path, index), f"'{component}' is a component of '{taken}' already. Name it once."
                )
        ring = [] if name in told else _ring(reading, name)
        if ring:
            told.update(ring)
            reading.at_value(
                path, f"construct '{name}' is made of itself: {' -> '.join(ring)}. Break the ring."
            )


def _ring(reading: Reading, start: str) -> list[str]:
    """The way from a construct through its components back to it; empty where there is none."""
    stack: list[list[str]] = [[start]]
    seen: set[str] = set()
    while stack:
        way = stack.pop()
        construct = reading.file.constructs.get(way[-1])
        for component in construct.components if construct else ():
            if component == start:
                return [*way, start]
            if component not in seen:
                seen.add(component)
                stack.append([*way, component])
    return []


def _skips(reading: Reading) -> None:
    file = reading.file
    questions = reading.names(("background",))
    ids = [name for name, _ in declared(reading)]
    for number, rule in enumerate(file.skips):
        path: Path = ("skips", number)
        question = file.background.get(rule.when)
        if not reading.usable(("background",)):
            continue
        if rule.when not in questions:
            reading.at_value(
                (*path, "when"),
                f"unknown question '{rule.when}' in skip rule {number + 1}; "
                f"the background questions are {listed(questions)}.{did_you_mean(rule.when, questions)}",
            )
        elif question and question.kind not in ("choice", "multiple"):
            reading.at_value(
                (*path, "when"),
                f"question '{rule.when}' has no options. A skip rule needs a choice question.",
            )
        elif question:
            for index, code in enumerate(rule.is_):
                if code not in question.options:
                    _at_entry(
                        reading,
                        (*path, "is"),
                        index,
                        f"'{code}' is no option of question '{rule.when}'; its options are "
                        f"{listed(question.options)}.{did_you_mean(code, question.options)}",
                    )
        for index, name in enumerate(rule.skip):
            if name not in ids and reading.whole(("constructs",)):
                message = f"unknown id '{name}' in skip rule {number + 1}.{did_you_mean(name, ids)}"
                _at_entry(reading, (*path, "skip"), index, message)
            elif name == rule.when:
                _at_entry(reading, (*path, "skip"), index, f"question '{name}' cannot skip itself.")


def _uses(reading: Reading) -> None:
    """Controls and groups are questions that can serve as such."""
    file = reading.file
    known = reading.names(("background",))
    for key, names, kinds in (
        ("controls", file.controls, ("number", "choice")),
        ("groups", file.groups, ("choice",)),
    ):
        for index, name in enumerate(names):
            if fault := question_fault(reading, name, kinds, known):
                reading.at_value((key, index), f"{key}: {fault}")
            elif name in names[:index]:
                reading.at_value((key, index), f"{key} names '{name}' twice. Remove one.")
    if "attention" in file.screening.drop and not file.checks:
        reading.at_value(
            ("screening", "drop"), "attention is to be dropped, but no checks are declared. Add checks."
        )


def _sources(reading: Reading) -> None:
    bibliography = reading.file.bibliography
    if bibliography is None:
        return
    file = FilePath(reading.document.path).parent / bibliography
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError):
        reading.at_value(
            ("bibliography",), f"'{bibliography}' cannot be read beside this file. Check the name."
        )
        return
    known = re.findall(r"^\s*@\w+\s*\{\s*([^,\s]+)\s*,", text, flags=re.MULTILINE)
    for name, construct in reading.file.constructs.items():
        for index, key in enumerate(construct.source):
            if key not in known:
                _at_entry(
                    reading,
                    ("constructs", name, "source"),
                    index,
                    f"source '{key}' is not in {bibliography}.{did_you_mean(key, known)}",
                )


def _at_entry(reading: Reading, path: Path, index: int, message: str) -> None:
    """A fault at one entry of a list, or at the single value that stands in its place."""
    entry = (*path, index)
    reading.at_value(entry if entry in reading.document.values else path, message)
