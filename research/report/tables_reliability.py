"""The table of reliability and convergent validity, and what its coefficients rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text
from research.report.labels import label_of, present, with_columns
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    import pandas as pd

_CI: Text = {"en": "95% CI", "zh": "95% 置信区间"}
_CONSTRUCT: Text = {"en": "Construct", "zh": "构念"}
_TWO_SCALES: Text = {
    "en": "The loadings are of the continuous variables taken to lie behind the ordered answers, "
    "α and ω of the answers as numbers.",
    "zh": "载荷属于有序作答背后的连续潜在反应变量，α 与 ω 则将作答作为数值计算。",
}
_SECOND_ORDER: Text = {
    "en": "The items of a second-order construct are its components.",
    "zh": "二阶构念的题项数为其一阶维度数。",
}


def reliability_table(frame: pd.DataFrame, questionnaire: Questionnaire | None = None) -> Table:
    """Scales: a row a construct with `n_items alpha [CI] omega_total cr ave`.

    With a column `ordered` (`reliability_of_fit`) CR and AVE belong to the loadings that a paper prints.
    """
    table = with_columns(
        frame, label=[label_of(str(name), questionnaire) for name in frame.get("construct", frame.index)]
    )
    columns = (
        Column("label", _CONSTRUCT),
        Column("n_items", {"en": "Items", "zh": "题项数"}, "integer"),
        Column("alpha", {"en": "α", "zh": "α"}, "statistic"),
        Column("alpha_low", _CI, "statistic", high="alpha_high"),
        Column("omega_total", {"en": "ω", "zh": "ω"}, "statistic"),
        Column("cr", {"en": "CR", "zh": "CR"}, "statistic"),
        Column("ave", {"en": "AVE", "zh": "AVE"}, "statistic"),
    )
    return Table(
        title={"en": "Reliability and convergent validity", "zh": "信度与收敛效度"},
        frame=table,
        columns=present(columns, table),
        notes=(
            {
                "en": "α: Cronbach's alpha; ω: omega total; CR: composite reliability; "
                "AVE: average variance extracted. Rules of thumb: α and CR from .70 to .95 "
                "[@hair2019], AVE at least .50 [@fornell1981].",
                "zh": "α 为 Cronbach's alpha，ω 为 omega total，CR 为组合信度，AVE 为平均方差抽取量。"
                "经验标准：α 与 CR 介于 0.70 与 0.95 之间[@hair2019]，"
                "AVE 不低于 0.50[@fornell1981]。",
            },
            *_bases(frame),
        ),
    )


def _bases(frame: pd.DataFrame) -> tuple[Text, ...]:
    """Which loadings CR and AVE are of, and which respondents each coefficient rests on where they differ."""
    notes: list[Text] = []
    of_fit = "ordered" in frame
    if of_fit:
        notes.append(
            {
                "en": "CR and AVE are those of the loadings in the measurement model.",
                "zh": "CR 与 AVE 由测量模型的载荷计算。",
            }
        )
        if bool(frame["ordered"].any()):
            notes.append(_TWO_SCALES)
        if "n_obs" in frame and bool(frame["n_obs"].isna().any()):
            notes.append(_SECOND_ORDER)
    if "n_obs" not in frame or "n_complete" not in frame:
        return tuple(notes)
    scales = frame[frame["n_obs"].notna()]
    if not (scales["n_complete"] < scales["n_obs"]).any():
        return tuple(notes)
    few, most = int(scales["n_obs"].min()), int(scales["n_obs"].max())
    complete = int(scales["n_complete"].min())
    english, chinese = (f"{few}", f"{few}") if few == most else (f"{few} to {most}", f"{few}～{most}")
    those = ("ω comes", "ω ") if of_fit else ("ω, CR and AVE come", "ω、CR 与 AVE ")
    notes.append(
        {
            "en": f"α uses every answer given (n = {english}); {those[0]} from a model of the "
            f"respondents who answered every item (n = {complete}).",
            "zh": f"α 使用全部已有作答（n = {chinese}）；"
            f"{those[1]}由完整回答全部题项的受访者估计（n = {complete}）。",
        }
    )
    return tuple(notes)
