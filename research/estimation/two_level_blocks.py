"""Two levels without a model: start values of their moments, and blocks that restrict none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.estimation.compiled import Compiled
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.sem_layout import Block, layout
from research.numerics.two_level import TwoLevelMoments

if TYPE_CHECKING:
    from research.estimation.sample import Sample


def first_moments(
    compiled: Compiled, sample: Sample, moments: TwoLevelMoments
) -> tuple[tuple[Matrix, Matrix], tuple[Vector, Vector]]:
    """Start values of both levels; exact for fixed x, whose moments they give."""
    within, between = compiled.observed
    data = sample.groups[0].data
    rows = (
        np.zeros((0, len(within))) if data is None else data[:, [sample.variables.index(n) for n in within]]
    )
    W = moments.within.copy()
    x = compiled.blocks[0].exogenous
    W[np.ix_(x, x)] = np.cov(rows.T, bias=True)[np.ix_(x, x)]
    mu_w = np.zeros(len(within))
    mu_w[x] = rows.mean(axis=0)[x]
    size = float(moments.sizes @ moments.counts) / moments.n_clusters
    E = np.linalg.pinv(moments.E)
    share = moments.counts / moments.n_clusters
    total_mean = np.einsum("g,gid,gd->i", share, E, moments.mean)
    gap = moments.mean - np.einsum("gdi,i->gd", moments.E, total_mean)
    T = moments.cov + gap[:, :, None] * gap[:, None, :]
    B = np.einsum("g,gid,gde,gje->ij", share, E, T, E)
    shared = [(between.index(name), at) for at, name in enumerate(within) if name in between]
    for i, a in shared:
        for j, b in shared:
            B[i, j] -= W[a, b] / size
    values, vectors = np.linalg.eigh(B)
    B_proper = (vectors * np.maximum(values, 0.02 * values.max())) @ vectors.T
    fixed = compiled.blocks[1].exogenous
    B_proper[np.ix_(fixed, fixed)] = B[np.ix_(fixed, fixed)]
    return (W, B_proper), (mu_w, total_mean)


def proper(within: Matrix, between: Matrix) -> Matrix:
    """A positive definite matrix near the one between clusters, where differences of moments gave none."""
    values, vectors = np.linalg.eigh(between)
    least = 0.02 * max(float(values[-1]), float(np.diagonal(within).mean()))
    return np.asarray((vectors * np.maximum(values, least)) @ vectors.T)


def free_blocks(
    compiled: Compiled, covs: tuple[Matrix, Matrix], means: tuple[Vector, Vector], *, covariances: bool
) -> tuple[tuple[Block, Block], Vector]:
    """Blocks with all moments free but those of fixed x, or with variances alone; and start values.

    Means are free between clusters, and within for variables that have no part between.
    """
    shared = set(compiled.observed[0]) & set(compiled.observed[1])
    plans: list[tuple[list[tuple[int, int]], list[int]]] = []
    for place, block in enumerate(compiled.blocks):
        fixed = set(block.exogenous.tolist())
        p = block.layout.n_observed
        pairs = [
            (i, j)
            for j in range(p)
            for i in range(j, p)
            if not (i in fixed and j in fixed) and (covariances or i == j)
        ]
        names = compiled.observed[place]
        free = [i for i in range(p) if i not in fixed and (place == 1 or names[i] not in shared)]
        plans.append((pairs, free))
    total = sum(len(pairs) + len(free) for pairs, free in plans)
    blocks, values, begun = [], [], 0
    for block, (pairs, free), cov, mean in zip(compiled.blocks, plans, covs, means, strict=True):
        p, count = block.layout.n_observed, len(pairs) + len(free)
        zeros = np.zeros((p, p))
        second: Indices = np.array(pairs, dtype=np.intp).reshape(-1, 2)
        first: Indices = np.array(free, dtype=np.intp)
        none: Indices = np.zeros((0, 2), dtype=np.intp)
        lay = layout(p, total, zeros, none, second, first, np.arange(begun, begun + count))
        blocks.append(Block(lay, zeros, zeros, np.zeros(p), block.exogenous, True))
        values.append(np.concatenate([cov[second[:, 0], second[:, 1]], mean[first]]))
        begun += count
    return (blocks[0], blocks[1]), np.concatenate(values)
