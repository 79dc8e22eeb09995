"""How well do common factors reproduce the correlations? Chi-square and what follows from it."""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import chi2_sf, noncentrality

MEASURES = ("chisq", "p", "bic", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high")


def factor_fit(cor: Matrix, loadings: Matrix, phi: Matrix, unique: Vector, n_obs: int) -> dict[str, float]:
    """Fit of a common factor model with k factors to correlations of p items, n rows.

    f = log|S| - log|R| + tr(S^-1 R) - p;  chisq = f (n - 1 - (2p+5)/6 - 2k/3)         Bartlett (1951)
    rmsea = sqrt(chisq/(df n) - 1/(n-1)); its 90 % interval: sqrt(lambda/(df (n-1))), lambda the limits of
    the noncentrality
    tli = (c0/d0 - c/d) / (c0/d0 - 1) against uncorrelated items with the same factor of n
    bic = chisq - df log n;   rmsr = root mean squared residual correlation off the diagonal
    NaN of all but rmsr where communalities above one leave S no covariance matrix.
    """
    p, k = loadings.shape
    implied = loadings @ phi @ loadings.T
    residuals = (cor - implied)[~np.eye(p, dtype=bool)]
    implied = implied + np.diag(unique)
    log_det = float(np.linalg.slogdet(cor)[1])
    f = float("nan")
    if np.linalg.eigvalsh(implied)[0] > 0:
        f = float(np.linalg.slogdet(implied)[1]) - log_det
        f += float(np.trace(np.linalg.solve(implied, cor))) - p
    df = ((p - k) ** 2 - p - k) // 2
    found = {
        "objective": f,
        "df": float(df),
        "rmsr": float(np.sqrt((residuals**2).mean())),
        "n_obs": float(n_obs),
    }
    if not n_obs:
        return found
    if np.isnan(f):
        return found | dict.fromkeys(MEASURES[: None if df > 0 else 3], f)
    factor = n_obs - 1 - (2 * p + 5) / 6 - 2 * k / 3
    chisq = f * factor
    found |= {"chisq": chisq, "p": chi2_sf(chisq, df), "bic": chisq - df * float(np.log(n_obs))}
    if df > 0:
        null, null_df = -log_det * factor, p * (p - 1) / 2
        excess, null_excess = max(chisq - df, 0.0), max(null - null_df, chisq - df, 0.0)
        found["cfi"] = 1 - excess / null_excess if null_excess > 0 else 1.0
        found["tli"] = (null / null_df - chisq / df) / (null / null_df - 1)
        found["rmsea"] = float(np.sqrt(max(chisq / (df * n_obs) - 1 / (n_obs - 1), 0.0)))
        for name, probability in (("rmsea_low", 0.95), ("rmsea_high", 0.05)):
            found[name] = float(np.sqrt(noncentrality(chisq, df, probability) / (df * (n_obs - 1))))
    return found
