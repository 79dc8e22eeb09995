"""Answers of groups and waves on which invariance is tested, and what lavaan and semTools found in them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).parent / "reference"
HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"
WAVES = {"f": [[f"l{item}_w{wave}" for item in (1, 2, 3)] for wave in (1, 2, 3)]}


@cache
def reference() -> dict[str, Any]:
    """Their numbers, by model."""
    loaded: dict[str, Any] = json.loads((HERE / "invariance.json").read_text(encoding="utf-8"))
    return loaded


@cache
def answers(groups: int = 3) -> pd.DataFrame:
    """Items with ordered categories and of three waves; `groups`: two or three."""
    frame = pd.read_csv(HERE / "invariance_answers.csv")
    return frame if groups == 3 else frame[frame["g"] != "east"].reset_index(drop=True)
