"""Parameters that a model leaves out and that modification indices ask about."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from research.model.table import Parameter

if TYPE_CHECKING:
    from research.model.table import Operator, ParameterTable

Key = tuple[str, str, str]


def candidates(table: ParameterTable) -> tuple[Parameter, ...]:
    """Fixed rows of the table, then what could be added to each group, in lavaan's order; all not yet free.

    Could be added: loadings of every factor on the variables that stand in no regression; covariances of
    indicators; covariances of latent variables; and, where there are regressions, every regression among
    the variables in them. `value` is the value that a row is fixed at, 0 for a row that is added.
    """
    fixed = tuple(p for p in table.parameters if not p.free and not p.exogenous)
    added = []
    for group, level in sorted({(p.group, p.level) for p in table.parameters}):
        rows = [p for p in table.parameters if (p.group, p.level) == (group, level)]
        have = {_key(p.lhs, p.op, p.rhs) for p in rows}
        for lhs, op, rhs in _missing(table, rows):
            if _key(lhs, op, rhs) not in have:
                have.add(_key(lhs, op, rhs))
                added.append(Parameter(lhs, op, rhs, group, level, value=0.0, user=False))
    return (*fixed, *added)


def with_free(table: ParameterTable, extra: Sequence[Parameter]) -> ParameterTable:
    """The table with `extra` (fixed rows of its own, or new ones) as further free parameters, in order."""
    place = {_place(p): table.n_free + number for number, p in enumerate(extra, start=1)}
    kept = []
    for p in table.parameters:
        number = place.pop(_place(p), 0) if not p.free else 0
        kept.append(p._replace(free=number, value=math.nan, label="") if number else p)
    new = [p._replace(free=place[_place(p)], value=math.nan) for p in extra if _place(p) in place]
    return replace(table, parameters=(*kept, *new))


def _missing(table: ParameterTable, rows: Sequence[Parameter]) -> Iterator[tuple[str, Operator, str]]:
    latent = [name for name in table.latent if any(name in (p.lhs, p.rhs) for p in rows)]
    present = {name for p in rows for name in (p.lhs, p.rhs)}
    observed = [name for name in table.observed if name in present]
    measured = {p.rhs for p in rows if p.op == "=~"}
    composed = [p.rhs for p in rows if p.op == "<~"]
    regressed = _in_order(
        [p.lhs for p in rows if p.op == "~"], [p.rhs for p in rows if p.op == "~"], composed
    )
    for factor in latent:
        for name in observed:
            if name not in regressed:
                yield factor, "=~", name
    for left, right in combinations([name for name in observed if name in measured], 2):
        yield left, "~~", right
    for left, right in combinations(latent, 2):
        yield left, "~~", right
    for outcome in regressed:
        for predictor in regressed:
            if outcome != predictor:
                yield outcome, "~", predictor


def _in_order(*lists: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for names in lists for name in names))


def _key(lhs: str, op: str, rhs: str) -> Key:
    """The cell of a row: `f =~ x` is the path `x ~ f`."""
    if op == "=~":
        return rhs, "~", lhs
    if op == "<~":
        return lhs, "~", rhs
    return (rhs, op, lhs) if op == "~~" and lhs > rhs else (lhs, op, rhs)


def _place(p: Parameter) -> tuple[str, str, str, int, int]:
    return *_key(p.lhs, p.op, p.rhs), p.group, p.level
