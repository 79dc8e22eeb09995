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

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.cell_pairs import CellPairs, cell_pairs


@dataclass(frozen=True, slots=True)
class Layout:
    """The free cells of one block, in the order paths (A), covariances (S), intercepts (alpha).

    `u`, `v`: columns of W of every cell, shape (s,); `c`: its factor (0 for an intercept).
    `parameter`: place of each cell in the parameter vector, shape (s,), from 0.
    `spread`: None where the cells are exactly the parameters in order, else the 0/1 matrix (s, q).
    `pairs`: where the Hessian finds its terms.
    """

    n_observed: int
    n_all: int
    n_parameters: int
    core: Indices
    core_paths: bool
    A_row: Indices
    A_col: Indices
    A_core: Indices
    S_row: Indices
    S_col: Indices
    m_row: Indices
    parameter: Indices
    u: Indices
    v: Indices
    c: Vector
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
    used = np.zeros(n_all, dtype=bool)
    used[paths[:, 1]] = True
    used |= (A != 0).any(axis=0)
    core = np.flatnonzero(used)
    place = np.full(n_all, -1)
    place[core] = np.arange(len(core))
    pattern = A != 0
    pattern[paths[:, 0], paths[:, 1]] = True
    diagonal = covariances[:, 0] == covariances[:, 1]
    u = np.concatenate([paths[:, 0], covariances[:, 0], intercepts])
    v = np.concatenate([n_all + place[paths[:, 1]], covariances[:, 1], intercepts])
    c = np.concatenate([np.ones(len(paths)), np.where(diagonal, 0.5, 1.0), np.zeros(len(intercepts))])
    in_order = len(parameter) == n_parameters and bool((parameter == np.arange(n_parameters)).all())
    spread = None
    if not in_order:
        spread = np.zeros((len(parameter), n_parameters))
        spread[np.arange(len(parameter)), parameter] = 1.0
    return Layout(
        n_observed=n_observed,
        n_all=n_all,
        n_parameters=n_parameters,
        core=core,
        core_paths=bool(pattern[np.ix_(core, core)].any()),
        A_row=paths[:, 0],
        A_col=paths[:, 1],
        A_core=place[paths[:, 1]],
        S_row=covariances[:, 0],
        S_col=covariances[:, 1],
        m_row=intercepts,
        parameter=parameter,
        u=u,
        v=v,
        c=c,
        spread=spread,
        pairs=cell_pairs(n_all, n_all + len(core), u, v, c, paths[:, 1], len(covariances)),
    )


def gathered(layout: Layout, cells: Vector) -> Vector:
    """Gradient by cell (..., s) → gradient by parameter (..., q)."""
    return cells if layout.spread is None else cells @ layout.spread


def gathered_square(layout: Layout, cells: Matrix) -> Matrix:
    """Second-order matrix by cell (..., s, s) → by parameter (..., q, q)."""
    return cells if layout.spread is None else layout.spread.T @ cells @ layout.spread
