"""The structural model under other choices: estimator, missing answers, exclusions, control variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from research.errors import ResearchError
from research.estimation.run import sem
from research.model.hypotheses import model_text
from research.questionnaire.definition import Text
from research.responses.nouns import Responses
from research.structure.estimator_choice import Estimation, EstimatorChoice

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit


@dataclass(frozen=True, slots=True)
class Specification:
    """One way of estimating the same paths; `failure` says why it gave nothing."""

    name: str
    label: Text
    n_obs: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Robustness:
    """`paths`: one row a path, `lhs rhs`, then for each specification `NAME` (standardized) and `p_NAME`.

    `changed`: paths that are significant (p < .05) in the first specification and not in another, or the
    other way round, or that change sign, as (lhs, rhs, specification).
    """

    specifications: tuple[Specification, ...]
    paths: pd.DataFrame
    changed: tuple[tuple[str, str, str], ...]


def robustness(main: Fit, responses: Responses, raw: Responses, choice: EstimatorChoice) -> Robustness:
    """Estimate the structural model again under every choice that could have been made otherwise.

    `main` is the model as reported, of `responses` (after screening, of `raw`). Specifications: the other
    estimator of `choice`; complete rows only, where `main` uses incomplete ones; everybody, where screening
    dropped somebody; without control variables, where there are any in the model. A specification that
    cannot be estimated is kept with its `failure`.
    """
    questionnaire = responses.questionnaire
    text = model_text(questionnaire)
    bare = model_text(questionnaire, controls=())
    chosen = choice.chosen
    ways: list[tuple[str, Text, str, Responses, Estimation]] = []
    if choice.other is not None:
        ways.append((choice.other.estimator, _named(choice.other), text, responses, choice.other))
    if chosen.missing != "listwise":
        complete = Estimation(chosen.estimator, "listwise", chosen.ordered)
        ways.append(("complete", _COMPLETE, text, responses, complete))
    if raw.n_obs > responses.n_obs:
        ways.append(("everybody", _EVERYBODY, text, raw, chosen))
    if bare != text:
        ways.append(("no_controls", _NO_CONTROLS, bare, responses, chosen))
    rows = _rows(main).rename(columns={"std_all": "main", "p": "p_main"})
    found = [Specification("main", _named(chosen), main.n_obs)]
    for name, label, model, answers, way in ways:
        try:
            fit = sem(model, answers, **way.options)
            failure = "" if fit.converged else " ".join(fit.notes)
        except ResearchError as error:
            failure = str(error)
        if failure:
            found.append(Specification(name, label, failure=failure))
            continue
        found.append(Specification(name, label, fit.n_obs))
        other = _rows(fit).rename(columns={"std_all": name, "p": f"p_{name}"})
        rows = rows.merge(other, on=["lhs", "rhs"], how="left")
    return Robustness(tuple(found), rows, _changed(rows, found))


def _rows(fit: Fit) -> pd.DataFrame:
    tidy = fit.tidy()
    rows = tidy[(tidy["op"] == "~") & (tidy["label"].astype(str) != "")]
    return rows[["lhs", "rhs", "std_all", "p"]].reset_index(drop=True)


def _changed(rows: pd.DataFrame, found: list[Specification]) -> tuple[tuple[str, str, str], ...]:
    changed = []
    for one in found[1:]:
        if one.failure:
            continue
        differs = (rows["p_main"] < 0.05) != (rows[f"p_{one.name}"] < 0.05)
        differs |= (rows["main"] * rows[one.name] < 0) & (rows["p_main"] < 0.05)
        differs &= rows[one.name].notna()
        pairs = zip(rows["lhs"][differs], rows["rhs"][differs], strict=True)
        changed += [(str(lhs), str(rhs), one.name) for lhs, rhs in pairs]
    return tuple(changed)


def _named(way: Estimation) -> Text:
    note = {"fiml": ("FIML", "FIML"), "pairwise": ("pairwise", "成对删除")}.get(way.missing)
    return {
        "en": f"{way.estimator} ({note[0]})" if note else way.estimator,
        "zh": f"{way.estimator}（{note[1]}）" if note else way.estimator,
    }


_COMPLETE: Text = {"en": "complete rows", "zh": "仅完整样本"}
_EVERYBODY: Text = {"en": "nobody excluded", "zh": "未剔除样本"}
_NO_CONTROLS: Text = {"en": "without controls", "zh": "不含控制变量"}
