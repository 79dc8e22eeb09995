"""What every document format needs to lay out a table or figure at its place in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from research.questionnaire.definition import Text, say
from research.report.artefacts import Artefacts, Fragment, Legend
from research.report.citations import settled
from research.report.document_resolve import LABELS
from research.report.document_tree import Json, Node, as_list, as_node, element, plain, rewrite, walk
from research.report.simulated import SIMULATED_NOTE

TEXT_WIDTH, TEXT_HEIGHT = 160.0, 247.0  # mm: A4 less margins of 25 mm
SIMULATED: Text = {"en": "SIMULATED DATA", "zh": "模拟数据"}
SIMULATED_LEAD: Text = {
    "en": "The responses were generated from a declared population; no respondent answered. "
    "Nothing in this paper is evidence about people.",
    "zh": "本文的作答由所声明的总体随机生成，没有真实受访者参与；文中结果不能作为关于现实人群的证据。",
}
_POINTS = 72 / 25.4
_SIZES = (9.0, 6.5)  # points: the usual and the smallest size of a table's type


@dataclass(frozen=True, slots=True)
class Layout:
    """What a layout needs to know: the artefacts, the language, and whether the responses are simulated.

    `folder`: where files that a document includes lie. `numbers`: of the references by key, in a paper that
    cites by number.
    """

    artefacts: Artefacts
    lang: str
    simulated: bool
    folder: Path
    numbers: Mapping[str, str] = field(default_factory=dict)

    def fragment(self, key: str) -> Fragment:
        """A table with its citations as this paper prints them."""
        found = self.artefacts.fragment(key, self.lang)
        typst, openxml, html = (
            settled(text, self.numbers) for text in (found.typst, found.openxml, found.html)
        )
        return replace(found, typst=typst, openxml=openxml, html=html)

    def legend(self, key: str) -> Legend:
        """The words of a figure, likewise."""
        found = self.artefacts.legend(key, self.lang)
        return replace(found, notes=tuple(settled(note, self.numbers) for note in found.notes))

    @property
    def mark(self) -> str:
        """The sentence under every table and figure of simulated data; empty otherwise."""
        return say(SIMULATED_NOTE, self.lang) if self.simulated else ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A table or figure at its place in the text."""

    id: str
    kind: str
    key: str
    number: str

    def label(self, lang: str) -> str:
        """`Table {}` or `Figure {}` in the language."""
        return say(LABELS["tbl" if self.kind == "table" else "fig"], lang)


def place(
    tree: Json,
    layout: Layout,
    table: Callable[[Placed, Layout], list[Json]],
    figure: Callable[[Placed, Layout], list[Json]],
) -> Json:
    """The tree with every table and figure as `table` and `figure` lay it out."""

    def change(node: Node) -> list[Json] | None:
        found = element(node)
        if found is None or found.kind != "Div" or "artefact" not in found.attributes.classes:
            return None
        get = found.attributes.get
        placed = Placed(found.attributes.id, get("kind"), get("key"), get("number"))
        return table(placed, layout) if placed.kind == "table" else figure(placed, layout)

    return rewrite(tree, change)


def reference_numbers(tree: Json) -> dict[str, str]:
    """{key: number} of the works that the notes of tables and figures cite, after the citation processor.

    Empty where its style cites by author and year.
    """
    numbers: dict[str, str] = {}
    for node in walk(tree):
        artefact = element(node)
        if artefact is None or artefact.kind != "Div" or "artefact" not in artefact.attributes.classes:
            continue
        for inner in walk(artefact.children):
            if inner.get("t") == "Cite":
                works, words = as_list(inner["c"])
                printed = re.fullmatch(r"\[(\d+)\]", plain(words))
                if printed:
                    numbers[str(as_node(as_list(works)[0])["citationId"])] = printed[1]
    return numbers


def type_size(widths: tuple[int, ...]) -> tuple[float, bool]:
    """The type size (points) at which columns fit on a line, and whether the page must be turned for them.

    A typewriter column is half an em; text columns beyond 30 share what is left; 0.7 em between columns.
    """
    ems = sum(0.5 * min(width, 30) + 0.7 for width in widths)
    usual, least = _SIZES
    size = min(usual, TEXT_WIDTH * _POINTS / ems)
    if size >= least:
        return size, False
    return max(least, min(usual, TEXT_HEIGHT * _POINTS / ems)), True
