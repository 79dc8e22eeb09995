"""An unmeasured method factor behind all items: does it help, and how much of the variance is its?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from research.estimation.fit import Fit
from research.measurement.factor_models import Attempt, ItemModels, factor_correlations, reported_fit
from research.measurement.rival_models import difference_from

if TYPE_CHECKING:
    import pandas as pd

METHOD = "m"  # the method factor's name in the model text
START = 0.2
VARIANTS = {"equal": "a", "free": ""}


def method_factor(models: ItemModels, proposed: Attempt) -> pd.DataFrame:
    """The proposed model with a method factor that is uncorrelated with the constructs, one row a variant.

    Every item of a construct with two or more items loads on its own construct and on the method factor:
    with equal loadings (in the items' units), and with free ones. Podsakoff,
    MacKenzie, Lee & Podsakoff (2003). Columns: `variant`; those of `reported_fit`; `chisq_diff df_diff
    p_diff` and `cfi_gain`, against the proposed model; `method_share` and `construct_share`, the mean
    squared standardized loadings on the method factor and on the constructs; `largest_change`, of a
    correlation between constructs; `admissible`, whether the solution is proper; `verdict` ("improves fit",
    "does not improve fit", "no solution") and `note`.
    """
    import pandas as pd

    return pd.DataFrame([_row(models, proposed, variant, label) for variant, label in VARIANTS.items()])


def _row(models: ItemModels, proposed: Attempt, variant: str, label: str) -> dict[str, object]:
    items = [item for columns in models.blocks.values() if len(columns) > 1 for item in columns]
    if len(items) < 3:
        return _nothing(variant, "a method factor needs three items of constructs with two or more.")
    apart = f"{METHOD} ~~ " + " + ".join(f"0*{factor}" for factor in models.factors.values())
    attempt = models.attempt([*models.lines(), models.line(METHOD, items, label), apart])
    restarted = False
    if not label and (attempt.fit is None or not attempt.fit.admissible):
        # the constructs and the method factor start alike: a small method factor finds proper solutions
        again = models.attempt([*models.lines(), _small(models, items), apart])
        if again.fit is not None and again.fit.admissible:
            attempt, restarted = again, True
    if attempt.fit is None:
        return _nothing(variant, attempt.reason)
    fit = attempt.fit
    chisq, df, p = difference_from(fit, proposed.fit)
    method, own = _shares(fit)
    singles = [name for name, columns in models.blocks.items() if len(columns) == 1]
    notes = [f"Single items are left out: {', '.join(singles)}."] if singles else []
    notes += [
        f"From method loadings of {START:g} at the start: others lead to no proper solution."
    ] * restarted
    notes += [] if fit.admissible else attempt.notes or ["The solution is not admissible."]
    gain = change = np.nan
    if proposed.fit is not None:
        gain = float(str(reported_fit(fit)["cfi"])) - float(str(reported_fit(proposed.fit)["cfi"]))
        change = _change(fit, proposed.fit, list(models.factors.values()))
    return {
        "variant": variant,
        **reported_fit(fit),
        "chisq_diff": chisq,
        "df_diff": df,
        "p_diff": p,
        "cfi_gain": gain,
        "method_share": method,
        "construct_share": own,
        "largest_change": change,
        "admissible": fit.admissible,
        "verdict": "improves fit" if p < 0.05 else "does not improve fit" if p == p else "not comparable",
        "note": " ".join(notes),
    }


def _small(models: ItemModels, items: Sequence[str]) -> str:
    return f"{METHOD} =~ " + " + ".join(f"start({START:g})*{models.variables[item]}" for item in items)


def _shares(fit: Fit) -> tuple[float, float]:
    """Mean squared standardized loadings on the method factor and on the constructs."""
    table = fit.standardized()
    rows = table[table["op"] == "=~"]
    squares = rows["estimate"].to_numpy(dtype=float) ** 2
    of_method = (rows["lhs"] == METHOD).to_numpy()
    return float(squares[of_method].mean()), float(squares[~of_method].mean())


def _change(fit: Fit, proposed: Fit, factors: Sequence[str]) -> float:
    apart = np.abs(factor_correlations(fit, factors) - factor_correlations(proposed, factors))
    return float(apart.max())


def _nothing(variant: str, reason: str) -> dict[str, object]:
    return {"variant": variant, "admissible": False, "verdict": "no solution", "note": reason}
