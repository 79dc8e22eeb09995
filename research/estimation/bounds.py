"""Bounds of parameters: those written in the model, and those of bounded estimation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from research.numerics.arrays import Vector

if TYPE_CHECKING:
    from research.estimation.compiled import Compiled
    from research.estimation.sample import Sample
    from research.model.options import Options
    from research.model.table import Parameter

RELIABLE = 0.1  # least share of a marker's variance that its factor explains
LEAST = 0.005  # least variance of a factor that depends on others
CORRELATION = 0.998  # largest correlation under "standard" bounds
WIDER = {"loading": (0.1, 0.1), "residual": (0.05, 0.2), "factor": (0.0, 0.3)}

Range = tuple[float, float]


def bounds_of(compiled: Compiled, sample: Sample, options: Options) -> tuple[Vector, Vector]:
    """Lower and upper bound of every free parameter, (q,) each.

    `bounds`: "pos_var" (and "pos_ov_var", "pos_lv_var") keeps variances from falling below zero; "standard"
    bounds variances, loadings and covariances by what the sample's variances allow, "wide" (the default of
    bounded estimation) by somewhat more. De Jonckere & Rosseel (2022)
    """
    lower, upper = compiled.lower.copy(), compiled.upper.copy()
    if options.bounds == "none":
        return lower, upper
    table = compiled.table
    wide = options.bounds in ("wide", "default")
    for place, group in enumerate(sample.groups):
        rows = [p for p in table.parameters if (p.group, p.level) == compiled.keys[place]]
        variance = dict(zip(compiled.observed[place], np.diagonal(group.cov).tolist(), strict=True))
        if options.bounds.startswith("pos"):
            found = _positive(rows, options.bounds, variance)
        else:
            found = _natural(rows, variance, wide=wide)
        for parameter, (low, high) in found:
            at = parameter.free - 1
            lower[at], upper[at] = max(lower[at], low), min(upper[at], high)
    return lower, upper


def _positive(
    rows: Sequence[Parameter], kind: str, variance: dict[str, float]
) -> list[tuple[Parameter, Range]]:
    variances = [p for p in rows if p.free and p.op == "~~" and p.lhs == p.rhs]
    if kind != "pos_var":
        variances = [p for p in variances if (p.lhs in variance) == (kind == "pos_ov_var")]
    return [(p, (0.0, np.inf)) for p in variances]


def _natural(
    rows: Sequence[Parameter], variance: dict[str, float], *, wide: bool
) -> list[tuple[Parameter, Range]]:
    """Ranges that follow from the variances of the observed variables."""
    markers: dict[str, str] = {}
    for p in rows:
        if p.op == "=~" and not p.free and p.value == 1.0 and p.rhs in variance:
            markers.setdefault(p.lhs, p.rhs)
    fixed = {p.lhs: p.value for p in rows if p.op == "~~" and p.lhs == p.rhs and not p.free}
    ranges: dict[str, Range] = {name: (0.0, value) for name, value in variance.items()}
    for marker in markers.values():
        ranges[marker] = (0.0, (1.0 - RELIABLE) * variance[marker])
    ranges.update(_latent_ranges(rows, variance, markers))
    if wide:
        ranges = {n: _wider(r, "residual" if n in variance else "factor") for n, r in ranges.items()}
    least = {factor: RELIABLE * variance[marker] for factor, marker in markers.items()}
    out: list[tuple[Parameter, Range]] = []
    for p in rows:
        if p.free and p.op == "~~" and p.lhs == p.rhs and p.lhs in ranges:
            out.append((p, ranges[p.lhs]))
        elif p.free and p.op == "~~" and p.lhs != p.rhs:
            ends = [fixed.get(name, ranges.get(name, (0.0, np.inf))[1]) for name in (p.lhs, p.rhs)]
            most = float(np.sqrt(max(ends[0] * ends[1], 0.0))) * (1.0 if wide else CORRELATION)
            out.append((p, (-most, most)))
        elif p.free and p.op == "=~" and p.rhs in variance:
            out.append((p, _loading(variance[p.rhs], least.get(p.lhs, fixed.get(p.lhs, 0.0)), wide=wide)))
    return out


def _latent_ranges(
    rows: Sequence[Parameter], variance: dict[str, float], markers: dict[str, str]
) -> dict[str, Range]:
    """Variances of factors: a share of the marker's, or at most the largest of all."""
    dependent = {p.lhs for p in rows if p.op == "~"} | {p.rhs for p in rows if p.op == "=~"}
    out = {}
    for name in {p.lhs for p in rows if p.op == "=~"}:
        most = variance[markers[name]] if name in markers else max(variance.values())
        least = RELIABLE * most if name in markers else 0.0
        out[name] = (LEAST if name in dependent else least, most)
    return out


def _loading(variance: float, least: float, *, wide: bool) -> Range:
    """At most the standard deviation of the indicator over the least one of the factor."""
    if not least > 0:
        return -np.inf, np.inf
    most = float(np.sqrt(variance / least))
    return _wider((-most, most), "loading") if wide else (-most, most)


def _wider(found: Range, kind: str) -> Range:
    low, high = found
    below, above = WIDER[kind]
    return low - below * (high - low), high + above * (high - low)
