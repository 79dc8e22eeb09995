"""What an analysis publishes: tables, figures and numbers by key, on disk, with what they were made from.

A run puts artefacts into a store; a paper quotes them by key. The manifest beside them records for
each the files with their hashes, the hashes of the inputs, the versions and the random stream, so
that a paper can refuse what is stale or was altered since.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from research import __version__
from research.errors import BuildError, did_you_mean
from research.provenance import sha256_of_bytes, sha256_of_file, versions, write_atomically
from research.report.artefact_files import Publishable, as_json, files_of, kind_of
from research.report.citations import held_keys

Kind = Literal["table", "figure", "number"]

MANIFEST = "manifest.json"
PACKAGES = ("numpy", "scipy", "pandas", "statsmodels", "pingouin", "semopy", "matplotlib")
_KEY = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Artefact:
    """One row of the manifest. `files` and `inputs` map a name to its SHA-256."""

    key: str
    kind: Kind
    files: Mapping[str, str]
    inputs: Mapping[str, str]
    versions: Mapping[str, str]
    stream: str = ""


class ArtefactStore:
    """Takes the artefacts of one run into `directory`; the first of them clears those of the run before.

    `languages`: every table and figure is written in each. `replace`: a key may be put again, as
    when a notebook's cell is run twice; without it that is an error.
    """

    def __init__(
        self, directory: Path | str, *, languages: Sequence[str] = ("en", "zh"), replace: bool = False
    ) -> None:
        self.directory = Path(directory)
        self.languages = tuple(languages)
        self._replace = replace
        self._rows: dict[str, Artefact] = {}

    def put(self, x: Publishable, key: str, *, inputs: Mapping[str, str], stream: str = "") -> Artefact:
        """Write `x` under `key` and add its row to the manifest.

        `x`: a Table, a Figure, a number, a text (a word or `{"en": ..., "zh": ...}`), or a mapping of
        names to numbers and texts, nested at will, whose members are quoted as `key.name`. `inputs`
        maps the name of each input to its SHA-256; `stream` names the random stream it rests on.
        BuildError on a key that is not `[a-z][a-z0-9_-]*` or was put before in this run.
        """
        self._check(key)
        if not self._rows:
            self._clear()
        contents = files_of(x, key, self.languages)
        for name, content in contents.items():
            write_atomically(self.directory / name, content)
        row = Artefact(
            key=key,
            kind=kind_of(x),
            files={name: sha256_of_bytes(content) for name, content in sorted(contents.items())},
            inputs=dict(sorted(inputs.items())),
            versions={"survey-research": __version__, **versions(PACKAGES)},
            stream=stream,
        )
        self._rows[key] = row
        write_atomically(self.directory / MANIFEST, as_json([asdict(row) for row in self._rows.values()]))
        return row

    @property
    def keys(self) -> frozenset[str]:
        """What was put in this run; artefacts of an earlier one that lie there still do not count."""
        return frozenset(self._rows)

    def load(self) -> Artefacts:
        """What lies in the directory now, for the document step."""
        return load_artefacts(self.directory)

    def _check(self, key: str) -> None:
        if not _KEY.fullmatch(key):
            raise BuildError(
                f"'{key}' cannot be a key: a key starts with a lower-case letter and goes on with lower-case "
                "letters, digits, '_' and '-', such as 'fit_cfa'"
            )
        if key in self._rows and not self._replace:
            raise BuildError(
                f"'{key}' was published twice in one run; give the second artefact a key of its own"
            )

    def _clear(self) -> None:
        """Remove the files that the manifest of an earlier run names, and nothing else."""
        if not (self.directory / MANIFEST).exists():
            return
        for row in load_artefacts(self.directory).rows.values():
            for name in row.files:
                path = self.directory / name
                if path.resolve().is_relative_to(self.directory.resolve()):
                    path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Artefacts:
    """The artefacts of a finished run, read from disk."""

    directory: Path
    rows: Mapping[str, Artefact]

    def row(self, key: str, kind: Kind) -> Artefact:
        """The row of that key; BuildError naming the nearest key where there is none of that kind."""
        row = self.rows.get(key)
        if row is not None and row.kind == kind:
            return row
        if row is not None:
            how = {
                "table": f"{{{{table:{key}}}}}",
                "figure": f"{{{{figure:{key}}}}}",
                "number": f"{{{{{key}}}}}",
            }
            raise BuildError(f"'{key}' is a {row.kind}, not a {kind}; quote it as {how[row.kind]}")
        known = [other for other, one in self.rows.items() if one.kind == kind]
        if not known:
            raise BuildError(f"unknown {kind} '{key}'; no {kind} is published")
        hint = did_you_mean(key, known) or f" Published: {', '.join(sorted(known))}."
        raise BuildError(f"unknown {kind} '{key}'.{hint}")

    def has(self, key: str, kind: Kind) -> bool:
        """Whether an artefact of that key and kind was published."""
        return key in self.rows and self.rows[key].kind == kind

    def members(self, key: str, lang: str) -> dict[str, int | float | str]:
        """The numbers and texts of a `number` artefact by member name; a lone one has the name ''."""
        found = json.loads(self._read(self.row(key, "number"), f"numbers/{key}.json"))
        return {name: _in_language(value, lang) for name, value in found.items()}

    def fragment(self, key: str, lang: str) -> Fragment:
        """A table in the language, ready for each document format."""
        found = json.loads(self._read(self.row(key, "table"), f"tables/{key}.json"))
        words = found[_language(found, lang, key)]
        return Fragment(
            title=words["title"],
            widths=tuple(words["widths"]),
            n_rows=words["rows"],
            n_lines=words["lines"],
            typst=words["typst"],
            openxml=words["openxml"],
            html=words["html"],
        )

    def legend(self, key: str, lang: str) -> Legend:
        """Title, alternative text and notes of a figure in the language, and its size in millimetres."""
        found = json.loads(self._read(self.row(key, "figure"), f"figures/{key}.json"))
        words = found["words"][_language(found["words"], lang, key)]
        return Legend(words["title"], words["alt"], tuple(words["notes"]), found["width"], found["height"])

    def cited(self, key: str, lang: str) -> tuple[str, ...]:
        """The keys of the works that the notes of a table or figure cite, in order."""
        kind = self.rows[key].kind
        return held_keys(
            self.fragment(key, lang).html if kind == "table" else " ".join(self.legend(key, lang).notes)
        )

    def file(self, key: str, lang: str, suffix: str) -> Path:
        """The file of a table or figure in that language and format (`pdf`, `svg`, `png`, `html`, ...)."""
        row = self.rows[key]
        name = f"{row.kind}s/{key}.{lang}.{suffix}"
        if name not in row.files:
            raise BuildError(f"'{key}' was not published in the language '{lang}' as {suffix}")
        return self.directory / name

    def altered(self) -> dict[str, str]:
        """{key: file} of the artefacts that are missing or differ from what was published."""
        changed = {}
        for key, row in self.rows.items():
            for name, digest in row.files.items():
                path = self.directory / name
                if not path.is_file() or sha256_of_file(path) != digest:
                    changed[key] = name
        return changed

    def _read(self, row: Artefact, name: str) -> str:
        path = self.directory / name
        if name not in row.files or not path.is_file():
            raise BuildError(f"artefact '{row.key}' has lost its file {name}; run the analysis again")
        return path.read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A table without its caption in Typst, OOXML and HTML; `widths` of its columns in characters.

    The citations in its notes are held (`citations.held`). `n_lines`: lines that its rows take at the
    width of a page, roughly.
    """

    title: str
    widths: tuple[int, ...]
    n_rows: int
    n_lines: int
    typst: str
    openxml: str
    html: str


@dataclass(frozen=True, slots=True)
class Legend:
    """The words around a figure, citations held; `width` and `height` in millimetres."""

    title: str
    alt: str
    notes: tuple[str, ...]
    width: float
    height: float


def load_artefacts(directory: Path | str) -> Artefacts:
    """Read the manifest in `directory`; BuildError where there is none or it is damaged."""
    path = Path(directory) / MANIFEST
    if not path.is_file():
        raise BuildError(
            f"nothing is published in {path.parent.name}/: no {MANIFEST}; run the analysis first"
        )
    try:
        rows = [Artefact(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
    except (ValueError, TypeError) as error:
        raise BuildError(f"{path.name} is damaged ({error}); run the analysis again") from error
    return Artefacts(Path(directory), {row.key: row for row in rows})


def _in_language(value: int | float | str | Mapping[str, str] | None, lang: str) -> int | float | str:
    if value is None:
        return float("nan")
    if isinstance(value, Mapping):
        return value.get(lang) or next(iter(value.values()))
    return value


def _language(found: Mapping[str, object], lang: str, key: str) -> str:
    if lang not in found:
        raise BuildError(f"'{key}' was published in {', '.join(found)}, not in '{lang}'")
    return lang
