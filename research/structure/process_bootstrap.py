"""Standard errors and intervals of effects: bootstrap, Monte Carlo, or the second-order delta method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np

from research.errors import OptionError
from research.numerics.arrays import Matrix, Vector
from research.numerics.intervals import Kind, bootstrap_limits, bootstrap_p, jackknife_influence
from research.numerics.path_effects import PathEffects
from research.numerics.resampled_logit import ResampledLogit
from research.numerics.resampled_regressions import leave_one_out, leave_one_out_spread, regression_plan
from research.provenance import seed_sequence, stream
from research.structure.process_system import Equation, System
from research.structure.regression import critical_value, two_sided_p

Interval = Literal["percentile", "bc", "bca", "monte carlo", "sobel"]
INTERVALS: tuple[Interval, ...] = get_args(Interval)


@dataclass(frozen=True, slots=True)
class Draws:
    """Coefficients of every regression in the samples that could be used, (b, k_e), and in them the
    standard deviations of y and of the columns of x, (b, 1 + columns). `failed`: samples left out.
    """

    coefficients: tuple[Matrix, ...]
    spreads: Matrix
    failed: int


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Of every effect: `se low high p`, each (effects,); NaN where there are no draws."""

    se: Vector
    low: Vector
    high: Vector
    p: Vector


def bootstrap_draws(system: System, n_draws: int, seed: int) -> Draws:
    """Samples of rows with replacement; all regressions in one sample use the same rows."""
    linear = [(each.design.X, each.design.y) for each in system.equations if each.family == "ols"]
    logistic = [
        ResampledLogit(each.design.X, each.design.y) for each in system.equations if each.family != "ols"
    ]
    plan = regression_plan(linear, _measured(system))
    seeds = seed_sequence(seed, "process/bootstrap")
    found = plan.bootstrap(n_draws, seeds, [model.coefficients for model in logistic])
    kept = found.usable & (found.spreads > 0).all(axis=1)
    parts = {"ols": iter(found.coefficients), "logit": iter(found.more)}
    coefficients = tuple(next(parts[equation.family])[kept] for equation in system.equations)
    return Draws(coefficients, found.spreads[kept], int((~kept).sum()))


def monte_carlo_draws(system: System, n_draws: int, seed: int) -> tuple[Matrix, ...]:
    """Coefficients drawn from their normal sampling distribution (MacKinnon, Lockwood & Williams 2004)."""
    V = system.covariance()
    values, vectors = np.linalg.eigh(V)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    centre = np.concatenate(system.coefficients())
    normal = stream(seed, "process/monte carlo").standard_normal((n_draws, len(centre)))
    drawn = centre + normal @ root.T
    ends = np.cumsum([len(part) for part in system.coefficients()])[:-1]
    return tuple(np.split(drawn, ends, axis=1))


def uncertainty(
    system: System,
    effects: PathEffects,
    estimate: Vector,
    draws: Draws | None,
    scale: tuple[Vector, Matrix],
    interval: Interval,
    level: float,
    n_draws: int,
    seed: int,
) -> Uncertainty:
    """Standard errors and limits of `estimate` (effects,) by the method asked for.

    `scale`: powers of the standard deviations of y and of the columns of x that multiply each effect,
    as (sd, powers) with powers (spreads, effects); zeros where an effect is not standardized.
    """
    sd, powers = scale
    if interval == "sobel":
        se = (
            effects.second_order_se(system.coefficients(), system.covariance()) * _factor(sd[None], powers)[0]
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            p = two_sided_p(np.where(se > 0, estimate / se, np.nan), np.inf)
        reach = critical_value(level, np.inf) * se
        return Uncertainty(se, estimate - reach, estimate + reach, p)
    if interval == "monte carlo":
        values = effects.values(monte_carlo_draws(system, n_draws, seed)) * _factor(sd[None], powers)
        return _limits(values, estimate, "percentile", level, None)
    if draws is None or len(draws.spreads) < 2:
        nothing = np.full(len(estimate), np.nan)
        return Uncertainty(nothing, nothing, nothing, nothing)
    values = effects.values(draws.coefficients) * _factor(draws.spreads, powers)
    left_out = None
    if interval == "bca":
        without = [_without_each(equation) for equation in system.equations]
        spreads = np.column_stack([leave_one_out_spread(column) for column in _measured(system)])
        left_out = effects.values(without) * _factor(spreads, powers)
    return _limits(values, estimate, interval, level, left_out)


def checked_interval(interval: str, n_draws: int) -> Interval:
    """The method, or OptionError where it is not known or has no draws."""
    if interval not in INTERVALS:
        raise OptionError(f"interval={interval!r} is not known; allowed: {', '.join(INTERVALS)}.")
    if n_draws == 0 and interval != "sobel":
        raise OptionError(f"interval={interval!r} needs draws; run process() with bootstrap=5000.")
    return interval


def _without_each(equation: Equation) -> Matrix:
    """Coefficients with each row left out once."""
    X, y = equation.design.X, equation.design.y
    return leave_one_out(X, y) if equation.family == "ols" else ResampledLogit(X, y).leave_one_out()


def _measured(system: System) -> list[Vector]:
    """y and the columns of x, whose standard deviations standardize effects."""
    return [system.variables[system.y].values[:, 0], *system.variables[system.x].values.T]


def measured_spreads(system: System) -> Vector:
    """Standard deviations (n - 1) of y and of the columns of x."""
    return np.array([column.std(ddof=1) for column in _measured(system)])


def _factor(spreads: Matrix, powers: Matrix) -> Matrix:
    """Products of powers of the standard deviations, (b, effects)."""
    if not powers.any():
        return np.ones((1, powers.shape[1]))
    return np.exp(np.log(spreads) @ powers)


def _limits(
    values: Matrix, estimate: Vector, interval: Interval, level: float, left_out: Matrix | None
) -> Uncertainty:
    kind = cast(Kind, interval)
    influence = None
    if left_out is not None:
        influence = jackknife_influence(left_out, np.zeros(len(left_out), dtype=np.intp))
    low, high = bootstrap_limits(values, estimate, kind, level, influence)
    return Uncertainty(values.std(axis=0, ddof=1), low, high, bootstrap_p(values, estimate, kind, influence))
