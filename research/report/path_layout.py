"""The layout of a path diagram: the lowest canvas on which nothing lies on anything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import atan2
from typing import Literal

from research.errors import OptionError
from research.report.path_geometry import LOW_BOX, Layout, Node, Rect, Side, Spoke, edge_point, overlaps
from research.report.path_placement import Edge, Placement, placements
from research.report.path_routing import bent_lines, numbered, struck, tangle, untidiness

_EDGE = 2.0  # millimetres of margin
_GAP = 4.0  # between neighbouring constructs and their boxes
_BOX_GAP = 1.0
_STEP, _STEP_COST = 7.0, 0.35  # millimetres by which the canvas grows, and what that counts
_MOST_ROUTED = 900  # arrows drawn, after which a model that never fitted is given up; twice as many at most
_MOST_NODES, _MOST_ITEMS = 12, 45  # with indicators, so that the numbers can still be read
TALLEST = 235.0  # what a page holds above a caption


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the words take, in millimetres: radii of constructs, and full sizes of boxes and numbers."""

    node: tuple[float, float]
    box: tuple[float, float]
    loading: tuple[float, float]
    paths: Mapping[Edge, tuple[float, float]]


def lay_out(
    names: Sequence[str],
    edges: Sequence[Edge],
    items: Mapping[str, Sequence[str]],
    sizes: Sizes,
    *,
    width: float,
    observed: Sequence[str] = (),
    highest: float = TALLEST,
) -> Layout:
    """Place, route and number a path model on a canvas of that width, at most `highest` millimetres high.

    Heights are tried from the lowest; of the placements without any overlap the tidiest is taken, a
    centimetre of height weighing as much as half a crossing. OptionError where a page is too small.
    """
    items_there = sum(len(of) for of in items.values())
    full = items_there > 0 and (len(names) > _MOST_NODES or items_there > _MOST_ITEMS)
    widths = {name: _block_width(len(items.get(name, ())), sizes) for name in names}
    room = width - 2 * _EDGE
    candidates = [
        placement
        for placement in (() if full else placements(names, edges, widths, room))
        if all(sum(widths[name] for name in row) <= room + _GAP for row in (placement.top, placement.bottom))
    ]
    best: tuple[float, Layout] | None = None
    first = 24
    faults: list[str] = []
    routed = 0
    for step in range(24):
        if best is not None and (best[0] <= _STEP_COST * step or step > first + 5):
            break  # no higher canvas can be much better
        for placement in candidates:
            nodes, spokes, height = _place(placement, edges, items, sizes, width, _STEP * step, observed)
            if height > highest or routed * len(edges) > _MOST_ROUTED * (1 if best is None else 2):
                continue
            routed += 1
            lines, bent = bent_lines(edges, nodes, spokes, (width / 2, height / 2))
            cost = bent / 25 + _STEP_COST * step
            if best is not None and cost + tangle(list(lines.values())) >= best[0] - 1e-9:
                continue
            if best is None and (hit := struck(lines, nodes)):
                faults = hit
                continue
            arrows = numbered(lines, nodes, spokes, sizes.paths)
            layout = Layout(width, height, tuple(nodes.values()), tuple(spokes), arrows)
            cost += untidiness(arrows)
            if best is None or cost < best[0] - 1e-9:
                found = overlaps(layout)
                best, faults = (best, found) if found else ((cost, layout), faults)
        first = min(first, step) if best is not None else first
    if best is not None:
        return best[1]
    raise OptionError(
        f"a path diagram of {len(names)} constructs, {items_there} items and {len(edges)} paths does not fit "
        f"{width:g} mm{f' ({faults[0]})' if faults else ''}; draw it with less detail, or wider"
    )


def _block_width(count: int, sizes: Sizes) -> float:
    return max(2 * sizes.node[0], count * (sizes.box[0] + _BOX_GAP) - _BOX_GAP) + _GAP


def _block_height(count: int, sizes: Sizes) -> float:
    return max(2 * sizes.node[1], count * (sizes.box[1] + _BOX_GAP) - _BOX_GAP) + _GAP


def _spoke_length(counts: Sequence[int]) -> float:
    return 8.0 + 0.7 * max(0, max(counts, default=0) - 2) if any(counts) else 0.0


def _place(
    placement: Placement,
    edges: Sequence[Edge],
    items: Mapping[str, Sequence[str]],
    sizes: Sizes,
    width: float,
    extra: float,
    observed: Sequence[str],
) -> tuple[dict[str, Node], list[Spoke], float]:
    rx, ry = sizes.node
    count = {name: len(items.get(name, ())) for name in placement.circle}
    reach = {
        side: _outward([count[name] for name in getattr(placement, side)], side, sizes)
        for side in ("left", "right", "top", "bottom")
    }
    columns = [
        sum(_block_height(count[name], sizes) for name in side) for side in (placement.left, placement.right)
    ]
    rows_there = bool(placement.top) + bool(placement.bottom)
    between = max([*columns, 16.0 if rows_there == 2 else 0.0]) + (extra if rows_there else 0.0)
    bottom_y = _EDGE + reach["bottom"] + ry if placement.bottom else _EDGE
    lower = bottom_y + (ry + _GAP if placement.bottom else 0.0)
    upper = lower + between
    top_y = upper + (_GAP + ry if placement.top else 0.0)
    height = top_y + (reach["top"] + ry if placement.top else 0.0) + _EDGE
    nodes: dict[str, Node] = {}

    def add(name: str, x: float, y: float, side: Side) -> None:
        shape: Literal["ellipse", "box"] = "box" if name in observed else "ellipse"
        nodes[name] = Node(name, x, y, rx, ry * (LOW_BOX if shape == "box" else 1.0), side, shape)

    for name, x in _along(placement.top, edges, count, sizes, width, reach):
        add(name, x, top_y, "top")
    for name, x in _along(placement.bottom, edges, count, sizes, width, reach):
        add(name, x, bottom_y, "bottom")
    for names, side, x in (
        (placement.left, "left", _EDGE + reach["left"] + rx),
        (placement.right, "right", width - _EDGE - reach["right"] - rx),
    ):
        for name, y in _down(names, count, sizes, lower, upper):
            add(name, x, y, "left" if side == "left" else "right")
    spokes = [
        spoke for name in placement.circle for spoke in _fan(nodes[name], items.get(name, ()), sizes, reach)
    ]
    return nodes, spokes, height


def _outward(counts: Sequence[int], side: str, sizes: Sizes) -> float:
    """From the edge of a construct to the outer edge of its boxes."""
    if not any(counts):
        return 0.0
    if side in (
        "left",
        "right",
    ):  # the number stands along the line: as long as it and what shows at its ends
        return max(_spoke_length(counts), sizes.loading[0] + 6.0) + sizes.box[0]
    return _spoke_length(counts) + sizes.box[1]


def _along(
    names: Sequence[str],
    edges: Sequence[Edge],
    count: Mapping[str, int],
    sizes: Sizes,
    width: float,
    reach: Mapping[str, float],
) -> list[tuple[str, float]]:
    """Centres along the top or bottom: spread between the side columns, apart as their boxes need."""
    if not names:
        return []
    blocks = [_block_width(count[name], sizes) for name in names]
    apart = []  # between neighbours: room for their boxes, and for the number on an arrow between them
    for index in range(len(names) - 1):
        pair = (names[index], names[index + 1])
        numbers = [sizes.paths[edge][0] + 7.0 for edge in edges if edge in (pair, pair[::-1])]
        apart.append(
            max([(blocks[index] + blocks[index + 1]) / 2, *(2 * sizes.node[0] + n for n in numbers)])
        )
    inner_left, inner_right = (
        _EDGE + reach["left"] + sizes.node[0],
        width - _EDGE - reach["right"] - sizes.node[0],
    )
    span = inner_right - inner_left
    centres = [inner_left + span * (index + 1) / (len(names) + 1) for index in range(len(names))]
    for _ in range(200):
        for index in range(len(names) - 1):
            lack = apart[index] - (centres[index + 1] - centres[index])
            if lack > 0:
                centres[index] -= lack / 2
                centres[index + 1] += lack / 2
        centres = [
            min(max(centre, _EDGE + (block - _GAP) / 2), width - _EDGE - (block - _GAP) / 2)
            for centre, block in zip(centres, blocks, strict=True)
        ]
    return list(zip(names, centres, strict=True))


def _down(
    names: Sequence[str], count: Mapping[str, int], sizes: Sizes, lower: float, upper: float
) -> list[tuple[str, float]]:
    """Centres from the top down, with the free height shared out between them."""
    blocks = [_block_height(count[name], sizes) for name in names]
    free = (upper - lower - sum(blocks)) / max(len(names), 1)
    y, centres = upper, []
    for name, block in zip(names, blocks, strict=True):
        centres.append((name, y - free / 2 - block / 2))
        y -= block + free
    return centres


def _fan(node: Node, items: Sequence[str], sizes: Sizes, reach: Mapping[str, float]) -> list[Spoke]:
    """The boxes of one construct in a row (above, below) or a column (left, right) outside it."""
    upright = node.side in ("top", "bottom")
    sign = 1.0 if node.side in ("top", "right") else -1.0
    wide, tall = sizes.box
    spokes = []
    for index, item in enumerate(items):
        offset = (index - (len(items) - 1) / 2) * ((wide if upright else tall) + _BOX_GAP)
        if upright:
            box = Rect(node.x + offset, node.y + sign * (node.ry + reach[node.side] - tall / 2), wide, tall)
            end = (box.x, box.y - sign * tall / 2)
        else:
            box = Rect(node.x + sign * (node.rx + reach[node.side] - wide / 2), node.y - offset, wide, tall)
            end = (box.x - sign * wide / 2, box.y)
        start = edge_point(node, atan2(end[1] - node.y, end[0] - node.x))
        part = 0.38 if upright else 0.46
        at = (end[0] + part * (start[0] - end[0]), end[1] + part * (start[1] - end[1]))
        spokes.append(Spoke(node.name, item, box, start, end, Rect(at[0], at[1], *sizes.loading)))
    return spokes
