"""The variables of a path model as columns: numbers as they are or centred, categories by their coding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.numerics.arrays import Matrix, Vector
from research.numerics.contrast_coding import CODINGS, Coding, coding_matrix
from research.responses.columns import group_labels, numeric_matrix
from research.structure.design import category_levels
from research.structure.formula import Factor, Formula

if TYPE_CHECKING:
    import pandas as pd

Center = bool | Literal["continuous"]
LARGEST = 1e50  # the square of a product of three stays a number
_MARKS = {"indicator": "T", "sequential": "D", "helmert": "H", "effect": "S"}


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: `values` (n, k) of its columns `columns`.

    A number has one column that bears its name, and no levels. Of categories, `coding` (levels, k) holds
    what the columns are in each level, and `codes` (n,) the level of each row.
    """

    name: str
    columns: tuple[str, ...]
    values: Matrix
    levels: tuple[str, ...] = ()
    kind: Coding | None = None
    coding: Matrix | None = None
    centre: float = 0.0

    @property
    def is_coded(self) -> bool:
        """Whether it holds categories."""
        return self.coding is not None

    @property
    def distinct(self) -> Vector:
        """The different values of a number, ascending."""
        return np.unique(self.values[:, 0])

    @property
    def is_dichotomous(self) -> bool:
        """Whether it takes two values."""
        return not self.is_coded and len(self.distinct) == 2


def read_variables(
    formulas: Sequence[Formula],
    frame: pd.DataFrame,
    codings: Mapping[str, Coding],
    center: Center,
) -> dict[str, Variable]:
    """Every variable of the regressions, from the complete rows of the frame.

    `codings` names the variables that hold categories and how each is coded; C(name) in a formula is an
    indicator coding. `center` subtracts the mean from every number that stands in a product ("continuous":
    from those with more than two values).
    """
    outcomes = {formula.outcome for formula in formulas}
    factors = {factor for formula in formulas for term in formula.terms for factor in term}
    kinds: dict[str, Coding] = {factor.name: "indicator" for factor in factors if factor.categorical}
    names = list(dict.fromkeys(name for formula in formulas for name in formula.names))
    for name, kind in codings.items():
        if name not in names:
            raise OptionError(
                f"categorical names {name!r}, which the model does not hold.{did_you_mean(name, names)}"
            )
        if kind not in CODINGS:
            raise OptionError(
                f"the coding {kind!r} of {name!r} is not known; allowed: {', '.join(CODINGS)}."
                + did_you_mean(str(kind), CODINGS)
            )
        if name in outcomes:
            raise OptionError(
                f"categorical names {name!r}, an outcome; only causes and moderators are coded."
            )
        kinds[name] = kind
    in_products = {
        factor.name for formula in formulas for term in formula.terms if len(term) > 1 for factor in term
    }
    return {
        name: _coded(name, frame, kinds[name])
        if name in kinds
        else _number(name, frame, center if name in in_products else False)
        for name in names
    }


def product_columns(
    term: Sequence[Factor], variables: Mapping[str, Variable]
) -> list[tuple[tuple[str, ...], Vector]]:
    """The columns of a term: each with the columns of its factors that it multiplies, and its values (n,)."""
    chosen = [
        [
            (column, variables[factor.name].values[:, at])
            for at, column in enumerate(variables[factor.name].columns)
        ]
        for factor in term
    ]
    return [
        (tuple(name for name, _ in parts), np.prod([values for _, values in parts], axis=0))
        for parts in product(*chosen)
    ]


def _coded(name: str, frame: pd.DataFrame, kind: Coding) -> Variable:
    levels = category_levels(frame, name)
    if len(levels) < 2:
        raise DataError(
            f"{name!r} has one category only ({levels[0]}) in the complete rows; it cannot explain anything."
        )
    if len(levels) > 30:
        raise DataError(f"{name!r} has {len(levels)} categories; is it a number, and categorical= a slip?")
    labels = group_labels(frame, name)
    codes = np.array([levels.index(label) for label in labels.tolist()], dtype=np.intp)
    coding = coding_matrix(kind, len(levels))
    # the category that a column singles out: the last k - 1, of Helmert's coding the first
    shown = levels[:-1] if kind == "helmert" else levels[1:]
    columns = tuple(f"C({name})[{_MARKS[kind]}.{level}]" for level in shown)
    return Variable(name, columns, coding[codes], tuple(levels), kind, coding)


def _number(name: str, frame: pd.DataFrame, center: Center) -> Variable:
    try:
        values = numeric_matrix(frame, [name])
    except DataError as error:
        raise DataError(
            f"{error} Categories are named as such: categorical={{{name!r}: 'indicator'}}."
        ) from None
    if np.ptp(values) == 0:
        raise DataError(f"{name!r} is constant ({values[0, 0]:g}) in the complete rows; it explains nothing.")
    if np.abs(values).max() > LARGEST or np.ptp(values) < 1 / LARGEST:
        raise DataError(
            f"{name!r} has values between {values.min():g} and {values.max():g}; their products cannot be "
            "computed. Measure it in another unit."
        )
    variable = Variable(name, (name,), values)
    if center is True or (center == "continuous" and len(variable.distinct) > 2):
        centre = float(values.mean())
        return Variable(name, variable.columns, values - centre, centre=centre)
    return variable
