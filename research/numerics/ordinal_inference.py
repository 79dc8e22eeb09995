"""Sampling covariance and traces of least squares with a diagonal weight, thresholds swept out.

With the statistics s = (t, o), t the thresholds that fit exactly, H = sum_g f_g J_o'W_o J_o over the groups'
shares f_g and A_g = W_o J_o H^-1,

    d theta_o = sum_g f_g A_g' ds_o,        d tau = D^-1 (ds_t - J_to d theta_o),    D = ds_t/d tau,

so that no matrix with a row for every threshold is inverted, and tr(U Gamma) needs Gamma_oo alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.casewise import moment_traces
from research.numerics.ordinal_moments import OrdinalBlock, OrdinalImplied
from research.numerics.ordinal_reduction import Reduced


def reduced_information(
    apart: Reduced, pieces: Sequence[OrdinalImplied], weights: Sequence[Vector], shares: Sequence[float]
) -> Matrix:
    """H of the parameters that are no thresholds, (r, r)."""
    H = np.zeros((len(apart.kept), len(apart.kept)))
    for here, w, at, share in zip(pieces, weights, apart.others, shares, strict=True):
        J = here.jacobian[np.ix_(at, apart.kept)]
        H += share * (J.T @ (w[at, None] * J))
    return H


def reduced_traces(
    apart: Reduced,
    pieces: Sequence[OrdinalImplied],
    weights: Sequence[Vector],
    gammas: Sequence[Matrix],
    shares: Sequence[float],
) -> tuple[float, float]:
    """tr(U Gamma) and tr((U Gamma)^2)."""
    return moment_traces(
        [_square(gamma, at) for gamma, at in zip(gammas, apart.others, strict=True)],
        [w[at] for w, at in zip(weights, apart.others, strict=True)],
        [here.jacobian[np.ix_(at, apart.kept)] for here, at in zip(pieces, apart.others, strict=True)],
        shares,
        None,
    )


def reduced_sandwich(
    apart: Reduced,
    inverse: Matrix,
    blocks: Sequence[OrdinalBlock],
    pieces: Sequence[OrdinalImplied],
    weights: Sequence[Vector],
    gammas: Sequence[Matrix],
    shares: Sequence[float],
) -> Matrix:
    """The sampling covariance of all parameters times the number of rows, (q, q); `inverse` is H^-1."""
    q = blocks[0].n_parameters
    meat = np.zeros_like(inverse)
    crosses = []  # cov(ds_t, d theta_o) by group
    for here, w, gamma, share, t, o in zip(
        pieces, weights, gammas, shares, apart.thresholds, apart.others, strict=True
    ):
        A = (w[o, None] * here.jacobian[np.ix_(o, apart.kept)]) @ inverse
        by_statistic = gamma[:, o] @ A
        meat += share * (A.T @ by_statistic[o])
        crosses.append(by_statistic[t])
    out = np.zeros((q, q))
    out[np.ix_(apart.kept, apart.kept)] = meat
    pulls = []
    for of, here, cross, t in zip(blocks, pieces, crosses, apart.thresholds, strict=True):
        slope = 1.0 / here.scale[of.item]
        pull = here.jacobian[np.ix_(t, apart.kept)]
        own = slope[:, None] * (cross - pull @ meat)
        out[np.ix_(of.threshold, apart.kept)] = own
        out[np.ix_(apart.kept, of.threshold)] = own.T
        pulls.append((slope, pull, cross))
    for a, (of, gamma, share, t) in enumerate(zip(blocks, gammas, shares, apart.thresholds, strict=True)):
        for b, other in enumerate(blocks):
            (slope, pull, cross), (slope_b, pull_b, cross_b) = pulls[a], pulls[b]
            value = pull @ meat @ pull_b.T - cross @ pull_b.T - pull @ cross_b.T
            if a == b:
                value += _square(gamma, t) / share
            out[np.ix_(of.threshold, other.threshold)] = value * np.outer(slope, slope_b)
    return out


def _square(matrix: Matrix, places: Indices) -> Matrix:
    """The rows and columns at `places`; a view where they are a run."""
    if len(places) and places[-1] - places[0] + 1 == len(places):
        run = slice(int(places[0]), int(places[-1]) + 1)
        return np.asarray(matrix[run, run])
    return np.asarray(matrix[np.ix_(places, places)])
