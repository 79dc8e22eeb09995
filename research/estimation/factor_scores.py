"""Factor scores of the rows that a model was fitted to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError, ModelError, OptionError
from research.numerics.arrays import Matrix
from research.numerics.factor_scores import (
    bartlett_weights,
    factor_means,
    measurement,
    regression_weights,
)

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit

Method = Literal["regression", "bartlett"]


def factor_scores(fit: Fit, method: Method) -> pd.DataFrame:
    """One row a row of the data that the model used, one column a latent variable.

    The index is the place of each row in the data, from 0, so that rows left out are seen. "regression":
    the expected value given the row; "bartlett": unbiased given the factor. Where a row lacks values, both
    use those it has. A factor without indicators of its own (of second order) has no Bartlett score: 0.
    """
    import pandas as pd

    chosen = str(method).lower()
    if chosen not in ("regression", "bartlett"):
        raise OptionError(f"method of factor scores is 'regression' or 'bartlett', not {method!r}")
    if fit.levels is not None:
        raise ModelError("factor scores of two-level models are not carried out")
    if not fit.sample.has_data:
        raise DataError("factor scores need the rows of the data; this model was fitted to moments alone")
    if not fit.converged:
        raise ModelError("the model did not converge, so there are no factor scores")
    parts, places = [], []
    for block in range(len(fit.compiled.blocks)):
        parts.append(_scores(fit, block, chosen == "bartlett"))
        rows = fit.sample.groups[block].rows
        places.append(np.arange(len(parts[-1])) if rows is None else rows)
    index = np.concatenate(places)
    order = np.argsort(index, kind="stable")
    values = np.concatenate(parts)[order]
    return pd.DataFrame(values, index=pd.Index(index[order], name="row"), columns=list(fit.table.latent))


def _scores(fit: Fit, block: int, bartlett: bool) -> Matrix:
    """(n, k) scores of one group, pattern of missing values by pattern."""
    compiled, at, group = fit.compiled, fit.implied_blocks[block], fit.sample.groups[block]
    data = group.data if group.data is not None else np.zeros((0, len(group.mean)))
    p = data.shape[1]
    factors = np.arange(p, len(at.A))
    means = compiled.blocks[block].means
    center = at.mu if means else group.mean
    add = at.eta[factors] if means else factor_means(at, group.mean)
    if bartlett:
        center = center - measurement(at)[0] @ add
        add = np.zeros(len(factors))
    out = np.empty((len(data), len(factors)))
    known = ~np.isnan(data)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(which.ravel() == number)
        seen = np.flatnonzero(pattern)
        weights = bartlett_weights(at, seen) if bartlett else regression_weights(at, factors, seen)
        out[rows] = (data[np.ix_(rows, seen)] - center[seen]) @ weights.T + add
    return out
