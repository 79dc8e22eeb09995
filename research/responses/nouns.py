"""Answers as they were read: the frame, what it was read from, and everything that was odd."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

    from research.questionnaire.definition import Questionnaire


@dataclass(frozen=True, slots=True)
class Source:
    """The file that answers were read from."""

    path: str
    sha256: str
    kind: Literal["csv", "xlsx", "xls", "sav", "parquet", "simulated"]
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One surprise: `row` is the row in the file as a spreadsheet counts it (header = 1), 0 for a column."""

    severity: Literal["error", "warning", "info"]
    kind: str  # "out_of_scale", "unknown_label", "text_in_number", "missing_column", "personal_data", ...
    message: str
    column: str = ""
    row: int = 0
    value: str = ""


@dataclass(frozen=True, slots=True)
class Responses:
    """Answers to a questionnaire.

    `frame`: one row a respondent, index 0..n-1; every item by its id as float64, NaN where the
    answer is missing (each NaN is accounted for in `findings`), reverse items turned once; then
    background questions by id (category labels' codes as strings, numbers as float64), attention
    checks by id, and `duration_seconds` / `respondent_id` where the file has them.
    `turned`: ids of the items that were turned. `rows`: spreadsheet row of each respondent.
    """

    frame: pd.DataFrame
    questionnaire: Questionnaire
    source: Source
    findings: tuple[Finding, ...] = ()
    turned: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()

    @property
    def simulated(self) -> bool:
        return self.source.kind == "simulated"

    @property
    def n_obs(self) -> int:
        return len(self.frame)
