"""Every construct by every background question: the table of differences of a thesis."""

from __future__ import annotations

from collections.abc import Sequence

from research.errors import DataError, ResearchError
from research.questionnaire.definition import Questionnaire
from research.responses.nouns import Responses
from research.structure.group_comparison import GroupComparison, PostHoc, collect
from research.structure.group_samples import Samples, kind_of, read_samples
from research.structure.group_tests import Outcome, Test, Variances, check_test_options, run_test
from research.structure.scores import regression_frame


def group_differences(
    responses: Responses,
    by: Sequence[str] | None = None,
    constructs: Sequence[str] | None = None,
    *,
    test: Test = "auto",
    variances: Variances = "unequal",
    post_hoc: PostHoc = "auto",
    smallest: int = 2,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 1,
) -> GroupComparison:
    """Compare the scale scores of all constructs between the answers to each background question.

    `by`: questions, or columns of the frame (`uses_pay`, an option of a question with several answers); None:
    every question with one choice, and the `groups` of the file. `constructs`: None for all. Tests, effect
    sizes and comparisons of pairs as in `compare_groups`; Holm's adjustment runs over the constructs of one
    question. A group of fewer than `smallest` respondents is left out, which a note says; what cannot be
    compared at all is in `failures`. DataError where nothing can.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.group_differences(answers, ["channel"]).tests
    >>> found["outcome"].tolist(), found["test"].unique().tolist(), found["p_holm"].round(2).tolist()
    (['quality', 'trust', 'satisfaction', 'loyalty'], ['welch'], [0.77, 0.7, 0.7, 0.77])
    """
    check_test_options(test, variances, level)
    if not isinstance(responses, Responses):
        raise DataError("group_differences() takes Responses; for a data frame use compare_groups().")
    asked, frame = responses.questionnaire, regression_frame(responses)
    questions = _questions(asked) if by is None else [by] if isinstance(by, str) else list(dict.fromkeys(by))
    if not questions:
        raise DataError(f"{asked.name} has no background question with one choice; name columns in `by`.")
    names = [c.name for c in asked.constructs] if constructs is None else list(dict.fromkeys(constructs))
    done: list[Outcome] = []
    notes: list[str] = []
    failures: list[tuple[str, str, str]] = []
    for question in questions:
        for name in names:
            kind = kind_of(name, frame, asked)
            try:
                samples, said = read_samples(frame, name, question, kind, asked, smallest, leave_out=True)
                done.append(run_test(samples, test, variances, level=level, draws=draws, seed=seed))
            except ResearchError as error:
                failures.append((name, question, str(error)))
                continue
            notes += [*_left_out(said, samples), *done[-1].notes]
        notes += _missing(question, [one.samples for one in done], len(frame))
    if not done:
        raise DataError(f"no comparison was possible: {failures[0][2]}")
    return collect(done, tuple(notes), post_hoc, level, tuple(failures))


def _questions(asked: Questionnaire) -> list[str]:
    choices = [question.id for question in asked.background if question.kind == "choice" and question.options]
    return list(dict.fromkeys([*asked.groups, *choices]))


def _left_out(said: Sequence[str], samples: Samples) -> list[str]:
    """Groups left out, without the construct's name: the same for all is said once."""
    head = f"{samples.outcome} by {samples.group}: "
    return [note.replace(head, f"{samples.group}: ") for note in said if "is left out" in note]


def _missing(question: str, done: Sequence[Samples], n_rows: int) -> list[str]:
    """How many rows the comparisons by one question lack, fewest to most."""
    missing = [samples.n_missing for samples in done if samples.group == question]
    if not missing or not max(missing):
        return []
    count = f"{min(missing)} to {max(missing)}" if min(missing) < max(missing) else f"{missing[0]}"
    return [f"{question}: {count} of {n_rows} rows miss the score or the group, depending on the construct."]
