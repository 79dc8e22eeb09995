"""Which rows of a parameter table are the same parameter in another group or wave, and what kind it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

from research.errors import OptionError, did_you_mean
from research.model.syntax import parse
from research.model.table import Parameter, ParameterTable

Key = tuple[str, str, str]
Kind = Literal["loading", "threshold", "intercept", "residual", "scale", "variance", "mean", ""]
Waves = Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies of a measurement model: one a group, one a wave, or one a group and wave.

    `units`: what each copy is called, the reference first. `base`: the name in the first wave of every
    variable that is repeated; `wave`: the wave (from 0) that it belongs to. Both empty without waves.
    """

    units: tuple[str, ...]
    n_waves: int = 1
    base: Mapping[str, str] = field(default_factory=dict)
    wave: Mapping[str, int] = field(default_factory=dict)

    def unit(self, row: Parameter) -> int | None:
        """The copy that a row belongs to; None where it belongs to none, or to two waves."""
        if not self.wave:
            return row.group - 1
        names = {name for name in (row.lhs, row.rhs) if name and not (row.op == "|" and name == row.rhs)}
        waves = {self.wave.get(name) for name in names}
        if len(waves) != 1 or None in waves:
            return None
        (wave,) = waves
        return None if wave is None else (row.group - 1) * self.n_waves + wave

    def key(self, row: Parameter) -> Key:
        """What the row is called in the first copy."""
        lhs, rhs = self.base.get(row.lhs, row.lhs), self.base.get(row.rhs, row.rhs)
        if row.op == "~~" and lhs > rhs:
            lhs, rhs = rhs, lhs
        return lhs, row.op, rhs

    def released(self, partial: Sequence[str], table: ParameterTable) -> frozenset[Key]:
        """The rows that `partial` names (`"f=~x1"`, `"x1~1"`, `"x1|t2"`, `"x1~~x1"`), in any wave's names."""
        kinds = kinds_of(table)
        known = {self.key(row) for row, kind in zip(table.parameters, kinds, strict=True) if kind}
        found = set()
        for text in partial:
            for row in parse(text).rows:
                key = self.key(Parameter(row.lhs, row.op, row.rhs))
                if key not in known:
                    listed = ["".join(each) for each in known]
                    raise OptionError(
                        f"partial: '{text}' is no loading, threshold, intercept or residual variance of the "
                        f"model; write 'f=~x1', 'x1|t1', 'x1~1' or 'x1~~x1'."
                        f"{did_you_mean(text.replace(' ', ''), listed)}"
                    )
                found.add(key)
        return frozenset(found)


def text_of(key: Key) -> str:
    """A row as `partial=` takes it.

    >>> text_of(("x1", "~1", "")), text_of(("f", "=~", "x1"))
    ('x1~1', 'f=~x1')
    """
    return "".join(key)


def kinds_of(table: ParameterTable) -> list[Kind]:
    """What each row is to the measurement model; "" for what is no part of it."""
    measured = {row.rhs for row in table.parameters if row.op == "=~"}
    latent = set(table.latent)
    kinds: list[Kind] = []
    for row in table.parameters:
        kind: Kind = ""
        if row.op == "=~":
            kind = "loading"
        elif row.op == "|":
            kind = "threshold"
        elif row.op == "~*~":
            kind = "scale"
        elif row.op == "~1" and row.lhs in measured:
            kind = "intercept"  # of an item, or of a factor that a second-order factor measures
        elif row.op == "~1" and row.lhs in latent:
            kind = "mean"
        elif row.op == "~~" and row.lhs == row.rhs and row.lhs in latent:
            kind = "variance"
        elif row.op == "~~" and row.lhs == row.rhs and row.lhs in measured:
            kind = "residual"
        kinds.append(kind)
    return kinds


def over_groups(labels: Sequence[str]) -> Copies:
    """One copy a group."""
    return Copies(tuple(labels))


def over_waves(waves: Waves, groups: Sequence[str] = ()) -> Copies:
    """One copy a wave, or a group and wave; factors are called as in `waves_text`."""
    n_waves = len(next(iter(waves.values())))
    base: dict[str, str] = {}
    wave: dict[str, int] = {}
    for construct, by_wave in waves.items():
        for at, items in enumerate(by_wave):
            named = (factor_name(construct, at), *items)
            first = (factor_name(construct, 0), *by_wave[0])
            base.update(zip(named, first, strict=True))
            wave.update(dict.fromkeys(named, at))
    labels = [str(at + 1) for at in range(n_waves)]
    units = tuple(f"{group}: {label}" for group in groups for label in labels) if groups else tuple(labels)
    return Copies(units, n_waves, base, wave)


def waves_text(waves: Waves, columns: Collection[str] = ()) -> str:
    """Model text of constructs that are measured again: `trust_1`, `trust_2` …, in lavaan's syntax.

    Residuals of the same item are correlated over the waves (Joreskog 1979). Errors: fewer than two waves,
    waves with other numbers of items, an item that stands twice, a column that the data lack.

    >>> print(waves_text({"trust": [["a1", "b1"], ["a2", "b2"]]}))
    trust_1 =~ a1 + b1
    trust_2 =~ a2 + b2
    a1 ~~ a2
    b1 ~~ b2
    """
    check_waves(waves, columns)
    lines, residuals = [], []
    for construct, by_wave in waves.items():
        lines += [f"{factor_name(construct, at)} =~ {' + '.join(items)}" for at, items in enumerate(by_wave)]
        for copies in zip(*by_wave, strict=True) if len(by_wave[0]) > 1 else ():
            residuals += [f"{left} ~~ {right}" for left, right in combinations(copies, 2)]
    return "\n".join([*lines, *residuals])


def factor_name(construct: str, wave: int) -> str:
    """The factor of a construct in a wave, counted from 0."""
    return f"{construct}_{wave + 1}"


def check_waves(waves: Waves, columns: Collection[str] = ()) -> None:
    """Refuse waves that do not fit together."""
    if not waves:
        raise OptionError(
            "waves= is {construct: [items of wave 1, items of wave 2, …]}, "
            "as in {'trust': [['t1_w1', 't2_w1'], ['t1_w2', 't2_w2']]}"
        )
    seen: set[str] = set()
    n_waves = {len(by_wave) for by_wave in waves.values()}
    if len(n_waves) > 1 or n_waves == {0} or n_waves == {1}:
        counts = ", ".join(f"{name} {len(by_wave)}" for name, by_wave in waves.items())
        raise OptionError(f"waves=: every construct has the same number of waves, two or more ({counts})")
    for construct, by_wave in waves.items():
        for at, items in enumerate(by_wave, start=1):
            if isinstance(items, str):
                raise OptionError(
                    f"waves=: wave {at} of '{construct}' is '{items}'; each wave is a list of items"
                )
            if len(items) != len(by_wave[0]):
                raise OptionError(
                    f"waves=: '{construct}' has {len(items)} items in wave {at}, {len(by_wave[0])} in wave 1"
                    "; give the same items in the same order in each wave"
                )
            for item in items:
                if item in seen:
                    raise OptionError(f"waves=: item '{item}' stands twice; each wave has columns of its own")
                if columns and item not in columns:
                    raise OptionError(
                        f"waves=: the data have no column '{item}'.{did_you_mean(item, columns)}"
                    )
                seen.add(item)
