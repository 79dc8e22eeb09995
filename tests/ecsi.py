"""The ECSI survey for the tests of tables and figures: its questionnaire, its answers, lavaan's estimates."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from shared import shared

from research.questionnaire.definition import Construct, Hypothesis, Item, Point, Questionnaire, Scale

_CONSTRUCTS = (
    ("Image", "Image", "企业形象", "IMAG", 5),
    ("Expectation", "Customer expectations", "顾客期望", "CUEX", 3),
    ("Quality", "Perceived quality", "感知质量", "PERQ", 7),
    ("Value", "Perceived value", "感知价值", "PERV", 2),
    ("Satisfaction", "Customer satisfaction", "顾客满意", "CUSA", 3),
    ("Complaints", "Complaint handling", "抱怨处理", "CUSCO", 1),
    ("Loyalty", "Customer loyalty", "顾客忠诚", "CUSL", 3),
)
_PATHS = (
    "Image Expectation, Expectation Quality, Expectation Value, Quality Value, Image Satisfaction, "
    "Expectation Satisfaction, Quality Satisfaction, Value Satisfaction, Satisfaction Complaints, "
    "Image Loyalty, Satisfaction Loyalty, Complaints Loyalty"
)


def questionnaire() -> Questionnaire:
    """Seven constructs, 24 items on a scale of ten points of which the ends are labelled."""
    points = tuple(
        Point(
            value,
            {1: {"en": "very poor", "zh": "非常差"}, 10: {"en": "excellent", "zh": "非常好"}}.get(value, {}),
        )
        for value in range(1, 11)
    )
    constructs = []
    for name, en, zh, stem, count in _CONSTRUCTS:
        ids = [stem] if count == 1 else [f"{stem}{number}" for number in range(1, count + 1)]
        items = tuple(Item(id_, {"en": f"Wording of {id_}", "zh": f"{id_} 的内容"}, "ten") for id_ in ids)
        constructs.append(Construct(name, {"en": en, "zh": zh}, items))
    hypotheses = tuple(
        Hypothesis(f"H{number}", "direct", tuple(pair.split()), text=pair)
        for number, pair in enumerate(_PATHS.split(", "), start=1)
    )
    title = {"en": "Mobile operators", "zh": "移动运营商"}
    return Questionnaire(
        "ecsi", title, ("en", "zh"), {"ten": Scale("ten", points)}, tuple(constructs), hypotheses=hypotheses
    )


def answers() -> pd.DataFrame:
    return pd.read_csv(shared("realdata/ecsi_mobile_250.csv"))


def golden() -> dict[str, Any]:
    return json.loads(shared("realdata/golden/mobi_lavaan.json").read_text(encoding="utf-8"))


def tidy(model: str = "sem_ML") -> pd.DataFrame:
    """lavaan's estimates under the names of `fit.tidy()`."""
    names = {
        "est": "estimate",
        "pvalue": "p",
        "ci.lower": "low",
        "ci.upper": "high",
        "std.lv": "std_lv",
        "std.all": "std_all",
    }
    frame = pd.DataFrame(golden()[model]["params"]).rename(columns=names)
    numbers = ["estimate", "se", "z", "p", "low", "high", "std_lv", "std_all"]
    return frame.assign(group="", label="", **{name: pd.to_numeric(frame[name]) for name in numbers})


def r_squared() -> dict[str, float]:
    return {name: float(value) for name, value in golden()["sem_ML"]["r2"].items()}


def measures(model: str = "sem_ML") -> dict[str, float]:
    return {name.replace(".", "_"): value for name, value in golden()[model]["fit"].items()}


def square(entry: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(entry["data"], index=entry["rows"], columns=entry["cols"], dtype=float)
