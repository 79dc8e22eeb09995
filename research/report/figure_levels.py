"""Levels of groups and shares of predictors, each as a point with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.errors import DataError
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.figure_estimates import estimates_figure, tidy_estimates
from research.report.labels import label_of
from research.report.nouns import Figure
from research.report.tables_invariance import group_text

if TYPE_CHECKING:
    from research.structure.group_comparison import GroupComparison
    from research.structure.relative_importance import RelativeImportance


def levels_figure(
    found: GroupComparison, questionnaire: Questionnaire | None = None, *, width: float = 120.0
) -> Figure:
    """The mean of one outcome in each group with its interval, a block a grouping question.

    `DataError` where `found` holds several outcomes, or none that is a number.
    """
    rows = found.groups[found.groups["mean"].notna()]
    outcomes = list(dict.fromkeys(str(name) for name in rows["outcome"]))
    if len(outcomes) != 1:
        raise DataError(
            f"a figure of levels shows one outcome, and there are {len(outcomes)} "
            f"({', '.join(outcomes) or 'no numbers'}); compare the groups in one."
        )
    of = label_of(outcomes[0], questionnaire)
    level = f"{100 * found.level:g}%"
    questions = [str(name) for name in rows["group"]]
    return estimates_figure(
        tidy_estimates(
            groups=[label_of(name, questionnaire) for name in questions],
            terms=[
                group_text(str(value), name, questionnaire)
                for value, name in zip(rows["level"], questions, strict=True)
            ],
            models=[{"en": ""}] * len(rows),
            values=[
                (float(mean), float(low), float(high))
                for mean, low, high in zip(rows["mean"], rows["low"], rows["high"], strict=True)
            ],
        ),
        title={"en": f"{say(of, 'en')} in the groups", "zh": f"各组的{say(of, 'zh')}水平"},
        axis={"en": f"Mean ({level} CI)", "zh": f"均值（{level} 置信区间）"},
        width=width,
        line=None,
        line_label={},
    )


def importance_figure(
    found: RelativeImportance, questionnaire: Questionnaire | None = None, *, width: float = 130.0
) -> Figure:
    """The share of each predictor in what a regression explains, most important first, with its interval."""
    rows = found.table.sort_values("share", ascending=False)
    interval: Text = {"en": "", "zh": ""}
    if rows["share_low"].notna().any():
        level = f"{100 * found.level:g}%"
        interval = {"en": f" ({level} CI)", "zh": f"（{level} 置信区间）"}
    return estimates_figure(
        tidy_estimates(
            groups=[{}] * len(rows),
            terms=[label_of(str(name), questionnaire) for name in rows["term"]],
            models=[{"en": ""}] * len(rows),
            values=[
                (float(share), float(low), float(high))
                for share, low, high in zip(rows["share"], rows["share_low"], rows["share_high"], strict=True)
            ],
        ),
        title={"en": "Relative importance of the predictors", "zh": "预测变量的相对重要性"},
        axis={
            "en": f"Share of the explained variance{interval['en']}",
            "zh": f"占已解释方差的比例{interval['zh']}",
        },
        width=width,
        line=0.0,
        line_label={},
    )
