"""What stands before the `*` of a term: fixed values, NA, labels, start values, bounds, efa blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from research.errors import did_you_mean
from research.model.expression import read_expression
from research.model.tokens import Token, fault

Call = Literal["start", "label", "equal", "lower", "upper", "efa"]
CALLS: tuple[Call, ...] = get_args(Call)
_UNSUPPORTED = ("rv", "prior", "da")


@dataclass(frozen=True, slots=True)
class Modifiers:
    """The modifiers of one term; each tuple has one element, or one a group.

    `fixed`: the value, NaN where `NA` frees the parameter, None where the group says nothing.
    `equal` names another parameter (`"f=~x2"`) whose value this one takes.
    """

    fixed: tuple[float | None, ...] = ()
    start: tuple[float | None, ...] = ()
    label: tuple[str, ...] = ()
    lower: tuple[float | None, ...] = ()
    upper: tuple[float | None, ...] = ()
    equal: tuple[str, ...] = ()
    efa: str = ""


NONE = Modifiers()


def read_modifier(text: str, tokens: Sequence[Token], given: Modifiers, *, start: bool = False) -> Modifiers:
    """`given` and what the tokens before one `*` say: `0.5`, `NA`, `a`, `"a"`, `start(.5)`, `c(a, b)` …

    A later modifier of the same kind replaces an earlier one. With `start`, a number is a start
    value (`0.5?x`).
    """
    first = tokens[0]
    if start:
        value = _number(text, tokens)
        return replace(given, start=(None if math.isnan(value) else value,))
    if len(tokens) == 1:
        return _elements(text, [tokens], given)
    if first.kind == "name" and tokens[1].text == "(" and tokens[-1].text == ")":
        arguments = _arguments(text, tokens)
        if first.text == "c":
            return _elements(text, arguments, given)
        if first.text in CALLS or first.text in _UNSUPPORTED:
            return _call(text, first, arguments, given)
    return replace(given, fixed=(_number(text, tokens),))


def merge(first: Modifiers, second: Modifiers) -> Modifiers:
    """Both; where both say something of one kind, the second holds."""
    if first is NONE or second is NONE:
        return second if first is NONE else first
    return Modifiers(
        second.fixed or first.fixed,
        second.start or first.start,
        second.label or first.label,
        second.lower or first.lower,
        second.upper or first.upper,
        second.equal or first.equal,
        second.efa or first.efa,
    )


def _arguments(text: str, tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """The arguments of `name( , , )`, each without its commas."""
    arguments: list[Sequence[Token]] = []
    depth, begin = 0, 2
    for place, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if (token.text == "," and depth == 1) or place == len(tokens) - 1:
            arguments.append(tokens[begin:place])
            if begin == place:
                raise fault(text, token.start, f"an argument of {tokens[0].text}() is missing here")
            begin = place + 1
    return arguments


def _elements(text: str, arguments: Sequence[Sequence[Token]], given: Modifiers) -> Modifiers:
    """Fixed values and labels: one modifier, or the elements of `c()`, one a group."""
    fixed: list[float | None] = []
    label: list[str] = []
    for tokens in arguments:
        token = tokens[0]
        value: float | None = None
        name = ""
        if len(tokens) == 1 and token.kind == "name" and token.text not in ("NA", "Inf", "NaN"):
            name = token.text
        elif len(tokens) == 1 and token.kind == "string":
            name = token.text[1:-1].strip()
        else:
            value = _number(text, tokens)
        fixed.append(value)
        label.append(name)
    if any(value is not None for value in fixed):
        given = replace(given, fixed=tuple(fixed))
    if any(label):
        given = replace(given, label=tuple(label))
    return given


def _call(text: str, name: Token, arguments: Sequence[Sequence[Token]], given: Modifiers) -> Modifiers:
    """`start()`, `label()`, `equal()`, `lower()`, `upper()`, `efa()`."""
    if name.text in _UNSUPPORTED:
        raise fault(
            text, name.start, f"the modifier {name.text}() is not supported; there are {', '.join(CALLS)}"
        )
    first = arguments[0]
    if len(arguments) == 1 and len(first) > 2 and first[0].text == "c" and first[1].text == "(":
        arguments = _arguments(text, first)
    if name.text in ("start", "lower", "upper"):
        numbers = tuple(_number(text, tokens) for tokens in arguments)
        values = tuple(None if math.isnan(number) else number for number in numbers)
        if name.text == "start":
            return replace(given, start=values)
        return replace(given, lower=values) if name.text == "lower" else replace(given, upper=values)
    words = tuple(_word(text, name.text, tokens) for tokens in arguments)
    if name.text == "label":
        return replace(given, label=words)
    if name.text == "equal":
        return replace(given, equal=words)
    if len(words) != 1:
        raise fault(text, name.start, "efa() takes one name: the block")
    return replace(given, efa=words[0])


def _word(text: str, call: str, tokens: Sequence[Token]) -> str:
    token = tokens[0]
    if len(tokens) == 1 and token.kind == "string":
        return token.text[1:-1].replace(" ", "")
    if len(tokens) == 1 and token.kind in ("name", "number"):
        return token.text
    raise fault(text, token.start, f'{call}() takes quoted names, as in {call}("a")')


def _number(text: str, tokens: Sequence[Token]) -> float:
    """A number, or arithmetic without labels, as in `-1`, `(1/3)` or `sqrt(2)`; NaN for NA."""
    token = tokens[0]
    if len(tokens) == 1 and token.kind == "number":
        return float(token.text)
    if len(tokens) == 1 and token.text in ("NA", "NaN"):
        return math.nan
    if tokens[-1].text == "Inf" and len(tokens) <= 2 and token.text in ("Inf", "-", "+"):
        return -math.inf if token.text == "-" else math.inf
    if token.kind == "name" and len(tokens) > 1 and tokens[1].text == "(":
        _check_call(text, token)
    end = Token("end", "", tokens[-1].start + len(tokens[-1].text))
    expression = read_expression(text, [*tokens, end])
    if expression.names:
        raise fault(text, token.start, f"expected a number, but '{expression.names[0]}' is a name")
    value = float(expression.value({}))
    if not math.isfinite(value):
        raise fault(text, token.start, f"'{expression.text}' is not a finite number")
    return value


def _check_call(text: str, token: Token) -> None:
    from research.model.expression import FUNCTIONS

    if token.text not in FUNCTIONS:
        known = ("c", *CALLS)
        hint = did_you_mean(token.text, known)
        raise fault(
            text, token.start, f"unknown modifier {token.text}(); there are {', '.join(known)}.{hint}"
        )
