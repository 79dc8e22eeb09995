"""Several factor models of the same items: their text, their fit, and why one has no solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError, ResearchError
from research.measurement.inputs import ItemData
from research.measurement.loadings import UNKNOWN_N, translated

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit

FIXED = ("group", "group_equal", "group_partial", "sample_cov", "sample_nobs", "sample_mean", "std_lv")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A fit, or None and the reason; `notes` in the user's names."""

    fit: Fit | None
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ItemModels:
    """Items under short names that every model text accepts, and how their models are estimated.

    `variables` maps an item, `factors` a construct to its short name; `options` are those of `research.cfa`
    but for groups. Variances of factors are 1 throughout.
    """

    items: ItemData
    blocks: Mapping[str, tuple[str, ...]]
    variables: Mapping[str, str]
    factors: Mapping[str, str]
    options: Mapping[str, object]

    def line(self, factor: str, items: Sequence[str], label: str = "") -> str:
        """`f =~ i1 + i2`; with a label, all loadings are equal."""
        mark = f"{label}*" if label else ""
        return f"{factor} =~ " + " + ".join(mark + self.variables[item] for item in items)

    def lines(self) -> list[str]:
        """The proposed model: every item on its own construct."""
        return [self.line(self.factors[name], columns) for name, columns in self.blocks.items()]

    def attempt(self, lines: Sequence[str], **more: object) -> Attempt:
        """Fit the model; one without a solution, or that is not identified, comes back with the reason."""
        from research.estimation.run import cfa

        names = {**self.variables, **self.factors}
        try:
            fit = cfa(
                "\n".join(lines), self._frame(), **self._given(), **{**self.options, **more}, std_lv=True
            )
        except OptionError:
            raise
        except ResearchError as error:
            return Attempt(None, translated(str(error), names))
        notes = tuple(translated(note, names) for note in fit.notes)
        if not fit.converged:
            return Attempt(None, " ".join(notes) or "the estimation did not converge.", notes)
        if fit.vcov is None or not np.isfinite(np.diag(fit.vcov)).all():
            reason = next((note for note in notes if "identified" in note), "the model is not identified.")
            return Attempt(None, reason, notes)
        return Attempt(fit, "", notes)

    def _frame(self) -> pd.DataFrame | None:
        import pandas as pd

        if self.items.values is None:
            return None
        return pd.DataFrame(self.items.values, columns=list(self.variables.values()))

    def _given(self) -> dict[str, object]:
        """The matrix in place of answers, where there is nothing else."""
        import pandas as pd

        if self.items.values is not None:
            return {}
        names = list(self.variables.values())
        cov = pd.DataFrame(self.items.cov, index=names, columns=names)
        return {"sample_cov": cov, "sample_nobs": self.items.n_obs or UNKNOWN_N}


def item_models(
    items: ItemData, blocks: Mapping[str, tuple[str, ...]], options: Mapping[str, object]
) -> ItemModels:
    """The items of the constructs as models need them; OptionError for an option that has no place here."""
    for name in FIXED:
        if name in options:
            raise OptionError(f"{name}= has no place here: the models of the constructs set it themselves.")
    variables = {name: f"i{number}" for number, name in enumerate(items.names)}
    factors = {name: f"f{number}" for number, name in enumerate(blocks)}
    given = dict(options)
    ordered = given.get("ordered")
    if isinstance(ordered, str):
        ordered = [ordered]
    if isinstance(ordered, (list, tuple)):
        unknown = [name for name in ordered if name not in variables]
        if unknown:
            raise OptionError(f"ordered= names {unknown[0]!r}, which is not among the items.")
        given["ordered"] = [variables[name] for name in ordered]
    return ItemModels(items, blocks, variables, factors, given)


def reported_fit(fit: Fit) -> dict[str, object]:
    """`n_obs chisq df p cfi tli rmsea rmsea_low rmsea_high srmr aic bic index` of a fit.

    `index` says which of its forms the measures have: with a scaled test, chi-square is the scaled one, and
    CFI, TLI and RMSEA are robust where they exist ("robust"), else scaled ("scaled").
    """
    measures = fit.measures()
    nan = float("nan")
    index = "plain"
    if np.isfinite(measures.get("chisq_scaled", nan)):
        index = "robust" if np.isfinite(measures.get("cfi_robust", nan)) else "scaled"
    suffix = "" if index == "plain" else f"_{index}"
    test = "" if index == "plain" else "_scaled"
    return {
        "n_obs": fit.n_obs,
        "chisq": measures.get(f"chisq{test}", nan),
        "df": measures.get(f"df{test}", float(fit.df)),
        "p": measures.get(f"pvalue{test}", nan),
        "cfi": measures.get(f"cfi{suffix}", nan),
        "tli": measures.get(f"tli{suffix}", nan),
        "rmsea": measures.get(f"rmsea{suffix}", nan),
        "rmsea_low": measures.get(f"rmsea_ci_lower{suffix}", nan),
        "rmsea_high": measures.get(f"rmsea_ci_upper{suffix}", nan),
        "srmr": measures.get("srmr", nan),
        "aic": measures.get("aic", nan),
        "bic": measures.get("bic", nan),
        "index": index,
    }


def factor_correlations(
    fit: Fit, factors: Sequence[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Correlations (c, c) of the factors in a fit of one group, ones on the diagonal."""
    table = fit.standardized()
    Phi = np.eye(len(factors))
    for lhs, op, rhs, value in zip(
        table["lhs"], table["op"], table["rhs"], table["estimate"].to_numpy(dtype=float), strict=True
    ):
        if op == "~~" and lhs != rhs and lhs in factors and rhs in factors:
            i, j = factors.index(str(lhs)), factors.index(str(rhs))
            Phi[i, j] = Phi[j, i] = value
    return Phi
