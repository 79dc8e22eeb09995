"""Reliability of ordered answers: on the scale of the latent responses, and on that of the sum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, ResearchError
from research.measurement.inputs import Constructs, ItemData, all_items, checked_constructs, item_data
from research.measurement.polychoric import with_correlations
from research.measurement.scale_notes import scale_notes
from research.numerics import factor_reliability as factors
from research.numerics.arrays import Matrix, Vector
from research.numerics.reliability import cronbach_alpha

if TYPE_CHECKING:
    import pandas as pd

LATENT_SCALE = (
    "alpha_ordinal and omega_latent are of latent responses that nobody observes; "
    "omega_categorical is of the sum."
)


def ordinal_reliability(data: object, constructs: Constructs, reverse: Iterable[str] = ()) -> pd.DataFrame:
    """Reliability of items with ordered categories, one row a construct.

    `n_items n_obs n_complete n_categories` (the fewest and the most, "5" or "3 to 5"), and
    - `alpha`: of the answers taken as numbers, for comparison
    - `alpha_ordinal`: alpha of the polychoric correlations, Zumbo, Gadermann & Zeisser (2007). It is on the
      scale of the latent responses: how reliable a sum of continuous answers would be, not the sum that is
      scored (Chalmers 2018)
    - `omega_latent`: omega total of the latent responses, over the polychoric correlations; the same scale
    - `omega_categorical`: reliability of the sum of the answers as they are scored, Green & Yang (2009), eq.
      21; the one to report for a sum score. The total variance takes the polychoric correlations, as semTools
      does by default; `omega_categorical_implied` those that the model implies
    - `ave_latent`: mean squared standardized loading of the latent responses
    - `note`: what a reader has to know

    The loadings come from one CFA of all constructs together by diagonally weighted least squares (complete
    rows). Raises DataError for moments in place of answers, or an item that has more than 40 different
    values.

    `data`, `constructs` and `reverse` as in `reliability`.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> found = research.ordinal_reliability(answers, scales)
    >>> found["alpha"].round(2).tolist(), found["alpha_ordinal"].round(2).tolist()
    ([0.82, 0.72, 0.8, 0.79], [0.86, 0.75, 0.84, 0.82])
    """
    import pandas as pd

    blocks = checked_constructs(constructs)
    items = item_data(data, all_items(blocks), reverse=reverse)
    if items.values is None:
        raise DataError("ordinal reliability needs the answers; a matrix of moments is not enough.")
    latent, notes = with_correlations(items, "polychoric")
    loadings, implied, why = _latent_model(items, blocks)
    complete = items.complete() if items.n_complete > 1 else items.values[:0]
    observed = latent.cor
    if not why:
        observed = with_correlations(_as_items(items.names, complete), "polychoric")[0].cor
    rows = {}
    for name, columns in blocks.items():
        part = items.take(columns)
        at = [items.names.index(item) for item in columns]
        square = np.ix_(at, at)
        sizes = [len(np.unique(column[~np.isnan(column)])) for column in items.values[:, at].T]
        own = [note for note in notes if any(f"'{item}'" in note for item in columns)]
        row: dict[str, object] = {"construct": name, "n_items": len(columns), "n_obs": part.n_obs}
        row |= {"n_complete": items.n_complete, "n_categories": _range(sizes)}
        row |= {"alpha": cronbach_alpha(part.cov), "alpha_ordinal": cronbach_alpha(latent.cor[square])}
        row |= _of_loadings(loadings[name], complete[:, at], observed[square], implied[square])
        row["note"] = " ".join([*scale_notes(part), *own, *([why] if why else []), LATENT_SCALE])
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index")


def _of_loadings(loadings: Vector, answers: Matrix, observed: Matrix, implied: Matrix) -> dict[str, float]:
    keys = ("omega_latent", "omega_categorical", "omega_categorical_implied", "ave_latent")
    if len(loadings) < 2 or np.isnan(loadings).any() or (np.abs(loadings) > 1).any():
        return dict.fromkeys(keys, np.nan)
    from scipy.special import ndtri

    thresholds = []
    for column in answers.T:
        counts = np.unique(column, return_counts=True)[1]
        thresholds.append(np.asarray(ndtri(np.cumsum(counts)[:-1] / counts.sum())))
    values = (
        factors.omega(loadings, 1.0, float(observed.sum())),
        factors.categorical_omega(loadings, thresholds, observed),
        factors.categorical_omega(loadings, thresholds, implied),
        factors.average_variance_extracted(loadings),
    )
    return dict(zip(keys, values, strict=True))


def _latent_model(
    items: ItemData, blocks: dict[str, tuple[str, ...]]
) -> tuple[dict[str, Vector], Matrix, str]:
    """Standardized loadings of each construct, implied correlations (k, k), and why there are none, or ""."""
    import pandas as pd

    from research.estimation.run import cfa

    blank = {name: np.full(len(columns), np.nan) for name, columns in blocks.items()}
    nothing = np.full((len(items.names),) * 2, np.nan)
    sizes = [len(columns) for columns in blocks.values()]
    if len(sizes) == 1 and sizes[0] < 3:
        return blank, nothing, f"Omega is missing: {sizes[0]} items alone do not identify a factor."
    short = {name: f"i{number}" for number, name in enumerate(items.names)}
    factor = {name: f"f{number}" for number, name in enumerate(blocks)}
    text = "\n".join(
        f"{factor[name]} =~ {' + '.join(short[item] for item in columns)}" for name, columns in blocks.items()
    )
    frame = pd.DataFrame(items.values, columns=list(short.values()))
    try:
        fit = cfa(text, frame, ordered=list(short.values()), estimator="DWLS", std_lv=True)
    except ResearchError as error:
        return blank, nothing, f"Omega is missing: {error}"
    if not fit.converged:
        return blank, nothing, "Omega is missing: the CFA of the constructs did not converge."
    tidy = fit.tidy()
    keys = list(zip(*(tidy[key].astype(str).tolist() for key in ("lhs", "op", "rhs")), strict=True))
    value = dict(zip(keys, tidy["std_all"].to_numpy(dtype=np.float64), strict=True))
    Lambda, Phi = np.zeros((len(items.names), len(blocks))), np.eye(len(blocks))
    for place, (name, columns) in enumerate(blocks.items()):
        at = [items.names.index(item) for item in columns]
        Lambda[at, place] = [value[factor[name], "=~", short[item]] for item in columns]
        blank[name] = Lambda[at, place]
    order = list(factor.values())
    for lhs, op, rhs in keys:
        if op == "~~" and lhs in order and rhs in order and lhs != rhs:
            i, j = order.index(lhs), order.index(rhs)
            Phi[i, j] = Phi[j, i] = value[lhs, op, rhs]
    implied = Lambda @ Phi @ Lambda.T
    np.fill_diagonal(implied, 1.0)
    return blank, implied, ""


def _as_items(names: tuple[str, ...], values: Matrix) -> ItemData:
    n = len(values)
    return ItemData(names, values, np.eye(len(names)), n, n)


def _range(sizes: list[int]) -> str:
    low, high = min(sizes), max(sizes)
    return str(low) if low == high else f"{low} to {high}"
