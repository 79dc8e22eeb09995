"""Whether the way of asking could have made the answers agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.errors import ResearchError
from research.report import tables

if TYPE_CHECKING:
    from research.report.nouns import Table
    from research.study import Study


def method_bias(study: Study) -> Table | None:
    """Tests of common method bias that need no marker, each with what it shows and what it cannot.

    None where there are too few items or complete rows for any of them.
    """
    from research.measurement.method_bias import method_bias as tests_of

    blocks = study.questionnaire.item_columns()
    try:
        found = tests_of(study.responses, blocks, tests=("harman", "single_factor", "method_factor", "vif"))
    except ResearchError:
        return None
    items = [item for columns in blocks.values() for item in columns]
    complete = int(study.responses.frame[items].notna().all(axis=1).sum())
    return tables.method_bias_table(found, study.questionnaire, n_obs=complete) if found.readings else None
