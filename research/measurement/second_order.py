"""Reliability of a sum over several constructs: all items together, and with a second-order factor behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, ResearchError
from research.measurement.inputs import Constructs, ItemData, checked_constructs, scale_data
from research.measurement.loadings import UNKNOWN_N, MeasurementModel, measurement_model
from research.measurement.scale_notes import scale_notes
from research.numerics import factor_reliability as factors
from research.numerics.arrays import Matrix, Vector
from research.numerics.reliability import cronbach_alpha, is_singular
from research.readable import Readable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, slots=True)
class TotalReliability(Readable):
    """Of the sum of all items of several constructs.

    `omega_total`: share of the observed variance of the sum that the constructs explain together;
    `omega_implied`: of the variance that the model implies; `alpha`: of all items; `maximal`: of the weighted
    sum that is most reliable, Li (1997), Raykov (2012). NaN where the CFA has no solution.
    """

    omega_total: float
    omega_implied: float
    alpha: float
    maximal: float
    n_items: int
    n_obs: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False, slots=True)
class SecondOrderReliability(Readable):
    """Of a second-order factor and the constructs below it.

    `constructs`: a row a construct, `construct n_items loading omega_total` (`loading`: its standardized one
    on the second-order factor). Of the sum of all items: `omega_total`: share of the observed variance that
    the second-order factor explains; `omega_l1`: the same over the variance the model implies;
    `partial_omega_l1`: after the constructs' own parts are taken out. `omega_l2`: share of the variance of
    the sum of the constructs. Raykov & Zinbarg (2011); the names L1 and L2 are semTools'.
    """

    constructs: pd.DataFrame
    omega_total: float
    omega_l1: float
    omega_l2: float
    partial_omega_l1: float
    n_obs: int
    notes: tuple[str, ...] = ()


def total_reliability(
    data: object, constructs: Constructs, reverse: Iterable[str] = (), *, n_obs: int | None = None
) -> TotalReliability:
    """Reliability of the sum of all items, from the CFA in which the constructs correlate freely.

    `data`, `constructs` and `reverse` as in `reliability`; a matrix needs its `n_obs`. omega_total =
    (1'Lambda Phi Lambda'1) / observed variance of the sum, McDonald (1999). Errors: those of `reliability`.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> round(float(research.total_reliability(answers, scales).omega_total), 2)
    0.9
    """
    blocks, items = _read(data, constructs, reverse, n_obs)
    model = measurement_model(items, blocks)
    observed, true = items.complete_covariance(), _explained(items, blocks, model)
    known = not np.isnan(true).any()
    return TotalReliability(
        float(true.sum()) / float(observed.sum()) if known else np.nan,
        float(true.sum()) / float(model.implied.sum()) if known else np.nan,
        cronbach_alpha(items.cov),
        factors.most_reliable_sum(true, observed) if known and not is_singular(observed) else np.nan,
        len(items.names),
        items.n_complete,
        (*scale_notes(items), *model.notes),
    )


def second_order_reliability(
    data: object, constructs: Constructs, reverse: Iterable[str] = (), *, n_obs: int | None = None
) -> SecondOrderReliability:
    """Reliability where one second-order factor explains why the `constructs` correlate.

    With T the part of the second-order factor in the covariance of the sum of the items: omega_total = T /
    observed variance (semTools::compRelSEM(higher=)), omega_l1 = T / implied variance, partial_omega_l1 = T /
    (T + errors of the items), omega_l2 = (sum of the constructs' loadings)^2 psi / variance of their sum,
    each construct on the scale of its first item, as semTools::reliabilityL2 has it. Maximum likelihood,
    complete rows. At least three constructs identify the factor.

    `data`, `constructs`, `reverse` and `n_obs` as in `reliability`.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> found = research.second_order_reliability(answers, scales)
    >>> round(float(found.omega_total), 2), round(float(found.omega_l2), 2)
    (0.71, 0.79)
    """
    import pandas as pd

    blocks, items = _read(data, constructs, reverse, n_obs)
    if len(blocks) < 3:
        raise DataError(f"{len(blocks)} constructs do not identify a second-order factor; it takes three.")
    if min(len(columns) for columns in blocks.values()) < 2:
        raise DataError("a construct of one item has no place under a second-order factor; leave it out.")
    fitted = _second_order(items, blocks)
    observed, n = items.complete_covariance(), items.n_complete
    sums = fitted.Lambda.sum(axis=0)
    true = float(sums @ fitted.second) ** 2
    latent = np.outer(fitted.second, fitted.second) + np.diag(fitted.disturbances)
    implied = float(sums @ latent @ sums) + float(fitted.errors.sum())
    rows = []
    for at, (name, columns) in enumerate(blocks.items()):
        own = [items.names.index(item) for item in columns]
        share = sums[at] ** 2 * latent[at, at] / float(observed[np.ix_(own, own)].sum())
        loading = fitted.second[at] / np.sqrt(latent[at, at])
        rows.append({"construct": name, "n_items": len(columns), "loading": loading, "omega_total": share})
    return SecondOrderReliability(
        pd.DataFrame(rows, index=list(blocks)),
        true / float(observed.sum()),
        true / implied,
        float(fitted.second.sum()) ** 2 / float(latent.sum()),
        true / (true + float(fitted.errors.sum())),
        n,
        (*scale_notes(items), *fitted.notes),
    )


@dataclass(frozen=True, slots=True)
class _SecondOrder:
    """In item units, each construct on the scale of its first item: Lambda (k, c), `second` (c,)."""

    Lambda: Matrix
    second: Vector
    disturbances: Vector
    errors: Vector
    notes: tuple[str, ...]


def _read(
    data: object, constructs: Constructs, reverse: Iterable[str], n_obs: int | None
) -> tuple[dict[str, tuple[str, ...]], ItemData]:
    blocks = checked_constructs(constructs)
    return blocks, scale_data(data, blocks, n_obs=n_obs, reverse=reverse)


def _explained(items: ItemData, blocks: dict[str, tuple[str, ...]], model: MeasurementModel) -> Matrix:
    """What the constructs explain of the items' covariances, (k, k)."""
    Lambda = np.zeros((len(items.names), len(blocks)))
    for at, (name, columns) in enumerate(blocks.items()):
        Lambda[[items.names.index(item) for item in columns], at] = model.loadings[name]
    return np.asarray(Lambda @ model.correlations @ Lambda.T)


def _second_order(items: ItemData, blocks: dict[str, tuple[str, ...]]) -> _SecondOrder:
    """Fitted to the correlations, turned back to the items' units."""
    import pandas as pd

    from research.estimation.run import sem

    cov = items.complete_covariance()
    sd = np.sqrt(np.diag(cov))
    item = {name: f"i{number}" for number, name in enumerate(items.names)}
    factor = {name: f"f{number}" for number, name in enumerate(blocks)}
    lines = [f"{factor[name]} =~ {' + '.join(item[each] for each in own)}" for name, own in blocks.items()]
    lines.append(f"second =~ NA*f0 + {' + '.join(list(factor.values())[1:])}\nsecond ~~ 1*second")
    frame = pd.DataFrame(cov / np.outer(sd, sd), index=list(item.values()), columns=list(item.values()))
    n = items.n_complete or UNKNOWN_N
    fit = sem("\n".join(lines), sample_cov=frame, sample_nobs=n, sample_cov_rescale=False)
    if not fit.converged:
        raise ResearchError(
            "the second-order model did not converge; look at `reliability` of the constructs and at "
            "their correlations."
        )
    tidy = fit.tidy()
    keys = zip(*(tidy[key].astype(str).tolist() for key in ("lhs", "op", "rhs")), strict=True)
    value = dict(zip(keys, tidy["estimate"].to_numpy(dtype=np.float64), strict=True))
    Lambda = np.zeros((len(items.names), len(blocks)))
    marker = np.array([sd[items.names.index(own[0])] for own in blocks.values()])
    for at, (name, own) in enumerate(blocks.items()):
        places = [items.names.index(each) for each in own]
        Lambda[places, at] = sd[places] / marker[at] * [value[factor[name], "=~", item[each]] for each in own]
    return _SecondOrder(
        Lambda,
        marker * [value["second", "=~", each] for each in factor.values()],
        marker**2 * [value[each, "~~", each] for each in factor.values()],
        sd**2 * np.array([value[each, "~~", each] for each in item.values()]),
        tuple(f"CFA: {note}" for note in fit.notes),
    )
