"""Coded columns to the frame of `Responses`, with reverse-keyed items turned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from research.numerics.arrays import Vector
from research.questionnaire.definition import Questionnaire

if TYPE_CHECKING:
    import pandas as pd


def turn(columns: dict[str, Vector | list[str | None]], questionnaire: Questionnaire) -> tuple[str, ...]:
    """Turn the reverse-keyed items in `columns`, low + high - x, once, and return their ids."""
    turned = []
    for item in questionnaire.items:
        answers = columns.get(item.id)
        if item.reverse and isinstance(answers, np.ndarray):
            scale = questionnaire.scales[item.scale]
            columns[item.id] = scale.low + scale.high - answers
            turned.append(item.id)
    return tuple(turned)


def assemble_frame(columns: Mapping[str, Vector | list[str | None]], n: int) -> pd.DataFrame:
    """The frame, index 0..n-1: numbers as float64, texts as `str`, NaN where an answer is missing."""
    import pandas as pd

    series = {
        name: pd.Series(answers, dtype="float64" if isinstance(answers, np.ndarray) else "str")
        for name, answers in columns.items()
    }
    return pd.DataFrame(series, index=pd.RangeIndex(n))
