"""Items that run against their scale: turned already in the file, or reverse-keyed without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.questionnaire.definition import Questionnaire
from research.responses.nouns import Finding

if TYPE_CHECKING:
    import pandas as pd

MINIMUM_ROWS = 20
DOUBT = -3.0  # r * sqrt(n) below this: chance alone gives it less than once in 700 items


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
