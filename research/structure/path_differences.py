"""Do paths differ between groups? Each one held equal in turn, with loadings equal throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from research.errors import ModelError, OptionError, did_you_mean
from research.estimation import estimates
from research.estimation.comparison import compare
from research.estimation.fit import Fit
from research.measurement.invariance import Invariance, fit_step, invariance
from research.measurement.invariance_ladder import Sketch
from research.measurement.invariance_steps import METHODS, difference_method
from research.model.syntax import parse
from research.numerics.chi_square import chi2_sf, two_sided_p
from research.numerics.multiple_tests import holm
from research.numerics.score_test import wald
from research.readable import Readable

if TYPE_CHECKING:
    import pandas as pd

    from research.numerics.arrays import Vector

Path = tuple[str, str]  # (outcome, predictor)
TESTS = ("chisq", "wald")


@dataclass(frozen=True, repr=False)
class PathDifferences(Readable):
    """`tests`: one row a path, `lhs rhs chisq df p p_holm method` ("all" first: every path at once, outside
    Holm's count). `estimates`: `lhs rhs group estimate se z p low high std_all`. `pairs`: `lhs rhs first
    second difference se z p p_holm low high`, first minus second, Holm within each path. `fit`: the model
    with equal loadings. `invariance`: whether those are supported; `comparable` says so in short.
    """

    tests: pd.DataFrame
    estimates: pd.DataFrame
    pairs: pd.DataFrame
    fit: Fit
    invariance: Invariance = field(repr=False)
    comparable: bool
    notes: tuple[str, ...]


def path_differences(
    model: str,
    data: Any = None,
    *,
    group: str | None = None,
    paths: Sequence[str] | None = None,
    test: Literal["chisq", "wald"] = "chisq",
    ordered: Sequence[str] | bool = (),
    estimator: str | None = None,
    partial: Sequence[str] = (),
    **options: Any,
) -> PathDifferences:
    """Compare the regressions of a structural model between groups.

    First the loadings are held equal (metric invariance; with ordered items thresholds too), so that a unit
    of a construct is the same in every group; the result says whether that is supported. Then each path is
    held equal over all groups: the chi-square difference (scaled where the estimator is, as in
    `research.compare`) or Wald's test, with groups - 1 degrees of freedom.

    paths: which (`["loyalty ~ trust"]`); every regression that the groups share, if left out. partial: rows
    of the measurement model that stay free. Other options are those of `research.sem`. Holm (1979)
    adjusts over the paths in `tests`, and over the pairs of groups in `pairs`.

    Errors: no groups, a model without regressions, a path that the model lacks.

    >>> import research
    >>> answers = research.example_responses()
    >>> text = research.measurement_text(answers.questionnaire, ["trust", "loyalty"]) + "loyalty ~ trust"
    >>> found = research.path_differences(text, answers, group="channel").tests
    >>> found["df"].tolist(), (found["p"] > 0.05).tolist()
    ([1.0, 1.0], [True, True])
    """
    if test not in TESTS:
        raise OptionError(f"unknown test '{test}'; there are {', '.join(TESTS)}")
    unfit = next((name for name in ("levels", "waves", "index") if name in options), None)
    if unfit:
        raise OptionError(f"option '{unfit}' is for research.invariance; paths are compared over groups")
    ladder = invariance(
        model,
        data,
        group=group,
        ordered=ordered,
        levels=("configural", "thresholds", "metric") if ordered else ("configural", "metric"),
        estimator=estimator,
        partial=partial,
        **options,
    )
    fit = ladder.fits["metric"]
    if not fit.converged:
        raise ModelError("the model with equal loadings did not converge: " + " ".join(fit.notes))
    rows = _rows(fit, paths)
    tests = _tests(fit, ladder, rows, test)
    holds = ladder.holds == "metric"
    first = (
        "Loadings are equal in all groups; metric invariance is supported, so that paths may be compared."
        if holds
        else "Loadings are held equal, but metric invariance is not supported "
        f"({ladder.verdict}) A difference between paths may be one of measurement."
    )
    return PathDifferences(
        tests, _estimates(fit, rows), _pairs(fit, rows), fit, ladder, holds, (first, *ladder.notes)
    )


def _rows(fit: Fit, paths: Sequence[str] | None) -> dict[Path, list[int]]:
    """The rows of each path in the table, one a group."""
    found: dict[Path, list[int]] = {}
    for at, row in enumerate(fit.table.parameters):
        if row.op == "~":
            found.setdefault((row.lhs, row.rhs), []).append(at)
    shared = {path: rows for path, rows in found.items() if len(rows) == fit.n_groups}
    if not shared:
        raise OptionError("the model has no regression that every group has; write loyalty ~ trust")
    if paths is None:
        return shared
    asked: dict[Path, list[int]] = {}
    for text in [paths] if isinstance(paths, str) else paths:
        for written in parse(text).rows:
            path = (written.lhs, written.rhs)
            if written.op != "~" or path not in shared:
                known = [f"{lhs} ~ {rhs}" for lhs, rhs in shared]
                raise OptionError(
                    f"paths: '{text}' is no regression of the model; there are {', '.join(known)}."
                    f"{did_you_mean(text, known)}"
                )
            asked[path] = shared[path]
    return asked


def _tests(fit: Fit, ladder: Invariance, rows: dict[Path, list[int]], test: str) -> pd.DataFrame:
    sets = [list(rows.values()), *([each] for each in rows.values())]
    if test == "wald":
        found = [_wald(fit, each) for each in sets]
        method = "Wald"
    else:
        several = sets if len(rows) > 1 else sets[:1]  # of one path, the joint test is its own
        found = [_difference(fit, ladder, each) for each in several]
        found = found * 2 if len(rows) == 1 else found
        method = METHODS[difference_method(fit)]
    p = np.array([chi2_sf(chisq, df) if df else np.nan for chisq, df, _ in found])
    if test == "chisq":
        p = np.array([value for *_, value in found])
    return estimates.frame(
        {
            "lhs": ["all", *(lhs for lhs, _ in rows)],
            "rhs": ["", *(rhs for _, rhs in rows)],
            "chisq": np.array([chisq for chisq, *_ in found]),
            "df": np.array([float(df) for _, df, _ in found]),
            "p": p,
            "p_holm": np.concatenate([[np.nan], holm(p[1:])]),
            "method": [method] * len(found),
        }
    )


def _difference(fit: Fit, ladder: Invariance, sets: list[list[int]]) -> tuple[float, int, float]:
    """Chi-square difference between the fit and one with the rows of each set equal."""
    sketch = Sketch(fit.table, fit.solution.values.tolist())
    for rows in sets:
        sketch.share(rows)
    held = fit_step(fit, sketch.table(), sorted(ladder.ladder.ordered))
    if not held.converged or held.df == fit.df:
        return np.nan, held.df - fit.df, np.nan
    row = compare(fit, held).iloc[1]
    return float(row["chisq_diff"]), held.df - fit.df, float(row["p"])


def _wald(fit: Fit, sets: list[list[int]]) -> tuple[float, int, float]:
    if fit.vcov is None:
        raise ModelError("a Wald test needs standard errors; the notes of the fit say why there are none")
    pairs = [(rows[0], other) for rows in sets for other in rows[1:]]
    values, J = fit.solution.values, fit.solution.jacobian
    gap = np.array([values[first] - values[other] for first, other in pairs])
    slopes = np.array([J[first] - J[other] for first, other in pairs])
    chisq, df = wald(gap, slopes, fit.vcov)
    return chisq, df, chi2_sf(chisq, df) if df else np.nan


def _estimates(fit: Fit, rows: dict[Path, list[int]]) -> pd.DataFrame:
    places = [at for each in rows.values() for at in each]
    shown = ["lhs", "rhs", "group", "estimate", "se", "z", "p", "low", "high", "std_all"]
    return fit.tidy().iloc[places][shown].reset_index(drop=True)


def _pairs(fit: Fit, rows: dict[Path, list[int]]) -> pd.DataFrame:
    values, J = fit.solution.values, fit.solution.jacobian
    names: list[tuple[str, str, str, str]] = []
    gap, slopes, adjusted = [], [], []
    for (lhs, rhs), places in rows.items():
        here = list(combinations(range(len(places)), 2))
        first = np.array([places[a] for a, _ in here])
        second = np.array([places[b] for _, b in here])
        names += [(lhs, rhs, fit.group_label(a), fit.group_label(b)) for a, b in here]
        gap.append(values[first] - values[second])
        slopes.append(J[first] - J[second])
        adjusted.append(_holm_of(gap[-1], estimates.standard_errors(slopes[-1], fit.vcov)))
    se = estimates.standard_errors(np.vstack(slopes), fit.vcov)
    columns = estimates.wald_columns(np.concatenate(gap), se)
    columns["difference"] = columns.pop("estimate")
    texts = {name: [each[at] for each in names] for at, name in enumerate(("lhs", "rhs", "first", "second"))}
    ordered = ("difference", "se", "z", "p")
    return estimates.frame(
        {
            **texts,
            **{name: columns[name] for name in ordered},
            "p_holm": np.concatenate(adjusted),
            "low": columns["low"],
            "high": columns["high"],
        }
    )


def _holm_of(gap: Vector, se: Vector) -> Vector:
    return holm(two_sided_p(gap / np.where(se > 0, se, np.nan)))
