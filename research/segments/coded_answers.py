"""Counting coded open answers and questions with several answers: who named what, and how often."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, did_you_mean
from research.numerics.arrays import Mask, Matrix
from research.numerics.multiple_tests import holm
from research.numerics.shares import independence, wilson_interval
from research.readable import Readable
from research.responses.columns import as_pandas, group_labels, numeric_matrix
from research.responses.nouns import Responses
from research.segments.inputs import checked_level, groups_of, in_order, origin_notes
from research.segments.profiles import FEW_EXPECTED

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = ";；|┋、\n"  # a comma may stand within a code; name it in `separators` where it parts codes


@dataclass(frozen=True, repr=False, slots=True)
class CodeCounts(Readable):
    """`counts`: `code n share low high mention_share cumulative`, most frequent first: `share` of the
    `n_respondents` who answered, with Wilson's interval; `mention_share` of all `n_mentions`, which add up
    to one. `groups`: `code group n total share low high`; `tests`: `code chisq df p p_holm v
    smallest_expected`, whether the share is the same in all groups, one test a code.
    """

    question: str
    counts: pd.DataFrame
    groups: pd.DataFrame
    tests: pd.DataFrame
    n_respondents: int
    n_mentions: int
    notes: tuple[str, ...]
    simulated: bool = False


def count_codes(
    data: object,
    question: str,
    *,
    group: str | None = None,
    separators: str = SEPARATORS,
    level: float = 0.95,
) -> CodeCounts:
    """Count the codes that were given to `question`.

    The codes stand in 0/1 columns `question_code` (as Responses hold a question with several answers), or in
    one column of texts such as "price; service". A respondent counts once for each code. Whoever has no
    answer is left out and counted in the notes; a row of zeros is an answer that names nothing.

    Of several answers there is one test a code, with Holm's (1979) adjustment: a single chi-square over all
    mentions would count a respondent more than once.

    `group`: a column between whose groups the codes are compared. `separators`: the characters that part
    the codes of a text. `level`: of Wilson's intervals.

    >>> import pandas as pd
    >>> count_codes(pd.DataFrame({"why": ["price; service", "price", None]}), "why").counts["n"].tolist()
    [2, 1]
    """
    import pandas as pd

    checked_level(level)
    frame = as_pandas(data)
    codes, marks = _marks(frame, data, question, separators)
    answered: Mask = np.asarray(np.isfinite(marks).any(axis=1))
    if not answered.any():
        raise DataError(f"nobody answered '{question}'.")
    notes = list(origin_notes(data))
    if not answered.all():
        notes.append(f"{int((~answered).sum())} of {len(marks)} respondents gave no answer and are left out.")
    given = np.nan_to_num(marks[answered])
    count = given.sum(axis=0)
    n, mentions = int(answered.sum()), int(count.sum())
    low, high = wilson_interval(count, np.full(len(count), float(n)), level)
    order = np.argsort(-count, kind="stable")
    counts = pd.DataFrame(
        {
            "code": [codes[at] for at in order],
            "n": count[order].astype(int),
            "share": count[order] / n,
            "low": low[order],
            "high": high[order],
            "mention_share": count[order] / max(mentions, 1),
            "cumulative": np.cumsum(count[order]) / max(mentions, 1),
        }
    )
    named = [codes[at] for at in order]
    groups, tests = _by_group(
        frame.iloc[np.flatnonzero(answered)], data, group, named, given[:, order], level
    )
    small = tests["smallest_expected"].to_numpy(float) < FEW_EXPECTED
    if small.any():
        notes.append(
            f"{int(np.sum(small))} codes have an expected count below 5 in a group; their chi-square tests "
            "are approximate (Cochran 1954)."
        )
    return CodeCounts(
        question, counts, groups, tests, n, mentions, tuple(notes), simulated=bool(origin_notes(data))
    )


def _marks(frame: pd.DataFrame, data: object, question: str, separators: str) -> tuple[list[str], Matrix]:
    """The codes and who named them, (n, codes): 1, 0, NaN where there is no answer."""
    columns = _columns(frame, data, question)
    if columns:
        marks = numeric_matrix(frame, list(columns.values()))
        bad = np.isfinite(marks) & (marks != 0) & (marks != 1)
        if bad.any():
            row, at = (int(x) for x in np.argwhere(bad)[0])
            raise DataError(
                f"column '{list(columns.values())[at]}' holds {marks[row, at]:g} in row {row + 1}; a code is "
                "1 where it was given and 0 where not."
            )
        return list(columns), marks
    names = [str(name) for name in frame.columns]
    if question not in names:
        raise DataError(
            f"the data have no column '{question}' and none '{question}_…'.{did_you_mean(question, names)}"
        )
    group_labels(frame, question)  # a column that stands twice is named
    cells = _cells(frame[question], separators)
    codes = list(dict.fromkeys(code for cell in cells for code in cell or ()))
    if not codes:
        raise DataError(f"nobody answered '{question}'.")
    return codes, np.array(
        [[np.nan] * len(codes) if cell is None else [float(code in cell) for code in codes] for cell in cells]
    )


def _columns(frame: pd.DataFrame, data: object, question: str) -> dict[str, str]:
    """{code: column} of 0/1 columns; the options of the questionnaire where it knows the question."""
    names = [str(name) for name in frame.columns]
    if isinstance(data, Responses):
        for asked in data.questionnaire.background:
            if asked.id == question and asked.kind == "multiple":
                known = {o.value: f"{question}_{o.value}" for o in asked.options}
                return {value: name for value, name in known.items() if name in names}
    if question in names:
        return {}
    start = f"{question}_"
    return {name.removeprefix(start): name for name in names if name.startswith(start) and name != start}


def _cells(column: pd.Series, separators: str) -> list[tuple[str, ...] | None]:
    """The codes in each cell, each once; None where there is no answer."""
    pattern = f"[{re.escape(separators)}]" if separators else "(?!)"
    missing = column.isna().tolist()
    cells: list[tuple[str, ...] | None] = []
    for value, gone in zip(column.tolist(), missing, strict=True):
        whole = isinstance(value, float) and not gone and value.is_integer()
        text = "" if gone else str(int(value) if whole else value)
        parts = [" ".join(part.split()) for part in re.split(pattern, text)]
        cells.append(tuple(dict.fromkeys(part for part in parts if part)) or None)
    return cells


def _by_group(
    frame: pd.DataFrame,
    data: object,
    group: str | None,
    codes: Sequence[str],
    given: Matrix,
    level: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    labels = groups_of(frame, group)
    rows: list[tuple[object, ...]] = []
    tests: list[tuple[object, ...]] = []
    if labels is not None and group is not None:
        names = in_order(labels, group, data)
        sizes = np.array([float((labels == name).sum()) for name in names])
        for at, code in enumerate(codes):
            count = np.array([given[labels == name, at].sum() for name in names])
            low, high = wilson_interval(count, sizes, level)
            for place, name in enumerate(names):
                share = count[place] / sizes[place]
                ends = (share, low[place], high[place])
                rows.append((code, name, int(count[place]), int(sizes[place]), *ends))
            test = independence(np.column_stack([count, sizes - count]))
            tests.append((code, test.chisq, test.df, test.p, np.nan, test.v, test.smallest_expected))
    tested = pd.DataFrame(tests, columns=["code", "chisq", "df", "p", "p_holm", "v", "smallest_expected"])
    if len(tested):
        tested["p_holm"] = holm(tested["p"].to_numpy(float))
    return pd.DataFrame(rows, columns=["code", "group", "n", "total", "share", "low", "high"]), tested
