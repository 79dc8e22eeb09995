"""Arithmetic over labels for `:=`, `==`, `<` and `>`: parsed, never evaluated as code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from research.errors import did_you_mean
from research.model.tokens import Token, fail

Value: TypeAlias = NDArray[np.float64] | np.float64 | float
Slopes: TypeAlias = dict[str, Value]  # name -> derivative with respect to it

_ROOT_PI = np.sqrt(np.pi)

# name -> (function, its derivative at x given f = function(x))
_FUNCTIONS: dict[str, tuple[Callable[[Value], Value], Callable[[Value, Value], Value]]] = {
    "exp": (np.exp, lambda x, f: f),
    "log": (np.log, lambda x, f: 1.0 / x),
    "log2": (np.log2, lambda x, f: 1.0 / (x * np.log(2.0))),
    "log10": (np.log10, lambda x, f: 1.0 / (x * np.log(10.0))),
    "log1p": (np.log1p, lambda x, f: 1.0 / (1.0 + x)),
    "expm1": (np.expm1, lambda x, f: f + 1.0),
    "sqrt": (np.sqrt, lambda x, f: 0.5 / f),
    "abs": (np.abs, lambda x, f: np.sign(x)),
    "sin": (np.sin, lambda x, f: np.cos(x)),
    "cos": (np.cos, lambda x, f: -np.sin(x)),
    "tan": (np.tan, lambda x, f: 1.0 + f * f),
    "asin": (np.arcsin, lambda x, f: 1.0 / np.sqrt(1.0 - x * x)),
    "acos": (np.arccos, lambda x, f: -1.0 / np.sqrt(1.0 - x * x)),
    "atan": (np.arctan, lambda x, f: 1.0 / (1.0 + x * x)),
    "sinh": (np.sinh, lambda x, f: np.cosh(x)),
    "cosh": (np.cosh, lambda x, f: np.sinh(x)),
    "tanh": (np.tanh, lambda x, f: 1.0 - f * f),
    "asinh": (np.arcsinh, lambda x, f: 1.0 / np.sqrt(x * x + 1.0)),
    "acosh": (np.arccosh, lambda x, f: 1.0 / np.sqrt(x * x - 1.0)),
    "atanh": (np.arctanh, lambda x, f: 1.0 / (1.0 - x * x)),
}
FUNCTIONS = tuple(sorted(_FUNCTIONS))
_CONSTANTS = {"pi": float(np.pi)}
_DEEPEST = 60  # levels of nesting; deeper text is no formula


@dataclass(frozen=True, slots=True)
class Number:
    """A number in an expression."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A label, a plabel (`.p1.`) or a defined name."""

    name: str
    start: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right` with op one of + - * / ^."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one argument; `neg` is the minus sign."""

    function: str
    argument: Node


Node: TypeAlias = Number | Name | Binary | Call


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. `names`: the labels it stands on, in order of appearance.

    >>> parse_expression("a*b + exp(0)").value({"a": 2.0, "b": 3.0})
    7.0
    >>> parse_expression("a*b + a^2").gradient({"a": 2.0, "b": 3.0})
    {'a': 7.0, 'b': 2.0}
    """

    root: Node
    names: tuple[str, ...]
    text: str = field(default="", compare=False)

    def value(self, env: Mapping[str, Value]) -> Value:
        """The value where each name has the value in `env`: floats, or arrays of one shape (draws)."""
        with np.errstate(all="ignore"):
            value = _value(self.root, env)
        return float(value) if np.ndim(value) == 0 else value

    def gradient(self, env: Mapping[str, Value]) -> Slopes:
        """The derivative with respect to each of `names`, exact, by forward differentiation.

        Each has the shape of the values in `env`. A name that cancels out has derivative zero.
        """
        with np.errstate(all="ignore"):
            slopes = _dual(self.root, env)[1]
        out: Slopes = {}
        for name in self.names:
            slope = slopes.get(name, 0.0)
            out[name] = float(slope) if np.ndim(slope) == 0 else slope
        return out

    def replace(self, definitions: Mapping[str, Expression]) -> Expression:
        """The same expression with each defined name replaced by what it stands for."""
        if not any(name in definitions for name in self.names):
            return self
        root = _replace(self.root, definitions)
        return Expression(root, tuple(dict.fromkeys(_names(root))), self.text)


def parse_expression(text: str) -> Expression:
    """The expression in `text`; a `ModelError` with line and column where it is none."""
    from research.model.tokens import statements

    found = list(statements(text))
    if len(found) != 1:
        fail(text, found[1][0].start if found else 0, "expected one expression")
    return read_expression(text, found[0])


def read_expression(text: str, tokens: Sequence[Token]) -> Expression:
    """The expression that the tokens of one statement spell; the last token is `end`.

    Precedence as in R: ^ binds tighter than a minus sign, which binds tighter than * and /.
    """
    reader = _Reader(text, tokens)
    root = reader.sum()
    if reader.token.kind != "end":
        fail(text, reader.token.start, f"expected an operator + - * / ^ before '{reader.token.text}'")
    source = "".join(token.text for token in tokens)
    return Expression(root, tuple(dict.fromkeys(_names(root))), source)


class _Reader:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.place = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def sum(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            fail(self.text, self.token.start, f"more than {_DEEPEST} parentheses inside one another")
        node = self.product()
        while self.token.text in ("+", "-"):
            op = self.take()
            node = Binary(op, node, self.product())
        self.depth -= 1
        return node

    def product(self) -> Node:
        node = self.signed()
        while self.token.text in ("*", "/"):
            op = self.take()
            node = Binary(op, node, self.signed())
        return node

    def signed(self) -> Node:
        minus = False
        while self.token.text in ("+", "-"):
            minus ^= self.take() == "-"
        node = self.power()
        return Call("neg", node) if minus else node

    def power(self) -> Node:
        base = self.atom()
        if self.token.text not in ("^", "**"):
            return base
        self.take()
        self.depth += 1
        if self.depth > _DEEPEST:
            fail(self.text, self.token.start, f"more than {_DEEPEST} powers inside one another")
        exponent = self.signed()
        self.depth -= 1
        return Binary("^", base, exponent)

    def atom(self) -> Node:
        kind, word, start = self.token
        if kind == "number":
            self.take()
            return Number(float(word))
        if kind == "name":
            self.take()
            if self.token.text == "(":
                return self.call(word, start)
            return Number(_CONSTANTS[word]) if word in _CONSTANTS else Name(word, start)
        if word == "(":
            self.take()
            node = self.sum()
            self.close(start)
            return node
        found = f"found '{word}'" if word else "the expression ends here"
        fail(self.text, start, f"expected a label, a number or '(', but {found}")

    def call(self, function: str, start: int) -> Node:
        if function not in _FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            hint = did_you_mean(function, FUNCTIONS)
            fail(self.text, start, f"unknown function '{function}'; there are {known}.{hint}")
        opened = self.token.start
        self.take()
        argument = self.sum()
        self.close(opened)
        return Call(function, argument)

    def close(self, opened: int) -> None:
        if self.token.text != ")":
            if self.token.kind == "end":
                fail(self.text, opened, "this '(' is never closed")
            fail(self.text, self.token.start, f"expected ')' before '{self.token.text}'")
        self.take()

    def take(self) -> str:
        word = self.token.text
        self.place += 1
        return word


def _names(node: Node) -> list[str]:
    match node:
        case Name(name):
            return [name]
        case Binary(_, left, right):
            return _names(left) + _names(right)
        case Call(_, argument):
            return _names(argument)
        case Number():
            return []


def places(expression: Expression) -> dict[str, int]:
    """The offset in the model text at which each name of the expression first stands."""
    found: dict[str, int] = {}
    pending: list[Node] = [expression.root]
    while pending:
        node = pending.pop(0)
        match node:
            case Name(name, start):
                found.setdefault(name, start)
            case Binary(_, left, right):
                pending += [left, right]
            case Call(_, argument):
                pending.append(argument)
            case Number():
                pass
    return found


def _replace(node: Node, definitions: Mapping[str, Expression]) -> Node:
    match node:
        case Name(name):
            return definitions[name].root if name in definitions else node
        case Binary(op, left, right):
            return Binary(op, _replace(left, definitions), _replace(right, definitions))
        case Call(function, argument):
            return Call(function, _replace(argument, definitions))
        case Number():
            return node


def _value(node: Node, env: Mapping[str, Value]) -> Value:
    match node:
        case Number(value):
            return np.float64(value)
        case Name(name):
            return np.asarray(env[name], dtype=np.float64)
        case Call("neg", argument):
            return -_value(argument, env)
        case Call(function, argument):
            return _FUNCTIONS[function][0](_value(argument, env))
        case Binary(op, left, right):
            return _combine(op, _value(left, env), _value(right, env))


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


def _dual(node: Node, env: Mapping[str, Value]) -> tuple[Value, Slopes]:
    """Value and derivatives of a node; only names that it holds have an entry."""
    match node:
        case Number(value):
            return np.float64(value), {}
        case Name(name):
            return np.asarray(env[name], dtype=np.float64), {name: np.float64(1.0)}
        case Call("neg", argument):
            u, du = _dual(argument, env)
            return -u, {name: -slope for name, slope in du.items()}
        case Call(function, argument):
            u, du = _dual(argument, env)
            apply, derivative = _FUNCTIONS[function]
            f = apply(u)
            outer = derivative(u, f)
            return f, {name: outer * slope for name, slope in du.items()}
        case Binary(op, left, right):
            return _dual_binary(op, _dual(left, env), _dual(right, env))


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
