"""The rules of thumb that verdicts are given by, each with its source; a study may put its own in place.

`source` is a BibTeX key, or "convention" where a habit of the field has no one source. A rule of thumb is a
convention of the field, not a test: a verdict names the rule and its source; a reader can take another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal

from research.errors import OptionError, did_you_mean

CONVENTION = "convention"  # a habit of the field without one source


@dataclass(frozen=True, slots=True)
class Threshold:
    """`value`, on which side of it the good lies, and who said so."""

    value: float
    good: Literal["at least", "at most", "above", "below"]
    source: str

    def met(self, number: float) -> bool:
        """Whether a number is on the good side; False for NaN.

        >>> Threshold(0.70, "at least", "hair2019").met(0.70)
        True
        """
        return {
            "at least": number >= self.value,
            "at most": number <= self.value,
            "above": number > self.value,
            "below": number < self.value,
        }[self.good]


@dataclass(frozen=True, slots=True, repr=False)
class Thresholds:
    """Every rule of thumb by name; `with_values(alpha=.8)` gives a copy with values of one's own.

    >>> Thresholds().with_values(alpha=0.8)
    Thresholds(alpha=0.8)
    """

    # reliability
    alpha: Threshold = Threshold(0.70, "at least", "hair2019")
    alpha_exploratory: Threshold = Threshold(0.60, "at least", "hair2019")
    alpha_redundant: Threshold = Threshold(0.95, "below", "hair2019")
    composite_reliability: Threshold = Threshold(0.70, "at least", "hair2019")
    item_rest: Threshold = Threshold(0.30, "at least", "nunnally1994")
    # item analysis
    critical_ratio: Threshold = Threshold(3.0, "at least", "wu2010")  # t of the upper and the lower 27 %
    inter_item: Threshold = Threshold(0.80, "at most", CONVENTION)
    alpha_gain: Threshold = Threshold(0.01, "at most", CONVENTION)  # of alpha, were the item deleted
    # dimensionality
    kmo: Threshold = Threshold(0.60, "at least", "kaiser1974")
    kmo_good: Threshold = Threshold(0.80, "at least", "kaiser1974")
    # convergent and discriminant validity
    loading: Threshold = Threshold(0.708, "at least", "hair2019")
    loading_least: Threshold = Threshold(0.40, "at least", "hair2019")
    ave: Threshold = Threshold(0.50, "at least", "fornell1981")
    htmt_distinct: Threshold = Threshold(0.85, "below", "henseler2015")
    htmt: Threshold = Threshold(0.90, "below", "henseler2015")
    # fit
    cfi: Threshold = Threshold(0.90, "at least", "bentler1980")
    cfi_strict: Threshold = Threshold(0.95, "at least", "hu1999")
    tli: Threshold = Threshold(0.90, "at least", "bentler1980")
    tli_strict: Threshold = Threshold(0.95, "at least", "hu1999")
    rmsea: Threshold = Threshold(0.08, "at most", "browne1993")
    rmsea_strict: Threshold = Threshold(0.06, "at most", "hu1999")
    srmr: Threshold = Threshold(0.08, "at most", "hu1999")
    # distribution of items
    skewness: Threshold = Threshold(2.0, "at most", "west1995")
    kurtosis: Threshold = Threshold(7.0, "at most", "west1995")
    # method bias
    harman: Threshold = Threshold(0.50, "below", "podsakoff2003")
    vif_method: Threshold = Threshold(3.3, "at most", "kock2015")
    # invariance: the largest loss from one step to the next
    delta_cfi: Threshold = Threshold(0.010, "at most", "chen2007")
    delta_rmsea: Threshold = Threshold(0.015, "at most", "chen2007")
    # structure
    vif: Threshold = Threshold(3.0, "below", "hair2019")
    vif_most: Threshold = Threshold(5.0, "at most", "hair2019")

    def __repr__(self) -> str:
        """What differs from the defaults: signatures that end in all of them cannot be read."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        own = [f"{name}={limit.value:g}" for name, limit in named.items() if limit.source == "study"]
        return f"Thresholds({', '.join(own)})"

    def with_values(self, values: Mapping[str, float] | None = None, **named: float) -> Thresholds:
        """A copy with other values; a threshold that is changed has the source "study".

        >>> Thresholds().with_values(ave=0.4).ave
        Threshold(value=0.4, good='at least', source='study')
        """
        changed = {**(values or {}), **named}
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in changed.items():
            if name not in known:
                hint = did_you_mean(name, known)
                raise OptionError(f"threshold {name!r} is not known; there are {', '.join(known)}.{hint}")
            known[name] = replace(known[name], value=float(value), source="study")
        return Thresholds(**known)


THRESHOLDS = Thresholds()
