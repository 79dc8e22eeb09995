"""The result of a model with ordered variables: a `Fit` whose statistics are thresholds and correlations."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError
from research.estimation import estimates
from research.estimation.fit import Fit
from research.estimation.measures import fit_measures
from research.estimation.ordinal_measures import baseline, correlation_discrepancies, residual_measures
from research.estimation.ordinal_model import OrdinalModel
from research.estimation.ordinal_sample import OrdinalGroup
from research.estimation.statistic import Statistic
from research.numerics.arrays import Indices, Matrix, Vector
from research.numerics.implied import jacobian, lower
from research.numerics.ordinal_moments import OrdinalBlock, OrdinalImplied, n_statistics
from research.numerics.ordinal_squares import OrdinalLeastSquares, OrdinalPoint
from research.numerics.standardize import row_jacobian, row_values, standardized, standardized_jacobian

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.factor_scores import Method
    from research.estimation.ordinal_scores import OrdinalMethod
    from research.estimation.witness import Verification


CONTINUOUS_ONLY = (
    "rmr",
    "rmr_nomean",
    "crmr",
    "crmr_nomean",
    "srmr_bentler",
    "srmr_mplus",
    "srmr_mplus_nomean",
)


@dataclass(frozen=True, repr=False)
class OrdinalFit(Fit):
    """A fit with thresholds (`|`) and scales (`~*~`) among its rows. Estimates are of the y* behind.

    Sample covariances are polychoric, polyserial and product-moment ones. Residual variances of ordered
    variables in the delta parameterization, and scales in the theta parameterization, follow from the other
    estimates: they have no standard error in `tidy`, but one in `standardized`.
    """

    model: OrdinalModel = field(kw_only=True)
    statistics: tuple[OrdinalGroup, ...] = field(kw_only=True)
    problem: OrdinalLeastSquares = field(kw_only=True)
    point: OrdinalPoint = field(kw_only=True)

    def tidy(self) -> pd.DataFrame:
        """As `Fit.tidy`; thresholds and scales are rows too."""
        found = self.solution
        columns: dict[str, list[str] | Vector] = {**estimates.keys(self.table)}
        columns.update(
            estimates.wald_columns(found.values, estimates.standard_errors(found.jacobian, self.vcov))
        )
        if self.resampled is not None:
            columns.update(self.resampled.wald_columns())
        columns["std_lv"], columns["std_all"] = self.standardized_values("lv"), self._standardized_all
        return estimates.frame(columns)

    def standardized(self) -> pd.DataFrame:
        """As `Fit.standardized`."""
        values, J = self._standardized_all.copy(), self._standardized_jacobian()
        more, slopes = self._defined(values, J)
        values[len(self.table.parameters) :] = more
        se = estimates.standard_errors(np.vstack([J, slopes]), self.vcov, constant=0.0)
        return estimates.frame({**estimates.keys(self.table), **estimates.wald_columns(values, se)})

    def measures(self) -> dict[str, float]:
        """As `Fit.measures`; SRMR is that of the correlations."""
        return dict(self._ordinal_measures)

    def implied(self) -> pd.DataFrame:
        """As `Fit.implied`, in the metric of the statistics: correlations and thresholds of the y*.

        Rows `|` are thresholds (given covariates of zero), rows `~1` the means of continuous variables.
        """
        return self._statistics_frame(sign=0.0)

    def residuals(self) -> pd.DataFrame:
        """Sample minus implied, rows as in `implied`; `cor` with continuous variables standardized."""
        frame = self._statistics_frame(sign=1.0)
        sd: dict[tuple[str, str], float] = {}
        for place, group in enumerate(self.sample.groups):
            own = np.sqrt(np.diagonal(group.cov))
            own[self.model.blocks[place].ordered] = 1.0
            sd.update(
                {(self.group_label(place), n): s for n, s in zip(self.sample.variables, own, strict=True)}
            )
        keys = zip(frame["group"], frame["lhs"], frame["op"], frame["rhs"], strict=True)
        by = [sd[g, a] * (sd[g, b] if op == "~~" else 1.0) for g, a, op, b in keys]
        return frame.assign(cor=frame["estimate"] / np.array(by))

    def _statistics_frame(self, sign: float) -> pd.DataFrame:
        """Implied statistics, or (sign 1) the sample's less them."""
        columns: dict[str, list[str]] = {"lhs": [], "op": [], "rhs": [], "group": []}
        values: list[float] = []
        parts = zip(self._parts(), self.implied_blocks, self.sample.groups, self.statistics, strict=True)
        for place, ((of, taus, _, here), at, group, sample) in enumerate(parts):
            second = at.Sigma * np.outer(here.scale, here.scale)
            levels = here.scale[of.item] * (here.tau - here.at.mu[of.item])
            if sign:
                second, levels = group.cov - second, sample.thresholds - levels
            names, c = self.sample.variables, of.continuous
            i, j = lower(len(names))
            columns["lhs"] += [names[b] for b in j] + [self.table.parameters[t].lhs for t in taus]
            columns["rhs"] += [names[a] for a in i] + [self.table.parameters[t].rhs for t in taus]
            columns["op"] += ["~~"] * len(i) + ["|"] * len(taus) + ["~1"] * len(c)
            columns["lhs"] += [names[at_c] for at_c in c]
            columns["rhs"] += [""] * len(c)
            columns["group"] += [self.group_label(place)] * (len(i) + len(taus) + len(c))
            values += [*second[i, j].tolist(), *levels.tolist()]
            values += ((group.mean - at.mu if sign else at.mu)[c]).tolist()
        return estimates.frame({**columns, "estimate": np.array(values)})

    def scores(self, method: Method | OrdinalMethod = "ebm") -> pd.DataFrame:
        """Factor scores, one row a row used, one column a factor; see `estimation.ordinal_scores`."""
        from research.estimation.ordinal_scores import ordinal_scores

        return ordinal_scores(self, method)

    def modification_indices(self) -> pd.DataFrame:
        """As `Fit.modification_indices`."""
        from research.estimation.ordinal_modification import ordinal_modification

        return ordinal_modification(self)

    def bollen_stine(
        self,
        n_draws: int = 1000,
        *,
        seed: int = 1,
        workers: int | None = None,
        progress: bool | None = None,
    ) -> Statistic:
        """Not offered for ordered variables."""
        del n_draws, seed, workers, progress
        raise OptionError("the Bollen-Stine test is for continuous variables; use test='scaled_shifted'")

    def verify(self) -> Verification:
        """Not offered: semopy has no witness for ordered variables."""
        raise OptionError("verify() has no witness for ordered variables")

    @property
    def n_parameters(self) -> int:
        """Free parameters less the equalities between them."""
        return self.model.n_parameters - self.n_equalities

    @property
    def df(self) -> int:
        """Thresholds, means, slopes, variances and correlations, less the parameters."""
        return sum(n_statistics(of)[0] for of in self.model.blocks) - self.n_parameters

    @cached_property
    def _baselines(self) -> tuple[Statistic, Statistic | None]:
        test = self.options.test if self.traces is not None else "standard"
        gammas = [group.gamma for group in self.statistics]
        return baseline(self.problem, gammas, self.sample.weight, test)

    @property
    def complete_df(self) -> int:
        """Those of the correlations alone: fixed thresholds are no part of that model."""
        return self.df - sum(int((of.threshold < 0).sum()) for of in self.model.blocks)

    @cached_property
    def complete_discrepancies(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """(chi-square, its expectation) of the model and the baseline that the robust indices are made of."""
        if self.traces is None:
            return None
        gammas = [group.gamma for group in self.statistics]
        n_obs = [group.n_obs for group in self.sample.groups]
        return correlation_discrepancies(self.problem, self.point, gammas, n_obs, self.constraints.basis)

    @cached_property
    def _ordinal_measures(self) -> dict[str, float]:
        if not self.converged:
            return {}
        out = {name: value for name, value in fit_measures(self).items() if name not in CONTINUOUS_ONLY}
        if self.complete_discrepancies is None:
            out = {name: value for name, value in out.items() if not name.endswith("_robust")}
        shares = [group.n_obs / self.sample.n_obs for group in self.sample.groups]
        out.update(residual_measures(self.problem, self.point, shares, self.df))
        return out

    @cached_property
    def solution(self) -> estimates.Solution:
        """Unstandardized values of all rows and defined parameters, with their Jacobian (r + d, q)."""
        q = self.model.n_parameters
        parts = zip(self.compiled.rows, self.implied_blocks, strict=True)
        values = self.compiled.spread([row_values(rows, at) for rows, at in parts])
        J = self.compiled.spread(
            [row_jacobian(rows, self.compiled.n_parameters)[:, :q] for rows in self.compiled.rows]
        )
        for of, taus, scales, here in self._parts():
            values[taus], values[scales] = here.tau, here.scale[of.ordered]
            J[taus], J[scales] = 0.0, 0.0
            J[taus[of.threshold >= 0], of.threshold[of.threshold >= 0]] = 1.0
            J[scales[of.scale >= 0], of.scale[of.scale >= 0]] = 1.0
        book = self.constraints.book
        more, slopes = estimates.defined(self.table, book, self.theta, np.eye(q))
        return estimates.Solution(np.concatenate([values, more]), np.vstack([J, slopes]))

    @cached_property
    def _standardized_all(self) -> Vector:
        return self.standardized_values("all")

    def standardized_values(self, kind: str) -> Vector:
        """Of all rows and defined parameters; thresholds by the standard deviation of y*, scales one."""
        which = "lv" if kind == "lv" else "all"
        parts = zip(self.compiled.rows, self.compiled.blocks, self.implied_blocks, strict=True)
        values = self.compiled.spread(
            [standardized(rows, block, at, "lv" if which == "lv" else "all") for rows, block, at in parts]
        )
        for (of, taus, scales, here), at in zip(self._parts(), self.implied_blocks, strict=True):
            sd = np.sqrt(np.diagonal(at.Sigma))
            values[taus] = here.tau if which == "lv" else here.tau / sd[of.item]
            values[scales] = here.scale[of.ordered] if which == "lv" else 1.0
        more, _ = self._defined(values, np.zeros((len(values), 1)))
        return np.concatenate([values, more])

    def _standardized_jacobian(self) -> Matrix:
        total = self.compiled.n_parameters
        by_block = []
        for rows, block, at, here in zip(
            self.compiled.rows, self.compiled.blocks, self.implied_blocks, self.point.blocks, strict=True
        ):
            by_block.append(standardized_jacobian(rows, block, at, total) @ here.spread)
        J = self.compiled.spread(by_block)
        for (of, taus, scales, here), at in zip(self._parts(), self.implied_blocks, strict=True):
            n = of.block.layout.n_observed
            row, column = lower(n)
            diagonal = n + np.flatnonzero(row == column)
            variance = np.diagonal(at.Sigma)
            log_sd = 0.5 * (jacobian(of.block, at)[diagonal] @ here.spread) / variance[:, None]
            sd = np.sqrt(variance)
            J[taus] = -(here.tau / sd[of.item])[:, None] * log_sd[of.item]
            free = of.threshold >= 0
            J[taus[free], of.threshold[free]] += 1.0 / sd[of.item[free]]
            J[scales] = 0.0
        return J

    def _defined(self, values: Vector, J: Matrix) -> tuple[Vector, Matrix]:
        first = estimates.first_rows(self.table)
        return estimates.defined(self.table, self.constraints.book, values[first], J[first])

    def _parts(self) -> list[tuple[OrdinalBlock, Indices, Indices, OrdinalImplied]]:
        return list(
            zip(self.model.blocks, self.model.thresholds, self.model.scales, self.point.blocks, strict=True)
        )
