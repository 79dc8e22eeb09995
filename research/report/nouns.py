"""What a reader sees: a Table and a Figure, each in every language, each with its notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from research.questionnaire.definition import Text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas

Numbers = Mapping[str, object]  # what a text quotes, by name
ColumnKind = Literal["text", "integer", "number", "statistic", "p", "percent", "stars"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the frame's column, its heading, and how its cells are printed.

    number: `decimals` digits; statistic: the same without a leading zero where |x| <= 1 by
    definition (r, alpha, loadings); p: `< .001` or three digits; percent: a share (0.25) printed
    with `%`; stars: a p value printed as its stars.
    `group` is a spanning heading over neighbouring columns that share it.
    `high`: the frame's column of the upper end, printed as `[low, high]`. `stars`: the frame's
    column of p values whose stars follow the number. `strong`: a frame's column of booleans, bold
    where true. `kinds`: a frame's column with the kind of each row where it differs ("" where not).
    `once`: a value equal to the one above it is left blank, where those of columns left of it are blank too.
    """

    name: str
    heading: Text
    kind: ColumnKind = "text"
    decimals: int = 3
    group: Text = field(default_factory=dict)
    high: str = ""
    stars: str = ""
    strong: str = ""
    kinds: str = ""
    once: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A tidy, unrounded frame and how to print it.

    Cells that are `Text` mappings are printed in the language. `lang` is the language in which a
    notebook shows it; the writers are told theirs. A note may cite: `[@key]` or `@key` of the packaged
    methods literature, or of `bibliography`, a BibTeX text; each is printed by author and year.
    """

    title: Text
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    notes: tuple[Text, ...] = ()
    lang: str = "en"
    bibliography: str = ""

    def _repr_html_(self) -> str:
        from research.report.table_html import to_html

        return to_html(self, self.lang)

    def _repr_markdown_(self) -> str:
        from research.report.table_markdown import to_markdown

        return to_markdown(self, self.lang)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture: `frame` is the tidy data it shows, `draw(canvas, frame, lang)` paints it.

    `width` and `height` in millimetres (journal column 88, page 180). `lang` is the language in
    which a notebook shows it.
    """

    title: Text
    frame: pd.DataFrame
    draw: Callable[[Canvas, pd.DataFrame, str], None]
    width: float = 180.0
    height: float = 110.0
    notes: tuple[Text, ...] = ()
    alt: Text = field(default_factory=dict)
    lang: str = "en"

    def _repr_png_(self) -> bytes:
        from research.report.style import picture

        return picture(self, self.lang, "png", dpi=150)
