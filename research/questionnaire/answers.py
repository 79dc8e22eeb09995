"""How questions are answered: scales, options, missing codes, and the right answer of a check."""

from __future__ import annotations

import re

from research.questionnaire.reading import Reading, declares, thing
from research.questionnaire.schema import ScaleEntry
from research.questionnaire.tree import Path

_MOST_POINTS = 101


def check_answers(reading: Reading) -> None:
    """Report scales that are none, references to a scale that is not there, and options that do not fit."""
    file = reading.file
    for name, scale in file.scales.items():
        _scale(reading, ("scales", name), scale)
    for name, construct in file.constructs.items():
        if construct.items:
            needed = any(item.scale is None for item in construct.items.values())
            _known_scale(reading, ("constructs", name), construct.scale, needed=needed)
        for item, entry in construct.items.items():
            if entry.scale is not None:
                _known_scale(reading, ("constructs", name, "items", item), entry.scale)
    _checks(reading)
    _questions(reading)


def _scale(reading: Reading, path: Path, scale: ScaleEntry) -> None:
    points = sorted(scale.points)
    where = (*path, "points")
    if not reading.whole(where):
        return
    if len(points) < 2:
        reading.at_value(where, f"scale '{path[1]}' has fewer than two points. Add one.")
        return
    low, high = points[0], points[-1]
    if high - low >= _MOST_POINTS:
        reading.at_value(
            where, f"scale '{path[1]}' runs from {low} to {high}: more than {_MOST_POINTS} points."
        )
        return
    middle = [point for point in points if 2 * point == low + high]
    if len(points) < high - low + 1 and set(points) - {low, high, *middle}:
        absent = next(value for value in range(low, high) if value not in points)
        reading.at_value(
            where,
            f"scale '{path[1]}' has no label for {absent}. Label every point, only the ends, "
            "or the ends and the middle.",
        )
    codes: list[tuple[Path, str]] = [(("missing", code), code) for code in reading.file.missing]
    codes += [((*path, "missing", code), code) for code in scale.missing]
    for place, code in codes:
        if re.fullmatch(r"-?\d+", code) and low <= int(code) <= high:
            reading.at_key(
                place, f"missing code '{code}' is a point of scale '{path[1]}'. Choose a code off the scale."
            )


def _known_scale(reading: Reading, path: Path, name: str | None, *, needed: bool = True) -> None:
    known = reading.names(("scales",))
    if not reading.usable(("scales",)):
        return
    what = thing((*path, "scale"))
    if name is None:
        if needed and len(known) != 1:
            reading.at_key((*path, "scale"), f"{what} has no scale; {declares(known)} Add scale: …")
    elif name not in known:
        reading.at_value(
            (*path, "scale"),
            f"unknown scale '{name}' in {what}; {declares(known, name)}",
        )


def _checks(reading: Reading) -> None:
    for name, check in reading.file.checks.items():
        path: Path = ("checks", name)
        _known_scale(reading, path, check.scale)
        scale = _scale_of(reading, check.scale)
        if (
            scale
            and len(scale.points) > 1
            and reading.whole(("scales",))
            and not min(scale.points) <= check.expect <= max(scale.points)
        ):
            reading.at_value(
                (*path, "expect"),
                f"check '{name}' expects {check.expect}, which is off its scale "
                f"({min(scale.points)} to {max(scale.points)}).",
            )


def _scale_of(reading: Reading, name: str | None) -> ScaleEntry | None:
    """The scale of that name, or the only one where no name is given; None where that cannot be said."""
    scales = reading.file.scales
    if name is None:
        return next(iter(scales.values())) if len(scales) == 1 else None
    return scales.get(name)


def _questions(reading: Reading) -> None:
    for name, question in reading.file.background.items():
        path: Path = ("background", name)
        if not reading.usable((*path, "kind")):
            continue
        choice = question.kind in ("choice", "multiple")
        if choice and len(question.options) < 2 and reading.whole((*path, "options")):
            reading.at_key(
                path,
                f"question '{name}' offers {len(question.options)} options; a {question.kind} question has "
                "two or more. Add options, or write kind: number or kind: text.",
            )
        if not choice and question.options:
            reading.at_key(
                (*path, "options"),
                f"question '{name}' is answered with a {question.kind} and has options. "
                "Remove them, or write kind: choice.",
            )
        for code in question.missing:
            if code in question.options:
                reading.at_key(
                    (*path, "missing", code), f"'{code}' is an option of '{name}' and a missing code."
                )
        for code in reading.file.missing:
            if code in question.options:
                reading.at_key(("missing", code), f"missing code '{code}' is an option of question '{name}'.")
