"""Regression in steps: what each block of predictors adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ModelError
from research.numerics.chi_square import chi2_sf
from research.numerics.sandwich import f_tail, wald
from research.readable import Readable
from research.structure.design import complete_rows
from research.structure.estimates import CovType
from research.structure.formula import Formula, parse_formula
from research.structure.regression import Family, Regression, check_options, fit_rows
from research.structure.scores import regression_frame

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, slots=True)
class Hierarchical(Readable):
    """Nested regressions on the same rows.

    `steps`: one row a step: `step formula added n_obs r2 adj_r2 delta_r2 delta_f df1 df2 p partial_r2
    cohens_f2`; the change of the first step is against the model without predictors, `partial_r2` and
    `cohens_f2` are of what the step adds (Cohen 1988, eq. 9.2.3). Beyond ols: `step formula added n_obs
    loglik aic mcfadden nagelkerke delta_chisq df1 p`. `fits`: the regressions.
    """

    fits: tuple[Regression, ...]
    steps: pd.DataFrame
    notes: tuple[str, ...] = ()

    def tidy(self) -> pd.DataFrame:
        """The coefficients of all steps: `step` before the columns of `Regression.tidy()`."""
        import pandas as pd

        tables = [fit.tidy().assign(step=number) for number, fit in enumerate(self.fits, start=1)]
        table = pd.concat(tables, ignore_index=True)
        return table[["step", *(column for column in table.columns if column != "step")]]


def hierarchical(
    formulas: Sequence[str],
    data: object,
    cov_type: CovType = "nonrobust",
    *,
    family: Family = "ols",
    cluster: str | None = None,
    level: float = 0.95,
) -> Hierarchical:
    """Regressions in steps, every step with all terms of the one before it.

    All steps use the rows that are complete in the columns of all formulas, so that their R^2 can be
    compared. `delta_f` is the F test of the terms that a step adds: the change in the residual sum
    of squares without robust errors (F = (dR2/df1) / ((1 - R2)/df2)), a Wald test with the covariance
    asked for otherwise. `delta_chisq`, of the other families of `regress`, is the likelihood ratio or that
    Wald test. Raises ModelError where a step lacks a term of the step before it or has another outcome.

    `data`, `cov_type`, `family`, `cluster` and `level` as in `regress`.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.hierarchical(["loyalty ~ trust", "loyalty ~ trust + satisfaction"], answers)
    >>> found.steps["r2"].round(2).tolist(), found.steps["delta_r2"].round(2).tolist()
    ([0.12, 0.22], [0.12, 0.1])
    """
    check_options(family, cov_type, cluster, level)
    if isinstance(formulas, str) or not formulas:
        raise ModelError("hierarchical() takes a list of formulas, one a step.")
    parsed = [parse_formula(text) for text in formulas]
    _check_nested(parsed)
    frame = regression_frame(data)
    names = tuple(dict.fromkeys(name for formula in parsed for name in formula.names))
    used = complete_rows(names if cluster is None else (*names, cluster), frame)
    fits = tuple(fit_rows(text, frame, used, family, cov_type, cluster, level) for text in formulas)
    notes = tuple(dict.fromkeys(note for fit in fits for note in fit.notes))
    return Hierarchical(fits, _steps(parsed, fits), notes)


def _check_nested(parsed: Sequence[Formula]) -> None:
    for number, (before, after) in enumerate(pairwise(parsed), start=2):
        if after.outcome != before.outcome:
            raise ModelError(
                f"step {number} explains {after.outcome!r}, the step before it {before.outcome!r}."
            )
        if after.intercept != before.intercept:
            raise ModelError(f"step {number} and the step before it differ in the intercept.")
        kept = {frozenset(term) for term in after.terms}
        lost = [":".join(map(str, term)) for term in before.terms if frozenset(term) not in kept]
        if lost:
            raise ModelError(
                f"step {number} leaves out {lost[0]!r} of the step before it; steps only add terms."
            )
        if len(after.terms) == len(before.terms):
            raise ModelError(f"step {number} adds nothing to the step before it.")


def _steps(parsed: Sequence[Formula], fits: Sequence[Regression]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for number, (formula, fit) in enumerate(zip(parsed, fits, strict=True), start=1):
        known = {frozenset(term) for term in parsed[number - 2].terms} if number > 1 else set()
        added = [":".join(map(str, term)) for term in formula.terms if frozenset(term) not in known]
        before = fits[number - 2] if number > 1 else None
        change = _explained(before, fit, added) if fit.family == "ols" else _likelier(before, fit, added)
        keys = {"step": number, "formula": formula.text, "added": ", ".join(added)}
        rows.append({**keys, "n_obs": int(fit.measures()["n_obs"]), **change})
    return pd.DataFrame(rows)


def _explained(before: Regression | None, fit: Regression, added: Sequence[str]) -> dict[str, float]:
    """The R^2 of a step of least squares, and what it adds."""
    measures = fit.measures()
    r2, r2_before = measures["r2"], before.measures()["r2"] if before else 0.0
    delta = r2 - r2_before
    return {
        "r2": r2,
        "adj_r2": measures["adj_r2"],
        "delta_r2": delta,
        **_change(fit, added, delta, r2),
        "partial_r2": delta / (1 - r2_before) if r2_before < 1 else np.nan,
        "cohens_f2": delta / (1 - r2) if r2 < 1 else np.inf,
    }


def _likelier(before: Regression | None, fit: Regression, added: Sequence[str]) -> dict[str, float]:
    """The likelihood of a step, and the chi-square test of what it adds."""
    measures = fit.measures()
    columns = _columns(fit, added)
    if not columns:
        chisq = np.nan
    elif fit.cov_type == "nonrobust":
        less = before.measures()["loglik"] if before else measures["loglik_null"]
        chisq = 2 * (measures["loglik"] - less)
    else:
        chisq = _wald(fit, columns)
    names = ("loglik", "aic", "mcfadden", "nagelkerke")
    p = chi2_sf(chisq, len(columns)) if columns else np.nan
    return {name: measures[name] for name in names} | {"delta_chisq": chisq, "df1": len(columns), "p": p}


def _columns(fit: Regression, added: Sequence[str]) -> list[int]:
    """Places of the coefficients of terms; those of an ordinal model start after its constant."""
    shift = 1 if fit.family.startswith("ordinal") else 0
    return [column - shift for term in added for column in fit.design.blocks[term]]


def _wald(fit: Regression, columns: list[int]) -> float:
    found = fit.estimates
    return wald(found.coefficients[columns], found.covariance[np.ix_(columns, columns)])


def _change(fit: Regression, added: Sequence[str], delta: float, r2: float) -> dict[str, float]:
    """The F test of the columns that a step adds."""
    columns = _columns(fit, added)
    df1, df2 = len(columns), fit.estimates.df
    if not df1:
        return {"delta_f": np.nan, "df1": 0, "df2": df2, "p": np.nan}
    if fit.cov_type == "nonrobust":
        f = delta / df1 / ((1 - r2) / df2) if r2 < 1 else float("inf")
    else:
        f = _wald(fit, columns) / df1
    return {"delta_f": f, "df1": df1, "df2": df2, "p": f_tail(f, df1, df2)}
