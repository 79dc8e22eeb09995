"""The key of a path diagram whose numbers do not fit beside its arrows: the arrows are counted through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from research.report.fonts import text_extent
from research.report.labels import LANGUAGES
from research.report.path_geometry import Layout, Rect
from research.report.path_placement import Edge
from research.report.style import SMALL

_ROW, _SPACE, _EDGE = 3.7, 4.0, 2.0  # millimetres: a line of the key, above and between its columns, margin


@dataclass(frozen=True, slots=True)
class Key:
    """How a key of `count` lines is set: lines in a column, millimetres of a column and of all of it."""

    count: int
    rows: int
    column: float
    height: float

    def place(self, index: int) -> tuple[float, float]:
        """Left end and middle of a line, from the lower left of the canvas."""
        column, row = divmod(index, self.rows)
        return _EDGE + column * self.column, self.height - _SPACE - (row + 0.5) * _ROW


def key_of(lines: Sequence[str], width: float) -> Key:
    """A key of these lines, in every language, below a diagram of that width."""
    widest = max(text_extent(line, SMALL)[0] for line in lines)
    count = len(lines) // len(LANGUAGES)
    columns = max(1, int((width - 2 * _EDGE + _SPACE) / (widest + _SPACE)))
    rows = ceil(count / columns)
    column = (width - 2 * _EDGE + _SPACE) / columns
    return Key(count, rows, column, rows * _ROW + _SPACE + _EDGE)


def marks(edges: Sequence[Edge]) -> dict[Edge, tuple[float, float]]:
    """What the running number of each arrow takes beside it, in millimetres."""
    wide, tall = text_extent("00", SMALL)
    return dict.fromkeys(edges, (wide + 1.2, tall + 0.5))


def above(layout: Layout, key: Key) -> Layout:
    """The layout moved up to make room for the key."""
    up = key.height

    def raised(rect: Rect) -> Rect:
        return replace(rect, y=rect.y + up)

    return replace(
        layout,
        height=layout.height + up,
        nodes=tuple(replace(node, y=node.y + up) for node in layout.nodes),
        arrows=tuple(
            replace(arrow, points=arrow.points + np.array([0.0, up]), label=raised(arrow.label))
            for arrow in layout.arrows
        ),
    )
