"""A test statistic of fit."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statistic:
    """`chisq` on `df` degrees of freedom.

    A corrected statistic is chisq/`scaling` + `shift` of the plain one. `expectation`: the mean of the plain
    statistic per degree of freedom under the model, which the robust indices use; 1 under normality.
    """

    chisq: float
    df: float
    p: float
    scaling: float = math.nan
    shift: float = 0.0
    name: str = "standard"
    expectation: float = 1.0
