"""A parameter table with thresholds, compiled: where thresholds, scales and derived variances stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from research.errors import ModelError
from research.estimation.compiled import Compiled, compile_table
from research.estimation.ordinal_sample import OrdinalGroup
from research.model.table import Parameter, ParameterTable
from research.numerics.arrays import Indices, Vector
from research.numerics.ordinal_moments import OrdinalBlock


@dataclass(frozen=True, slots=True)
class OrdinalModel:
    """`compiled`: the table with the derived residual variances as further parameters behind the q free ones.

    `thresholds`, `scales`: by block, the rows of the table that these are, in the order of the block's own.
    """

    compiled: Compiled
    blocks: tuple[OrdinalBlock, ...]
    thresholds: tuple[Indices, ...]
    scales: tuple[Indices, ...]
    n_parameters: int

    def start(self, groups: Sequence[OrdinalGroup], first: Vector) -> Vector:
        """Start values (q,): `first` of the cells (q + d,), sample thresholds, and scales of one."""
        theta = first[: self.n_parameters].copy()
        given = self.compiled.starts[: self.n_parameters]
        for of, group in zip(self.blocks, groups, strict=True):
            free = of.threshold >= 0
            theta[of.threshold[free]] = group.thresholds[free]
            theta[of.scale[of.scale >= 0]] = 1.0
        return np.where(np.isnan(given), theta, given)


def ordinal_model(table: ParameterTable, ordered: Sequence[str], parameterization: str) -> OrdinalModel:
    """Compile a table whose variables `ordered` have thresholds."""
    q = table.n_free
    derived: dict[tuple[int, str], int] = {}
    rows: list[Parameter] = []
    for row in table.parameters:
        if parameterization == "delta" and row.op == "~~" and row.lhs == row.rhs and row.lhs in ordered:
            if row.user:
                raise ModelError(
                    f"'{row.lhs} ~~ {row.lhs}' cannot be set in the delta parameterization, where it follows "
                    "from the variance of one; use parameterization='theta'"
                )
            derived[row.group, row.lhs] = q + len(derived)
            row = row._replace(free=q + len(derived), value=float("nan"))
        rows.append(row)
    compiled = compile_table(replace(table, parameters=tuple(rows)))
    blocks, thresholds, scales = [], [], []
    for block, (group, _), names in zip(compiled.blocks, compiled.keys, compiled.observed, strict=True):
        places = np.array([at for at, name in enumerate(names) if name in ordered], dtype=np.intp)
        cuts: dict[str, dict[str, int]] = {}
        scaled: dict[str, int] = {}
        for at, p in enumerate(table.parameters):
            if p.group == group and p.op == "|":
                cuts.setdefault(p.lhs, {})[p.rhs] = at
            elif p.group == group and p.op == "~*~":
                scaled[p.lhs] = at
        tau = [own[f"t{k}"] for at in places for own in (cuts[names[at]],) for k in range(1, 1 + len(own))]
        scale = [scaled[names[at]] for at in places]
        index = {name: at for at, name in enumerate(names)}
        tau_rows, scale_rows = ([table.parameters[at] for at in each] for each in (tau, scale))
        residual = [derived[group, names[at]] for at in places if (group, names[at]) in derived]
        if residual and len(residual) < len(places):
            raise ModelError(
                "an ordered variable has no residual variance; give every ordered one an equation"
            )
        blocks.append(
            OrdinalBlock(
                block=block,
                n_parameters=q,
                y=np.setdiff1d(np.arange(len(names)), block.exogenous),
                ordered=places,
                item=np.array([index[p.lhs] for p in tau_rows], dtype=np.intp),
                threshold=np.array([p.free - 1 for p in tau_rows], dtype=np.intp),
                threshold_value=np.array([p.value for p in tau_rows]),
                scale=np.array([p.free - 1 for p in scale_rows], dtype=np.intp),
                scale_value=np.array([p.value for p in scale_rows]),
                residual=np.array(residual, dtype=np.intp),
            )
        )
        thresholds.append(np.array(tau, dtype=np.intp))
        scales.append(np.array(scale, dtype=np.intp))
    return OrdinalModel(compiled, tuple(blocks), tuple(thresholds), tuple(scales), q)
