"""Conditional process analysis: mediation, moderation, and mediation that is moderated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from research.errors import ModelError
from research.numerics.contrast_coding import Coding
from research.structure import process_frames, process_tests
from research.structure.design import complete_rows
from research.structure.formula import Factor, Formula
from research.structure.johnson_neyman import bounds_frame, region_frame
from research.structure.process_bootstrap import Draws, bootstrap_draws, checked_interval
from research.structure.process_columns import Center, read_variables
from research.structure.process_curves import prediction_frame
from research.structure.process_effects import Effect, edges, list_effects, moderators_of, paths_from
from research.structure.process_frames import Standardized
from research.structure.process_models import Specification, process_formulas
from research.structure.process_probes import Probes, Probing, probe_moderators
from research.structure.process_roles import (
    by_outcome,
    check_covariance,
    check_draws,
    check_roles,
    family_notes,
    family_of_y,
    form_notes,
    row_notes,
)
from research.structure.process_system import Equation, ProcessFamily, System, estimate, estimate_system
from research.structure.regression import check_options
from research.structure.scores import regression_frame

if TYPE_CHECKING:
    import pandas as pd

    from research.structure.estimates import CovType


@dataclass(frozen=True, repr=False)
class Process:
    """An estimated path model of observed variables. `notes` say what a reader has to know.

    `system` holds the regressions, `probes` the values at which each moderator is looked at, `draws` the
    bootstrap samples (None with bootstrap=0), `total_model` the regression of y on x without the mediators
    (None where a path is moderated or nothing mediates).
    """

    model: Specification
    system: System
    probes: Probes
    draws: Draws | None
    total_model: Equation | None
    n_draws: int
    level: float
    seed: int
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        regressions = "; ".join(equation.design.formula.text for equation in self.system.equations)
        n = len(self.system.equations[0].design.y)
        return f"Process(model={self.model!r}, n={n}, bootstrap={self.n_draws}: {regressions})"

    def models(self, *, total: bool = False) -> pd.DataFrame:
        """The coefficients of every regression: `outcome term estimate se t p low high`.

        total: also the regression of y on x and covariates without the mediators, its outcome marked
        `y (total)`.
        """
        return process_frames.models_frame(self.system, self.total_model if total else None, self.level)

    def measures(self, *, total: bool = False) -> pd.DataFrame:
        """What every regression explains: `outcome n_obs r r2 mse f df1 df2 p`.

        Of a logistic one `r2` is McFadden's and p that of the likelihood ratio.
        """
        return process_frames.measures_frame(self.system, self.total_model if total else None)

    def effects(
        self,
        interval: str | None = None,
        *,
        standardized: Standardized = "none",
        contrasts: bool = True,
    ) -> pd.DataFrame:
        """The effects of x on y: `effect path at estimate se p low high`, then `at_<moderator>`.

        effect: total, direct, total indirect, indirect, conditional direct, conditional indirect, contrast
        (of two indirect effects, or of one at two values), and the indices of moderated mediation (plain,
        partial, conditional, moderated), whose `at` names the moderator first. Total and direct effects
        have t statistics of their regression. The others have the interval asked for: "percentile" (the
        default where there are draws), "bc", "bca", "monte carlo" or "sobel" (second order, normal; the
        default without draws). `se` is then the standard deviation of the draws, and p 1 - level of the
        interval that has zero for a limit (PROCESS prints none).

        standardized: "partial" divides by the standard deviation of y, "complete" multiplies by that of
        x too (in every draw by those of the sample). Then total and direct effects have intervals of the
        draws as well. OptionError for "complete" where x has two values or categories.
        """
        chosen = checked_interval(interval or ("percentile" if self.n_draws else "sobel"), self.n_draws)
        effects = [effect for effect in self._effects if contrasts or effect.kind != "contrast"]
        return process_frames.effects_frame(
            self.system,
            effects,
            self.draws,
            self.total_model,
            chosen,
            standardized,
            level=self.level,
            n_draws=self.n_draws,
            seed=self.seed,
        )

    def simple_slopes(self) -> pd.DataFrame:
        """Every moderated path at the values of its moderators: `outcome path at estimate se t p low high`,
        then `at_<moderator>`.
        """
        return process_frames.slopes_frame(self.system, self.probes, self.level)

    def tests(self) -> pd.DataFrame:
        """Joint tests: `outcome test terms at r2_change f df1 df2 p`.

        test `interaction`: the highest products of each regression, one by one and together; `omnibus`:
        all columns of a categorical x, as a whole or at the values of its moderators, and of its total effect
        (outcome `y (total)`).
        """
        return process_tests.tests_frame(self.system, self.probes, self.total_model)

    def johnson_neyman(self, moderator: str | None = None, outcome: str | None = None) -> pd.DataFrame:
        """Where on a continuous moderator the effect of a path turns significant, within its values.

        `outcome path moderator at bound share_below share_above significant`: one row a bound;
        `significant` is the side of the bound on which the effect differs from 0. A path without a bound has
        one row with NaN and "everywhere" or "nowhere". DataError where no moderator is continuous.
        """
        return bounds_frame(self.system, self.probes, self.level, moderator, outcome)

    def region(
        self, moderator: str | None = None, outcome: str | None = None, *, points: int = 101
    ) -> pd.DataFrame:
        """A path along a continuous moderator: `outcome path moderator at value estimate se p low high`."""
        return region_frame(self.system, self.probes, self.level, moderator, outcome, points)

    def predictions(
        self, outcome: str | None = None, source: str | None = None, *, points: int = 41
    ) -> pd.DataFrame:
        """The lines of a moderation plot: `outcome source value at estimate se low high`, `at_<moderator>`.

        Predicted values of a moderated path along its source, one line at each combination of the moderators'
        values, everything else at its mean. Without `outcome` and `source`, the first moderated path. Of a
        logistic regression, probabilities.
        """
        return prediction_frame(self.system, self.probes, self.level, outcome, source, points)

    def coding(self) -> pd.DataFrame:
        """What the columns of categorical variables are in each category: `variable level column value`."""
        return process_frames.coding_frame(self.system)

    @cached_property
    def _effects(self) -> list[Effect]:
        return list_effects(self.system, self.probes)


def process(
    data: object,
    model: Specification = 4,
    x: str = "x",
    y: str = "y",
    m: Sequence[str] | str = (),
    w: str | None = None,
    z: str | None = None,
    covariates: Sequence[str] | Mapping[str, Sequence[str]] = (),
    cov_type: CovType = "nonrobust",
    center: Center = False,
    probe: Probing = "percentiles",
    bootstrap: int = 5000,
    level: float = 0.95,
    seed: int = 1,
    *,
    categorical: Mapping[str, Coding] | None = None,
    family: ProcessFamily | None = None,
) -> Process:
    """Estimate a path model of observed variables whose paths may be moderated, and its effects.

    `model`: a number of Hayes's PROCESS (1-22, 28, 29, 58, 59, 72, 73, 75, 76, 80-83, 91, 92), or any
    recursive model by its regressions, {"m ~": "x * w", "y ~": "x + m * w"} or ["m ~ x * w", "y ~ x + m"];
    what stands in a product with the source of a path moderates it. `data`: a frame, or Responses, whose
    constructs enter as scale scores. Rows with a missing value in any column are left out, and a note
    counts them.

    `m`: mediators in causal order. `covariates`: of every regression, or a mapping from outcomes; C(name) for
    categories. `categorical`: {"x": "indicator"} and the like for columns of categories (indicator,
    sequential, helmert, effect). `center`: True centres every number in a product, "continuous" only
    those with more than two values. `probe`: "percentiles", "sd", or {"w": [1, 4, 7]}.
    `cov_type`: nonrobust or HC0 to HC4. `bootstrap`: number of samples, 0 for none. `family`: a y with two
    values is explained by logistic regression, effects on it in log odds (a note says so); "ols" models its
    probability, and accepts mediators with two values.

    Raises ModelError, DataError and OptionError, each with what is wrong and what to do.
    Methods: Hayes (2022); Preacher, Rucker & Hayes (2007); Hayes (2015, 2018).

    `w`, `z`: moderators of the numbered models; `level`, `seed`: of the intervals.

    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> trust = rng.normal(size=200)
    >>> value = 0.5 * trust + rng.normal(size=200)
    >>> answers = pd.DataFrame({"trust": trust, "value": value, "loyalty": value + rng.normal(size=200)})
    >>> found = process(answers, 4, x="trust", y="loyalty", m=["value"], bootstrap=500)
    >>> found.effects()[["effect", "path"]].agg(": ".join, axis=1).tolist()
    ['total: trust -> loyalty', 'direct: trust -> loyalty', 'indirect: trust -> value -> loyalty']
    """
    check_covariance(cov_type)
    check_options("ols", cov_type, None, level)
    check_draws(bootstrap)
    mediators = (m,) if isinstance(m, str) else tuple(m)
    shared = by_outcome(covariates, mediators, y, model)
    check_roles(x, y, mediators, w, z, [name for names in shared.values() for name in names])
    formulas = process_formulas(model, x, y, mediators, w, z, shared)
    frame = regression_frame(data)
    names = tuple(dict.fromkeys(name for formula in formulas for name in formula.names))
    used = complete_rows(names, frame)
    variables = read_variables(formulas, frame.loc[used], categorical or {}, center)
    chosen = family_of_y([formula.outcome for formula in formulas], variables, y, family)
    dropped = int((~used).sum())
    system = estimate_system(formulas, variables, x, y, cov_type, dropped, chosen)
    probes, notes = probe_moderators([variables[name] for name in _moderators(system, w, z)], probe)
    draws = bootstrap_draws(system, bootstrap, seed) if bootstrap else None
    notes = (
        *row_notes(dropped, len(used)),
        *family_notes(variables, y, chosen, cov_type in ("HC2", "HC3", "HC4")),
        *form_notes(formulas),
        *notes,
    )
    if draws is not None and draws.failed:
        notes += (
            f"{draws.failed} of {bootstrap} bootstrap samples left a coefficient open and are not used.",
        )
    notes += tuple(note for equation in system.equations for note in equation.estimates.notes)
    total = _total_model(system, formulas, dropped)
    return Process(model, system, probes, draws, total, bootstrap, level, seed, tuple(dict.fromkeys(notes)))


def _moderators(system: System, w: str | None, z: str | None) -> list[str]:
    """The variables that moderate a path from x to y: w and z first."""
    found = [
        name
        for source in system.variables[system.x].columns
        for path in paths_from(system, source, system.y)
        for step in edges(path)
        for name in moderators_of(system, *step)
    ]
    if not any(
        True for source in system.variables[system.x].columns for _ in paths_from(system, source, system.y)
    ):
        raise ModelError(
            f"no path leads from x={system.x!r} to y={system.y!r}; add {system.x} to a regression."
        )
    return list(dict.fromkeys([*(name for name in (w, z) if name in found), *found]))


def _total_model(system: System, formulas: Sequence[Formula], dropped: int) -> Equation | None:
    """y on x and covariates, where nothing is moderated and every outcome has the same covariates."""
    mediators = set(system.mediators)
    logistic = system.equation(system.y).family == "logit"
    if not mediators or logistic or any(len(term) > 1 for formula in formulas for term in formula.terms):
        return None
    inner = mediators | {system.x}
    (last,) = (formula for formula in formulas if formula.outcome == system.y)
    kept = tuple(term for term in last.terms if term[0].name not in inner)
    for formula in formulas:
        if {term for term in formula.terms if term[0].name not in inner} != set(kept):
            return None
    if not any(term[0].name == system.x for term in last.terms):
        return None
    (focal,) = {term for formula in formulas for term in formula.terms if term[0].name == system.x}
    terms = (focal, *kept)
    text = f"{Factor(system.y)} ~ {' + '.join(':'.join(map(str, term)) for term in terms)}"
    total = replace(last, terms=terms, text=text)
    return estimate(total, system.variables, system.cov_type, dropped)
