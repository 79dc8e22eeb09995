"""What a growth curve says of each wave: the mean there, and how far persons lie around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ModelError
from research.structure.regression import critical_value

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit


def growth_curve(
    fit: Fit, *, name: str = "", scores: Sequence[float] = (0.0, 1.0, 2.0), level: float = 0.95
) -> pd.DataFrame:
    """One row a time: `time estimate se low high person_sd`, of a model written by `research.latent_growth`.

    The mean at time t is i + s t, and the persons' own curves have there the variance
    psi_i + 2 t psi_is + t^2 psi_s. `name`: the prefix
    of the factors; `scores`: the times of the model. NaN as `person_sd` where that variance is negative.

    Errors: a model without these factors, or without their means.

    `level`: of the intervals, which are normal.

    >>> import research
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> start, change = rng.normal(3, 1, (200, 1)), rng.normal(0.5, 0.2, (200, 1))
    >>> waves = start + change * [0, 1, 2] + rng.normal(0, 0.3, (200, 3))
    >>> frame = pd.DataFrame(waves, columns=["y1", "y2", "y3"])
    >>> fit = research.growth(research.latent_growth(["y1", "y2", "y3"]), frame)
    >>> research.growth_curve(fit)["estimate"].round(1).tolist()
    [2.9, 3.4, 3.9]
    """
    import pandas as pd

    level_name, slope = (f"{name}_{each}" if name else each for each in ("i", "s"))
    tidy = fit.tidy()
    keys = list(zip(*(tidy[column].astype(str) for column in ("lhs", "op", "rhs")), strict=True))
    wanted = [(level_name, "~1", ""), (slope, "~1", "")]
    missing = [lhs for lhs, op, rhs in wanted if (lhs, op, rhs) not in keys]
    if missing:
        raise ModelError(
            f"the model has no mean of {' and '.join(missing)}; write its text with "
            "research.latent_growth and name its prefix with name="
        )
    rows = [keys.index(key) for key in wanted]
    values, jacobian = fit.solution.values, fit.solution.jacobian[rows]
    vcov = fit.vcov if fit.vcov is not None else np.full((jacobian.shape[1],) * 2, np.nan)
    covariance = jacobian @ vcov @ jacobian.T
    times = np.asarray(scores, dtype=np.float64)
    X = np.column_stack([np.ones_like(times), times])
    mean = X @ values[rows]
    se = np.sqrt(np.vecdot(X @ covariance, X))
    half = critical_value(level, np.inf) * se
    psi = [
        next((values[at] for at, key in enumerate(keys) if key in (pair, pair[::-1])), 0.0)
        for pair in (
            (level_name, "~~", level_name),
            (level_name, "~~", slope),
            (slope, "~~", slope),
        )
    ]
    variance = psi[0] + 2 * times * psi[1] + times**2 * psi[2]
    return pd.DataFrame(
        {
            "time": times,
            "estimate": mean,
            "se": se,
            "low": mean - half,
            "high": mean + half,
            "person_sd": np.sqrt(np.where(variance < 0, np.nan, variance)),
        }
    )
