"""The packaged analysis: what a survey paper of this field shows, each artefact by one function of the study.

A notebook calls the same functions cell by cell; a build without one calls all of `STANDARD` in order.
A function returns None where its artefact does not apply, and the paper then has no such table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from research.errors import OptionError
from research.model.hypotheses import indirect_name
from research.report import tables
from research.report.key_numbers import (
    construct_numbers,
    htmt_numbers,
    latent_numbers,
    loading_numbers,
    path_numbers,
    term_numbers,
)

if TYPE_CHECKING:
    import pandas as pd

    from research.report.nouns import Figure, Table
    from research.study import Study

Numbers = Mapping[str, object]


def sample(study: Study) -> Numbers:
    """How many answered, how many are analysed, and how many of these the measurement model rests on."""
    raw, kept, complete = study.raw.n_obs, study.responses.n_obs, int(study.cfa.measures()["ntotal"])
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
    return tables.instrument_table(study.questionnaire)


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


def constructs(study: Study) -> Numbers:
    """Every coefficient of every construct: `{{constructs.Loyalty.alpha}}`."""
    return construct_numbers(study.reliability, explained(study))


def loadings(study: Study) -> Table:
    """Standardized loadings of the measurement model."""
    return tables.loadings_table(study.cfa.standardized(), study.questionnaire)


def fornell_larcker(study: Study) -> Table | None:
    """Square roots of AVE on the diagonal, construct correlations below it."""
    from research.measurement.validity import fornell_larcker as criterion

    blocks = study.questionnaire.item_columns()
    if len(blocks) < 2:
        return None
    ave = study.reliability.set_index("construct")["ave"]
    return tables.fornell_larcker_table(
        criterion(study.responses, blocks),
        {str(name): float(value) for name, value in ave.items()},
        study.questionnaire,
    )


def htmt(study: Study) -> Table | None:
    """Heterotrait-monotrait ratios of the constructs that have two items or more."""
    ratios = _ratios(study)
    return None if ratios is None else tables.htmt_table(ratios, study.questionnaire)


def htmt_range(study: Study) -> Numbers | None:
    """The highest ratio, the pair it belongs to, and how many exceed the rule of thumb."""
    ratios = _ratios(study)
    return None if ratios is None else htmt_numbers(ratios, study.questionnaire)


def _ratios(study: Study) -> pd.DataFrame | None:
    from research.measurement.validity import htmt as ratios

    blocks = {name: items for name, items in study.questionnaire.item_columns().items() if len(items) > 1}
    return ratios(study.responses, blocks) if len(blocks) > 1 else None


def fit(study: Study) -> Table:
    """Fit measures of the measurement and the structural model, side by side."""
    return tables.fit_table({"cfa": study.cfa.measures(), "sem": study.sem.measures()})


def fit_cfa(study: Study) -> Numbers:
    """Fit measures of the measurement model."""
    return study.cfa.measures()


def fit_sem(study: Study) -> Numbers:
    """Fit measures of the structural model."""
    return study.sem.measures()


def admissible(study: Study) -> Numbers:
    """1 where a model's solution is proper: no negative variance, covariance matrices positive definite."""
    return {"cfa": int(study.cfa.admissible), "sem": int(study.sem.admissible)}


def path(study: Study) -> Numbers:
    """Every structural path: `{{path.Image_Loyalty.beta}}`."""
    return path_numbers(study.sem.tidy())


def term(study: Study) -> Numbers | None:
    """Every coefficient of the regressions on scale scores: `{{term.Image_Loyalty.b}}`."""
    return term_numbers(study.regressions.tidy()) if study.regressions.by_outcome else None


def paths(study: Study) -> Table:
    """Structural paths: b, SE, standardized, z, p, interval, and R² of each outcome."""
    return tables.paths_table(study.sem.tidy(), study.questionnaire, r_squared=explained(study))


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


def regression(study: Study) -> Table | None:
    """Every outcome regressed on its predictors' scale scores, with robust errors and VIF."""
    if not study.regressions.by_outcome:
        return None
    steps = study.regressions.steps()
    return tables.outcomes_table(
        study.regressions.tidy(),
        study.questionnaire,
        cov_type=study.regressions.cov_type,
        n_obs=dict(zip(steps["outcome"].astype(str), steps["n_obs"].astype(float), strict=True)),
    )


def steps(study: Study) -> Table | None:
    """R² and its change, step by step, where a regression has more than one step."""
    frame = study.regressions.steps()
    if not len(frame) or int(frame["step"].max()) < 2:
        return None
    return tables.steps_table(frame, study.questionnaire)


def verdicts(study: Study) -> Table:
    """Each hypothesis, its estimate, interval and p, supported or not, and by which model."""
    return tables.verdict_table(study.verdicts, study.questionnaire)


def hypotheses(study: Study) -> Numbers:
    """How many hypotheses there are and how many came out in each way."""
    counts = study.verdicts["verdict"].value_counts()
    ways = {"supported": "supported", "not_supported": "not supported"}
    ways |= {"opposite": "opposite sign", "not_tested": "not tested"}
    return {"n": len(study.verdicts)} | {name: int(counts.get(way, 0)) for name, way in ways.items()}


def witness(study: Study) -> Numbers:
    """How far semopy's estimates of the measurement model lie from ours."""
    found = study.cfa.verify()
    return {
        "largest": found.largest,
        "parameter": found.parameter,
        "in_se": found.in_se,
        "chisq": found.chisq_deviation,
        "n": found.n_compared,
        "version": found.version,
        "sentence": {"en": found.sentence("en"), "zh": found.sentence("zh")},
    }


def likert(study: Study) -> Figure:
    """How the answers are distributed over the points of the scale."""
    from research.report.figure_likert import likert_figure

    return likert_figure(study.responses.frame, study.questionnaire)


def correlation_map(study: Study) -> Figure:
    """Correlations of all items, framed by construct."""
    from research.measurement.correlations import correlations as correlate
    from research.report.figure_correlations import correlation_figure

    ids = [item.id for item in study.questionnaire.items]
    return correlation_figure(correlate(study.responses, ids).r, study.questionnaire)


def loading(study: Study) -> Numbers:
    """Every standardized loading: `{{loading.CUSL2}}`."""
    return loading_numbers(study.cfa.standardized())


def latent(study: Study) -> Numbers | None:
    """Correlations of the latent variables: `{{latent.Quality_Satisfaction}}`."""
    names = [construct.name for construct in study.questionnaire.constructs]
    return latent_numbers(study.cfa.standardized(), names) or None


def loadings_plot(study: Study) -> Figure:
    """Standardized loadings with their intervals."""
    from research.report.figure_estimates import loadings_figure

    return loadings_figure(study.cfa.standardized(), study.questionnaire)


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


STANDARD: Mapping[str, Callable[[Study], Table | Figure | Numbers | None]] = {
    "sample": sample,
    "instrument": instrument,
    "profile": profile,
    "screening": screening,
    "descriptives": descriptives,
    "likert": likert,
    "correlations": correlations,
    "correlation_map": correlation_map,
    "reliability": reliability,
    "reliability_range": reliability_range,
    "constructs": constructs,
    "loadings": loadings,
    "loading": loading,
    "latent": latent,
    "loadings_plot": loadings_plot,
    "fornell_larcker": fornell_larcker,
    "htmt": htmt,
    "htmt_range": htmt_range,
    "fit": fit,
    "fit_cfa": fit_cfa,
    "fit_sem": fit_sem,
    "admissible": admissible,
    "paths": paths,
    "path": path,
    "path_diagram": path_diagram,
    "coefficients": coefficients,
    "indirect": indirect,
    "bootstrap": bootstrap,
    "regression": regression,
    "term": term,
    "steps": steps,
    "verdicts": verdicts,
    "hypotheses": hypotheses,
    "witness": witness,
}
