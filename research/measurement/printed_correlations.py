"""Could a printed correlation matrix be one, given that its entries are rounded?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from research.errors import OptionError, did_you_mean
from research.measurement.printed_numbers import printed_square
from research.numerics.arrays import Mask, Matrix
from research.numerics.rounded import TINY, nearest_definite

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = "dict[str, object]"


def audit_correlations(
    printed: pd.DataFrame,
    *,
    triangle: Literal["both", "lower", "upper"] = "both",
    digits: int | None = None,
) -> pd.DataFrame:
    """Check a printed correlation matrix: `check place value holds note`, a row a fault or a passed check.

    - "symmetric": both triangles are the same, where both are printed; `triangle` names the one that holds
      the correlations where the other holds something else (HTMT, say)
    - "range": every correlation lies within -1 and 1
    - "diagonal": ones, or between 0 and 1 (square roots of AVE, alphas)
    - "positive definite": a matrix without negative eigenvalues exists that would be printed like this;
      `value` is the smallest eigenvalue as printed, `holds` is None where it stays open

    Numbers as in `audit_table`; empty cells are what was not printed.

    >>> import research
    >>> import pandas as pd
    >>> names = ["trust", "loyalty", "price"]
    >>> printed = pd.DataFrame([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]], names, names)
    >>> found = research.audit_correlations(printed)
    >>> found.loc[found["check"] == "positive definite", "holds"].tolist()
    [False]
    """
    import pandas as pd

    if triangle not in ("both", "lower", "upper"):
        hint = did_you_mean(triangle, ("both", "lower", "upper"))
        raise OptionError(f"triangle={triangle!r} is not known; allowed: both, lower, upper.{hint}")
    values, half, names = printed_square(printed, digits)
    rows = [*_symmetric(values, half, names, triangle), *_range(values, half, names, triangle)]
    rows += _diagonal(values, half, names)
    rows.append(_definite(values, half, names, triangle))
    return pd.DataFrame(rows, columns=["check", "place", "value", "holds", "note"]).astype({"holds": object})


def _symmetric(values: Matrix, half: Matrix, names: Sequence[str], triangle: str) -> Iterator[Row]:
    i, j = np.tril_indices(len(values), -1)
    both = ~np.isnan(values[i, j]) & ~np.isnan(values[j, i])
    if triangle != "both" or not both.any():
        yield _check("symmetric", "", math.nan, None, "only one triangle holds correlations.")
        return
    apart = np.abs(values[i, j] - values[j, i]) > half[i, j] + half[j, i] + TINY
    for row, column in zip(i[both & apart], j[both & apart], strict=True):
        gap = float(values[row, column] - values[column, row])
        note = f"{values[row, column]:g} below the diagonal, {values[column, row]:g} above it."
        yield _check("symmetric", f"{names[row]}, {names[column]}", gap, False, note)
    if not (both & apart).any():
        yield _check("symmetric", "", 0.0, True, "")


def _range(values: Matrix, half: Matrix, names: Sequence[str], triangle: str) -> Iterator[Row]:
    outside = np.abs(values) - half > 1 + TINY
    outside &= {"both": ~np.eye(len(values), dtype=bool), "lower": _below(values), "upper": _below(values).T}[
        triangle
    ]
    for row, column in np.argwhere(outside):
        place = f"{names[row]}, {names[column]}"
        yield _check("range", place, float(values[row, column]), False, "a correlation lies within -1 and 1.")
    if not outside.any():
        yield _check("range", "", math.nan, True, "")


def _diagonal(values: Matrix, half: Matrix, names: Sequence[str]) -> Iterator[Row]:
    diagonal, reach = np.diag(values), np.diag(half)
    wrong = (diagonal - reach > 1 + TINY) | (diagonal + reach <= 0)
    for at in np.flatnonzero(wrong):
        yield _check("diagonal", names[int(at)], float(diagonal[at]), False, "it lies between 0 and 1.")
    if not wrong.any():
        ones = bool((np.abs(diagonal[~np.isnan(diagonal)] - 1) <= TINY).all())
        note = "" if ones else "not ones: read as square roots of AVE or reliabilities."
        yield _check("diagonal", "", math.nan, True, note)


def _definite(values: Matrix, half: Matrix, names: Sequence[str], triangle: str) -> Row:
    below = _below(values)
    lower = np.where(below, values, 0.0)
    upper = np.where(below, values.T, 0.0)
    first, second = (upper, lower) if triangle == "upper" else (lower, upper)
    chosen = first if triangle != "both" else np.where(np.isnan(first), second, first)
    reach = half if triangle != "upper" else half.T
    reach = np.where(np.isnan(reach), half.T, reach) if triangle == "both" else reach
    if np.isnan(chosen[below]).any():
        i, j = (int(at) for at in np.argwhere(below & np.isnan(chosen))[0])
        note = f"{names[i]} with {names[j]} is not printed."
        return _check("positive definite", f"{names[i]}, {names[j]}", math.nan, None, note)
    R, H = chosen + chosen.T + np.eye(len(values)), np.where(below, reach, 0.0)
    smallest = float(np.linalg.eigvalsh(R)[0])
    if (np.abs(R) > 1 + H + H.T + TINY).any():
        return _check("positive definite", "", smallest, False, "a correlation lies outside -1 and 1.")
    found = nearest_definite(R, H + H.T)
    note = {
        "yes": "" if smallest >= -TINY else "not as printed, but rounding explains it.",
        "no": "no correlation matrix would be printed like this.",
        "open": "whether rounding explains the negative eigenvalue stays open.",
    }[found]
    return _check("positive definite", "", smallest, {"yes": True, "no": False, "open": None}[found], note)


def _below(values: Matrix) -> Mask:
    return np.tril(np.ones(values.shape, dtype=bool), -1)


def _check(check: str, place: str, value: float, holds: bool | None, note: str) -> Row:
    return {"check": check, "place": place, "value": value, "holds": holds, "note": note}
