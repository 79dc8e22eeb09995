"""The table of dominance: which predictor explains more than which, whatever the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from research.errors import DataError
from research.questionnaire.definition import Questionnaire, Text
from research.report.labels import label_of, with_columns
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    from research.structure.relative_importance import RelativeImportance

_KINDS: dict[str, Text] = {
    "complete": {"en": "Complete dominance", "zh": "完全优势"},
    "conditional": {"en": "Conditional dominance", "zh": "条件优势"},
    "general": {"en": "General dominance", "zh": "一般优势"},
}


def dominance_table(
    found: RelativeImportance,
    questionnaire: Questionnaire | None = None,
    *,
    kind: Literal["complete", "conditional", "general"] = "complete",
) -> Table:
    """1 where the row dominates the column, 0 where it is dominated, ½ where neither.

    DataError for relative weights, which compare no subsets.
    """
    import pandas as pd

    if found.complete.empty:
        raise DataError("dominance compares all subsets of predictors; ask for method='lmg'.")
    square = {
        "complete": found.complete,
        "conditional": found.conditional_dominance,
        "general": found.general,
    }[kind]
    names = [str(name) for name in square.index]
    words = {1.0: "1", 0.0: "0", 0.5: "½"}
    columns = {
        f"c{place}": [words.get(float(value), "") for value in square[name]]
        for place, name in enumerate(names)
    }
    frame = with_columns(pd.DataFrame(columns), term=[label_of(name, questionnaire) for name in names])
    return Table(
        title=_KINDS[kind],
        frame=frame,
        columns=(
            Column("term", {"en": "Predictor", "zh": "预测变量"}),
            *(Column(f"c{place}", label_of(name, questionnaire)) for place, name in enumerate(names)),
        ),
        notes=(
            {
                "en": "1: the row dominates the column; 0: the reverse; ½: neither [@azen2003].",
                "zh": "1 表示行变量优于列变量，0 表示劣于，½ 表示无法判定[@azen2003]。",
            },
        ),
    )
