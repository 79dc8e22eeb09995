"""A parameter table compiled into matrices: the form in which a model is estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ModelError
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.sem_layout import Block, layout
from research.numerics.standardize import Rows, rows_of
from research.numerics.starts import start_values

if TYPE_CHECKING:
    from research.model.table import Parameter, ParameterTable

_PATH, _COVARIANCE, _INTERCEPT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Compiled:
    """A model ready to be estimated.

    `blocks`: one a group (or a group and level); `rows`: the table rows of each block as cells, and
    `places` where those rows stand in the table. `starts`, `lower`, `upper`: (q,), the user's start
    values (NaN where there is none) and bounds. `observed`, `latent`: names of each block's variables;
    `predictors`: places of the exogenous ones, whether or not their moments are fixed. `keys`: group and
    level of each block. `names`: what a reader calls each free parameter.
    """

    table: ParameterTable
    blocks: tuple[Block, ...]
    rows: tuple[Rows, ...]
    places: tuple[Indices, ...]
    observed: tuple[tuple[str, ...], ...]
    latent: tuple[tuple[str, ...], ...]
    predictors: tuple[Indices, ...]
    keys: tuple[tuple[int, int], ...]
    starts: Vector
    lower: Vector
    upper: Vector
    names: tuple[str, ...]

    @property
    def n_parameters(self) -> int:
        """Free parameters, before equalities that are not by label."""
        return len(self.starts)

    def names_of(self, place: int) -> list[str]:
        """All variables of a block, observed ones first."""
        return [*self.observed[place], *self.latent[place]]

    def start(self, covs: Sequence[Matrix], means: Sequence[Vector]) -> Vector:
        """Start values from the sample moments of every block, the user's own on top, (q,)."""
        theta = np.zeros(self.n_parameters)
        for block, cov, mean in zip(self.blocks, covs, means, strict=True):
            theta[block.layout.parameter] = start_values(block, cov, mean)
        given = ~np.isnan(self.starts)
        theta[given] = self.starts[given]
        bounded = np.clip(theta, self.lower, self.upper)
        return np.asarray(bounded)

    def spread(self, by_block: Sequence[Vector]) -> Vector:
        """Values by row of each block → values by row of the table (NaN for rows of other kinds)."""
        if len(by_block) == 1 and len(by_block[0]) == len(self.table.parameters):
            return by_block[0]
        shape = by_block[0].shape[1:]
        out = np.full((len(self.table.parameters), *shape), np.nan)
        for place, values in zip(self.places, by_block, strict=True):
            out[place] = values
        return out


def compile_table(table: ParameterTable) -> Compiled:
    """Compile a table of continuous variables."""
    q = table.n_free
    by_block = _by_block(table)
    keys = tuple(sorted(by_block))
    several = len({level for _, level in keys}) > 1
    blocks, rows, places, observed, latent, predictors = [], [], [], [], [], []
    for key in keys:
        inside = [place for place in by_block[key] if table.parameters[place].op not in ("|", "~*~")]
        members = [table.parameters[place] for place in inside]
        names = _variables(table, members) if several else (table.observed, table.latent)
        block, cells = _block(table, members, names, q)
        blocks.append(block)
        rows.append(cells)
        places.append(np.array(inside, dtype=np.intp))
        observed.append(names[0])
        latent.append(names[1])
        predictors.append(_predictors(members, names[0]))
    return Compiled(
        table,
        tuple(blocks),
        tuple(rows),
        tuple(places),
        tuple(observed),
        tuple(latent),
        tuple(predictors),
        keys,
        *_of_parameters(table),
    )


def _of_parameters(table: ParameterTable) -> tuple[Vector, Vector, Vector, tuple[str, ...]]:
    """Start values and bounds of the user, and what a reader calls each free parameter, (q,) each."""
    q = table.n_free
    starts, lower, upper = [np.nan] * q, [-np.inf] * q, [np.inf] * q
    names = [""] * q
    for parameter in table.parameters:
        at = parameter.free - 1
        if at < 0:
            continue
        if parameter.start == parameter.start:
            starts[at] = parameter.start
        if parameter.lower > lower[at]:
            lower[at] = parameter.lower
        if parameter.upper < upper[at]:
            upper[at] = parameter.upper
        names[at] = names[at] or row_name(parameter, table.groups)
    return np.array(starts), np.array(lower), np.array(upper), tuple(names)


def _by_block(table: ParameterTable) -> dict[tuple[int, int], list[int]]:
    """Places in the table of the rows of each group and level."""
    heads = [parameter[3:5] for parameter in table.parameters]
    if len(set(heads)) == 1:
        return {heads[0]: list(range(len(heads)))}
    by_block: dict[tuple[int, int], list[int]] = {}
    for place, head in enumerate(heads):
        by_block.setdefault(head, []).append(place)
    return by_block


def row_name(parameter: Parameter, groups: Sequence[str] = ()) -> str:
    """What a reader calls a parameter: `f=~x1`, with the group where there are several."""
    name = f"{parameter.lhs}{parameter.op}{parameter.rhs}"
    return f"{name} ({groups[parameter.group - 1]})" if len(groups) > 1 else name


def _variables(
    table: ParameterTable, members: Sequence[Parameter]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The observed and latent variables that one level speaks of."""
    spoken = {name for parameter in members for name in (parameter.lhs, parameter.rhs)}
    return tuple(n for n in table.observed if n in spoken), tuple(n for n in table.latent if n in spoken)


def _predictors(members: Sequence[Parameter], observed: Sequence[str]) -> Indices:
    """Places of the observed variables that only predict and whose moments the text does not mention."""
    chosen = {parameter.rhs for parameter in members if parameter.op in ("~", "<~")}.intersection(observed)
    if not chosen:
        return np.zeros(0, dtype=np.intp)
    for parameter in members:
        if parameter.op == "=~":
            chosen.discard(parameter.rhs)
        elif parameter.op in ("~", "<~"):
            chosen.discard(parameter.lhs)
        elif parameter.user:
            chosen -= {parameter.lhs, parameter.rhs}
    return np.array([at for at, name in enumerate(observed) if name in chosen], dtype=np.intp)


def _block(
    table: ParameterTable,
    members: Sequence[Parameter],
    names: tuple[tuple[str, ...], tuple[str, ...]],
    q: int,
) -> tuple[Block, Rows]:
    observed, latent = names
    index = {name: place for place, name in enumerate((*observed, *latent))}
    n = len(index)
    rows = rows_of(*_cells(members, index), n)
    _refuse_doubles(members, rows, n)
    A, S, alpha = np.zeros((n, n)), np.zeros((n, n)), np.zeros(n)
    for parameter in members:
        if not parameter.free and parameter.value == parameter.value:
            _fix(parameter, index, A, S, alpha)
    is_free = rows.parameter >= 0
    free = [places[is_free[places]] for places, _ in rows.of_kind]
    pairs = np.array([rows.i, rows.j]).T
    compiled = layout(
        n_observed=len(observed),
        n_parameters=q,
        A=A,
        paths=pairs[free[_PATH]],
        covariances=pairs[free[_COVARIANCE]],
        intercepts=rows.i[free[_INTERCEPT]],
        parameter=rows.parameter[np.concatenate(free)],
    )
    exogenous = sorted(index[p.lhs] for p in members if p.exogenous and p.op == "~~" and p.lhs == p.rhs)
    return Block(compiled, A, S, alpha, np.array(exogenous, dtype=np.intp), table.meanstructure), rows


def _fix(parameter: Parameter, index: Mapping[str, int], A: Matrix, S: Matrix, alpha: Vector) -> None:
    """Put the value of a fixed parameter where it belongs."""
    op, value, one, other = parameter.op, parameter.value, index[parameter.lhs], index.get(parameter.rhs, 0)
    if op == "=~":
        A[other, one] = value
    elif op == "~1":
        alpha[one] = value
    elif op == "~~":
        S[one, other] = S[other, one] = value
    else:
        A[one, other] = value


def _refuse_doubles(members: Sequence[Parameter], rows: Rows, n: int) -> None:
    """Refuse a cell that two rows stand in."""
    for kind, (places, cells) in enumerate(rows.of_kind):
        if kind == _COVARIANCE:
            i, j = rows.i[places], rows.j[places]
            cells = np.maximum(i, j) * n + np.minimum(i, j)
        listed = cells.tolist()
        if len(set(listed)) < len(listed):
            at = next(at for at, cell in enumerate(listed) if cell in listed[:at])
            raise ModelError(f"'{row_name(members[places[at]])}' is in the model twice; keep one")


def _cells(
    members: Sequence[Parameter], index: Mapping[str, int]
) -> tuple[Indices, Indices, Indices, Indices]:
    """Kind, outcome, predictor and place in the parameter vector (-1 if fixed) of each row."""
    found: list[int] = []
    for parameter in members:
        op, lhs = parameter.op, index[parameter.lhs]
        if op == "=~":
            found += (_PATH, index[parameter.rhs], lhs, parameter.free - 1)
        elif op == "~1":
            found += (_INTERCEPT, lhs, lhs, parameter.free - 1)
        else:
            kind = _COVARIANCE if op == "~~" else _PATH
            found += (kind, lhs, index[parameter.rhs], parameter.free - 1)
    kind_of, i, j, place = np.array(found, dtype=np.intp).reshape(-1, 4).T
    return kind_of, i, j, place
