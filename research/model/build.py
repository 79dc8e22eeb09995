"""Model text and options to a parameter table, as `lavaanify` builds it for cfa, sem and growth."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from research.errors import ModelError, OptionError, did_you_mean
from research.model.constraints import effect_coding, solve_names
from research.model.defaults import Rules, complete, efa_blocks
from research.model.groups import Equality, Section, parameters
from research.model.options import Options
from research.model.syntax import ModelText, Row, parse
from research.model.table import ParameterTable
from research.model.tokens import fault, statements
from research.model.variables import arrange, roles

Function = Literal["cfa", "sem", "growth"]


def parameter_table(
    text: str | ModelText,
    options: Options | None = None,
    *,
    fun: Function = "sem",
    observed: Collection[str] = (),
    groups: Sequence[str] = (),
    thresholds: Mapping[str, int] | None = None,
    means: bool = True,
) -> ParameterTable:
    """The parameter table of a model: the rows of its text and those that lavaan's defaults add.

    `observed`: the columns of the data; empty where they are not known, and then no name is
    checked. `groups`: the labels of the groups in the order of the data. `thresholds`: the number
    of thresholds of each ordered variable. `means`: whether the data come with means; without
    them several groups do not bring a mean structure by themselves.
    A `ModelError` names a variable that the data do not have, and the nearest that they have.

    `options`: lavaan's; `fun`: whose defaults hold, "sem", "cfa" or "growth".

    >>> table = parameter_table("f =~ x1 + x2 + x3", observed=["x1", "x2", "x3"])
    >>> [(p.lhs, p.op, p.rhs, p.free, p.value) for p in table.parameters[:2]]
    [('f', '=~', 'x1', 0, 1.0), ('f', '=~', 'x2', 1, nan)]
    >>> table.n_free
    6
    """
    model = parse(text) if isinstance(text, str) else text
    if not model.rows:
        raise ModelError("the model text has no formula; a measurement model reads f =~ x1 + x2 + x3")
    options = options or Options(fun=fun)
    n_groups = max(1, len(groups))
    rules = _rules(model, options, fun, n_groups, thresholds, means)
    sections = _sections(model, rules, groups)
    if observed:
        _check_observed(model, sections, frozenset(observed))
    equality = _equality(model, options, sections, n_groups)
    rows = parameters(model.text, sections, equality, n_groups)
    defined, constraints = solve_names(model, rows)
    if options.effect_coding:
        constraints = (*constraints, *effect_coding(rows, sections, options.effect_coding))
    return ParameterTable(
        tuple(rows),
        observed=_union(section.roles.observed for section in sections),
        latent=_union(section.roles.latent for section in sections),
        groups=tuple(groups),
        exogenous=_union(section.roles.unnamed for section in sections) if rules.fixed_x else (),
        defined=defined,
        constraints=constraints,
        meanstructure=rules.meanstructure,
        text=model.text,
    )


def variables_of(
    model: ModelText, options: Options, *, fun: Function, observed: Collection[str], groups: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The observed variables of a model, and those of them that are fixed x, before there is a table."""
    rules = _rules(model, options, fun, max(1, len(groups)), None, True)
    if len(model.blocks) > 1:
        sections = _sections(model, rules, groups)
    else:
        sections = [Section(1, 1, [], arrange(model.rows)[1], {})]
    _check_observed(model, sections, frozenset(observed))
    seen = _union(section.roles.observed for section in sections)
    return seen, _union(section.roles.unnamed for section in sections) if rules.fixed_x else ()


def _rules(
    model: ModelText,
    options: Options,
    fun: Function,
    n_groups: int,
    thresholds: Mapping[str, int] | None,
    means: bool,
) -> Rules:
    meanstructure = options.meanstructure
    if meanstructure is None:
        meanstructure = (
            fun == "growth"
            or (n_groups > 1 and means)
            or bool(thresholds)
            or len(model.blocks) > 2
            or any(row.op in ("~1", "|") for row in model.rows)
            or bool({"intercepts", "means"} & set(options.group_equal))
        )
    return Rules(
        std_lv=options.std_lv,
        orthogonal=options.orthogonal,
        meanstructure=meanstructure,
        fixed_x=options.fixed_x,
        free_intercepts=fun != "growth",
        free_means=fun == "growth" or "intercepts" in options.effect_coding,
        markers=not (options.std_lv or "loadings" in options.effect_coding),
        orthogonal_rotation=options.rotation == "varimax",
        thresholds=thresholds,
    )


def _sections(model: ModelText, rules: Rules, groups: Sequence[str]) -> list[Section]:
    """Each group and level with its rows: the text's blocks, or one set of rows repeated."""
    n_groups = max(1, len(groups))
    levels = list(dict.fromkeys(block.level for block in model.blocks if block.level)) or [""]
    headed = list(dict.fromkeys(block.group for block in model.blocks if block.group))
    if headed and len(headed) != n_groups:
        there = "there is 1 group" if n_groups == 1 else f"there are {n_groups} groups"
        raise fault(model.text, 0, f"the text has {len(headed)} group blocks, but {there}")
    rows_all, roles_all = arrange(model.rows)
    made: dict[tuple[str, str], tuple[Section, ...]] = {}
    sections = []
    for place in range(n_groups):
        head = headed[place] if headed else ""
        if headed and groups and set(headed) == set(groups):
            head = groups[place]
        for number, level in enumerate(levels, start=1):
            if (head, level) not in made:
                rows = _rows(model, rows_all, head, level)
                part = roles_all if rows is rows_all else roles(rows)
                above = (
                    roles(_rows(model, rows_all, head, levels[1])).observed
                    if number == 1 and levels[1:]
                    else ()
                )
                drafts = complete(rows, part, replace(rules, between=frozenset(above)) if above else rules)
                made[head, level] = (Section(place + 1, number, drafts, part, efa_blocks(rows)),)
            one = made[head, level][0]
            sections.append(Section(place + 1, number, one.drafts, one.roles, one.efa))
    return sections


def _rows(model: ModelText, rows: Sequence[Row], group: str, level: str) -> Sequence[Row]:
    """The rows under a header, and those that stand before the first one."""
    if len(model.blocks) == 1:
        return rows
    within = {
        place
        for place, block in enumerate(model.blocks)
        if block.group in ("", group) and block.level in ("", level)
    }
    return [row for row in rows if row.block in within]


def _equality(model: ModelText, options: Options, sections: Sequence[Section], n_groups: int) -> Equality:
    if n_groups == 1:
        return Equality()
    equal = frozenset(options.group_equal)
    levels = frozenset({"thresholds", "intercepts"})
    if options.is_ordinal and levels & equal:
        equal |= levels  # where answers are ordered the two words say one thing, for continuous items as well
    partial = _partial(options, sections)
    if any(block.group for block in model.blocks):
        return Equality(equal, partial)  # a text that writes out its groups decides by itself what is free
    return Equality(
        equal,
        partial,
        free_means=bool({"intercepts", "thresholds"} & equal) and "means" not in equal,
        free_variances="loadings" in equal and "lv_variances" not in equal,
        free_scales="thresholds" in equal and options.parameterization == "delta",
        free_residuals="thresholds" in equal
        and options.parameterization == "theta"
        and "residuals" not in equal,
        free_covariances="loadings" in equal and "lv_covariances" not in equal and not options.orthogonal,
    )


def _partial(options: Options, sections: Sequence[Section]) -> frozenset[tuple[str, str, str]]:
    """`group_partial` (`"f=~x1"`, `"x1 ~ 1"`, `"x1~~x2"`) as (lhs, op, rhs), each a row of the model."""
    rows = {draft[:3] for section in sections for draft in section.drafts}
    found = set()
    for text in options.group_partial:
        written = parse(text).rows
        names = {(one.lhs, one.op, one.rhs) for one in written}
        names |= {(one.rhs, one.op, one.lhs) for one in written if one.op == "~~"}
        if not names & rows:
            raise OptionError(
                f"group_partial: '{text}' is no parameter of the model; write 'f=~x1' or 'x1~1'"
            )
        found |= names
    return frozenset(found)


def _union(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in lists for name in names))


def _check_observed(model: ModelText, sections: Sequence[Section], observed: Collection[str]) -> None:
    """Every observed variable of the model is a column, or the product `x:z` of two columns."""
    latent = {name for section in sections for name in section.roles.latent}
    for name in _union(section.roles.latent for section in sections):
        if name not in observed:
            continue
        place = _place(model.text, name)
        raise fault(
            model.text,
            place,
            f"'{name}' is measured here and is a column of the data too; rename one of them",
        )
    for name in _union(section.roles.observed for section in sections):
        if name in observed:
            continue
        parts = name.split(":")
        unknown = next((part for part in parts if part not in observed), None)
        if unknown is None:
            continue
        place = _place(model.text, unknown)
        if len(parts) > 1 and latent.intersection(parts):
            raise fault(
                model.text,
                place,
                f"'{name}' is a product of latent variables, which are not observed; multiply their "
                "indicators and let the products measure a latent variable of their own",
            )
        hint = did_you_mean(unknown, observed)
        raise fault(model.text, place, f"the data have no column '{unknown}'.{hint}")


def _place(text: str, name: str) -> int:
    """The offset at which a variable first stands in the text."""
    for tokens in statements(text):
        for token in tokens:
            if token.text.strip("\"'") == name:
                return token.start
    return 0
