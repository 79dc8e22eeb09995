"""The regressions on scale scores, the verdict on each hypothesis, and the outside witness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.report import tables
from research.report.key_numbers import term_numbers

if TYPE_CHECKING:
    from research.report.nouns import Numbers, Table
    from research.study import Study


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


def term(study: Study) -> Numbers | None:
    """Every coefficient of the regressions on scale scores: `{{term.Image_Loyalty.b}}`."""
    return term_numbers(study.regressions.tidy()) if study.regressions.by_outcome else None


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


def witness(study: Study) -> Numbers | None:
    """How far semopy's estimates of the measurement model lie from ours, by maximum likelihood.

    semopy has neither ordered nor incomplete answers: those models are compared on complete rows, as numbers
    (`plain` is 1 then). None where that model has no solution.
    """
    from research.errors import ResearchError
    from research.estimation.run import cfa
    from research.model.hypotheses import measurement_text

    way = study.estimator.chosen
    plain = bool(way.ordered) or way.missing != "listwise"
    try:
        fit = cfa(measurement_text(study.questionnaire), study.responses) if plain else study.cfa
        found = fit.verify()
    except ResearchError:
        return None
    return {
        "largest": found.largest,
        "parameter": found.parameter,
        "in_se": found.in_se,
        "chisq": found.chisq_deviation,
        "n": found.n_compared,
        "plain": int(plain),
        "version": found.version,
        "sentence": {"en": found.sentence("en"), "zh": found.sentence("zh")},
    }
