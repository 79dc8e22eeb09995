"""What holds between parameters: linear equalities become a basis, the rest stays a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from research.errors import ModelError
from research.numerics.arrays import Matrix, Vector

if TYPE_CHECKING:
    from research.model.expression import Expression
    from research.model.table import ParameterTable

_RANK = 1e-9


@dataclass(frozen=True, slots=True)
class Restriction:
    """`gap(theta)` = left - right, to be zero (or, where `inequality`, not below zero)."""

    left: Expression
    right: Expression
    sign: float
    inequality: bool
    text: str


@dataclass(frozen=True, slots=True)
class Constraints:
    """The constraints of a model over its parameter vector theta, shape (q,).

    Linear equalities: J theta = rhs, J (k, q) of full row rank, `linear` as written; `nonlinear`: the
    equalities that are not linear; `inequalities`: all < and >. `basis` (q, q - k): the directions that the
    linear equalities leave, and those of a fit what all that hold its estimates leave (None: every one).
    """

    book: LabelBook
    J: Matrix
    rhs: Vector
    basis: Matrix | None
    nonlinear: tuple[Restriction, ...]
    inequalities: tuple[Restriction, ...]
    linear: tuple[Restriction, ...] = ()

    @property
    def n_equalities(self) -> int:
        """Equalities that each take one degree of freedom away."""
        return len(self.rhs) + len(self.nonlinear)

    def project(self, theta: Vector) -> Vector:
        """The nearest point that fulfils the linear equalities."""
        if not len(self.rhs):
            return theta
        return theta - np.linalg.pinv(self.J) @ (self.J @ theta - self.rhs)

    def gaps(self, restrictions: Sequence[Restriction], theta: Vector) -> tuple[Vector, Matrix]:
        """Values (r,) and Jacobian (r, q) of restrictions at theta."""
        env = self.book.values(theta)
        values, slopes = np.zeros(len(restrictions)), np.zeros((len(restrictions), len(theta)))
        for at, each in enumerate(restrictions):
            values[at] = each.sign * (float(each.left.value(env)) - float(each.right.value(env)))
            slopes[at] = each.sign * (
                self.book.slope(each.left, env, len(theta)) - self.book.slope(each.right, env, len(theta))
            )
        return values, slopes


@dataclass(frozen=True)
class LabelBook:
    """The labels and numbered names (`.p3.`) of a table's parameters, read when they are asked for."""

    table: ParameterTable

    @property
    def place(self) -> Mapping[str, int]:
        """Which free parameter each label stands for."""
        return self._places[0]

    @property
    def constant(self) -> Mapping[str, float]:
        """The value of each label of a fixed parameter."""
        return self._places[1]

    def values(self, theta: Vector) -> dict[str, float | Vector]:
        """The value of every label; `theta` (q,) gives floats, a batch (b, q) arrays (b,)."""
        env: dict[str, float | Vector] = dict(self.constant)
        for name, at in self.place.items():
            env[name] = float(theta[at]) if theta.ndim == 1 else theta[:, at]
        return env

    def slope(self, expression: Expression, env: Mapping[str, float | Vector], q: int) -> Vector:
        """d expression/dtheta, (q,)."""
        out = np.zeros(q)
        for name, slope in expression.gradient(env).items():
            if name in self.place:
                out[self.place[name]] += float(slope)
        return out

    @cached_property
    def _places(self) -> tuple[dict[str, int], dict[str, float]]:
        place: dict[str, int] = {}
        constant: dict[str, float] = {}
        for number, parameter in enumerate(self.table.parameters, start=1):
            names = (parameter.label, f".p{number}.") if parameter.label else (f".p{number}.",)
            for name in names:
                if parameter.free:
                    place[name] = parameter.free - 1
                elif name not in place:
                    constant[name] = parameter.value
        return place, constant


def constraints_of(table: ParameterTable) -> Constraints:
    """Sort the constraints of a table into linear equalities, other equalities and inequalities."""
    book, q = LabelBook(table), table.n_free
    if not table.constraints:
        return Constraints(book, np.zeros((0, q)), np.zeros(0), None, (), ())
    defined = _defined(table)
    rows: list[Vector] = []
    targets: list[float] = []
    straight, nonlinear, inequalities = [], [], []
    for constraint in table.constraints:
        left, right = constraint.left.replace(defined), constraint.right.replace(defined)
        each = Restriction(
            left,
            right,
            -1.0 if constraint.op == "<" else 1.0,
            constraint.op != "==",
            f"{constraint.left.text} {constraint.op} {constraint.right.text}",
        )
        linear = _linear(book, left, right, q)
        if each.inequality:
            inequalities.append(each)
        elif linear is None:
            nonlinear.append(each)
        else:
            straight.append(each)
            rows.append(linear[0])
            targets.append(linear[1])
    J, rhs = np.array(rows).reshape(len(rows), q), np.array(targets)
    kept = _independent(J, rhs)
    J, rhs = J[kept], rhs[kept]
    basis = null_space(J) if len(rhs) else None
    linear_ones = tuple(straight[at] for at in kept)
    return Constraints(book, J, rhs, basis, tuple(nonlinear), tuple(inequalities), linear_ones)


def null_space(J: Matrix) -> Matrix:
    """Orthonormal basis of {x: J x = 0}, shape (q, q - rank)."""
    _, singular, right = np.linalg.svd(J)
    rank = int((singular > _RANK * max(1.0, float(singular.max(initial=0.0)))).sum())
    return np.asarray(right[rank:].T)


def _defined(table: ParameterTable) -> dict[str, Expression]:
    """Every defined name as an expression over labels alone."""
    out: dict[str, Expression] = {}
    for each in table.defined:
        out[each.name] = each.expression.replace(out)
    return out


def _linear(book: LabelBook, left: Expression, right: Expression, q: int) -> tuple[Vector, float] | None:
    """Coefficients and right-hand side where left - right is linear in theta, else None."""
    points = [np.linspace(0.3, 1.1, q), np.linspace(1.7, 0.6, q) ** 2]
    slopes = []
    for theta in points:
        env = book.values(theta)
        slopes.append(book.slope(left, env, q) - book.slope(right, env, q))
    if not np.allclose(slopes[0], slopes[1], rtol=1e-10, atol=1e-12):
        return None
    env = book.values(points[0])
    gap = float(left.value(env)) - float(right.value(env))
    return slopes[0], float(slopes[0] @ points[0]) - gap


def _independent(J: Matrix, rhs: Vector) -> list[int]:
    """Drop equalities that follow from the others; refuse those that contradict them."""
    kept: list[int] = []
    for at in range(len(rhs)):
        trial = [*kept, at]
        if np.linalg.matrix_rank(J[trial], tol=_RANK) == len(trial):
            kept = trial
            continue
        before, *_ = np.linalg.lstsq(J[kept].T, J[at], rcond=None) if kept else (np.zeros(0),)
        implied = float(before @ rhs[kept]) if kept else 0.0
        if abs(implied - rhs[at]) > 1e-8 * max(1.0, abs(rhs[at])):
            raise ModelError("the equality constraints contradict one another; no parameters fulfil them all")
    return kept
