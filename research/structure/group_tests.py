"""Which test compares groups, and its result with effect sizes and intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.numerics import effect_sizes
from research.numerics.arrays import Vector
from research.numerics.effect_sizes import Effect
from research.provenance import stream
from research.structure import pingouin_tests
from research.structure.group_samples import Samples
from research.structure.pingouin_tests import Statistic

Test = Literal[
    "auto", "t", "welch", "paired", "anova", "welch_anova",
    "mann_whitney", "wilcoxon", "kruskal", "chi_square", "fisher",
]  # fmt: skip
Variances = Literal["unequal", "equal", "levene"]
# What each test takes: the kinds of answers, and how many groups.
_TWO = frozenset({"t", "welch", "paired", "mann_whitney", "wilcoxon"})
_PAIRED = frozenset({"paired", "wilcoxon"})
_COUNTS = frozenset({"chi_square", "fisher"})
LEVENE_LIMIT = 0.05
FEW_EXPECTED = 5.0  # Cochran (1954): no more than a fifth of the expected counts below 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """One comparison: the test, why it was chosen (a key of `group_words.REASONS`), and what it found.

    `difference` (two groups of numbers): the first mean minus the second, with its interval.
    """

    samples: Samples
    test: str
    reason: str
    statistic: Statistic
    effects: tuple[Effect, ...]
    difference: Effect | None = None
    levene: Statistic | None = None
    notes: tuple[str, ...] = ()


def run_test(
    samples: Samples,
    test: Test = "auto",
    variances: Variances = "unequal",
    *,
    paired: bool = False,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 1,
) -> Outcome:
    """Choose the test where `test` is "auto", and carry it out."""
    levene = _levene(samples) if samples.kind == "number" and not paired else None
    chosen, reason = (test, "asked") if test != "auto" else _choose(samples, variances, levene, paired)
    _check(samples, chosen, paired)
    if chosen in _COUNTS:
        return _counted(samples, chosen, reason, level)
    x, y = samples.values[0], samples.values[1]
    difference: Effect | None = None
    if chosen in ("t", "welch", "paired"):
        statistic = pingouin_tests.t_test(x, y, paired=chosen == "paired", welch=chosen == "welch")
        difference = _difference(x, y, statistic, level)
        effects: tuple[Effect, ...] = (
            effect_sizes.paired_difference(x, y, level)
            if chosen == "paired"
            else effect_sizes.standardized_difference(x, y, pooled=chosen == "t", level=level)
        )
    elif chosen in ("anova", "welch_anova"):
        statistic = pingouin_tests.one_way(samples.values, welch=chosen == "welch_anova")
        effects = effect_sizes.variance_explained(samples.values, statistic.value, statistic.df2, level)
    elif chosen == "mann_whitney":
        statistic = pingouin_tests.mann_whitney(x, y)
        effects = (effect_sizes.rank_biserial(statistic.value, len(x), len(y), level),)
    elif chosen == "wilcoxon":
        statistic = pingouin_tests.wilcoxon(x, y)
        effects = (effect_sizes.paired_rank_biserial(x, y, level),)
    else:
        statistic = pingouin_tests.kruskal(samples.values)
        source = stream(seed, f"group differences/{samples.outcome}/{samples.group}")
        effects = (effect_sizes.rank_epsilon2(samples.values, source, draws, level),)
    return Outcome(samples, chosen, reason, statistic, effects, difference, levene)


def check_test_options(test: str, variances: str, level: float) -> None:
    """Raise OptionError for an option that is not known."""
    for what, value, allowed in (
        ("test", test, get_args(Test)),
        ("variances", variances, get_args(Variances)),
    ):
        if value not in allowed:
            hint = did_you_mean(str(value), allowed)
            raise OptionError(f"{what}={value!r} is not known; allowed: {', '.join(allowed)}.{hint}")
    if not 0 < level < 1:
        raise OptionError(f"level is {level}; it is a probability between 0 and 1, such as .95.")


def _choose(
    samples: Samples, variances: Variances, levene: Statistic | None, paired: bool
) -> tuple[str, str]:
    """The test and the reason for it."""
    two = len(samples.values) == 2
    if samples.kind == "category":
        counts = samples.counts
        small = _expected(samples).min() < FEW_EXPECTED
        return (
            ("fisher", "few_expected") if small and counts.shape == (2, 2) else ("chi_square", "categories")
        )
    if paired:
        return ("paired", "paired_numbers") if samples.kind == "number" else ("wilcoxon", "paired_ordinal")
    if samples.kind == "ordinal":
        return ("mann_whitney", "ordinal_two") if two else ("kruskal", "ordinal_more")
    if all(float(np.ptp(sample)) == 0 for sample in samples.values):
        return ("mann_whitney", "no_variance") if two else ("kruskal", "no_variance")
    if variances == "equal" or (variances == "levene" and levene is not None and levene.p >= LEVENE_LIMIT):
        why = "equal" if variances == "equal" else "levene_equal"
        return ("t", why) if two else ("anova", why)
    if not two and any(float(np.ptp(sample)) == 0 for sample in samples.values):
        return "kruskal", "no_variance"
    why = "unequal" if variances == "unequal" else "levene_unequal"
    return ("welch", why) if two else ("welch_anova", why)


def _check(samples: Samples, test: str, paired: bool) -> None:
    """Raise where the test does not suit the answers, the number of groups, or their variances."""
    of = f"test={test!r} of {samples.outcome!r}"
    if (test in _COUNTS) != (samples.kind == "category"):
        need = "categories" if test in _COUNTS else "numbers or ordered answers"
        raise OptionError(f"{of}: it compares {need}, and these answers are of kind {samples.kind!r}.")
    if (test in _PAIRED) != paired:
        remedy = "use compare_paired" if not paired else "use test='paired' or 'wilcoxon'"
        raise OptionError(f"{of}: paired answers and paired tests go together; {remedy}.")
    if test in _TWO and len(samples.values) != 2:
        raise OptionError(f"{of}: it compares two groups, and {samples.group!r} has {len(samples.values)}.")
    if test in ("t", "welch", "anova") and all(float(np.ptp(sample)) == 0 for sample in samples.values):
        raise DataError(
            f"{samples.outcome!r} does not vary within any group of {samples.group!r}; no test exists."
        )
    if test == "welch_anova":
        for level, sample in zip(samples.levels, samples.values, strict=True):
            if float(np.ptp(sample)) == 0:
                raise DataError(
                    f"{samples.outcome!r} does not vary in group {level!r} of {samples.group!r}: Welch's "
                    "test is not defined; use test='kruskal' or merge the group."
                )
    if test == "fisher" and samples.counts.shape != (2, 2):
        raise OptionError(f"{of}: Fisher's exact test is for two groups and two answers; use 'chi_square'.")


def _levene(samples: Samples) -> Statistic | None:
    """Levene's test around the medians; None where all deviations are alike."""
    deviations = [np.abs(sample - np.median(sample)) for sample in samples.values]
    if all(float(np.ptp(each)) == 0 for each in deviations):
        return None
    return pingouin_tests.levene(samples.values)


def _difference(x: Vector, y: Vector, statistic: Statistic, level: float) -> Effect:
    from scipy.special import stdtrit

    gap = float(x.mean() - y.mean())
    error = gap / statistic.value if statistic.value else _zero_error(x, y)
    reach = float(stdtrit(statistic.df1, (1 + level) / 2)) * abs(error)
    return Effect("difference", gap, gap - reach, gap + reach)


def _zero_error(x: Vector, y: Vector) -> float:
    """The standard error of a difference that is exactly zero."""
    return math.sqrt(float(x.var(ddof=1)) / len(x) + float(y.var(ddof=1)) / len(y))


def _expected(samples: Samples) -> Vector:
    counts = samples.counts
    counts = counts[:, counts.sum(axis=0) > 0]
    return np.asarray(np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum())


def _counted(samples: Samples, test: str, reason: str, level: float) -> Outcome:
    """Pearson's chi-square with Cramer's V; Fisher's exact test has the odds ratio besides."""
    answers = [samples.answers[int(code)] for sample in samples.values for code in sample]
    groups = [name for name, sample in zip(samples.levels, samples.values, strict=True) for _ in sample]
    pearson = pingouin_tests.chi_square(groups, answers)
    counts = samples.counts
    counts = counts[:, counts.sum(axis=0) > 0]
    effects: tuple[Effect, ...] = (effect_sizes.cramers_v(pearson.value, counts, level),)
    expected = _expected(samples)
    few = int((expected < FEW_EXPECTED).sum())
    if test == "chi_square":
        notes: tuple[str, ...] = ()
        if few > 0.2 * expected.size or expected.min() < 1:
            notes = (
                f"{samples.outcome} by {samples.group}: {few} of {expected.size} expected counts are below "
                "5; the chi-square test is inexact there. Merge rare answers or groups.",
            )
        return Outcome(samples, test, reason, pearson, effects, notes=notes)
    from scipy.stats import fisher_exact

    found = fisher_exact(counts.astype(np.int64))
    return Outcome(samples, test, reason, Statistic(math.nan, float(found.pvalue)), effects)
