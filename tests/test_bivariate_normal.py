"""The bivariate normal distribution against scipy, against quadrature and against its own slopes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from research.numerics.bivariate_normal import (
    bivariate_cdf,
    bivariate_density,
    bound_slope,
    density_slope,
    grid_cdf,
    rectangles,
)

RHO = [
    -0.9999,
    -0.99,
    -0.93,
    -0.92,
    -0.76,
    -0.5,
    -0.3,
    0.0,
    0.1,
    0.3,
    0.5,
    0.74,
    0.76,
    0.92,
    0.93,
    0.99,
    0.9999,
]


def test_equals_scipy() -> None:
    rng = np.random.default_rng(1)
    for rho in RHO:
        points = 1.5 * rng.normal(size=(12, 2))
        square = [[1.0, rho], [rho, 1.0]]
        wanted = [multivariate_normal.cdf(at, cov=square, abseps=1e-14, releps=1e-14) for at in points]
        np.testing.assert_allclose(bivariate_cdf(points[:, 0], points[:, 1], rho), wanted, rtol=0, atol=1e-13)


@pytest.mark.parametrize("rho", RHO)
def test_equals_quadrature(rho: float) -> None:
    """P = int_-inf^h phi(x) Phi((k - rho x)/sqrt(1 - rho^2)) dx."""
    width = np.sqrt((1 - rho) * (1 + rho))
    for h, k in ((0.0, 0.0), (-1.3, 0.4), (2.1, -0.7), (1.2, 1.3), (-2.5, -2.4)):
        turn = k / rho if rho else 0.0
        breaks = sorted({at for at in (turn - 8 * width, turn, turn + 8 * width) if -9 < at < h})
        edges = [-9.0, *breaks, h]
        wanted = sum(
            quad(
                lambda x, k=k: np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * ndtr((k - rho * x) / width),
                low,
                high,
                epsabs=1e-14,
                epsrel=1e-12,
                limit=200,
            )[0]
            for low, high in pairwise(edges)
        )
        assert float(bivariate_cdf(np.array(h), np.array(k), np.array(rho))) == pytest.approx(
            wanted, abs=1e-12
        )


def test_quadrant_has_a_closed_form() -> None:
    rho = np.linspace(-1, 1, 401)
    np.testing.assert_allclose(
        bivariate_cdf(0.0, 0.0, rho), 0.25 + np.arcsin(rho) / (2 * np.pi), rtol=0, atol=1e-14
    )


def test_bounds_at_infinity_and_correlations_of_one() -> None:
    inf = np.inf
    h, k = np.array([inf, 1.0, inf, 1.0, 1.0]), np.array([1.0, inf, inf, 0.5, -0.5])
    found = bivariate_cdf(h, k, np.array([0.95, 0.3, 0.99, 1.0, -1.0]))
    np.testing.assert_allclose(found, [ndtr(1), ndtr(1), 1, ndtr(0.5), ndtr(-0.5) - ndtr(-1)], atol=1e-15)
    assert float(bivariate_cdf(np.array(-inf), np.array(0.3), np.array(0.5))) < 1e-290


def test_grid_equals_points_and_cells_sum_to_one() -> None:
    rng = np.random.default_rng(2)
    h, k, rho = (
        np.sort(rng.normal(size=(9, 4))),
        np.sort(rng.normal(size=(9, 3))),
        np.linspace(-0.97, 0.97, 9),
    )
    grid = grid_cdf(h, k, rho)
    np.testing.assert_allclose(
        grid, bivariate_cdf(h[:, :, None], k[:, None, :], rho[:, None, None]), rtol=0, atol=1e-15
    )
    corners = np.zeros((9, 6, 5))
    corners[:, 1:-1, 1:-1] = grid
    corners[:, 1:-1, -1], corners[:, -1, 1:-1], corners[:, -1, -1] = ndtr(h), ndtr(k), 1.0
    cells = rectangles(corners)
    assert (cells > 0).all()
    np.testing.assert_allclose(cells.sum(axis=(1, 2)), 1.0, atol=1e-14)


def test_slopes_equal_differences() -> None:
    rng = np.random.default_rng(3)
    h, k, rho = rng.normal(size=50), rng.normal(size=50), rng.uniform(-0.95, 0.95, 50)
    step = 1e-5
    density = bivariate_density(h, k, rho)
    by_rho = (bivariate_cdf(h, k, rho + step) - bivariate_cdf(h, k, rho - step)) / (2 * step)
    np.testing.assert_allclose(density, by_rho, rtol=1e-4, atol=1e-8)
    by_h = (bivariate_cdf(h + step, k, rho) - bivariate_cdf(h - step, k, rho)) / (2 * step)
    np.testing.assert_allclose(bound_slope(h, k, rho), by_h, rtol=1e-4, atol=1e-8)
    twice = (bivariate_density(h, k, rho + step) - bivariate_density(h, k, rho - step)) / (2 * step)
    np.testing.assert_allclose(density_slope(h, k, rho, density), twice, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        density,
        [
            multivariate_normal([0, 0], [[1, r], [r, 1]]).pdf([a, b])
            for a, b, r in zip(h, k, rho, strict=True)
        ],
    )
