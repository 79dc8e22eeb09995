"""Polychoric correlations of all pairs of ordered items at once, by maximum likelihood given the thresholds.

Olsson (1979), Psychometrika 44, 443-460; the two-step estimator. A pair of two-category items gives the
tetrachoric correlation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Stack, Vector
from research.numerics.bivariate_normal import (
    FAR,
    bivariate_density,
    density_slope,
    grid_cdf,
    normal_density,
    rectangles,
)
from research.numerics.chi_square import normal_cdf

TOLERANCE = 1e-7  # size of a Newton step; the error left is of the order of its square
EDGE = 0.9999  # a correlation as large has no maximum inside (-1, 1)
MAX_STEPS = 60
TINY = 1e-14  # probabilities below it are the rounding error of differences


@dataclass(frozen=True, slots=True)
class PairCorrelations:
    """Correlations `rho` (m,) of m pairs and, at them, the cells' probabilities and slopes, (m, r, c).

    `at_edge`: pairs whose likelihood rises up to |rho| = 1; `n_steps`: evaluations of the slowest pair.
    """

    rho: Vector
    probability: Stack
    slope: Stack
    at_edge: Mask
    n_steps: int


def polychoric(tables: Stack, rows: Matrix, columns: Matrix) -> PairCorrelations:
    """Maximise sum n_ab log pi_ab(rho) for each table.

    tables: counts (m, r, c); rows (m, r - 1) and columns (m, c - 1): thresholds, infinite where an item has
    fewer categories. Newton's method, with Fisher's information where the likelihood is not concave.
    """
    rho = np.clip(_start(tables, rows, columns), -0.9, 0.9)
    probability, slope = np.empty_like(tables), np.empty_like(tables)
    left, n_steps = np.arange(len(rho)), 0
    last = np.full(len(rho), np.inf)
    while len(left) and n_steps < MAX_STEPS:
        n_steps += 1
        n, tau, ups, r = tables[left], rows[left], columns[left], rho[left]
        pi, by_rho, twice = cells(tau, ups, r)
        probability[left], slope[left] = pi, by_rho
        safe = np.maximum(pi, TINY)
        ratio = by_rho / safe
        score = (n * ratio).sum(axis=(1, 2))
        observed = (n * (ratio * ratio - twice / safe)).sum(axis=(1, 2))
        expected = n.sum(axis=(1, 2)) * (by_rho * ratio).sum(axis=(1, 2))
        concave = observed > 0.1 * expected
        step = score / np.where(concave, observed, np.maximum(expected, TINY))
        step = np.clip(step, -np.abs(last[left]), np.abs(last[left]))  # no step exceeds the one before
        new = r + step
        new = np.where(np.abs(new) < 1.0, new, 0.5 * (r + np.sign(new)))
        rho[left], last[left] = new, np.maximum(np.abs(step), TOLERANCE)
        done = (np.abs(step) < TOLERANCE) | (np.abs(new) > EDGE)
        left = left[~done]
    return PairCorrelations(rho, probability, slope, np.abs(rho) > EDGE, n_steps)


def cells(rows: Matrix, columns: Matrix, rho: Vector) -> tuple[Stack, Stack, Stack]:
    """Probabilities of the cells and their first two derivatives by rho, (m, r, c) each."""
    h, k, r = rows[:, :, None], columns[:, None, :], rho[:, None, None]
    m, n_rows, n_columns = len(rho), rows.shape[1] + 2, columns.shape[1] + 2
    corners = np.zeros((3, m, n_rows, n_columns))
    inner = (slice(None), slice(1, -1), slice(1, -1))
    corners[0][inner] = grid_cdf(rows, columns, rho)
    corners[1][inner] = density = bivariate_density(h, k, r)
    corners[2][inner] = density_slope(h, k, r, density)
    corners[0, :, 1:-1, -1] = normal_cdf(rows)
    corners[0, :, -1, 1:-1] = normal_cdf(columns)
    corners[0, :, -1, -1] = 1.0
    pi, first, second = rectangles(corners)
    return pi, first, second


def without_empty_corner(tables: Stack) -> tuple[Stack, Mask]:
    """2 x 2 tables with one empty cell: half a case in it, margins kept; and which tables those are.

    An empty cell of a 2 x 2 table puts the maximum at |rho| = 1. Two empty cells are left as they are.
    """
    if tables.shape[1:] != (2, 2):
        return tables, np.zeros(len(tables), dtype=bool)
    empty = tables == 0
    changed = empty.sum(axis=(1, 2)) == 1
    main = changed & (empty[:, 0, 0] | empty[:, 1, 1])
    half = np.where(main, 0.5, -0.5)[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return np.asarray(tables + np.where(changed[:, None, None], half, 0.0)), changed


def pair_places(p: int) -> tuple[Indices, Indices]:
    """First and second item of every pair, the lower triangle of a matrix column by column."""
    first, second = np.triu_indices(p, 1)
    return first, second


def correlation_matrix(rho: Vector, p: int) -> Matrix:
    """Ones on the diagonal and the correlations of the pairs beside it, (p, p)."""
    R = np.eye(p)
    first, second = pair_places(p)
    R[first, second] = R[second, first] = rho
    return R


def _start(tables: Stack, rows: Matrix, columns: Matrix) -> Vector:
    """Product-moment correlation of the categories' normal means, divided by what categories lose of it.

    The mean of z between two thresholds is (phi(lower) - phi(upper))/share; its standard deviation is the
    correlation of the category with z.
    """
    n = tables.sum(axis=(1, 2))
    x, y = (_normal_means(tables.sum(axis=axis), bounds) for axis, bounds in ((2, rows), (1, columns)))
    xx = (tables.sum(axis=2) * x * x).sum(axis=1) / n
    yy = (tables.sum(axis=1) * y * y).sum(axis=1) / n
    xy = ((tables * y[:, None, :]).sum(axis=2) * x).sum(axis=1) / n
    return np.asarray(xy / np.maximum(xx * yy, TINY))


def _normal_means(counts: Matrix, bounds: Matrix) -> Matrix:
    density = np.zeros((len(bounds), bounds.shape[1] + 2))
    density[:, 1:-1] = normal_density(np.clip(bounds, -FAR, FAR))
    shares = counts / counts.sum(axis=1, keepdims=True)
    return np.asarray((density[:, :-1] - density[:, 1:]) / np.where(shares > 0, shares, 1.0))
