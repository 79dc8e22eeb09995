"""Answers of invented customers, to try every function on before there are answers of one's own."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from research.questionnaire.reader import parse_questionnaire
from research.questionnaire.template import new_questionnaire
from research.simulation.simulate import simulate

if TYPE_CHECKING:
    from research.questionnaire.definition import Questionnaire
    from research.responses.nouns import Responses


def example_responses(n: int = 300, seed: int = 1) -> Responses:
    """Simulated answers of `n` customers to the questionnaire that `python -m research new` starts from.

    Twelve items of five points measure `quality`, `trust`, `satisfaction` and `loyalty`, three each
    (quality1, quality2 …; trust3 is reverse-keyed, and turned); background questions are `gender`, `age` and
    `channel`. A few answers are missing, a few respondents careless. `OptionError`: `n` or `seed` that is no
    whole number in range.

    >>> import research
    >>> answers = research.example_responses()
    >>> answers.frame.shape, answers.questionnaire.item_columns()["trust"]
    ((300, 18), ['trust1', 'trust2', 'trust3'])
    """
    drawn = _drawn(n, seed)
    return replace(drawn, frame=drawn.frame.copy())


@lru_cache(maxsize=4)
def _drawn(n: int, seed: int) -> Responses:
    return simulate(_questionnaire(), n, seed)


@lru_cache(maxsize=1)
def _questionnaire() -> Questionnaire:
    return parse_questionnaire(new_questionnaire("example").encode(), "example.yaml")
