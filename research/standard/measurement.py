"""More about the scales, for the studies that ask for it: it takes longer or fills an appendix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.errors import ResearchError
from research.report import tables

if TYPE_CHECKING:
    from research.report.nouns import Table
    from research.study import Study


def item_analysis(study: Study) -> Table | None:
    """Each item's distribution, discrimination, correlation with the rest, and loading."""
    frame = study.measurement.items
    return None if frame is None else tables.item_analysis_table(frame, study.questionnaire)


def htmt_intervals(study: Study) -> Table | None:
    """Heterotrait-monotrait ratios with bootstrap intervals, as many draws as the study asks for."""
    frame = study.measurement.validity.intervals
    return None if frame is None else tables.htmt_intervals_table(frame, study.questionnaire)


def method_factor(study: Study) -> Table | None:
    """The measurement model with a factor of the method beside the constructs."""
    found = study.measurement.method_bias
    if found is None or found.method_factor is None:
        return None
    return tables.method_factor_table(found.method_factor)


def scorecard(study: Study) -> Table | None:
    """The numbers about the scales that miss their rule of thumb, and how many meet it."""
    try:
        verdicts = study.measurement.verdicts
    except ResearchError:
        return None
    return tables.scorecard_table(verdicts, study.questionnaire, only_missed=True)
