"""Tables of repeated waves: cross-lagged paths and latent growth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import STARS_NOTE
from research.report.labels import LANGUAGES, joined, label_of, with_columns
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    import pandas as pd

_CI: Text = {"en": "95% CI", "zh": "95% 置信区间"}
_ESTIMATES = (
    Column("estimate", {"en": "b", "zh": "b"}, "number"),
    Column("se", {"en": "SE", "zh": "标准误"}, "number"),
    Column("std_all", {"en": "β", "zh": "β"}, "statistic", stars="p"),
    Column("z", {"en": "z", "zh": "z"}, "number", 2),
    Column("p", {"en": "p", "zh": "p"}, "p"),
    Column("low", _CI, "number", high="high"),
)
_KINDS: dict[bool, Text] = {
    True: {"en": "Stability", "zh": "稳定性"},
    False: {"en": "Cross-lagged", "zh": "交叉滞后"},
}
_GROWTH: dict[tuple[str, str, str], Text] = {
    ("i", "~1", ""): {"en": "Mean level at the first wave", "zh": "首次调查的平均水平"},
    ("s", "~1", ""): {"en": "Mean change from wave to wave", "zh": "每期平均变化"},
    ("i", "~~", "i"): {"en": "Variance of levels", "zh": "水平的方差"},
    ("s", "~~", "s"): {"en": "Variance of changes", "zh": "变化的方差"},
    ("i", "~~", "s"): {"en": "Covariance of level and change", "zh": "水平与变化的协方差"},
}


def panel_table(tidy: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """The paths from each wave to the next, of a model written by `research.cross_lagged`.

    A variable of wave 2 is called `trust_2` or `trust_w2`.
    """
    rows = tidy[tidy["op"] == "~"].reset_index(drop=True)
    kinds, paths = [], []
    for lhs, rhs in zip(rows["lhs"].astype(str), rows["rhs"].astype(str), strict=True):
        kinds.append(_KINDS[_of_wave(lhs)[0] == _of_wave(rhs)[0]])
        paths.append(joined(" → ", [_named(rhs, questionnaire), _named(lhs, questionnaire)]))
    held: Text = {
        "en": "Each construct is regressed on all constructs of the wave before; the constructs of one wave "
        "are correlated. b: unstandardized; β: completely standardized.",
        "zh": "每个构念对上一期的全部构念作回归，同期构念之间允许相关。"
        "b 为非标准化估计，β 为完全标准化估计。",
    }
    return Table(
        title={"en": "Cross-lagged paths between waves", "zh": "各期之间的交叉滞后路径"},
        frame=with_columns(rows, kind=kinds, path=paths),
        columns=(
            Column("kind", {"en": "Kind", "zh": "类型"}),
            Column("path", {"en": "Path", "zh": "路径"}),
            *_ESTIMATES,
        ),
        notes=(held, STARS_NOTE),
    )


def growth_table(
    tidy: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    name: str = "",
    construct: str = "",
) -> Table:
    """Level and change of a curve written by `research.latent_growth`, and how persons differ in them.

    `name`: the prefix of the curve's factors; `construct`: what the title says has grown.
    """
    prefix = f"{name}_" if name else ""
    words = {(f"{prefix}{a}", op, f"{prefix}{b}" if b else ""): text for (a, op, b), text in _GROWTH.items()}
    keys = list(zip(*(tidy[column].astype(str) for column in ("lhs", "op", "rhs")), strict=True))
    places = [at for wanted in words for at, key in enumerate(keys) if key == wanted]
    rows = tidy.iloc[places].reset_index(drop=True)
    table = with_columns(rows, what=[words[keys[at]] for at in places])
    of = label_of(construct, questionnaire) if construct else {"en": "", "zh": ""}
    columns = [column for column in _ESTIMATES if column.name != "std_all"]
    return Table(
        title={
            "en": f"Latent growth of {say(of, 'en').lower()}" if construct else "Latent growth",
            "zh": f"{say(of, 'zh')}的潜变量增长模型",
        },
        frame=table,
        columns=(Column("what", {"en": "Parameter", "zh": "参数"}), *columns),
        notes=(
            {
                "en": "In units of the construct's first item. A variance of changes above zero says that "
                "persons change differently, whatever the mean does.",
                "zh": "单位与该构念的第一个题项相同。变化的方差大于零，"
                "说明无论平均趋势如何，个体的变化并不相同。",
            },
        ),
    )


def _of_wave(name: str) -> tuple[str, str]:
    """`trust` and `2` of `trust_2` and `trust_w2`; no wave where the name ends in none."""
    found = re.fullmatch(r"(?P<plain>.+)_w?(?P<wave>\d+)", name)
    return (found["plain"], found["wave"]) if found else (name, "")


def _named(name: str, questionnaire: Questionnaire | None) -> Text:
    plain, wave = _of_wave(name)
    label = label_of(plain, questionnaire)
    if not wave:
        return label
    told = {"en": f" (wave {wave})", "zh": f"（第 {wave} 期）"}
    return {lang: say(label, lang) + told[lang] for lang in LANGUAGES}
