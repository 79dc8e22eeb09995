"""Cells to codes of a scale: each distinct text is judged once, and every missing answer has a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from research.errors import did_you_mean
from research.numerics.arrays import Vector
from research.questionnaire.definition import Scale, Text
from research.responses.nouns import Absence, Finding, RawColumn
from research.responses.wording import as_number, clean, fold, number_text

EMPTY = "empty cell"
NOT_ASKED = "not asked (skip rule)"
# Cells that say "nothing here" in any export; they are no words of a respondent.
MARKERS = frozenset({"na", "n/a", "nan", "null", "none", "#n/a", "#null!", "<na>", "."})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one text means: an answer, a missing answer with its `reason`, or a fault with its `kind`."""

    answer: float | str | None = None
    reason: str = ""
    kind: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Coded:
    """One question's answers in order of the rows, float (NaN: missing) or text (None: missing)."""

    answers: Vector | list[str | None]
    absent: tuple[Absence, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """Codes that mean "no answer": the question's own, the file's (SPSS) and the platform's, by name.

    `wordings`: the names of the question's own codes in every language, which a cell may hold instead.
    """

    declared: Mapping[str, str] = field(default_factory=dict)
    file: Mapping[str, str] = field(default_factory=dict)
    platform: Mapping[str, str] = field(default_factory=dict)
    wordings: Mapping[str, Text] = field(default_factory=dict)


def code_item(
    name: str, column: RawColumn, scale: Scale, rows: tuple[int, ...], platform: Mapping[str, str]
) -> Coded:
    """Codes of one item (or attention check) as they were answered, not turned; shape (n,).

    A text is, in this order: a missing code, a value of the scale, a label of the scale in any
    language (also `5 = agree`, `5（同意）`, `A. agree`). Anything else is an error with a remedy.
    """
    missing = Missing(scale.missing, column.missing, platform, scale.missing_labels)
    known = _labels_of(scale)
    clash = _label_clash(column, known)
    coded = collect(name, column, lambda text: _judge(text, scale, known, missing), rows)
    answers = np.array([np.nan if a is None else a for a in coded.answers], dtype=np.float64)
    return Coded(answers, coded.absent, _of_unlabelled_points(coded.findings, scale) + clash)


def collect(name: str, column: RawColumn, judge: Callable[[str], Verdict], rows: tuple[int, ...]) -> Coded:
    """Every cell by the verdict on its text; missing answers and faults with the rows where they stand."""
    verdicts = [judge(text) for text in column.texts]
    table = np.empty(len(verdicts), dtype=object)
    table[:] = [verdict.answer for verdict in verdicts]
    absent, findings = [], []
    spreadsheet = np.asarray(rows, dtype=np.intp)
    places_of = column.places() if None in table else []
    for code, (text, verdict) in enumerate(zip(column.texts, verdicts, strict=True)):
        if verdict.answer is not None:
            continue
        places = tuple(spreadsheet[places_of[code]].tolist())
        if verdict.kind:
            findings += [
                Finding("error", verdict.kind, verdict.message, column.header, row, text[:80], column.letter)
                for row in places
            ]
        else:
            absent.append(Absence(name, verdict.reason, clean(text), places))
    answers: list[str | None] = table[column.codes].tolist()
    return Coded(answers, tuple(absent), tuple(findings))


def missing_reason(text: str, missing: Missing) -> str:
    """The reason why a cell holds no answer, or the empty string where it may hold one."""
    plain = clean(text)
    if not plain:
        return EMPTY
    for code, name in {**missing.file, **missing.declared}.items():
        names = {name, *missing.wordings.get(code, {}).values()} - {""}
        if same_code(plain, code) or fold(plain) in {fold(each) for each in names}:
            return f"{name} ({code})" if name and name != code else f"missing code {code}"
    if plain in missing.platform:
        return f"{missing.platform[plain]} ({plain})"
    if plain.casefold() in MARKERS:
        return f'marked "{plain}"'
    return ""


def same_code(one: str, other: str) -> bool:
    """Whether two texts are one code: equal as numbers or as words.

    >>> same_code("-99", "-99.0"), same_code(" 不适用", "不适用"), same_code("1", "10")
    (True, True, False)
    """
    left, right = as_number(one), as_number(other)
    if left is not None and right is not None:
        return left == right
    return clean(one).casefold() == clean(other).casefold()


def _judge(text: str, scale: Scale, known: Mapping[str, set[int]], missing: Missing) -> Verdict:
    values = {point.value for point in scale.points}
    number = as_number(text)
    declared = missing_reason(text, Missing(missing.declared, missing.file, wordings=missing.wordings))
    if declared:
        return Verdict(reason=declared)
    if number is not None and number in values:
        return Verdict(answer=number)
    fits = known.get(fold(text), set())
    if len(fits) == 1:
        return Verdict(answer=float(next(iter(fits))))
    reason = missing_reason(text, missing)
    if reason:
        return Verdict(reason=reason)
    if number is not None:
        return Verdict(kind="out_of_scale", message=_out_of_scale(text, scale))
    if len(fits) > 1:
        points = ", ".join(map(str, sorted(fits)))
        note = f"'{clean(text)}' is the label of several points of scale '{scale.name}' ({points})"
        return Verdict(kind="unknown_label", message=f"{note}; export the codes instead")
    return _numbered_label(text, scale, known)


def _numbered_label(text: str, scale: Scale, known: Mapping[str, set[int]]) -> Verdict:
    """`5 = agree`, `5（同意）`, `5、同意`, `A. agree`; else a fault with the nearest label."""
    plain = clean(text)
    head, tail = _leading_code(plain)
    value = as_number(head)
    points = known.get(fold(tail), set())
    if value is not None and tail:
        values = {point.value for point in scale.points}
        if value in values and value in points:
            return Verdict(answer=value)
        if points:
            right = next(iter(points))
            note = f"'{plain}' contradicts scale '{scale.name}', in which '{tail}' is {right}"
            return Verdict(kind="label_conflict", message=f"{note}; correct the cell or the scale")
    if len(head) == 1 and head.isalpha() and len(points) == 1:
        return Verdict(answer=float(next(iter(points))))
    return Verdict(kind="unknown_label" if known else "text_in_number", message=_unknown(plain, scale))


def _leading_code(plain: str) -> tuple[str, str]:
    for mark in ("=", ":", "、", ".", ")", "-", "(", " "):
        head, found, tail = plain.partition(mark)
        if found and head.strip() and (as_number(head) is not None or len(head.strip()) == 1):
            return head.strip(), tail.strip()
    return plain, ""


def _of_unlabelled_points(findings: tuple[Finding, ...], scale: Scale) -> tuple[Finding, ...]:
    """Words in cells of a scale that labels only some of its points are one fault of the scale, not many."""
    labelled = [point.value for point in scale.points if any(point.label.values())]
    words = [found for found in findings if found.kind == "unknown_label"]
    texts = dict.fromkeys(found.value for found in words)
    if len(words) < 2 or not labelled or len(texts) > len(scale.points) - len(labelled):
        return findings  # more words than points without a label: they are not its labels
    shown = listed([f"'{text}'" for text in texts], most=5)
    note = (
        f"{len(words)} cells hold words that are no label of scale '{scale.name}' ({shown}): of its points "
        f"only {', '.join(map(str, labelled))} are labelled. Label every point, or export the codes instead"
    )
    first = words[0]
    one = Finding("error", "unknown_label", note, first.column, first.row, first.value, first.letter)
    return (one, *(found for found in findings if found.kind != "unknown_label"))


def _labels_of(scale: Scale) -> dict[str, set[int]]:
    known: dict[str, set[int]] = {}
    for point in scale.points:
        for label in point.label.values():
            if fold(label):
                known.setdefault(fold(label), set()).add(point.value)
    return known


def _out_of_scale(text: str, scale: Scale) -> str:
    values = [point.value for point in scale.points]
    whole = values == list(range(scale.low, scale.high + 1))
    span = f"{scale.low}–{scale.high}" if whole else ", ".join(map(str, values))
    return (
        f"{clean(text)} is no point of scale '{scale.name}' ({span}); correct the cell, "
        f"or name {clean(text)} under `missing:` of the scale where it means that there is no answer"
    )


def listed(labels: Sequence[str], most: int = 10) -> str:
    """The first labels, with a sign where there are more.

    >>> listed(["agree", "disagree"], most=1)
    'agree, …'
    """
    return ", ".join([*labels[:most], *(["…"] if len(labels) > most else [])])


def _unknown(plain: str, scale: Scale) -> str:
    labels = [label for point in scale.points for label in point.label.values() if label]
    allowed = f"{scale.low}–{scale.high}" + (f" or a label ({listed(labels)})" if labels else "")
    shown = plain if len(plain) <= 40 else plain[:40] + "…"
    what = f"'{shown}' is no answer on scale '{scale.name}'"
    return f"{what}.{did_you_mean(plain, labels)} Allowed: {allowed}, or a code under `missing:` of the scale"


def _label_clash(column: RawColumn, known: Mapping[str, set[int]]) -> tuple[Finding, ...]:
    """Value labels of the file that give a label of the scale to another point: the scale runs otherwise."""
    clashes = []
    for code, label in column.value_labels.items():
        points, value = known.get(fold(label), set()), as_number(code)
        if points and value is not None and value not in points:
            clashes.append(f"{number_text(value)} = '{label}' (scale: {next(iter(points))})")
    if not clashes:
        return ()
    note = f"the file's own value labels contradict the scale: {'; '.join(clashes)}. Recode one of them"
    return (Finding("error", "label_conflict", note, column.header, letter=column.letter),)
