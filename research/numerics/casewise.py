"""What every row contributes to the gradient and to quadratic forms of the moments, without p* x p* matrices.

With d = y - centre, Z = d P W (n, n + core) and a pair of weights (P, M), a row contributes to parameter k

    g_k = c [(u'Pd)(v'Md) + (v'Pd)(u'Md)]/2 - c [u'PTMv + v'PTMu]/2 + w u'Pd,

the derivative of the moments times the weight V = D'(P x M + M x P)D/4 times the row's moments less T.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from research.numerics.arrays import Indices, Matrix
from research.numerics.definite import inverse_along
from research.numerics.implied import Implied, mean_weight
from research.numerics.sem_layout import Block


def row_gradients(
    block: Block, at: Implied, d: Matrix, T: Matrix, P: Matrix, M: Matrix | None = None
) -> Matrix:
    """Contributions of the rows to each parameter, shape (n, q).

    d: (n, p) rows less their centre; T: the matrix that dd' is compared with (Sigma for scores of the
    likelihood, S for deviations from the sample moments). `M` None stands for P.
    """
    lay = block.layout
    PW = P @ at.W
    Z = d @ PW
    if M is None:
        Zu = Z[:, lay.u]
        cells = lay.c * (Zu * Z[:, lay.v] - (PW.T @ T @ PW)[lay.u, lay.v])
    else:
        MW = M @ at.W
        Y = d @ MW
        Zu = Z[:, lay.u]
        level = PW.T @ T @ MW
        cells = 0.5 * lay.c * (Zu * Y[:, lay.v] + Z[:, lay.v] * Y[:, lay.u])
        cells -= 0.5 * lay.c * (level[lay.u, lay.v] + level[lay.v, lay.u])
    if block.means:
        cells = cells + mean_weight(lay, at.eta) * Zu
    return cells if lay.spread is None else np.asarray(cells @ lay.spread)


def weighted_variance(
    d: Matrix, S: Matrix, P: Matrix, means: bool, M: Matrix | None = None, fixed: Indices | None = None
) -> float:
    """tr(V Gamma): the mean over rows of (v - s)'V(v - s), v the row's moments about the mean.

    = mean (d'Pd)(d'Md)/2 - tr(SPSM)/2, and tr(PS) more with means. Given `fixed` x, with F = dd' - S and F0
    the same of the rows as x predict them, tr((F - F0)P(F - F0)M)/2.
    """
    M = P if M is None else M
    total = 0.5 * _mean_product(d, S, d, S, P, M)
    mean_part = float((P * S).sum())
    if fixed is not None and len(fixed):
        d0, S0 = fixed_rows(d, S, fixed)
        total += 0.5 * _mean_product(d0, S0, d0, S0, P, M)
        total -= 0.5 * (_mean_product(d, S, d0, S0, P, M) + _mean_product(d0, S0, d, S, P, M))
        rest = d - d0
        mean_part = float(((rest @ P) * rest).sum()) / len(d)
    return total + (mean_part if means else 0.0)


def fixed_rows(d: Matrix, S: Matrix, fixed: Indices) -> tuple[Matrix, Matrix]:
    """`d` as the fixed x predict it, and the covariance of that: S_.x S_xx^-1 S_x.

    Given x a row's moments dd' have the mean d0 d0' but for a constant: what they vary by is dd' - d0 d0'.
    """
    slopes = np.linalg.solve(S[np.ix_(fixed, fixed)], S[fixed])
    return d[:, fixed] @ slopes, S[:, fixed] @ slopes


def _mean_product(d: Matrix, S: Matrix, e: Matrix, T: Matrix, P: Matrix, M: Matrix) -> float:
    """Mean over rows of tr((dd' - S)P(ee' - T)M), where S and T are the means of dd' and ee'."""
    first = ((d @ P) * e).sum(axis=1)
    second = first if M is P else ((d @ M) * e).sum(axis=1)
    return float(first @ second) / len(d) - float(((S @ P @ T) * M).sum())


def row_kernel(d: Matrix, S: Matrix, P: Matrix, means: bool) -> Matrix:
    """(v_i - s)'V(v_j - s) between all rows, shape (n, n)."""
    PS = P @ S
    PSP = PS @ P
    inner = d @ P @ d.T
    own = ((d @ PSP) * d).sum(axis=1)
    kernel: Matrix = 0.5 * (inner**2 - own[:, None] - own[None, :] + float((PS * PS.T).sum()))
    return kernel + inner if means else kernel


def squared_trace(kernels: Sequence[Matrix], gradients: Sequence[Matrix], inverse: Matrix) -> float:
    """tr((U Gamma)^2) from the kernel and the gradients of each group, and (N I)^-1 of the parameters.

    The matrix K = blockdiag(kernel/n) - G (N I)^-1 G' has the same non-zero eigenvalues as U Gamma.
    """
    first = sum(float((K**2).sum()) / len(K) ** 2 for K in kernels)
    GKG = np.sum([G.T @ (K @ G) / len(K) for K, G in zip(kernels, gradients, strict=True)], axis=0)
    GG = inverse @ np.sum([G.T @ G for G in gradients], axis=0)
    return first - 2.0 * float((inverse * GKG.T).sum()) + float((GG * GG.T).sum())


def moment_traces(
    gammas: Sequence[Matrix],
    V: Sequence[Matrix],
    J: Sequence[Matrix],
    shares: Sequence[float],
    basis: Matrix | None,
) -> tuple[float, float]:
    """tr(U Gamma) and tr((U Gamma)^2) for any weights, in the space of the moments.

    gammas: covariance of the moments (k, k); V: weights (k, k) or (k,); J: Jacobians (k, q); `basis`:
    directions left by equalities.
    """
    VJ = [(v @ j if v.ndim == 2 else v[:, None] * j) for v, j in zip(V, J, strict=True)]
    H = np.sum([f * (j.T @ vj) for f, j, vj in zip(shares, J, VJ, strict=True)], axis=0)
    inverse = inverse_along(H, basis)
    parts = [v @ g if v.ndim == 2 else v[:, None] * g for v, g in zip(V, gammas, strict=True)]
    spread = [g @ vj for vj, g in zip(VJ, gammas, strict=True)]
    meat = [vj.T @ gvj for vj, gvj in zip(VJ, spread, strict=True)]
    first = sum(float(np.trace(part)) for part in parts) - sum(
        f * float((inverse * m.T).sum()) for f, m in zip(shares, meat, strict=True)
    )
    second = sum(float(np.vdot(part, part.T)) for part in parts)
    cross = [gvj.T @ (v @ gvj if v.ndim == 2 else v[:, None] * gvj) for gvj, v in zip(spread, V, strict=True)]
    second -= 2.0 * sum(f * float((inverse * c.T).sum()) for f, c in zip(shares, cross, strict=True))
    total = inverse @ np.sum([f * m for f, m in zip(shares, meat, strict=True)], axis=0)
    return first, second + float((total * total.T).sum())
