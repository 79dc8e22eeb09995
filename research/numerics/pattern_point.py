"""The normal likelihood of incomplete rows at (Sigma, mu), from what the missing values are expected to be.

With P = Sigma^-1, m the missing and o the observed variables of a row, d = y - mu:

    E(d_m | d_o) = -P_mm^-1 P_mo d_o,  cov(d_m | d_o) = P_mm^-1 =: C,  log|Sigma_oo| = log|Sigma| + log|P_mm|,

so that only matrices of the size of the gaps are inverted. With the rows completed by what is expected, d^,

    d_o'Sigma_oo^-1 d_o = d^'P d^,  Sigma_oo^-1 d_o = P d^ =: y (zero at the gaps),  T = mean d^d^' + mean C,

and the slope of F by Sigma is that of complete rows with the moments T: P - P T P (Dempster, Laird & Rubin
1977; Orchard & Woodbury 1972).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from research.numerics.arrays import Indices, Matrix, Stack, Vector
from research.numerics.implied import lower
from research.numerics.likelihood import inverse_and_logdet
from research.numerics.missing_patterns import Gaps, Patterns
from research.numerics.stacks import cholesky_roots

_SWEPT = 10  # gaps: fewer are inverted by sweeping all patterns at once, more by LAPACK one by one


class PatternPoint(NamedTuple):
    """At (Sigma, mu): `value`, the mean of log|Sigma_oo| + d_o'Sigma_oo^-1 d_o; P (p, p); T (p, p);
    `shift` (p,), the mean of d^; `lines` (L, p), the y of the lines; `C`, of every member of `gaps`.
    """

    value: float
    P: Matrix
    T: Matrix
    shift: Vector
    lines: Matrix
    C: tuple[Stack, ...]

    @property
    def by_sigma(self) -> Matrix:
        """P - P T P, the slope by Sigma."""
        return np.asarray(self.P - self.P @ self.T @ self.P)

    @property
    def half_by_mu(self) -> Vector:
        """P times the mean of d^: minus half the slope by mu."""
        return np.asarray(self.P @ self.shift)


def pattern_point(patterns: Patterns, Sigma: Matrix, mu: Vector) -> PatternPoint:
    """The likelihood and its pieces; the value is infinite where Sigma is not positive definite."""
    P, logdet = inverse_and_logdet(Sigma)
    if not np.isfinite(logdet):
        return PatternPoint(np.inf, P, P, P[0], patterns.values, ())
    p = len(mu)
    share = patterns.n / patterns.n_obs
    weight = patterns.weight / patterns.n_obs
    wide = bordered(P)
    d = np.zeros((len(weight), p + 1))
    d[:, :p] = patterns.deviations(mu)
    slopes = d @ wide
    spread = np.zeros((p + 1) ** 2)
    value = float(logdet)
    stacks = []
    for gaps in patterns.gaps:
        C, logs = _conditional(gaps, wide)
        stacks.append(C)
        if len(gaps.gap):
            within = share[gaps.patterns]
            value += float(within @ logs)
            _complete(d, slopes, gaps.lines, *_by_line(gaps, C))
            spread += np.bincount(gaps.cells.ravel(), weights=(within * C).ravel(), minlength=len(spread))
    d = d[:, :p]
    y = d @ P
    value += float(weight @ (d * y).sum(axis=1))
    T = (d.T * weight) @ d + spread.reshape(p + 1, p + 1)[:p, :p]
    return PatternPoint(value, P, T, (weight * patterns.level) @ d, y, tuple(stacks))


def weighted_deviations(patterns: Patterns, point: PatternPoint, data: Matrix, mu: Vector) -> Matrix:
    """y = Sigma_oo^-1 (y_o - mu_o) of every row of `data` (n, p), zero where a value is missing."""
    p = len(mu)
    d = np.zeros((len(data), p + 1))
    d[:, :p] = np.where(np.isnan(data), 0.0, data - mu)
    slopes = d @ bordered(point.P)
    place = np.full(len(patterns.n), -1)
    for gaps, C in zip(patterns.gaps, point.C, strict=True):
        place[:] = -1
        place[gaps.patterns] = np.arange(len(gaps.patterns))
        own = place[patterns.label]
        rows = np.flatnonzero(own >= 0)
        if not len(gaps.gap):
            continue
        size = max(1, 1_000_000 // len(C) ** 2)
        for begin in range(0, len(rows), size):
            part = rows[begin : begin + size]
            _complete(d, slopes, part, gaps.gap[:, own[part]], C[:, :, own[part]])
    return np.asarray(d[:, :p] @ point.P)


def pattern_inverses(patterns: Patterns, gaps: Gaps, P: Matrix, C: Stack) -> Matrix:
    """vech of Sigma_oo^-1 of every pattern, zero where a variable is missing, (k, p*): P - P_.m C P_m."""
    row, column = lower(len(P))
    rows = bordered(P)[gaps.gap, :-1]
    inverses = np.repeat(P[row, column][None], len(gaps.patterns), axis=0)
    for at in range(len(gaps.gap)):
        other = (C[at, :, :, None] * rows).sum(axis=0)
        inverses -= rows[at][:, row] * other[:, column]
    seen = patterns.seen[gaps.patterns]
    return np.where(seen[:, row] & seen[:, column], inverses, 0.0)


def bordered(P: Matrix) -> Matrix:
    """P with a column and a row of zeros for the gaps that are none."""
    wide = np.zeros((len(P) + 1, len(P) + 1))
    wide[:-1, :-1] = P
    return wide


def _conditional(gaps: Gaps, wide: Matrix) -> tuple[Stack, Vector]:
    """C (m, m, k) and log|P_mm| (k,) of every pattern."""
    stack = wide.ravel().take(gaps.cells) + gaps.pad
    m = len(stack)
    if m > _SWEPT:
        whole = np.moveaxis(stack, 2, 0)
        roots = cholesky_roots(whole)
        logs = 2.0 * np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
        return np.moveaxis(np.asarray(np.linalg.inv(whole), dtype=np.float64), 0, 2), logs
    product: Vector = np.ones(stack.shape[2])
    for at in range(m):
        pivot = stack[at, at].copy()
        product *= pivot
        scaled = stack[at] / pivot
        stack -= stack[:, at, None] * scaled
        stack[at] = stack[:, at] = scaled
        stack[at, at] = -1.0 / pivot
    return -stack, np.log(product)


def _by_line(gaps: Gaps, C: Stack) -> tuple[Indices, Stack]:
    """The gaps and the C of every line."""
    return (gaps.gap, C) if gaps.alone else (gaps.gap[:, gaps.of], C[:, :, gaps.of])


def _complete(d: Matrix, slopes: Matrix, rows: Indices, gap: Indices, C: Stack) -> None:
    """Put -C P_mo d_o into the gaps of the `rows` of `d`; `slopes` is d P; both have a column for no gap."""
    expected = np.einsum("ijr,jr->ir", C, slopes[rows, gap])
    d[rows, gap] = -expected
