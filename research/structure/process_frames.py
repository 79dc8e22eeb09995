"""The frames of a conditional process analysis: regressions, effects, simple slopes, codings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import OptionError
from research.numerics.arrays import Matrix, Vector
from research.structure.process_bootstrap import Draws, Interval, measured_spreads, uncertainty
from research.structure.process_effects import (
    Effect,
    edges,
    moderators_of,
    path_effects,
    paths_from,
    slope_weights,
)
from research.structure.process_probes import Probe, Probes, joint_label
from research.structure.process_system import Equation, System
from research.structure.regression import critical_value, two_sided_p

if TYPE_CHECKING:
    import pandas as pd

Standardized = Literal["none", "partial", "complete"]


def models_frame(system: System, total: Equation | None, level: float) -> pd.DataFrame:
    """`outcome term estimate se t p low high`, one regression after the other."""
    import pandas as pd

    parts = []
    for equation, mark in _with_total(system, total):
        found = equation.estimates
        columns = _t_columns(found.coefficients, found.se, found.df, level)
        keys = {"outcome": f"{equation.outcome}{mark}", "term": list(equation.design.names)}
        parts.append(pd.DataFrame({**keys, **columns}))
    return pd.concat(parts, ignore_index=True)


def measures_frame(system: System, total: Equation | None) -> pd.DataFrame:
    """`outcome n_obs r r2 mse f df1 df2 p`."""
    import pandas as pd

    rows = []
    for equation, mark in _with_total(system, total):
        found = equation.estimates.measures
        rows.append(
            {
                "outcome": f"{equation.outcome}{mark}",
                "n_obs": int(found["n_obs"]),
                "r": float(np.sqrt(found["r2"])) if "r2" in found else np.nan,
                "r2": found["r2"] if "r2" in found else found["mcfadden"],
                "mse": found["sigma"] ** 2 if "sigma" in found else np.nan,
                **{name: found.get(name, np.nan) for name in ("f", "df1", "df2", "p")},
            }
        )
    return pd.DataFrame(rows)


def effects_frame(
    system: System,
    effects: Sequence[Effect],
    draws: Draws | None,
    total: Equation | None,
    interval: Interval,
    standardized: Standardized,
    *,
    level: float,
    n_draws: int,
    seed: int,
) -> pd.DataFrame:
    """`effect path at estimate se p low high at_<moderator>`; see `Process.effects`."""
    import pandas as pd

    form = path_effects(system, effects)
    sd = measured_spreads(system)
    powers = _powers(system, effects, standardized)
    estimate = form.values([part[None] for part in system.coefficients()])[0] * np.exp(np.log(sd) @ powers)
    found = uncertainty(system, form, estimate, draws, (sd, powers), interval, level, n_draws, seed)
    columns = {"estimate": estimate, "se": found.se, "p": found.p, "low": found.low, "high": found.high}
    if standardized == "none":
        for row, effect in enumerate(effects):
            tested = _tested(system, effect, total)
            if tested is not None:
                equation, weights = tested
                for name, value in _t_row(equation, weights, level).items():
                    if name in columns and name != "estimate":
                        columns[name][row] = value
    keys = {
        "effect": [effect.kind for effect in effects],
        "path": [effect.path for effect in effects],
        "at": [effect.at for effect in effects],
    }
    return pd.DataFrame({**keys, **columns, **_values_of(system, [effect.probes for effect in effects])})


def slopes_frame(system: System, probes: Probes, level: float) -> pd.DataFrame:
    """Every moderated step of a path from x to y, at the values of its moderators."""
    import pandas as pd

    keys: list[dict[str, str]] = []
    numbers: list[dict[str, float]] = []
    at_each: list[Mapping[str, Probe]] = []
    for source, target in moderated_steps(system):
        names = [name for name in probes if name in moderators_of(system, source, target)]
        for chosen in product(*(probes[name] for name in names)):
            at = dict(zip(names, chosen, strict=True))
            point = {column: value for probe in chosen for column, value in probe.columns.items()}
            equation = system.equation(target)
            keys.append({"outcome": target, "path": f"{source} -> {target}", "at": joint_label(at)})
            numbers.append(_t_row(equation, slope_weights(equation, source, point), level))
            at_each.append(at)
    named = pd.DataFrame(keys, columns=["outcome", "path", "at"])
    found = pd.DataFrame(numbers, columns=["estimate", "se", "t", "p", "low", "high"])
    return pd.concat([named, found, pd.DataFrame(_values_of(system, at_each))], axis=1)


def coding_frame(system: System) -> pd.DataFrame:
    """`variable level column value`, one row a cell of the codings."""
    import pandas as pd

    rows = [
        (variable.name, level, column, float(variable.coding[i, j]))
        for variable in system.variables.values()
        if variable.coding is not None
        for i, level in enumerate(variable.levels)
        for j, column in enumerate(variable.columns)
    ]
    return pd.DataFrame(rows, columns=["variable", "level", "column", "value"])


def moderated_steps(system: System) -> list[tuple[str, str]]:
    """(source, target) of every step that something moderates, on any path from x to y, each once."""
    steps = {
        step: None
        for source in system.variables[system.x].columns
        for path in paths_from(system, source, system.y)
        for step in edges(path)
        if moderators_of(system, *step)
    }
    return sorted(steps, key=lambda step: system.outcomes.index(step[1]))


def _with_total(system: System, total: Equation | None) -> list[tuple[Equation, str]]:
    found = [(equation, "") for equation in system.equations]
    return found if total is None else [*found, (total, " (total)")]


def _t_columns(estimate: Vector, se: Vector, df: float, level: float) -> dict[str, Vector]:
    with np.errstate(divide="ignore", invalid="ignore"):
        t = estimate / se
    reach = critical_value(level, df) * se
    return {
        "estimate": estimate,
        "se": se,
        "t": t,
        "p": two_sided_p(t, df),
        "low": estimate - reach,
        "high": estimate + reach,
    }


def _t_row(equation: Equation, weights: Vector, level: float) -> dict[str, float]:
    """Estimate and t test of a linear function of the coefficients."""
    found = equation.estimates
    estimate = np.array([weights @ found.coefficients])
    se = np.sqrt(np.array([max(0.0, float(weights @ found.covariance @ weights))]))
    return {name: float(values[0]) for name, values in _t_columns(estimate, se, found.df, level).items()}


def _tested(system: System, effect: Effect, total: Equation | None) -> tuple[Equation, Vector] | None:
    """The regression and the weights of its coefficients that an effect is, where it is one."""
    if effect.kind == "total" and total is not None:
        return total, slope_weights(total, effect.source, {})
    if effect.is_slope:
        _, path, point = effect.parts[0]
        equation = system.equation(path[1])
        return equation, slope_weights(equation, path[0], point)
    return None


def _powers(system: System, effects: Sequence[Effect], standardized: Standardized) -> Matrix:
    """Powers (1 + columns of x, effects) of the standard deviations of y and x that scale the effects."""
    x = system.variables[system.x]
    if standardized not in ("none", "partial", "complete"):
        raise OptionError(f"standardized={standardized!r} is not known; allowed: none, partial, complete.")
    if standardized != "none" and system.equation(system.y).family == "logit":
        raise OptionError(
            f"{system.y!r} takes two values: effects in log odds are not standardized. family='ols' models "
            "its probability, whose effects are."
        )
    if standardized == "complete" and (x.is_coded or x.is_dichotomous):
        raise OptionError(
            f"{x.name!r} has two values or categories: a standard deviation of it means nothing. "
            "standardized='partial' gives effects in standard deviations of y."
        )
    powers = np.zeros((1 + len(x.columns), len(effects)))
    if standardized != "none":
        powers[0] = -1.0
    if standardized == "complete":
        powers[1] = 1.0
    return powers


def _values_of(system: System, at: Sequence[Mapping[str, Probe]]) -> dict[str, Sequence[object] | Vector]:
    """Columns `at_<moderator>`: the value (NaN where an effect has none), of categories the level."""
    names = list(dict.fromkeys(name for each in at for name in each))
    columns: dict[str, Sequence[object] | Vector] = {}
    for name in names:
        if system.variables[name].is_coded:
            columns[f"at_{name}"] = [each[name].label if name in each else "" for each in at]
        else:
            values = [each[name].value if name in each else float("nan") for each in at]
            columns[f"at_{name}"] = np.array(values, dtype=np.float64)
    return columns
