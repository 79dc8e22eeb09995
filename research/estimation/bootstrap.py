"""Bootstrap of parameters, defined effects and standardized estimates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError
from research.estimation import estimates
from research.estimation.resampling import Refits, bootstrap_refits, jackknife_refits
from research.numerics.arrays import Matrix, Vector
from research.numerics.intervals import Kind, bootstrap_limits

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.fit import Fit

KINDS = ("percentile", "basic", "normal", "bc", "bca")


@dataclass(frozen=True)
class Bootstrap:
    """Draws of a fit's parameters.

    `refits`: all draws; those that did not converge are counted in `n_failed` and left out of every number.
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
        """Samples in which the model did not converge."""
        return int((~self.refits.converged).sum())

    @cached_property
    def draws(self) -> Matrix:
        """Free parameters in the samples that converged, shape (b, q)."""
        return self.refits.theta[self.refits.converged]

    @cached_property
    def defined(self) -> Matrix:
        """Defined parameters in the samples that converged, shape (b, d)."""
        return estimates.defined_draws(self.fit.table, self.fit.constraints.book, self.draws)

    def tidy(self, kind: Kind = "percentile", level: float = 0.95) -> pd.DataFrame:
        """`lhs op rhs group level label estimate se low high` of every parameter and defined effect.

        kind: "percentile", "basic", "normal", "bc" or "bca". `se` is the standard deviation of the draws.
        A fixed parameter has no interval (NaN).
        """
        found = self.fit.solution
        place = self._places()
        draws = np.hstack([self.draws, self.defined])
        at = np.array([self._first_row(column) for column in range(draws.shape[1])], dtype=int)
        jackknife = None
        if kind == "bca":
            left_out = self._jackknife.theta
            more = estimates.defined_draws(self.fit.table, self.fit.constraints.book, left_out)
            jackknife = np.hstack([left_out, more])
        return self._frame(found.values, draws, found.values[at], place, kind, level, jackknife)

    def wald_columns(self) -> dict[str, Vector]:
        """`se z p low high` for the table of the fit: standard deviations and percentiles of the draws."""
        table = self.tidy("percentile")
        estimate, se = table["estimate"].to_numpy(dtype=float), table["se"].to_numpy(dtype=float)
        columns = estimates.wald_columns(estimate, se)
        del columns["estimate"]
        columns.update(low=table["low"].to_numpy(dtype=float), high=table["high"].to_numpy(dtype=float))
        return columns

    def standardized(self, kind: Kind = "percentile", level: float = 0.95) -> pd.DataFrame:
        """The same columns for the completely standardized solution."""
        values = estimates.standardized_values(
            self.fit.compiled, self.fit.implied_blocks, self.fit.constraints.book, "all"
        )
        chosen = self.refits.converged
        rows = self._by_row(self.refits.standardized[chosen], len(self.fit.table.parameters))
        draws = np.hstack([rows, self._standardized_defined(rows)])
        jackknife = None
        if kind == "bca":
            left_out = self._by_row(self._jackknife.standardized, len(self.fit.table.parameters))
            jackknife = np.hstack([left_out, self._standardized_defined(left_out)])
        moving = draws.std(axis=0) > 1e-10
        column = np.where(moving, np.arange(draws.shape[1]), -1)
        return self._frame(values, draws, values, column, kind, level, jackknife)

    def _by_row(self, draws: Matrix, n_rows: int) -> Matrix:
        """Draws by cell of the blocks → draws by row of the table."""
        out = np.full((len(draws), n_rows), np.nan)
        out[:, np.concatenate(self.fit.compiled.places)] = draws
        return out

    def _standardized_defined(self, rows: Matrix) -> Matrix:
        """Defined parameters of standardized draws (b, rows), (b, d)."""
        first = estimates.first_rows(self.fit.table)
        return estimates.defined_draws(self.fit.table, self.fit.constraints.book, rows[:, first])

    def _frame(
        self,
        values: Vector,
        draws: Matrix,
        estimate: Vector,
        column: Vector,
        kind: Kind,
        level: float,
        jackknife: Matrix | None,
    ) -> pd.DataFrame:
        if kind not in KINDS:
            raise OptionError(f"unknown kind of interval '{kind}'; there are {', '.join(KINDS)}")
        if not 0.0 < level < 1.0:
            raise OptionError(f"level is {level}; it must lie between 0 and 1, for example 0.95")
        low, high = bootstrap_limits(draws, estimate, kind, level, jackknife)
        se = draws.std(axis=0, ddof=1)
        known = column >= 0
        columns = {"estimate": values}
        for name, numbers in (("se", se), ("low", low), ("high", high)):
            columns[name] = np.where(known, numbers[np.maximum(column, 0)], np.nan)
        return estimates.frame({**estimates.keys(self.fit.table), **columns})

    def _places(self) -> Vector:
        """The column of draws of each row of the table and each defined parameter, -1 if fixed."""
        table = self.fit.table
        free = [parameter.free - 1 for parameter in table.parameters]
        return np.array([*free, *range(table.n_free, table.n_free + len(table.defined))], dtype=int)

    def _first_row(self, column: int) -> int:
        return int(np.flatnonzero(self._places() == column)[0])

    @cached_property
    def _jackknife(self) -> Refits:
        return jackknife_refits(self.fit)


def bootstrap(
    fit: Fit, n_draws: int = 5000, *, seed: int = 1, workers: int | None = None, progress: bool | None = None
) -> Bootstrap:
    """Refit the model to `n_draws` samples of its rows, drawn with replacement within each group.

    seed: the same seed gives the same numbers with any number of `workers`. `workers=None` follows
    `joblib.parallel_config`, so that any back end can be set from outside; without one all cores join in
    when the work is long. A sample has converged at a stationary point with a positive definite Hessian;
    those in which a parameter runs off to infinity are counted and noted. The bar appears when the work
    takes over two seconds. Maximum likelihood on complete rows only.
    """
    if n_draws < 2:
        raise OptionError(f"n_draws is {n_draws}; a bootstrap needs at least 2, better 5000")
    refits = bootstrap_refits(fit, n_draws, seed, "bootstrap", workers=workers, progress=progress)
    failed = int((~refits.converged).sum())
    notes = (
        (f"{failed} of {n_draws} bootstrap samples did not converge and were left out.",) if failed else ()
    )
    return Bootstrap(fit, refits, seed, notes)
