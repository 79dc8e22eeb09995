"""Standardized parameters and the derivatives of all table rows, for standard errors by the delta method."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.cell_pairs import flat
from research.numerics.implied import Implied
from research.numerics.sem_layout import Block

Kind = Literal["lv", "all"]


class Rows(NamedTuple):
    """The cells that the rows of the table stand in, within one block of n variables.

    `kind`: 0 path, 1 covariance, 2 intercept; `i`, `j`: outcome and predictor (j = i for an intercept);
    `parameter`: place in the parameter vector or -1 where the cell is fixed. All have shape (r,).
    `of_kind`: the rows of each kind, and their places in A, S (both flat) or alpha; `place`: those of all
    rows in A, S and alpha, one after the other.
    `scale` (3, r): a standardized value is b s_0 / (s_1 s_2), with the places of the three among one, the n
    total and the n residual standard deviations: sd_j / sd_i for a path, 1 / sd_i for an intercept,
    1 / sd_i^2 for a variance, and for a covariance one over both residual standard deviations.
    """

    kind: Indices
    i: Indices
    j: Indices
    parameter: Indices
    of_kind: tuple[tuple[Indices, Indices], ...]
    place: Indices
    scale: Indices


def rows_of(kind: Indices, i: Indices, j: Indices, parameter: Indices, n: int) -> Rows:
    """`Rows` of a block with n variables."""
    places = [(kind == number).nonzero()[0] for number in range(3)]
    path, second, intercept = places
    cells = (i[path] * n + j[path], i[second] * n + j[second], i[intercept])
    scale = np.zeros((3, len(kind)), dtype=np.intp)
    scale[1] = 1 + i
    scale[0, path] = 1 + j[path]
    residual = np.where(i == j, 1, 1 + n)[second]
    scale[1, second], scale[2, second] = residual + i[second], residual + j[second]
    place = (kind * n + i) * n + j
    place[intercept] -= n * i[intercept]
    return Rows(kind, i, j, parameter, tuple(zip(places, cells, strict=True)), place, scale)


class Metric(NamedTuple):
    """The rows in every metric, (..., r) each.

    `values`: as they are; `in_lv`: with the scale of observed variables as it is; `in_all`: completely
    standardized, which is `values` times `by_all`.
    """

    values: Vector
    in_lv: Vector
    in_all: Vector
    by_all: Vector


def metric_of(rows: Rows, block: Block, at: Implied) -> Metric:
    """The values of the rows in all metrics."""
    scales, values = _scales(block, at), row_values(rows, at)
    with np.errstate(divide="ignore", invalid="ignore"):  # a variance may be fixed at zero
        by_lv, by_all = _ratios(rows, _observed_as_they_are(block, scales)), _ratios(rows, scales)
        return Metric(values, values * by_lv, values * by_all, by_all)


def row_values(rows: Rows, at: Implied) -> Vector:
    """Unstandardized values of the rows, (..., r)."""
    if at.A.ndim == 2:
        return np.asarray(np.concatenate((at.A.reshape(-1), at.S.reshape(-1), at.alpha))[rows.place])
    values: Vector = np.empty((*at.alpha.shape[:-1], len(rows.kind)))
    for (places, cells), matrix in zip(rows.of_kind, (flat(at.A), flat(at.S), at.alpha), strict=True):
        values[..., places] = matrix.take(cells, axis=-1)
    return values


def standardized(rows: Rows, block: Block, at: Implied, kind: Kind) -> Vector:
    """Standardized values of the rows, (..., r).

    Path: b sd_j / sd_i. Intercept: a / sd_i. Variance: s / var_i. Covariance: s / sqrt(|s_ii s_jj|) with the
    (residual) variances of both. "lv" leaves the scale of observed variables as it is.
    """
    return standardized_by(rows, block, at, row_values(rows, at), kind)


def standardized_by(rows: Rows, block: Block, at: Implied, values: Vector, kind: Kind = "all") -> Vector:
    """Any `values` (..., r) of the rows in the standardized metric of the solution."""
    with np.errstate(divide="ignore", invalid="ignore"):  # a variance may be fixed at zero
        return np.asarray(values * _factors(rows, block, at, kind))


def standardized_change(rows: Rows, block: Block, at: Implied, change: Vector) -> Vector:
    """Changes (r,) of the rows in the metric of the solution, as lavaan prints them (`sepc.all`).

    Of a variance it is the standardized value at which it is held, with the sign of the change.
    """
    variance = (rows.kind == 1) & (rows.i == rows.j)
    held = np.sign(change) * row_values(rows, at)
    return standardized_by(rows, block, at, np.where(variance, held, change))


def standardized_jacobian(
    rows: Rows, block: Block, at: Implied, n_parameters: int, metric: Metric | None = None
) -> Matrix:
    """d(completely standardized rows)/dtheta, shape (r, q).

    Of b f with f = s_0 / (s_1 s_2): f db + b f (dlog s_0 - dlog s_1 - dlog s_2). `metric`: that of the rows,
    where it is known already.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        metric = metric or metric_of(rows, block, at)
        slopes = _log_scale_jacobian(block, at, n_parameters)
        out: Matrix
        out, left, right = (slopes.take(places, axis=0) for places in rows.scale)
        out -= left
        out -= right
        out *= metric.in_all[:, None]
        free = (rows.parameter >= 0).nonzero()[0]
        out[free, rows.parameter[free]] += metric.by_all[free]
    return out


def row_jacobian(rows: Rows, n_parameters: int) -> Matrix:
    """d(rows)/dtheta: one where a row is the parameter, shape (r, q)."""
    own = np.zeros((len(rows.i), n_parameters))
    free = (rows.parameter >= 0).nonzero()[0]
    own[free, rows.parameter[free]] = 1.0
    return own


def _factors(rows: Rows, block: Block, at: Implied, kind: Kind) -> Vector:
    """What turns a value into a standardized one, (..., r)."""
    scales = _scales(block, at)
    return _ratios(rows, _observed_as_they_are(block, scales) if kind == "lv" else scales)


def _scales(block: Block, at: Implied) -> Vector:
    """One, the n total and the n residual standard deviations, (..., 1 + 2 n).

    The modulus keeps a Heywood case readable.
    """
    n = block.layout.n_all
    squares = np.ones((*at.alpha.shape[:-1], 1 + 2 * n))
    squares[..., 1 : 1 + n] = at.V.diagonal(axis1=-2, axis2=-1)
    squares[..., 1 + n :] = at.S.diagonal(axis1=-2, axis2=-1)
    return np.asarray(np.sqrt(np.abs(squares)))


def _observed_as_they_are(block: Block, scales: Vector) -> Vector:
    """`scales` with one for every observed variable."""
    n, p = block.layout.n_all, block.layout.n_observed
    scales = scales.copy()
    scales[..., 1 : 1 + p] = scales[..., 1 + n : 1 + n + p] = 1.0
    return scales


def _ratios(rows: Rows, scales: Vector) -> Vector:
    """s_0 / (s_1 s_2) of the rows, (..., r)."""
    if scales.ndim == 1:
        top, left, right = scales[rows.scale]
    else:
        top, left, right = (scales.take(places, axis=-1) for places in rows.scale)
    return np.asarray(top / (left * right))


def _log_scale_jacobian(block: Block, at: Implied, n_parameters: int) -> Matrix:
    """d log of one, the total and the residual standard deviations, (1 + 2 n, q)."""
    lay = block.layout
    n, n_a, n_s = lay.n_all, lay.n_paths, lay.n_covariances
    cells = np.zeros((1 + 2 * n, lay.n_cells))
    total = cells[1 : 1 + n]
    total[:, :n_a] = at.G.take(lay.A_row, axis=1) * at.V.take(lay.A_col, axis=1)
    total[:, n_a : n_a + n_s] = at.G.take(lay.S_row, axis=1) * at.G.take(lay.S_col, axis=1)
    variance = np.diagonal(at.V)
    total *= lay.c / np.where(variance == 0, np.inf, variance)[:, None]  # fixed at zero: it does not move
    alone = (lay.S_row == lay.S_col).nonzero()[0]
    variable = lay.S_row[alone]
    cells[1 + n + variable, n_a + alone] = 0.5 / np.diagonal(at.S)[variable]
    if lay.spread is None:
        return cells
    return np.asarray(cells @ lay.spread).reshape(len(cells), n_parameters)
