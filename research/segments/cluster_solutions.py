"""All solutions of a cluster analysis side by side, the one that is chosen, and who belongs where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError, OptionError
from research.numerics.arrays import Indices
from research.numerics.mixture_measures import average_posteriors
from research.numerics.shares import wilson_interval
from research.readable import Readable
from research.segments.inputs import checked_level, unique
from research.segments.profiles import Profile, segment_profile
from research.segments.solution import Solution

if TYPE_CHECKING:
    import pandas as pd

SMALL = 0.05  # a class below a twentieth of the sample is looked at twice
CLEAR = 0.70  # Nagin (2005): average posterior of a class that is told apart
SIGNIFICANT = 0.05


@dataclass(frozen=True, repr=False, slots=True)
class Clusters(Readable):
    """Groups of respondents, largest first, called "1", "2", ...

    `table`: a row a solution, `model k` and its measures: of mixtures and classes `loglik n_parameters aic
    bic sabic entropy least_posterior` (and `blrt blrt_p` where asked for), of k-means and Ward `within
    explained silhouette variance_ratio`; then `smallest` (share), `reached` (of `starts`), `chosen` and
    `verdict`. `k`, `model`: the chosen one; `sizes`: `segment n share low high average_posterior`.
    `membership`: the group of each row of the data, missing where the row was left out; `posterior`: one
    column a group. `profile`: the groups by the columns that made them; `answers`: of latent classes,
    `segment variable value probability`. `describe(...)` profiles them by other columns.
    """

    method: str
    model: str
    k: int
    columns: tuple[str, ...]
    table: pd.DataFrame
    sizes: pd.DataFrame
    membership: pd.Series
    posterior: pd.DataFrame
    profile: Profile
    answers: pd.DataFrame
    notes: tuple[str, ...]
    simulated: bool
    solutions: tuple[Solution, ...] = field(repr=False)
    frame: pd.DataFrame = field(repr=False)

    def describe(
        self, numbers: Sequence[str] = (), categories: Sequence[str] = (), *, level: float = 0.95
    ) -> Profile:
        """The groups by other columns of the data, after the fact: every row counts for its likeliest group.

        Uncertain membership makes differences look smaller than they are (Vermunt 2010).
        """
        labels = self.membership.fillna("").astype(str).to_numpy(dtype=str)
        names = [str(name) for name in self.sizes["segment"]]
        wanted, kinds = unique(numbers), unique(categories)
        if not wanted and not kinds:
            raise OptionError("name at least one column to describe the groups by.")
        return segment_profile(self.frame, labels, names, wanted, kinds, level=checked_level(level))


def assemble(
    frame: pd.DataFrame,
    names: Sequence[str],
    method: str,
    kept: Indices,
    found: Sequence[Solution],
    levels: Sequence[tuple[str, ...]],
    notes: Sequence[str],
    *,
    simulated: bool,
) -> Clusters:
    """The result of `clusters`; DataError where no solution is usable."""
    import pandas as pd

    usable = [(each, each.posterior) for each in found if each.posterior is not None]
    if not usable:
        told = "; ".join(dict.fromkeys(f"{each.k} groups: {each.refused}" for each in found))
        raise DataError(f"no solution can be used ({told}). Ask for fewer groups, or a simpler model.")
    key = "silhouette" if method in ("kmeans", "ward") else "bic"
    sign = 1 if key == "silhouette" else -1
    chosen, posterior = max(usable, key=lambda pair: sign * pair[0].measures[key])
    segments = [str(at + 1) for at in range(chosen.k)]
    modal = posterior.argmax(axis=1)
    label = np.full(len(frame), "", dtype="<U8")
    label[kept] = np.array(segments)[modal]
    membership = pd.Series([each or None for each in label.tolist()], index=frame.index, dtype=object)
    shares = np.full((len(frame), chosen.k), np.nan)
    shares[kept] = posterior
    counted = np.bincount(modal, minlength=chosen.k).astype(float)
    low, high = wilson_interval(counted, np.full(chosen.k, float(len(modal))))
    sizes = pd.DataFrame(
        {
            "segment": segments,
            "n": counted.astype(int),
            "share": counted / len(modal),
            "low": low,
            "high": high,
            "average_posterior": average_posteriors(posterior),
        }
    )
    numbers = [] if method == "classes" else list(names)
    profile = segment_profile(frame, label, segments, numbers, list(names) if not numbers else [])
    answers = [
        (segment, name, value, float(probability[at, place]))
        for name, known, probability in zip(names, levels, chosen.probabilities, strict=False)
        for at, segment in enumerate(segments)
        for place, value in enumerate(known)
    ]
    return Clusters(
        method,
        chosen.model,
        chosen.k,
        tuple(names),
        _table(found, chosen, key),
        sizes,
        membership,
        pd.DataFrame(shares, index=frame.index, columns=segments),
        profile,
        pd.DataFrame(answers, columns=["segment", "variable", "value", "probability"]),
        (*notes, *_warnings(chosen, found)),
        simulated,
        tuple(found),
        frame,
    )


def _table(found: Sequence[Solution], chosen: Solution, key: str) -> pd.DataFrame:
    import pandas as pd

    rows: list[dict[str, object]] = []
    for each in found:
        row: dict[str, object] = {"model": each.model, "k": each.k, **each.measures}
        row["smallest"] = np.nan if each.weights is None else float(each.weights.min())
        row["chosen"] = each is chosen
        row["verdict"] = _verdict(each, chosen, key)
        rows.append(row)
    table = pd.DataFrame(rows)
    last = ["smallest", "reached", "starts", "degenerate", "converged", "chosen", "verdict"]
    order = [name for name in table.columns if name not in last]
    return table[order + [name for name in last if name in table.columns]]


def _verdict(each: Solution, chosen: Solution, key: str) -> str:
    if each.refused:
        return f"refused: {each.refused}"
    if each is chosen:
        return "chosen: highest silhouette" if key == "silhouette" else "chosen: lowest BIC"
    doubts = []
    if each.weights is not None and each.weights.min() < SMALL:
        doubts.append(f"a group below {100 * SMALL:g} %")
    if each.measures.get("least_posterior", 1.0) < CLEAR:
        doubts.append(f"average posterior below {CLEAR:.2f}")
    if each.measures.get("blrt_p", 0.0) > SIGNIFICANT:
        doubts.append("no better than one class fewer (BLRT)")
    return "possible" if not doubts else "doubtful: " + "; ".join(doubts)


def _warnings(chosen: Solution, found: Sequence[Solution]) -> list[str]:
    told = []
    refused = sum(bool(each.refused) for each in found)
    if refused:
        told.append(f"{refused} of {len(found)} solutions were refused; the table says why.")
    if chosen.measures.get("reached", 2.0) < 2 and chosen.measures.get("starts", 1.0) > 1:
        told.append(
            "the chosen solution was reached from one start only; ask for more starts before it is trusted."
        )
    if not chosen.measures.get("converged", 1.0):
        told.append("the chosen solution did not converge in the steps allowed.")
    if chosen.weights is not None and chosen.weights.min() < SMALL:
        told.append(
            f"the smallest group has {100 * chosen.weights.min():.1f} % of the rows; it may be chance."
        )
    if chosen.measures.get("least_posterior", 1.0) < CLEAR:
        told.append(
            f"a group has an average posterior of {chosen.measures['least_posterior']:.2f}, "
            f"below {CLEAR:.2f}: "
            "its members are told apart poorly (Nagin 2005)."
        )
    if chosen.measures.get("blrt_p", 0.0) > SIGNIFICANT:
        told.append(
            f"the bootstrap likelihood ratio test does not prefer {chosen.k} classes to {chosen.k - 1} "
            f"(p = {chosen.measures['blrt_p']:.3f}), although BIC does."
        )
    if chosen.k == max(each.k for each in found) and len({each.k for each in found}) > 1:
        told.append(f"the largest number asked for, {chosen.k}, was chosen; more groups may fit better.")
    return told
