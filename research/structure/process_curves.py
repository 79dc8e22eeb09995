"""Predicted values along a moderated path: the lines of a moderation plot."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ModelError
from research.numerics.arrays import Matrix, Vector
from research.structure.process_effects import moderators_of
from research.structure.process_frames import moderated_steps
from research.structure.process_probes import Probe, Probes, joint_label
from research.structure.process_system import Equation, System
from research.structure.regression import critical_value

if TYPE_CHECKING:
    import pandas as pd


def prediction_frame(
    system: System, probes: Probes, level: float, outcome: str | None, source: str | None, points: int
) -> pd.DataFrame:
    """`outcome source value at estimate se low high at_<moderator>`; see `Process.predictions`."""
    import pandas as pd

    name, target = _chosen(system, outcome, source)
    variable = system.variables[name]
    equation = system.equation(target)
    by = moderators_of(system, variable.columns[0], target)
    names = [other for other in probes if other in by]
    if variable.coding is not None:
        grid, shown = variable.coding, list(variable.levels)
    else:
        ends = variable.distinct
        line = ends if variable.is_dichotomous else np.linspace(ends[0], ends[-1], points)
        grid, shown = line[:, None], line.tolist()
    parts = []
    for chosen in product(*(probes[other] for other in names)):
        at: Mapping[str, Probe] = dict(zip(names, chosen, strict=True))
        point = {column: value for probe in chosen for column, value in probe.columns.items()}
        rows = np.array(
            [
                _row(system, equation, point | dict(zip(variable.columns, place, strict=True)))
                for place in grid.tolist()
            ]
        )
        estimate, se = _predicted(equation, rows)
        reach = critical_value(level, equation.estimates.df) * se
        curves = np.array([estimate, estimate - reach, estimate + reach])
        if equation.family == "logit":
            curves = 1.0 / (1.0 + np.exp(-curves))
            se = se * curves[0] * (1.0 - curves[0])
        frame = pd.DataFrame({"outcome": target, "source": name, "value": shown, "at": joint_label(at)})
        frame = frame.assign(estimate=curves[0], se=se, low=curves[1], high=curves[2])
        for other, probe in at.items():
            frame[f"at_{other}"] = probe.label if system.variables[other].is_coded else probe.value
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def _chosen(system: System, outcome: str | None, source: str | None) -> tuple[str, str]:
    """The variable and the outcome of the path to draw."""
    steps = list(dict.fromkeys((system.home(column), target) for column, target in moderated_steps(system)))
    if not steps:
        raise ModelError("no path of this model is moderated; there are no simple slopes to draw.")
    for name, target in steps:
        if outcome in (None, target) and source in (None, name):
            return name, target
    listed = ", ".join(f"{name} -> {target}" for name, target in steps)
    raise ModelError(
        f"the path {source or '…'} -> {outcome or '…'} is not moderated; moderated are {listed}."
    )


def _row(system: System, equation: Equation, point: Mapping[str, float]) -> list[float]:
    """A row of the design: columns at the point, all others at their means."""
    return [
        float(np.prod([point[part] if part in point else _mean(system, part) for part in parts]))
        for parts in equation.factors
    ]


def _mean(system: System, column: str) -> float:
    variable = system.variables[system.home(column)]
    return float(variable.values[:, variable.columns.index(column)].mean())


def _predicted(equation: Equation, rows: Matrix) -> tuple[Vector, Vector]:
    found = equation.estimates
    variance = np.einsum("ij,jk,ik->i", rows, found.covariance, rows)
    return rows @ found.coefficients, np.sqrt(np.clip(variance, 0.0, None))
