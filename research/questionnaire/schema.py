"""The shape of a questionnaire file: its keys, their types and defaults, and the JSON Schema of all that.

Scalars arrive as the text that stands in the file; each type below says which texts it takes. What one
part of a file demands of another (a scale that exists, a translation that is there) is not a matter of
shape: the modules `wording`, `references`, `theory` and `population` look after it.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from research.questionnaire.entry import Entry, Worded, Wording
from research.questionnaire.scalars import (
    LANGUAGE,
    Codes,
    Flag,
    Number,
    Share,
    String,
    Strings,
    Whole,
)


class PointEntry(Wording):
    """The label of one point of a scale."""


class OptionEntry(Wording):
    """The label of one option of a background question."""


class MissingEntry(Wording):
    """The name of a code that means "no answer"."""


class ScaleEntry(Entry):
    """An answer scale: {points: {1: …, 5: …}, missing: {-99: …}}."""

    points: Annotated[
        dict[Whole, PointEntry],
        Field(
            description="Value of each point and its label. Label every point, or the ends, "
            "or the ends and the middle; the whole numbers between the ends are points too."
        ),
    ]
    missing: Annotated[
        dict[str, MissingEntry],
        Field(
            default_factory=dict, description='Codes of this scale that mean "no answer", and their names.'
        ),
    ]


class ItemEntry(Worded):
    """One question of a construct."""

    short = True
    scale: Annotated[
        String | None, Field(description="Its scale, where it is not that of the construct.")
    ] = None
    column: Annotated[
        String | None, Field(description="Its column in the data, where that is not its id.")
    ] = None


class ConstructEntry(Worded):
    """A latent variable, measured by `items` or, second order, by `components`."""

    items: Annotated[dict[str, ItemEntry], Field(default_factory=dict, description="Item id -> wording.")]
    components: Annotated[
        list[String],
        Field(
            default_factory=list, description="Second order: the constructs that it is made of, two at least."
        ),
    ]
    scale: Annotated[
        String | None,
        Field(description="Scale of the items; may be left out where the file declares just one."),
    ] = None
    reverse: Annotated[
        list[String], Field(default_factory=list, description="Ids of the reverse-keyed items.")
    ]
    source: Annotated[
        Strings, Field(default_factory=list, description="BibTeX keys of the literature the items come from.")
    ]
    mode: Annotated[
        Literal["reflective", "composite"], Field(description="reflective (default) or composite.")
    ] = "reflective"


class QuestionEntry(Worded):
    """A background question."""

    kind: Annotated[
        Literal["choice", "multiple", "number", "text"], Field(description="How it is answered.")
    ] = "choice"
    options: Annotated[
        dict[str, OptionEntry], Field(default_factory=dict, description="Code in the data -> label.")
    ]
    missing: Annotated[
        dict[str, MissingEntry],
        Field(default_factory=dict, description='Codes of this question that mean "no answer".'),
    ]
    label: Annotated[
        Wording | None, Field(description="Short name for tables and figures, where the wording is long.")
    ] = None
    personal: Annotated[Flag, Field(description="true: dropped on reading (name, phone, IP address).")] = (
        False
    )
    column: Annotated[
        String | None, Field(description="Its column in the data, where that is not its id.")
    ] = None


class CheckEntry(Worded):
    """An attention check: an item with one right answer."""

    expect: Annotated[Whole, Field(description="The right answer, a point of the scale.")]
    scale: Annotated[
        String | None, Field(description="Its scale; may be left out where the file declares just one.")
    ] = None
    column: Annotated[
        String | None, Field(description="Its column in the data, where that is not its id.")
    ] = None


class SkipEntry(Entry):
    """`skip` is not asked where the question `when` was answered with one of `is`."""

    when: Annotated[String, Field(description="Id of a choice or multiple question.")]
    is_: Annotated[Codes, Field(alias="is", description="One option code, or a list of them.")]
    skip: Annotated[Strings, Field(description="Ids of items, constructs, questions or checks.")]


def _bare_line(value: object) -> object:
    return {"line": value} if isinstance(value, str) else value


class HypothesisEntry(Entry):
    """A hypothesis whose wording for the paper is given: {line: a -> b, en: …, zh: …}."""

    short = True
    worded = True
    line: Annotated[String, Field(description="For example quality -> satisfaction.")]

    @property
    def wording(self) -> dict[str, str]:
        """{language: wording}; empty where none is given."""
        return {
            key: value.strip()
            for key, value in self.unknown.items()
            if isinstance(value, str) and value.strip() and LANGUAGE.fullmatch(key)
        }


HypothesisField: TypeAlias = Annotated[HypothesisEntry, BeforeValidator(_bare_line)]


class ScreeningEntry(Entry):
    """Which answers are flagged as careless, and which of these are dropped."""

    seconds_per_item: Annotated[
        Number | None, Field(description="Flag who took less time an item; empty: no rule.")
    ] = 2.0
    longest_run: Annotated[
        Whole | None, Field(description="Flag a longer run of one answer; empty: all items of a block.")
    ] = None
    duration_column: Annotated[String | None, Field(description="Column with the seconds taken.")] = None
    id_column: Annotated[String | None, Field(description="Column that names the respondent.")] = None
    drop: Annotated[
        list[Literal["attention", "speed", "straightline", "duplicate"]],
        Field(default_factory=list, description="Rules whose flagged rows are dropped; default: none."),
    ]


class AnalysisEntry(Entry):
    """How the models are estimated, where the toolkit is not to choose by itself."""

    estimator: Annotated[
        Literal["auto", "ML", "MLR", "WLSMV"],
        Field(description="auto: WLSMV where items have five points or fewer or are skewed, else MLR."),
    ] = "auto"
    missing: Annotated[
        Literal["auto", "fiml", "listwise"],
        Field(description="auto: every answer is used (fiml; pairwise with WLSMV); listwise: complete rows."),
    ] = "auto"


class PopulationEntry(Entry):
    """What responses are simulated from: the standardized loadings and paths of the latent model."""

    n: Annotated[Whole, Field(description="How many respondents to simulate.")] = 400
    loading: Annotated[Number, Field(description="Standardized loading of all that is not named below.")] = (
        0.75
    )
    loadings: Annotated[
        dict[str, Number],
        Field(default_factory=dict, description="Item id, or a construct for all its items -> loading."),
    ]
    components: Annotated[
        dict[str, Number],
        Field(default_factory=dict, description="Component -> its loading on the second-order construct."),
    ]
    paths: Annotated[dict[str, Number], Field(default_factory=dict, description="a -> b: standardized path.")]
    correlations: Annotated[
        dict[str, Number],
        Field(default_factory=dict, description="a <-> b: correlation of constructs that no path leads to."),
    ]
    interactions: Annotated[
        dict[str, Number],
        Field(default_factory=dict, description="a -> b | c: path of the product of a and c."),
    ]
    means: Annotated[
        dict[str, dict[str, Number]],
        Field(default_factory=dict, description="a by question: {option: shift of a's level, in SDs}"),
    ]
    differences: Annotated[
        dict[str, dict[str, Number]],
        Field(default_factory=dict, description="a -> b by question: {option: added to the path}"),
    ]
    answers: Annotated[
        dict[str, dict[str, Number]],
        Field(
            default_factory=dict,
            description="Question -> share of each option; of a number question mean, sd, low, high.",
        ),
    ]
    thresholds: Annotated[
        dict[str, list[Number]],
        Field(default_factory=dict, description="Item or scale -> where a standard normal answer is cut."),
    ]
    waves: Annotated[Whole, Field(description="How often the same respondents answer.")] = 1
    stability: Annotated[Number, Field(description="Correlation of disturbances between waves.")] = 0.6
    missing: Annotated[Share, Field(description="Share of answers left out.")] = 0.0
    careless: Annotated[Share, Field(description="Share of respondents who answer carelessly.")] = 0.0


class File(Entry):
    """A questionnaire: what is asked, and what is hypothesised."""

    name: Annotated[String, Field(description="Short name: letters, digits, _ and -.")]
    title: Annotated[Wording, Field(description="Title of the study.")]
    languages: Annotated[list[String], Field(description="Codes of the languages, for example [en, zh].")]
    scales: Annotated[dict[str, ScaleEntry], Field(description="Answer scales by name.")]
    constructs: Annotated[dict[str, ConstructEntry], Field(description="Constructs by name.")]
    missing: Annotated[
        dict[str, MissingEntry],
        Field(
            default_factory=dict,
            description='Codes that mean "no answer" in every scale and question, and their names.',
        ),
    ]
    background: Annotated[
        dict[str, QuestionEntry], Field(default_factory=dict, description="Background questions by id.")
    ]
    checks: Annotated[
        dict[str, CheckEntry], Field(default_factory=dict, description="Attention checks by id.")
    ]
    skips: Annotated[list[SkipEntry], Field(default_factory=list, description="Skip rules.")]
    hypotheses: Annotated[dict[str, HypothesisField], Field(default_factory=dict, description="Id -> line.")]
    controls: Annotated[
        list[String], Field(default_factory=list, description="Number or choice questions held constant.")
    ]
    groups: Annotated[
        list[String], Field(default_factory=list, description="Choice questions whose groups are compared.")
    ]
    screening: ScreeningEntry = Field(default_factory=lambda: ScreeningEntry.model_validate({}))
    analysis: AnalysisEntry = Field(default_factory=AnalysisEntry)
    population: Annotated[PopulationEntry | None, Field(description="Declared population.")] = None
    data: Annotated[
        String | None, Field(description="Data beside this file, or package:NAME/path inside a package.")
    ] = None
    paper: Annotated[String | None, Field(description="A paper of its own, beside this file.")] = None
    notebook: Annotated[String | None, Field(description="A notebook of its own, beside this file.")] = None
    bibliography: Annotated[String | None, Field(description="A .bib file beside this file.")] = None


def json_schema() -> dict[str, object]:
    """The JSON Schema of a questionnaire file, for editors that complete and check YAML.

    >>> json_schema()["title"]
    'Questionnaire'
    """
    schema: dict[str, object] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema.update(File.model_json_schema())
    schema["title"] = "Questionnaire"
    return schema
