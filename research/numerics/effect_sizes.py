"""Effect sizes of comparisons between groups, with intervals; samples as arrays, counts as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from research.numerics.arrays import Matrix, Vector
from research.numerics.chi_square import normal_quantile
from research.numerics.noncentral import chi2_noncentrality, f_noncentrality, t_noncentrality


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect size and its interval."""

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan


def standardized_difference(
    x: Vector, y: Vector, *, pooled: bool, level: float = 0.95
) -> tuple[Effect, Effect]:
    """Cohen's d of two samples and Hedges' g, the d without its bias; intervals from the noncentral t.

    `pooled`: by the pooled standard deviation (Cohen 1988), else by the root of the mean variance, with
    Welch's degrees of freedom (Delacre, Lakens, Ley, Liu & Leys 2021).   g = d J(df), Hedges (1981), eq. 6e
    """
    n, m = len(x), len(y)
    v, w = float(x.var(ddof=1)), float(y.var(ddof=1))
    se2 = v / n + w / m
    df = float(n + m - 2) if pooled else se2**2 / ((v / n) ** 2 / (n - 1) + (w / m) ** 2 / (m - 1))
    sd2 = ((n - 1) * v + (m - 1) * w) / (n + m - 2) if pooled else (v + w) / 2
    error = math.sqrt(sd2 * (1 / n + 1 / m)) if pooled else math.sqrt(se2)
    gap, unit = float(x.mean() - y.mean()), error / math.sqrt(sd2)
    low, high = t_noncentrality(gap / error, df, level)
    return _with_g(gap / math.sqrt(sd2), low * unit, high * unit, df)


def paired_difference(x: Vector, y: Vector, level: float = 0.95) -> tuple[Effect, Effect]:
    """d_z, the mean difference in its own standard deviations, and its g; noncentral t with n - 1 df."""
    gap = x - y
    n = len(gap)
    d = float(gap.mean() / gap.std(ddof=1))
    low, high = t_noncentrality(d * math.sqrt(n), n - 1, level)
    return _with_g(d, low / math.sqrt(n), high / math.sqrt(n), n - 1)


def variance_explained(
    samples: Sequence[Vector], f: float, df2: float, level: float = 0.95
) -> tuple[Effect, ...]:
    """eta^2, omega^2 and epsilon^2 of a one-way comparison.

    eta^2 = SSB/SST of the sample. The other two estimate the population's share, lambda/(lambda + N), from F:
    omega^2 = df1 (F - 1) / (df1 (F - 1) + N), epsilon^2 = df1 (F - 1) / (df1 F + N - df1 - 1). The interval
    is of that share, from the noncentral F (Steiger 2004, eq. 21), and so is the same for all three. `df2`:
    that of the F.
    """
    n, df1 = sum(len(sample) for sample in samples), len(samples) - 1
    everyone = np.concatenate(samples)
    between = sum(len(sample) * float(sample.mean() - everyone.mean()) ** 2 for sample in samples)
    total = float(((everyone - everyone.mean()) ** 2).sum())
    low, high = (lam / (lam + n) for lam in f_noncentrality(f, df1, df2, level))
    gain = df1 * (f - 1)
    return (
        Effect("eta2", between / total, low, high),
        Effect("omega2", gain / (gain + n), low, high),
        Effect("epsilon2", gain / (df1 * f + n - df1 - 1), low, high),
    )


def rank_biserial(u: float, n: int, m: int, level: float = 0.95) -> Effect:
    """2U/(nm) - 1 for Mann-Whitney's U of the first sample; the interval on Fisher's scale.

    The standard error of atanh r is sqrt((n + m + 1) / (3 n m)), that of U without a difference. Kerby (2014)
    """
    return _on_fishers_scale(2 * u / (n * m) - 1, math.sqrt((n + m + 1) / (3 * n * m)), level)


def paired_rank_biserial(x: Vector, y: Vector, level: float = 0.95) -> Effect:
    """(T+ - T-) / (T+ + T-) of the ranks of the differences that are not zero. Kerby (2014), eq. 1."""
    from scipy.stats import rankdata

    gap = x - y
    gap = gap[gap != 0]
    n = len(gap)
    if not n:
        return Effect("rank_biserial", math.nan)
    ranks = np.asarray(rankdata(np.abs(gap)), dtype=np.float64)
    r = float((ranks * np.sign(gap)).sum() / ranks.sum())
    return _on_fishers_scale(r, math.sqrt((2 * n**3 + 3 * n**2 + n) / 6) / ((n**2 + n) / 2), level)


def rank_epsilon2(
    samples: Sequence[Vector], seed: np.random.Generator | None, draws: int, level: float
) -> Effect:
    """H / (N - 1) of Kruskal and Wallis' H (Kelley 1935; Tomczak & Tomczak 2014).

    The limits are percentiles of samples drawn again within the groups; none without a generator.
    """
    sizes = [len(sample) for sample in samples]
    values = np.concatenate(samples)[None]
    value = float(_rank_epsilon2(values, sizes)[0])
    if seed is None or draws < 1:
        return Effect("epsilon2_rank", value)
    parts = [sample[seed.integers(len(sample), size=(draws, len(sample)))] for sample in samples]
    drawn = _rank_epsilon2(np.concatenate(parts, axis=1), sizes)
    tail = (1 - level) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return Effect("epsilon2_rank", value, float(low), float(high))


def cramers_v(chisq: float, counts: Matrix, level: float = 0.95) -> Effect:
    """sqrt(chi2 / (N (min(rows, columns) - 1))); limits of lambda in its place (Smithson 2003, p. 39)."""
    rows, columns = counts.shape
    size = float(counts.sum()) * (min(rows, columns) - 1)
    low, high = chi2_noncentrality(chisq, (rows - 1) * (columns - 1), level)
    return Effect(
        "cramers_v", math.sqrt(chisq / size), math.sqrt(low / size), min(1.0, math.sqrt(high / size))
    )


def adjusted_residuals(counts: Matrix) -> Matrix:
    """Cells' departures from independence in standard errors (Haberman 1973), the shape of `counts`.

    (O - E) / sqrt(E (1 - row share) (1 - column share))
    """
    n = counts.sum()
    rows, columns = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    expected = rows * columns / n
    spread = np.sqrt(expected * (1 - rows / n) * (1 - columns / n))
    return np.asarray(np.where(spread > 0, (counts - expected) / np.where(spread > 0, spread, 1.0), 0.0))


def dunn(samples: Sequence[Vector]) -> tuple[Matrix, Matrix]:
    """z of each pair's difference in mean ranks, and that difference, each (k, k).

    Variance (N (N + 1) / 12 - sum(t^3 - t) / (12 (N - 1))) (1/n_i + 1/n_j).            Dunn (1964), eq. 4
    """
    from scipy.stats import rankdata

    everyone = np.concatenate(samples)
    n = len(everyone)
    ranks = np.asarray(rankdata(everyone), dtype=np.float64)
    sizes = np.array([len(sample) for sample in samples], dtype=np.float64)
    means = np.array([part.mean() for part in np.split(ranks, np.cumsum(sizes.astype(int))[:-1])])
    ties = np.unique(everyone, return_counts=True)[1].astype(np.float64)
    spread = n * (n + 1) / 12 - float((ties**3 - ties).sum()) / (12 * (n - 1))
    gap: Matrix = means[:, None] - means[None, :]
    return gap / np.sqrt(spread * (1 / sizes[:, None] + 1 / sizes[None, :])), gap


def _with_g(d: float, low: float, high: float, df: float) -> tuple[Effect, Effect]:
    from scipy.special import gammaln

    j = math.exp(float(gammaln(df / 2) - gammaln((df - 1) / 2))) / math.sqrt(df / 2) if df > 1 else math.nan
    return Effect("cohens_d", d, low, high), Effect("hedges_g", d * j, low * j, high * j)


def _on_fishers_scale(r: float, se: float, level: float) -> Effect:
    if abs(r) >= 1:
        return Effect("rank_biserial", r)
    reach = normal_quantile((1 + level) / 2) * se
    return Effect("rank_biserial", r, math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach))


def _rank_epsilon2(values: Matrix, sizes: Sequence[int]) -> Vector:
    """H / (N - 1), the between-groups share of the ranks' variance, shape (b,); NaN without variance."""
    from scipy.stats import rankdata

    ranks = np.asarray(rankdata(values, axis=1), dtype=np.float64)
    centre = (values.shape[1] + 1) / 2
    total = ((ranks - centre) ** 2).sum(axis=1)
    starts = np.cumsum([0, *sizes])[:-1]
    means = np.add.reduceat(ranks, starts, axis=1) / np.array(sizes)
    between = ((means - centre) ** 2 * np.array(sizes)).sum(axis=1)
    return np.asarray(np.where(total > 0, between / np.where(total > 0, total, 1.0), np.nan))
