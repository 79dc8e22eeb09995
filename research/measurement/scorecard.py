"""Every number of a measurement that a rule of thumb speaks of, one row each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from research.measurement.judgements import judge_scales
from research.measurement.scale_words import scorecard_reading
from research.measurement.thresholds import Threshold

if TYPE_CHECKING:
    import pandas as pd

    from research.measurement.overview import Measurement

Row = dict[str, object]


def scorecard(found: Measurement) -> pd.DataFrame:
    """One row a number: `area criterion construct other value good threshold met verdict source`, with words.

    `area`: reliability, items, dimensionality, fit, validity, method bias, invariance. `other`: the item, the
    second construct of a pair, or the group. `met`: None where there is no value. `source`: a BibTeX key.
    `reading`, `reading_zh`: the row as a sentence.
    """
    import pandas as pd

    judged = judge_scales(
        found.reliability,
        found.loadings,
        found.validity.htmt,
        found.validity.fornell_larcker,
        thresholds=found.thresholds,
    )
    rows: list[Row] = []
    if len(judged):
        columns = ["construct", "other", "quantity", "value", "good", "threshold", "verdict", "source"]
        for one in judged[columns].itertuples(index=False, name=None):
            construct, other, quantity, value, good, threshold, verdict, source = (str(part) for part in one)
            limit = (good, float(threshold), source)
            rows.append(_row(_AREAS[quantity], quantity, construct, other, float(value), limit, verdict))
    for area, criterion, name, second, number, rule in _more(found):
        word = "missing" if number != number else "met" if rule.met(number) else "not met"
        rows.append(_row(area, criterion, name, second, number, (rule.good, rule.value, rule.source), word))
    order = list(dict.fromkeys([*_AREAS.values(), *_LATER]))
    rows.sort(key=lambda row: order.index(str(row["area"])))
    return pd.DataFrame(rows)


_AREAS = {
    "alpha": "reliability",
    "cr": "reliability",
    "loading": "items",
    "r_rest": "items",
    "ave": "validity",
    "htmt": "validity",
    "sqrt_ave": "validity",
}
_LATER = ("dimensionality", "fit", "method bias", "invariance")
_More = tuple[str, str, str, str, float, Threshold]


def _row(
    area: str,
    criterion: str,
    construct: str,
    other: str,
    value: float,
    limit: tuple[str, float, str],
    verdict: str,
) -> Row:
    good, threshold, source = limit
    place = ", ".join(name for name in (construct, other) if name)
    between = "、".join(name for name in (construct, other) if name)
    text = scorecard_reading(criterion, {"en": place, "zh": between}, value, good, threshold, verdict)
    met = None if verdict == "missing" else verdict in ("met", "redundant", "similar")
    return {
        "area": area,
        "criterion": criterion,
        "construct": construct,
        "other": other,
        "value": value,
        "good": good,
        "threshold": threshold,
        "met": met,
        "verdict": verdict,
        "source": source,
        "reading": text["en"],
        "reading_zh": text["zh"],
    }


def _more(found: Measurement) -> Iterator[_More]:
    yield from _items(found)
    yield from _validity(found)
    yield from _dimensionality(found)
    yield from _fit(found)
    yield from _bias(found)
    yield from _invariance(found)


def _items(found: Measurement) -> Iterator[_More]:
    if found.items is None:
        return
    limits = found.thresholds
    names = found.items[["construct", "item"]].astype(str).to_numpy()
    numbers = found.items[["t", "skewness", "kurtosis"]].to_numpy(dtype=float)
    for (construct, item), (t, skewness, kurtosis) in zip(names, numbers, strict=True):
        several = len(found.constructs[construct]) > 1
        if several:
            yield "items", "critical_ratio", construct, item, float(t), limits.critical_ratio
        yield "items", "skewness", construct, item, abs(float(skewness)), limits.skewness
        yield "items", "kurtosis", construct, item, abs(float(kurtosis)), limits.kurtosis


def _validity(found: Measurement) -> Iterator[_More]:
    intervals = found.validity.intervals
    if intervals is None:
        return
    limit = Threshold(1.0, "below", "henseler2015")
    names = intervals[["construct", "other"]].astype(str).to_numpy()
    for (one, other), high in zip(names, intervals["high"].to_numpy(dtype=float), strict=True):
        yield "validity", "htmt_high", one, other, float(high), limit


def _dimensionality(found: Measurement) -> Iterator[_More]:
    part, limits = found.dimensionality, found.thresholds
    if part is None:
        return
    yield "dimensionality", "kmo", "", "", part.kmo.overall, limits.kmo
    yield "dimensionality", "bartlett_p", "", "", part.bartlett.p, Threshold(0.05, "below", "bartlett1950")
    wanted = Threshold(float(len(found.constructs)), "at least", "horn1965")
    yield "dimensionality", "n_factors", "", "", float(part.parallel.n_factors), wanted


def _fit(found: Measurement) -> Iterator[_More]:
    if found.fit is None:
        return
    limits = found.thresholds
    for name, limit in (
        ("cfi", limits.cfi),
        ("tli", limits.tli),
        ("rmsea", limits.rmsea),
        ("srmr", limits.srmr),
    ):
        yield "fit", name, "", "", float(str(found.fit[name])), limit


def _bias(found: Measurement) -> Iterator[_More]:
    if found.method_bias is None:
        return
    for reading in found.method_bias.readings:
        if reading.threshold is not None:
            yield "method bias", reading.test, "", "", reading.value, reading.threshold


def _invariance(found: Measurement) -> Iterator[_More]:
    for group, ladder in found.invariance.items():
        steps = ladder.steps
        for at in range(1, len(steps)):
            level = str(steps["level"].iloc[at])
            loss, rise = (float(steps[name].iloc[at]) for name in ("delta_cfi", "delta_rmsea"))
            for name, value, limit in (
                ("delta_cfi", -loss, ladder.cutoffs.delta_cfi),
                ("delta_rmsea", rise, ladder.cutoffs.delta_rmsea),
            ):
                if limit is not None:
                    yield "invariance", name, level, group, value, limit
