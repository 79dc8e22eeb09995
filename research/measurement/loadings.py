"""The measurement model behind composite reliability and AVE: one CFA of all constructs at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ResearchError
from research.measurement.inputs import Constructs, ItemData
from research.numerics.arrays import Matrix, Vector
from research.numerics.factor_reliability import standardized_vcov

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit

UNKNOWN_N = 1000  # stands in where a matrix came without its n; loadings do not depend on it


@dataclass(frozen=True, slots=True)
class MeasurementModel:
    """Loadings of the CFA in which every item loads on its own construct and constructs correlate freely.

    `loadings[name]` (k_c,) are in item units with construct variances of 1, `standardized[name]` (k_c,)
    completely standardized, `standardized_vcov[name]` (k_c, k_c) their sampling covariance (NaN where there
    is none); `correlations` (c, c) are those of the constructs; `implied` (k, k) is the
    model's covariance matrix of all items in the order of `ItemData.names`. Everything is NaN where the
    model could not be estimated; `notes` says why.
    """

    names: tuple[str, ...]
    loadings: dict[str, Vector]
    standardized: dict[str, Vector]
    standardized_vcov: dict[str, Matrix]
    correlations: Matrix
    implied: Matrix
    notes: tuple[str, ...] = ()


def measurement_model(items: ItemData, constructs: Constructs) -> MeasurementModel:
    """Fit the CFA by maximum likelihood to the complete rows (to the matrix, where one was given).

    It is fitted to the correlations and turned back to the items' units: the model is invariant to
    them, its optimizer less so.

    A construct of one item is that item without error. Two items alone do not identify a factor, so
    that a single construct of two items has no solution here; beside other constructs it does.
    """
    import pandas as pd

    from research.estimation.run import cfa

    try:
        cov = items.complete_covariance()
    except ResearchError as error:
        return _unknown(items, constructs, str(error))
    sd = np.sqrt(np.diag(cov))
    sizes = [len(columns) for columns in constructs.values()]
    if len(sizes) == 1 and sizes[0] < 3:
        return _unknown(items, constructs, f"{sizes[0]} items alone do not identify a factor.")
    variables = {name: f"i{number}" for number, name in enumerate(items.names)}
    factors = {name: f"f{number}" for number, name in enumerate(constructs)}
    text = "\n".join(
        f"{factors[name]} =~ {' + '.join(variables[item] for item in columns)}"
        for name, columns in constructs.items()
    )
    frame = pd.DataFrame(
        cov / np.outer(sd, sd), index=list(variables.values()), columns=list(variables.values())
    )
    try:
        fit = cfa(
            text,
            sample_cov=frame,
            sample_nobs=items.n_complete or UNKNOWN_N,
            sample_cov_rescale=False,
            std_lv=True,
        )
    except ResearchError as error:
        return _unknown(items, constructs, translated(str(error), variables | factors))
    if not fit.converged:
        return _unknown(items, constructs, "the CFA of the constructs did not converge.")
    notes = tuple(f"CFA: {translated(note, variables | factors)}" for note in fit.notes)
    found = _collect(items, constructs, fit.tidy(), sd, variables, factors, notes)
    if items.n_complete and fit.vcov is not None:
        found.standardized_vcov.update(_vcov(fit, constructs, variables, factors))
    return found


def _vcov(
    fit: Fit, constructs: Constructs, variables: dict[str, str], factors: dict[str, str]
) -> dict[str, Matrix]:
    """Sampling covariance of each construct's standardized loadings, by the delta method."""
    place = {(each.lhs, each.op, each.rhs): each.free - 1 for each in fit.table.parameters if each.free}
    found = {}
    for name, columns in constructs.items():
        short = [variables[item] for item in columns]
        at = [place.get((factors[name], "=~", item), -1) for item in short]
        at += [place.get((item, "~~", item), -1) for item in short]
        if min(at) < 0 or fit.vcov is None:
            continue  # a single item without error
        theta, k = fit.theta[at], len(columns)
        if (theta[:k] ** 2 + theta[k:] > 0).all():
            found[name] = standardized_vcov(theta[:k], theta[k:], fit.vcov[np.ix_(at, at)])
    return found


def _collect(
    items: ItemData,
    constructs: Constructs,
    tidy: pd.DataFrame,
    sd: Vector,
    variables: dict[str, str],
    factors: dict[str, str],
    notes: tuple[str, ...],
) -> MeasurementModel:
    keys = list(zip(*(tidy[name].astype(str).tolist() for name in ("lhs", "op", "rhs")), strict=True))
    estimate = dict(zip(keys, tidy["estimate"].to_numpy(dtype=np.float64), strict=True))
    std_all = dict(zip(keys, tidy["std_all"].to_numpy(dtype=np.float64), strict=True))
    loadings: dict[str, Vector] = {}
    standardized: dict[str, Vector] = {}
    Lambda = np.zeros((len(items.names), len(constructs)))
    for place, (name, columns) in enumerate(constructs.items()):
        rows = [(factors[name], "=~", variables[item]) for item in columns]
        at = [items.names.index(item) for item in columns]
        Lambda[at, place] = sd[at] * np.array([estimate[row] for row in rows])
        loadings[name] = Lambda[at, place]
        standardized[name] = np.array([std_all[row] for row in rows])
    Phi = np.eye(len(constructs))
    order = list(factors.values())
    for lhs, op, rhs in keys:
        if op == "~~" and lhs in order and rhs in order and lhs != rhs:
            i, j = order.index(lhs), order.index(rhs)
            Phi[i, j] = Phi[j, i] = estimate[lhs, op, rhs]
    errors = np.array([estimate[variables[item], "~~", variables[item]] for item in items.names])
    implied = Lambda @ Phi @ Lambda.T + np.diag(sd**2 * errors)
    unknown = {name: np.full((len(columns),) * 2, np.nan) for name, columns in constructs.items()}
    return MeasurementModel(tuple(constructs), loadings, standardized, unknown, Phi, implied, notes)


def _unknown(items: ItemData, constructs: Constructs, why: str) -> MeasurementModel:
    blank = {name: np.full(len(columns), np.nan) for name, columns in constructs.items()}
    return MeasurementModel(
        tuple(constructs),
        blank,
        blank,
        {name: np.full((len(columns),) * 2, np.nan) for name, columns in constructs.items()},
        np.full((len(constructs), len(constructs)), np.nan),
        np.full((len(items.names), len(items.names)), np.nan),
        (f"Omega, CR and AVE are missing: {why}",),
    )


def translated(message: str, names: dict[str, str]) -> str:
    """The message with the user's names in place of the short ones that the model text used."""
    back = {short: name for name, short in names.items()}
    return re.sub(r"\b[if]\d+\b", lambda found: back.get(found[0], found[0]), message)
