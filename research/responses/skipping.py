"""Questions that a skip rule spared a respondent: their empty cells have a reason of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from research.numerics.arrays import Mask, Vector
from research.questionnaire.definition import Questionnaire, SkipRule
from research.responses.coding import EMPTY, NOT_ASKED, same_code
from research.responses.nouns import Absence, Finding
from research.responses.wording import number_text

Columns = Mapping[str, Vector | list[str | None]]


def skipped_by_rule(
    questionnaire: Questionnaire, columns: Columns, rows: tuple[int, ...], absent: tuple[Absence, ...]
) -> tuple[tuple[Absence, ...], tuple[Finding, ...]]:
    """The account of missing answers with `not asked (skip rule)` where that is why, and a warning
    for each question that was answered although its rule spared it. `columns`: answers by id, not turned.
    """
    findings = []
    for rule in questionnaire.skips:
        spared = skipped_rows(questionnaire, rule, columns)
        if spared is None:
            continue
        spared_rows = {row for row, skip in zip(rows, spared, strict=True) if skip}
        for name in rule.skip:
            absent = tuple(part for absence in absent for part in _split(absence, name, spared_rows))
            missing = {row for absence in absent if absence.column == name for row in absence.rows}
            answered = sorted(spared_rows - missing) if name in columns else []
            if answered:
                shown = ", ".join(map(str, answered[:8])) + (" …" if len(answered) > 8 else "")
                note = (
                    f"{len(answered)} answered this although '{rule.question}' spared them (row {shown}); "
                    "the answers were kept"
                )
                findings.append(Finding("warning", "answered_though_skipped", note, name))
    return absent, tuple(findings)


def skipped_rows(questionnaire: Questionnaire, rule: SkipRule, columns: Columns) -> Mask | None:
    """Who is spared by a rule, shape (n,); None where its question was not read."""
    known = next((q for q in questionnaire.background if q.id == rule.question), None)
    if known is not None and known.kind == "multiple":
        names = [f"{rule.question}_{value}" for value in rule.values]
        return _any_chosen([columns[name] for name in names if name in columns])
    answers = columns.get(rule.question)
    if answers is None:
        return None
    texts = [_as_text(answer) for answer in answers]
    spared = {text: bool(text) and any(same_code(text, value) for value in rule.values) for text in texts}
    return np.array([spared[text] for text in texts], dtype=np.bool_)


def _any_chosen(marks: list[Vector | list[str | None]]) -> Mask | None:
    if not marks:
        return None
    chosen: Mask = np.zeros(len(marks[0]), dtype=np.bool_)
    for mark in marks:
        chosen = chosen | (np.asarray(mark, dtype=np.float64) == 1.0)
    return chosen


def _as_text(answer: float | str | None) -> str:
    if answer is None or isinstance(answer, str):
        return answer or ""
    return "" if np.isnan(answer) else number_text(float(answer))


def _split(absence: Absence, name: str, spared: set[int]) -> tuple[Absence, ...]:
    """Empty cells of `name` in spared rows apart from the others."""
    if absence.column != name or absence.reason != EMPTY:
        return (absence,)
    inside = tuple(row for row in absence.rows if row in spared)
    outside = tuple(row for row in absence.rows if row not in spared)
    parts = (replace(absence, rows=outside), replace(absence, reason=NOT_ASKED, rows=inside))
    return tuple(part for part in parts if part.rows)
