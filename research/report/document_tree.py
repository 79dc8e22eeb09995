"""Pandoc's document tree: walking it, and building the pieces that are put into it.

A node is `{"t": type, "c": content}` (https://hackage.haskell.org/package/pandoc-types).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Node: TypeAlias = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Attributes:
    """Identifier, classes and key-value pairs of an element."""

    id: str = ""
    classes: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    def get(self, key: str) -> str:
        """The value of `key`, or the empty string."""
        return dict(self.pairs).get(key, "")

    def node(self) -> Json:
        """As pandoc writes them."""
        return [self.id, list(self.classes), [[key, value] for key, value in self.pairs]]


@dataclass(frozen=True, slots=True)
class Element:
    """A node taken apart: `attributes` where its type has them, `children` its content."""

    kind: str
    text: str = ""
    format: str = ""
    level: int = 0
    attributes: Attributes = field(default_factory=Attributes)
    children: list[Json] = field(default_factory=list)


def element(node: Json) -> Element | None:
    """The node taken apart; None where it is not an element that a paper's steps look at."""
    if not isinstance(node, dict) or not isinstance(node.get("t"), str):
        return None
    kind, content = str(node["t"]), node.get("c")
    if not isinstance(content, list):
        return Element(kind, text=content if isinstance(content, str) else "")
    if kind in {"Div", "Span"}:
        return Element(kind, attributes=_attributes(content[0]), children=as_list(content[1]))
    if kind == "Header":
        level = content[0] if isinstance(content[0], int) else 1
        return Element(kind, level=level, attributes=_attributes(content[1]), children=as_list(content[2]))
    if kind in {"RawInline", "RawBlock"}:
        return Element(kind, format=str(content[0]), text=str(content[1]))
    if kind == "Math":
        return Element(kind, text=str(content[1]))
    return Element(kind, children=content)


def rewrite(tree: Json, change: Callable[[Node], list[Json] | None]) -> Json:
    """The tree with each element in a list replaced by what `change` gives for it.

    None keeps the element and goes on inside it; a list stands in its place and is rewritten in turn.
    """
    if isinstance(tree, list):
        out: list[Json] = []
        for child in tree:
            replaced = change(child) if isinstance(child, dict) and "t" in child else None
            if replaced is None:
                out.append(rewrite(child, change))
            else:
                out.extend(as_list(rewrite(replaced, change)))
        return out
    if isinstance(tree, dict):
        return {key: rewrite(value, change) for key, value in tree.items()}
    return tree


def walk(tree: Json) -> Iterator[Node]:
    """Every element in the order of the document."""
    if isinstance(tree, list):
        for child in tree:
            yield from walk(child)
    elif isinstance(tree, dict):
        if "t" in tree:
            yield tree
        for value in tree.values():
            yield from walk(value)


def plain(tree: Json) -> str:
    """The text of a tree without its markup."""
    parts = []
    for node in walk(tree):
        found = element(node)
        if found is None:
            continue
        if found.kind in {"Str", "Math"}:
            parts.append(found.text)
        elif found.kind in {"Space", "SoftBreak", "LineBreak"}:
            parts.append(" ")
    return "".join(parts).strip()


def words(text: str) -> list[Json]:
    """The text as inlines; every writer escapes it, so nothing in it is read as markup."""
    out: list[Json] = []
    for index, part in enumerate(text.split(" ")):
        if index:
            out.append({"t": "Space"})
        if part:
            out.append({"t": "Str", "c": part})
    return out


def para(*inlines: Json) -> Node:
    """A paragraph."""
    return {"t": "Para", "c": list(inlines)}


def strong(text: str) -> Node:
    """Text in bold."""
    return {"t": "Strong", "c": words(text)}


def code(text: str) -> Node:
    """Text in a typewriter face."""
    return {"t": "Code", "c": [Attributes().node(), text]}


def link(text: str, target: str) -> Node:
    """A link to `target` (`#id` within the document)."""
    return {"t": "Link", "c": [Attributes().node(), words(text), [target, ""]]}


def citation(key: str) -> Node:
    """`[@key]`, which the citation processor fills in."""
    one: Node = {
        "citationId": key,
        "citationPrefix": [],
        "citationSuffix": [],
        "citationMode": {"t": "NormalCitation"},
        "citationNoteNum": 0,
        "citationHash": 0,
    }
    return {"t": "Cite", "c": [[one], words(f"[@{key}]")]}


def header(level: int, text: str, identifier: str, *, numbered: bool = True) -> Node:
    """A heading."""
    attributes = Attributes(identifier, () if numbered else ("unnumbered",))
    return {"t": "Header", "c": [level, attributes.node(), words(text)]}


def div(attributes: Attributes, blocks: list[Json]) -> Node:
    """A block of blocks."""
    return {"t": "Div", "c": [attributes.node(), blocks]}


def raw(form: str, text: str) -> Node:
    """A block that only the writer of `form` prints, as it stands."""
    return {"t": "RawBlock", "c": [form, text]}


def styled(style: str, *blocks: Json) -> Node:
    """Blocks in a named Word style; other writers see a class of that name."""
    return div(Attributes("", (style.lower().replace(" ", "-"),), (("custom-style", style),)), list(blocks))


def as_list(tree: Json) -> list[Json]:
    """The tree as a list; an element alone is a list of one."""
    return tree if isinstance(tree, list) else [tree]


def as_node(tree: Json) -> Node:
    """The tree as a mapping; anything else is an empty one."""
    return tree if isinstance(tree, dict) else {}


def _attributes(content: Json) -> Attributes:
    identifier, classes, pairs = as_list(content)
    return Attributes(
        str(identifier),
        tuple(str(name) for name in as_list(classes)),
        tuple((str(as_list(pair)[0]), str(as_list(pair)[1])) for pair in as_list(pairs)),
    )
