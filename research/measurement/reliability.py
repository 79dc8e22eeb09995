"""Does each scale measure with little error? Alpha, omega, composite reliability, variance extracted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.measurement.inputs import (
    Constructs,
    ItemData,
    checked_constructs,
    scale_data,
    split_groups,
)
from research.measurement.loadings import MeasurementModel, measurement_model
from research.measurement.scale_notes import scale_notes
from research.numerics import factor_reliability as factors
from research.numerics import reliability as compute
from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import normal_quantile

if TYPE_CHECKING:
    import pandas as pd


def reliability(
    data: object,
    constructs: Constructs,
    reverse: Iterable[str] = (),
    *,
    n_obs: int | None = None,
    group: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Reliability and convergent validity, one row a construct, labelled by its name.

    `data`: Responses, a frame of answers, Moments, or a square frame of covariances or correlations with
    `n_obs`; `constructs`: {name: [items]}; `reverse`: items to turn first (those of Responses are turned
    already). Columns:

    - `n_items`, `n_obs` (rows with at least one answer of the construct), `n_complete` (rows of the CFA)
    - `alpha`, `alpha_low`, `alpha_high`: Cronbach's raw alpha from pairwise covariances, with the
      interval of Feldt (1965). Where answers are missing, its n is that of the pair of items with the fewest
      rows in common: the interval is then rather too wide than too narrow (psych takes all rows).
    - `alpha_std`: alpha of the correlations; `alpha_se`: Duhachek & Iacobucci (2004); `lambda6`: Guttman's
      of the correlations; `average_r`, `median_r`: correlations between the items; `signal_noise`: k r / (1 -
      r)
    - `omega_total`: (sum lambda)^2 / observed variance of the sum, McDonald (1999); `omega_implied`: the same
      over the variance that the model implies
    - `cr`, `cr_low`, `cr_high`: composite reliability rho_C of the completely standardized loadings, with the
      interval of the delta method, Raykov (2002)
    - `rho_a`: of the sum whose weights are the standardized loadings, Dijkstra & Henseler (2015); PLS
      programs take the mode A weights of their path model in their place: see `rho_a`
    - `max_reliability`: coefficient H, of the best weighted sum, Hancock & Mueller (2001)
    - `ave`, `ave_low`, `ave_high`: mean squared standardized loading (Fornell & Larcker 1981);
      `ave_weighted`: with every item weighted by its variance, as semTools prints it
    - `scale_mean`, `scale_sd`: of the mean of the items (NaN where only a matrix is given: the mean)
    - `group`: only where `group` names a column: everything is computed within its groups, in the order of
      their appearance
    - `note`: what a reader has to know, "" where nothing; it names an item that is keyed the wrong way

    The loadings are those of one CFA of all constructs together (maximum likelihood, complete rows): with a
    single construct, of its one-factor model. A construct of one item has no reliability (NaN, and a note).
    Answers are read a block of rows at a time. Raises DataError for an unknown, constant or wholly missing
    item, or an item in two constructs.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> found = research.reliability(answers, scales).set_index("construct")
    >>> found.loc["trust", ["alpha", "cr", "ave"]].astype(float).round(2).tolist()
    [0.72, 0.74, 0.49]
    """
    import pandas as pd

    if group is not None:
        parts = split_groups(data, group)
        frames = [
            reliability(part, constructs, reverse, level=level).assign(group=label) for label, part in parts
        ]
        return pd.concat(frames)
    blocks = checked_constructs(constructs)
    items = scale_data(data, blocks, n_obs=n_obs, reverse=reverse)
    model = measurement_model(items, blocks)
    rows = {name: _row(items.take(columns), items, model, name, level) for name, columns in blocks.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.insert(0, "construct", list(rows))
    return frame


def item_statistics(
    data: object, constructs: Constructs, reverse: Iterable[str] = (), *, n_obs: int | None = None
) -> pd.DataFrame:
    """Items within their scales, one row an item: `construct item`, and

    - `n mean sd`, `key`: -1 where the item runs against the others (see `note` of `reliability`)
    - `r_total`: correlation with the sum of the construct's items; `r_total_std`: of standardized items;
      `r_rest`: with the sum of the others (corrected item-total correlation); `r_cor`: psych's correction for
      the item's own part and for unreliability (squared multiple correlations on the diagonal)
    - of the others, were the item deleted: `alpha_if_deleted` (raw), `alpha_std_if_deleted`,
      `alpha_se_if_deleted`, `lambda6_if_deleted`, `signal_noise_if_deleted`, `average_r`, `median_r`,
      `variance_r`
    - `loading`: the completely standardized one of the CFA of all constructs.

    `data`, `constructs`, `reverse` and `n_obs` as in `reliability`.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> found = research.item_statistics(answers, scales).set_index("item")
    >>> found.loc["trust3", ["mean", "sd", "key"]].astype(float).round(2).tolist()
    [3.07, 1.02, 1.0]
    """
    import pandas as pd

    blocks = checked_constructs(constructs)
    items = scale_data(data, blocks, n_obs=n_obs, reverse=reverse)
    model = measurement_model(items, blocks)
    parts = [
        pd.DataFrame(
            {
                "construct": name,
                "item": list(columns),
                **_item_columns(items.take(columns)),
                "loading": model.standardized[name],
            }
        )
        for name, columns in blocks.items()
    ]
    return pd.concat(parts, ignore_index=True)


def composite_reliability(loadings: Sequence[float] | Vector | pd.Series) -> float:
    """Composite reliability rho_C of completely standardized loadings with uncorrelated errors.

    rho_C = (sum l)^2 / ((sum l)^2 + sum(1 - l^2))      Joreskog (1971); Fornell & Larcker (1981), eq. 10

    >>> round(composite_reliability([0.7, 0.8, 0.9]), 3)
    0.845
    """
    return factors.composite_reliability(_checked_loadings(loadings))


def rho_a(weights: Sequence[float] | Vector | pd.Series, correlations: Matrix | pd.DataFrame) -> float:
    """Reliability rho_A of a weighted sum of standardized items, Dijkstra & Henseler (2015), eq. 3.

    weights (k,): proportional to the loadings but for sampling error; PLS takes its mode A weights,
    `reliability` the standardized loadings of the CFA. correlations (k, k). NaN for one item (PLS programs
    print 1).

    >>> round(rho_a([0.7, 0.8, 0.9], np.array([[1, 0.56, 0.63], [0.56, 1, 0.72], [0.63, 0.72, 1]])), 3)
    0.856
    """
    w, cor = np.asarray(weights, dtype=np.float64).ravel(), np.asarray(correlations, dtype=np.float64)
    if cor.shape != (len(w), len(w)):
        raise DataError(f"{len(w)} weights do not fit correlations of shape {cor.shape}.")
    if np.isnan(w).any() or np.isnan(cor).any() or not w @ cor @ w > 0:
        raise DataError("weights and correlations are needed, none missing, that give a positive variance.")
    return factors.rho_a(w, cor)


def maximal_reliability(loadings: Sequence[float] | Vector | pd.Series) -> float:
    """Coefficient H of standardized loadings: reliability of the best weighted sum, Hancock & Mueller (2001).

    H = 1 / (1 + 1 / sum(l^2 / (1 - l^2)))

    >>> round(maximal_reliability([0.7, 0.8, 0.9]), 3)
    0.875
    """
    return factors.maximal_reliability(_checked_loadings(loadings))


def average_variance_extracted(loadings: Sequence[float] | Vector | pd.Series) -> float:
    """Average variance extracted: the mean squared standardized loading, Fornell & Larcker (1981), eq. 11.

    `loadings`: completely standardized, of one construct.

    >>> round(average_variance_extracted([0.7, 0.8, 0.9]), 3)
    0.647
    """
    return factors.average_variance_extracted(_checked_loadings(loadings))


def _row(
    part: ItemData, items: ItemData, model: MeasurementModel, name: str, level: float
) -> dict[str, object]:
    """All quantities of one construct."""
    k = len(part.names)
    found = compute.coefficients(part.cov, part.n_least)
    low, high = compute.feldt_interval(found.alpha, part.n_least, k, level)
    row: dict[str, object] = {
        "n_items": k,
        "n_obs": part.n_obs,
        "n_complete": items.n_complete,
        "alpha": found.alpha,
        "alpha_low": low,
        "alpha_high": high,
        "alpha_std": found.alpha_std,
        "alpha_se": found.alpha_se,
        "lambda6": found.lambda6,
        "average_r": found.average_r,
        "median_r": found.median_r,
        "signal_noise": found.signal_noise,
    }
    row |= _of_loadings(part, items, model, name, level)
    return row | {
        "scale_mean": np.nan if part.mean is None else float(part.mean.mean()),
        "scale_sd": float(np.sqrt(part.cov.sum())) / k if part.cov.sum() > 0 else np.nan,
        "note": " ".join([*scale_notes(part), *model.notes]),
    }


def _of_loadings(
    part: ItemData, items: ItemData, model: MeasurementModel, name: str, level: float
) -> dict[str, float]:
    """What follows from the CFA; NaN for a single item, or where the CFA has no solution."""
    loadings, standardized, vcov = (
        model.loadings[name],
        model.standardized[name],
        model.standardized_vcov[name],
    )
    keys: tuple[str, ...] = (
        "omega_total",
        "omega_implied",
        "cr",
        "cr_low",
        "cr_high",
        "rho_a",
        "max_reliability",
    )
    keys += ("ave", "ave_low", "ave_high", "ave_weighted")
    if len(part.names) == 1 or np.isnan(loadings).any():
        return dict.fromkeys(keys, np.nan)
    at = [items.names.index(item) for item in part.names]
    observed = items.complete_covariance()[np.ix_(at, at)]
    sd = np.sqrt(np.diag(observed))
    z = normal_quantile((1 + level) / 2)
    cr, ave = factors.composite_reliability(standardized), factors.average_variance_extracted(standardized)
    cr_reach = z * factors.composite_reliability_se(standardized, vcov)
    ave_reach = z * factors.variance_extracted_se(standardized, vcov)
    values = (
        factors.omega(loadings, 1.0, float(observed.sum())),
        factors.omega(loadings, 1.0, float(model.implied[np.ix_(at, at)].sum())),
        cr,
        cr - cr_reach,
        cr + cr_reach,
        factors.rho_a(standardized, observed / np.outer(sd, sd)),
        factors.maximal_reliability(standardized),
        ave,
        ave - ave_reach,
        ave + ave_reach,
        factors.weighted_variance_extracted(loadings, 1.0, np.diag(observed)),
    )
    return dict(zip(keys, values, strict=True))


def _item_columns(part: ItemData) -> dict[str, Vector]:
    totals = compute.item_totals(part.cov)
    others = compute.without_each(part.cov, part.n_least)
    k = len(part.names)
    return {
        "n": np.full(k, float(part.n_obs)) if part.pairs is None else np.diag(part.pairs),
        "mean": np.full(k, np.nan) if part.mean is None else part.mean,
        "sd": np.sqrt(np.diag(part.cov)),
        "key": compute.wrongly_keyed(part.cov),
        "r_total": totals.r_total,
        "r_total_std": totals.r_total_std,
        "r_cor": totals.r_cor,
        "r_rest": totals.r_rest,
        "alpha_if_deleted": np.array([each.alpha for each in others]),
        "alpha_std_if_deleted": np.array([each.alpha_std for each in others]),
        "alpha_se_if_deleted": np.array([each.alpha_se for each in others]),
        "lambda6_if_deleted": np.array([each.lambda6 for each in others]),
        "signal_noise_if_deleted": np.array([each.signal_noise for each in others]),
        "average_r": np.array([each.average_r for each in others]),
        "median_r": np.array([each.median_r for each in others]),
        "variance_r": np.array([each.variance_r for each in others]),
    }


def _checked_loadings(loadings: Sequence[float] | Vector | pd.Series) -> Vector:
    values = np.asarray(loadings, dtype=np.float64).ravel()
    if values.size == 0 or np.isnan(values).any():
        raise DataError("loadings are needed, none of them missing.")
    if (np.abs(values) > 1).any():
        worst = values[int(np.abs(values).argmax())]
        raise DataError(f"a standardized loading lies between -1 and 1; {worst:g} does not.")
    return values
