"""Items as a normal-ogive test: discrimination and difficulty from the correlations behind the answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.measurement.exploratory import efa
from research.measurement.polychoric import polychoric
from research.numerics.extraction import Method

if TYPE_CHECKING:
    import pandas as pd


def normal_ogive(
    data: object, items: Iterable[str] | None = None, *, method: Method = "minres"
) -> pd.DataFrame:
    """The normal-ogive model of one factor, from tetrachoric or polychoric correlations; one row a threshold.

    `item threshold value loading discrimination intercept difficulty`. With the loading l and the threshold t
    of a latent response, P(answer > value | theta) = Phi(a theta - d): `discrimination` a = l / sqrt(1 -
    l^2), `intercept` d = t / sqrt(1 - l^2), `difficulty` b = d / a = t / l, the theta at which half exceed
    the value; Lord & Novick (1968, ch. 16), Takane & de Leeuw (1987). psych::irt.fa prints d under the name
    of difficulty. The factor is turned so that most items load positively; an item with a loading of 1 has no
    discrimination (NaN).

    `method`: of extraction, as in `efa`.

    >>> import pandas as pd
    >>> rows = [[1, 1, 1], [1, 0, 1], [0, 0, 1], [0, 0, 0], [1, 1, 0], [0, 1, 1], [1, 1, 1], [0, 0, 0]]
    >>> normal_ogive(pd.DataFrame(rows, columns=list("abc")))["discrimination"].round(2).tolist()
    [1.55, 1.55, 0.55]
    """
    import pandas as pd

    names = None if items is None else list(items)
    found = polychoric(data, names, se=False)
    if len(found.r) < 3:
        raise DataError(f"one factor needs at least three items; there are {len(found.r)}.")
    loadings = efa(data, 1, method, "none", cor="polychoric", items=names).loadings.iloc[:, 0]
    thresholds = found.thresholds
    size = loadings.loc[thresholds["item"].tolist()].to_numpy(dtype=np.float64)
    t = thresholds["estimate"].to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.where(np.abs(size) < 1, np.sqrt(np.clip(1 - size**2, 0, None)), np.nan)
        return pd.DataFrame(
            {
                "item": thresholds["item"].tolist(),
                "threshold": thresholds["threshold"].tolist(),
                "value": thresholds["value"].to_numpy(dtype=np.float64),
                "loading": size,
                "discrimination": size / rest,
                "intercept": t / rest,
                "difficulty": np.where(size == 0, np.nan, t / size),
            }
        )
