"""A rotated solution of factors or components, and what is read off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from research.errors import DataError, OptionError
from research.numerics.arrays import Matrix, Vector
from research.numerics.extraction import Method, factor_fit
from research.numerics.factor_scores import ScoreKind, exploratory_weights, score_validity
from research.numerics.rotation import Name
from research.readable import Readable, block
from research.responses.columns import as_pandas, numeric_matrix

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, slots=True)
class FactorAnalysis(Readable):
    """A rotated factor solution, factors in the order of the variance they explain.

    `cor` (p, p) is what was analysed; `loadings_std` (p, k) the pattern and `phi_array` (k, k) the factor
    correlations as arrays. `n_obs` is 0 where a matrix came without its n: there is no test then. `answers`
    (n, p) are kept for scores, None where only a matrix is known.
    """

    names: tuple[str, ...]
    factors: tuple[str, ...]
    cor: Matrix
    loadings_std: Matrix
    phi_array: Matrix
    unique: Vector
    n_obs: int
    method: Method | Literal["pca"]
    rotation: Name
    notes: tuple[str, ...] = ()
    answers: Matrix | None = None

    def __repr__(self) -> str:
        """The loadings of .3 and more, what each factor explains, and how the factors correlate."""
        n = self.n_obs or "unknown"
        title = f"{self.method} with {self.rotation} rotation: {len(self.names)} items, n = {n}"
        shown = {"pattern": self.sorted(0.3), "variance": self.variance, "phi": self.phi, "notes": self.notes}
        return block(self, title, shown)

    @property
    def loadings(self) -> pd.DataFrame:
        """Pattern: items in rows, factors in columns."""
        return self._frame(self.loadings_std, self.names)

    @property
    def structure(self) -> pd.DataFrame:
        """Correlations of items with factors: pattern times factor correlations."""
        return self._frame(self.loadings_std @ self.phi_array, self.names)

    @property
    def phi(self) -> pd.DataFrame:
        """Correlations of the factors; the identity where the rotation is orthogonal."""
        return self._frame(self.phi_array, self.factors)

    @property
    def uniqueness(self) -> pd.Series:
        """What the factors leave unexplained, by item."""
        import pandas as pd

        return pd.Series(self.unique, index=list(self.names), name="uniqueness")

    @property
    def communality(self) -> pd.Series:
        """What the factors explain, by item."""
        return (1 - self.uniqueness).rename("communality")

    @property
    def variance(self) -> pd.DataFrame:
        """By factor: `ss_loadings`, `share` of all variance, `cumulative`, share of the `explained`."""
        import pandas as pd

        explained = np.diag(self.phi_array @ self.loadings_std.T @ self.loadings_std)
        share = explained / len(self.names)
        return pd.DataFrame(
            {
                "ss_loadings": explained,
                "share": share,
                "cumulative": share.cumsum(),
                "explained": explained / explained.sum(),
            },
            index=list(self.factors),
        )

    @property
    def eigenvalues(self) -> pd.DataFrame:
        """A scree: of the correlations (`components`), with communalities on the diagonal (`factors`)."""
        import pandas as pd

        reduced = self.cor - np.diag(self.unique)
        columns = {
            "number": np.arange(1, len(self.names) + 1),
            "components": np.linalg.eigvalsh(self.cor)[::-1],
            "factors": np.linalg.eigvalsh(reduced)[::-1],
        }
        return pd.DataFrame(columns)

    @property
    def complexity(self) -> pd.Series:
        """Factors that an item needs: (sum l^2)^2 / sum l^4, 1 for simple structure. Hofmann (1978)"""
        import pandas as pd

        squares = self.loadings_std**2
        with np.errstate(invalid="ignore"):
            values = squares.sum(axis=1) ** 2 / (squares**2).sum(axis=1)
        return pd.Series(values, index=list(self.names), name="complexity")

    def sorted(self, cut: float = 0.0) -> pd.DataFrame:
        """The pattern for print: items under the factor they load highest on, the largest first.

        Columns: the factors, `communality`, `uniqueness`, `complexity`; loadings below `cut` in size are NaN.
        """
        size = np.abs(self.loadings_std)
        own = size.argmax(axis=1)
        order = np.lexsort((-size.max(axis=1), own))
        frame = self.loadings.where(size >= cut)
        frame = frame.assign(
            communality=self.communality, uniqueness=self.uniqueness, complexity=self.complexity
        )
        return frame.iloc[order]

    def scores(self, data: object = None, method: ScoreKind = "regression") -> pd.DataFrame:
        """Factor scores: a row a respondent of `data` (None: the answers analysed), a column a factor.

        `method`: regression (Thurstone 1935), bartlett (1937), or tenberge (1999), whose scores correlate
        exactly as the factors do. Answers are standardized with their own means and standard deviations; a
        row with a missing answer has no scores (NaN). Raises DataError where a matrix was analysed and no
        `data` are given, or an item has a uniqueness of 0 (bartlett).
        """
        import pandas as pd

        weights = self.score_weights(method).to_numpy(dtype=np.float64)
        if data is None:
            if self.answers is None:
                raise DataError("a matrix was analysed: give the answers as `data` to have scores.")
            values, index = self.answers, pd.Index(range(len(self.answers)))
        else:
            frame = as_pandas(data)
            values, index = numeric_matrix(frame, self.names), frame.index
        z = (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0, ddof=1)
        return pd.DataFrame(z @ weights, index=index, columns=list(self.factors))

    def score_weights(self, method: ScoreKind = "regression") -> pd.DataFrame:
        """Weights of the standardized items in the scores; see `scores`."""
        if method not in get_args(ScoreKind):
            raise OptionError(f"method={method!r} is not known; allowed: {', '.join(get_args(ScoreKind))}.")
        if method == "bartlett" and (self.unique <= 0).any():
            name = self.names[int(self.unique.argmin())]
            raise DataError(f"item {name!r} has no uniqueness (Heywood case): Bartlett scores do not exist.")
        # components have no uniquenesses to weight by
        kind = "regression" if self.method == "pca" and method == "bartlett" else method
        weights = exploratory_weights(self.cor, self.loadings_std, self.phi_array, self.unique, kind)
        return self._frame(weights, self.names)

    def score_validity(self, method: ScoreKind = "regression") -> pd.Series:
        """Correlation of each factor with its scores; below .8 or so factors are not determined well."""
        import pandas as pd

        weights = self.score_weights(method).to_numpy(dtype=np.float64)
        values = score_validity(self.cor, self.loadings_std, self.phi_array, weights)
        return pd.Series(values, index=list(self.factors), name="validity")

    def measures(self) -> dict[str, float]:
        """`chisq df p rmsea rmsea_low rmsea_high cfi tli bic rmsr objective n_obs`; see `factor_fit`."""
        if self.method == "pca":
            residuals = (self.cor - self.loadings_std @ self.phi_array @ self.loadings_std.T)[
                ~np.eye(len(self.cor), dtype=bool)
            ]
            return {"rmsr": float(np.sqrt((residuals**2).mean())), "n_obs": float(self.n_obs)}
        return factor_fit(self.cor, self.loadings_std, self.phi_array, self.unique, self.n_obs)

    def _frame(self, values: Matrix, index: tuple[str, ...]) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(values, index=list(index), columns=list(self.factors))
