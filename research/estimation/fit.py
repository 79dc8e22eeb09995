"""The result of `cfa`, `sem` and `growth`: methods unpack it and call functions on arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from research.estimation import estimates, loglikelihood
from research.estimation.baseline import baseline_complete, baseline_statistics
from research.estimation.incomplete import FULL_INFORMATION, TWO_STAGE, saturated_covariance
from research.estimation.incomplete_fit import complete_discrepancy
from research.estimation.measures import fit_measures
from research.estimation.problem import problem_of
from research.estimation.scaled import Traces, scaled_statistic
from research.estimation.statistic import Statistic
from research.estimation.summary import overview, summary
from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import chi2_sf
from research.numerics.full_information import FullInformation
from research.numerics.implied import Implied
from research.numerics.likelihood import inverse_and_logdet
from research.numerics.moment_space import normal_weight
from research.readable import Readable, Text

if TYPE_CHECKING:
    import pandas as pd

    from research.estimation.bootstrap import Bootstrap
    from research.estimation.compiled import Compiled
    from research.estimation.constraints import Constraints
    from research.estimation.factor_scores import Method
    from research.estimation.sample import Sample
    from research.estimation.two_level import LevelFit
    from research.estimation.witness import Verification
    from research.model.options import Options
    from research.model.table import ParameterTable
    from research.numerics.sem_layout import Block
    from research.numerics.standardize import Metric


@dataclass(frozen=True, repr=False)
class Fit(Readable):
    """An estimated model.

    `converged`: the search ended in a minimum. `admissible`: no negative variance, and the covariance
    matrices of the latent variables and of the residuals are positive definite. `notes`: sentences that a
    reader of the numbers has to know. `theta`: the free parameters, (q,); `vcov`: their sampling covariance,
    (q, q), None where there is none (not converged, not identified; a note says which). `unrotated`: the fit
    of which this one is the rotation. `vcov_standardized`: another one for the standardized solution, where
    a rotation has two (see option `rotation_se`).
    """

    table: ParameterTable
    options: Options
    sample: Sample
    compiled: Compiled
    constraints: Constraints
    theta: Vector
    vcov: Matrix | None
    implied_blocks: tuple[Implied, ...]
    discrepancy: float
    n_steps: int
    converged: bool
    admissible: bool
    n_equalities: int
    notes: tuple[str, ...] = ()
    traces: Traces | None = None
    weights: tuple[Matrix, ...] = ()
    levels: LevelFit | None = None
    vcov_standardized: Matrix | None = None
    resampled: Bootstrap | None = None
    resampled_test: Statistic | None = None
    unrotated: Fit | None = None

    def __repr__(self) -> str:
        """How the search ended, tests and indices, notes; `summary` has the parameters too."""
        return overview(self)

    def summary(self) -> Text:
        """The fit in words and tables, to read or print; see `estimation.summary`."""
        return summary(self)

    def tidy(self) -> pd.DataFrame:
        """One row a parameter: `lhs op rhs group level label estimate se z p low high std_lv std_all`.

        95 % intervals of Wald; `group` is the label of the group, "" where there is one group only. A fixed
        parameter has no standard error (NaN). With se="bootstrap" the intervals are percentiles.
        """
        if self.table.defined:
            values, se = self.solution.values, estimates.standard_errors(self.solution.jacobian, self.vcov)
        else:
            values = self.compiled.spread([metric.values for metric in self._metrics])
            se = estimates.row_errors(self.compiled, self.vcov)
        columns = estimates.wald_columns(values, se)
        if self.resampled is not None:
            columns.update(self.resampled.wald_columns())
        columns.update(estimates.standardized_columns(self.compiled, self._metrics, self.constraints.book))
        return estimates.with_numbers(self._keys, columns)

    def standardized(self) -> pd.DataFrame:
        """The completely standardized solution: `lhs op rhs group level label estimate se z p low high`.

        Standard errors by the delta method, also of loadings that are fixed in the other metric.
        """
        book = self.constraints.book
        found = estimates.standardized_solution(self.compiled, self.implied_blocks, self._metrics, book)
        own = self.vcov_standardized if self.resampled is None else None
        se = estimates.standard_errors(found.jacobian, self.vcov if own is None else own, constant=0.0)
        return estimates.with_numbers(self._keys, estimates.wald_columns(found.values, se))

    def standardized_values(self, kind: str) -> Vector:
        """Values of all rows and defined parameters, standardized: "lv" or "all", (r + d,)."""
        return estimates.standardized_values(self.compiled, self.implied_blocks, self.constraints.book, kind)

    def measures(self) -> dict[str, float]:
        """Fit measures under lavaan's names with underscores; a NaN-free mapping of what applies."""
        return dict(self._measures)

    def r_squared(self) -> pd.DataFrame:
        """Explained share of every dependent variable: `variable group r_squared`."""
        names, groups, shares = [], [], []
        for place, (block, at) in enumerate(zip(self.compiled.blocks, self.implied_blocks, strict=True)):
            dependent = (at.A != 0).any(axis=1)
            dependent[block.layout.A_row] = True
            known = self.compiled.names_of(place)
            total, residual = np.diagonal(at.V), np.diagonal(at.S)
            for name, is_outcome, v, s in zip(known, dependent, total, residual, strict=True):
                if is_outcome:
                    names.append(name)
                    groups.append(self.group_label(place))
                    shares.append(1.0 - s / v)
        return estimates.frame({"variable": names, "group": groups, "r_squared": np.array(shares)})

    def implied(self) -> pd.DataFrame:
        """Model-implied means and covariances: `lhs op rhs group estimate`, as in `tidy`."""
        return self._moment_frame([(at.Sigma, at.mu) for at in self.implied_blocks])

    def residuals(self) -> pd.DataFrame:
        """Sample minus implied moments: `lhs op rhs group estimate cor`.

        `cor`: divided by the standard deviations of the sample (Bentler).
        """
        raw = [(cov - at.Sigma, mean - at.mu) for _, at, cov, mean, _ in self.moments_by_block()]
        scaled = []
        for (second, first), group in zip(raw, self.sample.groups, strict=True):
            sd = np.sqrt(np.diagonal(group.cov))
            scaled.append((second / np.outer(sd, sd), first / sd))
        return self._moment_frame(raw).assign(cor=self._moment_frame(scaled)["estimate"])

    def scores(self, method: Method = "regression") -> pd.DataFrame:
        """Factor scores, one row a row used, one column a latent variable; see `estimation.factor_scores`."""
        from research.estimation.factor_scores import factor_scores

        return factor_scores(self, method)

    def modification_indices(self) -> pd.DataFrame:
        """`lhs op rhs group mi epc sepc_all` of what could be freed; see `estimation.modification`."""
        from research.estimation.modification import modification_indices

        return modification_indices(self)

    def score_test(self, add: str = "") -> pd.DataFrame:
        """Tests of the equality constraints, or of parameters to `add`; see `estimation.score_tests`."""
        from research.estimation.score_tests import score_test

        return score_test(self, add)

    def wald(self, constraints: str) -> Statistic:
        """Wald test of equalities between labels, `"a == b"`; see `estimation.score_tests`."""
        from research.estimation.score_tests import wald_test

        return wald_test(self, constraints)

    def bootstrap(
        self, n_draws: int = 5000, *, seed: int = 1, workers: int | None = None, progress: bool | None = None
    ) -> Bootstrap:
        """Refits to samples of the rows, for standard errors and intervals; see `estimation.bootstrap`."""
        from research.estimation.bootstrap import bootstrap

        return bootstrap(self, n_draws, seed=seed, workers=workers, progress=progress)

    def monte_carlo(
        self, n_draws: int = 20_000, *, seed: int = 1, level: float = 0.95, standardized: bool = False
    ) -> pd.DataFrame:
        """Intervals of the defined parameters from normal draws; see `estimation.monte_carlo`."""
        from research.estimation.monte_carlo import monte_carlo

        return monte_carlo(self, n_draws, seed=seed, level=level, standardized=standardized)

    def bollen_stine(
        self, n_draws: int = 1000, *, seed: int = 1, workers: int | None = None, progress: bool | None = None
    ) -> Statistic:
        """The bootstrap test of exact fit; see `estimation.bollen_stine`."""
        from research.estimation.bollen_stine import bollen_stine

        return bollen_stine(self, n_draws, seed=seed, workers=workers, progress=progress)

    def verify(self) -> Verification:
        """Re-estimate the model with semopy, and report the largest deviation; see `estimation.witness`."""
        from research.estimation.witness import verify

        return verify(self)

    @property
    def n_groups(self) -> int:
        """Groups, one where there is no grouping."""
        return 1 if self.levels is not None else len(self.sample.groups)

    @property
    def n_obs(self) -> int:
        """Rows in the analysis."""
        return self.sample.n_obs

    @property
    def n_parameters(self) -> int:
        """Free parameters less the equalities between them."""
        return self.compiled.n_parameters - self.n_equalities

    @property
    def df(self) -> int:
        """Degrees of freedom: moments that the model is held to, less its parameters."""
        if self.levels is not None:
            return self.levels.df
        total = 0
        for block in self.compiled.blocks:
            p, x = block.layout.n_observed, len(block.exogenous)
            total += p * (p + 1) // 2 - x * (x + 1) // 2
            total += p - x if block.means else 0
        return total - self.n_parameters

    @property
    def is_likelihood(self) -> bool:
        """Whether the estimator has a likelihood, and so AIC and BIC."""
        return self.options.discrepancy == "ML"

    @cached_property
    def gfi_weights(self) -> tuple[Matrix, ...]:
        """Weights of the moments in GFI, where they are not those of normal theory at the implied moments."""
        if self.weights or self.options.missing not in TWO_STAGE:
            return self.weights
        return tuple(
            normal_weight(inverse_and_logdet(group.cov)[0], block.means)
            for group, block in zip(self.sample.groups, self.compiled.blocks, strict=True)
        )

    @property
    def is_incomplete(self) -> bool:
        """Whether the likelihood is that of incomplete rows."""
        return self.options.missing in FULL_INFORMATION

    @cached_property
    def statistic(self) -> Statistic:
        """The test of exact fit."""
        chisq = loglikelihood.chi_square(self)
        return Statistic(chisq, self.df, chi2_sf(chisq, self.df))

    @cached_property
    def scaled(self) -> Statistic | None:
        """The corrected test that the options ask for."""
        if self.traces is None:
            return None
        return scaled_statistic(self.statistic.chisq, self.df, self.traces, self.options.test)

    @property
    def baseline(self) -> Statistic:
        """The test of the model in which all variables are independent."""
        return self._baselines[0] if self.levels is None else self.levels.baseline

    @property
    def baseline_scaled(self) -> Statistic | None:
        """The corrected test of the baseline model."""
        return self._baselines[1] if self.levels is None else self.levels.baseline_scaled

    @cached_property
    def _baselines(self) -> tuple[Statistic, Statistic | None]:
        test = self.options.test if self.traces is not None else "standard"
        return baseline_statistics(self.compiled, self.sample, self.options, test)

    @property
    def complete_df(self) -> int:
        """Degrees of freedom that the expectation of `complete_discrepancies` belongs to."""
        return self.df

    @cached_property
    def complete_discrepancies(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """Of incomplete rows: (chi-square, its expectation) as if complete, of the model and the baseline."""
        if not self.is_incomplete:
            return None
        problem = problem_of(self.compiled, self.sample, self.options)
        if not isinstance(problem, FullInformation):
            return None
        with np.errstate(all="ignore"):
            point = problem.point(self.theta)
            known = [
                saturated_covariance(group, block.exogenous, robust=self.traces is not None)
                for group, block in zip(self.sample.groups, problem.blocks, strict=True)
            ]
            own = complete_discrepancy(problem, point, self.sample, self.constraints.basis, known)
            return own, baseline_complete(self.compiled, self.sample, self.options, known)

    @cached_property
    def likelihood_gap(self) -> float:
        """Saturated minus fitted log-likelihood."""
        return loglikelihood.gap(self)

    @cached_property
    def saturated_loglik(self) -> float:
        """Log-likelihood of the unrestricted model, given the fixed x."""
        return loglikelihood.saturated(self)

    def moments_by_block(self) -> Iterator[tuple[Block, Implied, Matrix, Vector, float]]:
        """Block, implied matrices, sample covariance and mean, and share of the rows of each group."""
        for block, at, group in zip(
            self.compiled.blocks, self.implied_blocks, self.sample.groups, strict=True
        ):
            yield block, at, group.cov, group.mean, group.size / self.sample.n_obs

    def group_label(self, place: int) -> str:
        """The label of a block's group, "" where there is one group only."""
        return self.sample.groups[place].label if self.n_groups > 1 else ""

    @cached_property
    def solution(self) -> estimates.Solution:
        """Unstandardized values of all rows and defined parameters, with their Jacobian."""
        return estimates.solution(self.compiled, self._metrics, self.theta, self.constraints.book)

    @cached_property
    def _metrics(self) -> tuple[Metric, ...]:
        """Values of the rows of each block and what standardizes them."""
        return estimates.metrics_of(self.compiled, self.implied_blocks)

    @cached_property
    def _keys(self) -> estimates.Texts:
        """The columns that name a row, which several frames share."""
        return estimates.text_block(estimates.keys(self.table))

    @cached_property
    def _measures(self) -> Mapping[str, float]:
        return fit_measures(self)

    def _moment_frame(self, moments: Sequence[tuple[Matrix, Vector]]) -> pd.DataFrame:
        """Rows for the lower triangle and the means of each block."""
        labels = [self.group_label(place) for place in range(len(moments))]
        return estimates.moment_frame(self.compiled, labels, moments)
