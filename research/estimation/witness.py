"""A second opinion: the same model estimated by semopy, an independent program."""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import ModelError
from research.estimation.compiled import row_name
from research.provenance import versions
from research.readable import Readable

if TYPE_CHECKING:
    from research.estimation.fit import Fit
    from research.estimation.sample import GroupSample
    from research.model.table import Parameter

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_ROUNDS = 6  # semopy stops early; each further round starts where the last one ended


@dataclass(frozen=True, repr=False, slots=True)
class Verification(Readable):
    """How far semopy's estimates of the same model lie from ours.

    `largest`: the largest absolute deviation of a free parameter, in `parameter`; `in_se`: the same in
    standard errors; `chisq_deviation`: semopy's chi-square minus ours (positive where semopy stops short of
    the minimum); `n_compared` parameters by semopy's `version`.
    """

    largest: float
    parameter: str
    in_se: float
    chisq_deviation: float
    n_compared: int
    version: str

    def sentence(self, language: Literal["en", "zh"] = "en") -> str:
        """One sentence for a paper."""
        told = np.isfinite(self.in_se)  # a solution at an edge has no standard errors
        if language == "zh":
            return (
                f"用 semopy {self.version} 对同一模型重新估计：{self.n_compared} 个参数的估计值最多相差 "
                f"{_scientific(self.largest)}{f'（{_scientific(self.in_se)} 个标准误）' if told else ''}，"
                f"卡方值相差 {_scientific(self.chisq_deviation)}。"
            )
        return (
            f"Re-estimated with semopy {self.version}: the {self.n_compared} estimates differ by at most "
            f"{_scientific(self.largest)}{f' ({_scientific(self.in_se)} standard errors)' if told else ''}, "
            f"the chi-square by {_scientific(self.chisq_deviation)}."
        )


def _scientific(value: float) -> str:
    """Two digits, as a paper prints what is small: `1.6 × 10⁻⁷`."""
    digits, power = f"{abs(value):.1e}".split("e")
    if value == 0 or -3 <= int(power) <= 3:
        return f"{abs(value):.2g}"
    return f"{digits} × 10{str(int(power)).translate(_SUPERSCRIPT)}"


def verify(fit: Fit) -> Verification:
    """Re-estimate a maximum-likelihood model with semopy from the same moments.

    Errors: `ModelError` where semopy has no such model: means that the model restricts, equalities across
    groups, constraints other than labels, an estimator other than maximum likelihood.
    """
    _refuse_unsupported(fit)
    free: dict[int, tuple[float, Parameter]] = {}
    chisq = 0.0
    for place, group in enumerate(fit.sample.groups):
        parameters = [p for p in fit.table.parameters if p.group == place + 1 and p.op != "~1"]
        estimates, objective = _estimate(_description(fit, parameters), group, fit.sample.variables)
        chisq += group.weight * objective
        for parameter in parameters:
            value = estimates.get(_key(parameter))
            if parameter.free and value is not None:
                free.setdefault(parameter.free - 1, (value, parameter))
    at = np.array(sorted(free), dtype=int)
    gaps = np.abs(np.array([free[i][0] for i in at]) - fit.theta[at])
    se = np.sqrt(np.diagonal(fit.vcov))[at] if fit.vcov is not None else np.full(len(at), np.nan)
    worst = int(np.argmax(gaps))
    name = row_name(free[int(at[worst])][1], fit.table.groups)
    relative = float(np.max(gaps / se)) if fit.vcov is not None else float("nan")
    version = versions(["semopy"])["semopy"]
    return Verification(float(gaps[worst]), name, relative, chisq - fit.statistic.chisq, len(at), version)


def _refuse_unsupported(fit: Fit) -> None:
    if not fit.converged:
        raise ModelError("a model that did not converge cannot be verified")
    if fit.options.discrepancy != "ML" or fit.sample.n_missing:
        raise ModelError("semopy can verify maximum likelihood on complete data only")
    if fit.table.constraints:
        raise ModelError("semopy cannot verify a model with == or inequality constraints")
    for group, at in zip(fit.sample.groups, fit.implied_blocks, strict=True):
        reach = 1.0 + float(np.abs(group.mean).max())
        if fit.table.meanstructure and float(np.abs(group.mean - at.mu).max()) > 1e-6 * reach:
            raise ModelError("semopy cannot verify a model that restricts the means")
    owner: dict[int, int] = {}
    for parameter in fit.table.parameters:
        if parameter.free and owner.setdefault(parameter.free, parameter.group) != parameter.group:
            raise ModelError(f"semopy cannot verify equalities across groups ({row_name(parameter)})")


def _description(fit: Fit, parameters: list[Parameter]) -> str:
    """The model in semopy's syntax, every row written out so that no default of semopy's enters.

    semopy scales a factor by a fixed loading. Where the model fixes the factor's variance instead, its first
    loading is fixed at our estimate and the variance is left to semopy: the same model in another metric.
    """
    counts = Counter(p.free for p in parameters)
    marked = {p.lhs for p in parameters if p.op == "=~" and not p.free}
    unscaled: set[str] = set()
    lines = []
    stated: list[set[str]] = []
    for p in parameters:
        if p.exogenous:
            continue
        if p.op == "=~" and p.lhs not in marked:
            marked.add(p.lhs)
            unscaled.add(p.lhs)
            prefix = f"{fit.theta[p.free - 1]:.17g}*"
        elif not p.free:
            prefix = "" if p.op == "~~" and p.lhs == p.rhs and p.lhs in unscaled else f"{p.value:.17g}*"
        else:
            prefix = f"free{p.free}*" if counts[p.free] > 1 else ""
        operator = "~" if p.op == "<~" else p.op
        lines.append(f"{p.lhs} {operator} {prefix}{p.rhs}")
        if p.op == "~~":
            stated.append({p.lhs, p.rhs})
    measured = {p.rhs for p in parameters if p.op == "=~"}
    outcomes = [p.lhs for p in parameters if p.op == "~" and p.lhs not in measured]
    for names in (fit.table.latent, tuple(dict.fromkeys(n for n in outcomes if n in fit.table.observed))):
        for at, left in enumerate(names):
            lines += [f"{left} ~~ 0*{right}" for right in names[at + 1 :] if {left, right} not in stated]
    return "\n".join(lines)


@contextmanager
def _quiet() -> Iterator[None]:
    """semopy's warnings and log kept to itself; what stops it is a `ModelError`."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    except (np.linalg.LinAlgError, ValueError, KeyError, IndexError, TypeError) as error:
        raise ModelError(f"semopy could not estimate the model ({type(error).__name__}: {error})") from error
    finally:
        logging.disable(level)


def _key(parameter: Parameter) -> tuple[str, str, str]:
    """How semopy names the row in its table: a loading is a regression of the indicator."""
    if parameter.op == "=~":
        return parameter.rhs, "~", parameter.lhs
    return parameter.lhs, "~" if parameter.op == "<~" else parameter.op, parameter.rhs


def _estimate(
    description: str, group: GroupSample, variables: Sequence[str]
) -> tuple[dict[tuple[str, str, str], float], float]:
    """semopy's estimates by (left, operator, right), and the minimum of its discrepancy."""
    import pandas as pd
    import semopy

    cov = pd.DataFrame(group.cov, index=list(variables), columns=list(variables))
    data = None if group.data is None else pd.DataFrame(group.data, columns=list(variables))
    with _quiet():
        model = semopy.Model(description)
        best = np.inf
        for _ in range(_ROUNDS):
            found = float(
                model.fit(data, cov, n_samples=group.n_obs, options={"ftol": 1e-15, "maxiter": 1000}).fun
            )
            if not best - found > 1e-13:
                break
            best = found
        table = model.inspect()
    rows = zip(table["lval"], table["op"], table["rval"], table["Estimate"], strict=True)
    out: dict[tuple[str, str, str], float] = {}
    for left, op, right, value in rows:
        out[str(left), str(op), str(right)] = float(value)
        if op == "~~":
            out[str(right), str(op), str(left)] = float(value)
    return out, best
