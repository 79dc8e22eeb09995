"""The door of this room: which column is a number, which a category, and from where to where a scale runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from research.errors import DataError, OptionError, did_you_mean
from research.numerics.arrays import Matrix, Vector
from research.questionnaire.definition import Questionnaire
from research.responses.columns import group_labels, numeric_matrix
from research.responses.nouns import Responses
from research.structure.scores import regression_frame

if TYPE_CHECKING:
    import pandas as pd

Range = tuple[float, float]
LARGEST = 1e100  # squares and sums of squares of many rows stay within what a float holds
SIMULATED = "Simulated answers: nobody was asked."


def segment_frame(data: object) -> pd.DataFrame:
    """The columns that may be named: those of a frame; of Responses also a scale score a construct."""
    frame = regression_frame(data)
    if not len(frame):
        raise DataError("the data have no rows.")
    return frame


def column_of(frame: pd.DataFrame, name: str) -> Vector:
    """One column as floats, NaN where missing; DataError where it is unknown, text or empty."""
    values = numeric_matrix(frame, [name])[:, 0]
    if np.isnan(values).all():
        raise DataError(f"column '{name}' has no value in any row; check its name and its coding.")
    largest = float(np.nanmax(np.abs(values)))
    if largest > LARGEST or 0 < largest < 1 / LARGEST:
        raise DataError(
            f"column '{name}' has values of the size {largest:g}, whose squares a computer cannot hold; "
            "use another unit."
        )
    return values


def varying_columns(frame: pd.DataFrame, names: Sequence[str]) -> Matrix:
    """Columns as floats, (n, p), each of which takes at least two values."""
    columns = unique(names)
    if not columns:
        raise OptionError("columns: name at least one column.")
    for at, name in enumerate(columns):
        values = column_of(frame, name)
        low, high = np.nanmin(values), np.nanmax(values)
        if low == high:
            raise DataError(
                f"column '{columns[at]}' is constant: every value is {low:g}; it cannot tell segments apart. "
                "Leave it out."
            )
    return numeric_matrix(frame, columns)


def unique(names: Iterable[str] | str) -> list[str]:
    """The names as a list; a single one need not be in a list; OptionError where one stands twice."""
    listed = [names] if isinstance(names, str) else [str(name) for name in names]
    doubled = next((name for name in listed if listed.count(name) > 1), None)
    if doubled is not None:
        raise OptionError(f"column '{doubled}' is named twice.")
    return listed


def groups_of(frame: pd.DataFrame, group: str | None, *, least: int = 2) -> NDArray[np.str_] | None:
    """The group of each row ("" where missing), or None without a group; DataError for fewer than `least`."""
    if group is None:
        return None
    labels = group_labels(frame, group)
    names = sorted(set(labels.tolist()) - {""})
    if len(names) < least:
        held = f"one group only, '{names[0]}'" if names else "no value"
        raise DataError(f"group column '{group}' holds {held}; a comparison needs at least two groups.")
    return labels


def in_order(labels: NDArray[np.str_], group: str, data: object) -> list[str]:
    """The groups in the order of the question's options, else of their appearance."""
    found = [name for name in dict.fromkeys(labels.tolist()) if name]
    if isinstance(data, Responses):
        for question in data.questionnaire.background:
            if question.id == group:
                order = [option.value for option in question.options]
                return sorted(found, key=lambda name: order.index(name) if name in order else len(order))
    return found


def scale_range(data: object, name: str, given: Range | None = None) -> Range:
    """The lowest and highest point of the scale of an item or construct.

    Of Responses from the questionnaire; of a frame as `given`. DataError where it is not known, or where
    the items of the construct have different ranges; OptionError where `given` is no range.
    """
    if given is not None:
        return checked_range(given)
    if isinstance(data, Responses):
        found = item_ranges(data.questionnaire, name)
        if len(set(found)) == 1:
            return found[0]
        if found:
            shown = ", ".join(f"{low:g}-{high:g}" for low, high in sorted(set(found)))
            raise DataError(f"the items of '{name}' have scales of different ranges ({shown}); give scale=.")
    raise DataError(f"the scale of '{name}' is not known here; give its ends: scale=(1, 7).")


def checked_range(given: object) -> Range:
    """Two finite numbers, the lower first."""
    pair = list(given) if isinstance(given, (tuple, list, np.ndarray)) else []
    if len(pair) != 2 or not all(is_finite(each) for each in pair) or pair[0] >= pair[1]:
        raise OptionError(f"scale={given!r} is not a lowest and a highest point such as (1, 7).")
    return float(pair[0]), float(pair[1])


def is_finite(value: object) -> bool:
    """Whether it is a finite number (a truth value is none)."""
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    return number and bool(np.isfinite(float(str(value))))


def checked_number(name: str, value: object, low: float = -np.inf, high: float = np.inf) -> float:
    """A finite number from `low` to `high`."""
    if isinstance(value, (int, float, np.integer, np.floating)) and is_finite(value):
        number = float(value)
        if low <= number <= high:
            return number
    limits = "" if np.isinf(low) and np.isinf(high) else f" from {low:g} to {high:g}"
    raise OptionError(f"{name}={value!r} is not a number{limits}.")


def item_ranges(questionnaire: Questionnaire, name: str) -> list[Range]:
    """The range of every item below a construct, or of the item of that name; empty where unknown."""
    for item in questionnaire.items:
        if item.id == name:
            scale = questionnaire.scales[item.scale]
            return [(float(scale.low), float(scale.high))]
    for construct in questionnaire.constructs:
        if construct.name == name:
            below = [*construct.item_ids, *construct.components]
            return [found for part in below for found in item_ranges(questionnaire, part)]
    return []


def items_below(questionnaire: Questionnaire, name: str) -> list[str]:
    """The items of a construct; of one of second order those of its components."""
    try:
        construct = questionnaire.construct(name)
    except KeyError:
        known = [each.name for each in questionnaire.constructs]
        raise DataError(
            f"the questionnaire has no construct '{name}'.{did_you_mean(name, known)} "
            f"It has {', '.join(known)}."
        ) from None
    return [
        *construct.item_ids,
        *(item for part in construct.components for item in items_below(questionnaire, part)),
    ]


def checked_level(level: object) -> float:
    """A probability strictly between 0 and 1."""
    if not isinstance(level, (int, float)) or not 0 < level < 1:
        raise OptionError(f"level={level!r} is not a probability between 0 and 1, such as .95.")
    return float(level)


def checked_choice(name: str, value: object, known: Sequence[str]) -> str:
    """The value of an option that is one of a few words."""
    if not isinstance(value, str) or value not in known:
        hint = did_you_mean(str(value), known)
        raise OptionError(f"{name}={value!r} is not known; it is one of {', '.join(known)}.{hint}")
    return value


def whole_number(name: str, value: object, least: int) -> int:
    """A whole number of at least `least`."""
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value >= least:
        return int(value)
    raise OptionError(f"{name}={value!r} is not a whole number of at least {least}.")


def origin_notes(data: object) -> tuple[str, ...]:
    """That answers or purchases are simulated, where they are."""
    if isinstance(data, Responses) and data.simulated:
        return (SIMULATED,)
    attributes = getattr(data, "attrs", None)
    if isinstance(attributes, dict) and attributes.get("simulated"):
        return (str(attributes.get("note", "Simulated data.")),)
    return ()


def is_simulated(data: object) -> bool:
    """Whether nobody stands behind these rows."""
    return bool(origin_notes(data))


def numbers_first(text: str) -> tuple[int, float, str]:
    """The place of an answer among others: numbers in their order, then words in theirs.

    >>> sorted(["b", "10", "9", "a"], key=numbers_first)
    ['9', '10', 'a', 'b']
    """
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text
