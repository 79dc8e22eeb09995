"""Steps that move the covariances of the latent variables in a straight line, and not the paths.

Where predictors are nearly collinear the discrepancy is a bent valley in the paths, and where a
covariance matrix of latent variables that is not positive definite becomes singular the paths have a
pole: they leave towards one infinity and come back from the other. In the covariances of the variables
nothing of the kind happens. A step is therefore tried in two ways: straight in the parameters, or with
V + dV (its derivative along the step) in place of V, from which paths and disturbances follow by
regression,

    b_j = V[P, P]^-1 (V[P, j] - V[P, F] a_F),      S = (I - A) V (I - A)',

for every latent outcome j with free paths from P and fixed paths a_F from F. Both agree to first order
in a model whose disturbances are uncorrelated with the predictors; the search takes the one that leads
lower, so that a model for which this does not hold loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Matrix
from research.numerics.implied import total_effects
from research.numerics.sem_layout import Block


@dataclass(frozen=True, slots=True)
class LatentStep:
    """The equations of one block's latent outcomes.

    `equations`: (outcome j, free predictors P, their parameters) of each; `covariances`: columns [row,
    column, parameter] of the free cells of S between latent variables.
    """

    block: Block
    equations: tuple[tuple[int, Indices, Indices], ...]
    covariances: Indices

    def bend(self, theta: Matrix, step: Matrix, trial: Matrix) -> None:
        """Replace the block's structural parameters in `trial` (b, q) by those of V + dV.

        `theta`, `step`: (b, q). Members without a regression (a singular V[P, P]) are left as they are.
        """
        A, S = _cells(self.block, theta, self.block.A, self.block.S)
        dA, dS = _cells(self.block, step, np.zeros_like(self.block.A), np.zeros_like(self.block.S))
        G = total_effects(self.block.layout, A)
        turned = np.swapaxes(G, -1, -2)
        V = G @ S @ turned
        half = G @ dA @ V
        V = V + half + np.swapaxes(half, -1, -2) + G @ dS @ turned
        paths = []
        for j, predictors, parameters in self.equations:
            fixed = A[:, j, :].copy()
            fixed[:, predictors] = 0.0
            target = V[:, predictors, j] - (V[:, predictors, :] @ fixed[..., None])[..., 0]
            b = _solved(V[:, predictors[:, None], predictors], target)
            A[:, j, predictors] = b
            paths.append((parameters, b))
        within = np.eye(A.shape[-1]) - A
        S = within @ V @ np.swapaxes(within, -1, -2)
        row, column, parameter = self.covariances
        proper = np.asarray(np.isfinite(A).all(axis=(-2, -1)))
        for parameters, b in [*paths, (parameter, S[:, row, column])]:
            trial[:, parameters] = np.where(proper[:, None], b, trial[:, parameters])


def latent_steps(blocks: tuple[Block, ...]) -> tuple[LatentStep, ...]:
    """One for each block with regressions among its latent variables.

    A parameter that stands in several cells keeps its straight step.
    """
    uses = np.bincount(np.concatenate([block.layout.parameter for block in blocks]))
    found = []
    for block in blocks:
        at = block.layout
        p, n_a = at.n_observed, at.n_paths
        of_path, of_covariance = at.parameter[:n_a], at.parameter[n_a : n_a + at.n_covariances]
        free = uses[of_path] == 1
        equations = []
        for j in range(p, at.n_all):
            rows = np.flatnonzero((at.A_row == j) & free)
            if len(rows):
                equations.append((j, at.A_col[rows], of_path[rows]))
        latent = np.flatnonzero((at.S_row >= p) & (at.S_col >= p) & (uses[of_covariance] == 1))
        cells = np.stack([at.S_row[latent], at.S_col[latent], of_covariance[latent]])
        if equations:
            found.append(LatentStep(block, tuple(equations), cells))
    return tuple(found)


def _cells(block: Block, theta: Matrix, A: Matrix, S: Matrix) -> tuple[Matrix, Matrix]:
    """The free cells of A and S filled from `theta`, on top of the given fixed values."""
    at = block.layout
    n_a, n_s = at.n_paths, at.n_covariances
    cells = theta[:, at.parameter]
    filled_A = np.repeat(A[None], len(theta), axis=0)
    filled_A[:, at.A_row, at.A_col] = cells[:, :n_a]
    filled_S = np.repeat(S[None], len(theta), axis=0)
    filled_S[:, at.S_row, at.S_col] = cells[:, n_a : n_a + n_s]
    filled_S[:, at.S_col, at.S_row] = cells[:, n_a : n_a + n_s]
    return filled_A, filled_S


def _solved(M: Matrix, y: Matrix) -> Matrix:
    """M^-1 y for each member; NaN for all of them where one is exactly singular."""
    try:
        return np.asarray(np.linalg.solve(M, y[..., None])[..., 0], dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.full_like(y, np.nan)
