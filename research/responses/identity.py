"""Who answered, and how long it took: ids and durations from the columns that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from research.errors import did_you_mean
from research.questionnaire.definition import Screening
from research.responses.coding import MARKERS, Coded, Verdict, collect
from research.responses.matching import Matching
from research.responses.nouns import Finding, RawColumn
from research.responses.personal import personal_column
from research.responses.platforms import Export
from research.responses.wording import as_number, clean

_CLOCK = re.compile(r"^(?:(\d+):)?(\d{1,3}):(\d{2}(?:\.\d+)?)$")
_UNITS = re.compile(
    r"^(?:(\d+)\s*(?:小时|时|hours?|h)\s*)?(?:(\d+)\s*(?:分钟|分|minutes?|min|m)\s*)?"
    r"(?:(\d+(?:\.\d+)?)\s*(?:秒钟|秒|seconds?|sec|s))?$",
    re.IGNORECASE,
)
_STAMPS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M")


def role_columns(
    export: Export, matching: Matching, screening: Screening
) -> tuple[dict[str, RawColumn], tuple[Finding, ...]]:
    """{"id" | "duration" | "started" | "submitted": column}: as the questionnaire names it, else by role."""
    every = [*matching.unused, *matching.single.values()]
    found: dict[str, RawColumn] = {}
    findings = []
    for role, name in (("id", screening.id_column), ("duration", screening.duration_column)):
        if name is None:
            continue
        wanted = clean(name).casefold()
        column = next((c for c in every if clean(c.header).casefold() == wanted), None)
        if column is not None:
            found[role] = column
            continue
        near = did_you_mean(name, [c.header for c in every])
        note = f"`screening:` names the column '{name}', which the file does not have.{near}"
        findings.append(Finding("warning", "missing_column", note, name))
    for column in matching.unused:
        known = export.roles.get(column.position, "other")
        if known in ("id", "duration", "started", "submitted"):
            found.setdefault(known, column)
    return found, tuple(findings)


def read_durations(roles: Mapping[str, RawColumn], rows: tuple[int, ...]) -> Coded | None:
    """Seconds from `123`, `123秒`, `2分3秒`, `1:02:03`, `00:02:03`; else from start to submission."""
    if "duration" in roles:
        coded = collect("duration_seconds", roles["duration"], _seconds, rows)
        answers = np.array([np.nan if a is None else a for a in coded.answers], dtype=np.float64)
        findings = tuple(replace(finding, severity="warning") for finding in coded.findings)
        return Coded(answers, coded.absent, findings)
    if "started" in roles and "submitted" in roles:
        start, end = (_stamps(roles[name]) for name in ("started", "submitted"))
        seconds = end - start
        answers = np.where(seconds >= 0, seconds, np.nan)
        if np.isnan(answers).all():
            return None
        note = (
            f"duration taken from '{roles['started'].header}' to '{roles['submitted'].header}'; "
            f"{int(np.isnan(answers).sum())} of {len(rows)} are unknown"
        )
        return Coded(answers, (), (Finding("info", "duration", note),))
    return None


def read_ids(roles: Mapping[str, RawColumn], rows: tuple[int, ...], keep_personal: bool) -> Coded | None:
    """Ids as texts. The same id twice is an error; personal ones are left out and that is said."""
    if "id" not in roles:
        return None
    column = roles["id"]
    coded = collect("respondent_id", column, _name, rows)
    what = personal_column(column)
    findings = [*coded.findings, *_repeated_ids(coded, column, rows, what)]
    if what and not keep_personal:
        note = f"ids left out: personal data ({what}); respondents keep their row in the file as name"
        findings.append(Finding("info", "personal_data", note, column.header, letter=column.letter))
        return Coded([], (), tuple(findings)) if rows else None
    return Coded(coded.answers, coded.absent, tuple(findings))


def _repeated_ids(coded: Coded, column: RawColumn, rows: tuple[int, ...], what: str) -> Iterable[Finding]:
    """An error for each later row with an id that stands above; personal ids are not printed."""
    first: dict[object, int] = {}
    for answer, row in zip(coded.answers, rows, strict=True):
        above = first.setdefault(answer, row)
        if answer is None or above == row:
            continue
        note = (
            f"{'the id' if what else repr(str(answer))} is also the id in row {above}; remove what was "
            "pasted twice, give each respondent an id, or name another `id_column:` under `screening:`"
        )
        value = "" if what else str(answer)
        yield Finding("error", "duplicate_id", note, column.header, row, value, column.letter)


def read_personal(column: RawColumn, rows: tuple[int, ...]) -> Coded:
    """A personal column as texts, where it is kept."""
    return collect(column.header, column, _name, rows)


def _name(text: str) -> Verdict:
    plain = clean(text)
    if plain.casefold() in MARKERS | {""}:
        return Verdict(reason="empty cell" if not plain else f'marked "{plain}"')
    escaped = len(text) > 1 and text[0] == "'" and text[1] in "=+-@"
    return Verdict(answer=(text[1:] if escaped else text).strip())


def _seconds(text: str) -> Verdict:
    plain = clean(text)
    if not plain or plain.casefold() in MARKERS:
        return Verdict(reason="empty cell" if not plain else f'marked "{plain}"')
    number = as_number(plain)
    if number is not None and number >= 0:
        return Verdict(answer=number)
    parts = _CLOCK.match(plain) or _UNITS.match(plain)
    if parts and any(parts.groups()):
        hours, minutes, seconds = (float(part or 0) for part in parts.groups())
        return Verdict(answer=3600 * hours + 60 * minutes + seconds)
    note = f"'{plain[:40]}' is no duration; it is taken as unknown. Write seconds, or 1:02:03"
    return Verdict(kind="text_in_number", message=note)


def _stamps(column: RawColumn) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    moments = np.array([_moment(clean(text)) for text in column.texts], dtype=np.float64)
    return moments[column.codes] if len(moments) else np.zeros(0)


def _moment(text: str) -> float:
    """Seconds of a time stamp since 2000, NaN where it is none; one without a zone is read as UTC."""
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        stamp = None
    for pattern in _STAMPS:
        if stamp is not None:
            break
        try:
            stamp = datetime.strptime(text, pattern)
        except ValueError:
            continue
    if stamp is None:
        return float("nan")
    origin = datetime(2000, 1, 1, tzinfo=UTC)
    return (stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=UTC)).timestamp() - origin.timestamp()
