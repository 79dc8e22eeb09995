"""One number in a sentence: how `{{fit.cfi}}` or `{{fit.pvalue:p}}` is printed in each language.

English drops the zero before the point of a quantity that cannot exceed one (APA 7, 6.36);
Chinese keeps it (GB/T 15835-2011, 5.1.4).
"""

from __future__ import annotations

import math
import re

from research.errors import OptionError, did_you_mean
from research.report.cells import print_number, print_p

Scalar = int | float | str | bool

FORMS = {
    "": "by its name: whole numbers `n` (df no comma), probabilities `p`, bounded quantities `s3`, else `.3`",
    ".N": "N digits after the point, with a leading zero",
    "sN": "the same without a leading zero in English (r, alpha, CFI); `s` is `s3`",
    "p": "`= .012` or `< .001`, with its sign",
    "%N": "a share as a percentage with N digits; `%` is `%1`",
    "n": "a whole number with thousands separated",
    "g": "two significant digits, for what may be very small: `2.3 × 10⁻⁵`",
    "words": "a whole number below ten in words",
}

_BOUNDED = frozenset(  # fit indices, reliabilities and correlations, by the first word of their names
    {"cfi", "tli", "nnfi", "nfi", "ifi", "rni", "gfi", "agfi", "rmsea", "srmr", "rmr"}
    | {"alpha", "omega", "cr", "ave", "htmt", "r", "r2", "loading", "beta"}
)
_PROBABILITY = frozenset({"p", "pvalue"})
_FORM = re.compile(r"(?P<kind>[.s%])(?P<digits>\d?)|(?P<word>p|n|g|words)|(?P<none>)")
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_WORDS = {
    "en": ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "zh": ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九"),
}


def number_text(value: Scalar, form: str, lang: str, name: str = "") -> str:
    """`value` as a sentence prints it; `form` is one of `FORMS`, `name` decides where it is empty.

    A text is printed as it is. OptionError on an unknown form, or where there is no value (NaN).

    >>> number_text(0.9274, "", "en", "cfi"), number_text(0.9274, "", "zh", "cfi")
    ('.927', '0.927')
    >>> number_text(0.00004, "p", "en"), number_text(0.0312, "p", "en")
    ('< .001', '= .031')
    >>> number_text(1090, "", "en"), number_text(-1.5, ".2", "en"), number_text(3, "words", "en")
    ('1,090', '−1.50', 'three')
    >>> number_text(1288, "", "en", "df")
    '1288'
    >>> number_text(0.0000231, "g", "en"), number_text(0.25, "g", "en")
    ('2.3 × 10⁻⁵', '0.25')
    """
    if isinstance(value, str):
        return value
    if math.isnan(value):
        raise OptionError("has no value (NaN); quote it inside a block with `if=`, or publish its value")
    kind, digits = _read_form(form) if form else _form_of(value, name)
    if kind == "p":
        return _probability(float(value), lang)
    if kind in "dnw":
        return _whole(value, lang, in_words=kind == "w", thousands=kind != "d")
    if kind == "g":
        return _significant(float(value))
    if kind == "%":
        return f"{print_number(100 * value, digits)}%"
    return print_number(value, digits, leading_zero=kind != "s" or lang == "zh", thousands=lang != "zh")


def _read_form(form: str) -> tuple[str, int]:
    match = _FORM.fullmatch(form)
    if match is None or not form:
        raise OptionError(
            f"unknown number format '{form}'; known are {', '.join(f for f in FORMS if f)}."
            + did_you_mean(form, ("p", "n", "words", ".2", ".3", "s2", "s3", "%1"))
        )
    if match["word"]:
        return {"p": ("p", 3), "n": ("n", 0), "g": ("g", 2), "words": ("w", 0)}[match["word"]]
    default = {".": 2, "s": 3, "%": 1}[match["kind"]]
    return match["kind"], int(match["digits"] or default)


def _form_of(value: float, name: str) -> tuple[str, int]:
    """The form that the name of a quantity asks for: `chisq` `.3`, `cfi` `s3`, `pvalue_scaled` `p`."""
    first = name.rsplit(".", 1)[-1].lower().split("_")[0]
    if first == "df" and value == int(value):
        return "d", 0  # χ²(1288): a comma would read as two numbers, and APA 7, 6.38 has none
    if isinstance(value, int) or (first in {"n", "npar", "ntotal"} and value == int(value)):
        return "n", 0
    if first in _PROBABILITY:
        return "p", 3
    return ("s", 3) if first in _BOUNDED else (".", 3)


def _probability(p: float, lang: str) -> str:
    printed = print_p(p)
    if lang == "zh":
        printed = printed.replace(".", "0.", 1)
    return printed if printed[0] in "<>" else f"= {printed}"


def _significant(value: float) -> str:
    if value == 0 or 0.001 <= abs(value) < 1e6:
        return print_number(value, max(0, 1 - math.floor(math.log10(abs(value)))) if value else 0)
    digits, power = f"{value:.1e}".split("e")
    return f"{digits.replace('-', '−')} × 10{str(int(power)).translate(_SUPERSCRIPT)}"


def _whole(value: float, lang: str, *, in_words: bool, thousands: bool) -> str:
    if value != int(value):
        raise OptionError(f"is {value!r}, not a whole number; give it a format such as `:.2`")
    words = _WORDS["zh" if lang == "zh" else "en"]
    if in_words and 0 <= value < len(words):
        return words[int(value)]
    return print_number(value, 0, thousands=thousands and lang != "zh")
