"""From a formula and a frame to the matrix of a regression."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Mask, Matrix, Vector
from research.numerics.least_squares import dependent_columns, least_squares
from research.responses.columns import group_labels, numeric_matrix, refuse_extreme
from research.structure.formula import Factor, Formula, Term

if TYPE_CHECKING:
    import pandas as pd

INTERCEPT = "(Intercept)"

_Space = tuple[
    frozenset[Factor], frozenset[Factor]
]  # numbers and factors whose product of columns is spanned


@dataclass(frozen=True, slots=True)
class Design:
    """The matrix `X` (n, k) with one name a column, the outcome `y` (n,), and the rows they came from.

    `blocks` maps each term of the formula to its columns; `used` (rows of the frame) is True for the
    rows that are complete.
    """

    formula: Formula
    X: Matrix
    y: Vector
    names: tuple[str, ...]
    blocks: dict[str, tuple[int, ...]]
    used: Mask

    @property
    def n_dropped(self) -> int:
        """Rows of the frame that were left out."""
        return int((~self.used).sum())


def design(formula: Formula, frame: pd.DataFrame, used: Mask) -> Design:
    """Build the matrix from the rows `used`; errors name the column that is at fault.

    A factor of categories is coded by indicators. Its first level is the reference where the terms before
    hold what the reference stands for; else every level has its own column (see `_codings`).
    """
    rows = frame.loc[used]
    y = numeric_matrix(rows, [formula.outcome])[:, 0]
    refuse_extreme(formula.outcome, y)
    columns: dict[str, Vector] = {}
    blocks: dict[str, tuple[int, ...]] = {}
    if formula.intercept:
        columns[INTERCEPT] = np.ones(len(rows))
        blocks[INTERCEPT] = (0,)
    spanned = {(frozenset[Factor](), frozenset[Factor]())} if formula.intercept else set()
    for term in formula.terms:
        added = {
            name: values
            for reduced in _codings(term, spanned)
            for name, values in _term_columns(term, reduced, rows).items()
        }
        blocks[":".join(map(str, term))] = tuple(range(len(columns), len(columns) + len(added)))
        columns |= added
    X = np.column_stack(list(columns.values()))
    names = tuple(columns)
    check_size(formula, X, y, int((~used).sum()))
    check_rank(X, names, formula.intercept)
    return Design(formula, X, y, names, blocks, used)


def complete_rows(names: tuple[str, ...], frame: pd.DataFrame) -> Mask:
    """True where every one of the columns has a value; DataError for an unknown or empty column."""
    used = np.ones(len(frame), dtype=np.bool_)
    for name in names:
        if name not in frame.columns:
            numeric_matrix(frame, [name])  # raises, with the nearest name
        if list(frame.columns).count(name) > 1:
            raise DataError(f"the data have more than one column named {name!r}; rename or drop one.")
        present = frame[name].notna().to_numpy(dtype=np.bool_)
        if not present.any():
            raise DataError(f"column {name!r} has no values at all.")
        used &= present
    if not used.any():
        raise DataError(f"no row has a value in all of {', '.join(names)}.")
    return used


def _codings(term: Term, spanned: set[_Space]) -> list[dict[Factor, bool]]:
    """How the factors of a term are coded, each with a reference (True) or without; adds to `spanned`.

    A full coding of a factor spans the constant and the contrasts with its reference, that of k factors
    the products of all their subsets. A term adds the subsets that no term before it spans, with as few
    blocks of columns as can be: {b} and {a, b} together are b with a full coding of a. Where the margins of
    a product are there this is R's rule; where one is missing it still gives columns of full rank.
    """
    numbers = frozenset(factor for factor in term if not factor.categorical)
    categories = [factor for factor in term if factor.categorical]
    subsets = [
        frozenset(chosen) for size in range(len(categories) + 1) for chosen in combinations(categories, size)
    ]
    new = [dict.fromkeys(subset, True) for subset in subsets if (numbers, subset) not in spanned]
    spanned |= {(numbers, subset) for subset in subsets}
    while (pair := _mergeable(new)) is not None:
        short, long, factor = pair
        long[factor] = False
        new.remove(short)
    return new


def _mergeable(
    blocks: list[dict[Factor, bool]],
) -> tuple[dict[Factor, bool], dict[Factor, bool], Factor] | None:
    """Two blocks of which the second is the first with one factor more, coded with a reference."""
    for short in blocks:
        for long in blocks:
            more = [factor for factor in long if factor not in short]
            if len(more) == 1 and long[more[0]] and short.items() <= long.items():
                return short, long, more[0]
    return None


def _term_columns(term: Term, reduced: dict[Factor, bool], rows: pd.DataFrame) -> dict[str, Vector]:
    """Products of the columns of the numbers and of the factors in `reduced`, the last changing slowest."""
    product: dict[str, Vector] = {}
    for factor in term:
        if factor.categorical and factor not in reduced:
            continue
        coded = _factor_columns(factor, rows, reduced.get(factor, False))
        if not product:
            product = coded
        else:
            product = {f"{a}:{b}": x * z for b, z in coded.items() for a, x in product.items()}
    return product


def _factor_columns(factor: Factor, rows: pd.DataFrame, reduced: bool) -> dict[str, Vector]:
    if not factor.categorical:
        return {str(factor): _number(factor.name, rows)}
    levels = category_levels(rows, factor.name)
    if len(levels) < 2:
        raise DataError(
            f"C({factor.name}) has one level only ({levels[0]}) in the complete rows; leave it out."
        )
    values = group_labels(rows, factor.name)
    mark = "T." if reduced else ""
    return {
        f"{factor}[{mark}{level}]": (values == level).astype(np.float64)
        for level in (levels[1:] if reduced else levels)
    }


def category_levels(rows: pd.DataFrame, name: str) -> list[str]:
    """The levels that occur: in the order of a categorical column, else sorted (numbers by size)."""
    import pandas as pd

    column = rows[name]
    levels = sorted(set(group_labels(rows, name).tolist()))
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [str(level) for level in column.cat.categories if str(level) in levels]
    try:
        return sorted(levels, key=float)
    except ValueError:
        return levels


def _number(name: str, rows: pd.DataFrame) -> Vector:
    try:
        column = numeric_matrix(rows, [name])[:, 0]
    except DataError as error:
        raise DataError(f"{error} In a formula, C({name}) reads it as categories.") from None
    refuse_extreme(name, column)
    return column


def check_size(formula: Formula, X: Matrix, y: Vector, n_dropped: int) -> None:
    """Raise DataError for too few rows or an outcome that does not vary."""
    n, k = X.shape
    dropped = f" ({n_dropped} rows with a missing value were left out)" if n_dropped else ""
    if n <= k:
        raise DataError(
            f"{formula.text}: {n} complete rows{dropped} are too few for {k} coefficients; "
            f"at least {k + 1} are needed."
        )
    if np.ptp(y) == 0:
        raise DataError(
            f"the outcome {formula.outcome!r} is constant ({y[0]:g}); there is nothing to explain."
        )


def check_rank(X: Matrix, names: tuple[str, ...], intercept: bool) -> None:
    """Raise DataError for a column that is constant or a linear combination of those before it."""
    if intercept:
        for name, column in zip(names[1:], X.T[1:], strict=True):
            if np.ptp(column) == 0:
                raise DataError(
                    f"predictor {name!r} is constant ({column[0]:g}) in the complete rows; leave it out."
                )
    dependent = dependent_columns(X)
    if dependent.size:
        j = int(dependent[0])
        if not X[:, j].any():
            raise DataError(f"predictor {names[j]!r} is zero in every complete row; leave it out.")
        before = [i for i in range(j) if i not in dependent]
        weights = least_squares(X[:, before], X[:, j]).coefficients
        share = np.abs(weights) * np.abs(X[:, before]).max(axis=0)
        parts = [
            names[i] for i, part in zip(before, share, strict=True) if part > 1e-8 * np.abs(X[:, j]).max()
        ]
        others = ", ".join(part for part in parts if part != INTERCEPT) or "the intercept"
        raise DataError(
            f"predictor {names[j]!r} is an exact linear combination of {others}; leave one of them out."
        )
