"""Which way items run: turned once into the frame, turned back, in one metric; items that run against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.questionnaire.definition import Questionnaire
from research.responses.nouns import Finding, Responses

if TYPE_CHECKING:
    import pandas as pd

MINIMUM_ROWS = 20
DOUBT = -3.0  # r * sqrt(n) below this: chance alone gives it less than once in 700 items


def keyed_frame(
    columns: Mapping[str, Vector | list[str | None]], n: int, questionnaire: Questionnaire
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The frame of coded columns, reverse-keyed items turned once, low + high - x; and the ids of these.

    Index 0..n-1; numbers as float64, texts as `str`, NaN where an answer is missing.
    """
    import pandas as pd

    scales = {item.id: questionnaire.scales[item.scale] for item in questionnaire.items if item.reverse}
    turned = tuple(name for name in scales if isinstance(columns.get(name), np.ndarray))
    series = {}
    for name, answers in columns.items():
        if isinstance(answers, np.ndarray):
            codes = scales[name].low + scales[name].high - answers if name in turned else answers
            series[name] = pd.Series(codes, dtype="float64")
        else:
            series[name] = pd.Series(answers, dtype="str")
    return pd.DataFrame(series, index=pd.RangeIndex(n)), turned


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


def keyed(responses: Responses) -> Matrix:
    """Item codes after turning, shape (n, k), in the order of the questionnaire; NaN where missing."""
    names = [item.id for item in responses.questionnaire.items]
    return responses.frame[names].to_numpy(dtype=np.float64, copy=True)


def doubtful_keys(frame: pd.DataFrame, questionnaire: Questionnaire) -> tuple[Finding, ...]:
    """A warning for each item that correlates clearly negatively with the rest of its construct.

    r is the correlation of the item with the mean of the construct's other items, over rows that
    answered all of them; the item is doubtful where r * sqrt(n) < -3.
    """
    findings = []
    for construct in questionnaire.constructs:
        answers = frame[list(construct.item_ids)].to_numpy(dtype=np.float64)
        answers = answers[np.isfinite(answers).all(axis=1)]
        n, k = answers.shape
        if n < MINIMUM_ROWS or k < 3:
            continue
        for position, item in enumerate(construct.items):
            rest = np.delete(answers, position, axis=1).mean(axis=1)
            own = answers[:, position]
            if own.std() == 0 or rest.std() == 0:
                continue
            r = float(np.corrcoef(own, rest)[0, 1])
            if r * np.sqrt(n) < DOUBT:
                why = (
                    "it may have been turned in the file already"
                    if item.reverse
                    else "it may be worded the other way round; declare `reverse: true` if so"
                )
                note = f"runs against the rest of '{construct.name}' (r = {r:.2f}): {why}"
                findings.append(Finding("warning", "keying", note, item.id))
    return tuple(findings)
