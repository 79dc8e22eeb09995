"""The rows that cfa, sem and growth add to what the text says, in lavaan's order."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from research.model.modifiers import NONE, Modifiers
from research.model.syntax import Row
from research.model.table import Operator
from research.model.variables import Roles

NAN = math.nan


@dataclass(frozen=True, slots=True)
class Rules:
    """What the defaults depend on, read off the options.

    `thresholds`: number of thresholds of each ordered variable. `free_intercepts` and
    `free_means` say whether the intercepts of observed and the means of latent variables are
    estimated where the text is silent (growth: False, True; else True, False).
    """

    std_lv: bool = False
    orthogonal: bool = False
    meanstructure: bool = False
    fixed_x: bool = True
    free_intercepts: bool = True
    free_means: bool = False
    markers: bool = True  # fix the first loading of each latent variable
    orthogonal_rotation: bool = False  # factors of different exploratory blocks are uncorrelated too
    thresholds: Mapping[str, int] | None = None
    between: frozenset[str] = frozenset()  # variables of level 2: their means stand there


class Draft(NamedTuple):
    """A row before groups: `value` NaN leaves the parameter free unless `modifiers` fix it."""

    lhs: str
    op: Operator
    rhs: str
    value: float = NAN
    modifiers: Modifiers = NONE
    user: bool = False
    exogenous: bool = False
    start: int = 0


def complete(rows: Sequence[Row], roles: Roles, rules: Rules) -> list[Draft]:
    """The rows of the text, then the default rows, as `lavaanify` orders them."""
    drafts = _written(rows, roles, rules)
    have = {(draft.lhs, draft.op, draft.rhs) for draft in drafts}
    ordered = dict(rules.thresholds or {})
    for draft in drafts:
        if draft.op == "|":
            ordered.setdefault(draft.lhs, 0)
    added = [
        *_thresholds(roles, ordered),
        *_variances(roles, rules, ordered, _single(rows), efa_blocks(rows)),
        *_covariances(rows, roles, rules),
        *_fixed(roles, rules),
        *_scales(roles, ordered),
        *(_means(roles, rules, ordered) if rules.meanstructure else ()),
    ]
    drafts += [draft for draft in added if draft[:3] not in have]
    return drafts


def _written(rows: Sequence[Row], roles: Roles, rules: Rules) -> list[Draft]:
    """The user's rows: markers fixed, exploratory blocks in echelon form, ~~ in model order."""
    blocks: dict[str, list[str]] = {}
    efa: dict[str, str] = {}
    for row in rows:
        if row.modifiers.efa and row.op == "=~":
            efa[row.lhs] = row.modifiers.efa
            names = blocks.setdefault(row.modifiers.efa, [])
            if row.lhs not in names:
                names.append(row.lhs)
    unit = frozenset(roles.latent if rules.std_lv else efa)  # variances that NA* alone can free
    begun: dict[str, int] = {}
    drafts = []
    for row in rows:
        lhs, op, rhs = row.lhs, row.op, row.rhs
        value = NAN
        if op == "=~":
            count = begun[lhs] = begun.get(lhs, 0) + 1
            if lhs in efa:
                if count <= blocks[efa[lhs]].index(lhs):
                    value = 0.0
            elif count == 1 and rules.markers and not row.modifiers.fixed:
                value = 1.0
        elif op == "~~" and lhs == rhs and not row.modifiers.fixed and lhs in unit:
            value = 1.0
        drafts.append(Draft(lhs, op, rhs, value, row.modifiers, True, False, row.start))
    return drafts


def efa_blocks(rows: Sequence[Row]) -> dict[str, str]:
    """{exploratory factor: its block}."""
    return {row.lhs: row.modifiers.efa for row in rows if row.op == "=~" and row.modifiers.efa}


def _single(rows: Sequence[Row]) -> frozenset[str]:
    """Variables that are the one indicator of a latent variable: their residual is zero."""
    sole: dict[str, str] = {}
    times: dict[str, int] = {}
    for row in rows:
        if row.op == "=~" and row.lhs != row.rhs:
            sole[row.lhs] = "" if row.lhs in sole else row.rhs
            times[row.rhs] = times.get(row.rhs, 0) + 1
    return frozenset(name for name in sole.values() if name and times[name] == 1)


def _thresholds(roles: Roles, ordered: Mapping[str, int]) -> list[Draft]:
    return [
        Draft(name, "|", f"t{k}")
        for name in roles.observed
        if name in ordered
        for k in range(1, ordered[name] + 1)
    ]


def _variances(
    roles: Roles,
    rules: Rules,
    ordered: Mapping[str, int],
    single: frozenset[str],
    blocks: Mapping[str, str],
) -> list[Draft]:
    """Residual variances of observed variables that are not fixed, then variances of latent ones."""
    random = (
        *roles.indicators,
        *roles.outcomes,
        *(name for name in roles.predictors if name in roles.mentioned),
        *roles.others,
    )
    drafts = []
    for name in random:
        value = NAN
        if name in ordered:
            value = 1.0
        elif name in single:
            value = 0.0
        drafts.append(Draft(name, "~~", name, value))
    for name in roles.latent:
        value = NAN
        if rules.std_lv or name in blocks:
            value = 1.0
        elif name in roles.composites or name in single:
            value = 0.0
        drafts.append(Draft(name, "~~", name, value))
    return drafts


def _covariances(rows: Sequence[Row], roles: Roles, rules: Rules) -> list[Draft]:
    """Among exogenous latent variables; among outcomes that predict nothing."""
    blocks = efa_blocks(rows)
    drafts: list[Draft] = []
    regressed = frozenset(roles.regressed)
    free = tuple(name for name in roles.latent if name not in roles.measured and name not in regressed)
    for left, right in combinations(free, 2):
        drafts.append(Draft(left, "~~", right, 0.0 if rules.orthogonal else NAN))
    ends = tuple(
        name
        for name in (*roles.latent, *roles.outcomes)
        if name in regressed and name not in roles.regressors and name not in roles.measured
    )
    for left, right in combinations(ends, 2):
        latent = left in roles.latent and right in roles.latent
        drafts.append(Draft(left, "~~", right, 0.0 if rules.orthogonal and latent else NAN))
    if blocks:
        return _efa_covariances(blocks, drafts, rules.orthogonal_rotation)
    return drafts


def _efa_covariances(blocks: Mapping[str, str], drafts: Sequence[Draft], orthogonal: bool) -> list[Draft]:
    """Factors of one exploratory block start out uncorrelated; the rotation sets their correlations.

    Those of different blocks are uncorrelated as well where the rotation is `orthogonal`, as in lavaan.
    """
    own = {frozenset((a, b)) for a in blocks for b in blocks if orthogonal or blocks[a] == blocks[b]}
    return [
        draft._replace(value=0.0) if frozenset((draft.lhs, draft.rhs)) in own else draft for draft in drafts
    ]


def _fixed(roles: Roles, rules: Rules) -> list[Draft]:
    """Variances and covariances of observed predictors that the text does not name."""
    names = roles.unnamed
    return [
        Draft(left, "~~", right, exogenous=rules.fixed_x)
        for place, left in enumerate(names)
        for right in names[place:]
    ]


def _scales(roles: Roles, ordered: Mapping[str, int]) -> list[Draft]:
    return [Draft(name, "~*~", name, 1.0) for name in roles.observed if name in ordered]


def _means(roles: Roles, rules: Rules, ordered: Mapping[str, int]) -> list[Draft]:
    drafts = []
    for name in roles.observed:
        exogenous = rules.fixed_x and name in roles.unnamed
        fixed = name in ordered or name in rules.between or not (rules.free_intercepts or exogenous)
        drafts.append(Draft(name, "~1", "", 0.0 if fixed else NAN, exogenous=exogenous))
    value = NAN if rules.free_means else 0.0
    drafts += [Draft(name, "~1", "", value) for name in roles.latent]
    return drafts
