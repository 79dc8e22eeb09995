"""Correlations of any columns, with p and interval; and the partial ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.measurement.dimensionality import invertible_correlations
from research.measurement.inputs import ItemData, item_data
from research.measurement.polychoric import NEEDS_ANSWERS, polychoric
from research.numerics.arrays import Matrix
from research.numerics.chi_square import normal_quantile, two_sided_p
from research.numerics.correlation import Method, correlate, correlation_p, fisher_interval
from research.numerics.correlation import partial_correlations as partial_of
from research.readable import Readable

if TYPE_CHECKING:
    import pandas as pd

Kind: TypeAlias = Method | Literal["polychoric"]


@dataclass(frozen=True, repr=False, slots=True)
class Correlations(Readable):
    """Square frames with the same labels: `r`, two-sided `p`, interval `low` and `high`, rows used `n`.

    The diagonal of `r` is 1; that of the others is NaN (of `n`: the rows with an answer).
    """

    r: pd.DataFrame
    p: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    n: pd.DataFrame
    method: Kind

    def tidy(self) -> pd.DataFrame:
        """One row a pair: `x y r p low high n`."""
        import pandas as pd

        names = list(self.r.columns)
        at = list(combinations(range(len(names)), 2))
        columns: dict[str, list[str] | list[float]] = {
            "x": [names[i] for i, _ in at],
            "y": [names[j] for _, j in at],
        }
        for key, frame in (
            ("r", self.r),
            ("p", self.p),
            ("low", self.low),
            ("high", self.high),
            ("n", self.n),
        ):
            values = frame.to_numpy(dtype=np.float64)
            columns[key] = [float(values[i, j]) for i, j in at]
        return pd.DataFrame(columns)


def correlations(
    data: object,
    columns: Iterable[str] | None = None,
    *,
    method: Kind = "pearson",
    n_obs: int | None = None,
    level: float = 0.95,
) -> Correlations:
    """Pairwise correlations of the `columns` (all, where None), each pair over the rows that have both.

    `method`: pearson, spearman or kendall (tau-b). p from t with n - 2 df (tau: from its own variance);
    the interval is Fisher's, for Pearson's r only (NaN for the others). "polychoric" takes the answers for
    ordered categories: p from z, the interval on Fisher's scale with the asymptotic standard error; the rest
    of what it gives is in `polychoric`. `data` as in `reliability`; a
    covariance or correlation matrix needs its `n_obs` and allows pearson only.

    `level`: of the intervals.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.correlations(answers, ["trust1", "trust2", "loyalty1"])
    >>> found.r.round(2).to_numpy().tolist()
    [[1.0, 0.62, 0.24], [0.62, 1.0, 0.26], [0.24, 0.26, 1.0]]
    """
    allowed = (*get_args(Method), "polychoric")
    if method not in allowed:
        raise OptionError(
            f"method={method!r} is not known; allowed: {', '.join(allowed)}.{did_you_mean(method, allowed)}"
        )
    items = item_data(data, columns, n_obs=n_obs)
    n = _pair_counts(items)
    if method == "polychoric":
        r, p, low, high = _polychoric(items, level)
    elif method == "pearson":
        r = _pairwise_pearson(items)
        p = correlation_p(r, n)
        low, high = fisher_interval(r, n, level)
    else:
        r, p = _by_pairs(items, method)
        low, high = np.full_like(r, np.nan), np.full_like(r, np.nan)
    for square in (p, low, high):
        np.fill_diagonal(square, np.nan)
    return Correlations(
        _square(items, r),
        _square(items, p),
        _square(items, low),
        _square(items, high),
        _square(items, n),
        method,
    )


def partial_correlations(
    data: object, columns: Iterable[str] | None = None, *, n_obs: int | None = None
) -> pd.DataFrame:
    """Correlation of each pair with all other columns held constant, complete rows; square frame.

    r_ij = -p_ij / sqrt(p_ii p_jj) of the inverse P of the correlations. `data` and `columns` as in
    `correlations`. Raises DataError where a column is an exact combination of the others.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.partial_correlations(answers, ["trust1", "trust2", "loyalty1"])
    >>> found.round(2).loc["trust1"].tolist()
    [1.0, 0.6, 0.1]
    """
    items = item_data(data, columns, n_obs=n_obs)
    n, cov = items.n_complete, items.complete_covariance()
    for name, variance in zip(items.names, np.diag(cov), strict=True):
        if not variance > 0:
            raise DataError(f"column '{name}' is constant in the {n} complete rows; leave it out.")
    whole = ItemData(items.names, items.values, cov, n, n)
    return _square(items, partial_of(invertible_correlations(whole)))


def _polychoric(items: ItemData, level: float) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    """r, p of r/se, and tanh(atanh r -+ z se/(1 - r^2)), the delta method on Fisher's scale."""
    if items.values is None:
        raise DataError(NEEDS_ANSWERS)
    found = polychoric(_frame(items.names, items.values))
    r = found.r.to_numpy(dtype=np.float64)
    se = np.full_like(r, np.nan) if found.se is None else found.se.to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = normal_quantile(0.5 + level / 2.0) * se / (1.0 - r * r)
        low, high = np.tanh(np.arctanh(r) - reach), np.tanh(np.arctanh(r) + reach)
        return r, two_sided_p(r / se), low, high


def _pair_counts(items: ItemData) -> Matrix:
    if items.values is None:
        return np.full(items.cov.shape, float(items.n_obs))
    answered = (~np.isnan(items.values)).astype(np.float64)
    return np.asarray(answered.T @ answered)


def _pairwise_pearson(items: ItemData) -> Matrix:
    """r of each pair with the variances of that pair's rows, so that |r| never exceeds 1."""
    return items.cor if items.pair_cor is None else items.pair_cor


def _by_pairs(items: ItemData, method: Method) -> tuple[Matrix, Matrix]:
    if items.values is None:
        raise DataError(f"method={method!r} needs the answers themselves; a matrix of moments is not enough.")
    k = len(items.names)
    r, p = np.eye(k), np.full((k, k), np.nan)
    for i, j in combinations(range(k), 2):
        pair = items.values[:, [i, j]]
        pair = pair[~np.isnan(pair).any(axis=1)]
        if len(pair) < 2 or (np.ptp(pair, axis=0) == 0).any():
            r[i, j] = r[j, i] = np.nan
            continue
        r[i, j], p[i, j] = correlate(pair[:, 0], pair[:, 1], method)
        r[j, i], p[j, i] = r[i, j], p[i, j]
    return r, p


def _frame(names: tuple[str, ...], values: Matrix) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(values, columns=list(names))


def _square(items: ItemData, values: Matrix) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(values, index=list(items.names), columns=list(items.names))
