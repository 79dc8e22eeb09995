"""Who answered, what they answered, and how their answers hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.report import tables

if TYPE_CHECKING:
    from research.report.nouns import Figure, Numbers, Table
    from research.study import Study


def sample(study: Study) -> Numbers:
    """How many answered, how many are analysed, and how many of these answered every item."""
    raw, kept = study.raw.n_obs, study.responses.n_obs
    items = [item.id for item in study.questionnaire.items]
    complete = int(study.responses.frame[items].notna().all(axis=1).sum())
    return {
        "n_raw": raw,
        "n": kept,
        "n_dropped": raw - kept,
        "n_complete": complete,
        "n_incomplete": kept - complete,
        "n_items": len(study.questionnaire.items),
        "n_constructs": len(study.questionnaire.constructs),
        "findings": len(study.raw.findings),
    }


def instrument(study: Study) -> Table:
    """Every item with its wording, by construct."""
    file = study.beside(study.questionnaire.bibliography)
    bibliography = file.read_text(encoding="utf-8-sig") if file and file.is_file() else ""
    return tables.instrument_table(study.questionnaire, bibliography)


def profile(study: Study) -> Table | None:
    """Counts and shares of the background questions."""
    return tables.sample_table(study.responses) if study.questionnaire.background else None


def screening(study: Study) -> Table:
    """Each rule with n before and after, and what it asks."""
    return tables.screening_table(study.screened.table, study.screened.notes)


def descriptives(study: Study) -> Table:
    """Mean, SD, skewness, kurtosis and missing answers of each item."""
    from research.responses.describe import describe

    return tables.descriptives_table(describe(study.responses), study.questionnaire)


def likert(study: Study) -> Figure:
    """How the answers are distributed over the points of the scale."""
    from research.report.figure_likert import likert_figure

    return likert_figure(study.responses.frame, study.questionnaire)


def correlations(study: Study) -> Table:
    """Correlations of the scale scores, with alpha on the diagonal."""
    from research.measurement.correlations import correlations as correlate
    from research.responses.scores import scale_scores

    scores = scale_scores(study.responses)
    found = correlate(scores)
    pairs = found.tidy()["n"]
    alpha = study.reliability.set_index("construct")["alpha"].dropna()
    return tables.correlation_table(
        found.r,
        study.questionnaire,
        p=found.p,
        diagonal={str(name): float(value) for name, value in alpha.items()},
        means={str(name): float(value) for name, value in scores.mean().items()},
        sds={str(name): float(value) for name, value in scores.std().items()},
        n_obs=(float(pairs.min()), float(pairs.max())) if len(pairs) else None,
    )


def correlation_map(study: Study) -> Figure:
    """Correlations of all items, framed by construct."""
    from research.measurement.correlations import correlations as correlate
    from research.report.figure_correlations import correlation_figure

    ids = [item.id for item in study.questionnaire.items]
    return correlation_figure(correlate(study.responses, ids).r, study.questionnaire)
