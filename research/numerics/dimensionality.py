"""How many factors do items share, and is there enough shared to look for any?"""

from __future__ import annotations

import numpy as np

from research.numerics.arrays import Matrix, Stack, Vector

ONE_FACTOR_STEPS = 100  # of principal axis on random correlations, which have hardly a factor


def sampling_adequacy(cor: Matrix) -> tuple[float, Vector]:
    """Kaiser-Meyer-Olkin measure, overall and by item (p,).

    MSA_j = sum r_ij^2 / (sum r_ij^2 + sum q_ij^2) over i != j, q the partial correlations given all
    other items. Kaiser & Rice (1974)
    """
    inverse = np.linalg.inv(cor)
    size = np.sqrt(np.diag(inverse))
    off = ~np.eye(len(cor), dtype=bool)
    r = np.where(off, cor**2, 0.0)
    q = np.where(off, (inverse / np.outer(size, size)) ** 2, 0.0)
    by_item: Vector = r.sum(axis=0) / (r.sum(axis=0) + q.sum(axis=0))
    return float(r.sum() / (r.sum() + q.sum())), by_item


def sphericity(cor: Matrix, n_obs: int) -> tuple[float, int]:
    """Bartlett's chi-square that all correlations are 0, and its df.

    chi2 = -(n - 1 - (2p + 5)/6) log |R|, df = p(p - 1)/2              Bartlett (1951)
    """
    p = len(cor)
    log_det = float(np.linalg.slogdet(cor)[1])
    return -(n_obs - 1 - (2 * p + 5) / 6) * log_det, p * (p - 1) // 2


def average_squared_partials(cor: Matrix) -> Vector:
    """Velicer's MAP: mean squared correlation left by the first m = 1 … p - 2 components; smallest wins.

    Velicer (1976)
    """
    p = len(cor)
    values, vectors = np.linalg.eigh(cor)
    components = (vectors * np.sqrt(np.clip(values, 0, None)))[:, ::-1]
    off = ~np.eye(p, dtype=bool)
    means = []
    for m in range(1, p - 1):
        rest = cor - components[:, :m] @ components[:, :m].T
        sd = np.sqrt(np.clip(np.diag(rest), 1e-12, None))
        means.append(float(((rest / np.outer(sd, sd))[off] ** 2).mean()))
    return np.array(means)


def component_eigenvalues(cor: Matrix | Stack) -> Matrix:
    """Eigenvalues of correlation matrices (..., p, p), largest first, (..., p)."""
    return np.asarray(np.linalg.eigvalsh(cor)[..., ::-1])


def factor_eigenvalues(cor: Matrix | Stack, steps: int = ONE_FACTOR_STEPS) -> Matrix:
    """Eigenvalues with the communalities of a one-factor solution on the diagonal, largest first, (..., p).

    The communalities are found by principal axis on all matrices at once, each step one power step on
    R - I + H + I (the shift makes the largest eigenvalue the largest in size).
    """
    p = cor.shape[-1]
    diagonal = np.arange(p)
    inverse = np.linalg.inv(cor)
    h = 1 - 1 / inverse[..., diagonal, diagonal]
    vector = np.ones((*cor.shape[:-1], 1)) / np.sqrt(p)
    for _ in range(steps):
        for _ in range(2):
            moved = cor @ vector + h[..., None] * vector  # (R - I + H + I) v
            vector = moved / np.linalg.norm(moved, axis=-2, keepdims=True)
        value = (vector * (cor @ vector + (h[..., None] - 1) * vector)).sum(axis=-2)
        h = np.clip(value * vector[..., 0] ** 2, 0.0, 0.995)
    reduced = cor.copy()
    reduced[..., diagonal, diagonal] = h
    return component_eigenvalues(reduced)


def random_correlations(n_draws: int, n_obs: int, p: int, rng: np.random.Generator) -> Stack:
    """Correlation matrices of n rows of p independent normal items, (n_draws, p, p).

    Bartlett's decomposition: the scatter matrix is AA' with A lower triangular, squared diagonal
    chi-square with n - 1, n - 2, … df and standard normals below; no rows are drawn. Bartlett (1933)
    """
    A = np.tril(rng.normal(size=(n_draws, p, p)), -1)
    diagonal = np.arange(p)
    A[:, diagonal, diagonal] = np.sqrt(rng.chisquare(n_obs - 1 - diagonal, size=(n_draws, p)))
    scatter = A @ A.transpose(0, 2, 1)
    sd = np.sqrt(scatter[:, diagonal, diagonal])
    return np.asarray(scatter / (sd[:, :, None] * sd[:, None, :]))
