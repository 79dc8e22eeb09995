"""The regressions of a path model, estimated: what every effect is computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Matrix, Vector
from research.structure.design import INTERCEPT, Design, check_rank, check_size
from research.structure.estimates import CovType, Estimates, ols
from research.structure.formula import Formula
from research.structure.likelihood_models import binary_or_count
from research.structure.process_columns import Variable, product_columns

ProcessFamily = Literal["ols", "logit"]


@dataclass(frozen=True, slots=True)
class Equation:
    """One regression. `factors`: of every column the columns it multiplies, () for the intercept."""

    design: Design
    factors: tuple[tuple[str, ...], ...]
    estimates: Estimates
    family: ProcessFamily = "ols"

    @property
    def outcome(self) -> str:
        """The variable that it explains."""
        return self.design.formula.outcome


@dataclass(frozen=True, slots=True)
class System:
    """The regressions, causes before effects, and the variables they are made of."""

    equations: tuple[Equation, ...]
    variables: Mapping[str, Variable]
    x: str
    y: str
    cov_type: CovType

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The explained variables in their order."""
        return tuple(equation.outcome for equation in self.equations)

    @property
    def mediators(self) -> tuple[str, ...]:
        """The explained variables but the last outcome."""
        return tuple(name for name in self.outcomes if name != self.y)

    def equation(self, outcome: str) -> Equation:
        """The regression of an outcome."""
        return self.equations[self.outcomes.index(outcome)]

    def home(self, column: str) -> str:
        """The variable that a column belongs to."""
        return next(name for name, variable in self.variables.items() if column in variable.columns)

    def coefficients(self) -> tuple[Vector, ...]:
        """The estimates of every regression."""
        return tuple(equation.estimates.coefficients for equation in self.equations)

    def causes(self, outcome: str) -> set[str]:
        """Every variable that acts on an outcome, at once or through others."""
        found: set[str] = set()
        waiting = [outcome]
        while waiting:
            name = waiting.pop()
            if name in self.outcomes:
                new = set(self.equation(name).design.formula.names[1:]) - found
                found |= new
                waiting += new
        return found

    def covariance(self) -> Matrix:
        """The covariance of all coefficients, one regression after the other.

        Residuals of outcomes of which one causes the other are independent by the model; those of
        others (parallel mediators) may correlate, and so do then the coefficients:
        cov(b_i, b_j) = (X_i'X_i)^-1 X_i' Omega X_j (X_j'X_j)^-1       Zellner (1962), eq. 2.9
        """
        sizes = [len(equation.estimates.coefficients) for equation in self.equations]
        ends = np.cumsum([0, *sizes])
        V = np.zeros((int(ends[-1]), int(ends[-1])))
        for i, first in enumerate(self.equations):
            rows = slice(int(ends[i]), int(ends[i + 1]))
            V[rows, rows] = first.estimates.covariance
            for j in range(i):
                second = self.equations[j]
                if second.outcome in self.causes(first.outcome) or "logit" in (first.family, second.family):
                    continue
                columns = slice(int(ends[j]), int(ends[j + 1]))
                V[rows, columns] = self._between(first, second)
                V[columns, rows] = V[rows, columns].T
        return V

    def _between(self, first: Equation, second: Equation) -> Matrix:
        left, right = (np.linalg.pinv(each.design.X) for each in (first, second))
        e, f = first.estimates, second.estimates
        if self.cov_type == "nonrobust":
            shared = float(e.residuals @ f.residuals) / np.sqrt(e.df * f.df)
            return np.asarray(shared * (left @ right.T))
        omega = np.sqrt(self._weights(first) * self._weights(second)) * e.residuals * f.residuals
        return np.asarray((left * omega) @ right.T)

    def _weights(self, equation: Equation) -> Vector:
        """The weights of the squared residuals in `robust_covariance`."""
        h = np.clip(equation.estimates.leverage, None, 1 - 1e-12)
        n, k = equation.design.X.shape
        power = {"HC2": 1.0, "HC3": 2.0}.get(self.cov_type, 0.0)
        if self.cov_type == "HC4":
            return np.asarray((1 - h) ** -np.minimum(4.0, n * h / k))
        return np.asarray((n / (n - k) if self.cov_type == "HC1" else 1.0) * (1 - h) ** -power)


def estimate_system(
    formulas: Sequence[Formula],
    variables: Mapping[str, Variable],
    x: str,
    y: str,
    cov_type: CovType,
    n_dropped: int,
    family: ProcessFamily = "ols",
) -> System:
    """Every formula on the same rows, y by the `family`, all others by least squares.

    Raises DataError for too few rows, constant or collinear predictors, an outcome that is fitted exactly.
    """
    return System(
        tuple(
            estimate(formula, variables, cov_type, n_dropped, family if formula.outcome == y else "ols")
            for formula in formulas
        ),
        variables,
        x,
        y,
        cov_type,
    )


def estimate(
    formula: Formula,
    variables: Mapping[str, Variable],
    cov_type: CovType,
    n_dropped: int,
    family: ProcessFamily = "ols",
) -> Equation:
    """One regression of the system; a logistic one explains the larger of the two values of its outcome."""
    outcome = variables[formula.outcome].values[:, 0]
    if family == "logit":
        outcome = (outcome == outcome.max()).astype(np.float64)
    columns, names = [np.ones(len(outcome))], [INTERCEPT]
    blocks: dict[str, tuple[int, ...]] = {INTERCEPT: (0,)}
    found: list[tuple[str, ...]] = [()]
    for term in formula.terms:
        made = product_columns(term, variables)
        blocks[":".join(map(str, term))] = tuple(range(len(names), len(names) + len(made)))
        for parts, values in made:
            found.append(parts)
            names.append(":".join(parts))
            columns.append(values)
    X = np.column_stack(columns)
    check_size(formula, X, outcome, n_dropped)
    check_rank(X, tuple(names), intercept=True)
    if family == "logit":
        plain = cov_type if cov_type in ("nonrobust", "HC0", "HC1") else "nonrobust"
        estimates = binary_or_count(X, outcome, "logit", plain, None)
    else:
        estimates = ols(X, outcome, intercept=True, cov_type=cov_type, clusters=None)
    if family == "ols" and estimates.measures["r2"] > 1 - 1e-12:
        raise DataError(
            f"{formula.outcome!r} is an exact linear function of {', '.join(names[1:])}; there is no error "
            "to test against. Does one of them contain the outcome?"
        )
    used = np.ones(len(outcome) + n_dropped, dtype=np.bool_)
    used[len(outcome) :] = False
    design = Design(formula, X, outcome, tuple(names), blocks, used)
    return Equation(design, tuple(found), estimates, family)
