"""References of a Chinese paper: entries in other languages keep their own words (GB/T 7714-2015, 8.1.2)."""

from __future__ import annotations

import re

from research.report.document_tree import Json, as_list, element, plain, rewrite, walk

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_OF_THE_STYLE = re.compile("[等版卷期译编]")  # what the style itself writes into an entry
_EDITION = re.compile(r"(\d+)(?:st|nd|rd|th)?")
_ORDINALS = {"1": "1st", "2": "2nd", "3": "3rd"}


def chinese_entries(tree: Json) -> Json:
    """The tree of a cited paper with `et al.` and `2nd ed.` in entries that hold no Chinese of their own.

    The style marks an article with a DOI as [J/OL]; it is [J] where no address with a date of access stands.
    """
    for node in walk(tree):
        found = element(node)
        if found is None or found.kind != "Div" or not found.attributes.id.startswith("ref-"):
            continue
        text = plain(found.children)
        blocks: Json = found.children
        if not _CHINESE.search(_OF_THE_STYLE.sub("", text)):
            blocks = _map_lists(blocks)
        as_list(node["c"])[1] = rewrite(blocks, _as_printed) if "://" not in text else blocks
    return tree


def _map_lists(tree: Json) -> Json:
    """The style's Chinese words replaced, in every list of inlines."""
    if isinstance(tree, dict):
        return {key: _map_lists(value) for key, value in tree.items()}
    if not isinstance(tree, list):
        return tree
    out: list[Json] = []
    for child in tree:
        word = _text(child)
        before = _text(out[-2]) if len(out) > 1 and _text(out[-1]) == " " else ""
        if word.startswith("版") and (edition := _EDITION.fullmatch(before)):
            out[-2] = {"t": "Str", "c": _ORDINALS.get(edition[1], f"{edition[1]}th")}
            out.append({"t": "Str", "c": word.replace("版", "ed", 1)})
        elif word.startswith("等"):
            out.append({"t": "Str", "c": word.replace("等", "et\u00a0al", 1)})
        else:
            out.append(_map_lists(child))
    return out


def _text(node: Json) -> str:
    found = element(node)
    if found is None:
        return ""
    return " " if found.kind in {"Space", "SoftBreak"} else found.text if found.kind == "Str" else ""


def _as_printed(node: dict[str, Json]) -> list[Json] | None:
    text = _text(node)
    return [{"t": "Str", "c": text.replace("/OL]", "]")}] if "/OL]" in text else None
