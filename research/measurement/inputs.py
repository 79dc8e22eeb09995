"""From whatever a user has to the covariances of named items: the one door of this room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, did_you_mean
from research.numerics.arrays import Matrix, Vector
from research.responses.columns import as_pandas, group_labels, numeric_matrix
from research.responses.moments import Moments
from research.responses.nouns import Responses

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 65_536  # rows that are centred at once
Constructs = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ItemData:
    """Named items: raw answers where there are any, and their covariances.

    `values` has shape (n, k) with NaN where an answer is missing, or is None where only moments were
    given. `cov` (k, k) divides by n - 1 and uses, for each pair, every row that answered both.
    `n_obs` counts the rows with at least one answer; `n_complete` those with all of them; both are 0
    where a matrix was given without its n.
    """

    names: tuple[str, ...]
    values: Matrix | None
    cov: Matrix
    n_obs: int
    n_complete: int

    @property
    def cor(self) -> Matrix:
        """Correlations, shape (k, k)."""
        sd = np.sqrt(np.diag(self.cov))
        correlations: Matrix = self.cov / np.outer(sd, sd)
        return correlations

    def take(self, names: Sequence[str]) -> ItemData:
        """The same data for some of the items, in the order asked for; rows are counted anew."""
        at = [self.names.index(name) for name in names]
        cov = self.cov[np.ix_(at, at)]
        if self.values is None:
            return ItemData(tuple(names), None, cov, self.n_obs, self.n_complete)
        values = self.values[:, at]
        return ItemData(tuple(names), values, cov, *_count_rows(values))

    def complete(self) -> Matrix:
        """The rows without a missing answer, (n_complete, k); DataError where only moments are known."""
        if self.values is None:
            raise DataError("this needs the answers themselves; a matrix of moments is not enough.")
        return self.values[~np.isnan(self.values).any(axis=1)]

    def complete_covariance(self) -> Matrix:
        """Covariance (n - 1) of the complete rows; of a matrix that was given, the matrix."""
        if self.values is None or self.n_complete == self.n_obs:
            return self.cov
        if self.n_complete < 2:
            raise DataError(
                f"{self.n_complete} of {self.n_obs} rows answered all of {', '.join(self.names)}; "
                "a model of these items needs more complete rows."
            )
        return np.atleast_2d(np.cov(self.complete().T))


def item_data(
    data: object,
    names: Iterable[str] | None = None,
    *,
    n_obs: int | None = None,
    reverse: Iterable[str] = (),
) -> ItemData:
    """The items `names` (all columns where None) of a frame, of Responses, or of moments.

    `data`: Responses, a frame of answers (of any kind that narwhals reads), Moments, or a square
    pandas frame of covariances or correlations whose row labels are its column labels, with its
    `n_obs`. Items in `reverse` are turned (their covariances change sign). Raises DataError that names
    the column for an item that is unknown, not a number, constant or missing throughout.
    """
    if isinstance(data, Moments):
        known, matrix, count = data.variables, data.cov, round(data.n)
    else:
        frame = as_pandas(data)
        known = tuple(str(name) for name in frame.columns)
        if looks_like_moments(frame):
            matrix, count = numeric_matrix(frame, list(frame.columns)), n_obs or 0
        else:
            wanted = unique_names(known if names is None else names)
            values = numeric_matrix(frame, wanted)
            signs = _signs(wanted, list(reverse), data)
            if (signs < 0).any():
                values = values * signs
            for name, column in zip(wanted, values.T, strict=True):
                _check_varies(name, column)
            return ItemData(wanted, values, pairwise_covariance(wanted, values), *_count_rows(values))
    wanted = unique_names(known if names is None else names)
    signs = _signs(wanted, list(reverse), data)
    cov = _chosen_moments(known, matrix, wanted) * np.outer(signs, signs)
    if n_obs is not None and n_obs < 2:
        raise DataError(f"n_obs is {n_obs}; a covariance needs at least two rows.")
    return ItemData(wanted, None, cov, count, count)


def checked_constructs(constructs: Constructs | Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The constructs with their items as tuples; DataError for an empty one or an item in two of them."""
    if not isinstance(constructs, Mapping) or not constructs:
        raise DataError("constructs are given as {name: [item columns]} with at least one entry.")
    blocks: dict[str, tuple[str, ...]] = {}
    home: dict[str, str] = {}
    for name, columns in constructs.items():
        if not isinstance(columns, str) and not len(list(columns)):
            raise DataError(f"construct {name!r} has no items.")
        blocks[name] = unique_names(columns)
        for item in blocks[name]:
            if item in home:
                raise DataError(f"item {item!r} stands in two constructs, {home[item]!r} and {name!r}.")
            home[item] = name
    return blocks


def all_items(blocks: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The items of all constructs, in their order."""
    return [item for columns in blocks.values() for item in columns]


def split_groups(data: object, group: str) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each group, groups in the order of their appearance; rows without a group are refused."""
    frame = as_pandas(data)
    labels = group_labels(frame, group)
    if (labels == "").any():
        raise DataError(f"{int((labels == '').sum())} rows have no value in the group column {group!r}.")
    return [(label, frame.loc[labels == label]) for label in dict.fromkeys(labels.tolist())]


def looks_like_moments(frame: pd.DataFrame) -> bool:
    """A square frame whose row labels equal its column labels is a matrix of moments, not answers."""
    return frame.shape[0] == frame.shape[1] > 0 and list(frame.index) == list(frame.columns)


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names as a tuple; an error where one stands twice or none is given."""
    if isinstance(names, str):
        raise DataError(f"items are given as a list of column names, not as the text {names!r}.")
    wanted = tuple(names)
    twice = sorted({name for name in wanted if wanted.count(name) > 1})
    if twice:
        raise DataError(f"item {twice[0]!r} is named twice; each item may stand in one place only.")
    if not wanted:
        raise DataError("no items are named; give at least one column.")
    return wanted


def pairwise_covariance(names: Sequence[str], values: Matrix) -> Matrix:
    """Covariances (n - 1) of (n, k) answers, each pair over the rows that answered both."""
    missing = np.isnan(values)
    if not missing.any() and len(values) > 1:
        mean, scatter = values.mean(axis=0), np.zeros((values.shape[1], values.shape[1]))
        for start in range(0, len(values), BLOCK):  # a block at a time: no second copy of a large file
            centred = values[start : start + BLOCK] - mean
            scatter += centred.T @ centred
        return np.asarray(scatter / (len(values) - 1))
    answered = (~missing).astype(np.float64)
    counts = answered.T @ answered
    if counts.min() < 2:
        i, j = (int(k) for k in np.unravel_index(int(counts.argmin()), counts.shape))
        raise DataError(f"items {names[i]!r} and {names[j]!r} were answered together in fewer than two rows.")
    x = np.where(missing, 0.0, values - np.nanmean(values, axis=0))
    sums = x.T @ answered  # sum of x_i over the rows where j was answered too
    cov: Matrix = (x.T @ x - sums * sums.T / counts) / (counts - 1)
    return cov


def _signs(wanted: Sequence[str], reverse: Sequence[str], data: object) -> Vector:
    for name in reverse:
        if name not in wanted:
            hint = did_you_mean(name, wanted)
            raise DataError(f"reverse names {name!r}, which is not among the items.{hint}")
        if isinstance(data, Responses) and name in data.turned:
            raise DataError(f"item {name!r} was turned when the answers were read; leave it out of reverse.")
    return np.array([-1.0 if name in reverse else 1.0 for name in wanted])


def _check_varies(name: str, column: Vector) -> None:
    answered = column[~np.isnan(column)]
    if answered.size == 0:
        raise DataError(f"item {name!r} has no answers at all; leave it out or check its column name.")
    if answered.size == 1:
        raise DataError(f"item {name!r} has one answer only; at least two rows are needed.")
    if np.ptp(answered) == 0:
        raise DataError(
            f"item {name!r} is constant: all {answered.size} answers are {abs(answered[0]):g}; "
            "it has no variance and cannot be part of a scale."
        )


def _count_rows(values: Matrix) -> tuple[int, int]:
    missing = np.isnan(values)
    return int((~missing.all(axis=1)).sum()), int((~missing.any(axis=1)).sum())


def _chosen_moments(known: Sequence[str], matrix: Matrix, names: Sequence[str]) -> Matrix:
    """The rows and columns of the items, checked to be symmetric with positive variances."""
    for name in names:
        if name not in known:
            raise DataError(f"the matrix has no row {name!r}.{did_you_mean(name, known)}")
    at = [known.index(name) for name in names]
    chosen = matrix[np.ix_(at, at)]
    if np.isnan(chosen).any():
        i, j = (int(k) for k in np.argwhere(np.isnan(chosen))[0])
        raise DataError(f"the matrix has no value for {names[i]!r} and {names[j]!r}.")
    uneven = ~np.isclose(chosen, chosen.T, rtol=1e-6, atol=1e-8)
    if uneven.any():
        i, j = (int(k) for k in np.argwhere(uneven)[0])
        raise DataError(
            f"the matrix is not symmetric: {names[i]!r} with {names[j]!r} is {chosen[i, j]:g} on one side "
            f"of the diagonal and {chosen[j, i]:g} on the other."
        )
    variances = np.diag(chosen)
    if (variances <= 0).any():
        name = names[int(np.argmin(variances))]
        raise DataError(f"the matrix gives item {name!r} a variance of {variances.min():g}, not above 0.")
    return (chosen + chosen.T) / 2
