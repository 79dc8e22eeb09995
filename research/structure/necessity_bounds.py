"""The ceiling over one condition: its hull, its line, and what they leave empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.ceiling import (
    Hull,
    Scope,
    area_above_hull,
    area_above_line,
    hull,
    regression_ceiling,
)

Ceiling = Literal["ce_fdh", "cr_fdh"]
Corner = Literal["upper_left", "upper_right", "lower_left", "lower_right"]
Unit = Literal["percent_range", "actual", "percentile"]


@dataclass(frozen=True, slots=True)
class Bound:
    """The ceiling over one condition, in the coordinates where the upper left corner is empty."""

    x: Vector
    y: Vector
    scope: Scope
    found: Hull
    intercept: float
    slope: float


def bound_of(x: Vector, y: Vector, scope: Scope) -> Bound:
    """The ceilings over y (n,) along x (n,)."""
    found = hull(x, y[None])
    intercept, slope = regression_ceiling(found)
    return Bound(x, y, scope, found, float(intercept[0]), float(slope[0]))


def signs(corner: Corner) -> tuple[int, int]:
    """What x and y are multiplied by to bring the empty corner to the upper left."""
    return -1 if corner.endswith("right") else 1, -1 if corner.startswith("lower") else 1


def effect_size(scope: Scope, found: Hull) -> Matrix:
    """d of both ceilings, shape (b, 2)."""
    line = area_above_line(*regression_ceiling(found), scope)
    return np.column_stack([area_above_hull(found, scope), line]) / scope.area


def inefficiencies(bound: Bound, line: bool) -> tuple[float, float]:
    """The share of x beyond which it limits nothing, and of y below which nothing is asked."""
    scope = bound.scope
    width, height = scope.x_high - scope.x_low, scope.y_high - scope.y_low
    if not line:
        top = bound.found.top[0]
        reached = float(bound.found.x[np.argmax(top)])
        base = scope.y_low if bound.found.x[0] > scope.x_low else float(top[0])
        return (scope.x_high - reached) / width, (base - scope.y_low) / height
    if not bound.slope > 0:
        return float("nan"), float("nan")
    reached = float(np.clip((scope.y_high - bound.intercept) / bound.slope, scope.x_low, scope.x_high))
    base = float(np.clip(bound.intercept + bound.slope * scope.x_low, scope.y_low, scope.y_high))
    return (scope.x_high - reached) / width, (base - scope.y_low) / height
