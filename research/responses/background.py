"""Cells to answers of background questions: one choice, several choices, a number, a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

import numpy as np

from research.errors import did_you_mean
from research.numerics.arrays import Mask, Vector
from research.questionnaire.definition import Option, Question
from research.responses.coding import Coded, Missing, Verdict, collect, missing_reason, same_code
from research.responses.nouns import Absence, Finding, RawColumn
from research.responses.wording import as_number, clean, fold

_FILLED_IN = re.compile(
    r"[〖\[(][^〖〗\[\]()]*[〗\])]\s*$"
)  # "其他〖text〗": what was written beside an option
_YES = frozenset({"1", "y", "yes", "true", "是", "√", "x", "checked", "selected", "选中", "已选"})
_NO = frozenset({"0", "n", "no", "false", "否", "not selected", "unchecked", "未选中", "未选"})
_JOINS = ("┋", "|", ";", "；", "→")


def code_question(
    question: Question, column: RawColumn, rows: tuple[int, ...], platform: Mapping[str, str]
) -> Coded:
    """Answers to a question of kind choice (values as text), number (floats) or text."""
    missing = Missing(question.missing, column.missing, platform, question.missing_labels)
    if question.kind == "number":
        coded = collect(question.id, column, lambda text: _number(text, missing), rows)
        answers = np.array([np.nan if a is None else a for a in coded.answers], dtype=np.float64)
        return Coded(answers, coded.absent, coded.findings)
    if question.kind == "text":
        return collect(question.id, column, lambda text: _text(text, missing), rows)
    by_position = bool(platform) and not any(as_number(option.value) for option in question.options)
    return collect(
        question.id, column, lambda text: _choice(text, question, column, missing, by_position), rows
    )


def code_joined(
    question: Question, column: RawColumn, rows: tuple[int, ...], platform: Mapping[str, str]
) -> tuple[dict[str, Vector], Coded]:
    """Several answers in one cell (`a┋b`, `a;b`, `a, b`): {option value: 0/1 vector}, and the account."""
    missing = Missing(question.missing, column.missing, platform, question.missing_labels)
    coded = collect(question.id, column, lambda text: _joined(text, question, column, missing), rows)
    chosen = [None if answer is None else set(str(answer).split("\x1f")) for answer in coded.answers]
    vectors = {
        option.value: np.array(
            [np.nan if values is None else float(option.value in values) for values in chosen]
        )
        for option in question.options
    }
    return vectors, coded


def code_split(
    question: Question,
    columns: Mapping[str, RawColumn],
    rows: tuple[int, ...],
    platform: Mapping[str, str],
) -> tuple[dict[str, Vector], Coded]:
    """One column an option: 1/0, yes/no, 是/否, or the label where it was chosen and empty where not.

    An empty cell is "not chosen" where another column of the question holds something in that
    row, and a missing answer where all are empty.
    """
    n, missing = len(rows), Missing(question.missing, {}, platform, question.missing_labels)
    labels = {
        option.value: {fold(text) for text in (option.value, *option.label.values())}
        for option in question.options
    }
    vectors, absent, findings = {}, [], []
    for option in question.options:
        column = columns.get(option.value)
        if column is None:
            vectors[option.value] = np.full(n, np.nan)
            note = f"no column for option '{option.value}' of '{question.id}'; its answers are missing"
            findings.append(Finding("warning", "missing_question", note, f"{question.id}_{option.value}"))
            continue
        known = labels[option.value]
        coded = collect(question.id, column, partial(_mark, known=known, missing=missing), rows)
        vectors[option.value] = np.array(
            [np.nan if a is None else a for a in coded.answers], dtype=np.float64
        )
        absent += [part for part in coded.absent if part.value]
        findings += coded.findings
    marks = np.column_stack([vectors[value] for value in columns]) if columns else np.empty((n, 0))
    answered: Mask = np.isfinite(marks).sum(axis=1) > 0
    for value in columns:
        vectors[value] = np.where(answered & np.isnan(vectors[value]), 0.0, vectors[value])
    named = {row for part in absent for row in part.rows}
    empty = tuple(row for row, some in zip(rows, answered, strict=True) if not some and row not in named)
    if empty:
        absent.append(Absence(question.id, "empty cell", "", empty))
    return vectors, Coded([], tuple(absent), tuple(findings))


def _number(text: str, missing: Missing) -> Verdict:
    reason = missing_reason(text, missing)
    if reason:
        return Verdict(reason=reason)
    value = as_number(text)
    if value is not None:
        return Verdict(answer=value)
    note = f"'{clean(text)[:40]}' is no number; write digits with a point, without units or separators"
    return Verdict(kind="text_in_number", message=note)


def _text(text: str, missing: Missing) -> Verdict:
    reason = missing_reason(text, missing)
    if reason:
        return Verdict(reason=reason)
    escaped = len(text) > 1 and text[0] == "'" and text[1] in "=+-@"
    return Verdict(answer=(text[1:] if escaped else text).strip())


def _choice(text: str, question: Question, column: RawColumn, missing: Missing, by_position: bool) -> Verdict:
    option = _option(text, question) or _option(column.value_labels.get(clean(text), ""), question)
    if option is not None:
        return Verdict(answer=option.value)
    reason = missing_reason(text, missing)
    if reason:
        return Verdict(reason=reason)
    number = as_number(text)
    if by_position and number is not None and number in range(1, len(question.options) + 1):
        return Verdict(answer=question.options[int(number) - 1].value)
    return Verdict(kind="unknown_label", message=_unknown(text, question))


def _option(text: str, question: Question) -> Option | None:
    """The option whose value or label the text is; a number or letter before it and a text after it aside."""
    plain = clean(text)
    if not plain:
        return None
    for option in question.options:
        if same_code(plain, option.value):
            return option
    shorter = (plain, re.sub(r"^[A-Za-z0-9]{1,2}\s*[.、:)=]\s*", "", plain), _FILLED_IN.sub("", plain))
    for words in map(fold, shorter):
        fits = [o for o in question.options if words and words in {fold(w) for w in o.label.values()}]
        if len(fits) == 1:
            return fits[0]
    return None


def _joined(text: str, question: Question, column: RawColumn, missing: Missing) -> Verdict:
    whole = _option(text, question)
    if whole is not None:
        return Verdict(answer=whole.value)
    reason = missing_reason(text, missing)
    if reason:
        return Verdict(reason=reason)
    plain = clean(text)
    parts = [plain]
    for join in _JOINS:
        if join in plain:
            parts = plain.split(join)
            break
    else:
        parts = _by_commas(plain, question)
    values = []
    for part in filter(str.strip, parts):
        verdict = _choice(part, question, column, missing, by_position=False)
        if verdict.answer is None:
            return (
                verdict if verdict.kind else Verdict(kind="unknown_label", message=_unknown(part, question))
            )
        values.append(str(verdict.answer))
    return Verdict(answer="\x1f".join(values))


def _by_commas(plain: str, question: Question) -> list[str]:
    """Parts between commas; a label that itself holds commas is kept whole (longest match first)."""
    pieces = re.split(r"\s*[,，]\s*", plain)
    if len(pieces) == 1:
        pieces = plain.split() if all(_option(word, question) for word in plain.split()) else pieces
    parts, start = [], 0
    while start < len(pieces):
        for end in range(len(pieces), start, -1):
            candidate = ", ".join(pieces[start:end])
            if end == start + 1 or _option(candidate, question) is not None:
                parts.append(candidate)
                start = end
                break
    return parts


def _mark(text: str, known: set[str], missing: Missing) -> Verdict:
    plain = clean(text).casefold()
    if plain in _YES:
        return Verdict(answer=1.0)
    if plain in _NO:
        return Verdict(answer=0.0)
    number = as_number(text)
    if number in (0.0, 1.0):
        return Verdict(answer=number)
    reason = missing_reason(text, missing)
    if reason:
        return Verdict(reason=reason)
    if fold(_FILLED_IN.sub("", clean(text))) in known:
        return Verdict(answer=1.0)
    note = f"'{clean(text)[:40]}' does not say whether the option was chosen; write 1 or 0"
    return Verdict(kind="unknown_label", message=note)


def _unknown(text: str, question: Question) -> str:
    plain = clean(text)
    labels = [label for option in question.options for label in option.label.values() if label]
    known = [*labels, *(option.value for option in question.options)]
    shown = plain if len(plain) <= 40 else plain[:40] + "…"
    allowed = ", ".join(f"{o.value} ({next(iter(o.label.values()), '')})" for o in question.options[:12])
    return (
        f"'{shown}' is no answer to '{question.id}'.{did_you_mean(plain, known)} Allowed: {allowed}; "
        "or add it to the options, or under `missing:` of the question"
    )
