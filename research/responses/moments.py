"""Means and covariances as something that can be added up: blocks, files and machines give one result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from research.errors import DataError, did_you_mean
from research.numerics.arrays import Mask, Matrix, Vector
from research.readable import Readable

if TYPE_CHECKING:
    import pandas as pd

    from research.responses.nouns import Responses

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class GroupMoments:
    """Moments of one group: `n` rows (or the sum of their weights), `mean` (p,), `scatter` (p, p).

    `scatter` is the sum of squares and products about the mean; `n_left_out` counts the rows with a
    missing value, which are not in the moments.
    """

    label: str
    n: float
    mean: Vector
    scatter: Matrix
    n_left_out: int = 0

    @property
    def cov(self) -> Matrix:
        """The covariance matrix with divisor n - 1, shape (p, p); NaN for a single row."""
        if self.n <= 1:
            return np.full_like(self.scatter, np.nan)
        return self.scatter / (self.n - 1.0)

    def merge(self, other: GroupMoments) -> GroupMoments:
        """Moments of both sets of rows (Chan, Golub & LeVeque 1983), without cancellation."""
        n = self.n + other.n
        left_out = self.n_left_out + other.n_left_out
        if n == 0:
            return GroupMoments(self.label, 0.0, self.mean, self.scatter, left_out)
        gap = other.mean - self.mean
        mean = self.mean + gap * (other.n / n)
        scatter = self.scatter + other.scatter + np.outer(gap, gap) * (self.n * other.n / n)
        return GroupMoments(self.label, n, mean, scatter, left_out)


@dataclass(frozen=True, repr=False, slots=True)
class Moments(Readable):
    """Sufficient statistics of a normal model: all that `sem` needs for maximum likelihood.

    `variables`: names in the order of the matrices; `groups`: in order of first appearance, one with
    the label "" where there is no grouping. `has_means` is False for a bare covariance matrix.
    """

    variables: tuple[str, ...]
    groups: tuple[GroupMoments, ...]
    has_means: bool = True

    @property
    def n(self) -> float:
        """Rows in all groups."""
        return float(sum(group.n for group in self.groups))

    @property
    def mean(self) -> Vector:
        """Mean of the only group, shape (p,)."""
        return self._only().mean

    @property
    def cov(self) -> Matrix:
        """Covariance (divisor n - 1) of the only group, shape (p, p)."""
        return self._only().cov

    def merge(self, other: Moments) -> Moments:
        """Moments of both sets of rows; groups are joined by label."""
        if self.variables != other.variables:
            raise DataError(
                f"moments of {list(self.variables)} cannot be merged with moments of {list(other.variables)}"
            )
        found = {group.label: group for group in self.groups}
        for group in other.groups:
            found[group.label] = found[group.label].merge(group) if group.label in found else group
        return Moments(self.variables, tuple(found.values()), self.has_means and other.has_means)

    def pick(self, variables: Sequence[str]) -> Moments:
        """The moments of some of the variables, in the order given."""
        missing = [name for name in variables if name not in self.variables]
        if missing:
            raise DataError(f"no moments of '{missing[0]}'.{did_you_mean(missing[0], self.variables)}")
        at = [self.variables.index(name) for name in variables]
        groups = tuple(
            GroupMoments(g.label, g.n, g.mean[at], g.scatter[np.ix_(at, at)], g.n_left_out)
            for g in self.groups
        )
        return Moments(tuple(variables), groups, self.has_means)

    def save(self, path: str | Path) -> Path:
        """Write to a NumPy archive (.npz), without pickles; returns the path written."""
        from research.provenance import write_atomically

        return _save(self, Path(path), write_atomically)

    @classmethod
    def load(cls, path: str | Path) -> Moments:
        """Read what `save` wrote."""
        return _load(Path(path))

    def _only(self) -> GroupMoments:
        if len(self.groups) != 1:
            labels = ", ".join(group.label for group in self.groups)
            raise DataError(f"these moments have {len(self.groups)} groups ({labels}); use .groups")
        return self.groups[0]


class MomentsAccumulator:
    """Collects moments block by block; rows with a missing value are left out and counted.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"x": [1.0, 2.0, 4.0, 7.0], "y": [2.0, 1.0, 5.0, 3.0]})
    >>> total = MomentsAccumulator(["x", "y"])
    >>> total.update(frame[:2]).update(frame[2:]).moments().mean
    array([3.5 , 2.75])
    """

    def __init__(self, columns: Sequence[str], group: str | None = None, weights: str | None = None) -> None:
        self.columns = tuple(columns)
        self.group = group
        self.weights = weights
        self._groups: dict[str, GroupMoments] = {}

    def update(self, block: Any) -> MomentsAccumulator:
        """Add the rows of a block: a pandas frame, `Responses`, or any frame that narwhals reads."""
        values, labels, weights = _arrays(block, self.columns, self.group, self.weights)
        for label in dict.fromkeys(labels.tolist()) if labels is not None else [""]:
            mask = slice(None) if labels is None else labels == label
            part = group_moments(str(label), values[mask], None if weights is None else weights[mask])
            self._add(part)
        return self

    def merge(self, other: MomentsAccumulator) -> MomentsAccumulator:
        """Add everything that `other` has collected."""
        if self.columns != other.columns:
            raise DataError(f"columns {list(other.columns)} cannot be merged into {list(self.columns)}")
        for part in other._groups.values():
            self._add(part)
        return self

    def moments(self) -> Moments:
        """What has been collected so far."""
        if not self._groups:
            raise DataError("no rows: update the accumulator with at least one block")
        return Moments(self.columns, tuple(self._groups.values()))

    def _add(self, part: GroupMoments) -> None:
        known = self._groups.get(part.label)
        self._groups[part.label] = part if known is None else known.merge(part)


def moments(
    data: pd.DataFrame | Responses | Mapping[str, Matrix] | Any,
    columns: Sequence[str] | None = None,
    group: str | None = None,
    weights: str | None = None,
) -> Moments:
    """Means and covariances of `columns`, in each group.

    data: a pandas DataFrame, `Responses`, any frame that narwhals reads (polars, pyarrow …), an iterable
        of such blocks, or a mapping of group label to a data matrix (n, p), named by `columns`.
    columns: all numeric columns but `group` and `weights` if None.
    Rows with a missing value are left out and counted in `n_left_out`. Errors: `DataError` for an unknown
    column or one that holds text.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.moments(answers, ["trust1", "trust2", "age"])
    >>> found.variables, found.cov.shape
    (('trust1', 'trust2', 'age'), (3, 3))
    """
    if isinstance(data, Mapping) and not hasattr(data, "columns"):
        return _from_matrices(data, columns)
    if isinstance(data, Iterable) and not hasattr(data, "columns") and not hasattr(data, "frame"):
        if columns is None:
            raise DataError("a stream of blocks needs `columns`, the names to add up")
        total = MomentsAccumulator(columns, group, weights)
        for block in data:
            total.update(block)
        return total.moments()
    chosen = _numeric_columns(data, (group, weights)) if columns is None else tuple(columns)
    return MomentsAccumulator(chosen, group, weights).update(data).moments()


def group_moments(label: str, values: Matrix, weights: Vector | None = None) -> GroupMoments:
    """Moments of the complete rows of `values`, shape (n, p)."""
    complete: Mask = np.logical_not(np.isnan(values).any(axis=1))
    left_out = len(values) - int(complete.sum())
    kept = values if not left_out else values[complete]
    p = values.shape[1]
    if not len(kept):
        return GroupMoments(label, 0.0, np.zeros(p), np.zeros((p, p)), left_out)
    if weights is None:
        mean = kept.mean(axis=0)
        centred = kept - mean
        return GroupMoments(label, float(len(kept)), mean, centred.T @ centred, left_out)
    w = weights if not left_out else weights[complete]
    total = float(w.sum())
    mean = w @ kept / total
    centred = kept - mean
    return GroupMoments(label, total, mean, (centred * w[:, None]).T @ centred, left_out)


def _from_matrices(data: Mapping[str, Matrix], columns: Sequence[str] | None) -> Moments:
    if columns is None:
        raise DataError("matrices have no names: pass `columns`")
    groups = tuple(
        group_moments(str(label), np.asarray(values, dtype=float)) for label, values in data.items()
    )
    return Moments(tuple(columns), groups)


def _numeric_columns(data: Any, besides: tuple[str | None, ...]) -> tuple[str, ...]:
    from research.responses.columns import as_pandas

    frame = as_pandas(data)
    return tuple(str(name) for name in frame.select_dtypes("number").columns if name not in besides)


def _arrays(
    block: Any, columns: tuple[str, ...], group: str | None, weights: str | None
) -> tuple[Matrix, Any, Vector | None]:
    from research.responses.columns import as_pandas, group_labels, numeric_matrix

    frame = as_pandas(block)
    values = numeric_matrix(frame, columns)
    labels = group_labels(frame, group) if group is not None else None
    weight = numeric_matrix(frame, (weights,))[:, 0] if weights is not None else None
    return values, labels, weight


def _save(moments: Moments, path: Path, write: Any) -> Path:
    import io

    buffer = io.BytesIO()
    np.savez(
        buffer,
        format=np.array(_FORMAT),
        variables=np.array(moments.variables, dtype=str),
        has_means=np.array(moments.has_means),
        labels=np.array([g.label for g in moments.groups], dtype=str),
        n=np.array([g.n for g in moments.groups]),
        left_out=np.array([g.n_left_out for g in moments.groups]),
        mean=np.stack([g.mean for g in moments.groups]),
        scatter=np.stack([g.scatter for g in moments.groups]),
    )
    write(path, buffer.getvalue())
    return path


def _load(path: Path) -> Moments:
    try:
        with np.load(path, allow_pickle=False) as archive:
            kept = {name: archive[name] for name in archive.files}
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: no moments can be read from it ({error})") from error
    if int(kept.get("format", np.array(0))) != _FORMAT:
        raise DataError(f"{path}: not an archive written by Moments.save")
    groups = tuple(
        GroupMoments(str(label), float(n), mean, scatter, int(left))
        for label, n, mean, scatter, left in zip(
            kept["labels"], kept["n"], kept["mean"], kept["scatter"], kept["left_out"], strict=True
        )
    )
    return Moments(tuple(str(name) for name in kept["variables"]), groups, bool(kept["has_means"]))
