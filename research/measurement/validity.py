"""Are the constructs distinct? HTMT, Fornell-Larcker, cross-loadings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import OptionError, did_you_mean
from research.measurement.inputs import Constructs, ItemData, all_items, checked_constructs, item_data
from research.measurement.loadings import measurement_model
from research.measurement.polychoric import with_correlations
from research.numerics import factor_reliability as compute
from research.numerics.discriminant import htmt_matrix

if TYPE_CHECKING:
    import pandas as pd

MEANS: dict[str, Literal["arithmetic", "geometric"]] = {"htmt": "arithmetic", "htmt2": "geometric"}


def htmt(
    data: object,
    constructs: Constructs,
    kind: Literal["htmt", "htmt2"] = "htmt",
    cor: Literal["pearson", "polychoric"] = "pearson",
    *,
    n_obs: int | None = None,
) -> pd.DataFrame:
    """Heterotrait-monotrait ratios of correlations, a square frame with ones on its diagonal.

    `kind`: "htmt" takes arithmetic means of absolute correlations (Henseler, Ringle & Sarstedt 2015),
    "htmt2" geometric means (Roemer, Schuberth & Henseler 2021), which does not assume equal loadings.
    `cor`: "polychoric" takes the answers for ordered categories.
    A construct of one item counts as measured without error. Correlations of frames with missing
    answers are pairwise.
    """
    import pandas as pd

    if kind not in MEANS:
        raise OptionError(f"kind={kind!r} is not known; allowed: htmt, htmt2.{did_you_mean(kind, MEANS)}")
    blocks = checked_constructs(constructs)
    items = item_data(data, all_items(blocks), n_obs=n_obs)
    items, _ = with_correlations(items, cor)
    ratios = htmt_matrix(items.cor, item_places(items, blocks), MEANS[kind])
    return pd.DataFrame(ratios, index=list(blocks), columns=list(blocks))


def fornell_larcker(data: object, constructs: Constructs, *, n_obs: int | None = None) -> pd.DataFrame:
    """Square roots of AVE on the diagonal, correlations of the latent variables beside it; square frame.

    Both come from one CFA of all constructs. A construct is distinct where its diagonal value exceeds
    every correlation in its row (Fornell & Larcker 1981). The diagonal of a single item is NaN.
    """
    import pandas as pd

    blocks = checked_constructs(constructs)
    items = item_data(data, all_items(blocks), n_obs=n_obs)
    model = measurement_model(items, blocks)
    table = model.correlations.copy()
    for place, (name, columns) in enumerate(blocks.items()):
        ave = compute.average_variance_extracted(model.standardized[name]) if len(columns) > 1 else np.nan
        table[place, place] = np.sqrt(ave)
    return pd.DataFrame(table, index=list(blocks), columns=list(blocks))


def cross_loadings(data: object, constructs: Constructs, *, n_obs: int | None = None) -> pd.DataFrame:
    """Correlations of each item (rows) with each scale (columns), the mean of its standardized items.

    An item belongs to its own scale where it correlates higher with it than with any other. Its own
    scale contains it, which is the usual convention (Chin 1998).
    """
    import pandas as pd

    blocks = checked_constructs(constructs)
    items = item_data(data, all_items(blocks), n_obs=n_obs)
    weights = np.zeros((len(items.names), len(blocks)))
    for place, at in enumerate(item_places(items, blocks)):
        weights[at, place] = 1.0
    with_sums = items.cor @ weights
    sums_sd = np.sqrt(np.einsum("ij,ij->j", weights, with_sums))
    frame = pd.DataFrame(with_sums / sums_sd, columns=list(blocks))
    frame.insert(0, "item", list(items.names))
    frame.insert(0, "construct", [name for name, columns in blocks.items() for _ in columns])
    return frame


def item_places(
    items: ItemData, blocks: dict[str, tuple[str, ...]]
) -> list[np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Where the items of each construct stand in `items`."""
    return [
        np.array([items.names.index(name) for name in columns], dtype=np.intp) for columns in blocks.values()
    ]
