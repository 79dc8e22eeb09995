"""Which survey platform wrote a file, what its own columns mean, and how it marks a skipped question."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from research.responses.nouns import Finding, RawColumn, RawTable
from research.responses.tables import keep_rows
from research.responses.wording import clean

Role = Literal["id", "duration", "started", "submitted", "personal", "other"]


@dataclass(frozen=True, slots=True)
class Export:
    """A table without what its platform adds: header rows gone, own columns known by their role.

    `roles` maps a column's position to what it holds; `missing` a code of the platform to its name.
    """

    table: RawTable
    platform: str = ""
    roles: Mapping[int, Role] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


def recognise(table: RawTable) -> Export:
    """The export as its platform meant it: Wenjuanxing (text or code), Qualtrics, LimeSurvey,
    KoBo / ODK, Google Forms; any other file is taken as it stands, `platform` empty.
    """
    for read in (_qualtrics, _wenjuanxing, _limesurvey, _kobo, _google):
        export = read(table)
        if export is not None:
            note = f"recognised as an export of {export.platform}"
            found = Finding("info", "platform", note, value=export.platform)
            return replace(export, table=replace(export.table, findings=(found, *export.table.findings)))
    return Export(table, roles=_roles(table, _GENERIC))


_GENERIC: Mapping[str, Role] = {
    "respondent_id": "id",
    "respondent": "id",
    "id": "id",
    "编号": "id",
    "序号": "id",
    "duration_seconds": "duration",
    "duration": "duration",
    "所用时间": "duration",
    "答题时长": "duration",
}

_WENJUANXING: Mapping[str, Role] = {
    "序号": "id",
    "提交答卷时间": "submitted",
    "所用时间": "duration",
    "来源": "other",
    "来源详情": "other",
    "来自ip": "personal",
    "总分": "other",
}

_QUALTRICS: Mapping[str, Role] = {
    "startdate": "started",
    "enddate": "submitted",
    "status": "other",
    "ipaddress": "personal",
    "progress": "other",
    "duration (in seconds)": "duration",
    "finished": "other",
    "recordeddate": "other",
    "responseid": "id",
    "recipientlastname": "personal",
    "recipientfirstname": "personal",
    "recipientemail": "personal",
    "externalreference": "other",
    "locationlatitude": "personal",
    "locationlongitude": "personal",
    "distributionchannel": "other",
    "userlanguage": "other",
}

_LIMESURVEY: Mapping[str, Role] = {
    "id": "id",
    "response id": "id",
    "submitdate": "submitted",
    "date submitted": "submitted",
    "lastpage": "other",
    "last page": "other",
    "startlanguage": "other",
    "start language": "other",
    "seed": "other",
    "token": "personal",
    "startdate": "started",
    "date started": "started",
    "datestamp": "other",
    "date last action": "other",
    "ipaddr": "personal",
    "ip address": "personal",
    "refurl": "other",
    "referrer url": "other",
    "interviewtime": "duration",
    "total time": "duration",
}

_KOBO: Mapping[str, Role] = {
    "start": "started",
    "end": "submitted",
    "today": "other",
    "deviceid": "personal",
    "username": "personal",
    "phonenumber": "personal",
    "subscriberid": "personal",
    "simserial": "personal",
    "__version__": "other",
    "_version_": "other",
    "_id": "other",
    "_uuid": "id",
    "_submission_time": "other",
    "_validation_status": "other",
    "_notes": "other",
    "_status": "other",
    "_submitted_by": "personal",
    "_tags": "other",
    "_index": "other",
    "formhub/uuid": "other",
    "meta/instanceid": "other",
}

_GOOGLE: Mapping[str, Role] = {
    "timestamp": "submitted",
    "时间戳记": "submitted",
    "时间戳": "submitted",
    "email address": "personal",
    "username": "personal",
    "电子邮件地址": "personal",
    "score": "other",
}


def _roles(table: RawTable, names: Mapping[str, Role]) -> dict[int, Role]:
    found: dict[int, Role] = {}
    for column in table.columns:
        role = names.get(clean(column.header).casefold())
        if role is not None and (role not in ("id", "duration") or role not in found.values()):
            found[column.position] = role
    return found


def _has(table: RawTable, *names: str) -> bool:
    headers = {clean(column.header).casefold() for column in table.columns}
    return all(name in headers for name in names)


def _wenjuanxing(table: RawTable) -> Export | None:
    if not _has(table, "序号", "提交答卷时间"):
        return None
    missing = {"(跳过)": "skipped", "-3": "skipped", "-2": "no answer", "(空)": "no answer"}
    return Export(table, "Wenjuanxing", _roles(table, _WENJUANXING), missing)


def _limesurvey(table: RawTable) -> Export | None:
    if not (_has(table, "submitdate", "startlanguage") or _has(table, "date submitted", "start language")):
        return None
    roles = _roles(table, _LIMESURVEY)
    timing = re.compile(r"^(?:group|question)?\s*time\b|^(?:groupTime\d+|\w+Time)$")
    for column in table.columns:
        if column.position not in roles and timing.search(column.header):
            roles[column.position] = "other"
    findings = table.findings
    submitted = next((c for c in table.columns if roles.get(c.position) == "submitted"), None)
    if submitted is not None:
        open_ended = sum(not submitted.texts[code].strip() for code in submitted.codes)
        if open_ended:
            note = (
                f"{open_ended} of {table.n_rows} questionnaires were not finished (no submission date); "
                "they were read all the same, their unanswered questions are missing"
            )
            findings += (Finding("warning", "incomplete", note, submitted.header, letter=submitted.letter),)
    return Export(replace(table, findings=findings), "LimeSurvey", roles)


def _kobo(table: RawTable) -> Export | None:
    if not (_has(table, "_uuid") and (_has(table, "_submission_time") or _has(table, "_index"))):
        return None
    return Export(table, "KoBo", _roles(table, _KOBO))


def _google(table: RawTable) -> Export | None:
    first = clean(table.columns[0].header).casefold() if table.columns else ""
    if first not in ("timestamp", "时间戳记", "时间戳"):
        return None
    return Export(table, "Google Forms", _roles(table, _GOOGLE))


def _qualtrics(table: RawTable) -> Export | None:
    """Three header rows: id; question; `{"ImportId": ...}`. Previews are no respondents."""
    if table.n_rows < 2:
        return None
    import_ids = [column.texts[column.codes[1]] for column in table.columns]
    marked = sum('"ImportId"' in text or "'ImportId'" in text for text in import_ids)
    if marked < 0.5 * len(import_ids):
        return None
    questions = [column.texts[column.codes[0]] for column in table.columns]
    answers = keep_rows(table, np.arange(table.n_rows) >= 2)
    columns = tuple(
        replace(column, label=question.strip())
        for column, question in zip(answers.columns, questions, strict=True)
    )
    answers = replace(answers, columns=columns)
    roles = _roles(answers, _QUALTRICS)
    for column in columns:
        if column.position not in roles and re.search(r"_DO(?:_\d+)?$|_DO_", column.header):
            roles[column.position] = "other"  # the order in which choices were displayed
    answers = _without_previews(answers)
    return Export(_tell_unfinished(answers), "Qualtrics", roles)


def _without_previews(table: RawTable) -> RawTable:
    status = _named(table, "status")
    if status is None:
        return table
    preview = _where(status, lambda text: "preview" in text.casefold() or text.strip() == "1")
    if not preview.any():
        return table
    rows = ", ".join(str(row) for row, out in zip(table.rows, preview, strict=True) if out)
    note = (
        f"{int(preview.sum())} previews by the survey's author left out (row {rows}): they are no respondents"
    )
    found = Finding("warning", "preview", note, status.header, letter=status.letter)
    kept = keep_rows(table, ~preview)
    return replace(kept, findings=(*kept.findings, found))


def _tell_unfinished(table: RawTable) -> RawTable:
    finished = _named(table, "finished")
    if finished is None:
        return table
    count = int(_where(finished, lambda text: text.strip().casefold() in ("0", "false", "否")).sum())
    if not count:
        return table
    note = (
        f"{count} of {table.n_rows} questionnaires were not finished; they were read all the same, "
        "their unanswered questions are missing"
    )
    found = Finding("warning", "incomplete", note, finished.header, letter=finished.letter)
    return replace(table, findings=(*table.findings, found))


def _named(table: RawTable, name: str) -> RawColumn | None:
    return next((c for c in table.columns if clean(c.header).casefold() == name), None)


def _where(column: RawColumn, holds: Callable[[str], bool]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    verdict = np.array([holds(text) for text in column.texts], dtype=np.bool_)
    return verdict[column.codes] if len(verdict) else np.zeros(0, dtype=np.bool_)
