"""Importance against performance: what moves an outcome, and how well it is done already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError, ModelError, OptionError, did_you_mean
from research.estimation.fit import Fit
from research.numerics.arrays import Matrix, Vector
from research.readable import Readable
from research.responses.columns import numeric_matrix
from research.responses.nouns import Responses
from research.segments.importance import Effect, model_effects, regression_effects
from research.segments.inputs import (
    Range,
    checked_choice,
    checked_level,
    items_below,
    origin_notes,
    scale_range,
    segment_frame,
    whole_number,
)
from research.segments.loyalty_index import on_hundred, shares_of_index
from research.segments.weights import WEIGHTS, Weights, components, indicators, item_weights
from research.structure.regression import Regression

if TYPE_CHECKING:
    import pandas as pd

METRICS = ("unstandardized", "standardized")
LINES = ("mean", "median")
QUADRANTS = ("keep up", "concentrate here", "low priority", "possible overkill")


@dataclass(frozen=True, repr=False, slots=True)
class ImportancePerformance(Readable):
    """`frame`: `level name construct importance low high performance quadrant`; `level` is "construct",
    "component" (of a construct of second order) or "indicator". `lines`: {level: (importance,
    performance)}, where the quadrants meet.
    """

    outcome: str
    metric: str
    frame: pd.DataFrame
    lines: dict[str, tuple[float, float]]
    line: str
    notes: tuple[str, ...]
    simulated: bool = False


def importance_performance(
    fit: Fit | Regression,
    data: object,
    outcome: str,
    *,
    metric: Literal["unstandardized", "standardized"] = "unstandardized",
    weights: Weights | None = None,
    line: Literal["mean", "median"] = "mean",
    scale: Range | None = None,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 1,
) -> ImportancePerformance:
    """Importance and performance of everything that leads to `outcome`.

    Martilla & James (1977, Journal of Marketing 41); with a structural model Ringle & Sarstedt (2016,
    Industrial Management & Data Systems 116). Performance: the index from 0 to 100 (`research.index`),
    items weighted by `weights` (a model's own by default; equal after a regression).
    Importance from a model: total effects, "unstandardized" in points of the outcome's index for one point
    of the predictor's, or "standardized"; limits from `draws` of its parameters. From a regression: its
    coefficients so rescaled, or betas (whose limits are those of b, rescaled).
    Components and indicators have the importance of their construct times their share in its index.
    Quadrants meet at the `line` (mean or median) of a level: high importance and high performance "keep up";
    low performance "concentrate here"; low importance and high performance "possible overkill", else "low
    priority".

    Errors: an outcome that is not in the model or that nothing leads to; several groups; an unknown scale.

    `seed`: of the draws.

    >>> import research
    >>> answers = research.example_responses()
    >>> fit = research.regress("loyalty ~ trust + satisfaction", answers)
    >>> found = research.importance_performance(fit, answers, "loyalty", draws=100).frame.iloc[:2]
    >>> found["name"].tolist(), found["importance"].round(2).tolist(), found["quadrant"].tolist()
    (['trust', 'satisfaction'], [0.2, 0.36], ['low priority', 'keep up'])
    """
    checked_choice("metric", metric, METRICS)
    checked_choice("line", line, LINES)
    checked_level(level)
    draws = whole_number("draws", draws, 100)
    chosen: Weights = weights or ("model" if isinstance(fit, Fit) else "equal")
    checked_choice("weights", chosen, WEIGHTS)
    frame = segment_frame(data)
    found, left = _predictors(fit, data, outcome, frame, scale)
    table = _Table(fit if isinstance(fit, Fit) else None, data, frame, chosen, scale)
    if isinstance(fit, Fit):
        parts = {name: table.parts(name) for name in dict.fromkeys([outcome, *found])}
        effects = model_effects(fit, outcome, found, parts, metric, level, draws, seed)
    elif isinstance(fit, Regression):
        effects = regression_effects(fit, outcome, found, table.width, metric, level)
    else:
        raise OptionError("pass a fit of research.sem or a regression of research.regress.")
    rows: list[tuple[object, ...]] = []
    for effect in effects:
        rows += table.rows(effect)
    finished, lines = _quadrants(rows, line)
    notes = list(origin_notes(data))
    if left:
        notes.append(
            "not on the map, because the ends of their scales are not known (give scale=): " + ", ".join(left)
        )
    negative = [effect.name for effect in effects if effect.value < 0]
    if negative:
        notes.append(f"negative importance: {', '.join(negative)}; the quadrants are not for these.")
    return ImportancePerformance(
        outcome, metric, finished, lines, line, tuple(notes), simulated=bool(origin_notes(data))
    )


class _Table:
    """Performance of constructs, components and items."""

    def __init__(
        self, fit: Fit | None, data: object, frame: pd.DataFrame, weights: Weights, scale: Range | None
    ) -> None:
        self.fit, self.data, self.frame, self.weights, self.scale = fit, data, frame, weights, scale

    def items(self, name: str) -> list[str]:
        """The items that a predictor is made of; itself where it is a column of its own."""
        if self.fit is not None and name in self.fit.table.latent:
            return indicators(self.fit, name)
        if isinstance(self.data, Responses) and name in {c.name for c in self.data.questionnaire.constructs}:
            return items_below(self.data.questionnaire, name)
        return [name]

    def parts(self, name: str) -> tuple[list[str], Vector, Vector]:
        """Items, their shares in the index, and the points of 0-100 that one unit of each is."""
        items = self.items(name)
        ranges = [scale_range(self.data, item, self.scale) for item in items]
        weights = self._weights(name, items)
        return items, shares_of_index(weights, ranges), np.array([100 / (b - a) for a, b in ranges])

    def width(self, name: str) -> float:
        """From the lowest to the highest value of a score that is the mean of items of one scale."""
        low, high = scale_range(self.data, name, self.scale)
        return high - low

    def rows(self, effect: Effect) -> list[tuple[object, ...]]:
        """The construct, its components and its items, as rows of the result."""
        name = effect.name
        items, shares, _ = self.parts(name)
        weights = self._weights(name, items)
        values = numeric_matrix(self.frame, items)
        ranges = [scale_range(self.data, item, self.scale) for item in items]
        rows = [_row("construct", name, name, effect, 1.0, self._performance(values, weights, ranges))]
        for component, below in self._components(name):
            at = [items.index(item) for item in below]
            own = [ranges[place] for place in at]
            performance = self._performance(values[:, at], weights[at], own)
            share = sum(float(shares[place]) for place in at)
            rows.append(_row("component", component, name, effect, share, performance))
        if items != [name]:
            for place, item in enumerate(items):
                performance = self._performance(values[:, [place]], np.ones(1), [ranges[place]])
                rows.append(_row("indicator", item, name, effect, float(shares[place]), performance))
        return rows

    def _weights(self, name: str, items: list[str]) -> Vector:
        values = numeric_matrix(self.frame, items)
        kind: Weights = self.weights if items != [name] else "equal"
        return item_weights(name, kind, values, items, self.fit, self.data).values

    def _components(self, name: str) -> list[tuple[str, list[str]]]:
        if self.fit is not None and name in self.fit.table.latent:
            below = [part for part in components(self.fit, name) if part in self.fit.table.latent]
            return [(part, indicators(self.fit, part)) for part in below]
        if isinstance(self.data, Responses):
            survey = self.data.questionnaire
            for construct in survey.constructs:
                if construct.name == name:
                    return [(part, items_below(survey, part)) for part in construct.components]
        return []

    def _performance(self, values: Matrix, weights: Vector, ranges: list[Range]) -> float:
        scores = on_hundred(values, weights, ranges)
        known = scores[np.isfinite(scores)]
        if not len(known):
            raise DataError("no row answered all items of a construct on the map.")
        return float(known.mean())


def _row(
    level: str, name: str, construct: str, effect: Effect, share: float, performance: float
) -> tuple[object, ...]:
    numbers = (share * effect.value, share * effect.low, share * effect.high)
    return (level, name, construct, *numbers, performance)


def _predictors(
    fit: Fit | Regression, data: object, outcome: str, frame: pd.DataFrame, scale: Range | None
) -> tuple[list[str], list[str]]:
    """What leads to the outcome and can be put on 0-100, and what cannot."""
    if isinstance(fit, Fit):
        names = _upstream(fit, outcome)
    elif isinstance(fit, Regression):
        if fit.family != "ols":
            raise OptionError(f"importance is read from a linear regression, not from family={fit.family!r}.")
        if fit.design.formula.outcome != outcome:
            raise OptionError(f"the regression is of '{fit.design.formula.outcome}', not of '{outcome}'.")
        terms = fit.design.formula.terms
        names = [term[0].name for term in terms if len(term) == 1 and not term[0].categorical]
    else:
        raise OptionError("pass a fit of research.sem or a regression of research.regress.")
    known, left = [], []
    for name in names:
        latent = isinstance(fit, Fit) and name in fit.table.latent
        try:
            if not latent:
                scale_range(data, name, scale if not isinstance(data, Responses) else None)
        except DataError:
            left.append(name)
            continue
        known.append(name)
    if not known:
        told = f" ({', '.join(left)} have no scale; give scale=)" if left else ""
        raise DataError(f"nothing that can be put on 0-100 leads to '{outcome}'{told}.")
    missing = [name for name in known if not isinstance(fit, Fit) and name not in frame.columns]
    if missing:
        raise DataError(f"the data have no column '{missing[0]}'.{did_you_mean(missing[0], map(str, frame))}")
    return known, left


def _upstream(fit: Fit, outcome: str) -> list[str]:
    """Variables from which paths lead to the outcome, nearest first."""
    if fit.n_groups > 1 or fit.levels is not None:
        raise ModelError("the model has several groups or levels; fit each by itself for a map of its own.")
    paths = [(p.rhs, p.lhs) for p in fit.table.parameters if p.op == "~"]
    known = list(dict.fromkeys([name for pair in paths for name in pair]))
    if outcome not in known:
        raise ModelError(f"no path of the model speaks of '{outcome}'.{did_you_mean(outcome, known)}")
    found, edge = [], [outcome]
    while edge:
        edge = [a for a, b in paths if b in edge and a not in found and a != outcome]
        found += list(dict.fromkeys(edge))
    if not found:
        raise ModelError(f"no path of the model leads to '{outcome}'.")
    return list(dict.fromkeys(found))


def _quadrants(
    rows: list[tuple[object, ...]], line: str
) -> tuple[pd.DataFrame, dict[str, tuple[float, float]]]:
    import pandas as pd

    columns = ["level", "name", "construct", "importance", "low", "high", "performance"]
    table = pd.DataFrame(rows, columns=columns)
    lines: dict[str, tuple[float, float]] = {}
    names: list[str] = []
    middle = np.mean if line == "mean" else np.median
    for level in dict.fromkeys(table["level"]):
        own = table[table["level"] == level]
        lines[str(level)] = (float(middle(own["importance"])), float(middle(own["performance"])))
    for level, importance, performance in zip(
        table["level"], table["importance"], table["performance"], strict=True
    ):
        x, y = lines[str(level)]
        important, good = importance >= x, performance >= y
        names.append(QUADRANTS[(0 if good else 1) if important else (3 if good else 2)])
    order = {level: at for at, level in enumerate(("construct", "component", "indicator"))}
    table = table.assign(quadrant=names)
    return table.sort_values("level", key=lambda c: c.map(order), kind="stable", ignore_index=True), lines
