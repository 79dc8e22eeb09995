"""The diagram of a path model of observed variables, with its coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from research.errors import DataError
from research.questionnaire.definition import Questionnaire
from research.report.figure_paths import path_figure
from research.report.nouns import Figure
from research.report.style import PAGE_MM

if TYPE_CHECKING:
    import pandas as pd


def process_figure(
    models: pd.DataFrame,
    measures: pd.DataFrame | None = None,
    questionnaire: Questionnaire | None = None,
    *,
    without: Sequence[str] = (),
    width: float = PAGE_MM,
) -> Figure:
    """Every regression of `Process.models()` as arrows with b and stars; R² from `Process.measures()`.

    `without`: terms that are estimated and not drawn, such as covariates; a product stands as a box of its
    own. DataError where nothing is left to draw.
    """
    import pandas as pd

    hidden = {"(Intercept)", *without}
    drawn = models[~models["term"].isin(list(hidden)) & ~models["outcome"].str.endswith(" (total)")]
    if drawn.empty:
        raise DataError("no term is left to draw; name fewer in without=")
    paths = pd.DataFrame(
        {
            "lhs": drawn["outcome"],
            "op": "~",
            "rhs": drawn["term"],
            "std_all": drawn["estimate"],
            "p": drawn["p"],
        }
    ).reset_index(drop=True)
    explained = {}
    if measures is not None:
        explained = {
            str(name): float(r2) for name, r2 in zip(measures["outcome"], measures["r2"], strict=True)
        }
    left_out = [name for name in dict.fromkeys(str(term) for term in models["term"]) if name in set(without)]
    figure = path_figure(
        paths,
        questionnaire,
        r_squared=explained,
        detail="indicators",  # all that is given: a cause is no control here, whatever the hypotheses name
        width=width,
        standardized=False,
        forward=True,
    )
    return replace(
        figure,
        title={"en": "Path model with regression coefficients", "zh": "路径模型及其回归系数"},
        notes=(
            {
                "en": "Unstandardized coefficients. Dashed: p ≥ .05. * p < .05, ** p < .01, *** p < .001."
                + (f" Estimated and not drawn: {', '.join(left_out)}." if left_out else ""),
                "zh": "图中为非标准化系数；虚线表示 p ≥ 0.05。* p < 0.05，** p < 0.01，*** p < 0.001。"
                + (f"已估计而未画出：{'、'.join(left_out)}。" if left_out else ""),
            },
        ),
    )
