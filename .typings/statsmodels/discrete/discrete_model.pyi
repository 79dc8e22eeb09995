from numpy import float64
from numpy.typing import NDArray

class DiscreteResults:
    params: NDArray[float64]
    llf: float

class DiscreteModel:
    def __init__(self, endog: NDArray[float64], exog: NDArray[float64]) -> None: ...
    def fit(
        self,
        start_params: NDArray[float64] | None = None,
        *,
        method: str,
        maxiter: int,
        tol: float,
        disp: int,
    ) -> DiscreteResults: ...

class Logit(DiscreteModel): ...
class Probit(DiscreteModel): ...
class Poisson(DiscreteModel): ...
