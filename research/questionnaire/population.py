"""The declared population: every value belongs to something in the file, and such a population can exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from research.errors import did_you_mean
from research.questionnaire.definition import Population
from research.questionnaire.hypotheses import Line, LineError, parse_pair
from research.questionnaire.population_groups import (
    check_waves,
    read_answers,
    read_differences,
    read_levels,
    read_thresholds,
)
from research.questionnaire.reading import Reading, listed
from research.questionnaire.schema import PopulationEntry
from research.questionnaire.theory import Edge, Theory, unknown_construct
from research.questionnaire.tree import Path

_HERE: Path = ("population",)
_SMALLEST, _LARGEST = 10, 1_000_000


@dataclass(frozen=True, slots=True)
class _Values:
    paths: dict[Edge, float]
    correlations: dict[Edge, float]
    interactions: dict[tuple[str, str, str], float]


def read_population(reading: Reading, theory: Theory) -> Population | None:
    """Check the population against the theory; None where the file declares none.

    Every loading is spelt out in the result: one for each item and, by its name, one for each
    component of a second-order construct.
    """
    entry = reading.file.population
    if entry is None:
        return None
    if not _SMALLEST <= entry.n <= _LARGEST:
        reading.at_value((*_HERE, "n"), f"n is {entry.n}; simulate between {_SMALLEST} and {_LARGEST:,}.")
    _beyond_one(reading, entry)
    loadings = _loadings(reading, entry)
    values = _Values(
        _paths(reading, entry, theory),
        _correlations(reading, entry, theory),
        _interactions(reading, entry, theory),
    )
    differences = read_differences(reading, entry, theory)
    means, answers = read_levels(reading, entry), read_answers(reading, entry)
    thresholds = read_thresholds(reading, entry)
    check_waves(reading, entry)
    if not reading.faults and not reading.document.faults:
        _possible(reading, theory, values, loadings)
        for (cause, effect, _), added in differences.items():
            base = values.paths.get((cause, effect), 0.0)
            for value in set(added.values()):
                changed = values.paths | {(cause, effect): base + value}
                _possible(reading, theory, replace(values, paths=changed), loadings)
    return Population(
        n=entry.n,
        default_loading=entry.loading,
        loadings=loadings,
        paths=values.paths,
        correlations=values.correlations,
        interactions=values.interactions,
        missing=entry.missing,
        careless=entry.careless,
        means=means,
        differences=differences,
        answers=answers,
        thresholds=thresholds,
        waves=entry.waves,
        stability=entry.stability,
    )


def _beyond_one(reading: Reading, entry: PopulationEntry) -> None:
    if abs(entry.loading) > 1:
        reading.at_value(
            (*_HERE, "loading"), f"loading {entry.loading:g} is beyond 1. A loading is standardized."
        )
    kinds: Mapping[str, tuple[str, Mapping[str, float]]] = {
        "loadings": ("loading", entry.loadings),
        "components": ("loading", entry.components),
        "paths": ("path", entry.paths),
        "correlations": ("correlation", entry.correlations),
        "interactions": ("path", entry.interactions),
    }
    for key, (what, given) in kinds.items():
        for name, value in given.items():
            if abs(value) > 1:
                message = (
                    f"the {what} {value:g} is beyond {'1' if value > 0 else '-1'}. A {what} is standardized."
                )
                reading.at_value((*_HERE, key, name), message)


def _loadings(reading: Reading, entry: PopulationEntry) -> dict[str, float]:
    constructs = reading.file.constructs
    loadings: dict[str, float] = {}
    for name, construct in constructs.items():
        for item in construct.items:
            loadings[item] = entry.loadings.get(item, entry.loadings.get(name, entry.loading))
        for component in construct.components:
            loadings[component] = entry.components.get(component, entry.loading)
    items = [item for construct in constructs.values() for item in construct.items]
    first_order = [name for name, construct in constructs.items() if construct.items]
    components = [component for construct in constructs.values() for component in construct.components]
    for key, given, known in (
        ("loadings", entry.loadings, [*first_order, *items]),
        ("components", entry.components, components),
    ):
        what = "an item or a construct with items" if key == "loadings" else "a component of a construct"
        for name in given:
            in_doubt = not reading.usable(("constructs",)) or (
                name in constructs and not reading.sound("constructs")
            )
            if name not in known and not in_doubt:
                message = f"'{name}' is not {what}. There is {listed(known)}.{did_you_mean(name, known)}"
                reading.at_key((*_HERE, key, name), message)
    return loadings


def _paths(reading: Reading, entry: PopulationEntry, theory: Theory) -> dict[Edge, float]:
    paths: dict[Edge, float] = {}
    known = [f"{cause} -> {effect}" for cause, effect in theory.edges]
    for text, value in entry.paths.items():
        where: Path = (*_HERE, "paths", text)
        line = _pair(reading, where, text, "->")
        if line is None:
            continue
        edge = (line.names[0], line.names[1])
        if line.moderator:
            message = "a path with a moderator belongs under interactions."
            reading.at_key(where, message, line.moderator.start, line.moderator.text)
        elif edge not in theory.edges and reading.sound("hypotheses"):
            said = " -> ".join(edge)
            message = f"no hypothesis holds the path {said}. The hypotheses hold {listed(known)}."
            reading.at_key(where, f"{message}{did_you_mean(said, known)}")
        elif edge in theory.edges:
            paths[edge] = value
    return paths


def _correlations(reading: Reading, entry: PopulationEntry, theory: Theory) -> dict[Edge, float]:
    correlations: dict[Edge, float] = {}
    caused = {effect for _, effect in (*theory.edges, *theory.measurement)}
    for text, value in entry.correlations.items():
        where: Path = (*_HERE, "correlations", text)
        line = _pair(reading, where, text, "<->")
        if line is None:
            continue
        for token in line.path:
            if token.text in caused:
                message = f"a path leads to '{token.text}': its correlations follow. Remove this one."
                reading.at_key(where, message, token.start, token.text)
        pair = (line.names[0], line.names[1])
        if pair in correlations or pair[::-1] in correlations:
            reading.at_key(where, f"the correlation of {pair[0]} and {pair[1]} stands twice. Remove one.")
        correlations[pair] = value
    return correlations


def _interactions(
    reading: Reading, entry: PopulationEntry, theory: Theory
) -> dict[tuple[str, str, str], float]:
    interactions: dict[tuple[str, str, str], float] = {}
    constructs = reading.file.constructs
    allowed = {
        (*line.names, line.moderator.text): f"{' -> '.join(line.names)} | {line.moderator.text}"
        for line in theory.lines.values()
        if line.moderator and line.moderator.text in constructs
    }
    for text, value in entry.interactions.items():
        where: Path = (*_HERE, "interactions", text)
        line = _pair(reading, where, text, "->")
        if line is None:
            continue
        known = list(allowed.values())
        if line.moderator is None:
            reading.at_key(
                where, f"an interaction is written a -> b | c. The hypotheses hold {listed(known)}."
            )
            continue
        key = (line.names[0], line.names[1], line.moderator.text)
        if key not in allowed and reading.sound("hypotheses"):
            message = f"no hypothesis moderates like this. The hypotheses hold {listed(known)}."
            reading.at_key(where, f"{message}{did_you_mean(text, known)}")
        elif key in allowed:
            interactions[key] = value
    return interactions


def _pair(reading: Reading, where: Path, text: str, mark: Literal["->", "<->"]) -> Line | None:
    try:
        line = parse_pair(text, mark)
    except LineError as error:
        reading.at_key(where, error.message, error.start, text[error.start : error.start + 1])
        return None
    if not reading.usable(("constructs",)):
        return None
    known = True
    for token in line.path:
        if fault := unknown_construct(reading, token.text):
            reading.at_key(where, fault, token.start, token.text)
            known = False
    return line if known else None


def _possible(reading: Reading, theory: Theory, values: _Values, loadings: Mapping[str, float]) -> None:
    """Report correlations that no variables have, and paths that explain more than there is to explain.

    With standardized variables in causal order, r(y, k) = sum_p b_p r(p, k) over the causes p of y, and
    R2(y) = sum_p b_p r(y, p) + g^2 (1 + r(x, m)^2) for an interaction g of x and m (bivariate normal).
    """
    import numpy as np

    paths = {edge: values.paths.get(edge, 0.0) for edge in theory.edges}
    paths |= {edge: loadings[edge[1]] for edge in theory.measurement}
    causes: dict[str, list[str]] = {name: [] for name in reading.file.constructs}
    for cause, effect in paths:
        causes[effect].append(cause)
    exogenous = [name for name in causes if not causes[name]]
    place = {name: index for index, name in enumerate(exogenous)}
    given = np.eye(len(exogenous))
    for (one, other), value in values.correlations.items():
        given[place[one], place[other]] = given[place[other], place[one]] = value
    if len(exogenous) and float(np.linalg.eigvalsh(given)[0]) <= 0:
        message = "no variables have these correlations together (not positive definite). Make them smaller."
        reading.at_key((*_HERE, "correlations"), message)
        return
    r = {(a, b): float(given[place[a], place[b]]) for a in exogenous for b in exogenous}
    ordered = list(exogenous)
    waiting = [name for name in causes if causes[name]]
    while waiting:
        effect = next(name for name in waiting if all(cause in ordered for cause in causes[name]))
        waiting.remove(effect)
        for other in ordered:
            value = sum(paths[cause, effect] * r[cause, other] for cause in causes[effect])
            r[effect, other] = r[other, effect] = value
        r[effect, effect] = 1.0
        explained = sum(paths[cause, effect] * r[cause, effect] for cause in causes[effect])
        explained += sum(
            g**2 * (1 + r.get((x, m), 0.0) ** 2)
            for (x, y, m), g in values.interactions.items()
            if y == effect
        )
        ordered.append(effect)
        if explained >= 1 and causes[effect]:
            message = f"the paths to '{effect}' explain {explained:.0%} of its variance. Make them smaller."
            at = next((text for text in reading.names((*_HERE, "paths")) if text.split()[-1] == effect), None)
            reading.at_key((*_HERE, "paths", at) if at else _HERE, message)
            return
