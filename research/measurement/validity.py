"""Are the constructs distinct? HTMT with intervals, Fornell-Larcker, AVE beside MSV, cross-loadings."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from research.errors import DataError, OptionError, did_you_mean
from research.measurement.inputs import Constructs, ItemData, all_items, checked_constructs, item_data
from research.measurement.loadings import measurement_model
from research.measurement.polychoric import with_correlations
from research.numerics import factor_reliability as compute
from research.numerics.arrays import Matrix, Vector
from research.numerics.discriminant import htmt_draws, htmt_left_out, htmt_matrix
from research.numerics.discriminant_ordinal import ordinal_htmt_draws, ordinal_htmt_left_out
from research.numerics.intervals import bootstrap_limits, jackknife_influence
from research.provenance import seed_sequence
from research.responses.ordinal import ordered_items

if TYPE_CHECKING:
    import pandas as pd

Interval = Literal["percentile", "basic", "normal", "bc", "bca"]
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

    `data`, `constructs` and `n_obs` as in `reliability`.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> research.htmt(answers, scales).round(2).loc["trust", ["quality", "loyalty"]].tolist()
    [0.58, 0.47]
    """
    import pandas as pd

    _check_kind(kind)
    blocks = checked_constructs(constructs)
    items = item_data(data, all_items(blocks), n_obs=n_obs)
    items, _ = with_correlations(items, cor)
    ratios = htmt_matrix(items.cor, item_places(items, blocks), MEANS[kind])
    return pd.DataFrame(ratios, index=list(blocks), columns=list(blocks))


def htmt_intervals(
    data: object,
    constructs: Constructs,
    kind: Literal["htmt", "htmt2"] = "htmt",
    *,
    cor: Literal["pearson", "polychoric"] = "pearson",
    n_draws: int = 5000,
    seed: int = 1,
    level: float = 0.95,
    interval: Interval = "percentile",
    workers: int = 1,
) -> pd.DataFrame:
    """Bootstrap intervals of the ratios of `htmt`, one row a pair of constructs.

    Columns: `construct other kind cor ratio se low high`; `below_85`, `below_90` and `below_1`, whether the
    whole interval lies below .85, .90 and 1; `n_draws`, the draws in which the ratio exists, and `n_failed`,
    those in which it does not (an item that does not vary among the rows drawn).

    Rows are drawn with replacement; of rows with gaps the correlations are pairwise, as in `htmt`. Henseler,
    Ringle & Sarstedt (2015) ask whether the interval excludes 1; Franke & Sarstedt (2019) whether the upper
    end of a one-sided one (`level=.90` here) lies below .85 or .90. `interval`: percentile, basic, normal,
    bc or bca. `workers` are threads; the numbers do not depend on how many.

    `data` as in `htmt`; `seed`: of the samples. `cor`: "polychoric" estimates the polychoric correlations of
    every draw anew, which takes some five milliseconds for twenty items.

    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> f = np.repeat(rng.normal(size=(200, 2)), 3, axis=1)
    >>> frame = pd.DataFrame(f + rng.normal(size=(200, 6)), columns=list("abcdef"))
    >>> found = htmt_intervals(frame, {"x": list("abc"), "y": list("def")}, n_draws=500)
    >>> found["below_85"].tolist(), int(found["n_failed"].sum())
    ([True], 0)
    """
    import pandas as pd

    _check_kind(kind)
    _check_draws(n_draws, level, interval, workers)
    blocks = checked_constructs(constructs)
    if len(blocks) < 2:
        raise DataError(f"HTMT compares constructs; only {next(iter(blocks))!r} is given, two are needed.")
    items = item_data(data, all_items(blocks))
    if items.values is None:
        raise DataError("bootstrap intervals need the answers themselves; a matrix of moments is not enough.")
    known, _ = with_correlations(items, cor)
    places = item_places(items, blocks)
    pairs = np.triu_indices(len(blocks), 1)
    ratio = htmt_matrix(known.cor, places, MEANS[kind])[pairs]
    values = items.values[~np.isnan(items.values).all(axis=1)]
    stream = seed_sequence(seed, f"htmt/{kind}")
    if cor == "polychoric":
        codes = ordered_items(values, items.names).answers.codes
        drawn = ordinal_htmt_draws(codes, places, MEANS[kind], n_draws, stream, workers)
        left_out = ordinal_htmt_left_out(codes, places, MEANS[kind]) if interval == "bca" else None
    else:
        drawn = htmt_draws(values, places, MEANS[kind], n_draws, stream, workers)
        left_out = htmt_left_out(values, places, MEANS[kind]) if interval == "bca" else None
    draws = np.concatenate(list(drawn))
    rows = []
    for at, (one, other) in enumerate(combinations(blocks, 2)):
        own = draws[~np.isnan(draws[:, at]), at]
        low, high = _limits(
            own, float(ratio[at]), interval, level, None if left_out is None else left_out[:, at]
        )
        rows.append(
            {
                "construct": one,
                "other": other,
                "kind": kind,
                "cor": cor,
                "ratio": float(ratio[at]),
                "se": float(own.std(ddof=1)) if len(own) > 1 else np.nan,
                "low": low,
                "high": high,
                "below_85": high < 0.85,
                "below_90": high < 0.90,
                "below_1": high < 1.0,
                "n_draws": len(own),
                "n_failed": n_draws - len(own),
            }
        )
    return pd.DataFrame(rows)


def discriminant_validity(data: object, constructs: Constructs, *, n_obs: int | None = None) -> pd.DataFrame:
    """AVE of each construct beside the variance it shares with the others, one row a construct.

    Columns: `construct n_items cr ave sqrt_ave`; `msv` the largest and `asv` the mean squared correlation
    with another construct; `nearest`, the construct of the largest, and `r`, that correlation; `above_msv`
    and `above_asv`. All come from one CFA of all constructs. AVE above MSV is the criterion of Fornell &
    Larcker (1981) in squares; Hair et al. (2010) ask for AVE above ASV beside it, which follows from it. A
    single item has neither CR nor AVE (NaN). DataError for one construct only.

    `data`, `constructs` and `n_obs` as in `reliability`.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> found = research.discriminant_validity(answers, scales)
    >>> found["construct"].tolist(), found["ave"].round(2).tolist(), found["msv"].round(2).tolist()
    (['quality', 'trust', 'satisfaction', 'loyalty'], [0.6, 0.49, 0.58, 0.54], [0.31, 0.31, 0.32, 0.32])
    """
    import pandas as pd

    blocks = checked_constructs(constructs)
    if len(blocks) < 2:
        raise DataError(
            f"discriminant validity compares constructs; only {next(iter(blocks))!r} is given, two are "
            "needed."
        )
    items = item_data(data, all_items(blocks), n_obs=n_obs)
    model = measurement_model(items, blocks)
    names = list(blocks)
    rows = []
    for at, (name, columns) in enumerate(blocks.items()):
        r = np.delete(model.correlations[at], at)
        others = [other for other in names if other != name]
        known = bool(np.isfinite(r).all())
        strongest = int(np.abs(r).argmax()) if known else 0
        loadings = model.standardized[name]
        several = len(columns) > 1
        ave = compute.average_variance_extracted(loadings) if several else np.nan
        msv, asv = float((r**2).max()), float((r**2).mean())
        rows.append(
            {
                "construct": name,
                "n_items": len(columns),
                "cr": compute.composite_reliability(loadings) if several else np.nan,
                "ave": ave,
                "sqrt_ave": float(np.sqrt(ave)),
                "msv": msv,
                "asv": asv,
                "nearest": others[strongest] if known else "",
                "r": float(r[strongest]) if known else np.nan,
                "above_msv": bool(ave > msv),
                "above_asv": bool(ave > asv),
                "note": " ".join(model.notes),
            }
        )
    return pd.DataFrame(rows)


def fornell_larcker(data: object, constructs: Constructs, *, n_obs: int | None = None) -> pd.DataFrame:
    """Square roots of AVE on the diagonal, correlations of the latent variables beside it; square frame.

    Both come from one CFA of all constructs. A construct is distinct where its diagonal value exceeds
    every correlation in its row (Fornell & Larcker 1981). The diagonal of a single item is NaN.

    `data`, `constructs` and `n_obs` as in `reliability`.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> research.fornell_larcker(answers, scales).round(2).loc["trust", ["trust", "quality"]].tolist()
    [0.7, 0.55]
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

    `data`, `constructs` and `n_obs` as in `reliability`.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> found = research.cross_loadings(answers, scales).set_index("item")
    >>> found.loc["trust1", ["trust", "loyalty"]].astype(float).round(2).tolist()
    [0.84, 0.32]
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


def _check_kind(kind: str) -> None:
    if kind not in MEANS:
        raise OptionError(f"kind={kind!r} is not known; allowed: htmt, htmt2.{did_you_mean(kind, MEANS)}")


def _check_draws(n_draws: int, level: float, interval: str, workers: int) -> None:
    if interval not in get_args(Interval):
        allowed = get_args(Interval)
        hint = did_you_mean(interval, allowed)
        raise OptionError(f"interval={interval!r} is not known; allowed: {', '.join(allowed)}.{hint}")
    if n_draws < 100:
        raise OptionError(f"n_draws is {n_draws}; at least 100 are needed, 5000 are usual.")
    if not 0 < level < 1:
        raise OptionError(f"level is {level}; it lies between 0 and 1, .95 is usual.")
    if workers < 1:
        raise OptionError(f"workers is {workers}; at least one is needed.")


def _limits(
    draws: Vector, estimate: float, interval: Interval, level: float, left_out: Vector | None
) -> tuple[float, float]:
    """Both ends of one pair's interval; NaN where fewer than half of a hundred draws exist."""
    if len(draws) < 50 or estimate != estimate:
        return np.nan, np.nan
    influence: Matrix | None = None
    if left_out is not None:
        known = left_out[~np.isnan(left_out)]
        influence = jackknife_influence(known[:, None], np.zeros(len(known), dtype=np.intp))
    low, high = bootstrap_limits(draws[:, None], np.array([estimate]), interval, level, influence)
    return float(low[0]), float(high[0])
