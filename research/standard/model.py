"""The structural model: fit, paths, indirect effects, the path diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.errors import OptionError
from research.model.hypotheses import indirect_name
from research.report import tables
from research.report.key_numbers import path_numbers

if TYPE_CHECKING:
    from research.report.nouns import Figure, Numbers, Table
    from research.study import Study


def fit(study: Study) -> Table:
    """Fit measures of the measurement and the structural model, side by side."""
    return tables.fit_table({"cfa": study.cfa.measures(), "sem": study.sem.measures()})


def fit_sem(study: Study) -> Numbers:
    """Fit measures of the structural model."""
    return study.sem.measures()


def admissible(study: Study) -> Numbers:
    """1 where a model's solution is proper: no negative variance, covariance matrices positive definite."""
    return {"cfa": int(study.cfa.admissible), "sem": int(study.sem.admissible)}


def path(study: Study) -> Numbers:
    """Every structural path: `{{path.Image_Loyalty.beta}}`."""
    return path_numbers(study.sem.tidy())


def paths(study: Study) -> Table:
    """Structural paths: b, SE, standardized, z, p, interval, and R² of each outcome."""
    return tables.paths_table(study.sem.tidy(), study.questionnaire, r_squared=explained(study))


def path_diagram(study: Study) -> Figure:
    """The structural model with its standardized estimates; without its items where they do not fit."""
    from research.report.figure_paths import path_figure

    tidy, explains = study.sem.tidy(), explained(study)
    try:
        return path_figure(tidy, study.questionnaire, r_squared=explains)
    except OptionError:
        return path_figure(tidy, study.questionnaire, r_squared=explains, indicators=False)


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
    """The indirect effects that the mediated hypotheses name, with bootstrap intervals."""
    if not study.has_mediation:
        return None
    rows = study.bootstrap.tidy()
    rows = rows[(rows["op"] == ":=") & rows["lhs"].astype(str).str.startswith("ind_")]
    ways = {indirect_name(one): " -> ".join(one.path) for one in study.questionnaire.hypotheses}
    return tables.indirect_table(
        rows.assign(path=[ways[str(name)] for name in rows["lhs"]]),
        study.questionnaire,
        draws=study.bootstrap.n_draws,
        failed=study.bootstrap.n_failed,
    )


def bootstrap(study: Study) -> Numbers | None:
    """How many samples were drawn, and in how many the model did not converge."""
    if not study.has_mediation:
        return None
    return {"draws": study.bootstrap.n_draws, "failed": study.bootstrap.n_failed}
