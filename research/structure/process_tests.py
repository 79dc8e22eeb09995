"""Joint tests in a path model: interactions, and all columns of a categorical x together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from research.numerics.arrays import Matrix
from research.numerics.chi_square import chi2_sf
from research.numerics.least_squares import least_squares
from research.numerics.sandwich import f_tail, wald
from research.structure.process_effects import moderators_of, slope_weights
from research.structure.process_probes import Probe, Probes, joint_label
from research.structure.process_system import Equation, System

if TYPE_CHECKING:
    import pandas as pd


def tests_frame(system: System, probes: Probes, total: Equation | None) -> pd.DataFrame:
    """`outcome test terms at r2_change f df1 df2 p`; see `Process.tests`."""
    import pandas as pd

    rows: list[dict[str, object]] = []
    for equation in system.equations:
        highest = highest_products(equation)
        groups = [[term] for term in highest]
        if len(highest) > 1:
            groups.append(highest)
        for group in groups:
            columns = [at for term in group for at in equation.design.blocks[term]]
            rows.append(_row(equation, "interaction", " + ".join(group).replace("`", ""), columns))
        rows += _omnibus(system, equation, probes)
    if total is not None:
        rows += [{**row, "outcome": f"{total.outcome} (total)"} for row in _omnibus(system, total, probes)]
    names = ["outcome", "test", "terms", "at", "r2_change", "f", "df1", "df2", "p"]
    return pd.DataFrame(rows, columns=names)


def highest_products(equation: Equation) -> list[str]:
    """The product terms that are part of no larger product."""
    terms = equation.design.formula.terms
    return [
        ":".join(map(str, term))
        for term in terms
        if len(term) > 1 and not any(set(term) < set(other) for other in terms)
    ]


def _row(equation: Equation, test: str, terms: str, columns: Sequence[int]) -> dict[str, object]:
    """F of a block of columns, and what R^2 loses without it."""
    found = equation.estimates
    if equation.family == "logit":
        lost = float("nan")
    elif len(columns) == 1:
        lost = float(found.unique_r2[columns[0]])
    else:
        rest = least_squares(np.delete(equation.design.X, list(columns), axis=1), equation.design.y).residuals
        centred = equation.design.y - equation.design.y.mean()
        lost = float((rest @ rest - found.residuals @ found.residuals) / (centred @ centred))
    return {"r2_change": lost} | _wald_row(
        equation, test, terms, "", np.eye(len(found.coefficients))[list(columns)]
    )


def _wald_row(equation: Equation, test: str, terms: str, at: str, A: Matrix) -> dict[str, object]:
    """F = (Ab)' [A V A']^-1 (Ab) / rows of A."""
    found = equation.estimates
    df1 = len(A)
    chisq = wald(A @ found.coefficients, A @ found.covariance @ A.T)
    f = chisq / df1
    return {
        "outcome": equation.outcome,
        "test": test,
        "terms": terms,
        "at": at,
        "f": f,
        "df1": df1,
        "df2": found.df,
        "p": chi2_sf(chisq, df1) if np.isinf(found.df) else f_tail(f, df1, found.df),
    }


def _omnibus(system: System, equation: Equation, probes: Probes) -> list[dict[str, object]]:
    """All columns of a categorical x on one outcome, at each combination of what moderates them."""
    x = system.variables[system.x]
    acting = [column for column in x.columns if any(column in parts for parts in equation.factors)]
    if not x.is_coded or not acting:
        return []
    by = moderators_of(system, acting[0], equation.outcome)
    terms = next(
        name for name, places in equation.design.blocks.items() if equation.factors[places[0]] == (acting[0],)
    )
    if not by:
        return [_row(equation, "omnibus", terms, equation.design.blocks[terms])]
    names = [name for name in probes if name in by]
    rows = []
    for chosen in product(*(probes[name] for name in names)):
        at: Mapping[str, Probe] = dict(zip(names, chosen, strict=True))
        point = {column: value for probe in chosen for column, value in probe.columns.items()}
        A = np.array([slope_weights(equation, column, point) for column in acting])
        rows.append({"r2_change": float("nan")} | _wald_row(equation, "omnibus", terms, joint_label(at), A))
    return rows
