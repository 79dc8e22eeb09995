"""Reliability without a factor model: Guttman's lambdas, and all the ways to split a scale into halves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError
from research.measurement.inputs import Constructs, ItemData, checked_constructs, scale_data
from research.measurement.scale_notes import scale_notes
from research.numerics.guttman import guttman_lambdas, split_halves, split_values
from research.provenance import stream

if TYPE_CHECKING:
    import pandas as pd

    from research.numerics.arrays import Matrix


def guttman(
    data: object,
    constructs: Constructs,
    reverse: Iterable[str] = (),
    *,
    n_obs: int | None = None,
    standardized: bool = False,
    n_splits: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Guttman's (1945) six lower bounds, one row a construct: `n_items lambda1 … lambda6 note`.

    lambda3 is alpha; lambda4 the best split half (of all splits up to 12 items, of `n_splits` random ones
    beyond: chance makes it too large in small samples); lambda6 takes squared multiple correlations.
    `standardized`: of the correlations, as psych has them, in place of the covariances.

    `data`, `constructs`, `reverse` and `n_obs` as in `reliability`. `seed`: of the random splits.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> research.guttman(answers, scales).loc["trust", ["lambda3", "lambda4"]].round(2).tolist()
    [0.72, 0.7]
    """
    import pandas as pd

    _check_splits(n_splits)
    blocks = checked_constructs(constructs)
    items = scale_data(data, blocks, n_obs=n_obs, reverse=reverse)
    rows = {}
    for name, columns in blocks.items():
        part = items.take(columns)
        matrix = part.cor if standardized else part.cov
        lambdas = guttman_lambdas(matrix)
        best = np.nan
        if _can_be_split(matrix):
            best = float(split_halves(matrix, stream(seed, f"split half/{name}"), n_splits).guttman.max())
        rows[name] = {
            "construct": name,
            "n_items": len(columns),
            **dict(zip(("lambda1", "lambda2", "lambda3"), lambdas[:3], strict=True)),
            "lambda4": best,
            "lambda5": lambdas[3],
            "lambda6": lambdas[4],
            "note": " ".join(scale_notes(part)),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def split_half(
    data: object,
    constructs: Constructs,
    reverse: Iterable[str] = (),
    *,
    n_obs: int | None = None,
    standardized: bool = False,
    n_splits: int = 10_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Split-half reliabilities, one row a construct.

    `n_items n_splits exhaustive`, then over all splits into halves (up to 12 items; beyond, `n_splits` random
    ones that `seed` draws) Guttman's lambda 4 = 4 cov(a, b) / variance of the sum: `max min mean median q025
    q975`; `spearman_brown_mean` of 2r/(1 + r); `odd_even` and `first_last` (lambda 4 of these two splits, in
    the order of the items given) with `spearman_brown_odd_even` and `spearman_brown_first_last`; `best_half`:
    the items that make one half of the best split. Halves of an odd number of items differ by one; all splits
    are taken, where psych::splitHalf leaves half of them out. `standardized` as in `guttman`.

    `data`, `constructs`, `reverse` and `n_obs` as in `reliability`.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> research.split_half(answers, scales).loc["trust", ["n_splits", "max", "mean"]].round(2).tolist()
    [3.0, 0.7, 0.64]
    """
    import pandas as pd

    _check_splits(n_splits)
    blocks = checked_constructs(constructs)
    items = scale_data(data, blocks, n_obs=n_obs, reverse=reverse)
    rows = {
        name: {"construct": name, **_splits(items.take(columns), standardized, n_splits, seed, name)}
        for name, columns in blocks.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _splits(part: ItemData, standardized: bool, n_splits: int, seed: int, name: str) -> dict[str, object]:
    matrix, k = part.cor if standardized else part.cov, len(part.names)
    keys: tuple[str, ...] = ("max", "min", "mean", "median", "q025", "q975", "spearman_brown_mean")
    keys += ("odd_even", "spearman_brown_odd_even", "first_last", "spearman_brown_first_last")
    row: dict[str, object] = {"n_items": k, "n_splits": 0, "exhaustive": False, **dict.fromkeys(keys, np.nan)}
    row |= {"best_half": "", "note": " ".join(scale_notes(part))}
    if not _can_be_split(matrix):
        return row
    found = split_halves(matrix, stream(seed, f"split half/{name}"), n_splits)
    q025, median, q975 = (float(each) for each in np.quantile(found.guttman, [0.025, 0.5, 0.975]))
    place = np.arange(k)
    odd_even = split_values(matrix, np.where(place % 2, -1.0, 1.0))
    first_last = split_values(matrix, np.where(place < (k + 1) // 2, 1.0, -1.0))
    best = found.signs[int(found.guttman.argmax())] > 0
    values = (
        float(found.guttman.max()),
        float(found.guttman.min()),
        float(found.guttman.mean()),
        median,
        q025,
        q975,
        float(found.spearman_brown.mean()),
        *odd_even,
        *first_last,
    )
    row |= dict(zip(keys, values, strict=True))
    row |= {"n_splits": len(found.signs), "exhaustive": found.exhaustive}
    return row | {"best_half": ", ".join(item for item, own in zip(part.names, best, strict=True) if own)}


def _can_be_split(matrix: Matrix) -> bool:
    return len(matrix) > 1 and float(matrix.sum()) > 0


def _check_splits(n_splits: int) -> None:
    if n_splits < 100:
        raise OptionError(f"n_splits is {n_splits}; at least 100 random splits are needed, 10000 are usual.")
