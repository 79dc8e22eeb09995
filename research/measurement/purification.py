"""Which items might go, one at a time and with the reason; nothing is ever dropped here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError, did_you_mean
from research.measurement.inputs import Constructs, ItemData, all_items, checked_constructs, item_data
from research.measurement.loadings import measurement_model
from research.measurement.thresholds import CONVENTION, THRESHOLDS, Threshold, Thresholds
from research.numerics import factor_reliability as factors
from research.numerics.reliability import cronbach_alpha, item_totals, without_each, wrongly_keyed
from research.questionnaire.definition import Text
from research.readable import Readable

if TYPE_CHECKING:
    import pandas as pd

LEAST_ITEMS = 3
KEYED = -0.15  # an item-rest correlation nearer to 0 is noise, not a key
CRITERIA = ("key", "item_rest", "loading_least", "alpha_gain", "loading", "inter_item")
Blocks = dict[str, tuple[str, ...]]


@dataclass(frozen=True, repr=False)
class Purification(Readable):
    """A sequence of proposals, each on the scales that the ones before would leave.

    `proposals`: `step construct item action criterion value threshold source n_items`, alpha, CR and AVE of
    the construct as `alpha_before alpha_after cr_before …`, and the reason as `reading`, `reading_zh`.
    `proposed`: the constructs after all of them; `turned`: the items to be keyed the other way. `held`:
    items that a criterion names, kept as their construct has three items.
    """

    constructs: Blocks
    proposals: pd.DataFrame
    proposed: Blocks
    turned: tuple[str, ...]
    held: pd.DataFrame


@dataclass(frozen=True, slots=True)
class _Case:
    construct: str
    item: str
    criterion: str
    value: float
    threshold: Threshold
    partner: str = ""


@dataclass(frozen=True, slots=True)
class _Scale:
    """One construct as it stands: numbers of its items (k,) and of the whole."""

    items: ItemData
    loadings: np.ndarray[tuple[int], np.dtype[np.float64]]
    alpha: float
    cr: float
    ave: float


def purify(
    data: object,
    constructs: Constructs,
    reverse: Iterable[str] = (),
    *,
    criteria: Iterable[str] = CRITERIA,
    thresholds: Thresholds = THRESHOLDS,
    n_obs: int | None = None,
) -> Purification:
    """Propose, one item at a time, what a scale could do without; the decision is the researcher's.

    The criteria in their order, the worst item first, and everything computed anew after each proposal:

    1. `key`: the item runs against its scale (item-rest correlation of -.15 or less): turn it, or read its
       wording (action "turn")
    2. `item_rest`: item-rest correlation below .30 (Nunnally & Bernstein 1994)
    3. `loading_least`: standardized loading below .40 (Hair et al. 2019)
    4. `alpha_gain`: alpha rises by more than .01 without it
    5. `loading`: loading below .708 where AVE or CR misses its threshold, and both rise without it
       (Hair et al. 2019)
    6. `inter_item`: a pair correlates above .80: of the two, the one with the lower loading; four items or
    more

    A construct keeps three items: what a criterion names beyond that is in `held`. Content counts more than
    any of these numbers: an item that covers a part of the concept of its own stays (Hair et al. 2019), and
    what was dropped on one sample has to be shown again on another.

    `data`, `constructs`, `reverse` and `n_obs` as in `reliability`.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.purify(answers, {"trust": ["trust1", "trust2", "trust3", "loyalty1"]})
    >>> found.proposals["item"].tolist(), found.proposals["criterion"].tolist()
    (['loyalty1'], ['item_rest'])
    """
    wanted = _checked_criteria(criteria)
    blocks = checked_constructs(constructs)
    turned = list(reverse)
    given = len(turned)
    now = dict(blocks)
    rows: list[dict[str, object]] = []
    held: dict[tuple[str, str], dict[str, object]] = {}
    scales = _scales(data, now, turned, n_obs)
    while True:
        chosen = None
        for case in _cases(scales, wanted, thresholds):
            if case.criterion != "key" and len(now[case.construct]) <= LEAST_ITEMS:
                held.setdefault((case.construct, case.item), _describe(case, "keep"))
                continue
            after_blocks, after_turned = _applied(case, now, turned)
            after = _scales(data, after_blocks, after_turned, n_obs)
            if _worth(case, scales[case.construct], after[case.construct]):
                chosen = (case, after_blocks, after_turned, after)
                break
        if chosen is None:
            break
        case, now, turned, after = chosen
        rows.append(_proposal(len(rows) + 1, case, scales[case.construct], after[case.construct]))
        scales = after
    return _result(blocks, rows, now, tuple(turned[given:]), held)


def _cases(scales: dict[str, _Scale], wanted: tuple[str, ...], limits: Thresholds) -> Iterator[_Case]:
    """What the criteria name: criterion by criterion, the worst first."""
    for criterion in wanted:
        found = [case for name, scale in scales.items() for case in _of(criterion, name, scale, limits)]
        sign = -1.0 if criterion in ("alpha_gain", "inter_item") else 1.0
        yield from sorted(found, key=lambda case: sign * case.value)


def _of(criterion: str, name: str, scale: _Scale, limits: Thresholds) -> Iterator[_Case]:
    """The items of one construct that a criterion names."""
    k = len(scale.items.names)
    if k < 2:
        return
    rest = item_totals(scale.items.cov).r_rest
    match criterion:
        case "key":
            limit = Threshold(KEYED, "above", CONVENTION)
            values = np.where(wrongly_keyed(scale.items.cov) < 0, rest, np.nan)
        case "item_rest":
            limit, values = limits.item_rest, rest
        case "loading_least":
            limit, values = limits.loading_least, scale.loadings
        case "alpha_gain":
            limit = limits.alpha_gain
            gains = [each.alpha - scale.alpha for each in without_each(scale.items.cov, 0)] if k > 2 else []
            values = np.array(gains or [np.nan] * k)
        case "loading":
            limit = limits.loading
            fine = limits.ave.met(scale.ave) and limits.composite_reliability.met(scale.cr)
            values = np.full(k, np.nan) if fine else scale.loadings
        case _:
            yield from _redundant(name, scale, limits)
            return
    for item, value in zip(scale.items.names, values, strict=True):
        if value == value and not limit.met(float(value)):
            yield _Case(name, item, criterion, float(value), limit)


def _redundant(name: str, scale: _Scale, limits: Thresholds) -> Iterator[_Case]:
    names = scale.items.names
    size = np.abs(scale.items.cor)
    for i in range(len(names)):
        for j in range(i):
            if not limits.inter_item.met(float(size[i, j])):
                weaker = j if scale.loadings[j] < scale.loadings[i] else i
                partner = names[i + j - weaker]
                yield _Case(name, names[weaker], "inter_item", float(size[i, j]), limits.inter_item, partner)


def _worth(case: _Case, before: _Scale, after: _Scale) -> bool:
    """A loading between .40 and .708 is a reason only where AVE and CR rise without the item."""
    if case.criterion != "loading":
        return True
    return bool(after.ave > before.ave and after.cr > before.cr)


def _applied(case: _Case, blocks: Blocks, turned: list[str]) -> tuple[Blocks, list[str]]:
    if case.criterion == "key":
        return blocks, [*turned, case.item]
    left = tuple(item for item in blocks[case.construct] if item != case.item)
    return {**blocks, case.construct: left}, [item for item in turned if item != case.item]


def _scales(data: object, blocks: Blocks, turned: list[str], n_obs: int | None) -> dict[str, _Scale]:
    items = item_data(data, all_items(blocks), n_obs=n_obs, reverse=turned)
    model = measurement_model(items, blocks)
    found = {}
    for name, columns in blocks.items():
        part, loadings = items.take(columns), model.standardized[name]
        known = len(columns) > 1 and not np.isnan(loadings).any()
        found[name] = _Scale(
            part,
            loadings,
            cronbach_alpha(part.cov),
            factors.composite_reliability(loadings) if known else np.nan,
            factors.average_variance_extracted(loadings) if known else np.nan,
        )
    return found


def _proposal(step: int, case: _Case, before: _Scale, after: _Scale) -> dict[str, object]:
    row: dict[str, object] = {"step": step, **_describe(case, "turn" if case.criterion == "key" else "drop")}
    row["n_items"] = len(after.items.names)
    for name in ("alpha", "cr", "ave"):
        row[f"{name}_before"], row[f"{name}_after"] = getattr(before, name), getattr(after, name)
    words = reason(case.criterion, case.value, case.threshold.value, case.partner)
    return row | {"reading": words["en"], "reading_zh": words["zh"]}


def _describe(case: _Case, action: str) -> dict[str, object]:
    return {
        "construct": case.construct,
        "item": case.item,
        "action": action,
        "criterion": case.criterion,
        "value": case.value,
        "threshold": case.threshold.value,
        "source": case.threshold.source,
    }


def reason(criterion: str, value: float, limit: float, partner: str = "") -> Text:
    """Why an item is proposed, as a phrase.

    >>> reason("item_rest", 0.12, 0.3)["en"]
    'item-rest correlation .12, below .30'
    """
    number, bound = (f"{each:.2f}".replace("-", "−") for each in (value, limit))
    short, edge = number.replace("0.", ".", 1), bound.replace("0.", ".", 1)
    zh_value, zh_limit = number, bound
    if criterion == "loading":
        short, edge = f"{value:.3f}".lstrip("0"), f"{limit:.3f}".lstrip("0")
        zh_value, zh_limit = f"{value:.3f}", f"{limit:.3f}"
    if criterion == "alpha_gain":
        short, zh_value = f"{value:.3f}".lstrip("0"), f"{value:.3f}"
    return {
        "key": {
            "en": f"runs against its scale (item-rest correlation {short}): turn it, or read its wording",
            "zh": f"与所属量表方向相反（题项与其余题项总分的相关为 {zh_value}）：应反向计分或检查措辞",
        },
        "item_rest": {
            "en": f"item-rest correlation {short}, below {edge}",
            "zh": f"校正后的题总相关为 {zh_value}，低于 {zh_limit}",
        },
        "loading_least": {
            "en": f"standardized loading {short}, below {edge}",
            "zh": f"标准化载荷为 {zh_value}，低于 {zh_limit}",
        },
        "alpha_gain": {
            "en": f"alpha rises by {short} without it",
            "zh": f"删除后 α 提高 {zh_value}",
        },
        "loading": {
            "en": f"standardized loading {short}, below {edge}; AVE and CR rise without it",
            "zh": f"标准化载荷为 {zh_value}，低于 {zh_limit}，且删除后 AVE 与 CR 提高",
        },
        "inter_item": {
            "en": f"correlates {short} with {partner}, above {edge}: one of the two says what the other says",
            "zh": f"与 {partner} 的相关为 {zh_value}，高于 {zh_limit}：两题内容重复",
        },
    }[criterion]


def _checked_criteria(criteria: Iterable[str]) -> tuple[str, ...]:
    wanted = tuple(criteria)
    for name in wanted:
        if name not in CRITERIA:
            hint = did_you_mean(name, CRITERIA)
            raise OptionError(f"criterion {name!r} is not known; there are {', '.join(CRITERIA)}.{hint}")
    return wanted


def _result(
    blocks: Blocks,
    rows: list[dict[str, object]],
    now: Blocks,
    turned: tuple[str, ...],
    held: dict[tuple[str, str], dict[str, object]],
) -> Purification:
    import pandas as pd

    described = ["construct", "item", "action", "criterion", "value", "threshold", "source"]
    numbers = [f"{name}_{when}" for name in ("alpha", "cr", "ave") for when in ("before", "after")]
    columns = ["step", *described, "n_items", *numbers, "reading", "reading_zh"]
    still = [row for (construct, item), row in held.items() if item in now[construct]]
    return Purification(
        blocks,
        pd.DataFrame(rows, columns=columns),
        now,
        turned,
        pd.DataFrame(still, columns=described),
    )
