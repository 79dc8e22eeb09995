"""Responses to a CSV file that a spreadsheet opens safely and `read_responses` reads back as they were."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from research.errors import OptionError
from research.provenance import write_atomically
from research.questionnaire.definition import Questionnaire
from research.responses.location import as_path
from research.responses.nouns import Responses
from research.responses.wording import as_number, number_text

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_responses(responses: Responses, path: str | Path) -> Path:
    """Write the answers as respondents gave them to a CSV file (UTF-8 with a byte order mark, commas).

    Headings are the ids of the questions, or the `column:` they declare; reverse-keyed items are
    turned back; a missing answer is written as the code that stood in the file, or empty. A text
    that a spreadsheet would take for a formula (beginning with = + - @) gets an apostrophe before
    it, which reading takes off; numbers stay as they are. Returns the path.
    `OptionError`: a suffix other than .csv.

    >>> import research
    >>> answers = research.example_responses()
    >>> import pathlib, tempfile
    >>> file = research.write_responses(answers, pathlib.Path(tempfile.mkdtemp()) / "answers.csv")
    >>> file.read_text("utf-8-sig").splitlines()[0].split(",")[:3]
    ['quality1', 'quality2', 'quality3']
    """
    target = as_path(path)
    if target.suffix.lower() != ".csv":
        raise OptionError(f"answers are written as CSV; give {target.name} the suffix .csv.")
    columns = _texts(responses)
    headings = _headings(responses.questionnaire)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([spreadsheet_text(headings.get(name, name)) for name in columns])
    for record in zip(*columns.values(), strict=True):
        # A wholly empty row is no record to any reader, so that who answered nothing is marked as such.
        writer.writerow(record if any(record) else ("NA", *record[1:]))
    write_atomically(target, text.getvalue().encode("utf-8-sig"))
    return target


def _texts(responses: Responses) -> dict[str, list[str]]:
    """Every column of the frame as it stood in the file."""
    turned_back = {
        item.id: responses.questionnaire.scales[item.scale]
        for item in responses.questionnaire.items
        if item.id in responses.turned
    }
    columns: dict[str, list[str]] = {}
    for name in responses.frame.columns:
        series = responses.frame[name]
        if series.dtype.kind == "f":
            numbers = series.to_numpy(dtype=np.float64)
            if name in turned_back:
                scale = turned_back[name]
                numbers = scale.low + scale.high - numbers
            columns[name] = _number_cells(numbers)
        else:
            columns[name] = [
                "" if cell != cell or cell is None else spreadsheet_text(str(cell)) for cell in series
            ]
    place = {row: position for position, row in enumerate(responses.rows)}
    for absence in responses.absent:
        for row in absence.rows if absence.value else ():
            if absence.column in columns and row in place:
                columns[absence.column][place[row]] = absence.value
    return columns


def _number_cells(numbers: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[str]:
    distinct, codes = np.unique(numbers, return_inverse=True)
    texts = np.empty(len(distinct), dtype=object)
    texts[:] = ["" if np.isnan(value) else number_text(float(value)) for value in distinct]
    cells: list[str] = texts[codes].tolist()
    return cells


def _headings(questionnaire: Questionnaire) -> dict[str, str]:
    headings = {item.id: item.column or item.id for item in questionnaire.items}
    headings |= {check.id: check.column or check.id for check in questionnaire.checks}
    headings |= {q.id: q.column or q.id for q in questionnaire.background if q.kind != "multiple"}
    screening = questionnaire.screening
    headings["respondent_id"] = screening.id_column or "respondent_id"
    headings["duration_seconds"] = screening.duration_column or "duration_seconds"
    return headings


def spreadsheet_text(text: str) -> str:
    """The text as a spreadsheet may open it: an apostrophe before what it would run as a formula.

    >>> spreadsheet_text("=1+1"), spreadsheet_text("-7"), spreadsheet_text("fine")
    ("'=1+1", '-7', 'fine')
    """
    return "'" + text if text.startswith(_FORMULA) and as_number(text) is None else text
