"""lavaan's model syntax: text to formulas, definitions and constraints, each with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, cast

from research.errors import ModelError, did_you_mean
from research.model.expression import Expression, read_expression
from research.model.modifiers import NONE, Modifiers, merge, read_modifier
from research.model.table import Operator
from research.model.tokens import NAME, PLAIN_FORMULA, Token, fault, statements

_EXPRESSION = (":=", "==", "<", ">")
_REMEDY = {
    "=": "a single = is no operator; =~ measures, ~ regresses, := defines, == constrains",
    "<=": "lavaan writes this constraint with <, which includes equality",
    ">=": "lavaan writes this constraint with >, which includes equality",
}
_NOT_ITSELF = {"=~": "measured", "<~": "composed", "~": "predicted"}
_BLOCKS = ("group", "level", "block", "class")


class Row(NamedTuple):
    """One pair of variables in a formula. `start`: its offset in the text; `block`: index into `blocks`."""

    lhs: str
    op: Operator
    rhs: str
    modifiers: Modifiers = NONE
    block: int = 0
    start: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """The group and level that rows stand under; `""` before the first header."""

    group: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """`name := expression`."""

    name: str
    expression: Expression
    start: int = 0


@dataclass(frozen=True, slots=True)
class Relation:
    """`left == right`, `left < right` or `left > right`."""

    left: Expression
    op: Literal["==", "<", ">"]
    right: Expression
    start: int = 0


@dataclass(frozen=True, slots=True)
class ModelText:
    """A parsed model text, before any default is added."""

    text: str = field(repr=False)
    rows: tuple[Row, ...] = ()
    definitions: tuple[Definition, ...] = ()
    relations: tuple[Relation, ...] = ()
    blocks: tuple[Block, ...] = (Block(),)


def parse(text: str) -> ModelText:
    """Read lavaan's model syntax; a `ModelError` with line, column and caret where it breaks the grammar.

    >>> [(row.lhs, row.op, row.rhs) for row in parse("f =~ x1 + x2; y ~ 1 + f").rows]
    [('f', '=~', 'x1'), ('f', '=~', 'x2'), ('y', '~1', ''), ('y', '~', 'f')]
    """
    reader, begin = _Reader(text), 0
    while True:
        if plain := PLAIN_FORMULA.match(text, begin):
            reader.plain(plain)
            begin = plain.end()
        elif tokens := next(statements(text, begin), None):
            reader.statement(tokens)
            begin = tokens[-1].start
        else:
            return reader.result()


class _Reader:
    """Collects the statements of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.rows: list[Row] = []
        self.seen: set[tuple[int, str, str, str]] = set()
        self.definitions: list[Definition] = []
        self.relations: list[Relation] = []
        self.blocks: list[Block] = [Block()]

    def result(self) -> ModelText:
        return ModelText(
            self.text, tuple(self.rows), tuple(self.definitions), tuple(self.relations), tuple(self.blocks)
        )

    def plain(self, formula: re.Match[str]) -> None:
        """A formula of names alone."""
        lhs, op, block = formula[1], cast(Operator, formula[2]), len(self.blocks) - 1
        own: set[str] = set()
        for name in NAME.finditer(self.text, *formula.span(3)):
            rhs = name[0]
            if rhs not in own:
                own.add(rhs)
                self.once(Row(lhs, op, rhs, NONE, block, name.start()))

    def statement(self, tokens: list[Token]) -> None:
        first = tokens[0]
        place = next((i for i, token in enumerate(tokens) if token[0] == "operator"), -1)
        if place < 0:
            if tokens[1].text == ":":
                self.header(tokens)
                return
            last = tokens[-2]
            raise fault(
                self.text,
                last.start,
                f"expected an operator (=~ ~ ~~ ~1 := == < > |) in the statement '{self.source(tokens)}'",
            )
        operator = tokens[place]
        op = operator.text
        if place == 0:
            raise fault(self.text, first.start, f"expected a name on the left of {op}")
        if op in _REMEDY:
            raise fault(self.text, operator.start, _REMEDY[op])
        for token in tokens[place + 1 :]:
            if token[0] == "operator":
                raise fault(
                    self.text,
                    token.start,
                    f"a second operator '{token.text}' in one statement; "
                    "a new statement begins on a new line or after ;",
                )
        if tokens[place + 1].kind == "end":
            raise fault(self.text, operator.start, f"expected something on the right of {op}")
        if op in _EXPRESSION:
            self.expression(tokens, place)
        else:
            self.formula(tokens, place)

    def header(self, tokens: list[Token]) -> None:
        """`group: label` or `level: label`: what follows belongs to it."""
        word = tokens[0].text
        if word not in _BLOCKS:
            hint = did_you_mean(word, _BLOCKS)
            raise fault(
                self.text, tokens[0].start, f"unknown block '{word}:'; there are group: and level:.{hint}"
            )
        if word in ("class", "block"):
            raise fault(
                self.text, tokens[0].start, f"'{word}:' blocks are not supported; there are group: and level:"
            )
        if len(tokens) < 4:
            raise fault(self.text, tokens[-1].start - 1, f"expected a name or a number after '{word}:'")
        last = tokens[-2]
        label = self.text[tokens[2].start : last.start + len(last.text)].strip("\"'")
        now = self.blocks[-1]
        block = Block(label, "") if word == "group" else Block(now.group, label)
        if block in self.blocks:
            raise fault(self.text, tokens[2].start, f"the block '{word}: {label}' stands twice")
        self.blocks.append(block)

    def expression(self, tokens: list[Token], place: int) -> None:
        left, operator, right = [*tokens[:place]], tokens[place], tokens[place + 1 :]
        left.append(Token("end", "", operator.start))
        if operator.text == ":=":
            if len(left) != 2 or left[0].kind != "name":
                raise fault(self.text, left[0].start, "expected one name on the left of :=")
            name = left[0].text
            if any(one.name == name for one in self.definitions):
                raise fault(self.text, left[0].start, f"'{name}' is defined twice")
            self.definitions.append(Definition(name, read_expression(self.text, right), left[0].start))
            return
        self.relations.append(
            Relation(
                read_expression(self.text, left),
                cast(Literal["==", "<", ">"], operator.text),
                read_expression(self.text, right),
                left[0].start,
            )
        )

    def formula(self, tokens: list[Token], place: int) -> None:
        op = cast(Operator, tokens[place].text)
        left = self.terms(tokens[:place], op, right=False)
        right = self.terms(tokens[place + 1 : -1], op, right=True)
        block = len(self.blocks) - 1
        nothing = next((start for name, _, start in right if op == "=~" and name == "0"), -1)
        if nothing >= 0 and len(right) > 1:
            raise fault(self.text, nothing, "0 stands alone after =~, for a latent variable not measured")
        for lhs, outer, _ in left:
            own: dict[tuple[str, str], int] = {}  # rows of this formula: a term may stand in it several times
            for rhs, modifiers, start in right:
                row = self.row(lhs, op, rhs, modifiers, block, start)
                if outer is not NONE:
                    row = Row(row.lhs, row.op, row.rhs, merge(outer, row.modifiers), block, start)
                pair = (row.op, row.rhs)
                if pair in own:
                    at = own[pair]
                    before = self.rows[at]
                    self.rows[at] = Row(
                        lhs, row.op, row.rhs, merge(before.modifiers, modifiers), block, before.start
                    )
                else:
                    own[pair] = len(self.rows)
                    self.once(row)

    def row(self, lhs: str, op: Operator, rhs: str, modifiers: Modifiers, block: int, start: int) -> Row:
        """One row; `y ~ 1` and `y ~ 0` are intercepts, `f =~ 0` a latent variable that nothing measures."""
        if op == "=~" and rhs == "0" and modifiers is NONE:
            return Row(lhs, op, lhs, Modifiers(fixed=(0.0,)), block, start)
        if rhs in ("0", "1"):
            if op != "~":
                raise fault(self.text, start, f"expected a name on the right of {op}, but found {rhs}")
            if rhs == "0" and modifiers is NONE:
                modifiers = merge(modifiers, Modifiers(fixed=(0.0,)))
            return Row(lhs, "~1", "", modifiers, block, start)
        return Row(lhs, op, rhs, modifiers, block, start)

    def once(self, row: Row) -> None:
        """Add a row; refuse a pair of variables that an earlier formula of the block has related already."""
        lhs, op, rhs, modifiers, block, start = row
        if lhs == rhs and op in _NOT_ITSELF:
            unmeasured = op == "=~" and modifiers.fixed == (0.0,) and self.text[start] == "0"
            if not unmeasured:
                raise fault(self.text, start, f"'{lhs}' cannot be {_NOT_ITSELF[op]} by itself")
        key = (block, lhs, op, rhs)
        if key in self.seen:
            raise self.twice(row)
        self.seen.add(key)
        if op == "~~":
            self.seen.add((block, rhs, op, lhs))
        self.rows.append(row)

    def twice(self, row: Row) -> ModelError:
        """The error for a pair of variables that an earlier formula of the block has related already."""
        sides: set[str] = {row.lhs, row.rhs} if row.op == "~~" else set()
        same = [one for one in self.rows if (one.op, one.block) == (row.op, row.block)]
        before = next(one for one in same if one[:3] == row[:3] or {one.lhs, one.rhs} == sides)
        line = self.text.count("\n", 0, before.start) + 1
        return fault(
            self.text,
            row.start,
            f"'{row.lhs} {row.op} {row.rhs}'".replace("~1 ", "~ 1") + f" stands in line {line} already",
        )

    def terms(self, tokens: Sequence[Token], op: str, *, right: bool) -> list[tuple[str, Modifiers, int]]:
        """The terms between + signs: name, modifiers, place."""
        if all(token[0] == "name" if i % 2 == 0 else token[1] == "+" for i, token in enumerate(tokens)):
            if len(tokens) % 2:
                return [(token[1], NONE, token[2]) for token in tokens[::2]]
            raise fault(self.text, tokens[-1].start, "expected a term after this +")
        found = []
        depth, begin = 0, 0
        stop = Token("end", "", tokens[-1].start + len(tokens[-1].text))
        for place, token in enumerate([*tokens, stop]):
            word = token[1]
            if word == "(":
                depth += 1
            elif word == ")":
                depth -= 1
                if depth < 0:
                    raise fault(self.text, token.start, "this ')' closes nothing")
            elif depth == 0 and (word == "+" or token[0] == "end"):
                if place == begin:
                    what = "a term after the last +" if token[0] == "end" else "a term before this +"
                    raise fault(self.text, token.start - (token[0] == "end"), f"expected {what}")
                found.append(self.term(tokens[begin:place], op, right=right))
                begin = place + 1
        if depth > 0:
            opened = next(token for token in reversed(tokens) if token.text == "(")
            raise fault(self.text, opened.start, "this '(' is never closed")
        return found

    def term(self, tokens: Sequence[Token], op: str, *, right: bool) -> tuple[str, Modifiers, int]:
        """`modifier * … * name`, or `number ? name` for a start value."""
        modifiers = NONE
        depth, begin = 0, 0
        for place, (kind, word, start) in enumerate(tokens):
            if kind == "mark":
                depth += (word == "(") - (word == ")")
                if depth == 0 and word in ("*", "?"):
                    if place == begin:
                        raise fault(self.text, start, f"expected a modifier before this {word}")
                    modifiers = read_modifier(self.text, tokens[begin:place], modifiers, start=word == "?")
                    begin = place + 1
        rest = tokens[begin:]
        if not rest:
            raise fault(self.text, tokens[-1].start, f"expected a name after this {tokens[-1].text}")
        if not right and modifiers is not NONE and (op != "=~" or modifiers != Modifiers(efa=modifiers.efa)):
            raise fault(
                self.text,
                tokens[0].start,
                'modifiers stand on the right side; on the left only efa("block")* before =~',
            )
        return self.variable(rest, right=right), modifiers, rest[0].start

    def variable(self, tokens: Sequence[Token], *, right: bool) -> str:
        """A name, `x:z`, or `1` and `0` for an intercept."""
        first = tokens[0]
        if len(tokens) == 1:
            if first.kind == "name" or (right and first.text in ("0", "1")):
                return first.text
            if first.kind == "string" and first.text[1:-1].strip() not in ("", "0", "1"):
                return first.text[1:-1]
        if len(tokens) == 3 and first.kind == tokens[2].kind == "name" and tokens[1].text == ":":
            return f"{first.text}:{tokens[2].text}"
        if first.kind == "name" and tokens[1].text == "(":
            raise fault(self.text, first.start, f"expected * and a name after {self.source(tokens)}")
        odd = first if first.kind != "name" else tokens[1]
        if odd.kind in ("name", "string", "number") and odd is not first:
            raise fault(self.text, odd.start, f"expected + or an operator before '{odd.text}'")
        raise fault(self.text, odd.start, f"expected a name, but found '{odd.text}'")

    def source(self, tokens: Sequence[Token]) -> str:
        last = tokens[-1]
        return " ".join(self.text[tokens[0].start : last.start + len(last.text)].split())
