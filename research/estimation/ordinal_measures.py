"""The baseline model and the residual indices of models with ordered variables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from research.estimation.scaled import Traces, scaled_statistic
from research.estimation.statistic import Statistic
from research.numerics.arrays import Indices, Matrix
from research.numerics.chi_square import chi2_sf
from research.numerics.definite import inverse_along
from research.numerics.likelihood import inverse_and_logdet
from research.numerics.ordinal_moments import n_statistics
from research.numerics.ordinal_squares import OrdinalLeastSquares, OrdinalPoint
from research.numerics.weighted_squares import weighted


def baseline(
    problem: OrdinalLeastSquares, gammas: Sequence[Matrix], n: float, test: str
) -> tuple[Statistic, Statistic | None]:
    """Uncorrelated variables with free thresholds, means, variances and slopes; plain and scaled.

    What is free fits exactly, so that the discrepancy is that of the covariances alone, weighted by W with
    the rest swept out, W_cc - W_cr W_rr^-1 W_rc.
    """
    chisq, df, first, second = 0.0, 0, 0.0, 0.0
    for of, s, W, share, gamma in zip(
        problem.blocks, problem.statistics, problem.weights, problem.shares, gammas, strict=True
    ):
        k, pairs = n_statistics(of)
        if not pairs:
            continue
        swept = W[-pairs:] if W.ndim == 1 else _swept(W, pairs)
        covariances = s[k - pairs :]
        chisq += n * share * float(covariances @ weighted(swept, covariances))
        df += pairs
        product = weighted(swept, gamma[-pairs:, -pairs:])
        first += float(np.trace(product))
        second += float((product * product.T).sum())
    plain = Statistic(chisq, df, chi2_sf(chisq, df))
    if test in ("standard", "none"):
        return plain, None
    return plain, scaled_statistic(chisq, df, Traces(first, second), test)


def residual_measures(
    problem: OrdinalLeastSquares, point: OrdinalPoint, shares: Sequence[float], df: int
) -> dict[str, float]:
    """SRMR of the correlations, GFI = 1 - r'Wr/s'Ws with all statistics, and AGFI."""
    srmr = gfi = 0.0
    count = 0
    for of, s, W, here, share in zip(
        problem.blocks, problem.statistics, problem.weights, point.blocks, shares, strict=True
    ):
        k, pairs = n_statistics(of)
        r = s - here.moments
        p = len(of.y)
        sd = np.ones(of.block.layout.n_observed)
        variances = s[k - pairs - len(of.continuous) : k - pairs]
        sd[of.continuous] = np.sqrt(variances)
        first, second = np.triu_indices(p, 1)
        scaled = r[k - pairs :] / (sd[of.y][first] * sd[of.y][second])
        counted = p * (p + 1) / 2 + len(of.block.exogenous)  # lavaan counts the fixed x
        srmr += share * float(np.sqrt(scaled @ scaled / counted))
        gfi += share * (1.0 - float(r @ weighted(W, r)) / float(s @ weighted(W, s)))
        count += k
    agfi = 1.0 - count / df * (1.0 - gfi) if df > 0 else 1.0
    out = {"srmr": srmr, "srmr_bentler_nomean": srmr, "gfi": gfi, "agfi": agfi}
    return out | {"pgfi": gfi * df / count}


def correlation_discrepancies(
    problem: OrdinalLeastSquares,
    point: OrdinalPoint,
    gammas: Sequence[Matrix],
    n_obs: Sequence[int],
    basis: Matrix | None,
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """(chi-square, its expectation) of normal-theory ML at the estimates, of the model and of the baseline.

    Savalei (2021), Multivariate Behavioral Research 56, 390-407: the discrepancy of maximum likelihood for
    the polychoric correlations, at the least-squares estimates; with the residuals e = (I - J (J'WJ)^-1
    J'W) s its expectation is tr(V cov(e)), V the normal-theory weight of correlations. None where a variable
    is continuous or a covariate, where thresholds are held equal (the correlations alone are then no model)
    and where a matrix is not positive definite.
    """
    if _beyond_correlations(problem):
        return None
    n = float(sum(n_obs))
    apart = problem.reduced if basis is None else None
    columns = np.arange(len(point.gradient)) if apart is None else apart.kept
    slopes, curves, spreads = [], [], []
    H = np.zeros((len(columns), len(columns)))
    chisq = null = mean = null_mean = 0.0
    for of, s, W, here, own, gamma in zip(
        problem.blocks, problem.statistics, problem.weights, point.blocks, n_obs, gammas, strict=True
    ):
        share, (k, pairs), p = own / n, n_statistics(of), len(of.y)
        first, second = np.triu_indices(p, 1)
        R = np.eye(p)
        R[first, second] = R[second, first] = s[-pairs:]
        P, logdet = inverse_and_logdet((here.at.Sigma * np.outer(here.scale, here.scale))[np.ix_(of.y, of.y)])
        top = float(np.linalg.slogdet(R)[1])
        if not (np.isfinite(logdet) and np.linalg.eigvalsh(R)[0] > 0):
            return None
        chisq += n * share * (float(logdet) - top + float((P * R).sum()) - p)
        null += n * share * -top
        used = slice(0 if apart is None else k - pairs, k)
        J, corner = here.jacobian[used][:, columns], gamma[-pairs:, -pairs:]
        WJ = weighted(W[used] if W.ndim == 1 else W[used, used], J)
        V = _correlation_weight(P, first, second)
        mean += float(np.vdot(V, corner))
        null_mean += float(np.trace(corner)) / share  # as lavaan: Gamma of the pooled rows of all groups
        spread, VJ = gamma[used, used] @ WJ, V @ J[-pairs:]
        H += share * (J.T @ WJ)
        slopes.append(share * (VJ.T @ spread[-pairs:]))
        curves.append(share * (J[-pairs:].T @ VJ))
        spreads.append(share * (WJ.T @ spread))
    inverse = inverse_along(H, basis)
    mean -= 2.0 * float((inverse * sum(slopes).T).sum())
    mean += float(np.trace(sum(curves) @ inverse @ sum(spreads) @ inverse))
    return (chisq, mean), (null, null_mean)


def _beyond_correlations(problem: OrdinalLeastSquares) -> bool:
    """Whether more than correlations is modelled: other variables, or thresholds that are held equal."""
    if any(len(of.continuous) or len(of.block.exogenous) for of in problem.blocks):
        return True
    free = np.concatenate([of.threshold[of.threshold >= 0] for of in problem.blocks])
    return len(np.unique(free)) < len(free)


def _correlation_weight(P: Matrix, first: Indices, second: Indices) -> Matrix:
    """P_ik P_jl + P_il P_jk of the pairs (i, j) and (k, l)."""
    above, below = P[first], P[second]
    V = above[:, first] * below[:, second]
    V += above[:, second] * below[:, first]
    return np.asarray(V)


def _swept(W: Matrix, pairs: int) -> Matrix:
    rest = len(W) - pairs
    if not rest:
        return W
    return np.asarray(W[rest:, rest:] - W[rest:, :rest] @ np.linalg.solve(W[:rest, :rest], W[:rest, rest:]))
