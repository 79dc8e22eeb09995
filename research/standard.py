"""The packaged analysis: what a survey paper of this field shows, each artefact by one function of the study.

A notebook calls the same functions cell by cell; a build without a notebook calls all of `STANDARD`
in order. A function returns None where its artefact does not apply (no mediated hypothesis, no
background question), and the paper then has no such table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from research.questionnaire.definition import Text
from research.report import tables

if TYPE_CHECKING:
    import pandas as pd

    from research.report.nouns import Figure, Table
    from research.study import Study

Numbers = Mapping[str, float | int | str | Text]


def sample(study: Study) -> Numbers:
    """How many answered, how many are analysed, and where the answers come from."""
    raw, kept = study.raw.n_obs, study.responses.n_obs
    return {
        "n_raw": raw,
        "n": kept,
        "n_dropped": raw - kept,
        "n_items": len(study.questionnaire.items),
        "n_constructs": len(study.questionnaire.constructs),
        "findings": len(study.raw.findings),
    }


def instrument(study: Study) -> Table:
    """Every item with its wording, by construct."""
    return tables.instrument_table(study.questionnaire)


def profile(study: Study) -> Table | None:
    """Counts and shares of the background questions."""
    return tables.sample_table(study.responses) if study.questionnaire.background else None


def screening(study: Study) -> Table:
    """Each rule with n before and after."""
    return tables.screening_table(study.screened.table)


def descriptives(study: Study) -> Table:
    """Mean, SD, skewness, kurtosis and missing answers of each item."""
    from research.responses.describe import describe

    return tables.descriptives_table(describe(study.responses), study.questionnaire)


def correlations(study: Study) -> Table:
    """Correlations of the scale scores, with alpha on the diagonal."""
    return tables.correlation_table(score_correlations(study), study.questionnaire)


def reliability(study: Study) -> Table:
    """Alpha with its interval, omega, composite reliability and average variance extracted."""
    return tables.reliability_table(study.reliability, study.questionnaire)


def reliability_range(study: Study) -> Numbers:
    """The lowest and highest coefficient over the constructs, which the text quotes."""
    frame = study.reliability
    return {
        f"{name}_{edge}": float(getattr(frame[name], edge)())
        for name in ("alpha", "omega_total", "cr", "ave")
        for edge in ("min", "max")
        if frame[name].notna().any()
    }


def loadings(study: Study) -> Table:
    """Standardized loadings of the measurement model."""
    return tables.loadings_table(study.cfa.standardized(), study.questionnaire)


def fornell_larcker(study: Study) -> Table:
    """Square roots of AVE on the diagonal, construct correlations below it."""
    from research.measurement.validity import fornell_larcker as criterion

    return tables.fornell_larcker_table(
        criterion(study.responses, study.questionnaire.item_columns()), study.questionnaire
    )


def htmt(study: Study) -> Table:
    """Heterotrait-monotrait ratios."""
    from research.measurement.validity import htmt as ratios

    return tables.htmt_table(ratios(study.responses, study.questionnaire.item_columns()), study.questionnaire)


def fit(study: Study) -> Table:
    """Fit measures of the measurement and the structural model, side by side."""
    return tables.fit_table({"cfa": study.cfa.measures(), "sem": study.sem.measures()})


def fit_cfa(study: Study) -> Numbers:
    """Fit measures of the measurement model."""
    return study.cfa.measures()


def fit_sem(study: Study) -> Numbers:
    """Fit measures of the structural model."""
    return study.sem.measures()


def score_correlations(study: Study) -> pd.DataFrame:
    """Pearson correlations of the scale scores over complete pairs."""
    from research.responses.scores import scale_scores

    return scale_scores(study.responses).corr()


def paths(study: Study) -> Table:
    """Structural paths: b, SE, standardized, z, p, interval, and R² of each outcome."""
    return tables.paths_table(
        study.sem.tidy(), study.questionnaire, r_squared=explained(study)
    )


def explained(study: Study) -> dict[str, float]:
    """R² of each construct that others explain."""
    frame = study.sem.r_squared()
    constructs = {construct.name for construct in study.questionnaire.constructs}
    named = zip(frame["name"], frame["r2"], strict=True)
    return {str(name): float(value) for name, value in named if name in constructs}
