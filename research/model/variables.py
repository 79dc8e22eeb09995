"""Which part each variable plays in a model: latent, indicator, outcome, predictor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    def unnamed(self) -> tuple[str, ...]:
        """Predictors of which the text names no moment: fixed under fixed_x."""
        return tuple(name for name in self.predictors if name not in self.mentioned)

    @property
    def observed(self) -> tuple[str, ...]:
        """All observed variables, in the order of the moments."""
        return self.indicators + self.outcomes + self.predictors + self.others


def arrange(rows: Sequence[Row]) -> tuple[Sequence[Row], Roles]:
    """The rows with the sides of each ~~ in the order of the variables, latent ones first; and the parts."""
    part = roles(rows)
    rank = {name: place for place, name in enumerate((*part.latent, *part.observed))}
    if not any(row.op == "~~" and rank[row.lhs] > rank[row.rhs] for row in rows):
        return rows, part
    arranged = [
        Row(row.rhs, row.op, row.lhs, row.modifiers, row.block, row.start)
        if row.op == "~~" and rank[row.lhs] > rank[row.rhs]
        else row
        for row in rows
    ]
    return arranged, roles(arranged)


def roles(rows: Iterable[Row]) -> Roles:
    """Read the part of each variable off the formulas."""
    latent: dict[str, None] = {}
    composites: set[str] = set()
    measured: dict[str, None] = {}
    regressed: dict[str, None] = {}
    regressors: dict[str, None] = {}
    pairs: list[tuple[str, str]] = []  # of ~~
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
            pairs.append((row.lhs, row.rhs))
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
    named = {name for pair in pairs for name in pair} | levels.keys()
    return Roles(
        tuple(latent),
        frozenset(composites),
        indicators,
        outcomes,
        predictors,
        _others((*latent, *indicators, *outcomes, *predictors), pairs, tuple(levels)),
        frozenset(name for name in predictors if name in named),
        frozenset(measured),
        tuple(regressed),
        frozenset(regressors),
    )


def _others(known: tuple[str, ...], pairs: list[tuple[str, str]], levels: tuple[str, ...]) -> tuple[str, ...]:
    """Variables that stand in ~~ or ~ 1 only: left sides first, then right sides, then the rest."""
    found = dict.fromkeys(left for left, _ in pairs)
    found.update(dict.fromkeys(right for _, right in pairs))
    found.update(dict.fromkeys(levels))
    return tuple(name for name in found if name not in known)
