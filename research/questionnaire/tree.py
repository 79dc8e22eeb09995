"""YAML text as a tree of text, with the place of every key and of every value.

Nothing is typed here. What a scalar means (a number, true, a code) is decided by the schema that asks for
it, so that `no`, `on`, `012` and `12:30` stay the words they are. Anchors, aliases and tags have no meaning
in a questionnaire: text that starts with `*`, `&` or `!` forgot its quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from research.errors import Fault

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree] | None"
Path: TypeAlias = tuple[str | int, ...]

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # the line breaks of YAML 1.1, which libyaml counts
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DEEPEST = 12  # a questionnaire nests five levels
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column of a file, both from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Document:
    """A parsed file: its tree, its lines, the places of keys and values, and the faults of its YAML."""

    path: str
    lines: list[str]
    root: Tree = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, place: Place, message: str) -> Fault:
        """A fault at `place`, with the line that stands there."""
        source = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        return Fault(self.path, place.line, place.column, message, source)

    def key(self, path: Path) -> Place:
        """Where the key of `path` stands; of its nearest parent that the file holds where it is absent."""
        while path:
            if path in self.keys:
                return self.keys[path]
            if isinstance(path[-1], int) and path in self.values:
                return self.values[path]
            path = path[:-1]
        return Place(1, 1)

    def value(self, path: Path) -> Place:
        """Where the value of `path` stands; the key of its nearest parent where it is absent."""
        return self.values[path] if path in self.values else self.key(path)


def parse_tree(content: bytes, path: str) -> Document:
    """The tree of a UTF-8 file (with or without BOM); its faults are in `.faults`, never raised.

    >>> parse_tree(b"answer: no\\ncode: 012", "a.yaml").root
    {'answer': 'no', 'code': '012'}
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _not_utf8(content, error.start, path)
    document = Document(path, _LINE_BREAK.split(text))
    if found := _UNPRINTABLE.search(text):
        code = f"U+{ord(found.group()):04X}"
        place = _place_of_offset(text, found.start())
        document.faults.append(
            document.fault(place, f"the character {code} cannot stand in a text file. Remove it.")
        )
        return document
    builder = _Builder(document, yaml.parse(text, Loader=_LOADER))
    try:
        document.root = builder.build()
    except _TooDeepError:
        document.root = None
        deepest = max(document.values, key=len)
        message = "this is nested deeper than any questionnaire. Check the brackets."
        document.faults.append(document.fault(document.values[deepest], message))
    except yaml.MarkedYAMLError as error:
        document.root = None
        document.faults.append(_syntax_fault(document, error))
    return document


def _not_utf8(content: bytes, start: int, path: str) -> Document:
    before = content[:start].decode("utf-8-sig", errors="replace")
    place = _place_of_offset(before, len(before))
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        guess = " It looks like UTF-16."
    else:
        try:
            content.decode("gb18030")
            guess = " It looks like GB 18030."
        except UnicodeDecodeError:
            guess = ""
    message = f"byte 0x{content[start]:02x} is not UTF-8.{guess} Save the file as UTF-8."
    return Document(path, [], faults=[Fault(path, place.line, place.column, message)])


def _place_of_offset(text: str, offset: int) -> Place:
    lines = _LINE_BREAK.split(text[:offset])
    return Place(len(lines), len(lines[-1]) + 1)


class _TooDeepError(Exception):
    """The file nests deeper than the tree is built."""


class _Builder:
    """Builds the tree from the events of the parser, so that every node's place is known."""

    def __init__(self, document: Document, events: Iterator[Event]) -> None:
        self.document = document
        self.events = events

    def build(self) -> Tree:
        root: Tree = None
        documents = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._fault(event, "a second document starts here. Keep one questionnaire in a file.")
                    break
            elif isinstance(event, ScalarEvent | CollectionStartEvent | AliasEvent):
                root = self._node(event, ())
        return root

    def _node(self, event: Event, path: Path) -> Tree:
        self.document.values[path] = _place(event)
        if len(path) > _DEEPEST:
            raise _TooDeepError
        if isinstance(event, AliasEvent):
            self._fault(event, f"text cannot start with '*'. Put it in quotes: '*{event.anchor}'.")
            return f"*{event.anchor}"
        if isinstance(event, ScalarEvent | CollectionStartEvent):
            self._refuse_marks(event)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, ScalarEvent):
            plain = event.style in (None, "")
            return None if plain and event.value in ("", "~", "null") else str(event.value)
        return self._sequence(path)

    def _refuse_marks(self, event: ScalarEvent | CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._fault(event, f"text cannot start with '&'. Put it in quotes: '&{event.anchor} …'.")
        elif event.tag is not None:
            self._fault(event, "text cannot start with '!'. Put it in quotes.")

    def _mapping(self, path: Path) -> dict[str, Tree]:
        mapping: dict[str, Tree] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent):
                self._fault(event, "a key must be text. Put it in quotes.")
                self._node(event, (*path, "?"))
                self._node(next(self.events), (*path, "?"))
                continue
            key = str(event.value)
            value = next(self.events)
            if key in mapping:
                first = self.document.keys[*path, key]
                self._fault(
                    event,
                    f"duplicate key '{key}': it stands on line {first.line} already. Rename or remove one.",
                )
                self._node(value, (*path, key, "?"))
                continue
            self.document.keys[*path, key] = _place(event)
            mapping[key] = self._node(value, (*path, key))
        return mapping

    def _sequence(self, path: Path) -> list[Tree]:
        sequence: list[Tree] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            sequence.append(self._node(event, (*path, len(sequence))))
        return sequence

    def _fault(self, event: Event, message: str) -> None:
        self.document.faults.append(self.document.fault(_place(event), message))


def _place(event: Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _syntax_fault(document: Document, error: yaml.MarkedYAMLError) -> Fault:
    """What the parser could not read, in the words of someone who writes questionnaires."""
    problem, context = error.problem or "", error.context or ""
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    opened = error.context_mark
    rest = document.lines[place.line - 1][place.column - 1 :] if place.line <= len(document.lines) else ""
    if "quoted scalar" in context and "end of" in problem and opened:
        place = Place(opened.line + 1, opened.column + 1)
        message = "the quotation mark that opens here is not closed. Close it."
    elif "escape" in problem:
        message = (
            "a backslash in double quotes starts an escape. Use single quotes, or write two backslashes."
        )
    elif "flow" in context and opened:
        if opened.line + 1 < place.line:
            place = Place(opened.line + 1, opened.column + 1)
        message = "a bracket not closed, or a comma missing. Put text that holds , [ ] { } in quotes."
    elif "mapping values are not allowed" in problem:
        message = (
            "a second ': ' in one entry, or a line indented too far. Put text that holds ': ' in quotes."
        )
    elif rest.startswith("\t"):
        message = "a tab stands in the indentation. Indent with blanks."
    elif "cannot start any token" in problem:
        message = f"text cannot start with '{rest[:1]}'. Put it in quotes."
    else:
        message = "this does not fit the lines above. Check indentation, ': ' after a key, and quotes."
    return document.fault(place, f"not readable as YAML: {message}")
