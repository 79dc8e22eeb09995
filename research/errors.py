"""Every error that a user can cause, with the place, the thing, the value and the remedy."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


class ResearchError(Exception):
    """Base of every error that a user can cause: bad data, a bad model, a bad file.

    The message names the thing, its value, the place and the remedy. Nothing of
    numpy, scipy or pandas reaches a user in place of it.
    """


class ModelError(ResearchError):
    """The model text or the model itself cannot be used (syntax, identification, unknown variable)."""


class DataError(ResearchError):
    """The data cannot be used (text in a number, constant item, too few rows, unknown column)."""


class OptionError(ResearchError):
    """An option or its value is not known; the message lists what is allowed."""


class BuildError(ResearchError):
    """A paper cannot be built (unknown key, unused artefact, stale input)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in a text file, with its place: `line` and `column` count from 1."""

    path: str
    line: int
    column: int
    message: str
    source: str = ""

    def __str__(self) -> str:
        """`file:line:column: message`, the offending line and a caret under the column."""
        head = f"{self.path}:{self.line}:{self.column}: {self.message}"
        if not self.source:
            return head
        blanks = "".join(_blank(character) for character in self.source[: self.column - 1])
        return f"{head}\n    {self.source}\n    {blanks}^"


def _blank(character: str) -> str:
    """What is as wide as `character` on a screen and shows nothing: the caret stays under its place."""
    if character == "\t":
        return "\t"
    return "\u3000" if unicodedata.east_asian_width(character) in "WF" else " "


class FaultyFileError(ResearchError):
    """All faults of one file at once, in the order of their lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))
        count = len(self.faults)
        head = f"{count} fault{'s' if count != 1 else ''} found:"
        super().__init__("\n".join([head, *map(str, self.faults)]))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence naming the nearest known word, or the empty string.

    >>> did_you_mean("likert7", ["likert5", "yesno"])
    ' Did you mean likert5?'
    """
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]}?" if near else ""
