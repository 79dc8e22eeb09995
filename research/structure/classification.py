"""How well a regression of a yes-or-no answer tells the two apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError
from research.numerics.arrays import Vector
from research.numerics.chi_square import chi2_sf

if TYPE_CHECKING:
    import pandas as pd

    from research.structure.regression import Regression


@dataclass(frozen=True, slots=True)
class Classification:
    """`table`: counts, rows predicted 0 and 1, columns observed 0 and 1.

    `auc`: the probability that a row with 1 is fitted a larger probability than a row with 0.
    `hosmer_lemeshow`: chi-square, df and p of ten groups.
    """

    table: pd.DataFrame
    accuracy: float
    sensitivity: float
    specificity: float
    auc: float
    hosmer_lemeshow: tuple[float, float, float]


def classification(fit: Regression, cut: float = 0.5) -> Classification:
    """Fitted probabilities against the answers; 1 is predicted above `cut`. For logit and probit.

    AUC from ranks (Hanley & McNeil 1982). Hosmer & Lemeshow (1980): deciles of the fitted probabilities, df =
    groups - 2; NaN where they make fewer than three groups.
    """
    import pandas as pd
    from scipy.stats import rankdata

    if fit.family not in ("logit", "probit"):
        raise OptionError(f"answers are told apart by family 'logit' or 'probit', not {fit.family!r}.")
    y, fitted = fit.design.y, fit.estimates.fitted
    predicted = fitted > cut
    counts = np.array([[((predicted == p) & (y == o)).sum() for o in (0, 1)] for p in (False, True)])
    ones, zeros = float((y == 1).sum()), float((y == 0).sum())
    ranks = np.asarray(rankdata(fitted), dtype=np.float64)
    return Classification(
        table=pd.DataFrame(
            counts, index=["predicted 0", "predicted 1"], columns=["observed 0", "observed 1"]
        ),
        accuracy=float(counts.trace() / counts.sum()),
        sensitivity=float(counts[1, 1] / ones),
        specificity=float(counts[0, 0] / zeros),
        auc=float((ranks[y == 1].sum() - ones * (ones + 1) / 2) / (ones * zeros)),
        hosmer_lemeshow=_hosmer_lemeshow(y, fitted),
    )


def _hosmer_lemeshow(y: Vector, fitted: Vector, groups: int = 10) -> tuple[float, float, float]:
    edges = np.unique(np.quantile(fitted, np.linspace(0, 1, groups + 1)))
    at = np.clip(np.searchsorted(edges, fitted, side="left") - 1, 0, len(edges) - 2)
    n = np.bincount(at, minlength=len(edges) - 1).astype(np.float64)
    observed, expected = (np.bincount(at, weights=w, minlength=len(edges) - 1) for w in (y, fitted))
    some = n > 0
    n, observed, expected = n[some], observed[some], expected[some]
    if len(n) < 3:
        return float("nan"), float("nan"), float("nan")
    spread = expected * (1 - expected / n)
    statistic = float(((observed - expected) ** 2 / np.maximum(spread, 1e-300)).sum())
    return statistic, float(len(n) - 2), chi2_sf(statistic, len(n) - 2)
