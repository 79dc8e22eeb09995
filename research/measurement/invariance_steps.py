"""The decision table of the ladder: fit of each step, loss from one to the next, and what it means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import OptionError, did_you_mean
from research.estimation import estimates
from research.estimation.comparison import compare
from research.estimation.fit import Fit
from research.estimation.ordinal_fit import OrdinalFit
from research.estimation.released import release_tests
from research.measurement.invariance_copies import text_of
from research.measurement.invariance_ladder import Ladder, Level
from research.measurement.thresholds import THRESHOLDS, Threshold
from research.numerics.chi_square import chi2_sf

if TYPE_CHECKING:
    import pandas as pd

Index = Literal["auto", "plain", "scaled", "robust"]
METHODS = {
    "standard": "likelihood ratio",
    "difference": "chi-square difference",
    "satorra_bentler_2001": "Satorra-Bentler (2001)",
    "satorra_2000": "Satorra (2000)",
}
EQUAL: Mapping[Level, str] = {
    "configural": "",
    "thresholds": "thresholds",
    "metric": "loadings",
    "scalar": "intercepts",
    "strict": "residual variances",
    "means": "latent means",
}


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What a step may lose (None: not asked), and what the configural model has to reach."""

    delta_cfi: Threshold | None = THRESHOLDS.delta_cfi
    delta_rmsea: Threshold | None = THRESHOLDS.delta_rmsea
    delta_srmr: Threshold | None = None
    p: Threshold | None = None
    cfi: Threshold | None = THRESHOLDS.cfi
    rmsea: Threshold | None = THRESHOLDS.rmsea


def read_cutoffs(given: Mapping[str, float | None] | None) -> Cutoffs:
    """The default cut-offs with those that a study sets; an `OptionError` lists the names.

    >>> read_cutoffs({"delta_cfi": 0.002}).delta_cfi
    Threshold(value=0.002, good='at most', source='study')
    """
    sides: Mapping[str, Literal["at least", "at most"]] = {
        "delta_cfi": "at most",
        "delta_rmsea": "at most",
        "delta_srmr": "at most",
        "p": "at least",
        "cfi": "at least",
        "rmsea": "at most",
    }
    changed: dict[str, Threshold | None] = {}
    for name, value in (given or {}).items():
        if name not in sides:
            hint = did_you_mean(name, sides)
            raise OptionError(f"cutoff {name!r} is not known; there are {', '.join(sides)}.{hint}")
        changed[name] = None if value is None else Threshold(float(value), sides[name], "study")
    return Cutoffs(**changed)


def steps_frame(fits: Mapping[Level, Fit], index: Index = "auto") -> pd.DataFrame:
    """Fit and differences of each step, without verdicts."""
    kind = _index(list(fits.values()), index)
    suffix = "" if kind == "plain" else f"_{kind}"
    rows: list[dict[str, object]] = []
    before: Fit | None = None
    for level, fit in fits.items():
        row = {"level": level, "equal": EQUAL[level], **_fit_columns(fit, kind, suffix)}
        row |= _difference(before, fit, row, rows[-1] if rows else {})
        rows.append(row)
        before = fit
    import pandas as pd

    return pd.DataFrame(rows)


def decide(steps: pd.DataFrame, cutoffs: Cutoffs) -> pd.DataFrame:
    """The table with its verdicts.

    "acceptable" or "poor fit" of the first step; of a later one "holds" or "fails" against the step before,
    "not testable" where it restricts nothing, "no solution" where one of the two did not converge or is not
    identified.
    """
    verdicts = []
    for at in range(len(steps)):
        row = {str(name): value for name, value in steps.iloc[at].items()}
        chisq = float(str(row["chisq"]))
        if chisq != chisq:
            verdicts.append("no solution")
        elif at == 0:
            passed = _met(cutoffs.cfi, row["cfi"]) and _met(cutoffs.rmsea, row["rmsea"])
            verdicts.append("acceptable" if passed else "poor fit")
        elif row["delta_df"] == 0:
            verdicts.append("not testable")
        elif float(str(row["delta_cfi"])) != float(str(row["delta_cfi"])):
            verdicts.append("no solution")
        else:
            losses = (
                _met(cutoffs.delta_cfi, -float(str(row["delta_cfi"]))),
                _met(cutoffs.delta_rmsea, row["delta_rmsea"]),
                _met(cutoffs.delta_srmr, row["delta_srmr"]),
                _met(cutoffs.p, row["delta_p"]),
            )
            verdicts.append("holds" if all(losses) else "fails")
    return steps.assign(verdict=verdicts)


def has_solution(fit: Fit) -> bool:
    """Whether a fit converged to the one solution of an identified model."""
    return fit.converged and (fit.vcov is not None or fit.options.se == "none")


def candidates_frame(ladder: Ladder, fit: Fit | None, level: Level = "configural") -> pd.DataFrame:
    """Tests of releasing, one at a time, what `level` newly holds: the largest first."""
    rows = ladder.new_rows(level) if fit is not None and has_solution(fit) else []
    names = [ladder.table.parameters[at] for at in rows]
    chisq, epc = np.zeros(0), np.zeros(0)
    if fit is not None and rows:
        found = release_tests(fit, rows)
        chisq, epc = found.chisq, found.epc
    order = [int(at) for at in np.argsort(-chisq, kind="stable") if math.isfinite(chisq[at])]
    units = [ladder.copies.units[ladder.copies.unit(row) or 0] for row in names]
    return estimates.frame(
        {
            "lhs": [names[at].lhs for at in order],
            "op": [str(names[at].op) for at in order],
            "rhs": [names[at].rhs for at in order],
            "copy": [units[at] for at in order],
            "chisq": chisq[order],
            "df": np.ones(len(order)),
            "p": np.array([chi2_sf(float(chisq[at]), 1) for at in order]),
            "epc": epc[order],
            "free": [text_of(ladder.copies.key(names[at])) for at in order],
        }
    )


def _index(fits: list[Fit], asked: Index) -> str:
    if asked not in ("auto", "plain", "scaled", "robust"):
        raise OptionError(f"unknown index '{asked}'; there are auto, plain, scaled, robust")
    solved = [fit for fit in fits if has_solution(fit)]
    scaled = all(fit.scaled is not None for fit in solved)
    robust = all("cfi_robust" in fit.measures() for fit in solved) and scaled
    if (asked == "scaled" and not scaled) or (asked == "robust" and not robust):
        raise OptionError(f"index='{asked}': this estimator has no {asked} indices in every step")
    if asked != "auto":
        return asked
    if robust and not isinstance(fits[0], OrdinalFit):
        return "robust"
    return "scaled" if scaled else "plain"


def _fit_columns(fit: Fit, kind: str, suffix: str) -> dict[str, object]:
    nan = math.nan
    if not has_solution(fit):
        return {"chisq": nan, "df": fit.df, "p": nan, "cfi": nan, "rmsea": nan, "srmr": nan, "index": kind}
    measures = fit.measures()
    tested = "" if kind == "plain" else "_scaled"
    return {
        "chisq": measures.get(f"chisq{tested}", nan),
        "df": fit.df,
        "p": measures.get(f"pvalue{tested}", nan),
        "cfi": measures.get(f"cfi{suffix}", nan),
        "rmsea": measures.get(f"rmsea{suffix}", nan),
        "srmr": measures.get("srmr", nan),
        "index": kind,
    }


def _difference(
    before: Fit | None, fit: Fit, row: Mapping[str, object], above: Mapping[str, object]
) -> dict[str, object]:
    nan = math.nan
    out: dict[str, object] = dict.fromkeys(("delta_chisq", "delta_df", "delta_p"), nan) | {"method": ""}
    out |= dict.fromkeys(("delta_cfi", "delta_rmsea", "delta_srmr"), nan)
    if before is None:
        return out
    out["delta_df"] = fit.df - before.df
    if not (has_solution(fit) and has_solution(before)):
        return out
    for name in ("cfi", "rmsea", "srmr"):
        out[f"delta_{name}"] = float(str(row[name])) - float(str(above[name]))
    if fit.df > before.df:
        test = compare(before, fit).iloc[1]
        out |= {"delta_chisq": float(test["chisq_diff"]), "delta_p": float(test["p"])}
        out["method"] = METHODS[difference_method(fit)]
    return out


def difference_method(fit: Fit) -> str:
    """Which test `research.compare` makes by default: a key of METHODS."""
    if fit.scaled is None:
        return "standard" if fit.is_likelihood else "difference"
    adjusted = ("scaled_shifted", "mean_var_adjusted")
    return "satorra_2000" if fit.options.test in adjusted else "satorra_bentler_2001"


def _met(limit: Threshold | None, value: object) -> bool:
    """Whether a limit is kept; True where there is none."""
    return limit is None or limit.met(float(str(value)))
