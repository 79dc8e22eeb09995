"""Could the items measure something else? Rival factor models beside the proposed one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, ResearchError, did_you_mean
from research.estimation.comparison import compare
from research.estimation.fit import Fit
from research.measurement.factor_models import (
    Attempt,
    ItemModels,
    factor_correlations,
    item_models,
    reported_fit,
)
from research.measurement.inputs import Constructs, all_items, checked_constructs, item_data

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05
NOT_NESTED = "The proposed model is not nested in it: no difference test; compare AIC and BIC."
KINDS = ("correlated factors", "merged factors", "one factor", "second order", "bifactor")


@dataclass(frozen=True, slots=True)
class _Rival:
    kind: str
    merged: tuple[str, ...]  # the constructs that are one factor, or none
    n_factors: int
    attempt: Attempt
    note: str = ""


def rival_models(
    data: object,
    constructs: Constructs,
    *,
    merged: Sequence[Sequence[str]] = (),
    n_obs: int | None = None,
    **options: object,
) -> pd.DataFrame:
    """The proposed measurement model beside its rivals, one row a model.

    The models: correlated factors (the proposed one), merged factors (the two most correlated constructs as
    one, and each set named in `merged`), one factor, second order (one factor behind the constructs) and
    bifactor (a general factor beside uncorrelated specific ones). `options` are those of `research.cfa`
    (`estimator="MLR"`, `ordered=True`, `missing="fiml"` …).

    Columns: `model merged n_factors n_obs chisq df p cfi tli rmsea rmsea_low rmsea_high srmr aic bic index`;
    `chisq_diff df_diff p_diff`, the test against the proposed model in which the rival is nested (scaled
    where the estimator is: `research.compare`); `verdict` and `note`. `index`: see `reported_fit`.

    Verdicts: "proposed"; "worse" (p_diff < .05); "no worse", a simpler model that does as well;
    "equivalent", the same fit by construction (second order of three constructs); "lower BIC" and
    "higher BIC" where no test exists, as the bifactor model does not contain the proposed one; "no solution",
    with the reason in `note`. A merged or single factor holds correlations at 1, at the edge of what they can
    be: p is then too large rather than too small (Stoel et al. 2006). Bifactor models fit better than others
    even where they are wrong (Bonifay & Cai 2017), so that a lower BIC alone is no evidence for one.

    DataError for fewer than two constructs.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = {name: answers.questionnaire.item_columns()[name] for name in ("quality", "trust")}
    >>> research.rival_models(answers, scales)[["model", "df", "verdict"]].iloc[:2].to_numpy().tolist()
    [['correlated factors', 8.0, 'proposed'], ['one factor', 9.0, 'worse']]
    """
    import pandas as pd

    blocks = checked_constructs(constructs)
    if len(blocks) < 2:
        raise DataError(
            f"{next(iter(blocks))!r} alone has no rival models; at least two constructs are needed."
        )
    sets = [_checked_set(each, blocks) for each in merged]
    items = item_data(data, all_items(blocks), n_obs=n_obs)
    models = item_models(items, blocks, options)
    proposed = models.attempt(models.lines())
    rows = [
        _row(_Rival("correlated factors", (), len(blocks), proposed), proposed.fit),
        *(_row(rival, proposed.fit) for rival in _rivals(models, proposed, sets)),
    ]
    return pd.DataFrame(rows)


def one_factor(models: ItemModels) -> Attempt:
    """All items on one factor."""
    return models.attempt([models.line("g", models.items.names)])


def difference_from(proposed: Fit | None, rival: Fit | None) -> tuple[float, float, float]:
    """Chi-square difference, its df and p of a rival that is nested in the proposed model; NaN where none."""
    nan = float("nan")
    if proposed is None or rival is None or rival.df <= proposed.df:
        return nan, nan, nan
    try:
        last = compare(proposed, rival).iloc[1]
    except ResearchError:
        return nan, nan, nan
    return float(last["chisq_diff"]), float(last["df_diff"]), float(last["p"])


def _rivals(models: ItemModels, proposed: Attempt, sets: Sequence[tuple[str, ...]]) -> Iterator[_Rival]:
    blocks = models.blocks
    wanted = list(sets)
    if len(blocks) > 2:
        wanted = list(dict.fromkeys([*_closest(models, proposed.fit), *wanted]))
        if not wanted:
            reason = "the proposed model has no solution, so that no pair is the most correlated."
            yield _Rival("merged factors", (), len(blocks) - 1, Attempt(None, reason))
    for names in wanted:
        yield _Rival("merged factors", names, len(blocks) - len(names) + 1, _merge(models, names))
    yield _Rival("one factor", tuple(blocks) if len(blocks) == 2 else (), 1, one_factor(models))
    yield _Rival("second order", (), len(blocks) + 1, _second_order(models))
    attempt, note = _bifactor(models)
    yield _Rival("bifactor", (), len(blocks) + 1, attempt, note)


def _closest(models: ItemModels, proposed: Fit | None) -> list[tuple[str, ...]]:
    if proposed is None:
        return []
    names = list(models.blocks)
    Phi = factor_correlations(proposed, list(models.factors.values()))
    i, j = max(combinations(range(len(names)), 2), key=lambda pair: abs(Phi[pair]))
    return [(names[i], names[j])]


def _merge(models: ItemModels, merged: Sequence[str]) -> Attempt:
    inside = [item for name in merged for item in models.blocks[name]]
    lines = [models.line("m", inside)]
    lines += [
        models.line(models.factors[name], columns)
        for name, columns in models.blocks.items()
        if name not in merged
    ]
    return models.attempt(lines)


def _second_order(models: ItemModels) -> Attempt:
    if len(models.blocks) < 3:
        return Attempt(None, "two constructs do not identify a factor behind them; three are needed.")
    return models.attempt([*models.lines(), "h =~ " + " + ".join(models.factors.values())])


def _bifactor(models: ItemModels) -> tuple[Attempt, str]:
    """Single items load on the general factor only; two items have equal loadings on their specific one."""
    pairs = [name for name, columns in models.blocks.items() if len(columns) == 2]
    singles = [name for name, columns in models.blocks.items() if len(columns) == 1]
    lines = [models.line("g", models.items.names)]
    lines += [
        models.line(models.factors[name], columns, f"e{place}" if name in pairs else "")
        for place, (name, columns) in enumerate(models.blocks.items())
        if name not in singles
    ]
    note = []
    if pairs:
        note.append(f"Loadings on the specific factor of two items are equal: {', '.join(pairs)}.")
    if singles:
        note.append(f"No specific factor for a single item: {', '.join(singles)}.")
    return models.attempt(lines, orthogonal=True), " ".join(note)


def _row(rival: _Rival, proposed: Fit | None) -> dict[str, object]:
    fit = rival.attempt.fit
    row: dict[str, object] = {
        "model": rival.kind,
        "merged": " + ".join(rival.merged),
        "n_factors": rival.n_factors,
    }
    row |= reported_fit(fit) if fit is not None else {**dict.fromkeys(_COLUMNS, np.nan), "index": ""}
    nested = rival.kind != "bifactor"
    gap = difference_from(proposed, fit) if nested else (np.nan, np.nan, np.nan)
    row |= dict(zip(("chisq_diff", "df_diff", "p_diff"), gap, strict=True))
    verdict, note = _verdict(rival, proposed, gap[2])
    notes = [rival.note, note, rival.attempt.reason]
    if fit is not None and not fit.admissible:
        notes += list(rival.attempt.notes) or ["The solution is not admissible."]
    return row | {"verdict": verdict, "note": " ".join(dict.fromkeys(part for part in notes if part))}


_COLUMNS = (
    *("n_obs", "chisq", "df", "p", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high"),
    *("srmr", "aic", "bic"),
)


def _verdict(rival: _Rival, proposed: Fit | None, p: float) -> tuple[str, str]:
    fit = rival.attempt.fit
    if fit is None:
        return "no solution", ""
    if rival.kind == "correlated factors":
        return "proposed", ""
    if proposed is None:
        return "not comparable", "The proposed model has no solution to compare it with."
    if rival.kind == "bifactor":
        gap = fit.measures().get("bic", np.nan) - proposed.measures().get("bic", np.nan)
        if not np.isfinite(gap):
            return "not comparable", NOT_NESTED
        return ("lower BIC" if gap < 0 else "higher BIC"), NOT_NESTED
    if fit.df == proposed.df:
        return (
            "equivalent",
            "It has as many parameters as the proposed model and the same fit: no data can tell them apart.",
        )
    if not np.isfinite(p):
        return "not comparable", "The difference test has no value."
    return ("worse" if p < ALPHA else "no worse"), ""


def _checked_set(names: Sequence[str], blocks: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if isinstance(names, str) or len(set(names)) < 2:
        raise DataError(f"merged holds sets of two or more constructs; {names!r} is not one.")
    for name in names:
        if name not in blocks:
            raise DataError(f"merged names {name!r}, which is no construct.{did_you_mean(name, blocks)}")
    return tuple(name for name in blocks if name in names)
