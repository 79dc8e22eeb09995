"""Thresholds, means, variances and latent covariances of ordered and continuous variables, with their Gamma.

Stages: thresholds, means and variances of each variable alone; then the correlation of each pair given them
(polychoric, polyserial or product-moment). With the scores s_1 of the first stage and s_2 of the second,

    IF_1 = A_11^-1 s_1,    IF_2 = (s_2 - A_21 IF_1)/A_22,    A = mean of products of scores

(Muthen 1984, Psychometrika 49, 115-132). The statistics stand in the order: of every variable its thresholds
or its mean; variances of the continuous ones; covariances below the diagonal, column by column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Indices, Mask, Matrix, Stack, Vector
from research.numerics.categories import MISSING, Categories, pair_tables
from research.numerics.polychoric import (
    PairCorrelations,
    correlation_matrix,
    pair_places,
    polychoric,
    without_empty_corner,
)
from research.numerics.polychoric_influence import Influence, Products, contributions, gamma, influence
from research.numerics.polyserial import polyserial, serial_scores

MAX_STEPS = 50


@dataclass(frozen=True, slots=True)
class MixedMoments:
    """Statistics of p variables of which some are ordered.

    `thresholds` (t,) and `item` (t,), the place among the p variables of each; `mean` (p,), zero where
    ordered; `cov` (p, p), unit variances where ordered; `gamma` (k, k) times 1/n is the covariance of all
    statistics, or None. `mended`, `at_edge` (m, 2): pairs of 2 x 2 tables with an empty cell, and pairs whose
    correlation runs to 1.
    """

    thresholds: Vector
    item: Indices
    mean: Vector
    cov: Matrix
    gamma: Matrix | None
    mended: Indices
    at_edge: Indices


def mixed_moments(
    values: Matrix,
    ordered: Indices,
    answers: Categories,
    *,
    with_gamma: bool = True,
    products: Products = "double",
) -> MixedMoments:
    """Moments of the columns of `values` (n, p); `answers` are those of the columns `ordered`.

    `products`: how Gamma is summed where all are ordered, see `gamma`.

    A missing value is NaN; a pair is estimated from the rows that have both.
    """
    p = values.shape[1]
    first, second = pair_places(len(ordered))
    counted = pair_tables(answers, first, second)
    tables, mended = without_empty_corner(counted)
    pairs = polychoric(tables, answers.thresholds[first], answers.thresholds[second])
    tables_of = (counted, tables, pairs, first, second)
    both = np.column_stack([ordered[first], ordered[second]])
    kept = np.isfinite(answers.thresholds)
    item = ordered[np.nonzero(kept)[0]]
    thresholds = answers.thresholds[kept]
    if len(ordered) == p:
        G = gamma(influence(answers, *tables_of), products) if with_gamma and len(first) else None
        mean, cov = np.zeros(p), correlation_matrix(pairs.rho, p)
        return MixedMoments(thresholds, item, mean, cov, G, both[mended], both[pairs.at_edge])
    parts = _Mixture.of(values, ordered, answers, tables_of)
    statistics = parts.all_contributions() if with_gamma else None
    G = None if statistics is None else np.asarray(statistics @ statistics.T / len(values))
    return MixedMoments(thresholds, item, parts.mean, parts.cov, G, both[mended], both[pairs.at_edge])


@dataclass(frozen=True, slots=True)
class _Mixture:
    """The first stage of variables of both kinds and the correlations `rho` (p, p)."""

    values: Matrix
    ordered: Indices
    answers: Categories
    tables: Influence
    mean: Vector
    variance: Vector
    rho: Matrix

    @classmethod
    def of(
        cls,
        values: Matrix,
        ordered: Indices,
        answers: Categories,
        tables_of: tuple[Stack, Stack, PairCorrelations, Indices, Indices],
    ) -> _Mixture:
        p = values.shape[1]
        is_ordered = np.zeros(p, dtype=bool)
        is_ordered[ordered] = True
        mean, variance = np.zeros(p), np.ones(p)
        mean[~is_ordered] = np.nanmean(values[:, ~is_ordered], axis=0)
        variance[~is_ordered] = np.nanvar(values[:, ~is_ordered], axis=0)
        _, _, pairs, first, second = tables_of
        rho = np.eye(p)
        rho[ordered[first], ordered[second]] = rho[ordered[second], ordered[first]] = pairs.rho
        out = cls(values, ordered, answers, influence(answers, *tables_of), mean, variance, rho)
        for i, j in zip(*pair_places(p), strict=True):
            if not (is_ordered[i] and is_ordered[j]):
                rho[i, j] = rho[j, i] = out._correlation(int(i), int(j))
        return out

    @property
    def cov(self) -> Matrix:
        sd = np.sqrt(self.variance)
        return np.asarray(self.rho * np.outer(sd, sd))

    def all_contributions(self) -> Matrix:
        """Influence of every row on every statistic, (k, n)."""
        n, p = self.values.shape
        own = {int(place): at for at, place in enumerate(self.ordered)}
        by_table = contributions(self.tables, 0, n)
        n_thresholds = len(self.tables.thresholds)
        first: list[Matrix] = []
        spread: dict[int, Vector] = {}
        location: dict[int, Matrix] = {}
        for place in range(p):
            if place in own:
                location[place] = by_table[:n_thresholds][self.tables.item == own[place]]
            else:
                level, spread[place] = self._first_stage(place)
                location[place] = level[None]
            first.append(location[place])
        table_of = {
            (int(self.ordered[a]), int(self.ordered[b])): at
            for at, (a, b) in enumerate(zip(self.tables.first, self.tables.second, strict=True))
        }
        second: list[Vector] = []
        sd = np.sqrt(self.variance)
        for i, j in zip(*(each.tolist() for each in pair_places(p)), strict=True):
            if (i, j) in table_of:
                second.append(by_table[n_thresholds + table_of[i, j]])
                continue
            on_rho = self._pair_contributions(i, j, location, spread)
            total = sd[i] * sd[j] * on_rho
            for one in (i, j):
                if one in spread:
                    total = total + 0.5 * self.rho[i, j] * sd[i] * sd[j] / self.variance[one] * spread[one]
            second.append(total)
        return np.vstack([*first, *(spread[place] for place in sorted(spread)), *second])

    def _first_stage(self, place: int) -> tuple[Vector, Vector]:
        """Influence on the mean and the variance of a continuous variable.

        In standard units first, whatever the scale of the answers; where the two scores are collinear (two
        values chosen equally often: every z * z is 1) the variance takes no part.
        """
        z, seen = self._standard(place)
        scores = np.vstack([z, (z * z - 1.0) / 2.0])
        scores[:, ~seen] = 0.0
        both = len(z) * (np.linalg.pinv(scores @ scores.T, hermitian=True) @ scores)
        return both[0] * np.sqrt(self.variance[place]), both[1] * self.variance[place]

    def _correlation(self, i: int, j: int) -> float:
        a, b = self._bounds_or_none(i), self._bounds_or_none(j)
        both = self._both(i, j)
        if a is None and b is None:
            return product_moment(self._standard(i)[0][both], self._standard(j)[0][both])
        bounds, other = (a, j) if a is not None else (b, i)
        if bounds is None:
            raise AssertionError("one of the two is ordered")
        return polyserial(self._standard(other)[0][both], bounds[0][both], bounds[1][both])

    def _pair_contributions(
        self, i: int, j: int, location: dict[int, Matrix], spread: dict[int, Vector]
    ) -> Vector:
        """Influence on the correlation of a pair of which at least one is continuous."""
        both, rho, n = self._both(i, j), float(self.rho[i, j]), len(self.values)
        nuisance: list[tuple[Vector, Vector]] = []  # (score, influence) of first-stage statistics
        if i in spread and j in spread:
            x, y = self._standard(i)[0], self._standard(j)[0]
            score = _normal_score(x, y, rho)
            rest = 1.0 - rho * rho
            for place, own, other in ((i, x, y), (j, y, x)):
                by_z = (own - rho * other) / rest  # -d log density / dz
                nuisance += self._location_scores(place, own, by_z, location, spread)
        else:
            serial, order = (i, j) if i in spread else (j, i)
            z = self._standard(serial)[0]
            lower, upper, codes = self._bounds(order)
            scores = serial_scores(z, lower, upper, rho)
            score = scores.rho
            nuisance += self._location_scores(serial, z, z - scores.z, location, spread)
            for k, effect in enumerate(location[order]):
                nuisance.append(
                    (
                        np.where(codes == k, scores.upper, 0.0) + np.where(codes == k + 1, scores.lower, 0.0),
                        effect,
                    )
                )
        score = np.where(both, score, 0.0)
        total = score.copy()
        for slope, effect in nuisance:
            total -= float(score[both] @ slope[both]) / n * effect
        return np.asarray(total * (n / float(score @ score)))

    def _location_scores(
        self, place: int, z: Vector, by_z: Vector, location: dict[int, Matrix], spread: dict[int, Vector]
    ) -> list[tuple[Vector, Vector]]:
        """Scores of mean and variance, where `by_z` is minus the slope of the log-density by z."""
        variance = self.variance[place]
        return [
            (by_z / np.sqrt(variance), location[place][0]),
            ((by_z * z - 1.0) / (2.0 * variance), spread[place]),
        ]

    def _standard(self, place: int) -> tuple[Vector, Mask]:
        """z of a continuous variable, zero where missing, and where it is not."""
        seen = ~np.isnan(self.values[:, place])
        z = (self.values[:, place] - self.mean[place]) / np.sqrt(self.variance[place])
        return np.where(seen, z, 0.0), seen

    def _both(self, i: int, j: int) -> Mask:
        return np.asarray(~np.isnan(self.values[:, i]) & ~np.isnan(self.values[:, j]))

    def _bounds_or_none(self, place: int) -> tuple[Vector, Vector, Indices] | None:
        return self._bounds(place) if place in self.ordered else None

    def _bounds(self, place: int) -> tuple[Vector, Vector, Indices]:
        """Thresholds around each row's answer (n,), and its category."""
        at = int(np.flatnonzero(self.ordered == place)[0])
        ladder = np.concatenate([[-np.inf], self.answers.thresholds[at], [np.inf]])
        codes = self.answers.codes[at]
        used = np.where(codes == MISSING, 0, codes)
        return ladder[used], ladder[used + 1], codes


def product_moment(x: Vector, y: Vector) -> float:
    """The correlation of standard normal x and y with known means and variances, by maximum likelihood.

    The root of rho^3 - rho^2 m_xy + rho (m_xx + m_yy - 1) - m_xy = 0; m_xy itself where m_xx = m_yy = 1.
    """
    xx, yy, xy = float((x * x).mean()), float((y * y).mean()), float((x * y).mean())
    rho = float(np.clip(xy / np.sqrt(xx * yy), -0.999, 0.999))
    for _ in range(MAX_STEPS):
        value = rho**3 - rho**2 * xy + rho * (xx + yy - 1.0) - xy
        step = value / (3.0 * rho**2 - 2.0 * rho * xy + xx + yy - 1.0)
        rho -= step
        if abs(step) < 1e-12:
            break
    return rho


def _normal_score(x: Vector, y: Vector, rho: float) -> Vector:
    """d log density/d rho of the bivariate normal distribution."""
    rest = 1.0 - rho * rho
    return np.asarray((rho * rest + (1.0 + rho * rho) * x * y - rho * (x * x + y * y)) / (rest * rest))
