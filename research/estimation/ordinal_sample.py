"""What an ordinal model is fitted to: thresholds, means and latent correlations of every group, and Gamma."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, OptionError
from research.estimation.sample import GroupSample, Sample, check_covariance, missing_names
from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.categories import Categories
from research.numerics.conditional_moments import conditional_moments
from research.numerics.mixed_moments import MixedMoments, mixed_moments
from research.numerics.polychoric_influence import Products
from research.responses.ordinal import answers_matrix, item_levels, ordered_items

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class OrdinalGroup:
    """One group: statistics (k,) as `ordinal_moments` orders them, Gamma (k, k); `item` of each threshold."""

    statistics: Vector
    gamma: Matrix
    thresholds: Vector
    item: Indices


@dataclass(frozen=True, slots=True)
class OrdinalSample:
    """All groups. `sample` has the latent correlations for covariances, zero means where ordered."""

    sample: Sample
    groups: tuple[OrdinalGroup, ...]


def ordered_names(
    frame: pd.DataFrame, ordered: tuple[str, ...] | bool, endogenous: Sequence[str]
) -> tuple[str, ...]:
    """The ordered variables of the model: those named, or (True) all that are not fixed x."""
    if ordered is True:
        return tuple(endogenous)
    named = ordered or ()
    absent = missing_names([str(name) for name in frame.columns], named)
    if absent:
        raise OptionError(f"ordered names a column that the data lack: {absent}")
    return tuple(name for name in endogenous if name in named)


@dataclass(frozen=True, slots=True)
class Answers:
    """The data of a model: `values` (n, p) of the `variables`; `places` of the ordered ones, and `levels`."""

    variables: tuple[str, ...]
    values: Matrix
    places: Indices
    levels: tuple[Vector, ...]

    @property
    def threshold_counts(self) -> dict[str, int]:
        """The number of thresholds of each ordered variable."""
        return {self.variables[at]: len(own) - 1 for at, own in zip(self.places, self.levels, strict=True)}


def read_answers(frame: pd.DataFrame, variables: Sequence[str], ordered: Sequence[str]) -> Answers:
    """The columns of a model and the categories of the ordered ones."""
    values = answers_matrix(frame, variables)
    places = np.array([at for at, name in enumerate(variables) if name in ordered], dtype=np.intp)
    levels = item_levels(values[:, places], [variables[at] for at in places])
    return Answers(tuple(variables), values, places, levels)


def ordinal_sample(
    answers: Answers,
    labels: NDArray[np.str_] | None = None,
    groups: Sequence[str] = (),
    *,
    exogenous: Sequence[str] = (),
    pairwise: bool = False,
    products: Products = "double",
) -> OrdinalSample:
    """The rows that the model uses, complete ones unless `pairwise`, and their statistics by group.

    `labels` (n,): the group of every row, those of the `groups`. `exogenous`: fixed x, given which the
    statistics are those of probit and linear regressions. `products`: how Gamma is summed; "single" will do
    where it is not inverted, "none" where only its diagonal weighs the statistics.
    """
    variables, values, places, levels = answers.variables, answers.values, answers.places, answers.levels
    x = np.array([at for at, name in enumerate(variables) if name in exogenous], dtype=np.intp)
    missing = np.isnan(values)
    y = np.setdiff1d(np.arange(len(variables)), x)
    lost = missing[:, y].all(axis=1) | missing[:, x].any(axis=1) if pairwise else missing.any(axis=1)
    usable: Mask = np.asarray(~lost)
    if labels is not None:
        usable &= labels != ""
    notes: list[str] = []
    if not usable.all():
        nothing = "no usable value, or lack a covariate," if len(x) else "no usable value"
        why = nothing if pairwise else "a missing value"
        notes.append(f"{int((~usable).sum())} of {len(usable)} rows have {why} and were left out.")
    parts, statistics = [], []
    for label in groups or ("",):
        inside = usable if labels is None else np.asarray(usable & (labels == label))
        rows = np.flatnonzero(inside)
        data = values[rows]
        if rows.size < 3:
            raise DataError(
                f"{len(rows)} usable rows{_where(label)}: a model needs more; see missing='pairwise'"
            )
        items = ordered_items(data[:, places], [variables[at] for at in places], levels=levels, group=label)
        others = np.setdiff1d(np.arange(len(variables)), places)
        _refuse_constant(data, others, variables, label)
        _refuse_degenerate(data, np.setdiff1d(others, x), variables, label)
        notes += [note for note in items.notes if note not in notes]
        if len(x):
            cov, mean, own = _conditional(data, x, places, items.answers, variables, label)
        else:
            found = mixed_moments(data, places, items.answers, products=products)
            notes += _pair_notes(found, variables, label)
            cov, mean, own = found.cov, found.mean, _group(found, places)
        n = len(rows)
        parts.append(GroupSample(label, n, n - 1.0, cov, mean, data, rows))
        statistics.append(own)
    return OrdinalSample(
        Sample(tuple(variables), tuple(parts), "n - 1", True, tuple(notes)), tuple(statistics)
    )


def _group(found: MixedMoments, places: Indices) -> OrdinalGroup:
    if found.gamma is None:
        raise DataError("a model of one ordered variable has no correlations to explain")
    p = len(found.mean)
    continuous = np.setdiff1d(np.arange(p), places)
    own = np.concatenate([found.item, continuous])
    level = np.concatenate([found.thresholds, found.mean[continuous]])[np.argsort(own, kind="stable")]
    first, second = np.triu_indices(p, 1)
    s = np.concatenate([level, np.diagonal(found.cov)[continuous], found.cov[first, second]])
    return OrdinalGroup(s, found.gamma, found.thresholds, found.item)


def _conditional(
    data: Matrix, x: Indices, places: Indices, answers: Categories, variables: Sequence[str], label: str
) -> tuple[Matrix, Vector, OrdinalGroup]:
    """Covariance and mean of all variables (fixed x with divisor n - 1), and the statistics given x."""
    n_all = data.shape[1]
    y = np.setdiff1d(np.arange(n_all), x)
    within = np.searchsorted(y, places)
    of_x = np.atleast_2d(np.cov(data[:, x].T))
    check_covariance(of_x, [variables[at] for at in x], len(data), label)
    found = conditional_moments(data[:, y], data[:, x], within, answers)
    if len(found.failed):
        name = variables[y[found.failed[0]]]
        raise DataError(
            f"the regression of '{name}' on the covariates {', '.join(variables[at] for at in x[:6])} has no "
            f"answer{_where(label)}: {len(data)} rows are too few for it, or a covariate predicts '{name}' "
            "without error. Use more rows or fewer covariates, or merge rare categories"
        )
    cov, mean = np.empty((n_all, n_all)), data.mean(axis=0)
    cov[np.ix_(x, x)] = of_x
    cov[np.ix_(y, x)] = found.slopes @ of_x
    cov[np.ix_(x, y)] = cov[np.ix_(y, x)].T
    cov[np.ix_(y, y)] = found.cov + found.slopes @ of_x @ found.slopes.T
    mean[y] = found.intercept + found.slopes @ mean[x]
    continuous = np.setdiff1d(np.arange(len(y)), within)
    level = np.concatenate([found.thresholds, found.intercept[continuous]])
    order = np.argsort(np.concatenate([found.item, continuous]), kind="stable")
    first, second = np.triu_indices(len(y), 1)
    s = np.concatenate(
        [
            level[order],
            found.slopes.T.ravel(),
            np.diagonal(found.cov)[continuous],
            found.cov[first, second],
        ]
    )
    return cov, mean, OrdinalGroup(s, found.gamma, found.thresholds, y[found.item])


def _refuse_degenerate(data: Matrix, places: Indices, variables: Sequence[str], label: str) -> None:
    """Numbers beyond the reach of squares, or two values equally often: their variance says nothing."""
    for at in places:
        x = data[~np.isnan(data[:, at]), at]
        with np.errstate(over="ignore"):
            away = np.abs(x - x.mean())
            sd = float(np.sqrt(np.mean(away * away)))
        if not 1e-100 < sd < 1e100:
            raise DataError(
                f"'{variables[at]}' has a standard deviation of {sd:.3g}{_where(label)}, beyond what can be "
                "computed with; divide it by a round number first"
            )
        if np.ptp(away) < 1e-9 * sd:
            raise DataError(
                f"'{variables[at]}' takes two values equally often{_where(label)}: as numbers they have no "
                f"variance to estimate beside their mean; name it in ordered="
            )


def _refuse_constant(data: Matrix, places: Indices, variables: Sequence[str], label: str) -> None:
    for at in places:
        column = data[:, at][~np.isnan(data[:, at])]
        if len(column) < 2 or column.min() == column.max():
            raise DataError(
                f"variable '{variables[at]}' does not vary{_where(label)}; leave it out of the model"
            )


def _pair_notes(found: MixedMoments, variables: Sequence[str], label: str) -> list[str]:
    notes = [
        f"The 2 x 2 table of '{variables[i]}' and '{variables[j]}'{_where(label)} has an empty cell; half "
        "a case was put there, margins kept. Their correlation is uncertain; with several such pairs, leave "
        "one of the items out."
        for i, j in found.mended.tolist()
    ]
    for i, j in found.at_edge.tolist():
        raise DataError(
            f"the polychoric correlation of '{variables[i]}' and '{variables[j]}'{_where(label)} runs to "
            f"{np.sign(found.cov[i, j]):+g}: they order the respondents alike. Keep one of them, or merge "
            "rare categories"
        )
    return notes


def _where(label: str) -> str:
    return f" in group '{label}'" if label else ""
