"""The regressions that a questionnaire's hypotheses ask for: one in steps for every outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from research.errors import DataError, ResearchError
from research.model.hypotheses import structural_edges
from research.questionnaire.definition import Hypothesis, Questionnaire
from research.readable import Readable
from research.responses.nouns import Responses
from research.structure.design import complete_rows
from research.structure.estimates import CovType
from research.structure.formula import Factor, parse_formula
from research.structure.hierarchical import Hierarchical, hierarchical
from research.structure.scores import regression_frame
from research.structure.witness import RegressionVerification

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, slots=True)
class Regressions(Readable):
    """Hierarchical regressions by outcome, and why one lacks its last steps or is missing (`failures`).

    `centred` names the columns that enter products, which have the mean 0 in that outcome's rows.
    """

    by_outcome: Mapping[str, Hierarchical]
    centred: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    cov_type: CovType = "HC3"

    def tidy(self) -> pd.DataFrame:
        """The coefficients of every outcome and step: `outcome step term estimate se … vif`."""
        return self._stacked({name: steps.tidy() for name, steps in self.by_outcome.items()})

    def steps(self) -> pd.DataFrame:
        """What each step added: `outcome step formula added n_obs r2 adj_r2 delta_r2 delta_f df1 df2 p`."""
        return self._stacked({name: steps.steps for name, steps in self.by_outcome.items()})

    def verify(self) -> RegressionVerification:
        """The last step of every outcome re-estimated with statsmodels; the worst of them."""
        found = [steps.fits[-1].verify() for steps in self.by_outcome.values()]
        if not found:
            raise DataError("there is no regression to compare with statsmodels.")
        worst = max(found, key=lambda one: one.largest)
        largest_se = max(one.largest_se for one in found)
        return replace(worst, largest_se=largest_se, n_compared=sum(one.n_compared for one in found))

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes of all outcomes, each with its outcome, and the failures."""
        said = [f"{name}: {note}" for name, steps in self.by_outcome.items() for note in steps.notes]
        return (*said, *(f"{name}: {why}" for name, why in self.failures.items()))

    def _stacked(self, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        import pandas as pd

        if not tables:
            return pd.DataFrame()
        parts = [table.assign(outcome=name) for name, table in tables.items()]
        stacked = pd.concat(parts, ignore_index=True)
        return stacked[["outcome", *(name for name in stacked.columns if name != "outcome")]]


def run_regressions(
    responses: Responses,
    questionnaire: Questionnaire | None = None,
    *,
    cov_type: CovType = "HC3",
    level: float = 0.95,
) -> Regressions:
    """Regress every outcome of the hypotheses on scale scores, in steps, with robust errors.

    Steps: the file's controls; the constructs from which an arrow leads to the outcome, the moderators and
    the grouping questions; the products of the moderated and the group hypotheses. Empty steps are left
    out. Choice questions enter as categories. Predictors and moderators that enter a product are
    centred at their mean in the rows used, so that their own coefficient is the slope at the mean of the
    other. Where the last step cannot be computed (a constant score, collinear predictors, too few
    rows), the steps before it are, and `failures` has the reason.

    `questionnaire`: None takes that of the answers. `cov_type` and `level` as in `regress`.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.run_regressions(answers)
    >>> sorted(found.by_outcome)
    ['loyalty', 'satisfaction', 'trust']
    """
    asked = questionnaire or responses.questionnaire
    frame = regression_frame(responses)
    done: dict[str, Hierarchical] = {}
    centred: dict[str, tuple[str, ...]] = {}
    failures: dict[str, str] = {}
    for outcome in dict.fromkeys(target for _, target in structural_edges(asked)):
        steps, products = _blocks(asked, outcome)
        formulas = _formulas(outcome, steps)
        while formulas and outcome not in done:
            try:
                centred_frame = _centre(frame, formulas[-1], products)
                done[outcome] = hierarchical(formulas, centred_frame, cov_type, level=level)
                centred[outcome] = products
            except ResearchError as error:
                failures.setdefault(outcome, str(error))
                formulas.pop()
    return Regressions(done, centred, failures, cov_type)


def product_term(hypothesis: Hypothesis, questionnaire: Questionnaire) -> str:
    """The term of the formula that tests a moderated or a group hypothesis, as the design names it."""
    other = hypothesis.moderator if hypothesis.kind == "moderated" else hypothesis.group
    return ":".join(map(str, (Factor(hypothesis.path[-2]), _factor(str(other), questionnaire))))


def _blocks(questionnaire: Questionnaire, outcome: str) -> tuple[list[list[str]], tuple[str, ...]]:
    """The terms of each step, and the columns to centre."""
    into = [source for source, target in structural_edges(questionnaire) if target == outcome]
    about = [
        h for h in questionnaire.hypotheses if h.path[-1] == outcome and h.kind in ("moderated", "group")
    ]
    controls = [str(_factor(name, questionnaire)) for name in questionnaire.controls]
    others = [str(name) for h in about for name in (h.moderator, h.group) if name]
    predictors = [str(_factor(name, questionnaire)) for name in dict.fromkeys([*into, *others])]
    products = [product_term(h, questionnaire) for h in about]
    columns = dict.fromkeys(
        name
        for h in about
        for name in (h.path[-2], h.moderator)
        if name and not _factor(name, questionnaire).categorical
    )
    known: set[str] = set()
    steps = []
    for block in (controls, predictors, products):
        new = [term for term in dict.fromkeys(block) if term not in known]
        known.update(new)
        if new:
            steps.append(new)
    return steps, tuple(columns)


def _formulas(outcome: str, steps: Sequence[Sequence[str]]) -> list[str]:
    left = str(Factor(outcome))
    return [
        f"{left} ~ {' + '.join(term for block in steps[:end] for term in block)}"
        for end in range(1, len(steps) + 1)
    ]


def _factor(name: str, questionnaire: Questionnaire) -> Factor:
    """A construct or a number question as a number, a choice question as categories."""
    kinds = {question.id: question.kind for question in questionnaire.background}
    return Factor(name, categorical=kinds.get(name) in ("choice", "text"))


def _centre(frame: pd.DataFrame, formula: str, columns: Sequence[str]) -> pd.DataFrame:
    if not columns:
        return frame
    rows = complete_rows(parse_formula(formula).names, frame)
    means = frame.loc[rows, list(columns)].mean()
    if means.isna().any():
        raise DataError(f"no mean exists of {', '.join(means.index[means.isna()])}.")
    return frame.assign(**{name: frame[name] - means[name] for name in columns})
