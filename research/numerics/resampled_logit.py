"""A logistic regression in many samples of its rows: Newton's method for all samples at once."""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Mask, Matrix, Vector
from research.numerics.resample import product_of_tiles
from research.numerics.resampled_regressions import eliminated

STEPS = 25
CONVERGED = 1e-9  # largest step of a coefficient of an orthonormal column of length sqrt(n)
SEPARATED = 15.0  # log odds beyond which a sample of a survey is separated: its estimates run to infinity


class ResampledLogit:
    """The regression of y (n,), zeros and ones, on X (n, k), ready to be resampled."""

    def __init__(self, X: Matrix, y: Vector) -> None:
        scale = np.sqrt(len(y))
        Q, R = np.linalg.qr(X)
        self.Z, self.y = Q * scale, y
        self.turn = np.linalg.solve(R, np.eye(len(R))) * scale
        i, j = np.triu_indices(self.Z.shape[1])
        self.pairs = self.Z[:, i] * self.Z[:, j]
        self.place = np.zeros((len(R), len(R)), dtype=np.intp)
        self.place[i, j] = self.place[j, i] = np.arange(len(i))
        self.start = self._solved(np.ones((1, len(y))), np.zeros((1, len(R))))[0][0]

    def coefficients(self, counts: Matrix) -> tuple[Matrix, Mask]:
        """Maximum likelihood (b, k) in samples with `counts` (b, n), and which of them have one."""
        found, converged = self._solved(counts, np.repeat(self.start[None], len(counts), axis=0))
        return product_of_tiles(found, self.turn.T.copy()), converged

    def leave_one_out(self) -> Matrix:
        """Coefficients (n, k) with each row left out once, to the first order (Pregibon 1981, sec. 3)."""
        p, H = self._at(self.start[None], np.ones((1, len(self.y))))
        inverse = np.linalg.inv(H[0])
        weight = (p * (1 - p))[0]
        left = np.clip(1 - weight * np.einsum("ij,jk,ik->i", self.Z, inverse, self.Z), 1e-10, None)
        step = (self.Z @ inverse) * ((self.y - p[0]) / left)[:, None]
        coefficients: Matrix = (self.start - step) @ self.turn.T
        return coefficients

    def _solved(self, counts: Matrix, b: Matrix) -> tuple[Matrix, Mask]:
        converged = np.zeros(len(b), dtype=np.bool_)
        alive = np.ones(len(b), dtype=np.bool_)
        for _ in range(STEPS):
            left = np.flatnonzero(alive & ~converged)
            if not len(left):
                break
            p, H = self._at(b[left], counts[left])
            gradient = product_of_tiles(counts[left] * (self.y - p), self.Z)
            n = counts[left].sum(axis=1)
            step, proper = eliminated(H / n[:, None, None], gradient / n[:, None])
            b[left] += np.where(proper[:, None], step, 0.0)
            alive[left] = proper & (np.abs(b[left]).max(axis=1) < SEPARATED)
            converged[left] = alive[left] & (np.abs(np.nan_to_num(step)).max(axis=1) < CONVERGED)
        return np.where(converged[:, None], b, np.nan), converged

    def _at(self, b: Matrix, counts: Matrix) -> tuple[Matrix, Matrix]:
        """Probabilities (b, n) and the information (b, k, k)."""
        eta = np.clip(product_of_tiles(b, self.Z.T.copy()), -40.0, 40.0)
        p = 1.0 / (1.0 + np.exp(-eta))
        sums = product_of_tiles(counts * p * (1 - p), self.pairs)
        return p, sums[:, self.place]
