"""Which part each variable plays in a model: latent, indicator, outcome, predictor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from research.model.syntax import Row


@dataclass(frozen=True, slots=True)
class Roles:
    """The variables of one group and level, each list in the order in which the model names them.

    `latent`: left of =~ or <~; `composites`: left of <~. `indicators`: observed, right of =~;
    `outcomes`: observed, left of ~; `predictors`: observed, only right of ~ or <~; `others`:
    observed, only in ~~, ~ 1, | or ~*~. `mentioned`: predictors whose variance, covariance or
    mean the text names: they are random even under fixed_x. `measured`: right of =~;
    `regressed`: left of ~; `regressors`: right of ~.
    """

    latent: tuple[str, ...]
    composites: frozenset[str]
    indicators: tuple[str, ...]
    outcomes: tuple[str, ...]
    predictors: tuple[str, ...]
    others: tuple[str, ...]
    mentioned: frozenset[str]
    measured: frozenset[str]
    regressed: tuple[str, ...]
    regressors: frozenset[str]

    @property
    def observed(self) -> tuple[str, ...]:
        return self.indicators + self.outcomes + self.predictors + self.others


def roles(rows: Iterable[Row]) -> Roles:
    """Read the part of each variable off the formulas."""
    latent: dict[str, None] = {}
    composites: set[str] = set()
    measured: dict[str, None] = {}
    regressed: dict[str, None] = {}
    regressors: dict[str, None] = {}
    covarying: dict[str, None] = {}
    partners: dict[str, None] = {}
    levels: dict[str, None] = {}  # variables with ~ 1, | or ~*~
    for row in rows:
        op = row.op
        if op == "=~":
            latent[row.lhs] = None
            measured[row.rhs] = None
        elif op == "~":
            regressed[row.lhs] = None
            regressors[row.rhs] = None
        elif op == "~~":
            covarying[row.lhs] = None
            partners[row.rhs] = None
        elif op == "<~":
            latent[row.lhs] = None
            composites.add(row.lhs)
            regressors[row.rhs] = None
        else:
            levels[row.lhs] = None
    indicators = tuple(name for name in measured if name not in latent)
    taken = {*latent, *indicators}
    outcomes = tuple(name for name in regressed if name not in taken)
    taken.update(outcomes)
    predictors = tuple(name for name in regressors if name not in taken)
    taken.update(predictors)
    others = tuple(name for name in {**covarying, **partners, **levels} if name not in taken)
    return Roles(
        tuple(latent),
        frozenset(composites),
        indicators,
        outcomes,
        predictors,
        others,
        frozenset(name for name in predictors if name in covarying or name in partners or name in levels),
        frozenset(measured),
        tuple(regressed),
        frozenset(regressors),
    )
