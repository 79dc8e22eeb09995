"""Weights of the items of a construct: from a model's factor scores or loadings, or equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from research.errors import DataError, ModelError, OptionError, did_you_mean
from research.estimation.fit import Fit
from research.estimation.run import cfa
from research.model.hypotheses import measurement_text
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.factor_scores import regression_weights
from research.questionnaire.definition import Questionnaire
from research.responses.nouns import Responses
from research.segments.inputs import items_below

Weights = Literal["model", "loadings", "equal"]
WEIGHTS = ("model", "loadings", "equal")
FEWEST = 3  # indicators that a factor of its own needs to be identified


@dataclass(frozen=True, slots=True)
class ItemWeights:
    """Of one construct: its items and their weights, for answers in the units of the scale."""

    construct: str
    items: tuple[str, ...]
    values: Vector
    kind: Weights
    note: str = ""


def item_weights(
    construct: str, kind: Weights, values: Matrix, items: list[str], fit: Fit | None, data: object
) -> ItemWeights:
    """Weights of the answers `values` (n, k) to `items`.

    "model": weights of the regression factor score given the construct's own items, cov(eta, y) Sigma^-1
    (Thurstone 1935); "loadings": unstandardized loadings; both of `fit`, or of a factor model of the
    construct alone. "equal": one each. ModelError where a weight is not above 0.
    """
    k = len(items)
    if kind == "equal" or k == 1:
        return ItemWeights(construct, tuple(items), np.ones(k), kind)
    own = fit is None
    if fit is None:
        fit = _alone(construct, data)
    if not fit.converged:
        raise ModelError(
            f"the model that weighs the items of '{construct}' did not converge; use weights='equal'."
        )
    weights = _of_fit(fit, construct, items, kind)
    if fit.options.is_ordinal:  # its items are latent answers with a variance of 1
        weights = weights / np.nanstd(values, axis=0, ddof=1)
    if (weights <= 0).any():
        bad = items[int(np.argmin(weights))]
        raise ModelError(
            f"item '{bad}' has a weight of {weights.min():.3g} in '{construct}', not above 0; look at its "
            "keying and its loading, or use weights='equal'."
        )
    note = f"weights of a factor model of '{construct}' alone" if own else "weights of the model given"
    return ItemWeights(construct, tuple(items), weights, kind, note)


def items_of_construct(construct: str, data: object, fit: Fit | None) -> list[str]:
    """The items of a construct, from the model's loadings or from the questionnaire."""
    if isinstance(data, Responses) and (fit is None or construct not in fit.table.latent):
        return items_below(data.questionnaire, construct)
    if fit is None:
        raise OptionError(
            f"which items measure '{construct}' is not known: give Responses, or fit= with a model that says "
            "so."
        )
    below = indicators(fit, construct)
    if not below:
        known = [name for name in fit.table.latent if indicators(fit, name)]
        raise DataError(
            f"the model has no construct '{construct}'.{did_you_mean(construct, known)} "
            f"It has {', '.join(known)}."
        )
    return below


def indicators(fit: Fit, construct: str) -> list[str]:
    """The items that a factor is measured by; of one of second order those of its components."""
    found: list[str] = []
    for name in components(fit, construct):
        found += indicators(fit, name) if name in fit.table.latent else [name]
    return list(dict.fromkeys(found))


def components(fit: Fit, construct: str) -> list[str]:
    """What a factor is measured by: items, or the factors below it."""
    rows = [p for p in fit.table.parameters if p.op == "=~" and p.lhs == construct]
    return list(dict.fromkeys(p.rhs for p in rows))


def places(fit: Fit, names: list[str]) -> Indices:
    """Where variables stand in the matrices of the fit's one group."""
    known = fit.compiled.names_of(0)
    missing = [name for name in names if name not in known]
    if missing:
        raise ModelError(f"the model does not hold '{missing[0]}'.{did_you_mean(missing[0], known)}")
    return np.array([known.index(name) for name in names], dtype=np.intp)


def _of_fit(fit: Fit, construct: str, items: list[str], kind: Weights) -> Vector:
    if construct not in fit.table.latent:
        raise ModelError(f"the model has no factor '{construct}'.{did_you_mean(construct, fit.table.latent)}")
    seen, factor = places(fit, items), places(fit, [construct])
    per_group = []
    for at in fit.implied_blocks:
        if kind == "model":
            per_group.append(regression_weights(at, factor, seen)[0])
        else:
            per_group.append(at.G[seen, factor[0]])
    shares = np.array([group.size for group in fit.sample.groups][: len(per_group)])
    weights: Vector = np.average(np.array(per_group), axis=0, weights=shares)
    return weights


def _alone(construct: str, data: object) -> Fit:
    if not isinstance(data, Responses):
        raise OptionError("weights='model' needs Responses or fit=; or use weights='equal'.")
    survey = data.questionnaire
    shape = survey.construct(construct)
    count = len(shape.items) + len(shape.components)
    if count < FEWEST or any(_few(survey, name) for name in shape.components):
        raise ModelError(
            f"a factor model of '{construct}' alone is not identified by {count} "
            f"{'components' if shape.components else 'items'}; pass fit= with the whole measurement model, "
            "or use weights='equal'."
        )
    return cfa(measurement_text(survey, [construct]), data)


def _few(survey: Questionnaire, component: str) -> bool:
    return len(survey.construct(component).items) == 1
