"""Regression from a formula: one call, one result, whatever the family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.numerics.arrays import Indices, Mask, Vector
from research.readable import Readable, block
from research.responses.columns import group_labels
from research.structure.design import INTERCEPT, Design, complete_rows, design
from research.structure.estimates import CovType, Estimates, ols, variance_inflation
from research.structure.formula import parse_formula
from research.structure.likelihood_models import binary_or_count, ordinal
from research.structure.scores import regression_frame
from research.structure.witness import RegressionVerification, verify_ols

if TYPE_CHECKING:
    import pandas as pd

    from research.structure.classification import Classification
    from research.structure.diagnostics import Diagnostics

Family = Literal["ols", "logit", "probit", "poisson", "ordinal", "ordinal_probit"]
SHOWN = (
    "r2",
    "adj_r2",
    "f",
    "chisq",
    "df1",
    "df2",
    "p",
    "mcfadden",
    "nagelkerke",
)  # of the measures, by repr


@dataclass(frozen=True, repr=False, slots=True)
class Regression(Readable):
    """An estimated regression. `notes` say what a reader has to know, such as rows left out."""

    design: Design
    family: Family
    cov_type: CovType
    level: float
    estimates: Estimates
    notes: tuple[str, ...] = ()
    clusters: Indices | None = None

    def __repr__(self) -> str:
        """The formula, what it explains, the coefficients and the notes."""
        title = f"{self.family}: {self.design.formula.text}; {len(self.design.y)} rows"
        errors = {} if self.cov_type == "nonrobust" else {"standard errors": self.cov_type}
        measures = {name: value for name, value in self.measures().items() if name in SHOWN}
        return block(self, title, {"fit": measures, **errors, "terms": self.tidy(), "notes": self.notes})

    def tidy(self) -> pd.DataFrame:
        """One row a coefficient: `term estimate se statistic p low high beta vif`.

        `statistic` is t (ols) or z. `beta` is the estimate in standard deviations of outcome and
        predictor, b * sd(x) / sd(y), for ols; NaN for the intercept and for the other families. `vif`
        is the variance inflation factor of the column. Thresholds of an ordinal model stand last.
        """
        import pandas as pd

        found = self.estimates
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = found.coefficients / found.se
        reach = critical_value(self.level, found.df) * found.se
        beta, vif = self._beta_and_vif()
        return pd.DataFrame(
            {
                "term": [*self.terms, *found.cut_names],
                "estimate": found.coefficients,
                "se": found.se,
                "statistic": statistic,
                "p": two_sided_p(statistic, found.df),
                "low": found.coefficients - reach,
                "high": found.coefficients + reach,
                "beta": beta,
                "vif": vif,
            }
        )

    def measures(self) -> dict[str, float]:
        """Measures by name.

        Always n_obs, n_dropped, df1, p, loglik, aic, bic; for ols r2 adj_r2 f df2 sigma rss cohens_f2; for
        the others chisq (likelihood ratio) loglik_null deviance null_deviance mcfadden cox_snell nagelkerke.
        """
        return {**self.estimates.measures, "n_dropped": float(self.design.n_dropped)}

    def effect_sizes(self, *, sequential: bool = False) -> pd.DataFrame:
        """What each term of the formula explains: `term df ss ms f p semipartial_r2 partial_r2 cohens_f2`.

        See `partial_effects`; for ols.
        """
        from research.structure.partial_effects import partial_effects

        return partial_effects(self, sequential=sequential)

    def diagnostics(self) -> Diagnostics:
        """Linearity, variances, independence, normality, influence and collinearity; for ols."""
        from research.structure.diagnostics import diagnostics

        return diagnostics(self)

    def ratios(self, *, profile: bool = False) -> pd.DataFrame:
        """Odds or rate ratios with intervals: `term estimate low high ratio ratio_low ratio_high`.

        See `coefficient_ratios`; for the families other than ols.
        """
        from research.structure.coefficient_ratios import coefficient_ratios

        return coefficient_ratios(self, profile=profile)

    def classification(self, cut: float = 0.5) -> Classification:
        """How well a logit or probit tells the answers apart: AUC, table, sensitivity, Hosmer-Lemeshow."""
        from research.structure.classification import classification

        return classification(self, cut)

    def verify(self) -> RegressionVerification:
        """Re-estimate least squares with statsmodels; how far the two lie apart."""
        return verify_ols(self.design, self.estimates, self.cov_type, self.clusters)

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the columns that have a coefficient."""
        return tuple(n for n in self.design.names if n != INTERCEPT or not self.family.startswith("ordinal"))

    def _beta_and_vif(self) -> tuple[Vector, Vector]:
        X, names = self.design.X, self.design.names
        intercept = INTERCEPT in names
        vif = variance_inflation(X, intercept)
        beta = np.full(len(self.estimates.coefficients), np.nan)
        if self.family == "ols":
            beta = self.estimates.coefficients * X.std(axis=0) / self.design.y.std()
            if intercept:
                beta[0] = np.nan
        elif self.family.startswith("ordinal"):
            vif = np.concatenate([vif[1:], np.full(len(self.estimates.cut_names), np.nan)])
        return beta, vif


def regress(
    formula: str,
    data: object,
    family: Family = "ols",
    cov_type: CovType = "nonrobust",
    *,
    cluster: str | None = None,
    level: float = 0.95,
) -> Regression:
    """Regress an outcome on the terms of a formula.

    `formula`: `outcome ~ terms` with names, `+`, `:`, `*`, `C(name)` for categories, and a leading
    `0 +` for no intercept; it is parsed, never evaluated. `data`: a frame, or Responses, whose
    constructs enter as scale scores (means of their items). Rows with a missing value in any of the
    columns are left out, counted in `measures()["n_dropped"]` and said in `notes`.
    `family`: ols, logit, probit, poisson, ordinal (cumulative logit) or ordinal_probit.
    `cov_type`: nonrobust, HC0 to HC4 (t with n - k df), or cluster with the name of the `cluster`
    column (t with G - 1 df); beyond ols: nonrobust, HC0, HC1 or cluster.

    Raises ModelError for a formula that cannot be read, DataError for unknown, constant or collinear
    columns or too few rows, OptionError for an unknown option.

    >>> import pandas as pd
    >>> answers = pd.DataFrame({"trust": [1, 2, 3, 4, 5], "loyalty": [2, 2, 4, 4, 6]})
    >>> regress("loyalty ~ trust", answers).tidy()["estimate"].round(3).tolist()
    [0.6, 1.0]
    """
    check_options(family, cov_type, cluster, level)
    parsed = parse_formula(formula)
    frame = regression_frame(data)
    used = complete_rows(parsed.names if cluster is None else (*parsed.names, cluster), frame)
    return fit_rows(formula, frame, used, family, cov_type, cluster, level)


def fit_rows(
    formula: str,
    frame: pd.DataFrame,
    used: Mask,
    family: Family,
    cov_type: CovType,
    cluster: str | None,
    level: float,
) -> Regression:
    """A regression on chosen rows of a frame; `regress` and `hierarchical` share it."""
    built = design(parse_formula(formula), frame, used)
    clusters = None if cluster is None else _cluster_codes(frame.loc[used], cluster)
    estimates = _estimate(built, family, cov_type, clusters)
    notes = estimates.notes
    if built.n_dropped:
        notes = (
            f"{built.n_dropped} of {len(used)} rows were left out: a value is missing in one of the columns.",
            *notes,
        )
    return Regression(built, family, cov_type, level, estimates, notes, clusters)


def critical_value(level: float, df: float) -> float:
    """The two-sided quantile of t with `df` degrees of freedom, of the normal where df is infinite."""
    from scipy.special import ndtri, stdtrit

    return float(ndtri((1 + level) / 2) if np.isinf(df) else stdtrit(df, (1 + level) / 2))


def two_sided_p(statistic: Vector, df: float) -> Vector:
    """P(|T| > |statistic|)."""
    from scipy.special import ndtr, stdtr

    below = -np.abs(statistic)
    return np.asarray(2 * (ndtr(below) if np.isinf(df) else stdtr(df, below)), dtype=np.float64)


def _estimate(built: Design, family: Family, cov_type: CovType, clusters: Indices | None) -> Estimates:
    intercept = INTERCEPT in built.names
    if family == "ols":
        return ols(built.X, built.y, intercept=intercept, cov_type=cov_type, clusters=clusters)
    if family == "ordinal" or family == "ordinal_probit":
        if not intercept:
            raise OptionError(
                f"the thresholds of family={family!r} are its intercepts; leave out the leading 0 in "
                f"{built.formula.text!r}."
            )
        if built.X.shape[1] == 1:
            raise DataError(f"{built.formula.text}: an ordinal regression needs at least one predictor.")
        return ordinal(built.X[:, 1:], built.y, family, cov_type, clusters)
    return binary_or_count(built.X, built.y, family, cov_type, clusters, intercept=intercept)


def check_options(family: str, cov_type: str, cluster: str | None, level: float) -> None:
    """Raise OptionError for an option or a combination that is not known."""
    for what, value, allowed in (
        ("family", family, get_args(Family)),
        ("cov_type", cov_type, get_args(CovType)),
    ):
        if value not in allowed:
            raise OptionError(
                f"{what}={value!r} is not known; allowed: {', '.join(allowed)}.{_near(value, allowed)}"
            )
    if (cov_type == "cluster") != (cluster is not None):
        raise OptionError("cov_type='cluster' and cluster='column name' are given together.")
    if not 0 < level < 1:
        raise OptionError(f"level is {level}; it is a probability between 0 and 1, such as .95.")


def _near(value: object, allowed: Sequence[str]) -> str:
    return did_you_mean(str(value), allowed)


def _cluster_codes(rows: pd.DataFrame, cluster: str) -> Indices:
    codes = np.unique(group_labels(rows, cluster), return_inverse=True)[1].astype(np.intp)
    if codes.max() < 1:
        raise DataError(f"cluster column {cluster!r} holds one cluster only; at least two are needed.")
    return codes
