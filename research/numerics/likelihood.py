"""The maximum-likelihood discrepancy of moments, on one sample or on a batch of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from research.numerics import curvature
from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.cell_pairs import flat
from research.numerics.definite import cholesky_root, inverse_from_root, logdet_from_root
from research.numerics.implied import Implied, implied
from research.numerics.sem_layout import Block
from research.numerics.stacks import cholesky_roots


class SampleMoments(NamedTuple):
    """Moments of one block: `cov` (..., p, p), `mean` (..., p), `share` = n_g / N, `logdet` of cov (...)."""

    cov: Matrix
    mean: Vector
    share: float
    logdet: Vector | float


class BlockPoint(NamedTuple):
    """One block at one parameter vector: implied matrices and the Gram matrices of P and PTP."""

    at: Implied
    gram_P: Matrix
    gram_R: Matrix
    y: Vector | None


class Point(NamedTuple):
    """Value (...), gradient (..., q) and what the curvature needs."""

    value: Vector
    gradient: Vector
    blocks: tuple[BlockPoint, ...]


@dataclass(frozen=True, slots=True)
class MaximumLikelihood:
    """F = sum_g share_g [log|Sigma| + tr(T Sigma^-1) - log|S| - p], T = S + (m - mu)(m - mu)'.

    Twice lavaan's `fmin`; N F is the likelihood-ratio statistic. With a batch every sample has a leading
    axis; `rows` picks the replicates that are still being worked on.
    """

    blocks: tuple[Block, ...]
    samples: tuple[SampleMoments, ...]

    def value(self, theta: Vector, rows: Indices | None = None) -> Vector:
        """F at `theta` (..., q); infinite where Sigma is not positive definite."""
        values = []
        for block, whole in zip(self.blocks, self.samples, strict=True):
            sample = _picked(whole, rows)
            S, alpha = block.with_sample(sample.cov, sample.mean)
            at = implied(block, theta, S, alpha)
            P, logdet = inverse_and_logdet(at.Sigma)
            values.append(sample.share * _discrepancy(block, sample, at, P, logdet))
        return _or_infinite(_total(values))

    def point(self, theta: Vector, rows: Indices | None = None) -> Point:
        """F with its gradient and the pieces of its curvature."""
        if theta.ndim == 1:
            return self._single_point(theta)
        values, slopes, pieces = [], [], []
        for block, whole in zip(self.blocks, self.samples, strict=True):
            sample = _picked(whole, rows)
            S, alpha = block.with_sample(sample.cov, sample.mean)
            at = implied(block, theta, S, alpha)
            P, logdet = inverse_and_logdet(at.Sigma)
            T, y = sample.cov, None
            if block.means:
                gap = sample.mean - at.mu
                T = T + gap[..., :, None] * gap[..., None, :]
                y = (P @ gap[..., None])[..., 0]
            PW = P @ at.W
            gram_P = at.W.mT @ PW
            gram_R = PW.mT @ (T @ PW)
            values.append(sample.share * (logdet + _trace(P, T) - (sample.logdet + block.layout.n_observed)))
            slopes.append(_shared(sample.share, curvature.gradient(block, at, gram_P - gram_R, y)))
            pieces.append(BlockPoint(at, gram_P, gram_R, y))
        return Point(_or_infinite(_total(values)), _total(slopes), tuple(pieces))

    def _single_point(self, theta: Vector) -> Point:
        """`point` at one parameter vector: `dot` on two axes takes half the time of `@`."""
        total, slopes, pieces = 0.0, [], []
        for block, sample in zip(self.blocks, self.samples, strict=True):
            at = implied(block, theta, *block.with_sample(sample.cov, sample.mean))
            P, logdet = _inverse_and_logdet(at.Sigma)
            T, y = sample.cov, None
            if block.means:
                gap = sample.mean - at.mu
                T, y = T + np.multiply.outer(gap, gap), P.dot(gap)
            PW = P.dot(at.W)
            gram_P, gram_R = at.W.T.dot(PW), PW.T.dot(T.dot(PW))
            total += sample.share * (logdet + float(np.vdot(P, T)) - float(sample.logdet) - len(P))
            slopes.append(_shared(sample.share, curvature.gradient(block, at, gram_P - gram_R, y)))
            pieces.append(BlockPoint(at, gram_P, gram_R, y))
        return Point(np.array(total if math.isfinite(total) else np.inf), _total(slopes), tuple(pieces))

    def picked(self, rows: Indices) -> MaximumLikelihood:
        """The problem of some replicates."""
        return MaximumLikelihood(self.blocks, tuple(_picked(sample, rows) for sample in self.samples))

    def expected(self, point: Point) -> Matrix:
        """Expected Hessian of F, (..., q, q): twice the information of one observation."""
        parts = (
            _shared(sample.share, curvature.expected(block, piece.at, piece.gram_P))
            for block, sample, piece in zip(self.blocks, self.samples, point.blocks, strict=True)
        )
        return _total(parts)

    def second_order(self, point: Point) -> Matrix:
        """The part of the Hessian that comes from second derivatives of the moments, (q, q)."""
        parts = []
        for block, sample, piece in zip(self.blocks, self.samples, point.blocks, strict=True):
            along = None if piece.y is None else -2.0 * piece.y @ piece.at.W
            gram_Q = piece.gram_P - piece.gram_R
            parts.append(sample.share * curvature.second_order(block, piece.at, gram_Q, along))
        return _total(parts)

    def hessian(self, point: Point) -> Matrix:
        """Hessian of F, (..., q, q)."""
        parts = (
            _shared(sample.share, curvature.hessian_ml(block, piece.at, piece.gram_P, piece.gram_R, piece.y))
            for block, sample, piece in zip(self.blocks, self.samples, point.blocks, strict=True)
        )
        return _total(parts)


def picked_point(point: Point, keep: Mask) -> Point:
    """The replicates of a batch that `keep` marks."""
    blocks = tuple(
        BlockPoint(
            Implied(*(part[keep] if part.ndim > 1 and len(part) == len(keep) else part for part in piece.at)),
            piece.gram_P[keep],
            piece.gram_R[keep],
            None if piece.y is None else piece.y[keep],
        )
        for piece in point.blocks
    )
    return Point(point.value[keep], point.gradient[keep], blocks)


def inverse_and_logdet(Sigma: Matrix) -> tuple[Matrix, Vector]:
    """Sigma^-1 and log|Sigma|; NaN for every matrix that is not positive definite."""
    if Sigma.ndim == 2:
        P, single = _inverse_and_logdet(Sigma)
        return P, np.array(single)
    roots = cholesky_roots(Sigma)
    logdet = np.asarray(2.0 * np.log(np.diagonal(roots, axis1=-2, axis2=-1)).sum(axis=-1), dtype=np.float64)
    proper = np.isfinite(logdet)[..., None, None]
    everywhere = bool(proper.all())
    try:
        inverse = np.linalg.inv(Sigma if everywhere else np.where(proper, Sigma, np.eye(Sigma.shape[-1])))
    except np.linalg.LinAlgError:  # so nearly singular that elimination meets a zero; the root has none
        half = np.linalg.inv(np.where(proper, roots, np.eye(Sigma.shape[-1])))
        inverse = np.swapaxes(half, -1, -2) @ half
    return np.asarray(inverse if everywhere else np.where(proper, inverse, np.nan), dtype=np.float64), logdet


def _inverse_and_logdet(Sigma: Matrix) -> tuple[Matrix, float]:
    """`inverse_and_logdet` of one matrix, (p, p)."""
    root = cholesky_root(Sigma)
    if root is None:
        return np.full_like(Sigma, np.nan), math.nan
    return inverse_from_root(root), logdet_from_root(root)


def log_determinant(Sigma: Matrix) -> Vector:
    """log|Sigma| alone; NaN for every matrix that is not positive definite."""
    if Sigma.ndim > 2:
        return inverse_and_logdet(Sigma)[1]
    root = cholesky_root(Sigma)
    return np.array(np.nan if root is None else logdet_from_root(root))


def sample_moments(cov: Matrix, mean: Vector, share: float) -> SampleMoments:
    """Moments with the log-determinant of `cov`, (..., p, p); NaN where it is not positive definite."""
    return SampleMoments(cov, mean, share, log_determinant(cov))


def saturated_loglik(n_obs: float, cov: Matrix, logdet: float | None = None) -> float:
    """Normal log-likelihood of the unrestricted model: -n/2 [p log 2 pi + log|S| + p]."""
    p = len(cov)
    logdet = float(log_determinant(cov)) if logdet is None else logdet
    return -0.5 * n_obs * (p * math.log(2 * math.pi) + logdet + p)


def _discrepancy(block: Block, sample: SampleMoments, at: Implied, P: Matrix, logdet: Vector) -> Vector:
    value: Vector = logdet + _trace(P, sample.cov) - (sample.logdet + block.layout.n_observed)
    if block.means:
        gap = sample.mean - at.mu
        value = value + (gap * (P @ gap[..., None])[..., 0]).sum(axis=-1)
    return value


def _trace(P: Matrix, T: Matrix) -> Vector | float:
    """tr(PT) of symmetric matrices, (...)."""
    return float(np.vdot(P, T)) if P.ndim == 2 else np.vecdot(flat(P), flat(T))


def _or_infinite(value: Vector) -> Vector:
    """The value, infinite where it is not finite."""
    if not value.ndim:
        return value if math.isfinite(value) else np.array(np.inf)
    return np.where(np.isfinite(value), value, np.inf)


def _picked(sample: SampleMoments, rows: Indices | None) -> SampleMoments:
    if rows is None:
        return sample
    return SampleMoments(
        sample.cov[rows], sample.mean[rows], sample.share, np.asarray(sample.logdet, dtype=float)[rows]
    )


def _shared(share: float, part: Matrix) -> Matrix:
    """`part` times the share of its group, which is 1 where there is one group."""
    return part if share == 1.0 else share * part


def _total(parts: Iterable[Matrix]) -> Matrix:
    first, *others = parts
    for part in others:
        first = first + part
    return first
