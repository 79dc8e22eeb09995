from numpy import float64
from numpy.typing import NDArray

def lowess(
    endog: NDArray[float64],
    exog: NDArray[float64],
    frac: float = ...,
    it: int = ...,
    delta: float = ...,
    xvals: NDArray[float64] | None = ...,
) -> NDArray[float64]: ...
