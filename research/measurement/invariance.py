"""Does a scale measure the same in every group, and in every wave? The ladder, its table and its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.estimation.fit import Fit
from research.estimation.ordinal_fit import OrdinalFit
from research.estimation.ordinal_run import estimate_ordinal
from research.estimation.ordinal_sample import OrdinalSample
from research.estimation.run import cfa, estimate
from research.measurement.invariance_copies import (
    Copies,
    Waves,
    kinds_of,
    over_groups,
    over_waves,
    waves_text,
)
from research.measurement.invariance_ladder import LEVELS, Ladder, Level
from research.measurement.invariance_steps import (
    Cutoffs,
    Index,
    candidates_frame,
    decide,
    read_cutoffs,
    steps_frame,
)
from research.measurement.invariance_words import notes_on, verdict_on
from research.model.syntax import parse
from research.responses.columns import as_pandas
from research.responses.moments import Moments

if TYPE_CHECKING:
    import pandas as pd

    from research.measurement.latent_means import LatentMeans
    from research.model.table import ParameterTable

CONTINUOUS: tuple[Level, ...] = ("configural", "metric", "scalar", "strict")
ORDINAL: tuple[Level, ...] = ("configural", "thresholds", "metric", "scalar", "strict")
ALIASES: Mapping[str, Level] = {"loadings": "metric", "intercepts": "scalar", "residuals": "strict"}


@dataclass(frozen=True)
class Invariance:
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
    """
    wanted = {"group": group, "ordered": ordered, "waves": waves, "levels": levels, "estimator": estimator}
    request = {"model": model, "data": data, **wanted, "cutoffs": cutoffs, "index": index, **options}
    request["parameterization"] = parameterization
    if options.get("se") in ("bootstrap", "boot") or "group_equal" in options or "group_partial" in options:
        raise OptionError(
            "invariance() sets what is equal by itself and takes no se='bootstrap'; use levels= and partial="
        )
    limits = read_cutoffs(cutoffs)
    text = _text(model, data, waves)
    given = {"group": group, "estimator": estimator, "std_lv": _free_scale(text), **options}
    names = _ordered(ordered, waves)
    if names:
        given |= {"ordered": names, "parameterization": parameterization}
    if waves:
        given["meanstructure"] = True
    first = cfa(text, data, **{name: value for name, value in given.items() if value is not None})
    ladder = _ladder(first, group, waves, partial)
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
        verdict=verdict_on(steps, supported, ladder, tuple(partial)),
        notes=notes_on(ladder, fits, tuple(partial)),
        ladder=ladder,
        partial=tuple(partial),
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


def _text(model: str | None, data: Any, waves: Waves | None) -> str:
    if waves is None:
        if not isinstance(model, str) or not model.strip():
            raise OptionError("invariance() needs a measurement model, or waves=")
        return model
    columns = [] if data is None or isinstance(data, Moments) else [str(c) for c in as_pandas(data).columns]
    return "\n".join([waves_text(waves, columns), model or ""])


def _free_scale(text: str) -> bool:
    """Whether the text leaves the scale of its factors open, so that variances of one may set it.

    Not of factors that others measure or predict: what is left of them may come out negative, and says then
    that the model is wrong, where a variance of one could not.
    """
    rows = parse(text).rows
    factors = {row.lhs for row in rows if row.op == "=~"}
    if any((row.op == "=~" and row.rhs in factors) or (row.op == "~" and row.lhs in factors) for row in rows):
        return False
    for row in rows:
        loading = row.op == "=~"
        if (
            loading or (row.op == "~~" and row.lhs == row.rhs and row.lhs in factors)
        ) and row.modifiers.fixed:
            return False
        if loading and row.modifiers.efa:
            raise OptionError("efa() blocks are rotated, and have no ladder; write a confirmatory model")
    return True


def _ordered(ordered: Sequence[str] | bool, waves: Waves | None) -> tuple[str, ...] | bool:
    """The ordered items; one that is named in one wave is ordered in all."""
    if isinstance(ordered, bool) or not waves:
        return ordered if isinstance(ordered, bool) else _as_tuple(ordered)
    named = set(_as_tuple(ordered))
    copies = [each for by_wave in waves.values() for each in zip(*by_wave, strict=True)]
    unknown = sorted(named - {item for each in copies for item in each})
    return (*(item for each in copies if named & set(each) for item in each), *unknown)


def _as_tuple(ordered: Sequence[str] | bool) -> tuple[str, ...]:
    if isinstance(ordered, bool):
        return ()
    return (ordered,) if isinstance(ordered, str) else tuple(ordered)


def _ladder(fit: Fit, group: str | None, waves: Waves | None, partial: Sequence[str]) -> Ladder:
    groups = tuple(each.label for each in fit.sample.groups) if fit.n_groups > 1 else ()
    if group is not None and not groups:
        found = fit.sample.groups[0].label
        raise DataError(
            f"column '{group}' has one level only ('{found}'); invariance is asked between two groups or more"
        )
    if waves is None and not groups:
        raise OptionError("invariance() compares groups or waves: name the column of the groups, or waves=")
    copies: Copies = over_groups(groups) if waves is None else over_waves(waves, groups)
    if isinstance(partial, str):
        partial = (partial,)
    ordered: frozenset[str] = frozenset()
    if isinstance(fit, OrdinalFit):
        _same_categories(fit, waves or {})
        ordered = frozenset(fit.sample.variables[at] for of in fit.model.blocks for at in of.ordered)
    if "loading" not in kinds_of(fit.table):
        raise OptionError("the model measures nothing: a scale reads trust =~ t1 + t2 + t3")
    return Ladder(
        fit.table, copies, ordered, fit.options.parameterization, copies.released(partial, fit.table)
    )


def _same_categories(fit: OrdinalFit, waves: Waves) -> None:
    """Refuse an item that has other categories in another wave: its thresholds cannot be equal."""
    data = np.vstack([group.data for group in fit.sample.groups if group.data is not None])
    ordered = {row.lhs for row in fit.table.parameters if row.op == "|"}
    place = {name: at for at, name in enumerate(fit.sample.variables) if name in ordered}
    for by_wave in waves.values():
        for copies in zip(*by_wave, strict=True):
            found = {}
            for item in (each for each in copies if each in place):
                column = data[:, place[item]]
                found[item] = tuple(np.unique(column[~np.isnan(column)]).tolist())
            if len(set(found.values())) > 1:
                listed = "; ".join(
                    f"{item}: {', '.join(f'{value:g}' for value in values)}" for item, values in found.items()
                )
                raise DataError(
                    f"the waves have different categories of one item ({listed}), so that thresholds cannot "
                    "be equal. Merge a category that nobody chose with its neighbour in all waves"
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
