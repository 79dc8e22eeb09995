"""Do the hypotheses hold? One row a hypothesis, with the estimate it stands on and the model it is from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from research.model.hypotheses import indirect_name
from research.numerics.arrays import Vector
from research.numerics.least_squares import least_squares
from research.numerics.sandwich import f_tail, wald
from research.questionnaire.definition import Hypothesis, Questionnaire, Text
from research.structure.outcomes import Regressions, product_term
from research.structure.regression import Regression, critical_value, two_sided_p

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit
    from research.structure.group_paths import GroupPaths
    from research.structure.indirect import IndirectEffects
    from research.structure.latent_moderation import LatentModeration


# Samples that do not converge are no random part of all: beyond this share a reader must know of them.
FAILED_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers that decide a hypothesis; NaN where there is none. `model` names where they are from."""

    model: str = ""
    estimate: float = float("nan")
    std_estimate: float = float("nan")
    se: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    p: float = float("nan")
    n_obs: float = float("nan")
    delta_r2: float = float("nan")
    mediation: str = ""
    reason: Text | None = None
    signed: bool = True  # False: a joint test, which has no direction


def verdict_table(
    questionnaire: Questionnaire,
    fit: Fit | None = None,
    *,
    indirect: IndirectEffects | None = None,
    regressions: Regressions | None = None,
    moderations: Mapping[str, LatentModeration] | None = None,
    groups: Mapping[str, GroupPaths] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """One row a hypothesis: `id text kind model estimate std_estimate se low high p sign verdict mediation
    delta_r2 n_obs reason`.

    - direct: the path of the structural model `fit` (Wald interval); without a fit, the coefficient in the
      last step of the outcome's regression
    - mediated: the indirect effect that `model_text` defines, with the percentile interval of `indirect`
      (of the delta method, and the reason says so, where there is none; the reason also says so where more
      than 5 % of the samples did not converge). `mediation` is its kind after
      Zhao, Lynch & Chen (2010): complementary, competitive, indirect-only, direct-only or none;
      "" where the model has no direct path to compare it with
    - moderated: the latent product in `moderations`; else the product in the regression on scale scores,
      both centred; `delta_r2` is what that regression's R^2 loses without it
    - group: the difference of the path in `groups`, loadings held equal; else the product of predictor and
      group in the regression. With more than two groups the joint test, which has no sign

    `verdict`: "supported" where the interval excludes 0 and the sign is the expected one (any, where none
    is stated), "opposite sign" where it excludes 0 on the other side, "not supported", or "not tested" with
    the `reason` in every language.

    `regressions`: of `research.run_regressions`. `level`: of the intervals that have to exclude 0.

    >>> import research
    >>> answers = research.example_responses()
    >>> fit = research.sem(research.model_text(answers.questionnaire), answers)
    >>> found = research.verdict_table(answers.questionnaire, fit)
    >>> found["id"].tolist()[:3], found["verdict"].tolist()[:3]
    (['H1', 'H2', 'H3'], ['supported', 'supported', 'supported'])
    """
    import pandas as pd

    sem = _Structural(fit, indirect, level) if fit is not None else None
    rows = []
    for hypothesis in questionnaire.hypotheses:
        latent = _latent(hypothesis, moderations or {}, groups or {})
        evidence = _evidence(hypothesis, questionnaire, sem, regressions, level)
        if latent is not None:
            evidence = replace(latent, delta_r2=evidence.delta_r2)
        rows.append(
            {
                "id": hypothesis.id,
                "text": hypothesis.text or " -> ".join(hypothesis.path),
                "kind": hypothesis.kind,
                "model": evidence.model,
                "estimate": evidence.estimate,
                "std_estimate": evidence.std_estimate,
                "se": evidence.se,
                "low": evidence.low,
                "high": evidence.high,
                "p": evidence.p,
                "sign": hypothesis.sign if evidence.signed else 0,
                "verdict": decide(evidence, hypothesis.sign if evidence.signed else 0, level),
                "mediation": evidence.mediation,
                "delta_r2": evidence.delta_r2,
                "n_obs": evidence.n_obs,
                "reason": evidence.reason or {},
            }
        )
    return pd.DataFrame(rows)


def decide(evidence: Evidence, sign: int, level: float) -> str:
    """The verdict on a hypothesis of that sign (0: none stated)."""
    has_interval = evidence.low == evidence.low and evidence.high == evidence.high
    if not has_interval and evidence.p != evidence.p:
        return "not tested"
    away = (evidence.low > 0 or evidence.high < 0) if has_interval else evidence.p < 1 - level
    if not away:
        return "not supported"
    return "supported" if sign == 0 or np.sign(evidence.estimate) == sign else "opposite sign"


def kind_of_mediation(indirect: float, indirect_away: bool, direct: float, direct_away: bool) -> str:
    """Zhao, Lynch & Chen (2010), figure 2; `away`: the interval excludes 0.

    >>> kind_of_mediation(0.2, True, 0.3, True), kind_of_mediation(0.2, True, 0.1, False)
    ('complementary', 'indirect-only')
    """
    if indirect_away and direct_away:
        return "complementary" if indirect * direct > 0 else "competitive"
    if indirect_away:
        return "indirect-only"
    return "direct-only" if direct_away else "none"


class _Structural:
    """The rows of a structural model that hypotheses stand on."""

    def __init__(self, fit: Fit, indirect: IndirectEffects | None, level: float) -> None:
        self.model = f"SEM {fit.options.estimator}"
        self.level = level
        self.n_obs = float(fit.n_obs)
        self.usable = fit.converged
        tidy = fit.tidy()
        keys = list(zip(*(tidy[name].astype(str).tolist() for name in ("lhs", "op", "rhs")), strict=True))
        self.several = len(set(tidy["group"].astype(str)) - {""}) > 1
        names = ("estimate", "std_all", "se")
        numbers = [tidy[name].to_numpy(dtype=np.float64) for name in names]
        self.rows: dict[tuple[str, str, str], Vector] = {}
        for place, (lhs, op, rhs) in enumerate(keys):
            self.rows[lhs, op, "" if op == ":=" else rhs] = np.array([column[place] for column in numbers])
        self.drawn: dict[str, tuple[float, float, float]] = {}
        self.failed: Text | None = None
        if indirect is not None:
            drawn = indirect.frame
            columns = [drawn[name].to_numpy(dtype=np.float64).tolist() for name in ("se", "low", "high")]
            if indirect.n_failed > FAILED_SHARE * indirect.n_draws:
                self.failed = {
                    lang: text.format(kept=indirect.n_draws - indirect.n_failed, draws=indirect.n_draws)
                    for lang, text in _LOST.items()
                }
            self.drawn = dict(zip(drawn["lhs"].astype(str), zip(*columns, strict=True), strict=True))

    def direct(self, hypothesis: Hypothesis) -> Evidence:
        evidence = self._row((hypothesis.path[-1], "~", hypothesis.path[0]))
        if evidence.reason is None and abs(evidence.std_estimate) > 1:
            return replace(evidence, reason=_BEYOND_ONE)
        return evidence

    def mediated(self, hypothesis: Hypothesis) -> Evidence:
        name = indirect_name(hypothesis)
        evidence = self._row((name, ":=", ""))
        if evidence.reason is not None:
            return evidence
        if name in self.drawn:
            se, low, high = self.drawn[name]
            evidence = replace(evidence, se=se, low=low, high=high, p=float("nan"), reason=self.failed)
        else:
            evidence = replace(evidence, reason=_DELTA)
        return replace(evidence, mediation=self._kind(hypothesis, evidence))

    def _kind(self, hypothesis: Hypothesis, indirect: Evidence) -> str:
        direct = self._row((hypothesis.path[-1], "~", hypothesis.path[0]))
        if direct.reason is not None:
            return ""
        away = [row.low > 0 or row.high < 0 for row in (indirect, direct)]
        return kind_of_mediation(indirect.estimate, away[0], direct.estimate, away[1])

    def _row(self, key: tuple[str, str, str]) -> Evidence:
        if not self.usable:
            return Evidence(self.model, reason=_NOT_CONVERGED)
        if self.several:
            return Evidence(self.model, reason=_SEVERAL_GROUPS)
        if key not in self.rows:
            return Evidence(self.model, reason=_NO_PATH)
        estimate, std_all, se = (float(value) for value in self.rows[key])
        if not se > 0:
            return Evidence(self.model, estimate, std_all, reason=_NO_ERROR)
        reach = critical_value(self.level, np.inf) * se
        p = float(two_sided_p(np.array([estimate / se]), np.inf)[0])
        return Evidence(self.model, estimate, std_all, se, estimate - reach, estimate + reach, p, self.n_obs)


def _evidence(
    hypothesis: Hypothesis,
    questionnaire: Questionnaire,
    sem: _Structural | None,
    regressions: Regressions | None,
    level: float,
) -> Evidence:
    if hypothesis.kind in ("direct", "mediated") and sem is not None:
        return sem.direct(hypothesis) if hypothesis.kind == "direct" else sem.mediated(hypothesis)
    if hypothesis.kind == "mediated":
        return Evidence(reason=_NO_FIT)
    if regressions is None:
        return Evidence(reason=_NO_REGRESSION)
    outcome = hypothesis.path[-1]
    term = hypothesis.path[-2] if hypothesis.kind == "direct" else product_term(hypothesis, questionnaire)
    last = regressions.by_outcome[outcome].fits[-1] if outcome in regressions.by_outcome else None
    if last is None or term not in last.design.blocks:
        why = regressions.failures.get(outcome, "")
        failed = {lang: text.format(why=why) for lang, text in _FAILED.items()}
        return Evidence(f"OLS {regressions.cov_type}", reason=failed if why else _NO_PATH)
    return _from_regression(last, term, level)


def _latent(
    hypothesis: Hypothesis, moderations: Mapping[str, LatentModeration], groups: Mapping[str, GroupPaths]
) -> Evidence | None:
    """The evidence of a model that takes out measurement error; None leaves it to the regression."""
    if hypothesis.kind == "moderated" and (found := moderations.get(hypothesis.id)) and not found.failure:
        numbers = (found.estimate, found.std_estimate, found.se, found.low, found.high, found.p)
        return Evidence(found.model, *numbers, found.n_obs)
    paths = groups.get(str(hypothesis.group)) if hypothesis.kind == "group" else None
    row = paths.of(hypothesis.path[-2], hypothesis.path[-1]) if paths else None
    if paths is None or row is None:
        return None
    return Evidence(
        paths.model,
        row.difference,
        se=row.se,
        low=row.low,
        high=row.high,
        p=row.p,
        n_obs=paths.n_obs,
        signed=False,
        reason=(_GROUPS if row.joint else None) if paths.comparable else _NOT_COMPARABLE,
    )


def _from_regression(fit: Regression, term: str, level: float) -> Evidence:
    model = f"OLS {fit.cov_type}"
    columns = list(fit.design.blocks[term])
    found = fit.estimates
    n_obs = found.measures["n_obs"]
    if len(columns) > 1:
        f = wald(found.coefficients[columns], found.covariance[np.ix_(columns, columns)]) / len(columns)
        p = f_tail(f, len(columns), found.df)
        return Evidence(model, p=p, n_obs=n_obs, delta_r2=_lost_r2(fit, columns), signed=False, reason=_JOINT)
    (at,) = columns
    estimate, se = float(found.coefficients[at]), float(found.se[at])
    reach = critical_value(level, found.df) * se
    p = float(two_sided_p(np.array([estimate / se]), found.df)[0])
    beta = float(fit.tidy()["beta"].to_numpy(dtype=np.float64)[at])
    lost = float(found.unique_r2[at])
    return Evidence(model, estimate, beta, se, estimate - reach, estimate + reach, p, n_obs, lost)


def _lost_r2(fit: Regression, columns: list[int]) -> float:
    """What R^2 loses without the columns."""
    rest = least_squares(np.delete(fit.design.X, columns, axis=1), fit.design.y).residuals
    total = fit.design.y - fit.design.y.mean()
    return float((rest @ rest - fit.estimates.residuals @ fit.estimates.residuals) / (total @ total))


_DELTA: Text = {
    "en": "The interval is that of the delta method; no bootstrap was given.",
    "zh": "未提供 Bootstrap 结果，区间由 delta 法得出。",
}
_LOST: Text = {
    "en": "The interval rests on the {kept:,} of {draws:,} bootstrap samples in which the model converged.",
    "zh": "{draws} 次 Bootstrap 抽样中仅有 {kept} 次收敛，置信区间由收敛的样本得出。",
}
_BEYOND_ONE: Text = {
    "en": "The standardized path lies beyond 1: the predictors are nearly collinear in the structural model.",
    "zh": "标准化路径系数的绝对值大于 1，说明结构模型中的预测变量接近共线。",
}
_JOINT: Text = {
    "en": "Joint test of the differences between more than two groups.",
    "zh": "两组以上差异的联合检验。",
}
_GROUPS: Text = {
    "en": "Joint test of the differences between more than two groups, loadings held equal; b: the largest "
    "of them.",
    "zh": "在因子载荷相等的约束下，对两组以上差异的联合检验，b 为其中最大的差异。",
}
_NOT_COMPARABLE: Text = {
    "en": "Metric invariance over these groups is not established: the difference may be one of measurement.",
    "zh": "各组间的弱等值未能确立，差异可能源于测量。",
}
_NO_FIT: Text = {"en": "No structural model was estimated.", "zh": "未估计结构模型。"}
_NO_REGRESSION: Text = {"en": "No regressions were run.", "zh": "未进行回归分析。"}
_FAILED: Text = {"en": "The regression could not be computed: {why}", "zh": "回归无法计算：{why}"}
_NOT_CONVERGED: Text = {"en": "The structural model did not converge.", "zh": "结构模型未收敛。"}
_SEVERAL_GROUPS: Text = {
    "en": "The structural model has several groups, and so several estimates.",
    "zh": "结构模型含多个组，估计值不唯一。",
}
_NO_PATH: Text = {"en": "The model does not hold this path.", "zh": "模型中没有该路径。"}
_NO_ERROR: Text = {
    "en": "The estimate has no standard error (fixed, or the model is not identified).",
    "zh": "该估计没有标准误（参数固定或模型不可识别）。",
}
