"""Ceilings over a cloud of points: how much of its upper left corner is empty.

Dul (2016, Organizational Research Methods 19, 10-52): the free disposal hull (CE-FDH), and the least squares
line through its corners (CR-FDH). Everything is for many outcomes y over one x at once, so that
permutations are one array.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Mask, Matrix, Vector


@dataclass(frozen=True, slots=True)
class Scope:
    """The rectangle in which points could lie."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float

    @property
    def area(self) -> float:
        """Width times height."""
        return (self.x_high - self.x_low) * (self.y_high - self.y_low)


@dataclass(frozen=True, slots=True)
class Hull:
    """The steps over the distinct values x (u,): `top` (b, u), the largest y at or left of each.

    `corners` (b, u): where the hull steps up; the first value is always a corner.
    """

    x: Vector
    top: Matrix
    corners: Mask


def hull(x: Vector, y: Matrix) -> Hull:
    """The free disposal hull of x (n,) with each row of y (b, n)."""
    order = np.argsort(x, kind="stable")
    values, starts = np.unique(x[order], return_index=True)
    top = np.maximum.accumulate(np.maximum.reduceat(y[:, order], starts, axis=1), axis=1)
    corners = np.ones_like(top, dtype=np.bool_)
    corners[:, 1:] = top[:, 1:] > top[:, :-1]
    return Hull(values, top, corners)


def area_above_hull(found: Hull, scope: Scope) -> Vector:
    """The empty area above the steps, shape (b,)."""
    widths = np.diff(np.append(found.x, scope.x_high))
    inside = (scope.y_high - found.top) @ widths
    return np.asarray(inside + (found.x[0] - scope.x_low) * (scope.y_high - scope.y_low))


def regression_ceiling(found: Hull) -> tuple[Vector, Vector]:
    """Intercept and slope of the line through the corners, each (b,); NaN where there is one corner only."""
    weight = found.corners.astype(np.float64)
    n = weight.sum(axis=1)
    x = found.x - found.x.mean()
    mean_x, mean_y = weight @ x / n, (weight * found.top).sum(axis=1) / n
    spread = weight @ (x * x) - n * mean_x**2
    product = (weight * found.top) @ x - n * mean_x * mean_y
    slope = np.where(n > 1, product / np.where(n > 1, spread, 1.0), np.nan)
    return mean_y - slope * (mean_x + found.x.mean()), slope


def area_above_line(intercept: Vector, slope: Vector, scope: Scope) -> Vector:
    """The area between the line and the top of the scope, shape (b,); 0 where the line does not rise.

    The integral of y_high - line over x, the line kept within the scope; (y - a - bx)_+ has the
    antiderivative -(y - a - bx)_+^2 / 2b.
    """
    rises = slope > 0
    b = np.where(rises, slope, 1.0)

    def below(level: float) -> Vector:
        at_low = np.maximum(level - intercept - b * scope.x_low, 0.0)
        at_high = np.maximum(level - intercept - b * scope.x_high, 0.0)
        return np.asarray((at_low**2 - at_high**2) / (2.0 * b))

    return np.asarray(np.where(rises, below(scope.y_high) - below(scope.y_low), 0.0))
