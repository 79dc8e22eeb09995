"""Indicators of a latent interaction: products of centred items, centred again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product as pairs
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError, ModelError, OptionError, did_you_mean
from research.responses.columns import as_pandas, numeric_matrix

if TYPE_CHECKING:
    import pandas as pd

Match = Literal["all pairs", "matched"]
Products = Mapping[str, tuple[Sequence[str], Sequence[str]]]


def product_indicators(data: object, products: Products, match: Match = "all pairs") -> pd.DataFrame:
    """The data with a column `a.b` for every product of an item a of one construct and b of another.

    `products`: {"SATxSC": (("sat1", "sat2"), ("sc1", "sc2"))}. match: "all pairs", or "matched", the first
    with the first and so on (Marsh, Wen & Hau 2004), which needs as many items on either side. Items are
    centred before and products after the multiplication, so that no mean structure is needed (Lin et al.
    2010). A product of a missing answer is missing. `product_model` writes the measurement model.

    >>> import pandas as pd
    >>> answers = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [2.0, 2.0, 5.0]})
    >>> product_indicators(answers, {"AxB": (["a"], ["b"])})["a.b"].tolist()
    [0.0, -1.0, 1.0]
    """
    frame = as_pandas(data)
    items = list(dict.fromkeys(item for _, pair in matched_items(products, match) for item in pair))
    values = numeric_matrix(frame, items)
    for item, column in zip(items, values.T, strict=True):
        if not np.isfinite(column).any() or np.nanmax(column) == np.nanmin(column):
            raise DataError(f"item {item!r} has no variance; its products say nothing.")
    centred = dict(zip(items, (values - np.nanmean(values, axis=0)).T, strict=True))
    added = {}
    for _, (first, second) in matched_items(products, match):
        name = f"{first}.{second}"
        if name in frame.columns:
            raise DataError(f"the data have a column {name!r} already; rename it, or leave the product out.")
        column = centred[first] * centred[second]
        if not np.isfinite(column).any():
            raise DataError(f"no row has answers to both {first!r} and {second!r}.")
        added[name] = column - np.nanmean(column)
    return frame.assign(**added)


def product_model(products: Products, match: Match = "all pairs") -> str:
    """The measurement model of the products in lavaan syntax.

    Products that share an item have correlated residuals (Marsh et al. 2004): what is shared is the item's
    error. The only item of a construct has none in the model, and its products nothing to share.

    `match` as in `product_indicators`.

    >>> print(product_model({"AxB": (["a1", "a2"], ["b1", "b2"])}, "matched"))
    AxB =~ a1.b1 + a2.b2
    """
    lines = []
    for name in products:
        own = [pair for owner, pair in matched_items(products, match) if owner == name]
        lines.append(f"{name} =~ {' + '.join('.'.join(pair) for pair in own)}")
        several = [len({pair[side] for pair in own}) > 1 for side in (0, 1)]
        for place, (first, second) in enumerate(own):
            shared = [
                ".".join(other)
                for other in own[place + 1 :]
                if (several[0] and first == other[0]) or (several[1] and second == other[1])
            ]
            if shared:
                lines.append(f"{first}.{second} ~~ {' + '.join(shared)}")
    return "\n".join(lines)


def matched_items(products: Products, match: Match) -> list[tuple[str, tuple[str, str]]]:
    """(construct, (item, item)) of every product; errors name the construct that is at fault."""
    if match not in ("all pairs", "matched"):
        raise OptionError(
            f"match={match!r} is not known; allowed: 'all pairs', 'matched'."
            + did_you_mean(str(match), ("all pairs", "matched"))
        )
    if not products:
        raise ModelError(
            "products are given as {'SATxSC': (['sat1', …], ['sc1', …])} with at least one entry."
        )
    found: list[tuple[str, tuple[str, str]]] = []
    for name, sides in products.items():
        if any(isinstance(side, str) or not len(side) for side in sides):
            raise ModelError(f"{name!r} is the product of two lists of items; it has {sides!r}.")
        first, second = sides
        if match == "matched" and len(first) != len(second):
            raise ModelError(
                f"{name!r} has {len(first)} and {len(second)} items; matched pairs need as many on either "
                "side. match='all pairs' takes every product."
            )
        both = zip(first, second, strict=True) if match == "matched" else pairs(first, second)
        found += [(name, pair) for pair in both]
    return found
