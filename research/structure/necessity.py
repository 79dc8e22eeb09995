"""Necessary condition analysis: how much of an outcome is out of reach without a level of the condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.numerics.arrays import Matrix, Vector
from research.numerics.ceiling import Scope, hull
from research.numerics.multiple_tests import holm
from research.provenance import stream
from research.readable import Readable
from research.responses.columns import numeric_matrix, refuse_extreme
from research.responses.nouns import Responses
from research.structure.necessity_bottleneck import bottleneck_frame
from research.structure.necessity_bounds import (
    Bound,
    Ceiling,
    Corner,
    Unit,
    bound_of,
    effect_size,
    inefficiencies,
    signs,
)
from research.structure.scores import regression_frame

if TYPE_CHECKING:
    import pandas as pd

CEILINGS: tuple[Ceiling, ...] = ("ce_fdh", "cr_fdh")
# Dul (2016, p. 30): 0 < d < .1 small, .1-.3 medium, .3-.5 large, from .5 very large.
SIZES = ((0.5, "very large"), (0.3, "large"), (0.1, "medium"))
MEANINGFUL = 0.1
_BATCH = 2**21  # numbers of permuted outcomes held at a time


@dataclass(frozen=True, repr=False, slots=True)
class Necessity(Readable):
    """Conditions of one outcome.

    `effects`: one row a condition and ceiling, `x y ceiling d p p_holm size accuracy n_above ceiling_zone
    scope n_corners slope intercept condition_inefficiency outcome_inefficiency n_obs`: the effect size (the
    empty part of the scope), its permutation p, its size by Dul's benchmarks, the share of points on or
    below the ceiling, how many lie above. Inefficiencies: the share of the condition's range in which it does
    not limit the outcome, and of the outcome's in which it does not ask for the condition.
    """

    effects: pd.DataFrame
    outcome: str
    conditions: tuple[str, ...]
    bounds: Mapping[str, Bound]
    corner: Corner
    permutations: int
    notes: tuple[str, ...] = ()

    def bottleneck(
        self, ceiling: Ceiling = "ce_fdh", *, steps: int | Sequence[float] = 10, unit: Unit = "percent_range"
    ) -> pd.DataFrame:
        """The level of each condition that a level of the outcome asks for, one column a condition.

        The outcome's levels are `steps` equal steps from 0 to 100 percent of its range, or the percentages
        given. `unit`: percent of the condition's range, its actual values, or the percentage of respondents
        below that value. NaN: the condition is not necessary for that level.
        """
        _check_word("ceiling", ceiling, CEILINGS)
        _check_word("unit", unit, get_args(Unit))
        return bottleneck_frame(self.bounds, self.outcome, self.corner, ceiling, steps, unit)

    def points(self, condition: str | None = None) -> pd.DataFrame:
        """The answers of a figure: `x y corner`, in the data's own units; None: the first condition."""
        import pandas as pd

        bound = self._bound(condition)
        flip_x, flip_y = signs(self.corner)
        at = [
            bound.found.x[bound.found.corners[0]].tolist(),
            bound.found.top[0][bound.found.corners[0]].tolist(),
        ]
        corners = set(zip(*at, strict=True))
        return pd.DataFrame(
            {
                "x": flip_x * bound.x,
                "y": flip_y * bound.y,
                "corner": [pair in corners for pair in zip(bound.x.tolist(), bound.y.tolist(), strict=True)],
            }
        )

    def lines(self, condition: str | None = None) -> pd.DataFrame:
        """The ceilings of a figure as points to join: `ceiling x y`."""
        import pandas as pd

        bound = self._bound(condition)
        flip_x, flip_y = signs(self.corner)
        scope, step = bound.scope, bound.found
        x = np.repeat(np.append(step.x, scope.x_high), 2)
        y = np.concatenate([[scope.y_low], np.repeat(step.top[0], 2), [step.top[0, -1]]])
        parts = [pd.DataFrame({"ceiling": "ce_fdh", "x": flip_x * x, "y": flip_y * y})]
        if bound.slope > 0:
            ends = np.clip(
                [(level - bound.intercept) / bound.slope for level in (scope.y_low, scope.y_high)],
                scope.x_low,
                scope.x_high,
            )
            height = bound.intercept + bound.slope * ends
            parts.append(pd.DataFrame({"ceiling": "cr_fdh", "x": flip_x * ends, "y": flip_y * height}))
        return pd.concat(parts, ignore_index=True)

    def _bound(self, condition: str | None) -> Bound:
        name = self.conditions[0] if condition is None else condition
        if name not in self.bounds:
            hint = did_you_mean(str(name), self.conditions)
            raise OptionError(f"{name!r} is not one of the conditions {', '.join(self.conditions)}.{hint}")
        return self.bounds[name]


def nca(
    data: object,
    x: str | Sequence[str],
    y: str,
    *,
    corner: Corner = "upper_left",
    scope: Literal["empirical", "theoretical"] | Mapping[str, tuple[float, float]] = "empirical",
    permutations: int = 10_000,
    seed: int = 1,
) -> Necessity:
    """Is a level of x necessary for a level of y? The empty corner of the scatter of each condition in `x`.

    `data`: a frame, or Responses, whose constructs are scale scores. `corner` "upper_left": high y needs high
    x; "upper_right": high y needs low x; "lower_left": low y needs high x; "lower_right": low y needs low x.
    `scope`: the observed ranges; "theoretical", the ends of the answer scales (Responses); or limits
    of each variable, {"trust": (1, 5), ...}. `permutations`: of y over the rows, for the p value
    (Dul, van der Laan & Kuik 2020), (1 + those with an effect as large) / (1 + permutations); 0 for none.
    Rows with a missing value in any of the columns are left out and counted.

    Raises DataError for unknown or constant columns and for values outside the scope.

    >>> import pandas as pd
    >>> answers = pd.DataFrame({"trust": [1, 2, 3, 4], "loyalty": [1, 2, 3, 4]})
    >>> found = nca(answers, "trust", "loyalty", permutations=0)
    >>> found.effects["d"].round(3).tolist()
    [0.667, 0.5]
    """
    conditions = (x,) if isinstance(x, str) else tuple(dict.fromkeys(x))
    _check(conditions, y, corner, permutations)
    frame = regression_frame(data)
    values = numeric_matrix(frame, [y, *conditions])
    used = ~np.isnan(values).any(axis=1)
    rows = values[used]
    if len(rows) < 3:
        raise DataError(
            f"{len(rows)} rows have a value in all of {', '.join((y, *conditions))}; 3 are needed."
        )
    for at, name in enumerate((y, *conditions)):
        refuse_extreme(name, rows[:, at])
    limits = _limits(data, (y, *conditions), scope, rows)
    flip_x, flip_y = signs(corner)
    shuffled_p = _Permutations(flip_y * rows[:, 0], permutations, seed)
    found, bounds = [], {}
    for place, name in enumerate(conditions, start=1):
        box = _scope(limits[name], limits[y], flip_x, flip_y)
        bound = bound_of(flip_x * rows[:, place], flip_y * rows[:, 0], box)
        bounds[name] = bound
        found += _effects(name, y, bound, shuffled_p)
    notes = []
    if not used.all():
        notes.append(f"{int((~used).sum())} of {len(frame)} rows were left out: a value is missing.")
    return Necessity(_frame(found), y, conditions, bounds, corner, permutations, tuple(notes))


class _Permutations:
    """Outcomes in random order, the same for every condition."""

    def __init__(self, y: Vector, count: int, seed: int) -> None:
        self.y, self.count, self.seed = y, count, seed

    def p(self, bound: Bound, observed: Vector) -> Vector:
        """The share of permutations whose effect is at least the observed one, for both ceilings."""
        if not self.count:
            return np.full(2, np.nan)
        source = stream(self.seed, "necessary conditions")
        size = max(1, _BATCH // len(self.y))
        reached = np.zeros(2)
        for start in range(0, self.count, size):
            block = np.tile(self.y, (min(size, self.count - start), 1))
            drawn = effect_size(bound.scope, hull(bound.x, source.permuted(block, axis=1, out=block)))
            reached += (drawn >= observed - 1e-12).sum(axis=0)
        return np.asarray((1.0 + reached) / (1.0 + self.count))


def _check(conditions: Sequence[str], y: str, corner: str, permutations: int) -> None:
    if not conditions:
        raise OptionError("x names no condition.")
    if y in conditions:
        raise OptionError(f"{y!r} is the outcome and cannot be its own condition.")
    _check_word("corner", corner, get_args(Corner))
    if permutations < 0 or 0 < permutations < 100:
        raise OptionError(f"permutations={permutations}; a p value needs at least 100, 0 asks for none.")


def _check_word(what: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        hint = did_you_mean(str(value), allowed)
        raise OptionError(f"{what}={value!r} is not known; allowed: {', '.join(allowed)}.{hint}")


def _limits(
    data: object, names: Sequence[str], scope: str | Mapping[str, tuple[float, float]], rows: Matrix
) -> dict[str, tuple[float, float]]:
    """The lowest and highest value of each variable that count as possible."""
    observed = {name: (float(rows[:, at].min()), float(rows[:, at].max())) for at, name in enumerate(names)}
    for name, (low, high) in observed.items():
        if low == high:
            raise DataError(f"{name!r} is constant ({low:g}) in the rows used; it limits nothing.")
    if isinstance(scope, str):
        _check_word("scope", scope, ("empirical", "theoretical"))
        if scope == "empirical":
            return observed
        limits = {name: _scale_limits(data, name) for name in names}
    else:
        limits = dict(observed)
        for name, ends in scope.items():
            if name not in observed:
                raise OptionError(
                    f"scope names {name!r}, which is not analysed.{did_you_mean(name, observed)}"
                )
            limits[name] = (float(ends[0]), float(ends[1]))
    for name, (low, high) in limits.items():
        if not low <= observed[name][0] <= observed[name][1] <= high:
            raise DataError(
                f"{name!r} has values from {observed[name][0]:g} to {observed[name][1]:g}, outside its scope "
                f"{low:g} to {high:g}."
            )
    return limits


def _scale_limits(data: object, name: str) -> tuple[float, float]:
    """The ends of the answer scale of an item, or of a construct's items."""
    if isinstance(data, Responses):
        asked = data.questionnaire
        waiting = [name]
        scales = []
        while waiting:
            at = waiting.pop()
            scales += [asked.scales[item.scale] for item in asked.items if item.id == at]
            for construct in asked.constructs:
                if construct.name == at:
                    waiting += [*construct.components, *construct.item_ids]
        if scales:
            return float(min(scale.low for scale in scales)), float(max(scale.high for scale in scales))
    raise OptionError(
        f"scope='theoretical': no answer scale is known for {name!r}; give its limits, "
        f"scope={{{name!r}: (1, 5)}}."
    )


def _scope(x: tuple[float, float], y: tuple[float, float], flip_x: int, flip_y: int) -> Scope:
    return Scope(*sorted(flip_x * end for end in x), *sorted(flip_y * end for end in y))


def _effects(name: str, y: str, bound: Bound, permutations: _Permutations) -> list[dict[str, object]]:
    scope = bound.scope
    observed = effect_size(scope, bound.found)[0]
    p = permutations.p(bound, observed)
    slack = 1e-9 * (scope.y_high - scope.y_low)
    above = int((bound.y > bound.intercept + bound.slope * bound.x + slack).sum()) if bound.slope > 0 else 0
    rows: list[dict[str, object]] = []
    for at, ceiling in enumerate(CEILINGS):
        line = ceiling == "cr_fdh"
        condition, outcome = inefficiencies(bound, line)
        beyond = above if line else 0
        rows.append(
            {
                "x": name,
                "y": y,
                "ceiling": ceiling,
                "d": float(observed[at]),
                "p": float(p[at]),
                "size": _size(float(observed[at])),
                "accuracy": 1 - beyond / len(bound.y),
                "n_above": beyond,
                "ceiling_zone": float(observed[at]) * scope.area,
                "scope": scope.area,
                "n_corners": int(bound.found.corners.sum()),
                "slope": bound.slope if line else float("nan"),
                "intercept": bound.intercept if line else float("nan"),
                "condition_inefficiency": condition,
                "outcome_inefficiency": outcome,
                "n_obs": len(bound.y),
            }
        )
    return rows


def _size(d: float) -> str:
    return next((name for limit, name in SIZES if d >= limit), "small" if d > 0 else "none")


def _frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """One p value for each condition is adjusted within its ceiling (Holm)."""
    import pandas as pd

    frame = pd.DataFrame(rows)
    adjusted = np.full(len(frame), np.nan)
    for ceiling in CEILINGS:
        own = (frame["ceiling"] == ceiling).to_numpy()
        adjusted[own] = holm(frame["p"].to_numpy(dtype=np.float64)[own])
    frame.insert(5, "p_holm", adjusted)
    return frame
