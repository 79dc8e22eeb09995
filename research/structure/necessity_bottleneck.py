"""The bottleneck table: which level of every condition a level of the outcome asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError
from research.numerics.arrays import Vector
from research.structure.necessity_bounds import Bound, Ceiling, Corner, Unit, signs

if TYPE_CHECKING:
    import pandas as pd


def bottleneck_frame(
    bounds: Mapping[str, Bound],
    outcome: str,
    corner: Corner,
    ceiling: Ceiling,
    steps: int | Sequence[float],
    unit: Unit,
) -> pd.DataFrame:
    """`level`, the outcome's percent of range, its actual value, and a column a condition."""
    import pandas as pd

    percent = _levels(steps)
    flip_x, flip_y = signs(corner)
    first = next(iter(bounds.values())).scope
    levels = first.y_low + percent / 100 * (first.y_high - first.y_low)
    columns = {"percent": percent, outcome: flip_y * levels}
    for name, bound in bounds.items():
        needed = np.array([_needed(bound, float(level), ceiling) for level in levels])
        columns[name] = _in_unit(needed, bound, unit, flip_x)
    return pd.DataFrame(columns)


def _levels(steps: int | Sequence[float]) -> Vector:
    if isinstance(steps, int):
        if steps < 1:
            raise OptionError(f"steps={steps}; the outcome's range is divided into at least one step.")
        return np.linspace(0.0, 100.0, steps + 1)
    percent = np.asarray(list(steps), dtype=np.float64)
    if not percent.size or not ((percent >= 0) & (percent <= 100)).all():
        raise OptionError("steps are percentages of the outcome's range, from 0 to 100.")
    return percent


def _needed(bound: Bound, level: float, ceiling: str) -> float:
    """The smallest x at which the ceiling reaches the level; NaN where the lowest x does already.

    Above the highest point of the hull (a scope wider than the data), all of the range is asked for.
    """
    scope = bound.scope
    slack = 1e-9 * (scope.y_high - scope.y_low)
    if ceiling == "cr_fdh":
        if not bound.slope > 0:
            return np.nan
        x = (level - bound.intercept) / bound.slope
        return np.nan if x <= scope.x_low else min(x, scope.x_high)
    if level <= scope.y_low + slack:
        return np.nan
    reached = bound.found.top[0] >= level - slack
    x = float(bound.found.x[np.argmax(reached)]) if reached.any() else scope.x_high
    return np.nan if x <= scope.x_low else x


def _in_unit(needed: Vector, bound: Bound, unit: str, flip_x: float) -> Vector:
    scope = bound.scope
    if unit == "actual":
        return np.asarray(flip_x * needed)
    if unit == "percent_range":
        return np.asarray(100 * (needed - scope.x_low) / (scope.x_high - scope.x_low))
    ordered = np.sort(bound.x)
    below = np.searchsorted(ordered, needed - 1e-9 * (scope.x_high - scope.x_low)) / len(ordered)
    return np.asarray(np.where(np.isnan(needed), np.nan, 100 * below))
