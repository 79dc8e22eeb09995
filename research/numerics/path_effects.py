"""Effects along paths of several regressions: sums of products of slopes, each slope linear in coefficients.

An effect is  sum_p  w_p  prod_{s in p}  r_s'b_{e(s)},  with b_e the coefficients of regression e and r_s the
values that the other factors of a product take (1 for a main effect, the moderator's value for a product).
Direct, indirect and conditional effects, their contrasts and the indices of moderated mediation (Hayes 2015,
2018) all have this form: an index is a difference of the effect between two values of the moderator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Matrix, Vector


@dataclass(frozen=True, slots=True)
class PathEffects:
    """`slopes`: one (k_e, s_e) matrix a regression, its columns the r_s; `products`: places of the slopes
    that are multiplied, counted through all regressions; `weights` (products, effects).
    """

    slopes: tuple[Matrix, ...]
    products: tuple[tuple[int, ...], ...]
    weights: Matrix

    def values(self, coefficients: Sequence[Matrix]) -> Matrix:
        """Effects (b, effects) for coefficients (b, k_e) of every regression.

        >>> a, b = np.array([[0.5], [0.4]]), np.array([[2.0], [1.0]])
        >>> PathEffects((np.eye(1), np.eye(1)), ((0, 1),), np.eye(1)).values([a, b])[:, 0].tolist()
        [1.0, 0.4]
        """
        S = np.hstack([B @ R for B, R in zip(coefficients, self.slopes, strict=True)])
        P = np.ones((len(S), len(self.products)))
        for column, places in enumerate(self.products):
            for place in places:
                P[:, column] *= S[:, place]
        effects: Matrix = P @ self.weights
        return effects

    def second_order_se(self, coefficients: Sequence[Vector], covariance: Matrix) -> Vector:
        """Standard errors (effects,) from the covariance of all coefficients, shape (sum k_e, sum k_e).

        Var = g'Vg + 1/2 tr(HVHV), with g and H the first and second derivatives by the slopes; for one
        product ab it is a^2 v_b + b^2 v_a + v_a v_b (Aroian 1947).
        """
        R = _block_diagonal(self.slopes)
        V = R.T @ covariance @ R
        s = np.concatenate([b @ part for b, part in zip(coefficients, self.slopes, strict=True)])
        g, H = self._derivatives(s)
        gradient = self.weights.T @ g
        first = np.einsum("ei,ij,ej->e", gradient, V, gradient)
        second = np.empty(len(first))
        for effect, weight in enumerate(self.weights.T):
            HV = np.tensordot(weight, H, axes=1) @ V
            second[effect] = np.sum(HV * HV.T)
        return np.asarray(np.sqrt(np.clip(first + 0.5 * second, 0.0, None)))

    def _derivatives(self, s: Vector) -> tuple[Matrix, Matrix]:
        """First (products, slopes) and second (products, slopes, slopes) derivatives of the products."""
        g = np.zeros((len(self.products), len(s)))
        H = np.zeros((len(self.products), len(s), len(s)))
        for product, places in enumerate(self.products):
            for i, at in enumerate(places):
                g[product, at] = np.prod([s[q] for j, q in enumerate(places) if j != i])
                for k, other in enumerate(places):
                    if k != i:
                        rest = [s[q] for j, q in enumerate(places) if j not in (i, k)]
                        H[product, at, other] = np.prod(rest)
        return g, H


def _block_diagonal(parts: Sequence[Matrix]) -> Matrix:
    rows, columns = sum(len(part) for part in parts), sum(part.shape[1] for part in parts)
    out = np.zeros((rows, columns))
    row = column = 0
    for part in parts:
        out[row : row + len(part), column : column + part.shape[1]] = part
        row, column = row + len(part), column + part.shape[1]
    return out
