"""A question that nobody was asked: a category derived from answers, which then counts like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from research.errors import DataError, did_you_mean
from research.questionnaire.definition import Option, Question, Text
from research.responses.nouns import Responses


def add_question(
    responses: Responses,
    name: str,
    values: Sequence[object],
    options: Mapping[str, Text],
    wording: Text,
) -> Responses:
    """The responses with a choice question `name` more, whose answers follow from others.

    `values`: the code of each respondent, in their order; None or NaN where there is none. `options`: the
    label of each code, in the order of the groups; `wording` is what tables call the question. Group
    comparisons, models and figures then take it like a background question. `DataError`: the name is
    taken, the number of values is not that of the respondents, or a value is no option.

    >>> from research.questionnaire.reader import read_questionnaire
    >>> from research.simulation.simulate import simulate
    >>> answers = simulate(read_questionnaire("questionnaires/finance_platform.yaml"), n=20)
    >>> heavy = ["often" if code in ("3", "4") else "seldom" for code in answers.frame["frequency"]]
    >>> labels = {"seldom": {"en": "seldom", "zh": "偶尔"}, "often": {"en": "often", "zh": "经常"}}
    >>> wider = add_question(answers, "use", heavy, labels, {"en": "Use", "zh": "使用情况"})
    >>> wider.questionnaire.background[-1].id
    'use'
    """
    import pandas as pd

    taken = {*responses.frame.columns, *(one.name for one in responses.questionnaire.constructs)}
    if name in taken or not name.isidentifier():
        why = "is taken already" if name in taken else "cannot be used in a model"
        raise DataError(f"'{name}' {why}; give the new question another name (letters, digits and _).")
    given = pd.Series(list(values), dtype=object)
    if len(given) != responses.n_obs:
        raise DataError(f"'{name}' has {len(given)} values for {responses.n_obs} respondents.")
    codes = given.astype(str).where(given.notna(), None)
    for code in dict.fromkeys(codes.dropna()):
        if code not in options:
            raise DataError(
                f"'{code}' of '{name}' is none of its options ({', '.join(options)})."
                f"{did_you_mean(str(code), options)}"
            )
    choices = tuple(Option(code, label) for code, label in options.items())
    question = Question(name, wording, "choice", choices, label=wording)
    asked = responses.questionnaire
    return replace(
        responses,
        frame=responses.frame.assign(**{name: codes.astype("str")}),
        questionnaire=replace(asked, background=(*asked.background, question)),
    )
