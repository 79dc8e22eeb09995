"""Numbers as they stand on a page: what they are, and to how many digits they are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Matrix
from research.numerics.rounded import TINY

if TYPE_CHECKING:
    import pandas as pd

Printed: TypeAlias = "str | float | None"

_MARKS = str.maketrans({"−": "-", "–": "-", "．": ".", "*": "", "†": "", "\u00a0": "", " ": ""})


@dataclass(frozen=True, slots=True)
class PrintedNumber:
    """A number, and half of its last printed digit."""

    value: float
    half: float

    @property
    def low(self) -> float:
        """The smallest number that is printed so."""
        return self.value - self.half - TINY

    @property
    def high(self) -> float:
        """The largest number that is printed so."""
        return self.value + self.half + TINY


def printed_numbers(cells: Sequence[object], what: str, digits: int | None) -> list[PrintedNumber | None]:
    """The printed numbers of one kind, None for an empty cell; floats have the digits of the longest one."""
    texts = [_text(cell, what) for cell in cells]
    longest = max((_decimals(text) for text, is_text in texts if text and not is_text), default=0)
    found: list[PrintedNumber | None] = []
    for text, is_text in texts:
        if not text:
            found.append(None)
            continue
        own = digits if digits is not None else _decimals(text) if is_text else longest
        found.append(PrintedNumber(float(text), 0.5 * 10.0**-own))
    return found


def _text(cell: object, what: str) -> tuple[str, bool]:
    """The number as text, "" where the cell is empty, and whether it was text on the page."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return "", False
    text = str(cell).translate(_MARKS)
    if text in ("", "-", "nan", "<NA>", "n/a", "N/A"):
        return "", isinstance(cell, str)
    try:
        finite = math.isfinite(float(text))
    except ValueError:
        finite = False
    if not finite:
        raise DataError(f"{what}: {cell!r} is not a number as it is printed in a table.")
    return text, isinstance(cell, str)


def _decimals(text: str) -> int:
    mantissa, _, power = text.lower().partition("e")
    return max(0, len(mantissa.partition(".")[2]) - int(power or 0))


def printed_square(printed: pd.DataFrame, digits: int | None) -> tuple[Matrix, Matrix, list[str]]:
    """Values, half of their last digits (both NaN where a cell is empty), and the names of a square frame."""
    names = [str(name) for name in printed.columns]
    if printed.shape[0] != printed.shape[1]:
        raise DataError(
            f"a correlation matrix is square; this has {printed.shape[0]} rows and {len(names)} columns."
        )
    cells = printed_numbers(
        [cell for row in printed.to_numpy(dtype=object) for cell in row], "correlation", digits
    )
    values = np.array([math.nan if one is None else one.value for one in cells]).reshape(printed.shape)
    half = np.array([math.nan if one is None else one.half for one in cells]).reshape(printed.shape)
    return values, half, names
