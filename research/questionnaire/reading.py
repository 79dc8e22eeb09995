"""One reading of a file: its shape checked, its faults gathered, none that only follows from another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from research.errors import Fault, FaultyFileError, did_you_mean
from research.questionnaire.tree import Document, Path, Place, Tree

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from research.questionnaire.schema import File

_NOUNS = {
    "scales": "scale",
    "points": "point",
    "missing": "missing code",
    "constructs": "construct",
    "items": "item",
    "background": "question",
    "options": "option",
    "checks": "check",
    "skips": "skip rule",
    "hypotheses": "hypothesis",
}
# What stands in for a required key that is missing or unreadable, so that the rest can still be checked.
_STAND_IN: Mapping[str, Tree] = {
    "name": "unnamed",
    "title": {"*": "?"},
    "languages": [],
    "scales": {},
    "constructs": {},
    "points": {},
    "expect": "0",
    "when": "?",
    "is": [],
    "skip": [],
    "line": "?",
}


@dataclass(slots=True)
class Reading:
    """A document on its way to a questionnaire: `file` is its checked shape, `faults` what was found.

    `unread` are the paths whose value could not be used: what is missing only because of that is
    no fault of its own, and is not reported.
    """

    document: Document
    file: File
    unread: set[Path] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)

    def usable(self, path: Path) -> bool:
        """Whether neither `path` nor a parent of it was found unreadable."""
        return not any(path[:length] in self.unread for length in range(1, len(path) + 1))

    def whole(self, path: Path) -> bool:
        """Whether `path` is usable and nothing below it was found unreadable."""
        return self.usable(path) and not any(found[: len(path)] == path for found in self.unread)

    def sound(self, part: str) -> bool:
        """Whether nothing was reported so far under the top-level key `part`."""
        return self.whole((part,)) and part not in self.faulty

    def at_value(self, path: Path, message: str, offset: int | None = None, word: str = "") -> None:
        """A fault at the value of `path`; at `offset` in its text where `word` stands there in the file."""
        place = self.document.value(path)
        self._add(path, self._inside(place, offset, word) if offset is not None else place, message)

    def at_key(self, path: Path, message: str, offset: int | None = None, word: str = "") -> None:
        """A fault at the key of `path`, or of its nearest parent in the file."""
        place = self.document.key(path)
        self._add(path, self._inside(place, offset, word) if offset is not None else place, message)

    def names(self, path: Path) -> list[str]:
        """The keys under `path` as they stand in the file, readable or not."""
        return [str(key[-1]) for key in self.document.keys if key[:-1] == path]

    def finish(self) -> None:
        """Raise `FaultyFileError` where anything was found."""
        found = dict.fromkeys([*self.document.faults, *self.faults])
        if found:
            raise FaultyFileError(found)

    def _add(self, path: Path, place: Place, message: str) -> None:
        if self.usable(path):
            self.faults.append(self.document.fault(place, message))
            self.faulty.add(str(path[0]) if path else "")

    def _inside(self, place: Place, offset: int, word: str) -> Place:
        source = self.document.lines[place.line - 1]
        quoted = source[place.column - 1 : place.column] in ("'", '"')
        column = place.column + offset + quoted
        return Place(place.line, column) if source[column - 1 :].startswith(word) else place


def read_shape(document: Document) -> Reading:
    """Check the shape of the tree; what cannot be used is reported, left out and noted in `unread`."""
    from pydantic import ValidationError

    from research.questionnaire.schema import File

    if not isinstance(document.root, dict):
        if not document.faults:
            what = "is empty" if document.root is None else "does not start with keys"
            message = f"the file {what}. `python -m research new NAME` writes a questionnaire to start from."
            document.faults.append(document.fault(Place(1, 1), message))
        raise FaultyFileError(document.faults)
    tree = document.root
    unread: set[Path] = set()
    found: list[tuple[Path, ErrorDetails]] = []
    while True:
        try:
            reading = Reading(document, File.model_validate(tree))
            break
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                path = tuple(part for part in detail["loc"] if part != "[key]")
                if not any(path[:length] in unread for length in range(1, len(path) + 1)):
                    found.append((path, detail))
                unread.add(path)
                _leave_out(tree, path, detail["type"])
    for path, detail in found:
        if detail["type"] == "missing" or detail["loc"][-1] == "[key]":
            reading.at_key(path, _message(path, detail))
        else:
            reading.at_value(path, _message(path, detail))
    reading.unread = unread
    return reading


def thing(path: Path) -> str:
    """What stands at `path`, in words: "item 'trust1'", "skip rule 2", "'population'", "the file".

    >>> thing(("constructs", "trust", "items", "trust1", "scale"))
    "item 'trust1'"
    """
    for index in (4, 2, 0):
        if index + 1 < len(path) and (noun := _NOUNS.get(str(path[index]))):
            name = path[index + 1]
            return f"{noun} {name + 1}" if isinstance(name, int) else f"{noun} '{name}'"
    return f"'{path[0]}'" if path else "the file"


def listed(words: Iterable[str], most: int = 12) -> str:
    """`a, b, c` for a sentence; `none` where there are none.

    >>> listed(["likert5", "yesno"])
    'likert5, yesno'
    """
    words = list(words)
    if not words:
        return "none"
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def declares(known: Iterable[str], word: str = "") -> str:
    """What the file declares, and which of it is nearest to `word`.

    >>> declares(["likert5"], "likert7")
    'this file declares likert5. Did you mean likert5?'
    """
    known = list(known)
    return f"this file declares {listed(known)}.{did_you_mean(word, known)}"


def _leave_out(tree: Tree, path: Path, kind: str) -> None:
    """Remove what cannot be read; put a stand-in where the schema insists on a value."""
    parent: Tree = tree
    for index, part in enumerate(path):
        last = index == len(path) - 1
        if isinstance(parent, dict):
            following = path[index + 1] if not last else None
            child = parent.get(str(part))
            if last and kind == "missing":
                parent[str(part)] = _STAND_IN[str(part)]
            elif last or isinstance(following, int) or not isinstance(child, dict):
                parent.pop(str(part), None)  # a list is left out as a whole: its places are counted
                return
            parent = child
    return


def _message(path: Path, detail: ErrorDetails) -> str:
    key, owner = path[-1], thing(path[:-1])
    kind, given = detail["type"], detail["input"]
    what = f"'{key}' of {owner}" if isinstance(key, str) else f"entry {key + 1} of '{path[-2]}'"
    if len(path) == 1:
        what = f"'{key}'"
    if kind == "missing":
        return f"{owner} has no '{key}'. Add {key}: …"
    if given is None:
        return f"{what} is empty. Write its value, or remove the key."
    if kind == "literal_error":
        known = re.findall(r"'(\w+)'", str(detail.get("ctx", {}).get("expected", "")))
        return (
            f"{what} is one of {listed(known)}; '{given}' is none of them.{did_you_mean(str(given), known)}"
        )
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"{what} is a mapping: write keys with values under it."
    if kind == "list_type":
        alone = isinstance(given, str) and re.fullmatch(r"\w+", given)
        return f"{what} is a list: write [{given if alone else 'first, second'}]."
    return f"{what}: {detail['msg']}."
