"""The configural model that a ladder starts from, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from research.errors import DataError, ModelError, OptionError
from research.estimation.fit import Fit
from research.estimation.ordinal_fit import OrdinalFit
from research.measurement.invariance_copies import (
    Copies,
    Waves,
    kinds_of,
    over_groups,
    over_waves,
    waves_text,
)
from research.measurement.invariance_ladder import Ladder
from research.measurement.invariance_steps import has_solution
from research.model.syntax import parse
from research.responses.columns import as_pandas
from research.responses.moments import Moments


def measurement_lines(model: str | None, data: Any, waves: Waves | None) -> str:
    """The text of the measurement model: as given, or written from the waves."""
    if waves is None:
        if not isinstance(model, str) or not model.strip():
            raise OptionError("invariance() needs a measurement model, or waves=")
        return model
    columns = [] if data is None or isinstance(data, Moments) else [str(c) for c in as_pandas(data).columns]
    return "\n".join([waves_text(waves, columns), model or ""])


def scale_is_open(text: str) -> bool:
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


def ordered_items(ordered: Sequence[str] | bool, waves: Waves | None) -> tuple[str, ...] | bool:
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


def ordered_in(fit: Fit) -> tuple[str, ...]:
    """The ordered items of a fit, in the order of its variables."""
    if not isinstance(fit, OrdinalFit):
        return ()
    return tuple(fit.sample.variables[at] for at in fit.model.blocks[0].ordered)


def ladder_of(fit: Fit, group: str | None, waves: Waves | None, partial: Sequence[str]) -> Ladder:
    """What the steps are made from; errors where there is nothing to compare."""
    if fit.converged and not has_solution(fit):
        raise ModelError(f"the configural model has no unique solution.{_single(fit)} " + " ".join(fit.notes))
    groups = tuple(each.label for each in fit.sample.groups) if fit.n_groups > 1 else ()
    if group is not None and not groups:
        found = fit.sample.groups[0].label
        raise DataError(
            f"column '{group}' has one level only ('{found}'); invariance is asked between two groups or more"
        )
    if waves is None and not groups:
        raise OptionError("invariance() compares groups or waves: name the column of the groups, or waves=")
    copies: Copies = over_groups(groups) if waves is None else over_waves(waves, groups)
    if isinstance(fit, OrdinalFit):
        _same_categories(fit, waves or {})
    if "loading" not in kinds_of(fit.table):
        raise OptionError("the model measures nothing: a scale reads trust =~ t1 + t2 + t3")
    _refuse_equal(fit, copies)
    return Ladder(
        fit.table,
        copies,
        frozenset(ordered_in(fit)),
        fit.options.parameterization,
        copies.released(partial, fit.table),
    )


def _single(fit: Fit) -> str:
    """The factors of one ordered item, which have a variance but no residual to tell it from."""
    items: dict[str, set[str]] = {}
    for row in fit.table.parameters:
        if row.op == "=~":
            items.setdefault(row.lhs, set()).add(row.rhs)
    ordered = {row.lhs for row in fit.table.parameters if row.op == "|"}
    alone = [name for name, own in items.items() if len(own) == 1 and own <= ordered]
    return (
        f" A factor of one ordered item ({', '.join(alone)}) is not identified; leave it out."
        if alone
        else ""
    )


def _refuse_equal(fit: Fit, copies: Copies) -> None:
    """What the text holds equal over the copies would be held in the configural model too."""
    owner: dict[int, tuple[int, str]] = {}
    for row, kind in zip(fit.table.parameters, kinds_of(fit.table), strict=True):
        unit = copies.unit(row)
        if not kind or not row.free or unit is None:
            continue
        first, label = owner.setdefault(row.free, (unit, row.label))
        if first != unit:
            raise OptionError(
                f"the label '{label}' holds '{row.lhs} {row.op} {row.rhs}'".rstrip()
                + " equal over the groups or waves already; drop it, the ladder sets what is equal"
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
