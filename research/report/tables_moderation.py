"""Moderated hypotheses: the product's path in each model that tests it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text
from research.report.labels import joined, label_of, path_label, present, with_columns
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    import pandas as pd

    from research.structure.latent_moderation import LatentModeration


def moderation_table(
    rows: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    latent: Mapping[str, LatentModeration] | None = None,
) -> Table:
    """One row a hypothesis and model: `id source moderator outcome model estimate std_estimate … n_obs`.

    The note names the items whose products measure each latent product, and why a product has no latent test.
    """
    table = with_columns(
        rows,
        path=[
            joined(
                " | ",
                [path_label((str(source), str(outcome)), questionnaire), label_of(str(by), questionnaire)],
            )
            for source, outcome, by in zip(rows["source"], rows["outcome"], rows["moderator"], strict=True)
        ],
    )
    columns = (
        Column("id", {"en": "Hypothesis", "zh": "假设"}, once=True),
        Column("path", {"en": "Path | moderator", "zh": "路径 | 调节变量"}, once=True),
        Column("model", {"en": "Model", "zh": "模型"}),
        Column("estimate", {"en": "b", "zh": "b"}, "number"),
        Column("se", {"en": "SE", "zh": "标准误"}, "number"),
        Column("std_estimate", {"en": "β", "zh": "β"}, "statistic"),
        Column("low", {"en": "95% CI", "zh": "95% 置信区间"}, "number", high="high"),
        Column("p", {"en": "p", "zh": "p"}, "p"),
        Column("delta_r2", {"en": "ΔR²", "zh": "ΔR²"}, "statistic"),
        Column("n_obs", {"en": "n", "zh": "n"}, "integer"),
    )
    return Table(
        title={"en": "Moderated paths", "zh": "调节效应"},
        frame=table,
        columns=present(columns, table),
        notes=(_HOW, *_notes(latent or {})),
    )


def _notes(latent: Mapping[str, LatentModeration]) -> list[Text]:
    notes: list[Text] = []
    for name, found in latent.items():
        pairs = ", ".join(f"{one} × {other}" for one, other in found.pairs)
        if found.failure:
            notes.append(
                {
                    "en": f"{name}: no latent test. {found.failure}",
                    "zh": f"{name}：无法进行潜变量检验。{found.failure}",
                }
            )
        elif pairs:
            notes.append(
                {
                    "en": f"{name}: products of {pairs}.",
                    "zh": f"{name} 的乘积指标：{pairs.replace(', ', '、')}。",
                }
            )
    return notes


_HOW: Text = {
    "en": "SEM: path of the latent product; β = b · SD(predictor) · SD(moderator) / SD(outcome). OLS: "
    "product of the centred scale scores, robust standard errors; ΔR² is what the regression loses "
    "without it.",
    "zh": "SEM 行为潜变量乘积项的路径，β = b × SD（自变量）× SD（调节变量）/ SD（因变量）；"
    "OLS 行为中心化量表得分的乘积项，采用稳健标准误，ΔR² 为去掉该项后 R² 的减少量。",
}
