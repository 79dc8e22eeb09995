"""Tables of estimates: unstandardized, standardized, and what is defined on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from research.estimation.constraints import LabelBook
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.chi_square import normal_quantile, two_sided_p
from research.numerics.implied import Implied
from research.numerics.standardize import Metric, metric_of, row_jacobian, standardized_jacobian

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


def solution(compiled: Compiled, metrics: Sequence[Metric], theta: Vector, book: LabelBook) -> Solution:
    """The unstandardized solution; `metrics` of each block, as `metrics_of` finds them."""
    q = compiled.n_parameters
    values = compiled.spread([metric.values for metric in metrics])
    jacobian = compiled.spread([row_jacobian(rows, q) for rows in compiled.rows])
    if not compiled.table.defined:
        return Solution(values, jacobian)
    more, slopes = defined(compiled.table, book, theta, np.eye(q))
    return Solution(np.concatenate([values, more]), np.vstack([jacobian, slopes]))


def metrics_of(compiled: Compiled, implied: tuple[Implied, ...]) -> tuple[Metric, ...]:
    """The values of the rows of each block, and what standardizes them."""
    return tuple(metric_of(*part) for part in zip(compiled.rows, compiled.blocks, implied, strict=True))


def standardized_solution(
    compiled: Compiled, implied: tuple[Implied, ...], metrics: Sequence[Metric], book: LabelBook
) -> Solution:
    """The completely standardized solution; defined parameters are computed from standardized ones."""
    q = compiled.n_parameters
    parts = zip(compiled.rows, compiled.blocks, implied, metrics, strict=True)
    values = compiled.spread([metric.in_all for metric in metrics])
    jacobian = compiled.spread(
        [standardized_jacobian(rows, block, at, q, metric) for rows, block, at, metric in parts]
    )
    if not compiled.table.defined:
        return Solution(values, jacobian)
    first = first_rows(compiled.table)
    more, slopes = defined(compiled.table, book, values[first], jacobian[first])
    return Solution(np.concatenate([values, more]), np.vstack([jacobian, slopes]))


def standardized_values(
    compiled: Compiled, implied: tuple[Implied, ...], book: LabelBook, kind: str
) -> Vector:
    """Values alone, `kind` "lv" or "all", shape (r + d,)."""
    return standardized_columns(compiled, metrics_of(compiled, implied), book)[f"std_{kind}"]


def standardized_columns(compiled: Compiled, metrics: Sequence[Metric], book: LabelBook) -> dict[str, Vector]:
    """`std_lv` and `std_all`: values alone, in both metrics, shape (r + d,) each."""
    by_kind = {
        "std_lv": [metric.in_lv for metric in metrics],
        "std_all": [metric.in_all for metric in metrics],
    }
    return {name: _with_defined(compiled, book, values) for name, values in by_kind.items()}


def _with_defined(compiled: Compiled, book: LabelBook, by_block: list[Vector]) -> Vector:
    """Standardized values of the rows of each block, and what is defined on them, (r + d,)."""
    values = compiled.spread(by_block)
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


def row_errors(compiled: Compiled, vcov: Matrix | None) -> Vector:
    """Standard errors of the rows of the table, (r,): those of their parameters, NaN for what is fixed."""
    if vcov is None:
        return np.full(len(compiled.table.parameters), np.nan)
    own = np.append(np.sqrt(np.maximum(vcov.diagonal(), 0.0)), np.nan)
    return compiled.spread([own[rows.parameter] for rows in compiled.rows])


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
    lhs, op, rhs, group, level, *_, label, _, _, _ = zip(*table.parameters, strict=True)
    names = [d.name for d in table.defined]
    blank = [""] * len(names)
    nothing = [""] * len(lhs)
    return {
        "lhs": [*lhs, *names],
        "op": [*op, *([":="] * len(names))],
        "rhs": [*rhs, *(d.expression.text for d in table.defined)],
        "group": [*([table.groups[one - 1] for one in group] if len(table.groups) > 1 else nothing), *blank],
        "level": [*(map(str, level) if len(set(level)) > 1 else nothing), *blank],
        "label": [*("" if one.startswith(".p") else one for one in label), *names],
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


def moment_frame(
    compiled: Compiled, groups: Sequence[str], moments: Sequence[tuple[Matrix, Vector]]
) -> pd.DataFrame:
    """`lhs op rhs group estimate` of the lower triangle and the means of each block, whose group is named."""
    columns: dict[str, list[str]] = {"lhs": [], "op": [], "rhs": [], "group": []}
    values: list[float] = []
    for place, (second, first) in enumerate(moments):
        names = compiled.observed[place]
        cells = [(a, b) for a in range(len(names)) for b in range(a + 1)]
        means = list(names) if compiled.blocks[place].means else []
        columns["lhs"] += [names[b] for _, b in cells] + means
        columns["op"] += ["~~"] * len(cells) + ["~1"] * len(means)
        columns["rhs"] += [names[a] for a, _ in cells] + [""] * len(means)
        columns["group"] += [groups[place]] * (len(cells) + len(means))
        values += [float(second[a, b]) for a, b in cells]
        values += [float(value) for value in first[: len(means)]]
    return frame({**columns, "estimate": np.array(values)})


def text_block(columns: Mapping[str, list[str]]) -> Texts:
    """The columns of text that several frames share, as Python strings in one block, (columns, rows).

    pandas' own text columns stand each in a block of its own: six of them cost as much as the search.
    """
    return tuple(columns), np.array(list(columns.values()), dtype=object)


def with_numbers(texts: Texts, numbers: Mapping[str, Vector]) -> pd.DataFrame:
    """A frame of the columns of text and of those of numbers, two blocks."""
    names, words = texts
    # A copy, so that whoever writes into a frame does not write into the next one.
    values = np.concatenate(list(numbers.values())).reshape(len(numbers), -1)
    return _two_blocks((*names, *numbers), words.copy(), values)


def _two_blocks(names: tuple[str, ...], words: NDArray[np.object_], numbers: Matrix) -> pd.DataFrame:
    """A frame whose first columns are the rows of `words` and whose last are those of `numbers`.

    pandas 3 has a function that takes blocks as they are; that is five times as fast as joining two frames.
    """
    import pandas as pd

    columns, build = _index(names), _builder()
    if build is None:
        first = pd.DataFrame(words.T, columns=columns[: len(words)], dtype=object, copy=False)
        return pd.concat([first, pd.DataFrame(numbers.T, columns=columns[len(words) :], copy=False)], axis=1)
    of_words, of_numbers = _block_places(len(words), len(numbers))
    blocks: Blocks = [(words, of_words), (numbers, of_numbers)]
    return build(blocks, _row_numbers(words.shape[1]).view(), columns.view())


@cache
def _block_places(n_words: int, n_numbers: int) -> tuple[Indices, Indices]:
    """Places of the columns of two blocks."""
    return np.arange(n_words), n_words + np.arange(n_numbers)


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


@lru_cache(maxsize=64)
def _row_numbers(n: int) -> pd.RangeIndex:
    """The index 0 to n - 1, of which frames get a view: making one takes ten times as long."""
    import pandas as pd

    return pd.RangeIndex(n)
