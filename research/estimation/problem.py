"""The discrepancy that an estimator minimises, from the model, the sample and the options."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from research.errors import DataError, OptionError
from research.estimation.incomplete import FULL_INFORMATION, full_information
from research.estimation.sample import sums_by_cluster
from research.numerics.arrays import Matrix, Vector
from research.numerics.casewise import fixed_rows
from research.numerics.constrained import ConstrainedMinimum, Restricted, minimize_constrained
from research.numerics.full_information import FullInformation, FullPoint
from research.numerics.likelihood import MaximumLikelihood, Point, SampleMoments, inverse_and_logdet
from research.numerics.moment_space import contributions, exogenous_moments, normal_weight
from research.numerics.newton import Minimum, minimize
from research.numerics.newton_batch import minimize_damped
from research.numerics.weighted_squares import LeastSquares, LeastSquaresPoint

if TYPE_CHECKING:
    from research.estimation.compiled import Compiled
    from research.estimation.sample import GroupSample, Sample
    from research.model.options import Options
    from research.numerics.sem_layout import Block

LikelihoodPoint: TypeAlias = Point | FullPoint
AnyPoint: TypeAlias = Point | FullPoint | LeastSquaresPoint
Kind: TypeAlias = Literal["expected", "observed", "h1"]
Likelihood: TypeAlias = MaximumLikelihood | FullInformation
Problem: TypeAlias = MaximumLikelihood | FullInformation | LeastSquares

PATIENCE = 50  # steps that Newton's method is given where a damped search can follow
DAMPINGS, DAMPED_STEPS = 3, 120  # damped searches, one for each first damping, and the steps of each


def problem_of(compiled: Compiled, sample: Sample, options: Options) -> Problem:
    """Maximum likelihood, or least squares with the weights of the estimator."""
    return problem_for_blocks(compiled.blocks, sample, options)


def problem_for_blocks(blocks: tuple[Block, ...], sample: Sample, options: Options) -> Problem:
    """The same for any blocks over the same groups (the baseline model)."""
    if options.discrepancy == "ML" and options.missing in FULL_INFORMATION:
        return full_information(blocks, sample)
    if options.discrepancy == "ML":  # groups count by their rows, also with divisor n - 1, as in lavaan
        return MaximumLikelihood(
            blocks,
            tuple(SampleMoments(g.cov, g.mean, g.size / sample.n_obs, g.logdet) for g in sample.groups),
        )
    shares = tuple(group.weight / sample.weight for group in sample.groups)
    weights = tuple(
        _weight(options.discrepancy, group, block) for group, block in zip(sample.groups, blocks, strict=True)
    )
    return LeastSquares(
        blocks,
        tuple(group.cov for group in sample.groups),
        tuple(group.mean for group in sample.groups),
        weights,
        shares,
    )


def minimum(problem: Problem, start: Vector, basis: Matrix | None = None, max_iter: int = 10_000) -> Minimum:
    """Minimise any of the discrepancies from `start`, along `basis`, in at most `max_iter` steps.

    Where Newton's method does not get through, damped searches begin anew; where they do not either, it goes
    on for as long as there is a fall.
    """
    if isinstance(problem, MaximumLikelihood):
        found = minimize(problem, start, basis=basis, max_iter=min(max_iter, PATIENCE))
        if found.converged or max_iter <= PATIENCE:
            return found
        searches = (max_iter - found.n_steps) // DAMPINGS
        damped = minimize_damped(problem, start, basis=basis, max_iter=min(searches, DAMPED_STEPS))
        taken = found.n_steps + damped.n_steps
        if damped.converged:
            return replace(damped, n_steps=taken)
        return minimize(problem, found.theta, basis=basis, max_iter=max_iter, scoring_steps=0, taken=taken)
    if isinstance(problem, FullInformation):
        return minimize(problem, start, basis=basis, max_iter=max_iter)
    return minimize(problem, start, basis=basis, max_iter=max_iter)


def constrained_minimum(
    problem: Problem, start: Vector, equal: Restricted, above: Restricted, max_iter: int
) -> ConstrainedMinimum:
    """Minimise any of the discrepancies under equalities and inequalities."""
    if isinstance(problem, MaximumLikelihood):
        return minimize_constrained(problem, start, equal, above, max_iter=max_iter)
    if isinstance(problem, FullInformation):
        return minimize_constrained(problem, start, equal, above, max_iter=max_iter)
    return minimize_constrained(problem, start, equal, above, max_iter=max_iter)


def information(problem: Problem, point: AnyPoint, kind: Kind) -> Matrix:
    """Half the Hessian of F, the information of one row, (q, q): expected, observed, or "h1".

    "h1" is the observed one without the terms in second derivatives of the moments.
    """
    if isinstance(problem, FullInformation) and isinstance(point, FullPoint):
        if kind == "h1":
            return problem.hessian_h1(point) / 2.0
        return (problem.expected(point) if kind == "expected" else problem.hessian(point)) / 2.0
    if isinstance(problem, MaximumLikelihood) and isinstance(point, Point):
        if kind == "h1":
            return (problem.hessian(point) - problem.second_order(point)) / 2.0
        return (problem.expected(point) if kind == "expected" else problem.hessian(point)) / 2.0
    if isinstance(problem, LeastSquares) and isinstance(point, LeastSquaresPoint):
        return (problem.hessian(point) if kind == "observed" else problem.expected(point)) / 2.0
    raise TypeError("the point belongs to another kind of problem")


def chi_square(problem: Problem, theta: Vector, value: float, sample: Sample) -> float:
    """The test statistic at `theta`, where the discrepancy is `value`: n F, or (n - 1) F of the groups."""
    if not isinstance(problem, MaximumLikelihood) or sample.divisor == "n" or len(sample.groups) == 1:
        return sample.weight * value
    parts = zip(problem.samples, sample.groups, strict=True)
    by_weight = tuple(s._replace(share=group.weight / sample.weight) for s, group in parts)
    return sample.weight * float(replace(problem, samples=by_weight).value(theta))


def moment_covariance(group: GroupSample, block: Block) -> Matrix:
    """Gamma: the covariance of the rows' first and second moments, given fixed x, divisor n, shape (k, k)."""
    if group.data is None:
        raise DataError("this estimator needs the rows, not only their moments: pass data")
    n = len(group.data)
    cov = group.cov * (group.weight / group.size)
    d = group.data - group.mean
    X = contributions(d, cov, np.zeros(len(cov)), block.means)
    if len(block.exogenous):
        d0, cov0 = fixed_rows(d, cov, block.exogenous)
        X = X - contributions(d0, cov0, np.zeros(len(cov)), block.means)
    if group.clusters is not None:
        X = sums_by_cluster(X, group.clusters)
    return np.asarray(X.T @ X / n)


def _weight(discrepancy: str, group: GroupSample, block: Block) -> Matrix:
    p = block.layout.n_observed
    k = p * (p + 1) // 2 + (p if block.means else 0)
    if discrepancy == "ULS":
        return np.ones(k)
    if discrepancy == "GLS":
        P, _ = inverse_and_logdet(group.cov)
        weight = normal_weight(P, block.means)
    else:
        gamma = moment_covariance(group, block)
        fixed = exogenous_moments(p, block.exogenous, block.means)
        kept = np.setdiff1d(np.arange(k), fixed)
        if discrepancy == "DWLS":
            diagonal = np.zeros(k)
            diagonal[kept] = 1.0 / np.diagonal(gamma)[kept]
            return diagonal
        weight = np.zeros((k, k))
        weight[np.ix_(kept, kept)] = _inverse_of(gamma[np.ix_(kept, kept)], group.n_obs)
    return weight


def _inverse_of(gamma: Matrix, n_obs: int) -> Matrix:
    if n_obs <= len(gamma):
        raise OptionError(
            f"estimator WLS needs more rows ({n_obs}) than moments ({len(gamma)}); use DWLS, ULS or MLR"
        )
    scale = np.sqrt(np.diagonal(gamma))
    if np.linalg.eigvalsh(gamma / np.outer(scale, scale))[0] < 1e-10:
        raise OptionError(
            f"estimator WLS cannot weigh the {len(gamma)} moments, because some follow from the others: a "
            "variable with two values only does that, and so do collinear ones; use fixed_x=True if it is a "
            "covariate, else DWLS, ULS or MLR"
        )
    return np.asarray(np.linalg.inv(gamma))
