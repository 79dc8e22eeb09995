"""The columns that a formula may name: those of the data, and a scale score a construct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.responses.columns import as_pandas
from research.responses.nouns import Responses
from research.responses.scores import scale_scores

if TYPE_CHECKING:
    import pandas as pd


def regression_frame(data: object) -> pd.DataFrame:
    """The frame that a formula reads: Responses give their columns and a scale score a construct."""
    frame = as_pandas(data)
    if not isinstance(data, Responses):
        return frame
    scores = scale_scores(data)
    return frame.assign(**{name: scores[name] for name in scores.columns})
