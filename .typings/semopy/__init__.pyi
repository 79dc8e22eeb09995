from collections.abc import Mapping

import pandas as pd

__version__: str

class Solved:
    fun: float

class Model:
    def __init__(self, description: str) -> None: ...
    def fit(
        self,
        data: pd.DataFrame | None = None,
        cov: pd.DataFrame | None = None,
        *,
        n_samples: float | None = None,
        options: Mapping[str, float] | None = None,
    ) -> Solved: ...
    def inspect(self) -> pd.DataFrame: ...
