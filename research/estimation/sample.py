"""What a model is fitted to: moments of every group and, where there are rows, the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from research.errors import DataError, did_you_mean
from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.definite import cholesky_root
from research.numerics.likelihood import log_determinant
from research.responses.columns import group_labels, numeric_matrix
from research.responses.moments import Moments

if TYPE_CHECKING:
    import pandas as pd

    from research.numerics.missing_patterns import Patterns

Divisor = Literal["n", "n - 1"]


@dataclass(frozen=True)
class GroupSample:
    """One group.

    `n_obs`: rows used; `weight`: n or n - 1, the divisor of `cov` (p, p); `mean`: (p,). `data`: the rows
    used, (n, p), None where only moments are known; `rows`: their places in the frame, (n,).
    `sampling_weights` sum to n over all groups; `clusters` are whole numbers from 0. `patterns`: rows by what
    they lack, where moments come from incomplete rows; `saturated`: -2 log-likelihood a row of those moments,
    without its constant.
    """

    label: str
    n_obs: int
    weight: float
    cov: Matrix
    mean: Vector
    data: Matrix | None = None
    rows: Indices | None = None
    sampling_weights: Vector | None = None
    clusters: Indices | None = None

    @property
    def size(self) -> float:
        """What the group counts for: its rows, or the sum of their sampling weights."""
        return float(self.n_obs if self.sampling_weights is None else self.sampling_weights.sum())

    @cached_property
    def logdet(self) -> float:
        """log|cov|, NaN where `cov` is not positive definite."""
        return float(log_determinant(self.cov))

    patterns: Patterns | None = None
    saturated: float = 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """All groups over the same variables, and what a reader has to know about the rows."""

    variables: tuple[str, ...]
    groups: tuple[GroupSample, ...]
    divisor: Divisor
    has_means: bool
    notes: tuple[str, ...] = ()

    @property
    def n_obs(self) -> int:
        """Rows in all groups."""
        return sum(group.n_obs for group in self.groups)

    @property
    def weight(self) -> float:
        """Sum of the groups' weights: what the discrepancy is multiplied with."""
        return float(sum(group.weight for group in self.groups))

    @property
    def has_data(self) -> bool:
        """Whether the rows are known, not only their moments."""
        return all(group.data is not None for group in self.groups)

    @property
    def n_missing(self) -> int:
        """Missing values among the rows used."""
        return sum(int(np.isnan(group.data).sum()) for group in self.groups if group.data is not None)


def group_order(frame: pd.DataFrame, group: str) -> tuple[str, ...]:
    """The labels of the groups in the order of the data; rows without a label are in none."""
    return tuple(label for label in dict.fromkeys(group_labels(frame, group).tolist()) if label)


def sample_from_frame(
    frame: pd.DataFrame,
    variables: Sequence[str],
    groups: Sequence[str] = (),
    *,
    group: str | None = None,
    exogenous: Sequence[str] = (),
    keep_missing: bool = False,
    sampling_weights: str | None = None,
    cluster: str | None = None,
    divisor: Divisor = "n",
) -> Sample:
    """The rows of a frame that a model uses.

    `keep_missing`: rows with missing values stay (full information), except those that have no value at
    all and those that lack an `exogenous` variable; otherwise only complete rows are used.
    """
    values = numeric_matrix(frame, variables)
    labels = group_labels(frame, group) if group is not None else None
    weights = numeric_matrix(frame, (sampling_weights,))[:, 0] if sampling_weights else None
    clusters = _clusters(frame, cluster) if cluster else None
    missing = np.isnan(values)
    notes: list[str] = []
    usable: Mask
    if not missing.any():
        usable = np.ones(len(values), dtype=bool)
    elif keep_missing:
        fixed = [at for at, name in enumerate(variables) if name in exogenous]
        usable = np.asarray(~(missing.all(axis=1) | missing[:, fixed].any(axis=1)))
    else:
        usable = np.asarray(~missing.any(axis=1))
    if weights is not None:
        usable &= ~np.isnan(weights)
    if labels is not None:
        usable &= labels != ""
    left_out = len(usable) - int(np.count_nonzero(usable))
    if left_out:
        given = missing[:, [name in exogenous for name in variables]] if keep_missing else missing[:, :0]
        lacking = keep_missing and bool(given.any())
        notes.append(_left_out_note(left_out, len(usable), keep_missing, lacking, missing, variables))
    if weights is not None:
        inside = usable if labels is None else usable & (labels != "")
        weights = _scaled_weights(weights, inside, str(sampling_weights))
    parts = []
    for label in groups or ("",):
        inside = usable if labels is None else usable & (labels == label)
        rows = inside.nonzero()[0]
        data = values if len(rows) == len(values) else values[rows]
        _refuse_unusable(data, variables, label, keep_missing)
        weight = None if weights is None else weights[rows]
        cluster_of = None if clusters is None else clusters[rows]
        parts.append(group_sample(label, data, rows, weight, cluster_of, divisor, keep_missing))
    return Sample(tuple(variables), tuple(parts), divisor, True, tuple(notes))


def with_unbiased_covariance(sample: Sample) -> Sample:
    """The sample with covariances of divisor n - 1 that count for n rows (sample_cov_rescale off)."""
    groups = tuple(replace(g, cov=g.cov * (g.weight / (g.weight - 1.0))) for g in sample.groups)
    return replace(sample, groups=groups)


def sample_from_moments(moments: Moments, variables: Sequence[str], *, divisor: Divisor = "n") -> Sample:
    """The moments of the model's variables, whatever they were collected from."""
    picked = moments.pick(variables)
    parts = []
    left_out = sum(group.n_left_out for group in picked.groups)
    notes = (f"{left_out} rows with missing values were left out of the moments.",) if left_out else ()
    for group in picked.groups:
        _refuse_bad_cov(group.cov, variables, group.label, group.n)
        weight = group.n if divisor == "n" else group.n - 1.0
        cov = group.scatter / weight
        parts.append(GroupSample(group.label, round(group.n), weight, cov, group.mean))
    return Sample(tuple(variables), tuple(parts), divisor, moments.has_means, notes)


def moments_from_matrices(sample_cov: Any, sample_nobs: Any, sample_mean: Any, *, rescale: bool) -> Moments:
    """`sample_cov=`, one matrix or {group: matrix}, as `Moments`.

    `rescale`: the matrix has divisor n - 1; otherwise it is taken as it is (divisor n).
    """
    from research.estimation.matrices import read_matrices

    return read_matrices(sample_cov, sample_nobs, sample_mean, rescale=rescale)


def group_sample(
    label: str,
    data: Matrix,
    rows: Indices,
    weights: Vector | None,
    clusters: Indices | None,
    divisor: Divisor,
    keep_missing: bool,
) -> GroupSample:
    """The moments of one group's rows, NaN where they have missing values that are kept."""
    n, p = data.shape
    count = float(n) if weights is None else float(weights.sum())
    total = count if divisor == "n" else count - 1.0
    if keep_missing and np.isnan(data).any():
        nothing = np.full((p, p), np.nan)
        return GroupSample(label, n, total, nothing, np.full(p, np.nan), data, rows, weights, clusters)
    if weights is None:
        mean = data.sum(axis=0) / n
        centred = data - mean
        scatter = centred.T @ centred
    else:
        mean = weights @ data / weights.sum()
        centred = data - mean
        scatter = (centred * weights[:, None]).T @ centred
    return GroupSample(label, n, total, scatter / total, mean, data, rows, weights, clusters)


def _scaled_weights(weights: Vector, usable: Mask, name: str) -> Vector:
    """Sampling weights that sum to the number of usable rows, over all groups together."""
    used = weights[usable]
    if (used < 0).any() or not used.sum() > 0:
        raise DataError(f"sampling weights in '{name}' must not be negative, and some must be positive")
    return np.asarray(weights * (len(used) / used.sum()))


def _clusters(frame: pd.DataFrame, cluster: str) -> Indices:
    labels = group_labels(frame, cluster)
    if (labels == "").any():
        raise DataError(
            f"'{cluster}' names no cluster in {int((labels == '').sum())} rows; leave them out first"
        )
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.intp)


def _left_out_note(
    left_out: int, n: int, keep_missing: bool, given: bool, missing: Matrix, variables: Sequence[str]
) -> str:
    counts = missing.sum(axis=0)
    worst = [f"{variables[at]} {counts[at]}" for at in np.argsort(-counts, kind="stable")[:3] if counts[at]]
    where = f" (most missing: {', '.join(worst)})" if worst else ""
    why = "no usable value" if keep_missing else "a missing value"
    if given:
        why = (
            "no value, or none of a covariate, whose values are taken as given (missing='fiml_x' or "
            "fixed_x=False keeps such rows),"
        )
    return f"{left_out} of {n} rows have {why} and were left out{where}."


def _refuse_unusable(data: Matrix, variables: Sequence[str], label: str, keep_missing: bool) -> None:
    """Too few rows, a variable without values or without variance."""
    where = f" in group '{label}'" if label else ""
    n, p = data.shape
    if n < 2:
        raise DataError(
            f"{n} usable rows{where}: a model needs more rows than variables ({p}); see missing='fiml'"
        )
    low, high = (data.min(axis=0), data.max(axis=0)) if not keep_missing else _range(data)
    spread = high - low
    squares: list[float] = (spread * spread).tolist()
    if all(0.0 < square < np.inf for square in squares):
        return
    for name, least, most in zip(variables, low, high, strict=True):
        if least != least:
            raise DataError(f"variable '{name}' has no values{where}; leave it out of the model")
        if least == most:
            raise DataError(
                f"variable '{name}' is constant{where} (every value is {least:g}); leave it out of the model"
            )
        if not 0 < (most - least) * (most - least) < np.inf:
            raise DataError(
                f"variable '{name}' lies between {least:g} and {most:g}{where}, where its variance cannot be "
                "computed; rescale it"
            )


def _range(data: Matrix) -> tuple[Vector, Vector]:
    empty = np.isnan(data).all(axis=0)
    low = np.where(np.isnan(data), np.inf, data).min(axis=0)
    high = np.where(np.isnan(data), -np.inf, data).max(axis=0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def check_covariance(cov: Matrix, variables: Sequence[str], n_obs: float, label: str = "") -> None:
    """Refuse a sample covariance matrix that is not positive definite; name the variables involved."""
    _refuse_bad_cov(cov, variables, label, n_obs)


def _refuse_bad_cov(cov: Matrix, variables: Sequence[str], label: str, n_obs: float) -> None:
    where = f" of group '{label}'" if label else ""
    if not np.isfinite(cov).all():
        raise DataError(f"the covariance matrix{where} has missing or infinite values")
    variance = np.diagonal(cov)
    if (variance <= 0).any():
        name = variables[int(np.flatnonzero(variance <= 0)[0])]
        raise DataError(
            f"variable '{name}' has variance {float(variance.min()):g}{where}; leave it out of the model"
        )
    sd = np.sqrt(variance)
    correlation = cov / np.multiply.outer(sd, sd)
    root = cholesky_root(correlation)
    if root is not None and (root.diagonal() > 0.03).all():
        return  # so large pivots leave no eigenvalue that rounding could hide
    values, vectors = np.linalg.eigh(correlation)
    if values[0] > 1e-10:
        return
    p = len(variables)
    if n_obs <= p:
        raise DataError(
            f"{n_obs:g} rows{where} for {p} variables: their covariance matrix is singular; "
            "a model needs more rows than variables"
        )
    null = np.abs(vectors[:, 0])
    involved = [variables[at] for at in np.argsort(-null) if null[at] > 0.05]
    what = (
        "is a linear combination of the others"
        if values[0] > -1e-8
        else "cannot be covariances of one sample"
    )
    raise DataError(
        f"the covariance matrix{where} is not positive definite: among {', '.join(involved)} one {what}; "
        "leave one of them out"
    )


def missing_names(known: Sequence[str], wanted: Sequence[str]) -> str:
    """A sentence on the first of `wanted` that is not known, or the empty string."""
    absent = [name for name in wanted if name not in known]
    if not absent:
        return ""
    return f"'{absent[0]}' is not among {', '.join(known[:12])}.{did_you_mean(absent[0], known)}"


def as_mapping(value: Any) -> Mapping[str, Any] | None:
    """A mapping of groups, or None for a single object."""
    return value if isinstance(value, Mapping) and not hasattr(value, "columns") else None


def sums_by_cluster(rows: Matrix, clusters: Indices) -> Matrix:
    """Sums of rows that share a cluster, (clusters, q), times sqrt(C/(C - 1)) for the C clusters."""
    _, label = np.unique(clusters, return_inverse=True)
    count = int(label.max()) + 1
    if count < 2:
        raise DataError("all rows are in one cluster; standard errors by cluster need two and better fifty")
    out = np.zeros((count, rows.shape[1]))
    np.add.at(out, label, rows)
    return np.asarray(out * np.sqrt(count / (count - 1.0)))
