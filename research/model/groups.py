"""One table a group: values and labels of each group, equality across groups, free places."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from research.errors import ModelError
from research.model.defaults import Draft
from research.model.modifiers import NONE
from research.model.table import Parameter
from research.model.tokens import fault
from research.model.variables import Roles

Given = TypeVar("Given", float | None, str)


@dataclass(frozen=True, slots=True)
class Section:
    """The completed rows of one group and level, and the part of each variable in them."""

    group: int
    level: int
    drafts: Sequence[Draft]
    roles: Roles
    efa: dict[str, str]


@dataclass(frozen=True, slots=True)
class Equality:
    """What is equal across groups: lavaan's `group.equal` and `group.partial`, and what they free."""

    equal: frozenset[str] = frozenset()
    partial: frozenset[tuple[str, str, str]] = frozenset()
    free_means: bool = False  # latent means are free in later groups
    free_variances: bool = False  # latent variances are free in later groups
    free_scales: bool = False  # response scales (delta) of ordered variables are free in later groups
    free_residuals: bool = False  # their residual variances (theta) are
    free_covariances: bool = False  # covariances within an exploratory block are free in later groups


def parameters(text: str, sections: Sequence[Section], equality: Equality, n_groups: int) -> list[Parameter]:
    """All rows of all sections, with one free place for each distinct parameter.

    A label that stands twice makes its parameters equal, also across groups; where the first of
    them is fixed, all take its value.
    """
    if len(sections) == 1 and all(draft.modifiers is NONE for draft in sections[0].drafts):
        return _unmodified(sections[0])
    cells = [cell for section in sections for cell in _cells(text, section, equality, n_groups)]
    if equality.equal:
        _equate(cells, equality)
    _resolve_equal(text, cells)
    _share_values(cells)
    return _number(cells)


def _unmodified(section: Section) -> list[Parameter]:
    """The rows of the one section of a text that says nothing of values or labels."""
    nan, inf = math.nan, math.inf
    group, level, count = section.group, section.level, 0
    out = []
    for lhs, op, rhs, value, _, user, exogenous, _ in section.drafts:
        free = 0
        if exogenous:
            value = nan
        elif value != value:
            free = count = count + 1
        out.append(
            Parameter(lhs, op, rhs, group, level, free, value, nan, -inf, inf, "", user, exogenous, "")
        )
    return out


@dataclass(slots=True)
class _Cell:
    """A row of one group while labels are being settled."""

    draft: Draft
    section: Section
    value: float
    start: float
    lower: float
    upper: float
    label: str
    equal: str


def _cells(text: str, section: Section, equality: Equality, n_groups: int) -> list[_Cell]:
    nan, inf = math.nan, math.inf
    later = section.group > 1
    cells = []
    for draft in section.drafts:
        modifiers, value = draft.modifiers, draft.value
        if later and not draft.user and not math.isnan(value) and _freed(draft, section, equality):
            value = nan
        if modifiers is NONE:
            cells.append(_Cell(draft, section, value, nan, -inf, inf, "", ""))
            continue
        fixed = _of_group(text, draft, modifiers.fixed, section.group, n_groups, "values")
        start = _of_group(text, draft, modifiers.start, section.group, n_groups, "start values")
        lower = _of_group(text, draft, modifiers.lower, section.group, n_groups, "lower bounds")
        upper = _of_group(text, draft, modifiers.upper, section.group, n_groups, "upper bounds")
        if fixed is None and start is not None and not math.isnan(value):
            fixed = start  # a marker is fixed at the start value that was given for it
        cells.append(
            _Cell(
                draft,
                section,
                value if fixed is None else fixed,
                nan if start is None else start,
                -inf if lower is None else lower,
                inf if upper is None else upper,
                _of_group(text, draft, modifiers.label, section.group, n_groups, "labels") or "",
                _of_group(text, draft, modifiers.equal, section.group, n_groups, "names") or "",
            )
        )
    return cells


def _of_group(
    text: str, draft: Draft, given: tuple[Given, ...], group: int, n_groups: int, what: str
) -> Given | None:
    """The element of a modifier that belongs to `group`; one element serves all groups."""
    if not given:
        return None
    if len(given) == 1:
        return given[0]
    if len(given) != n_groups:
        raise _wrong_count(text, draft, len(given), n_groups, what)
    return given[group - 1]


def _wrong_count(text: str, draft: Draft, count: int, n_groups: int, what: str) -> ModelError:
    groups = "1 group" if n_groups == 1 else f"{n_groups} groups"
    term = f"{draft.lhs} {draft.op} {draft.rhs}".strip()
    return fault(
        text,
        draft.start,
        f"'{term}' gives {count} {what}, but there {'is' if n_groups == 1 else 'are'} {groups}",
    )


def _freed(draft: Draft, section: Section, equality: Equality) -> bool:
    """Whether equal loadings, intercepts or thresholds free this default row in later groups."""
    lhs, op, rhs = draft.lhs, draft.op, draft.rhs
    if op == "~*~":
        return equality.free_scales
    if lhs not in section.roles.latent:
        return equality.free_residuals and op == "~~" and lhs == rhs and draft.value == 1.0
    if op == "~1":
        return equality.free_means
    if op != "~~":
        return False
    if lhs == rhs:
        return equality.free_variances and draft.value == 1.0
    return equality.free_covariances and lhs in section.efa and section.efa.get(lhs) == section.efa.get(rhs)


def _equate(cells: Sequence[_Cell], equality: Equality) -> None:
    """Give the rows of one kind the plabel of their row in the first group."""
    reference: dict[tuple[str, str, str, int], tuple[int, _Cell]] = {}
    for place, cell in enumerate(cells):
        lhs, op, rhs = cell.draft[:3]
        key = (lhs, op, rhs, cell.section.level)
        if cell.section.group == 1:
            if _kind(cell) in equality.equal and (lhs, op, rhs) not in equality.partial:
                reference[key] = (place, cell)
            continue
        if key not in reference or cell.draft.exogenous:
            continue
        at, first = reference[key]
        if not cell.label and (not first.label or first.label.startswith(".p")):
            first.label = first.label or f".p{at + 1}."
            cell.label = first.label
    fixed = {cell.label for cell in cells if cell.label.startswith(".p") and not math.isnan(cell.value)}
    if fixed:
        _share_values(cells)
        for cell in cells:
            if cell.label in fixed:
                cell.label = ""  # lavaan shows a label only where something is estimated


def _share_values(cells: Sequence[_Cell]) -> None:
    """Where one of the rows that share a label is fixed, all take the value of the first that is."""
    values: dict[str, float] = {}
    for cell in cells:
        if cell.label and not math.isnan(cell.value):
            values.setdefault(cell.label, cell.value)
    if values:
        for cell in cells:
            if cell.label in values:
                cell.value = values[cell.label]


def _kind(cell: _Cell) -> str:
    """The word of `group_equal` that a row falls under."""
    lhs, op, rhs = cell.draft[:3]
    latent = cell.section.roles.latent
    if op == "=~":
        return "loadings"
    if op == "<~":
        return "composite_loadings"
    if op == "~":
        return "regressions"
    if op == "|":
        return "thresholds"
    if lhs in cell.section.roles.unnamed:
        return ""  # moments of predictors are not part of the model's structure
    if op == "~1":
        return "means" if lhs in latent else "intercepts"
    if op != "~~":
        return ""
    if lhs in latent:
        return "lv_variances" if lhs == rhs else "lv_covariances"
    return "residuals" if lhs == rhs else "residual_covariances"


def _resolve_equal(text: str, cells: Sequence[_Cell]) -> None:
    """`equal("f=~x2")`: share the label of that row, or its plabel."""
    if not any(cell.equal for cell in cells):
        return
    names: dict[str, int] = {}
    for place, cell in enumerate(cells):
        lhs, op, rhs = cell.draft[:3]
        names.setdefault(f"{lhs}{op}{rhs}", place)
        if op == "~~":
            names.setdefault(f"{rhs}{op}{lhs}", place)
        if cell.label:
            names.setdefault(cell.label, place)
    for cell in cells:
        if cell.equal:
            if cell.equal not in names:
                raise fault(text, cell.draft.start, f'equal("{cell.equal}") names no parameter of the model')
            first = cells[names[cell.equal]]
            first.label = first.label or f".p{names[cell.equal] + 1}."
            cell.label = first.label


def _number(cells: Sequence[_Cell]) -> list[Parameter]:
    """Parameters in order; rows that share a label share a place, or the fixed value of the first."""
    count = 0
    places: dict[str, int] = {}
    values: dict[str, float] = {}
    nan = math.nan
    out = []
    for cell in cells:
        draft, value, label = cell.draft, cell.value, cell.label
        free = 0
        if draft.exogenous:
            value = nan
        elif label and label in places:
            free, value = places[label], values[label]
        else:
            if value != value:
                count += 1
                free = count
            if label:
                places[label], values[label] = free, value
        out.append(
            Parameter(
                draft.lhs,
                draft.op,
                draft.rhs,
                cell.section.group,
                cell.section.level,
                free,
                value,
                cell.start,
                cell.lower,
                cell.upper,
                label,
                draft.user,
                draft.exogenous,
                cell.section.efa.get(draft.lhs, "") if draft.op == "=~" else "",
            )
        )
    return out
