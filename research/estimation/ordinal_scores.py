"""Factor scores of models with ordered variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import ModelError, OptionError
from research.numerics.arrays import Indices, Matrix
from research.numerics.ordinal_scores import Indicators, latent_modes

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.ordinal_fit import OrdinalFit

OrdinalMethod = Literal["ebm", "ml"]


def ordinal_scores(fit: OrdinalFit, method: str) -> pd.DataFrame:
    """One row a row of the data that the model used, one column a latent variable; index as `factor_scores`.

    "ebm": the mode of the posterior given the row's answers, the empirical Bayes mode; "ml": the most likely
    value without a prior, NaN where none is finite (only highest, or only lowest answers). Answers are taken
    for independent given the factors, so that residual covariances are not used. A missing answer is left
    out. Bock & Aitkin (1981), Psychometrika 46, 443-459; Lindley & Smith (1972) for the prior.
    """
    import pandas as pd

    chosen = str(method).lower()
    if chosen not in ("ebm", "ml"):
        raise OptionError(
            f"scores(method={method!r}) are weighted sums, which ordered answers do not have; methods for a "
            "model with ordered variables are 'ebm' (mode of the posterior) and 'ml'"
        )
    if not fit.converged:
        raise ModelError("the model did not converge, so there are no factor scores")
    if not fit.table.latent:
        raise ModelError("the model has no latent variable, so there are no factor scores")
    parts, places = [], []
    for at, group in enumerate(fit.sample.groups):
        data = group.data if group.data is not None else np.zeros((0, len(group.mean)))
        distinct, which = np.unique(data, axis=0, return_inverse=True)
        parts.append(_scores(fit, at, distinct, prior=chosen == "ebm")[which.ravel()])
        places.append(np.arange(len(data)) if group.rows is None else group.rows)
    index = np.concatenate(places)
    order = np.argsort(index, kind="stable")
    return pd.DataFrame(
        np.concatenate(parts)[order], index=pd.Index(index[order], name="row"), columns=list(fit.table.latent)
    )


def _scores(fit: OrdinalFit, block: int, data: Matrix, *, prior: bool) -> Matrix:
    """(n, k) of the rows `data` (n, p) of one group."""
    of, at = fit.model.blocks[block], fit.implied_blocks[block]
    p, x = data.shape[1], of.block.exogenous
    if (at.A[p:, of.y] != 0).any():
        raise ModelError("factor scores are not carried out where an observed outcome predicts a factor")
    S, alpha = at.S.copy(), np.repeat(at.alpha[None], len(data), axis=0)
    S[x], S[:, x], alpha[:, x] = 0.0, 0.0, data[:, x]
    effects = at.G[p:]
    spread = effects @ S @ effects.T
    values, vectors = np.linalg.eigh(spread)
    kept = values > 1e-12 * max(float(values[-1]), 1e-300)
    root = vectors[:, kept] * np.sqrt(values[kept])
    solved = np.linalg.inv(np.eye(p) - at.A[:p, :p])
    y = of.y
    lower, upper = _bounds(fit, block, data)
    continuous = np.ones(p, dtype=bool)
    continuous[of.ordered] = False
    given = Indicators(
        lower[:, y],
        upper[:, y],
        (alpha[:, :p] @ solved.T)[:, y],
        (solved @ at.A[:p, p:])[y],
        np.diagonal(solved @ S[:p, :p] @ solved.T)[y],
        continuous[y],
    )
    if (given.variance <= 0).any():
        raise ModelError("a residual variance is not positive, so there are no factor scores")
    return latent_modes(given, alpha @ effects.T, root, prior=prior)


def _bounds(fit: OrdinalFit, block: int, data: Matrix) -> tuple[Matrix, Matrix]:
    """Thresholds around every answer, and the values themselves where continuous; all where missing."""
    of, here = fit.model.blocks[block], fit.point.blocks[block]
    lower, upper = data.copy(), data.copy()
    lower[np.isnan(data)], upper[np.isnan(data)] = -np.inf, np.inf
    for at in of.ordered:
        ladder = np.concatenate([[-np.inf], here.tau[of.item == at], [np.inf]])
        seen = ~np.isnan(data[:, at])
        places: Indices = np.searchsorted(_levels(fit, int(at)), data[seen, at])
        lower[seen, at], upper[seen, at] = ladder[places], ladder[places + 1]
    return lower, upper


def _levels(fit: OrdinalFit, at: int) -> Matrix:
    """The values of an ordered variable in all groups."""
    columns = [group.data[:, at] for group in fit.sample.groups if group.data is not None]
    column = np.concatenate(columns)
    return np.unique(column[~np.isnan(column)])
