"""The types of a questionnaire's values: which texts each takes, and how an editor is told of it.

Scalars arrive as the text that stands in the file, so that a wording `no` or a code `012` stays what it is
and a number is one only where the schema asks for a number.
"""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})*")


def as_whole(value: object) -> int:
    """A whole number, written without a leading zero."""
    if isinstance(value, str) and re.fullmatch(r"-?(0|[1-9]\d{0,8})", value):
        return int(value)
    raise PydanticCustomError("type", "{got} is not a whole number", {"got": _shown(value)})


def as_number(value: object) -> float:
    """A number, such as 0.75, .5 or 1e-3."""
    if isinstance(value, str) and re.fullmatch(r"[-+]?(\d{1,9}(\.\d*)?|\.\d+)([eE][-+]?\d{1,2})?", value):
        return float(value)
    raise PydanticCustomError("type", "{got} is not a number", {"got": _shown(value)})


def as_share(value: object) -> float:
    """A number between 0 and 0.5."""
    if 0 <= (share := as_number(value)) <= 0.5:
        return share
    raise PydanticCustomError("type", "{got} is not a share between 0 and 0.5", {"got": _shown(value)})


def as_flag(value: object) -> bool:
    """`true` or `false`, and no other word."""
    if value in ("true", "false"):
        return value == "true"
    raise PydanticCustomError("type", "{got} is neither true nor false", {"got": _shown(value)})


def as_text(value: object) -> str:
    """A text that is not blank; line breaks become blanks."""
    if isinstance(value, str) and value.strip():
        return " ".join(value.split()) if "\n" in value else value.strip()
    raise PydanticCustomError("type", "{got} stands where a text belongs", {"got": _shown(value)})


def as_texts(value: object) -> object:
    """A single text as a list of one."""
    return [value] if isinstance(value, str) else value


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f"'{value}'" if value.strip() else "an empty text"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "nothing"


Whole: TypeAlias = Annotated[int, BeforeValidator(as_whole), WithJsonSchema({"type": "integer"})]
Number: TypeAlias = Annotated[float, BeforeValidator(as_number), WithJsonSchema({"type": "number"})]
Share: TypeAlias = Annotated[
    float, BeforeValidator(as_share), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 0.5})
]
Flag: TypeAlias = Annotated[bool, BeforeValidator(as_flag), WithJsonSchema({"type": "boolean"})]
String: TypeAlias = Annotated[
    str, BeforeValidator(as_text), WithJsonSchema({"type": "string", "minLength": 1})
]
Code: TypeAlias = Annotated[
    str, BeforeValidator(as_text), WithJsonSchema({"type": ["string", "integer"], "minLength": 1})
]
Strings: TypeAlias = Annotated[
    list[String],
    BeforeValidator(as_texts),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Codes: TypeAlias = Annotated[
    list[Code],
    BeforeValidator(as_texts),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["string", "integer"]},
                {"type": "array", "items": {"type": ["string", "integer"]}},
            ]
        }
    ),
]
