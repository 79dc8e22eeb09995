"""The door to pingouin: tests of groups on plain arrays, and plain numbers back.

pingouin rounds its intervals and warns under new versions of pandas; only statistics, degrees of freedom and
p values are taken from it, at full precision. Intervals and effect sizes are computed in `numerics`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.numerics.arrays import Vector

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Statistic:
    """A test's statistic, its degrees of freedom (NaN where it has none) and its p value."""

    value: float
    p: float
    df1: float = math.nan
    df2: float = math.nan


@dataclass(frozen=True, slots=True)
class Pairwise:
    """Differences of all pairs of groups (i, j), i < j, with standard error, t, df and adjusted p."""

    pairs: tuple[tuple[int, int], ...]
    difference: Vector
    se: Vector
    df: Vector
    p: Vector


def t_test(x: Vector, y: Vector, *, paired: bool = False, welch: bool = False) -> Statistic:
    """Student's, Welch's or the paired t."""
    import pingouin

    with _quiet():
        found = pingouin.ttest(x, y, paired=paired, correction=welch)
    return Statistic(_number(found, "T"), _number(found, "pval"), df1=_number(found, "dof"))


def one_way(samples: Sequence[Vector], *, welch: bool) -> Statistic:
    """The F of the analysis of variance, or Welch's (1951)."""
    import pingouin

    with _quiet():
        test = pingouin.welch_anova if welch else pingouin.anova
        found = test(_long(samples), dv="value", between="group")
    df2 = _number(found, "ddof2", "DF2")
    return Statistic(_number(found, "F"), _number(found, "punc"), _number(found, "ddof1", "DF1"), df2)


def kruskal(samples: Sequence[Vector]) -> Statistic:
    """Kruskal and Wallis' H, corrected for ties."""
    import pingouin

    with _quiet():
        found = pingouin.kruskal(_long(samples), dv="value", between="group")
    return Statistic(_number(found, "H"), _number(found, "punc"), df1=_number(found, "ddof1"))


def mann_whitney(x: Vector, y: Vector) -> Statistic:
    """U of the first sample; p exact for small samples without ties, else normal, corrected for ties."""
    import pingouin

    with _quiet():
        found = pingouin.mwu(x, y)
    return Statistic(_number(found, "Uval"), _number(found, "pval"))


def wilcoxon(x: Vector, y: Vector) -> Statistic:
    """The smaller sum of signed ranks of the differences that are not zero."""
    import pingouin

    with _quiet():
        found = pingouin.wilcoxon(x, y)
    return Statistic(_number(found, "Wval"), _number(found, "pval"))


def levene(samples: Sequence[Vector]) -> Statistic:
    """Levene's test around the medians (Brown & Forsythe 1974)."""
    import pingouin

    with _quiet():
        found = pingouin.homoscedasticity(list(samples), method="levene")
    n = sum(len(sample) for sample in samples)
    return Statistic(_number(found, "W"), _number(found, "pval"), len(samples) - 1, n - len(samples))


def chi_square(rows: Sequence[str], columns: Sequence[str]) -> Statistic:
    """Pearson's chi-square of two columns of categories, without continuity correction."""
    import pandas as pd
    import pingouin

    frame = pd.DataFrame({"row": list(rows), "column": list(columns)})
    with _quiet():
        found = pingouin.chi2_independence(frame, "row", "column", correction=False)[2]
    pearson = found[found["test"] == "pearson"]
    return Statistic(_number(pearson, "chi2"), _number(pearson, "pval"), df1=_number(pearson, "dof"))


def tukey(samples: Sequence[Vector]) -> Pairwise:
    """Tukey's honestly significant differences (Tukey-Kramer for unequal sizes)."""
    import pingouin

    df = float(sum(len(sample) for sample in samples) - len(samples))
    return _pairwise(samples, lambda frame: pingouin.pairwise_tukey(frame, dv="value", between="group"), df)


def games_howell(samples: Sequence[Vector]) -> Pairwise:
    """Games and Howell's (1976) comparisons, which need no equal variances."""
    import pingouin

    return _pairwise(samples, lambda frame: pingouin.pairwise_gameshowell(frame, dv="value", between="group"))


def _pairwise(
    samples: Sequence[Vector], run: Callable[[pd.DataFrame], pd.DataFrame], df: float | None = None
) -> Pairwise:
    with _quiet():
        found = run(_long(samples))
    pairs = tuple((int(a), int(b)) for a, b in zip(found["A"].tolist(), found["B"].tolist(), strict=True))
    degrees = np.full(len(pairs), df) if df is not None else _column(found, "df")
    return Pairwise(
        pairs, _column(found, "diff"), _column(found, "se"), degrees, _column(found, "ptukey", "pval")
    )


def _long(samples: Sequence[Vector]) -> pd.DataFrame:
    """One row a value; the groups are their numbers, so that their order stays."""
    import pandas as pd

    groups = np.repeat(np.arange(len(samples)), [len(sample) for sample in samples])
    return pd.DataFrame({"group": groups, "value": np.concatenate(samples)})


def _number(found: pd.DataFrame, *names: str) -> float:
    return float(_column(found, *names)[0])


def _column(found: pd.DataFrame, *names: str) -> Vector:
    """A column by its name without signs: versions call it p-val, p_val or pval."""
    plain = {str(name).replace("-", "").replace("_", ""): name for name in found.columns}
    wanted = next(plain[name] for name in names if name in plain)
    return found[wanted].to_numpy(dtype=np.float64)


@contextmanager
def _quiet() -> Iterator[None]:
    """What pingouin warns of are its own calls of pandas, and samples that are checked before."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
