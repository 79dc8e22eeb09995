"""All findings of one file as one message, and as one tidy frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from research.errors import DataError
from research.responses.nouns import Absence, Finding

if TYPE_CHECKING:
    import pandas as pd

GROUPS_SHOWN = 40
ROWS_SHOWN = 8


class UnusableDataError(DataError):
    """The answers cannot be used as they are. The message groups what was found; `findings` holds all."""

    def __init__(self, path: str, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [finding for finding in self.findings if finding.severity == "error"]
        groups = _grouped(errors)
        shown = [f"  - {line}" for line in groups[:GROUPS_SHOWN]]
        if len(groups) > GROUPS_SHOWN:
            shown.append(f"  … and {len(groups) - GROUPS_SHOWN} more (all of them in `error.findings`)")
        count = len(errors)
        head = (
            f"{path}: {count} fault{'s' if count != 1 else ''} found, so the answers cannot be used as they "
            "are (rows as a spreadsheet counts them, the header is row 1):"
        )
        super().__init__("\n".join([head, *shown]))


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Findings as a frame: severity kind column letter row value message."""
    import pandas as pd

    names = ["severity", "kind", "column", "letter", "row", "value", "message"]
    return pd.DataFrame([[getattr(finding, name) for name in names] for finding in findings], columns=names)


def sentences(findings: Iterable[Finding]) -> tuple[str, ...]:
    """One sentence for each matter, with all the columns it concerns.

    >>> sentences([Finding("warning", "extra", "not read", name) for name in ("age", "sex")])
    ("column 'age', column 'sex': not read.",)
    """
    places: dict[str, list[str]] = {}
    for finding in findings:
        places.setdefault(finding.message, []).append(finding.place)
    told = []
    for message, where in places.items():
        named = [place for place in where if place]
        shown = ", ".join(named[:ROWS_SHOWN]) + (
            f" and {len(named) - ROWS_SHOWN} more" if len(named) > ROWS_SHOWN else ""
        )
        told.append(f"{shown}: {message}." if shown else f"{message}.")
    return tuple(told)


def tell_absences(absences: Iterable[Absence]) -> tuple[Finding, ...]:
    """One `info` for each column and reason: how many answers are missing, why, and where."""
    return tuple(
        Finding(
            "info",
            "missing",
            f"{len(part.rows)} answer{'s' if len(part.rows) != 1 else ''} missing, {part.reason}: "
            f"{_rows(part.rows)}",
            part.column,
            value=part.value,
        )
        for part in absences
    )


def _grouped(findings: list[Finding]) -> list[str]:
    """One line for each matter of a column, with all of its rows."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.kind, finding.column, finding.message), []).append(finding)
    lines = []
    for (_, column, message), members in groups.items():
        letter = members[0].letter
        place = f"column {letter + ' ' if letter else ''}'{column}'" if column else ""
        rows = tuple(member.row for member in members if member.row)
        where = ", ".join(part for part in (place, _rows(rows)) if part)
        lines.append(f"{where}: {message}." if where else f"{message}.")
    return lines


def _rows(rows: tuple[int, ...]) -> str:
    if not rows:
        return ""
    shown = ", ".join(map(str, rows[:ROWS_SHOWN]))
    rest = len(rows) - ROWS_SHOWN
    return f"row{'s' if len(rows) > 1 else ''} {shown}" + (f" and {rest} more" if rest > 0 else "")
