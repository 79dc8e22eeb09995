"""The sampling covariance of the parameters that the options ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.estimation.incomplete import TWO_STAGE, saturated_covariance
from research.estimation.inference import Covariance, covariance_from_information, invert
from research.estimation.problem import (
    Likelihood,
    LikelihoodPoint,
    information,
    moment_covariance,
)
from research.estimation.sample import sums_by_cluster
from research.numerics.arrays import Indices, Matrix
from research.numerics.casewise import fixed_rows, row_gradients
from research.numerics.full_information import FullInformation, FullPoint
from research.numerics.implied import jacobian
from research.numerics.likelihood import MaximumLikelihood, Point, inverse_and_logdet
from research.numerics.moment_space import normal_weight
from research.numerics.weighted_squares import LeastSquares, LeastSquaresPoint, weighted

if TYPE_CHECKING:
    from research.estimation.compiled import Compiled
    from research.estimation.sample import Sample
    from research.model.options import Options


def covariance_ml(
    problem: Likelihood,
    point: LikelihoodPoint,
    compiled: Compiled,
    sample: Sample,
    options: Options,
    basis: Matrix | None,
) -> Covariance:
    """Maximum likelihood: the inverse of the information, or a sandwich around the rows' contributions.

    robust.sem: around contributions about the sample moments (Satorra & Bentler 1994); robust.huber.white:
    around the scores of the likelihood (Huber 1967, White 1982); robust.cluster: scores added up by cluster.
    """
    if options.se == "none":
        return Covariance(None)
    names, n = compiled.names, sample.weight
    if options.missing in TWO_STAGE and isinstance(problem, MaximumLikelihood) and isinstance(point, Point):
        return _two_stage(problem, point, sample, options, basis, names)
    if options.information == "first_order":
        scores = score_rows(problem, point, sample)
        return covariance_from_information(scores.T @ scores / sample.n_obs, n, basis, names)
    bread = information(problem, point, "observed" if options.information == "observed" else "expected")
    if options.se in ("standard", "bootstrap"):
        return covariance_from_information(bread, n, basis, names)
    about_moments = options.se in ("robust_sem", "robust_cluster_sem")
    if about_moments and isinstance(problem, MaximumLikelihood) and isinstance(point, Point):
        rows = deviation_rows(problem, point, sample, observed=options.information == "observed")
    else:
        rows = score_rows(problem, point, sample)
    if options.se.startswith("robust_cluster"):
        rows = by_cluster(rows, sample)
    return sandwich(bread, rows.T @ rows / sample.n_obs, n, basis, names)


def two_stage_parts(
    problem: MaximumLikelihood, point: Point, sample: Sample, options: Options
) -> tuple[list[Matrix], list[Matrix], list[Matrix]]:
    """Covariance of the saturated moments, their normal weight at themselves, and the Jacobian, by group."""
    robust = options.missing == "robust_two_stage"
    none = np.zeros(0, dtype=np.intp)
    gammas = [saturated_covariance(group, none, robust=robust)[1] for group in sample.groups]
    weights = [
        normal_weight(inverse_and_logdet(group.cov)[0], block.means)
        for group, block in zip(sample.groups, problem.blocks, strict=True)
    ]
    return gammas, weights, jacobians(problem, point)


def _two_stage(
    problem: MaximumLikelihood,
    point: Point,
    sample: Sample,
    options: Options,
    basis: Matrix | None,
    names: tuple[str, ...],
) -> Covariance:
    """The sandwich of the two-stage estimator (Yuan & Bentler 2000; Savalei & Bentler 2009)."""
    bread, meat = np.zeros((len(names), len(names))), np.zeros((len(names), len(names)))
    parts = zip(*two_stage_parts(problem, point, sample, options), problem.samples, strict=True)
    for gamma, V, J, moments in parts:
        VJ = V @ J
        bread += moments.share * (J.T @ VJ)
        meat += moments.share * (VJ.T @ gamma @ VJ)
    return sandwich(bread, meat, sample.weight, basis, names)


def covariance_least_squares(
    problem: LeastSquares,
    point: LeastSquaresPoint,
    compiled: Compiled,
    sample: Sample,
    options: Options,
    basis: Matrix | None,
) -> Covariance:
    """Least squares: (J'WJ)^-1, or the sandwich J'W Gamma W J (Browne 1984; Satorra & Bentler 1994)."""
    if options.se == "none":
        return Covariance(None)
    problem = replace(problem, shares=tuple(group.size / sample.n_obs for group in sample.groups))
    n = sample.weight
    if options.information == "observed" and options.discrepancy == "GLS":
        bread = information(problem, point, "observed") * (n / sample.n_obs)
    else:
        bread = information(problem, point, "expected")
    if options.se != "robust_sem":
        return covariance_from_information(bread, n, basis, compiled.names)
    meat = np.zeros_like(bread)
    for group, block, share, W, (_, J, _) in zip(
        sample.groups, problem.blocks, problem.shares, problem.weights, point.blocks, strict=True
    ):
        WJ = weighted(W, J)
        meat += share * (WJ.T @ moment_covariance(group, block) @ WJ)
    return sandwich(bread, meat, n, basis, compiled.names)


def sandwich(
    bread: Matrix, meat: Matrix, n: float, basis: Matrix | None, names: tuple[str, ...]
) -> Covariance:
    """bread^-1 meat bread^-1 / n inside the equalities."""
    found = covariance_from_information(bread, 1.0, basis, names)
    if found.vcov is None:
        return found
    return Covariance(found.vcov @ meat @ found.vcov / n)


def score_rows(problem: Likelihood, point: LikelihoodPoint, sample: Sample) -> Matrix:
    """Gradient of every row's log-likelihood at the estimates, shape (n, q)."""
    parts = []
    if isinstance(problem, FullInformation) and isinstance(point, FullPoint):
        for at, group in enumerate(sample.groups):
            rows = problem.scores(point, at, _rows(group.data))
            parts.append(rows if group.sampling_weights is None else rows * group.sampling_weights[:, None])
        return np.vstack(parts)
    if not isinstance(problem, MaximumLikelihood) or not isinstance(point, Point):
        raise TypeError("the point belongs to another kind of problem")
    for group, block, piece in zip(sample.groups, problem.blocks, point.blocks, strict=True):
        P, _ = inverse_and_logdet(piece.at.Sigma)
        centre = piece.at.mu if block.means else group.mean
        rows = row_gradients(block, piece.at, _rows(group.data) - centre, piece.at.Sigma, P)
        parts.append(rows if group.sampling_weights is None else rows * group.sampling_weights[:, None])
    return np.vstack(parts)


def deviation_rows(problem: MaximumLikelihood, point: Point, sample: Sample, *, observed: bool) -> Matrix:
    """Contributions of the rows about the sample moments, shape (n, q).

    They are weighted by the information of unrestricted moments, expected or observed, at the implied ones.
    """
    parts = []
    for group, block, piece in zip(sample.groups, problem.blocks, point.blocks, strict=True):
        P, _ = inverse_and_logdet(piece.at.Sigma)
        S = group.cov * (group.weight / group.size)
        d = _rows(group.data) - group.mean
        M = 2.0 * P @ S @ P - P if observed else None
        rows = row_gradients(block, piece.at, d, S, P, M)
        if len(block.exogenous):
            rows = rows - row_gradients(block, piece.at, *fixed_rows(d, S, block.exogenous), P, M)
        parts.append(rows if group.sampling_weights is None else rows * group.sampling_weights[:, None])
    return np.vstack(parts)


def by_cluster(rows: Matrix, sample: Sample) -> Matrix:
    """`sums_by_cluster` of every group: as in lavaan, a cluster in two groups counts as two."""
    clusters: list[Indices] = [group.clusters for group in sample.groups if group.clusters is not None]
    if len(clusters) < len(sample.groups):
        raise DataError(
            "cluster-robust standard errors need the rows and the column that names their clusters"
        )
    parts = np.split(rows, np.cumsum([len(each) for each in clusters])[:-1])
    return np.vstack([sums_by_cluster(part, each) for part, each in zip(parts, clusters, strict=True)])


def inverse_information(information: Matrix, basis: Matrix | None) -> Matrix | None:
    """The inverse inside the equalities, (q, q), or None."""
    inverse, _ = invert(information if basis is None else basis.T @ information @ basis)
    if inverse is None or basis is None:
        return inverse
    return np.asarray(basis @ inverse @ basis.T)


def jacobians(problem: MaximumLikelihood, point: Point) -> list[Matrix]:
    """d moments/dtheta of every block."""
    return [jacobian(block, piece.at) for block, piece in zip(problem.blocks, point.blocks, strict=True)]


def _rows(data: Matrix | None) -> Matrix:
    if data is None:
        raise DataError(
            "robust standard errors need the rows, not only their moments: pass data, or se='standard'"
        )
    return data
