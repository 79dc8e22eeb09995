"""Moderated hypotheses on latent variables: the product of two constructs as a construct of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ResearchError
from research.estimation.run import sem
from research.model.hypotheses import model_text
from research.questionnaire.definition import Hypothesis, Questionnaire
from research.responses.nouns import Responses
from research.structure.product_indicators import product_indicators, product_model
from research.structure.regression import critical_value, two_sided_p

if TYPE_CHECKING:
    from research.estimation.fit import Fit

MOST_PRODUCTS = 4  # Marsh, Wen & Hau (2004): matched pairs, each item once; more add little


@dataclass(frozen=True, slots=True)
class LatentModeration:
    """The product's path, in units of the model and standardized; NaN and a `failure` where it has none.

    `std_estimate` = g sd(x) sd(m) / sd(y), so that x and m are standardized and not their product
    (Wen, Marsh & Hau 2010). `pairs`: the items multiplied.
    """

    model: str
    estimate: float = float("nan")
    std_estimate: float = float("nan")
    se: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    p: float = float("nan")
    n_obs: int = 0
    pairs: tuple[tuple[str, str], ...] = ()
    failure: str = ""


def latent_moderations(
    responses: Responses, measurement: Fit, *, missing: str = "listwise", level: float = 0.95
) -> dict[str, LatentModeration]:
    """Each moderated hypothesis whose moderator is a construct, by its id.

    The structural model of all hypotheses, with a construct that is measured by products of double-mean-
    centred items (Lin, Wen, Marsh & Lin 2010), by maximum likelihood with robust errors, as products are
    never normal. Items are matched in the order of their standardized loadings in `measurement`, four pairs
    at most; a single item is paired with each of the other side. What cannot be estimated carries the
    reason in `failure` and raises nothing.
    """
    questionnaire = responses.questionnaire
    loadings = _loadings(measurement)
    found = {}
    for hypothesis in questionnaire.hypotheses:
        if hypothesis.kind == "moderated" and hypothesis.moderator in _constructs(questionnaire):
            pairs = _pairs(hypothesis, questionnaire, loadings)
            try:
                found[hypothesis.id] = _estimate(hypothesis, responses, pairs, missing, level)
            except ResearchError as error:
                found[hypothesis.id] = LatentModeration("SEM MLR", pairs=pairs, failure=str(error))
    return found


def product_name(hypothesis: Hypothesis) -> str:
    """The construct that stands for the product in the model."""
    return f"{hypothesis.path[-2]}_x_{hypothesis.moderator}"


def _estimate(
    hypothesis: Hypothesis,
    responses: Responses,
    pairs: tuple[tuple[str, str], ...],
    missing: str,
    level: float,
) -> LatentModeration:
    name, outcome = product_name(hypothesis), hypothesis.path[-1]
    products = {name: ([one for one, _ in pairs], [other for _, other in pairs])}
    frame = product_indicators(responses, products, "matched")
    text = model_text(responses.questionnaire) + product_model(products, "matched") + "\n"
    fit = sem(f"{text}{outcome} ~ {name}\n", frame, estimator="MLR", missing=missing)
    model = f"SEM {fit.options.estimator}"
    if not fit.converged:
        return LatentModeration(model, pairs=pairs, failure=" ".join(fit.notes))
    tidy = fit.tidy()
    row = tidy[(tidy["lhs"] == outcome) & (tidy["op"] == "~") & (tidy["rhs"] == name)]
    estimate, se = (float(row[column].iloc[0]) for column in ("estimate", "se"))
    if not se > 0:
        return LatentModeration(
            model, estimate, pairs=pairs, failure="the product's path has no standard error"
        )
    spread = _spreads(fit)
    x, m = hypothesis.path[-2], str(hypothesis.moderator)
    reach = critical_value(level, np.inf) * se
    return LatentModeration(
        model,
        estimate,
        estimate * spread[x] * spread[m] / spread[outcome],
        se,
        estimate - reach,
        estimate + reach,
        float(two_sided_p(np.array([estimate / se]), np.inf)[0]),
        fit.n_obs,
        pairs,
    )


def _spreads(fit: Fit) -> dict[str, float]:
    """Standard deviation of every variable of the model, as the model implies it."""
    variances = np.diag(fit.implied_blocks[0].V)
    return dict(zip(fit.compiled.names_of(0), np.sqrt(variances).tolist(), strict=True))


def _constructs(questionnaire: Questionnaire) -> set[str]:
    return {construct.name for construct in questionnaire.constructs}


def _loadings(measurement: Fit) -> dict[str, float]:
    rows = measurement.standardized()
    rows = rows[rows["op"] == "=~"]
    return {str(item): float(value) for item, value in zip(rows["rhs"], rows["estimate"], strict=True)}


def _pairs(
    hypothesis: Hypothesis, questionnaire: Questionnaire, loadings: Mapping[str, float]
) -> tuple[tuple[str, str], ...]:
    sides = [
        _best(_items(name, questionnaire), loadings)
        for name in (hypothesis.path[-2], str(hypothesis.moderator))
    ]
    longest = max(len(side) for side in sides)  # a single item goes with every item of the other side
    sides = [side * longest if len(side) == 1 else side for side in sides]
    return tuple(zip(*sides, strict=False))[:MOST_PRODUCTS]


def _best(items: Sequence[str], loadings: Mapping[str, float]) -> list[str]:
    return sorted(items, key=lambda item: -abs(loadings.get(item, 0.0)))


def _items(name: str, questionnaire: Questionnaire) -> list[str]:
    """The items of a construct, or of the components of a second-order one, taken in turn."""
    construct = questionnaire.construct(name)
    if construct.items:
        return list(construct.item_ids)
    return [item for component in construct.components for item in _items(component, questionnaire)]
