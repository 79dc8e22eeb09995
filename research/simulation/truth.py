"""What a declared population holds for each hypothesis: the effects that an analysis should recover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Vector
from research.questionnaire.definition import Hypothesis, Population, Questionnaire
from research.simulation.groups import draw_grouped, group_questions
from research.simulation.respondents import draw_background

if TYPE_CHECKING:
    import pandas as pd


def declared_effects(questionnaire: Questionnaire, n: int = 400_000, seed: int = 1) -> pd.DataFrame:
    """One row a hypothesis: `id kind effect holds`, of the whole declared population, all groups together.

    `effect`: direct, the standardized path; mediated, the product of its paths; moderated, the path of the
    product of the standardized constructs; group, the largest difference between the paths of two options.
    NaN where the population says nothing of it (a moderator that is a number question, for one).
    `holds`: the effect is declared, is not zero and has the expected sign; an indirect effect is declared
    where all of its paths are.

    Levels and paths that differ between groups change what holds of all respondents together, so the
    values are regressions on `n` respondents' constructs without measurement error; their Monte Carlo
    error is about 1 / sqrt(n). Paths that no group differs in are those declared, up to it.
    `DataError`: no population is declared.

    `seed`: of these respondents.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.declared_effects(answers.questionnaire, n=20000).set_index("id")
    >>> round(float(found.loc["H4", "effect"]), 1), bool(found.loc["H4", "holds"])
    (0.5, True)
    """
    import pandas as pd

    population = questionnaire.population
    if population is None:
        raise DataError(f"{questionnaire.path or questionnaire.name} declares no `population:`.")
    scores = _standardized(questionnaire, population, n, seed)
    causes = _causes(questionnaire, population)
    slopes = {effect: _slopes(effect, names, population, scores) for effect, names in causes.items()}
    rows = []
    for hypothesis in questionnaire.hypotheses:
        effect = _effect(hypothesis, population, slopes)
        declared = _declared(hypothesis, population)
        agrees = hypothesis.sign == 0 or hypothesis.kind == "group" or np.sign(effect) == hypothesis.sign
        rows.append((hypothesis.id, hypothesis.kind, effect, bool(declared and agrees)))
    return pd.DataFrame(rows, columns=["id", "kind", "effect", "holds"])


def _standardized(
    questionnaire: Questionnaire, population: Population, n: int, seed: int
) -> dict[str, Vector]:
    chosen = {}
    for question in questionnaire.background:
        if question.id in group_questions(population):
            drawn = draw_background(question, n, seed, population.answers.get(question.id))
            chosen[question.id] = [None if value is None else str(value) for value in drawn[question.id]]
    scores = draw_grouped(questionnaire, population, chosen, n, seed)
    return {name: (score - score.mean()) / score.std() for name, score in scores.items()}


def _causes(questionnaire: Questionnaire, population: Population) -> dict[str, list[str]]:
    """The constructs that lead to each construct: every path of a hypothesis, declared or zero."""
    known = {construct.name for construct in questionnaire.constructs}
    edges = dict.fromkeys(population.paths)
    for hypothesis in questionnaire.hypotheses:
        edges |= dict.fromkeys(hypothesis.edges)
        if hypothesis.moderator in known:
            edges[str(hypothesis.moderator), hypothesis.path[-1]] = None
    causes: dict[str, list[str]] = {}
    for cause, effect in edges:
        causes.setdefault(effect, []).append(cause)
    return causes


def _slopes(
    effect: str, causes: list[str], population: Population, scores: dict[str, Vector]
) -> dict[str | tuple[str, str], float]:
    """Coefficients of the causes by name, of a product by its pair (cause, moderator)."""
    pairs = [(x, m) for x, y, m in population.interactions if y == effect]
    columns = [scores[name] for name in causes] + [scores[x] * scores[m] for x, m in pairs]
    design = np.column_stack([np.ones(len(scores[effect])), *columns])
    found = np.linalg.lstsq(design, scores[effect], rcond=None)[0][1:]
    return dict(zip([*causes, *pairs], found.tolist(), strict=True))


def _effect(
    hypothesis: Hypothesis,
    population: Population,
    slopes: dict[str, dict[str | tuple[str, str], float]],
) -> float:
    cause, effect = hypothesis.path[-2:]
    if hypothesis.kind == "moderated":
        return slopes[effect].get((cause, str(hypothesis.moderator)), _unsaid(hypothesis, population))
    if hypothesis.kind == "group":
        added = population.differences.get((cause, effect, str(hypothesis.group)), {})
        values = [0.0, *added.values()]
        return max(values) - min(values)
    return float(np.prod([slopes[after][before] for before, after in hypothesis.edges]))


def _unsaid(hypothesis: Hypothesis, population: Population) -> float:
    known = {name for pair in population.paths for name in pair}
    return 0.0 if hypothesis.moderator in known else float("nan")


def _declared(hypothesis: Hypothesis, population: Population) -> bool:
    cause, effect = hypothesis.path[-2:]
    if hypothesis.kind == "moderated":
        return bool(population.interactions.get((cause, effect, str(hypothesis.moderator)), 0.0))
    if hypothesis.kind == "group":
        return any(population.differences.get((cause, effect, str(hypothesis.group)), {}).values())
    return all(population.paths.get(edge, 0.0) for edge in hypothesis.edges)
