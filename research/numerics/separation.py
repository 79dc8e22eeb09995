"""Whether a regression by maximum likelihood has finite estimates at all.

The log likelihoods of logit, probit, Poisson and cumulative-link models are concave. They have a maximum
unless some direction of the coefficients lowers no row's likelihood and raises that of one: then the
estimates run away along it. Such a direction v, with r'v >= 0 for rows r of each model's own, is what a
linear program looks for.
Albert & Anderson (1984); Konis (2007, ch. 4); Haberman (1974); Correia, Guimaraes & Zylkin (2019)
"""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Indices, Matrix, Vector


def separates_binary(X: Matrix, y: Vector) -> bool:
    """Whether a combination of the columns of X (n, k) tells the ones of y (n,) from the zeros.

    >>> X = np.column_stack([np.ones(4), [1.0, 2.0, 3.0, 4.0]])
    >>> [separates_binary(X, np.array(y)) for y in ([0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0])]
    [True, False]
    """
    return _has_direction(np.where(y > 0, 1.0, -1.0)[:, None] * _scaled(X))


def separates_counts(X: Matrix, y: Vector) -> bool:
    """Whether some combination is zero wherever something was counted, and negative where nothing was."""
    scaled = _scaled(X)
    _, sizes, directions = np.linalg.svd(np.linalg.qr(scaled[y > 0], mode="r"))
    rank = int((sizes > 1e-10 * max(1.0, float(sizes.max(initial=0.0)))).sum())
    silent = directions[rank:].T  # the combinations that are zero wherever something was counted
    return silent.shape[1] > 0 and _has_direction(-scaled[y == 0] @ silent)


def separates_levels(X: Matrix, levels: Indices) -> bool:
    """Whether a shift of the slopes and thresholds raises the likelihood of some row and lowers that of none.

    A row at level j has F(t_j - x'b) - F(t_{j-1} - x'b), which rises with t_j - x'b and x'b - t_{j-1}.
    """
    scaled, last = _scaled(X), int(levels.max())
    thresholds = np.eye(last)
    below, above = levels < last, levels > 0
    upper = np.hstack([-scaled[below], thresholds[levels[below]]])
    lower = np.hstack([scaled[above], -thresholds[levels[above] - 1]])
    return _has_direction(np.vstack([upper, lower]))


def _scaled(X: Matrix) -> Matrix:
    """Columns of one size, so that units do not matter to the tolerance of the program."""
    return np.asarray(X / np.abs(X).max(axis=0))


def _has_direction(rows: Matrix) -> bool:
    """Whether some v, |v| <= 1, has rows @ v >= 0, and above 0 somewhere."""
    from scipy.optimize import linprog

    if not len(rows):
        return False
    distinct = np.unique(np.round(rows, 12), axis=0)
    total = distinct.sum(axis=0)
    found = linprog(-total, A_ub=-distinct, b_ub=np.zeros(len(distinct)), bounds=(-1, 1), method="highs")
    return bool(found.status == 0 and float(total @ np.asarray(found.x)) > 1e-7)
