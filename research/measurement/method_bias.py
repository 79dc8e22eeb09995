"""Is it the way of asking that makes answers agree? Tests of common method bias, each read honestly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from research.errors import DataError, did_you_mean
from research.estimation.progress import tracked
from research.measurement.factor_models import ItemModels, item_models, reported_fit
from research.measurement.inputs import Constructs, ItemData, all_items, checked_constructs, item_data
from research.measurement.marker_variable import adjusted_correlations, marker_models
from research.measurement.method_factor import method_factor
from research.measurement.method_words import Reading, readings_on
from research.measurement.rival_models import difference_from, one_factor
from research.measurement.thresholds import THRESHOLDS, Thresholds
from research.numerics.arrays import Matrix
from research.readable import Readable

if TYPE_CHECKING:
    import pandas as pd

Test = Literal["harman", "single_factor", "method_factor", "marker", "vif"]
TESTS: tuple[Test, ...] = ("harman", "single_factor", "method_factor", "marker", "vif")


@dataclass(frozen=True, repr=False)
class MethodBias(Readable):
    """What each test found, as frames (None where it was not asked for or is not possible), and its reading.

    - `harman`: one row, `n_items eigenvalue share n_above_one` of the unrotated principal components
    - `single_factor`: `model` "proposed" and "one factor", `reported_fit`, and the chi-square difference
    - `method_factor`: see `research.measurement.method_factor`
    - `marker`: correlations of the scales, adjusted for the marker; `marker_models`: the CFA marker technique
    - `vif`: `construct vif`, each scale on all others
    - `readings`: one a test, in English and Chinese: what it shows, and what it cannot
    - `notes`: tests that were not possible, and why
    """

    harman: pd.DataFrame | None
    single_factor: pd.DataFrame | None
    method_factor: pd.DataFrame | None
    marker: pd.DataFrame | None
    marker_models: pd.DataFrame | None
    vif: pd.DataFrame | None
    readings: tuple[Reading, ...]
    notes: tuple[str, ...]

    def summary(self) -> pd.DataFrame:
        """One row a test: `test value threshold good met source reading reading_zh`."""
        import pandas as pd

        return pd.DataFrame([reading.row() for reading in self.readings])


def method_bias(
    data: object,
    constructs: Constructs,
    marker: str | Sequence[str] | None = None,
    *,
    tests: Sequence[Test] = TESTS,
    n_obs: int | None = None,
    thresholds: Thresholds = THRESHOLDS,
    progress: bool | None = None,
    **options: object,
) -> MethodBias:
    """Common method bias: Harman, a single factor, a method factor, a marker variable, full collinearity.

    - Harman: the share of the first unrotated principal component of all items (Podsakoff et al. 2003)
    - a single factor for all items against the proposed CFA
    - an unmeasured latent method factor (Podsakoff et al. 2003): `method_factor`
    - `marker`: a construct (a name in `constructs`), or the column or columns of a scale in `data`, that has
      nothing to do with the others: adjusted correlations of Lindell & Whitney (2001) and, from two items on,
      the CFA marker technique of Williams, Hartman & Cavazotte (2010)
    - variance inflation of each construct's mean score on all others (Kock 2015)

    `tests`: those wanted. `progress`: None shows a bar on a terminal where it takes long. `options` are
    those of `research.cfa`. A single construct has Harman's share only. No test proves that there is no
    bias; each `reading` says what its test can and cannot show.

    `thresholds` as in `judge_scales`; a matrix needs its `n_obs`.

    >>> import research
    >>> answers = research.example_responses()
    >>> scales = answers.questionnaire.item_columns()
    >>> found = research.method_bias(answers, scales, tests=["harman"])
    >>> found.harman["share"].round(2).tolist()
    [0.37]
    """
    for name in tests:
        if name not in TESTS:
            raise DataError(
                f"test {name!r} is not known; there are {', '.join(TESTS)}.{did_you_mean(name, TESTS)}"
            )
    blocks = checked_constructs(constructs)
    marker_name, everything = _with_marker(blocks, marker)
    items = item_data(data, all_items(everything), n_obs=n_obs)
    own = {name: columns for name, columns in blocks.items() if name != marker_name}
    substance = items.take(all_items(own))
    models = item_models(substance, own, options)
    wanted: list[str] = [name for name in tests if name != "marker" or marker_name]
    work: dict[str, Callable[[], pd.DataFrame]] = {
        "harman": lambda: harman(substance),
        "single_factor": lambda: _single_factor(models),
        "method_factor": lambda: method_factor(models, models.attempt(models.lines())),
        "marker": lambda: _adjusted(items, everything, marker_name),
        "marker_models": lambda: marker_models(item_models(items, everything, options), marker_name),
        "vif": lambda: full_collinearity(substance, own),
    }
    if "marker" in wanted:
        wanted.insert(wanted.index("marker") + 1, "marker_models")
    notes = list(_impossible(own, items, marker_name, tests))
    if len(own) < 2:
        wanted = [name for name in wanted if name == "harman"]
    found: dict[str, pd.DataFrame] = {}
    for step in tracked(wanted, len(wanted), "method bias", show=progress):
        found[step] = work[step]()
    readings = readings_on(found, thresholds)
    return MethodBias(
        harman=found.get("harman"),
        single_factor=found.get("single_factor"),
        method_factor=found.get("method_factor"),
        marker=found.get("marker"),
        marker_models=found.get("marker_models"),
        vif=found.get("vif"),
        readings=readings,
        notes=tuple(notes),
    )


def harman(items: ItemData) -> pd.DataFrame:
    """One row: `n_items eigenvalue share n_above_one` of the principal components of the correlations."""
    import pandas as pd

    eigenvalues = np.linalg.eigvalsh(items.cor)[::-1]
    k = len(eigenvalues)
    return pd.DataFrame(
        {
            "n_items": [k],
            "eigenvalue": [float(eigenvalues[0])],
            "share": [float(eigenvalues[0]) / k],
            "n_above_one": [int((eigenvalues > 1).sum())],
        }
    )


def full_collinearity(items: ItemData, blocks: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """`construct vif`: 1 / (1 - R^2) of each construct's mean score on those of all others, Kock (2015).

    The diagonal of the inverse correlation matrix of the scores; inf where a score is an exact combination of
    the others.
    """
    import pandas as pd

    cor = score_correlations(items, blocks)
    if float(np.linalg.eigvalsh(cor)[0]) < 1e-10:
        vif = np.full(len(cor), np.inf)
    else:
        vif = np.diag(np.linalg.inv(cor))
    return pd.DataFrame({"construct": list(blocks), "vif": vif})


def score_correlations(items: ItemData, blocks: dict[str, tuple[str, ...]]) -> Matrix:
    """Correlations (c, c) of the sums of each construct's items, from the items' (pairwise) covariances."""
    W = np.zeros((len(items.names), len(blocks)))
    for place, (name, columns) in enumerate(blocks.items()):
        at = [items.names.index(item) for item in columns]
        W[at, place] = 1.0
        if items.cov[np.ix_(at, at)].sum() <= 1e-12 * np.trace(items.cov[np.ix_(at, at)]):
            raise DataError(f"the items of {name!r} cancel each other: their sum does not vary; use reverse.")
    cov = W.T @ items.cov @ W
    sd = np.sqrt(np.diag(cov))
    correlations: Matrix = cov / np.outer(sd, sd)
    return correlations


def _with_marker(
    blocks: dict[str, tuple[str, ...]], marker: str | Sequence[str] | None
) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The marker's name ("" where there is none), and the constructs with it."""
    if marker is None:
        return "", blocks
    if isinstance(marker, str) and marker in blocks:
        if len(blocks) < 3:
            raise DataError(f"beside the marker {marker!r} at least two constructs are needed.")
        return marker, blocks
    columns = (marker,) if isinstance(marker, str) else tuple(marker)
    for item in columns:
        for name, own in blocks.items():
            if item in own:
                raise DataError(
                    f"marker item {item!r} belongs to the construct {name!r}; a marker stands apart."
                )
    name = "marker" if "marker" not in blocks else "marker variable"
    return name, checked_constructs({**blocks, name: columns})


def _impossible(
    own: dict[str, tuple[str, ...]], items: ItemData, marker: str, tests: Sequence[Test]
) -> Iterator[str]:
    if len(own) < 2:
        yield "One construct only: there is nothing to tell it apart from or to correlate it with."
    elif "marker" in tests and not marker:
        yield "No marker variable is named: a scale of another matter, planned before the survey, is needed."
    if items.values is None and not items.n_obs:
        yield "No n_obs was given with the matrix: tests of fit stand on an n that was made up."


def _single_factor(models: ItemModels) -> pd.DataFrame:
    import pandas as pd

    proposed, one = models.attempt(models.lines()), one_factor(models)
    rows: list[dict[str, object]] = []
    for name, attempt in (("proposed", proposed), ("one factor", one)):
        fitted = {} if attempt.fit is None else reported_fit(attempt.fit)
        rows.append({"model": name, **fitted, "note": attempt.reason})
    gap = difference_from(proposed.fit, one.fit)
    for column, value in zip(("chisq_diff", "df_diff", "p_diff"), gap, strict=True):
        rows[0][column], rows[1][column] = np.nan, value
    return pd.DataFrame(rows)


def _adjusted(items: ItemData, blocks: dict[str, tuple[str, ...]], marker: str) -> pd.DataFrame:
    if not items.n_obs:
        raise DataError("a marker variable's tests need n_obs= with the matrix.")
    return adjusted_correlations(score_correlations(items, blocks), tuple(blocks), marker, items.n_least)
