"""Is a least squares regression to be trusted? Its assumptions, row by row and column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, OptionError
from research.numerics import regression_checks as checks
from research.numerics.arrays import Vector
from research.readable import Readable
from research.structure.design import INTERCEPT
from research.structure.diagnostic_words import Verdict, sentence

if TYPE_CHECKING:
    import pandas as pd

    from research.structure.regression import Regression

ALPHA = 0.05
VIF_LIMIT, VIF_MODERATE = 5.0, 3.0  # Hair, Risher, Sarstedt & Ringle (2019)
CONDITION_LIMIT, PROPORTION_LIMIT = 30.0, 0.5  # Belsley, Kuh & Welsch (1980), p. 112
COOK_LIMIT = 1.0  # Cook & Weisberg (1982), p. 118
DURBIN_WATSON = (1.5, 2.5)


@dataclass(frozen=True, repr=False, slots=True)
class Diagnostics(Readable):
    """What was checked.

    `tests`: `check test statistic df1 df2 p verdict value`; check is linearity, variance, independence,
    normality, influence or collinearity, verdict "met", "doubtful", "not met" or "not tested", `value` what a
    sentence quotes besides.
    `rows`: one row of the data used a line, `row fitted residual standardized studentized p_outlier leverage
    cooks_distance dffits`; `row` counts the frame's rows from 1. `collinearity`: `index`, then the share of
    each coefficient's variance. `components`: `term row x partial`, component plus residual of every
    predictor that is a number.
    """

    tests: pd.DataFrame
    rows: pd.DataFrame
    collinearity: pd.DataFrame
    components: pd.DataFrame
    outcome: str

    def sentences(self, lang: str = "en") -> tuple[str, ...]:
        """What each check means for the conclusions, one sentence a test."""
        columns = [self.tests[name].tolist() for name in ("test", "verdict", "p", "statistic", "value")]
        return tuple(
            sentence(str(test), verdict, float(p), float(statistic), str(value))[lang]
            for test, verdict, p, statistic, value in zip(*columns, strict=True)
        )

    def outliers(self) -> pd.DataFrame:
        """Rows with an adjusted p below .05, a Cook's distance above 1, or |DFFITS| above 2 sqrt(k/n)."""
        n, k = len(self.rows), len(self.collinearity)
        flagged: pd.Series[bool] = (
            (self.rows["p_outlier"] < ALPHA)
            | (self.rows["cooks_distance"] > COOK_LIMIT)
            | (self.rows["dffits"].abs() > 2 * np.sqrt(k / n))
        )
        return self.rows[flagged].reset_index(drop=True)


def diagnostics(fit: Regression) -> Diagnostics:
    """Check a regression by `regress`.

    Linearity by RESET; equal variances by Breusch-Pagan (Koenker's form) and White; unrelated errors by
    Durbin-Watson, which means something only where the order of rows does; normal errors by Jarque-Bera and
    Shapiro-Wilk; influence by Cook's distance, DFFITS and studentized residuals (Bonferroni); collinearity
    by VIF and condition indices. Raises OptionError for another family than ols, DataError for a perfect fit.

    >>> import numpy as np, pandas as pd
    >>> from research.structure.regression import regress
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame({"x": rng.normal(size=80)}).assign(y=lambda d: d["x"] + rng.normal(size=80))
    >>> diagnostics(regress("y ~ x", answers)).tests["verdict"].unique().tolist()
    ['met']
    """
    if fit.family != "ols":
        raise OptionError(
            f"diagnostics are those of least squares; this regression is of family {fit.family!r}."
        )
    built, found = fit.design, fit.estimates
    residuals, fitted = found.residuals, found.fitted
    scale = float(np.abs(built.y).max())
    if float(np.abs(residuals).max()) <= 1e-10 * scale:
        raise DataError(
            f"{built.formula.text} fits without any error: the outcome is a combination of the predictors, "
            "and there are no residuals to check."
        )
    pull = checks.influence(residuals, found.leverage, built.X.shape[1])
    index, shares = checks.condition_indices(built.X)
    import pandas as pd

    labels = _labels(fit)
    rows = pd.DataFrame(
        {
            "row": labels,
            "fitted": fitted,
            "residual": residuals,
            "standardized": pull.standardized,
            "studentized": pull.studentized,
            "p_outlier": pull.p_outlier,
            "leverage": pull.leverage,
            "cooks_distance": pull.cooks_distance,
            "dffits": pull.dffits,
        }
    )
    collinearity = pd.DataFrame(shares, columns=list(built.names))
    collinearity.insert(0, "index", index)
    return Diagnostics(
        tests=pd.DataFrame(
            [*_tests(fit), *_of_rows(rows, len(built.names)), *_of_columns(fit, index, shares)]
        ),
        rows=rows,
        collinearity=collinearity,
        components=_components(fit, labels),
        outcome=built.formula.outcome,
    )


def _labels(fit: Regression) -> list[int]:
    """Which rows of the frame were used, counted from 1."""
    return [int(at) + 1 for at in np.flatnonzero(fit.design.used)]


def _tests(fit: Regression) -> list[dict[str, object]]:
    X, y, residuals = fit.design.X, fit.design.y, fit.estimates.residuals
    rows = []
    for check, test, found in (
        ("linearity", "reset", checks.reset(X, y, fit.estimates.fitted)),
        ("variance", "breusch_pagan", checks.breusch_pagan(X, residuals)),
        ("variance", "white", checks.white(X, residuals)),
        ("normality", "jarque_bera", checks.jarque_bera(residuals)),
        ("normality", "shapiro_wilk", checks.shapiro_wilk(residuals)),
    ):
        robust = check == "variance" and fit.cov_type != "nonrobust"
        verdict: Verdict = "not tested" if np.isnan(found.p) else "met" if found.p >= ALPHA else "not met"
        rows.append(_row(check, test, found, verdict, fit.cov_type if robust else ""))
    statistic = checks.durbin_watson(residuals)
    inside = DURBIN_WATSON[0] <= statistic <= DURBIN_WATSON[1]
    rows.insert(
        3, _row("independence", "durbin_watson", checks.Check(statistic), "met" if inside else "doubtful")
    )
    return rows


def _of_rows(rows: pd.DataFrame, k: int) -> list[dict[str, object]]:
    """The strongest pull, and the largest studentized residual."""
    cook, outlier = rows["cooks_distance"].to_numpy(), rows["studentized"].abs().to_numpy()
    if np.isnan(cook).all():
        return []
    strongest = int(np.nanargmax(cook))
    pull: Verdict = "not met" if cook[strongest] > COOK_LIMIT else "met"
    df = len(rows) - k - 1
    if np.isnan(outlier).all():
        nothing = _row("influence", "outlier", checks.Check(float("nan")), "not tested")
        return [_cook(cook, strongest, pull, rows), nothing]
    farthest = int(np.nanargmax(outlier))
    p = float(rows["p_outlier"].iloc[farthest])
    return [
        _cook(cook, strongest, pull, rows),
        _row(
            "influence",
            "outlier",
            checks.Check(float(outlier[farthest]), p, df1=df),
            "doubtful" if p < ALPHA else "met",
            f"{rows['row'].iloc[farthest]}",
        ),
    ]


def _cook(cook: Vector, at: int, verdict: Verdict, rows: pd.DataFrame) -> dict[str, object]:
    found = checks.Check(float(cook[at]))
    return _row("influence", "cooks_distance", found, verdict, f"{rows['row'].iloc[at]}")


def _of_columns(fit: Regression, index: Vector, shares: np.ndarray) -> list[dict[str, object]]:
    """The largest VIF and condition index, with the columns that they concern."""
    names = fit.design.names
    vif = fit.tidy()["vif"].to_numpy(dtype=np.float64)
    rows = []
    if len(names) > 1 and not np.isnan(vif).all():
        at = int(np.nanargmax(vif))
        size: Verdict = "not met" if vif[at] > VIF_LIMIT else "doubtful" if vif[at] > VIF_MODERATE else "met"
        rows.append(_row("collinearity", "vif", checks.Check(float(vif[at])), size, names[at]))
    tied = [
        name
        for name, share in zip(names, shares[-1], strict=True)
        if share > PROPORTION_LIMIT and name != INTERCEPT
    ]
    near = index[-1] > CONDITION_LIMIT
    verdict: Verdict = "not met" if near and len(tied) > 1 else "doubtful" if near else "met"
    rows.append(
        _row(
            "collinearity",
            "condition_index",
            checks.Check(float(index[-1])),
            verdict,
            ", ".join(tied if near else []),
        )
    )
    return rows


def _row(check: str, test: str, found: checks.Check, verdict: Verdict, value: str = "") -> dict[str, object]:
    return {
        "check": check,
        "test": test,
        "statistic": found.statistic,
        "df1": found.df1,
        "df2": found.df2,
        "p": found.p,
        "verdict": verdict,
        "value": value,
    }


def _components(fit: Regression, labels: list[int]) -> pd.DataFrame:
    """b x + residual of every single predictor that is a number (Ezekiel 1924; Larsen & McCleary 1972)."""
    import pandas as pd

    built = fit.design
    parts = []
    for term in built.formula.terms:
        if len(term) == 1 and not term[0].categorical:
            name = str(term[0])
            at = built.blocks[name][0]
            x = built.X[:, at]
            partial = fit.estimates.coefficients[at] * (x - x.mean()) + fit.estimates.residuals
            parts.append(pd.DataFrame({"term": name, "row": labels, "x": x, "partial": partial}))
    return (
        pd.concat(parts, ignore_index=True)
        if parts
        else pd.DataFrame(columns=["term", "row", "x", "partial"])
    )
