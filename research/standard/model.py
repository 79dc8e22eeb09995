"""The structural model: fit, paths, indirect effects, the path diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.errors import OptionError
from research.model.hypotheses import indirect_name
from research.report import tables
from research.report.key_numbers import measures_kind, path_numbers, reported_measures

if TYPE_CHECKING:
    from research.report.nouns import Figure, Numbers, Table
    from research.study import Study


def fit(study: Study) -> Table:
    """Fit measures of the measurement and the structural model, side by side."""
    found = {"cfa": study.cfa.measures(), "sem": study.sem.measures()}
    return tables.fit_table(found, kind=measures_kind(*found.values()))


def fit_sem(study: Study) -> Numbers:
    """Fit measures of the structural model; `cfi` and its like are the ones that the table prints."""
    return reported_measures(study.sem.measures(), measures_kind(study.cfa.measures(), study.sem.measures()))


def estimation(study: Study) -> Numbers:
    """The estimator, what is done about missing answers, and why: `{{estimation.reason}}`."""
    way = study.estimator.chosen
    flags = {name: int(way.missing == name) for name in ("listwise", "fiml", "pairwise")}
    ordinal = {"ordinal": int(bool(way.ordered)), "n_ordered": len(way.ordered)}
    robust = {"robust": int(way.estimator != "ML")}
    asked = {question.id: question.kind for question in study.questionnaire.background}
    outside = sum(asked.get(name) != "number" for name in study.questionnaire.controls)
    other = {"controls_outside": outside}  # categories, which enter the regressions alone
    reason = dict(study.estimator.reason)
    return {"estimator": way.estimator, "reason": reason, **flags, **ordinal, **robust, **other}


def robustness(study: Study) -> Table:
    """The structural paths under the other estimator, on complete rows, with everybody, without controls."""
    return tables.robustness_table(study.robustness, study.questionnaire)


def robustness_summary(study: Study) -> Numbers:
    """How many other specifications there are, and how many paths change sign or significance in one."""
    found = study.robustness
    changed = {(lhs, rhs) for lhs, rhs, _ in found.changed}
    done = sum(not one.failure for one in found.specifications) - 1
    return {"n": done, "changed": len(changed), "paths": len(found.paths)}


def admissible(study: Study) -> Numbers:
    """1 where a model's solution is proper: no negative variance, covariance matrices positive definite."""
    return {"cfa": int(study.cfa.admissible), "sem": int(study.sem.admissible)}


def path(study: Study) -> Numbers:
    """Every structural path: `{{path.Image_Loyalty.beta}}`."""
    return path_numbers(study.sem.tidy())


def paths(study: Study) -> Table:
    """Structural paths: b, SE, standardized, z, p, interval, and R² of each outcome."""
    return tables.paths_table(study.sem.tidy(), study.questionnaire, r_squared=explained(study))


def path_diagram(study: Study) -> Figure | None:
    """The structural model with its standardized estimates: as much of it as reads well on a page.

    None where no page holds it.
    """
    from research.report.figure_paths import path_figure

    try:
        return path_figure(study.sem.tidy(), study.questionnaire, r_squared=explained(study))
    except OptionError:
        return None


def coefficients(study: Study) -> Figure:
    """Standardized paths of the structural model with their intervals."""
    from research.report.figure_estimates import coefficients_figure

    return coefficients_figure(study.sem.standardized(), study.questionnaire)


def explained(study: Study) -> dict[str, float]:
    """R² of each construct that others explain."""
    frame = study.sem.r_squared()
    constructs = {construct.name for construct in study.questionnaire.constructs}
    named = zip(frame["variable"], frame["r_squared"], strict=True)
    return {str(name): float(value) for name, value in named if name in constructs}


def indirect(study: Study) -> Table | None:
    """The indirect effects that the mediated hypotheses name, with bootstrap or Monte Carlo intervals.

    None where no hypothesis names one, or the model has no solution.
    """
    if not study.has_mediation or not study.indirect.n_draws:
        return None
    rows = study.indirect.frame
    rows = rows[rows["lhs"].astype(str).str.startswith("ind_")]
    ways = {indirect_name(one): " -> ".join(one.path) for one in study.questionnaire.hypotheses}
    return tables.indirect_table(
        rows.assign(path=[ways[str(name)] for name in rows["lhs"]]),
        study.questionnaire,
        method=study.indirect.method,
        draws=study.indirect.n_draws,
        failed=study.indirect.n_failed,
    )


def bootstrap(study: Study) -> Numbers | None:
    """How many draws the intervals of indirect effects rest on, and in how many there was no solution.

    `resampled` is 1 where respondents were drawn (bootstrap), 0 where estimates were (Monte Carlo). None
    where nothing was drawn.
    """
    if not study.has_mediation or not study.indirect.n_draws:
        return None
    drawn = study.indirect
    return {"draws": drawn.n_draws, "failed": drawn.n_failed, "resampled": int(drawn.method == "bootstrap")}
