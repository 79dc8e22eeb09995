"""Mixtures of normal distributions by EM, for the covariance models that are named by three letters.

Volume, shape and orientation of the classes' covariances are equal (E), varying (V) or the identity (I):
EII, VII spheres; EEI, VVI axes along the variables (local independence, the latent profile models); EEE, VVV
full. Banfield & Raftery (1993, Biometrics 49); M steps: Celeux & Govaert (1995, Pattern Recognition 28).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from research.numerics.arrays import Matrix, Stack, Vector
from research.numerics.partition import seeded_centres

CovarianceModel = Literal["EII", "VII", "EEI", "VVI", "EEE", "VVV"]
MODELS: tuple[CovarianceModel, ...] = get_args(CovarianceModel)
FLAT = 1e-5  # smallest eigenvalue of a class's covariance beside the variances of the variables
_SHORT, _SHORT_STEPS, _FEWEST = 1e-5, 100, 2  # of the short runs that choose where EM is run to its end
_LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True)
class GaussianMixture:
    """`weights` (k,), `means` (k, p), `covariances` (k, p, p), `posterior` (n, k), classes largest first.

    `reached`: of the `n_starts` runs carried to their end, how many came to the same log-likelihood (within
    0.01); `n_degenerate`: starts that ended in a class without volume, which are refused.
    """

    model: CovarianceModel
    weights: Vector
    means: Matrix
    covariances: Stack
    posterior: Matrix
    loglik: float
    n_parameters: int
    converged: bool
    reached: int = 1
    n_starts: int = 1
    n_degenerate: int = 0


def count_parameters(model: CovarianceModel, k: int, p: int) -> int:
    """Free parameters: k - 1 weights, k p means, and those of the covariances.

    >>> [count_parameters(model, 3, 4) for model in ("EII", "VVI", "VVV")]
    [15, 26, 44]
    """
    full = p * (p + 1) // 2
    covariances = {"EII": 1, "VII": k, "EEI": p, "VVI": k * p, "EEE": full, "VVV": k * full}
    return k - 1 + k * p + covariances[model]


def fit_mixture(
    X: Matrix,
    k: int,
    model: CovarianceModel,
    rng: np.random.Generator,
    *,
    n_starts: int = 20,
    max_steps: int = 2000,
    tolerance: float = 1e-9,
) -> GaussianMixture | None:
    """The best of `n_starts` runs of EM on X (n, p); None where every run ended in a degenerate class.

    Starts: centres drawn far apart (k-means++), responsibilities from the nearest centre; short runs from all
    of them, the best quarter to their end (Biernacki, Celeux & Govaert 2003, Comput. Stat. Data Anal. 41).
    A run ends when the log-likelihood per row grows by less than `tolerance`. Degenerate: a class with
    fewer than p + 1 rows (two where covariances are shared), or whose covariance has an eigenvalue below
    `FLAT` times the smallest variance of X: there the likelihood has no bound.
    """
    centre = X.mean(axis=0)
    X = X - centre
    floor = FLAT * float(X.var(axis=0).min())
    starts = 1 if k == 1 else n_starts
    short = []
    for _ in range(starts):
        begun = _near(X, seeded_centres(X, k, rng))
        found = run_em(X, begun, model, floor, min(_SHORT_STEPS, max_steps), max(_SHORT, tolerance))
        if found is not None:
            short.append(found)
    short.sort(key=lambda run: -run.loglik)
    finalists = short[: max(_FEWEST, starts // 4)]
    finished = [run_em(X, run.posterior, model, floor, max_steps, tolerance) for run in finalists]
    runs = [run for run in finished if run is not None]
    if not runs:
        return None
    best = max(runs, key=lambda run: run.loglik)
    reached = sum(run.loglik > best.loglik - 0.01 for run in runs)
    best = replace(best, means=best.means + centre)
    return replace(best, reached=reached, n_starts=len(finalists), n_degenerate=starts - len(short))


def run_em(
    X: Matrix,
    posterior: Matrix,
    model: CovarianceModel,
    floor: float,
    max_steps: int = 2000,
    tolerance: float = 1e-9,
) -> GaussianMixture | None:
    """One run of EM on centred X from responsibilities (n, k); None where it degenerates."""
    n, p = X.shape
    k = posterior.shape[1]
    least = p + 1.0 if model in ("VVI", "VVV", "VII") else 2.0
    before = -np.inf
    for step in range(max_steps):
        size = posterior.sum(axis=0)
        if size.min() < min(least, n):
            return None
        weights = size / n
        means = (posterior.T @ X) / size[:, None]
        covariances = _covariances(X, posterior, size, means, model)
        diagonal = model not in ("EEE", "VVV")
        joint = (_log_axes if diagonal else _log_densities)(X, means, covariances, floor)
        if joint is None:
            return None
        joint += np.log(weights)
        top = joint.max(axis=1, keepdims=True)
        posterior = np.exp(joint - top)
        total = posterior.sum(axis=1, keepdims=True)
        posterior /= total
        loglik = float((top + np.log(total)).sum())
        done = loglik - before < tolerance * n
        before = loglik
        if done and step:
            break
    order = np.argsort(-weights, kind="stable")
    return GaussianMixture(
        model,
        weights[order],
        means[order],
        covariances[order],
        posterior[:, order],
        before,
        count_parameters(model, k, p),
        bool(done),
    )


def draw_mixture(mixture: GaussianMixture, n: int, rng: np.random.Generator) -> tuple[Matrix, Matrix]:
    """n rows from the mixture, shape (n, p), and the class that each came from as 0/1 columns, (n, k)."""
    k, p = mixture.means.shape
    own = rng.choice(k, size=n, p=mixture.weights / mixture.weights.sum())
    roots = np.linalg.cholesky(mixture.covariances)
    rows = mixture.means[own] + np.einsum("nij,nj->ni", roots[own], rng.standard_normal((n, p)))
    return rows, np.eye(k)[own]


def _covariances(X: Matrix, posterior: Matrix, size: Vector, means: Matrix, model: CovarianceModel) -> Stack:
    """M step for the covariances, (k, p, p); Celeux & Govaert (1995), section 4."""
    n, p = X.shape
    k = len(size)
    if model in ("EEE", "VVV"):
        scatter = np.empty((k, p, p))
        for j in range(k):
            D = X - means[j]
            scatter[j] = (D * posterior[:, j, None]).T @ D
        if model == "VVV":
            return np.asarray(scatter / size[:, None, None])
        return np.broadcast_to(scatter.sum(axis=0) / n, (k, p, p)).copy()
    squares = np.clip(posterior.T @ X**2 - size[:, None] * means**2, 0.0, None)  # (k, p)
    if model == "VVI":
        variances = squares / size[:, None]
    elif model == "EEI":
        variances = np.broadcast_to(squares.sum(axis=0) / n, (k, p))
    elif model == "VII":
        variances = np.broadcast_to((squares.sum(axis=1) / (size * p))[:, None], (k, p))
    else:
        variances = np.full((k, p), squares.sum() / (n * p))
    return np.asarray(variances[:, :, None] * np.eye(p))


def _log_densities(X: Matrix, means: Matrix, covariances: Stack, floor: float) -> Matrix | None:
    """Log densities of the rows under each class, (n, k); None where a class has no volume."""
    if not np.isfinite(covariances).all() or np.linalg.eigvalsh(covariances).min() <= floor:
        return None
    n, p = X.shape
    out = np.empty((n, len(means)))
    inverses = np.linalg.inv(np.linalg.cholesky(covariances))
    for j, inverse in enumerate(inverses):
        Z = (X - means[j]) @ inverse.T
        out[:, j] = np.log(np.diagonal(inverse)).sum() - 0.5 * (p * _LOG_2PI + np.einsum("ij,ij->i", Z, Z))
    return out


def _log_axes(X: Matrix, means: Matrix, covariances: Stack, floor: float) -> Matrix | None:
    """The same for diagonal covariances, by matrix products; X has been centred, so that squares are safe."""
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    if not np.isfinite(variances).all() or variances.min() <= floor:
        return None
    precision = 1.0 / variances
    squares = X**2 @ precision.T - 2 * X @ (means * precision).T + (means**2 * precision).sum(axis=1)
    constant = np.log(variances).sum(axis=1) + X.shape[1] * _LOG_2PI
    out: Matrix = -0.5 * (np.maximum(squares, 0.0) + constant)
    return out


def _near(X: Matrix, centres: Matrix) -> Matrix:
    """0/1 responsibilities of the nearest centre, softened so that no class begins without rows."""
    k = len(centres)
    distances = ((X[:, None, :] - centres) ** 2).sum(axis=2)
    soft: Matrix = 0.9 * np.eye(k)[distances.argmin(axis=1)] + 0.1 / k
    return soft
