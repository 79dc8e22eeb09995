"""At which values of a moderator an effect is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.numerics.arrays import Vector
from research.structure.process_columns import Variable

Probing = str | Mapping[str, Sequence[float | str]]
PERCENTILES = (0.16, 0.50, 0.84)  # Hayes (2022), sec. 7.4: about mean and one SD either side, and in the data


@dataclass(frozen=True, slots=True)
class Probe:
    """One value of a moderator: its text, and what its columns are there."""

    moderator: str
    label: str
    value: float
    columns: Mapping[str, float]


Probes = Mapping[str, tuple[Probe, ...]]


def probe_moderators(
    moderators: Sequence[Variable], probe: Probing
) -> tuple[dict[str, tuple[Probe, ...]], tuple[str, ...]]:
    """The values of every moderator, and notes on those that differ from what was asked for.

    probe: "percentiles" (16th, 50th, 84th, at rank (n + 1)p), "sd" (mean and one standard deviation
    either side, never outside the data), or a mapping from a moderator to its values. A moderator with two
    values, and one of categories, is probed at each of them, whatever was asked for.
    """
    known = {variable.name for variable in moderators}
    given = probe if isinstance(probe, Mapping) else {}
    if not isinstance(probe, Mapping) and probe not in ("percentiles", "sd"):
        raise OptionError(
            f"probe={probe!r} is not known; allowed: 'percentiles', 'sd', or values, {{'w': [1, 4, 7]}}."
        )
    for name in given:
        if name not in known:
            raise OptionError(f"probe names {name!r}, which moderates no path.{did_you_mean(name, known)}")
    notes: list[str] = []
    found = {}
    for variable in moderators:
        if variable.is_coded:
            found[variable.name] = _levels(variable, given.get(variable.name))
        elif variable.name in given:
            found[variable.name] = tuple(_at(variable, value) for value in given[variable.name])
        elif variable.is_dichotomous:
            found[variable.name] = tuple(_at(variable, float(value)) for value in variable.distinct)
        else:
            found[variable.name] = _spread(variable, "sd" if probe == "sd" else "percentiles", notes)
        if not found[variable.name]:
            raise OptionError(f"probe gives no value for {variable.name!r}; give at least one.")
    return found, tuple(notes)


def joint_label(at: Mapping[str, Probe]) -> str:
    """`w = 1.592; z = 2`."""
    return "; ".join(f"{name} = {probe.label}" for name, probe in at.items())


def _levels(variable: Variable, asked: Sequence[float | str] | None) -> tuple[Probe, ...]:
    if variable.coding is None:
        raise DataError(f"{variable.name!r} holds no categories.")
    wanted = variable.levels if asked is None else tuple(str(value) for value in asked)
    probes = []
    for level in wanted:
        if level not in variable.levels:
            raise OptionError(
                f"{variable.name!r} has no category {level!r}; it has {', '.join(variable.levels)}."
            )
        row = variable.coding[variable.levels.index(level)]
        columns = dict(zip(variable.columns, row.tolist(), strict=True))
        probes.append(Probe(variable.name, level, float("nan"), columns))
    return tuple(probes)


def _spread(variable: Variable, how: str, notes: list[str]) -> tuple[Probe, ...]:
    values = variable.values[:, 0]
    if how == "sd":
        chosen = _around_mean(variable.name, values, notes)
    else:
        chosen = np.quantile(values, PERCENTILES, method="weibull")
    kept = list(dict.fromkeys(float(value) for value in chosen))
    if len(kept) < 3:
        notes.append(
            f"The {'values' if how == 'sd' else 'percentiles'} at which {variable.name} is probed coincide "
            f"in part: {', '.join(f'{value:.6g}' for value in kept)}."
        )
    return tuple(_at(variable, value) for value in kept)


def _around_mean(name: str, values: Vector, notes: list[str]) -> Vector:
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    chosen = np.array([mean - sd, mean, mean + sd])
    low, high = float(values.min()), float(values.max())
    if chosen[0] < low or chosen[2] > high:
        notes.append(
            f"One standard deviation from the mean of {name} lies outside its values; the smallest or "
            "largest value in the data takes its place."
        )
    return np.asarray(np.clip(chosen, low, high))


def _at(variable: Variable, value: float | str) -> Probe:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise OptionError(f"probe gives {value!r} for {variable.name!r}, which is not a number.") from None
    if not np.isfinite(number):
        raise OptionError(f"probe gives {value!r} for {variable.name!r}; give a finite number.")
    return Probe(variable.name, f"{number:.6g}", number, {variable.columns[0]: number})
