"""Standardized parameters and the derivatives of all table rows, for standard errors by the delta method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.implied import Implied
from research.numerics.sem_layout import Block

Kind = Literal["lv", "all"]


@dataclass(frozen=True, slots=True)
class Rows:
    """The cells that the rows of the table stand in, within one block.

    `kind`: 0 path, 1 covariance, 2 intercept; `i`, `j`: outcome and predictor (j = i for an intercept);
    `parameter`: place in the parameter vector or -1 where the cell is fixed. All have shape (r,).
    """

    kind: Indices
    i: Indices
    j: Indices
    parameter: Indices


def row_values(rows: Rows, at: Implied) -> Vector:
    """Unstandardized values of the rows, (..., r)."""
    paths = at.A[..., rows.i, rows.j]
    covariances = at.S[..., rows.i, rows.j]
    return np.where(rows.kind == 0, paths, np.where(rows.kind == 1, covariances, at.alpha[..., rows.i]))


@np.errstate(divide="ignore", invalid="ignore")  # a variance may be fixed at zero
def standardized(rows: Rows, block: Block, at: Implied, kind: Kind) -> Vector:
    """Standardized values of the rows, (..., r).

    Path: b sd_j / sd_i. Intercept: a / sd_i. Variance: s / var_i. Covariance: s / sqrt(|s_ii s_jj|) with the
    (residual) variances of both. "lv" leaves the scale of observed variables as it is.
    """
    return standardized_by(rows, block, at, row_values(rows, at), kind)


@np.errstate(divide="ignore", invalid="ignore")
def standardized_by(rows: Rows, block: Block, at: Implied, values: Vector, kind: Kind = "all") -> Vector:
    """Any `values` (..., r) of the rows in the standardized metric of the solution."""
    sd, residual = _scales(block, at, kind)
    path = values * sd[..., rows.j] / sd[..., rows.i]
    variance = values / sd[..., rows.i] ** 2
    covariance = values / (residual[..., rows.i] * residual[..., rows.j])
    second = np.where(rows.i == rows.j, variance, covariance)
    return np.where(rows.kind == 0, path, np.where(rows.kind == 1, second, values / sd[..., rows.i]))


@np.errstate(divide="ignore", invalid="ignore")
def standardized_jacobian(rows: Rows, block: Block, at: Implied, n_parameters: int) -> Matrix:
    """d(completely standardized rows)/dtheta, shape (r, q).

    With l_i = log sd_i and rho_i = log of the residual sd:
    path: dv sd_j/sd_i + v (dl_j - dl_i); variance: dv/var_i - 2 v dl_i; covariance: dv/(..) - v (drho_i +
    drho_j).
    """
    sd, residual = _scales(block, at, "all")
    own = row_jacobian(rows, n_parameters)
    total, spread = _log_sd_jacobian(block, at, n_parameters)
    value = standardized(rows, block, at, "all")[:, None]
    i, j, kind = rows.i, rows.j, rows.kind
    factor = np.where(kind == 0, sd[j] / sd[i], 1.0 / sd[i])
    same = i == j
    factor = np.where(kind == 1, 1.0 / np.where(same, sd[i] ** 2, residual[i] * residual[j]), factor)
    drift = np.where((kind == 0)[:, None], total[j] - total[i], -total[i])
    within = np.where(same[:, None], -2.0 * total[i], -spread[i] - spread[j])
    drift = np.where((kind == 1)[:, None], within, drift)
    return np.asarray(own * factor[:, None] + value * drift)


def row_jacobian(rows: Rows, n_parameters: int) -> Matrix:
    """d(rows)/dtheta: one where a row is the parameter, shape (r, q)."""
    own = np.zeros((len(rows.i), n_parameters))
    free = np.flatnonzero(rows.parameter >= 0)
    own[free, rows.parameter[free]] = 1.0
    return own


def _scales(block: Block, at: Implied, kind: Kind) -> tuple[Vector, Vector]:
    """Total and residual standard deviations, (..., n); the modulus keeps a Heywood case readable."""
    total = np.sqrt(np.abs(np.diagonal(at.V, axis1=-2, axis2=-1)))
    residual = np.sqrt(np.abs(np.diagonal(at.S, axis1=-2, axis2=-1)))
    if kind == "lv":
        latent = _latent(block)
        total, residual = np.where(latent, total, 1.0), np.where(latent, residual, 1.0)
    return total, residual


def _latent(block: Block) -> Mask:
    return np.arange(block.layout.n_all) >= block.layout.n_observed


def _log_sd_jacobian(block: Block, at: Implied, n_parameters: int) -> tuple[Matrix, Matrix]:
    """d log sd/dtheta of the total and of the residual variables, each (n, q)."""
    lay = block.layout
    n, n_a, n_s = lay.n_all, lay.n_paths, lay.n_covariances
    variance, residual = np.diagonal(at.V), np.diagonal(at.S)
    cells = np.zeros((n, lay.n_cells))
    cells[:, :n_a] = at.G[:, lay.A_row] * at.V[:, lay.A_col]
    across = at.G[:, lay.S_row] * at.G[:, lay.S_col]
    cells[:, n_a : n_a + n_s] = lay.c[n_a : n_a + n_s] * across
    total = _by_parameter(block, cells / variance[:, None], n_parameters)
    own = np.zeros((n, lay.n_cells))
    diagonal = np.flatnonzero(lay.S_row == lay.S_col)
    own[lay.S_row[diagonal], n_a + diagonal] = 0.5 / residual[lay.S_row[diagonal]]
    return total, _by_parameter(block, own, n_parameters)


def _by_parameter(block: Block, cells: Matrix, n_parameters: int) -> Matrix:
    if block.layout.spread is None:
        return cells
    return np.asarray(cells @ block.layout.spread).reshape(len(cells), n_parameters)
