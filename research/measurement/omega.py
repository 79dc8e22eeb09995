"""One scale or several? Omega total and hierarchical from an exploratory solution."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from research.errors import OptionError, did_you_mean
from research.measurement.exploratory import efa
from research.measurement.factor_solution import FactorAnalysis
from research.measurement.inputs import item_data
from research.numerics.arrays import Vector
from research.numerics.extraction import Method
from research.numerics.reliability import cronbach_alpha, guttman_lambda6, wrongly_keyed
from research.numerics.rotation import Name
from research.numerics.schmid_leiman import Option, SchmidLeiman, omega_of_groups, omega_parts, schmid_leiman
from research.readable import Readable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, slots=True)
class Omega(Readable):
    """What a general factor and group factors explain of the sum of standardized items.

    `omega_hierarchical`: share of the general factor; `omega_total`: of all common factors; `omega_limit`:
    their ratio, what the first tends to as items are added; `group`: share of the group factors. `alpha` and
    `lambda6` (Guttman) are of the same correlations. `explained_common`: the general factor's share of
    the squared loadings on all (ECV; Reise, Moore & Haviland 2010). `turned`: items that were reversed first.
    """

    omega_hierarchical: float
    omega_total: float
    omega_limit: float
    group: float
    alpha: float
    lambda6: float
    explained_common: float
    factors: FactorAnalysis
    transformed: SchmidLeiman
    turned: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def schmid_leiman(self) -> pd.DataFrame:
        """Items in rows: loadings on `general` and the group factors, `h2`, `u2`, `p2` = general^2 / h2."""
        import pandas as pd

        table = pd.DataFrame(
            np.column_stack([self.transformed.general, self.transformed.group]),
            index=list(self.factors.names),
            columns=["general", *self.factors.factors],
        )
        h2 = 1 - self.factors.unique
        return table.assign(h2=h2, u2=self.factors.unique, p2=self.transformed.general**2 / h2)

    @property
    def groups(self) -> pd.DataFrame:
        """`total general group` of the sum of all items (row "general"), and of each factor's own items."""
        import pandas as pd

        parts = [
            (self.omega_total, self.omega_hierarchical, self.group),
            *(
                (each.total, each.general, each.group)
                for each in omega_of_groups(self.factors.cor, self.transformed)
            ),
        ]
        return pd.DataFrame(
            parts, index=["general", *self.factors.factors], columns=["total", "general", "group"]
        )


def omega(
    data: object,
    items: Iterable[str] | None = None,
    n_factors: int = 3,
    *,
    method: Method = "minres",
    rotation: Name = "oblimin",
    option: Option = "equal",
    cor: Literal["pearson", "polychoric"] = "pearson",
    reverse: Iterable[str] = (),
    flip: bool = True,
    n_obs: int | None = None,
) -> Omega:
    """Omega total and omega hierarchical by the transformation of Schmid and Leiman (1957).

    omega_h = (sum of general loadings)^2 / V, omega_total = 1 - sum(u^2) / V, V the sum of the correlations
    (Zinbarg et al. 2005; McDonald 1999). An oblique solution of `n_factors` factors is extracted as `efa`
    does, and one general factor from their correlations; of one factor omega_h is that of its loadings. Two
    factors identify a general one by assumption only (`option`: equal, first, second); three are the fewest
    that do so by themselves. `flip` turns items that run against the first principal component, and names
    them.

    Omega depends on the solution: a different `n_factors` gives different numbers; report it.

    `method`, `rotation` and `cor` as in `efa`; `data`, `reverse` and `n_obs` as in `reliability`.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.omega(answers.frame.loc[:, "quality1":"loyalty3"], n_factors=4)
    >>> round(float(found.omega_total), 2), round(float(found.omega_hierarchical), 2)
    (0.9, 0.67)
    """
    if option not in get_args(Option):
        allowed = get_args(Option)
        raise OptionError(
            f"option={option!r} is not known; allowed: {', '.join(allowed)}.{did_you_mean(option, allowed)}"
        )
    if n_factors > 1 and rotation in ("none", "varimax"):
        raise OptionError(
            f"rotation={rotation!r} leaves the factors uncorrelated, so that there is no general factor; "
            "take oblimin, promax, quartimin or geomin."
        )
    found = item_data(data, items, n_obs=n_obs, reverse=reverse)
    factors = efa(data, n_factors, method, rotation, n_obs, cor=cor, items=found.names)
    signs = np.array([-1.0 if name in set(reverse) else 1.0 for name in found.names])
    turned: tuple[str, ...] = ()
    if flip:
        against = wrongly_keyed(factors.cor * np.outer(signs, signs))
        turned = tuple(name for name, sign in zip(found.names, against, strict=True) if sign < 0)
        signs = signs * against
    factors = _turned(factors, signs)
    transformed = schmid_leiman(factors.loadings_std, factors.phi_array, option)
    parts = omega_parts(factors.cor, transformed, factors.unique)
    general = float((transformed.general**2).sum())
    return Omega(
        parts.general,
        parts.total,
        parts.general / parts.total,
        parts.group,
        cronbach_alpha(factors.cor),
        guttman_lambda6(factors.cor),
        general / (general + float((transformed.group**2).sum())),
        factors,
        transformed,
        turned,
        (*factors.notes, *_notes(factors, transformed, turned)),
    )


def _turned(factors: FactorAnalysis, signs: Vector) -> FactorAnalysis:
    """The same solution of items times `signs`, each factor turned to its positive side."""
    from dataclasses import replace

    loadings = factors.loadings_std * signs[:, None]
    sides = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    return replace(
        factors,
        cor=factors.cor * np.outer(signs, signs),
        loadings_std=loadings * sides,
        phi_array=factors.phi_array * np.outer(sides, sides),
    )


def _notes(factors: FactorAnalysis, found: SchmidLeiman, turned: tuple[str, ...]) -> list[str]:
    notes = []
    if turned:
        notes.append(f"Turned, as they run against the other items: {', '.join(turned)}.")
    if len(found.second_order) == 2:
        notes.append("Two factors do not identify a general one: omega hierarchical rests on `option`.")
    if not found.converged or (np.abs(found.second_order) > 1).any():
        notes.append("The general factor of the factors did not converge, or explains one of them in full.")
    if (found.second_order < 0).any():
        names = [f for f, g in zip(factors.factors, found.second_order, strict=True) if g < 0]
        notes.append(
            f"{', '.join(names)} run against the general factor: omega hierarchical is hard to read."
        )
    return notes
