"""The table of relative importance: how the explained variance is divided among the predictors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.labels import label_of, with_columns
from research.report.nouns import Column, Table
from research.report.numbers import number_text

if TYPE_CHECKING:
    from research.structure.relative_importance import RelativeImportance

_METHODS: dict[str, Text] = {
    "lmg": {
        "en": "Mean gain in R² over all orders of entry [@lindeman1980]",
        "zh": "R² 增量在所有进入顺序上的平均值[@lindeman1980]",
    },
    "weights": {
        "en": "Relative weights [@johnson2000]",
        "zh": "相对权重[@johnson2000]",
    },
}


def relative_importance_table(found: RelativeImportance, questionnaire: Questionnaire | None = None) -> Table:
    """One row a predictor, most important first: its part of R², its share with an interval."""
    rows = found.table.sort_values("importance", ascending=False, ignore_index=True)
    level = f"{100 * found.level:g}%"
    drawn = bool(rows["share_low"].notna().any())
    of = label_of(found.outcome, questionnaire)
    method = _METHODS[found.method]
    numbers = {lang: number_text(found.r2, "s3", lang) for lang in ("en", "zh")}
    note: Text = {
        "en": f"{method['en']}; n = {found.n_obs}; R² of all predictors {numbers['en']}. Alone: R² of the "
        "predictor by itself. Last: what R² loses without it.",
        "zh": f"{method['zh']}；n = {found.n_obs}；全部预测变量的 R² 为 {numbers['zh']}。“单独”为该变量单独"
        "解释的 R²，“最后”为剔除该变量后 R² 的减少量。",
    }
    notes = [note]
    if found.r2_controls > 0:
        before = {lang: number_text(found.r2_controls, "s3", lang) for lang in ("en", "zh")}
        notes.append(
            {
                "en": f"Entered before and not divided: the control variables (R² = {before['en']}).",
                "zh": f"控制变量先行进入，不参与分解（R² = {before['zh']}）。",
            }
        )
    if drawn:
        notes.append(
            {
                "en": f"Intervals: percentiles of {found.draws:,} bootstrap samples.",
                "zh": f"置信区间为 {found.draws} 次自助抽样的百分位区间。",
            }
        )
    return Table(
        title={
            "en": f"Relative importance of the predictors of {say(of, 'en')}",
            "zh": f"{say(of, 'zh')}各预测变量的相对重要性",
        },
        frame=with_columns(rows, predictor=[label_of(str(name), questionnaire) for name in rows["term"]]),
        columns=(
            Column("predictor", {"en": "Predictor", "zh": "预测变量"}),
            Column("importance", {"en": "Part of R²", "zh": "R² 分解"}, "statistic"),
            Column("share", {"en": "Share", "zh": "占比"}, "percent", 1),
            *(
                [
                    Column(
                        "share_low",
                        {"en": f"{level} CI", "zh": f"{level} 置信区间"},
                        "percent",
                        1,
                        high="share_high",
                    )
                ]
                if drawn
                else []
            ),
            Column("first", {"en": "Alone", "zh": "单独"}, "statistic"),
            Column("last", {"en": "Last", "zh": "最后"}, "statistic"),
        ),
        notes=tuple(notes),
    )
