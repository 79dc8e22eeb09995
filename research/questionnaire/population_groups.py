"""The declared population between groups and over time: shares of answers, levels, paths, cuts, waves."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from research.errors import did_you_mean
from research.questionnaire.hypotheses import Line, LineError, Token, parse_comparison
from research.questionnaire.reading import Reading, listed
from research.questionnaire.references import question_fault
from research.questionnaire.schema import PopulationEntry, QuestionEntry
from research.questionnaire.theory import Edge, Theory, unknown_construct
from research.questionnaire.tree import Path

_HERE: Path = ("population",)
_MOST_WAVES = 20
_ROUNDING = 0.005  # shares are written with two digits
_NUMBER_KEYS = ("mean", "sd", "low", "high")

Levels = dict[tuple[str, str], Mapping[str, float]]  # (construct, question) -> {option: shift}
Differences = dict[tuple[str, str, str], Mapping[str, float]]  # (from, to, question) -> {option: added}


def read_levels(reading: Reading, entry: PopulationEntry) -> Levels:
    """`loyalty by segment: {2: 0.3}`, each construct, question and option known to the file."""
    found: Levels = {}
    for text, values in entry.means.items():
        where: Path = (*_HERE, "means", text)
        line = _comparison(reading, where, text, values)
        if line is None or line.group is None:
            continue
        if len(line.path) > 1:
            message = "a path that differs between groups belongs under differences."
            reading.at_key(where, message, line.path[1].start, line.path[1].text)
        else:
            found[line.names[0], line.group.text] = dict(values)
    return found


def read_differences(reading: Reading, entry: PopulationEntry, theory: Theory) -> Differences:
    """`satisfaction -> loyalty by culture: {2: 0.2}`: the path is one that a hypothesis holds."""
    found: Differences = {}
    known = [f"{cause} -> {effect}" for cause, effect in theory.edges]
    for text, values in entry.differences.items():
        where: Path = (*_HERE, "differences", text)
        line = _comparison(reading, where, text, values)
        if line is None or line.group is None:
            continue
        if len(line.path) < 2:
            message = "the level of a construct that differs between groups belongs under means."
            reading.at_key(where, message, line.path[0].start, line.path[0].text)
            continue
        edge: Edge = (line.names[0], line.names[1])
        if edge in theory.edges:
            found[(*edge, line.group.text)] = dict(values)
        elif reading.sound("hypotheses"):
            said = " -> ".join(edge)
            message = f"no hypothesis holds the path {said}. The hypotheses hold {listed(known)}."
            reading.at_key(where, f"{message}{did_you_mean(said, known)}")
    return found


def read_answers(reading: Reading, entry: PopulationEntry) -> dict[str, Mapping[str, float]]:
    """Shares of the options of choice and multiple questions; mean, sd, low and high of a number, and the
    standardized slopes on constructs that it depends on.
    """
    known = reading.names(("background",))
    for name, values in entry.answers.items():
        where: Path = (*_HERE, "answers", name)
        if fault := question_fault(reading, name, ("choice", "multiple", "number"), known):
            reading.at_key(where, fault)
            continue
        question = reading.file.background.get(name)
        if question is None:
            continue
        if question.kind == "number":
            _number(reading, where, values)
        else:
            _shares(reading, where, question, values)
    return dict(entry.answers)


def read_thresholds(reading: Reading, entry: PopulationEntry) -> dict[str, tuple[float, ...]]:
    """One cut less than the scale has points, in rising order; by item, or by scale for all of its items."""
    file = reading.file
    items = {
        item: shape.scale or construct.scale or next(iter(file.scales), "")
        for construct in file.constructs.values()
        for item, shape in construct.items.items()
    }
    for name, cuts in entry.thresholds.items():
        where: Path = (*_HERE, "thresholds", name)
        scale = file.scales.get(items.get(name, name))
        if scale is None:
            if reading.sound("scales") and reading.sound("constructs"):
                known = [*file.scales, *items]
                message = f"'{name}' is neither an item nor a scale. There is {listed(known)}."
                reading.at_key(where, f"{message}{did_you_mean(name, known)}")
            continue
        wanted = max(scale.points) - min(scale.points) if scale.points else len(cuts)
        if len(cuts) != wanted or any(after <= before for before, after in pairwise(cuts)):
            message = (
                f"'{name}' has {wanted + 1} points: give {wanted} cuts of a standard normal answer, rising."
            )
            reading.at_value(where, message)
    return {name: tuple(cuts) for name, cuts in entry.thresholds.items()}


def check_waves(reading: Reading, entry: PopulationEntry) -> None:
    """At least one wave, and a stability that a correlation can have."""
    if not 1 <= entry.waves <= _MOST_WAVES:
        message = f"waves is {entry.waves}; respondents answer between 1 and {_MOST_WAVES} times."
        reading.at_value((*_HERE, "waves"), message)
    if not 0 <= entry.stability < 1:
        message = f"stability is {entry.stability:g}; a correlation from 0 to below 1 is meant."
        reading.at_value((*_HERE, "stability"), message)


def _comparison(reading: Reading, where: Path, text: str, values: Mapping[str, float]) -> Line | None:
    try:
        line = parse_comparison(text)
    except LineError as error:
        reading.at_key(where, error.message, error.start, text[error.start : error.start + 1])
        return None
    if line.group is None or not reading.usable(("constructs",)):
        return None
    questions = reading.names(("background",))
    faults: list[tuple[Token, str]] = [
        (token, fault) for token in line.path if (fault := unknown_construct(reading, token.text))
    ]
    if fault := question_fault(reading, line.group.text, ("choice",), questions):
        faults.append((line.group, f"group {fault}"))
    for token, fault in faults:
        reading.at_key(where, fault, token.start, token.text)
    question = reading.file.background.get(line.group.text)
    if faults or question is None:
        return None
    options = list(question.options)
    for option in values:
        if option not in options:
            message = f"'{option}' is no option of '{line.group.text}'; its options are {listed(options)}."
            reading.at_key((*where, option), message)
            return None
    return line


def _number(reading: Reading, where: Path, values: Mapping[str, float]) -> None:
    known = [*_NUMBER_KEYS, *reading.file.constructs]
    for key in values:
        if key not in known:
            message = f"'{key}' says nothing of a number; it takes {listed(_NUMBER_KEYS)} and constructs."
            reading.at_key((*where, key), f"{message}{did_you_mean(key, known)}")
            return
    if sum(values[key] ** 2 for key in values if key not in _NUMBER_KEYS) >= 1:
        reading.at_key(where, "these constructs explain all there is. Make the squares sum to less than 1.")
        return
    if not {"mean", "sd"} <= set(values) or values["sd"] <= 0:
        reading.at_key(where, "a number needs a mean and an sd above 0; low and high may be left out.")
        return
    mean = values["mean"]
    if not values.get("low", mean) <= mean <= values.get("high", mean):
        reading.at_key(where, "the mean does not lie between low and high.")


def _shares(reading: Reading, where: Path, question: QuestionEntry, values: Mapping[str, float]) -> None:
    options = list(question.options)
    for option, share in values.items():
        if option not in options:
            message = f"'{option}' is no option; the options are {listed(options)}."
            reading.at_key((*where, option), f"{message}{did_you_mean(option, options)}")
            return
        if not 0 <= share <= 1:
            reading.at_value((*where, option), f"{share:g} is no share between 0 and 1.")
            return
    total = sum(values.values())
    if question.kind == "choice" and (set(values) != set(options) or abs(total - 1) > _ROUNDING):
        message = f"give every option a share, together 1; these make {total:g}: {listed(values)}."
        reading.at_key(where, message)
