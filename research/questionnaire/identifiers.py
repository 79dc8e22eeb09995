"""Ids: each can be a variable of a model, none stands twice, and each has its own column in the data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from research.questionnaire.reading import Reading
from research.questionnaire.tree import Path

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Words of R (and so of lavaan's syntax), of the hypothesis grammar, of formulas, and the columns that
# reading responses adds.
_RESERVED = (
    *("if", "else", "repeat", "while", "function", "for", "next", "break", "in"),
    *("TRUE", "FALSE", "NULL", "Inf", "NaN", "NA"),
    *("by", "C", "Intercept", "duration_seconds", "respondent_id"),
)


def check_identifiers(reading: Reading) -> None:
    """Report ids that no model can use, ids that stand twice, and columns that two questions claim."""
    name = reading.file.name
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", name):
        reading.at_value(
            ("name",), f"'{name}' cannot name files. Use letters, digits, _ and -, starting with a letter."
        )
    _ids(reading)
    _columns(reading)


def declared(reading: Reading) -> Iterator[tuple[str, Path]]:
    """Every id that becomes a variable, with its path, in the order of the file."""
    file = reading.file
    for name, construct in file.constructs.items():
        yield name, ("constructs", name)
        yield from ((item, ("constructs", name, "items", item)) for item in construct.items)
    yield from ((name, ("background", name)) for name in file.background)
    yield from ((name, ("checks", name)) for name in file.checks)


def _ids(reading: Reading) -> None:
    first: dict[str, Path] = {}
    for name, path in sorted(declared(reading), key=lambda pair: reading.document.key(pair[1]).line):
        _usable_name(reading, name, path)
        if name in first:
            line = reading.document.key(first[name]).line
            reading.at_key(path, f"duplicate id '{name}': it stands on line {line} already. Rename one.")
        first.setdefault(name, path)
    for name in reading.file.hypotheses:
        _usable_name(reading, name, ("hypotheses", name))


def _usable_name(reading: Reading, name: str, path: Path) -> None:
    if name in _RESERVED:
        reading.at_key(path, f"'{name}' is a reserved word of models. Write for example {name}_.")
    elif not _NAME.fullmatch(name):
        better = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
        better = better if better[:1].isalpha() else f"q{better}"
        asked = path[0] in ("background", "checks") or len(path) > 2
        link = f"; `column: '{name}'` keeps the link to the data" if asked else ""
        reading.at_key(
            path,
            f"'{name}' cannot be used in a model. Use letters a-z, digits and _, starting with a letter, "
            f"for example {better}{link}.",
        )


def _columns(reading: Reading) -> None:
    file = reading.file
    used: dict[str, str] = {}
    for name, path in declared(reading):
        column: str | None = None
        if path[0] == "background":
            column = file.background[name].column
        elif path[0] == "checks":
            column = file.checks[name].column
        elif len(path) > 2:
            column = file.constructs[str(path[1])].items[name].column
        else:
            continue
        taken = used.setdefault(column or name, name)
        if taken != name:
            where = (*path, "column") if column else path
            reading.at_value(
                where, f"column '{column or name}' is that of '{taken}' already. Give each its own column."
            )
