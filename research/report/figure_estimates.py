"""Estimates with their intervals: loadings of a measurement model, coefficients of several models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from research.errors import DataError
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import keeps_zero, print_number
from research.report.figure_rows import (
    Rows,
    bands,
    draw_labels,
    height_of,
    label_width,
    side_by_side,
    stack_rows,
    texts_in,
)
from research.report.fonts import text_extent
from research.report.labels import label_of
from research.report.nouns import Figure
from research.report.style import (
    BODY,
    FAINT,
    HAIR,
    INK,
    LINE,
    MARKERS,
    MUTED,
    PAGE_MM,
    PALETTE,
    SMALL,
    WARM,
    sheet,
)  # fmt: skip
from research.report.tables_measurement import LOADING_LIMIT

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_EDGE, _ROW, _AXIS, _BETWEEN = 2.0, 4.6, 9.5, 6.0
_PATHS: Text = {"en": "Standardized structural paths", "zh": "标准化结构路径系数"}
_COEFFICIENTS: Text = {"en": "Coefficients", "zh": "系数估计"}
_LOADING: Text = {"en": "Standardized loading", "zh": "标准化载荷"}
_LOADING_CI: Text = {"en": "Standardized loading (95% CI)", "zh": "标准化载荷（95% 置信区间）"}
_STANDARDIZED: Text = {"en": "Standardized estimate (95% CI)", "zh": "标准化估计值（95% 置信区间）"}
_ESTIMATE: Text = {"en": "Estimate (95% CI)", "zh": "估计值（95% 置信区间）"}


def loadings_figure(
    standardized: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    threshold: float | None = LOADING_LIMIT,
    width: float = 120.0,
) -> Figure:
    """Standardized loadings by construct, from the `=~` rows of `fit.standardized()` (or `fit.tidy()`).

    A standardized frame gives `estimate low high`; of a tidy frame only `std_all` is drawn, since its
    interval is that of the unstandardized loading.
    """
    rows = standardized[standardized["op"] == "=~"].reset_index(drop=True)
    if rows.empty:
        raise DataError("the model has no loadings (no line with =~), so that none can be drawn")
    values = _standardized_intervals(rows)
    tidy = tidy_estimates(
        groups=[label_of(str(name), questionnaire) for name in rows["lhs"]],
        terms=[label_of(str(name), questionnaire) for name in rows["rhs"]],
        models=[{"en": ""}] * len(rows),
        values=values,
    )
    return estimates_figure(
        tidy,
        title={"en": "Standardized loadings", "zh": "标准化因子载荷"},
        axis=_LOADING_CI if any(math.isfinite(low) for _, low, _ in values) else _LOADING,
        width=width,
        line=threshold,
        line_label={"en": f"{threshold:.3f}".lstrip("0"), "zh": f"{threshold:.3f}"}
        if threshold is not None
        else {},
    )


def coefficients_figure(
    frames: dict[str, pd.DataFrame] | pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    labels: dict[str, Text] | None = None,
    title: Text | None = None,
    axis: Text | None = None,
    width: float = 140.0,
) -> Figure:
    """Coefficients of one or several models side by side, grouped by outcome, zero marked.

    Each frame has `estimate low high` (of `fit.standardized()`: standardized) and names its rows
    by `term` (regressions, an optional `outcome`) or by `lhs op rhs` (structural models; their `~` rows).
    """
    models = frames if isinstance(frames, dict) else {"": frames}
    standardized = all("op" in frame and "std_all" not in frame for frame in models.values())
    groups: list[Text] = []
    terms: list[Text] = []
    names: list[Text] = []
    values: list[tuple[float, float, float]] = []
    for model, frame in models.items():
        rows = frame[frame["op"] == "~"] if "op" in frame else frame
        for index in range(len(rows)):
            row = {str(name): rows[name].iloc[index] for name in rows.columns}
            outcome = str(row.get("lhs", row.get("outcome", "")))
            groups.append(label_of(outcome, questionnaire) if outcome else {})
            terms.append(label_of(str(row.get("rhs", row.get("term", ""))), questionnaire))
            names.append((labels or {}).get(model, {"en": model}))
            values.append((_number(row["estimate"]), _number(row.get("low")), _number(row.get("high"))))
    if not values:
        raise DataError("there are no coefficients to draw: no row with op '~' and no row with a term")
    return estimates_figure(
        tidy_estimates(groups, terms, names, values),
        title=title or (_PATHS if standardized else _COEFFICIENTS),
        axis=axis or (_STANDARDIZED if standardized else _ESTIMATE),
        width=width,
        line=0.0,
        line_label={},
    )


def estimates_figure(
    tidy: pd.DataFrame, *, title: Text, axis: Text, width: float, line: float | None, line_label: Text
) -> Figure:
    """Points with intervals, of `tidy_estimates`; `line` marks a value: zero solid, another dashed."""
    models = _distinct(texts_in(tidy, "model"))
    row = _ROW + 2.2 * (len(models) - 1)
    groups = texts_in(_terms(tidy), "group")
    head = 5.0 if line_label or len(models) > 1 else 0.0
    height = height_of(groups, row) + _AXIS + head + 2 * _EDGE
    return Figure(
        title=title,
        frame=tidy,
        draw=partial(_draw, axis=axis, line=line, line_label=line_label, row=row, head=head),
        width=width if len(side_by_side(groups, row)) == 1 else PAGE_MM,
        height=round(height, 1),
        alt={lang: f"{say(title, lang)}: {say(axis, lang)}" for lang in ("en", "zh")},
    )


def _draw(
    canvas: Canvas,
    frame: pd.DataFrame,
    lang: str,
    *,
    axis: Text,
    line: float | None,
    line_label: Text,
    row: float,
    head: float,
) -> None:
    """As many columns of rows side by side as a page's height asks for, on one axis."""
    axes = sheet(canvas)
    terms = _terms(frame)
    groups, labels = texts_in(terms, "group"), texts_in(terms, "term")
    parts = side_by_side(groups, row)
    column = (axes.get_xlim()[1] - 2 * _EDGE - _BETWEEN * (len(parts) - 1)) / len(parts)
    top = axes.get_ylim()[1] - _EDGE - head
    for index, part in enumerate(parts):
        start = _EDGE + index * (column + _BETWEEN)
        rows = stack_rows(groups[part], row)
        left = start + (3 if rows.headings else 0) + label_width(labels) + 3
        draw_labels(axes, rows, labels[part], lang, left=start, right=left - 3, top=top)
        _draw_column(
            axes, frame, terms.iloc[part], rows, lang,
            axis=axis, line=line, line_label=line_label, row=row, span=(left, start + column - 2), top=top,
        )  # fmt: skip
    models = _distinct(texts_in(frame, "model"))
    if len(models) > 1:
        left = _EDGE + (3 if any(groups) else 0) + label_width(labels) + 3
        _draw_key(axes, models, lang, left=left, y=top + head - 2.2)


def _draw_column(
    axes: Axes,
    frame: pd.DataFrame,
    terms: pd.DataFrame,
    rows: Rows,
    lang: str,
    *,
    axis: Text,
    line: float | None,
    line_label: Text,
    row: float,
    span: tuple[float, float],
    top: float,
) -> None:
    """The estimates of some terms with their axis, between the two ends of `span` in millimetres."""
    left, right = span
    labels = texts_in(terms, "term")
    ticks = _ticks(frame, line)
    low, high = ticks[0], ticks[-1]
    _draw_axis(axes, ticks, lang, left=left, right=right, y=top - rows.height - 0.8, label=say(axis, lang))
    _draw_grid(axes, ticks, bands(rows, row), left=left, right=right, top=top)

    def place(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    if line is not None:
        x, solid = place(line), line == 0
        for start, end in bands(rows, row):
            colour, style = (INK, "-") if solid else (WARM, (0, (4, 2)))
            axes.plot([x, x], [top - start, top - end], color=colour, lw=LINE, ls=style, zorder=1)
        if line_label:
            axes.text(x, top + 1, say(line_label, lang), fontsize=SMALL, ha="center", va="bottom", color=WARM)
    models = _distinct(texts_in(frame, "model"))
    at = {
        (_key(term), _key(group)): y
        for term, group, y in zip(labels, texts_in(terms, "group"), rows.y, strict=True)
    }
    for index, model in enumerate(models):
        shift = (index - (len(models) - 1) / 2) * 2.6
        for term, group, own, estimate, start, end in zip(
            texts_in(frame, "term"), texts_in(frame, "group"), texts_in(frame, "model"),
            frame["estimate"], frame["low"], frame["high"], strict=True,
        ):  # fmt: skip
            if own == model and (_key(term), _key(group)) in at and math.isfinite(estimate):
                y = top - at[_key(term), _key(group)] - shift
                if math.isfinite(start) and math.isfinite(end):
                    axes.plot(
                        [place(start), place(end)], [y, y], color=PALETTE[index % len(PALETTE)], lw=LINE
                    )
                axes.plot(
                    place(estimate),
                    y,
                    MARKERS[index % len(MARKERS)],
                    color=PALETTE[index % len(PALETTE)],
                    ms=3.4,
                    mec="white",
                    mew=0.3,
                )


def _draw_axis(
    axes: Axes, ticks: Sequence[float], lang: str, *, left: float, right: float, y: float, label: str
) -> None:
    axes.plot([left, right], [y, y], color=MUTED, lw=HAIR)
    span = ticks[-1] - ticks[0]
    decimals = next(d for d in range(12) if all(abs(round(tick, d) - tick) < 1e-9 for tick in ticks))
    for tick in ticks:
        x = left + (tick - ticks[0]) / span * (right - left)
        axes.plot([x, x], [y, y - 0.8], color=MUTED, lw=HAIR)
        text = print_number(tick, decimals, leading_zero=keeps_zero(lang) or span > 2) if tick else "0"
        axes.text(x, y - 1.4, text, fontsize=SMALL, ha="center", va="top")
    axes.text((left + right) / 2, y - 5.0, label, fontsize=BODY, ha="center", va="top")


def _draw_grid(
    axes: Axes,
    ticks: Sequence[float],
    runs: Sequence[tuple[float, float]],
    *,
    left: float,
    right: float,
    top: float,
) -> None:
    for tick in ticks:
        x = left + (tick - ticks[0]) / (ticks[-1] - ticks[0]) * (right - left)
        for start, end in runs:
            axes.plot([x, x], [top - start, top - end], color=FAINT, lw=HAIR, zorder=0)


def _draw_key(axes: Axes, models: Sequence[Text], lang: str, *, left: float, y: float) -> None:
    x = left
    for index, model in enumerate(models):
        colour = PALETTE[index % len(PALETTE)]
        axes.plot([x, x + 6], [y, y], color=colour, lw=LINE)
        axes.plot(x + 3, y, MARKERS[index % len(MARKERS)], color=colour, ms=3.4, mec="white", mew=0.3)
        axes.text(x + 7.2, y, say(model, lang), fontsize=SMALL, va="center_baseline")
        x += 7.2 + text_extent(say(model, lang), SMALL)[0] + 5


def _ticks(frame: pd.DataFrame, line: float | None) -> list[float]:
    """Round numbers that span every estimate, every interval and the line; 4 to 9 of them."""
    values = [float(v) for name in ("estimate", "low", "high") for v in frame[name] if math.isfinite(v)]
    values += [line] if line is not None else []
    low, high = min(values), max(values)
    if low >= 0 and high <= 1.02 and line:  # loadings: always from zero to one
        low, high = 0.0, max(1.0, high)
    rough = max(high - low, 1e-9) / 6
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * m for m in (1, 2, 2.5, 5, 10) if unit * m >= rough)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * k, 10) for k in range(first, max(last, first + 1) + 1)]


def _standardized_intervals(rows: pd.DataFrame) -> list[tuple[float, float, float]]:
    """(estimate, low, high); of a tidy frame `std_all` alone, for its interval is not a standardized one."""
    if "std_all" in rows:
        return [(_number(std), math.nan, math.nan) for std in rows["std_all"]]
    low, high = (rows[name] if name in rows else [math.nan] * len(rows) for name in ("low", "high"))
    return [
        (_number(one), _number(start), _number(end))
        for one, start, end in zip(rows["estimate"], low, high, strict=True)
    ]


def tidy_estimates(
    groups: Sequence[Text],
    terms: Sequence[Text],
    models: Sequence[Text],
    values: Sequence[tuple[float, float, float]],
) -> pd.DataFrame:
    """One row a point, in the order of the figure; interval ends may be NaN."""
    import pandas as pd

    words = {"group": list(groups), "term": list(terms), "model": list(models)}
    numbers = {name: [value[at] for value in values] for at, name in enumerate(("estimate", "low", "high"))}
    return pd.DataFrame(
        {**{name: pd.Series(column, dtype=object) for name, column in words.items()}, **numbers}
    )


def _terms(tidy: pd.DataFrame) -> pd.DataFrame:
    """One row a term within its group, groups together, in the order of their first appearance."""
    groups = [_key(group) for group in texts_in(tidy, "group")]
    keys = [(group, _key(term)) for group, term in zip(groups, texts_in(tidy, "term"), strict=True)]
    order = {group: at for at, group in enumerate(dict.fromkeys(groups))}
    first = {key: at for at, key in reversed(list(enumerate(keys)))}
    chosen = sorted(first.values(), key=lambda at: (order[groups[at]], at))
    return tidy.iloc[chosen].reset_index(drop=True)


def _distinct(texts: Sequence[Text]) -> list[Text]:
    return list({_key(text): text for text in texts}.values())


def _key(text: Text) -> str:
    return "|".join(f"{lang}={words}" for lang, words in sorted(text.items()))


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan
