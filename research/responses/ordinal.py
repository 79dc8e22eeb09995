"""Answers as ordered categories: which values there are, and which items cannot be read so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.categories import MISSING, Categories, categories

MOST = 40  # different values beyond which a column is not taken for ordered categories
SPREAD = 256  # range of whole numbers within which values are counted, not sorted


@dataclass(frozen=True, slots=True)
class OrderedItems:
    """Items, the values that stand for their categories, and the answers as places among those values.

    `notes` name items with a category that lies between others and was chosen by nobody.
    """

    names: tuple[str, ...]
    levels: tuple[Vector, ...]
    answers: Categories
    notes: tuple[str, ...] = ()


def item_levels(values: Matrix, names: Sequence[str]) -> tuple[Vector, ...]:
    """The values of each column (n, p) in their order; DataError for a constant one or one with too many."""
    found = []
    for name, column in zip(names, values.T, strict=True):
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
    codes = np.full((len(names), len(values)), MISSING, dtype=np.intp)
    for at, (column, own) in enumerate(zip(values.T, found, strict=True)):
        codes[at] = _codes(column, own)
    _refuse_empty(codes, names, found, group)
    counted = categories(codes, np.array([len(own) for own in found], dtype=np.intp))
    notes = tuple(note for name, own in zip(names, found, strict=True) if (note := _gap_note(name, own)))
    return OrderedItems(tuple(names), found, counted, notes)


def _levels(column: Vector) -> Vector:
    answered = column[~np.isnan(column)]
    if not len(answered):
        return answered
    low, high = float(answered.min()), float(answered.max())
    if high - low < SPREAD and low == np.floor(low):
        places = (answered - low).astype(np.intp)
        if bool((places + low == answered).all()):
            return np.asarray(np.flatnonzero(np.bincount(places)) + low, dtype=np.float64)
    return np.unique(answered)


def _codes(column: Vector, levels: Vector) -> Indices:
    missing = np.isnan(column)
    if bool((np.diff(levels) == 1.0).all()):
        codes = np.where(missing, 0.0, column - levels[0]).astype(np.intp)
    else:
        codes = np.searchsorted(levels, np.where(missing, levels[0], column))
    codes[missing] = MISSING
    return codes


def _refuse_empty(codes: Indices, names: Sequence[str], levels: Sequence[Vector], group: str) -> None:
    where = f" in group '{group}'" if group else ""
    for name, own, column in zip(names, levels, codes, strict=True):
        counts = np.bincount(column[column != MISSING], minlength=len(own))
        if counts.sum() == 0:
            raise DataError(f"item '{name}' has no answers{where}; leave it out")
        if np.count_nonzero(counts) == 1:
            value = own[int(np.argmax(counts))]
            raise DataError(
                f"item '{name}' is constant{where}: every answer is {value:g}; leave it out of the model"
            )
        if (counts == 0).any():
            value = own[int(np.flatnonzero(counts == 0)[0])]
            raise DataError(
                f"nobody chose {value:g} of item '{name}'{where}, but others did: the groups have different "
                "thresholds. Merge that category with its neighbour in all groups, or leave the item out"
            )


def _gap_note(name: str, levels: Vector) -> str:
    if not bool((levels == np.floor(levels)).all()):
        return ""
    skipped = np.setdiff1d(np.arange(levels[0], levels[-1] + 1), levels)
    if not 0 < len(skipped) <= MOST:
        return ""
    listed = ", ".join(f"{value:g}" for value in skipped)
    return (
        f"Nobody chose {listed} of item '{name}'; its thresholds lie between the categories that were chosen."
    )
