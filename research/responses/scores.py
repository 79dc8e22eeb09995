"""Scale scores: the mean of a construct's items, with a stated rule for missing answers."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, OptionError
from research.numerics.arrays import Matrix, Vector
from research.questionnaire.definition import Construct
from research.responses.nouns import Responses

if TYPE_CHECKING:
    import pandas as pd


def scale_scores(responses: Responses, *, min_answered: float = 1.0) -> pd.DataFrame:
    """One column a construct, one row a respondent: the mean of the items in the units of their scale.

    Reverse-keyed items are turned already. A respondent has a score where at least the share
    `min_answered` of the construct's items was answered (rounded up), NaN otherwise. The default
    asks for all of them; 0.5 is the "half rule" (Fairclough & Cella 1996, Qual. Life Res. 5): the
    mean is then of the items answered, which takes the missing ones to equal that mean. A
    second-order construct is the mean of its components' scores, by the same rule.
    `OptionError`: `min_answered` not above 0 and at most 1.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.scale_scores(answers)
    >>> found.columns.tolist(), int(found["trust"].notna().sum())
    (['quality', 'trust', 'satisfaction', 'loyalty'], 289)
    """
    import pandas as pd

    if not 0 < min_answered <= 1:
        raise OptionError(
            f"`min_answered` is {min_answered}; it is a share of the items, above 0 and at most 1."
        )
    scores: dict[str, Vector] = {}
    waiting = list(responses.questionnaire.constructs)
    while waiting:
        ready = [c for c in waiting if all(name in scores for name in c.components)]
        if not ready:
            names = ", ".join(construct.name for construct in waiting)
            raise DataError(f"second-order constructs without components that can be scored: {names}.")
        for construct in ready:
            scores[construct.name] = _mean(_parts(construct, responses, scores), min_answered)
            waiting.remove(construct)
    ordered = {c.name: scores[c.name] for c in responses.questionnaire.constructs}
    return pd.DataFrame(ordered, index=responses.frame.index)


def _parts(construct: Construct, responses: Responses, scores: dict[str, Vector]) -> Matrix:
    """Answers to the items, or scores of the components, shape (n, k)."""
    if construct.components:
        return np.column_stack([scores[name] for name in construct.components])
    return responses.frame[list(construct.item_ids)].to_numpy(dtype=np.float64)


def _mean(parts: Matrix, min_answered: float) -> Vector:
    n, k = parts.shape
    given = np.isfinite(parts).sum(axis=1)
    # The small amount keeps 0.6 * 5 = 3.0000000000000004 from asking for four items.
    enough = given >= max(1, ceil(min_answered * k - 1e-9))
    means = np.full(n, np.nan)
    np.divide(np.nansum(parts, axis=1), given, out=means, where=enough)
    return means
