"""One Markdown source and the published artefacts become a paper: PDF, Word and HTML.

The language of the source is described in `document_source`. A build that fails names everything
that is wrong and leaves the last good documents as they were.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from research.errors import BuildError, Fault, did_you_mean
from research.questionnaire.definition import Text, say
from research.report.artefacts import Artefacts
from research.report.bibliography import known_works, references
from research.report.document_conditions import Task
from research.report.document_layout import SIMULATED, SIMULATED_LEAD, Layout, reference_numbers
from research.report.document_openxml import to_docx_paper
from research.report.document_provenance import Provenance, provenance_page
from research.report.document_references import chinese_entries
from research.report.document_resolve import Resolved, resolve, unused
from research.report.document_source import Source, fault_at, read_source
from research.report.document_tree import (
    Attributes,
    Json,
    as_list,
    as_node,
    div,
    element,
    header,
    plain,
    walk,
    words,
)
from research.report.document_typst import to_pdf
from research.report.document_web import to_page
from research.report.pandoc import citation_style, run_pandoc

SUFFIXES = (".pdf", ".docx", ".html")

# A newline between Chinese characters is no space.
_READER = "markdown+east_asian_line_breaks+raw_attribute+fenced_divs+bracketed_spans"
_LANGUAGE = {"zh": "zh-Hans", "en": "en-US"}
_WORDS: Mapping[str, Text] = {
    "abstract": {"en": "Abstract", "zh": "摘要"},
    "keywords": {"en": "Keywords", "zh": "关键词"},
    "references": {"en": "References", "zh": "参考文献"},
}


def build_document(
    source: Path,
    artefacts: Artefacts,
    out: Path,
    lang: str,
    *,
    provenance: Provenance,
    name: str = "paper",
    title: Text | None = None,
    bibliography: Path | None = None,
    simulated: bool = False,
) -> tuple[Path, ...]:
    """Write `out/name.pdf`, `.docx` and `.html` from the Markdown file `source`; returns their paths.

    `artefacts`: what `ArtefactStore.load()` gives. `title`: for a source without one. `bibliography`: a
    BibTeX file for `[@key]` beside the packaged one of methods. `simulated`: the first page, every page's
    head and every table and figure say so.

    BuildError lists every unknown key, unused artefact, stale or altered artefact, dead
    reference and unknown citation at once, each with its line; nothing is written then.
    """
    text = _read_text(source)
    paper = read_source(text, source.name)
    tree = _read_tree(paper)
    filled = resolve(tree, Task(paper, artefacts, lang, simulated))
    own = _read_text(bibliography) if bibliography else ""
    where = bibliography.name if bibliography else "the packaged bibliography, and no other is named"
    unknown = _unknown_citations(paper, filled, set(known_works(own, lang)), where)
    _refuse_faults(paper, filled, artefacts, provenance, unknown)
    citing = bool(paper.citations or filled.cited)
    document = _complete(filled.tree, paper, lang, title, simulated=simulated, citing=citing)
    if citing:
        document = _cite(document, lang, references(own, lang))
    numbers = reference_numbers(document)
    as_list(as_node(document)["blocks"]).extend(
        provenance_page(provenance, artefacts, lang, simulated=simulated)
    )
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(artefacts, lang, simulated, Path(folder), numbers)
        contents = {
            ".pdf": to_pdf(document, layout),
            ".docx": to_docx_paper(document, layout),
            ".html": to_page(document, layout),
        }
    return _write_all(contents, out, name)


def _read_text(source: Path) -> str:
    try:
        return source.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BuildError(f"the paper {source} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BuildError(f"the paper {source} is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def _read_tree(paper: Source) -> Json:
    tree: Json = json.loads(run_pandoc(["-f", _READER, "-t", "json"], paper.markdown))
    return tree


def _refuse_faults(
    paper: Source,
    filled: Resolved,
    artefacts: Artefacts,
    provenance: Provenance,
    unknown: Iterator[Fault],
) -> None:
    """BuildError with everything that is wrong, or nothing."""
    faults = [*paper.faults, *filled.faults, *unknown]
    complaints = [str(fault) for fault in sorted(faults, key=lambda fault: (fault.line, fault.column))]
    excused = as_node(as_node(filled.tree).get("meta")).get("unused")
    listed = (plain(item) for item in as_list(as_node(excused).get("c"))) if excused else iter(())
    left = [] if faults else unused(artefacts, filled.used, listed)
    if left:
        complaints.append(
            f"{paper.path}: published but not quoted: {', '.join(left)}. Quote each, stop publishing "
            f"it, or excuse it with `unused: [{', '.join(left)}]` in the front matter."
        )
    complaints.extend(_stale(artefacts, provenance))
    if complaints:
        count = len(complaints)
        raise BuildError(
            "\n".join([f"the paper cannot be built, {count} fault{'s' * (count > 1)}:", *complaints])
        )


def _unknown_citations(paper: Source, filled: Resolved, known: set[str], where: str) -> Iterator[Fault]:
    for citation in paper.citations:
        if citation.key not in known:
            message = f"'{citation.key}' is not in {where}.{did_you_mean(citation.key, known)}"
            yield fault_at(paper.path, citation.place, message)
    for key, artefact in filled.cited.items():
        if key not in known:
            message = f"the notes of '{artefact}' cite '{key}', which is not in {where}."
            yield Fault(paper.path, 1, 1, message + did_you_mean(key, known), "")


def _stale(artefacts: Artefacts, provenance: Provenance) -> Iterator[str]:
    for key, row in artefacts.rows.items():
        for name, digest in row.inputs.items():
            if name not in provenance.inputs:
                yield f"'{key}' is stale: it was made from {name}, no input of this build; run it again"
            elif provenance.inputs[name] != digest:
                yield f"'{key}' is stale: {name} has changed since it was made; run the analysis again"
    for key, file in artefacts.altered().items():
        yield f"'{key}' was altered after it was published: {file}; run the analysis again"


def _complete(
    tree: Json, paper: Source, lang: str, title: Text | None, *, simulated: bool, citing: bool
) -> Json:
    """The tree with a title, the words around the abstract, and a heading for the references."""
    root = dict(as_node(tree))
    meta = dict(as_node(root.get("meta")))
    blocks = list(as_list(root["blocks"]))
    if "title" not in meta:
        meta["title"] = _inlines(say(title or {}, lang) or paper.path)
    meta["lang"] = _inlines(_LANGUAGE.get(lang, lang))
    for name in ("abstract", "keywords"):
        meta[f"{name}-title"] = _inlines(say(_WORDS[name], lang))
    if lang == "zh":
        meta["chinese"] = {"t": "MetaBool", "c": True}
    meta["running-title"] = meta.get("running-title", meta["title"])
    meta["pagetitle"] = _inlines(plain(meta["title"]))
    if simulated:
        meta["mark"] = _inlines(say(SIMULATED, lang))
        meta["mark-text"] = _inlines(say(SIMULATED_LEAD, lang))
    found = [element(node) for node in walk(blocks)]
    if citing and not any(one and one.kind == "Div" and one.attributes.id == "refs" for one in found):
        blocks += [
            header(1, say(_WORDS["references"], lang), "references", numbered=False),
            div(Attributes("refs"), []),
        ]
    return {**root, "meta": meta, "blocks": blocks}


def _inlines(text: str) -> Json:
    return {"t": "MetaInlines", "c": words(text)}


def _cite(tree: Json, lang: str, references: str) -> Json:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "references.bib"
        file.write_text(references, encoding="utf-8")
        arguments = ["-f", "json", "-t", "json", "--citeproc", "--metadata", "link-citations=true"]
        arguments += [f"--bibliography={file}", f"--csl={citation_style(lang)}"]
        cited: Json = json.loads(run_pandoc(arguments, json.dumps(tree)))
    meta = as_node(as_node(cited)["meta"])
    for entry in ("bibliography", "csl"):  # folders of this machine
        meta.pop(entry, None)
    return chinese_entries(cited) if lang == "zh" else cited


def _write_all(contents: Mapping[str, bytes], out: Path, name: str) -> tuple[Path, ...]:
    """Write all documents beside their places first, then move them there."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".writing-") as folder:
        for suffix, content in contents.items():
            (Path(folder) / f"{name}{suffix}").write_bytes(content)
        for suffix in contents:
            (Path(folder) / f"{name}{suffix}").replace(out / f"{name}{suffix}")
    return tuple(out / f"{name}{suffix}" for suffix in contents)
