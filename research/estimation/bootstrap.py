"""Bootstrap of parameters, defined effects and standardized estimates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError, OptionError
from research.estimation import estimates
from research.estimation.refits import Refits
from research.estimation.resampling import bootstrap_refits, jackknife_refits
from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.numerics.intervals import Kind, bootstrap_limits, bootstrap_p, jackknife_influence
from research.readable import Readable

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit

# Our names, and lavaan's in `parameterEstimates(boot.ci.type=)`.
AnyKind = Literal[Kind, "norm", "perc", "bca_simple", "bca.simple"]
KINDS: dict[str, Kind] = {
    "percentile": "percentile",
    "basic": "basic",
    "normal": "normal",
    "bc": "bc",
    "bca": "bca",
    "perc": "percentile",
    "norm": "normal",
    "bca_simple": "bc",
    "bca.simple": "bc",
}
_STILL = 1e-10  # standard deviation of draws that do not move


@dataclass(frozen=True, repr=False)
class Bootstrap(Readable):
    """Draws of a fit's parameters.

    `refits`: all draws; those that gave no estimates are counted in `n_failed`, `failures` says why, and they
    are left out of every number. Improper solutions (`n_inadmissible`) count as any other.
    """

    fit: Fit
    refits: Refits
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def n_draws(self) -> int:
        """Samples drawn."""
        return len(self.refits.theta)

    @property
    def n_failed(self) -> int:
        """Samples that gave no estimates."""
        return int((~self.refits.converged).sum())

    @property
    def failures(self) -> dict[str, int]:
        """Samples that gave no estimates, by reason."""
        return self.refits.failures

    @property
    def n_inadmissible(self) -> int:
        """Samples whose estimates have a negative variance or a covariance matrix that is none."""
        return int((self.refits.converged & ~self.refits.admissible).sum())

    @cached_property
    def draws(self) -> Matrix:
        """Free parameters in the samples that converged, shape (b, q)."""
        return self.refits.theta[self.refits.converged]

    @cached_property
    def defined(self) -> Matrix:
        """Defined parameters in the samples that converged, shape (b, d)."""
        return self._defined(self.draws)

    def tidy(self, kind: AnyKind = "percentile", level: float = 0.95) -> pd.DataFrame:
        """`lhs op rhs group level label estimate se p low high` of every parameter and defined effect.

        kind: "percentile", "basic", "normal", "bc" or "bca" (also lavaan's "perc", "norm", and "bca.simple"
        for "bc"). `se` is the standard deviation of the draws; `p` the error at which an interval
        of this kind would just reach zero. "bca" takes its acceleration from the jackknife, which refits the
        model once without each row (cluster). A fixed parameter has no interval (NaN).
        """
        values = self.fit.solution.values
        draws = np.hstack([self.draws, self.defined])
        influence = None
        if _kind(kind) == "bca":
            left_out, strata = self._jackknife
            theta = left_out.theta[left_out.converged]
            influence = jackknife_influence(np.hstack([theta, self._defined(theta)]), strata)
        return self._frame(values, draws, self._places(), kind, level, influence)

    def wald_columns(self) -> dict[str, Vector]:
        """`se z p low high` for the table of the fit: standard deviations and percentiles of the draws."""
        table = self.tidy("percentile")
        estimate, se = table["estimate"].to_numpy(dtype=float), table["se"].to_numpy(dtype=float)
        columns = estimates.wald_columns(estimate, se)
        del columns["estimate"]
        columns.update(low=table["low"].to_numpy(dtype=float), high=table["high"].to_numpy(dtype=float))
        return columns

    def standardized(self, kind: AnyKind = "percentile", level: float = 0.95) -> pd.DataFrame:
        """The same columns for the completely standardized solution, standardized anew in every sample."""
        values = self.fit.standardized_values("all")
        draws = self._standardized(self.refits.standardized[self.refits.converged])
        influence = None
        if _kind(kind) == "bca":
            left_out, strata = self._jackknife
            rows = left_out.standardized[left_out.converged]
            influence = jackknife_influence(self._standardized(rows), strata)
        return self._frame(values, draws, np.arange(draws.shape[1]), kind, level, influence)

    def _defined(self, draws: Matrix) -> Matrix:
        return estimates.defined_draws(self.fit.table, self.fit.constraints.book, draws)

    def _standardized(self, rows: Matrix) -> Matrix:
        """Rows of the table (b, r), and defined parameters computed from them."""
        first = estimates.first_rows(self.fit.table)
        return np.hstack([rows, self._defined(rows[:, first])])

    def _frame(
        self,
        values: Vector,
        draws: Matrix,
        column: Indices,
        kind: AnyKind,
        level: float,
        influence: Matrix | None,
    ) -> pd.DataFrame:
        """`column`: the column of draws of each row of the table, -1 where it is fixed."""
        chosen = _kind(kind)
        if not 0.0 < level < 1.0:
            raise OptionError(f"level is {level}; it must lie between 0 and 1, for example 0.95")
        if len(draws) < 2:
            raise DataError(
                f"{len(draws)} of {self.n_draws} bootstrap samples gave estimates: {_listed(self.failures)}"
            )
        shown = {name: np.full(len(values), np.nan) for name in ("se", "p", "low", "high")}
        finite: Mask = np.isfinite(draws)
        moving: Mask = np.where(finite, draws, 0.0).std(axis=0) > _STILL
        known = np.flatnonzero((column >= 0) & moving[column])
        whole: Mask = np.asarray(finite.all(axis=0))[column[known]]
        sets = [known[whole], *(known[~whole])[:, None]]  # effects without a value in some draws stand alone
        for rows in sets:
            at = column[rows]
            if not len(at) or finite[:, at].all(axis=1).sum() < 2:
                continue
            own = draws[finite[:, at].all(axis=1)][:, at]
            pull = None if influence is None else influence[np.isfinite(influence[:, at]).all(axis=1)][:, at]
            shown["low"][rows], shown["high"][rows] = bootstrap_limits(own, values[rows], chosen, level, pull)
            shown["p"][rows] = bootstrap_p(own, values[rows], chosen, pull)
            shown["se"][rows] = own.std(axis=0, ddof=1)
        return estimates.frame({**estimates.keys(self.fit.table), "estimate": values, **shown})

    def _places(self) -> Indices:
        """The column of draws of each row of the table and each defined parameter, -1 if fixed."""
        table = self.fit.table
        free = [parameter.free - 1 for parameter in table.parameters]
        return np.array([*free, *range(table.n_free, table.n_free + len(table.defined))], dtype=np.intp)

    @cached_property
    def _jackknife(self) -> tuple[Refits, Indices]:
        """Refits, and the groups of those that converged."""
        found, strata = jackknife_refits(self.fit)
        return found, strata[found.converged]


def bootstrap(
    fit: Fit, n_draws: int = 5000, *, seed: int = 1, workers: int | None = None, progress: bool | None = None
) -> Bootstrap:
    """Refit the model to `n_draws` samples of its rows, drawn with replacement within each group.

    Whole clusters are drawn where the fit has clusters (Field & Welsh 2007); sampling weights go with their
    rows. Every estimator, missing="fiml" and two-stage estimation, constraints and bounds, ordered variables
    (thresholds and correlations are estimated anew; a sample that lost a category fails) and two-level models
    are refitted as they were fitted. Rotated factors are put in the order and the direction that lie nearest
    to those of the whole sample.

    seed: the same seed gives the same numbers with any number of `workers`. `workers=None` follows
    `joblib.parallel_config`, so that any back end can be set from outside; without one all cores join in
    when the work is long. Samples without estimates are counted, noted with their reasons, and left out. The
    bar appears when the work takes over two seconds.
    """
    if n_draws < 2:
        raise OptionError(f"n_draws is {n_draws}; a bootstrap needs at least 2, better 5000")
    refits = bootstrap_refits(fit, n_draws, seed, "bootstrap", workers=workers, progress=progress)
    found = Bootstrap(fit, refits, seed)
    return Bootstrap(fit, refits, seed, tuple(_notes(found)))


def _notes(found: Bootstrap) -> list[str]:
    notes = []
    if found.n_failed:
        notes.append(
            f"{found.n_failed} of {found.n_draws} bootstrap samples gave no estimates and were left out: "
            f"{_listed(found.failures)}."
        )
    if found.n_inadmissible:
        notes.append(
            f"{found.n_inadmissible} of {found.n_draws} bootstrap samples gave an improper solution (a "
            "negative variance, or a covariance matrix that is none); they count as the others."
        )
    lost = (~np.isfinite(found.defined)).sum(axis=0)
    for each, count in zip(found.fit.table.defined, lost.tolist(), strict=True):
        if count:
            notes.append(
                f"'{each.name}' has no value in {count} bootstrap samples; its interval leaves them out."
            )
    return notes


def _listed(failures: dict[str, int]) -> str:
    listed = [f"{reason.rstrip('.')} ({count})" for reason, count in failures.items()]
    return "; ".join(listed[:4]) + (" …" if len(listed) > 4 else "")


def _kind(kind: str) -> Kind:
    if kind not in KINDS:
        raise OptionError(f"unknown kind of interval '{kind}'; there are {', '.join(KINDS)}")
    return KINDS[kind]
