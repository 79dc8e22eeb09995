"""Are the answers normal enough for maximum likelihood? By item, and jointly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError
from research.measurement.dimensionality import invertible_correlations
from research.measurement.inputs import ItemData, item_data
from research.numerics import normality as compute
from research.numerics.normality import Mardia
from research.readable import Readable
from research.responses.describe import kurtosis, se_kurtosis, se_skewness, skewness

if TYPE_CHECKING:
    import pandas as pd

OUTLYING = 0.001  # p of a Mahalanobis distance; Tabachnick & Fidell (2013, ch. 4)
SHAPIRO_MOST = 5000  # above it scipy's p of Shapiro-Wilk is not reliable


@dataclass(frozen=True, repr=False, slots=True)
class Normality(Readable):
    """`items`: a row an item; `mardia`: the joint coefficients; `distances`: squared Mahalanobis distances.

    `items` has `n mean se sd median trimmed mad min max skewness se_skewness z_skewness kurtosis se_kurtosis
    z_kurtosis skewness_moment kurtosis_moment w p`: `trimmed` leaves out a tenth on either side, `mad` is the
    median absolute deviation times 1.4826; G1 and G2 as SPSS and SAS print them, with their standard errors
    under normality and z = G / SE; the moment versions of psych; Shapiro-Wilk's W with its p (NaN above 5,000
    rows). `distances` (`distance`, and `p` from chi-square with as many df
    as items) has the complete rows, labelled as in the data.
    """

    items: pd.DataFrame
    mardia: Mardia
    distances: pd.DataFrame
    notes: tuple[str, ...] = ()


def normality(
    data: object, items: Iterable[str] | None = None, *, divisor: Literal["n-1", "n"] = "n-1"
) -> Normality:
    """Univariate and multivariate normality of items (all columns, where None).

    `divisor`: of the covariance in Mardia's coefficients; n - 1 is what psych and semTools take, n what
    Mardia (1970) wrote. Raises DataError where only moments are given, or an item is an exact combination
    of the others.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.normality(answers, ["trust1", "trust2", "trust3"])
    >>> found.items.loc["trust1", ["skewness", "kurtosis", "w"]].astype(float).round(2).tolist()
    [0.08, -0.34, 0.91]
    """
    import pandas as pd
    from scipy.special import gammaincc

    from research.responses.columns import as_pandas

    found = item_data(data, items)
    complete, names = found.complete(), found.names
    if len(complete) <= len(names):
        raise DataError(
            f"{len(complete)} complete rows are too few for {len(names)} items; there must be more."
        )
    n = len(complete)
    invertible_correlations(ItemData(names, complete, found.complete_covariance(), n, n))
    distance = compute.mahalanobis(complete)
    whole = as_pandas(data)
    rows = whole.index[whole[list(names)].notna().all(axis=1)]
    tail = gammaincc(len(names) / 2, distance / 2)
    distances = pd.DataFrame({"distance": distance, "p": tail}, index=rows)
    notes = []
    if left_out := found.n_obs - found.n_complete:
        notes.append(f"{left_out} of {found.n_obs} rows miss an answer and are not in the joint test.")
    if far := int((distances["p"] < OUTLYING).sum()):
        notes.append(f"{far} of {n} rows lie far from the rest (Mahalanobis distance, p < .001).")
    return Normality(_by_item(found), compute.mardia(complete, divisor), distances, tuple(notes))


def _by_item(items: ItemData) -> pd.DataFrame:
    import pandas as pd
    from scipy.stats import shapiro, trim_mean

    rows = {}
    values = items.values if items.values is not None else np.empty((0, len(items.names)))
    for name, column in zip(items.names, values.T, strict=True):
        x = column[~np.isnan(column)]
        sd, middle = float(x.std(ddof=1)), float(np.median(x))
        g1, g2 = skewness(x), kurtosis(x)
        w, p = (np.nan, np.nan)
        if 3 <= len(x) <= SHAPIRO_MOST:
            tested = shapiro(x)
            w, p = float(tested.statistic), float(tested.pvalue)
        rows[name] = {
            "n": len(x),
            "mean": float(x.mean()),
            "se": sd / len(x) ** 0.5,
            "sd": sd,
            "median": middle,
            "trimmed": float(trim_mean(x, 0.1)),
            "mad": 1.4826 * float(np.median(np.abs(x - middle))),
            "min": float(x.min()),
            "max": float(x.max()),
            "skewness": g1,
            "se_skewness": se_skewness(len(x)),
            "z_skewness": g1 / se_skewness(len(x)),
            "kurtosis": g2,
            "se_kurtosis": se_kurtosis(len(x)),
            "z_kurtosis": g2 / se_kurtosis(len(x)),
            "skewness_moment": compute.moment_skewness(x),
            "kurtosis_moment": compute.moment_kurtosis(x),
            "w": w,
            "p": p,
        }
    return pd.DataFrame.from_dict(rows, orient="index")
