"""A parameter table compiled into matrices: the form in which a model is estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ModelError
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.sem_layout import Block, layout
from research.numerics.standardize import Rows
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
        shape = by_block[0].shape[1:]
        out = np.full((len(self.table.parameters), *shape), np.nan)
        for place, values in zip(self.places, by_block, strict=True):
            out[place] = values
        return out


def compile_table(table: ParameterTable) -> Compiled:
    """Compile a table of continuous variables."""
    q = table.n_free
    by_block: dict[tuple[int, int], list[int]] = {}
    for place, parameter in enumerate(table.parameters):
        by_block.setdefault((parameter.group, parameter.level), []).append(place)
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
    starts, lower, upper = np.full(q, np.nan), np.full(q, -np.inf), np.full(q, np.inf)
    labels = [""] * q
    for parameter in table.parameters:
        if not parameter.free:
            continue
        at = parameter.free - 1
        if parameter.start == parameter.start:
            starts[at] = parameter.start
        lower[at] = max(lower[at], parameter.lower)
        upper[at] = min(upper[at], parameter.upper)
        labels[at] = labels[at] or row_name(parameter, table.groups)
    return Compiled(
        table,
        tuple(blocks),
        tuple(rows),
        tuple(places),
        tuple(observed),
        tuple(latent),
        tuple(predictors),
        keys,
        starts,
        lower,
        upper,
        tuple(labels),
    )


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
    dependent: set[str] = set()
    predicting: set[str] = set()
    mentioned: set[str] = set()
    for parameter in members:
        if parameter.op == "=~":
            dependent.add(parameter.rhs)
        elif parameter.op in ("~", "<~"):
            dependent.add(parameter.lhs)
            predicting.add(parameter.rhs)
        elif parameter.user:
            mentioned.update((parameter.lhs, parameter.rhs))
    chosen = predicting - dependent - mentioned
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
    A, S, alpha = np.zeros((n, n)), np.zeros((n, n)), np.zeros(n)
    kinds, left, right, free = _cells(members, index)
    seen: dict[tuple[int, int, int], Parameter] = {}
    for kind, i, j, parameter in zip(kinds, left, right, members, strict=True):
        key = (kind, min(i, j), max(i, j)) if kind == _COVARIANCE else (kind, i, j)
        if key in seen:
            raise ModelError(f"'{row_name(parameter)}' is in the model twice; keep one")
        seen[key] = parameter
        if parameter.free or parameter.value != parameter.value:
            continue
        if kind == _PATH:
            A[i, j] = parameter.value
        elif kind == _COVARIANCE:
            S[i, j] = S[j, i] = parameter.value
        else:
            alpha[i] = parameter.value
    order = [[at for at, k in enumerate(kinds) if k == kind and free[at] >= 0] for kind in range(3)]
    exogenous = sorted({i for i, j, p in zip(left, right, members, strict=True) if p.exogenous and i == j})
    compiled = layout(
        n_observed=len(observed),
        n_parameters=q,
        A=A,
        paths=np.array([(left[at], right[at]) for at in order[0]], dtype=np.intp).reshape(-1, 2),
        covariances=np.array([(left[at], right[at]) for at in order[1]], dtype=np.intp).reshape(-1, 2),
        intercepts=np.array([left[at] for at in order[2]], dtype=np.intp),
        parameter=np.array([free[at] for at in [*order[0], *order[1], *order[2]]], dtype=np.intp),
    )
    block = Block(compiled, A, S, alpha, np.array(exogenous, dtype=np.intp), table.meanstructure)
    as_array = (np.array(each, dtype=np.intp) for each in (kinds, left, right, free))
    return block, Rows(*as_array)


def _cells(
    members: Sequence[Parameter], index: Mapping[str, int]
) -> tuple[list[int], list[int], list[int], list[int]]:
    """Kind, outcome, predictor and place in the parameter vector (-1 if fixed) of each row."""
    kinds, left, right, free = [], [], [], []
    for parameter in members:
        lhs = index[parameter.lhs]
        if parameter.op == "~1":
            kinds.append(_INTERCEPT)
            left.append(lhs)
            right.append(lhs)
        else:
            rhs = index[parameter.rhs]
            turned = parameter.op == "=~"
            kinds.append(_COVARIANCE if parameter.op == "~~" else _PATH)
            left.append(rhs if turned else lhs)
            right.append(lhs if turned else rhs)
        free.append(parameter.free - 1)
    return kinds, left, right, free
