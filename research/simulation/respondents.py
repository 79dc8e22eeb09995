"""Latent variables to answers: constructs drawn, items cut into points, the careless answering at random."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Mask, Vector
from research.provenance import stream
from research.questionnaire.definition import Item, Population, Question, Questionnaire, Scale
from research.simulation.population import LatentModel, root

SPAN = 5.0  # standard deviations that the points of a scale cover: thresholds of 5 points at -1.5 ... 1.5
PACE = 5.0  # seconds an item, median of those who read it; Huang et al. (2012) take 2 as the least
HASTE = 1.2  # seconds an item, median of the careless
SPECIFIC = 0.3  # correlation of what only one item measures, from wave to wave
STRAIGHT = 0.5  # share of the careless who give one answer to everything; the others answer at random


def noise(name: str, n: int, seed: int, wave: int = 1, stability: float = 0.0) -> Vector:
    """Standard normal draws of one variable, shape (n,), correlated `stability` from wave to wave.

    e_t = s e_(t-1) + sqrt(1 - s^2) u_t. Each variable and wave has a stream of its own.
    """
    drawn = stream(seed, f"simulate/{name}").standard_normal(n)
    for number in range(2, wave + 1):
        fresh = stream(seed, f"simulate/wave {number}/{name}").standard_normal(n)
        drawn = stability * drawn + np.sqrt(1 - stability**2) * fresh
    return drawn


def draw_constructs(
    model: LatentModel,
    n: int,
    seed: int,
    *,
    shifts: Mapping[str, Vector] | None = None,
    wave: int = 1,
    stability: float = 0.0,
) -> dict[str, Vector]:
    """Scores of every construct, mean 0 and variance 1 in the population, each shape (n,).

    `shifts`: what is added to the level of a construct, each shape (n,); it is handed on along the paths.
    """
    moved = shifts or {}
    scores: dict[str, Vector] = {}
    if model.exogenous:
        drawn = [noise(f"construct/{name}", n, seed, wave, stability) for name in model.exogenous]
        mixed = np.column_stack(drawn) @ root(model.correlations).T
        scores = {name: mixed[:, at] + moved.get(name, 0.0) for at, name in enumerate(model.exogenous)}
    for equation in model.equations:
        y = np.sqrt(equation.residual) * noise(f"construct/{equation.name}", n, seed, wave, stability)
        for cause, b in equation.paths.items():
            y += b * scores[cause]
        for (x, m), g in equation.products.items():
            y += g * (scores[x] * scores[m] - model.centres[x, m])
        scores[equation.name] = y + moved.get(equation.name, 0.0)
    return scores


def draw_items(
    questionnaire: Questionnaire, population: Population, scores: dict[str, Vector], seed: int, wave: int = 1
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
            error = noise(f"item/{item.id}", len(scores[construct.name]), seed, wave, SPECIFIC)
            latent = loading * scores[construct.name] + np.sqrt(1 - loading**2) * error
            scale = questionnaire.scales[item.scale]
            declared = population.thresholds.get(item.id, population.thresholds.get(item.scale))
            cuts = thresholds(len(scale.points)) if declared is None else np.asarray(declared)
            answers[item.id] = _ticked(latent, item, scale, cuts)
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


def draw_number(
    question: Question, n: int, seed: int, declared: Mapping[str, float], scores: Mapping[str, Vector]
) -> Vector:
    """Answers to a number question, shape (n,): mean + sd (sum b construct + noise), whole, cut at the ends.

    `declared`: mean, sd, and by need low, high and the slopes b on constructs; `scores` have variance 1.
    """
    slopes = {name: b for name, b in declared.items() if name in scores}
    rest = np.sqrt(1 - sum(b**2 for b in slopes.values()))
    standard = rest * stream(seed, f"simulate/background/{question.id}").standard_normal(n)
    for name, b in slopes.items():
        standard += b * scores[name]
    numbers = np.round(declared["mean"] + declared["sd"] * standard)
    low, high = declared.get("low", -np.inf), declared.get("high", np.inf)
    return np.asarray(np.clip(numbers, low, high), dtype=np.float64)


def draw_background(
    question: Question, n: int, seed: int, declared: Mapping[str, float] | None = None
) -> dict[str, Vector | list[str | None]]:
    """Answers to one background question; texts and personal data stay empty.

    `declared`: the share of each option, or what `draw_number` takes. Where nothing is declared a choice
    falls on every option alike, of several options each is chosen by half, and numbers are uniform between
    18 and 60.
    """
    draw = stream(seed, f"simulate/background/{question.id}")
    if question.kind == "number":
        if declared is None:
            return {question.id: draw.integers(18, 61, n).astype(np.float64)}
        return {question.id: draw_number(question, n, seed, declared, {})}
    if question.kind == "multiple":
        shares = declared or {}
        return {
            f"{question.id}_{value}": (draw.random(n) < shares.get(value, 0.5)).astype(np.float64)
            for value in (option.value for option in question.options)
        }
    if question.kind == "text" or not question.options:
        return {question.id: [None] * n}
    values = np.array([option.value for option in question.options], dtype=object)
    if declared is None:
        chosen: list[str | None] = values[draw.integers(0, len(values), n)].tolist()
        return {question.id: chosen}
    ends = np.cumsum([declared[option.value] for option in question.options])
    places = np.searchsorted(ends / ends[-1], draw.random(n), side="right")
    return {question.id: values[places].tolist()}


def _ticked(latent: Vector, item: Item, scale: Scale, cuts: Vector) -> Vector:
    values: Vector = np.array([point.value for point in scale.points], dtype=np.float64)
    keyed = np.searchsorted(cuts, latent)
    return values[len(values) - 1 - keyed] if item.reverse else values[keyed]


def missing_cells(n: int, name: str, share: float, seed: int) -> Mask:
    """Which answers to `name` are left out, shape (n,): each with probability `share`, at random."""
    return np.asarray(stream(seed, f"simulate/missing/{name}").random(n) < share, dtype=np.bool_)
