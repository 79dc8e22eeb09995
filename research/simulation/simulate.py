"""Simulated answers: the population that a questionnaire declares, asked as many respondents as wanted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from research.errors import DataError, OptionError
from research.numerics.arrays import Vector
from research.provenance import sha256_of_bytes
from research.questionnaire.definition import Population, Questionnaire, Scale
from research.responses.coding import NOT_ASKED
from research.responses.keying import keyed_frame
from research.responses.nouns import Absence, Finding, Responses, Source
from research.responses.report import tell_absences
from research.responses.skipping import skipped_rows
from research.simulation.groups import draw_grouped, group_questions
from research.simulation.respondents import (
    draw_background,
    draw_careless,
    draw_durations,
    draw_items,
    draw_number,
    missing_cells,
    overwrite_careless,
)

Columns = dict[str, Vector | list[str | None]]


def simulate(
    questionnaire: Questionnaire, n: int | None = None, seed: int = 1, *, wave: int = 1
) -> Responses:
    """Draw `n` respondents (default: the population's own n) from the declared population.

    Constructs have mean 0 and variance 1; items are cut into the points of their scale, so that
    product-moment correlations of items are a little smaller than the declared loadings imply.
    Reverse-keyed items are ticked as a respondent would and then turned once, as on reading. Of the
    careless half give one answer throughout and half answer at random; they are fast. Missing answers
    are missing at random and named. Each variable has a stream of its own: the same seed gives
    the same answers, and adding an item changes no other.

    `wave`: the same respondents asked again, with the same background; what the constructs do not explain
    is correlated `stability` with the wave before.

    `Source.kind` is "simulated". `OptionError`: n or seed that is no whole number in range.
    `DataError`: no population declared, or one that cannot exist (see `latent_model`).

    >>> import research
    >>> answers = research.example_responses()
    >>> drawn = research.simulate(answers.questionnaire, 50, seed=7)
    >>> len(drawn.frame), drawn.source.kind
    (50, 'simulated')
    """
    population = questionnaire.population
    if population is None:
        raise DataError(
            f"{questionnaire.path or questionnaire.name} declares no `population:` to simulate answers from. "
            "Declare one (loadings, paths, n), or name a file of answers."
        )
    count = _whole(population.n if n is None else n, "n", 1)
    seed = _whole(seed, "seed", 0)
    wave = _whole(wave, "wave", 1)
    careless = draw_careless(count, population.careless, seed)
    background: Columns = {}
    for question in questionnaire.background:
        if not question.personal:
            background |= draw_background(question, count, seed, population.answers.get(question.id))
    chosen = {name: _options(background, name, questionnaire) for name in group_questions(population)}
    scores = draw_grouped(questionnaire, population, chosen, count, seed, wave)
    for question in questionnaire.background:
        declared = population.answers.get(question.id)
        if question.kind == "number" and declared is not None and not question.personal:
            background[question.id] = draw_number(question, count, seed, declared, scores)
    answers = draw_items(questionnaire, population, scores, seed, wave)
    checks = {check.id: np.full(count, float(check.expect)) for check in questionnaire.checks}
    ticked = {**answers, **checks}
    overwrite_careless(ticked, _asked(questionnaire), careless, seed)
    columns: Columns = {name: ticked[name] for name in answers}
    columns |= background
    columns |= {name: ticked[name] for name in checks}
    columns["duration_seconds"] = draw_durations(count, len(columns), careless, seed)
    columns["respondent_id"] = [f"s{number}" for number in range(1, count + 1)]
    rows = tuple(range(2, count + 2))
    absent = _leave_out(questionnaire, population, columns, rows, seed)
    frame, turned = keyed_frame(columns, count, questionnaire)
    source = Source("", _fingerprint(questionnaire, count, seed, wave), "simulated")
    note = f"SIMULATED: {count} respondents drawn from the declared population, seed {seed}; nobody answered"
    findings = (Finding("warning", "simulated", note), *tell_absences(absent))
    return Responses(frame, questionnaire, source, findings, turned, rows, absent)


def _whole(value: object, name: str, least: int) -> int:
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value >= least:
        return int(value)
    raise OptionError(f"`{name}` is {value!r}; it is a whole number of at least {least}.")


def _options(background: Columns, name: str, questionnaire: Questionnaire) -> list[str | None]:
    answers = background.get(name)
    if not isinstance(answers, list):
        raise DataError(
            f"the population of '{questionnaire.name}' differs between the groups of '{name}', which is no "
            "choice question of its background. Declare the question, or remove the difference."
        )
    return list(answers)


def _asked(questionnaire: Questionnaire) -> list[tuple[str, Scale]]:
    scales = questionnaire.scales
    items = [(item.id, scales[item.scale]) for item in questionnaire.items]
    return items + [(check.id, scales[check.scale]) for check in questionnaire.checks]


def _leave_out(
    questionnaire: Questionnaire,
    population: Population,
    columns: Columns,
    rows: tuple[int, ...],
    seed: int,
) -> tuple[Absence, ...]:
    """Blank, in place, what skip rules spare and what is left out at random, and account for it."""
    n = len(rows)
    spreadsheet = np.asarray(rows, dtype=np.intp)
    absent = []
    spared = {name: np.zeros(n, dtype=np.bool_) for name in columns}
    for rule in questionnaire.skips:
        skipped = skipped_rows(questionnaire, rule, columns)
        for name in columns:
            if skipped is not None and _belongs(name, rule.skip, questionnaire):
                spared[name] = spared[name] | skipped
    items = {item.id for item in questionnaire.items}
    for name, answers in columns.items():
        share = population.missing if name in items else 0.0
        gone = missing_cells(n, name, share, seed)
        for mask, reason in ((spared[name], NOT_ASKED), (gone & ~spared[name], "empty cell")):
            if mask.any():
                _blank(answers, mask)
                absent.append(Absence(name, reason, "", tuple(spreadsheet[mask].tolist())))
        if isinstance(answers, list) and not spared[name].any() and None in answers:
            absent.append(Absence(name, "not simulated", "", rows))
    return tuple(absent)


def _belongs(name: str, ids: tuple[str, ...], questionnaire: Questionnaire) -> bool:
    """Whether a column answers one of the questions `ids`; several answers have a column each."""
    several = {
        f"{question.id}_{option.value}": question.id
        for question in questionnaire.background
        if question.kind == "multiple"
        for option in question.options
    }
    return several.get(name, name) in ids


def _blank(answers: Vector | list[str | None], mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
    if isinstance(answers, list):
        for position in np.flatnonzero(mask):
            answers[position] = None
    else:
        answers[mask] = np.nan


def _fingerprint(questionnaire: Questionnaire, n: int, seed: int, wave: int) -> str:
    """What the draws depend on: the population as declared, n, seed and wave."""
    plain = replace(questionnaire, path="")
    time = f"/{wave}" if wave > 1 else ""
    return sha256_of_bytes(f"{questionnaire.sha256 or plain!r}/{n}/{seed}{time}".encode())
