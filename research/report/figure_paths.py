"""The path diagram: constructs, indicators, loadings, standardized paths with stars, R² in the ellipse."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from research.errors import DataError, OptionError
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.fonts import text_extent
from research.report.labels import LANGUAGES, label_of
from research.report.nouns import Figure
from research.report.path_drawing import draw_paths, path_number, wrapped
from research.report.path_layout import Sizes, lay_out
from research.report.style import BODY, PAGE_MM, SMALL

if TYPE_CHECKING:
    import pandas as pd

_ASPECT = 0.6  # height of an ellipse over its width


def path_figure(
    tidy: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    r_squared: Mapping[str, float] | None = None,
    indicators: bool = True,
    components: bool = True,
    group: str | None = None,
    width: float = PAGE_MM,
    standardized: bool = True,
) -> Figure:
    """A fitted structural model, from `fit.tidy()` (`std_all` and `p` of its `=~` and `~` rows).

    Non-significant paths (p of .05 and above) are dashed. `indicators=False` leaves out items and
    loadings, `components=False` the constructs that only measure a second-order one. `group` chooses one
    group of a multigroup model. Residual variances and correlations are not drawn. `standardized=False`:
    `std_all` holds other coefficients. DataError where the frame has no path; OptionError where the model
    does not fit.
    """
    whole = path_frame(tidy, questionnaire, r_squared=r_squared, group=group)
    frame = whole if components else _without_components(whole, tidy)
    drawn_whole = len(frame) == len(whole)
    if not indicators:
        frame = frame[frame["kind"] != "loading"].reset_index(drop=True)
    nodes = frame[frame["kind"] == "node"]
    paths = frame[frame["kind"] == "path"]
    loadings = frame[frame["kind"] == "loading"]
    edges = [
        (str(source), str(target)) for source, target in zip(paths["source"], paths["target"], strict=True)
    ]
    items = {
        str(name): [str(item) for item in loadings["target"][loadings["source"] == name]]
        for name in nodes["source"]
    }
    layout = lay_out(
        [str(name) for name in nodes["source"]],
        edges,
        items,
        _sizes(frame, standardized),
        width=width,
        observed=[str(name) for name in nodes["source"][nodes["observed"].astype(bool)]],
    )
    left_out: Text = {
        "en": "The components of second-order constructs are estimated and not drawn.",
        "zh": "二阶构念的各维度已估计，未在图中画出。",
    }
    return Figure(
        title={"en": "Structural model with standardized estimates", "zh": "结构模型及其标准化估计"},
        frame=frame,
        draw=partial(draw_paths, layout=layout, standardized=standardized),
        width=layout.width,
        height=round(layout.height, 2),
        notes=(
            {
                "en": "Standardized estimates. Dashed: p ≥ .05. * p < .05, ** p < .01, *** p < .001. "
                "Residuals and correlations of exogenous constructs are estimated and not drawn.",
                "zh": "图中为标准化估计；虚线表示 p ≥ 0.05。* p < 0.05，** p < 0.01，*** p < 0.001。"
                "残差及外生变量之间的相关已估计，未在图中画出。",
            },
            *(() if drawn_whole else (left_out,)),
        ),
        alt={"en": _alt(frame, "en", standardized), "zh": _alt(frame, "zh", standardized)},
    )


def path_frame(
    tidy: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    r_squared: Mapping[str, float] | None = None,
    group: str | None = None,
) -> pd.DataFrame:
    """What a path diagram shows: `kind source target label estimate p r2 observed`.

    kind `node` (a construct or an observed variable, with its label and R²), `loading`, `path`.
    A loading on another construct (second order) is a path.
    """
    import pandas as pd

    rows = _one_group(tidy, group)
    measured = rows[rows["op"] == "=~"]
    latents = list(dict.fromkeys(str(name) for name in measured["lhs"]))
    records: list[dict[str, object]] = []
    names: dict[str, None] = dict.fromkeys(latents)
    for op in ("=~", "~"):
        part = rows[rows["op"] == op]
        for lhs, rhs, estimate, p in zip(part["lhs"], part["rhs"], part["std_all"], part["p"], strict=True):
            source, target = (str(lhs), str(rhs)) if op == "=~" else (str(rhs), str(lhs))
            kind = "path" if op == "~" or target in latents else "loading"
            if kind == "path":
                names |= dict.fromkeys((source, target))
            label = label_of(target, questionnaire)
            records.append(
                {
                    "kind": kind,
                    "source": source,
                    "target": target,
                    "label": label,
                    "estimate": estimate,
                    "p": p,
                }
            )
    if not any(record["kind"] == "path" for record in records):
        raise DataError("the model has no structural path (no line with ~), so that there is no path diagram")
    ordered = _in_order(list(names), questionnaire)
    nodes = [
        {
            "kind": "node",
            "source": name,
            "label": label_of(name, questionnaire),
            "r2": (r_squared or {}).get(name, math.nan),
            "observed": name not in latents,
        }
        for name in ordered
    ]
    columns = ["kind", "source", "target", "label", "estimate", "p", "r2", "observed"]
    frame = pd.DataFrame([*nodes, *records], columns=columns)
    endogenous = set(frame["target"][frame["kind"] == "path"])
    frame.loc[(frame["kind"] == "node") & ~frame["source"].isin(list(endogenous)), "r2"] = math.nan
    return frame.assign(observed=frame["observed"].map(lambda seen: seen is True))


def _without_components(frame: pd.DataFrame, tidy: pd.DataFrame) -> pd.DataFrame:
    """Without loadings on constructs, and without the constructs that stand in no other path."""
    measured = tidy[tidy["op"] == "=~"]
    higher = measured[measured["rhs"].isin(list(measured["lhs"]))]
    pairs = set(zip(higher["lhs"].astype(str), higher["rhs"].astype(str), strict=True))
    regressions = tidy[tidy["op"] == "~"]
    inner = {target for _, target in pairs} - set(regressions["lhs"]) - set(regressions["rhs"])
    kept = [
        (str(source), str(target)) not in pairs and str(source) not in inner
        for source, target in zip(frame["source"], frame["target"], strict=True)
    ]
    return frame[kept].reset_index(drop=True)


def _one_group(tidy: pd.DataFrame, group: str | None) -> pd.DataFrame:
    groups = list(dict.fromkeys(str(name) for name in tidy["group"])) if "group" in tidy else [""]
    if group is None and len(groups) > 1:
        named = [name for name in groups if name]
        if len(named) > 1:
            raise OptionError(f"the model has groups {', '.join(named)}; choose the one to draw with group=")
        group = named[0]
    if group is not None and group not in groups:
        raise OptionError(f"the model has no group '{group}'; it has {', '.join(groups)}")
    return tidy if group is None else tidy[tidy["group"].isin([group, ""])]


def _in_order(names: Sequence[str], questionnaire: Questionnaire | None) -> list[str]:
    """Constructs in the order of the questionnaire, others after them as they come."""
    asked = [construct.name for construct in questionnaire.constructs] if questionnaire else []
    return sorted(names, key=lambda name: asked.index(name) if name in asked else len(asked))


def _sizes(frame: pd.DataFrame, standardized: bool) -> Sizes:
    """What the widest words of any language take, so that the layout is the same in every language."""
    nodes, loadings, paths = (frame[frame["kind"] == kind] for kind in ("node", "loading", "path"))
    half_widths, half_heights = [8.0], [4.0]
    for label, r2 in zip(nodes["label"], nodes["r2"], strict=True):
        for lang in LANGUAGES:
            w, h = text_extent(wrapped(say(label, lang)), BODY)
            if math.isfinite(r2):
                w, h = max(w, text_extent("R² = 0.00", SMALL)[0]), h + SMALL * 0.45
            half_widths.append(w / 2 + 0.6)
            half_heights.append(h / 2 + 0.5)
    # an ellipse of the wanted aspect through the corners of the widest and the tallest label
    rx = max(math.hypot(w, h / _ASPECT) for w, h in zip(half_widths, half_heights, strict=True))
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
    labels = {name: say(label, lang) for name, label in zip(frame["source"], frame["label"], strict=True)}
    paths = frame[frame["kind"] == "path"]
    nodes = frame[frame["kind"] == "node"]
    labels = {
        str(name): say(label, lang) for name, label in zip(nodes["source"], nodes["label"], strict=True)
    }
    between, end = ("；", "。") if lang == "zh" else ("; ", ".")
    said = [
        f"{labels[str(source)]} → {labels[str(target)]} "
        + path_number(estimate, p, lang, standardized=standardized)
        for source, target, estimate, p in zip(
            paths["source"], paths["target"], paths["estimate"], paths["p"], strict=True
        )
    ]
    head: Text = {"en": "Path diagram: ", "zh": "路径图："}
    return head[lang] + between.join(said) + end
