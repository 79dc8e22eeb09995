"""Tables and figures as each document format lays them out: caption, body, notes, anchor."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from xml.sax.saxutils import escape as escape_xml

from research.report.artefacts import Artefacts
from research.report.document_resolve import LABELS
from research.report.document_tree import Attributes, Json, Node, element, para, raw, rewrite, styled, words

TEXT_WIDTH = 160.0  # mm: A4 less margins of 25 mm
_POINTS = 72 / 25.4
_FLOAT_ROWS = 22  # longer tables stay where they are quoted and break over pages
_SIZES = (9.0, 6.5)  # points: the usual and the smallest size of a table's type

SIMULATED = {"en": "SIMULATED DATA", "zh": "模拟数据"}
SIMULATED_NOTE = {
    "en": "Simulated data: computed from generated responses, not from respondents.",
    "zh": "模拟数据：由生成的作答计算得出，并非来自真实受访者。",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What a layout needs to know: the artefacts, the language, and whether the responses are simulated.

    `folder`: where files that a document includes lie.
    """

    artefacts: Artefacts
    lang: str
    simulated: bool
    folder: Path

    @property
    def mark(self) -> str:
        """The sentence under every table and figure of simulated data; empty otherwise."""
        return SIMULATED_NOTE.get(self.lang, SIMULATED_NOTE["en"]) if self.simulated else ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A table or figure at its place in the text."""

    id: str
    kind: str
    key: str
    number: str


def for_typst(tree: Json, layout: Layout) -> Json:
    """The tree with every table and figure as typst, and the closing parts in their own type size."""
    tree = _place(tree, layout, _typst_table, _typst_figure)
    return rewrite(tree, _typst_region)


def for_word(tree: Json, layout: Layout) -> Json:
    """The tree with every table as OOXML and every figure as a picture of 300 dpi; captions are SEQ fields."""
    return rewrite(_place(tree, layout, _word_table, _word_figure), _word_region)


def for_web(tree: Json, layout: Layout) -> Json:
    """The tree with every table and figure as HTML; pictures are embedded as SVG."""
    return _place(tree, layout, _web_table, _web_figure)


def _place(
    tree: Json,
    layout: Layout,
    table: Callable[[Placed, Layout], list[Json]],
    figure: Callable[[Placed, Layout], list[Json]],
) -> Json:
    def change(node: Node) -> list[Json] | None:
        found = element(node)
        if found is None or found.kind != "Div" or "artefact" not in found.attributes.classes:
            return None
        get = found.attributes.get
        placed = Placed(found.attributes.id, get("kind"), get("key"), get("number"))
        return table(placed, layout) if placed.kind == "table" else figure(placed, layout)

    return rewrite(tree, change)


# --- typst -------------------------------------------------------------------------------------


def _typst_table(placed: Placed, layout: Layout) -> list[Json]:
    table = layout.artefacts.fragment(placed.key, layout.lang)
    size, wide = _type_size(table.widths)
    body = f"#text(size: {size:.1f}pt)[\n{table.typst}\n]\n{_typst_mark(layout)}"
    figure = _typst_shell(
        placed, layout, table.title, body, floating=table.n_rows <= _FLOAT_ROWS and not wide
    )
    return [raw("typst", f"#page(flipped: true)[\n{figure}\n]" if wide else figure)]


def _typst_figure(placed: Placed, layout: Layout) -> list[Json]:
    legend = layout.artefacts.legend(placed.key, layout.lang)
    source = layout.artefacts.file(placed.key, layout.lang, "pdf")
    name = f"{placed.key}.pdf"
    (layout.folder / name).write_bytes(source.read_bytes())
    width = min(legend.width, TEXT_WIDTH)
    body = f"#image({typst_string(name)}, width: {width:g}mm, alt: {typst_string(legend.alt)})"
    return [raw("typst", _typst_shell(placed, layout, legend.title, body, floating=True, notes=legend.notes))]


def _typst_shell(
    placed: Placed, layout: Layout, title: str, body: str, *, floating: bool, notes: tuple[str, ...] = ()
) -> str:
    kind = "table" if placed.kind == "table" else "image"
    label = LABELS["tbl" if placed.kind == "table" else "fig"].get(layout.lang, "{}").format("").strip()
    placement = "auto" if floating else "none"
    below = "".join(f" #note({typst_string(note)})" for note in notes)
    mark = _typst_mark(layout) if notes or placed.kind == "figure" else ""
    return (
        f"#figure(kind: {kind}, supplement: {typst_string(label)}, placement: {placement}, "
        f"caption: [#{typst_string(title)}{below}{mark}])[\n{body}\n] <{placed.id}>"
    )


def _typst_mark(layout: Layout) -> str:
    return f"\n#simulated-note({typst_string(layout.mark)})" if layout.mark else ""


def _typst_region(node: Node) -> list[Json] | None:
    found = element(node)
    if found is None or found.kind != "Div" or found.attributes.id not in {"refs", "provenance-page"}:
        return None
    macro = "references" if found.attributes.id == "refs" else "provenance"
    return [raw("typst", f"#{macro}["), *found.children, raw("typst", "]")]


def _type_size(widths: tuple[int, ...]) -> tuple[float, bool]:
    """The type size (points) at which columns fit on a line, and whether the page must be turned.

    A typewriter column is half an em; text columns beyond 30 share what is left; 0.7 em between columns.
    """
    ems = sum(0.5 * min(width, 30) + 0.7 for width in widths)
    usual, least = _SIZES
    size = min(usual, TEXT_WIDTH * _POINTS / ems)
    if size >= least:
        return size, False
    return max(least, min(usual, 247 * _POINTS / ems)), True


def typst_string(text: str) -> str:
    """The text as a typst string literal, in which only backslash and quote have a meaning."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


# --- Word --------------------------------------------------------------------------------------


def _word_table(placed: Placed, layout: Layout) -> list[Json]:
    table = layout.artefacts.fragment(placed.key, layout.lang)
    size, wide = _type_size(table.widths)
    small = wide or size < 8
    body = table.openxml.replace('w:val="TableText"', 'w:val="TableTextSmall"') if small else table.openxml
    caption = _word_caption(placed, layout, table.title, "TableCaption")
    return [raw("openxml", caption), raw("openxml", body), *_word_mark(layout)]


def _word_figure(placed: Placed, layout: Layout) -> list[Json]:
    legend = layout.artefacts.legend(placed.key, layout.lang)
    source = layout.artefacts.file(placed.key, layout.lang, "png")
    width = f"{min(legend.width, TEXT_WIDTH):g}mm"
    attributes = Attributes(pairs=(("width", width),)).node()
    image: Node = {"t": "Image", "c": [attributes, words(legend.alt), [str(source.resolve()), ""]]}
    notes = [styled("Table Note", para(*words(note))) for note in legend.notes]
    caption = _word_caption(placed, layout, legend.title, "ImageCaption")
    return [styled("Figure", para(image)), raw("openxml", caption), *notes, *_word_mark(layout)]


def _word_caption(placed: Placed, layout: Layout, title: str, style: str) -> str:
    """A caption whose number is a SEQ field, so that Word can renumber and list tables and figures."""
    kind = "tbl" if placed.kind == "table" else "fig"
    label = LABELS[kind].get(layout.lang, LABELS[kind]["en"]).format("")
    field = {"tbl": {"en": "Table", "zh": "表"}, "fig": {"en": "Figure", "zh": "图"}}[kind].get(
        layout.lang, "Table"
    )
    identity = 9000 + 2 * int(placed.number) + (kind == "fig")
    bold = "<w:rPr><w:b/></w:rPr>"
    chinese = layout.lang == "zh"
    gap = (
        "<w:br/>"
        if kind == "tbl" and not chinese
        else f'<w:t xml:space="preserve">{"　" if chinese else " "}</w:t>'
    )
    look = "<w:rPr><w:i/></w:rPr>" if kind == "tbl" and not chinese else ""
    stop = "." if kind == "fig" and not chinese else ""
    keep = "<w:keepNext/>" if kind == "tbl" else ""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}</w:pPr>'
        f'<w:bookmarkStart w:id="{identity}" w:name="{escape_xml(bookmark(placed.id))}"/>'
        f'<w:r>{bold}<w:t xml:space="preserve">{label}</w:t></w:r>'
        f'<w:fldSimple w:instr=" SEQ {field} \\* ARABIC "><w:r>{bold}<w:t>{placed.number}</w:t></w:r></w:fldSimple>'
        f'<w:bookmarkEnd w:id="{identity}"/>'
        + (f"<w:r>{bold}<w:t>{stop}</w:t></w:r>" if stop else "")
        + f'<w:r>{gap}</w:r><w:r>{look}<w:t xml:space="preserve">{escape_xml(title)}</w:t></w:r></w:p>'
    )


def _word_mark(layout: Layout) -> list[Json]:
    return [styled("Simulated Note", para(*words(layout.mark)))] if layout.mark else []


def _word_region(node: Node) -> list[Json] | None:
    found = element(node)
    if found is None or found.kind != "Div" or found.attributes.id != "provenance-page":
        return None
    return [styled("Provenance", *found.children)]


def bookmark(identifier: str) -> str:
    """The bookmark that pandoc's links to `#identifier` point at: Word allows 40 characters."""
    if len(identifier) <= 40:
        return identifier
    return "X" + hashlib.sha1(identifier.encode(), usedforsecurity=False).hexdigest()[1:]


# --- HTML --------------------------------------------------------------------------------------


def _web_table(placed: Placed, layout: Layout) -> list[Json]:
    table = layout.artefacts.fragment(placed.key, layout.lang)
    caption = f"<figcaption>{_web_caption(placed, layout, table.title)}</figcaption>"
    body = f'<div class="scroll">{table.html}</div>'
    return [
        raw("html", f'<figure class="table" id="{placed.id}">{caption}\n{body}{_web_mark(layout)}</figure>')
    ]


def _web_figure(placed: Placed, layout: Layout) -> list[Json]:
    legend = layout.artefacts.legend(placed.key, layout.lang)
    picture = b64encode(layout.artefacts.file(placed.key, layout.lang, "svg").read_bytes()).decode()
    width = round(legend.width / 25.4 * 96)
    image = f'<img src="data:image/svg+xml;base64,{picture}" alt="{escape(legend.alt)}" width="{width}">'
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in legend.notes)
    caption = f"<figcaption>{_web_caption(placed, layout, legend.title)}</figcaption>"
    return [
        raw(
            "html",
            f'<figure class="picture" id="{placed.id}">{image}\n{caption}{notes}{_web_mark(layout)}</figure>',
        )
    ]


def _web_caption(placed: Placed, layout: Layout, title: str) -> str:
    kind = "tbl" if placed.kind == "table" else "fig"
    label = LABELS[kind].get(layout.lang, LABELS[kind]["en"]).format(placed.number)
    stop = "." if kind == "fig" and layout.lang != "zh" else ""
    gap = "　" if layout.lang == "zh" and kind == "fig" else " "
    return f'<strong>{label}{stop}</strong>{gap}<span class="title">{escape(title)}</span>'


def _web_mark(layout: Layout) -> str:
    return f'<p class="note simulated-note">{escape(layout.mark)}</p>' if layout.mark else ""
