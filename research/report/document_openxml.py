"""The Word file: the tree as pandoc writes it, with tables, captions and front matter as OOXML of ours."""

from __future__ import annotations

import hashlib
import json
import re
from xml.sax.saxutils import escape

from research.questionnaire.definition import Text, say
from research.report.document_layout import (
    SIMULATED,
    SIMULATED_LEAD,
    TEXT_WIDTH,
    Layout,
    Placed,
    place,
)
from research.report.document_tree import (
    Attributes,
    Json,
    Node,
    as_list,
    as_node,
    element,
    para,
    plain,
    raw,
    rewrite,
    strong,
    styled,
    words,
)
from research.report.document_word import reference_document
from research.report.pandoc import run_pandoc

_FIELD = {"table": {"en": "Table", "zh": "表"}, "figure": {"en": "Figure", "zh": "图"}}
_WHOLE = 24  # a table of so few rows is kept on one page
# What a Word file says of itself; pandoc would add every other entry, with the folders of this machine.
# Not its language either: Latin words set in Chinese would break anywhere; the styles name both.
_PROPERTIES = {"title", "subtitle", "author", "date", "keywords"}
_COMMA: Text = {"en": ", ", "zh": "，"}
_GAP: Text = {"en": ", ", "zh": "；"}


def to_docx_paper(tree: Json, layout: Layout) -> bytes:
    """The paper as DOCX: three-line tables, captions with SEQ fields, figures of 300 dpi with their text."""
    default = run_pandoc(["--print-default-data-file", "reference.docx"])
    mark = say(SIMULATED, layout.lang) if layout.simulated else ""
    reference = layout.folder / "reference.docx"
    reference.write_bytes(reference_document(default, layout.lang, mark))
    body = rewrite(place(tree, layout, _table, _figure), _region)
    arguments = ["-f", "json", "-t", "docx", "-o", "-", "--number-sections", f"--reference-doc={reference}"]
    arguments.append(f"--resource-path={layout.folder}")
    return run_pandoc(arguments, json.dumps(_with_opening(body, layout)))


def _table(placed: Placed, layout: Layout) -> list[Json]:
    table = layout.fragment(placed.key)
    rows = table.openxml.split("<w:tr>")
    together = len(rows) if table.n_rows <= _WHOLE else 4  # the last rows of a long table stay with its note
    body = "<w:tr>".join([*rows[:-together], *(_keep_with_next(row) for row in rows[-together:])])
    return [raw("openxml", _caption(placed, layout, table.title)), raw("openxml", body), *_mark(layout)]


def _keep_with_next(row: str) -> str:
    return re.sub(r'(<w:pStyle w:val="TableText\w*"/>)(<w:keepNext/>)?', r"\1<w:keepNext/>", row)


def _figure(placed: Placed, layout: Layout) -> list[Json]:
    legend = layout.legend(placed.key)
    name = f"{placed.key}.png"  # pandoc writes the path into the document: no folder of this machine
    (layout.folder / name).write_bytes(layout.artefacts.file(placed.key, layout.lang, "png").read_bytes())
    attributes = Attributes(pairs=(("width", f"{min(legend.width, TEXT_WIDTH):g}mm"),)).node()
    image: Node = {"t": "Image", "c": [attributes, words(legend.alt), [name, ""]]}
    notes = [styled("Table Note", para(*words(note))) for note in legend.notes]
    caption = raw("openxml", _caption(placed, layout, legend.title))
    return [styled("Figure", para(image)), caption, *notes, *_mark(layout)]


def _caption(placed: Placed, layout: Layout, title: str) -> str:
    """A caption whose number is a SEQ field, so that Word can renumber and list tables and figures."""
    chinese, table = layout.lang == "zh", placed.kind == "table"
    label = escape(placed.label(layout.lang).format(""))
    field = say(_FIELD[placed.kind], layout.lang)
    identity = 9000 + 2 * int(placed.number) + (not table)
    bold, italic = "<w:rPr><w:b/></w:rPr>", "<w:rPr><w:i/></w:rPr>"
    gap = "<w:t>\u3000</w:t>" if chinese else "<w:br/>" if table else '<w:t xml:space="preserve"> </w:t>'
    stop = "" if chinese or table else f"<w:r>{bold}<w:t>.</w:t></w:r>"
    number = f"<w:r>{bold}<w:t>{placed.number}</w:t></w:r>"
    look = italic if table and not chinese else ""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{"TableCaption" if table else "ImageCaption"}"/>'
        f"{'<w:keepNext/>' if table else ''}</w:pPr>"
        f'<w:bookmarkStart w:id="{identity}" w:name="{escape(bookmark(placed.id))}"/>'
        f'<w:r>{bold}<w:t xml:space="preserve">{label}</w:t></w:r>'
        f'<w:fldSimple w:instr=" SEQ {field} \\* ARABIC ">{number}</w:fldSimple>'
        f'<w:bookmarkEnd w:id="{identity}"/>{stop}<w:r>{gap}</w:r>'
        f'<w:r>{look}<w:t xml:space="preserve">{escape(title)}</w:t></w:r></w:p>'
    )


def bookmark(identifier: str) -> str:
    """The bookmark that pandoc's links to `#identifier` point at: Word allows 40 characters."""
    if len(identifier) <= 40:
        return identifier
    return "X" + hashlib.sha1(identifier.encode(), usedforsecurity=False).hexdigest()[1:]


def _mark(layout: Layout) -> list[Json]:
    return [styled("Simulated Note", para(*words(layout.mark)))] if layout.mark else []


def _region(node: Node) -> list[Json] | None:
    found = element(node)
    if found is None or found.kind != "Div" or found.attributes.id != "provenance-page":
        return None
    return [styled("Provenance", *found.children)]


def _with_opening(tree: Json, layout: Layout) -> Json:
    """The tree with affiliation, the mark of simulation, abstract and keywords as paragraphs.

    pandoc sets title and authors; it would set the abstract before anything that the text can hold.
    """
    root = dict(as_node(tree))
    meta = dict(as_node(root["meta"]))
    lang = layout.lang
    byline = [say(_COMMA, lang).join(_items(meta.get("author"))), plain(meta.get("affiliation"))]
    meta["author"] = {
        "t": "MetaList",
        "c": [{"t": "MetaInlines", "c": words(line)} for line in byline if line],
    }
    opening: list[Json] = []
    if layout.simulated:
        lead: list[Json] = [strong(say(SIMULATED, lang)), *words("\u2003" + say(SIMULATED_LEAD, lang))]
        opening.append(styled("Simulated Box", para(*lead)))
    abstract = as_node(meta.pop("abstract", None))
    if abstract:
        opening.append(styled("Abstract Title", para(*as_list(as_node(meta["abstract-title"])["c"]))))
        content = as_list(abstract["c"])
        opening.append(styled("Abstract", *(content if abstract["t"] == "MetaBlocks" else [para(*content)])))
    listed = _items(meta.get("keywords"))
    if listed:
        label: list[Json] = [
            strong(plain(meta["keywords-title"])),
            *words("\u2003" + say(_GAP, lang).join(listed)),
        ]
        opening.append(styled("Abstract", para(*label)))
    kept: Node = {name: entry for name, entry in meta.items() if name in _PROPERTIES}
    return {**root, "meta": kept, "blocks": [*opening, *as_list(root["blocks"])]}


def _items(entry: Json) -> list[str]:
    """The texts of a metadata entry that is a list or a single text."""
    node = as_node(entry)
    if node.get("t") == "MetaList":
        return [plain(item) for item in as_list(node["c"])]
    return [plain(node)] if node else []
