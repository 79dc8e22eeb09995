"""Do raters agree, and does a measure repeat itself? Intraclass correlations and test-retest reliability."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from research.errors import DataError, OptionError
from research.measurement.inputs import looks_like_moments
from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import normal_quantile
from research.numerics.correlation import correlation_p, fisher_interval
from research.numerics.intraclass import intraclass_correlations, mean_squares
from research.responses.columns import as_pandas, numeric_matrix

if TYPE_CHECKING:
    import pandas as pd

Waves: TypeAlias = Mapping[str, Sequence[str | Sequence[str]]]
MODELS = {"1": "one-way", "A": "two-way, absolute agreement", "C": "two-way, consistency"}


def icc(
    data: object, raters: Iterable[str] | None = None, *, level: float = 0.95, reverse: Iterable[str] = ()
) -> pd.DataFrame:
    """Six intraclass correlations: a row of the frame is a subject, a column a rater (occasion, item).

    One row a form, labelled by its name in McGraw & Wong (1996): `form shrout_fleiss model unit value f df1
    df2 p low high n_subjects n_raters n_left_out`. ICC(1,1), ICC(A,1), ICC(C,1) are of one rater, the same
    with k of the mean of all; Shrout & Fleiss (1979) call them ICC1, ICC2, ICC3, ICC1k … . ICC(C,k) is
    Cronbach's alpha. Subjects with a missing rating are left out and counted. F tests the value 0. Errors:
    fewer than two raters or three complete subjects; ratings that are all alike.

    `reverse`: columns to turn first; `level`: of the intervals.

    >>> import pandas as pd
    >>> ratings = pd.DataFrame({"a": [9, 6, 8, 7, 10, 6], "b": [2, 1, 4, 1, 5, 2], "c": [5, 3, 6, 2, 6, 4]})
    >>> round(float(icc(ratings).loc["ICC(C,1)", "value"]), 3)
    0.788
    """
    import pandas as pd

    _check_level(level)
    frame = _answers(data)
    names = [str(name) for name in frame.columns] if raters is None else list(raters)
    if len(set(names)) < 2:
        raise DataError(f"an intraclass correlation needs at least two raters; there are {len(set(names))}.")
    values = numeric_matrix(frame, names)
    for name in reverse:
        if name not in names:
            raise DataError(f"reverse names {name!r}, which is not among the raters.")
        values[:, names.index(name)] *= -1.0
    complete = values[~np.isnan(values).any(axis=1)]
    _check_ratings(complete, "the ratings")
    rows = [
        {
            "form": name,
            "shrout_fleiss": f"ICC{'1AC'.index(name[4]) + 1}{'k' if name.endswith('k)') else ''}",
            "model": MODELS[name[4]],
            "unit": "mean of raters" if name.endswith("k)") else "one rater",
            "value": form.value,
            "f": form.f,
            "df1": form.df1,
            "df2": form.df2,
            "p": form.p,
            "low": form.low,
            "high": form.high,
            "n_subjects": len(complete),
            "n_raters": len(names),
            "n_left_out": len(values) - len(complete),
        }
        for name, form in intraclass_correlations(mean_squares(complete), level).items()
    ]
    return pd.DataFrame(rows, index=[str(row["form"]) for row in rows])


def retest_reliability(data: object, waves: Waves | Sequence[str], *, level: float = 0.95) -> pd.DataFrame:
    """Does a scale give the same value twice? One row a measure and pair of consecutive waves.

    waves: {measure: [its column at the first wave, at the second, …]}; a list of items stands for their mean
    (of the rows that answered all). Columns `measure first second n n_left_out`, then
    - `r r_low r_high r_p`: Pearson's, with Fisher's interval
    - `icc icc_low icc_high`: ICC(A,1), absolute agreement, McGraw & Wong (1996)
    - `mean_first mean_second difference difference_low difference_high t df p d`: the paired difference of
      means, second less first, with its t test, and d = difference / SD of the differences (Cohen's d_z)
    - `sem`: standard error of measurement, SD of the differences / sqrt(2), Hopkins (2000); `mdc`: the
      smallest change beyond error at `level`, z sqrt(2) sem, Weir (2005)

    >>> import research
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"may": [3.1, 2.4, 4.0, 3.3, 2.8], "june": [3.3, 2.5, 4.2, 3.1, 3.0]})
    >>> found = research.retest_reliability(answers, {"trust": ["may", "june"]}).iloc[0]
    >>> found[["r", "icc", "sem"]].astype(float).round(2).tolist()
    [0.96, 0.95, 0.12]
    """
    import pandas as pd

    _check_level(level)
    if not isinstance(waves, Mapping) or not waves:
        raise DataError("waves are given as {measure: [column at wave 1, column at wave 2, …]}.")
    frame = _answers(data)
    rows = []
    for measure, columns in waves.items():
        if isinstance(columns, str) or len(columns) < 2:
            raise DataError(f"measure {measure!r} needs a column at two waves at least.")
        scores = [_score(frame, each) for each in columns]
        for at in range(len(columns) - 1):
            first, second = _label(columns[at]), _label(columns[at + 1])
            pair = np.column_stack([scores[at], scores[at + 1]])
            complete = pair[~np.isnan(pair).any(axis=1)]
            _check_ratings(complete, f"{measure!r} ({first}, {second})")
            if (np.ptp(complete, axis=0) == 0).any():
                raise DataError(f"{measure!r} is constant at one of the waves ({first}, {second}).")
            row: dict[str, object] = {"measure": measure, "first": first, "second": second}
            row |= {"n": len(complete), "n_left_out": len(pair) - len(complete)}
            rows.append(row | _repeated(complete, level))
    return pd.DataFrame(rows)


def _repeated(pair: Matrix, level: float) -> dict[str, float]:
    from scipy.special import stdtr, stdtrit

    n = len(pair)
    r = np.asarray(np.corrcoef(pair.T))[:1, 1:]
    count = np.array([[float(n)]])
    r_low, r_high = fisher_interval(r, count, level)
    agreement = intraclass_correlations(mean_squares(pair), level)["ICC(A,1)"]
    gap = pair[:, 1] - pair[:, 0]
    mean, sd = float(gap.mean()), float(gap.std(ddof=1))
    se = sd / np.sqrt(n)
    t = mean / se if se > 0 else np.nan
    reach = float(stdtrit(n - 1, (1 + level) / 2)) * se
    measurement = sd / np.sqrt(2)
    return {
        "r": float(r[0, 0]),
        "r_low": float(r_low[0, 0]),
        "r_high": float(r_high[0, 0]),
        "r_p": float(correlation_p(r, count)[0, 0]),
        "icc": agreement.value,
        "icc_low": agreement.low,
        "icc_high": agreement.high,
        "mean_first": float(pair[:, 0].mean()),
        "mean_second": float(pair[:, 1].mean()),
        "difference": mean,
        "difference_low": mean - reach,
        "difference_high": mean + reach,
        "t": t,
        "df": float(n - 1),
        "p": float(2 * stdtr(n - 1, -abs(t))),
        "d": mean / sd if sd > 0 else np.nan,
        "sem": measurement,
        "mdc": normal_quantile((1 + level) / 2) * np.sqrt(2) * measurement,
    }


def _answers(data: object) -> pd.DataFrame:
    frame = as_pandas(data)
    if looks_like_moments(frame):
        raise DataError("this needs the ratings themselves; a matrix of moments is not enough.")
    return frame


def _score(frame: pd.DataFrame, columns: str | Sequence[str]) -> Vector:
    names = [columns] if isinstance(columns, str) else list(columns)
    if not names:
        raise DataError("a wave without columns: name one, or a list of items.")
    return np.asarray(numeric_matrix(frame, names).mean(axis=1))


def _label(columns: str | Sequence[str]) -> str:
    return columns if isinstance(columns, str) else ", ".join(columns)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise OptionError(f"level is {level}; it lies between 0 and 1, .95 is usual.")


def _check_ratings(complete: Matrix, what: str) -> None:
    if len(complete) < 3:
        raise DataError(f"{what} need at least three complete rows; there are {len(complete)}.")
    if np.ptp(complete) == 0:
        raise DataError(f"{what} are all {complete[0, 0]:g}: there is no variance to share out.")
