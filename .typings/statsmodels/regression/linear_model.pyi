from collections.abc import Mapping

from numpy import float64, intp
from numpy.typing import NDArray

class RegressionResults:
    params: NDArray[float64]
    bse: NDArray[float64]

class OLS:
    def __init__(self, endog: NDArray[float64], exog: NDArray[float64]) -> None: ...
    def fit(
        self,
        *,
        method: str = ...,
        cov_type: str = ...,
        cov_kwds: Mapping[str, NDArray[intp]] | None = ...,
        use_t: bool = ...,
    ) -> RegressionResults: ...
