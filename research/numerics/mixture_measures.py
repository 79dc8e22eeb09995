"""How well a mixture describes the rows, and how clearly it tells its classes apart."""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Matrix, Vector


def information_criteria(loglik: float, n_parameters: int, n: int) -> dict[str, float]:
    """AIC (Akaike 1974), BIC (Schwarz 1978) and saBIC (Sclove 1987: n is (n + 2)/24); smaller is better.

    >>> {name: round(value, 2) for name, value in information_criteria(-293.705, 23, 118).items()}
    {'aic': 633.41, 'bic': 697.14, 'sabic': 624.43}
    """
    plain = -2.0 * loglik
    return {
        "aic": plain + 2.0 * n_parameters,
        "bic": plain + n_parameters * float(np.log(n)),
        "sabic": plain + n_parameters * float(np.log((n + 2) / 24)),
    }


def relative_entropy(posterior: Matrix) -> float:
    """1 - sum(-t ln t) / (n ln k) of posterior probabilities t (n, k): 1 where every row is certain.

    Ramaswamy et al. (1993, Marketing Science 12); NaN for one class.
    """
    n, k = posterior.shape
    if k == 1:
        return float("nan")
    t = posterior[posterior > 0]
    return float(1 + (t * np.log(t)).sum() / (n * np.log(k)))


def average_posteriors(posterior: Matrix) -> Vector:
    """Mean posterior of each class among the rows that it is most likely for, (k,); NaN where none is.

    Nagin (2005): .70 or more.
    """
    modal = posterior.argmax(axis=1)
    k = posterior.shape[1]
    return np.array([posterior[modal == j, j].mean() if (modal == j).any() else np.nan for j in range(k)])


def bootstrap_p(observed: float, draws: Vector) -> float:
    """Share of statistics at least as large as the observed one, which counts as one of them."""
    known = draws[~np.isnan(draws)]
    return float((1 + (known >= observed).sum()) / (1 + len(known)))
