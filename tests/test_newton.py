"""Where a search for a minimum ends: at a minimum, or with the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from shared import shared

import research
from research.numerics.arrays import Matrix, Vector
from research.numerics.newton import Minimum, Progress, minimize


@dataclass
class Point:
    """A place with what is known of it."""

    theta: Vector
    value: Vector
    gradient: Vector


@dataclass
class Smooth:
    """A function of the parameters by its value, gradient and Hessian; `stand_in` for scoring."""

    f: Callable[[Vector], float]
    g: Callable[[Vector], Vector]
    H: Callable[[Vector], Matrix]
    stand_in: Callable[[Vector], Matrix]

    def value(self, theta: Vector) -> Vector:
        return np.asarray(self.f(theta))

    def point(self, theta: Vector) -> Point:
        return Point(theta, self.value(theta), self.g(theta))

    def expected(self, point: Point) -> Matrix:
        return self.stand_in(point.theta)

    def hessian(self, point: Point) -> Matrix:
        return self.H(point.theta)


def rosenbrock() -> Smooth:
    """(1 - x)^2 + 100 (y - x^2)^2, minimum 0 at (1, 1). Rosenbrock (1960)"""

    def f(t: Vector) -> float:
        return float((1 - t[0]) ** 2 + 100 * (t[1] - t[0] ** 2) ** 2)

    def g(t: Vector) -> Vector:
        bend = t[1] - t[0] ** 2
        return np.array([-2 * (1 - t[0]) - 400 * t[0] * bend, 200 * bend])

    def hessian(t: Vector) -> Matrix:
        return np.array([[2 - 400 * (t[1] - 3 * t[0] ** 2), -400 * t[0]], [-400 * t[0], 200.0]])

    def gauss_newton(t: Vector) -> Matrix:
        return np.array([[2 + 800 * t[0] ** 2, -400 * t[0]], [-400 * t[0], 200.0]])

    return Smooth(f, g, hessian, gauss_newton)


def test_the_minimum_is_found() -> None:
    found = minimize(rosenbrock(), np.array([-1.2, 1.0]))
    assert found.converged
    np.testing.assert_allclose(found.theta, [1.0, 1.0], atol=1e-8)
    assert isinstance(found.point, Point)
    np.testing.assert_array_equal(found.point.theta, found.theta)


def test_max_iter_counts_places_and_is_named() -> None:
    whole = minimize(rosenbrock(), np.array([-1.2, 1.0]))
    enough = minimize(rosenbrock(), np.array([-1.2, 1.0]), max_iter=whole.n_steps + 1)
    short = minimize(rosenbrock(), np.array([-1.2, 1.0]), max_iter=whole.n_steps)
    assert enough.converged
    assert not short.converged
    assert f"max_iter = {whole.n_steps}" in short.reason


def test_a_search_goes_on_from_where_it_was_stopped() -> None:
    start = np.array([-1.2, 1.0])
    whole = minimize(rosenbrock(), start)
    first = minimize(rosenbrock(), start, max_iter=4)
    second = minimize(rosenbrock(), first.theta, scoring_steps=0, taken=first.n_steps - 1)
    assert second.converged
    np.testing.assert_allclose(second.theta, whole.theta, atol=1e-8)


def runs_off(start: float) -> Minimum:
    """exp(-x) falls without end: there is no minimum, only less and less slope."""

    def slope(t: Vector) -> Vector:
        return -np.exp(-t)

    def curvature(t: Vector) -> Matrix:
        return np.exp(-t)[:, None]

    return minimize(Smooth(lambda t: float(np.exp(-t[0])), slope, curvature, curvature), np.array([start]))


@pytest.mark.parametrize("start", [0.0, 5.0, 30.0])
def test_a_fall_without_end_is_no_convergence(start: float) -> None:
    found = runs_off(start)
    assert not found.converged
    assert "flat" in found.reason


def test_a_saddle_is_left() -> None:
    """x^2 - y^2 + y^4 / 2 has a saddle at zero, where scoring stands still, and minima of -1/2 at y = ±1."""
    saddle = Smooth(
        lambda t: float(t[0] ** 2 - t[1] ** 2 + t[1] ** 4 / 2),
        lambda t: np.array([2 * t[0], -2 * t[1] + 2 * t[1] ** 3]),
        lambda t: np.diag([2.0, -2.0 + 6 * t[1] ** 2]),
        lambda _: 2.0 * np.eye(2),
    )
    found = minimize(saddle, np.array([0.3, 0.0]))
    assert found.converged
    assert found.value == pytest.approx(-0.5, abs=1e-10)
    assert abs(found.theta[1]) == pytest.approx(1.0, abs=1e-6)


def test_a_direction_without_information_is_not_moved_along() -> None:
    """(x + y - 1)^2: every point of a line is a minimum, and the search ends at the nearest."""
    flat = Smooth(
        lambda t: float((t[0] + t[1] - 1) ** 2),
        lambda t: np.full(2, 2 * (t[0] + t[1] - 1)),
        lambda _: np.full((2, 2), 2.0),
        lambda _: np.full((2, 2), 2.0),
    )
    found = minimize(flat, np.array([3.0, 1.0]))
    assert found.converged
    np.testing.assert_allclose(found.theta, [1.5, -0.5], atol=1e-8)


def steep(t: Vector) -> float:
    """x^400: every step of Newton's method takes x down by a 399th, so that hundreds are needed."""
    return float(t[0] ** 400)


def test_only_max_iter_limits_the_steps() -> None:
    slope = Smooth(
        steep,
        lambda t: 400 * t**399,
        lambda t: (400 * 399 * t**398)[:, None],
        lambda t: (400 * 399 * t**398)[:, None],
    )
    found = minimize(slope, np.array([2.0]))
    assert found.converged
    assert found.n_steps > 250
    assert not minimize(slope, np.array([2.0]), max_iter=250).converged


def test_the_option_is_named_in_the_note() -> None:
    model = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"
    frame = pd.read_csv(shared("reference/data/HolzingerSwineford1939.csv"))
    short = research.cfa(model, frame, max_iter=3)
    assert not short.converged
    assert any("max_iter = 3 iterations were not enough" in note for note in short.notes)
    assert research.cfa(model, frame, max_iter=10).converged


def test_a_search_that_creeps_is_given_up() -> None:
    """Steps that must be cut to next to nothing: 200 of them, not 10,000."""
    wall = Smooth(
        lambda t: float(-1e-6 * t[0]),
        lambda _: np.array([-1.0]),
        lambda _: -np.eye(1),
        lambda _: np.eye(1),
    )
    found = minimize(wall, np.zeros(1))
    assert not found.converged
    assert found.n_steps < 300


def test_progress_is_what_a_whole_step_promises() -> None:
    slow, fair = Progress(1.0), Progress(1.0)
    assert not any(fair.gives_up(1.0 - 1e-3 * k, 0.1) for k in range(1, 500))
    ends = [slow.gives_up(1.0 - 1e-5 * k, 0.1) for k in range(1, 101)]
    assert not any(ends[:-1])
    assert "no minimum" in ends[-1]
