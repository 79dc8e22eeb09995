"""Robust inference of two-level models: clusters are the units that are independent of one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from research.estimation.inference import Covariance
from research.estimation.scaled import Traces, scaled_statistic
from research.estimation.standard_errors import inverse_information, sandwich
from research.estimation.statistic import Statistic
from research.numerics.arrays import Matrix, Vector
from research.numerics.two_level import TwoLevel
from research.numerics.two_level_scores import Clusters, cluster_scores

TEST = "yuan_bentler_mplus"


def robust_covariance(
    problem: TwoLevel, theta: Vector, clusters: Clusters, basis: Matrix | None, names: Sequence[str]
) -> Covariance:
    """The sandwich of observed information around the clusters' scores (Huber 1967, White 1982)."""
    point = problem.point(theta)
    scores = cluster_scores(problem, point, clusters)
    n = problem.moments.n_obs
    return sandwich(problem.hessian(point) / 2.0, scores.T @ scores / n, n, basis, tuple(names))


def robust_trace(problem: TwoLevel, theta: Vector, clusters: Clusters, basis: Matrix | None = None) -> float:
    """tr(A^-1 B) of observed information A and mean products B of the clusters' scores; NaN without A^-1."""
    point = problem.point(theta)
    inverse = inverse_information(problem.hessian(point) / 2.0, basis)
    if inverse is None:
        return float("nan")
    scores = cluster_scores(problem, point, clusters)
    return float((inverse * (scores.T @ scores)).sum()) / problem.moments.n_obs


def robust_baseline(plain: Statistic, saturated: float, baseline: float) -> Statistic:
    """The baseline test, corrected by the traces of the saturated and of the baseline model."""
    with np.errstate(all="ignore"):
        return scaled_statistic(plain.chisq, round(plain.df), Traces(saturated - baseline), TEST)
