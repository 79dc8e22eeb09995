"""The bivariate normal distribution over whole arrays: distribution function, density, slopes.

P(X <= h, Y <= k) follows from Plackett's (1954) identity dP/drho = density, integrated over asin(rho) by
Gauss-Legendre (Drezner & Wesolowsky 1990); where |rho| > .925 the integrand is expanded about |rho| = 1
first (Genz 2004, Statistics and Computing 14, 251-260). The error is below 1e-14.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from research.numerics.arrays import Matrix, Stack, Vector
from research.numerics.chi_square import normal_cdf

STEEP = 0.925  # |rho| from which the expansion about 1 is used
FAR = 37.0  # a bound beyond it is as good as infinite: P(Z > 37) < 1e-299
BLOCK = 16_384  # values worked on at once, so that they stay in the processor's cache
NODES = ((0.3, 6), (0.75, 12), (STEEP, 20))  # nodes that are enough up to |rho| (Genz 2004)


def bivariate_cdf(h: Vector, k: Vector, rho: Vector) -> Vector:
    """P(X <= h, Y <= k) of standard normal X and Y with correlation `rho`, arrays that broadcast.

    `h`, `k` may be infinite; `rho` lies in [-1, 1].

    >>> round(float(bivariate_cdf(np.array(0.0), np.array(0.0), np.array(0.5))), 12)
    0.333333333333
    """
    a, b, r = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in (h, k, rho)))
    shape = a.shape
    upper = [np.clip(-each.ravel(), -FAR, FAR) for each in (a, b)]
    r = r.ravel()
    out = np.empty(len(r))
    size, lower = np.abs(r), -1.0
    for limit, nodes in NODES:
        here = (size > lower) & (size <= limit)
        if here.any():
            out[here] = _moderate(upper[0][here], upper[1][here], r[here], nodes)
        lower = limit
    steep = size > STEEP
    if steep.any():
        out[steep] = _steep(upper[0][steep], upper[1][steep], r[steep])
    return np.asarray(np.clip(out, 0.0, 1.0).reshape(shape))


def grid_cdf(h: Matrix, k: Matrix, rho: Vector) -> Stack:
    """P(X <= h_i, Y <= k_j) on one grid for each correlation: (m, r) and (m, c) with (m,) → (m, r, c)."""
    out = np.empty((len(rho), h.shape[1], k.shape[1]))
    per_block = max(1, BLOCK // max(1, out.shape[1] * out.shape[2]))
    size, lower = np.abs(rho), -1.0
    for limit, nodes in NODES:
        here = np.flatnonzero((size > lower) & (size <= limit))
        for start in range(0, len(here), per_block):
            at = here[start : start + per_block]
            upper, across = np.clip(-h[at], -FAR, FAR)[:, :, None], np.clip(-k[at], -FAR, FAR)[:, None, :]
            out[at] = _moderate(upper, across, rho[at, None, None], nodes)
        lower = limit
    steep = np.flatnonzero(size > STEEP)
    if len(steep):
        out[steep] = bivariate_cdf(h[steep, :, None], k[steep, None, :], rho[steep, None, None])
    return out


def bivariate_density(h: Vector, k: Vector, rho: Vector) -> Vector:
    """Density at (h, k), also the derivative of the distribution function by `rho`; 0 at infinity."""
    a, b = np.clip(h, -FAR, FAR), np.clip(k, -FAR, FAR)
    rest = 1.0 - rho * rho
    return np.asarray(np.exp((rho * a * b - 0.5 * (a * a + b * b)) / rest) / (2.0 * math.pi * np.sqrt(rest)))


def density_slope(h: Vector, k: Vector, rho: Vector, density: Vector) -> Vector:
    """Derivative of the density by `rho`.

    density * [rho + ((1 + rho^2) hk - rho (h^2 + k^2))/(1 - rho^2)]/(1 - rho^2)
    """
    a, b = np.clip(h, -FAR, FAR), np.clip(k, -FAR, FAR)
    rest = 1.0 - rho * rho
    inner = ((1.0 + rho * rho) * a * b - rho * (a * a + b * b)) / rest
    return np.asarray(density * (rho + inner) / rest)


def bound_slope(h: Vector, k: Vector, rho: Vector) -> Vector:
    """Derivative of P(X <= h, Y <= k) by `h`: phi(h) Phi((k - rho h)/sqrt(1 - rho^2)); 0 at infinite h."""
    a = np.clip(h, -FAR, FAR)
    b = np.clip(k, -2.0 * FAR, 2.0 * FAR)
    return np.asarray(normal_density(a) * normal_cdf((b - rho * a) / np.sqrt(1.0 - rho * rho)))


def normal_density(z: Vector) -> Vector:
    """Density of a standard normal variable."""
    return np.asarray(np.exp(-0.5 * z * z) * (1.0 / math.sqrt(2.0 * math.pi)))


def rectangles(corners: Vector) -> Vector:
    """Probabilities of the cells between the corners of a grid, (..., r + 1, c + 1) → (..., r, c)."""
    rows = corners[..., 1:, :] - corners[..., :-1, :]
    return np.asarray(rows[..., 1:] - rows[..., :-1])


def _moderate(h: Vector, k: Vector, r: Vector, nodes: int) -> Vector:
    """P(X > h, Y > k), r of the shape of h and k or one that broadcasts to it.

    Phi(-h) Phi(-k) + 1/(2 pi) int_0^asin(r) exp(-(h^2 + k^2 - 2 hk sin t)/(2 cos^2 t)) dt
    """
    x, w = _legendre(nodes)
    angle, product, squares = np.arcsin(r), h * k, 0.5 * (h * h + k * k)
    total, term = np.zeros_like(product), np.empty_like(product)
    for node, weight in zip(x, w, strict=True):
        sine = np.sin(angle * (0.5 * (1.0 + node)))
        np.multiply(product, sine, out=term)
        term -= squares
        term /= 1.0 - sine * sine
        np.exp(term, out=term)
        term *= weight
        total += term
    return np.asarray(total * angle / (4.0 * math.pi) + normal_cdf(-h) * normal_cdf(-k))


def _steep(h: Vector, k: Vector, r: Vector) -> Vector:
    """P(X > h, Y > k) near |r| = 1; a negative r through P(X > h) - P(X > h, -Y > -k)."""
    turned = r < 0
    k = np.where(turned, -k, k)
    below = _limit_less_rest(h, k, np.abs(r))
    both = normal_cdf(-np.maximum(h, k)) - below
    alone = np.maximum(normal_cdf(-h) - normal_cdf(-k), 0.0)
    opposite = np.where(h < 0, np.maximum(normal_cdf(k) - normal_cdf(h), 0.0), alone)
    return np.asarray(np.where(turned, opposite + below, both))


def _limit_less_rest(h: Vector, k: Vector, r: Vector) -> Vector:
    """P(X > max(h, k)) - P(X > h, Y > k): the integral from r to 1, its singular part in closed form.

    With a^2 = 1 - r^2, b^2 = (h - k)^2, c = (4 - hk)/8 and d = (12 - hk)/16, Genz (2004), section 2.4.
    """
    rest = (1.0 - r) * (1.0 + r)
    a, gap, hk = np.sqrt(rest), (h - k) ** 2, h * k
    c, d = (4.0 - hk) / 8.0, (12.0 - hk) / 16.0
    inside = rest > 0
    safe = np.where(inside, rest, 1.0)
    total = a * np.exp(-0.5 * (gap / safe + hk))
    total *= 1.0 - c * (gap - rest) * (1.0 - d * gap / 5.0) / 3.0 + c * d * rest * rest / 5.0
    b = np.sqrt(gap)
    near = hk > -100.0
    edge = (
        np.exp(-0.5 * np.where(near, hk, 0.0)) * math.sqrt(2.0 * math.pi) * normal_cdf(-b / np.sqrt(safe)) * b
    )
    total -= np.where(near, edge * (1.0 - c * gap * (1.0 - d * gap / 5.0) / 3.0), 0.0)
    total = np.where(np.abs(h - k) < 2.0 * FAR, total, 0.0)
    nodes, weights = _legendre(20)
    half = 0.5 * a
    for node, weight in zip(nodes, weights, strict=True):
        square = (half * (node + 1.0)) ** 2
        root = np.sqrt(1.0 - square)
        lift = -0.5 * (gap / np.where(inside, square, 1.0) + hk)
        kept = inside & (lift > -100.0)
        exact = np.exp(np.where(kept, -hk * (1.0 - root) / (2.0 * (1.0 + root)), 0.0)) / root
        series = 1.0 + c * square * (1.0 + d * square)
        total += np.where(kept, half * weight * np.exp(np.where(kept, lift, 0.0)) * (exact - series), 0.0)
    return np.asarray(np.where(inside, total / (2.0 * math.pi), 0.0))


@lru_cache(maxsize=8)
def _legendre(nodes: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    x, w = np.polynomial.legendre.leggauss(nodes)
    return tuple(x.tolist()), tuple(w.tolist())
