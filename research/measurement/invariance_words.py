"""What a reader of the ladder has to know: the verdict as a sentence, and cautions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from research.estimation.fit import Fit
from research.measurement.invariance_copies import kinds_of, text_of
from research.measurement.invariance_ladder import Ladder, Level

if TYPE_CHECKING:
    import pandas as pd

# 1 - TLI is about (RMSEA / RMSEA of the baseline)^2: with a baseline below this, a model with RMSEA .05
# cannot reach TLI .90, and CFI moves little whatever is held equal.
WEAK_BASELINE = math.sqrt(0.05**2 / 0.10)
MEANS_MAY = {
    "configural": "the same items measure the factors, but neither paths nor means may be compared",
    "thresholds": "neither paths nor means may be compared",
    "metric": "paths and correlations may be compared, latent means may not",
    "scalar": "paths, correlations and latent means may be compared",
    "strict": "paths, latent means and also scale means may be compared",
    "means": "the latent means do not differ",
}


def verdict_on(steps: pd.DataFrame, holds: str, ladder: Ladder, partial: Sequence[str]) -> str:
    """One sentence: what is supported, what fails, and what follows."""
    where = _what(ladder, plural=True)
    row = {str(level): str(word) for level, word in zip(steps["level"], steps["verdict"], strict=True)}
    lost = next((level for level, word in row.items() if word in ("fails", "no solution")), "")
    step = "the latent means differ" if lost == "means" else ""
    if lost and not step:
        step = f"the {lost} step " + ("fails" if row[lost] == "fails" else "has no solution")
    if holds == "none":
        first = steps.iloc[0]
        fit = f"CFI {float(first['cfi']):.3f}, RMSEA {float(first['rmsea']):.3f}"
        if row["configural"] == "no solution":
            return "The configural model has no solution: no step can be judged."
        against = f"Against it {step}" if step else "Against it every later step holds"
        return f"The configural model fits poorly ({fit}): mend it before anything is compared. {against}."
    kind = "partial " if partial and holds != "configural" else ""
    called = "threshold" if holds == "thresholds" else holds
    head = f"{kind}{called} invariance over {len(ladder.copies.units)} {where} is supported".capitalize()
    return f"{head}{'; ' + step if step else ''}: {MEANS_MAY[holds]}."


def notes_on(ladder: Ladder, fits: Mapping[Level, Fit], partial: Sequence[str]) -> tuple[str, ...]:
    """Cautions that stand on the result, and the notes of the fits, each once."""
    own = [
        *_reference(ladder),
        *_categories(ladder, fits),
        *_partial(ladder, partial),
        *_baseline(fits),
        *_few_degrees(fits),
        *_cutoffs(ladder),
    ]
    for level, fit in fits.items():
        own += [
            note if level == "configural" else f"{level}: {note}" for note in fit.notes if note not in own
        ]
    return tuple(dict.fromkeys(own))


def _what(ladder: Ladder, *, plural: bool) -> str:
    """What the copies are: groups, waves, or both."""
    copies = ladder.copies
    if copies.wave and len(copies.units) > copies.n_waves:
        return "groups by waves" if plural else "group and wave"
    word = "wave" if copies.wave else "group"
    return word + "s" if plural else word


def _reference(ladder: Ladder) -> Iterator[str]:
    first, *others = ladder.copies.units
    listed = ", ".join(f"'{each}'" for each in others)
    yield f"The reference is {_what(ladder, plural=False)} '{first}'; the others are {listed}."


def _categories(ladder: Ladder, fits: Mapping[Level, Fit]) -> Iterator[str]:
    """What items with two or three categories cannot show. Wu & Estabrook (2016)"""
    counts: dict[str, int] = {}
    for row in ladder.table.parameters:
        if row.op == "|" and ladder.copies.unit(row) == 0:
            counts[row.lhs] = counts.get(row.lhs, 0) + 1
    two = [name for name, count in counts.items() if count == 1]
    three = [name for name, count in counts.items() if count == 2]
    if two:
        yield (
            f"Binary items ({', '.join(two)}): their thresholds, loadings and intercepts cannot be tested "
            "one by one, only together at the scalar step; the steps before restrict nothing in them."
        )
    if three and "thresholds" in fits:
        yield (
            f"Items with three categories ({', '.join(three)}): equal thresholds only fix the scale of what "
            "lies behind the answers, and are no restriction that could be tested."
        )
    if counts and ladder.parameterization == "delta" and "strict" in fits:
        yield "Residual variances are parameters in theta only; the strict step is fitted in theta."


def _partial(ladder: Ladder, partial: Sequence[str]) -> Iterator[str]:
    """Fewer than two items that stay equal. Byrne, Shavelson & Muthen (1989)"""
    if not partial:
        return
    yield f"Left free in every step: {', '.join(sorted(map(text_of, ladder.partial)))}."
    loadings: dict[str, list[str]] = {}
    for row, kind in zip(ladder.table.parameters, kinds_of(ladder.table), strict=True):
        if kind == "loading" and ladder.copies.unit(row) == 0:
            loadings.setdefault(row.lhs, []).append(row.rhs)
    for factor, items in loadings.items():
        kept = [
            item
            for item in items
            if (factor, "=~", item) not in ladder.partial and (item, "~1", "") not in ladder.partial
        ]
        if len(kept) < min(2, len(items)):
            yield (
                f"Factor '{factor}' has {len(kept)} of {len(items)} items with equal loading and intercept; "
                "comparisons of its mean rest on fewer than two items."
            )


def _baseline(fits: Mapping[Level, Fit]) -> Iterator[str]:
    """CFI compares with a baseline that must itself be bad."""
    first = fits["configural"]
    if not first.converged:
        return
    base = first.baseline_scaled or first.baseline
    n = first.sample.weight
    ratio = max(base.chisq - base.df, 0.0) / (base.df * n) * len(first.sample.groups) if base.df else 0.0
    if math.sqrt(ratio) < WEAK_BASELINE:
        yield (
            f"The baseline model of CFI has an RMSEA of {math.sqrt(ratio):.3f} only (below "
            f"{WEAK_BASELINE:.3f}): items hardly correlate, and CFI and its differences say little here."
        )
    yield (
        "The baseline of CFI leaves the means of every copy free, so the step to equal intercepts is judged "
        "against correlations alone; look at the chi-square difference and RMSEA beside it (Widaman & "
        "Thompson 2003)."
    )


def _few_degrees(fits: Mapping[Level, Fit]) -> Iterator[str]:
    first = fits["configural"]
    if first.df == 0:
        yield (
            "The configural model is saturated (0 df): it fits any data, and the first differences in RMSEA "
            "start from zero."
        )


def _cutoffs(ladder: Ladder) -> Iterator[str]:
    if ladder.ordered:
        yield (
            "The cut-offs of Chen (2007) come from maximum likelihood with continuous items; for ordered "
            "items and WLSMV they are a convention, so read them beside the scaled chi-square difference."
        )
    if len(ladder.copies.units) > 9:
        yield (
            f"{len(ladder.copies.units)} copies: exact invariance over many groups is rarely met; the "
            "cut-offs were made for two groups."
        )
