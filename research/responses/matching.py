"""Which column of a file answers which question: by mapping, by id, by wording."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from research.errors import OptionError, did_you_mean
from research.questionnaire.definition import AttentionCheck, Item, Question, Questionnaire, Text
from research.responses.nouns import Finding, RawColumn
from research.responses.wording import clean, fold, without_number


@dataclass(frozen=True, slots=True)
class Target:
    """Something asked, that a column is looked for. `vital`: the analysis cannot do without it."""

    id: str
    wording: Text
    column: str | None
    vital: bool
    question: Question | None = None

    @property
    def several(self) -> bool:
        """Whether several answers may be given."""
        return self.question is not None and self.question.kind == "multiple"


@dataclass(frozen=True, slots=True)
class Matching:
    """`single`: id -> its column; `several`: question id -> {option value: its column}; what is left over."""

    single: Mapping[str, RawColumn]
    several: Mapping[str, Mapping[str, RawColumn]]
    unused: tuple[RawColumn, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _State:
    free: list[RawColumn]
    single: dict[str, RawColumn] = field(default_factory=dict)
    several: dict[str, dict[str, RawColumn]] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


def match_columns(
    columns: Iterable[RawColumn], questionnaire: Questionnaire, mapping: Mapping[str, str] | None = None
) -> Matching:
    """Columns of items, checks and background questions; the surest way of matching goes first.

    The order: `mapping` {id: heading}; the `column` that the questionnaire declares; the id; the id
    without regard to case, as a platform writes it (`Q1[SQ001]`, `group/Q1`, `Q1. text`); the
    wording in any language, in the heading, in the file's own label of the column, or in brackets
    or after a dash (`第3题(row)`, `stem—row`), numbering, width and punctuation aside. Two columns
    for one question or two questions for one column are an error, never a guess.
    """
    targets = _targets(questionnaire)
    state = _State(list(columns))
    _by_mapping(state, targets, mapping or {})
    for key_of_column, keys_of_target in _STAGES:
        _stage(state, targets, key_of_column, keys_of_target)
        if key_of_column is _loose_id:
            _option_columns(state, targets)
    _option_columns_by_label(state, targets)
    for target in targets:
        if target.id not in state.settled:
            state.findings.append(_missing(target, state.free))
    return Matching(state.single, state.several, tuple(state.free), tuple(state.findings))


def _targets(questionnaire: Questionnaire) -> list[Target]:
    used = {*questionnaire.controls, *questionnaire.groups}
    for hypothesis in questionnaire.hypotheses:
        used |= {*hypothesis.path, hypothesis.moderator or "", hypothesis.group or ""}
    asked: list[Item | AttentionCheck] = [*questionnaire.items, *questionnaire.checks]
    targets = [Target(item.id, item.wording, item.column, isinstance(item, Item)) for item in asked]
    return targets + [
        Target(question.id, question.wording, question.column, question.id in used, question)
        for question in questionnaire.background
    ]


def _by_mapping(state: _State, targets: list[Target], mapping: Mapping[str, str]) -> None:
    known = {target.id: target for target in targets}
    headers = [column.header for column in state.free]
    for name, header in mapping.items():
        if name not in known:
            raise OptionError(
                f"`columns` maps '{name}', which the questionnaire does not ask; the mapping is "
                f"{{id of the question: heading of the column}}.{did_you_mean(name, known)}"
            )
        found = [column for column in state.free if clean(column.header) == clean(str(header))]
        if not found:
            raise OptionError(
                f"`columns` maps '{name}' to a column '{header}', which the file does not have."
                f"{did_you_mean(str(header), headers)}"
            )
        _settle(state, known[name], found)


def _settle(state: _State, target: Target, found: list[RawColumn]) -> None:
    state.settled.add(target.id)
    if len(found) > 1:
        places = " and ".join(f"{column.letter} '{column.header}'" for column in found)
        note = (
            f"{len(found)} columns could be '{target.id}': {places}. Rename one of them, or name the "
            "right one as `column:` of the question"
        )
        state.findings.append(
            Finding("error", "ambiguous_column", note, found[0].header, letter=found[0].letter)
        )
    else:
        state.single[target.id] = found[0]
    for column in found:
        state.free.remove(column)


def _stage(
    state: _State,
    targets: list[Target],
    key_of_column: Callable[[RawColumn], set[str]],
    keys_of_target: Callable[[Target], set[str]],
) -> None:
    """One way of matching: every target that it finds in free columns is settled."""
    by_key: dict[str, list[RawColumn]] = {}
    for column in state.free:
        for key in key_of_column(column) - {""}:
            by_key.setdefault(key, []).append(column)
    claims: list[tuple[Target, list[RawColumn]]] = []
    for target in targets:
        if target.id in state.settled:
            continue
        found = {c.position: c for key in keys_of_target(target) - {""} for c in by_key.get(key, [])}
        if found:
            claims.append((target, list(found.values())))
    claimed: dict[int, list[str]] = {}
    for target, found_columns in claims:
        for column in found_columns:
            claimed.setdefault(column.position, []).append(target.id)
    for target, found_columns in claims:
        shared = [column for column in found_columns if len(claimed[column.position]) > 1]
        if not shared:
            _settle(state, target, found_columns)
            continue
        names = ", ".join(claimed[shared[0].position])
        note = f"the wording fits several questions ({names}); name the column of each as its `column:`"
        state.settled.add(target.id)
        first = shared[0]
        state.findings.append(
            Finding("error", "ambiguous_column", note, first.header, value=target.id, letter=first.letter)
        )


def _header(column: RawColumn) -> set[str]:
    return {clean(column.header)}


def _loose_id(column: RawColumn) -> set[str]:
    """The heading, and what platforms make of an id: `Q1[SQ001]`, `Q1_SQ001`, `group/Q1`, `Q1. text`."""
    text = clean(column.header).casefold()
    keys = {text, text.rsplit("/", 1)[-1]}
    bracket = re.fullmatch(r"(\w+)\[(\w+)\]", text)
    if bracket:
        keys |= {bracket[2], f"{bracket[1]}_{bracket[2]}"}
    code = re.match(r"([a-z_]\w*)\s*[.:、]\s*\S", text)
    if code:
        keys.add(code[1])
    code = re.match(r"\[([a-z_]\w*)\]\s*\S", text)
    if code:
        keys.add(code[1])
    return keys


def _wording(column: RawColumn) -> set[str]:
    texts = [column.header, column.label]
    return {fold(text) for text in texts} | {fold(without_number(text)) for text in texts}


def _part_of_wording(column: RawColumn) -> set[str]:
    """Rows of a matrix: in brackets, after a dash, after a code."""
    keys = set()
    for text in (clean(column.header), clean(column.label)):
        bracket = re.fullmatch(r"(.*?)[(\[](.*)[)\]]\s*", text)
        if bracket:
            keys |= {fold(bracket[2]), fold(without_number(bracket[2]))}
        for dash in ("—", "–", " - ", "-", ":", ">>"):
            if dash in text:
                tail = text.rsplit(dash, 1)[-1]
                keys |= {fold(tail), fold(without_number(tail))}
        code = re.match(r"[A-Za-z_]\w*(?:\[\w+\])?\s*[.:、]\s*(.+)", text)
        if code:
            keys.add(fold(code[1]))
    return keys


def _declared(target: Target) -> set[str]:
    return {clean(target.column)} if target.column else set()


def _id(target: Target) -> set[str]:
    return {target.id}


def _folded_ids(target: Target) -> set[str]:
    return {clean(name).casefold() for name in (target.id, target.column or "")}


def _wordings(target: Target) -> set[str]:
    return {fold(text) for text in target.wording.values()}


_STAGES: tuple[tuple[Callable[[RawColumn], set[str]], Callable[[Target], set[str]]], ...] = (
    (_header, _declared),
    (_header, _id),
    (_loose_id, _folded_ids),
    (_wording, _wordings),
    (_part_of_wording, _wordings),
)


def _option_columns(state: _State, targets: list[Target]) -> None:
    """One 0/1 column an option: `id_value`, `id[value]`, `id/value`, `id(label)`, `stem(label)`."""
    for target in targets:
        if not target.several or target.id in state.settled or target.question is None:
            continue
        stems = {fold(name) for name in (target.id, target.column or "", *target.wording.values())} - {""}
        found: dict[str, RawColumn] = {}
        for column in state.free:
            stem, tail = _stem_and_tail(column.header)
            if fold(stem) not in stems and fold(without_number(stem)) not in stems:
                continue
            for option in target.question.options:
                names = {fold(text) for text in (option.value, *option.label.values())} - {""}
                if fold(tail) in names and option.value not in found:
                    found[option.value] = column
        _settle_options(state, target, found)


def _option_columns_by_label(state: _State, targets: list[Target]) -> None:
    """`第6题(label)`, which names only the label: taken where one question alone has all those labels."""
    groups: dict[str, dict[str, RawColumn]] = {}
    for column in state.free:
        match = re.fullmatch(r"第(\d+)题\((.*)\)", clean(column.header))
        if match:
            groups.setdefault(match[1], {})[fold(match[2])] = column
    for labels in groups.values():
        fits = []
        for target in targets:
            if target.several and target.id not in state.settled and target.question is not None:
                options = {
                    fold(text): option.value
                    for option in target.question.options
                    for text in option.label.values()
                }
                if set(labels) <= set(options):
                    fits.append((target, {options[label]: column for label, column in labels.items()}))
        if len(fits) == 1:
            _settle_options(state, *fits[0])


def _settle_options(state: _State, target: Target, found: dict[str, RawColumn]) -> None:
    if not found:
        return
    state.settled.add(target.id)
    state.several[target.id] = found
    for column in found.values():
        state.free.remove(column)


def _stem_and_tail(header: str) -> tuple[str, str]:
    text = clean(header)
    for pattern in (
        r"(.+?)\((.*)\)",
        r"(.+?)\s*\[(.*)\]",
        r"(.+)/([^/]+)",
        r"(.+)[—–:](.+)",
        r"(.+)_([^_]+)",
    ):
        match = re.fullmatch(pattern, text)
        if match:
            return match[1], match[2]
    return text, ""


def _missing(target: Target, free: list[RawColumn]) -> Finding:
    """A question without a column: an error where the analysis needs it, with the nearest unused column."""
    declared = f" (declared as `column: {target.column}`)" if target.column else ""
    near = _nearest([target.column or target.id, target.id, *target.wording.values()], free)
    if near is not None:
        hint = f" Did you mean {near.header}? (column {near.letter})"
    elif free:
        shown = ", ".join(f"'{column.header}'" for column in free[:8]) + (" …" if len(free) > 8 else "")
        hint = f" Columns that answer nothing: {shown}."
    else:
        hint = ""
    note = (
        f"there is no such column in the file{declared}.{hint} Name the right one as `column:` of the "
        "question, or rename it in the file"
    )
    if target.vital:
        return Finding("error", "missing_column", note, target.id)
    return Finding("warning", "missing_question", note, target.id)


def _nearest(words: list[str], free: list[RawColumn]) -> RawColumn | None:
    """The unused column whose heading is most like one of `words`, where one is alike at all."""
    best, nearest = 0.5, None
    for column in free:
        for word in words:
            likeness = SequenceMatcher(None, clean(word).casefold(), clean(column.header).casefold()).ratio()
            if likeness > best:
                best, nearest = likeness, column
    return nearest
