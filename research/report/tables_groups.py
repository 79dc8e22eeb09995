"""Tables of what differs between groups or waves: latent means and structural paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text, say
from research.report.cells import STARS_NOTE
from research.report.labels import label_of, path_label, present, with_columns
from research.report.nouns import Column, Table
from research.report.tables_invariance import difference_note, group_text

if TYPE_CHECKING:
    import pandas as pd

_CI: Text = {"en": "95% CI", "zh": "95% 置信区间"}


def latent_means_table(
    frame: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    group: str = "",
    supported: bool = True,
) -> Table:
    """Latent mean differences: `frame` of `research.latent_means`.

    `group`: the question whose answers name the groups. `supported`: whether (partial) scalar invariance is;
    the note warns where it is not.
    """
    names = [_factor(str(name), questionnaire) for name in frame["factor"]]
    copies = [group_text(str(each), group, questionnaire) for each in frame["copy"]]
    table = with_columns(frame, name=names, compared=copies)
    size: Text = {"en": "Effect size", "zh": "效应量"}
    columns = (
        Column("name", {"en": "Construct", "zh": "构念"}, once=True),
        Column("compared", {"en": "Compared", "zh": "比较组"}),
        Column("estimate", {"en": "Difference", "zh": "均值差"}, "number"),
        Column("se", {"en": "SE", "zh": "标准误"}, "number"),
        Column("z", {"en": "z", "zh": "z"}, "number", 2),
        Column("p", {"en": "p", "zh": "p"}, "p"),
        Column("low", _CI, "number", high="high"),
        Column("d", {"en": "d", "zh": "d"}, "number", 2, group=size),
        Column("d_low", _CI, "number", 2, high="d_high", group=size),
    )
    reference = group_text(str(frame["reference"].iloc[0]) if len(frame) else "", group, questionnaire)
    notes: list[Text] = [
        {
            "en": f"Reference: {say(reference, 'en')}. d is the difference in standard deviations of the "
            "latent variable, pooled over the two [@hancock2001].",
            "zh": f"参照组为“{say(reference, 'zh')}”。d 以两组合并的潜变量标准差为单位[@hancock2001]。",
        }
    ]
    if not supported:
        notes.append(
            {
                "en": "Scalar invariance is not supported: differences may come from the items' intercepts.",
                "zh": "强等值未获支持，均值差异可能源于题项截距的差异，解释时须谨慎。",
            }
        )
    return Table(
        title={"en": "Latent mean differences", "zh": "潜均值差异"},
        frame=table,
        columns=present(columns, table),
        notes=tuple(notes),
    )


def path_differences_table(
    tests: pd.DataFrame,
    estimates: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    group: str = "",
    comparable: bool = True,
) -> Table:
    """Paths by group and the test of their equality: frames of `research.path_differences`.

    One row a path, b and its standard error for each group. `group`: the question whose answers name
    the groups. `comparable`: whether metric invariance is supported; the note warns where it is not.
    """
    import pandas as pd

    groups = list(dict.fromkeys(str(each) for each in estimates["group"]))
    by_key = {
        (str(lhs), str(rhs), str(label)): at
        for at, (lhs, rhs, label) in enumerate(
            zip(estimates["lhs"], estimates["rhs"], estimates["group"], strict=True)
        )
    }
    rows: list[dict[str, object]] = []
    shown = tests if (tests["lhs"] != "all").sum() > 1 else tests[tests["lhs"] != "all"]
    for at in range(len(shown)):
        test = shown.iloc[at]
        lhs, rhs = str(test["lhs"]), str(test["rhs"])
        row: dict[str, object] = {"path": _path(lhs, rhs, questionnaire)}
        for place, label in enumerate(groups):
            found = by_key.get((lhs, rhs, label))
            for name in ("estimate", "se", "p"):
                row[f"{name}_{place}"] = "" if found is None else float(estimates[name].iloc[found])
        row |= {name: test[name] for name in ("chisq", "df", "p")}
        row["p_holm"] = "" if lhs == "all" else test["p_holm"]
        rows.append(row)
    table = pd.DataFrame(rows).astype(object)
    columns = [Column("path", {"en": "Path", "zh": "路径"})]
    for place, label in enumerate(groups):
        over = group_text(label, group, questionnaire)
        columns.append(
            Column(f"estimate_{place}", {"en": "b", "zh": "b"}, "number", group=over, stars=f"p_{place}")
        )
        columns.append(Column(f"se_{place}", {"en": "SE", "zh": "标准误"}, "number", group=over))
    equal: Text = {"en": "Equal in all groups?", "zh": "组间差异检验"}
    columns += [
        Column("chisq", {"en": "χ²", "zh": "χ²"}, "number", 2, group=equal),
        Column("df", {"en": "df", "zh": "df"}, "integer", group=equal),
        Column("p", {"en": "p", "zh": "p"}, "p", group=equal),
        Column("p_holm", {"en": "p (Holm)", "zh": "p（Holm）"}, "p", group=equal),
    ]
    return Table(
        title={"en": "Path differences between groups", "zh": "路径系数的组间差异"},
        frame=table,
        columns=tuple(columns),
        notes=(*_path_notes(tests, comparable=comparable), STARS_NOTE),
    )


def _path_notes(tests: pd.DataFrame, *, comparable: bool) -> list[Text]:
    method = next((str(each) for each in tests["method"] if each), "")
    held: Text = {
        "en": "b: unstandardized, with loadings equal in all groups.",
        "zh": "b 为非标准化估计，各组载荷设为相等。",
    }
    notes = [held, *([difference_note(method)] if difference_note(method) else [])]
    if not comparable:
        notes.append(
            {
                "en": "Metric invariance is not established: a difference between paths may be one of "
                "measurement.",
                "zh": "弱等值未能确立，路径差异可能源于测量差异，解释时须谨慎。",
            }
        )
    return notes


def _factor(name: str, questionnaire: Questionnaire | None) -> Text:
    """The construct's label; of `trust_1`, the factor of a first wave, that of `trust`."""
    plain = name.removesuffix("_1")
    if questionnaire is not None and plain in {construct.name for construct in questionnaire.constructs}:
        return label_of(plain, questionnaire)
    return label_of(name, questionnaire)


def _path(lhs: str, rhs: str, questionnaire: Questionnaire | None) -> Text:
    if lhs == "all":
        return {"en": "All paths", "zh": "所有路径"}
    return path_label([rhs, lhs], questionnaire)
