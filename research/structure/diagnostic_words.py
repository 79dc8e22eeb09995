"""What each check of a regression is called, and what its result means for the conclusions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from research.questionnaire.definition import Text

Verdict = Literal["met", "doubtful", "not met", "not tested"]

CHECKS: Mapping[str, Text] = {
    "linearity": {"en": "Linearity", "zh": "线性"},
    "variance": {"en": "Equal variances", "zh": "误差等方差"},
    "independence": {"en": "Independence", "zh": "误差独立"},
    "normality": {"en": "Normal errors", "zh": "误差正态"},
    "influence": {"en": "Influential rows", "zh": "强影响点"},
    "collinearity": {"en": "Collinearity", "zh": "多重共线性"},
}
TESTS: Mapping[str, Text] = {
    "reset": {"en": "RESET (powers 2 and 3)", "zh": "RESET 检验（二、三次幂）"},
    "breusch_pagan": {"en": "Breusch–Pagan (Koenker)", "zh": "Breusch–Pagan 检验（Koenker）"},
    "white": {"en": "White", "zh": "White 检验"},
    "durbin_watson": {"en": "Durbin–Watson", "zh": "Durbin–Watson 统计量"},
    "jarque_bera": {"en": "Jarque–Bera", "zh": "Jarque–Bera 检验"},
    "shapiro_wilk": {"en": "Shapiro–Wilk", "zh": "Shapiro–Wilk 检验"},
    "cooks_distance": {"en": "Largest Cook's distance", "zh": "Cook 距离最大值"},
    "outlier": {"en": "Largest studentized residual", "zh": "学生化残差最大值"},
    "vif": {"en": "Largest VIF", "zh": "VIF 最大值"},
    "condition_index": {"en": "Largest condition index", "zh": "条件指数最大值"},
}
VERDICTS: Mapping[str, Text] = {
    "met": {"en": "met", "zh": "满足"},
    "doubtful": {"en": "doubtful", "zh": "存疑"},
    "not met": {"en": "not met", "zh": "不满足"},
    "not tested": {"en": "not tested", "zh": "未检验"},
}
_MEANING: Mapping[tuple[str, str], Text] = {
    ("reset", "met"): {
        "en": "no sign of curvature, so the straight lines describe the relationships",
        "zh": "未见曲线关系，线性设定可以接受",
    },
    ("reset", "not met"): {
        "en": "curvature remains; the slopes are averages over it, so add a quadratic term or transform a "
        "predictor before interpreting them",
        "zh": "存在未被刻画的曲线关系，斜率仅为平均趋势，宜加入二次项或变换预测变量后再作解释",
    },
    ("variance", "met"): {
        "en": "the error variances look equal, so the usual standard errors hold",
        "zh": "未见异方差，普通标准误可用",
    },
    ("variance", "not met"): {
        "en": "the error variances differ, so the usual standard errors and p values are wrong; the "
        "coefficients are not. Report robust ones (HC3)",
        "zh": "存在异方差，系数本身不受影响，但普通标准误与 p 值失真，应报告稳健标准误（HC3）",
    },
    ("variance", "robust"): {
        "en": "the error variances differ, which the {value} standard errors used here allow for",
        "zh": "存在异方差，但所用的 {value} 标准误已考虑这一点",
    },
    ("durbin_watson", "met"): {
        "en": "neighbouring rows have unrelated errors, so none of the precision is only apparent",
        "zh": "相邻样本的误差不相关，估计精度未被高估",
    },
    ("durbin_watson", "doubtful"): {
        "en": "neighbouring rows have related errors; where their order means something (time, place, "
        "interviewer), use cluster-robust standard errors",
        "zh": "相邻样本的误差相关；若样本顺序有实际含义（时间、地点、访员），应使用聚类稳健标准误",
    },
    ("normality", "met"): {
        "en": "no sign against normal errors, so intervals hold in small samples too",
        "zh": "未见误差偏离正态，小样本下区间估计同样成立",
    },
    ("normality", "not met"): {
        "en": "the errors are not normal; in a large sample the tests hold nevertheless, in a small one "
        "prefer bootstrap intervals",
        "zh": "误差偏离正态；大样本下检验仍成立，小样本宜采用自助法置信区间",
    },
    ("cooks_distance", "met"): {
        "en": "no row moves the coefficients noticeably (the strongest is row {value})",
        "zh": "没有样本明显左右系数（影响最大的是第 {value} 行）",
    },
    ("cooks_distance", "not met"): {
        "en": "row {value} moves the coefficients strongly; check its answers, and report the results "
        "without it too",
        "zh": "第 {value} 行对系数影响很大，应核对其原始答案，并补充报告剔除该行后的结果",
    },
    ("outlier", "met"): {
        "en": "no outcome lies further from its fitted value than chance allows among so many rows",
        "zh": "没有样本的残差超出抽样波动的范围",
    },
    ("outlier", "doubtful"): {
        "en": "row {value} lies further from its fitted value than chance allows; check its answers",
        "zh": "第 {value} 行的残差超出抽样波动的范围，应核对其原始答案",
    },
    ("vif", "met"): {
        "en": "the predictors overlap little, so their effects can be told apart",
        "zh": "预测变量重叠较少，各自的作用可以区分",
    },
    ("vif", "doubtful"): {
        "en": "{value} overlaps with the others, which widens its interval; read its effect with care",
        "zh": "{value} 与其他预测变量有所重叠，其置信区间变宽，解释时应谨慎",
    },
    ("vif", "not met"): {
        "en": "{value} is largely explained by the other predictors, so its own effect can hardly be told; "
        "a result without significance says little",
        "zh": "{value} 大部分可由其他预测变量解释，难以分离其自身作用，不显著的结果说明不了问题",
    },
    ("condition_index", "met"): {
        "en": "the coefficients do not depend on the last digits of the answers",
        "zh": "系数不会因数据的微小变动而明显改变",
    },
    ("condition_index", "doubtful"): {
        "en": "a near dependency involves the intercept mainly, which centring the predictors removes; "
        "slopes are hardly affected",
        "zh": "近似线性相关主要涉及常数项，将预测变量中心化即可消除，斜率基本不受影响",
    },
    ("condition_index", "not met"): {
        "en": "{value} nearly depend on each other; small changes of the data would change them",
        "zh": "{value} 近似线性相关，其系数会因数据的微小变动而改变",
    },
}
_FAMILY = {
    "breusch_pagan": "variance",
    "white": "variance",
    "jarque_bera": "normality",
    "shapiro_wilk": "normality",
}
_UNTESTED: Text = {
    "en": "too few rows, or nothing that varies, for this test",
    "zh": "样本量不足或缺少变异，无法进行该检验",
}


def sentence(test: str, verdict: str, p: float, statistic: float, value: str = "") -> Text:
    """The test, its result and what that means, in every language.

    >>> sentence("reset", "met", 0.4, 0.9)["en"]
    'RESET (powers 2 and 3), p = .400: no sign of curvature, so the straight lines describe the
    relationships.'
    """
    meaning = meaning_of(test, verdict, {"en": value, "zh": value})
    said = {}
    for lang, between, stop in (("en", ": ", "."), ("zh", "：", "。")):
        result = _result(p, statistic, lang)
        head = f"{TESTS[test][lang]}{', ' if lang == 'en' and result else '，' if result else ''}{result}"
        said[lang] = f"{head}{between}{meaning[lang]}{stop}"
    return said


def meaning_of(test: str, verdict: str, value: Text) -> Text:
    """What a verdict means for the conclusions; `value`: the row, the columns or the errors that it names."""
    family = _FAMILY.get(test, test)
    if verdict == "not tested":
        return _UNTESTED
    robust = family == "variance" and verdict == "not met" and value["en"]
    meaning = _MEANING[family, "robust" if robust else verdict]
    return {lang: meaning[lang].format(value=value[lang]) for lang in ("en", "zh")}


def _result(p: float, statistic: float, lang: str) -> str:
    """The p value where there is one, else the statistic."""
    if p == p:
        text = "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)
        return text if lang == "en" else text.replace(" .", " 0.", 1)
    return f"{statistic:.2f}" if statistic == statistic else ""
