r"""BibTeX as the reports read it: the entries of a file, and who wrote what when, as a text names it.

A field whose name ends in a language, as in `title-zh = {...}`, stands in papers of that language in place
of the plain one: a Chinese work is listed in Chinese where the paper is Chinese, transcribed elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

_ENTRY = re.compile(
    r"^\s*@(?!comment|string|preamble)(?P<kind>\w+)\s*[{(]\s*(?P<key>[^\s,]+)\s*,",
    re.MULTILINE | re.IGNORECASE,
)
_FIELD = re.compile(r"\s*([A-Za-z][\w+-]*)\s*=\s*")
_ACCENT = re.compile(r"\\(?P<mark>[\"'`^~=.]|[vcuHk](?![a-z]))\s*\{?\\?(?P<letter>[A-Za-z])\}?")
_MARKS = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "v": "\u030c", "c": "\u0327", "u": "\u0306", "H": "\u030b", "k": "\u0328",
}  # fmt: skip
_LETTERS = {r"\ss": "ß", r"\o": "ø", r"\O": "Ø", r"\l": "ł", r"\L": "Ł", r"\ae": "æ", r"\aa": "å", r"\i": "i"}


@dataclass(frozen=True, slots=True)
class Work:
    """Family names of the authors in order, "others" for the rest, and the year; `fields` as they stand."""

    key: str
    kind: str
    names: tuple[str, ...]
    year: str
    fields: Mapping[str, str]


def works(bibtex: str, lang: str = "en") -> dict[str, Work]:
    r"""Every entry of a BibTeX text by its key; the first of a key counts.

    >>> found = works("@book{horn, author = {Jan van der Berg and M{\\\"u}ller, Eva}, year = 1965}")
    >>> found["horn"].names, found["horn"].year
    (('van der Berg', 'Müller'), '1965')
    """
    found: dict[str, Work] = {}
    for match, body in _entries(bibtex):
        fields = dict(_in_language(dict(_fields(body)), lang))
        people = fields.get("author") or fields.get("editor") or ""
        names = tuple(_family(person) for person in re.split(r"\s+and\s+", people.strip()) if person)
        work = Work(match["key"], match["kind"].lower(), names, fields.get("year", ""), fields)
        found.setdefault(work.key, work)
    return found


@lru_cache(maxsize=1)
def packaged() -> str:
    """The BibTeX text of the methods literature that comes with the package."""
    return resources.files("research").joinpath("templates", "methods.bib").read_text(encoding="utf-8")


@lru_cache(maxsize=8)
def known_works(own: str, lang: str) -> Mapping[str, Work]:
    """The works of a study's BibTeX text and those packaged ones whose keys it does not hold."""
    return {**works(packaged(), lang), **works(own, lang)}


def references(own: str, lang: str) -> str:
    """The same as BibTeX for a paper in the language; what needs no translation stands as it was written."""
    taken = {match["key"] for match in _ENTRY.finditer(own)}
    parts = re.split(r"^(?=\s*@)", packaged(), flags=re.MULTILINE)
    added = (part for part in parts if (head := _ENTRY.match(part)) and head["key"] not in taken)
    return "\n".join(_translated(part, lang) for part in [*re.split(r"^(?=\s*@)", own, flags=re.M), *added])


def _translated(part: str, lang: str) -> str:
    if not re.search(rf"^\s*\w+-{lang}\s*=", part, re.MULTILINE):
        return part
    return "".join(
        f"@{work.kind}{{{work.key},\n"
        + "".join(f"  {name} = {{{value}}},\n" for name, value in work.fields.items())
        + "}\n"
        for work in works(part, lang).values()
    )


def _entries(bibtex: str) -> Iterator[tuple[re.Match[str], str]]:
    """The head of each entry and what stands between it and the next."""
    heads = list(_ENTRY.finditer(bibtex))
    ends = [*(head.start() for head in heads[1:]), len(bibtex)]
    for head, end in zip(heads, ends[: len(heads)], strict=True):
        yield head, bibtex[head.end() : end]


def _fields(body: str) -> Iterator[tuple[str, str]]:
    """Name in lower case and value of each field, without its braces or quotes."""
    at = 0
    while match := _FIELD.match(body, at):
        start = match.end()
        end = _value_end(body, start)
        value = body[start:end].strip()
        yield match[1].lower(), value[1:-1] if value[:1] in {"{", '"'} else value
        comma = re.compile(r"\s*,").match(body, end)
        if comma is None:
            return
        at = comma.end()


def _value_end(body: str, start: int) -> int:
    """Where the value that starts there ends: at its closing brace or quote, or before what follows it."""
    opening = body[start : start + 1]
    depth = 0
    for at in range(start, len(body)):
        char = body[at]
        if char == "{" and body[at - 1] != "\\":
            depth += 1
        elif char == "}" and body[at - 1] != "\\":
            depth -= 1
            if depth == 0 and opening == "{":
                return at + 1
            if depth < 0:
                return at
        elif char == '"' and opening == '"' and depth == 0 and at > start:
            return at + 1
        elif char in ",)\n" and opening not in {"{", '"'}:
            return at
    return len(body)


def _in_language(fields: Mapping[str, str], lang: str) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        plain, _, marked = name.partition("-")
        if not marked:
            yield name, fields.get(f"{plain}-{lang}", value)


def _family(person: str) -> str:
    r"""The family name of one author: `den Hertog, Pim`, `Pim den Hertog`, `{World Bank}`, `吴明隆`."""
    person = person.strip()
    if person.startswith("{") and person.endswith("}"):
        return _letters(person)
    if "," in person:
        return _letters(person.partition(",")[0])
    parts = _letters(person).split()
    first = len(parts) - 1
    while first > 0 and parts[first - 1][0].islower():
        first -= 1
    return " ".join(parts[first:])


def _letters(text: str) -> str:
    """Without TeX: accents composed, braces gone."""
    for name, letter in _LETTERS.items():
        text = re.sub(re.escape(name) + r"(?![A-Za-z])\s*(\{\})?", letter, text)
    text = _ACCENT.sub(lambda match: match["letter"] + _MARKS[match["mark"]], text)
    return " ".join(unicodedata.normalize("NFC", re.sub(r"[{}\\]", "", text)).split())
