"""Expressions over labels: values against Python's arithmetic, gradients against central differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from research.errors import ModelError
from research.model.build import parameter_table
from research.model.expression import FUNCTIONS, parse_expression

ENV = {"a": 0.3, "b": 0.7, "c": -1.2, ".p1.": 2.5}

VALUES = [
    ("a + b - c", 0.3 + 0.7 + 1.2),
    ("a - b - c", 0.3 - 0.7 + 1.2),
    ("a / b / c", 0.3 / 0.7 / -1.2),
    ("a*b + c", 0.3 * 0.7 - 1.2),
    ("a*(b + c)", 0.3 * (0.7 - 1.2)),
    ("-b^2", -(0.7**2)),
    ("(-b)^2", 0.49),
    ("2^3^2", 512.0),
    ("2**-1", 0.5),
    ("--a", 0.3),
    ("+a", 0.3),
    ("-a*b", -0.21),
    ("a*-b", -0.21),
    ("1e2*a", 30.0),
    (".5*.p1.", 1.25),
    ("exp(a)*log(b)", math.exp(0.3) * math.log(0.7)),
    ("sqrt(abs(c))", math.sqrt(1.2)),
    ("sin(pi/2)", 1.0),
    ("a/(a + b + 0.49)", 0.3 / 1.49),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_values(text: str, value: float) -> None:
    assert parse_expression(text).value(ENV) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "text",
    [text for text, _ in VALUES]
    + [
        "a^b",
        "b^2 - a^c",
        "a*a*a",
        "a - a",
        "(a + b)/(a*c)",
        "exp(a*b)/log(.p1.)",
        "(a*b/c)^2",
        *(f"{name}(a)*b" for name in FUNCTIONS if name != "acosh"),
        "acosh(.p1.)^a",
    ],
)
def test_gradients(text: str) -> None:
    expression = parse_expression(text)
    gradient = expression.gradient(ENV)
    assert tuple(gradient) == expression.names
    for name in expression.names:
        h = 1e-6
        up = expression.value({**ENV, name: ENV[name] + h})
        down = expression.value({**ENV, name: ENV[name] - h})
        assert gradient[name] == pytest.approx((float(up) - float(down)) / (2 * h), rel=1e-8, abs=1e-8)


def test_arrays_of_draws_go_through_at_once() -> None:
    expression = parse_expression("a*b/(a*b + c)")
    draws = {name: np.random.default_rng(3).normal(size=50) for name in "abc"}
    values = np.asarray(expression.value(draws))
    slopes = np.asarray(expression.gradient(draws)["c"])
    for k in range(50):
        one = {name: float(draw[k]) for name, draw in draws.items()}
        assert values[k] == expression.value(one)
        assert slopes[k] == expression.gradient(one)["c"]


def test_what_has_no_value_is_nan_or_infinite_without_a_warning() -> None:
    assert math.isnan(float(parse_expression("log(c)").value(ENV)))
    assert parse_expression("1/(a - a)").value(ENV) == math.inf
    assert math.isnan(float(parse_expression("c^a").gradient(ENV)["a"]))


def test_definitions_that_grow_without_bound_are_refused_quickly() -> None:
    lines = ["y ~ d0*x", *(f"d{k + 1} := d{k} + d{k}" for k in range(40))]
    with pytest.raises(ModelError, match="grows beyond"):
        parameter_table("\n".join(lines))


@pytest.mark.parametrize(
    "text", ["", "a b", "a;b", "f(a)", "a +", "__import__('os')", "a.b(c)", "a = 2", "a[0]"]
)
def test_nothing_else_is_an_expression(text: str) -> None:
    with pytest.raises(ModelError):
        parse_expression(text)
