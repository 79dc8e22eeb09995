"""The web page: one file with everything in it, readable on a telephone and in the dark."""

from __future__ import annotations

import json
from base64 import b64encode
from html import escape
from importlib import resources

from research.report.document_layout import Layout, Placed, place
from research.report.document_tree import Json, raw
from research.report.pandoc import run_pandoc


def to_page(tree: Json, layout: Layout) -> bytes:
    """The paper as HTML with formulas as MathML and figures embedded as SVG; it fetches nothing."""
    body = place(tree, layout, _table, _figure)
    with resources.as_file(resources.files("research").joinpath("templates", "paper.html")) as template:
        arguments = ["-f", "json", "-t", "html5", "--standalone", "--wrap=none", "--mathml", "--section-divs"]
        return run_pandoc([*arguments, "--number-sections", f"--template={template}"], json.dumps(body))


def _table(placed: Placed, layout: Layout) -> list[Json]:
    table = layout.fragment(placed.key)
    caption = f"<figcaption>{_caption(placed, layout, table.title)}</figcaption>"
    body = f'<div class="scroll">{table.html}</div>'
    return [raw("html", f'<figure class="table" id="{placed.id}">{caption}\n{body}{_mark(layout)}</figure>')]


def _figure(placed: Placed, layout: Layout) -> list[Json]:
    legend = layout.legend(placed.key)
    picture = b64encode(layout.artefacts.file(placed.key, layout.lang, "svg").read_bytes()).decode()
    width = round(legend.width / 25.4 * 96)
    image = f'<img src="data:image/svg+xml;base64,{picture}" alt="{escape(legend.alt)}" width="{width}">'
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in legend.notes)
    caption = f"<figcaption>{_caption(placed, layout, legend.title)}</figcaption>"
    figure = f'<figure class="picture" id="{placed.id}">{image}\n{caption}{notes}{_mark(layout)}</figure>'
    return [raw("html", figure)]


def _caption(placed: Placed, layout: Layout, title: str) -> str:
    picture, chinese = placed.kind == "figure", layout.lang == "zh"
    label = placed.label(layout.lang).format(placed.number) + ("." if picture and not chinese else "")
    gap = "\u3000" if chinese else " "
    return f'<strong>{label}</strong>{gap}<span class="title">{escape(title)}</span>'


def _mark(layout: Layout) -> str:
    return f'<p class="note simulated-note">{escape(layout.mark)}</p>' if layout.mark else ""
