"""Everything about the scales of one questionnaire, computed when it is asked for, and one scorecard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

from research.errors import DataError, ResearchError
from research.estimation.progress import tracked
from research.measurement import dimensionality as dimensions
from research.measurement.factor_models import item_models, reported_fit
from research.measurement.inputs import Constructs, all_items, checked_constructs, item_data
from research.measurement.invariance import Invariance, invariance
from research.measurement.item_analysis import item_analysis
from research.measurement.method_bias import MethodBias, method_bias
from research.measurement.normality import Normality, normality
from research.measurement.purification import Purification, purify
from research.measurement.reliability import item_statistics, reliability
from research.measurement.rival_models import rival_models
from research.measurement.scorecard import scorecard
from research.measurement.thresholds import THRESHOLDS, Thresholds
from research.measurement.validity import (
    cross_loadings,
    discriminant_validity,
    fornell_larcker,
    htmt,
    htmt_intervals,
)
from research.readable import Readable
from research.responses.nouns import Responses

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


@dataclass(frozen=True)
class Dimensionality:
    """KMO, Bartlett's test, parallel analysis and MAP of all items together."""

    kmo: dimensions.SamplingAdequacy
    bartlett: dimensions.Sphericity
    parallel: dimensions.ParallelAnalysis
    velicer: pd.Series


@dataclass(frozen=True)
class Validity:
    """Convergent and discriminant validity; frames of the functions of the same names, None where impossible.

    `intervals` are those of HTMT (None where only a matrix is given or there is one construct of several
    items).
    """

    discriminant: pd.DataFrame | None
    fornell_larcker: pd.DataFrame | None
    htmt: pd.DataFrame | None
    htmt2: pd.DataFrame | None
    intervals: pd.DataFrame | None
    cross_loadings: pd.DataFrame


@dataclass(frozen=True, repr=False)
class Measurement(Readable):
    """What `measurement` returns: each part is computed when it is first used, and kept.

    Parts: `reliability`, `items` (None where only a matrix is given), `loadings`, `fit`, `dimensionality`,
    `validity`, `rivals`, `method_bias`, `normality`, `purification`, `invariance`; a part that cannot be
    computed is None and `notes` says why. `verdicts` needs most of them, `compute()` all.
    """

    data: object = field(repr=False)
    constructs: Mapping[str, tuple[str, ...]]
    reverse: tuple[str, ...]
    groups: tuple[str, ...]
    marker: str | Sequence[str] | None
    thresholds: Thresholds = field(repr=False)
    options: Mapping[str, Any]
    n_obs: int | None
    n_draws: int
    seed: int
    progress: bool | None
    given_notes: tuple[str, ...] = ()
    _reasons: dict[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def reliability(self) -> pd.DataFrame:
        """Alpha, omega, CR, AVE, one row a construct: `research.reliability`."""
        return reliability(self.data, self.constructs, self.reverse, n_obs=self.n_obs)

    @cached_property
    def items(self) -> pd.DataFrame | None:
        """`research.item_analysis`."""
        return self._tried(
            "items",
            lambda: item_analysis(self.data, self.constructs, self.reverse, thresholds=self.thresholds),
        )

    @cached_property
    def loadings(self) -> pd.DataFrame:
        """`research.item_statistics`: standardized loadings and item–rest correlations."""
        return item_statistics(self.data, self.constructs, self.reverse, n_obs=self.n_obs)

    @cached_property
    def fit(self) -> Mapping[str, object] | None:
        """`reported_fit` of the CFA in which every item is on its own construct and constructs correlate."""
        return self._tried("fit", self._fit)

    @cached_property
    def dimensionality(self) -> Dimensionality | None:
        """All items together."""
        return self._tried("dimensionality", self._dimensionality)

    @cached_property
    def validity(self) -> Validity:
        """Convergent and discriminant validity."""
        several = {name: items for name, items in self.constructs.items() if len(items) > 1}
        part = self._oriented(several) if len(several) > 1 else None
        n = self.n_obs
        return Validity(
            self._of_two(
                "discriminant", lambda: discriminant_validity(self._all(), self.constructs, n_obs=n)
            ),
            self._of_two("fornell_larcker", lambda: fornell_larcker(self._all(), self.constructs, n_obs=n)),
            None if part is None else htmt(part, several, n_obs=n),
            None if part is None else htmt(part, several, "htmt2", n_obs=n),
            None
            if part is None
            else self._tried(
                "intervals", lambda: htmt_intervals(part, several, n_draws=self.n_draws, seed=self.seed)
            ),
            cross_loadings(self._all(), self.constructs, n_obs=n),
        )

    @cached_property
    def rivals(self) -> pd.DataFrame | None:
        """`research.rival_models`."""
        return self._tried(
            "rivals", lambda: rival_models(self._all(), self.constructs, n_obs=self.n_obs, **self.options)
        )

    @cached_property
    def method_bias(self) -> MethodBias | None:
        """`research.method_bias`."""
        return self._tried(
            "method_bias",
            lambda: method_bias(
                self._all(),
                self.constructs,
                self.marker,
                n_obs=self.n_obs,
                thresholds=self.thresholds,
                progress=False,  # the bar is that of the whole
                **self.options,
            ),
        )

    @cached_property
    def normality(self) -> Normality | None:
        """`research.normality` of all items."""
        return self._tried("normality", lambda: normality(self._all(), all_items(dict(self.constructs))))

    @cached_property
    def purification(self) -> Purification | None:
        """`research.purify`: proposals, nothing is dropped."""
        return self._tried(
            "purification",
            lambda: purify(
                self.data, self.constructs, self.reverse, thresholds=self.thresholds, n_obs=self.n_obs
            ),
        )

    @cached_property
    def invariance(self) -> Mapping[str, Invariance]:
        """The ladder of `research.invariance` over each column of `groups` that it can be computed for."""
        found = {}
        for group in self.groups:
            ladder = self._tried(f"invariance over {group}", partial(self._ladder, group))
            if ladder is not None:
                found[group] = ladder
        return found

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """The scorecard: `criterion construct other value good threshold met verdict source reading …`."""
        self.compute()
        return scorecard(self)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know, of the parts computed so far: what is missing and why, and cautions."""
        found = [*self.given_notes, *(f"{part}: {why}" for part, why in self._reasons.items())]
        computed = vars(self)
        if "reliability" in computed:
            frame = self.reliability
            for name, note in zip(frame["construct"], frame["note"].astype(str), strict=True):
                own, mark, of_all = note.partition("CFA: ")
                found += [f"{name}: {own.strip()}"] * bool(own.strip()) + [mark + of_all] * bool(mark)
        for part in ("normality", "method_bias"):
            found += getattr(computed.get(part), "notes", ())
        return tuple(dict.fromkeys(found))

    def compute(self) -> Measurement:
        """Compute every part now, with a progress bar on a terminal where it takes long; returns itself."""
        parts: tuple[str, ...] = (
            "reliability",
            "items",
            "loadings",
            "fit",
            "dimensionality",
            "validity",
            "rivals",
        )
        parts += ("method_bias", "normality", "purification", "invariance")
        for part in tracked(parts, len(parts), "measurement", show=self.progress):
            getattr(self, part)
        return self

    def _tried(self, part: str, compute: Callable[[], T]) -> T | None:
        """The part, or None with the reason among the notes; only errors of ours are caught."""
        try:
            return compute()
        except ResearchError as error:
            self._reasons[part] = str(error)
            return None

    def _of_two(self, part: str, compute: Callable[[], T]) -> T | None:
        return self._tried(part, compute) if len(self.constructs) > 1 else None

    def _fit(self) -> Mapping[str, object]:
        items = item_data(self.data, all_items(dict(self.constructs)), n_obs=self.n_obs, reverse=self.reverse)
        models = item_models(items, self.constructs, self.options)
        attempt = models.attempt(models.lines())
        if attempt.fit is None:
            raise DataError(attempt.reason)
        return reported_fit(attempt.fit)

    def _dimensionality(self) -> Dimensionality:
        names, data = all_items(dict(self.constructs)), self._all()
        return Dimensionality(
            dimensions.kmo(data, names, n_obs=self.n_obs),
            dimensions.bartlett(data, self.n_obs, items=names),
            dimensions.parallel_analysis(data, seed=self.seed, items=names, n_obs=self.n_obs),
            dimensions.velicer_map(data, names, n_obs=self.n_obs),
        )

    def _ladder(self, group: str) -> Invariance:
        from research.model.hypotheses import quoted
        from research.responses.columns import as_pandas, group_labels

        lines = [
            f"{quoted(name)} =~ {' + '.join(quoted(item) for item in items)}"
            for name, items in self.constructs.items()
        ]
        frame = as_pandas(self.data)
        known = frame.loc[group_labels(frame, group) != ""]
        if len(known) < len(frame):
            self._reasons[f"{group} unknown"] = f"{len(frame) - len(known)} rows are not in its ladder."
        return invariance("\n".join(lines), known, group=group, **self.options)

    def _all(self) -> object:
        return self._oriented(self.constructs)

    def _oriented(self, blocks: Mapping[str, Sequence[str]]) -> object:
        """The data with the items of `reverse` turned, for functions that do not turn them."""
        turned = [item for items in blocks.values() for item in items if item in self.reverse]
        if not turned:
            return self.data
        import pandas as pd

        names = [item for items in self.constructs.values() for item in items]
        items = item_data(self.data, names, n_obs=self.n_obs, reverse=self.reverse)
        if items.values is not None:
            return pd.DataFrame(items.values, columns=names)
        return pd.DataFrame(items.cov, index=names, columns=names)


def measurement(
    data: object,
    constructs: Constructs | None = None,
    reverse: Iterable[str] = (),
    *,
    groups: str | Iterable[str] = (),
    marker: str | Sequence[str] | None = None,
    thresholds: Thresholds = THRESHOLDS,
    n_obs: int | None = None,
    n_draws: int = 5000,
    seed: int = 1,
    progress: bool | None = None,
    **options: Any,
) -> Measurement:
    """Does each scale measure what it should? Everything at once, with a verdict on each number.

    `data`: the Responses of a questionnaire, whose reflective constructs are taken where `constructs` is left
    out; or a frame, Moments or a matrix with `constructs={name: [items]}` (and `n_obs`). `groups`: columns
    over which invariance is tested. `marker`: see `research.method_bias`. `options` are those of
    `research.cfa` (`estimator="MLR"`, `ordered=True` …) for the CFA, its rivals, method bias and
    invariance; reliability and HTMT stand on Pearson correlations. `n_draws`: bootstrap samples of the HTMT
    intervals.

    Nothing is computed before it is asked for; `.verdicts` is the scorecard, `.notes` what a reader has to
    know. `progress`: None shows a bar on a terminal where it takes long.
    """
    notes: list[str] = []
    if constructs is None:
        if not isinstance(data, Responses):
            raise DataError("constructs={name: [items]} are needed; only Responses bring their own.")
        latent = [one for one in data.questionnaire.constructs if one.items and one.mode == "reflective"]
        constructs = {one.name: one.item_ids for one in latent}
        left = [one.name for one in data.questionnaire.constructs if one.items and one.mode != "reflective"]
        if left:
            notes.append(f"Composites have no measurement model and are left out: {', '.join(left)}.")
        if not constructs:
            raise DataError("the questionnaire has no reflective construct with items.")
    return Measurement(
        data=data,
        constructs=checked_constructs(constructs),
        reverse=tuple(reverse),
        groups=(groups,) if isinstance(groups, str) else tuple(groups),
        marker=marker,
        thresholds=thresholds,
        options=options,
        n_obs=n_obs,
        n_draws=n_draws,
        seed=seed,
        progress=progress,
        given_notes=tuple(notes),
    )
