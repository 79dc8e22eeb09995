"""The moderation plot: predicted lines with their bands, and under them the distribution of the moderator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from research.errors import DataError
from research.numerics.arrays import Vector
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.figure_axes import ticks_inside
from research.report.labels import LANGUAGES, label_of
from research.report.nouns import Figure
from research.report.process_words import level_label, point_labels
from research.report.style import (
    BODY,
    FAINT,
    HAIR,
    LINE,
    MARKERS,
    MUTED,
    PAGE_MM,
    PALETTE,
    SMALL,
)  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_STYLES: tuple[str | tuple[int, tuple[float, ...]], ...] = (
    "-",
    (0, (5, 2)),
    (0, (1.2, 1.4)),
    (0, (6, 2, 1.2, 2)),
)
_MOST_PANELS = 4


@dataclass(frozen=True, slots=True)
class _Words:
    """What the axes say; `levels`: of categories that stand on an axis, their labels."""

    source: Text
    outcome: Text
    moderator: Text
    panels: dict[str, Text]
    lines: dict[str, Text]
    levels: dict[str, Text]


def moderation_figure(
    predictions: pd.DataFrame,
    values: Sequence[float] | Sequence[str],
    questionnaire: Questionnaire | None = None,
    *,
    level: float = 0.95,
    width: float = 120.0,
    height: float = 96.0,
) -> Figure:
    """Simple slopes from `Process.predictions()`, and the sample's `values` of the (first) moderator.

    One line a value of the first moderator, one panel a value of the others. `values`: numbers, or the
    categories of a categorical moderator. DataError where the frame has no moderator.
    """
    import pandas as pd

    moderators = [
        str(name).removeprefix("at_") for name in predictions.columns if str(name).startswith("at_")
    ]
    if not moderators or predictions.empty:
        raise DataError(
            "a moderation plot needs predictions at values of a moderator (Process.predictions())"
        )
    first = moderators[0]
    parts = [str(at).split("; ") for at in predictions["at"]]
    lines = predictions.assign(kind="line", line=[part[0] for part in parts])
    lines["panel"] = ["; ".join(part[1:]) for part in parts]
    if len(set(lines["panel"])) > 3 * _MOST_PANELS:
        raise DataError(f"{len(set(lines['panel']))} panels are too many to read; probe fewer values")
    sample = pd.DataFrame({"kind": "value", "value": pd.Series(list(values), dtype=object)})
    columns = ["kind", "panel", "line", "value", "estimate", "low", "high", f"at_{first}"]
    frame = pd.concat([lines.assign(value=lines["value"].astype(object))[columns], sample], ignore_index=True)
    source, outcome = (str(predictions[name].iloc[0]) for name in ("source", "outcome"))
    panels, drawn = (list(dict.fromkeys(lines[name])) for name in ("panel", "line"))
    words = _Words(
        label_of(source, questionnaire),
        label_of(outcome, questionnaire),
        label_of(first, questionnaire),
        dict(zip(panels, point_labels(panels, questionnaire), strict=True)),
        dict(zip(drawn, point_labels(drawn, questionnaire), strict=True)),
        {
            level: level_label(name, level, questionnaire)
            for name, column in ((source, lines["value"]), (first, lines[f"at_{first}"]))
            for level in column
            if isinstance(level, str)
        },
    )
    share = f"{100 * level:g}%"
    said = {
        lang: [say(text, lang) for text in (words.source, words.outcome, words.moderator)]
        for lang in LANGUAGES
    }
    return Figure(
        title={
            "en": f"{said['en'][0]} and {said['en'][1]} by {said['en'][2]}",
            "zh": f"{said['zh'][2]}对{said['zh'][0]}与{said['zh'][1]}关系的调节作用",
        },
        frame=frame,
        draw=partial(_draw, words=words, first=f"at_{first}"),
        width=min(PAGE_MM, width if len(panels) == 1 else 60.0 * len(panels)),
        height=height,
        notes=(
            {
                "en": f"Lines are predicted values with {share} confidence bands, all other variables at "
                "their means. Below: the distribution of the moderator and the values of the lines.",
                "zh": f"线为预测值，色带为 {share} 置信带，其余变量取均值。"
                "下方为调节变量的分布以及绘制各条线所取的值。",
            },
        ),
        alt={
            "en": f"Predicted {said['en'][1]} along {said['en'][0]}, {len(words.lines)} lines.",
            "zh": f"{said['zh'][1]}随{said['zh'][0]}变化的预测值，共 {len(words.lines)} 条线。",
        },
    )


def _draw(canvas: Canvas, frame: pd.DataFrame, lang: str, *, words: _Words, first: str) -> None:
    width, height = canvas.get_size_inches() * 25.4
    left, right, gap, under, bottom = 13.0, 3.0, 5.0, 15.0, 10.0
    titled_key, beside = _titled(words), _per_row(words, width)
    alone = titled_key and beside < len(words.lines)  # values alone stand in one row under their variable
    beside = len(words.lines) if alone else beside
    key = 4.6 * (-(-len(words.lines) // beside) + alone) + 2.0
    titled = 5.0 if len(words.panels) > 1 else 0.0
    lines = frame[frame["kind"] == "line"]
    top = height - key - titled
    floor = bottom + under + 13.0
    each = (width - left - right - gap * (len(words.panels) - 1)) / len(words.panels)
    shared: Axes | None = None
    for place, (panel, label) in enumerate(words.panels.items()):
        x = left + place * (each + gap)
        box = (x / width, floor / height, each / width, (top - floor) / height)
        axes = canvas.add_axes(box, sharey=shared)
        _draw_lines(axes, lines[lines["panel"] == panel], words, lang)
        if len(words.panels) > 1:
            axes.set_title(say(label, lang), fontsize=SMALL)
        if shared is None:
            axes.set_ylabel(say(words.outcome, lang), fontsize=BODY)
        else:
            axes.tick_params(labelleft=False)
        axes.set_xlabel(say(words.source, lang), fontsize=BODY)
        shared = shared or axes
    if shared is not None:
        ticks_inside(shared, "y")  # after the last panel, which may have widened the limits of all
        handles, labels = shared.get_legend_handles_labels()
        moderator = say(words.moderator, lang)
        canvas.legend(
            handles,
            [label.removeprefix(f"{moderator} = ") for label in labels] if alone else labels,
            title=moderator if alone else None,
            title_fontsize=SMALL,
            loc="upper center",
            bbox_to_anchor=(0.5, 1 - 0.8 / height),
            ncols=beside,
            fontsize=SMALL,
            frameon=False,
            borderpad=0,
            handlelength=2.6,
        )
    box = (left / width, bottom / height, (width - left - right) / width, under / height)
    _draw_sample(canvas.add_axes(box), frame, words, lang, first)


def _titled(words: _Words) -> bool:
    """Whether every entry of the legend is a value of the moderator, `Trust = 3.50`."""
    return all(
        say(text, lang).startswith(f"{say(words.moderator, lang)} = ")
        for text in words.lines.values()
        for lang in LANGUAGES
    )


def _per_row(words: _Words, width: float) -> int:
    """Entries of the legend that stand side by side in the language that needs most room."""
    from research.report.fonts import text_extent

    widest = max(
        text_extent(say(text, lang), SMALL)[0] for text in words.lines.values() for lang in LANGUAGES
    )
    return max(1, min(len(words.lines), int((width - 6) // (widest + 12.0))))


def _draw_lines(axes: Axes, lines: pd.DataFrame, words: _Words, lang: str) -> None:
    places = list(dict.fromkeys(lines["value"]))
    named = any(isinstance(value, str) for value in places)
    for number, (name, label) in enumerate(words.lines.items()):
        own = lines[lines["line"] == name]
        if named:
            x = np.array([places.index(value) for value in own["value"]], dtype=float)
        else:
            x = own["value"].to_numpy(float)
        colour = PALETTE[number % len(PALETTE)]
        low, high = own["low"].to_numpy(float), own["high"].to_numpy(float)
        few = len(x) <= 2 or named
        if few:  # two values or categories: nothing lies between them, so that there is no band
            x = x + (number - (len(words.lines) - 1) / 2) * 0.04 * max(float(np.ptp(x)), 1e-9)
            axes.vlines(x, low, high, color=colour, lw=LINE)
        else:
            axes.fill_between(x, low, high, color=colour, alpha=0.14, lw=0)
        axes.plot(
            x,
            own["estimate"].to_numpy(float),
            color=colour,
            ls=_STYLES[number % len(_STYLES)],
            lw=1.3,
            marker=MARKERS[number % len(MARKERS)] if few else "",
            ms=3.2,
            label=say(label, lang),
        )
    if named:
        axes.set_xticks(range(len(places)), [say(words.levels[str(value)], lang) for value in places])
    elif len(places) == 2:
        axes.set_xticks([float(value) for value in places])
        axes.margins(x=0.15)
    axes.tick_params(axis="y", length=2.0, color=MUTED)
    if not named and len(places) > 2:
        ticks_inside(axes, "x", 6)


def score_bins(numbers: Vector, different: Vector) -> Vector:
    """Edges that hold equally many possible values each: scale scores lie a fixed step apart.

    Bins of any other width hold now one of these values and now two, or none: gaps that the sample has not.
    """
    wanted = min(30, max(10, round(np.sqrt(len(numbers)))))
    gaps, often = np.unique(np.round(np.diff(different), 9), return_counts=True)
    step, span = float(gaps[often.argmax()]), float(different[-1] - different[0])
    places = (numbers - different[0]) / step
    # a mean of four items, where one of five is missing, lies between the others: a few may
    if span / step > 400 or (np.abs(places - places.round()) > 0.01).mean() > 0.05:
        return np.linspace(different[0], different[-1], wanted + 1)
    possible, each = round(span / step) + 1, max(1, round(span / step / wanted))
    edges: Vector = float(different[0]) - step / 2 + step * each * np.arange(-(-possible // each) + 1.0)
    return edges


def _draw_sample(axes: Axes, frame: pd.DataFrame, words: _Words, lang: str, first: str) -> None:
    values = list(frame["value"][frame["kind"] == "value"])
    probes = frame[frame["kind"] == "line"].drop_duplicates("line")[first].tolist()
    if any(isinstance(value, str) for value in values):
        levels = [str(probe) for probe in probes]
        axes.bar(range(len(levels)), [values.count(level) for level in levels], width=0.5, color=FAINT)
        axes.set_xticks(range(len(levels)), [say(words.levels[level], lang) for level in levels])
        shown = [float(place) for place in range(len(levels))]
    else:
        numbers = np.array(values, dtype=float)
        different = np.unique(numbers)
        if len(different) <= 12:
            step = float(np.diff(different).min()) if len(different) > 1 else 1.0
            axes.bar(different, [(numbers == v).sum() for v in different], width=0.5 * step, color=FAINT)
        else:
            axes.hist(numbers, bins=score_bins(numbers, different).tolist(), color=FAINT)
        shown = [float(probe) for probe in probes]
        ticks_inside(axes, "x", 10)
    for number, x in enumerate(shown):
        colour = PALETTE[number % len(PALETTE)]
        axes.axvline(x, color=colour, lw=1.3, ls=_STYLES[number % len(_STYLES)])
    axes.set_xlabel(say(words.moderator, lang), fontsize=BODY)
    axes.set_ylabel("n", fontsize=BODY)
    axes.spines["left"].set_linewidth(HAIR)
    axes.tick_params(axis="y", length=2.0, color=MUTED)
    ticks_inside(axes, "y", 3)
