"""Arithmetic over labels for `:=`, `==`, `<` and `>`: parsed, never evaluated as code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from research.errors import did_you_mean
from research.model.tokens import Token, fault

Value: TypeAlias = NDArray[np.float64] | np.float64 | float
Slopes: TypeAlias = dict[str, Value]  # name -> derivative with respect to it

# name -> (function, its derivative at x given f = function(x))
_FUNCTIONS: dict[str, tuple[Callable[[Value], Value], Callable[[Value, Value], Value]]] = {
    "-": (np.negative, lambda _x, _f: -1.0),
    "exp": (np.exp, lambda _x, f: f),
    "log": (np.log, lambda x, _f: 1.0 / x),
    "log2": (np.log2, lambda x, _f: 1.0 / (x * np.log(2.0))),
    "log10": (np.log10, lambda x, _f: 1.0 / (x * np.log(10.0))),
    "log1p": (np.log1p, lambda x, _f: 1.0 / (1.0 + x)),
    "expm1": (np.expm1, lambda _x, f: f + 1.0),
    "sqrt": (np.sqrt, lambda _x, f: 0.5 / f),
    "abs": (np.abs, lambda x, _f: np.sign(x)),
    "sin": (np.sin, lambda x, _f: np.cos(x)),
    "cos": (np.cos, lambda x, _f: -np.sin(x)),
    "tan": (np.tan, lambda _x, f: 1.0 + f * f),
    "asin": (np.arcsin, lambda x, _f: 1.0 / np.sqrt(1.0 - x * x)),
    "acos": (np.arccos, lambda x, _f: -1.0 / np.sqrt(1.0 - x * x)),
    "atan": (np.arctan, lambda x, _f: 1.0 / (1.0 + x * x)),
    "sinh": (np.sinh, lambda x, _f: np.cosh(x)),
    "cosh": (np.cosh, lambda x, _f: np.sinh(x)),
    "tanh": (np.tanh, lambda _x, f: 1.0 - f * f),
    "asinh": (np.arcsinh, lambda x, _f: 1.0 / np.sqrt(x * x + 1.0)),
    "acosh": (np.arccosh, lambda x, _f: 1.0 / np.sqrt(x * x - 1.0)),
    "atanh": (np.arctanh, lambda x, _f: 1.0 / (1.0 - x * x)),
}
FUNCTIONS = tuple(sorted(name for name in _FUNCTIONS if name != "-"))
_CONSTANTS = {"pi": float(np.pi)}
_DEEPEST = 60  # levels of nesting; deeper text is no formula


class Step(NamedTuple):
    """One step of an expression in postfix order: push a number or a name, apply a function or + - * / ^."""

    kind: Literal["number", "name", "call", "binary"]
    text: str
    value: float = 0.0
    start: int = 0  # offset of a name in the model text


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. `names`: the labels it stands on, in order of appearance.

    >>> parse_expression("a*b + exp(0)").value({"a": 2.0, "b": 3.0})
    7.0
    >>> parse_expression("a*b + a^2").gradient({"a": 2.0, "b": 3.0})
    {'a': 7.0, 'b': 2.0}
    """

    steps: tuple[Step, ...]
    names: tuple[str, ...]
    text: str = field(default="", compare=False)

    def value(self, env: Mapping[str, Value]) -> Value:
        """The value where each name has the value in `env`: floats, or arrays of one shape (draws)."""
        stack: list[Value] = []
        with np.errstate(all="ignore"):
            for kind, text, number, _ in self.steps:
                if kind == "number":
                    stack.append(np.float64(number))
                elif kind == "name":
                    stack.append(np.asarray(env[text], dtype=np.float64))
                elif kind == "call":
                    stack.append(_FUNCTIONS[text][0](stack.pop()))
                else:
                    v = stack.pop()
                    stack.append(_combine(text, stack.pop(), v))
        return _plain(stack[0])

    def gradient(self, env: Mapping[str, Value]) -> Slopes:
        """The derivative with respect to each of `names`, exact, by forward differentiation.

        Each has the shape of the values in `env`. A name that cancels out has derivative zero.
        """
        stack: list[tuple[Value, Slopes]] = []  # value, and derivatives by the names it depends on
        with np.errstate(all="ignore"):
            for kind, text, number, _ in self.steps:
                if kind == "number":
                    stack.append((np.float64(number), {}))
                elif kind == "name":
                    stack.append((np.asarray(env[text], dtype=np.float64), {text: np.float64(1.0)}))
                elif kind == "call":
                    stack.append(_dual_call(text, *stack.pop()))
                else:
                    right = stack.pop()
                    stack.append(_dual_binary(text, stack.pop(), right))
        slopes = stack[0][1]
        return {name: _plain(slopes.get(name, 0.0)) for name in self.names}

    def replace(self, definitions: Mapping[str, Expression]) -> Expression:
        """The same expression with each defined name replaced by what it stands for."""
        if not any(name in definitions for name in self.names):
            return self
        steps: list[Step] = []
        for step in self.steps:
            if step.kind == "name" and step.text in definitions:
                steps += definitions[step.text].steps
            else:
                steps.append(step)
        return _expression(steps, self.text)

    def place(self, name: str) -> int:
        """The offset in the model text at which a name first stands."""
        return next((step.start for step in self.steps if step.kind == "name" and step.text == name), 0)


def parse_expression(text: str) -> Expression:
    """The expression in `text`; a `ModelError` with line and column where it is none."""
    from research.model.tokens import statements

    found = list(statements(text))
    if len(found) != 1:
        raise fault(text, found[1][0].start if found else 0, "expected one expression")
    return read_expression(text, found[0])


def read_expression(text: str, tokens: Sequence[Token]) -> Expression:
    """The expression that the tokens of one statement spell; the last token is `end`.

    Precedence as in R: ^ binds tighter than a minus sign, which binds tighter than * and /.
    """
    reader = _Reader(text, tokens)
    reader.sum()
    if reader.token.kind != "end":
        raise fault(text, reader.token.start, f"expected an operator + - * / ^ before '{reader.token.text}'")
    return _expression(reader.steps, "".join(token.text for token in tokens))


def _expression(steps: Sequence[Step], text: str) -> Expression:
    names = dict.fromkeys(step.text for step in steps if step.kind == "name")
    return Expression(tuple(steps), tuple(names), text)


class _Reader:
    """Recursive descent over the tokens of one expression; writes its steps in postfix order."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.place = 0
        self.depth = 0
        self.steps: list[Step] = []

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def sum(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise fault(self.text, self.token.start, f"more than {_DEEPEST} parentheses inside one another")
        self.product()
        while self.token.text in ("+", "-"):
            op = self.take()
            self.product()
            self.steps.append(Step("binary", op))
        self.depth -= 1

    def product(self) -> None:
        self.signed()
        while self.token.text in ("*", "/"):
            op = self.take()
            self.signed()
            self.steps.append(Step("binary", op))

    def signed(self) -> None:
        minus = False
        while self.token.text in ("+", "-"):
            minus ^= self.take() == "-"
        self.power()
        if minus:
            self.steps.append(Step("call", "-"))

    def power(self) -> None:
        self.atom()
        if self.token.text not in ("^", "**"):
            return
        self.take()
        self.depth += 1
        if self.depth > _DEEPEST:
            raise fault(self.text, self.token.start, f"more than {_DEEPEST} powers inside one another")
        self.signed()
        self.depth -= 1
        self.steps.append(Step("binary", "^"))

    def atom(self) -> None:
        kind, word, start = self.token
        if kind == "number":
            self.take()
            self.steps.append(Step("number", word, float(word)))
        elif kind == "name":
            self.take()
            if self.token.text == "(":
                self.call(word, start)
            elif word in _CONSTANTS:
                self.steps.append(Step("number", word, _CONSTANTS[word]))
            else:
                self.steps.append(Step("name", word, 0.0, start))
        elif word == "(":
            self.take()
            self.sum()
            self.close(start)
        else:
            found = f"found '{word}'" if word else "the expression ends here"
            raise fault(self.text, start, f"expected a label, a number or '(', but {found}")

    def call(self, function: str, start: int) -> None:
        if function not in FUNCTIONS:
            hint = did_you_mean(function, FUNCTIONS)
            raise fault(
                self.text, start, f"unknown function '{function}'; there are {', '.join(FUNCTIONS)}.{hint}"
            )
        opened = self.token.start
        self.take()
        self.sum()
        self.close(opened)
        self.steps.append(Step("call", function))

    def close(self, opened: int) -> None:
        if self.token.text == ")":
            self.take()
            return
        if self.token.kind == "end":
            raise fault(self.text, opened, "this '(' is never closed")
        raise fault(self.text, self.token.start, f"expected ')' before '{self.token.text}'")

    def take(self) -> str:
        word = self.token.text
        self.place += 1
        return word


def _plain(value: Value) -> Value:
    return float(value) if np.ndim(value) == 0 else value


def _combine(op: str, u: Value, v: Value) -> Value:
    if op == "+":
        return u + v
    if op == "-":
        return u - v
    if op == "*":
        return u * v
    if op == "/":
        return np.divide(u, v)
    return np.power(u, v)


def _dual_call(function: str, u: Value, du: Slopes) -> tuple[Value, Slopes]:
    apply, derivative = _FUNCTIONS[function]
    f = apply(u)
    outer = derivative(u, f)
    return f, {name: outer * slope for name, slope in du.items()}


def _dual_binary(op: str, left: tuple[Value, Slopes], right: tuple[Value, Slopes]) -> tuple[Value, Slopes]:
    (u, du), (v, dv) = left, right
    f = _combine(op, u, v)
    du_weight: Value = 1.0
    dv_weight: Value = 1.0
    if op == "-":
        dv_weight = -1.0
    elif op == "*":
        du_weight, dv_weight = v, u
    elif op == "/":
        du_weight, dv_weight = np.divide(1.0, v), -np.divide(f, v)
    elif op == "^":
        du_weight = v * np.power(u, v - 1.0)
        dv_weight = f * np.log(u) if dv else 0.0
    slopes: Slopes = {name: du_weight * slope for name, slope in du.items()}
    for name, slope in dv.items():
        term = dv_weight * slope
        slopes[name] = slopes[name] + term if name in slopes else term
    return f, slopes
