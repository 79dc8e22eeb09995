"""Indices of careless answering, each on arrays: one number a respondent."""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Vector


def longest_run(answers: Matrix) -> Indices:
    """Longest run of identical consecutive answers, shape (n,), of `answers` as given, shape (n, k).

    A missing answer ends a run. "Long string", Johnson (2005, J. Res. Pers. 39); Meade & Craig
    (2012, Psychol. Methods 17, pp. 443-444).

    >>> longest_run(np.array([[3., 3., 3., 1.], [1., 2., 3., 3.], [np.nan, np.nan, 2., 1.]])).tolist()
    [3, 2, 1]
    """
    n, k = answers.shape
    run = np.zeros(n, dtype=np.intp)
    longest = np.zeros(n, dtype=np.intp)
    for position in range(k):
        now = answers[:, position]
        same = (now == answers[:, position - 1]) if position else np.zeros(n, dtype=np.bool_)
        run = np.where(np.isnan(now), 0, np.where(same, run + 1, 1))
        longest = np.maximum(longest, run)
    return longest


def individual_variability(answers: Matrix) -> Vector:
    """Intra-individual response variability, shape (n,): the SD (n - 1) of a respondent's own answers.

    Over the answers as given (not turned), shape (n, k); NaN below two answers. Dunn, Heggestad,
    Shanock & Theilgard (2018, J. Bus. Psychol. 33): low values are invariant responding.
    """
    count = np.isfinite(answers).sum(axis=1)
    total = np.nansum(answers, axis=1)
    mean = np.divide(total, count, out=np.full(len(answers), np.nan), where=count > 0)
    squares = np.nansum((answers - mean[:, None]) ** 2, axis=1)
    variance = np.full(len(answers), np.nan)
    np.divide(squares, count - 1, out=variance, where=count > 1)
    return np.asarray(np.sqrt(variance), dtype=np.float64)


def even_odd(answers: Matrix, blocks: list[list[int]]) -> Vector:
    """Even-odd consistency, shape (n,): do two halves of every scale tell the same of a respondent?

    Within a respondent, r over the scales of (mean of the odd items, mean of the even items), stepped
    up by Spearman-Brown, 2r / (1 + r), and not below -1. `answers`, shape (n, k), keyed one way
    and in one metric; `blocks` the columns of each scale of two or more items. NaN where fewer
    than three scales have both halves or one side does not vary. Jackson (1976); Johnson (2005);
    Meade & Craig (2012, p. 443).
    """
    odd = np.column_stack([_row_means(answers[:, block[0::2]]) for block in blocks])
    even = np.column_stack([_row_means(answers[:, block[1::2]]) for block in blocks])
    both = np.isfinite(odd) & np.isfinite(even)
    odd, even = np.where(both, odd, np.nan), np.where(both, even, np.nan)
    odd = odd - _row_means(odd)[:, None]
    even = even - _row_means(even)[:, None]
    covariance = np.nansum(odd * even, axis=1)
    spread = np.sqrt(np.nansum(odd**2, axis=1) * np.nansum(even**2, axis=1))
    usable = (both.sum(axis=1) >= 3) & (spread > 1e-12)
    r = np.divide(covariance, spread, out=np.full(len(answers), np.nan), where=usable)
    stepped = np.full(len(answers), -1.0)
    np.divide(2 * r, 1 + r, out=stepped, where=~(r <= -1 + 1e-12))
    return np.asarray(np.maximum(stepped, -1.0), dtype=np.float64)


def mahalanobis_p(answers: Matrix) -> tuple[Vector, Vector] | None:
    """Squared Mahalanobis distance from the centroid and its p by chi-square(k), each shape (n,).

    D2 = (x - m)' S^-1 (x - m) over the complete rows of `answers`, shape (n, k); NaN in the others.
    None where S (n - 1) has no inverse. Mahalanobis (1936); Meade & Craig (2012, p. 444).
    Straight-liners near the middle score low: use it beside other indices.
    """
    from scipy.stats import chi2

    complete: Mask = np.isfinite(answers.sum(axis=1))
    rows = answers[complete]
    n, k = rows.shape
    if n < k + 2 or not k:
        return None
    centred = rows - rows.mean(axis=0)
    spread = centred.std(axis=0, ddof=1)
    if (spread <= 0).any():
        return None
    scaled = centred / spread
    correlation = scaled.T @ scaled / (n - 1)
    values, vectors = np.linalg.eigh(correlation)
    if values[0] < 1e-10 * values[-1]:
        return None
    projected = scaled @ vectors / np.sqrt(values)
    distance = np.full(len(answers), np.nan)
    distance[complete] = (projected**2).sum(axis=1)
    return distance, np.asarray(chi2.sf(distance, k), dtype=np.float64)


def repeated(codes: Indices) -> Indices:
    """For each row of `codes`, shape (n, k), the first row that is identical to it; -1 where it is the first.

    >>> repeated(np.array([[1, 2], [3, 4], [1, 2]])).tolist()
    [-1, -1, 0]
    """
    first: dict[bytes, int] = {}
    rows = np.ascontiguousarray(codes)
    earlier = np.full(len(rows), -1, dtype=np.intp)
    for position, row in enumerate(rows):
        at = first.setdefault(row.tobytes(), position)
        if at != position:
            earlier[position] = at
    return earlier


def _row_means(answers: Matrix) -> Vector:
    count = np.isfinite(answers).sum(axis=1)
    total = np.nansum(answers, axis=1)
    means = np.full(len(answers), np.nan)
    np.divide(total, count, out=means, where=count > 0)
    return means
