"""Model text for repeated waves: cross-lagged panels and latent growth, to be read and then fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

from research.errors import OptionError

Wave = str | Sequence[str]  # a column, or the items of a factor


def cross_lagged(
    constructs: Mapping[str, Sequence[Wave]],
    *,
    equal_over_time: bool = False,
    random_intercepts: bool = False,
) -> str:
    """The text of a cross-lagged panel model, for `research.sem`.

    constructs: `{"trust": ["trust_w1", "trust_w2"], "loyalty": […]}`, one column a wave; or the items of
        each wave, `{"trust": [["t1_w1", "t2_w1"], ["t1_w2", "t2_w2"]]}`: factors `trust_1`, `trust_2` with
        loadings equal over time and correlated residuals of the same item.
    Every construct is regressed on every construct of the wave before; those of one wave are correlated.
    equal_over_time: the same path has the same label at each step (`trust_loyalty`). random_intercepts: take
        stable differences between persons out first (Hamaker, Kuiper & Grasman 2015, Psychological Methods
        20, 102-116); needs single columns and three waves.

    >>> print(cross_lagged({"x": ["x1", "x2"], "y": ["y1", "y2"]}))
    x2 ~ x1 + y1
    y2 ~ x1 + y1
    x1 ~~ y1
    x2 ~~ y2
    """
    n_waves = _n_waves(constructs)
    with_items = {name: _with_items({name: waves}) for name, waves in constructs.items()}
    lines: list[str] = []
    if random_intercepts:
        if any(with_items.values()) or n_waves < 3:
            raise OptionError("random_intercepts=True needs one column a wave, and three waves or more")
        lines += _within_and_between(constructs)
        names = {name: [f"w_{name}_{at + 1}" for at in range(n_waves)] for name in constructs}
    else:
        names = {}
        for name, by_wave in constructs.items():
            if with_items[name]:
                lines += _measured(name, by_wave, intercepts=False)
            names[name] = [
                f"{name}_{at}" if with_items[name] else str(column) for at, column in enumerate(by_wave, 1)
            ]
    for before, now in pairwise(range(n_waves)):
        for outcome, own in names.items():
            terms = [
                f"{cause}_{outcome}*{other[before]}" if equal_over_time else other[before]
                for cause, other in names.items()
            ]
            lines.append(f"{own[now]} ~ {' + '.join(terms)}")
    for at in range(n_waves):
        lines += [f"{left[at]} ~~ {right[at]}" for left, right in combinations(names.values(), 2)]
    if random_intercepts:
        lines += [f"i_{left} ~~ i_{right}" for left, right in combinations(names, 2)]
        firsts = [own[0] for own in names.values()]
        lines += [f"i_{name} ~~ {' + '.join(f'0*{first}' for first in firsts)}" for name in names]
    return "\n".join(lines)


def latent_growth(
    waves: Sequence[Wave],
    scores: Sequence[float] | None = None,
    *,
    quadratic: bool = False,
    name: str = "",
    predictors: Sequence[str] = (),
) -> str:
    """The text of a latent growth curve: factors `i` (level) and `s` (change), and `q` where quadratic.

    waves: one column a wave, to be fitted with `research.growth`; or the items of each wave, with
        `research.sem`: a curve of factors whose loadings and intercepts are equal over time (the first item
        sets unit and zero; residuals of the same item correlated). scores: the times, 0, 1, 2 … if left out;
        NaN leaves a loading free (latent basis). name: put before the factors (`trust_i`).
    predictors: columns that predict level and change.

    >>> print(latent_growth(["y1", "y2", "y3"], [0, 1, 2.5]))
    i =~ 1*y1 + 1*y2 + 1*y3
    s =~ 0*y1 + 1*y2 + 2.5*y3
    """
    count = len(waves)
    times = [float(at) for at in range(count)] if scores is None else [float(score) for score in scores]
    if count < 3:
        raise OptionError(f"a growth curve needs three waves or more, not {count}")
    if len(times) != count:
        raise OptionError(f"{len(times)} scores for {count} waves; give one time a wave")
    if len(set(times)) < 2:
        raise OptionError("scores are the times of the waves and cannot all be the same")
    own = {"growth": waves}
    with_items = _with_items(own)
    prefix = f"{name}_" if name else ""
    construct = name or "f"
    lines = _measured(construct, waves, intercepts=True) if with_items else []
    measured = [f"{construct}_{at + 1}" if with_items else str(waves[at]) for at in range(count)]
    factors = [f"{prefix}i", f"{prefix}s", *([f"{prefix}q"] if quadratic else [])]
    for power, factor in enumerate(factors):
        terms = [_term(time, power, column) for time, column in zip(times, measured, strict=True)]
        lines.append(f"{factor} =~ {' + '.join(terms)}")
    if with_items:
        lines += [f"{factor} ~ 0*1" for factor in measured]
        lines += [f"{factor} ~ 1" for factor in factors]
    if predictors:
        lines += [f"{factor} ~ {' + '.join(predictors)}" for factor in factors]
        lines += [f"{left} ~~ {right}" for left, right in combinations(factors, 2)]
    return "\n".join(lines)


def _term(time: float, power: int, column: str) -> str:
    if power and time != time:
        return column
    return f"{time**power:g}*{column}"


def _n_waves(constructs: Mapping[str, Sequence[Wave]]) -> int:
    counts = {name: len(waves) for name, waves in constructs.items()}
    if len(counts) < 2:
        raise OptionError("a cross-lagged panel needs two constructs or more")
    if len(set(counts.values())) > 1 or min(counts.values()) < 2:
        listed = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise OptionError(f"every construct needs the same number of waves, two or more ({listed})")
    return next(iter(counts.values()))


def _with_items(constructs: Mapping[str, Sequence[Wave]]) -> bool:
    """Whether the waves of a construct are lists of items; some of them alone is an error."""
    kinds = {isinstance(wave, str) for waves in constructs.values() for wave in waves}
    if len(kinds) > 1:
        raise OptionError(
            f"'{next(iter(constructs))}': give one column in each wave, or a list of items in each"
        )
    for name, waves in constructs.items():
        counts = {1 if isinstance(wave, str) else len(wave) for wave in waves}
        if len(counts) > 1 or counts == {0}:
            raise OptionError(f"'{name}' needs the same items in the same order in each wave")
    return kinds == {False}


def _measured(name: str, waves: Sequence[Wave], *, intercepts: bool) -> list[str]:
    """Factors with loadings (and intercepts) equal over time, residuals of the same item correlated."""
    by_wave = [[str(item) for item in wave] for wave in waves]
    lines = []
    for at, items in enumerate(by_wave, start=1):
        terms = [
            f"1*{item}" if place == 0 else f"{name}_l{place + 1}*{item}" for place, item in enumerate(items)
        ]
        lines.append(f"{name}_{at} =~ {' + '.join(terms)}")
    for place, copies in enumerate(zip(*by_wave, strict=True)):
        if len(by_wave[0]) > 1:  # a single item has no residual of its own
            lines += [f"{left} ~~ {right}" for left, right in combinations(copies, 2)]
        if intercepts:
            label = "0" if place == 0 else f"{name}_t{place + 1}"
            lines += [f"{item} ~ {label}*1" for item in copies]
    return lines


def _within_and_between(constructs: Mapping[str, Sequence[Wave]]) -> list[str]:
    lines = []
    for name, columns in constructs.items():
        lines.append(f"i_{name} =~ {' + '.join(f'1*{column}' for column in columns)}")
        for at, column in enumerate(columns, start=1):
            lines += [f"w_{name}_{at} =~ 1*{column}", f"{column} ~~ 0*{column}"]
    return lines
