"""Figures of customers: promoters and detractors, retention by cohort, reasons by frequency."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import print_number
from research.report.figure_axes import ticks_inside
from research.report.figure_rows import label_width
from research.report.labels import label_of
from research.report.nouns import Figure
from research.report.segment_words import code_label, group_label, origin_note
from research.report.style import (
    BODY,
    HAIR,
    INK,
    LINE,
    MUTED,
    PAGE_MM,
    PALETTE,
    SMALL,
    diverging,
    ink_on,
    sheet,
)  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas
    from matplotlib.patches import Rectangle

    from research.segments.coded_answers import CodeCounts
    from research.segments.promoters import NetPromoter
    from research.segments.retention import Retention

_KINDS: tuple[tuple[str, Text, str], ...] = (
    ("detractor_share", {"en": "Detractors", "zh": "贬损者"}, diverging(-0.9)),
    ("passive_share", {"en": "Passives", "zh": "中立者"}, "#DADDE0"),
    ("promoter_share", {"en": "Promoters", "zh": "推荐者"}, diverging(0.9)),
)
_NPS: Text = {"en": "NPS [95% CI]", "zh": "净推荐值 [95% 置信区间]"}
_AGES: dict[str, Text] = {
    "week": {"en": "Weeks since the first purchase", "zh": "首次购买后的周数"},
    "month": {"en": "Months since the first purchase", "zh": "首次购买后的月数"},
    "quarter": {"en": "Quarters since the first purchase", "zh": "首次购买后的季度数"},
    "year": {"en": "Years since the first purchase", "zh": "首次购买后的年数"},
}
_COHORT: Text = {"en": "First purchase", "zh": "首次购买"}
_MENTIONS: Text = {"en": "Share of respondents (%)", "zh": "占受访者比例（%）"}
_CUMULATIVE: Text = {"en": "Cumulative share of mentions (%)", "zh": "累计占提及次数（%）"}
_ROW = 6.4


_NPS_COLUMN = 30.0  # millimetres of a score with its interval, and of the gap before it


def nps_figure(
    found: NetPromoter,
    questionnaire: Questionnaire | None = None,
    *,
    group: str = "",
    width: float = PAGE_MM,
) -> Figure:
    """Stacked shares of detractors, passives and promoters, a row a group, the score with its interval."""
    frame = found.scores.reset_index(drop=True)
    labels = [group_label(str(name), group, questionnaire) for name in frame["group"]]
    return Figure(
        title={"en": "Net promoter score", "zh": "净推荐值（NPS）"},
        frame=frame,
        draw=partial(_draw_nps, labels=labels),
        width=width,
        height=round(_ROW * len(frame) + 13.0, 1),
        notes=(
            {
                "en": "NPS: promoters (9–10) less detractors (0–6), in percentage points.",
                "zh": "净推荐值 = 推荐者（9–10 分）占比 − 贬损者（0–6 分）占比，单位为百分点。",
            },
            *origin_note(simulated=found.simulated),
        ),
        alt={
            "en": f"Stacked bars of promoters and detractors in {len(frame)} rows.",
            "zh": f"{len(frame)} 行推荐者与贬损者占比的堆积条形图。",
        },
    )


def _draw_nps(canvas: Canvas, frame: pd.DataFrame, lang: str, *, labels: list[Text]) -> None:
    width, height = canvas.get_size_inches() * 25.4
    axes = sheet(canvas)
    left = label_width(labels) + 5.0
    right = width - max(_NPS_COLUMN, label_width([_NPS]) + 7.0)
    top = height - 9.5
    x = left
    for _, label, colour in _KINDS:
        axes.add_patch(_rectangle(x, height - 6.4, 3.0, 3.0, colour))
        axes.text(x + 4.2, height - 4.9, say(label, lang), fontsize=SMALL, va="center_baseline")
        x += 30.0
    axes.text(width - 2.0, height - 4.9, say(_NPS, lang), fontsize=SMALL, va="center_baseline", ha="right")
    for row, label in enumerate(labels):
        middle = top - _ROW * (row + 0.5)
        axes.text(left - 2.0, middle, say(label, lang), fontsize=SMALL, ha="right", va="center_baseline")
        start = left
        for column, _, colour in _KINDS:
            share = float(frame[column].iloc[row])
            wide = share * (right - left)
            axes.add_patch(_rectangle(start, middle - 2.2, wide, 4.4, colour))
            if wide > 8.0:
                axes.text(
                    start + wide / 2,
                    middle,
                    f"{print_number(100 * share, 0)}%",
                    fontsize=SMALL,
                    ha="center",
                    va="center_baseline",
                    color=ink_on(colour),
                )
            start += wide
        score, low, high = (print_number(float(frame[name].iloc[row]), 1) for name in ("nps", "low", "high"))
        axes.text(
            width - 2.0, middle, f"{score} [{low}, {high}]", fontsize=SMALL, ha="right", va="center_baseline"
        )


def retention_figure(found: Retention, *, width: float = PAGE_MM) -> Figure:
    """A cohort a row, an age a column: the share that bought then, the darker the more."""
    frame = found.cohorts
    cohorts = list(dict.fromkeys(str(name) for name in frame["cohort"]))
    ages = int(frame["age"].max()) + 1
    if ages > 36 or len(cohorts) > 36:
        raise DataError(
            f"{len(cohorts)} cohorts over {ages} {found.period}s are too many to read; take a longer period."
        )
    row = 6.0
    return Figure(
        title={"en": "Retention by cohort", "zh": "各批次客户保留率"},
        frame=frame,
        draw=partial(_draw_retention, period=found.period, row=row),
        width=min(width, 34.0 + 13.0 * ages),
        height=round(row * len(cohorts) + 18.0, 1),
        notes=(
            {
                "en": "Share of each cohort with a purchase in the period, in per cent; empty: not observed "
                "yet.",
                "zh": "各批次客户中在该期有购买者所占百分比；空白表示尚未观察到。",
            },
            *origin_note(simulated=found.simulated),
        ),
        alt={
            "en": f"Heat map of the retention of {len(cohorts)} cohorts.",
            "zh": f"{len(cohorts)} 批客户保留率的热力图。",
        },
    )


def _draw_retention(canvas: Canvas, frame: pd.DataFrame, lang: str, *, period: str, row: float) -> None:
    width, height = canvas.get_size_inches() * 25.4
    axes = sheet(canvas)
    cohorts = list(dict.fromkeys(str(name) for name in frame["cohort"]))
    ages = int(frame["age"].max()) + 1
    left, top = 32.0, height - 12.0
    cell = (width - left - 2.0) / ages
    head = height - 9.8
    axes.text(2.0, head, say(_COHORT, lang), fontsize=SMALL, va="center_baseline")
    axes.text(left - 2.0, head, "n", fontsize=SMALL, va="center_baseline", ha="right")
    middle = left + (width - left - 2.0) / 2
    said = say(_AGES[period], lang)
    axes.text(middle, height - 4.0, said, fontsize=BODY, ha="center", va="center_baseline")
    for age in range(ages):
        x = left + (age + 0.5) * cell
        axes.text(x, head, str(age), fontsize=SMALL, ha="center", va="center_baseline", color=MUTED)
    rows = zip(frame["cohort"], frame["age"], frame["size"], frame["share"], strict=True)
    for cohort, age, size, share in rows:
        y = top - row * (cohorts.index(str(cohort)) + 1)
        if int(age) == 0:
            axes.text(2.0, y + row / 2, str(cohort), fontsize=SMALL, va="center_baseline")
            shown = print_number(float(size), 0, thousands=lang != "zh")
            axes.text(left - 2.0, y + row / 2, shown, fontsize=SMALL, va="center_baseline", ha="right")
        colour = diverging(float(share))
        axes.add_patch(_rectangle(left + int(age) * cell, y, cell - 0.4, row - 0.4, colour))
        axes.text(
            left + (int(age) + 0.5) * cell - 0.2,
            y + row / 2 - 0.2,
            print_number(100 * float(share), 0),
            fontsize=SMALL,
            ha="center",
            va="center_baseline",
            color=ink_on(colour),
        )


def codes_figure(
    found: CodeCounts, questionnaire: Questionnaire | None = None, *, width: float = PAGE_MM
) -> Figure:
    """Answers by frequency with the cumulative share of mentions (a Pareto chart), bars lying down."""
    frame = found.counts.reset_index(drop=True)
    labels = [code_label(str(code), found.question, questionnaire) for code in frame["code"]]
    asked = label_of(found.question, questionnaire)
    return Figure(
        title=asked if asked != {"en": found.question} else {"en": "Answers by frequency", "zh": "回答频次"},
        frame=frame,
        draw=partial(_draw_codes, labels=labels),
        width=width,
        height=round(_ROW * len(frame) + 24.0, 1),
        notes=(
            {
                "en": f"n = {found.n_respondents}, {found.n_mentions} mentions. Bars: share of respondents "
                "with Wilson's 95% interval; line: cumulative share of mentions.",
                "zh": f"n = {found.n_respondents}，共提及 {found.n_mentions} 次。"
                "条形为占受访者比例及其 Wilson 95% 置信区间，折线为累计占提及次数的比例。",
            },
            *origin_note(simulated=found.simulated),
        ),
        alt={
            "en": f"Bars of {len(frame)} answers by frequency.",
            "zh": f"{len(frame)} 类回答按频次排列的条形图。",
        },
    )


def _draw_codes(canvas: Canvas, frame: pd.DataFrame, lang: str, *, labels: list[Text]) -> None:
    width, height = canvas.get_size_inches() * 25.4
    left, bottom, top = min(label_width(labels), 0.45 * width) + 4.0, 11.0, 11.0
    box = (left, bottom, width - left - 5.0, height - bottom - top)
    axes = canvas.add_axes(tuple(part / size for part, size in zip(box, (width, height) * 2, strict=True)))
    y = np.arange(len(frame))[::-1].astype(float)
    axes.barh(y, 100 * frame["share"].to_numpy(float), height=0.62, color=PALETTE[4])
    low, high = (100 * frame[end].to_numpy(float) for end in ("low", "high"))
    axes.hlines(y, low, high, color=INK, lw=LINE)
    axes.set_yticks(y.tolist(), [say(label, lang) for label in labels], fontsize=SMALL)
    axes.set_ylim(-0.6, len(frame) - 0.4)
    axes.set_xlim(0, max(10.0, 100 * float(frame["high"].max()) * 1.05))
    axes.set_xlabel(say(_MENTIONS, lang), fontsize=BODY)
    ticks_inside(axes, "x", 8)
    over = axes.twiny()
    over.plot(100 * frame["cumulative"].to_numpy(float), y, "o-", color=PALETTE[5], ms=3, lw=LINE)
    over.set_xlim(0, 104)
    over.set_xticks([0, 20, 40, 60, 80, 100])
    over.spines["top"].set_visible(True)
    over.spines["top"].set_linewidth(HAIR)
    over.set_xlabel(say(_CUMULATIVE, lang), fontsize=BODY, color=PALETTE[5])


def _rectangle(x: float, y: float, wide: float, tall: float, colour: str) -> Rectangle:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), wide, tall, facecolor=colour, edgecolor="none", lw=0)
