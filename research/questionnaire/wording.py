"""Every text that a reader sees stands in every declared language, and no key is unknown."""

from __future__ import annotations

from research.errors import did_you_mean
from research.questionnaire.entry import ONLY_LANGUAGE, Entry, entries, fields
from research.questionnaire.reading import Reading, listed, thing
from research.questionnaire.scalars import LANGUAGE
from research.questionnaire.schema import HypothesisEntry, ItemEntry
from research.questionnaire.tree import Path


def check_wordings(reading: Reading) -> None:
    """Report unknown keys, wordings that are no text, and languages that are missing."""
    languages = _languages(reading)
    for path, entry in entries(reading.file):
        _unknown_keys(reading, path, entry, languages)
        if entry.worded and languages:
            _translations(reading, path, entry, languages)


def _languages(reading: Reading) -> list[str]:
    languages = reading.file.languages
    if not languages:
        reading.at_value(("languages",), "no language is declared. Write for example languages: [en, zh].")
    for index, language in enumerate(languages):
        if not LANGUAGE.fullmatch(language):
            reading.at_value(
                ("languages", index), f"'{language}' is no language code. Write for example en or zh."
            )
        if language in languages[:index]:
            reading.at_value(("languages", index), f"language '{language}' is declared twice. Remove one.")
    return [language for language in languages if LANGUAGE.fullmatch(language)]


def _unknown_keys(reading: Reading, path: Path, entry: Entry, languages: list[str]) -> None:
    for key, value in entry.unknown.items():
        place = (*path, key)
        if key == ONLY_LANGUAGE:
            continue
        if entry.worded and (key in languages or not languages):
            if not isinstance(value, str) or not value.strip():
                reading.at_value(place, f"the {key} wording of {_name(path)} is no text. Write it in quotes.")
            continue
        if key == "reverse" and isinstance(entry, ItemEntry):
            construct, item = path[1], path[-1]
            remedy = f" Write reverse: [{item}] in construct '{construct}'."
            reading.at_key(place, f"unknown key 'reverse' in {_name(path)}.{remedy}")
            continue
        if value is None and " " in key:
            reading.at_key(
                place, f"'{key}' stands after a comma. In {{ }}, put text that holds a comma in quotes."
            )
            continue
        known = [*fields(type(entry)), *(languages if entry.worded else [])]
        if entry.worded and LANGUAGE.fullmatch(key) and len(key) == 2:
            reading.at_key(
                place, f"language '{key}' is not declared; this file declares {listed(languages)}."
            )
            continue
        takes = f"it takes {listed(known, 20)}."
        reading.at_key(place, f"unknown key '{key}' in {_name(path)}; {takes}{did_you_mean(key, known)}")


def _translations(reading: Reading, path: Path, entry: Entry, languages: list[str]) -> None:
    given = entry.unknown
    if isinstance(entry, HypothesisEntry) and not any(language in given for language in languages):
        return
    if ONLY_LANGUAGE in given:
        bare = given[ONLY_LANGUAGE]
        if not str(bare).strip():
            reading.at_value(path, f"{_name(path)} has no wording. Write its text.")
        elif len(languages) > 1:
            form = ", ".join(f"{language}: …" for language in languages)
            reading.at_value(
                path, f"{_name(path)} has one wording for {listed(languages)}. Write {{{form}}}."
            )
        return
    for language in languages:
        if language not in given:
            message = f"missing translation: {_name(path)} has no {language} wording. Add {language}: …"
            reading.at_key((*path, language), message)


def _name(path: Path) -> str:
    return thing((*path, "")) if path else "the file"
