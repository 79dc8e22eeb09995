"""Answers as they were read: the frame, what it was read from, and everything that was odd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.numerics.arrays import Indices, Mask
from research.readable import Readable, block

if TYPE_CHECKING:
    import pandas as pd

    from research.questionnaire.definition import Questionnaire

Kind = Literal["csv", "xlsx", "xls", "sav", "parquet", "simulated"]
Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Source:
    """The file that answers were read from."""

    path: str
    sha256: str
    kind: Kind
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One surprise: `row` is the row in the file as a spreadsheet counts it (header = 1), 0 for a column.

    `message` holds the matter and the remedy; `str(finding)` puts the place before it.
    `letter` is the spreadsheet letter of the column.
    """

    severity: Severity
    kind: str  # "out_of_scale", "unknown_label", "text_in_number", "missing_column", "personal_data", ...
    message: str
    column: str = ""
    row: int = 0
    value: str = ""
    letter: str = ""

    @property
    def place(self) -> str:
        """`column C 'CUEX3', row 5`, as far as it is known."""
        parts = [f"column {self.letter + ' ' if self.letter else ''}'{self.column}'"] if self.column else []
        parts += [f"row {self.row}"] if self.row else []
        return ", ".join(parts)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


@dataclass(frozen=True, slots=True)
class Absence:
    """Answers missing in one column for one reason: `value` as it stood there, `rows` of the spreadsheet."""

    column: str  # id in the frame
    reason: str  # "empty cell", "not applicable (-99)", "skipped", ...
    value: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RawColumn:
    """A column of a file before anything is understood: each distinct text once, and who gave it.

    `codes`, shape (n,), points into `texts`, every one of which occurs. `label` is the question
    where the file keeps it apart from the header (SPSS, Qualtrics); `value_labels` and `missing`
    (code -> name) are what an SPSS file declares.
    """

    header: str
    position: int
    texts: tuple[str, ...]
    codes: Indices
    label: str = ""
    value_labels: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def letter(self) -> str:
        """The column as a spreadsheet names it: A, B, ..., Z, AA.

        >>> import numpy as np
        >>> RawColumn("x", 27, ("1",), np.array([0])).letter
        'AB'
        """
        letters, rest = "", self.position + 1
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(65 + digit) + letters
        return letters

    def places(self) -> list[Indices]:
        """For each of `texts`, the positions of the cells that hold it, in order."""
        counts = np.bincount(self.codes, minlength=len(self.texts))
        order: Indices = np.argsort(self.codes, kind="stable")
        return np.split(order, np.cumsum(counts)[:-1])


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file as a table of texts. `rows` is the spreadsheet row of each record, header = 1."""

    columns: tuple[RawColumn, ...]
    rows: tuple[int, ...]
    source: Source
    findings: tuple[Finding, ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of records."""
        return len(self.rows)


@dataclass(frozen=True, repr=False, slots=True)
class Responses(Readable):
    """Answers to a questionnaire.

    `frame`: one row a respondent, index 0..n-1; every item by its id as float64, NaN where the
    answer is missing (each NaN is accounted for in `absent`, and by column in `findings`), reverse
    items turned once; then background questions by id (category labels' codes as strings, numbers
    as float64; a question with several answers gives one 0/1 column `id_value` an option),
    attention checks by id, and `duration_seconds` / `respondent_id` where the file has them.
    `turned`: ids of the items that were turned. `rows`: spreadsheet row of each respondent.
    `platform`: the survey platform that wrote the file, where it was recognised.
    """

    frame: pd.DataFrame
    questionnaire: Questionnaire
    source: Source
    findings: tuple[Finding, ...] = ()
    turned: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    absent: tuple[Absence, ...] = ()
    platform: str = ""

    def __repr__(self) -> str:
        """How many answered, where from, what was found on reading, and the first rows."""
        name = self.questionnaire.name
        source = "SIMULATED, nobody gave these answers" if self.simulated else self.source.path
        title = f"Responses to {name}: {self.n_obs} rows, {len(self.frame.columns)} columns"
        found = {
            each.severity: sum(one.severity == each.severity for one in self.findings)
            for each in self.findings
        }
        return block(
            self, title, {"source": source, "findings": found, "turned": self.turned, "frame": self.frame}
        )

    @property
    def simulated(self) -> bool:
        """Whether no respondent gave these answers."""
        return self.source.kind == "simulated"

    @property
    def n_obs(self) -> int:
        """Number of respondents."""
        return len(self.frame)

    def keep(self, mask: Mask) -> Responses:
        """The respondents where `mask`, shape (n,), is true, numbered afresh, with their rows."""
        from dataclasses import replace

        rows = tuple(row for row, kept in zip(self.rows, mask, strict=True) if kept)
        remaining = set(rows)
        absent = []
        for absence in self.absent:
            left = tuple(row for row in absence.rows if row in remaining)
            if left:
                absent.append(replace(absence, rows=left))
        frame = self.frame.loc[mask].reset_index(drop=True)
        return replace(self, frame=frame, rows=rows, absent=tuple(absent))
