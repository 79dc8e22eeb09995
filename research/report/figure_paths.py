"""The path diagram: constructs, indicators, loadings, standardized paths with stars, R² in the ellipse."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from research.errors import OptionError
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.fonts import text_extent
from research.report.labels import LANGUAGES
from research.report.nouns import Figure
from research.report.path_drawing import draw_paths, path_lines, path_number, wrapped
from research.report.path_frame import (
    measured_paths,
    path_frame,
    without_components,
    without_controls,
    without_indicators,
)
from research.report.path_geometry import LOW_BOX, Layout
from research.report.path_key import Key, above, key_of, marks
from research.report.path_layout import TALLEST, Sizes, lay_out
from research.report.path_placement import Edge
from research.report.path_routing import untidiness
from research.report.path_wide import lay_out_columns
from research.report.style import BODY, PAGE_MM, SMALL

if TYPE_CHECKING:
    import pandas as pd

Detail = Literal["auto", "indicators", "components", "structure"]
_ASPECT = 0.6  # height of an ellipse over its width
_ON_THE_RIM = 60  # constructs times paths, up to which constructs around a rectangle read well
_DENSE = 1.7  # paths a construct, above which controls are left out
_BACKWARD = 1.5  # what an arrow that does not run to the right counts there, a crossing counting 1
_TANGLED = 0.3  # crossings and their like a path, above which a diagram no longer reads well
_FEWER: tuple[Text, ...] = (
    {"en": "Indicators are not drawn.", "zh": "题项未在图中画出。"},
    {
        "en": "The components of second-order constructs are estimated and not drawn.",
        "zh": "二阶构念的各维度已估计，未在图中画出。",
    },
    {
        "en": "Control variables are estimated and not drawn.",
        "zh": "控制变量已纳入估计，未在图中画出。",
    },
)

_FIXED: Text = {
    "en": "A loading without stars on a solid line was fixed to set the scale of its construct.",
    "zh": "实线上不带星号的载荷为设定潜变量量尺的固定载荷。",
}


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A model as far as it is drawn: its frame, which of `_FEWER` hold, its layout and how untidy it is."""

    frame: pd.DataFrame
    fewer: tuple[Text, ...]
    layout: Layout
    key: Key | None = None

    @property
    def tangled(self) -> float:
        return untidiness(self.layout.arrows) / max(len(self.layout.arrows), 1)


def path_figure(
    tidy: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    r_squared: Mapping[str, float] | None = None,
    detail: Detail = "auto",
    group: str | None = None,
    width: float = PAGE_MM,
    standardized: bool = True,
    forward: bool = False,
) -> Figure:
    """A fitted structural model, from `fit.tidy()` (`std_all` and `p` of its `=~` and `~` rows).

    Non-significant paths (p of .05 and above) are dashed. `detail`: "indicators" draws items and their
    loadings, "components" only constructs, "structure" neither the components of second-order constructs
    nor observed causes that no hypothesis of the questionnaire names; "auto" the richest of them that
    reads well. What is left out is said in the notes. Where numbers do not fit beside the arrows, arrows
    are numbered and a key stands below. `group` chooses one group of a multigroup model. Residual
    variances and correlations are not drawn. `standardized=False`: `std_all` holds other coefficients.
    `forward` spends height so that arrows run to the right, as a diagram of mediation is drawn.
    DataError where the frame has no path; OptionError where no page holds the model.
    """
    whole = path_frame(tidy, questionnaire, r_squared=r_squared, group=group)
    second = measured_paths(whole, tidy)
    drawn: list[_Drawn] = []
    for frame, fewer in _reductions(whole, tidy, questionnaire, detail):
        last = frame, fewer
        with suppress(OptionError):  # the next, barer one may fit
            drawn.append(_Drawn(frame, fewer, _layout(frame, second, width, standardized, forward=forward)))
            if drawn[-1].tangled <= _TANGLED:
                break
    if not drawn:
        frame, fewer = last
        frame = without_indicators(frame)
        key = _key(frame, width, standardized)
        drawn.append(_Drawn(frame, fewer, _layout(frame, second, width, standardized, key, forward), key))
    best = min(drawn, key=lambda one: one.tangled)
    return Figure(
        title={"en": "Structural model with standardized estimates", "zh": "结构模型及其标准化估计"},
        frame=best.frame,
        draw=partial(draw_paths, layout=best.layout, standardized=standardized, key=best.key),
        width=best.layout.width,
        height=round(best.layout.height, 2),
        notes=(
            {
                "en": "Standardized estimates. Dashed: p ≥ .05. * p < .05, ** p < .01, *** p < .001. "
                "Residuals and correlations of exogenous constructs are estimated and not drawn.",
                "zh": "图中为标准化估计；虚线表示 p ≥ 0.05。* p < 0.05，** p < 0.01，*** p < 0.001。"
                "残差及外生变量之间的相关已估计，未在图中画出。",
            },
            *(() if _tested(best.frame) else (_FIXED,)),
            *best.fewer,
        ),
        alt={lang: _alt(best.frame, lang, standardized) for lang in LANGUAGES},
    )


def _tested(frame: pd.DataFrame) -> bool:
    """Whether every number that is drawn has a test."""
    return bool(frame.loc[frame["kind"] != "node", "p"].notna().all())


def _reductions(
    whole: pd.DataFrame, tidy: pd.DataFrame, questionnaire: Questionnaire | None, detail: Detail
) -> Iterator[tuple[pd.DataFrame, tuple[Text, ...]]]:
    """The model with all that `detail` names, and notes on the rest; "auto": the richest first."""
    bare = without_indicators(whole)
    fewer = without_controls(bare, questionnaire)
    simple = without_components(fewer, tidy)
    steps: list[tuple[Detail, pd.DataFrame]] = [("indicators", whole), ("components", bare)]
    steps += [("auto", fewer), ("structure", simple)]
    before = -1
    for level, frame in steps:
        nodes, paths = (int((frame["kind"] == kind).sum()) for kind in ("node", "path"))
        dense = (
            frame is not fewer and frame is not simple and len(fewer) < len(bare) and paths > _DENSE * nodes
        )
        if detail == level or (detail == "auto" and len(frame) != before and not dense):
            lacks = (
                len(bare) < len(whole) and frame is not whole,
                frame is simple and len(simple) < len(fewer),
                len(fewer) < len(bare) and (frame is fewer or frame is simple),
            )
            yield frame, tuple(note for note, lack in zip(_FEWER, lacks, strict=True) if lack)
            before = len(frame)


def _layout(
    frame: pd.DataFrame,
    second: set[Edge],
    width: float,
    standardized: bool,
    key: Key | None = None,
    forward: bool = False,
) -> Layout:
    """The tidier of two layouts: constructs around a rectangle (always with indicators), or in columns.

    key: explains the running numbers that stand on the arrows then, and takes its part of the page.
    """
    nodes, paths, loadings = (frame[frame["kind"] == kind] for kind in ("node", "path", "loading"))
    names = [str(name) for name in nodes["source"]]
    edges = [(str(a), str(b)) for a, b in zip(paths["source"], paths["target"], strict=True)]
    observed = [str(name) for name in nodes["source"][nodes["observed"].astype(bool)]]
    sizes = _sizes(frame, standardized)
    page = replace(sizes, paths=marks(edges)) if key else sizes
    highest = TALLEST - (key.height if key else 0.0)
    found: list[Layout] = []
    failure = OptionError("")
    if len(loadings) or len(names) * len(edges) <= _ON_THE_RIM:
        items = {name: [str(i) for i in loadings["target"][loadings["source"] == name]] for name in names}
        try:
            found.append(lay_out(names, edges, items, page, width=width, observed=observed, highest=highest))
        except OptionError as error:
            failure = error
    if loadings.empty:
        caused = {target for edge in edges if edge not in second for target in edge[1:]}
        order = [(b, a) if (a, b) in second and a not in caused else (a, b) for a, b in edges]
        try:
            found.append(
                lay_out_columns(
                    names,
                    edges,
                    order,
                    page,
                    width=width,
                    observed=observed,
                    highest=highest,
                    thorough=key is not None,
                )
            )
        except OptionError as error:
            failure = error
    if not found:
        raise failure
    weight = _BACKWARD if forward else 0.0
    best = min(
        found,
        key=lambda layout: (
            untidiness(layout.arrows) + 0.05 * layout.height + weight * _standing_still(layout)
        ),
    )
    return above(best, key) if key else best


def _standing_still(layout: Layout) -> int:
    """Arrows whose target does not stand to the right of their source."""
    across = {node.name: node.x for node in layout.nodes}
    return sum(across[arrow.target] <= across[arrow.source] + 1.0 for arrow in layout.arrows)


def _key(frame: pd.DataFrame, width: float, standardized: bool) -> Key:
    """Room for a line of words for every path."""
    lines = [path_lines(frame, lang, standardized=standardized) for lang in LANGUAGES]
    return key_of([f"00  {line}" for lang in lines for line in lang], width)


def _sizes(frame: pd.DataFrame, standardized: bool) -> Sizes:
    """What the widest words of any language take, so that the layout is the same in every language."""
    nodes, loadings, paths = (frame[frame["kind"] == kind] for kind in ("node", "loading", "path"))
    half_widths, half_heights = [8.0], [4.0]
    tallest = 0.0
    for label, r2, observed in zip(nodes["label"], nodes["r2"], nodes["observed"], strict=True):
        for lang in LANGUAGES:
            w, h = text_extent(wrapped(say(label, lang)), BODY)
            if math.isfinite(r2):
                w, h = max(w, text_extent("R² = 0.00", SMALL)[0]), h + SMALL * 0.45
            half_widths.append(w / 2 + 0.6)
            half_heights.append(h / 2 + 0.5)
            tallest = max(tallest, h / 2 + 0.9) if observed else tallest
    # an ellipse of the wanted aspect through the corners of the widest and the tallest label
    rx = max(math.hypot(w, h / _ASPECT) for w, h in zip(half_widths, half_heights, strict=True))
    rx = max(rx, tallest / (_ASPECT * LOW_BOX))
    box = max((text_extent(item, SMALL)[0] for item in loadings["target"]), default=0.0) + 1.8
    numbers = {
        (str(source), str(target)): max(
            text_extent(path_number(estimate, p, lang, standardized=standardized), SMALL)[0]
            for lang in LANGUAGES
        )
        for source, target, estimate, p in zip(
            paths["source"], paths["target"], paths["estimate"], paths["p"], strict=True
        )
    }
    tall = text_extent("0", SMALL)[1]
    return Sizes(
        node=(rx, rx * _ASPECT),
        box=(max(box, 7.0), 4.0),
        loading=(
            text_extent("−0.00" if bool((loadings["estimate"] < 0).any()) else "0.00", SMALL)[0] + 0.5,
            tall + 0.1,
        ),
        paths={edge: (wide + 1.8, tall + 0.5) for edge, wide in numbers.items()},
    )


def _alt(frame: pd.DataFrame, lang: str, standardized: bool) -> str:
    """The diagram in words, for readers who do not see it."""
    said = path_lines(frame, lang, standardized=standardized)
    between, end = ("；", "。") if lang == "zh" else ("; ", ".")
    head: Text = {"en": "Path diagram: ", "zh": "路径图："}
    return head[lang] + between.join(said) + end
