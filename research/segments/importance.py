"""How much an outcome's index moves with each predictor's: from a structural model or a regression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from research.errors import ModelError, OptionError
from research.estimation.fit import Fit
from research.numerics.arrays import Matrix, Vector
from research.numerics.implied import Implied, implied
from research.provenance import stream
from research.segments.weights import places
from research.structure.regression import Regression

Parts = tuple[list[str], Vector, Vector]  # items, their shares in the index, points of 0-100 of one unit


@dataclass(frozen=True, slots=True)
class Effect:
    """The importance of one predictor, with its limits (NaN where there are none)."""

    name: str
    value: float
    low: float
    high: float


def model_effects(
    fit: Fit,
    outcome: str,
    names: list[str],
    parts: Mapping[str, Parts],
    metric: str,
    level: float,
    draws: int,
    seed: int,
) -> list[Effect]:
    """Total effects on the outcome, G = (I - A)^-1, with percentiles over draws of the parameters.

    "unstandardized": an index is sum s_i f_i x_i (s shares, f points of 0-100 in a unit of the item); it
    moves by c_j = sum s_i f_i G_ij for one unit of the construct j. One point of the predictor's index then
    moves the outcome's by G_yj c_y / c_j.
    """
    if metric == "unstandardized" and fit.options.is_ordinal:
        raise OptionError(
            "items of an ordinal model have no units of the answer scale; use metric='standardized'."
        )
    estimate = _effects(fit, fit.implied_blocks[0], outcome, names, parts, metric)
    low = high = np.full(len(names), np.nan)
    if fit.vcov is not None and not fit.options.is_ordinal:
        group, block = fit.sample.groups[0], fit.compiled.blocks[0]
        values, vectors = np.linalg.eigh(fit.vcov)
        root = vectors * np.sqrt(np.clip(values, 0.0, None))
        z = stream(seed, f"importance/{outcome}").standard_normal((draws, len(values)))
        with np.errstate(all="ignore"):
            at = implied(block, fit.theta + z @ root.T, *block.with_sample(group.cov, group.mean))
            drawn = _effects(fit, at, outcome, names, parts, metric)
        tails = [(1 - level) / 2, (1 + level) / 2]
        low, high = np.nanquantile(drawn, tails, axis=0)
    return [
        Effect(name, float(value), float(a), float(b))
        for name, value, a, b in zip(names, estimate, low, high, strict=True)
    ]


def regression_effects(
    fit: Regression,
    outcome: str,
    names: list[str],
    width: Callable[[str], float],
    metric: str,
    level: float,
) -> list[Effect]:
    """Coefficients, rescaled so that outcome and predictors run from 0 to 100; or betas."""
    from dataclasses import replace

    tidy = replace(fit, level=level).tidy()
    columns = tidy[["estimate", "low", "high", "beta"]].to_numpy(dtype=np.float64)
    numbers = dict(zip(map(str, tidy["term"]), columns, strict=True))
    effects = []
    for name in names:
        shown = name if name in numbers else f"`{name}`"
        if shown not in numbers:
            raise ModelError(f"the regression has no coefficient of '{name}'.")
        b, low, high, beta = (float(number) for number in numbers[shown])
        rescaled = beta / b if b else 0.0
        factor = rescaled if metric == "standardized" else width(name) / width(outcome)
        ends = (factor * low, factor * high)
        effects.append(Effect(name, factor * b, min(ends), max(ends)))
    return effects


def _effects(
    fit: Fit, at: Implied, outcome: str, names: list[str], parts: Mapping[str, Parts], metric: str
) -> Matrix:
    """Effects (..., names) at one set of matrices or at a batch of them."""
    y = int(places(fit, [outcome])[0])
    columns = []
    for name in names:
        j = int(places(fit, [name])[0])
        total = at.G[..., y, j]
        if metric == "standardized":
            scale = np.sqrt(at.V[..., j, j] / at.V[..., y, y])
        else:
            scale = _points(fit, at, y, parts[outcome]) / _points(fit, at, j, parts[name])
        columns.append(total * scale)
    return np.stack(columns, axis=-1)


def _points(fit: Fit, at: Implied, factor: int, parts: Parts) -> Vector:
    """Points of the index that one unit of the construct is worth, c_j."""
    items, shares, points = parts
    return np.asarray(at.G[..., places(fit, items), factor] @ (shares * points))
