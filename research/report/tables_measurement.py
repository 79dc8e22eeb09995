"""Tables about the scales: descriptives, correlations, loadings, discriminant validity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from research.questionnaire.definition import Questionnaire, Text
from research.report.cells import STARS_NOTE, print_number
from research.report.labels import construct_of, is_grouped, label_of, present, with_columns, wording_of
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    import pandas as pd

LOADING_LIMIT = 0.708  # its square is half of the item's variance: Hair et al. (2019)
HTMT_LIMIT = 0.90  # Henseler, Ringle & Sarstedt (2015)
_CI: Text = {"en": "95% CI", "zh": "95% 置信区间"}
_CONSTRUCT: Text = {"en": "Construct", "zh": "构念"}
_ITEM: Text = {"en": "Item", "zh": "题项"}
_DIAGONALS: Mapping[str, Text] = {
    "alpha": {"en": "Cronbach's α on the diagonal.", "zh": "对角线为 Cronbach's α。"},
    "sqrt_ave": {"en": "Square roots of AVE on the diagonal.", "zh": "对角线为 AVE 的平方根。"},
}


def descriptives_table(frame: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """Items: a row an item with `item n missing mean sd skewness kurtosis` (optional ones as present)."""
    items = _named(frame, "item")
    table = with_columns(
        frame,
        item=items,
        construct=[label_of(construct_of(item, questionnaire), questionnaire) for item in items],
        wording=[wording_of(item, questionnaire) for item in items],
    )
    columns = (
        *((Column("construct", _CONSTRUCT, once=True),) if questionnaire else ()),
        Column("item", _ITEM),
        Column("n", {"en": "n", "zh": "n"}, "integer"),
        Column("missing", {"en": "Missing", "zh": "缺失"}, "integer"),
        Column("min", {"en": "Min", "zh": "最小值"}, "integer"),
        Column("max", {"en": "Max", "zh": "最大值"}, "integer"),
        Column("mean", {"en": "M", "zh": "均值"}, "number", 2),
        Column("sd", {"en": "SD", "zh": "标准差"}, "number", 2),
        Column("skewness", {"en": "Skewness", "zh": "偏度"}, "number", 2),
        Column("kurtosis", {"en": "Kurtosis", "zh": "峰度"}, "number", 2),
    )
    return Table(
        title={"en": "Descriptive statistics of the items", "zh": "题项的描述性统计"},
        frame=table,
        columns=present(columns, table),
        notes=(
            {
                "en": "Kurtosis is excess kurtosis (0 for a normal distribution).",
                "zh": "峰度为超额峰度（正态分布为 0）。",
            },
        ),
    )


def correlation_table(
    correlations: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    p: pd.DataFrame | None = None,
    diagonal: Mapping[str, float] | None = None,
    diagonal_kind: Literal["alpha", "sqrt_ave"] = "alpha",
    means: Mapping[str, float] | None = None,
    sds: Mapping[str, float] | None = None,
    title: Text | None = None,
    n_obs: tuple[float, float] | None = None,
) -> Table:
    """Lower triangle of a square frame, numbered columns; `p` (square) adds stars.

    `n_obs`: the smallest and the largest number of respondents that a pair rests on.

    `diagonal` maps a name to what stands on the diagonal in bold: alpha or the square root of AVE.
    """
    notes: list[Text] = [_DIAGONALS[diagonal_kind]] if diagonal else []
    if n_obs is not None:
        few, most = (int(n) for n in n_obs)
        notes.append(
            {"en": f"n = {few}.", "zh": f"n = {few}。"}
            if few == most
            else {
                "en": f"n = {few} to {most}: each pair rests on the respondents who have both scores.",
                "zh": f"n = {few}～{most}：每个相关系数基于两项得分均完整的受访者。",
            }
        )
    if p is not None:
        notes.append(STARS_NOTE)
    return _triangle(
        correlations,
        questionnaire,
        title=title or {"en": "Correlations", "zh": "相关系数"},
        p=p,
        diagonal=diagonal,
        extra={"mean": means, "sd": sds},
        notes=tuple(notes),
    )


def fornell_larcker_table(
    correlations: pd.DataFrame, ave: Mapping[str, float], questionnaire: Questionnaire | None = None
) -> Table:
    """Correlations of the constructs with the square root of AVE (a share of variance) on the diagonal."""
    roots = {str(name): math.sqrt(value) if value >= 0 else math.nan for name, value in ave.items()}
    return _triangle(
        correlations,
        questionnaire,
        title={
            "en": "Discriminant validity: Fornell–Larcker criterion",
            "zh": "区分效度：Fornell–Larcker 准则",
        },
        diagonal=roots,
        notes=(
            _DIAGONALS["sqrt_ave"],
            {
                "en": "A construct is distinct where its diagonal value exceeds every correlation in its "
                "row and column [@fornell1981].",
                "zh": "对角线值大于所在行与列的全部相关系数时，构念具有区分效度[@fornell1981]。",
            },
        ),
    )


def htmt_table(
    frame: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    limit: float = HTMT_LIMIT,
    kind: str = "HTMT",
) -> Table:
    """Lower triangle of heterotrait–monotrait ratios; those above `limit` are bold."""
    return _triangle(
        frame,
        questionnaire,
        title={"en": f"Discriminant validity: {kind}", "zh": f"区分效度：{kind}"},
        above=limit,
        notes=(
            {
                "en": f"Values above {print_number(limit, 2, leading_zero=False)} in bold; below .85 "
                "constructs are distinct, below .90 where they are conceptually similar [@henseler2015].",
                "zh": f"大于 {limit:.2f} 的值加粗；低于 0.85 视为可区分，概念相近的构念可放宽至 0.90"
                "[@henseler2015]。",
            },
        ),
    )


def loadings_table(frame: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """Measurement model: the `=~` rows of `fit.standardized()`, or of `fit.tidy()`.

    Of a standardized frame λ, SE, z, p and the interval are printed, of a tidy one b, SE, z, p and λ.
    """
    rows = frame[frame["op"] == "=~"].reset_index(drop=True)
    table = with_columns(
        rows,
        construct=[label_of(str(name), questionnaire) for name in rows["lhs"]],
        item=[label_of(str(name), questionnaire) for name in rows["rhs"]],
    )
    fixed = ~(table["se"].astype(float) > 0)
    for name in ("se", "z", "p", "low", "high"):
        if name in table:
            table[name] = table[name].mask(fixed)
    is_tidy = "std_all" in table
    standardized = Column("std_all" if is_tidy else "estimate", {"en": "λ", "zh": "λ"}, "statistic")
    columns = (
        *((Column("group", {"en": "Group", "zh": "组别"}, once=True),) if is_grouped(table) else ()),
        Column("construct", _CONSTRUCT, once=True),
        Column("item", _ITEM),
        Column("estimate", {"en": "b", "zh": "b"}, "number") if is_tidy else standardized,
        Column("se", {"en": "SE", "zh": "标准误"}, "number" if is_tidy else "statistic"),
        Column("z", {"en": "z", "zh": "z"}, "number", 2),
        Column("p", {"en": "p", "zh": "p"}, "p"),
        standardized if is_tidy else Column("low", _CI, "statistic", high="high"),
    )
    limit = f"{LOADING_LIMIT:.3f}"
    notes: list[Text] = [
        {
            "en": "λ: completely standardized loading; rule of thumb: "
            f"at least {limit.lstrip('0')} [@hair2019].",
            "zh": f"λ 为完全标准化载荷，经验标准不低于 {limit}[@hair2019]。",
        }
    ]
    if bool(fixed.any()):
        notes.append(
            {
                "en": "A loading without a standard error was fixed.",
                "zh": "无标准误的载荷为固定值。",
            }
        )
    return Table(
        title={"en": "Measurement model", "zh": "测量模型"},
        frame=table,
        columns=present(columns, table),
        notes=tuple(notes),
    )


def _named(frame: pd.DataFrame, column: str) -> list[str]:
    """The names of the rows: a column of that name, or the index."""
    return [str(name) for name in frame.get(column, frame.index)]


def _triangle(
    square: pd.DataFrame,
    questionnaire: Questionnaire | None,
    *,
    title: Text,
    p: pd.DataFrame | None = None,
    diagonal: Mapping[str, float] | None = None,
    above: float | None = None,
    extra: Mapping[str, Mapping[str, float] | None] | None = None,
    notes: tuple[Text, ...],
) -> Table:
    """Rows numbered, columns by number; the last column has no value of its own without a diagonal."""
    import pandas as pd

    names = [str(name) for name in square.index]
    values = square.to_numpy(float)
    chances = p.loc[square.index, square.index].to_numpy(float) if p is not None else None
    data: dict[str, list[object]] = {
        "label": [],
        **{name: [] for name, given in (extra or {}).items() if given},
    }
    for row, name in enumerate(names):
        label = label_of(name, questionnaire)
        data["label"].append({lang: f"{row + 1}. {text}" for lang, text in label.items()})
        for key, given in (extra or {}).items():
            if given:
                data[key].append(given.get(name))
    shown = range(len(names) if diagonal else len(names) - 1)
    for column in shown:
        below: list[object] = [
            "" if row < column else float(values[row, column]) for row in range(len(names))
        ]
        below[column] = diagonal.get(names[column], math.nan) if diagonal else math.nan
        data[f"v{column}"] = below
        data[f"p{column}"] = [
            float(chances[row, column]) if chances is not None and row > column else math.nan
            for row in range(len(names))
        ]
        data[f"s{column}"] = [
            (diagonal is not None and row == column)
            or (above is not None and row > column and bool(values[row, column] > above))
            for row in range(len(names))
        ]
    moments = (
        Column("mean", {"en": "M", "zh": "均值"}, "number", 2),
        Column("sd", {"en": "SD", "zh": "标准差"}, "number", 2),
    )
    frame = pd.DataFrame({key: pd.Series(column, dtype=object) for key, column in data.items()})
    return Table(
        title=title,
        frame=frame,
        columns=(
            Column("label", _CONSTRUCT),
            *(column for column in moments if column.name in data),
            *(
                Column(
                    f"v{column}",
                    {"en": str(column + 1)},
                    "statistic",
                    2,
                    stars=f"p{column}" if p is not None else "",
                    strong=f"s{column}",
                )
                for column in shown
            ),
        ),
        notes=notes,
    )
