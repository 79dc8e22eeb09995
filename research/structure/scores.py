"""Scale scores: the mean of a construct's items, as a regression takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError
from research.questionnaire.definition import Questionnaire
from research.responses.columns import as_pandas
from research.responses.nouns import Responses

if TYPE_CHECKING:
    import pandas as pd


def scale_scores(responses: Responses, *, min_share: float = 1.0) -> pd.DataFrame:
    """One column a construct: the mean of its items in the units of their scale, shape (n, constructs).

    Reverse items are already turned in `responses`. A respondent who answered less than `min_share` of
    a construct's items has NaN there; with `min_share` below 1 the mean is of the items that were
    answered, which treats the missing ones as equal to that mean. A construct of constructs (second
    order) is the mean of its components' scores.
    """
    import pandas as pd

    if not 0 < min_share <= 1:
        raise OptionError(f"min_share is {min_share}; it is a share of the items above 0 and at most 1.")
    scores: dict[str, pd.Series] = {}
    for name, parts in _in_order(responses.questionnaire):
        columns = pd.concat([scores[p] if p in scores else responses.frame[p] for p in parts], axis=1)
        answered = columns.notna().mean(axis=1) >= min_share - 1e-12
        scores[name] = columns.mean(axis=1).where(answered, np.nan).astype(np.float64)
    return pd.DataFrame(scores, index=responses.frame.index)


def regression_frame(data: object) -> pd.DataFrame:
    """The frame that a formula reads: Responses give their columns and a scale score a construct."""
    frame = as_pandas(data)
    if not isinstance(data, Responses):
        return frame
    scores = scale_scores(data)
    return frame.assign(**{name: scores[name] for name in scores.columns})


def _in_order(questionnaire: Questionnaire) -> list[tuple[str, tuple[str, ...]]]:
    """Constructs with what they are the mean of, components before the constructs that hold them."""
    waiting = {c.name: (c.components or c.item_ids) for c in questionnaire.constructs}
    done: dict[str, tuple[str, ...]] = {}
    while waiting:
        ready = [
            name
            for name, parts in waiting.items()
            if not any(part in waiting for part in parts if part != name)
        ]
        if not ready:  # a cycle; the reader of the questionnaire has refused it already
            break
        for name in ready:
            done[name] = waiting.pop(name)
    return list(done.items())
