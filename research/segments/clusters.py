"""Segments from the answers themselves: k-means, Ward's tree, latent profiles and latent classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from research.errors import DataError, OptionError
from research.numerics.arrays import Indices, Matrix
from research.numerics.gaussian_mixture import MODELS, CovarianceModel
from research.numerics.partition import Partition, cut_tree, k_means, silhouette, variance_ratio, ward_tree
from research.provenance import stream
from research.responses.columns import group_labels
from research.segments.cluster_solutions import Clusters, assemble
from research.segments.inputs import (
    checked_choice,
    is_simulated,
    numbers_first,
    origin_notes,
    segment_frame,
    unique,
    varying_columns,
    whole_number,
)
from research.segments.mixtures import class_solutions, profile_solutions
from research.segments.solution import Solution

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("kmeans", "ward", "mixture", "classes")


def clusters(
    data: object,
    columns: Sequence[str],
    k: int | Iterable[int] = (1, 2, 3, 4, 5, 6),
    method: Literal["kmeans", "ward", "mixture", "classes"] = "kmeans",
    *,
    models: CovarianceModel | Sequence[CovarianceModel] = ("EII", "EEI", "VVI", "EEE", "VVV"),
    standardize: bool = True,
    starts: int = 20,
    draws: int = 0,
    seed: int = 1,
) -> Clusters:
    """Group respondents by `columns`, for every number of groups in `k`, and say which number fits.

    `method`: "kmeans" (Lloyd 1982) and "ward" (Ward 1963) on numbers, chosen by the silhouette (Rousseeuw
    1987); "mixture", latent profiles: mixtures of normals, chosen by BIC over `k` and the covariance
    `models` (Fraley & Raftery 2002, JASA 97); "classes", latent classes of categorical answers (Goodman
    1974), chosen by BIC, with all rows that have any answer. The others leave incomplete rows out and say so.
    `standardize`: numbers are compared in standard deviations (k-means, Ward; a mixture is estimated so, and
    its log-likelihood is that of the numbers as they are). `starts`: random starts of each solution.
    `draws`: parametric bootstrap samples of the likelihood ratio test of k - 1 against k classes (McLachlan
    1987, Applied Statistics 36), 0: no test. `seed`: of the starts and the samples.

    Errors: unknown, text, constant columns; fewer distinct rows than groups; every solution degenerate.

    >>> import pandas as pd
    >>> points = pd.DataFrame({"x": [0.0, 0.1, 0.2, 5.0, 5.1, 9.9, 10.0], "y": [0.0, 0.1, 0, 5, 5.1, 0, 0.1]})
    >>> found = clusters(points, ["x", "y"], k=[2, 3, 4])
    >>> found.k, found.sizes["n"].tolist()
    (3, [3, 2, 2])
    """
    checked_choice("method", method, METHODS)
    starts = whole_number("starts", starts, 1)
    draws = whole_number("draws", draws, 0)
    numbers = _numbers_of_groups(k, method)
    frame = segment_frame(data)
    names = unique(columns)
    if method == "classes":
        codes, levels, note = _categories(frame, names)
        kept: Indices = np.flatnonzero((codes >= 0).any(axis=1)).astype(np.intp)
        _enough(np.unique(codes[kept], axis=0), numbers, names)
        found = class_solutions(codes[kept], [len(each) for each in levels], numbers, starts, draws, seed)
    else:
        levels = []
        values, kept, note = _complete(frame, names)
        _enough(np.unique(values, axis=0), numbers, names)
        spread = values.std(axis=0, ddof=1) if standardize or method == "mixture" else np.ones(len(names))
        scaled = (values - values.mean(axis=0)) / spread
        if method == "mixture":
            found = profile_solutions(scaled, spread, numbers, _models(models), starts, draws, seed)
        else:
            found = _partitions(scaled, numbers, method, starts, seed)
    notes = (*origin_notes(data), *note)
    return assemble(frame, names, method, kept, found, levels, notes, simulated=is_simulated(data))


def _numbers_of_groups(k: int | Iterable[int], method: str) -> list[int]:
    asked: list[Any] = [k] if isinstance(k, (int, float, str)) else list(k)
    numbers = sorted({whole_number("k", each, 1) for each in asked})
    if method in ("kmeans", "ward"):
        numbers = [each for each in numbers if each > 1]
    if not numbers:
        raise OptionError(
            "k names no number of groups; give one of at least 2, or a range such as range(2, 7)."
        )
    return numbers


def _models(models: CovarianceModel | Sequence[CovarianceModel]) -> list[CovarianceModel]:
    asked = [models] if isinstance(models, str) else list(models)
    for each in asked:
        checked_choice("models", each, MODELS)
    if not asked:
        raise OptionError(f"models is empty; name some of {', '.join(MODELS)}.")
    return list(dict.fromkeys(asked))


def _complete(frame: pd.DataFrame, names: Sequence[str]) -> tuple[Matrix, Indices, list[str]]:
    values = varying_columns(frame, names)
    whole = np.asarray(np.isfinite(values).all(axis=1))
    kept: Indices = np.flatnonzero(whole).astype(np.intp)
    if len(kept) < 2:
        raise DataError(f"{len(kept)} rows have a value in all of {', '.join(names)}; two are needed.")
    note = []
    if not whole.all():
        note.append(f"{int((~whole).sum())} of {len(whole)} rows were left out: a value is missing.")
    values = values[kept]
    for name, column in zip(names, values.T, strict=True):
        if column.min() == column.max():
            raise DataError(f"column '{name}' is constant among the complete rows; leave it out.")
    return values, kept, note


def _categories(
    frame: pd.DataFrame, names: Sequence[str]
) -> tuple[Indices, list[tuple[str, ...]], list[str]]:
    """Codes (n, items) from 0, -1 where missing, and the categories of each item in order."""
    columns, levels = [], []
    for name in names:
        labels = group_labels(frame, name)
        known = sorted(set(labels.tolist()) - {""}, key=numbers_first)
        if len(known) < 2:
            raise DataError(
                f"column '{name}' is constant: {len(known)} categories are answered; it cannot tell classes "
                "apart. Leave it out."
            )
        if len(known) > 20:
            raise DataError(
                f"column '{name}' has {len(known)} categories; latent classes are for a few. "
                "Use method='mixture' for numbers."
            )
        place = {value: at for at, value in enumerate(known)}
        columns.append([place.get(str(label), -1) for label in labels])
        levels.append(tuple(known))
    codes: Indices = np.array(columns, dtype=np.intp).T
    gaps = int((codes < 0).any(axis=1).sum())
    empty = int((codes < 0).all(axis=1).sum())
    note = []
    if gaps - empty:
        note.append(f"{gaps - empty} rows with some answers missing are used with those they have.")
    if empty:
        note.append(f"{empty} of {len(codes)} rows were left out: no answer to any of the items.")
    return codes, levels, note


def _enough(distinct: Matrix, numbers: Sequence[int], names: Sequence[str]) -> None:
    if len(distinct) < max(numbers):
        raise DataError(
            f"k={max(numbers)} groups were asked for, and {', '.join(names)} have {len(distinct)} distinct "
            "rows; ask for fewer groups."
        )


def _partitions(X: Matrix, numbers: Sequence[int], method: str, starts: int, seed: int) -> list[Solution]:
    tree = ward_tree(X) if method == "ward" else None
    found = []
    for k in numbers:
        if tree is None:
            part = k_means(X, k, stream(seed, f"clusters/kmeans/{k}"), n_starts=starts)
        else:
            part = cut_tree(X, tree, k)
        found.append(_solution(X, part, k, method))
    return found


def _solution(X: Matrix, part: Partition, k: int, method: str) -> Solution:
    held = len(part.centres)
    if held < k:
        return Solution(method, k, None, {}, refused=f"ties leave {held} groups")
    own: Matrix = np.eye(k)[part.labels]
    total = float(((X - X.mean(axis=0)) ** 2).sum())
    measures = {
        "within": part.within,
        "explained": 1 - part.within / total,
        "silhouette": silhouette(X, part.labels),
        "variance_ratio": variance_ratio(X, part),
        "reached": float(part.reached),
        "starts": float(part.n_starts),
    }
    return Solution(method, k, own, measures, own.mean(axis=0))
