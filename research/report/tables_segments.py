"""Tables of segments: types of loyalty, solutions of a cluster analysis, profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from research.questionnaire.definition import Questionnaire, Text
from research.report.cells import STARS_NOTE
from research.report.labels import label_of, present, with_columns
from research.report.nouns import Column, Table
from research.report.segment_words import (
    CI,
    METHODS,
    code_label,
    origin_note,
    segment_label,
)

if TYPE_CHECKING:
    import pandas as pd

_N = Column("n", {"en": "n", "zh": "n"}, "integer")
_SHARE = Column("share", {"en": "Share", "zh": "占比"}, "percent", 1)
_SHARE_CI = Column("low", CI, "percent", 1, high="high")
_P = Column("p", {"en": "p", "zh": "p"}, "p")
_P_HOLM = Column("p_holm", {"en": "p (Holm)", "zh": "p（Holm）"}, "p")


def typology_table(
    counts: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    attitude: str = "",
    behaviour: str = "",
    cuts: tuple[float, float] | None = None,
    simulated: bool = False,
) -> Table:
    """The four types: `counts` of `research.typology`; `cuts`: of attitude and behaviour, for the note."""
    table = with_columns(counts, type=[segment_label(str(name)) for name in counts["type"]])
    notes: list[Text] = [
        {
            "en": "After @dick1994: attitude and behaviour both high (true), attitude only (latent), "
            "behaviour only (spurious), neither (none). Wilson intervals.",
            "zh": "依据 @dick1994：态度与行为均高为真正忠诚，仅态度高为潜在忠诚，"
            "仅行为高为虚假忠诚，均低为不忠诚。占比的置信区间为 Wilson 区间。",
        }
    ]
    if cuts is not None:
        names = {
            lang: [label_of(name, questionnaire).get(lang, name) for name in (attitude, behaviour)]
            for lang in ("en", "zh")
        }
        notes.append(
            {
                "en": f"High: above {cuts[0]:.2f} ({names['en'][0]}) and {cuts[1]:.2f} ({names['en'][1]}).",
                "zh": f"“高”指{names['zh'][0]}得分高于 {cuts[0]:.2f}，"
                f"{names['zh'][1]}得分高于 {cuts[1]:.2f}。",
            }
        )
    return Table(
        title={"en": "Types of loyalty", "zh": "忠诚类型"},
        frame=table,
        columns=(Column("type", {"en": "Type", "zh": "类型"}), _N, _SHARE, _SHARE_CI),
        notes=(*notes, *origin_note(simulated=simulated)),
    )


def clusters_table(solutions: pd.DataFrame, *, simulated: bool = False) -> Table:
    """All solutions side by side: `table` of `research.clusters`, the chosen one in bold."""
    models = [METHODS.get(str(name), {"en": str(name)}) for name in solutions["model"]]
    table = with_columns(solutions, model=models)
    strong = "chosen"
    columns = (
        Column("model", {"en": "Model", "zh": "模型"}, strong=strong),
        Column("k", {"en": "Groups", "zh": "类别数"}, "integer", strong=strong),
        Column("loglik", {"en": "Log-likelihood", "zh": "对数似然"}, "number", 2),
        Column("n_parameters", {"en": "Parameters", "zh": "参数个数"}, "integer"),
        Column("aic", {"en": "AIC", "zh": "AIC"}, "number", 1),
        Column("bic", {"en": "BIC", "zh": "BIC"}, "number", 1, strong=strong),
        Column("sabic", {"en": "saBIC", "zh": "saBIC"}, "number", 1),
        Column("entropy", {"en": "Entropy", "zh": "熵"}, "statistic"),
        Column("least_posterior", {"en": "Lowest average posterior", "zh": "最低平均后验概率"}, "statistic"),
        Column("explained", {"en": "Variance explained", "zh": "解释方差比例"}, "percent", 1),
        Column("silhouette", {"en": "Silhouette", "zh": "轮廓系数"}, "statistic", strong=strong),
        Column("variance_ratio", {"en": "Variance ratio", "zh": "方差比"}, "number", 1),
        Column("smallest", {"en": "Smallest group", "zh": "最小类别占比"}, "percent", 1),
        Column("blrt_p", {"en": "p (BLRT)", "zh": "p（BLRT）"}, "p"),
    )
    mixture = "bic" in table
    notes: list[Text] = [_LOWEST_BIC if mixture else _HIGHEST_SILHOUETTE]
    notes += [_BLRT] if "blrt_p" in table else []
    notes += _covariances(dict.fromkeys(str(name) for name in solutions["model"]))
    return Table(
        title={"en": "Number of segments", "zh": "类别数的选择"},
        frame=table,
        columns=present(columns, table),
        notes=(*notes, *origin_note(simulated=simulated)),
    )


_LOWEST_BIC: Text = {"en": "In bold the solution with the lowest BIC.", "zh": "加粗为 BIC 最小的模型。"}
_HIGHEST_SILHOUETTE: Text = {
    "en": "In bold the solution with the highest mean silhouette [@rousseeuw1987].",
    "zh": "加粗为平均轮廓系数[@rousseeuw1987]最大的方案。",
}
_BLRT: Text = {
    "en": "BLRT: bootstrap likelihood ratio test against one class fewer [@mclachlan1987]. A dash: no "
    "solution, or not tested.",
    "zh": "BLRT 为与少一个类别的模型相比的自助法似然比检验[@mclachlan1987]。“–”表示无可用解或未检验。",
}
_WITHIN: Mapping[str, Text] = {
    "EII": {"en": "one variance, no correlations", "zh": "方差全部相等、变量互不相关"},
    "VII": {"en": "one variance in each class, no correlations", "zh": "各类别内方差相等、变量互不相关"},
    "EEI": {"en": "variances equal in all classes, no correlations", "zh": "各类别方差相同、变量互不相关"},
    "VVI": {"en": "variances differ between classes, no correlations", "zh": "各类别方差不同、变量互不相关"},
    "EEE": {"en": "covariances equal in all classes", "zh": "各类别协方差矩阵相同"},
    "VVV": {"en": "covariances differ between classes", "zh": "各类别协方差矩阵不同"},
}


def _covariances(models: Iterable[str]) -> list[Text]:
    """What the codes of Gaussian mixtures suppose within a class."""
    known = [name for name in models if name in _WITHIN]
    if not known:
        return []
    english = "; ".join(f"{name}: {_WITHIN[name]['en']}" for name in known)
    chinese = "；".join(f"{name}：{_WITHIN[name]['zh']}" for name in known)
    return [{"en": f"Within a class, {english}.", "zh": f"类别内的设定：{chinese}。"}]


def sizes_table(sizes: pd.DataFrame, *, simulated: bool = False) -> Table:
    """How large the segments are: `sizes` of `research.clusters`."""
    table = with_columns(sizes, segment=[segment_label(str(name)) for name in sizes["segment"]])
    return Table(
        title={"en": "Size of the segments", "zh": "各群体的规模"},
        frame=table,
        columns=(
            Column("segment", {"en": "Segment", "zh": "群体"}),
            _N,
            _SHARE,
            _SHARE_CI,
            Column("average_posterior", {"en": "Average posterior", "zh": "平均后验概率"}, "statistic"),
        ),
        notes=origin_note(simulated=simulated),
    )


def profile_table(
    means: pd.DataFrame,
    tests: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    simulated: bool = False,
) -> Table:
    """Segments side by side: means with SD of each variable, Welch's F; frames of a `Profile`."""
    import pandas as pd

    segments = list(dict.fromkeys(str(name) for name in means["segment"]))
    by = {
        (str(v), str(s)): at
        for at, (v, s) in enumerate(zip(means["variable"], means["segment"], strict=True))
    }
    tested = {str(name): at for at, name in enumerate(tests["variable"])}
    rows: list[dict[str, object]] = []
    for name in dict.fromkeys(str(v) for v in means["variable"]):
        row: dict[str, object] = {"variable": label_of(name, questionnaire)}
        for place, segment in enumerate(segments):
            at = by[name, segment]
            row |= {f"mean_{place}": means["mean"].iloc[at], f"sd_{place}": means["sd"].iloc[at]}
        at = tested[name]
        for column in ("statistic", "p_holm", "effect"):
            row[column] = tests[column].iloc[at]
        rows.append(row)
    columns = [Column("variable", {"en": "Variable", "zh": "变量"})]
    for place, segment in enumerate(segments):
        over = segment_label(segment)
        columns.append(Column(f"mean_{place}", {"en": "M", "zh": "均值"}, "number", 2, group=over))
        columns.append(Column(f"sd_{place}", {"en": "SD", "zh": "标准差"}, "number", 2, group=over))
    columns += [
        Column("statistic", {"en": "F", "zh": "F"}, "number", 2, stars="p_holm"),
        _P_HOLM,
        Column("effect", {"en": "η²", "zh": "η²"}, "statistic"),
    ]
    return Table(
        title={"en": "Profile of the segments", "zh": "各群体特征"},
        frame=pd.DataFrame(rows).astype(object),
        columns=tuple(columns),
        notes=(
            {
                "en": "F: Welch's test of equal means; η²: share of the variance between segments.",
                "zh": "F 为 Welch 均值差异检验；η² 为群体间方差所占比例。",
            },
            STARS_NOTE,
            *origin_note(simulated=simulated),
        ),
    )


def background_table(
    shares: pd.DataFrame,
    tests: pd.DataFrame,
    questionnaire: Questionnaire | None = None,
    *,
    simulated: bool = False,
) -> Table:
    """Background of the segments: shares of each answer, with the chi-square test; frames of a `Profile`."""
    import pandas as pd

    segments = list(dict.fromkeys(str(name) for name in shares["segment"]))
    keys = zip(shares["variable"], shares["value"], shares["segment"], strict=True)
    by = {(str(v), str(a), str(s)): at for at, (v, a, s) in enumerate(keys)}
    tested = {str(name): at for at, name in enumerate(tests["variable"])}
    rows: list[dict[str, object]] = []
    before = ""
    pairs = zip(shares["variable"], shares["value"], strict=True)
    for variable, value in dict.fromkeys((str(v), str(a)) for v, a in pairs):
        row: dict[str, object] = {
            "variable": label_of(variable, questionnaire),
            "value": code_label(value, variable, questionnaire),
        }
        for place, segment in enumerate(segments):
            row[f"share_{place}"] = shares["share"].iloc[by[variable, value, segment]]
        for column in ("statistic", "p_holm", "effect"):
            row[column] = tests[column].iloc[tested[variable]] if variable != before else ""
        before = variable
        rows.append(row)
    columns = [
        Column("variable", {"en": "Characteristic", "zh": "特征"}, once=True),
        Column("value", {"en": "Category", "zh": "类别"}),
    ]
    columns += [
        Column(f"share_{place}", segment_label(segment), "percent", 1)
        for place, segment in enumerate(segments)
    ]
    columns += [
        Column("statistic", {"en": "χ²", "zh": "χ²"}, "number", 2),
        _P_HOLM,
        Column("effect", {"en": "V", "zh": "V"}, "statistic"),
    ]
    return Table(
        title={"en": "Background of the segments", "zh": "各群体的背景构成"},
        frame=pd.DataFrame(rows).astype(object),
        columns=tuple(columns),
        notes=(
            {
                "en": "Shares within each segment; χ² of Pearson, V of Cramér.",
                "zh": "占比以各群体人数为基数；χ² 为 Pearson 卡方，V 为 Cramér's V。",
            },
            *origin_note(simulated=simulated),
        ),
    )
