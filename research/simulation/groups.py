"""Groups of a declared population: each combination of options has paths and levels of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Mask, Vector
from research.questionnaire.definition import Population, Questionnaire
from research.simulation.population import latent_model
from research.simulation.respondents import draw_constructs

Chosen = Mapping[str, Sequence[str | None]]  # question -> the option of each respondent

_MOST_COMBINATIONS = 200


def draw_grouped(
    questionnaire: Questionnaire, population: Population, chosen: Chosen, n: int, seed: int, wave: int = 1
) -> dict[str, Vector]:
    """Scores of every construct, each shape (n,), with the paths and levels of each respondent's groups.

    Within a group every construct has variance 1 around its level. `chosen` holds the questions that
    `population.means` and `population.differences` name. `DataError` as of `latent_model`, or where the
    questions have more than 200 combinations of options.
    """
    shifts = _shifts(population, chosen, n)
    scores: dict[str, Vector] = {}
    for paths, rows in _combinations(population, chosen, n):
        model = latent_model(questionnaire, replace(population, paths=paths))
        drawn = draw_constructs(model, n, seed, shifts=shifts, wave=wave, stability=population.stability)
        for name, values in drawn.items():
            scores.setdefault(name, values)[rows] = values[rows]
    return scores


def group_questions(population: Population) -> tuple[str, ...]:
    """The questions whose options differ in a level or in a path."""
    names = [question for _, question in population.means]
    return tuple(dict.fromkeys([*names, *(question for _, _, question in population.differences)]))


def _shifts(population: Population, chosen: Chosen, n: int) -> dict[str, Vector]:
    shifts: dict[str, Vector] = {}
    for (construct, question), values in population.means.items():
        added = np.array([values.get(str(option), 0.0) for option in chosen[question]])
        shifts[construct] = shifts.get(construct, np.zeros(n)) + added
    return shifts


def _combinations(
    population: Population, chosen: Chosen, n: int
) -> list[tuple[dict[tuple[str, str], float], Mask]]:
    """The paths of each combination of options that differ in a path, and the rows it holds for."""
    base = dict(population.paths)
    questions = tuple(dict.fromkeys(question for _, _, question in population.differences))
    if not questions:
        return [(base, np.ones(n, dtype=np.bool_))]
    answers = {question: np.asarray(chosen[question], dtype=object) for question in questions}
    options = [list(dict.fromkeys(answers[question].tolist())) for question in questions]
    count = int(np.prod([len(each) for each in options]))
    if count > _MOST_COMBINATIONS:
        raise DataError(
            f"the population's paths differ by {', '.join(questions)}, which is {count} combinations of "
            f"options; at most {_MOST_COMBINATIONS} are simulated. Let the paths differ by fewer questions."
        )
    found = []
    for combination in product(*options):
        paths = dict(base)
        rows = np.ones(n, dtype=np.bool_)
        for question, option in zip(questions, combination, strict=True):
            rows &= answers[question] == option
            for (cause, effect, by), added in population.differences.items():
                if by == question:
                    paths[cause, effect] = paths.get((cause, effect), 0.0) + added.get(str(option), 0.0)
        found.append((paths, rows))
    return found
