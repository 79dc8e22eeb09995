"""Exploratory factor analysis: which items go together, when nobody says in advance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.measurement.dimensionality import invertible_correlations
from research.measurement.inputs import item_data
from research.measurement.polychoric import with_correlations
from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import chi2_sf, noncentrality
from research.numerics.extraction import Extraction, Method, extract_factors
from research.numerics.rotation import Name, Rotation, rotate
from research.provenance import stream

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class FactorAnalysis:
    """A rotated factor solution, factors in the order of the variance they explain.

    `cor` (p, p) is what was analysed; `loadings_std` (p, k) the pattern and `phi_array` (k, k) the factor
    correlations as arrays. `n_obs` is 0 where a matrix came without its n: there is no test then.
    """

    names: tuple[str, ...]
    factors: tuple[str, ...]
    cor: Matrix
    loadings_std: Matrix
    phi_array: Matrix
    unique: Vector
    n_obs: int
    method: Method
    rotation: Name
    notes: tuple[str, ...] = ()

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

    def measures(self) -> dict[str, float]:
        """`chisq df p rmsea rmsea_low rmsea_high tli bic rmsr objective n_obs`; see `factor_fit`."""
        return factor_fit(self.cor, self.loadings_std, self.phi_array, self.unique, self.n_obs)

    def _frame(self, values: Matrix, index: tuple[str, ...]) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(values, index=list(index), columns=list(self.factors))


def efa(
    data: object,
    n_factors: int,
    method: Method = "minres",
    rotation: Name = "oblimin",
    n_obs: int | None = None,
    *,
    cor: Literal["pearson", "polychoric"] = "pearson",
    items: Iterable[str] | None = None,
    normalize: bool | None = None,
    seed: int = 1,
) -> FactorAnalysis:
    """Explore the correlations of items for common factors.

    `data` as in `reliability`; `items` limits it to some columns. `method`: minres (least squares on the
    residual correlations), ml (maximum likelihood), pa (principal axis with its customary early stop).
    `rotation`: none, varimax, promax (power 4), oblimin (quartimin), geomin (epsilon .01, the best of 31
    starts drawn from `seed`). `normalize`: Kaiser's row weights while rotating; None is the custom of each,
    which is yes for varimax only (SPSS takes yes for promax too). `cor`: "polychoric" takes the answers for
    ordered categories; its chi-square and what follows from it are then approximate.

    Raises DataError for more factors than the items can carry, or items that determine each other.
    """
    _check("method", method, get_args(Method))
    _check("rotation", rotation, get_args(Name))
    found, cor_notes = with_correlations(item_data(data, items, n_obs=n_obs), cor)
    p = len(found.names)
    if n_factors < 1:
        raise OptionError(f"n_factors is {n_factors}; it is a whole number from 1.")
    df = ((p - n_factors) ** 2 - p - n_factors) // 2
    if df < 0:
        raise DataError(f"{p} items cannot carry {n_factors} factors: that leaves {df} degrees of freedom.")
    matrix = invertible_correlations(found)
    extracted = extract_factors(matrix, n_factors, method)
    rotated = rotate(extracted.loadings, rotation, normalize=normalize, rng=stream(seed, "efa starts"))
    ordered = _by_variance(rotated)
    factors = tuple(f"F{number}" for number in range(1, n_factors + 1))
    return FactorAnalysis(
        found.names,
        factors,
        matrix,
        ordered.loadings,
        ordered.phi,
        extracted.uniquenesses,
        found.n_obs,
        method,
        rotation,
        (*cor_notes, *_notes(extracted, found.names)),
    )


def factor_fit(cor: Matrix, loadings: Matrix, phi: Matrix, unique: Vector, n_obs: int) -> dict[str, float]:
    """Fit of a common factor model with k factors to correlations of p items, n rows.

    f = log|S| - log|R| + tr(S^-1 R) - p;  chisq = f (n - 1 - (2p+5)/6 - 2k/3)         Bartlett (1951)
    rmsea = sqrt(chisq/(df n) - 1/(n-1)); its 90 % interval: sqrt(lambda/(df (n-1))), lambda the limits of
    the noncentrality
    tli = (c0/d0 - c/d) / (c0/d0 - 1) against uncorrelated items with the same factor of n
    bic = chisq - df log n;  rmsr = root mean squared residual correlation off the diagonal
    """
    p, k = loadings.shape
    implied = loadings @ phi @ loadings.T
    residuals = (cor - implied)[~np.eye(p, dtype=bool)]
    implied = implied + np.diag(unique)
    log_det = float(np.linalg.slogdet(cor)[1])
    f = float(np.linalg.slogdet(implied)[1]) - log_det + float(np.trace(np.linalg.solve(implied, cor))) - p
    df = ((p - k) ** 2 - p - k) // 2
    found = {
        "objective": f,
        "df": float(df),
        "rmsr": float(np.sqrt((residuals**2).mean())),
        "n_obs": float(n_obs),
    }
    if not n_obs:
        return found
    factor = n_obs - 1 - (2 * p + 5) / 6 - 2 * k / 3
    chisq = f * factor
    found |= {"chisq": chisq, "p": chi2_sf(chisq, df), "bic": chisq - df * float(np.log(n_obs))}
    if df > 0:
        null, null_df = -log_det * factor, p * (p - 1) / 2
        found["tli"] = (null / null_df - chisq / df) / (null / null_df - 1)
        found["rmsea"] = float(np.sqrt(max(chisq / (df * n_obs) - 1 / (n_obs - 1), 0.0)))
        for name, probability in (("rmsea_low", 0.95), ("rmsea_high", 0.05)):
            found[name] = float(np.sqrt(noncentrality(chisq, df, probability) / (df * (n_obs - 1))))
    return found


def _check(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        hint = did_you_mean(str(value), allowed)
        raise OptionError(f"{what}={value!r} is not known; allowed: {', '.join(allowed)}.{hint}")


def _by_variance(rotated: Rotation) -> Rotation:
    """Factors by the variance they explain, each turned so that its loadings sum to a positive number."""
    L, phi = rotated.loadings, rotated.phi
    order = np.argsort(-np.diag(phi @ L.T @ L), kind="stable")
    signs = np.where(L.sum(axis=0) < 0, -1.0, 1.0)
    turned, between = L * signs, phi * np.outer(signs, signs)
    return Rotation(turned[:, order], between[np.ix_(order, order)])


def _notes(extracted: Extraction, names: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if not extracted.converged:
        notes.append("The extraction did not converge; take fewer factors.")
    heywood = [name for name, unique in zip(names, extracted.uniquenesses, strict=True) if unique < 0.006]
    if heywood:
        notes.append(f"Heywood case: the factors explain {', '.join(heywood)} in full; take fewer factors.")
    return tuple(notes)
