"""How one value is printed: minus signs, leading zeros, p values, stars, missing cells.

English drops the zero before the point of a quantity that cannot exceed one (APA 7, 6.36);
Chinese keeps it (GB/T 15835-2011, 5.1.4), and does not cut thousands with commas.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeGuard

import numpy as np

from research.questionnaire.definition import Text, say
from research.report.nouns import Column

MINUS = "−"  # U+2212, not a hyphen: it has the width of a digit and does not break at a line's end
MISSING = "–"  # en dash: an empty cell reads as forgotten
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
STARS_NOTE: Text = {
    "en": "* p < .05, ** p < .01, *** p < .001.",
    "zh": "* p < 0.05，** p < 0.01，*** p < 0.001。",
}
TRUTH: dict[bool, Text] = {True: {"en": "yes", "zh": "是"}, False: {"en": "no", "zh": "否"}}


def print_cell(value: object, column: Column, lang: str) -> str:
    """One cell as a reader sees it, without its stars.

    >>> print_cell(-0.4567, Column("r", {}, "statistic"), "en")
    '−.457'
    >>> print_cell(0.00002, Column("p", {}, "p"), "en"), print_cell(float("nan"), Column("p", {}, "p"), "en")
    ('< .001', '–')
    """
    if is_missing(value):
        return MISSING
    if not is_number(value) or column.kind == "text":
        return print_words(value, lang)
    number = float(value)
    if column.kind == "p":
        return print_p(number, leading_zero=keeps_zero(lang))
    if column.kind == "stars":
        return stars_of(number)
    if column.kind == "percent":
        return print_number(100 * number, column.decimals) + "%"
    if column.kind == "integer":
        return print_number(number, 0, thousands=cuts_thousands(column, lang))
    zero = column.kind != "statistic" or keeps_zero(lang)
    return print_number(number, column.decimals, leading_zero=zero, thousands=cuts_thousands(column, lang))


def print_number(value: float, decimals: int, *, leading_zero: bool = True, thousands: bool = False) -> str:
    """A number with `decimals` digits, a true minus sign, and no zero before the point where asked.

    >>> print_number(-0.0004, 3), print_number(1.0213, 2, leading_zero=False)
    ('0.000', '1.02')
    >>> print_number(1090, 0, thousands=True)
    '1,090'
    """
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    digits = f"{abs(value):,.{decimals}f}" if thousands else f"{abs(value):.{decimals}f}"
    negative = value < 0 and any(digit in "123456789" for digit in digits)
    if not leading_zero and digits.startswith("0."):
        digits = digits[1:]
    return (MINUS if negative else "") + digits


def print_p(value: float, *, leading_zero: bool = False) -> str:
    """A p value: three digits, never `.000` and never `1.000`.

    >>> print_p(0.0312), print_p(0.0004999), print_p(0.9999)
    ('.031', '< .001', '> .999')
    """
    zero = "0" if leading_zero else ""
    if value < 0.001:
        return f"< {zero}.001"
    if value >= 0.9995:
        return f"> {zero}.999"
    return print_number(value, 3, leading_zero=leading_zero)


def cuts_thousands(column: Column, lang: str) -> bool:
    """Whether 1288.5 is written 1,288.5: in English, and not for degrees of freedom (APA 7, 6.38)."""
    return lang != "zh" and "df" not in {part.rstrip("12") for part in column.name.split("_")}


def keeps_zero(lang: str) -> bool:
    """Whether the language writes 0.45 where APA writes .45."""
    return lang == "zh"


def stars_of(p: float) -> str:
    """`***` below .001, `**` below .01, `*` below .05, nothing otherwise or where p is missing."""
    return next((stars for limit, stars in STARS if p < limit), "")


def print_words(value: object, lang: str) -> str:
    """A wording in the language; a truth value as yes or no; several values with commas."""
    if isinstance(value, Mapping):
        return clean(say(value, lang))
    if isinstance(value, (bool, np.bool_)):
        return say(TRUTH[bool(value)], lang)
    if isinstance(value, (tuple, list)):
        return ("、" if lang == "zh" else ", ").join(print_words(part, lang) for part in value)
    return clean(str(value))


def clean(text: str) -> str:
    """The text on one line, without control characters (no document format can hold them)."""
    return " ".join("".join(ch if ch.isprintable() or ch.isspace() else "" for ch in text).split())


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a number and not a truth value."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def is_missing(value: object) -> bool:
    """None, NaN, NaT, pandas' NA, a wording without words. The empty text is a blank cell, meant so."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    if is_number(value):
        return math.isnan(value)
    return isinstance(value, (Mapping, tuple, list)) and not value
