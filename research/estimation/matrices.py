"""Covariance matrices and means that a user types in or reads from a publication."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from research.errors import DataError, OptionError
from research.numerics.arrays import Matrix, Vector
from research.responses.moments import GroupMoments, Moments

if TYPE_CHECKING:
    import pandas as pd

Square: TypeAlias = "pd.DataFrame | Mapping[str, pd.DataFrame]"
Means: TypeAlias = "pd.Series | Mapping[str, float] | Mapping[str, pd.Series] | Sequence[float] | None"
Counts: TypeAlias = "int | Sequence[int] | Mapping[str, int]"


def read_matrices(
    sample_cov: Square, sample_nobs: Counts | None, sample_mean: Means, *, rescale: bool
) -> Moments:
    """`Moments` from one covariance frame or {group: frame}.

    `rescale`: the matrices have divisor n - 1, else n. Errors name the group, the variable and the value.
    """
    frames = {str(k): v for k, v in sample_cov.items()} if _grouped(sample_cov) else {"": sample_cov}
    if sample_nobs is None:
        raise OptionError("sample_cov needs sample_nobs, the number of rows that it was computed from")
    counts = _counts(sample_nobs, list(frames))
    means = _means(sample_mean, list(frames))
    names: tuple[str, ...] = ()
    groups = []
    for label, frame in frames.items():
        cov, variables = _square(frame, label)
        if names and set(names) != set(variables):
            raise DataError(f"group '{label}' has other variables than the first group")
        names = names or variables
        order = [variables.index(name) for name in names]
        n = counts[label]
        scatter = cov[np.ix_(order, order)] * (n - 1.0 if rescale else n)
        groups.append(GroupMoments(label, float(n), _mean_vector(means.get(label), names, label), scatter))
    return Moments(names, tuple(groups), has_means=sample_mean is not None)


def _grouped(value: object) -> bool:
    return isinstance(value, Mapping) and not hasattr(value, "columns")


def _counts(sample_nobs: Counts, labels: Sequence[str]) -> dict[str, float]:
    if isinstance(sample_nobs, Mapping):
        given = {str(label): float(n) for label, n in sample_nobs.items()}
    else:
        listed = list(sample_nobs) if isinstance(sample_nobs, Sequence) else [sample_nobs]
        if len(listed) != len(labels):
            raise OptionError(f"sample_nobs has {len(listed)} numbers for {len(labels)} groups")
        given = {label: float(n) for label, n in zip(labels, listed, strict=True)}
    for label in labels:
        n = given.get(label)
        if n is None or not n > 1:
            raise OptionError(f"sample_nobs of group '{label}' is {n}; it must be a number above 1")
    return given


def _means(sample_mean: Means, labels: Sequence[str]) -> dict[str, object]:
    if sample_mean is None:
        return {}
    if labels != [""]:
        if not isinstance(sample_mean, Mapping):
            raise OptionError("sample_mean must map each group to its means, as sample_cov does")
        return {str(label): mean for label, mean in sample_mean.items()}
    return {"": sample_mean}


def _square(frame: object, label: str) -> tuple[Matrix, tuple[str, ...]]:
    import pandas as pd

    where = f" of group '{label}'" if label else ""
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"the covariance matrix{where} must be a data frame whose columns name the variables")
    names = tuple(str(name) for name in frame.columns)
    try:
        values = frame.to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"the covariance matrix{where} holds text: {error}") from error
    if values.shape[0] != values.shape[1]:
        raise DataError(f"the covariance matrix{where} is {values.shape[0]} x {values.shape[1]}, not square")
    upper = np.isnan(values) | (values == 0)
    if upper[np.triu_indices(len(values), 1)].all():
        values = np.tril(values) + np.tril(values, -1).T
    gap = np.abs(values - values.T)
    if not gap.max(initial=0.0) <= 1e-6 * np.abs(values).max(initial=0.0):
        i, j = (int(at) for at in np.unravel_index(int(np.nanargmax(gap)), gap.shape))
        raise DataError(
            f"the covariance matrix{where} is not symmetric: "
            f"[{names[i]}, {names[j]}] is {values[i, j]:g}, [{names[j]}, {names[i]}] is {values[j, i]:g}"
        )
    return (values + values.T) / 2.0, names


def _mean_vector(mean: object, names: Sequence[str], label: str) -> Vector:
    import pandas as pd

    if mean is None:
        return np.zeros(len(names))
    if isinstance(mean, pd.DataFrame):
        mean = mean.iloc[:, 0] if mean.shape[1] == 1 else mean.iloc[0]
    if isinstance(mean, pd.Series | Mapping):
        given = {str(name): float(value) for name, value in mean.items()}
        absent = [name for name in names if name not in given]
        if absent:
            raise DataError(f"sample_mean{f' of group {label}' if label else ''} lacks '{absent[0]}'")
        return np.array([given[name] for name in names])
    values = np.asarray(mean, dtype=float).ravel()
    if len(values) != len(names):
        raise DataError(f"sample_mean has {len(values)} values for {len(names)} variables")
    return values
