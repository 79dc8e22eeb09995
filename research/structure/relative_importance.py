"""Relative importance: how R^2 is shared among the predictors of a regression, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from research.errors import DataError, ModelError, OptionError, did_you_mean
from research.numerics.arrays import Indices, Matrix, Stack, Vector
from research.numerics.intervals import bootstrap_limits
from research.numerics.relative_importance import (
    all_subsets_r2,
    average_gains,
    complete_dominance,
    gains_by_size,
    relative_weights,
    sweep_out,
)
from research.numerics.resample import draw_counts, product_table, resampled_moments
from research.provenance import seed_sequence
from research.readable import Readable
from research.structure.design import INTERCEPT
from research.structure.regression import regress

if TYPE_CHECKING:
    import pandas as pd

    from research.structure.design import Design

Method = Literal["auto", "lmg", "weights"]
MOST_PREDICTORS = 15  # 2^15 regressions; beyond, Johnson's weights
_NO_VARIANCE = 1e-12  # of a column whose variance in the sample is 1: what rounding leaves of a constant
_BATCH = 2**19  # subsets held at a time while samples are drawn


@dataclass(frozen=True, repr=False, slots=True)
class RelativeImportance(Readable):
    """The shares of R^2, by predictor.

    `table`: `term importance share rank low high share_low share_high first last`: the part of R^2, its share
    of the part that is divided, their bootstrap limits, R^2 alone, and the part lost without the predictor.
    `r2` of all predictors, `r2_controls` of those entered before. `conditional`: rows the number of other
    predictors, columns the predictors, mean gain in R^2. `complete`: 1 where the row's predictor adds more
    than the column's to every subset of the others, 0 where less, 0.5 where neither. Both are empty for the
    method "weights". `orders`: the share of bootstrap samples in which the row outranks the column.
    """

    table: pd.DataFrame
    conditional: pd.DataFrame
    complete: pd.DataFrame
    orders: pd.DataFrame
    method: Literal["lmg", "weights"]
    outcome: str
    r2: float
    r2_controls: float
    n_obs: int
    draws: int
    level: float
    notes: tuple[str, ...] = ()

    @property
    def general(self) -> pd.DataFrame:
        """General dominance: 1 where the row's predictor has the larger importance, 0 where the smaller."""
        import pandas as pd

        names = self.table["term"].tolist()
        value = self.table["importance"].to_numpy(dtype=np.float64)
        square = (np.sign(value[:, None] - value[None, :]) + 1) / 2
        np.fill_diagonal(square, np.nan)
        return pd.DataFrame(square, index=names, columns=names)

    @property
    def conditional_dominance(self) -> pd.DataFrame:
        """1 where the row adds more than the column to every number of others, 0 where less, else 0.5."""
        import pandas as pd

        names = list(self.conditional.columns)
        gains = self.conditional.to_numpy(dtype=np.float64)
        ahead = gains[:, :, None] - gains[:, None, :]
        square = np.where((ahead > 0).all(axis=0), 1.0, np.where((ahead < 0).all(axis=0), 0.0, 0.5))
        np.fill_diagonal(square, np.nan)
        return pd.DataFrame(square, index=names, columns=names)


def relative_importance(
    formula: str,
    data: object,
    method: Method = "auto",
    *,
    controls: Sequence[str] = (),
    bootstrap: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> RelativeImportance:
    """Divide R^2 of a least squares regression among its predictors.

    `method`: "lmg", the mean gain over all orders of entry (Lindeman, Merenda & Gold 1980; the Shapley value
    and general dominance, Azen & Budescu 2003), exact over all subsets, for up to 15 predictors; "weights",
    Johnson's (2000) relative weights, for any number; "auto", lmg where it is possible. A factor C(x) is
    one predictor with all its columns (with "weights", their sum). `controls`: terms of the formula that
    stand in every regression; what they explain is set aside. `bootstrap`: samples of whole rows for
    percentile intervals, 0 for none; same `seed`, same numbers.

    Raises ModelError for products of columns, which have no order of entry without their parts, DataError
    and OptionError as `regress` does.

    >>> import pandas as pd
    >>> answers = pd.DataFrame(
    ...     {"y": [1, 3, 2, 5, 4, 6], "a": [1, 2, 3, 4, 5, 6], "b": [2, 1, 4, 3, 6, 6]}
    ... )
    >>> found = relative_importance("y ~ a + b", answers, bootstrap=0)
    >>> bool(abs(found.table["importance"].sum() - found.r2) < 1e-12)
    True
    """
    _check(method, bootstrap, level)
    fit = regress(formula, data)
    terms, entered, columns = _predictors(fit.design, controls)
    chosen: Literal["lmg", "weights"] = (
        "weights" if method == "weights" or (method == "auto" and len(terms) > MOST_PREDICTORS) else "lmg"
    )
    if chosen == "lmg" and len(terms) > MOST_PREDICTORS:
        raise OptionError(
            f"method='lmg' compares all subsets and takes at most {MOST_PREDICTORS} predictors, here are "
            f"{len(terms)}; use method='weights' or name some of them as controls."
        )
    at = [column for term in (*entered, *terms) for column in columns[term]]
    values = np.column_stack([fit.design.X[:, at], fit.design.y])
    before = sum(len(columns[term]) for term in entered)
    widths = [len(columns[term]) for term in terms]
    r2, r2_controls, subsets = _subsets(np.cov(values.T)[None], before, widths, chosen)
    shares = _shares(np.cov(values.T)[None], before, widths, chosen)[0]
    drawn = _draws(values, before, widths, chosen, bootstrap, seed) if bootstrap else None
    return RelativeImportance(
        table=_table(terms, shares, subsets, drawn, level, r2 - r2_controls),
        conditional=_conditional(terms, subsets),
        complete=_complete(terms, subsets),
        orders=_orders(terms, drawn),
        method=chosen,
        outcome=fit.design.formula.outcome,
        r2=r2,
        r2_controls=r2_controls,
        n_obs=len(values),
        draws=0 if drawn is None else len(drawn),
        level=level,
        notes=fit.notes,
    )


def _check(method: str, bootstrap: int, level: float) -> None:
    if method not in get_args(Method):
        allowed = get_args(Method)
        hint = did_you_mean(str(method), allowed)
        raise OptionError(f"method={method!r} is not known; allowed: {', '.join(allowed)}.{hint}")
    if bootstrap != 0 and bootstrap < 100:
        raise OptionError(f"bootstrap={bootstrap}; an interval needs at least 100 samples, 0 asks for none.")
    if not 0 < level < 1:
        raise OptionError(f"level is {level}; it is a probability between 0 and 1, such as .95.")


def _predictors(
    built: Design, controls: Sequence[str]
) -> tuple[list[str], list[str], dict[str, tuple[int, ...]]]:
    """Terms whose importance is asked for, terms entered before them, and the columns of each."""
    formula = built.formula
    products = [":".join(map(str, term)) for term in formula.terms if len(term) > 1]
    if products:
        raise ModelError(
            f"{formula.text}: the product {products[0]!r} has no importance of its own, because it cannot "
            "enter before its parts; leave it out."
        )
    if not formula.intercept:
        raise ModelError(f"{formula.text}: R^2 around the mean is divided; leave out the leading 0.")
    named = [controls] if isinstance(controls, str) else list(controls)
    columns = {term: at for term, at in built.blocks.items() if term != INTERCEPT}
    unknown = [term for term in named if term not in columns]
    if unknown:
        raise ModelError(
            f"controls name {unknown[0]!r}, which is not a term of {formula.text!r}."
            f"{did_you_mean(unknown[0], columns)}"
        )
    terms = [term for term in columns if term not in named]
    if len(terms) < 2:
        raise ModelError(
            f"{formula.text}: relative importance compares predictors, and "
            f"{'one is' if terms else 'none is'} left beside the controls."
        )
    return terms, named, columns


def _subsets(
    cov: Stack, before: int, widths: Sequence[int], method: str
) -> tuple[float, float, Matrix | None]:
    """R^2 of all predictors, of the controls, and (lmg) of every subset on top of the controls."""
    left = sweep_out(cov, before)
    rest = float(left[0, -1, -1] / cov[0, -1, -1])
    if not rest > 0:
        raise DataError("the controls explain the outcome completely; nothing is left to divide.")
    last = sweep_out(left, sum(widths))
    whole = 1 - float(last[0, -1, -1] / cov[0, -1, -1])
    return whole, 1 - rest, all_subsets_r2(left, widths) * rest if method == "lmg" else None


def _shares(cov: Stack, before: int, widths: Sequence[int], method: str) -> Matrix:
    """The importance of each predictor in every covariance matrix, shape (b, p)."""
    left = sweep_out(cov, before)
    rest = left[:, -1, -1] / cov[:, -1, -1]
    if method == "lmg":
        return average_gains(all_subsets_r2(left, widths), len(widths)) * rest[:, None]
    ends = np.cumsum([0, *widths])[:-1]
    return np.asarray(np.add.reduceat(relative_weights(left), ends, axis=1) * rest[:, None])


def _draws(
    values: Matrix, before: int, widths: Sequence[int], method: str, bootstrap: int, seed: int
) -> Matrix:
    """The importances in `bootstrap` samples of rows, shape (b, p)."""
    table, centre = product_table(values / values.std(axis=0))
    seeds = seed_sequence(seed, "relative importance").spawn(bootstrap)
    size = max(1, min(200, _BATCH >> len(widths) if method == "lmg" else 200))
    parts = []
    for start in range(0, bootstrap, size):
        counts = draw_counts(len(values), seeds[start : start + size])
        cov, _ = resampled_moments(table, centre, counts)
        constant = np.einsum("bii->bi", cov) < _NO_VARIANCE
        cov[constant[:, :, None] | constant[:, None, :]] = 0.0
        parts.append(_shares(cov[~constant[:, -1]], before, widths, method))
    return np.concatenate(parts)


def _table(
    terms: Sequence[str],
    shares: Vector,
    subsets: Matrix | None,
    drawn: Matrix | None,
    level: float,
    total: float,
) -> pd.DataFrame:
    import pandas as pd

    p = len(terms)
    rank: Indices = np.empty(p, dtype=np.intp)
    rank[np.argsort(-shares, kind="stable")] = np.arange(1, p + 1)
    nothing = np.full(p, np.nan)
    low, high, share_low, share_high = (nothing,) * 4
    if drawn is not None:
        low, high = bootstrap_limits(drawn, shares, "percentile", level)
        whole = drawn.sum(axis=1, keepdims=True)
        some = whole[:, 0] > 0  # in a sample of few rows the predictors may explain nothing
        if some.any():
            relative = drawn[some] / whole[some]
            share_low, share_high = bootstrap_limits(relative, shares / total, "percentile", level)
    first, last = nothing, nothing
    if subsets is not None:
        full = (1 << p) - 1
        first = np.array([subsets[0, 1 << i] for i in range(p)])
        last = np.array([subsets[0, full] - subsets[0, full ^ (1 << i)] for i in range(p)])
    frame = pd.DataFrame(
        {
            "term": list(terms),
            "importance": shares,
            "share": shares / total,
            "rank": rank,
            "low": low,
            "high": high,
            "share_low": share_low,
            "share_high": share_high,
            "first": first,
            "last": last,
        }
    )
    return frame if subsets is not None else frame.drop(columns=["first", "last"])


def _conditional(terms: Sequence[str], subsets: Matrix | None) -> pd.DataFrame:
    import pandas as pd

    if subsets is None:
        return pd.DataFrame()
    gains = gains_by_size(subsets, len(terms))[0]
    return pd.DataFrame(gains, columns=list(terms), index=pd.RangeIndex(len(terms), name="others"))


def _complete(terms: Sequence[str], subsets: Matrix | None) -> pd.DataFrame:
    import pandas as pd

    if subsets is None:
        return pd.DataFrame()
    return pd.DataFrame(complete_dominance(subsets, len(terms))[0], index=list(terms), columns=list(terms))


def _orders(terms: Sequence[str], drawn: Matrix | None) -> pd.DataFrame:
    import pandas as pd

    if drawn is None:
        return pd.DataFrame()
    ahead = (drawn[:, :, None] > drawn[:, None, :]).mean(axis=0)
    np.fill_diagonal(ahead, np.nan)
    return pd.DataFrame(ahead, index=list(terms), columns=list(terms))
