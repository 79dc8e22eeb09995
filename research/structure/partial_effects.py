"""What each term of a regression explains: sums of squares, partial and semipartial R², Cohen's f²."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError
from research.numerics.least_squares import least_squares
from research.numerics.sandwich import f_tail, wald
from research.structure.design import INTERCEPT

if TYPE_CHECKING:
    import pandas as pd

    from research.structure.regression import Regression


def partial_effects(fit: Regression, *, sequential: bool = False) -> pd.DataFrame:
    """One row a term, all columns of a factor or product together, and the residuals in the last row.

    `term df ss ms f p semipartial_r2 partial_r2 cohens_f2 rss aic`. Each term is left out of the whole model
    (type III with products uncentred as they stand; R's drop1), or, `sequential`, added to those before it
    (type I, R's anova). semipartial_r2 = ss / total, partial_r2 = ss / (ss + residual), f2 = ss / residual
    (Cohen 1988, eq. 9.2.3). With robust errors f and p are the Wald test of that covariance. `rss` and `aic`
    are those of the model without the term, aic = n log(rss / n) + 2 k, as R's extractAIC. Raises
    OptionError beyond ols.
    """
    import pandas as pd

    if fit.family != "ols":
        raise OptionError(f"sums of squares are those of least squares; this family is {fit.family!r}.")
    X, y, blocks = fit.design.X, fit.design.y, fit.design.blocks
    n, k = X.shape
    residual = fit.estimates.measures["rss"]
    centred = y - y.mean() if INTERCEPT in blocks else y
    total, df2 = float(centred @ centred), n - k
    terms = [term for term in blocks if term != INTERCEPT]
    rows: list[dict[str, object]] = []
    done = list(blocks.get(INTERCEPT, ()))
    last = float(total)
    for term in terms:
        columns = list(blocks[term])
        if sequential:
            done += columns
            now = _rss(X[:, done], y)
            ss, without, last = last - now, last, now
        else:
            without = _rss(np.delete(X, columns, axis=1), y)
            ss = without - residual
        df = len(columns)
        f, p = _f(fit, columns, ss, residual, df2, robust=not sequential)
        kept = k - df if not sequential else len(done) - df
        rows.append(
            {
                "term": term,
                "df": df,
                "ss": ss,
                "ms": ss / df,
                "f": f,
                "p": p,
                "semipartial_r2": ss / total,
                "partial_r2": ss / (ss + residual),
                "cohens_f2": ss / residual if residual > 0 else np.inf,
                "rss": without,
                "aic": n * np.log(without / n) + 2 * kept,
            }
        )
    end = {"term": "Residuals", "df": df2, "ss": residual, "ms": residual / df2, "rss": residual}
    rows.append({**end, "aic": n * np.log(residual / n) + 2 * k if residual > 0 else -np.inf})
    return pd.DataFrame(rows)


def _rss(X: np.ndarray, y: np.ndarray) -> float:
    if not X.shape[1]:
        return float(y @ y)
    left = least_squares(X, y).residuals
    return float(left @ left)


def _f(
    fit: Regression, columns: list[int], ss: float, residual: float, df2: int, *, robust: bool
) -> tuple[float, float]:
    """The F of the sum of squares, or of the Wald test with the fit's robust covariance."""
    df = len(columns)
    if robust and fit.cov_type != "nonrobust":
        b, covariance = fit.estimates.coefficients, fit.estimates.covariance
        f = wald(b[columns], covariance[np.ix_(columns, columns)]) / df
        return f, f_tail(f, df, fit.estimates.df)
    f = ss / df / (residual / df2) if residual > 0 else float("inf")
    return f, f_tail(f, df, df2)
