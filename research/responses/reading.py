"""A file of answers to `Responses`: matched, coded, turned once, with everything odd reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from research.errors import OptionError
from research.numerics.arrays import Vector
from research.questionnaire.definition import Item, Question, Questionnaire
from research.responses.background import code_joined, code_question, code_split
from research.responses.coding import Coded, code_item
from research.responses.identity import read_durations, read_ids, read_personal, role_columns
from research.responses.keying import doubtful_keys, keyed_frame
from research.responses.location import as_path
from research.responses.location import locate_data as locate_data
from research.responses.matching import Matching, match_columns
from research.responses.nouns import Absence, Finding, Responses
from research.responses.personal import personal_cell, personal_column
from research.responses.platforms import Export, recognise
from research.responses.report import UnusableDataError, tell_absences
from research.responses.skipping import skipped_by_rule
from research.responses.tables import read_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(slots=True)
class _Reading:
    """What has been read so far; columns in the order in which they will stand in the frame."""

    rows: tuple[int, ...]
    columns: dict[str, Vector | list[str | None]] = field(default_factory=dict)
    absent: list[Absence] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, name: str, coded: Coded) -> None:
        self.columns[name] = coded.answers
        self.note(coded)

    def note(self, coded: Coded) -> None:
        self.absent += coded.absent
        self.findings += coded.findings


def read_responses(
    path: str | Path,
    questionnaire: Questionnaire,
    *,
    columns: Mapping[str, str] | None = None,
    keep_personal: bool = False,
) -> Responses:
    """Read a file of answers to `questionnaire`.

    CSV (UTF-8, GB 18030, UTF-16; comma, semicolon, tab), XLSX, XLS, SAV and Parquet, also as
    Wenjuanxing, Qualtrics, LimeSurvey, KoBo and Google Forms export them. `columns` maps ids of
    questions to headings of the file, where neither id, declared `column:` nor wording does.
    Reverse-keyed items are turned once, as low + high - x. Personal data (IP, name, phone, e-mail)
    are left out unless `keep_personal`, and `findings` says which.

    Raises `UnusableDataError` (a `DataError`) with all faults at once, in `.findings` and grouped in the
    message: a column missing, a value beyond the scale, an unknown label, text in a number,
    duplicated ids. Anything else that is odd stands in the `findings` of the result.

    >>> import research
    >>> answers = research.example_responses()
    >>> import pathlib, tempfile
    >>> file = research.write_responses(answers, pathlib.Path(tempfile.mkdtemp()) / "answers.csv")
    >>> back = research.read_responses(file, answers.questionnaire)
    >>> back.source.kind, back.frame["trust3"].equals(answers.frame["trust3"])
    ('csv', True)
    """
    if not isinstance(path, (str, Path)):
        raise OptionError(f"`path` is a {type(path).__name__}; give the path of a file of answers.")
    export = recognise(read_table(as_path(path)))
    table = export.table
    matching = match_columns(table.columns, questionnaire, columns)
    reading = _Reading(table.rows, findings=[*table.findings, *matching.findings])
    if not table.rows:
        reading.findings.append(Finding("error", "no_answers", "no answers are left in the file"))
    _read_items(reading, export, matching, questionnaire)
    _read_background(reading, export, matching, questionnaire, keep_personal)
    _read_leftovers(reading, export, matching, questionnaire, keep_personal)
    if any(finding.severity == "error" for finding in reading.findings):
        raise UnusableDataError(table.source.path, reading.findings)
    absent, answered = skipped_by_rule(questionnaire, reading.columns, table.rows, tuple(reading.absent))
    frame, turned = keyed_frame(reading.columns, len(table.rows), questionnaire)
    findings = (
        *reading.findings,
        *answered,
        *_tell_turned(turned),
        *doubtful_keys(frame, questionnaire),
        *_tell_few(frame, questionnaire),
        *tell_absences(absent),
    )
    return Responses(
        frame, questionnaire, table.source, findings, turned, table.rows, absent, export.platform
    )


def _read_items(reading: _Reading, export: Export, matching: Matching, questionnaire: Questionnaire) -> None:
    for item in questionnaire.items:
        _read_item(reading, export, matching, item, questionnaire)


def _read_item(
    reading: _Reading, export: Export, matching: Matching, item: Item, questionnaire: Questionnaire
) -> None:
    column = matching.single.get(item.id)
    if column is not None:
        scale = questionnaire.scales[item.scale]
        reading.add(item.id, code_item(item.id, column, scale, reading.rows, export.missing))


def _read_background(
    reading: _Reading,
    export: Export,
    matching: Matching,
    questionnaire: Questionnaire,
    keep_personal: bool,
) -> None:
    """Background questions, then attention checks."""
    for question in questionnaire.background:
        if not _personal_question(reading, matching, question, keep_personal):
            _read_question(reading, export, matching, question, keep_personal)
    for check in questionnaire.checks:
        column = matching.single.get(check.id)
        if column is not None:
            scale = questionnaire.scales[check.scale]
            reading.add(check.id, code_item(check.id, column, scale, reading.rows, export.missing))


def _personal_question(
    reading: _Reading, matching: Matching, question: Question, keep_personal: bool
) -> bool:
    """Whether a question is left out because its answers are personal data; that is said."""
    column = matching.single.get(question.id)
    if keep_personal or column is None:
        return False
    what = "declared as personal" if question.personal else ""
    if not what and question.kind == "text":
        what = personal_column(column)
    if not what:
        return False
    note = f"left out: personal data ({what}); read with keep_personal=True to keep it"
    reading.findings.append(Finding("info", "personal_data", note, column.header, letter=column.letter))
    return True


def _read_question(
    reading: _Reading, export: Export, matching: Matching, question: Question, keep_personal: bool
) -> None:
    if question.id in matching.several:
        vectors, coded = code_split(question, matching.several[question.id], reading.rows, export.missing)
    elif question.id not in matching.single:
        return
    elif question.kind == "multiple":
        column = matching.single[question.id]
        vectors, coded = code_joined(question, column, reading.rows, export.missing)
    else:
        column = matching.single[question.id]
        coded = code_question(question, column, reading.rows, export.missing)
        if question.kind == "text" and not keep_personal:
            coded = _without_personal_cells(coded, question, column.header, column.letter, reading.rows)
        reading.add(question.id, coded)
        return
    reading.note(coded)
    for value, vector in vectors.items():
        reading.columns[f"{question.id}_{value}"] = vector


def _without_personal_cells(
    coded: Coded, question: Question, header: str, letter: str, rows: tuple[int, ...]
) -> Coded:
    """A free text with single personal cells (an e-mail address, a phone number) blanked, and said."""
    answers: list[str | None] = []
    absent, findings = list(coded.absent), list(coded.findings)
    for answer, row in zip(coded.answers, rows, strict=True):
        what = personal_cell(answer) if isinstance(answer, str) else ""
        answers.append(None if what else str(answer) if isinstance(answer, str) else None)
        if what:
            absent.append(Absence(question.id, "personal data left out", "", (row,)))
            note = f"left out: the cell holds {what}"
            findings.append(Finding("info", "personal_data", note, header, row, letter=letter))
    return Coded(answers, tuple(absent), tuple(findings))


def _read_leftovers(
    reading: _Reading,
    export: Export,
    matching: Matching,
    questionnaire: Questionnaire,
    keep_personal: bool,
) -> None:
    """Duration and id by their role, personal data, and columns that answer nothing."""
    roles, findings = role_columns(export, matching, questionnaire.screening)
    reading.findings += findings
    for name, coded in (
        ("duration_seconds", read_durations(roles, reading.rows)),
        ("respondent_id", read_ids(roles, reading.rows, keep_personal)),
    ):
        if coded is not None:
            reading.note(coded)
            if len(coded.answers) == len(reading.rows):
                reading.columns[name] = coded.answers
    taken = {column.position for column in roles.values()}
    for column in matching.unused:
        if column.position in taken:
            continue
        role = export.roles.get(column.position)
        what = personal_column(column) or ("a trace of the respondent" if role == "personal" else "")
        if what and keep_personal:
            reading.add(column.header, read_personal(column, reading.rows))
        elif what:
            note = f"left out: personal data ({what}); read with keep_personal=True to keep it"
            reading.findings.append(
                Finding("info", "personal_data", note, column.header, letter=column.letter)
            )
        elif export.platform and role is not None:
            note = f"a column of {export.platform}'s own; it was not read"
            reading.findings.append(
                Finding("info", "platform_column", note, column.header, letter=column.letter)
            )
        else:
            note = "the questionnaire does not ask this; the column was not read"
            reading.findings.append(
                Finding("warning", "extra_column", note, column.header, letter=column.letter)
            )


def _tell_turned(turned: tuple[str, ...]) -> tuple[Finding, ...]:
    note = "reverse-keyed: turned once on reading, low + high - x"
    return tuple(Finding("info", "turned", note, name) for name in turned)


def _tell_few(frame: pd.DataFrame, questionnaire: Questionnaire) -> tuple[Finding, ...]:
    findings = []
    if len(frame) == 1:
        note = "the file holds one respondent only; nothing can be estimated from it"
        findings.append(Finding("warning", "one_row", note))
    items = [item.id for item in questionnaire.items]
    silent = int(frame[items].isna().all(axis=1).sum()) if items else 0
    if silent:
        note = f"{silent} respondent{'s' if silent > 1 else ''} answered no item at all"
        findings.append(Finding("warning", "no_item_answered", note))
    return tuple(findings)
