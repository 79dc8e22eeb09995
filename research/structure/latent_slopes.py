"""Simple slopes of a structural model: the effect of a variable at values of another, latent or observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ModelError, OptionError, did_you_mean
from research.numerics.arrays import Matrix, Vector
from research.numerics.path_effects import PathEffects
from research.structure.regression import critical_value, two_sided_p

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit


def probe(
    fit: Fit,
    x: str,
    y: str,
    w: str,
    product: str | Mapping[str, str],
    *,
    through: Sequence[str] = (),
    at: Sequence[float] | None = None,
    group: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The effect of x on y at values of the moderator w, in the frame of `Process.effects`.

    `product`: the variable of the model that is x times w, or a mapping {source: product} where steps of a
    path `through` mediators are moderated, such as {"x": "xw", "m": "mw"}. `at`: values of w; by default its
    mean and one standard deviation either side, as the model implies them. A latent product, and one of
    centred variables, has mean zero: values of w are then deviations from its mean.

    `effect` is "conditional direct", or "conditional indirect" with mediators, followed by the index of
    moderated mediation (where one step is moderated) and contrasts. Normal intervals; standard errors of
    the second order from the fit's covariance. ModelError where the model lacks a path that is named.

    `group`: of a fit of several; `level`: of the intervals.

    >>> import research
    >>> answers = research.example_responses()
    >>> data = answers.frame.assign(product=lambda d: (d["trust1"] - 3) * (d["quality1"] - 3))
    >>> fit = research.sem("loyalty1 ~ trust1 + quality1 + product", data)
    >>> found = research.probe(fit, "trust1", "loyalty1", "quality1", "product", at=[2, 3, 4])
    >>> found["effect"].unique().tolist(), found["estimate"].round(2).tolist()
    (['conditional direct', 'contrast'], [0.19, 0.16, 0.14, -0.03, -0.05, -0.03])
    """
    import pandas as pd

    if fit.vcov is None:
        raise ModelError("the model has no standard errors (see fit.notes); slopes cannot be tested.")
    if not 0 < level < 1:
        raise OptionError(f"level is {level}; it is a probability between 0 and 1, such as .95.")
    products = {x: product} if isinstance(product, str) else dict(product)
    steps = list(pairwise((x, *through, y)))
    for source in products:
        if source not in (x, *through):
            raise ModelError(f"product names {source!r}, which is not on the path from {x!r} to {y!r}.")
    values, covariance, places = _paths(fit, steps, products, group)
    shown = list(at) if at is not None else _usual(fit, w, list(products.values()), group)
    if not shown:
        raise OptionError("at gives no value of the moderator.")
    points = [*shown, 0.0, 1.0]
    form = _effects(places, points, len(values))
    kind = "indirect" if through else "direct"
    path = " -> ".join((x, *through, y))
    rows: list[dict[str, object]] = []
    weights: list[Vector] = []
    unit = np.eye(len(points))
    for place, value in enumerate(shown):
        rows.append(
            {"effect": f"conditional {kind}", "path": path, "at": f"{w} = {value:.6g}", f"at_{w}": value}
        )
        weights.append(unit[place])
    if through and sum(second >= 0 for _, second in places) == 1:
        rows.append({"effect": "index of moderated mediation", "path": path, "at": w, f"at_{w}": np.nan})
        weights.append(unit[-1] - unit[-2])
    for early, late in combinations(range(len(shown)), 2):
        named = f"{w} = {shown[late]:.6g} minus {w} = {shown[early]:.6g}"
        rows.append({"effect": "contrast", "path": path, "at": named, f"at_{w}": np.nan})
        weights.append(unit[late] - unit[early])
    chosen = PathEffects(form.slopes, form.products, np.column_stack(weights))
    estimate = chosen.values([values[None]])[0]
    se = chosen.second_order_se([values], covariance)
    reach = critical_value(level, np.inf) * se
    keys = pd.DataFrame(rows)
    numbers = {"estimate": estimate, "se": se, "p": two_sided_p(estimate / se, np.inf)}
    numbers |= {"low": estimate - reach, "high": estimate + reach}
    names = ["effect", "path", "at", *numbers, f"at_{w}"]
    return keys.assign(**numbers)[names]


def _paths(
    fit: Fit, steps: Sequence[tuple[str, str]], products: Mapping[str, str], group: str | None
) -> tuple[Vector, Matrix, list[tuple[int, int]]]:
    """Path coefficients, their covariance, and of every step the places of effect and product (-1)."""
    label = _group(fit, group)
    tidy = fit.tidy()
    keys = {
        (str(lhs), str(rhs)): row
        for row, (lhs, op, rhs, own) in enumerate(
            zip(tidy["lhs"], tidy["op"], tidy["rhs"], tidy["group"], strict=True)
        )
        if op == "~" and str(own) in (label, "")
    }
    rows: list[int] = []
    places = []
    for source, target in steps:
        named = [source] + ([products[source]] if source in products else [])
        found = []
        for name in named:
            if (target, name) not in keys:
                predictors = [rhs for lhs, rhs in keys if lhs == target]
                raise ModelError(
                    f"the model has no path from {name!r} to {target!r}; {target!r} is regressed on "
                    f"{', '.join(predictors) or 'nothing'}.{did_you_mean(name, predictors)}"
                )
            rows.append(keys[target, name])
            found.append(len(rows) - 1)
        places.append((found[0], found[1] if len(found) > 1 else -1))
    found_solution = fit.solution
    J = found_solution.jacobian[rows]
    vcov = fit.vcov if fit.vcov is not None else np.zeros((J.shape[1], J.shape[1]))
    return found_solution.values[rows], J @ vcov @ J.T, places


def _effects(places: Sequence[tuple[int, int]], points: Sequence[float], k: int) -> PathEffects:
    """The product of the slopes at each point."""
    columns: list[Vector] = []
    products = []
    for value in points:
        factors = []
        for first, second in places:
            weights = np.zeros(k)
            weights[first] = 1.0
            if second >= 0:
                weights[second] = value
            factors.append(len(columns))
            columns.append(weights)
        products.append(tuple(factors))
    return PathEffects((np.column_stack(columns),), tuple(products), np.eye(len(points)))


def _usual(fit: Fit, w: str, products: Sequence[str], group: str | None) -> list[float]:
    """Mean and one standard deviation either side; the mean counts as 0 where a product is latent."""
    block = [fit.group_label(place) for place in range(len(fit.implied_blocks))].index(_group(fit, group))
    names = fit.compiled.names_of(block)
    if w not in names:
        raise ModelError(f"the model has no variable {w!r}.{did_you_mean(w, names)}")
    at = fit.implied_blocks[block]
    place = names.index(w)
    sd = float(np.sqrt(at.V[place, place]))
    latent = any(name in fit.compiled.latent[block] for name in products)
    mean = 0.0 if latent else float(at.eta[place])
    return [mean - sd, mean, mean + sd]


def _group(fit: Fit, group: str | None) -> str:
    labels = [fit.group_label(place) for place in range(len(fit.implied_blocks))]
    if group is None and len(labels) == 1:
        return labels[0]
    if group not in labels:
        raise OptionError(
            f"group={group!r}: the model has the groups {', '.join(labels)}; choose one of them."
        )
    return str(group)
