"""The structural paths under other choices of estimation, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import STARS_NOTE
from research.report.labels import label_of, path_label, with_columns
from research.report.nouns import Column, Table

if TYPE_CHECKING:
    from research.structure.robustness import Robustness


def robustness_table(found: Robustness, questionnaire: Questionnaire | None = None) -> Table:
    """One row a path, one column a specification: β with stars; the last row counts respondents."""
    import pandas as pd

    rows = found.paths
    labels = [
        path_label((str(rhs), str(lhs)), questionnaire)
        for lhs, rhs in zip(rows["lhs"], rows["rhs"], strict=True)
    ]
    table = with_columns(rows, path=labels, kind="")
    shown = [one for one in found.specifications if not one.failure]
    last: dict[str, object] = {"path": _RESPONDENTS, "kind": "integer"}
    last |= {one.name: float(one.n_obs) for one in shown}
    table = pd.concat([table, pd.DataFrame([last])], ignore_index=True)
    columns = [
        Column("path", {"en": "Path", "zh": "路径"}),
        *(
            Column(one.name, one.label, "statistic", kinds="kind", stars=f"p_{one.name}", group=_BETA)
            for one in shown
        ),
    ]
    failed = [one for one in found.specifications if one.failure]
    notes: list[Text] = [STARS_NOTE, _first(found), *(_failed(one.label, one.failure) for one in failed)]
    if found.changed:
        notes.append(_changed(found, questionnaire))
    else:
        notes.append(_UNCHANGED)
    return Table(
        title={"en": "Structural paths under other specifications", "zh": "稳健性检验：不同设定下的结构路径"},
        frame=table,
        columns=tuple(columns),
        notes=tuple(notes),
    )


def _first(found: Robustness) -> Text:
    main = found.specifications[0].label
    return {
        "en": f"The first column is the model as reported, {say(main, 'en')}; each other changes one thing.",
        "zh": f"第一列“{say(main, 'zh')}”为正文报告的模型，其余各列每次只改变一项设定。",
    }


def _failed(label: Text, failure: str) -> Text:
    return {
        "en": f"{say(label, 'en').capitalize()}: could not be estimated. {failure}",
        "zh": f"{say(label, 'zh')}：无法估计。{failure}",
    }


def _changed(found: Robustness, questionnaire: Questionnaire | None) -> Text:
    labels = {one.name: one.label for one in found.specifications}
    said = {}
    for lang in ("en", "zh"):
        arrow, (opening, closing) = " → ", ("（", "）") if lang == "zh" else (" (", ")")
        parts = [
            f"{arrow.join(say(label_of(name, questionnaire), lang) for name in (rhs, lhs))}"
            f"{opening}{say(labels[name], lang)}{closing}"
            for lhs, rhs, name in found.changed
        ]
        said[lang] = ("；" if lang == "zh" else "; ").join(parts)
    return {
        "en": f"Significance at .05 or sign differs from the first column for: {said['en']}.",
        "zh": f"显著性（0.05 水平）或方向与第一列不同的路径：{said['zh']}。",
    }


_BETA: Text = {"en": "Standardized path β", "zh": "标准化路径系数 β"}
_RESPONDENTS: Text = {"en": "n", "zh": "样本量"}
_UNCHANGED: Text = {
    "en": "No path changes its sign or its significance at .05.",
    "zh": "所有路径的方向及显著性（0.05 水平）均未改变。",
}
