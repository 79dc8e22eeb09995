"""Columns of any frame as arrays, with errors that name the column, the value and the row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from research.errors import DataError, did_you_mean
from research.numerics.arrays import Matrix

if TYPE_CHECKING:
    import pandas as pd

FEW = 10_000  # values of a frame that are turned into objects in the time that pandas needs to list its types


_LARGEST = 1e100


def as_pandas(data: Any) -> pd.DataFrame:
    """The frame in `data`: pandas, `Responses`, or anything narwhals reads."""
    import pandas as pd

    frame = data if isinstance(data, pd.DataFrame) else getattr(data, "frame", None)
    if isinstance(frame, pd.DataFrame):
        if frame.columns.nlevels > 1:
            raise DataError("the data have column names of several levels; give every column one name")
        return frame
    import narwhals as nw

    try:
        native = nw.from_native(data)
        eager = native.collect() if isinstance(native, nw.LazyFrame) else native
        return eager.to_pandas()
    except (TypeError, AttributeError) as error:
        kind = type(data).__name__
        raise DataError(
            f"data of type {kind} cannot be read; pass a data frame, Responses or Moments"
        ) from error


def with_products(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The frame with a column for every name `x:z` among `columns` that it lacks: the product of x and z.

    >>> import pandas as pd
    >>> with_products(pd.DataFrame({"x": [1, 2], "z": [3, 4]}), ["x", "x:z"])["x:z"].tolist()
    [3.0, 8.0]
    """
    products = [name for name in columns if ":" in name and name not in frame.columns]
    if not products:
        return frame
    return frame.assign(**{name: numeric_matrix(frame, name.split(":")).prod(axis=1) for name in products})


def numeric_matrix(frame: pd.DataFrame, columns: Sequence[str]) -> Matrix:
    """The columns as floats, shape (n, p), NaN where a value is missing.

    Errors: a column that is not there, that holds text, or that holds an infinite value.
    """
    values = _plain(frame, columns, _places(frame, columns))
    if values is None:
        values = np.column_stack([_numeric(frame[name], name) for name in columns])
    if np.isinf(values).any():
        row, column = (int(at) for at in np.argwhere(np.isinf(values))[0])
        raise DataError(
            f"column '{columns[column]}' holds an infinite value in row {row + 1}; make it missing"
        )
    return values


def _plain(frame: pd.DataFrame, columns: Sequence[str], places: list[int]) -> Matrix | None:
    """The columns, which stand at `places`, as floats where they are numbers already, else None."""
    n_rows, n_columns = frame.shape
    if n_rows * n_columns <= FEW:
        values = frame.to_numpy()
        if values.dtype.kind in "fiu":
            return _taken(values.astype(float, copy=False), places)
    dtypes = frame.dtypes.tolist()
    numbers = all(isinstance(dtype, np.dtype) and dtype.kind in "fiub" for dtype in dtypes)
    if len(dtypes) <= 4 * len(columns) and numbers:
        return _taken(frame.to_numpy(dtype=float), places)  # taking columns out of pandas costs more
    kinds = {"sparse" if hasattr(dtypes[at], "fill_value") else dtypes[at].kind for at in places}
    if not kinds <= {"f", "i", "u", "b"}:
        return None
    return np.asarray(frame[list(columns)].to_numpy(dtype=float, na_value=np.nan))


def _taken(values: Matrix, places: list[int]) -> Matrix:
    """Some columns of a matrix, each in one piece of memory: what runs down the columns is faster so."""
    return values.T.take(places, axis=0).T


def refuse_extreme(name: str, values: NDArray[np.float64]) -> None:
    """DataError for numbers whose squares no double holds: above 1e100, or spread over less than 1e-100."""
    largest, spread = float(np.abs(values).max(initial=0.0)), float(np.ptp(values)) if values.size else 0.0
    if largest > _LARGEST or 0 < spread < 1 / _LARGEST:
        what = f"values up to {largest:.3g}" if largest > _LARGEST else f"values only {spread:.3g} apart"
        raise DataError(f"column '{name}' holds {what}; give it in another unit")


def group_labels(frame: pd.DataFrame, group: str) -> NDArray[np.str_]:
    """The group of each row as text, shape (n,); whole numbers without a decimal point, "" where missing."""
    _places(frame, (group,))
    column = frame[group]
    missing = column.isna().tolist()
    if column.dtype.kind == "f":
        whole = bool((column.dropna() % 1 == 0).all())
        texts = [
            "" if gone else str(int(value)) if whole else str(value)
            for value, gone in zip(column.tolist(), missing, strict=True)
        ]
    else:
        texts = ["" if gone else str(value) for value, gone in zip(column.tolist(), missing, strict=True)]
    return np.array(texts, dtype=str)


def _places(frame: pd.DataFrame, columns: Sequence[str]) -> list[int]:
    """Where the columns stand in the frame; an error where one is missing or is there twice."""
    known = frame.columns
    places = []
    for name in columns:
        try:
            place = known.get_loc(name)
        except KeyError as error:
            missing = [name for name in columns if name not in known]
            listed = ", ".join(f"'{name}'" for name in missing)
            hint = did_you_mean(missing[0], [str(name) for name in known])
            raise DataError(f"the data have no column {listed}.{hint}") from error
        if not isinstance(place, int):
            raise DataError(f"the data have more than one column named '{name}'; rename or drop one")
        places.append(place)
    return places


def _numeric(column: pd.Series, name: str) -> NDArray[np.float64]:
    """One column as floats; every value must be a number or missing."""
    import pandas as pd

    if isinstance(column.dtype, pd.SparseDtype):
        column = pd.Series(np.asarray(column), index=column.index)
    if isinstance(column.dtype, pd.CategoricalDtype) or column.dtype.kind in "mM":
        raise DataError(f"column '{name}' is {column.dtype}, not numbers; code it as numbers first")
    try:
        numbers = pd.to_numeric(column, errors="coerce")
    except OverflowError as error:
        raise DataError(f"column '{name}' holds a number beyond 1e308; make it missing") from error
    text = column.map(lambda value: isinstance(value, str)).to_numpy(dtype=bool)
    bad = np.flatnonzero(text | (numbers.isna() & column.notna()).to_numpy(dtype=bool))
    if len(bad):
        value = column.iloc[int(bad[0])]
        raise DataError(
            f"column '{name}' holds text: {value!r} in row {int(bad[0]) + 1}"
            f"{f' and {len(bad) - 1} more' if len(bad) > 1 else ''}; code it as numbers or make it missing"
        )
    if np.iscomplexobj(numbers.to_numpy()):
        raise DataError(f"column '{name}' holds complex numbers")
    return np.asarray(numbers.to_numpy(dtype=float, na_value=np.nan))
