"""Which respondents answered carelessly: flags by rule, and a table with n before and after each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.errors import OptionError, did_you_mean
from research.numerics.arrays import Indices, Mask, Matrix, Vector
from research.questionnaire.definition import Screening, Text
from research.readable import Readable
from research.responses.carelessness import (
    even_odd,
    individual_variability,
    longest_run,
    mahalanobis_p,
    repeated,
)
from research.responses.keying import as_answered, rescaled
from research.responses.nouns import Responses

if TYPE_CHECKING:
    import pandas as pd

RULES: Mapping[str, Text] = {
    "attention": {"en": "Failed attention check", "zh": "未通过注意力检测"},
    "speed": {"en": "Answered too fast", "zh": "作答过快"},
    "straightline": {"en": "Straight-lining", "zh": "直线式作答"},
    "duplicate": {"en": "Duplicate answers", "zh": "重复作答"},
    "evenodd": {"en": "Inconsistent halves of scales", "zh": "奇偶题目作答不一致"},
    "mahalanobis": {"en": "Multivariate outlier", "zh": "多元异常值"},
}

MINIMUM_RUN = 6  # a shorter run, or fewer items, says nothing: people do mean the same twice
EVEN_ODD_LOW = 0.30  # Jackson (1977), as cited in Johnson (2005)
EVEN_ODD_SCALES = 5  # fewer pairs give a correlation that is mostly chance
EVEN_ODD_MOST = 0.25  # where more fall below, scales that go together are the reason, not carelessness
MAHALANOBIS_P = 0.001


@dataclass(frozen=True, repr=False, slots=True)
class Screened(Readable):
    """Who was flagged, by which rule, and who is left.

    `flags`: one row a respondent: `row` (spreadsheet), the indices, one bool column a rule,
    `n_flags` and `dropped`. `table`: one row a rule: rule applied n_before flagged dropped n_after;
    `flagged` counts those who were still in. `responses`: after the drops that were asked for.
    `notes`: sentences for the reader.
    """

    flags: pd.DataFrame
    table: pd.DataFrame
    responses: Responses
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule applied: who is flagged (n,), or None where it cannot be; its indices; what to say of it."""

    flagged: Mask | None
    indices: Mapping[str, Vector | Indices]
    note: Text


def screen(responses: Responses, rules: Screening | None = None) -> Screened:
    """Flag careless answers by six rules; drop only those that `rules.drop` names.

    `rules`: None takes the questionnaire's own `screening:`. The rules, in their order:

    attention    a wrong answer to an attention check (Meade & Craig 2012)
    speed        seconds per answered item below `seconds_per_item`, default 2 (Huang, Curran,
                 Keeney, Poposki & DeShon 2012)
    straightline a run of identical answers, as given and in the order of the questionnaire, of
                 `longest_run` or more - by default half of the items, at least 6 (Curran 2016) - or
                 no variability at all (Dunn, Heggestad, Shanock & Theilgard 2018)
    duplicate    all answers equal to an earlier respondent's, or the same id
    evenodd      even-odd consistency below .30 (Jackson 1977; Johnson 2005; Meade & Craig 2012); not
                 judged where more than a quarter fall below, as scales that go together are why
    mahalanobis  D2 of the items with p < .001 (Meade & Craig 2012)

    No index decides alone (Curran 2016): several flags on one person count for more than one.
    Indices are those of all respondents as read, whoever is dropped. `OptionError`: a `drop` that
    is no rule.

    >>> import research
    >>> answers = research.example_responses()
    >>> found = research.screen(answers).table
    >>> found["rule"].tolist(), found["flagged"].tolist(), found["dropped"].tolist()
    (['attention', 'speed', 'straightline', 'duplicate', 'evenodd', 'mahalanobis'],
     [9, 7, 21, 0, 0, 1], [0, 0, 0, 0, 0, 0])
    """
    import pandas as pd

    chosen = rules if rules is not None else responses.questionnaire.screening
    _check_names(chosen.drop)
    answers = as_answered(responses)
    applied = {
        "attention": _attention(responses),
        "speed": _speed(responses, answers, chosen.seconds_per_item),
        "straightline": _straightline(answers, chosen.longest_run),
        "duplicate": _duplicate(responses),
        "evenodd": _evenodd(responses),
        "mahalanobis": _mahalanobis(responses, answers),
    }
    flags = pd.DataFrame({"row": np.asarray(responses.rows, dtype=np.intp)})
    if "respondent_id" in responses.frame:
        flags["respondent_id"] = responses.frame["respondent_id"].to_numpy()
    for rule in applied.values():
        for name, values in rule.indices.items():
            flags[name] = values
    nobody: Mask = np.zeros(responses.n_obs, dtype=np.bool_)
    marks = {name: nobody if rule.flagged is None else rule.flagged for name, rule in applied.items()}
    for name, flagged in marks.items():
        flags[name] = flagged
    flags["n_flags"] = np.sum([flagged.astype(np.intp) for flagged in marks.values()], axis=0)
    table, kept = _count({name: rule.flagged for name, rule in applied.items()}, chosen.drop, nobody)
    flags["dropped"] = ~kept
    notes = tuple(rule.note for rule in applied.values())
    return Screened(flags, table, responses.keep(kept) if not kept.all() else responses, notes)


def _check_names(drop: tuple[str, ...]) -> None:
    for name in drop:
        if name not in RULES:
            raise OptionError(
                f"`drop` names '{name}', which is no screening rule; the rules are {', '.join(RULES)}."
                f"{did_you_mean(name, RULES)}"
            )


def _count(
    flagged: Mapping[str, Mask | None], drop: tuple[str, ...], nobody: Mask
) -> tuple[pd.DataFrame, Mask]:
    """The table, rule by rule, and who is left, shape (n,)."""
    import pandas as pd

    kept = ~nobody
    lines = []
    for name, who in flagged.items():
        before = int(kept.sum())
        caught = kept & (nobody if who is None else who)
        dropped = int(caught.sum()) if name in drop else 0
        if name in drop:
            kept = kept & ~caught
        lines.append((name, who is not None, before, int(caught.sum()), dropped, before - dropped))
    names = ["rule", "applied", "n_before", "flagged", "dropped", "n_after"]
    return pd.DataFrame(lines, columns=names), kept


def _attention(responses: Responses) -> _Rule:
    checks = [check for check in responses.questionnaire.checks if check.id in responses.frame]
    if not checks:
        return _Rule(
            None,
            {},
            {
                "en": "Attention: the answers hold no attention check.",
                "zh": "注意力检测：数据中没有注意力检测题。",
            },
        )
    failed = np.zeros(responses.n_obs, dtype=np.intp)
    for check in checks:
        answer = responses.frame[check.id].to_numpy(dtype=np.float64)
        failed += np.isfinite(answer) & (answer != check.expect)
    one = len(checks) == 1
    note: Text = {
        "en": f"Attention: a wrong answer{'' if one else f' to any of {len(checks)} checks'}; "
        "no answer is not counted.",
        "zh": f"注意力检测：{'' if one else f'{len(checks)} 道检测题中有任意一题'}答错；未作答不计。",
    }
    return _Rule(failed > 0, {"attention_failed": failed}, note)


def _speed(responses: Responses, answers: Matrix, limit: float | None) -> _Rule:
    if limit is None or "duration_seconds" not in responses.frame:
        return _Rule(
            None,
            {},
            {
                "en": "Speed: not judged"
                + (" (the study asks for no limit)." if limit is None else " (no durations in the data)."),
                "zh": "作答速度：未判断"
                + ("（研究未设阈值）。" if limit is None else "（数据中没有作答时长）。"),
            },
        )
    checks = [check.id for check in responses.questionnaire.checks if check.id in responses.frame]
    asked = np.isfinite(answers).sum(axis=1) + responses.frame[checks].notna().sum(axis=1).to_numpy()
    duration = responses.frame["duration_seconds"].to_numpy(dtype=np.float64)
    pace = np.divide(duration, asked, out=np.full(responses.n_obs, np.nan), where=asked > 0)
    note: Text = {
        "en": f"Speed: fewer than {limit:g} seconds an answered item (whole duration over items answered).",
        "zh": f"作答速度：平均每道已答题目少于{limit:g}秒（总时长除以已答题数）。",
    }
    return _Rule(pace < limit, {"seconds_per_item": pace}, note)


def _straightline(answers: Matrix, limit: int | None) -> _Rule:
    k = answers.shape[1]
    least = limit if limit is not None else max(MINIMUM_RUN, (k + 1) // 2)
    run = longest_run(answers)
    spread = individual_variability(answers)
    several: Mask = np.isfinite(answers).sum(axis=1) >= MINIMUM_RUN
    flagged = (run >= least) | (several & (spread == 0))
    indices: dict[str, Vector | Indices] = {"longest_run": run, "irv": spread}
    note: Text = {
        "en": f"Straight-lining: {least} or more identical answers in a row, reverse-keyed items as they "
        f"were answered, or no variability over {MINIMUM_RUN} or more items.",
        "zh": f"直线式作答：连续{least}题及以上答案相同（反向题按原始作答计），"
        f"或在{MINIMUM_RUN}题及以上作答中毫无变异。",
    }
    return _Rule(flagged, indices, note)


def _duplicate(responses: Responses) -> _Rule:
    import pandas as pd

    own = [c for c in responses.frame.columns if c not in ("respondent_id", "duration_seconds")]
    codes = np.column_stack([pd.factorize(responses.frame[name])[0] for name in own]) if own else None
    n = responses.n_obs
    earlier = repeated(codes) if codes is not None else np.full(n, -1, dtype=np.intp)
    if codes is not None:
        earlier = np.where((codes >= 0).any(axis=1), earlier, -1)  # who answered nothing repeats nobody
    if "respondent_id" in responses.frame:
        ids = pd.factorize(responses.frame["respondent_id"])[0]
        same = np.where(ids >= 0, repeated(ids[:, None]), -1)
        earlier = np.where(earlier < 0, same, earlier)
    rows = np.asarray(responses.rows, dtype=np.float64)
    of = np.full(n, np.nan)
    of[earlier >= 0] = rows[earlier[earlier >= 0]]
    note: Text = {
        "en": "Duplicates: every answer equal to an earlier respondent's, or the same id; the first stays.",
        "zh": "重复作答：全部答案与先前某位受访者相同，或编号相同；保留首次出现者。",
    }
    return _Rule(earlier >= 0, {"duplicate_of_row": of}, note)


def _evenodd(responses: Responses) -> _Rule:
    constructs = [c for c in responses.questionnaire.constructs if len(c.items) >= 2]
    if len(constructs) < EVEN_ODD_SCALES:
        return _Rule(
            None,
            {},
            {
                "en": f"Even-odd consistency: not judged (fewer than {EVEN_ODD_SCALES} multi-item scales).",
                "zh": f"奇偶一致性：未判断（多题量表不足{EVEN_ODD_SCALES}个）。",
            },
        )
    answers = rescaled(responses)
    place = {item.id: position for position, item in enumerate(responses.questionnaire.items)}
    index = even_odd(answers, [[place[name] for name in construct.item_ids] for construct in constructs])
    share = float((index < EVEN_ODD_LOW).mean()) if len(index) else 0.0
    if share > EVEN_ODD_MOST:
        return _Rule(
            None,
            {"even_odd": index},
            {
                "en": f"Even-odd consistency: not judged ({share:.0%} fall below {EVEN_ODD_LOW:.2f}: the "
                f"{len(constructs)} scales are too alike to tell respondents apart).",
                "zh": f"奇偶一致性：未判断（{share:.0%}的受访者低于{EVEN_ODD_LOW:.2f}："
                f"{len(constructs)}个量表过于相近，无法据此区分受访者）。",
            },
        )
    note: Text = {
        "en": f"Even-odd consistency: below {EVEN_ODD_LOW:.2f} over {len(constructs)} scales.",
        "zh": f"奇偶一致性：{len(constructs)}个量表上的一致性系数低于{EVEN_ODD_LOW:.2f}。",
    }
    return _Rule(index < EVEN_ODD_LOW, {"even_odd": index}, note)


def _mahalanobis(responses: Responses, answers: Matrix) -> _Rule:
    found = mahalanobis_p(answers)
    if found is None:
        return _Rule(
            None,
            {},
            {
                "en": "Mahalanobis distance: not judged (too few complete answers, or dependent items).",
                "zh": "马氏距离：未判断（完整作答过少，或题目之间线性相关）。",
            },
        )
    distance, p = found
    incomplete = int(np.isnan(distance).sum())
    left: Text = {
        "en": f"; {incomplete} of {responses.n_obs} respondents with missing answers are not judged"
        if incomplete
        else "",
        "zh": f"；{responses.n_obs}名受访者中有{incomplete}名存在缺失，未予判断" if incomplete else "",
    }
    note: Text = {
        "en": f"Mahalanobis distance: p < .001 on {answers.shape[1]} items{left['en']}.",
        "zh": f"马氏距离：{answers.shape[1]}道题目上 p < 0.001{left['zh']}。",
    }
    return _Rule(p < MAHALANOBIS_P, {"mahalanobis_d2": distance, "mahalanobis_p": p}, note)
