"""Latent variables to answers: constructs drawn, items cut into points, the careless answering at random."""

from __future__ import annotations

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Mask, Vector
from research.provenance import stream
from research.questionnaire.definition import Item, Population, Question, Questionnaire, Scale
from research.simulation.population import LatentModel, root

SPAN = 5.0  # standard deviations that the points of a scale cover: thresholds of 5 points at -1.5 ... 1.5
PACE = 5.0  # seconds an item, median of those who read it; Huang et al. (2012) take 2 as the least
HASTE = 1.2  # seconds an item, median of the careless
STRAIGHT = 0.5  # share of the careless who give one answer to everything; the others answer at random


def draw_constructs(model: LatentModel, n: int, seed: int) -> dict[str, Vector]:
    """Scores of every construct, mean 0 and variance 1 in the population, each shape (n,)."""
    scores: dict[str, Vector] = {}
    if model.exogenous:
        noise = np.column_stack(
            [stream(seed, f"simulate/construct/{name}").standard_normal(n) for name in model.exogenous]
        )
        drawn = noise @ root(model.correlations).T
        scores = {name: drawn[:, at] for at, name in enumerate(model.exogenous)}
    for equation in model.equations:
        disturbance = stream(seed, f"simulate/construct/{equation.name}").standard_normal(n)
        y = np.sqrt(equation.residual) * disturbance
        for cause, b in equation.paths.items():
            y += b * scores[cause]
        for (x, m), g in equation.products.items():
            y += g * (scores[x] * scores[m] - model.centres[x, m])
        scores[equation.name] = y
    return scores


def draw_items(
    questionnaire: Questionnaire, population: Population, scores: dict[str, Vector], seed: int
) -> dict[str, Vector]:
    """Codes as respondents would tick them, each shape (n,): reverse-keyed items run the other way.

    x* = loading * construct + sqrt(1 - loading^2) e, cut at the thresholds of the item's scale.
    """
    answers: dict[str, Vector] = {}
    for construct in questionnaire.constructs:
        for item in construct.items:
            loading = population.loadings.get(item.id, population.default_loading)
            if abs(loading) > 1:
                raise DataError(
                    f"the population is impossible: the loading of '{item.id}' is {loading:g}; a "
                    "standardized loading lies between -1 and 1."
                )
            error = stream(seed, f"simulate/item/{item.id}").standard_normal(len(scores[construct.name]))
            latent = loading * scores[construct.name] + np.sqrt(1 - loading**2) * error
            answers[item.id] = _ticked(latent, item, questionnaire.scales[item.scale])
    return answers


def thresholds(n_points: int) -> Vector:
    """Where a standard normal variable is cut into points of equal width that cover five SDs.

    >>> thresholds(5).tolist()
    [-1.5, -0.5, 0.5, 1.5]
    """
    return (np.arange(1, n_points) - n_points / 2) * SPAN / n_points


def draw_careless(n: int, share: float, seed: int) -> Mask:
    """Who answers without reading, shape (n,): each with probability `share`."""
    return np.asarray(stream(seed, "simulate/careless").random(n) < share, dtype=np.bool_)


def overwrite_careless(
    answers: dict[str, Vector], asked: list[tuple[str, Scale]], careless: Mask, seed: int
) -> None:
    """Replace, in place, the answers of the careless: one point throughout, or points at random.

    A straight-liner ticks the same position on every scale, reverse-keyed or not.
    """
    who = np.flatnonzero(careless)
    straight = stream(seed, "simulate/careless/kind").random(len(who)) < STRAIGHT
    position = stream(seed, "simulate/careless/position").random(len(who))
    for name, scale in asked:
        values = np.array([point.value for point in scale.points], dtype=np.float64)
        chance = stream(seed, f"simulate/careless/{name}").random(len(who))
        drawn = np.where(straight, position, chance)
        answers[name][who] = values[np.minimum((drawn * len(values)).astype(np.intp), len(values) - 1)]


def draw_durations(n: int, n_questions: int, careless: Mask, seed: int) -> Vector:
    """Whole seconds, shape (n,): log-normal, median 5 seconds a question, 1.2 of the careless."""
    spread = stream(seed, "simulate/duration").standard_normal(n)
    pace = np.where(careless, HASTE, PACE) * np.exp(0.3 * spread)
    return np.asarray(np.maximum(np.round(pace * n_questions), 1.0), dtype=np.float64)


def draw_background(question: Question, n: int, seed: int) -> dict[str, Vector | list[str | None]]:
    """Answers to one background question, unrelated to all others; texts and personal data stay empty.

    A choice falls on every option alike; of several options each is chosen by half; numbers are
    whole, uniform between 18 and 60.
    """
    draw = stream(seed, f"simulate/background/{question.id}")
    if question.kind == "number":
        return {question.id: draw.integers(18, 61, n).astype(np.float64)}
    if question.kind == "multiple":
        return {
            f"{question.id}_{option.value}": (draw.random(n) < 0.5).astype(np.float64)
            for option in question.options
        }
    if question.kind == "text" or not question.options:
        return {question.id: [None] * n}
    values = np.array([option.value for option in question.options], dtype=object)
    chosen: list[str | None] = values[draw.integers(0, len(values), n)].tolist()
    return {question.id: chosen}


def _ticked(latent: Vector, item: Item, scale: Scale) -> Vector:
    values: Vector = np.array([point.value for point in scale.points], dtype=np.float64)
    keyed = np.searchsorted(thresholds(len(values)), latent)
    return values[len(values) - 1 - keyed] if item.reverse else values[keyed]


def missing_cells(n: int, name: str, share: float, seed: int) -> Mask:
    """Which answers to `name` are left out, shape (n,): each with probability `share`, at random."""
    return np.asarray(stream(seed, f"simulate/missing/{name}").random(n) < share, dtype=np.bool_)
