"""Answers as ordered categories: which values there are, and which items cannot be read so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.categories import MISSING, Categories, categories
from research.responses.columns import numeric_matrix

if TYPE_CHECKING:
    import pandas as pd

MOST = 40  # different values beyond which a column is not taken for ordered categories
MANY = 12  # categories beyond which thresholds cost more than they tell (Rhemtulla et al. 2012: from 5 on)
FEW = 5  # answers below which a threshold rests on too few
SPREAD = 256  # range of whole numbers within which values are counted, not sorted


@dataclass(frozen=True, slots=True)
class OrderedItems:
    """Items, the values that stand for their categories, and the answers as places among those values.

    `notes` name items with a category that lies between others and was chosen by nobody, categories with few
    answers, and items with many categories.
    """

    names: tuple[str, ...]
    levels: tuple[Vector, ...]
    answers: Categories
    notes: tuple[str, ...] = ()


def answers_matrix(frame: pd.DataFrame, columns: Sequence[str]) -> Matrix:
    """As `numeric_matrix`, and ordered categoricals by their order: the categories themselves where they are
    rising numbers, else 1, 2 … up to the last category.

    A DataError names a categorical without an order.
    """
    if all(dtype.kind in "fiub" for dtype in frame.dtypes):
        return numeric_matrix(frame, columns)
    import pandas as pd

    coded = {}
    for name, dtype in zip(frame.columns.tolist(), frame.dtypes.tolist(), strict=True):
        if name not in columns or not isinstance(dtype, pd.CategoricalDtype):
            continue
        if not dtype.ordered:
            raise DataError(
                f"column '{name}' is categorical without an order; say the order (pandas: "
                ".cat.set_categories([...], ordered=True)) or code the answers as numbers"
            )
        places = frame[name].cat.codes.to_numpy(dtype=np.intp)
        coded[name] = np.where(places < 0, np.nan, _rising(dtype.categories.tolist())[places])
    return numeric_matrix(frame.assign(**coded) if coded else frame, columns)


def item_levels(values: Matrix, names: Sequence[str]) -> tuple[Vector, ...]:
    """The values of each column (n, p) in their order; DataError for a constant one or one with too many."""
    found = []
    for name, column in zip(names, np.ascontiguousarray(values.T), strict=True):
        levels = _levels(column)
        if not len(levels):
            raise DataError(f"item '{name}' has no answers; leave it out")
        if len(levels) == 1:
            raise DataError(
                f"item '{name}' is constant: every answer is {levels[0]:g}. It has no thresholds and no "
                "polychoric correlation; leave it out"
            )
        if len(levels) > MOST:
            raise DataError(
                f"item '{name}' has {len(levels)} different values; ordered categories are at most {MOST}. "
                "Treat it as continuous (leave it out of ordered=)"
            )
        found.append(levels)
    return tuple(found)


def ordered_items(
    values: Matrix,
    names: Sequence[str],
    *,
    levels: Sequence[Vector] | None = None,
    group: str = "",
) -> OrderedItems:
    """The answers (n, p), NaN where missing, as places among the `levels` (those found, where None).

    A level that nobody chose is an error that names the item and, where `levels` come from all groups, the
    `group`: its thresholds cannot be estimated there.
    """
    found = item_levels(values, names) if levels is None else tuple(levels)
    codes = _codes(values, found)
    counted = categories(codes, np.array([len(own) for own in found], dtype=np.intp))
    _refuse_empty(counted.counts, names, found, group)
    notes = [note for name, own in zip(names, found, strict=True) if (note := _gap_note(name, own))]
    notes += _count_notes(counted.counts, names, found, group)
    return OrderedItems(tuple(names), found, counted, tuple(notes))


def _rising(categories: Sequence[object]) -> Vector:
    """The categories as numbers where they rise, else their places from 1."""
    numbers = [float(each) for each in categories if isinstance(each, int | float)]
    if len(numbers) == len(categories) and all(a < b for a, b in pairwise(numbers)):
        return np.array(numbers)
    return np.arange(1.0, len(categories) + 1.0)


def _levels(column: Vector) -> Vector:
    missing = np.isnan(column)
    answered = column[~missing] if missing.any() else column
    if not len(answered):
        return answered
    low, high = float(answered.min()), float(answered.max())
    if high - low < SPREAD and low == np.floor(low):
        places = (answered - low).astype(np.intp)
        if bool((places + low == answered).all()):
            return np.asarray(np.flatnonzero(np.bincount(places)) + low, dtype=np.float64)
    return np.unique(answered)


def _codes(values: Matrix, levels: Sequence[Vector]) -> Indices:
    """Places of the answers (n, p) among the levels of their column, (p, n)."""
    missing = np.isnan(values)
    low = np.array([own[0] for own in levels])
    with np.errstate(invalid="ignore"):
        codes = np.ascontiguousarray((values - low).T).astype(np.intp)
    for at, own in enumerate(levels):
        if own[-1] - own[0] != len(own) - 1 or not bool((np.diff(own) == 1.0).all()):
            codes[at] = np.searchsorted(own, np.where(missing[:, at], own[0], values[:, at]))
    codes[missing.T] = MISSING
    return codes


def _refuse_empty(counts: Matrix, names: Sequence[str], levels: Sequence[Vector], group: str) -> None:
    where = f" in group '{group}'" if group else ""
    for name, own, every in zip(names, levels, counts, strict=True):
        if every[: len(own)].all():
            continue
        chosen = every[: len(own)]
        if chosen.sum() == 0:
            raise DataError(f"item '{name}' has no answers{where}; leave it out")
        if np.count_nonzero(chosen) == 1:
            value = own[int(np.argmax(chosen))]
            raise DataError(
                f"item '{name}' is constant{where}: every answer is {value:g}; leave it out of the model"
            )
        value = own[int(np.flatnonzero(chosen == 0)[0])]
        raise DataError(
            f"nobody chose {value:g} of item '{name}'{where}, but others did: the groups have different "
            "thresholds. Merge that category with its neighbour in all groups, or leave the item out"
        )


def _count_notes(counts: Matrix, names: Sequence[str], levels: Sequence[Vector], group: str) -> list[str]:
    where = f" in group '{group}'" if group else ""
    notes = []
    few = (counts < FEW) & (np.arange(counts.shape[1]) < np.array([len(own) for own in levels])[:, None])
    if few.any():
        shown = [
            f"'{names[i]}' = {levels[i][k]:g} ({int(counts[i, k])})" for i, k in np.argwhere(few).tolist()
        ]
        listed = ", ".join(shown[:8]) + (" …" if len(shown) > 8 else "")
        notes.append(
            f"Fewer than {FEW} answers{where}: {listed}. Their thresholds and correlations are uncertain; "
            "consider merging such a category with its neighbour."
        )
    many = [f"'{name}' ({len(own)})" for name, own in zip(names, levels, strict=True) if len(own) > MANY]
    if many:
        notes.append(
            f"More than {MANY} categories: {', '.join(many)}. Such an item may be treated as continuous "
            "(leave it out of ordered=)."
        )
    return notes


def _gap_note(name: str, levels: Vector) -> str:
    if levels[-1] - levels[0] == len(levels) - 1 or not bool((levels == np.floor(levels)).all()):
        return ""
    if not 0 < levels[-1] - levels[0] + 1 - len(levels) <= MOST:
        return ""
    skipped = np.setdiff1d(np.arange(levels[0], levels[-1] + 1), levels)
    listed = ", ".join(f"{value:g}" for value in skipped)
    return (
        f"Nobody chose {listed} of item '{name}'; its thresholds lie between the categories that were chosen."
    )
