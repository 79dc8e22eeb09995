"""What is computed from generated responses says so, in every file it becomes and wherever it is pasted."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from research.questionnaire.definition import Text
from research.report.nouns import Figure, Table
from research.report.segment_words import SIMULATED_DATA

SIMULATED_NOTE: Text = {
    "en": "Simulated data: computed from generated responses, not from respondents.",
    "zh": "模拟数据：由生成的作答计算得出，并非来自真实受访者。",
}

Shown = TypeVar("Shown")


def marked(shown: Shown) -> Shown:
    """A table or figure with the note that its data are simulated, once; anything else as it is."""
    if isinstance(shown, (Table, Figure)):
        return replace(shown, notes=(*_others(shown), SIMULATED_NOTE))
    return shown


def unmarked(shown: Shown) -> Shown:
    """Without that note: a document sets it in type of its own. What was not `marked` stays as it is."""
    if isinstance(shown, (Table, Figure)) and SIMULATED_NOTE in shown.notes:
        return replace(shown, notes=_others(shown))
    return shown


def _others(shown: Table | Figure) -> tuple[Text, ...]:
    return tuple(note for note in shown.notes if note not in (SIMULATED_NOTE, SIMULATED_DATA))
