"""The pivot of the toolkit: a model as a table, one row a parameter."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from research.readable import Readable, block

if TYPE_CHECKING:
    from research.model.expression import Expression

Operator = Literal["=~", "<~", "~", "~~", "~1", "|", "~*~"]


class Parameter(NamedTuple):
    """One parameter of the model, in one group and level.

    `free` is 0 for a fixed parameter, else its place (from 1) in the vector of free parameters;
    parameters that share a label share the place, so that equality by label costs nothing.
    `value` is the fixed value, or NaN where the parameter is free. `start` is the user's start
    value, or NaN. `exogenous` marks a moment of an observed exogenous variable under fixed_x:
    it is not estimated (free = 0) and its value is taken from the sample (value NaN).
    """

    lhs: str
    op: Operator
    rhs: str
    group: int = 1  # from 1, in the order of `ParameterTable.groups`
    level: int = 1
    free: int = 0
    value: float = float("nan")
    start: float = float("nan")
    lower: float = float("-inf")
    upper: float = float("inf")
    label: str = ""
    user: bool = True  # False: added by a default
    exogenous: bool = False
    efa: str = ""  # the block of an exploratory factor


@dataclass(frozen=True, slots=True)
class Defined:
    """`name := expression` over labels and other defined names."""

    name: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Constraint:
    """`left op right`; expressions over labels."""

    left: Expression
    op: Literal["==", "<", ">"]
    right: Expression


@dataclass(frozen=True, repr=False)
class ParameterTable(Readable):
    """All parameters of a model and what holds between them.

    `observed`: observed variables in the model, ordered as they enter the moments;
    `latent`: latent variables in the order of their definition; `groups`: labels, () for one group;
    `exogenous`: observed exogenous variables treated as fixed.
    """

    parameters: tuple[Parameter, ...]
    observed: tuple[str, ...]
    latent: tuple[str, ...]
    groups: tuple[str, ...] = ()
    exogenous: tuple[str, ...] = ()
    defined: tuple[Defined, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    meanstructure: bool = False
    text: str = field(default="", repr=False)

    def __repr__(self) -> str:
        """The rows as a table."""
        import pandas as pd

        columns = [
            "lhs",
            "op",
            "rhs",
            "group",
            "level",
            "label",
            "free",
            "value",
            "start",
            "lower",
            "upper",
            "user",
        ]
        rows = pd.DataFrame(
            [{name: getattr(each, name) for name in columns} for each in self.parameters], columns=columns
        )
        title = f"ParameterTable: {len(self.parameters)} rows, {self.n_free} free parameters"
        return block(self, title, {"parameters": rows})

    @cached_property
    def n_free(self) -> int:
        """Number of distinct free parameters, before `==` constraints."""
        return max([p.free for p in self.parameters], default=0)
