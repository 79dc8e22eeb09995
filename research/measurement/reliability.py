"""Does each scale measure with little error? Alpha, omega, composite reliability, variance extracted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.measurement.inputs import (
    Constructs,
    ItemData,
    all_items,
    checked_constructs,
    item_data,
    split_groups,
)
from research.measurement.loadings import MeasurementModel, measurement_model
from research.numerics import reliability as compute
from research.numerics.arrays import Vector

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
      interval of Feldt (1965); `alpha_std`: alpha of the correlations
    - `omega_total`: (sum lambda)^2 / observed variance of the sum, McDonald (1999); `omega_implied`: the same
      over the variance that the model implies
    - `cr`: composite reliability rho_C of the completely standardized loadings
    - `ave`: mean squared standardized loading (Fornell & Larcker 1981); `ave_weighted`: with every item
      weighted by its variance
    - `group`: only where `group` names a column: everything is computed within its groups, in the order of
      their appearance
    - `note`: what a reader has to know, "" where nothing

    The loadings are those of one CFA of all constructs together (maximum likelihood, complete rows): with a
    single construct, of its one-factor model. A construct of one item has no reliability (NaN, and a note).
    Raises DataError for an unknown, constant or wholly missing item, or an item in two constructs.
    """
    import pandas as pd

    if group is not None:
        parts = split_groups(data, group)
        frames = [
            reliability(part, constructs, reverse, level=level).assign(group=label) for label, part in parts
        ]
        return pd.concat(frames)
    blocks = checked_constructs(constructs)
    items = item_data(data, all_items(blocks), n_obs=n_obs, reverse=reverse)
    model = measurement_model(items, blocks)
    rows = {name: _row(items.take(columns), items, model, name, level) for name, columns in blocks.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.insert(0, "construct", list(rows))
    return frame


def item_statistics(
    data: object, constructs: Constructs, reverse: Iterable[str] = (), *, n_obs: int | None = None
) -> pd.DataFrame:
    """Items within their scales: `construct item r_total r_rest alpha_if_deleted average_r loading`.

    `r_total` is the correlation with the sum of the construct's items, `r_rest` with the sum of the
    others (corrected item-total correlation), `alpha_if_deleted` the raw alpha of the others, `average_r`
    their mean correlation, `loading` the completely standardized one of the CFA of all constructs.
    """
    import pandas as pd

    blocks = checked_constructs(constructs)
    items = item_data(data, all_items(blocks), n_obs=n_obs, reverse=reverse)
    model = measurement_model(items, blocks)
    parts = []
    for name, columns in blocks.items():
        totals = compute.item_totals(items.take(columns).cov)
        parts.append(
            pd.DataFrame(
                {
                    "construct": name,
                    "item": list(columns),
                    "r_total": totals.r_total,
                    "r_rest": totals.r_rest,
                    "alpha_if_deleted": totals.alpha_if_deleted,
                    "average_r": totals.average_r,
                    "loading": model.standardized[name],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def composite_reliability(loadings: Sequence[float] | Vector | pd.Series) -> float:
    """Composite reliability rho_C of completely standardized loadings with uncorrelated errors.

    rho_C = (sum l)^2 / ((sum l)^2 + sum(1 - l^2))      Joreskog (1971); Fornell & Larcker (1981), eq. 10

    >>> round(composite_reliability([0.7, 0.8, 0.9]), 3)
    0.845
    """
    return compute.composite_reliability(_checked_loadings(loadings))


def average_variance_extracted(loadings: Sequence[float] | Vector | pd.Series) -> float:
    """Average variance extracted: the mean squared standardized loading, Fornell & Larcker (1981), eq. 11.

    >>> round(average_variance_extracted([0.7, 0.8, 0.9]), 3)
    0.647
    """
    return compute.average_variance_extracted(_checked_loadings(loadings))


def _row(
    part: ItemData, items: ItemData, model: MeasurementModel, name: str, level: float
) -> dict[str, object]:
    """All quantities of one construct."""
    k = len(part.names)
    alpha = compute.cronbach_alpha(part.cov)
    low, high = compute.feldt_interval(alpha, part.n_obs, k, level)
    row: dict[str, object] = {
        "n_items": k,
        "n_obs": part.n_obs,
        "n_complete": items.n_complete,
        "alpha": alpha,
        "alpha_low": low,
        "alpha_high": high,
        "alpha_std": compute.cronbach_alpha(part.cor),
    }
    single = k == 1
    loadings, standardized = model.loadings[name], model.standardized[name]
    at = [items.names.index(item) for item in part.names]
    observed = items.complete_covariance()[np.ix_(at, at)]
    implied = model.implied[np.ix_(at, at)]
    row |= {
        "omega_total": np.nan if single else compute.omega(loadings, 1.0, float(observed.sum())),
        "omega_implied": np.nan if single else compute.omega(loadings, 1.0, float(implied.sum())),
        "cr": np.nan if single else compute.composite_reliability(standardized),
        "ave": np.nan if single else compute.average_variance_extracted(standardized),
        "ave_weighted": np.nan
        if single
        else compute.weighted_variance_extracted(loadings, 1.0, np.diag(observed)),
        "note": " ".join([*_scale_notes(part), *model.notes]),
    }
    return row


def _scale_notes(part: ItemData) -> list[str]:
    if len(part.names) == 1:
        return ["A single item has no reliability."]
    notes = []
    signs = compute.wrongly_keyed(part.cov)
    against = [name for name, sign in zip(part.names, signs, strict=True) if sign < 0]
    if against:
        word = "is" if len(against) == 1 else "are"
        notes.append(
            f"{', '.join(against)} {word} keyed against the other items: use reverse, or check the wording."
        )
    if part.values is not None and part.n_complete < part.n_obs:
        gaps = part.n_obs - part.n_complete
        notes.append(f"{gaps} of {part.n_obs} rows miss an answer; alpha uses pairwise covariances.")
    if not part.n_obs:
        notes.append("No n_obs was given with the matrix, so that there is no interval.")
    elif part.n_obs <= len(part.names):
        notes.append(f"{part.n_obs} rows for {len(part.names)} items are too few for stable estimates.")
    if np.linalg.eigvalsh(part.cor)[0] < 1e-10:
        notes.append("At least one item is an exact combination of the others.")
    return notes


def _checked_loadings(loadings: Sequence[float] | Vector | pd.Series) -> Vector:
    values = np.asarray(loadings, dtype=np.float64).ravel()
    if values.size == 0 or np.isnan(values).any():
        raise DataError("loadings are needed, none of them missing.")
    if (np.abs(values) > 1).any():
        worst = values[int(np.abs(values).argmax())]
        raise DataError(f"a standardized loading lies between -1 and 1; {worst:g} does not.")
    return values
