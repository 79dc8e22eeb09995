"""Do groups differ? One question or several, by one grouping question, each with the test that suits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from research.errors import OptionError, did_you_mean
from research.numerics.arrays import Vector
from research.numerics.chi_square import two_sided_p
from research.numerics.effect_sizes import adjusted_residuals, dunn
from research.numerics.multiple_tests import holm
from research.numerics.studentized_range import range_quantile
from research.readable import Readable
from research.responses.nouns import Responses
from research.structure import pingouin_tests
from research.structure.group_samples import Kind, Samples, kind_of, read_pairs, read_samples
from research.structure.group_tests import Outcome, Test, Variances, check_test_options, run_test
from research.structure.group_words import reason_text
from research.structure.scores import regression_frame

if TYPE_CHECKING:
    import pandas as pd

    from research.questionnaire.definition import Questionnaire

PostHoc = Literal["auto", "tukey", "games_howell", "dunn", "none"]
_AFTER = {"anova": "tukey", "welch_anova": "games_howell", "kruskal": "dunn"}


@dataclass(frozen=True, repr=False, slots=True)
class GroupComparison(Readable):
    """Comparisons of groups, one row an outcome in `tests`.

    `tests`: `outcome group kind test statistic df1 df2 p p_holm effect value low high n n_groups difference
    difference_low difference_high levene_f levene_p reason`. `groups`: `outcome group level answer n share
    mean sd se low high median residual`, of numbers and ordered answers one row a group, of categories one
    row a group and answer with its share and adjusted residual. `effects`: all effect sizes, `outcome group
    effect value low high`. `post_hoc`: `outcome group method a b difference se statistic df p low high`, the
    first group minus the second; of Dunn's test the difference is one of mean ranks. `failures`: what could
    not be compared.
    """

    tests: pd.DataFrame
    groups: pd.DataFrame
    effects: pd.DataFrame
    post_hoc: pd.DataFrame
    level: float = 0.95
    notes: tuple[str, ...] = ()
    failures: tuple[tuple[str, str, str], ...] = ()  # outcome, group, why

    def reasons(self, lang: str = "en") -> tuple[str, ...]:
        """Which test was chosen and why, one sentence a choice."""
        found = dict.fromkeys(zip(self.tests["test"], self.tests["reason"], strict=True))
        return tuple(reason_text(str(test), str(reason))[lang] for test, reason in found)


def compare_groups(
    data: object,
    outcome: str | Sequence[str],
    group: str,
    *,
    test: Test = "auto",
    kind: Kind | Literal["auto"] = "auto",
    variances: Variances = "unequal",
    post_hoc: PostHoc = "auto",
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 1,
) -> GroupComparison:
    """Compare the groups of `group` in one outcome or several, whose p values are then also adjusted (Holm).

    `data`: a frame, or Responses, whose constructs are scale scores. The test follows the answers: numbers
    and scores by Welch's t or Welch's analysis of variance (`variances`: "unequal", the default; "equal" for
    Student's t and the classical F; "levene" lets Levene's test decide), single items and ordered categories
    by ranks (Mann-Whitney, Kruskal-Wallis), categories by chi-square, or Fisher's exact test for two by two
    with an expected count below 5. `kind` ("number", "ordinal", "category") and `test` overrule the choice.
    After a comparison of three or more groups come Games-Howell, Tukey or Dunn (Holm-adjusted). Rows
    without the answer or the group are left out and counted.

    Raises DataError for unknown columns, a group of one row, a constant outcome; OptionError for a test that
    does not suit the answers.

    `post_hoc`: "auto" (Tukey after the classical F, Games-Howell after Welch, Dunn after ranks), one of
    these by its name, or "none". `level`: of every interval; the one of the rank epsilon squared is drawn
    (`draws`, `seed`).

    >>> import pandas as pd
    >>> answers = pd.DataFrame({"loyalty": [4, 5, 4, 5, 2, 3, 2, 1], "channel": list("aaaabbbb")})
    >>> found = compare_groups(answers, "loyalty", "channel")
    >>> found.tests[["test", "effect"]].iloc[0].tolist()
    ['welch', 'cohens_d']
    """
    _check(test, kind, variances, post_hoc, level)
    frame, questionnaire = regression_frame(data), _asked(data)
    outcomes, notes = [], []
    for name in [outcome] if isinstance(outcome, str) else list(dict.fromkeys(outcome)):
        chosen: Kind = kind_of(name, frame, questionnaire) if kind == "auto" else kind
        samples, said = read_samples(frame, name, group, chosen, questionnaire)
        outcomes.append(run_test(samples, test, variances, level=level, draws=draws, seed=seed))
        notes += [*said, *outcomes[-1].notes]
    return collect(outcomes, tuple(notes), post_hoc, level)


def compare_paired(
    data: object,
    first: str,
    second: str,
    *,
    test: Test = "auto",
    kind: Kind | Literal["auto"] = "auto",
    level: float = 0.95,
) -> GroupComparison:
    """Compare two columns of the same respondents: paired t of numbers, Wilcoxon's ranks of single items.

    The difference is the first minus the second; rows that miss one of the two are left out and counted.
    `kind` ("number", "ordinal") and `test` ("paired", "wilcoxon") overrule the choice; effect size and
    interval are those of `compare_groups`. Raises DataError for unknown columns or a difference that is the
    same in every row, OptionError for a test that does not suit the answers.

    >>> import research
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"before": [3.1, 2.4, 4.0, 3.3, 2.8], "after": [3.9, 3.0, 4.2, 4.1, 3.0]})
    >>> found = research.compare_paired(answers, "after", "before").tests
    >>> found["test"].tolist(), found["difference"].round(2).tolist(), found["p"].round(3).tolist()
    (['paired'], [0.52], [0.019])
    """
    _check(test, kind, "unequal", "auto", level)
    frame, questionnaire = regression_frame(data), _asked(data)
    kinds = [kind_of(name, frame, questionnaire) for name in (first, second)]
    chosen: Kind = ("ordinal" if "ordinal" in kinds else "number") if kind == "auto" else kind
    if chosen == "category":
        raise OptionError("kind='category': paired answers are compared as numbers or ordered answers.")
    samples, notes = read_pairs(frame, first, second, chosen)
    return collect([run_test(samples, test, paired=True, level=level)], notes, "none", level)


def collect(
    outcomes: Sequence[Outcome],
    notes: tuple[str, ...],
    post_hoc: PostHoc,
    level: float,
    failures: tuple[tuple[str, str, str], ...] = (),
) -> GroupComparison:
    """The frames of several comparisons; p values are adjusted within each grouping question."""
    import pandas as pd

    tests = pd.DataFrame([_test_row(one) for one in outcomes], columns=list(_TEST_COLUMNS))
    for name in dict.fromkeys(tests["group"]):
        own = (tests["group"] == name).to_numpy()
        tests.loc[own, "p_holm"] = holm(tests["p"].to_numpy(dtype=np.float64)[own])
    groups = pd.DataFrame([row for one in outcomes for row in _group_rows(one.samples, level)])
    effects = pd.DataFrame([row for one in outcomes for row in _effect_rows(one)])
    after = [row for one in outcomes for row in _post_hoc_rows(one, post_hoc, level)]
    table = pd.DataFrame(after, columns=list(_POST_HOC_COLUMNS))
    return GroupComparison(tests, groups, effects, table, level, tuple(dict.fromkeys(notes)), failures)


_TEST_COLUMNS = (
    "outcome", "group", "kind", "test", "statistic", "df1", "df2", "p", "p_holm", "effect", "value", "low",
    "high", "n", "n_groups", "difference", "difference_low", "difference_high", "levene_f", "levene_p",
    "reason",
)  # fmt: skip
_POST_HOC_COLUMNS = (
    "outcome", "group", "method", "a", "b", "difference", "se", "statistic", "df", "p", "low", "high",
)  # fmt: skip


def _check(test: str, kind: str, variances: str, post_hoc: str, level: float) -> None:
    check_test_options(test, variances, level)
    known = (("kind", kind, ("auto", *get_args(Kind))), ("post_hoc", post_hoc, get_args(PostHoc)))
    for what, value, allowed in known:
        if value not in allowed:
            hint = did_you_mean(str(value), allowed)
            raise OptionError(f"{what}={value!r} is not known; allowed: {', '.join(allowed)}.{hint}")


def _asked(data: object) -> Questionnaire | None:
    return data.questionnaire if isinstance(data, Responses) else None


def _test_row(one: Outcome) -> dict[str, object]:
    main, gap, levene = one.effects[0], one.difference, one.levene
    nothing = float("nan")
    return {
        "outcome": one.samples.outcome,
        "group": one.samples.group,
        "kind": one.samples.kind,
        "test": one.test,
        "statistic": one.statistic.value,
        "df1": one.statistic.df1,
        "df2": one.statistic.df2,
        "p": one.statistic.p,
        "p_holm": nothing,
        "effect": main.name,
        "value": main.value,
        "low": main.low,
        "high": main.high,
        "n": len(one.samples.values[0]) if one.test in ("paired", "wilcoxon") else one.samples.n,
        "n_groups": len(one.samples.values),
        "difference": nothing if gap is None else gap.value,
        "difference_low": nothing if gap is None else gap.low,
        "difference_high": nothing if gap is None else gap.high,
        "levene_f": nothing if levene is None else levene.value,
        "levene_p": nothing if levene is None else levene.p,
        "reason": one.reason,
    }


def _group_rows(samples: Samples, level: float) -> list[dict[str, object]]:
    if samples.kind == "category":
        return _answer_rows(samples)
    from scipy.special import stdtrit

    rows: list[dict[str, object]] = []
    for name, sample in zip(samples.levels, samples.values, strict=True):
        n, mean = len(sample), float(sample.mean())
        sd = float(sample.std(ddof=1)) if n > 1 else float("nan")
        se = sd / float(np.sqrt(n))
        reach = float(stdtrit(n - 1, (1 + level) / 2)) * se if n > 1 else float("nan")
        row: dict[str, object] = {"outcome": samples.outcome, "group": samples.group, "level": name}
        row |= {"answer": "", "n": n, "share": n / samples.n, "mean": mean, "sd": sd, "se": se}
        row |= {"low": mean - reach, "high": mean + reach, "median": float(np.median(sample))}
        rows.append({**row, "residual": float("nan")})
    return rows


def _answer_rows(samples: Samples) -> list[dict[str, object]]:
    counts = samples.counts
    residuals = adjusted_residuals(counts)
    sizes = counts.sum(axis=1)
    nothing = dict.fromkeys(("mean", "sd", "se", "low", "high", "median"), float("nan"))
    return [
        {
            "outcome": samples.outcome,
            "group": samples.group,
            "level": name,
            "answer": answer,
            "n": int(counts[i, j]),
            "share": float(counts[i, j] / sizes[i]),
            **nothing,
            "residual": float(residuals[i, j]),
        }
        for i, name in enumerate(samples.levels)
        for j, answer in enumerate(samples.answers)
    ]


def _effect_rows(one: Outcome) -> list[dict[str, object]]:
    return [
        {
            "outcome": one.samples.outcome,
            "group": one.samples.group,
            "effect": effect.name,
            "value": effect.value,
            "low": effect.low,
            "high": effect.high,
        }
        for effect in one.effects
    ]


def _post_hoc_rows(one: Outcome, asked: PostHoc, level: float) -> list[dict[str, object]]:
    method = _AFTER.get(one.test, "none") if asked == "auto" else asked
    samples = one.samples
    if method == "none" or len(samples.values) < 3 or samples.kind == "category":
        return []
    head: dict[str, object] = {"outcome": samples.outcome, "group": samples.group, "method": method}
    if method == "dunn":
        z, gap = dunn(samples.values)
        pairs = tuple(combinations(range(len(samples.values)), 2))
        at = tuple(np.array(pairs).T)
        columns = {
            "difference": gap[at],
            "se": gap[at] / np.where(z[at] == 0, np.nan, z[at]),
            "statistic": z[at],
        }
        columns["p"] = holm(two_sided_p(z[at]))
    else:
        found = (pingouin_tests.tukey if method == "tukey" else pingouin_tests.games_howell)(samples.values)
        pairs, reach = found.pairs, _reach(found, len(samples.values), level)
        columns = {"difference": found.difference, "se": found.se, "statistic": found.difference / found.se}
        columns |= {
            "df": found.df,
            "p": found.p,
            "low": found.difference - reach,
            "high": found.difference + reach,
        }
    return [
        {
            **head,
            "a": samples.levels[i],
            "b": samples.levels[j],
            **{name: float(values[place]) for name, values in columns.items()},
        }
        for place, (i, j) in enumerate(pairs)
    ]


def _reach(found: pingouin_tests.Pairwise, n_groups: int, level: float) -> Vector:
    """Half the width of simultaneous intervals: the studentized range over the root of 2, times the error."""
    quantiles = {df: range_quantile(level, n_groups, df) for df in dict.fromkeys(found.df.tolist())}
    reach: Vector = np.array([quantiles[df] for df in found.df.tolist()]) / np.sqrt(2) * found.se
    return reach
