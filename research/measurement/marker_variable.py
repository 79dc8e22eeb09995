"""Correlations beyond what a marker variable shares with them: the method of all questions."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from research.estimation.fit import Fit
from research.measurement.factor_models import Attempt, ItemModels, factor_correlations, reported_fit
from research.measurement.rival_models import ALPHA, difference_from
from research.numerics.arrays import Matrix
from research.numerics.correlation import correlation_p

if TYPE_CHECKING:
    import pandas as pd


def adjusted_correlations(cor: Matrix, names: tuple[str, ...], marker: str, n_obs: int) -> pd.DataFrame:
    """Correlations of the other scales less what the marker shares with them, one row a pair.

    r_M is the smallest correlation of the marker with another scale, 0 where that is negative;
    r_adjusted = (r - r_M) / (1 - r_M), t = r_adjusted / sqrt((1 - r_adjusted^2) / (n - 3)) with n - 3 df.
    Lindell & Whitney (2001), eqs. 4 and 5. Columns: `construct other r p r_marker r_adjusted t df p_adjusted`
    and `lost`, whether p rises to .05 or above.
    """
    import pandas as pd

    at = names.index(marker)
    others = [place for place in range(len(names)) if place != at]
    r_marker = max(0.0, float(cor[at, others].min()))
    rows = []
    for i, j in combinations(others, 2):
        r = float(cor[i, j])
        adjusted = (r - r_marker) / (1 - r_marker) if r_marker < 1 else np.nan
        usable = n_obs > 3 and abs(adjusted) < 1  # pairwise correlations may contradict each other
        pair = np.array([[r, adjusted]])
        p, p_adjusted = correlation_p(pair, np.array([[n_obs, n_obs - 1.0]]))[0]
        rows.append(
            {
                "construct": names[i],
                "other": names[j],
                "r": r,
                "p": float(p),
                "r_marker": r_marker,
                "r_adjusted": adjusted,
                "t": adjusted / np.sqrt((1 - adjusted**2) / (n_obs - 3)) if usable else np.nan,
                "df": n_obs - 3,
                "p_adjusted": float(p_adjusted),
                "lost": bool(p < ALPHA <= p_adjusted),
            }
        )
    return pd.DataFrame(rows)


def marker_models(models: ItemModels, marker: str) -> pd.DataFrame:
    """The CFA marker technique of Williams, Hartman & Cavazotte (2010), one row a model.

    "CFA": everything correlates. "Baseline": the marker is uncorrelated with the constructs, its own loadings
    and error variances fixed at those of the CFA. "Method-C": the constructs' items load on the marker
    equally; "Method-U": freely. "Method-R": the better of the two, the constructs' correlations fixed at the
    baseline's. Columns: `model`; those of `reported_fit`; `against chisq_diff df_diff p_diff`; `reading`, ""
    where there is no solution, and `note`.
    """
    import pandas as pd

    blocks = models.blocks
    inside = {name: columns for name, columns in blocks.items() if name != marker}
    factor = models.factors[marker]
    own = [models.line(models.factors[name], columns) for name, columns in inside.items()]
    items = [item for columns in inside.values() for item in columns]
    full = models.attempt(models.lines())
    if full.fit is None or len(blocks[marker]) < 2:
        reason = full.reason or "a marker of one item has no loadings that a CFA could fix."
        return pd.DataFrame([{"model": "CFA", "reading": "", "note": reason}])
    base = [*own, *_fixed(models, full.fit, marker), *_apart(models, inside, factor)]
    baseline = models.attempt(base)
    method_c = models.attempt([*base, models.line(factor, items, "a")])
    method_u = models.attempt([*base, models.line(factor, items)])
    tests = {
        "Method-C": ("Baseline", difference_from(method_c.fit, baseline.fit)),
        "Method-U": ("Method-C", difference_from(method_u.fit, method_c.fit)),
    }
    free = tests["Method-U"][1][2] < ALPHA
    chosen, line = (
        (method_u, models.line(factor, items)) if free else (method_c, models.line(factor, items, "a"))
    )
    method_r = Attempt(None, "the baseline has no solution.")
    if baseline.fit is not None:
        method_r = models.attempt([*base, line, *_held(models, baseline.fit, tuple(inside))])
    tests["Method-R"] = ("Method-U" if free else "Method-C", difference_from(chosen.fit, method_r.fit))
    attempts = {
        "CFA": full,
        "Baseline": baseline,
        "Method-C": method_c,
        "Method-U": method_u,
        "Method-R": method_r,
    }
    return pd.DataFrame([_row(name, attempt, tests.get(name)) for name, attempt in attempts.items()])


_READINGS = {
    "Method-C": ("the marker's method is in the items", "no trace of the marker's method in the items"),
    "Method-U": ("its effects differ between items", "its effects are the same on all items"),
    "Method-R": ("it biases the correlations", "it does not bias the correlations"),
}


def _row(
    name: str, attempt: Attempt, test: tuple[str, tuple[float, float, float]] | None
) -> dict[str, object]:
    row: dict[str, object] = {"model": name}
    if attempt.fit is not None:
        row |= reported_fit(attempt.fit)
    against, (chisq, df, p) = test or ("", (np.nan, np.nan, np.nan))
    reading = ""
    if p == p:
        reading = _READINGS[name][0 if p < ALPHA else 1]
    note = attempt.reason or (
        "" if attempt.fit is None or attempt.fit.admissible else " ".join(attempt.notes)
    )
    return row | {
        "against": against,
        "chisq_diff": chisq,
        "df_diff": df,
        "p_diff": p,
        "reading": reading,
        "note": note,
    }


def _fixed(models: ItemModels, full: Fit, marker: str) -> list[str]:
    """The marker's loadings and error variances at their values in the CFA."""
    table = full.tidy()
    keys = zip(table["lhs"], table["op"], table["rhs"], strict=True)
    value = dict(zip(keys, table["estimate"].to_numpy(dtype=float), strict=True))
    factor = models.factors[marker]
    names = [models.variables[item] for item in models.blocks[marker]]
    loadings = " + ".join(f"{value[factor, '=~', name]:.17g}*{name}" for name in names)
    return [
        f"{factor} =~ {loadings}",
        *(f"{name} ~~ {value[name, '~~', name]:.17g}*{name}" for name in names),
    ]


def _apart(models: ItemModels, inside: dict[str, tuple[str, ...]], factor: str) -> list[str]:
    return [f"{factor} ~~ " + " + ".join(f"0*{models.factors[name]}" for name in inside)]


def _held(models: ItemModels, baseline: Fit, names: tuple[str, ...]) -> list[str]:
    """The constructs' correlations at their values in the baseline."""
    factors = [models.factors[name] for name in names]
    Phi = factor_correlations(baseline, factors)
    pairs = combinations(range(len(factors)), 2)
    return [f"{factors[i]} ~~ {Phi[i, j]:.17g}*{factors[j]}" for i, j in pairs]
