"""Hypotheses on groups: each path that is compared, with its test and, for two groups, its difference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from research.errors import ResearchError
from research.model.hypotheses import model_text
from research.questionnaire.definition import Option, Questionnaire
from research.readable import Readable
from research.responses.nouns import Responses
from research.structure.estimator_choice import EstimatorChoice
from research.structure.path_differences import PathDifferences, path_differences

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """Of one path: p of its equality over all groups; difference and interval where there are two.

    `difference` is the second group less the first (with more groups, the largest between two).
    """

    difference: float
    se: float
    low: float
    high: float
    p: float
    joint: bool


@dataclass(frozen=True, repr=False, slots=True)
class GroupPaths(Readable):
    """The comparison over one question, or the `failure` that kept it from being made."""

    model: str = ""
    n_obs: int = 0
    comparable: bool = True
    found: PathDifferences | None = field(default=None, repr=False)
    failure: str = ""

    def of(self, cause: str, outcome: str) -> GroupDifference | None:
        """The difference of the path cause -> outcome; None where it was not compared."""
        if self.found is None:
            return None
        tests = _rows(self.found.tests, cause, outcome)
        pairs = _rows(self.found.pairs, cause, outcome)
        if not len(tests) or not len(pairs):
            return None
        nan = float("nan")
        p = float(tests["p"].iloc[0])
        if len(pairs) == 1:
            row = pairs.iloc[0]
            low, high = -float(row["high"]), -float(row["low"])
            return GroupDifference(-float(row["difference"]), float(row["se"]), low, high, p, joint=False)
        largest = float(pairs["difference"].abs().max())
        return GroupDifference(largest, nan, nan, nan, p, joint=True)


def group_paths(responses: Responses, choice: EstimatorChoice) -> dict[str, GroupPaths]:
    """One comparison for every question that a hypothesis compares groups by (`… by question`).

    Estimated as `choice` says; where ordered categories cannot be compared (one is missing in a group) by
    maximum likelihood with robust errors. Nothing is raised: a `failure` says why there is no comparison.
    """
    questionnaire = responses.questionnaire
    asked: dict[str, dict[str, None]] = {}
    for hypothesis in questionnaire.hypotheses:
        if hypothesis.kind == "group":
            path = f"{hypothesis.path[-1]} ~ {hypothesis.path[-2]}"
            asked.setdefault(str(hypothesis.group), {})[path] = None
    return {
        question: _compared(responses, choice, question, tuple(paths)) for question, paths in asked.items()
    }


def _compared(
    responses: Responses, choice: EstimatorChoice, question: str, paths: tuple[str, ...]
) -> GroupPaths:
    attempts = [choice.chosen]
    if choice.chosen.estimator == "WLSMV" and choice.other is not None:
        attempts.append(choice.other)
    failure = ""
    text = model_text(responses.questionnaire, controls=(), labelled=False)
    frame = _labelled(responses, question)
    for way in attempts:
        try:
            found = path_differences(text, frame, group=question, paths=paths, **way.options)
        except ResearchError as error:
            failure = str(error)
            continue
        return GroupPaths(f"SEM {way.estimator}", found.fit.n_obs, found.comparable, found)
    return GroupPaths(failure=failure)


def _labelled(responses: Responses, question: str) -> pd.DataFrame:
    """The answers in the order of the options, so that the first option is the reference; others left out."""
    codes = [option.value for option in _options(responses.questionnaire, question)]
    place = {code: at for at, code in enumerate(codes)}
    frame = responses.frame[responses.frame[question].isin(codes)]
    order = frame[question].map(place).to_numpy().argsort(kind="stable")
    return frame.iloc[order].reset_index(drop=True)


def _options(questionnaire: Questionnaire, question: str) -> tuple[Option, ...]:
    return next(one.options for one in questionnaire.background if one.id == question)


def _rows(frame: pd.DataFrame, cause: str, outcome: str) -> pd.DataFrame:
    return frame[(frame["lhs"] == outcome) & (frame["rhs"] == cause)]
