"""Comparison of what `check.py` does not look at: implied moments, residuals and explained variances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd


def unlike(expected: dict[str, Any], fit: Any, near: float) -> list[str]:
    """Sentences on implied moments, residuals and R-squared that differ by more than `near`."""
    labels = expected.get("group_label") or []
    out = []
    for what, frame in (("implied", fit.implied()), ("residuals", fit.residuals())):
        got = _moments(frame)
        for key, want in _expected_moments(expected.get(what) or {}, labels):
            if key not in got or not abs(got[key] - want) <= near * max(1.0, abs(want)):
                out.append(f"{what} {key}: expected {want}, got {got.get(key)}")
    shares = {(row["group"], row["variable"]): row["r_squared"] for row in fit.r_squared().to_dict("records")}
    for label, each in (expected.get("r2") or {}).items():
        for name, want in dict(each).items():
            found = shares.get((label if labels else "", name))
            if want is not None and (found is None or not abs(found - want) <= near):
                out.append(f"r2 {label} {name}: expected {want}, got {found}")
    return out


def _moments(frame: pd.DataFrame) -> dict[tuple[str, str, str], float]:
    found = {}
    for row in frame.to_dict("records"):
        found[row["group"], row["lhs"], row["rhs"]] = row["estimate"]
        found[row["group"], row["rhs"], row["lhs"]] = row["estimate"]
    return found


def _expected_moments(by_group: dict[str, Any], labels: list[str]) -> Iterator[tuple[Any, float]]:
    for label, each in by_group.items():
        group = label if labels else ""
        for i, row in enumerate(each["cov"]["rows"]):
            for j, column in enumerate(each["cov"]["cols"]):
                yield (group, row, column), each["cov"]["values"][i][j]
        for name, want in dict(each.get("mean") or {}).items():
            yield (group, name, ""), want
