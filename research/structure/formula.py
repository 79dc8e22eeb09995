"""A regression formula, read token by token; nothing in it is ever evaluated as Python.

formula  ::= outcome "~" ["0 +" | "1 +"] terms  |  outcome "~ 1"
terms    ::= product ("+" product)*
product  ::= cross ("*" cross)*        a * b is a + b + a:b
cross    ::= factor (":" factor)*      the product of columns
factor   ::= name | C(name)            C(): a column of categories
name     ::= letters, digits, "_" and "." not starting with a digit, or any text in backquotes
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations

from research.errors import ModelError

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[^\W\d][\w.]*)|`(?P<quoted>[^`]+)`|(?P<number>\d+)|(?P<sign>[~+:*()])|(?P<other>\S))"
)


@dataclass(frozen=True, slots=True, order=True)
class Factor:
    """One column of the data; `categorical` where it is written C(name)."""

    name: str
    categorical: bool = False

    def __str__(self) -> str:
        shown = self.name if re.fullmatch(r"[^\W\d][\w.]*", self.name) else f"`{self.name}`"
        return f"C({shown})" if self.categorical else shown


Term = tuple[Factor, ...]  # a product of one or more factors


@dataclass(frozen=True, slots=True)
class Formula:
    """outcome ~ terms; the terms are ordered by their degree, as R and patsy do."""

    outcome: str
    terms: tuple[Term, ...]
    intercept: bool
    text: str

    @property
    def names(self) -> tuple[str, ...]:
        """Every column it needs, the outcome first, each once."""
        return tuple(dict.fromkeys([self.outcome, *(factor.name for term in self.terms for factor in term)]))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse_formula(text: str) -> Formula:
    """Read a formula; ModelError points at the first character that cannot be read.

    >>> formula = parse_formula("loyalty ~ trust * price + C(channel)")
    >>> [":".join(map(str, term)) for term in formula.terms]
    ['trust', 'price', 'C(channel)', 'trust:price']
    """
    return _Reader(text).formula()


class _Reader:
    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise ModelError(f"a formula is text such as 'loyalty ~ trust + satisfaction', not {text!r}.")
        self.text = text
        self.tokens = [
            _Token(str(match.lastgroup), match[str(match.lastgroup)], match.start(str(match.lastgroup)))
            for match in _TOKEN.finditer(text)
        ]
        self.place = 0

    def formula(self) -> Formula:
        outcome = self.name("the outcome")
        self.expect("~")
        intercept, bare = self.leading_number()
        terms: list[Term] = []
        if not bare:
            terms += self.product()
            while self.next_is("+"):
                terms += self.product()
        if self.place < len(self.tokens):
            token = self.tokens[self.place]
            hint = " Only names, +, :, *, C(name) and a leading '0 +' are allowed."
            raise self.error(f"{token.text!r} cannot stand here.{hint}", token.at)
        for term in terms:
            if any(factor.name == outcome for factor in term):
                raise self.error(f"the outcome {outcome!r} stands on both sides.", 0)
        distinct: dict[frozenset[Factor], Term] = {}
        for term in terms:  # a:b and b:a are one
            distinct.setdefault(frozenset(term), term)
        ordered = sorted(distinct.values(), key=len)
        self.check_one_kind(ordered)
        return Formula(outcome, tuple(ordered), intercept, " ".join(self.text.split()))

    def leading_number(self) -> tuple[bool, bool]:
        """(intercept, nothing else follows)."""
        if self.place < len(self.tokens) and self.tokens[self.place].kind == "number":
            token = self.tokens[self.place]
            if token.text not in ("0", "1"):
                raise self.error(
                    f"the number {token.text} has no meaning in a formula; only a leading 0 or 1.", token.at
                )
            self.place += 1
            if self.place == len(self.tokens):
                if token.text == "0":
                    raise self.error(
                        "nothing is left to estimate without an intercept and without terms.", token.at
                    )
                return True, True
            self.expect("+")
            return token.text == "1", False
        return True, False

    def product(self) -> list[Term]:
        parts = [self.cross()]
        while self.next_is("*"):
            parts.append(self.cross())
        return [
            tuple(dict.fromkeys(factor for part in chosen for factor in part))
            for size in range(1, len(parts) + 1)
            for chosen in combinations(parts, size)
        ]

    def cross(self) -> Term:
        factors = [self.factor()]
        while self.next_is(":"):
            factors.append(self.factor())
        return tuple(dict.fromkeys(factors))

    def factor(self) -> Factor:
        start = self.tokens[self.place].at if self.place < len(self.tokens) else len(self.text)
        name = self.name("a name")
        if not self.next_is("("):
            return Factor(name)
        if name != "C":
            raise self.error(
                f"{name}(…) is not allowed: a formula is never evaluated. Make the column first and "
                "name it here; C(name) marks categories.",
                start,
            )
        inner = self.name("the name of a column of categories")
        self.expect(")")
        return Factor(inner, categorical=True)

    def name(self, what: str) -> str:
        if self.place >= len(self.tokens):
            raise self.error(f"{what} is missing.", len(self.text))
        token = self.tokens[self.place]
        if token.kind not in ("name", "quoted"):
            raise self.error(f"expected {what}, found {token.text!r}.", token.at)
        self.place += 1
        return token.text

    def expect(self, sign: str) -> None:
        if not self.next_is(sign):
            at = self.tokens[self.place].at if self.place < len(self.tokens) else len(self.text)
            raise self.error(f"expected {sign!r}.", at)

    def next_is(self, sign: str) -> bool:
        if self.place < len(self.tokens):
            token = self.tokens[self.place]
            if token.kind == "sign" and token.text == sign:
                self.place += 1
                return True
        return False

    def check_one_kind(self, terms: list[Term]) -> None:
        kinds: dict[str, bool] = {}
        for factor in (factor for term in terms for factor in term):
            if kinds.setdefault(factor.name, factor.categorical) != factor.categorical:
                raise self.error(f"{factor.name!r} stands both as a number and as C({factor.name}).", 0)

    def error(self, message: str, at: int) -> ModelError:
        return ModelError(f"formula, character {at + 1}: {message}\n    {self.text}\n    {' ' * at}^")
