"""Who differs from whom: moderated paths, and paths compared between groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.errors import ResearchError
from research.report import tables

if TYPE_CHECKING:
    import pandas as pd

    from research.questionnaire.definition import Hypothesis
    from research.report.nouns import Figure, Numbers, Table
    from research.structure.group_paths import GroupPaths
    from research.study import Study


def moderation(study: Study) -> Table | None:
    """Each moderated path twice: as a latent product, and as a product of scale scores."""
    moderated = _moderated(study)
    if not moderated:
        return None
    return tables.moderation_table(_both(study, moderated), study.questionnaire, study.moderations)


def moderation_numbers(study: Study) -> Numbers | None:
    """How many hypotheses are moderated, and how many of them were tested on latent variables."""
    moderated = _moderated(study)
    if not moderated:
        return None
    latent = sum(not found.failure for found in study.moderations.values())
    return {"n": len(moderated), "latent": latent}


def simple_slopes(study: Study) -> Figure | None:
    """The strongest moderated path (largest |β|) at low, middle and high values of its moderator."""
    from research.report.figure_moderation import moderation_figure
    from research.responses.scores import scale_scores
    from research.structure.process import process

    verdicts = study.verdicts[study.verdicts["kind"] == "moderated"]
    verdicts = verdicts[verdicts["std_estimate"].notna()]
    if not len(verdicts):
        return None
    strongest = str(verdicts["id"].iloc[int(verdicts["std_estimate"].abs().to_numpy().argmax())])
    one = next(each for each in study.questionnaire.hypotheses if each.id == strongest)
    moderator = str(one.moderator)
    scores = scale_scores(study.responses)
    if moderator not in scores:
        scores = scores.assign(**{moderator: study.responses.frame[moderator]})
    try:
        found = process(
            scores, model=1, x=one.path[-2], y=one.path[-1], w=moderator, cov_type="HC3", bootstrap=0
        )
    except ResearchError:
        return None
    values = [float(value) for value in scores[moderator].dropna()]
    return moderation_figure(found.predictions(), values, study.questionnaire)


def group_invariance(study: Study) -> Table | None:
    """Whether loadings are equal over the groups whose paths the hypotheses compare."""
    named = _compared(study)
    if named is None or named[1].found is None:
        return None
    question, found = named[0], named[1].found.invariance
    return tables.invariance_table(
        found.steps, study.questionnaire, group=question, cutoffs=found.cutoffs, partial=found.partial
    )


def path_differences(study: Study) -> Table | None:
    """The paths that hypotheses compare between groups, group by group, with the test of their equality."""
    named = _compared(study)
    if named is None or named[1].found is None:
        return None
    question, paths = named
    found = named[1].found
    return tables.path_differences_table(
        found.tests, found.estimates, study.questionnaire, group=question, comparable=paths.comparable
    )


def group_differences(study: Study) -> Table | None:
    """Mean scores of everything that a hypothesis leads to, between the groups that the file names."""
    from research.structure.group_differences import group_differences as differences

    asked = study.questionnaire
    outcomes = dict.fromkeys(one.path[-1] for one in asked.hypotheses)
    if not asked.groups or not outcomes:
        return None
    try:
        found = differences(study.responses, by=asked.groups, constructs=list(outcomes))
    except ResearchError:
        return None
    return tables.comparison_table(found, asked)


def _compared(study: Study) -> tuple[str, GroupPaths] | None:
    """The first question whose groups could be compared."""
    return next(((name, one) for name, one in study.group_paths.items() if not one.failure), None)


def _moderated(study: Study) -> list[Hypothesis]:
    return [one for one in study.questionnaire.hypotheses if one.kind == "moderated"]


def _both(study: Study, moderated: list[Hypothesis]) -> pd.DataFrame:
    """One row a moderated hypothesis and model: `id path moderator outcome model estimate … delta_r2`."""
    import pandas as pd

    from research.structure.verdicts import verdict_table

    scores = verdict_table(study.questionnaire, regressions=study.regressions)
    frames = pd.concat([study.verdicts, scores[scores["kind"] == "moderated"]], ignore_index=True)
    rows = frames[frames["kind"] == "moderated"].drop_duplicates(["id", "model"])
    by_id = {one.id: one for one in moderated}
    rows = rows.assign(
        source=[by_id[str(key)].path[-2] for key in rows["id"]],
        outcome=[by_id[str(key)].path[-1] for key in rows["id"]],
        moderator=[str(by_id[str(key)].moderator) for key in rows["id"]],
        place=[list(by_id).index(str(key)) for key in rows["id"]],
    )
    return rows.sort_values("place", kind="stable").reset_index(drop=True)
