"""Intraclass correlations: how much of the variance lies between subjects (over raters) or clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Matrix, Vector


@dataclass(frozen=True, slots=True)
class IntraclassCorrelation:
    """One form: the coefficient, its F test against 0, and its interval."""

    value: float
    f: float
    df1: int
    df2: int
    p: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Two-way analysis of variance of n subjects by k raters without repetition."""

    n: int
    k: int
    subjects: float
    raters: float
    error: float  # subjects by raters
    within: float  # raters and error together


def mean_squares(values: Matrix) -> MeanSquares:
    """Of complete ratings (n, k)."""
    n, k = values.shape
    centred = values - values.mean()
    subjects = k * float((centred.mean(axis=1) ** 2).sum())
    raters = n * float((centred.mean(axis=0) ** 2).sum())
    total = float((centred**2).sum())
    return MeanSquares(
        n,
        k,
        subjects / (n - 1),
        raters / (k - 1),
        max(total - subjects - raters, 0.0) / ((n - 1) * (k - 1)),
        (total - subjects) / (n * (k - 1)),
    )


def intraclass_correlations(found: MeanSquares, level: float = 0.95) -> dict[str, IntraclassCorrelation]:
    """The six forms by their names in McGraw & Wong (1996), which are those of Shrout & Fleiss (1979):

    ICC(1,1) = (S - W) / (S + (k-1) W)                    one-way, each subject has its own raters
    ICC(A,1) = (S - E) / (S + (k-1) E + k (R - E) / n)    two-way, absolute agreement:   ICC(2,1)
    ICC(C,1) = (S - E) / (S + (k-1) E)                    two-way, consistency:          ICC(3,1)
    and of the mean of k raters: (S - W) / S, (S - E) / (S + (R - E) / n), (S - E) / S; with the mean squares
    S of subjects, R of raters, E of error, W within subjects. Intervals: exact from F for ICC(1) and ICC(C);
    for ICC(A) with Satterthwaite's degrees of freedom (McGraw & Wong 1996, table 7).
    """
    n, k, S, R, E, W = found.n, found.k, found.subjects, found.raters, found.error, found.within
    one = _form(_ratio(S - W, S + (k - 1) * W), S / W if W else np.inf, n - 1, n * (k - 1))
    f, df2 = S / E if E else np.inf, (n - 1) * (k - 1)
    agreement = _form(_ratio(S - E, S + (k - 1) * E + k * (R - E) / n), f, n - 1, df2)
    consistency = _form(_ratio(S - E, S + (k - 1) * E), f, n - 1, df2)
    limits = {
        "ICC(1,1)": _exact(one.f, one.df1, one.df2, k, level),
        "ICC(A,1)": _agreement(found, agreement.value, level),
        "ICC(C,1)": _exact(consistency.f, consistency.df1, consistency.df2, k, level),
    }
    single = {"ICC(1,1)": one, "ICC(A,1)": agreement, "ICC(C,1)": consistency}
    means = {
        "ICC(1,k)": _ratio(S - W, S),
        "ICC(A,k)": _ratio(S - E, S + (R - E) / n),
        "ICC(C,k)": _ratio(S - E, S),
    }
    forms = {}
    for name, form in single.items():
        forms[name] = _with(form, form.value, *limits[name])
    for name, value in means.items():
        low, high = (_stepped_up(limit, k) for limit in limits[name.replace("k", "1")])
        forms[name] = _with(single[name.replace("k", "1")], value, low, high)
    return forms


def clustered_icc(rows: Matrix, clusters: Vector) -> Vector:
    """ICC(1) of the columns of `rows` (n, p) in `clusters` (n,) of any size, (p,).

    (B - W) / (B + (k - 1) W) with the mean squares B between and W within clusters; k is their mean size
    less what their sizes vary.

    >>> clustered_icc(np.array([[1.0], [1.0], [3.0], [3.0]]), np.array([0, 0, 1, 1]))
    array([1.])
    """
    _, code, size = np.unique(clusters, return_inverse=True, return_counts=True)
    n, groups = len(rows), len(size)
    means = np.zeros((groups, rows.shape[1]))
    np.add.at(means, code, rows)
    means /= size[:, None]
    within = ((rows - means[code]) ** 2).sum(axis=0) / max(1, n - groups)
    between = (size[:, None] * (means - rows.mean(axis=0)) ** 2).sum(axis=0) / max(1, groups - 1)
    k = (n - float((size**2).sum()) / n) / max(1, groups - 1)
    return np.asarray((between - within) / (between + (k - 1.0) * within))


def _form(value: float, f: float, df1: int, df2: int) -> IntraclassCorrelation:
    from scipy.special import fdtrc

    return IntraclassCorrelation(value, f, df1, df2, float(fdtrc(df1, df2, f)), np.nan, np.nan)


def _with(form: IntraclassCorrelation, value: float, low: float, high: float) -> IntraclassCorrelation:
    return IntraclassCorrelation(value, form.f, form.df1, form.df2, form.p, low, high)


def _exact(f: float, df1: int, df2: int, k: int, level: float) -> tuple[float, float]:
    """(F/F0 - 1) / (F/F0 + k - 1) at the upper limit F0, and (F F1 - 1) / (F F1 + k - 1)."""
    from scipy.special import fdtri

    if not np.isfinite(f):
        return 1.0, 1.0
    upper = (1 + level) / 2
    low, high = f / float(fdtri(df1, df2, upper)), f * float(fdtri(df2, df1, upper))
    return _ratio(low - 1, low + k - 1), _ratio(high - 1, high + k - 1)


def _agreement(found: MeanSquares, value: float, level: float) -> tuple[float, float]:
    from scipy.special import fdtri

    n, k, S, R, E = found.n, found.k, found.subjects, found.raters, found.error
    if value >= 1 or E <= 0:
        return np.nan, np.nan
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    v = _ratio((a * R + b * E) ** 2, (a * R) ** 2 / (k - 1) + (b * E) ** 2 / ((n - 1) * (k - 1)))
    if not v > 0:
        return np.nan, np.nan
    upper = (1 + level) / 2
    f_low, f_high = float(fdtri(n - 1, v, upper)), float(fdtri(v, n - 1, upper))
    rest = k * R + (k * n - k - n) * E
    low = _ratio(n * (S - f_low * E), f_low * rest + n * S)
    high = _ratio(n * (f_high * S - E), rest + n * f_high * S)
    return low, high


def _stepped_up(r: float, k: int) -> float:
    """Spearman and Brown: reliability of the mean of k from that of one."""
    return _ratio(k * r, 1 + (k - 1) * r)


def _ratio(above: float, below: float) -> float:
    """NaN where there is nothing to divide by: the subjects do not differ at all."""
    return above / below if abs(below) > 1e-14 * max(abs(above), 1e-300) else float("nan")
