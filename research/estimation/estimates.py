"""Tables of estimates: unstandardized, standardized, and what is defined on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from research.estimation.constraints import LabelBook
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.chi_square import normal_quantile, two_sided_p
from research.numerics.implied import Implied
from research.numerics.standardize import (
    Kind,
    row_jacobian,
    row_values,
    standardized,
    standardized_by,
    standardized_jacobian,
)

if TYPE_CHECKING:
    import pandas as pd
    from pandas.api.extensions import ExtensionArray

    from research.estimation.compiled import Compiled
    from research.model.table import ParameterTable

    Column: TypeAlias = list[str] | Vector | ExtensionArray
    Blocks: TypeAlias = Sequence[tuple[NDArray[np.generic], Indices]]
    Builder: TypeAlias = Callable[[Blocks, pd.Index, pd.Index], pd.DataFrame]

Texts: TypeAlias = tuple[tuple[str, ...], NDArray[np.object_]]


@dataclass(frozen=True, slots=True)
class Solution:
    """Values of all table rows and then of all defined parameters, with their Jacobian.

    `values`: (r + d,); `jacobian`: (r + d, q) with respect to the free parameters.
    """

    values: Vector
    jacobian: Matrix


def solution(compiled: Compiled, implied: tuple[Implied, ...], theta: Vector, book: LabelBook) -> Solution:
    """The unstandardized solution."""
    q = compiled.n_parameters
    values = compiled.spread(_values(compiled, implied))
    jacobian = compiled.spread([row_jacobian(rows, q) for rows in compiled.rows])
    if not compiled.table.defined:
        return Solution(values, jacobian)
    more, slopes = defined(compiled.table, book, theta, np.eye(q))
    return Solution(np.concatenate([values, more]), np.vstack([jacobian, slopes]))


def standardized_solution(compiled: Compiled, implied: tuple[Implied, ...], book: LabelBook) -> Solution:
    """The completely standardized solution; defined parameters are computed from standardized ones."""
    q = compiled.n_parameters
    parts = list(zip(compiled.rows, compiled.blocks, implied, strict=True))
    values = compiled.spread([standardized(rows, block, at, "all") for rows, block, at in parts])
    jacobian = compiled.spread([standardized_jacobian(rows, block, at, q) for rows, block, at in parts])
    if not compiled.table.defined:
        return Solution(values, jacobian)
    first = first_rows(compiled.table)
    more, slopes = defined(compiled.table, book, values[first], jacobian[first])
    return Solution(np.concatenate([values, more]), np.vstack([jacobian, slopes]))


def standardized_values(
    compiled: Compiled, implied: tuple[Implied, ...], book: LabelBook, kind: str
) -> Vector:
    """Values alone, `kind` "lv" or "all", shape (r + d,)."""
    return _in_metric(compiled, implied, book, _values(compiled, implied), kind)


def standardized_columns(
    compiled: Compiled, implied: tuple[Implied, ...], book: LabelBook
) -> dict[str, Vector]:
    """`std_lv` and `std_all`: values alone, in both metrics, shape (r + d,) each."""
    values = _values(compiled, implied)
    return {f"std_{kind}": _in_metric(compiled, implied, book, values, kind) for kind in ("lv", "all")}


def _values(compiled: Compiled, implied: tuple[Implied, ...]) -> list[Vector]:
    """The values of the rows of each block."""
    return [row_values(rows, at) for rows, at in zip(compiled.rows, implied, strict=True)]


def _in_metric(
    compiled: Compiled, implied: tuple[Implied, ...], book: LabelBook, by_block: list[Vector], kind: str
) -> Vector:
    """The values of the rows of each block standardized, and what is defined on them, (r + d,)."""
    parts = zip(compiled.rows, compiled.blocks, implied, by_block, strict=True)
    metric: Kind = "lv" if kind == "lv" else "all"
    values = compiled.spread([standardized_by(*part, metric) for part in parts])
    if not compiled.table.defined:
        return values
    env = book.values(values[first_rows(compiled.table)])
    return np.concatenate([values, _defined_values(compiled.table, env)])


def first_rows(table: ParameterTable) -> list[int]:
    """For every free parameter the first row that it stands in."""
    found: dict[int, int] = {}
    for place, parameter in enumerate(table.parameters):
        if parameter.free:
            found.setdefault(parameter.free, place)
    return [found[free] for free in range(1, table.n_free + 1)]


def defined(
    table: ParameterTable, book: LabelBook, values: Vector, jacobian: Matrix
) -> tuple[Vector, Matrix]:
    """Values and Jacobian of the defined parameters; labels have `values` (q,) and `jacobian` (q, k)."""
    env = book.values(values)
    slopes: dict[str, Vector] = {}
    out, rows = [], []
    for each in table.defined:
        row = np.zeros(jacobian.shape[1])
        for name, slope in each.expression.gradient(env).items():
            if name in slopes:
                row = row + float(slope) * slopes[name]
            elif name in book.place:
                row = row + float(slope) * jacobian[book.place[name]]
        value = float(each.expression.value(env))
        env[each.name], slopes[each.name] = value, row
        out.append(value)
        rows.append(row)
    return np.array(out), np.array(rows).reshape(-1, jacobian.shape[1])


def defined_draws(table: ParameterTable, book: LabelBook, draws: Matrix) -> Matrix:
    """Values of the defined parameters in each row of `draws` (b, q), shape (b, d)."""
    env = book.values(draws)
    out = np.empty((len(draws), len(table.defined)))
    for at, each in enumerate(table.defined):
        out[:, at] = env[each.name] = np.broadcast_to(np.asarray(each.expression.value(env)), (len(draws),))
    return out


def standard_errors(jacobian: Matrix, vcov: Matrix | None, constant: float = np.nan) -> Vector:
    """sqrt(diag(J V J')); `constant` where nothing in the row is estimated, NaN where V is not known."""
    if vcov is None:
        return np.full(len(jacobian), np.nan)
    variance = np.vecdot(jacobian @ vcov, jacobian)
    still = (np.abs(jacobian) <= 1e-12).all(axis=1)
    return np.where(still, constant, np.sqrt(np.maximum(variance, 0.0)))


def wald_columns(values: Vector, se: Vector, level: float = 0.95) -> dict[str, Vector]:
    """estimate, se, z, p, low, high."""
    half = normal_quantile(0.5 + level / 2.0)
    tested = np.where(se > 1e-12, se, np.nan)
    z = values / tested
    return {
        "estimate": values,
        "se": se,
        "z": z,
        "p": two_sided_p(z),
        "low": values - half * se,
        "high": values + half * se,
    }


def keys(table: ParameterTable) -> dict[str, list[str]]:
    """The columns that name a row: lhs op rhs group level label."""
    rows = table.parameters
    several = len({p.level for p in rows}) > 1
    groups = table.groups if len(table.groups) > 1 else ("",) * max(1, len(table.groups))
    blank = [""] * len(table.defined)
    return {
        "lhs": [p.lhs for p in rows] + [d.name for d in table.defined],
        "op": [str(p.op) for p in rows] + [":="] * len(table.defined),
        "rhs": [p.rhs for p in rows] + [d.expression.text for d in table.defined],
        "group": [groups[p.group - 1] for p in rows] + blank,
        "level": [str(p.level) if several else "" for p in rows] + blank,
        "label": [p.label if not p.label.startswith(".p") else "" for p in rows]
        + [d.name for d in table.defined],
    }


def _defined_values(table: ParameterTable, env: dict[str, float | Vector]) -> Vector:
    out = []
    for each in table.defined:
        env[each.name] = value = float(each.expression.value(env))
        out.append(value)
    return np.array(out)


def text_columns(columns: Mapping[str, list[str]]) -> dict[str, Column]:
    """Columns of text as pandas holds them, converted all at once (one by one costs as much as a fit)."""
    import pandas as pd

    whole = pd.Index([text for column in columns.values() for text in column]).array
    out: dict[str, Column] = {}
    begin = 0
    for name, column in columns.items():
        out[name] = whole[begin : begin + len(column)]
        begin += len(column)
    return out


def frame(columns: Mapping[str, Column]) -> pd.DataFrame:
    """A data frame of the columns."""
    import pandas as pd

    texts = {name: column for name, column in columns.items() if isinstance(column, list)}
    return pd.DataFrame({**columns, **text_columns(texts)} if texts else columns)


def text_block(columns: Mapping[str, list[str]]) -> Texts:
    """The columns of text that several frames share, as Python strings in one block, (columns, rows).

    pandas' own text columns stand each in a block of its own: six of them cost as much as the search.
    """
    return tuple(columns), np.array(list(columns.values()), dtype=object)


def with_numbers(texts: Texts, numbers: Mapping[str, Vector]) -> pd.DataFrame:
    """A frame of the columns of text and of those of numbers, two blocks."""
    names, words = texts
    # A copy, so that whoever writes into a frame does not write into the next one.
    return _two_blocks((*names, *numbers), words.copy(), np.array(list(numbers.values())))


def _two_blocks(names: tuple[str, ...], words: NDArray[np.object_], numbers: Matrix) -> pd.DataFrame:
    """A frame whose first columns are the rows of `words` and whose last are those of `numbers`.

    pandas 3 has a function that takes blocks as they are; that is five times as fast as joining two frames.
    """
    import pandas as pd

    columns, build = _index(names), _builder()
    if build is None:
        first = pd.DataFrame(words.T, columns=columns[: len(words)], dtype=object, copy=False)
        return pd.concat([first, pd.DataFrame(numbers.T, columns=columns[len(words) :], copy=False)], axis=1)
    places = np.arange(len(names))
    blocks: Blocks = [(words, places[: len(words)]), (numbers, places[len(words) :])]
    return build(blocks, pd.RangeIndex(words.shape[1]), columns.view())


@cache
def _builder() -> Builder | None:
    """`create_dataframe_from_blocks` of pandas 3, None in older versions."""
    try:
        internals = import_module("pandas.api.internals")
    except ImportError:
        return None
    found: Builder | None = getattr(internals, "create_dataframe_from_blocks", None)
    return found


@cache
def _index(names: tuple[str, ...]) -> pd.Index:
    """An index of column names; pandas takes longer to make one than to make the frame."""
    import pandas as pd

    return pd.Index(names)
