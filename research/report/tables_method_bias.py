"""Tables about common method bias: each test with its reading, and the method factor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from research.measurement.method_bias import MethodBias
from research.measurement.method_words import Reading
from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import MISSING, print_number
from research.report.labels import label_of, present, with_columns
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    import pandas as pd

TESTS: Mapping[str, Text] = {
    "harman": {"en": "Harman: share of the first component", "zh": "Harman 单因子检验：首个主成分解释率"},
    "single_factor": {"en": "One factor against the proposed model, Δχ²", "zh": "单因子模型之差 Δχ²"},
    "method_factor": {"en": "Unmeasured method factor: its share", "zh": "未测方法因子：方差占比"},
    "marker": {"en": "Marker variable, r_M", "zh": "标记变量 r_M"},
    "marker_models": {"en": "CFA marker technique, Method-R (p)", "zh": "CFA 标记变量法 Method-R（p）"},
    "vif": {"en": "Full-collinearity VIF, largest", "zh": "全共线性 VIF 最大值"},
}
_SHARES = ("harman", "method_factor")
_VARIANTS: Mapping[str, Text] = {
    "equal": {"en": "Equal method loadings", "zh": "方法载荷相等"},
    "free": {"en": "Free method loadings", "zh": "方法载荷自由估计"},
}
_VERDICTS: Mapping[str, Text] = {
    "improves fit": {"en": "improves fit", "zh": "拟合改善"},
    "does not improve fit": {"en": "does not improve fit", "zh": "拟合未改善"},
    "not comparable": {"en": "not comparable", "zh": "无法比较"},
    "no solution": {"en": "no solution", "zh": "无解"},
}


def method_bias_table(
    found: MethodBias, questionnaire: Questionnaire | None = None, *, n_obs: int | None = None
) -> Table:
    """One row a test: its number, the rule of thumb, and what it shows and cannot show.

    `n_obs`: respondents who answered every item, on whom the factor models rest; printed in a note.
    """
    import pandas as pd

    rows = []
    for reading in found.readings:
        limit = reading.threshold
        bound = MISSING if limit is None else _shown(reading.test, limit.value)
        sign = {"below": "< ", "at most": "≤ "}.get(limit.good, "") if limit else ""
        rows.append(
            {
                "test": TESTS[reading.test],
                "value": _shown(reading.test, reading.value),
                "rule": f"{sign}{bound}",
                "reading": _named(reading, found, questionnaire),
            }
        )
    table = pd.DataFrame(rows, columns=["test", "value", "rule", "reading"])
    columns = (
        Column("test", {"en": "Test", "zh": "检验"}),
        Column("value", {"en": "Value", "zh": "数值"}),
        Column("rule", {"en": "Rule", "zh": "标准"}),
        Column("reading", {"en": "What it shows, and what it cannot", "zh": "能说明什么、不能说明什么"}),
    )
    return Table(
        {"en": "Common method bias", "zh": "共同方法偏差检验"},
        table,
        columns,
        (
            {
                "en": "No test proves that there is no method bias: what guards against it is the design "
                "of the "
                "survey [@podsakoff2003].",
                "zh": "任何事后检验都不能证明不存在方法偏差，程序控制才是根本[@podsakoff2003]。",
            },
            *(() if n_obs is None else (_basis(n_obs),)),
        ),
    )


def _basis(n_obs: int) -> Text:
    return {
        "en": "Factor models by maximum likelihood on the respondents who answered every item "
        f"(n = {n_obs}).",
        "zh": f"各因子模型以完整回答全部题项的受访者（n = {n_obs}）按极大似然法估计。",
    }


def _named(reading: Reading, found: MethodBias, questionnaire: Questionnaire | None) -> Text:
    """The reading, with the label of the construct that it names."""
    if reading.test != "vif" or found.vif is None:
        return reading.text
    worst = str(found.vif["construct"].iloc[int(found.vif["vif"].to_numpy().argmax())])
    label = label_of(worst, questionnaire)
    return {
        lang: text.replace(f"({worst})", f"({say(label, lang)})").replace(
            f"（{worst}）", f"（{say(label, lang)}）"
        )
        for lang, text in reading.text.items()
    }


def method_factor_table(frame: pd.DataFrame) -> Table:
    """The proposed model with a method factor: the rows of `MethodBias.method_factor`."""
    table = with_columns(
        frame,
        label=[_VARIANTS[str(variant)] for variant in frame["variant"]],
        says=[_VERDICTS[str(verdict)] for verdict in frame["verdict"]],
    )
    share: Text = {"en": "Share of item variance", "zh": "题项方差占比"}
    columns = (
        Column("label", {"en": "Model", "zh": "模型"}),
        Column("chisq", {"en": "χ²", "zh": "χ²"}, "number", 2),
        Column("df", {"en": "df", "zh": "df"}, "integer"),
        Column("cfi", {"en": "CFI", "zh": "CFI"}, "statistic"),
        Column("rmsea", {"en": "RMSEA", "zh": "RMSEA"}, "statistic"),
        Column("chisq_diff", {"en": "Δχ²", "zh": "Δχ²"}, "number", 2),
        Column("df_diff", {"en": "Δdf", "zh": "Δdf"}, "integer"),
        Column("p_diff", {"en": "p", "zh": "p"}, "p"),
        Column("method_share", {"en": "Method", "zh": "方法因子"}, "percent", 1, group=share),
        Column("construct_share", {"en": "Constructs", "zh": "构念"}, "percent", 1, group=share),
        Column("says", {"en": "Verdict", "zh": "结论"}),
    )
    solved = frame[frame["verdict"] != "no solution"]
    improper = not solved["admissible"].astype(bool).all()
    notes: list[Text] = [
        {
            "en": "Differences are against the proposed model; shares are mean squared standardized "
            "loadings.",
            "zh": "差异检验的参照为所提出的模型；占比为标准化载荷平方的平均值。",
        }
    ]
    if improper:
        notes.append(
            {
                "en": "At least one solution is improper (a negative variance, or correlations beyond 1): no "
                "conclusion can rest on it.",
                "zh": "至少一个模型的解不恰当（负方差或相关系数超过 1），不宜据此下结论。",
            }
        )
    return Table(
        {"en": "Unmeasured latent method factor", "zh": "未测潜在方法因子检验"},
        table,
        present(columns, table),
        tuple(notes),
    )


def marker_table(frame: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """Correlations of the scales as they are and adjusted for the marker: the rows of `MethodBias.marker`."""
    table = with_columns(
        frame,
        label=[label_of(str(name), questionnaire) for name in frame["construct"]],
        other_label=[label_of(str(name), questionnaire) for name in frame["other"]],
    )
    columns = (
        Column("label", {"en": "Construct", "zh": "构念"}, once=True),
        Column("other_label", {"en": "With", "zh": "与"}),
        Column("r", {"en": "r", "zh": "r"}, "statistic", stars="p"),
        Column("r_adjusted", {"en": "Adjusted r", "zh": "校正后 r"}, "statistic", stars="p_adjusted"),
    )
    shared = float(frame["r_marker"].iloc[0])
    printed = print_number(shared, 3, leading_zero=False), print_number(shared, 3)
    return Table(
        {"en": "Correlations adjusted for a marker variable", "zh": "以标记变量校正的相关系数"},
        table,
        present(columns, table),
        (
            {
                "en": f"r_M = {printed[0]}; (r − r_M) / (1 − r_M) of @lindell2001. "
                "* p < .05, ** p < .01, *** p < .001.",
                "zh": f"r_M = {printed[1]}；按 @lindell2001 的 (r − r_M) / (1 − r_M) 校正。"
                "* p < 0.05，** p < 0.01，*** p < 0.001。",
            },
        ),
    )


def _shown(test: str, value: float) -> str:
    if value != value:
        return MISSING
    if test in _SHARES:
        return f"{print_number(100 * value, 1)}%"
    return print_number(value, 3 if test in ("marker", "marker_models") else 2)
