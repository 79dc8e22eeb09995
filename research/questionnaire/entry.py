"""The base of every mapping in a questionnaire file: unknown keys kept, wordings under language codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from research.questionnaire.scalars import LANGUAGE, as_text
from research.questionnaire.tree import Path

ONLY_LANGUAGE = "*"  # a bare text: the wording in the only language that the file declares


class Entry(BaseModel):
    """A mapping of the file. Keys it does not know are kept, so that they are reported by name."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, object] = Field(init=False)

    worded: ClassVar[bool] = False  # holds wordings under the codes of the languages
    short: ClassVar[bool] = False  # a bare text says it all

    @property
    def unknown(self) -> dict[str, object]:
        """The keys that are no fields: wordings by language, and mistakes."""
        return self.__pydantic_extra__ or {}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler.resolve_ref_schema(handler(core_schema))
        schema["additionalProperties"] = False
        if cls.worded:
            wording = {"type": "string", "minLength": 1, "description": "The wording in this language."}
            schema["patternProperties"] = {f"^{LANGUAGE.pattern}$": wording}
        if cls.short:
            long = dict(schema)
            schema.clear()
            schema["anyOf"] = [{"type": "string", "minLength": 1}, long]
        return schema


class Worded(Entry):
    """A mapping that holds what a reader sees under the codes of the languages: `en: …`, `zh: …`.

    A bare text in its place is the wording in the only language of the file.
    """

    worded = True

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        return {ONLY_LANGUAGE: value} if isinstance(value, str) else value

    @property
    def wording(self) -> dict[str, str]:
        """{language: wording}, for the keys that are language codes."""
        return {
            key: as_text(value)
            for key, value in self.unknown.items()
            if isinstance(value, str) and value.strip() and (key == ONLY_LANGUAGE or LANGUAGE.fullmatch(key))
        }


class Wording(Worded):
    """What a reader sees, in every language: {en: Trust, zh: 信任}."""

    short = True


def entries(entry: Entry, path: Path = ()) -> Iterator[tuple[Path, Entry]]:
    """`entry` and every mapping of a fixed shape inside it, each with its path in the file."""
    yield path, entry
    for name, info in type(entry).model_fields.items():
        value = getattr(entry, name)
        key = info.alias or name
        if isinstance(value, Entry):
            yield from entries(value, (*path, key))
        elif isinstance(value, dict):
            for inner, child in value.items():
                if isinstance(child, Entry):
                    yield from entries(child, (*path, key, str(inner)))
        elif isinstance(value, list):
            for index, child in enumerate(value):
                if isinstance(child, Entry):
                    yield from entries(child, (*path, key, index))


def fields(entry: type[Entry]) -> list[str]:
    """The keys that an entry knows, as they are written in the file."""
    return [info.alias or name for name, info in entry.model_fields.items()]
