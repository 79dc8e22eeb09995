"""The single numbers that sentences quote, by construct and by path, from the tidy frames of every room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from research.questionnaire.definition import Questionnaire, Text, say

if TYPE_CHECKING:
    import pandas as pd

Numbers = dict[str, float | int | str | Text | dict[str, float]]

HTMT_LIMIT = 0.90  # Henseler, Ringle & Sarstedt (2015): conceptually similar constructs
_QUOTED = ("chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr")
HTMT_DISTINCT = 0.85  # the same: constructs that are distinct in concept
_OF_A_CONSTRUCT = ("alpha", "omega_total", "cr", "ave")
_OF_A_PATH = {"estimate": "b", "se": "se", "std_all": "beta", "p": "p", "low": "low", "high": "high"}
_OF_A_TERM = {"estimate": "b", "se": "se", "beta": "beta", "p": "p", "vif": "vif"}


def measures_kind(*models: Mapping[str, float]) -> Literal["", "scaled", "robust"]:
    """Which column of fit measures to report: robust where every model has it, else scaled, else plain."""
    if all("cfi_robust" in found for found in models):
        return "robust"
    return "scaled" if all("chisq_scaled" in found for found in models) else ""


def reported_measures(
    measures: Mapping[str, float], kind: Literal["", "scaled", "robust"]
) -> dict[str, float]:
    """The measures with those of `kind` under the plain names, so that `{{fit_sem.cfi}}` is the reported one.

    A robust model's test statistic is the scaled one; what has no other form stays plain (SRMR, AIC). What a
    paper quotes of a model without a solution is NaN, which prints as a dash.
    """
    found = dict.fromkeys(_QUOTED, float("nan")) | dict(measures)
    for name in measures:
        for form in (kind, "scaled") if kind else ():
            if f"{name}_{form}" in measures:
                found[name] = measures[f"{name}_{form}"]
                break
    return found


def construct_numbers(
    reliability: pd.DataFrame, r_squared: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """`{construct: {alpha omega_total cr ave r2}}`, quoted as `{{constructs.Loyalty.alpha}}`."""
    found: dict[str, dict[str, float]] = {}
    for place, name in enumerate(reliability["construct"]):
        row = {column: float(reliability[column].iloc[place]) for column in _OF_A_CONSTRUCT}
        found[str(name)] = {**row, "r2": r_squared.get(str(name), float("nan"))}
    return found


def path_numbers(tidy: pd.DataFrame) -> dict[str, dict[str, float]]:
    """`{From_To: {b se beta p low high}}` of a fit's `~` rows, quoted as `{{path.Image_Loyalty.beta}}`."""
    rows = tidy[tidy["op"] == "~"]
    return {
        f"{rhs}_{lhs}": {short: float(rows[column].iloc[place]) for column, short in _OF_A_PATH.items()}
        for place, (lhs, rhs) in enumerate(zip(rows["lhs"], rows["rhs"], strict=True))
    }


def term_numbers(tidy: pd.DataFrame) -> dict[str, dict[str, float]]:
    """`{Predictor_Outcome: {b se beta p vif}}` of regressions on scale scores, from their last steps."""
    found: dict[str, dict[str, float]] = {}
    for place, (outcome, term) in enumerate(zip(tidy["outcome"], tidy["term"], strict=True)):
        if str(term) != "(Intercept)" and str(term) != "Intercept":
            row = {
                short: float(tidy[column].iloc[place])
                for column, short in _OF_A_TERM.items()
                if column in tidy
            }
            found[f"{term}_{outcome}"] = row
    return found


def htmt_numbers(ratios: pd.DataFrame, questionnaire: Questionnaire) -> Numbers:
    """`max`, the pair it belongs to, `n` pairs, and how many are `n_above` 0.90, of a square of HTMT.

    `n_close`: above 0.85 and not above 0.90.
    """
    names = [str(name) for name in ratios.columns]
    values = ratios.to_numpy(dtype=float)
    pairs = {(names[j], names[i]): abs(float(values[i, j])) for i in range(len(names)) for j in range(i)}
    pairs = {pair: value for pair, value in pairs.items() if value == value}
    if not pairs:
        return {"n": 0, "n_above": 0, "n_close": 0, "max": float("nan")}
    worst = max(pairs, key=lambda pair: pairs[pair])
    return {
        "max": pairs[worst],
        "pair": _pair(worst, questionnaire),
        "n": len(pairs),
        "n_above": sum(value > HTMT_LIMIT for value in pairs.values()),
        "n_close": sum(HTMT_DISTINCT < value <= HTMT_LIMIT for value in pairs.values()),
    }


def fornell_numbers(
    correlations: pd.DataFrame, ave: Mapping[str, float], questionnaire: Questionnaire
) -> Numbers:
    """`n` pairs of constructs; in `n_above` of them the correlation exceeds a square root of AVE of the two.

    `max`, `pair`: the largest correlation in absolute value. A construct without AVE (one item) has no say.
    """
    names = [str(name) for name in correlations.columns]
    roots = {name: value**0.5 for name, value in ave.items() if value >= 0}
    values = correlations.to_numpy(dtype=float)
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for i, one in enumerate(names):
        for j, other in enumerate(names[:i]):
            limits = [roots[name] for name in (one, other) if name in roots]
            if limits:
                found[other, one] = (abs(float(values[i, j])), min(limits))
    if not found:
        return {"n": 0, "n_above": 0, "max": float("nan")}
    worst = max(found, key=lambda pair: found[pair][0])
    return {
        "max": found[worst][0],
        "pair": _pair(worst, questionnaire),
        "n": len(found),
        "n_above": sum(r > limit for r, limit in found.values()),
    }


def _pair(names: tuple[str, str], questionnaire: Questionnaire) -> Text:
    labels = [questionnaire.construct(name).label for name in names]
    both = {"en": " and ", "zh": "与"}
    return {lang: word.join(say(label, lang) for label in labels) for lang, word in both.items()}


def loading_numbers(standardized: pd.DataFrame) -> dict[str, float]:
    """`{item: completely standardized loading}`, quoted as `{{loading.CUSL2:s2}}`."""
    rows = standardized[standardized["op"] == "=~"]
    return {str(item): float(value) for item, value in zip(rows["rhs"], rows["estimate"], strict=True)}


def latent_numbers(standardized: pd.DataFrame, constructs: Sequence[str]) -> dict[str, float]:
    """`{A_B: correlation}` of every pair of constructs in their order, quoted as `{{latent.A_B:s2}}`."""
    known = set(constructs)
    rows = standardized[(standardized["op"] == "~~") & (standardized["lhs"] != standardized["rhs"])]
    found = {
        frozenset((str(lhs), str(rhs))): float(value)
        for lhs, rhs, value in zip(rows["lhs"], rows["rhs"], rows["estimate"], strict=True)
        if str(lhs) in known and str(rhs) in known
    }
    pairs = ((a, b) for place, a in enumerate(constructs) for b in constructs[place + 1 :])
    return {f"{a}_{b}": found[frozenset((a, b))] for a, b in pairs if frozenset((a, b)) in found}
