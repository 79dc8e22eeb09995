"""What the tests and effect sizes of group comparisons are called, and why a test was chosen."""

from __future__ import annotations

from collections.abc import Mapping

from research.questionnaire.definition import Text

TESTS: Mapping[str, Text] = {
    "t": {"en": "Student's t test", "zh": "独立样本 t 检验"},
    "welch": {"en": "Welch's t test", "zh": "Welch t 检验"},
    "paired": {"en": "paired t test", "zh": "配对样本 t 检验"},
    "anova": {"en": "analysis of variance", "zh": "单因素方差分析"},
    "welch_anova": {"en": "Welch's analysis of variance", "zh": "Welch 方差分析"},
    "mann_whitney": {"en": "Mann–Whitney U test", "zh": "Mann–Whitney U 检验"},
    "wilcoxon": {"en": "Wilcoxon signed-rank test", "zh": "Wilcoxon 符号秩检验"},
    "kruskal": {"en": "Kruskal–Wallis test", "zh": "Kruskal–Wallis 检验"},
    "chi_square": {"en": "chi-square test", "zh": "卡方检验"},
    "fisher": {"en": "Fisher's exact test", "zh": "Fisher 精确检验"},
}
STATISTICS: Mapping[str, str] = {
    "t": "t", "welch": "t", "paired": "t", "anova": "F", "welch_anova": "F", "mann_whitney": "U",
    "wilcoxon": "W", "kruskal": "H", "chi_square": "χ²", "fisher": "",
}  # fmt: skip
EFFECTS: Mapping[str, Text] = {
    "cohens_d": {"en": "d", "zh": "d"},
    "hedges_g": {"en": "g", "zh": "g"},
    "eta2": {"en": "η²", "zh": "η²"},
    "omega2": {"en": "ω²", "zh": "ω²"},
    "epsilon2": {"en": "ε²", "zh": "ε²"},
    "epsilon2_rank": {"en": "rank ε²", "zh": "秩 ε²"},
    "rank_biserial": {"en": "rank-biserial r", "zh": "秩二列相关 r"},
    "cramers_v": {"en": "Cramér's V", "zh": "Cramér's V"},
}
POST_HOC: Mapping[str, Text] = {
    "tukey": {"en": "Tukey's HSD", "zh": "Tukey HSD"},
    "games_howell": {"en": "Games–Howell", "zh": "Games–Howell"},
    "dunn": {"en": "Dunn's test (Holm)", "zh": "Dunn 检验（Holm 校正）"},
}
REASONS: Mapping[str, Text] = {
    "asked": {"en": "it was asked for", "zh": "按指定方法"},
    "unequal": {
        "en": "it does not assume equal variances",
        "zh": "不要求方差齐性",
    },
    "equal": {"en": "equal variances were assumed", "zh": "假定方差齐性"},
    "levene_equal": {
        "en": "Levene's test does not reject equal variances (p ≥ .05)",
        "zh": "Levene 检验未拒绝方差齐性（p ≥ 0.05）",
    },
    "levene_unequal": {
        "en": "Levene's test rejects equal variances (p < .05)",
        "zh": "Levene 检验表明方差不齐（p < 0.05）",
    },
    "ordinal_two": {
        "en": "the answers are ordered categories, compared by ranks in two groups",
        "zh": "结果变量为有序类别，按秩比较两组",
    },
    "ordinal_more": {
        "en": "the answers are ordered categories, compared by ranks in three or more groups",
        "zh": "结果变量为有序类别，按秩比较三组及以上",
    },
    "paired_numbers": {"en": "the same respondents gave both numbers", "zh": "两次得分来自同一批受访者"},
    "paired_ordinal": {
        "en": "the same respondents gave both answers, which are ordered categories",
        "zh": "两次回答来自同一批受访者，且为有序类别",
    },
    "no_variance": {
        "en": "a group does not vary, so that tests of means are not defined",
        "zh": "有组别取值无变异，均值检验不适用",
    },
    "categories": {"en": "the answers are categories", "zh": "结果变量为类别变量"},
    "few_expected": {
        "en": "an expected count of the two-by-two table is below 5",
        "zh": "四格表中有期望频数小于 5",
    },
}

REASON_SOURCES: Mapping[str, str] = {"unequal": "delacre2017"}  # BibTeX keys


def reason_text(test: str, reason: str) -> Text:
    """The test and the reason for it as a sentence.

    >>> reason_text("welch", "unequal")["en"]
    "Welch's t test: it does not assume equal variances."
    """
    name, why = TESTS[test], REASONS[reason]
    head = name["en"][0].upper() + name["en"][1:]
    return {"en": f"{head}: {why['en']}.", "zh": f"{name['zh']}：{why['zh']}。"}
