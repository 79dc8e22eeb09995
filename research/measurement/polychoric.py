"""Correlations behind ordered answers: polychoric, tetrachoric, polyserial."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.measurement.inputs import ItemData, looks_like_moments, unique_names
from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.mixed_moments import MixedMoments, mixed_moments
from research.numerics.polyserial import polyserial_adhoc
from research.readable import Readable
from research.responses.columns import as_pandas
from research.responses.moments import Moments
from research.responses.ordinal import OrderedItems, answers_matrix, ordered_items

if TYPE_CHECKING:
    import pandas as pd

Missing = Literal["pairwise", "listwise"]
Serial = Literal["ml", "adhoc"]
NEEDS_ANSWERS = "polychoric correlations need the answers themselves; a matrix of moments is not enough."


@dataclass(frozen=True, repr=False, slots=True)
class Polychoric(Readable):
    """Correlations of the normal variables behind ordered answers.

    `r`: square frame. `thresholds`: `item threshold value estimate se`, where the threshold lies above the
    answer `value`. `se`: standard errors of `r` (NaN on the diagonal), or None; `n`: rows that answered both
    items of a pair.
    `notes` name empty categories, mended tables and pairs whose correlation runs to 1.
    """

    r: pd.DataFrame
    thresholds: pd.DataFrame
    se: pd.DataFrame | None
    n: pd.DataFrame
    notes: tuple[str, ...] = ()


def polychoric(
    data: object,
    columns: Iterable[str] | None = None,
    *,
    ordered: Iterable[str] | None = None,
    missing: Missing = "pairwise",
    se: bool = True,
    polyserial: Serial = "ml",
) -> Polychoric:
    """Polychoric correlations of the `columns` (all, where None), by two-step maximum likelihood.

    data: Responses or any frame of answers, numbers that stand for ordered categories. `ordered`: the columns
    that are ordered; the others are continuous and enter with polyserial and product-moment correlations.
    `missing`: each pair over the rows that answered both, or only complete rows. Olsson (1979); standard
    errors as in Muthen (1984). `polyserial`: "ml", two-step maximum likelihood, or "adhoc", the quick
    estimator r s/sum phi(tau) of Olsson, Drasgow & Dorans (1982), also called two-step, which has no standard
    error here and may lie beyond 1. Raises DataError that names an item that is constant or that has too
    many values.

    `se`: whether standard errors are computed, which takes longer.

    >>> import pandas as pd
    >>> answers = pd.DataFrame({"a": [1, 1, 2, 2, 2, 1, 2, 1], "b": [1, 1, 2, 2, 1, 2, 2, 1]})
    >>> round(float(polychoric(answers).r.loc["a", "b"]), 4)
    0.7071
    """
    import pandas as pd

    if missing not in get_args(Missing):
        raise OptionError(f"missing={missing!r} is not known; allowed: pairwise, listwise.")
    if polyserial not in get_args(Serial):
        raise OptionError(f"polyserial={polyserial!r} is not known; allowed: ml, adhoc.")
    names, values = _answers(data, columns)
    if missing == "listwise":
        values = values[~np.isnan(values).any(axis=1)]
    chosen = names if ordered is None else unique_names(ordered)
    for name in chosen:
        if name not in names:
            raise OptionError(
                f"ordered names {name!r}, which is not among the columns.{did_you_mean(name, names)}"
            )
    places = np.array([at for at, name in enumerate(names) if name in chosen], dtype=np.intp)
    items = _checked(names, values, places)
    found = mixed_moments(values, places, items.answers, with_gamma=se, products="none")
    sd = np.sqrt(np.diagonal(found.cov))
    r = found.cov / np.outer(sd, sd)
    quick = _adhoc(values, places, items, r) if polyserial == "adhoc" else np.zeros(r.shape, dtype=bool)
    answered = (~np.isnan(values)).astype(np.float64)
    errors = _standard_errors(names, values, places, items, found) if se and len(names) > 1 else None
    if errors is not None:
        errors[quick] = np.nan
    square = [
        pd.DataFrame(each, index=list(names), columns=list(names)) for each in (r, answered.T @ answered)
    ]
    return Polychoric(
        square[0],
        _threshold_frame(items, found),
        None if errors is None else pd.DataFrame(errors, index=list(names), columns=list(names)),
        square[1],
        (*items.notes, *pair_notes(names, found)),
    )


def with_correlations(items: ItemData, cor: str) -> tuple[ItemData, tuple[str, ...]]:
    """The items with the correlations that `cor` asks for, and what a reader has to know of them.

    "pearson" leaves them as they are; "polychoric" takes the answers for ordered categories, pairwise.
    """
    if cor == "pearson":
        return items, ()
    if cor != "polychoric":
        allowed = ("pearson", "polychoric")
        hint = did_you_mean(cor, allowed)
        raise OptionError(f"cor={cor!r} is not known; allowed: pearson, polychoric.{hint}")
    if items.values is None:
        raise DataError(NEEDS_ANSWERS)
    places = np.arange(len(items.names), dtype=np.intp)
    checked = _checked(items.names, items.values, places)
    found = mixed_moments(items.values, places, checked.answers, with_gamma=False)
    return replace(items, cov=found.cov, pair_cor=None), (*checked.notes, *pair_notes(items.names, found))


def pair_notes(names: Sequence[str], found: MixedMoments) -> tuple[str, ...]:
    """Sentences on pairs whose table has an empty cell, or whose correlation has no inner maximum."""
    notes = [
        f"The 2 x 2 table of '{names[i]}' and '{names[j]}' has an empty cell; half a case was put there, "
        "margins kept. Their correlation is uncertain."
        for i, j in found.mended.tolist()
    ]
    notes += [
        f"The polychoric correlation of '{names[i]}' and '{names[j]}' runs to {np.sign(found.cov[i, j]):+g}: "
        "they order the respondents alike. Keep one of them, or merge rare categories."
        for i, j in found.at_edge.tolist()
    ]
    return tuple(notes)


def _answers(data: object, columns: Iterable[str] | None) -> tuple[tuple[str, ...], Matrix]:
    if isinstance(data, Moments):
        raise DataError(NEEDS_ANSWERS)
    frame = as_pandas(data)
    if looks_like_moments(frame):
        raise DataError(NEEDS_ANSWERS)
    names = unique_names([str(name) for name in frame.columns] if columns is None else columns)
    return names, answers_matrix(frame, names)


def _checked(names: tuple[str, ...], values: Matrix, places: Indices) -> OrderedItems:
    """The ordered items; every pair has common rows in which both vary."""
    items = ordered_items(values[:, places], [names[at] for at in places])
    for at in np.setdiff1d(np.arange(len(names)), places):
        column = values[:, at]
        if not np.nanvar(column) > 0 if (~np.isnan(column)).any() else True:
            raise DataError(f"item '{names[at]}' has no answers or does not vary; leave it out")
    answered = ~np.isnan(values)
    if answered.all():
        return items
    counts = answered.T.astype(np.float64) @ answered.astype(np.float64)
    if counts.min() < 2:
        i, j = (int(at) for at in np.unravel_index(int(counts.argmin()), counts.shape))
        raise DataError(f"items '{names[i]}' and '{names[j]}' were answered together in fewer than two rows")
    return items


def _adhoc(values: Matrix, places: Indices, items: OrderedItems, r: Matrix) -> Mask:
    """Put ad hoc polyserial correlations into `r` (p, p), and say where."""
    changed = np.zeros(r.shape, dtype=bool)
    for at, place in enumerate(places):
        cuts = items.answers.thresholds[at]
        codes = items.answers.codes[at].astype(np.float64)
        for other in np.setdiff1d(np.arange(len(r)), places):
            both = ~np.isnan(values[:, place]) & ~np.isnan(values[:, other])
            found = polyserial_adhoc(values[both, other], codes[both], cuts[np.isfinite(cuts)])
            for pair in ((place, other), (other, place)):
                r[pair], changed[pair] = found, True
    return changed


def _standard_errors(
    names: tuple[str, ...], values: Matrix, places: Indices, items: OrderedItems, found: MixedMoments
) -> Matrix:
    """Of the correlations, (p, p); those of continuous variables from standardized columns."""
    if len(places) < len(names):
        scaled = (values - found.mean) / np.sqrt(np.diagonal(found.cov))
        scaled[:, places] = values[:, places]
        found = mixed_moments(scaled, places, items.answers)
    if found.gamma is None:
        raise AssertionError("gamma was asked for")
    p = len(names)
    pairs = p * (p - 1) // 2
    gamma = _correlation_gamma(found, places, p)
    errors = np.full((p, p), np.nan)
    first, second = np.triu_indices(p, 1)
    errors[first, second] = errors[second, first] = np.sqrt(gamma[-pairs:] / len(values))
    return errors


def _correlation_gamma(found: MixedMoments, places: Indices, p: int) -> Vector:
    """Variances of the correlations: r = s_ij/(s_i s_j), dr = ds_ij - r (dv_i + dv_j)/2 at unit variances."""
    if found.gamma is None:
        raise AssertionError("gamma was asked for")
    pairs = p * (p - 1) // 2
    continuous = np.setdiff1d(np.arange(p), places)
    first, second = np.triu_indices(p, 1)
    begin = len(found.gamma) - pairs
    J = np.zeros((pairs, len(found.gamma)))
    J[np.arange(pairs), begin + np.arange(pairs)] = 1.0
    for at, place in enumerate(continuous):
        touched = np.flatnonzero((first == place) | (second == place))
        J[touched, begin - len(continuous) + at] = -0.5 * found.cov[first[touched], second[touched]]
    if not len(continuous):
        return np.asarray(np.diagonal(found.gamma)[begin:])
    return np.asarray(((J @ found.gamma) * J).sum(axis=1))


def _threshold_frame(items: OrderedItems, found: MixedMoments) -> pd.DataFrame:
    import pandas as pd

    rows: dict[str, list[str]] = {"item": [], "threshold": []}
    values: list[float] = []
    se: list[float] = []
    for name, levels, counts in zip(items.names, items.levels, items.answers.counts, strict=True):
        shares = np.cumsum(counts)[: len(levels) - 1] / counts.sum()
        rows["item"] += [name] * len(shares)
        rows["threshold"] += [f"t{k + 1}" for k in range(len(shares))]
        values += [float(value) for value in levels[:-1]]
        se += [float(each) for each in np.sqrt(shares * (1.0 - shares) / counts.sum())]
    estimate = found.thresholds
    density = np.exp(-0.5 * estimate**2) / np.sqrt(2.0 * np.pi)
    return pd.DataFrame({**rows, "value": values, "estimate": estimate, "se": np.array(se) / density})
