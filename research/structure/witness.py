"""A second opinion on least squares: the same regression by statsmodels, an independent program.

Least squares are solved here and not there because statsmodels' pseudo-inverse keeps fewer digits (on
NIST's Filip set it leaves none; see the tests). On the regressions of a survey both must agree.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import OptionError
from research.provenance import versions

if TYPE_CHECKING:
    from research.numerics.arrays import Indices, Vector
    from research.structure.design import Design
    from research.structure.estimates import Estimates


@dataclass(frozen=True, slots=True)
class RegressionVerification:
    """How far statsmodels' coefficients and standard errors lie from ours.

    `largest`: the largest deviation of a coefficient in its standard errors, at `term`; `largest_se`: the
    largest relative deviation of a standard error, NaN where statsmodels has none of that kind (HC4).
    """

    largest: float
    term: str
    largest_se: float
    n_compared: int
    version: str

    def sentence(self, language: Literal["en", "zh"] = "en") -> str:
        """One sentence for a paper."""
        if language == "zh":
            return (
                f"用 statsmodels {self.version} 重新估计同一回归：{self.n_compared} 个系数最大相差 "
                f"{self.largest:.2g} 个标准误（{self.term}），标准误的相对差异不超过 {self.largest_se:.2g}。"
            )
        return (
            f"Re-estimated with statsmodels {self.version}: the {self.n_compared} coefficients differ by "
            f"at most {self.largest:.2g} standard errors ({self.term}), the standard errors by a share of "
            f"at most {self.largest_se:.2g}."
        )


def verify_ols(
    design: Design, estimates: Estimates, cov_type: str, clusters: Indices | None
) -> RegressionVerification:
    """Re-estimate with statsmodels; OptionError where the regression is not of least squares."""
    from statsmodels.regression.linear_model import OLS

    if not estimates.unique_r2.size:
        raise OptionError(
            "verify() compares least squares; the other families are estimated by statsmodels already."
        )
    kind = "nonrobust" if cov_type == "HC4" else cov_type
    groups = None if clusters is None else {"groups": clusters}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the design is nearly singular shows in the deviation
        theirs = OLS(design.y, design.X).fit(cov_type=kind, cov_kwds=groups, use_t=True)
    se = estimates.se
    # where a row alone decides a coefficient its robust error is 0: the coefficient itself is the measure
    unit = np.where(se > 0, se, np.maximum(np.abs(estimates.coefficients), 1e-300))
    gaps: Vector = np.abs(theirs.params - estimates.coefficients) / unit
    worst = int(gaps.argmax())
    errors = float("nan") if cov_type == "HC4" else float((np.abs(theirs.bse - se) / unit).max())
    version = versions(["statsmodels"])["statsmodels"]
    return RegressionVerification(float(gaps[worst]), design.names[worst], errors, len(gaps), version)
