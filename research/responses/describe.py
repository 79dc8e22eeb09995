"""What was answered: descriptives of items, shares of answers, background of the sample."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from research.numerics.arrays import Vector
from research.questionnaire.definition import Question
from research.responses.keying import as_answered
from research.responses.nouns import Responses

if TYPE_CHECKING:
    import pandas as pd


def describe(responses: Responses) -> pd.DataFrame:
    """One row an item, keyed as the analysis takes it (reverse items turned).

    Columns: item construct n missing missing_share mean sd skewness se_skewness kurtosis
    se_kurtosis min max floor ceiling. `sd` divides by n - 1; skewness and kurtosis are the G1 and
    G2 of SPSS and SAS (see `skewness`, `kurtosis`), kurtosis is 0 for a normal variable; `floor` and
    `ceiling` are the shares of answers on the lowest and the highest point of the scale.
    What cannot be computed (one answer, no variance) is NaN.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.describe(answers).set_index("item")
    >>> found.loc["trust1", ["mean", "sd", "skewness"]].astype(float).round(2).tolist()
    [3.02, 0.98, 0.08]
    """
    import pandas as pd

    rows = []
    for construct in responses.questionnaire.constructs:
        for item in construct.items:
            scale = responses.questionnaire.scales[item.scale]
            all_answers = responses.frame[item.id].to_numpy(dtype=np.float64)
            x = all_answers[np.isfinite(all_answers)]
            n, total = len(x), len(all_answers)
            rows.append(
                {
                    "item": item.id,
                    "construct": construct.name,
                    "n": n,
                    "missing": total - n,
                    "missing_share": (total - n) / total if total else np.nan,
                    "mean": float(x.mean()) if n else np.nan,
                    "sd": float(x.std(ddof=1)) if n > 1 else np.nan,
                    "skewness": skewness(x),
                    "se_skewness": se_skewness(n),
                    "kurtosis": kurtosis(x),
                    "se_kurtosis": se_kurtosis(n),
                    "min": float(x.min()) if n else np.nan,
                    "max": float(x.max()) if n else np.nan,
                    "floor": float((x == scale.low).mean()) if n else np.nan,
                    "ceiling": float((x == scale.high).mean()) if n else np.nan,
                }
            )
    return pd.DataFrame(rows)


def answer_shares(responses: Responses) -> pd.DataFrame:
    """One row an item and point of its scale: item construct reverse value n share.

    As respondents answered: `value` is the point whose label they chose, also for reverse-keyed
    items (`reverse`), so that labels can stand beside it. `share`, from 0 to 1, is of the answers given.

    >>> import research
    >>> answers = research.example_responses()
    >>> shares = research.answer_shares(answers)
    >>> shares.loc[shares["item"] == "trust1", "share"].round(2).tolist()
    [0.05, 0.24, 0.41, 0.23, 0.07]
    """
    import pandas as pd

    answers = as_answered(responses)
    rows = []
    position = 0
    for construct in responses.questionnaire.constructs:
        for item in construct.items:
            column = answers[:, position]
            given = int(np.isfinite(column).sum())
            for point in responses.questionnaire.scales[item.scale].points:
                n = int((column == point.value).sum())
                share = n / given if given else np.nan
                rows.append((item.id, construct.name, item.reverse, point.value, n, share))
            position += 1
    return pd.DataFrame(rows, columns=["item", "construct", "reverse", "value", "n", "share"])


def sample_profile(responses: Responses) -> pd.DataFrame:
    """Background of the sample: question kind value n share mean sd min max.

    A choice gives a row an option (`value`; also options that nobody chose), with `share` of those
    who answered; a question with several answers likewise, so that its shares may add up to more
    than 1. A number gives one row with mean, sd (n - 1), min, max and an empty value. Where answers
    are missing, a row with value "missing" counts them, its share is of all respondents. Texts and
    personal questions are not counted.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.sample_profile(answers)
    >>> found.loc[found["question"] == "channel", "n"].tolist()
    [136, 164]
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    for question in responses.questionnaire.background:
        if question.kind == "choice" and question.id in responses.frame:
            rows += _choices(question, responses.frame[question.id])
        elif question.kind == "multiple":
            rows += _several(question, responses.frame)
        elif question.kind == "number" and question.id in responses.frame:
            rows += _number(question, responses.frame[question.id].to_numpy(dtype=np.float64))
    names = ["question", "kind", "value", "n", "share", "mean", "sd", "min", "max"]
    return pd.DataFrame(rows, columns=names)


def skewness(x: Vector) -> float:
    """G1 = g1 sqrt(n(n-1)) / (n-2), with g1 = m3 / m2^1.5; NaN below three answers or without variance.

    Joanes & Gill (1998, The Statistician 47, p. 184); SPSS, SAS and Excel print it; psych's type 2.

    >>> round(skewness(np.array([1., 2., 3., 4., 10.])), 6)
    1.697056
    """
    n = len(x)
    deviations = x - x.mean() if n else x
    m2 = float((deviations**2).mean()) if n else 0.0
    if n < 3 or m2 <= 0:
        return float("nan")
    g1 = float((deviations**3).mean()) / m2**1.5
    return float(g1 * np.sqrt(n * (n - 1)) / (n - 2))


def kurtosis(x: Vector) -> float:
    """G2 = (n-1) ((n+1) g2 + 6) / ((n-2)(n-3)), with g2 = m4 / m2^2 - 3; NaN below four answers.

    Joanes & Gill (1998, p. 184); excess kurtosis as SPSS, SAS and Excel print it; psych's type 2.

    >>> round(kurtosis(np.array([1., 2., 3., 4., 10.])), 6)
    3.152
    """
    n = len(x)
    deviations = x - x.mean() if n else x
    m2 = float((deviations**2).mean()) if n else 0.0
    if n < 4 or m2 <= 0:
        return float("nan")
    g2 = float((deviations**4).mean()) / m2**2 - 3
    return float((n - 1) * ((n + 1) * g2 + 6) / ((n - 2) * (n - 3)))


def se_skewness(n: int) -> float:
    """sqrt(6 n (n-1) / ((n-2)(n+1)(n+3))): the standard error of G1 under normality (Fisher 1930)."""
    return float(np.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))) if n > 2 else float("nan")


def se_kurtosis(n: int) -> float:
    """2 SE(G1) sqrt((n^2 - 1) / ((n-3)(n+5))): the standard error of G2 under normality (Fisher 1930)."""
    if n < 4:
        return float("nan")
    return 2 * se_skewness(n) * float(np.sqrt((n**2 - 1) / ((n - 3) * (n + 5))))


def _choices(question: Question, answers: pd.Series) -> Iterable[dict[str, object]]:
    given = int(answers.notna().sum())
    for option in question.options:
        n = int((answers == option.value).sum())
        yield _row(question, option.value, n, n / given if given else np.nan)
    yield from _missing(question, len(answers) - given, len(answers))


def _several(question: Question, frame: pd.DataFrame) -> Iterable[dict[str, object]]:
    names = {
        option.value: f"{question.id}_{option.value}"
        for option in question.options
        if f"{question.id}_{option.value}" in frame
    }
    if not names:
        return
    given = int(frame[list(names.values())].notna().any(axis=1).sum())
    for value, name in names.items():
        n = int((frame[name] == 1).sum())
        yield _row(question, value, n, n / given if given else np.nan)
    yield from _missing(question, len(frame) - given, len(frame))


def _number(question: Question, answers: Vector) -> Iterable[dict[str, object]]:
    x = answers[np.isfinite(answers)]
    n = len(x)
    row = _row(question, "", n, n / len(answers) if len(answers) else np.nan)
    if n:
        sd = float(x.std(ddof=1)) if n > 1 else np.nan
        row |= {"mean": float(x.mean()), "sd": sd, "min": float(x.min()), "max": float(x.max())}
    yield row
    yield from _missing(question, len(answers) - n, len(answers))


def _missing(question: Question, n: int, total: int) -> Iterable[dict[str, object]]:
    if n:
        yield _row(question, "missing", n, n / total)


def _row(question: Question, value: str, n: int, share: float) -> dict[str, object]:
    nothing = dict.fromkeys(("mean", "sd", "min", "max"), np.nan)
    return {"question": question.id, "kind": question.kind, "value": value, "n": n, "share": share, **nothing}
