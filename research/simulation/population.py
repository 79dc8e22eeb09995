"""A declared population as linear equations: causes, coefficients, residual variances, correlations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from research.errors import DataError, did_you_mean
from research.numerics.arrays import Matrix, Vector
from research.provenance import stream
from research.questionnaire.definition import Population, Questionnaire

_MOMENT_DRAWS = 200_000  # for products of variables that hold products themselves; error of a variance 0.3 %


@dataclass(frozen=True, slots=True)
class Equation:
    """One construct: y = sum b x + sum g (x m - r_xm) + sqrt(residual) e, with total variance 1."""

    name: str
    paths: Mapping[str, float]
    products: Mapping[tuple[str, str], float]  # (cause, moderator) -> coefficient
    residual: float
    explained: float


@dataclass(frozen=True, slots=True)
class LatentModel:
    """`exogenous` with their correlation matrix, then one equation a construct in causal order.

    `implied`: correlations of all `names` (exogenous first, then as the equations), shape (m, m).
    `centres`: the mean r_xm of each product, which is taken off so that every construct has mean 0.
    """

    exogenous: tuple[str, ...]
    correlations: Matrix
    equations: tuple[Equation, ...]
    names: tuple[str, ...]
    implied: Matrix
    centres: Mapping[tuple[str, str], float]


def latent_model(questionnaire: Questionnaire, population: Population) -> LatentModel:
    """Solve the declared population for its residual variances.

    With standardized variables in causal order and b the coefficients of y on its causes z (constructs
    and centred products), R2(y) = b' C b with C = cov(z), residual = 1 - R2, cov(y, .) = b' cov(z, .).
    A product x m of normal variables has mean r_xm, variance 1 + r_xm^2, no covariance with other
    normal variables, and cov(x m, u v) = r_xu r_mv + r_xv r_mu (Isserlis 1918); for products of
    variables that hold products themselves the moments are taken from 200,000 draws.

    `DataError`: an unknown construct, a circle of paths, correlations that no variables have, or
    paths that explain more than all of a construct's variance; it names the construct and the paths.
    """
    paths = _paths(questionnaire, population)
    products = {(y, x, m): g for (x, y, m), g in population.interactions.items()}
    causes = {c.name: set[str]() for c in questionnaire.constructs}
    for cause, effect in paths:
        causes[effect].add(cause)
    for effect, one, other in products:
        causes[effect] |= {one, other}
    order = _causal_order(causes)
    exogenous = tuple(name for name in order if not causes[name])
    correlations = _correlations(exogenous, population, causes)
    algebra = _Algebra(exogenous, correlations)
    equations = []
    for name in order:
        if causes[name]:
            own_paths = {cause: b for (cause, effect), b in paths.items() if effect == name}
            own_products = {(x, m): g for (effect, x, m), g in products.items() if effect == name}
            equations.append(algebra.add(name, own_paths, own_products))
    names = (*exogenous, *(equation.name for equation in equations))
    places = [algebra.place[name] for name in names]
    implied = algebra.covariance[np.ix_(places, places)]
    return LatentModel(exogenous, correlations, tuple(equations), names, implied, algebra.centres)


def _paths(questionnaire: Questionnaire, population: Population) -> dict[tuple[str, str], float]:
    """Structural paths, and a path from each second-order construct to each of its components."""
    known = {construct.name for construct in questionnaire.constructs}
    pairs = [*population.paths, *population.correlations, *population.interactions]
    for name in [name for pair in pairs for name in pair]:
        if name not in known:
            raise DataError(
                f"the population names '{name}', which is no construct of '{questionnaire.name}'."
                f"{did_you_mean(name, known)}"
            )
    paths = dict(population.paths)
    for construct in questionnaire.constructs:
        for component in construct.components:
            loading = population.loadings.get(component, population.default_loading)
            paths[construct.name, component] = loading
    return paths


def _causal_order(causes: Mapping[str, set[str]]) -> list[str]:
    order: list[str] = []
    waiting = list(causes)
    while waiting:
        ready = [name for name in waiting if all(cause in order for cause in causes[name])]
        if not ready:
            raise DataError(
                f"the population's paths run in a circle among {', '.join(waiting)}; "
                "answers can be simulated only from causes to effects. Remove one of the paths."
            )
        order += ready
        waiting = [name for name in waiting if name not in ready]
    return order


def _correlations(
    exogenous: tuple[str, ...], population: Population, causes: Mapping[str, set[str]]
) -> Matrix:
    place = {name: position for position, name in enumerate(exogenous)}
    correlations = np.eye(len(exogenous))
    for (one, other), value in population.correlations.items():
        for name in (one, other):
            if name not in place:
                raise DataError(
                    f"the population declares the correlation of {one} and {other}, but paths lead to "
                    f"'{name}' (from {', '.join(sorted(causes[name]))}), so that it follows. Remove it."
                )
        correlations[place[one], place[other]] = correlations[place[other], place[one]] = value
    if len(exogenous) and float(np.linalg.eigvalsh(correlations)[0]) < -1e-10:
        listed = ", ".join(f"{a} ~~ {b} = {r:g}" for (a, b), r in population.correlations.items())
        raise DataError(
            f"no variables have the population's correlations together (not positive definite): {listed}. "
            "Make them smaller."
        )
    return correlations


class _Algebra:
    """Covariances of constructs and products, grown one construct at a time."""

    def __init__(self, exogenous: tuple[str, ...], correlations: Matrix) -> None:
        self.exogenous = exogenous
        self.place: dict[str | tuple[str, str], int] = {name: at for at, name in enumerate(exogenous)}
        self.covariance: Matrix = correlations.copy()
        self.weights: dict[str, Vector] = {}  # of each endogenous construct, on what stands before it
        self.residuals: dict[str, float] = {}
        self.impure: set[str] = set()  # constructs that hold a product, so that they are not normal
        self.centres: dict[tuple[str, str], float] = {}

    def add(
        self, name: str, paths: Mapping[str, float], products: Mapping[tuple[str, str], float]
    ) -> Equation:
        """The equation of a construct; its row of covariances is appended."""
        for pair in products:
            if pair not in self.place:
                self._add_product(pair)
        weights = np.zeros(len(self.covariance))
        for cause, b in paths.items():
            weights[self.place[cause]] = b
        for pair, g in products.items():
            weights[self.place[pair]] = g
        explained = float(weights @ self.covariance @ weights)
        if explained > 1 + 1e-9:
            raise DataError(_too_much(name, paths, products, explained))
        residual = max(1.0 - explained, 0.0)
        self._append(name, self.covariance @ weights, 1.0)
        self.weights[name], self.residuals[name] = weights, residual
        if products or any(cause in self.impure for cause in paths):
            self.impure.add(name)
        return Equation(name, paths, products, residual, explained)

    def _append(self, name: str | tuple[str, str], row: Vector, variance: float) -> None:
        size = len(self.covariance)
        grown = np.zeros((size + 1, size + 1))
        grown[:size, :size] = self.covariance
        grown[size, :size] = grown[:size, size] = row
        grown[size, size] = variance
        self.covariance = grown
        self.place[name] = size

    def _add_product(self, pair: tuple[str, str]) -> None:
        if set(pair) & self.impure or any(set(key) & self.impure for key in self.centres):
            self._add_product_by_draws(pair)
            return
        x, m = (self.place[name] for name in pair)
        r = self.covariance
        row = np.zeros(len(r))
        for key, at in self.place.items():  # in the order in which they were added
            if isinstance(key, tuple):
                u, v = (self.place[name] for name in key)
                row[at] = r[x, u] * r[m, v] + r[x, v] * r[m, u]
            elif key in self.impure:
                weights = self.weights[key]
                row[at] = float(weights @ row[: len(weights)])
        self._append(pair, row, 1.0 + float(r[x, m]) ** 2)
        self.centres[pair] = float(r[x, m])

    def _add_product_by_draws(self, pair: tuple[str, str]) -> None:
        draws = self._draws()
        product = draws[:, self.place[pair[0]]] * draws[:, self.place[pair[1]]]
        centre = float(self.covariance[self.place[pair[0]], self.place[pair[1]]])
        product = product - centre
        row = draws.T @ product / len(draws)
        self._append(pair, row, float((product**2).mean()))
        self.centres[pair] = centre

    def _draws(self) -> Matrix:
        """Everything so far, drawn, shape (200,000, size): always the same draws."""
        size = len(self.covariance)
        noise = stream(1, "simulate/moments").standard_normal((_MOMENT_DRAWS, size))
        draws = np.zeros((_MOMENT_DRAWS, size))
        count = len(self.exogenous)
        draws[:, :count] = noise[:, :count] @ root(self.covariance[:count, :count]).T
        for key, at in self.place.items():
            if isinstance(key, tuple):
                one, other = (self.place[name] for name in key)
                draws[:, at] = draws[:, one] * draws[:, other] - self.centres[key]
            elif key in self.weights:
                weights = self.weights[key]
                noisy = np.sqrt(self.residuals[key]) * noise[:, at]
                draws[:, at] = draws[:, : len(weights)] @ weights + noisy
        return draws


def root(correlations: Matrix) -> Matrix:
    """A matrix R with R R' = `correlations`, shape (m, m); also where it is singular."""
    values, vectors = np.linalg.eigh(correlations)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def _too_much(
    name: str, paths: Mapping[str, float], products: Mapping[tuple[str, str], float], explained: float
) -> str:
    listed = [f"{cause} -> {name} = {b:g}" for cause, b in paths.items()]
    listed += [f"{x} -> {name} | {m} = {g:g}" for (x, m), g in products.items()]
    return (
        f"the population is impossible: the paths to '{name}' explain {explained:.0%} of its variance "
        f"({', '.join(listed)}). Make these paths, or the correlations among their causes, smaller."
    )
