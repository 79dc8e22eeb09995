"""From whatever a user has to the covariances of named items: the one door of this room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, did_you_mean
from research.numerics.arrays import Matrix, Vector
from research.numerics.pairwise_moments import PairwiseMoments, pairwise_moments
from research.responses.columns import as_pandas, group_labels, numeric_matrix
from research.responses.moments import Moments
from research.responses.nouns import Responses

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 4_096  # rows that are read at once: a block of 40 items stays in the processor's cache
TINIEST = 1e-150  # a variance below it, or above its inverse, is lost in squares
Constructs = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ItemData:
    """Named items: raw answers where there are any, and their covariances.

    `values` has shape (n, k) with NaN where an answer is missing, or is None where only moments were
    given or wanted. `cov` (k, k) divides by n - 1 and uses, for each pair, every row that answered both.
    `n_obs` counts the rows with at least one answer; `n_complete` those with all of them; both are 0
    where a matrix was given without its n. `pairs` (k, k) counts the rows of each pair. Where the answers
    were read but not kept, `complete_cov` is the covariance of the complete rows and `scales` has `n_obs`
    and `n_complete` of each construct. `mean` (k,) is None where it is not known.
    """

    names: tuple[str, ...]
    values: Matrix | None
    cov: Matrix
    n_obs: int
    n_complete: int
    pairs: Matrix | None = None
    complete_cov: Matrix | None = None
    scales: tuple[tuple[tuple[str, ...], int, int], ...] = ()
    mean: Vector | None = None
    pair_cor: Matrix | None = None

    @property
    def cor(self) -> Matrix:
        """Correlations of `cov`, shape (k, k)."""
        sd = np.sqrt(np.diag(self.cov))
        correlations: Matrix = self.cov / np.outer(sd, sd)
        return correlations

    @property
    def own_cor(self) -> Matrix:
        """Correlations, (k, k), each pair with the standard deviations of its own rows: R's pairwise `cor`.

        The same as `cor` where no answer is missing. DataError where an item does not vary in a pair's rows.
        """
        if self.pair_cor is None:
            return self.cor
        if np.isnan(self.pair_cor).any():
            i, j = (int(at) for at in np.argwhere(np.isnan(self.pair_cor))[0])
            raise DataError(
                f"items {self.names[i]!r} and {self.names[j]!r} have no correlation: one of them does not "
                "vary in the rows that answered both."
            )
        return self.pair_cor

    @property
    def n_least(self) -> int:
        """Rows of the pair of items with the fewest: what an interval of a pairwise statistic rests on."""
        return self.n_obs if self.pairs is None else int(self.pairs.min())

    def take(self, names: Sequence[str]) -> ItemData:
        """The same data for some of the items, in the order asked for; rows are counted anew."""
        at = [self.names.index(name) for name in names]
        square = np.ix_(at, at)
        mean = None if self.mean is None else self.mean[at]
        pair_cor = None if self.pair_cor is None else self.pair_cor[square]
        pairs = None if self.pairs is None else self.pairs[square]
        if self.values is not None:
            values = self.values[:, at]
            counts, cov = _count_rows(values), self.cov[square]
            return ItemData(tuple(names), values, cov, *counts, pairs, mean=mean, pair_cor=pair_cor)
        n_obs, n_complete = self.n_obs, self.n_complete
        for columns, some, whole in self.scales:
            if columns == tuple(names):
                n_obs, n_complete = some, whole
        complete = None if self.complete_cov is None else self.complete_cov[square]
        return ItemData(
            tuple(names), None, self.cov[square], n_obs, n_complete, pairs, complete, (), mean, pair_cor
        )

    def complete(self) -> Matrix:
        """The rows without a missing answer, (n_complete, k); DataError where only moments are known."""
        if self.values is None:
            raise DataError("this needs the answers themselves; a matrix of moments is not enough.")
        return self.values[~np.isnan(self.values).any(axis=1)]

    def complete_covariance(self) -> Matrix:
        """Covariance (n - 1) of the complete rows; of a matrix that was given, the matrix."""
        if self.n_complete == self.n_obs or (self.values is None and self.complete_cov is None):
            return self.cov
        if self.n_complete < 2:
            raise DataError(
                f"{self.n_complete} of {self.n_obs} rows answered all of {', '.join(self.names)}; "
                "a model of these items needs more complete rows."
            )
        return (
            self.complete_cov if self.complete_cov is not None else np.atleast_2d(np.cov(self.complete().T))
        )


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
    given = _moments(data, names, n_obs, reverse)
    if given is not None:
        return given
    frame = as_pandas(data)
    wanted = unique_names([str(name) for name in frame.columns] if names is None else names)
    values = numeric_matrix(frame, wanted)
    signs = _signs(wanted, list(reverse), data)
    if (signs < 0).any():
        values = values * signs
    rows = (values[start : start + BLOCK] for start in range(0, len(values), BLOCK))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = _checked(wanted, pairwise_moments(rows, len(wanted)))
    return ItemData(
        wanted,
        values,
        found.cov,
        found.n_any,
        found.n_complete,
        found.pairs,
        mean=found.mean,
        pair_cor=found.cor,
    )


def scale_data(
    data: object,
    blocks: Mapping[str, tuple[str, ...]],
    *,
    n_obs: int | None = None,
    reverse: Iterable[str] = (),
) -> ItemData:
    """The items of all constructs as `item_data` gives them, without their answers.

    A frame is read a block of rows at a time: beside it there is never a second copy of a large file.
    """
    wanted = unique_names(all_items(blocks))
    given = _moments(data, wanted, n_obs, reverse)
    if given is not None:
        return given
    frame = as_pandas(data)
    places = [
        np.array([wanted.index(name) for name in columns], dtype=np.intp) for columns in blocks.values()
    ]
    signs = _signs(wanted, list(reverse), data)
    numeric_matrix(frame.iloc[:0], wanted)  # an unknown column is told before a row is read
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = _checked(wanted, pairwise_moments(_rows(frame, wanted), len(wanted), places, signs))
    scales = tuple((names, *counts) for names, counts in zip(blocks.values(), found.scales, strict=True))
    return ItemData(
        wanted,
        None,
        found.cov,
        found.n_any,
        found.n_complete,
        found.pairs,
        found.complete_cov,
        scales,
        found.mean,
        found.cor,
    )


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


def _moments(
    data: object, names: Iterable[str] | None, n_obs: int | None, reverse: Iterable[str]
) -> ItemData | None:
    """What moments or a square frame say of the items; None where `data` has answers."""
    if isinstance(data, Moments):
        known, matrix, count = data.variables, data.cov, round(data.n)
        mean = data.mean if data.has_means else None
    else:
        frame = as_pandas(data)
        if not looks_like_moments(frame):
            return None
        known = tuple(str(name) for name in frame.columns)
        matrix, count, mean = numeric_matrix(frame, list(frame.columns)), n_obs or 0, None
    wanted = unique_names(known if names is None else names)
    signs = _signs(wanted, list(reverse), data)
    cov = _chosen_moments(known, matrix, wanted) * np.outer(signs, signs)
    if n_obs is not None and n_obs < 2:
        raise DataError(f"n_obs is {n_obs}; a covariance needs at least two rows.")
    if mean is not None:
        mean = signs * mean[[known.index(name) for name in wanted]]
    return ItemData(wanted, None, cov, count, count, mean=mean)


def _rows(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[Matrix]:
    """Blocks of the frame's rows as floats; an infinite value is named by its row in the whole frame."""
    for start in range(0, len(frame), BLOCK):
        try:
            yield numeric_matrix(frame.iloc[start : start + BLOCK], names)
        except DataError:
            numeric_matrix(frame, names)
            raise


def _signs(wanted: Sequence[str], reverse: Sequence[str], data: object) -> Vector:
    for name in reverse:
        if name not in wanted:
            hint = did_you_mean(name, wanted)
            raise DataError(f"reverse names {name!r}, which is not among the items.{hint}")
        if isinstance(data, Responses) and name in data.turned:
            raise DataError(f"item {name!r} was turned when the answers were read; leave it out of reverse.")
    return np.array([-1.0 if name in reverse else 1.0 for name in wanted])


def _checked(names: Sequence[str], found: PairwiseMoments) -> PairwiseMoments:
    """The moments, or DataError that names an item without variance or a pair without common rows."""
    for name, n, low, high in zip(names, np.diag(found.pairs), found.low, found.high, strict=True):
        if n == 0:
            raise DataError(f"item {name!r} has no answers at all; leave it out or check its column name.")
        if n == 1:
            raise DataError(f"item {name!r} has one answer only; at least two rows are needed.")
        if low == high:
            raise DataError(
                f"item {name!r} is constant: all {int(n)} answers are {abs(float(low)):g}; "
                "it has no variance and cannot be part of a scale."
            )
    for name, variance in zip(names, np.diag(found.cov), strict=True):
        if not TINIEST < variance < 1 / TINIEST:
            raise DataError(
                f"the answers to item {name!r} are too large or too small to compute with (variance "
                f"{variance:g}); divide or multiply them by a power of ten."
            )
    if found.pairs.min() < 2:
        i, j = (int(k) for k in np.unravel_index(int(found.pairs.argmin()), found.pairs.shape))
        raise DataError(f"items {names[i]!r} and {names[j]!r} were answered together in fewer than two rows.")
    return found


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
