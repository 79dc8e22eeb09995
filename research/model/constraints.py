"""`:=`, `==`, `<` and `>` bound to the parameters of a table, and the constraints of effect coding."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from research.errors import did_you_mean
from research.model.expression import Expression, parse_expression
from research.model.groups import Section
from research.model.syntax import Definition, ModelText
from research.model.table import Constraint, Defined, Parameter
from research.model.tokens import fault

_LONGEST = 20_000  # operations of one definition; nested definitions can grow without bound


def solve_names(
    model: ModelText, rows: Sequence[Parameter]
) -> tuple[tuple[Defined, ...], tuple[Constraint, ...]]:
    """Definitions and constraints over labels and plabels only: defined names are replaced.

    A name that is neither a label nor defined, and a definition that leads back to itself, is a
    `ModelError` at its place.
    """
    if not model.definitions and not model.relations:
        return (), ()
    labels = {row.label for row in rows if row.label}
    labels.update(f".p{place}." for place in range(1, len(rows) + 1))
    known = labels | {one.name for one in model.definitions}
    for one in model.definitions:
        if one.name in labels:
            raise fault(
                model.text,
                one.start,
                f"'{one.name}' is the label of a parameter; a definition needs a new name",
            )
        _check_names(model.text, one.expression, known)
    solved = _solve(model)
    constraints = []
    for relation in model.relations:
        for side in (relation.left, relation.right):
            _check_names(model.text, side, known)
        if not relation.left.names and not relation.right.names:
            raise fault(model.text, relation.start, "this constraint names no parameter")
        constraints.append(
            Constraint(relation.left.replace(solved), relation.op, relation.right.replace(solved))
        )
    return tuple(Defined(one.name, solved[one.name]) for one in model.definitions), tuple(constraints)


def effect_coding(
    rows: Sequence[Parameter], sections: Sequence[Section], kinds: Collection[str]
) -> Iterator[Constraint]:
    """Mean loading one and mean intercept zero of each latent variable.

    Little, Slegers and Card (2006), eqs. 10 and 11: a sum over the indicators, in each group.
    """
    done: set[tuple[int, ...]] = set()
    for section in sections:
        for latent in section.roles.latent:
            own = [
                place
                for place, row in enumerate(rows)
                if row.lhs == latent
                and row.op == "=~"
                and (row.group, row.level) == (section.group, section.level)
            ]
            observed = [rows[place].rhs for place in own]
            means = [
                place
                for place, row in enumerate(rows)
                if row.op == "~1"
                and row.lhs in observed
                and (row.group, row.level) == (section.group, section.level)
            ]
            for kind, members, total in (("loadings", own, len(own)), ("intercepts", means, 0)):
                free = tuple(rows[place].free for place in members)
                if kind not in kinds or len(members) < 2 or not any(free) or free in done:
                    continue
                done.add(free)
                first, *rest = (f".p{place + 1}." for place in members)
                right = parse_expression("-".join([str(total), *rest]))
                yield Constraint(parse_expression(first), "==", right)


def _check_names(text: str, expression: Expression, known: Collection[str]) -> None:
    for name in expression.names:
        if name not in known:
            hint = did_you_mean(name, known)
            labels = sorted(label for label in known if not label.startswith("."))
            there = f"there are {', '.join(labels)}" if labels else "the model has none"
            raise fault(text, expression.place(name), f"no parameter has the label '{name}'; {there}.{hint}")


def _solve(model: ModelText) -> dict[str, Expression]:
    """Each definition over labels only. Definitions may stand in any order, but in no circle."""
    given = {one.name: one for one in model.definitions}
    solved: dict[str, Expression] = {}
    for one in model.definitions:
        _solve_one(model.text, one, given, solved, ())
    return solved


def _solve_one(
    text: str,
    one: Definition,
    given: dict[str, Definition],
    solved: dict[str, Expression],
    above: tuple[str, ...],
) -> None:
    if one.name in solved:
        return
    if one.name in above:
        circle = " -> ".join((*above[above.index(one.name) :], one.name))
        raise fault(text, one.start, f"'{one.name}' is defined by itself: {circle}")
    for name in one.expression.names:
        if name in given:
            _solve_one(text, given[name], given, solved, (*above, one.name))
    expression = one.expression.replace(solved)
    if len(expression.steps) > _LONGEST:
        raise fault(
            text, one.start, f"'{one.name}' grows beyond {_LONGEST} operations once its parts are put in"
        )
    solved[one.name] = expression
