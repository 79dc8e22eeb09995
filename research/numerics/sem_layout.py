"""Where the parameters of a structural equation model stand in its matrices, compiled once.

A model is held in reticular form (McArdle & McDonald 1984): all variables v, observed ones first, obey
v = alpha + A v + e with cov(e) = S. With G = (I - A)^-1 and V = G S G' the observed part is

    Sigma = V[:p, :p],    mu = (G alpha)[:p].

Every free cell is one pair of columns of the matrix W = [C | D], where C = G[:p] and D = V[:p, core]:

    A[j, k]:  dSigma = C_j D_k' + D_k C_j'            dmu = C_j eta_k     eta = G alpha
    S[j, k]:  dSigma = c (C_j C_k' + C_k C_j')        c = 1, or 1/2 on the diagonal
    alpha[j]:                                          dmu = C_j

so that gradients, information and Hessians are gathers from two small Gram matrices of W and no
Jacobian is formed. `core` are the variables that something depends on: only their block of I - A has to
be inverted, (I - A)^-1 = I + A[:, core] (I - A[core, core])^-1 on the core's columns (Woodbury).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.cell_pairs import CellPairs, cell_pairs


class Layout(NamedTuple):
    """The free cells of one block, in the order paths (A), covariances (S), intercepts (alpha).

    `core`: places of the variables that something depends on; `core_at`: the same as a slice where they
    stand side by side, which numpy reads without a copy; `core_paths`: whether one depends on another.
    `identity`, `core_identity`: I of all variables and of the core.
    `A_flat` (a,), `S_flat` (2 s,): places of the free cells in the flat matrices, those of S above and
    below the diagonal; `S_cells`: the cell of each. `u`, `v`: columns of W of every cell, shape (s,);
    `c`: its factor (0 for an intercept); `uv`: its place in a flat Gram matrix.
    `parameter`: place of each cell in the parameter vector, shape (s,), from 0.
    `spread`: None where the cells are exactly the parameters in order, else the 0/1 matrix (s, q).
    `pairs`: where the Hessian finds its terms.
    """

    n_observed: int
    n_all: int
    n_parameters: int
    core: Indices
    core_at: slice | Indices
    core_paths: bool
    identity: Matrix
    core_identity: Matrix
    A_row: Indices
    A_col: Indices
    A_flat: Indices
    S_row: Indices
    S_col: Indices
    S_flat: Indices
    S_cells: Indices
    m_row: Indices
    parameter: Indices
    u: Indices
    v: Indices
    c: Vector
    uv: Indices
    spread: Matrix | None
    pairs: CellPairs

    @property
    def n_paths(self) -> int:
        """Free cells of A."""
        return len(self.A_row)

    @property
    def n_covariances(self) -> int:
        """Free cells of S, each pair once."""
        return len(self.S_row)

    @property
    def n_cells(self) -> int:
        """Free cells of A, S and alpha."""
        return len(self.u)


@dataclass(frozen=True, slots=True)
class Block:
    """One group (or level) of a model: its layout and the fixed values of its matrices.

    A, S: (n, n); alpha: (n,). Free cells hold zero. `exogenous`: places of the observed variables whose
    moments are taken from the sample (fixed x); their cells are filled by `with_sample`.
    """

    layout: Layout
    A: Matrix
    S: Matrix
    alpha: Vector
    exogenous: Indices
    means: bool

    def with_sample(self, cov: Matrix, mean: Vector) -> tuple[Matrix, Vector]:
        """S and alpha with the sample moments of the fixed x; `cov` (..., p, p), `mean` (..., p)."""
        if not len(self.exogenous):
            return self.S, self.alpha
        rows, columns = np.ix_(self.exogenous, self.exogenous)
        S = np.broadcast_to(self.S, (*cov.shape[:-2], *self.S.shape)).copy()
        S[..., rows, columns] = cov[..., rows, columns]
        alpha = np.broadcast_to(self.alpha, (*mean.shape[:-1], *self.alpha.shape)).copy()
        alpha[..., self.exogenous] = mean[..., self.exogenous]
        return S, alpha


def layout(
    n_observed: int,
    n_parameters: int,
    A: Matrix,
    paths: Indices,
    covariances: Indices,
    intercepts: Indices,
    parameter: Indices,
) -> Layout:
    """Compile the free cells of one block.

    `A`: (n, n) fixed path values; `paths`: (a, 2) rows [outcome, predictor]; `covariances`: (s, 2);
    `intercepts`: (m,); `parameter`: (a + s + m,) places in the parameter vector, from 0.
    """
    n_all = len(A)
    A_row, A_col = paths[:, 0], paths[:, 1]
    S_row, S_col = covariances[:, 0], covariances[:, 1]
    pattern = A != 0
    pattern[A_row, A_col] = True
    core = pattern.any(axis=0).nonzero()[0]
    n_a, n_s = len(paths), len(covariances)
    v_of_path = n_all + core.searchsorted(A_col)
    u = np.concatenate([A_row, S_row, intercepts])
    v = np.concatenate([v_of_path, S_col, intercepts])
    c = np.ones(len(parameter))
    c[n_a : n_a + n_s][S_row == S_col] = 0.5
    c[n_a + n_s :] = 0.0
    side = n_all + len(core)
    covariance = np.arange(n_a, n_a + n_s)
    return Layout(
        n_observed=n_observed,
        n_all=n_all,
        n_parameters=n_parameters,
        core=core,
        core_at=_side_by_side(core),
        core_paths=bool(pattern[core[:, None], core].any()),
        identity=identity(n_all),
        core_identity=identity(len(core)),
        A_row=A_row,
        A_col=A_col,
        A_flat=A_row * n_all + A_col,
        S_row=S_row,
        S_col=S_col,
        S_flat=np.concatenate([S_row * n_all + S_col, S_col * n_all + S_row]),
        S_cells=np.concatenate([covariance, covariance]),
        m_row=intercepts,
        parameter=parameter,
        u=u,
        v=v,
        c=c,
        uv=u * side + v,
        spread=_spread(parameter, n_parameters),
        pairs=cell_pairs(n_all, side, u, v, c, A_col, n_s),
    )


@lru_cache(maxsize=64)
def identity(n: int) -> Matrix:
    """I, (n, n); read-only."""
    matrix = np.eye(n)
    matrix.flags.writeable = False
    return matrix


def _side_by_side(places: Indices) -> slice | Indices:
    """Ascending `places` as a slice where none is left out between the first and the last."""
    if len(places) and places[-1] - places[0] == len(places) - 1:
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


def _spread(parameter: Indices, n_parameters: int) -> Matrix | None:
    """The 0/1 matrix (s, q) from cells to parameters; None where it is the identity."""
    if len(parameter) == n_parameters and bool((parameter == np.arange(n_parameters)).all()):
        return None
    spread = np.zeros((len(parameter), n_parameters))
    spread[np.arange(len(parameter)), parameter] = 1.0
    return spread


def gathered(layout: Layout, cells: Vector) -> Vector:
    """Gradient by cell (..., s) → gradient by parameter (..., q)."""
    return cells if layout.spread is None else cells @ layout.spread


def gathered_square(layout: Layout, cells: Matrix) -> Matrix:
    """Second-order matrix by cell (..., s, s) → by parameter (..., q, q)."""
    return cells if layout.spread is None else layout.spread.T @ cells @ layout.spread
