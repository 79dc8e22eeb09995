"""Reference cases computed by R, read by the tests of measurement and structure."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from shared import shared


def reference_case(name: str) -> dict[str, Any]:
    """A case file of the reference battery by its id."""
    found: dict[str, Any] = json.loads(shared(f"reference/cases/{name}.json").read_text(encoding="utf-8"))
    return found


def golden(name: str) -> dict[str, Any]:
    """Stored results on the real surveys."""
    found: dict[str, Any] = json.loads(shared(f"realdata/golden/{name}.json").read_text(encoding="utf-8"))
    return found


def case_data(case: dict[str, Any]) -> pd.DataFrame:
    """The frame that a case was computed from, its items only where it names them."""
    given = case["input"]
    frame = pd.read_csv(shared(f"reference/{given['data']}"))
    return frame[given["items"]] if "items" in given else frame


def matrix(stored: dict[str, Any]) -> np.ndarray:
    """A stored matrix, missing as NaN."""
    return np.array(stored.get("values", stored.get("data")), dtype=float)


def close(got: object, want: object, tolerance: float) -> None:
    """Relative to max(1, |expected|), as the cases declare it; where NaN is expected nothing is compared."""
    got, want = np.asarray(got, dtype=float), np.asarray(want, dtype=float)
    assert got.shape == want.shape
    error = np.abs(got - want) / np.maximum(1, np.abs(want))
    compared = ~np.isnan(want)
    assert compared.any()
    assert not np.isnan(got[compared]).any()
    assert error[compared].max() <= tolerance, f"largest relative error {error[compared].max():.3g}"
