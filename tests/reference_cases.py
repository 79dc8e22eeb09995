"""The reference battery as test cases: expected numbers of lavaan, and the comparison that goes with them."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from shared import SHARED, shared

CASES = SHARED / "reference" / "cases"


@cache
def battery() -> ModuleType:
    """`check.py` of the reference folder, which knows the tolerance of every number."""
    path = shared("reference/check.py")
    spec = importlib.util.spec_from_file_location("reference_check", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def case_names(kinds: tuple[str, ...] = ("sem", "sem-lrt"), ordered: bool = False) -> list[str]:
    """Names of the cases of a kind, with or without ordered variables."""
    names = []
    for path in sorted(CASES.glob("*.json")) if CASES.exists() else []:
        case = json.loads(path.read_text(encoding="utf-8"))
        if case["kind"] not in kinds or isinstance(case["input"], list) or "mi-pooling" in case["tags"]:
            continue
        if ('"ordered"' in json.dumps(case["input"])) == ordered:
            names.append(path.stem)
    return names


def load_case(name: str) -> dict[str, Any]:
    """One case file."""
    loaded: dict[str, Any] = json.loads(shared(f"reference/cases/{name}.json").read_text(encoding="utf-8"))
    return loaded


def fit_case(name: str) -> Any:
    """The fit of a case through the public names."""
    import research

    return battery().fit_model(research, load_case(name)["input"], SHARED / "reference" / "data")


def hold(name: str) -> int:
    """Compare a case number by number; the count of numbers compared."""
    import research

    out = battery().check_case(load_case(name), research, SHARED / "reference" / "data")
    if out.problems:
        pytest.fail("\n".join(out.problems[:20]))
    return int(out.compared)


def data_path(name: str) -> Path:
    """A data file of the battery."""
    return shared(f"reference/data/{name}")
