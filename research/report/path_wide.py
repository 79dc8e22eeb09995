"""The layout of a path diagram without indicators whose constructs stand in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Literal

from research.errors import OptionError
from research.report.path_columns import Grid, stand_in_columns
from research.report.path_geometry import LOW_BOX, Layout, Node, overlaps
from research.report.path_layout import TALLEST, Sizes
from research.report.path_placement import Edge, layers_of
from research.report.path_routing import bent_lines, numbered, struck, tangle, untidiness

_EDGE, _GAP = 2.0, 4.0  # millimetres of margin, and between two constructs of a column
_BETWEEN = 13.0  # the least between two columns
_HEIGHT_COST = 0.05  # a millimetre of height, a crossing counting 1, as in the layout with indicators
_ROUTED = 6  # arrangements, the most promising first, whose arrows are drawn
_SMALL, _LARGE = 150, 500  # constructs times paths: below and above, more and fewer arrangements are tried
_STRETCHES = (1.0, 1.15, 1.4)


def lay_out_columns(
    names: Sequence[str],
    edges: Sequence[Edge],
    order: Sequence[Edge],
    sizes: Sizes,
    *,
    width: float,
    observed: Sequence[str] = (),
    highest: float = TALLEST,
    thorough: bool = False,
) -> Layout:
    """Place, route and number a path model on a canvas of that width, at most `highest` millimetres high.

    order: the edges as they set what stands left before what stands right. OptionError where every
    arrangement has an overlap. thorough: all arrangements are tried until one has none.
    """
    size = 0 if thorough else len(names) * len(edges)
    found = sorted(
        _arrangements(names, edges, order, sizes, width, highest, size), key=lambda entry: entry[0]
    )
    faults: list[str] = []
    best: tuple[float, Layout] | None = None
    for tried, (expected, places) in enumerate(found if thorough else found[: 2 * _ROUTED]):
        if best is not None and tried >= _ROUTED // (2 if size >= _LARGE else 1):
            break
        for stretch in _STRETCHES:
            nodes, height = _stood(places, sizes, width, observed, stretch)
            lines, bent = bent_lines(edges, nodes, (), (width / 2, height / 2))
            cost = expected + bent / 25 + _HEIGHT_COST * height
            if height > highest or (best and cost + tangle(list(lines.values())) >= best[0]):
                break  # higher ones are no better
            faults = struck(lines, nodes)
            if faults:
                continue
            layout = Layout(width, height, tuple(nodes.values()), (), numbered(lines, nodes, (), sizes.paths))
            cost += untidiness(layout.arrows)
            faults = overlaps(layout)
            if not faults and (best is None or cost < best[0]):
                best = cost, layout
                break
    if best is not None:
        return best[1]
    raise OptionError(
        f"a path diagram of {len(names)} constructs and {len(edges)} paths does not fit {width:g} mm"
        f"{f' ({faults[0]})' if faults else ''}; draw it with less detail, or wider"
    )


def _arrangements(
    names: Sequence[str],
    edges: Sequence[Edge],
    order: Sequence[Edge],
    sizes: Sizes,
    width: float,
    tallest: float,
    size: int,
) -> Iterator[tuple[float, dict[str, tuple[float, float]]]]:
    """What each arrangement costs, its height included, and its places, for several grids."""
    rx, ry = sizes.node
    inner = width - 2 * _EDGE - 2 * rx
    most = max(2, int(inner / (2 * rx + _BETWEEN)) + 1)
    layers = max(layers_of(names, order).values()) + 1
    slot = ry + _GAP / 2
    highest = int((tallest - 2 * _EDGE - 2 * ry) / slot) + 1
    restarts = 0 if size >= _LARGE else 2 if size > _SMALL else 5
    for columns in sorted({min(layers, most), min(layers + 1, most), most}, reverse=True):
        if columns < 2:
            continue
        xs = tuple(_EDGE + rx + inner * k / (columns - 1) for k in range(columns))
        least = max(3, ceil(len(names) / columns))
        for rows in (2 * least, 2 * least + 2, 2 * least + 5):
            if rows > highest:
                break
            grid = Grid(xs, tuple(_EDGE + ry + slot * k for k in range(rows)), 2)
            found = stand_in_columns(names, edges, order, sizes.node, grid, restarts)
            for cost, places in found:
                ys = [y for _, y in places.values()]
                yield cost + _HEIGHT_COST * (max(ys) - min(ys)), places
        if restarts == 0:
            break


def _stood(
    places: dict[str, tuple[float, float]],
    sizes: Sizes,
    width: float,
    observed: Sequence[str],
    stretch: float,
) -> tuple[dict[str, Node], float]:
    """The constructs on the canvas, and its height."""
    rx, ry = sizes.node
    lowest = min(y for _, y in places.values())
    first, last = min(x for x, _ in places.values()), max(x for x, _ in places.values())
    wider = (width - 2 * _EDGE - 2 * rx) / max(last - first, 1e-9)  # where an outer column stayed empty
    nodes = {}
    for name, (place, y) in places.items():
        x = _EDGE + rx + (place - first) * wider if last > first else width / 2
        shape: Literal["ellipse", "box"] = "box" if name in observed else "ellipse"
        tall = ry * (LOW_BOX if shape == "box" else 1.0)
        nodes[name] = Node(name, x, _EDGE + ry + (y - lowest) * stretch, rx, tall, "left", shape)
    height = max(node.y for node in nodes.values()) + ry + _EDGE
    return nodes, height
