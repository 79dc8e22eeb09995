"""What each test of method bias shows, and what it cannot, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from research.measurement.thresholds import Threshold, Thresholds
from research.questionnaire.definition import Text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Reading:
    """One test: its number, the rule of thumb (None where there is none), and what it means."""

    test: str
    value: float
    threshold: Threshold | None
    source: str  # BibTeX keys
    text: Text

    def row(self) -> dict[str, object]:
        """As a row of `MethodBias.summary`."""
        limit = self.threshold
        return {
            "test": self.test,
            "value": self.value,
            "threshold": np.nan if limit is None else limit.value,
            "good": "" if limit is None else limit.good,
            "met": None if limit is None or self.value != self.value else limit.met(self.value),
            "source": self.source,
            "reading": self.text["en"],
            "reading_zh": self.text["zh"],
        }


def readings_on(found: Mapping[str, pd.DataFrame], limits: Thresholds) -> tuple[Reading, ...]:
    """One reading for each test that was done."""
    makers: dict[str, Callable[[pd.DataFrame], Reading]] = {
        "harman": lambda frame: _harman(frame, limits.harman),
        "single_factor": _single_factor,
        "method_factor": _method_factor,
        "marker": _marker,
        "marker_models": _marker_models,
        "vif": lambda frame: _vif(frame, limits.vif_method),
    }
    return tuple(makers[name](frame) for name, frame in found.items())


def _harman(frame: pd.DataFrame, limit: Threshold) -> Reading:
    share = float(frame["share"].iloc[0])
    below = limit.met(share)
    return Reading(
        "harman",
        share,
        limit,
        limit.source,
        {
            "en": f"The first unrotated component holds {share:.1%} of the variance, "
            f"{'below' if below else 'not below'} {limit.value:.0%}. A weak test: it answers only to a "
            "bias that "
            "swamps everything else, so that a low share does not show that there is none, and a high one "
            "may be "
            "a true common factor.",
            "zh": f"未旋转的第一主成分解释了 {share:.1%} 的方差，{'低于' if below else '未低于'} "
            f"{limit.value:.0%} 的经验界限。该检验效力很弱：只有方法偏差压倒其他一切来源时才会显现，"
            "比例低不能证明不存在方法偏差，比例高也可能来自真实的共同因子。",
        },
    )


def _single_factor(frame: pd.DataFrame) -> Reading:
    gap, df, p = (float(frame[name].iloc[1]) for name in ("chisq_diff", "df_diff", "p_diff"))
    source = "podsakoff2003"
    if p != p:
        reason = " ".join(dict.fromkeys(note for note in frame["note"].astype(str) if note))
        return Reading("single_factor", np.nan, None, source, _no_solution(reason))
    worse = p < 0.05
    test = f"Δχ²({df:.0f}) = {gap:.2f}"
    return Reading(
        "single_factor",
        gap,
        None,
        source,
        {
            "en": f"One factor for all items fits {'worse than' if worse else 'as well as'} the proposed "
            "model "
            f"({test}, {_p(p)}). "
            + (
                "The items do not all measure one thing; a bias beside the constructs is not ruled out by "
                "that."
                if worse
                else "The data do not tell the constructs apart: bias, or constructs that are one."
            ),
            "zh": f"单因子模型的拟合{'显著劣于' if worse else '不劣于'}所提出的测量模型（{test}，"
            f"{_p(p, 'zh')}）。"
            + (
                "这说明题项并非只反映同一个来源，但不能排除与构念并存的方法偏差。"
                if worse
                else "数据无法区分各构念：可能存在方法偏差，也可能这些构念本为一体。"
            ),
        },
    )


def _method_factor(frame: pd.DataFrame) -> Reading:
    """The variant with free loadings speaks where it has a proper solution, else the one with equal ones."""
    source = "podsakoff2003; richardson2009"
    solved = frame[frame["verdict"] != "no solution"]
    if solved.empty:
        return Reading("method_factor", np.nan, None, source, _no_solution(str(frame["note"].iloc[-1])))
    proper = solved[solved["admissible"].astype(bool)]
    row = (solved if proper.empty else proper).iloc[-1]
    share, own, p = float(row["method_share"]), float(row["construct_share"]), float(row["p_diff"])
    gain = float(row["cfi_gain"])
    helps = p < 0.05
    free = str(row["variant"]) == "free"
    caution_en = " The solution is improper: do not rest on it." if proper.empty else ""
    caution_zh = "该解不恰当，不宜据此下结论。" if proper.empty else ""
    return Reading(
        "method_factor",
        share,
        None,
        source,
        {
            "en": f"A method factor with {'free' if free else 'equal'} loadings "
            f"{'improves' if helps else 'does not improve'} fit ({_gap(row)}, {_p(p)}; ΔCFI = "
            f"{_bounded(gain)}); it holds {share:.1%} of the items' "
            f"variance, the constructs {own:.1%}.{caution_en} The factor is not tied to any measured "
            "source: what "
            "it holds may be bias or what the constructs truly share.",
            "zh": f"加入{'载荷自由估计' if free else '载荷相等'}的方法因子后，拟合"
            f"{'显著改善' if helps else '未显著改善'}（{_gap(row)}，{_p(p, 'zh')}；ΔCFI = {gain:.3f}）；"
            "方法因子平均解释题项方差的 "
            f"{share:.1%}，构念解释 {own:.1%}。{caution_zh}该因子没有对应任何实测来源，"
            "它吸收的可能是方法偏差，也可能是构念之间真实的共同成分。",
        },
    )


def _marker(frame: pd.DataFrame) -> Reading:
    shared, lost, n = float(frame["r_marker"].iloc[0]), int(frame["lost"].sum()), len(frame)
    before = int((frame["p"] < 0.05).sum())
    return Reading(
        "marker",
        shared,
        None,
        "lindell2001",
        {
            "en": f"The marker's smallest correlation with a scale, r_M = {_bounded(shared)}, is taken out "
            f"of every correlation; of {n}, {before} differ from zero before and {before - lost} of these "
            "after it. That holds only if the marker is truly unrelated to the constructs and the bias is "
            "the same for all scales.",
            "zh": f"以标记变量与各量表的最小相关 r_M = {shared:.3f} 校正全部 {n} 个相关系数后，"
            f"原先显著的 {before} 个中有 {before - lost} 个仍然显著。"
            "这一结论的前提是标记变量在理论上与各构念无关，且方法偏差对所有量表的影响相同。",
        },
    )


def _marker_models(frame: pd.DataFrame) -> Reading:
    source = "williams2010"
    tested = frame[frame["p_diff"].notna()] if "p_diff" in frame else frame.iloc[:0]
    if "Method-R" not in tested["model"].tolist():
        return Reading("marker_models", np.nan, None, source, _no_solution(str(frame["note"].iloc[-1])))
    p = dict(zip(tested["model"], tested["p_diff"].astype(float), strict=True))
    there, biased = p["Method-C"] < 0.05, p["Method-R"] < 0.05
    return Reading(
        "marker_models",
        p["Method-R"],
        None,
        source,
        {
            "en": f"CFA marker technique: the marker's method is {'' if there else 'not '}in the items "
            f"(Method-C, {_p(p['Method-C'])}) and does {'' if biased else 'not '}change the constructs' "
            f"correlations (Method-R, {_p(p['Method-R'])}). It sees only the method that the marker shares.",
            "zh": f"CFA 标记变量法：标记变量所携带的方法成分{'存在' if there else '未出现'}于各题项"
            f"（Method-C，{_p(p['Method-C'], 'zh')}），且{'显著改变' if biased else '未显著改变'}构念间的相关"
            f"（Method-R，{_p(p['Method-R'], 'zh')}）。该方法只能捕捉标记变量所共有的那部分方法效应。",
        },
    )


def _vif(frame: pd.DataFrame, limit: Threshold) -> Reading:
    values = frame["vif"].to_numpy(dtype=float)
    worst, name = float(values.max()), str(frame["construct"].iloc[int(values.argmax())])
    met = limit.met(worst)
    return Reading(
        "vif",
        worst,
        limit,
        limit.source,
        {
            "en": f"The largest full-collinearity VIF is {worst:.2f} ({name}), "
            f"{'within' if met else 'above'} "
            f"{limit.value:g}. It rises with bias and with constructs that are truly related, and does not "
            "tell "
            "the two apart; measurement error in the scores lowers it.",
            "zh": f"全共线性 VIF 最大值为 {worst:.2f}（{name}），{'未超过' if met else '超过'} "
            f"{limit.value:g}。"
            "方法偏差与构念间真实的相关都会使其升高，该指标无法区分二者；得分中的测量误差又会使其偏低。",
        },
    )


def _no_solution(reason: str) -> Text:
    return {"en": f"No solution: {reason}", "zh": "模型不收敛或无法识别，因而无解。"}


def _gap(row: pd.Series) -> str:
    return f"Δχ²({float(row['df_diff']):.0f}) = {float(row['chisq_diff']):.2f}"


def _bounded(value: float) -> str:
    """Without the zero before the point, as APA prints what cannot exceed one; NaN where there is none."""
    return f"{value:.3f}".replace("0.", ".", 1).replace("-", "−")


def _p(p: float, lang: str = "en") -> str:
    printed = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    return printed if lang == "zh" else printed.replace("0.", ".", 1)
