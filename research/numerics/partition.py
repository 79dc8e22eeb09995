"""Rows into k groups about centres: k-means, Ward's tree, and how distinct the groups are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Matrix


@dataclass(frozen=True, slots=True)
class Partition:
    """`labels` (n,) from 0, the largest group first; `centres` (k, p); `within`: sum of squares about them.

    `reached`: how many of the starts came to the same sum of squares.
    """

    labels: Indices
    centres: Matrix
    within: float
    reached: int = 1
    n_starts: int = 1


def k_means(X: Matrix, k: int, rng: np.random.Generator, *, n_starts: int = 20) -> Partition:
    """The partition of X (n, p) with the least sum of squares about its centres, of `n_starts` runs.

    Lloyd's algorithm (1982, IEEE Trans. Inf. Theory 28) from centres by k-means++.
    """
    runs = [_lloyd(X, seeded_centres(X, k, rng)) for _ in range(n_starts)]
    best = min(runs, key=lambda run: run.within)
    reached = sum(run.within <= best.within * (1 + 1e-9) + 1e-12 for run in runs)
    return Partition(best.labels, best.centres, best.within, reached, n_starts)


def ward_tree(X: Matrix) -> Matrix:
    """The tree of Ward (1963, JASA 58) over the rows of X, (n - 1, 4), as scipy lays it out."""
    from scipy.cluster.hierarchy import linkage

    return np.asarray(linkage(X, method="ward"))


def cut_tree(X: Matrix, tree: Matrix, k: int) -> Partition:
    """The k groups of a tree over the rows of X."""
    from scipy.cluster.hierarchy import fcluster

    return _partition(X, np.asarray(fcluster(tree, k, criterion="maxclust"), dtype=np.intp) - 1)


def silhouette(X: Matrix, labels: Indices) -> float:
    """Mean over the rows of (b - a) / max(a, b); Rousseeuw (1987, J. Comput. Appl. Math. 20).

    a: mean distance to the other rows of the own group, b: to those of the nearest other one; 0 for a row
    that is alone in its group.

    >>> round(silhouette(np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([0, 0, 1, 1])), 4)
    0.8997
    """
    n, k = len(X), int(labels.max()) + 1
    own = np.eye(k)[labels]
    size = own.sum(axis=0)
    total = 0.0
    for start in range(0, n, 1000):
        block = slice(start, min(start + 1000, n))
        distance = np.sqrt(np.clip(_squared_distances(X[block], X), 0.0, None))
        sums = distance @ own
        mine = labels[block]
        rows = np.arange(len(mine))
        others = size[mine] - 1
        a = sums[rows, mine] / np.maximum(others, 1)
        means = sums / size
        means[rows, mine] = np.inf
        b = means.min(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            score = np.where((others > 0) & (np.maximum(a, b) > 0), (b - a) / np.maximum(a, b), 0.0)
        total += float(score.sum())
    return total / n


def variance_ratio(X: Matrix, partition: Partition) -> float:
    """(between / (k - 1)) / (within / (n - k)); Calinski & Harabasz (1974, Commun. Stat. 3)."""
    n, k = len(X), len(partition.centres)
    between = float(((X - X.mean(axis=0)) ** 2).sum()) - partition.within
    if partition.within <= 0 or k < 2 or n <= k:
        return float("nan")
    return between / (k - 1) / (partition.within / (n - k))


def seeded_centres(X: Matrix, k: int, rng: np.random.Generator) -> Matrix:
    """k rows of X, each drawn in proportion to its squared distance to those drawn before.

    k-means++: Arthur & Vassilvitskii (2007, SODA).
    """
    chosen = [X[int(rng.integers(len(X)))]]
    nearest = ((X - chosen[0]) ** 2).sum(axis=1)
    for _ in range(1, k):
        total = nearest.sum()
        row = int(rng.integers(len(X))) if total <= 0 else int(rng.choice(len(X), p=nearest / total))
        chosen.append(X[row])
        nearest = np.minimum(nearest, ((X - X[row]) ** 2).sum(axis=1))
    return np.array(chosen)


def _lloyd(X: Matrix, centres: Matrix) -> Partition:
    labels = np.full(len(X), -1, dtype=np.intp)
    k = len(centres)
    for _ in range(500):
        distance = _squared_distances(X, centres)
        new: Indices = distance.argmin(axis=1)
        for empty in np.setdiff1d(np.arange(k), new):  # the row farthest from its centre begins it anew
            new[int(distance[np.arange(len(X)), new].argmax())] = empty
        if (new == labels).all():
            break
        labels = new
        centres = np.array(
            [X[labels == j].mean(axis=0) if (labels == j).any() else centres[j] for j in range(k)]
        )
    return _partition(X, labels)


def _partition(X: Matrix, labels: Indices) -> Partition:
    names, labels, size = np.unique(labels, return_inverse=True, return_counts=True)
    order = np.argsort(-size, kind="stable")
    place = np.empty(len(names), dtype=np.intp)
    place[order] = np.arange(len(names))
    labels = place[labels]
    centres = np.array([X[labels == j].mean(axis=0) for j in range(len(names))])
    return Partition(labels, centres, float(((X - centres[labels]) ** 2).sum()))


def _squared_distances(X: Matrix, Y: Matrix) -> Matrix:
    product = X @ Y.T
    distances: Matrix = (X**2).sum(axis=1)[:, None] - 2 * product + (Y**2).sum(axis=1)
    return distances
