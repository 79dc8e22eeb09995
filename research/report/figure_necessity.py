"""The scatter of an outcome over a condition, with its ceilings and the empty corner."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import keeps_zero, print_number
from research.report.figure_axes import ticks_inside
from research.report.labels import label_of
from research.report.nouns import Figure
from research.report.style import ACCENT, BODY, INK, MUTED, SMALL, WARM
from research.report.tables_necessity import CEILINGS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas

    from research.structure.necessity import Necessity

_LOOKS: dict[str, tuple[str, str | tuple[int, tuple[int, int]]]] = {
    "ce_fdh": (WARM, (0, (4, 2))),
    "cr_fdh": (INK, "-"),
}


def necessity_figure(
    found: Necessity,
    condition: str | None = None,
    questionnaire: Questionnaire | None = None,
    *,
    width: float = 100.0,
    height: float = 84.0,
) -> Figure:
    """The answers, both ceilings, and their effect sizes in the key; points with equal answers are larger."""
    import pandas as pd

    name = found.conditions[0] if condition is None else condition
    points = found.points(name).groupby(["x", "y"], as_index=False).agg(count=("corner", "size"))
    lines = found.lines(name)
    frame = pd.concat([points.assign(ceiling=""), lines.assign(count=0)], ignore_index=True)
    effects = found.effects[found.effects["x"] == name].set_index("ceiling")
    sizes = {str(ceiling): float(d) for ceiling, d in effects["d"].items()}
    x, y = label_of(name, questionnaire), label_of(found.outcome, questionnaire)
    return Figure(
        title={
            "en": f"{say(x, 'en')} as a necessary condition of {say(y, 'en')}",
            "zh": f"{say(x, 'zh')}作为{say(y, 'zh')}的必要条件",
        },
        frame=frame,
        draw=partial(_draw, x=x, y=y, sizes=sizes),
        width=width,
        height=height,
        notes=(
            {
                "en": "Beyond the ceiling lies the empty zone; d is its share of the scope. The area of a "
                "point grows with the number of equal answers.",
                "zh": "上限线之外为空白区域，d 为其占取值空间的比例；点的面积随相同回答的人数增大。",
            },
        ),
        alt={
            lang: f"{say(x, lang)} – {say(y, lang)}: "
            + ", ".join(_key(one, d, lang) for one, d in sizes.items())
            for lang in ("en", "zh")
        },
    )


def _draw(
    canvas: Canvas, frame: pd.DataFrame, lang: str, *, x: Text, y: Text, sizes: dict[str, float]
) -> None:
    width, height = canvas.get_size_inches() * 25.4
    left, bottom, right, top = 12.5, 10.5, 3.0, 8.0
    axes = canvas.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
    )
    points = frame[frame["ceiling"] == ""]
    count = points["count"].to_numpy(dtype=float)
    axes.scatter(
        points["x"], points["y"], s=5 + 5 * (count - 1), c=ACCENT, alpha=0.45, linewidths=0, clip_on=False
    )
    for ceiling, (colour, dash) in _LOOKS.items():
        line = frame[frame["ceiling"] == ceiling]
        if len(line):
            label = _key(ceiling, sizes[ceiling], lang)
            axes.plot(line["x"], line["y"], color=colour, ls=dash, lw=1.2, label=label)
    for values, put in ((frame["x"], axes.set_xlim), (frame["y"], axes.set_ylim)):
        low, high = float(np.min(values)), float(np.max(values))
        put(low - 0.04 * (high - low), high + 0.04 * (high - low))
    axes.set_xlabel(say(x, lang), fontsize=BODY)
    axes.set_ylabel(say(y, lang), fontsize=BODY)
    axes.tick_params(axis="y", length=2.0, color=MUTED)
    ticks_inside(axes, "x")
    ticks_inside(axes, "y")
    axes.legend(
        fontsize=SMALL, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, borderaxespad=0.2
    )


def _key(ceiling: str, d: float, lang: str) -> str:
    between = "，" if lang == "zh" else ", "
    return f"{say(CEILINGS[ceiling], lang)}{between}d = {print_number(d, 2, leading_zero=keeps_zero(lang))}"
