"""The items of `Responses` as one matrix: as they were answered, as they are keyed, in one metric."""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Matrix
from research.responses.nouns import Responses


def keyed(responses: Responses) -> Matrix:
    """Item codes after turning, shape (n, k), in the order of the questionnaire; NaN where missing."""
    names = [item.id for item in responses.questionnaire.items]
    return responses.frame[names].to_numpy(dtype=np.float64, copy=True)


def as_answered(responses: Responses) -> Matrix:
    """Item codes as respondents gave them, shape (n, k): what was turned is turned back."""
    answers = keyed(responses)
    for position, item in enumerate(responses.questionnaire.items):
        if item.id in responses.turned:
            scale = responses.questionnaire.scales[item.scale]
            answers[:, position] = scale.low + scale.high - answers[:, position]
    return answers


def rescaled(responses: Responses) -> Matrix:
    """Keyed item codes between 0 (lowest point of the item's scale) and 1 (highest), shape (n, k)."""
    answers = keyed(responses)
    scales = [responses.questionnaire.scales[item.scale] for item in responses.questionnaire.items]
    low = np.array([scale.low for scale in scales], dtype=np.float64)
    span = np.array([max(scale.high - scale.low, 1) for scale in scales], dtype=np.float64)
    return np.asarray((answers - low) / span, dtype=np.float64)
