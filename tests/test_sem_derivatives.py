"""Gradients and Hessians of every discrepancy against central differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from research.estimation.compiled import Compiled, compile_table
from research.estimation.incomplete import with_saturated_moments
from research.estimation.problem import problem_of
from research.estimation.sample import sample_from_frame
from research.model.build import parameter_table
from research.model.options import Options, read_options
from research.numerics.implied import implied, jacobian, lower
from research.numerics.two_level import TwoLevel, two_level_moments

MODEL = """f =~ a + b + c
g =~ d + e + u
g ~ p*f + x
h ~ g + x + f
a ~~ d
f ~~ v*f
e ~~ v*e"""
MEANS = MODEL + "\nf ~ 0*1\ng ~ m*1\na ~ m*1"
STEP = 1e-5


def rows(n: int = 60, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    mix = np.eye(8) + 0.4 * rng.normal(size=(8, 8))
    return pd.DataFrame(rng.normal(size=(n, 8)) @ mix + 1.0, columns=list("abcdeuhx"))


def setting(model: str, **given: Any) -> tuple[Any, Compiled]:
    data = rows()
    options: Options = read_options("sem", **given)
    table = parameter_table(model, options, fun="sem", observed=list(data.columns))
    if options.missing == "fiml":
        holes = np.random.default_rng(1).random(data.shape) < 0.15
        holes[:, -1] = False
        data = data.mask(holes)
    sample = sample_from_frame(
        data, table.observed, exogenous=table.exogenous, keep_missing=options.missing == "fiml"
    )
    if options.missing == "fiml":
        sample = with_saturated_moments(sample)
    compiled = compile_table(table)
    return problem_of(compiled, sample, options), compiled


def somewhere(compiled: Compiled) -> np.ndarray:
    """A point away from any minimum where Sigma is positive definite."""
    rng = np.random.default_rng(8)
    theta = 0.3 * rng.normal(size=compiled.n_parameters)
    for block in compiled.blocks:
        lay = block.layout
        diagonal = lay.parameter[lay.n_paths :][: lay.n_covariances][lay.S_row == lay.S_col]
        theta[diagonal] = 1.5 + rng.random(len(diagonal))
    return theta


def differences(function: Callable[[np.ndarray], np.ndarray], theta: np.ndarray) -> np.ndarray:
    steps = STEP * np.eye(len(theta))
    return np.array([(function(theta + h) - function(theta - h)) / (2 * STEP) for h in steps])


@pytest.mark.parametrize("model", [MODEL, MEANS])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"fixed_x": False},
        {"estimator": "GLS"},
        {"estimator": "ULS"},
        {"estimator": "DWLS"},
        {"missing": "fiml"},
    ],
)
def test_gradient_and_hessian(model: str, given: dict[str, Any]) -> None:
    problem, compiled = setting(model, **given)
    theta = somewhere(compiled)
    point = problem.point(theta)
    assert float(problem.value(theta)) == pytest.approx(float(point.value), rel=1e-12)
    slope = differences(lambda at: np.asarray(problem.value(at)), theta)
    np.testing.assert_allclose(point.gradient, slope, atol=1e-6 * max(1.0, np.abs(slope).max()))
    curvature = differences(lambda at: problem.point(at).gradient, theta)
    scale = np.abs(curvature).max()
    np.testing.assert_allclose(problem.hessian(point), curvature, atol=1e-7 * scale)
    assert np.linalg.eigvalsh(problem.expected(point))[0] > -1e-9 * scale


def test_jacobian_of_the_moments() -> None:
    _, compiled = setting(MEANS)
    block, theta = compiled.blocks[0], somewhere(compiled)

    def moments(at: np.ndarray) -> np.ndarray:
        found = implied(block, at)
        return np.concatenate([found.mu, found.Sigma[lower(8)]])

    np.testing.assert_allclose(
        jacobian(block, implied(block, theta)), differences(moments, theta).T, atol=1e-8
    )


def test_two_levels() -> None:
    model = "level: 1\nf =~ a + b + c\nf ~ x\nlevel: 2\ng =~ a + b + c\ng ~ z"
    rng = np.random.default_rng(4)
    clusters = np.repeat(np.arange(20), np.tile([2, 3, 5, 6], 5))
    table = parameter_table(model, read_options("sem", cluster="k"), fun="sem", observed=list("abcxzk"))
    compiled = compile_table(table)
    Y = rng.normal(size=(len(clusters), 4)) + rng.normal(size=(20, 1))[clusters]
    Z = rng.normal(size=(20, 1))[clusters]
    moments = two_level_moments(Y, Z, clusters, np.array([0, 1, 2, -1]), 4, np.array([3]))
    covs = (np.cov(Y.T), np.eye(4))
    problem = TwoLevel((compiled.blocks[0], compiled.blocks[1]), moments, covs, (np.zeros(4), np.zeros(4)))
    theta = somewhere(compiled)
    point = problem.point(theta)
    slope = differences(lambda at: np.asarray(problem.value(at)), theta)
    np.testing.assert_allclose(point.gradient, slope, atol=1e-7)
    curvature = differences(lambda at: problem.point(at).gradient, theta)
    np.testing.assert_allclose(problem.hessian(point), curvature, atol=1e-6)


def test_two_levels_have_the_likelihood_of_the_rows() -> None:
    """The sum over cluster sizes is the normal density of all rows at once."""
    model = "level: 1\na ~~ a\nb ~~ b\na ~~ b\nlevel: 2\na ~~ a\nb ~~ b\na ~~ b\na ~ 1\nb ~ 1"
    rng = np.random.default_rng(6)
    clusters = np.repeat(np.arange(7), [2, 3, 3, 4, 2, 5, 1])
    Y = rng.normal(size=(len(clusters), 2))
    compiled = compile_table(parameter_table(model, read_options("sem", cluster="k"), observed=list("abk")))
    moments = two_level_moments(Y, np.zeros((len(Y), 0)), clusters, np.arange(2), 2, np.zeros(0, dtype=int))
    zeros = (np.eye(2), np.eye(2)), (np.zeros(2), np.zeros(2))
    problem = TwoLevel((compiled.blocks[0], compiled.blocks[1]), moments, *zeros)
    names = [f"{p.level}{p.lhs}{p.op}{p.rhs}" for p in compiled.table.parameters if p.free]
    values = {
        "1a~~a": 1.3,
        "1b~~b": 0.9,
        "1a~~b": 0.2,
        "2a~~a": 0.5,
        "2b~~b": 0.7,
        "2a~~b": -0.1,
        "2a~1": 0.4,
        "2b~1": -0.2,
    }
    theta = np.array([values[name] for name in names])
    within, between = np.array([[1.3, 0.2], [0.2, 0.9]]), np.array([[0.5, -0.1], [-0.1, 0.7]])
    same = clusters[:, None] == clusters[None, :]
    Sigma = np.kron(np.eye(len(Y)), within) + np.kron(same, between)
    d = (Y - np.array([0.4, -0.2])).ravel()
    direct = np.linalg.slogdet(Sigma)[1] + d @ np.linalg.solve(Sigma, d)
    assert float(problem.value(theta)) * len(Y) == pytest.approx(direct, rel=1e-12)
