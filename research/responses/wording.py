"""Texts made comparable: width, blanks, punctuation and numbering differ, the words do not."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_KIND_MARK = re.compile(r"\[[^\[\]]{0,6}题\]\s*\*?\s*$")  # "[单选题] *", as Wenjuanxing prints it
_TAG = re.compile(r"<[^<>]{1,200}>")
_NUMBERING = re.compile(r"^(?:第\s*)?[Qq]?\(?\d+(?:[-_.]\d+)*\)?\s*(?:题\s*[、.:)]?|[、.:)])\s*(?=\S)")
_NUMBER = re.compile(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$")


def clean(text: str) -> str:
    """Half-width characters, no blanks at the ends, no invisible ones, inner blanks single.

    >>> clean("　５．０ \\u200b")
    '5.0'
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return " ".join(plain.replace("−", "-").split())


def fold(text: str) -> str:
    """Only the letters and digits of a text, in one case and width: equal where the words are equal.

    >>> fold("我 信任 该平台，总是！") == fold("我信任该平台,总是")
    True
    """
    words = _TAG.sub("", _KIND_MARK.sub("", clean(text)))
    return "".join(char for char in words.casefold() if char.isalnum())


def without_number(text: str) -> str:
    """A heading without its question number.

    >>> without_number("12、您的性别"), without_number("Q3. Trust"), without_number("第6题(运动)")
    ('您的性别', 'Trust', '(运动)')
    """
    return _NUMBERING.sub("", clean(text))


def as_number(text: str) -> float | None:
    """The number that a cell holds, or None: full-width digits, `5.0` and `1e3` are numbers.

    >>> as_number("５"), as_number("5.0"), as_number("1_0"), as_number("five")
    (5.0, 5.0, None, None)
    """
    plain = clean(text)
    if not plain.isascii() or not _NUMBER.match(plain):
        return None
    value = float(plain)
    return value if value - value == 0.0 else None  # 1e999 is no number


def number_text(value: float) -> str:
    """A number as a reader writes it: whole numbers without a point, others in full.

    >>> number_text(5.0), number_text(0.1)
    ('5', '0.1')
    """
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
