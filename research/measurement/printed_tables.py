"""Do the numbers of a printed measurement table follow from each other, given that they are rounded?"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.measurement.printed_numbers import Printed, PrintedNumber, printed_numbers, printed_square
from research.numerics.arrays import Vector
from research.numerics.rounded import (
    LoadingSums,
    Range,
    alpha_of_two_range,
    composite_reliability_range,
    loading_sums,
    variance_extracted_range,
)

if TYPE_CHECKING:
    import pandas as pd

Loadings: TypeAlias = "Mapping[str, Sequence[Printed]] | pd.DataFrame"
Reported: TypeAlias = "Mapping[str, Mapping[str, Printed]] | pd.DataFrame"

_SPELLINGS = {
    "cr": ("cr", "rhoc", "compositereliability", "组合信度", "建构信度"),
    "ave": ("ave", "averagevarianceextracted", "平均方差抽取量", "平均变异抽取量", "平均方差提取值"),
    "sqrt_ave": ("sqrtave", "rootave", "√ave", "squarerootofave"),
    "alpha": ("alpha", "cronbachsalpha", "cronbachalpha", "α", "cronbachsα"),
    "rho_a": ("rhoa", "ρa", "dijkstrahenselersrhoa"),
    "omega": ("omega", "omegatotal", "ω", "mcdonaldsomega"),
}


def audit_table(
    loadings: Loadings,
    reported: Reported,
    *,
    kind: Literal["factor", "composite"] = "factor",
    correlations: pd.DataFrame | None = None,
    digits: int | None = None,
) -> pd.DataFrame:
    """Check a printed measurement table: which CR and AVE do not follow from its loadings.

    `loadings`: {construct: [standardized loadings]}, or a frame with `construct` and `loading`; `reported`:
    {construct: {"CR": …, "AVE": …, "sqrt_AVE": …, "alpha": …}}, or a frame with `construct` and one column a
    quantity; `correlations`: a printed matrix whose diagonal holds the square roots of AVE. Numbers as they
    stand on the page: text ("0.90", ".896**") keeps its zeros; of floats the digits are those of the longest
    one of its kind, unless `digits` says how many there are.

    One row a printed number, `construct quantity reported low high value follows verdict apart note`. `low`
    and `high`: what rounding allows, when every printed number may be half of its last digit off; `value`:
    what the loadings give as they are printed; `apart`: how far the printed number lies outside, 0 where it
    follows. Verdicts: "follows"; "does not follow"; "impossible", beyond 0 and 1; "unusual", an alpha above
    CR, which uncorrelated errors do not allow (Novick & Lewis 1967) but samples may show; "cannot be
    checked" (alpha and rho_A need the correlations of the items). `kind`: "composite" where the loadings
    are correlations with a weighted sum, as PLS programs print them: two of them fix the correlation of
    their items, and so alpha.

    The range is exact where no loading of a construct is negative, else a little too wide: nothing is called
    inconsistent that is not. Equations: Fornell & Larcker (1981), eqs. 10 and 11.

    >>> audit_table({"value": [0.809, 0.785, 0.81, 0.82]}, {"value": {"CR": 0.881, "AVE": 0.56}})[
    ...     ["quantity", "low", "high", "verdict"]].round(4).to_numpy().tolist()
    [['cr', 0.8809, 0.8816, 'follows'], ['ave', 0.649, 0.6506, 'does not follow']]
    """
    import pandas as pd

    if kind not in ("factor", "composite"):
        hint = did_you_mean(kind, ("factor", "composite"))
        raise OptionError(f"kind={kind!r} is not known; allowed: factor, composite.{hint}")
    blocks = _loadings(loadings, digits)
    printed = _reported(reported, digits)
    if correlations is not None:
        _add_roots(printed, correlations, digits)
    rows: list[dict[str, object]] = []
    for construct, found in printed.items():
        sums = loading_sums(*blocks[construct]) if construct in blocks else None
        outside = float(np.abs(blocks[construct][0]).max()) if construct in blocks else 0.0
        for quantity, number in found.items():
            row = _row(quantity, number, found, sums, blocks.get(construct), kind)
            if outside > 1:
                row["note"] = f"a printed loading of {outside:g} lies outside -1 and 1. {row['note']}".strip()
            rows.append({"construct": construct, "quantity": quantity, **row})
    if not rows:
        raise DataError("nothing is reported: give CR, AVE, sqrt_AVE or alpha of at least one construct.")
    return pd.DataFrame(rows)


def _row(
    quantity: str,
    number: PrintedNumber,
    others: Mapping[str, PrintedNumber],
    sums: LoadingSums | None,
    loadings: tuple[Vector, Vector] | None,
    kind: str,
) -> dict[str, object]:
    bounds = _bounds(quantity, sums, others)
    centre = None
    if loadings is not None and quantity != "alpha":
        centre = _bounds(quantity, loading_sums(loadings[0], np.zeros(len(loadings[0]))), others)
    fixed = quantity != "alpha"
    if not fixed and kind == "composite" and loadings is not None and len(loadings[0]) == 2:
        fixed, bounds = True, alpha_of_two_range(*loadings)
        centre = alpha_of_two_range(loadings[0], np.zeros(2))
    low, high = bounds or (math.nan, math.nan)
    apart = 0.0 if bounds is None else max(low - number.high, number.low - high, 0.0)
    follows: bool | None = apart == 0
    note = ""
    if not -1e-9 <= number.value <= 1 + 1e-9:
        verdict, follows = "impossible", False
        note = f"{quantity} lies between 0 and 1."
    elif bounds is None:
        verdict, follows = "cannot be checked", None
        note = (
            "it needs the correlations of the items." if sums else "no loadings are given for this construct."
        )
    elif not fixed:
        verdict, follows = ("cannot be checked" if apart == 0 else "unusual"), None
        note = "alpha is at most CR where errors are uncorrelated; no more follows from loadings."
    elif apart == 0:
        verdict = "follows"
    else:
        verdict = "does not follow"
        note = f"the loadings give {low:.4f} to {high:.4f}."
    return {
        "reported": number.value,
        "low": low,
        "high": high,
        "value": math.nan if centre is None else centre[0],
        "follows": follows,
        "verdict": verdict,
        "apart": apart,
        "note": note,
    }


def _bounds(quantity: str, sums: LoadingSums | None, others: Mapping[str, PrintedNumber]) -> Range | None:
    """What a quantity may be; None where nothing follows."""
    if quantity == "sqrt_ave" and sums is None and "ave" in others:
        ave = others["ave"]
        return math.sqrt(max(ave.low, 0)), math.sqrt(max(ave.high, 0))
    if sums is None:
        return None
    ave_range = variance_extracted_range(sums)
    match quantity:
        case "cr":
            return composite_reliability_range(sums)
        case "ave":
            return ave_range
        case "sqrt_ave":
            return math.sqrt(ave_range[0]), math.sqrt(ave_range[1])
        case "alpha":
            return 0.0, composite_reliability_range(sums)[1]
    return None


def _loadings(given: Loadings, digits: int | None) -> dict[str, tuple[Vector, Vector]]:
    """Values and half of the last digit of each construct's loadings."""
    if isinstance(given, Mapping):
        columns = {str(name): list(values) for name, values in given.items()}
    else:
        for column in ("construct", "loading"):
            if column not in given:
                raise DataError(f"the frame of loadings has no column {column!r}.")
        columns = {
            str(name): part["loading"].tolist() for name, part in given.groupby("construct", sort=False)
        }
    numbers = printed_numbers([value for values in columns.values() for value in values], "loading", digits)
    found: dict[str, tuple[Vector, Vector]] = {}
    at = 0
    for name, values in columns.items():
        own = [one for one in numbers[at : at + len(values)] if one is not None]
        at += len(values)
        if not own:
            raise DataError(f"construct {name!r} has no loadings.")
        found[name] = np.array([one.value for one in own]), np.array([one.half for one in own])
    return found


def _reported(given: Reported, digits: int | None) -> dict[str, dict[str, PrintedNumber]]:
    if isinstance(given, Mapping):
        table = {str(name): dict(values) for name, values in given.items()}
    else:
        frame = given.set_index("construct") if "construct" in given else given
        table = {str(name): frame.loc[name].to_dict() for name in frame.index}
    keys: dict[str, list[tuple[str, Printed]]] = {}
    for construct, values in table.items():
        for name, value in values.items():
            keys.setdefault(_quantity(str(name)), []).append((construct, value))
    found: dict[str, dict[str, PrintedNumber]] = {name: {} for name in table}
    for quantity, cells in keys.items():
        numbers = printed_numbers([value for _, value in cells], quantity, digits)
        for (construct, _), number in zip(cells, numbers, strict=True):
            if number is not None:
                found[construct][quantity] = number
    return found


def _quantity(name: str) -> str:
    plain = re.sub(r"[\s_.()'’-]", "", name).lower()
    for quantity, spellings in _SPELLINGS.items():
        if plain in spellings:
            return quantity
    raise OptionError(
        f"{name!r} is not a quantity that is known; there are CR, AVE, sqrt_AVE, alpha, rho_A, omega."
        f"{did_you_mean(name, ('CR', 'AVE', 'sqrt_AVE', 'alpha', 'rho_A', 'omega'))}"
    )


def _add_roots(
    printed: dict[str, dict[str, PrintedNumber]], matrix: pd.DataFrame, digits: int | None
) -> None:
    values, half, names = printed_square(matrix, digits)
    for place, name in enumerate(names):
        if values[place, place] == values[place, place] and values[place, place] < 1:
            root = PrintedNumber(float(values[place, place]), float(half[place, place]))
            printed.setdefault(name, {}).setdefault("sqrt_ave", root)
