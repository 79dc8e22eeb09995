"""The PDF: the tree as typst, set by a template of ours."""

from __future__ import annotations

import json
from importlib import resources

from research.report.document_layout import TEXT_WIDTH, Layout, Placed, place, type_size
from research.report.document_tree import Json, Node, element, raw, rewrite
from research.report.pandoc import compile_typst, run_pandoc

_FLOATING = 30  # lines of a table; a longer one starts where it is named and may break across pages


def to_pdf(tree: Json, layout: Layout) -> bytes:
    """The paper as PDF, with tagged structure and the text of every figure."""
    body = rewrite(place(tree, layout, _typst_table, _typst_figure), _typst_region)
    with resources.as_file(resources.files("research").joinpath("templates", "paper.typ")) as template:
        arguments = [
            "-f",
            "json",
            "-t",
            "typst-citations",
            "--standalone",
            "--wrap=none",
            f"--template={template}",
        ]
        text = run_pandoc(arguments, json.dumps(body))
    (layout.folder / "paper.typ").write_bytes(text)
    return compile_typst(layout.folder, "paper.typ")


def _typst_table(placed: Placed, layout: Layout) -> list[Json]:
    table = layout.fragment(placed.key)
    size, wide = type_size(table.widths)
    body = f"#text(size: {size:.1f}pt)[\n{table.typst}\n]\n{_typst_mark(layout)}"
    figure = _typst_shell(placed, layout, table.title, body, floating=table.n_lines <= _FLOATING and not wide)
    return [raw("typst", f"#page(flipped: true)[\n{figure}\n]" if wide else figure)]


def _typst_figure(placed: Placed, layout: Layout) -> list[Json]:
    legend = layout.legend(placed.key)
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
    label = placed.label(layout.lang).format(placed.number)
    placement = "auto" if floating else "none"
    between = "" if layout.lang == "zh" else " "
    below = f" #note({typst_string(between.join(notes))})" if notes else ""
    mark = _typst_mark(layout) if placed.kind == "figure" else ""
    return (
        f"#figure(kind: {kind}, supplement: {typst_string(label)}, numbering: none, placement: {placement}, "
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


def typst_string(text: str) -> str:
    """The text as a typst string literal, in which only backslash and quote have a meaning."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
