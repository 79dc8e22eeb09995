"""Does a scale measure the same in every group, and in every wave? The ladder, its table and its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from research.errors import OptionError, did_you_mean
from research.estimation.fit import Fit
from research.estimation.ordinal_fit import OrdinalFit
from research.estimation.ordinal_run import estimate_ordinal
from research.estimation.ordinal_sample import OrdinalSample
from research.estimation.run import cfa, estimate
from research.measurement.invariance_copies import (
    Waves,
)
from research.measurement.invariance_ladder import LEVELS, Ladder, Level, separated
from research.measurement.invariance_model import (
    ladder_of,
    measurement_lines,
    ordered_in,
    ordered_items,
    scale_is_open,
)
from research.measurement.invariance_steps import (
    Cutoffs,
    Index,
    candidates_frame,
    decide,
    read_cutoffs,
    steps_frame,
)
from research.measurement.invariance_words import notes_on, verdict_on
from research.readable import Readable

if TYPE_CHECKING:
    import pandas as pd

    from research.measurement.latent_means import LatentMeans
    from research.model.table import ParameterTable

CONTINUOUS: tuple[Level, ...] = ("configural", "metric", "scalar", "strict")
ORDINAL: tuple[Level, ...] = ("configural", "thresholds", "metric", "scalar", "strict")
ALIASES: Mapping[str, Level] = {"loadings": "metric", "intercepts": "scalar", "residuals": "strict"}


@dataclass(frozen=True, repr=False)
class Invariance(Readable):
    """The ladder of one measurement model.

    `steps`: one row a step, `level equal chisq df p cfi rmsea srmr index delta_chisq delta_df delta_p method
    delta_cfi delta_rmsea delta_srmr verdict`. `index`: which of the plain, scaled and robust numbers these
    are. `candidates`: what could be freed at the first step that fails, `lhs op rhs copy chisq df p epc
    free`, the largest test first; a proposal, never applied (`epc`: how far the row would move from the
    common value). `holds`: the highest level that is supported, "none" if not even the configural model
    fits; `failing`: the first that is not, or "". `fits`: by level.
    """

    steps: pd.DataFrame
    candidates: pd.DataFrame
    fits: Mapping[Level, Fit]
    holds: str
    failing: str
    verdict: str
    notes: tuple[str, ...]
    ladder: Ladder
    partial: tuple[str, ...]
    cutoffs: Cutoffs
    request: Mapping[str, Any] = field(repr=False)

    def free(self, *partial: str) -> Invariance:
        """The ladder again, with these rows (`"f=~x2"`, `"x3~1"`) left free as well: partial invariance."""
        if not partial:
            raise OptionError("free() takes the rows to leave free, as the column 'free' of .candidates")
        return invariance(**{**self.request, "partial": (*self.partial, *partial)})

    def release_tests(self, level: str) -> pd.DataFrame:
        """The candidates of any step that was fitted; columns as `candidates`."""
        at = _level(level)
        if at not in self.fits:
            raise OptionError(f"level '{level}' was not fitted; there are {', '.join(self.fits)}")
        return candidates_frame(self.ladder, self.fits[at], at)

    def latent_means(self, level: str = "scalar") -> LatentMeans:
        """Latent mean differences at a step with equal intercepts; see `research.latent_means`."""
        from research.measurement.latent_means import latent_means

        return latent_means(self, level)


def invariance(
    model: str | None = None,
    data: Any = None,
    *,
    group: str | None = None,
    ordered: Sequence[str] | bool = (),
    waves: Waves | None = None,
    levels: Sequence[str] | None = None,
    estimator: str | None = None,
    cutoffs: Mapping[str, float | None] | None = None,
    partial: Sequence[str] = (),
    index: Index = "auto",
    parameterization: Literal["theta", "delta"] = "theta",
    **options: Any,
) -> Invariance:
    """Fit the ladder of measurement invariance over groups, waves or both, and decide step by step.

    model: lavaan text. With `waves={"trust": [[items of wave 1], [items of wave 2]]}` it is written from
        them (factors `trust_1`, `trust_2`; residuals of an item correlated over time), and `model` may add
        further lines. data: as for `research.cfa`.
    Steps, continuous items: configural; metric (equal loadings); scalar (and intercepts, latent means free
        after the reference); strict (and residual variances); on request "means". Ordered items, in the
        order of Wu & Estabrook (2016, Psychometrika 81, 1014-1045): configural; thresholds; metric; scalar;
        strict. An item with three categories has nothing to test in its thresholds, a binary one nothing
        before the intercepts: such steps say "not testable" where no item has more.
    levels: which steps; "loadings", "intercepts", "residuals" are understood too. partial: rows that stay
        free in every step. estimator: lavaan's name; ML, or WLSMV with ordered items, if left out.
    cutoffs: `{"delta_cfi": .01, "delta_rmsea": .015}` are the defaults (Chen 2007); "delta_srmr" and "p" (of
        the chi-square difference) can be added, None takes one out; "cfi" and "rmsea" judge the configural
        model. index: which numbers to print and judge: robust ones where every step has them, else scaled.
    The reference is the first group of the data (or wave). Latent variances of the reference are one, unless
    the text scales the factors itself. The chi-square difference is that of `research.compare`.

    Errors: no group and no waves, a group with one level only, and what `research.cfa` refuses (too few
    rows, an item that is constant or lacks a category in one group).

    `parameterization` (of ordered items) and further `options` as in `research.cfa`.

    >>> import research
    >>> answers = research.example_responses()
    >>> text = research.measurement_text(answers.questionnaire, ["trust", "loyalty"])
    >>> found = research.invariance(text, answers, group="channel").steps
    >>> found["level"].tolist(), found["verdict"].tolist()
    (['configural', 'metric', 'scalar', 'strict'], ['acceptable', 'holds', 'holds', 'holds'])
    """
    kept = (partial,) if isinstance(partial, str) else tuple(partial)
    wanted = {"group": group, "ordered": ordered, "waves": waves, "levels": levels, "estimator": estimator}
    request = {"model": model, "data": data, **wanted, "cutoffs": cutoffs, "index": index, **options}
    request["parameterization"] = parameterization
    if options.get("se") in ("bootstrap", "boot") or "group_equal" in options or "group_partial" in options:
        raise OptionError(
            "invariance() sets what is equal by itself and takes no se='bootstrap'; use levels= and partial="
        )
    limits = read_cutoffs(cutoffs)
    text = measurement_lines(model, data, waves)
    given = {"group": group, "estimator": estimator, "std_lv": scale_is_open(text), **options}
    names = ordered_items(ordered, waves)
    if names:
        given |= {"ordered": names, "parameterization": parameterization}
    if waves:
        given["meanstructure"] = True
    first = cfa(text, data, **{name: value for name, value in given.items() if value is not None})
    table, freed = separated(first.table)
    if freed:
        first = fit_step(first, table, ordered_in(first))
    ladder = ladder_of(first, group, waves, kept)
    fits = _climb(first, ladder, _levels(levels, bool(ladder.ordered)))
    steps = decide(steps_frame(fits, index), limits)
    supported, failing = _outcome(steps)
    lost = next((level for level in fits if level in _failing(steps)), None)
    return Invariance(
        steps=steps,
        candidates=candidates_frame(ladder, fits[lost] if lost else None, lost or "configural"),
        fits=fits,
        holds=supported,
        failing=failing,
        verdict=verdict_on(steps, supported, ladder, kept),
        notes=(*_freed_note(freed), *notes_on(ladder, fits, kept)),
        ladder=ladder,
        partial=kept,
        cutoffs=limits,
        request=request,
    )


def fit_step(before: Fit, table: ParameterTable, ordered: Sequence[str] = (), **changed: Any) -> Fit:
    """Estimate another table from the sample of a fit, with its options."""
    options = replace(before.options, **changed)
    with np.errstate(all="ignore"):
        if isinstance(before, OrdinalFit):
            sample = OrdinalSample(before.sample, before.statistics)
            return estimate_ordinal(table, sample, ordered, options)
        return estimate(table, before.sample, options)


def _freed_note(freed: Sequence[str]) -> tuple[str, ...]:
    if not freed:
        return ()
    return (
        f"Labels held {', '.join(freed)} equal over the groups; they are free in each group here, and the "
        "labels (and what is defined on them) are of the first group.",
    )


def _level(name: str) -> Level:
    word = str(name).lower()
    for level in LEVELS:
        if word == level:
            return level
    if word in ALIASES:
        return ALIASES[word]
    raise OptionError(f"unknown level '{name}'; there are {', '.join(LEVELS)}.{did_you_mean(word, LEVELS)}")


def _levels(asked: Sequence[str] | None, ordinal: bool) -> tuple[Level, ...]:
    if asked is None:
        return ORDINAL if ordinal else CONTINUOUS
    names = {_level(name) for name in ([asked] if isinstance(asked, str) else asked)} | {"configural"}
    if "thresholds" in names and not ordinal:
        raise OptionError("level 'thresholds' is for ordered items; name them in ordered=")
    return tuple(level for level in LEVELS if level in names)


def _climb(first: Fit, ladder: Ladder, levels: Sequence[Level]) -> dict[Level, Fit]:
    """Each step begins at the estimates of the one before."""
    fits: dict[Level, Fit] = {"configural": first}
    before = first
    for level in levels[1:]:
        values = before.solution.values if before.converged else None
        table = ladder.step(level, None if values is None else values.tolist())
        strict = LEVELS.index(level) >= LEVELS.index("strict")
        changed = {"parameterization": "theta"} if ladder.ordered and strict else {}
        fits[level] = before = fit_step(before, table, sorted(ladder.ordered), **changed)
    return fits


def _failing(steps: pd.DataFrame) -> list[str]:
    """The steps after the first that lose too much."""
    return [str(level) for level in steps.loc[steps["verdict"] == "fails", "level"]]


def _outcome(steps: pd.DataFrame) -> tuple[str, str]:
    """The highest level with nothing failing up to it, and the first that fails."""
    supported = "none"
    for level, verdict in zip(steps["level"], steps["verdict"], strict=True):
        if verdict in ("poor fit", "fails", "no solution"):
            return supported, str(level)
        supported = str(level)
    return supported, ""
