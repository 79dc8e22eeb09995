"""What a result shows at a prompt: its fields, frames as tables, arrays by their shape, and its methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 110  # characters of a line
ROWS = 20  # of a frame that is shown whole
HEAD = 5  # rows of a longer one; the rest is counted
COLUMNS = 20  # of a wide frame: the first ten and the last ten
WORDS = 100  # characters of a list of names


class Text(str):
    """Text that a prompt and a notebook show as it is read, with its line breaks."""

    __slots__ = ()

    def __repr__(self) -> str:
        """The text itself."""
        return str(self)


class Readable:
    """Base of results: `repr` is for eyes, since the arrays within would run over many pages.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, repr=False)
    ... class Sphericity(Readable):
    ...     chisq: float
    ...     df: int
    ...     notes: tuple[str, ...] = ()
    ...     def verdict(self) -> str: ...
    >>> Sphericity(418.15615, 15, ("Six rows were left out.",))
    Sphericity
      chisq  418.2
      df     15
      notes  - Six rows were left out.
      more   verdict()
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """The fields, a line each, then the methods."""
        names = [name for name in _fields(type(self)) if not name.startswith("_")]
        return block(self, type(self).__name__, {name: getattr(self, name) for name in names})


def block(result: object, title: str, shown: Mapping[str, object]) -> str:
    """A title, then `name  value`, a table under its name, and last what else `result` offers."""
    texts = {name: _value(value) for name, value in shown.items() if value is not None}
    texts["more"] = _methods(type(result), without=shown)
    margin = max(map(len, texts)) + 4
    lines = [title]
    for name, text in texts.items():
        first, *others = text.split("\n")
        if others and not first.startswith("- "):
            lines += [f"  {name}", *("    " + line.rstrip() for line in [first, *others])]
        elif text:
            lines += [f"  {name}".ljust(margin) + first, *(" " * margin + line for line in others)]
    return "\n".join(lines)


def table(frame: pd.DataFrame) -> str:
    """A frame as text: four significant digits; of a long one the first rows and the number of the others."""
    import pandas as pd

    rows = len(frame) if len(frame) <= ROWS else HEAD
    with pd.option_context("display.unicode.east_asian_width", True):
        named = not isinstance(frame.index, pd.RangeIndex)  # a plain numbering of the rows says nothing
        text = frame.head(rows).to_string(
            float_format=_number, na_rep="", line_width=WIDTH, index=named, max_cols=COLUMNS
        )
    left = len(frame) - rows
    return f"{text}\n… {left} more rows" if left > 0 else text


def _value(value: object) -> str:
    """One field: numbers with four digits, names in a row, sentences a line each, frames as tables.

    Nothing for arrays and for other results within this one: methods show what they hold.
    """
    if isinstance(value, Sized) and not isinstance(value, str) and not len(value):
        return ""
    if type(value).__name__ in (
        "DataFrame",
        "Series",
    ):  # told by name: a result without frames loads no pandas
        import pandas as pd

        if isinstance(value, pd.Series):
            return table(value.to_frame())
        if isinstance(value, pd.DataFrame):
            return table(value)
    if isinstance(value, Mapping):
        pairs = [(key, _short(each)) for key, each in value.items()]
        return _cut("; ".join(f"{key}: {text}" for key, text in pairs if text))
    if isinstance(value, Sequence) and not isinstance(value, str):
        if any(isinstance(each, str) and " " in each for each in value):
            return "\n".join(f"- {each}" for each in value)
        return _cut(" ".join(map(_short, value)).strip())
    return _short(value)


def _short(value: object) -> str:
    """Numbers and words as they are, tuples of them in a row, nothing of what is large."""
    if isinstance(value, float):
        return _number(value)
    if value is None or isinstance(value, str | int):
        return str(value)
    if isinstance(value, tuple) and all(isinstance(each, str | int | float) for each in value):
        return " ".join(map(_short, value))
    return ""


def _methods(kind: type, without: Iterable[str]) -> str:
    """The methods and properties that a class offers, but for those named."""
    offered = {name: each for base in kind.__mro__[-2::-1] for name, each in vars(base).items()}
    names = [
        f"{name}()" if callable(each) else name
        for name, each in offered.items()
        if not name.startswith("_") and name not in without and name not in _fields(kind)
    ]
    return _cut(" ".join(names))


def _fields(kind: type) -> list[str]:
    return list(getattr(kind, "__dataclass_fields__", ()))


def _number(value: float) -> str:
    return f"{value:.4g}"


def _cut(text: str, width: int = WORDS) -> str:
    return text if len(text) <= width else text[: text.rfind(" ", 0, width)] + " …"
