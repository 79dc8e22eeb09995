"""Which estimator fits the answers: ordered categories or numbers, every answer or complete rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from research.errors import OptionError
from research.questionnaire.definition import Analysis, Text
from research.responses.describe import skewness
from research.responses.nouns import Responses

# Rhemtulla, Brosseau-Liard & Savalei (2012): with five categories or fewer treat answers as ordered.
MOST_POINTS = 5
# West, Finch & Curran (1995): beyond |2| the skewness of an item harms normal-theory estimates.
MOST_SKEWNESS = 2.0
# Points up to which a skewed item is still taken as ordered: each needs answers for its threshold.
MOST_SKEWED_POINTS = 7
# Flora & Curran (2004): with 100 respondents robust weighted least squares fails in larger models.
FEWEST_ORDINAL = 200


@dataclass(frozen=True, slots=True)
class Estimation:
    """What `research.cfa` and `research.sem` are told: estimator, missing, and the items that are ordered."""

    estimator: str
    missing: str
    ordered: tuple[str, ...] = ()

    @property
    def options(self) -> dict[str, Any]:
        """The options of `research.cfa` and `research.sem`.

        Covariates that are held fixed do not go with pairwise correlations of ordered answers: they are
        variables like the others there.
        """
        found: dict[str, Any] = {"estimator": self.estimator, "missing": self.missing}
        if self.ordered:
            found["ordered"] = self.ordered
        if self.missing == "pairwise":
            found["fixed_x"] = False
        return found


@dataclass(frozen=True, slots=True)
class EstimatorChoice:
    """How the models are estimated, why, and the `other` way that the robustness table prints beside it.

    `other` is None where the answers can be taken in one way only.
    """

    chosen: Estimation
    other: Estimation | None
    reason: Text


def choose_estimator(responses: Responses, analysis: Analysis | None = None) -> EstimatorChoice:
    """The estimator that `analysis` (default: the questionnaire's) names, or with `auto` by these rules.

    WLSMV where any item has five points or fewer, or is skewed beyond |2| with seven points or fewer, and
    200 or more answered: those items are ordered, the others stay numbers. Else MLR, maximum likelihood with
    robust errors and test (Yuan & Bentler 2000). `missing` auto: full-information maximum likelihood where an
    answer is missing, pairwise correlations with WLSMV.

    `OptionError`: WLSMV is asked for and no item can be ordered; fiml is asked for with WLSMV.
    """
    wanted = analysis or responses.questionnaire.analysis
    few, skewed = _candidates(responses)
    ordered = tuple(dict.fromkeys([*few, *skewed]))
    estimator, reason = wanted.estimator, _DECLARED
    if estimator == "auto":
        if not ordered:
            estimator, reason = "MLR", _NUMBERS
        elif responses.n_obs < FEWEST_ORDINAL:
            estimator, reason = "MLR", _FEW_ROWS
        else:
            estimator, reason = "WLSMV", _FEW_POINTS if few else _SKEWED
    if estimator == "WLSMV" and not ordered:
        ordered = _all_within(responses, MOST_SKEWED_POINTS)
        if not ordered:
            raise OptionError(
                "analysis: estimator WLSMV treats answers as ordered categories, but every item has more "
                f"than {MOST_SKEWED_POINTS} points. Take MLR, or leave `estimator` out."
            )
    items = [item.id for item in responses.questionnaire.items]
    whole = not bool(responses.frame[items].isna().any().any())
    categories = ordered or _all_within(responses, MOST_SKEWED_POINTS)
    other: Estimation | None = None
    if estimator == "WLSMV":
        other = _estimation("MLR", "auto" if wanted.missing == "fiml" else wanted.missing, (), whole)
    elif categories:
        other = _estimation("WLSMV", "auto", categories, whole)
    count = len(few) or len(skewed)
    words = {
        "items": f"{count} item{'s' if count != 1 else ''}",
        "has": "has" if count == 1 else "have",
        "are": "is" if count == 1 else "are",
        "their": "its" if count == 1 else "their",
    }
    filled = {
        lang: text.format(count=count, n=responses.n_obs, estimator=estimator, **words)
        for lang, text in reason.items()
    }
    return EstimatorChoice(_estimation(estimator, wanted.missing, ordered, whole), other, filled)


def _candidates(responses: Responses) -> tuple[list[str], list[str]]:
    """Items with few points, and items with more that are strongly skewed."""
    scales = responses.questionnaire.scales
    few, skewed = [], []
    for item in responses.questionnaire.items:
        points = len(scales[item.scale].points)
        answers = responses.frame[item.id].to_numpy(dtype=np.float64)
        answers = answers[np.isfinite(answers)]
        if points <= MOST_POINTS:
            few.append(item.id)
        elif points <= MOST_SKEWED_POINTS and len(answers) > 2 and abs(skewness(answers)) > MOST_SKEWNESS:
            skewed.append(item.id)
    return few, skewed


def _all_within(responses: Responses, points: int) -> tuple[str, ...]:
    scales = responses.questionnaire.scales
    return tuple(
        item.id for item in responses.questionnaire.items if len(scales[item.scale].points) <= points
    )


def _estimation(estimator: str, missing: str, ordered: tuple[str, ...], whole: bool) -> Estimation:
    if estimator != "WLSMV":
        return Estimation(estimator, "listwise" if whole or missing == "listwise" else "fiml")
    if missing == "fiml":
        raise OptionError(
            "analysis: missing fiml is maximum likelihood and does not go with WLSMV. "
            "Write estimator: MLR, or missing: auto (pairwise)."
        )
    return Estimation("WLSMV", "listwise" if whole or missing == "listwise" else "pairwise", ordered)


_DECLARED: Text = {
    "en": "The questionnaire file asks for {estimator}.",
    "zh": "问卷文件指定使用 {estimator}。",
}
_NUMBERS: Text = {
    "en": "Every item has six points or more and none is strongly skewed: answers are treated as numbers.",
    "zh": "各题项均为六点及以上计分，且无严重偏态，故按连续变量处理。",
}
_FEW_ROWS: Text = {
    "en": "Items have few points or are skewed, but {n} respondents are too few for weighted least squares: "
    "answers are treated as numbers, with robust standard errors.",
    "zh": "部分题项计分点少或偏态明显，但样本量（{n}）不足以使用加权最小二乘估计，"
    "故按连续变量处理并采用稳健标准误。",
}
_FEW_POINTS: Text = {
    "en": "{items} {has} five points or fewer: {their} answers are treated as ordered categories.",
    "zh": "{count} 个题项为五点及以下计分，故按有序类别变量处理。",
}
_SKEWED: Text = {
    "en": "{items} {are} strongly skewed: {their} answers are treated as ordered categories.",
    "zh": "{count} 个题项偏态严重，故按有序类别变量处理。",
}
