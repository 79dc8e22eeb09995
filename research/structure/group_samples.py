"""Answers sorted by group: what kind of answers they are, and the sample of each group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from research.errors import DataError
from research.numerics.arrays import Mask, Matrix, Vector
from research.questionnaire.definition import Questionnaire
from research.responses.columns import group_labels, numeric_matrix, refuse_extreme
from research.structure.design import category_levels

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["number", "ordinal", "category"]
MOST_GROUPS = 30  # more are answers to a question for a number


@dataclass(frozen=True, slots=True)
class Samples:
    """The answers to one question by group.

    `values`: one array a group, numbers or codes of ordered answers; of categories the codes of `answers`.
    `n_missing`: rows without the answer or without the group.
    """

    outcome: str
    group: str
    kind: Kind
    levels: tuple[str, ...]
    values: tuple[Vector, ...]
    answers: tuple[str, ...] = ()
    n_missing: int = 0

    @property
    def n(self) -> int:
        """Rows in all groups."""
        return sum(len(sample) for sample in self.values)

    @property
    def counts(self) -> Matrix:
        """How often each answer occurs in each group, shape (groups, answers); of categories only."""
        codes = range(len(self.answers))
        return np.array([[float((sample == code).sum()) for code in codes] for sample in self.values])


def kind_of(outcome: str, frame: pd.DataFrame, questionnaire: Questionnaire | None) -> Kind:
    """Scores and numbers; single items and ordered categories are ordinal; the rest are categories.

    Without a questionnaire, numbers with two values (0 and 1) are categories.
    """
    import pandas as pd

    asked = _asked(outcome, questionnaire)
    if asked is not None:
        return asked
    if list(frame.columns).count(outcome) != 1:
        numeric_matrix(frame, [outcome])  # raises, with the nearest name
    column = frame[outcome]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return "ordinal" if column.cat.ordered else "category"
    if column.dtype.kind in "fiu":
        return "number" if column.nunique() != 2 else "category"
    return "category"


def read_samples(
    frame: pd.DataFrame,
    outcome: str,
    group: str,
    kind: Kind,
    questionnaire: Questionnaire | None = None,
    smallest: int = 2,
    leave_out: bool = False,
) -> tuple[Samples, tuple[str, ...]]:
    """The samples, and notes on rows and groups that are not in them.

    A group of fewer than `smallest` rows is an error, or left out and said where `leave_out`. Raises
    DataError also for fewer than two groups, for more than 30, and for answers that are all the same.
    """
    labels, present = _labels(frame, group)
    numbers, answers, answered = _outcome(frame, outcome, kind)
    used: Mask = present & answered
    if not used.any():
        raise DataError(f"no row has an answer to both {outcome!r} and {group!r}.")
    levels = _in_order(frame.loc[used], group, questionnaire)
    if len(levels) > MOST_GROUPS:
        raise DataError(
            f"{group!r} has {len(levels)} different values; groups are made by at most {MOST_GROUPS}. "
            "Cut a number into classes first."
        )
    sizes = {level: int((used & (labels == level)).sum()) for level in levels}
    small = [level for level in levels if sizes[level] < smallest]
    if small and not leave_out:
        raise DataError(
            f"group {small[0]!r} of {group!r} has {_rows(sizes[small[0]])} with an answer to {outcome!r}; "
            f"at least {smallest} are needed. Merge it with another group, or leave it out."
        )
    kept = [level for level in levels if level not in small]
    if len(kept) < 2:
        who = f"({kept[0]}) " if kept else ""
        raise DataError(
            f"{group!r} has {'one group' if kept else 'no group'} {who}with answers to {outcome!r}; a "
            "comparison needs two."
        )
    values = tuple(numbers[used & (labels == level)] for level in kept)
    everyone = np.concatenate(values)
    if float(np.ptp(everyone)) == 0:
        same = answers[int(everyone[0])] if answers else f"{everyone[0]:g}"
        raise DataError(f"the outcome {outcome!r} is constant ({same}) in these groups; nothing differs.")
    missing = int((~used).sum())
    notes = [
        f"{outcome} by {group}: group {level!r} is left out, it has {_rows(sizes[level])} only."
        for level in small
    ]
    if missing:
        notes.append(f"{outcome} by {group}: {missing} of {len(frame)} rows miss the answer or the group.")
    return Samples(outcome, group, kind, tuple(kept), values, answers, missing), tuple(notes)


def read_pairs(frame: pd.DataFrame, first: str, second: str, kind: Kind) -> tuple[Samples, tuple[str, ...]]:
    """Two columns of the same rows as samples, over the rows that have both."""
    x, _, has_x = _outcome(frame, first, kind)
    y, _, has_y = _outcome(frame, second, kind)
    used = has_x & has_y
    if int(used.sum()) < 2:
        raise DataError(f"{first!r} and {second!r} have {_rows(int(used.sum()))} with both; two are needed.")
    x, y = x[used], y[used]
    if float(np.ptp(x - y)) == 0:
        raise DataError(
            f"{first!r} and {second!r} differ by the same amount in every row; no test is possible."
        )
    missing = int((~used).sum())
    notes = (f"{first} and {second}: {missing} of {len(frame)} rows miss one of the two.",) if missing else ()
    return Samples(f"{first} - {second}", "", kind, (first, second), (x, y), (), missing), notes


def _asked(outcome: str, questionnaire: Questionnaire | None) -> Kind | None:
    if questionnaire is None:
        return None
    if outcome in {construct.name for construct in questionnaire.constructs}:
        return "number"
    if outcome in {item.id for item in questionnaire.items}:
        return "ordinal"
    for question in questionnaire.background:
        if outcome == question.id:
            return "number" if question.kind == "number" else "category"
        if question.kind == "multiple" and outcome.startswith(f"{question.id}_"):
            return "category"
    return None


def _labels(frame: pd.DataFrame, group: str) -> tuple[NDArray[np.str_], Mask]:
    labels = group_labels(frame, group)
    return labels, labels != ""


def _outcome(frame: pd.DataFrame, outcome: str, kind: Kind) -> tuple[Vector, tuple[str, ...], Mask]:
    """Numbers or codes of every row, the answers that codes stand for, and where there is one."""
    import pandas as pd

    if kind == "category":
        labels = group_labels(frame, outcome)
        answered = labels != ""
        answers = tuple(category_levels(frame.loc[answered], outcome)) if answered.any() else ()
        codes = {answer: float(code) for code, answer in enumerate(answers)}
        return np.array([codes.get(str(label), np.nan) for label in labels]), answers, answered
    column = frame[outcome] if outcome in frame.columns else None
    if isinstance(column, pd.Series) and isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        coded: Vector = np.asarray(column.cat.codes.to_numpy(dtype=np.float64), dtype=np.float64)
        return coded, (), coded >= 0
    values = numeric_matrix(frame, [outcome])[:, 0]
    answered = ~np.isnan(values)
    refuse_extreme(outcome, values[answered])
    return values, (), answered


def _in_order(rows: pd.DataFrame, group: str, questionnaire: Questionnaire | None) -> list[str]:
    """The groups in the order of the question's options, else of their categories or values."""
    found = category_levels(rows, group)
    for question in questionnaire.background if questionnaire is not None else ():
        if question.id == group and question.options:
            known = [option.value for option in question.options if option.value in found]
            return [*known, *(level for level in found if level not in known)]
    return found


def _rows(n: int) -> str:
    return "one row" if n == 1 else f"{n} rows"
